//! `halon drill status`: when was it validated last, when practised, and is it time again?

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::logs::{self, DrillLog};
use crate::{
    cli::{
        Output,
        answer::{self, Code, write_json},
        args::Global,
        context,
    },
    domain::{
        time::{parse_when, rfc3339},
        untrusted::display,
    },
    drill::{Class, Status},
    runtime::wall_clock,
};

#[derive(Debug, ClapArgs)]
pub struct StatusArgs {
    /// End with the exit code of practice instead of validation's
    #[arg(long)]
    pub practice: bool,
    /// As it stands then: RFC 3339, a date (UTC), or an age such as 24h
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
}

pub fn run(global: &Global, args: &StatusArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let clock = wall_clock();
    let now = args.now.as_deref().map(|text| parse_when(text, clock)).transpose();
    let now = now.map_err(|why| answer::usage(format!("--now: {why}")))?.unwrap_or(clock);
    let config = context::config(global).map_err(answer::usage)?;
    let every = config.drill.every;
    let logs = logs::both(global)?;
    // What was played in the range never validates anything, whatever its records say.
    let [own, range] = [&logs[0].drills[..], &logs[1].drills[..]];
    let validation = Status::of(Class::Validation, &[own], now, every);
    let practice = Status::of(Class::Practice, &[own, range], now, every);
    let asked = if args.practice { &practice } else { &validation };
    let doubts: Vec<&DrillLog> = logs.iter().filter(|log| log.doubt.is_some()).collect();
    let code = match (asked.overdue, doubts.is_empty()) {
        (true, _) => Code::Failed,
        (false, false) => Code::Incomplete,
        (false, true) => Code::Done,
    };
    if global.json {
        let missing: Vec<Value> = doubts
            .iter()
            .map(|log| json!({"source": "audit", "file": log.name(), "why": log.doubt}))
            .collect();
        let answer = json!({
            "schema": "halon.drill-status/1",
            "as_of": rfc3339(now),
            "complete": missing.is_empty(),
            "incomplete": missing,
            "every_seconds": every.as_secs(),
            "items": [validation, practice],
        });
        write_json(output, &answer)?;
    } else {
        writeln!(output.out, "{}", line(&validation))?;
        writeln!(output.out, "{}", line(&practice))?;
    }
    for log in doubts {
        let why = log.doubt.as_deref().unwrap_or_default();
        let name = display(&log.name());
        writeln!(output.err, "halon: no drill of {name} counts: it is {}", display(why))?;
    }
    Ok(code)
}

fn line(status: &Status) -> String {
    let (name, done) = match status.kind {
        Class::Validation => ("validation", "validated"),
        Class::Practice => ("practice  ", "practised"),
    };
    let mut line = match (&status.last_passed, status.due) {
        (Some(last), Some(due)) => format!(
            "{name}  last passed {} ({}, {}, {}{}), {} {}",
            rfc3339(last.at),
            last.id,
            display(&last.scenario),
            last.result.words(),
            if last.scripted { ", by a script" } else { "" },
            if status.overdue { "OVERDUE since" } else { "next due by" },
            rfc3339(due),
        ),
        _ => format!("{name}  OVERDUE: nothing has been {done}"),
    };
    let mut more: Vec<String> = Vec::new();
    for (n, what) in [(status.failed, "failed"), (status.aborted, "aborted")] {
        if n > 0 {
            more.push(format!("{n} {what}"));
        }
    }
    more.extend(status.running.iter().map(|id| format!("{id} is not ended")));
    if !more.is_empty() {
        line += &format!("; {}", more.join(", "));
    }
    line
}
