//! Without a subcommand: the console.

use std::{collections::BTreeMap, io::IsTerminal, sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use super::{
    Output,
    answer::{self, Code},
    args::Global,
    config::{Account, Config, screen::Time},
    context::{self, Context},
    loading::{self, Loaded},
};
use crate::{
    case::{Filter, View},
    domain::{Fault, FaultKind, Target, untrusted::display},
    guard::LAPSE,
    input::{Command, Scope},
    model::{Model, Notice, Paint, Prospect, Setup, Unconfigured},
    runtime::{self, Ended, Performer},
    theme::Look,
};

pub fn run(global: &Global, output: &mut Output<'_>) -> anyhow::Result<Code> {
    open(global, output, |config| {
        let context = Context::new(global, config)?;
        let scenario = global.range.as_deref();
        let drill = scenario.map(|id| super::drill::prospect(&context, id)).transpose()?;
        Ok((context, drill.flatten()))
    })
}

/// # Errors
/// There is none.
pub fn needs_terminal() -> anyhow::Result<()> {
    match std::io::stdout().is_terminal() && std::io::stdin().is_terminal() {
        true => Ok(()),
        false => Err(answer::usage(
            "the console needs a terminal; without one use a subcommand, such as `halon findings`",
        )),
    }
}

/// Opens it over what the configuration and `build` make, with the drill that can be begun.
pub fn open(
    global: &Global,
    output: &mut Output<'_>,
    build: impl FnOnce(Config) -> anyhow::Result<(Context, Option<Prospect>)>,
) -> anyhow::Result<Code> {
    needs_terminal()?;
    let folder = context::config_dir();
    let Loaded { config, keymap, look, unconfigured, mut troubles } =
        loading::load(global, folder.as_deref());
    let filters = context::data_dir(global).map(|data| runtime::filters_file(&data));
    let saved = filters.as_deref().map_or(Ok(Vec::new()), runtime::saved_filters);
    let saved = saved.unwrap_or_else(|broken| {
        let lines = broken.to_string().replace('\n', "; ");
        let hint = "no saved filter is there until this is put right";
        troubles.push(Fault::new(FaultKind::Local, lines).with_hint(hint));
        Vec::new()
    });
    let (context, prospect) = build(config)?;
    // The range has worlds of its own: nothing of them is taken into the next, or to AWS.
    let state = context::data_dir(global).filter(|_| context.range.is_none());
    let state = state.map(|data| runtime::state_file(&data));
    let (remembered, trouble) = state.as_deref().map(runtime::recall).unwrap_or_default();
    troubles.extend(trouble);
    let look = remembered
        .theme
        .as_deref()
        .filter(|_| context.config.screen.theme.is_none())
        .and_then(|theme| look.with(theme))
        .unwrap_or(look);
    let view = if state.is_some() { remembered.view.view() } else { View::default() };
    let case = context.case(&view.filter, context.config.intervals);
    let actor = if context.audit.is_some() { Some(context.actor(global)?) } else { None };
    let setup = Setup {
        // What cannot be written down is not drilled.
        drill: prospect.filter(|_| actor.is_some()).map(Arc::new),
        read_only: global.read_only,
        unarmable: context.unmeant.clone().or_else(|| {
            context.audit.is_none().then(|| "there is no folder for the audit log".to_owned())
        }),
        session: actor.as_ref().map(|a| a.audit.session().to_owned()).unwrap_or_default(),
        lapse: context.config.lapse.unwrap_or(LAPSE),
        range: context.range.clone(),
        offline: global.offline,
        // A notice goes away with the next key; this stays.
        environment: [
            global.policy.broken.is_some().then(|| "POLICY FILE BROKEN".to_owned()),
            unconfigured.then(|| "CONFIGURATION NOT USED".to_owned()),
        ]
        .into_iter()
        .flatten()
        .chain(context.environment.clone())
        .collect(),
        endpoint: context.endpoint.clone(),
        own: context.config.own_addresses.clone(),
        saved,
        local_zone: TimeZone::system(),
        local_time: context.config.screen.time == Time::Local,
        unconfigured: first_steps(global, &look, remembered.declined),
        mouse: context.config.screen.mouse,
        notify: context.config.notify.clone(),
        look: Arc::new(look),
        accounts: paints(&context.config),
    };
    let narrowed = view.filter != Filter::default();
    let mut model = Model::new(setup, case, keymap, view, (context.clock)());
    if remembered.local_time.unwrap_or(model.setup.local_time) {
        model.zone = model.setup.local_zone.clone();
    }
    model.chart = !remembered.no_chart;
    model.declined = remembered.declined;
    model.notice = all_in_one(troubles).map(Notice::Trouble);
    if narrowed && model.notice.is_none() {
        model.notice = Some(Notice::Done(still_filtered(&model)));
    }
    model.remembered = state.is_some().then_some(remembered);
    let tasks = runtime::tasks()?;
    let playbooks = folder.map(|d| d.join("playbooks"));
    let (code, head) = tasks.block_on(async {
        let (sender, messages) = mpsc::unbounded_channel();
        let performer = Performer::new(context.cloud, context.local, context.clock, sender)
            .acting(actor, playbooks)
            .remembering(state)
            .keeping(filters);
        let ended = runtime::console(model, performer.clone(), messages).await;
        let (code, why) = match ended {
            Ok(Ended::ByOperator) => (Ok(Code::Done), "the operator left"),
            Ok(Ended::BySignal(n)) => (Ok(Code::Signal(u8::try_from(n).unwrap_or(0))), "a signal"),
            Err(e) => (Err(e), "the terminal was lost"),
        };
        (code, performer.end(why).await)
    });
    match head {
        Some(Ok(head)) => writeln!(output.err, "halon: audit head {head}")?,
        Some(Err(fault)) => writeln!(output.err, "halon: {fault}")?,
        None => {}
    }
    // A name that is being looked up, say, must not hold up the way out.
    tasks.shutdown_timeout(Duration::from_secs(1));
    Ok(code?)
}

/// There is one line for a notice: the worst is told, and that there are more.
fn all_in_one(mut troubles: Vec<Fault>) -> Option<Fault> {
    let more = troubles.len().saturating_sub(1);
    let first = troubles.drain(..).next()?;
    Some(match more {
        0 => first,
        n => first.with_hint(format!("{n} more files are broken: halon config check names all")),
    })
}

/// What is hidden by a filter of last time is not to be taken for nothing.
fn still_filtered(model: &Model) -> String {
    let keys = model.keymap.keys(&[Scope::Findings], Command::ClearFilters);
    let keys = keys.first().map_or_else(|| "clear-filters".to_owned(), ToString::to_string);
    format!("the list is filtered as you left it; {keys} drops the filters")
}

/// Where there is no halon.toml and nobody named another file, one can be made.
fn first_steps(global: &Global, look: &Look, declined: bool) -> Option<Unconfigured> {
    let file = context::config_path(global)?;
    let is_there = !matches!(
        std::fs::symlink_metadata(&file),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound
    );
    if global.range.is_some() || global.config.is_some() || is_there {
        return None;
    }
    let shown = loading::from_home(&display(&file.to_string_lossy()));
    // Whoever says where to look, and with what, has begun already.
    let told = !global.profile.is_empty() || global.endpoint_url.is_some() || global.offline;
    Some(Unconfigured { file, shown, themes: look.names(), at_once: !declined && !told })
}

/// What each account is drawn in, by the name that it is asked by.
fn paints(config: &Config) -> BTreeMap<Target, Paint> {
    let paint = |account: &Account| Paint {
        account: account.role.as_ref().map(|role| role.account()),
        colour: account.colour,
        production: account.production,
    };
    config.accounts.iter().map(|a| (Target::from(display(&a.alias)), paint(a))).collect()
}
