//! The drill that a console can begin, or go on with: that of the scenario whose world it is
//! opened on.

use super::run::{begun, folder, records, to_take_up, world};
use crate::{
    cli::{
        Output,
        answer::{self, Code},
        args::Global,
        console,
        context::{self, Context},
        range,
    },
    cloud::TargetSettings,
    drill::{self, DrillId, Quarter, Script, fold},
    model::Prospect,
    range::Scenario,
    runtime,
};

/// For how long a drill is planned that a person makes.
const PLANNED: jiff::SignedDuration = jiff::SignedDuration::from_hours(4);

/// Of the scenario whose world `context` is in. `None` where it has no drill.
///
/// # Errors
/// The scenario's file, by its mistakes.
pub fn prospect(context: &Context, scenario: &str) -> anyhow::Result<Option<Prospect>> {
    let (file, text) = range::text_of(scenario, context::config_dir().as_deref())?;
    let script = Script::read(&file, &text).map_err(answer::usage)?;
    let quarter = Quarter::of(runtime::wall_clock());
    let id = DrillId::new(quarter, runtime::random_number());
    Ok(script.and_then(|script| of(context, scenario, script, id, false)))
}

/// With an id that is known; `at_once` where it is begun without being asked.
pub fn of(
    context: &Context,
    scenario: &str,
    script: Script,
    id: DrillId,
    at_once: bool,
) -> Option<Prospect> {
    let range = context.cloud.range()?;
    // Whoever the role does not trust is made known: that they are refused is evidence.
    let mut stranger = TargetSettings::of(drill::stranger(), None);
    stranger.access_key = script.stranger.clone();
    context.cloud.add_target(stranger);
    let now = (context.clock)();
    let mut begun = begun(scenario, range.title(), &script, now, Some(range.began()));
    begun.scripted = false;
    begun.window.until = now.checked_add(PLANNED).unwrap_or(now);
    Some(Prospect { id, begun, script, at_once, stranger: true, idp_down: true })
}

/// `halon drill run NAME`: the console in a world of the drill's own.
pub fn practise(
    global: &Global,
    args: &super::run::RunArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    console::needs_terminal()?;
    let data = context::need_data_dir(global)?;
    let (file, text) = range::text_of(&args.name, context::config_dir().as_deref())?;
    let scenario = Scenario::read(&file, &text).map_err(answer::usage)?;
    let Some(script) = Script::read(&file, &text).map_err(answer::usage)? else {
        let shown = crate::domain::untrusted::display(&args.name);
        return Err(answer::usage(format!("the scenario {shown} has no [drill]")));
    };
    let drills = fold(&records(&data)?);
    let taken_up = match args.new {
        true => None,
        // The world of one that was begun in another console is not its own.
        false => to_take_up(&drills, args, false)?.filter(|d| folder(&data, &d.id).exists()),
    };
    let fresh = || DrillId::new(Quarter::of(runtime::wall_clock()), runtime::random_number());
    let id = taken_up.as_ref().map_or_else(fresh, |drill| drill.id.clone());
    let range = world(&data, &id, scenario, taken_up.is_some())?;
    console::open(global, output, |config| {
        let context = Context::over(global, config, &args.name, range, Some(data));
        let prospect = of(&context, &args.name, script, id, true);
        Ok((context, prospect))
    })
}
