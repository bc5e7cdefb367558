//! `halon drill list`: what can be practised, and what was.

use serde_json::{Value, json};

use super::logs::{self, DrillLog};
use crate::{
    cli::{
        Output,
        answer::{Code, write_json},
        args::Global,
        context, range,
    },
    domain::{
        time::rfc3339,
        untrusted::{display, display_in},
    },
    drill::{Drill, Script, before, verdict},
    range::Scenario,
    runtime::wall_clock,
};

/// Longest title in a line, in terminal cells.
const TITLE: usize = 60;

pub fn run(global: &Global, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let (scripts, mistakes) = scripts();
    let logs = logs::both(global)?;
    let past = || logs.iter().flat_map(|log| log.drills.iter().map(move |drill| (log, drill)));
    let mut missing: Vec<Value> =
        mistakes.iter().map(|why| json!({"source": "scenarios", "why": why})).collect();
    for log in logs.iter().filter(|log| log.doubt.is_some()) {
        missing.push(json!({"source": "audit", "file": log.name(), "why": log.doubt}));
    }
    if global.json {
        let items: Vec<Value> = scripts.iter().map(scenario).collect();
        let drills: Vec<Value> = past().map(|(log, drill)| row(log, drill)).collect();
        let answer = json!({
            "schema": "halon.drill/1",
            "as_of": rfc3339(wall_clock()),
            "complete": missing.is_empty(),
            "incomplete": missing,
            "items": items,
            "drills": drills,
        });
        write_json(output, &answer)?;
    } else {
        for (id, title, script) in &scripts {
            let n = script.objectives.len();
            writeln!(output.out, "{id:<20} {n:>2} objectives  {}", display_in(title, TITLE))?;
        }
        for (log, drill) in past() {
            say(log, drill, output)?;
        }
    }
    for mistake in &mistakes {
        writeln!(output.err, "halon: {}", display(mistake))?;
    }
    for log in logs.iter().filter(|log| log.doubt.is_some()) {
        let why = log.doubt.as_deref().unwrap_or_default();
        writeln!(output.err, "halon: {} is {}", display(&log.name()), display(why))?;
    }
    Ok(if missing.is_empty() { Code::Done } else { Code::Incomplete })
}

/// Id, title and script of every scenario that has one, and the mistakes of those that cannot
/// be read.
fn scripts() -> (Vec<(String, String, Script)>, Vec<String>) {
    let (mut scripts, mut mistakes) = (Vec::new(), Vec::new());
    for (id, file, text) in range::texts(context::config_dir().as_deref()) {
        let read = Scenario::read(&file, &text)
            .and_then(|scenario| Ok((scenario.title, Script::read(&file, &text)?)));
        match read {
            Ok((title, Some(script))) => scripts.push((id, title, script)),
            Ok((_, None)) => {}
            Err(broken) => mistakes.extend(broken.to_string().lines().map(ToOwned::to_owned)),
        }
    }
    (scripts, mistakes)
}

fn scenario((id, title, script): &(String, String, Script)) -> Value {
    let objective = |o: &crate::drill::Objective| json!({"id": o.id, "phase": o.phase, "title": o.title, "hints": o.hints.len()});
    let objectives: Vec<Value> = script.objectives.iter().map(objective).collect();
    json!({"id": id, "title": title, "summary": script.summary, "objectives": objectives})
}

fn row(log: &DrillLog, drill: &Drill) -> Value {
    let begun = drill.begun.as_ref();
    let objectives: Vec<Value> = begun
        .into_iter()
        .flat_map(|begun| &begun.objectives)
        .map(|o| {
            json!({"id": o.id, "phase": o.phase, "title": o.title, "met": drill.has_met(&o.id)})
        })
        .collect();
    json!({
        "id": drill.id,
        "title": begun.map(|begun| &begun.title),
        "scenario": begun.map(|begun| &begun.scenario),
        "kind": drill.class,
        "scripted": drill.is_scripted(),
        "began": drill.first.written.map(rfc3339),
        "ended": drill.ended.as_ref().and_then(|end| end.mark.written).map(rfc3339),
        "result": drill.ended.is_some().then(|| verdict(drill, before(&log.drills, drill)).result),
        "objectives": objectives,
        "log": log.name(),
    })
}

fn say(log: &DrillLog, drill: &Drill, output: &mut Output<'_>) -> anyhow::Result<()> {
    let verdict = verdict(drill, before(&log.drills, drill));
    let state = if verdict.ended { verdict.result.words() } else { "not ended" };
    let scenario = drill.begun.as_ref().map_or("?", |begun| begun.scenario.as_str());
    let began = drill.first.written.map(rfc3339).unwrap_or_default();
    Ok(writeln!(
        output.out,
        "{}  {}  {}{}  {}  {}",
        drill.id,
        began,
        drill.class.name(),
        if drill.is_scripted() { " by a script" } else { "" },
        display_in(scenario, TITLE),
        state,
    )?)
}
