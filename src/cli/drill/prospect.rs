//! The drill that a console can begin: that of the scenario whose world it is opened on.

use crate::{
    cli::{
        context::{Context, config_dir},
        range,
    },
    drill::{Begun, DrillId, Planned, Quarter, Script, Window},
    model::Prospect,
    range::Scenario,
    runtime::{self, Actor},
};

/// For how long a drill in the range is planned.
const PLANNED: jiff::SignedDuration = jiff::SignedDuration::from_hours(4);

/// `None` where the scenario has no drill, or nothing can be written down.
///
/// # Errors
/// The scenario's file, by its mistakes.
pub fn prospect(
    context: &Context,
    id: &str,
    actor: Option<&Actor>,
    at_once: bool,
) -> anyhow::Result<Option<Prospect>> {
    let (file, text) = range::text_of(id, config_dir().as_deref())?;
    let scenario = Scenario::read(&file, &text).map_err(crate::cli::answer::usage)?;
    let script = Script::read(&file, &text).map_err(crate::cli::answer::usage)?;
    let (Some(script), Some(actor)) = (script, actor) else { return Ok(None) };
    let quarter = Quarter::of(runtime::wall_clock());
    let random = u32::from_str_radix(actor.audit.session().get(..8).unwrap_or_default(), 16);
    let now = (context.clock)();
    let begun = Begun {
        scenario: scenario.id.clone(),
        title: scenario.title.clone(),
        scripted: false,
        quarter,
        accounts: vec![script.role.account()],
        roles: vec![script.role.clone()],
        window: Window { from: now, until: now + PLANNED },
        operator: runtime::os_user(),
        world_start: context.cloud.range().map(|range| range.began()),
        objectives: script.objectives.iter().map(Planned::of).collect(),
        tool: format!("halon {}", env!("CARGO_PKG_VERSION")),
        binary_sha256: None,
    };
    let id = DrillId::new(quarter, random.unwrap_or_default());
    Ok(Some(Prospect { id, begun, script, at_once }))
}
