//! Naming what is wrong with a chain: which records were edited, deleted, moved or
//! doubled, and what does not agree with heads kept outside.

use std::collections::BTreeMap;

use super::{
    hash::Hash,
    head::{Anchor, Head},
    record::Record,
    report::{Problem, Report, SeenAnchor, Wrong},
    state::State,
};

/// A line, as far as naming what is wrong needs it.
pub struct Seen {
    pub seq: u64,
    pub prev: Hash,
    /// As the line carries it.
    pub h: Option<Hash>,
    /// Its time, by the writer's clock.
    pub at: String,
    pub names_log: bool,
    /// An `anchor` record, for what it claims.
    pub claim: Option<Box<Record>>,
    /// Why it is no record.
    pub wrong: Option<String>,
}

impl Seen {
    pub fn wrong(why: String, h: Option<Hash>) -> Seen {
        let (at, prev) = (String::new(), Hash::ZERO);
        Seen { seq: 0, prev, h, at, names_log: false, claim: None, wrong: Some(why) }
    }
}

/// Counts the records that verify, and names every problem. Gives the number of the
/// last record that was written, as far as the file shows.
pub fn classify(seen: &[Seen], report: &mut Report) -> u64 {
    let good = |(i, s): &(usize, &Seen)| {
        let linked = *i == 0 && s.names_log || *i > 0 && seen[i - 1].h == Some(s.prev);
        s.wrong.is_none() && s.seq == *i as u64 + 1 && linked
    };
    report.verified = seen.iter().enumerate().take_while(good).count() as u64;
    if let Some(h) = report.verified.checked_sub(1).and_then(|last| seen[last as usize].h) {
        let log_id = report.log_id.as_deref().unwrap_or_default();
        report.head = Some(Head::of(log_id, report.verified, h));
    }
    if report.verified == seen.len() as u64 {
        return report.verified;
    }
    let mut naming = Naming { first_at: BTreeMap::new(), expected: 1, link: None, bad: 0 };
    for (i, s) in seen.iter().enumerate().filter(|(_, s)| s.wrong.is_none()) {
        naming.first_at.entry(s.seq).or_insert((i, s.h));
    }
    for (i, s) in seen.iter().enumerate() {
        naming.name(i, s, &mut report.problems);
    }
    naming.expected - 1
}

struct Naming {
    /// Where each number stands first, and that record's hash.
    first_at: BTreeMap<u64, (usize, Option<Hash>)>,
    expected: u64,
    /// What the next record's `prev` must be; `None` after a problem that was named.
    link: Option<Hash>,
    /// Lines just passed that are no records: edited ones, or ones put in.
    bad: u64,
}

impl Naming {
    fn name(&mut self, i: usize, s: &Seen, problems: &mut Vec<Problem>) {
        let line = i as u64 + 1;
        let mut say = |what, seq, why: String| {
            problems.push(Problem { what, seq: Some(seq), line, why });
        };
        if let Some(why) = &s.wrong {
            say(Wrong::Edited, self.expected, why.clone());
            self.expected += 1;
            self.bad += 1;
            self.link = None;
            return;
        }
        let bad = std::mem::take(&mut self.bad);
        let realigned = s.seq < self.expected && s.seq + bad >= self.expected;
        if s.seq == self.expected || realigned {
            if i == 0 && !s.names_log {
                say(Wrong::Unlinked, s.seq, "the first record does not name the log".to_owned());
            } else if self.link.is_some_and(|link| link != s.prev) {
                say(
                    Wrong::Unlinked,
                    s.seq,
                    format!(
                        "it does not continue record {}: that one was rewritten, or this one belongs \
                     elsewhere",
                        s.seq - 1
                    ),
                );
            }
        } else if s.seq < self.expected {
            match self.first_at.get(&s.seq) {
                Some((first, h)) if *first < i && *h == s.h => {
                    let why = format!("it is a second copy of line {}", first + 1);
                    say(Wrong::Duplicate, s.seq, why);
                }
                Some((first, _)) if *first < i => say(
                    Wrong::Unlinked,
                    s.seq,
                    format!("another record with this number stands in line {}", first + 1),
                ),
                _ => say(
                    Wrong::Moved,
                    s.seq,
                    format!("it stands after record {}", self.expected - 1),
                ),
            }
            return;
        } else {
            if self.first_at.get(&self.expected).is_some_and(|(at, _)| *at > i) {
                let why = format!("it stands before record {}", self.expected);
                say(Wrong::Moved, s.seq, why);
                return;
            }
            let mut from = self.expected;
            let present = self.first_at.range(self.expected..s.seq).map(|(seq, _)| *seq);
            for seq in present.chain([s.seq]) {
                match seq - from {
                    0 => {}
                    1 => say(Wrong::Missing, from, "it is missing".to_owned()),
                    n => {
                        let why = format!("{n} records are missing, {from} to {}", seq - 1);
                        say(Wrong::Missing, from, why);
                    }
                }
                from = seq + 1;
            }
        }
        self.expected = s.seq + 1;
        self.link = s.h;
    }
}

/// Comparing with what was kept outside the log.
pub struct Outside<'a> {
    pub seen: &'a [Seen],
    /// Number of the last record that the file shows.
    pub last: u64,
    pub anchor: Option<&'a Anchor>,
    pub state: Option<&'a State>,
}

impl Outside<'_> {
    pub fn compare(&self, report: &mut Report) {
        if let Some(state) = self.state {
            if report.log_id.as_ref().is_some_and(|id| *id != state.log_id) {
                let why = "the state file belongs to another log: this file was put in its place";
                report.problems.push(Problem {
                    what: Wrong::Rewritten,
                    seq: Some(1),
                    line: 1,
                    why: why.to_owned(),
                });
            } else {
                self.check(state.seq, &state.h, "the state file", report);
            }
        }
        for claim in self.seen.iter().filter_map(|s| s.claim.as_deref()) {
            let head = &claim.value["head"];
            let (Some(seq), Some(h)) = (head["seq"].as_u64(), head["h"].as_str()) else { continue };
            if self.check(seq, h, &format!("the anchor in record {}", claim.seq), report) {
                report.anchors.push(SeenAnchor {
                    seq,
                    to: claim.text("to").unwrap_or_default().to_owned(),
                    ts_utc: claim.text("ts_utc").map(ToOwned::to_owned),
                });
            }
        }
        if let Some(anchor) = self.anchor {
            self.check_anchor(anchor, report);
        }
        self.tail(report);
        if report.cannot_know.is_none() && self.anchor.is_none() {
            let sentence = match self.state {
                Some(_) => {
                    "the state file lies beside the log: whoever rewrote both would not be \
                     noticed; a head kept elsewhere (--anchor) shows it"
                }
                None => {
                    "without a state file and without a head kept elsewhere (--anchor), records \
                     cut off at the end and a log rewritten as a whole are not noticed"
                }
            };
            report.cannot_know = Some(sentence.to_owned());
        }
    }

    /// Whether the record `seq` is there and begins with hash `h`; else says so, unless
    /// that it is missing or edited has been said already.
    fn check(&self, seq: u64, h: &str, by: &str, report: &mut Report) -> bool {
        let there = self.seen.iter().enumerate().find(|(_, s)| s.wrong.is_none() && s.seq == seq);
        let lines = self.seen.len() as u64;
        let problem = match there {
            Some((_, s)) if s.h.is_some_and(|there| there.hex().starts_with(h)) => return true,
            Some((i, _)) => Problem {
                what: Wrong::Rewritten,
                seq: Some(seq),
                line: i as u64 + 1,
                why: format!("it is not the record that {by} names"),
            },
            None if seq > self.last => {
                let missing = match seq - self.last {
                    1 => "1 record is missing at the end".to_owned(),
                    n => format!("{n} records are missing at the end"),
                };
                let (seq, line) = (Some(self.last + 1), lines + 1);
                Problem { what: Wrong::Missing, seq, line, why: format!("{missing}, by {by}") }
            }
            None => return false,
        };
        report.problems.push(problem);
        false
    }

    fn check_anchor(&self, anchor: &Anchor, report: &mut Report) {
        let fits = |s: &&Seen| s.wrong.is_none() && s.h.is_some_and(|h| anchor.fits(&h.hex()));
        let seq = match anchor.seq {
            Some(seq) => self.check(seq, &anchor.h, "the head given", report).then_some(seq),
            None => self.seen.iter().find(fits).map(|s| s.seq),
        };
        match seq {
            Some(seq) => {
                report.anchors.push(SeenAnchor {
                    seq,
                    to: "the head given".to_owned(),
                    ts_utc: None,
                });
            }
            None if anchor.seq.is_none() => report.problems.push(Problem {
                what: Wrong::Rewritten,
                seq: None,
                line: self.seen.len() as u64 + 1,
                why: "no record has the head given: it was cut off, or this is another log"
                    .to_owned(),
            }),
            None => {}
        }
    }

    /// What no anchor covers.
    fn tail(&self, report: &mut Report) {
        let last = report.anchors.iter().map(|a| a.seq).max().unwrap_or_default();
        let mut tail = self.seen.iter().filter(|s| s.wrong.is_none() && s.seq > last);
        report.unanchored_since = tail.clone().next().map(|s| s.at.clone());
        report.unanchored = tail.by_ref().count() as u64;
    }
}
