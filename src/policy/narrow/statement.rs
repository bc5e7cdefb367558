//! One statement, narrowed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    Evidence, MOST_ARNS,
    implied::{Beside, implied},
    logged::{Unlogged, container, unlogged},
    seen::Call,
};
use crate::domain::simulation::ServiceUse;
use crate::policy::{
    ActionPattern, ArnPattern,
    actions::{self, Action},
    document::{Actions, Resources, Several, Statement},
    pattern::{Holds, Reading},
};

/// What a wide statement becomes.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its number in the policy, from 0.
    pub statement: usize,
    pub was: Statement,
    /// Where actions have other resources each, several; none where nothing is left.
    pub becomes: Vec<Statement>,
    pub seen: Vec<Use>,
    pub kept: Vec<Kept>,
    pub removed: Vec<Removed>,
    /// Actions that go because data events of the very resources are here and name none.
    pub recorded: Vec<String>,
}

/// An action that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    pub action: String,
    pub events: u64,
    /// What it is limited to; `None` where it stays as wide as it was.
    pub only_on: Option<Vec<String>>,
    /// Why it stays as wide.
    pub wide: Option<&'static str>,
}

/// An action, or a pattern of some, that stays although no event of it is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub action: String,
    pub why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The event history has no such events.
    Unlogged(Unlogged),
    /// Needed beside a call that was seen, and not logged for it.
    Beside(Beside, String),
    /// The role used the service at this time, as IAM says, and no event of it is here.
    Accessed(Timestamp),
    /// Events of the service that are not known to need any action, by name.
    Unmapped(Vec<String>),
    /// The table of actions knows none that the pattern names.
    Unknown,
}

/// Actions of one service that would go.
#[derive(Clone, Debug)]
pub struct Removed {
    pub service: &'static str,
    pub actions: Vec<&'static Action>,
    /// How many of the service the statement allows.
    pub of: usize,
}

impl Change {
    pub fn is_narrower(&self) -> bool {
        !self.removed.is_empty() || self.seen.iter().any(|s| s.only_on.is_some())
    }
}

/// `None` for a statement that denies, or has nothing wide in it.
pub fn change(
    at: usize,
    statement: &Statement,
    evidence: Evidence<'_>,
    sids: &mut Vec<Arc<str>>,
) -> Option<Change> {
    if !statement.is_allow() || !is_wide(statement) {
        return None;
    }
    let covered = covered(statement);
    let mut change = Change {
        statement: at,
        was: statement.clone(),
        becomes: Vec::new(),
        seen: Vec::new(),
        kept: Vec::new(),
        removed: Vec::new(),
        recorded: Vec::new(),
    };
    // Services that are kept whole: their actions need no reason of their own.
    let mut whole: BTreeMap<&str, Why> = BTreeMap::new();
    for service in covered.keys().map(|(service, _)| *service).collect::<BTreeSet<_>>() {
        if let Some(why) = reason_for_all(service, evidence) {
            let kept = patterns_of(statement, service, &covered);
            change.kept.extend(kept.into_iter().map(|action| Kept { action, why: why.clone() }));
            whole.insert(service, why);
        }
    }
    if let Actions::These(these) = &statement.actions {
        let unknown = |p: &&ActionPattern| actions::expand(p.text().trim()).next().is_none();
        change.kept.extend(
            these.items.iter().filter(unknown).map(|pattern| Kept {
                action: pattern.text().trim().to_owned(),
                why: Why::Unknown,
            }),
        );
    }
    let mut groups: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    let mut wide: Vec<String> = Vec::new();
    let mut removed: BTreeMap<&'static str, Vec<&'static Action>> = BTreeMap::new();
    let mut sizes: BTreeMap<&'static str, usize> = BTreeMap::new();
    for (&(service, _), &action) in &covered {
        *sizes.entry(service).or_default() += 1;
        let id = format!("{service}:{}", action.name);
        let call = evidence.seen.calls.get(&id).filter(|call| is_about(statement, call));
        if let Some(call) = call {
            let limited = match whole.contains_key(service) {
                // A pattern beside it allows the action on everything anyway.
                true => Err(None),
                false => limited(statement, action, call).map_err(Some),
            };
            match &limited {
                Ok(arns) => groups.entry(arns.clone()).or_default().push(id.clone()),
                Err(None) => {}
                Err(Some(_)) => wide.push(id.clone()),
            }
            let wide = limited.as_ref().err().copied().flatten();
            let (only_on, events) = (limited.ok(), call.events);
            change.seen.push(Use { action: id, events, only_on, wide });
            continue;
        }
        if whole.contains_key(service) {
            continue;
        }
        match reason(statement, action, evidence) {
            Verdict::Keep(why) => change.kept.push(Kept { action: id, why }),
            verdict => {
                if verdict == Verdict::Recorded {
                    change.recorded.push(id);
                }
                removed.entry(service).or_default().push(action);
            }
        }
    }
    let of = |service| sizes.get(service).copied().unwrap_or_default();
    change.removed = removed
        .into_iter()
        .map(|(service, actions)| Removed { service, actions, of: of(service) })
        .collect();
    if !change.is_narrower() {
        change.becomes = vec![statement.clone()];
        return Some(change);
    }
    wide.extend(change.kept.iter().map(|k| k.action.clone()));
    wide.sort();
    wide.dedup();
    let limited = groups.into_iter().map(|(arns, actions)| (actions, Some(arns)));
    let open = (!wide.is_empty()).then_some((wide, None));
    for (nth, (actions, arns)) in limited.chain(open).enumerate() {
        let mut part = statement.clone();
        part.actions = Actions::These(several(&actions, ActionPattern::new));
        if let Some(arns) = arns {
            let reading = Reading { wildcards: true, variables: false };
            part.resources =
                Some(Resources::These(several(&arns, |a| ArnPattern::new(a, reading))));
        }
        if nth > 0 {
            part.sid = statement.sid.as_deref().filter(|s| !s.is_empty()).map(|s| another(s, sids));
        }
        change.becomes.push(part);
    }
    Some(change)
}

fn several<T>(texts: &[String], make: impl Fn(&str) -> T) -> Several<T> {
    Several { items: texts.iter().map(|t| make(t)).collect(), listed: texts.len() > 1 }
}

/// A Sid that no statement has yet: they are unique within a policy.
fn another(sid: &str, sids: &mut Vec<Arc<str>>) -> Arc<str> {
    let free = (2..).map(|n: u32| Arc::from(format!("{sid}{n}")));
    let free = free.into_iter().find(|sid| !sids.contains(sid)).unwrap_or_else(|| sid.into());
    sids.push(free.clone());
    free
}

/// Whether there is something to narrow: a wildcard in an action, all actions but some, all
/// resources of a type or of any, all but some.
fn is_wide(statement: &Statement) -> bool {
    let actions = match &statement.actions {
        Actions::These(these) => these.items.iter().any(|p| p.text().contains(['*', '?'])),
        Actions::AllBut(_) => true,
    };
    let open = |pattern: &ArnPattern| {
        let mut parts = pattern.text().trim().splitn(6, ':').skip(2);
        let (service, resource) = (parts.next(), parts.nth(2).unwrap_or_default());
        let of_type = resource.split_once(['/', ':']).is_some_and(|(_, rest)| rest == "*");
        pattern.is_everything() || resource.starts_with('*') || of_type && service != Some("s3")
    };
    actions
        || match &statement.resources {
            Some(Resources::These(these)) => these.items.iter().any(open),
            Some(Resources::AllBut(_)) => true,
            None => false,
        }
}

type Covered = BTreeMap<(&'static str, &'static str), &'static Action>;

/// Every known action that the statement names.
fn covered(statement: &Statement) -> Covered {
    let key = |a: &'static Action| ((a.service, a.name), a);
    match &statement.actions {
        Actions::These(these) => {
            these.items.iter().flat_map(|p| actions::expand(p.text().trim())).map(key).collect()
        }
        Actions::AllBut(_) => {
            let id = |a: &Action| format!("{}:{}", a.service, a.name).to_ascii_lowercase();
            actions::expand("*").filter(|a| statement.actions.cover(&id(a))).map(key).collect()
        }
    }
}

/// Why a service is kept whole, where it is.
fn reason_for_all(service: &str, evidence: Evidence<'_>) -> Option<Why> {
    let unmapped = evidence.seen.unmapped.keys().filter(|(of, _)| of == service);
    let names: Vec<String> = unmapped.map(|(_, name)| name.clone()).collect();
    if !names.is_empty() {
        return Some(Why::Unmapped(names));
    }
    let used = |row: &&ServiceUse| row.service.raw().eq_ignore_ascii_case(service);
    let at = evidence.accessed?.iter().find(used)?.last?;
    (!evidence.seen.knows(service)).then_some(Why::Accessed(at))
}

/// What the statement allows of one service, as patterns where it can be said so: those
/// cover actions too that the table does not know.
fn patterns_of(statement: &Statement, service: &str, covered: &Covered) -> Vec<String> {
    let split = |pattern: &ActionPattern| match pattern.text().trim().split_once(':') {
        Some((prefix, name)) => (prefix.to_owned(), name.to_owned()),
        None => ("*".to_owned(), "*".to_owned()),
    };
    let of_it = statement.actions.patterns().iter().map(split);
    let of_it = of_it.filter(|(prefix, _)| actions::matches(prefix, service));
    let mut out: Vec<String> = match &statement.actions {
        Actions::These(_) => of_it.map(|(_, name)| format!("{service}:{name}")).collect(),
        Actions::AllBut(_) if of_it.count() == 0 => vec![format!("{service}:*")],
        Actions::AllBut(_) => covered
            .keys()
            .filter(|(of, _)| *of == service)
            .map(|(_, name)| format!("{service}:{name}"))
            .collect(),
    };
    out.sort();
    out.dedup();
    out
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Keep(Why),
    /// Data events would show it, and do not.
    Recorded,
    Go,
}

/// What becomes of an action of which there is no event.
fn reason(statement: &Statement, action: &'static Action, evidence: Evidence<'_>) -> Verdict {
    let beside = |seen: &String| Some((implied(action, seen)?, seen.clone()));
    if let Some((beside, seen)) = evidence.seen.calls.keys().find_map(beside) {
        return Verdict::Keep(Why::Beside(beside, seen));
    }
    let Some(why) = unlogged(action.service, action.name) else { return Verdict::Go };
    let patterns = match &statement.resources {
        Some(Resources::These(these)) => &these.items[..],
        Some(Resources::AllBut(_)) | None => return Verdict::Keep(Why::Unlogged(why)),
    };
    // What is of another service cannot be what the action is about.
    let of_its_kind = |pattern: &&ArnPattern| {
        let service = pattern.text().trim().split(':').nth(2).unwrap_or("*");
        service.contains(['*', '?', '$'])
            || service == action.service
            || action.forms().iter().any(|form| form.service == service)
    };
    let mut about = patterns.iter().filter(of_its_kind).peekable();
    if about.peek().is_none() {
        return Verdict::Go;
    }
    let recorded = |pattern: &ArnPattern| {
        container(pattern.text().trim()).is_some_and(|container| {
            let rows = evidence.recorded.iter().filter(|r| r.container == container);
            let count = |r: &super::Recorded| if action.level.reads() { r.reads } else { r.writes };
            rows.map(count).sum::<u64>() > 0
        })
    };
    match why == Unlogged::Data && about.all(recorded) {
        true => Verdict::Recorded,
        false => Verdict::Keep(Why::Unlogged(why)),
    }
}

/// Whether the statement names a resource.
fn names(statement: &Statement, arn: &str) -> Holds {
    let any = |patterns: &[ArnPattern]| {
        let one = |pattern: &ArnPattern| match pattern.may_match(arn) {
            false => Holds::No,
            true if pattern.variables().next().is_none() => Holds::Yes,
            true => Holds::Maybe,
        };
        patterns.iter().fold(Holds::No, |holds, pattern| holds.or(one(pattern)))
    };
    match &statement.resources {
        None => Holds::Yes,
        Some(Resources::These(these)) => any(&these.items),
        Some(Resources::AllBut(these)) => !any(&these.items),
    }
}

/// Whether one of the calls may have been about something that the statement names.
fn is_about(statement: &Statement, call: &Call) -> bool {
    call.unnamed > 0 || call.arns.iter().any(|arn| names(statement, arn) != Holds::No)
}

/// The resources that an action can be limited to, or why it cannot.
fn limited(
    statement: &Statement,
    action: &Action,
    call: &Call,
) -> Result<Vec<String>, &'static str> {
    if statement.resources.is_none() || action.only_on_everything() {
        return Err("it cannot be limited to a resource");
    }
    if unlogged(action.service, action.name).is_some() {
        return Err("which resources it was used on is in data events only");
    }
    if call.unnamed > 0 {
        return Err("not every event names its resource");
    }
    if call.arns.len() > MOST_ARNS {
        return Err("too many different resources");
    }
    let mut arns = Vec::new();
    for arn in &call.arns {
        match names(statement, arn) {
            Holds::No => continue,
            Holds::Maybe => return Err("the statement names its resources by variables"),
            Holds::Yes => {}
        }
        if arn.contains(['*', '?', '$']) {
            return Err("a resource has a wildcard in its name");
        }
        arns.push(arn.clone());
    }
    let as_it_was: Option<Vec<&str>> = match &statement.resources {
        Some(Resources::These(these)) => Some(these.items.iter().map(|p| p.text()).collect()),
        _ => None,
    };
    match as_it_was.is_some_and(|was| {
        was.len() == arns.len() && was.iter().all(|w| arns.iter().any(|a| a == w))
    }) {
        true => Err("the statement names these resources already"),
        false => Ok(arns),
    }
}
