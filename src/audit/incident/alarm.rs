//! What stands on top of a report, before anything in it is believed.

use serde::Serialize;

use super::{LogPart, Source, Summary};
use crate::{
    audit::{head::Anchor, paper::Block},
    domain::Untrusted,
};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alarm {
    /// 12 or 13 where something is not what was written, or cannot be read; 0 where the
    /// report is only to be read with it in mind.
    pub exit_code: u8,
    pub what: Untrusted,
}

impl Alarm {
    pub fn is_broken(&self) -> bool {
        self.exit_code >= 12
    }

    pub(super) fn block(&self) -> Block {
        Block::Alarm { broken: self.is_broken(), what: self.what.clone() }
    }
}

pub fn alarms(
    sources: &[Source],
    logs: &[LogPart],
    heads: &[Anchor],
    summary: &Summary,
    lost_marks: usize,
) -> Vec<Alarm> {
    let mut found = Vec::new();
    let mut say = |exit_code: u8, what: String| found.push(Alarm { exit_code, what: what.into() });
    if sources.is_empty() {
        say(0, "no audit log: nothing but what was marked".to_owned());
    }
    for (at, head) in heads.iter().enumerate() {
        if !sources.iter().any(|source| source.anchored.contains(&at)) {
            let seq = head.seq.map(|seq| format!("@{seq}")).unwrap_or_default();
            say(
                12,
                format!(
                    "the head {}{seq}, kept elsewhere, is in none of these logs: records are missing, \
                 or a log was written anew",
                    head.h
                ),
            );
        }
    }
    for (source, log) in sources.iter().zip(logs) {
        let name = format!("log {} ({})", log.number, log.file.raw());
        let code = source.report.exit_code();
        match code {
            0 => {}
            12.. => say(code, format!("{name} is {}", log.words.raw())),
            _ => say(0, format!("{name} is {}", log.words.raw())),
        }
        if let Some(twin) = &log.twin {
            say(if twin.starts_with("a fork") { 12 } else { 0 }, format!("{name} is {twin}"));
        } else if log.of_incident == 0 && code < 13 {
            say(0, format!("{name} has no record of this incident"));
        }
        if let Some(skew) = &log.clock.differs {
            let way = if skew.seconds > 0 { "ahead of" } else { "behind" };
            say(
                0,
                format!(
                    "the clock of {name} was {} {way} AWS's at record {}: {} by it, {} by AWS's answer",
                    span(skew.seconds),
                    skew.seq,
                    skew.ts_utc,
                    skew.server_date
                ),
            );
        }
        if let Some(back) = &log.clock.set_back {
            say(
                0,
                format!(
                    "the clock of {name} was set back by {} before record {}; its records stay in the \
                 order in which they were written",
                    span(back.seconds),
                    back.seq
                ),
            );
        }
    }
    for world in &summary.worlds {
        match world.raw() {
            "aws" => {}
            "range" => {
                say(0, "simulated: calls of this report were played in the range".to_owned())
            }
            "endpoint" => {
                say(0, "calls of this report went to another endpoint than AWS's".to_owned());
            }
            other => say(0, format!("calls of this report went to a world unknown here: {other}")),
        }
    }
    if lost_marks > 0 {
        say(0, format!("entries of the timeline that cannot be read any more: {lost_marks}"));
    }
    found.sort_by_key(|alarm| std::cmp::Reverse(alarm.exit_code));
    found
}

/// Whole seconds in words, without the sign.
fn span(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}
