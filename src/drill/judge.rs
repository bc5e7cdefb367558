//! What of a drill is not fulfilled. Nothing here believes a state alone: what can be checked
//! of the values is checked.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;
use serde_json::Value;

use super::{
    Action, Class, Decision, Drill, Ending, Item, Kept, State, before::drift, before::left_open,
};

/// Longest time from asking for the role's credentials until they can be used, in seconds,
/// where the evidence names no other.
pub const TARGET_SECONDS: f64 = 900.0;

/// What of it is not as it should be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// `None`: of the drill as a whole.
    pub item: Option<Item>,
    /// May hold words of others.
    pub why: String,
    /// Whether the drill fails by it.
    pub fails: bool,
}

/// What a drill comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The worse one of what was said at its end and of what is found here; of a drill that
    /// still runs, what it would come to now.
    pub result: Ending,
    /// Whether it was ended.
    pub ended: bool,
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// Ended, and passed with or without findings.
    pub fn counts(&self) -> bool {
        self.ended && self.result.is_passed()
    }
}

/// Judges a drill. `was` is the one before it, where there is one.
pub fn verdict(drill: &Drill, was: Option<&Drill>) -> Verdict {
    let mut findings = Vec::new();
    whole(drill, &mut findings);
    for item in Item::ALL {
        let Some(kept) = drill.latest(item).filter(|k| k.evidence.state != State::NotAnswered)
        else {
            let why = "not answered".to_owned();
            // Practice may leave out what nobody is there to be asked for.
            let fails = item.fails().is_some() && drill.class == Class::Validation;
            findings.push(Finding { item: Some(item), why, fails });
            continue;
        };
        // A world whose trail was stopped by the attacker is what is practised.
        let spared = item == Item::Preconditions && drill.class == Class::Practice;
        let can_fail = item.fails().is_some() && !spared;
        let mut say = |why: String, fails: bool| {
            findings.push(Finding { item: Some(item), why, fails: fails && can_fail });
        };
        match kept.evidence.state {
            State::NotApplicable if item.may_not_apply() => {
                if item == Item::CarriedOver && was.is_some_and(|was| !left_open(was).is_empty()) {
                    say("actions of the drill before are not answered for".to_owned(), true);
                }
            }
            State::NotApplicable => {
                let fails = drill.class == Class::Validation;
                say("said not to apply, and it does".to_owned(), fails);
            }
            State::Failed => say(kept.evidence.text.clone(), true),
            _ => check(item, kept, drill, was, &mut say),
        }
    }
    let said = drill.ended.as_ref().map(|end| end.result);
    let found = if findings.iter().any(|finding| finding.fails) {
        Ending::Failed
    } else if findings.is_empty() {
        Ending::Passed
    } else {
        Ending::PassedWithFindings
    };
    let result = said.map_or(found, |said| worse(said, found));
    Verdict { result, ended: said.is_some(), findings }
}

fn worse(one: Ending, other: Ending) -> Ending {
    let order = [Ending::Aborted, Ending::Failed, Ending::PassedWithFindings, Ending::Passed];
    let worst = order.into_iter().find(|ending| [one, other].contains(ending));
    worst.unwrap_or(Ending::Failed)
}

fn whole(drill: &Drill, findings: &mut Vec<Finding>) {
    let mut say = |why: String, fails| findings.push(Finding { item: None, why, fails });
    match &drill.begun {
        None => say("its first record is not in the log".to_owned(), true),
        Some(begun) => {
            for planned in begun.objectives.iter().filter(|planned| !drill.has_met(&planned.id)) {
                say(format!("not reached: {}", planned.title), true);
            }
        }
    }
    if !drill.unread.is_empty() {
        say("some of its records cannot be read here".to_owned(), true);
    }
    if !drill.late.is_empty() {
        let n = drill.late.len();
        say(format!("{n} of its records came after its end and do not count"), false);
    }
}

/// The fail condition of one item, as far as its values tell it.
fn check(
    item: Item,
    kept: &Kept,
    drill: &Drill,
    was: Option<&Drill>,
    say: &mut dyn FnMut(String, bool),
) {
    let value = &kept.evidence.value;
    let is = |key: &str| value[key] == true;
    let lacks = |key: &str| text(value, key).is_none();
    let mut need = |holds: bool, why: &str| {
        if !holds {
            say(why.to_owned(), true);
        }
    };
    match item {
        Item::Scope => {
            scope(drill, &mut need);
            let at = drill.first.at;
            let window = drill.begun.as_ref().map(|begun| begun.window);
            if window.is_some_and(|window| at < window.from || window.until < at) {
                say("it began outside of its planned window".to_owned(), false);
            }
        }
        Item::Authorisation => {
            need(!lacks("ticket"), "no ticket");
            match text(value, "approver") {
                None => need(false, "no approver"),
                Some(approver) => {
                    need(!drill.is_operator(approver), "the approver is the operator")
                }
            }
            match time(value, "at") {
                None => need(false, "it has no time"),
                Some(at) => need(at <= drill.first.at, "it was authorised after the start"),
            }
        }
        Item::Monitoring => need(!lacks("told"), "it is not said who was told"),
        Item::Roster => roster(value, was, say),
        Item::Role => {
            need(is("mfa"), "its trust policy does not ask for MFA");
            let changed = drift(item, was, value);
            if lacks("explained") && !changed.is_empty() {
                let keys: Vec<String> = changed.into_iter().map(|(key, ..)| key).collect();
                say(
                    format!("changed since the drill before, unexplained: {}", keys.join(", ")),
                    true,
                );
            }
        }
        Item::Preconditions => {
            need(is("logging"), "no trail logs");
            let elsewhere = drill.class == Class::Validation && value["endpoint"] != "aws";
            need(!elsewhere, "requests go elsewhere than to AWS");
        }
        Item::Negative => negative(value, &mut need),
        Item::Assume => {
            let target = value["target_seconds"].as_f64().unwrap_or(TARGET_SECONDS);
            match value["seconds"].as_f64() {
                None => need(false, "it is not known how long it took"),
                Some(seconds) => need(seconds <= target, "it took longer than allowed"),
            }
        }
        Item::Power => {
            need(is("read"), "nothing was read with it");
            need(is("wrote"), "nothing was changed with it");
            need(is("restored"), "the canary is not as it was");
        }
        Item::Ended => {
            need(is("dead"), "its credentials are not proven dead");
            let in_time = match (value["seconds"].as_f64(), value["deadline_seconds"].as_f64()) {
                (Some(seconds), Some(deadline)) => seconds <= deadline,
                _ => true,
            };
            need(in_time, "its credentials were still alive after the deadline");
        }
        Item::CloudTrail => cloudtrail(value, say),
        Item::Alert => {
            need(!lacks("rule"), "no alert fired");
            need(!lacks("acknowledged"), "nobody acknowledged the alert");
        }
        Item::Hygiene => need(is("resealed"), "the credentials were not put away again"),
        Item::Provider => {
            let usual = text(value, "provider").is_none_or(is_sso);
            need(!(is("idp_down") && usual), "the credentials came from the usual sign-in");
        }
        Item::Deviations => match actions(&value["deviations"]) {
            None => need(false, "it is blank: where there are none, that is said"),
            Some(actions) => {
                for Action { what, owner, due } in actions {
                    say(format!("{what} ({owner}, until {due})"), false);
                }
            }
        },
        Item::Timings => {}
        Item::CarriedOver => carried_over(value, drill, was, say),
        Item::Result => {
            need(!lacks("classification"), "it is not classified");
            need(!lacks("owner"), "the owner of the control did not sign");
            need(!lacks("reviewed") && !lacks("accepted"), "the sign-offs have no dates");
            match text(value, "reviewer") {
                None => need(false, "nobody reviewed it"),
                Some(reviewer) => {
                    need(!drill.is_operator(reviewer), "the reviewer is the operator")
                }
            }
        }
        Item::Integrity => need(value["verify"] == 0, "the log does not verify"),
        Item::Completeness => completeness(value, drill, say),
    }
}

fn scope(drill: &Drill, need: &mut dyn FnMut(bool, &str)) {
    let Some(begun) = &drill.begun else { return };
    need(!begun.scenario.trim().is_empty(), "no scenario");
    need(!begun.accounts.is_empty(), "no account");
    need(!begun.roles.is_empty(), "no role");
    need(!begun.operator.trim().is_empty(), "no operator");
    need(begun.window.from < begun.window.until, "no planned window");
    let named = format!("DRILL-{}-", begun.quarter);
    need(drill.id.as_str().starts_with(&named), "its id is not of its quarter");
}

/// Whom the trust policy names must be on the roster.
fn roster(value: &Value, was: Option<&Drill>, say: &mut dyn FnMut(String, bool)) {
    let people = names(&value["people"]);
    if people.is_empty() {
        say("the roster is empty".to_owned(), true);
    }
    if text(value, "reviewed").is_none() {
        say("it is not said when the roster was reviewed".to_owned(), true);
    }
    if !value["principals"].is_array() {
        say("the trust policy was not read".to_owned(), true);
    }
    for principal in names(&value["principals"]) {
        if !people.iter().any(|known| known.eq_ignore_ascii_case(principal)) {
            say(format!("the trust policy names {principal}, who is not on the roster"), true);
        }
    }
    let changed = drift(Item::Roster, was, value);
    for (key, old, new) in changed {
        say(format!("{key} changed since the drill before: from {old} to {new}"), false);
    }
}

/// The names of the tests that must be refused, each of which must be there.
pub const NEGATIVE: [&str; 3] = ["without-mfa", "stranger", "out-of-scope"];

fn negative(value: &Value, need: &mut dyn FnMut(bool, &str)) {
    let tests = value["tests"].as_array().map(Vec::as_slice).unwrap_or_default();
    for name in NEGATIVE {
        let mut done = tests.iter().filter(|test| test["test"] == name).peekable();
        match done.peek() {
            None => need(false, &format!("{name} was not tried")),
            Some(_) => need(done.all(|t| t["refused"] == true), &format!("{name} was not refused")),
        }
    }
}

fn cloudtrail(value: &Value, say: &mut dyn FnMut(String, bool)) {
    let count = |key: &str| value[key].as_u64();
    for (key, what) in [
        ("missing", "records of the log have no event"),
        ("unlogged", "events have no record in the log"),
        ("differs", "events say something else than their record"),
    ] {
        match count(key) {
            Some(0) => {}
            Some(n) => say(format!("{n} {what}"), true),
            None => say(format!("it is not said how many {what}"), true),
        }
    }
    if let Some(open @ 1..) = count("open") {
        say(format!("of {open} calls it is not known yet"), false);
    }
    if !value["assume"].is_object() {
        say("the AssumeRole event was not found".to_owned(), true);
    }
}

fn carried_over(
    value: &Value,
    drill: &Drill,
    was: Option<&Drill>,
    say: &mut dyn FnMut(String, bool),
) {
    let decided: Vec<Decision> =
        serde_json::from_value(value["actions"].clone()).unwrap_or_default();
    let today = TimeZone::UTC.to_datetime(drill.first.at).date();
    let mut carried: Vec<Action> = was.map(left_open).unwrap_or_default();
    for Decision { action, closed, reason } in &decided {
        carried.retain(|left| left != action);
        let Action { what, owner, due } = action;
        if *closed {
            continue;
        }
        let past_due = *due < today && reason.trim().is_empty();
        let why = if past_due { "open past its date without a reason" } else { "still open" };
        say(format!("{what} ({owner}, until {due}): {why}"), past_due);
    }
    for Action { what, owner, .. } in carried {
        say(format!("nothing is said of: {what} ({owner})"), true);
    }
}

fn completeness(value: &Value, drill: &Drill, say: &mut dyn FnMut(String, bool)) {
    let Some(uses) = value["uses"].as_array() else {
        return say("the uses of the role are not listed".to_owned(), true);
    };
    for used in uses {
        if !matches!(used["class"].as_str(), Some("drill" | "incident")) {
            let event = used["event_id"].as_str().unwrap_or("a use without an id");
            say(format!("nobody explains {event}"), true);
        }
    }
    // An event history keeps ninety days; an hour is for how long looking takes.
    let quarter = SignedDuration::from_hours(90 * 24 - 1);
    let whole = match (time(value, "from"), time(value, "to")) {
        (Some(from), Some(to)) => to.duration_since(from) >= quarter,
        _ => false,
    };
    if !whole && drill.class == Class::Validation {
        say("less than ninety days were searched".to_owned(), false);
    }
    if value["complete"] == false {
        say("not everything could be searched".to_owned(), false);
    }
}

impl Drill {
    /// Whether somebody is whoever drills: by the name that was given, by that of the machine's
    /// user, or by AWS's.
    pub fn is_operator(&self, name: &str) -> bool {
        let given = self.begun.iter().map(|begun| begun.operator.as_str());
        given.chain(self.people.iter().map(String::as_str)).any(|one| is_same(one, name))
    }
}

/// One person under two names: `dana`, `Dana@example.com`, `…:assumed-role/Ops/dana`.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |name: &str| {
        let name = name.trim().to_lowercase();
        name.rsplit('/').next().unwrap_or_default().to_owned()
    };
    let (one, other) = (plain(one), plain(other));
    let local = |name: &str| name.split('@').next().unwrap_or_default().to_owned();
    match one.contains('@') && other.contains('@') {
        true => one == other,
        false => !local(&one).is_empty() && local(&one) == local(&other),
    }
}

pub(super) fn is_sso(provider: &str) -> bool {
    let provider = provider.to_ascii_lowercase();
    ["sso", "identity center", "identitycenter"].iter().any(|word| provider.contains(word))
}

/// A text that says something.
fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    let text = value[key].as_str()?.trim();
    let blank = ["", "-", "none", "nobody", "n/a", "?"];
    (!blank.iter().any(|blank| text.eq_ignore_ascii_case(blank))).then_some(text)
}

fn time(value: &Value, key: &str) -> Option<Timestamp> {
    let text = text(value, key)?;
    let midnight = |date: Date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok();
    text.parse().ok().or_else(|| midnight(text.parse().ok()?))
}

fn names(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// `None` where it is no list of actions.
fn actions(value: &Value) -> Option<Vec<Action>> {
    serde_json::from_value(value.clone()).ok()
}
