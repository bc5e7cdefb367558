//! Without a subcommand: the console.

use std::{fs, io::IsTerminal, sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use super::{
    Output,
    answer::{self, Code},
    args::Global,
    config::Config,
    context::{self, Context},
};
use crate::{
    case::{Filter, View},
    domain::{Fault, FaultKind, document::Broken},
    guard::LAPSE,
    input::Keymap,
    model::{Model, Notice, Prospect, Setup},
    runtime::{self, Ended, Performer},
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
    // A broken file of the operator's is told, and the console opens all the same.
    let (config, mut trouble) = or_default(context::config(global));
    let unconfigured = trouble.is_some();
    let (keymap, more) = or_default(keymap());
    trouble = trouble.or(more);
    let filters = context::data_dir(global).map(|data| runtime::filters_file(&data));
    let saved = filters.as_deref().map_or(Ok(Vec::new()), runtime::saved_filters);
    let (saved, more) = or_default(saved);
    trouble = trouble.or(more);
    let (context, prospect) = build(config)?;
    let filter = Filter::default();
    let case = context.case(&filter, context.config.intervals);
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
        environment: unconfigured
            .then(|| "CONFIGURATION NOT USED".to_owned())
            .into_iter()
            .chain(context.environment.clone())
            .collect(),
        endpoint: context.endpoint.clone(),
        own: context.config.own_addresses.clone(),
        saved,
        local_zone: TimeZone::system(),
        mono: std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()),
    };
    let view = View { filter, ..View::default() };
    let keymap = Keymap::shipped().with(keymap);
    let mut model = Model::new(setup, case, keymap, view, (context.clock)());
    model.notice = trouble.map(Notice::Trouble);
    let tasks = runtime::tasks()?;
    let playbooks = context::config_dir().map(|d| d.join("playbooks"));
    let (code, head) = tasks.block_on(async {
        let (sender, messages) = mpsc::unbounded_channel();
        let performer = Performer::new(context.cloud, context.local, context.clock, sender)
            .acting(actor, playbooks)
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

/// The operator's own keymap, if there is one.
fn keymap() -> Result<Keymap, Broken> {
    let Some(path) = context::config_dir().map(|d| d.join("keymaps/default.toml")) else {
        return Ok(Keymap::default());
    };
    match fs::read_to_string(&path) {
        Ok(text) => Keymap::read(&path.to_string_lossy(), &text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Keymap::default()),
        Err(e) => Err(Broken::unreadable(&path.to_string_lossy(), &e)),
    }
}

fn or_default<T: Default>(read: Result<T, Broken>) -> (T, Option<Fault>) {
    match read {
        Ok(value) => (value, None),
        Err(broken) => {
            let lines = broken.to_string().replace('\n', "; ");
            let fault =
                Fault::new(FaultKind::Local, lines).with_hint("the default is used instead");
            (T::default(), Some(fault))
        }
    }
}
