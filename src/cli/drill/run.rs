//! `halon drill run`: a scenario practised in a world of its own, by its solution.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use jiff::{SignedDuration, Timestamp};

use super::{solve::Solver, solved::Solved};
use crate::{
    audit::{self, Record},
    cli::{
        Output,
        act::Session,
        answer::{self, Code, write_json},
        args::Global,
        context::{self, Context},
        range,
    },
    domain::{RoleArn, untrusted::display},
    drill::{Begun, Drill, DrillId, Event, Planned, Quarter, Script, Window, fold},
    guard::Incident,
    range::{Pace, Range, Scenario},
    runtime,
};

/// For how long a drill that a script makes is planned.
const PLANNED: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug, ClapArgs)]
pub struct RunArgs {
    /// The scenario; or `break-glass`, for the role of a non-production account of AWS
    pub name: String,
    /// The role that is drilled, where several may be; with `break-glass`
    #[arg(long, value_name = "ARN", conflicts_with = "solution")]
    pub role: Option<RoleArn>,
    /// Make the moves that the scenario says are right; the drill is practice
    #[arg(long)]
    pub solution: bool,
    /// Take up this drill of the scenario, not the last one that has not ended
    #[arg(long, value_name = "DRILL")]
    pub resume: Option<DrillId>,
    /// Begin a new drill in a new world, also where one goes on; without --solution
    #[arg(long, conflicts_with_all = ["solution", "resume"])]
    pub new: bool,
}

pub fn run(global: &Global, args: &RunArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    if global.read_only {
        let why = global.policy.forbids_changes();
        let usual = "read-only: a drill changes its world; leave out --read-only";
        return Err(answer::refused(why.as_deref().unwrap_or(usual)));
    }
    if args.name == super::account::NAME && global.range.is_none() {
        return super::account::run(global, args, output);
    }
    if global.endpoint_url.is_some() || !global.profile.is_empty() || global.offline {
        return Err(answer::usage(
            "a scenario is played in the range: leave out --endpoint-url, --profile and --offline",
        ));
    }
    if !args.solution {
        return super::prospect::practise(global, args, output);
    }
    let data = context::need_data_dir(global)?;
    let (file, text) = range::text_of(&args.name, context::config_dir().as_deref())?;
    let scenario = Scenario::read(&file, &text).map_err(answer::usage)?;
    let script = Script::read(&file, &text).map_err(answer::usage)?;
    let Some(script) = script else {
        let shown = display(&args.name);
        return Err(answer::usage(format!("the scenario {shown} has no [drill]")));
    };
    let records = records(&data)?;
    let taken_up = to_take_up(&fold(&records), args, true)?;
    let id = match &taken_up {
        Some(drill) => drill.id.clone(),
        None => DrillId::new(Quarter::of(runtime::wall_clock()), runtime::random_number()),
    };
    let world = world(&data, &id, scenario, taken_up.is_some())?;
    let title = world.title().to_owned();
    let config = context::config(global).map_err(answer::usage)?;
    let context = Context::over(global, config, &args.name, world.clone(), Some(data));
    let incident = Incident::new(id.as_str(), &title, "a drill, by the scenario's solution");
    let session = Session::drilling(global, context, incident.map_err(answer::usage)?)?;
    let mut solver = Solver::new(session, world, &script, id, taken_up.as_ref());
    match &taken_up {
        Some(drill) => {
            writeln!(output.err, "halon: {}: taken up again", drill.id)?;
        }
        None => {
            let begun =
                begun(&args.name, &title, &script, solver.now(), Some(solver.world_start()));
            solver.write(&Event::Begun(Box::new(begun)))?;
        }
    }
    let solved = solver.play(output)?;
    print(global, &solved, output)?;
    Ok(match solved.signal {
        Some(number) => Code::Signal(number),
        None if solved.is_good() => Code::Done,
        None => Code::Failed,
    })
}

pub(super) fn records(data: &Path) -> anyhow::Result<Vec<Record>> {
    let path = data.join("audit-range.jsonl");
    match path.exists() {
        true => audit::read(&path).map_err(|r| answer::refused(&r)),
        false => Ok(Vec::new()),
    }
}

/// The drill that goes on: the one that is named, or the last of this scenario that a script,
/// or a person, began and nothing ended.
pub(super) fn to_take_up(
    drills: &[Drill],
    args: &RunArgs,
    scripted: bool,
) -> anyhow::Result<Option<Drill>> {
    let of_scenario = |drill: &&Drill| {
        let begun = drill.begun.as_ref();
        begun.is_some_and(|b| {
            b.scenario == args.name && b.scripted == scripted && b.world_start.is_some()
        })
    };
    let Some(named) = &args.resume else {
        let mut running = drills.iter().filter(of_scenario).filter(|drill| drill.is_running());
        return Ok(running.next_back().cloned());
    };
    let Some(drill) = drills.iter().filter(of_scenario).find(|drill| drill.id == *named) else {
        let shown = display(&args.name);
        return Err(answer::usage(format!(
            "there is no such drill {named} of {shown} in the audit log of the range"
        )));
    };
    match drill.is_running() {
        true => Ok(Some(drill.clone())),
        false => Err(answer::usage(format!("{named} has ended: begin a new one"))),
    }
}

/// The folder of one drill's world.
pub fn folder(data: &Path, id: &DrillId) -> PathBuf {
    data.join("drills").join(id.as_str())
}

/// The world that is the drill's own: nobody else's is touched.
pub(super) fn world(
    data: &Path,
    id: &DrillId,
    scenario: Scenario,
    known: bool,
) -> anyhow::Result<Range> {
    let folder = folder(data, id);
    if known && !folder.exists() {
        let folder = display(&folder.to_string_lossy());
        return Err(answer::usage(format!("the world of {id} is gone: there is no {folder}")));
    }
    runtime::open_range(scenario, Pace::Real, &folder).map_err(|fault| answer::usage(&fault))
}

/// The first record of a drill that a script makes.
pub(super) fn begun(
    name: &str,
    title: &str,
    script: &Script,
    now: Timestamp,
    world_start: Option<Timestamp>,
) -> Begun {
    Begun {
        scenario: name.to_owned(),
        title: title.to_owned(),
        scripted: true,
        quarter: Quarter::of(runtime::wall_clock()),
        accounts: vec![script.role.account()],
        roles: vec![script.role.clone()],
        window: Window { from: now, until: now.checked_add(PLANNED).unwrap_or(now) },
        operator: runtime::os_user(),
        world_start,
        objectives: script.objectives.iter().map(Planned::of).collect(),
        tool: format!("halon {}", env!("CARGO_PKG_VERSION")),
        binary_sha256: runtime::binary_sha256(),
    }
}

fn print(global: &Global, solved: &Solved, output: &mut Output<'_>) -> anyhow::Result<()> {
    if global.json {
        return write_json(output, &solved.to_json());
    }
    writeln!(output.out, "{} {}", solved.id, solved.title)?;
    for objective in &solved.objectives {
        let mark = match &objective.at {
            Some(at) => format!("reached {at}"),
            None => "not reached".to_owned(),
        };
        writeln!(output.out, "  {:<8} {:<20} {mark}", objective.phase.name(), objective.id)?;
    }
    for difference in &solved.residue {
        writeln!(output.out, "  residue: {}", display(&difference.what))?;
    }
    writeln!(output.out, "practice: {}", solved.result.words())?;
    if !solved.why.is_empty() {
        writeln!(output.err, "halon: {}", display(&solved.why))?;
    }
    Ok(())
}
