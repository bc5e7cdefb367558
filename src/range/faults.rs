//! Faults on demand: which request goes wrong, and how.

use std::str::FromStr;

use super::world::iam::PAST;
use crate::domain::{
    Region,
    document::{self, Broken, Table},
};

/// One rule. It counts the requests that it is about and strikes some of them.
#[derive(Clone, Debug)]
pub struct FaultRule {
    /// `service:Operation`, or `*` for every request.
    op: String,
    region: Option<Region>,
    when: When,
    kind: Kind,
    seen: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Nth(u64),
    /// From the `from`-th on, each `every`-th.
    Series {
        from: u64,
        every: u64,
    },
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Throttle,
    /// This HTTP status and no body.
    Status(u16),
    /// Never answered; a change is not made.
    Hang,
    /// The connection is lost; a change is not made.
    Reset,
    /// The connection is lost after the change was made.
    ResetAfter,
    Expired,
    /// The service's own conflict; a change is not made.
    Concurrent,
    /// Only the beginning of the answer's body; a change is made.
    Truncate(Part),
    /// The right answer but for the text of its first member of this name; a change is made.
    Garble {
        member: String,
        text: String,
    },
    /// A captive portal: status 200 and a page of HTML.
    Html,
    /// Status 200 and bytes that mean nothing.
    Garbage,
    /// The right answer, after five seconds.
    Slow,
    Twist(Twist),
}

/// How much of a body is sent: never the whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Bytes(usize),
    Percent(usize),
}

impl Part {
    /// In bytes, of a body with `all` bytes.
    pub fn of(self, all: usize) -> usize {
        let part = match self {
            Part::Bytes(bytes) => bytes,
            Part::Percent(percent) => all.saturating_mul(percent) / 100,
        };
        part.min(all.saturating_sub(1))
    }
}

/// What a garbled member says where the rule does not: no time, no number, no key.
const GARBLED: &str = "&\u{fffd} no such thing";

/// A wrong answer that only the operation itself can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twist {
    /// The next page's token is the one that was sent.
    RepeatToken,
    /// No items, and a token.
    EmptyPage,
    /// One finding fewer than asked for.
    MissingId,
    /// The last finding of an update is not processed.
    Unprocessed,
    /// The service as it was before its last so many changes.
    Stale(usize),
    /// The right answer, and CloudTrail never has the call.
    Untold,
}

impl FromStr for Kind {
    type Err = &'static str;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Ok(match s {
            "throttle" => Kind::Throttle,
            "hang" => Kind::Hang,
            "reset" => Kind::Reset,
            "reset-after" => Kind::ResetAfter,
            "expired" => Kind::Expired,
            "concurrent" => Kind::Concurrent,
            "truncate" => Kind::Truncate(Part::Percent(50)),
            "html" => Kind::Html,
            "garbage" => Kind::Garbage,
            "slow" => Kind::Slow,
            "repeat-token" => Kind::Twist(Twist::RepeatToken),
            "empty-page" => Kind::Twist(Twist::EmptyPage),
            "missing-id" => Kind::Twist(Twist::MissingId),
            "unprocessed" => Kind::Twist(Twist::Unprocessed),
            "stale" => Kind::Twist(Twist::Stale(1)),
            "untold" => Kind::Twist(Twist::Untold),
            _ => {
                let status = s.strip_prefix("status:").and_then(|n| n.parse().ok());
                let stale = s.strip_prefix("stale:").and_then(|n| n.parse().ok());
                let truncate = s.strip_prefix("truncate:").and_then(part);
                let garble = s.strip_prefix("garble:").and_then(garble);
                match (status, stale) {
                    (Some(status @ 400..=599), _) => Kind::Status(status),
                    (_, Some(changes @ 1..=PAST)) => Kind::Twist(Twist::Stale(changes)),
                    _ => truncate.map(Kind::Truncate).or(garble).ok_or(
                        "a fault is throttle, status:400 to status:599, hang, reset, \
                         reset-after, expired, concurrent, truncate, truncate:BYTES, \
                         truncate:0% to truncate:99%, garble:MEMBER, garble:MEMBER=TEXT, html, \
                         garbage, slow, repeat-token, empty-page, missing-id, unprocessed, \
                         untold, or stale, stale:1 to stale:8",
                    )?,
                }
            }
        })
    }
}

/// `900` or `30%`.
fn part(text: &str) -> Option<Part> {
    match text.strip_suffix('%') {
        Some(percent) => percent.parse().ok().filter(|p| *p < 100).map(Part::Percent),
        None => text.parse().ok().map(Part::Bytes),
    }
}

/// `MEMBER` or `MEMBER=TEXT`.
fn garble(text: &str) -> Option<Kind> {
    let (member, text) = text.split_once('=').unwrap_or((text, GARBLED));
    let named = !member.is_empty() && member.bytes().all(|b| b.is_ascii_alphanumeric());
    named.then(|| Kind::Garble { member: member.to_owned(), text: text.to_owned() })
}

impl FaultRule {
    /// Reads a file of `[[faults]]`.
    pub fn read_file(file: &str, text: &str) -> Result<Vec<FaultRule>, Broken> {
        document::read(file, text, document::MAX_BYTES, |t| {
            Some(t.tables("faults").iter().filter_map(FaultRule::from_table).collect())
        })
    }

    pub(super) fn from_table(t: &Table<'_>) -> Option<FaultRule> {
        let op = t.required("op");
        if let Some(op) = &op {
            let known = op.value == "*"
                || super::OPERATIONS
                    .iter()
                    .any(|o| format!("{}:{}", o.service, o.name) == op.value);
            if !known {
                let names: Vec<String> =
                    super::OPERATIONS.iter().map(|o| format!("{}:{}", o.service, o.name)).collect();
                let hint = document::suggest(op.value, names.iter().map(String::as_str));
                t.mistake(op, format!("`op` is \"*\" or an operation that is served{hint}"));
            }
        }
        let region = t.parsed::<Region>("region").map(|r| r.value);
        let number = |key: &'static str| {
            let value = t.integer(key)?;
            if value.value < 1 {
                t.mistake(&value, format!("`{key}` counts from 1"));
            }
            u64::try_from(value.value).ok().filter(|n| *n > 0)
        };
        let (nth, from, every) = (number("nth"), number("from"), number("every"));
        if nth.is_some() && (from.is_some() || every.is_some()) {
            t.mistake_here("`nth` goes without `from` and `every`");
        }
        let kind_text = t.required("kind");
        let kind = kind_text.as_ref().and_then(|k| t.parse::<Kind>("kind", k));
        if let (Some(op), Some(kind)) = (&op, &kind)
            && matches!(kind.value, Kind::Twist(Twist::Stale(_)))
            && !stale_named(op.value)
        {
            t.mistake(kind, "`stale` strikes operations that read, but sts and LookupEvents");
        }
        t.finish();
        let when = match nth {
            Some(nth) => When::Nth(nth),
            None => When::Series { from: from.unwrap_or(1), every: every.unwrap_or(1) },
        };
        Some(FaultRule { op: op?.value.to_owned(), region, when, kind: kind?.value, seen: 0 })
    }

    /// Counts a request and says whether the rule strikes it.
    pub(super) fn strike(&mut self, op: &str, region: &str) -> Option<Kind> {
        let meant = (self.op == "*" || self.op == op)
            && self.region.as_ref().is_none_or(|r| r.as_str() == region);
        if !meant {
            return None;
        }
        self.seen += 1;
        let strikes = match self.when {
            When::Nth(nth) => self.seen == nth,
            When::Series { from, every } => {
                self.seen >= from && (self.seen - from).is_multiple_of(every)
            }
        };
        strikes.then(|| self.kind.clone())
    }
}

/// Whether an operation of this name may be stale; of `*` those that may are.
fn stale_named(op: &str) -> bool {
    let named = |o: &&super::Operation| op == format!("{}:{}", o.service, o.name);
    super::OPERATIONS.iter().find(named).is_none_or(may_be_stale)
}

/// What reads a state that changes. Events have a delay of their own, `[consistency]`.
pub fn may_be_stale(operation: &super::Operation) -> bool {
    !operation.mutating && operation.service != "sts" && operation.name != "LookupEvents"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(rule: &str, op: &str, region: &str) -> Vec<bool> {
        let text = format!("[[faults]]\n{rule}");
        let mut rules = FaultRule::read_file("f.toml", &text).expect("valid");
        (0..6).map(|_| rules[0].strike(op, region).is_some()).collect()
    }

    #[test]
    fn rules_count_only_what_they_are_about() {
        let op = "guardduty:GetFindings";
        let rule = "op = \"guardduty:GetFindings\"\nkind = \"throttle\"\n";
        let with = |more: &str| strikes(&(rule.to_owned() + more), op, "us-east-1");
        assert_eq!(with("nth = 2"), [false, true, false, false, false, false]);
        assert_eq!(with("from = 3"), [false, false, true, true, true, true]);
        assert_eq!(with("from = 2\nevery = 2"), [false, true, false, true, false, true]);
        assert_eq!(with(""), [true; 6]);
        assert_eq!(with("region = \"eu-west-1\""), [false; 6]);
        assert_eq!(strikes(rule, "guardduty:ListFindings", "us-east-1"), [false; 6]);
    }

    #[test]
    fn mistakes_are_placed() {
        let text = "[[faults]]\nop = \"guardduty:GetFinding\"\nkind = \"status:99\"\nnth = 0\n";
        let broken = FaultRule::read_file("f.toml", text).expect_err("broken").to_string();
        for part in ["did you mean `guardduty:GetFindings`", "f.toml:3:", "counts from 1"] {
            assert!(broken.contains(part), "{part} not in\n{broken}");
        }
    }

    #[test]
    fn parts_and_garbled_members_are_read() {
        for (kind, read) in [
            ("truncate", Some(Kind::Truncate(Part::Percent(50)))),
            ("truncate:0", Some(Kind::Truncate(Part::Bytes(0)))),
            ("truncate:99%", Some(Kind::Truncate(Part::Percent(99)))),
            ("truncate:100%", None),
            ("truncate:", None),
            ("garble:", None),
            ("garble:a b", None),
            ("garble:A=", Some(Kind::Garble { member: "A".into(), text: String::new() })),
            ("garble:A=b=c", Some(Kind::Garble { member: "A".into(), text: "b=c".into() })),
        ] {
            assert_eq!(kind.parse().ok(), read, "{kind}");
        }
        let of = |part: &str, all| super::part(part).map(|part| part.of(all));
        assert_eq!((of("50%", 11), of("7", 11), of("7", 7)), (Some(5), Some(7), Some(6)));
        assert_eq!((of("0", 0), of("99%", 0)), (Some(0), Some(0)));
    }

    #[test]
    fn only_what_reads_may_be_stale() {
        let read = |op: &str, kind: &str| {
            let text = format!("[[faults]]\nop = \"{op}\"\nkind = \"{kind}\"\n");
            FaultRule::read_file("f.toml", &text).map(drop).map_err(|broken| broken.to_string())
        };
        for (op, kind) in [("iam:GetRole", "stale"), ("*", "stale:8"), ("sts:*", "concurrent")] {
            assert_eq!(read(op, kind).is_ok(), op != "sts:*", "{op} {kind}");
        }
        for op in
            ["cloudtrail:GetTrailStatus", "guardduty:GetFindings", "organizations:ListParents"]
        {
            assert_eq!(read(op, "stale:2"), Ok(()), "{op}");
        }
        for op in ["iam:UpdateAccessKey", "sts:GetCallerIdentity", "cloudtrail:LookupEvents"] {
            let broken = read(op, "stale:2").expect_err("broken");
            assert!(
                broken.contains("f.toml:3:8: `stale` strikes operations that read"),
                "{broken}"
            );
        }
        for kind in ["stale:0", "stale:9", "stale:"] {
            assert!(read("iam:GetRole", kind).is_err(), "{kind}");
        }
    }
}
