//! A narrower policy in words, for 80 columns, and as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    domain::{
        AccountId, Region, Untrusted, event::Window, simulation::ServiceUse, time::rfc3339,
        untrusted::display_in,
    },
    policy::{
        Actions, Resources, Statement,
        narrow::{Change, INLINE_QUOTA, MANAGED_QUOTA, Proposal, Recorded, Removed, Seen, Why},
    },
};

const COLUMNS: usize = 80;
/// Names in one list; the others are counted.
const NAMES: usize = 12;

/// A stretch of the event history in one region.
pub struct Covered {
    pub region: Region,
    /// Where it was asked, where that was not AWS.
    pub endpoint: Option<String>,
    /// What of the window is not here; nothing where it is whole.
    pub missing: Vec<Window>,
}

/// A proposal, and what it rests on.
pub struct Answer<'a> {
    pub role: Untrusted,
    pub account: Option<AccountId>,
    pub window: Window,
    pub proposals: Vec<Proposal>,
    pub covered: Vec<Covered>,
    /// IAM was not asked.
    pub from_file: bool,
    pub accessed: Option<&'a [ServiceUse]>,
    pub recorded: &'a [Recorded],
    pub seen: &'a Seen,
}

impl Answer<'_> {
    /// Characters that IAM takes, and how many there are: of all inline policies together.
    fn size(&self, of: &Proposal) -> (usize, usize) {
        if of.held.managed.is_some() {
            return (of.size, MANAGED_QUOTA);
        }
        let inline = self.proposals.iter().filter(|p| p.held.managed.is_none());
        (inline.map(|p| p.size).sum(), INLINE_QUOTA)
    }

    /// What nobody may forget who reads the proposal.
    fn notes(&self) -> Vec<String> {
        let mut out = vec![
            "Not seen is not the same as not needed: what happens once a year, in an emergency or \
             in a place that was not looked at is not here."
                .to_owned(),
            "Every session of the role counts, an intruder's too: --since and --until leave such \
             a time out."
                .to_owned(),
            "Conditions stand as they stood. Boundary, service control and resource policies are \
             not looked at: this only ever takes away."
                .to_owned(),
        ];
        if self.seen.data_events == 0 {
            out.push(
                "No data event of the role is here: reading and writing of objects, items and \
                 messages and invoking of functions cannot be seen, and stay allowed."
                    .to_owned(),
            );
        }
        for row in self.recorded.iter().filter(|r| r.reads + r.writes > 0) {
            out.push(format!(
                "Data events of {} are here ({} reads, {} writes): whether all are is not known.",
                display_in(&row.container, 120),
                row.reads,
                row.writes
            ));
        }
        out.push(match self.accessed {
            _ if self.from_file => {
                "IAM was not asked when the role last used which service: a file does not say it."
                    .to_owned()
            }
            None => "When the role last used which service is not known.".to_owned(),
            Some([]) => "IAM lists no service at all for the role, which says nothing.".to_owned(),
            Some(all) => {
                let used = all.iter().filter(|s| s.last.is_some()).count();
                format!(
                    "IAM lists {} services for the role, of which it used {used} in the last 400 \
                     days.",
                    all.len()
                )
            }
        });
        for proposal in self.proposals.iter().filter(|p| p.is_narrower()) {
            let name = display_in(&proposal.held.named.name, 100);
            if let Some(managed) = &proposal.held.managed {
                match managed.attachments {
                    _ if managed.by_aws => out.push(format!(
                        "{name} is AWS's own: it cannot be changed, only another one put in its \
                         place."
                    )),
                    Some(n) if n > 1 => out.push(format!(
                        "{name} is attached to {n} principals, and this is the use of one: give \
                         the role a policy of its own."
                    )),
                    _ => {}
                }
            }
            let (size, quota) = self.size(proposal);
            if size > quota {
                out.push(format!(
                    "{name} would have {size} characters, more than the {quota} that IAM takes: \
                     divide it into several managed policies."
                ));
            }
        }
        out
    }
}

// ---------------------------------------------------------------- JSON

pub fn item(answer: &Answer<'_>) -> Value {
    let seen = answer.seen;
    let span = |w: &Window| json!({"since": rfc3339(w.from), "until": rfc3339(w.to)});
    let covered: Vec<Value> = answer
        .covered
        .iter()
        .map(|c| {
            json!({"region": c.region, "endpoint": c.endpoint,
                   "missing": c.missing.iter().map(span).collect::<Vec<_>>()})
        })
        .collect();
    let counted = |key: &str, map: &BTreeMap<String, u64>| -> Vec<Value> {
        map.iter().map(|(name, n)| json!({key: name, "events": n})).collect()
    };
    let unmapped: Vec<Value> = seen
        .unmapped
        .iter()
        .map(|((service, event), n)| json!({"service": service, "event": event, "events": n}))
        .collect();
    let accessed = answer.accessed.map(|all| {
        let row = |s: &ServiceUse| {
            json!({"service": s.service, "at": s.last.map(rfc3339), "region": s.region})
        };
        all.iter().map(row).collect::<Vec<_>>()
    });
    let policies: Vec<Value> = answer.proposals.iter().map(|p| policy(answer, p)).collect();
    json!({
        "role": answer.role,
        "account": answer.account,
        "seen": {
            "since": rfc3339(answer.window.from),
            "until": rfc3339(answer.window.to),
            "first": seen.first.map(rfc3339),
            "last": seen.last.map(rfc3339),
            "events": seen.events,
            "data_events": seen.data_events,
            "no_action": seen.no_action,
            "regions": counted("region", &seen.regions),
            "refused": counted("call", &seen.refused),
            "unmapped": unmapped,
            "covered": covered,
        },
        "last_accessed": accessed,
        "policies": policies,
        "notes": answer.notes(),
    })
}

fn policy(answer: &Answer<'_>, proposal: &Proposal) -> Value {
    let managed = proposal.held.managed.as_ref();
    let kind = match managed {
        None => "inline",
        Some(managed) if managed.by_aws => "aws_managed",
        Some(_) => "managed",
    };
    let (size, quota) = answer.size(proposal);
    json!({
        "policy": proposal.held.named.name,
        "policy_arn": managed.map(|m| &m.arn),
        "policy_kind": kind,
        "attachments": managed.and_then(|m| m.attachments),
        "narrower": proposal.is_narrower(),
        "document": proposal.becomes.as_ref().map(|p| p.to_json()),
        "size": proposal.size,
        "quota": quota,
        "fits": size <= quota,
        "statements": proposal.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn change(change: &Change) -> Value {
    let seen: Vec<Value> = change
        .seen
        .iter()
        .map(|s| {
            json!({"action": s.action, "events": s.events, "only_on": s.only_on, "wide": s.wide})
        })
        .collect();
    let kept: Vec<Value> = change
        .kept
        .iter()
        .map(|k| json!({"action": k.action, "why": k.why.word(), "sentence": k.why.sentence()}))
        .collect();
    let removed: Vec<Value> = change
        .removed
        .iter()
        .map(|r| {
            let names: Vec<&str> = r.actions.iter().map(|a| a.name).collect();
            let names = (!is_whole(r)).then_some(names);
            json!({"service": r.service, "removed": r.actions.len(), "of": r.of, "actions": names})
        })
        .collect();
    json!({
        "statement": change.statement,
        "sid": change.was.sid,
        "narrower": change.is_narrower(),
        "was": change.was.to_json(),
        "becomes": change.becomes.iter().map(Statement::to_json).collect::<Vec<_>>(),
        "seen": seen,
        "kept": kept,
        "removed": removed,
    })
}

/// All that the statement allows of the service goes.
fn is_whole(removed: &Removed) -> bool {
    removed.actions.len() == removed.of
}

// ---------------------------------------------------------------- words

pub fn lines(answer: &Answer<'_>) -> Vec<String> {
    let mut out = Vec::new();
    wrapped("role ", answer.role.raw(), &mut out);
    sight(answer, &mut out);
    for proposal in &answer.proposals {
        out.push(String::new());
        words(answer, proposal, &mut out);
    }
    if answer.proposals.is_empty() {
        wrapped("", "It holds no policy that could be read.", &mut out);
    }
    out.push(String::new());
    for note in answer.notes() {
        wrapped("- ", &note, &mut out);
    }
    out
}

fn sight(answer: &Answer<'_>, out: &mut Vec<String>) {
    let seen = answer.seen;
    let window = answer.window;
    wrapped("looked at  ", &format!("{:.0} to {:.0}", window.from, window.to), out);
    let mut text = format!("{} events", seen.events);
    if let Some((first, last)) = seen.first.zip(seen.last) {
        text += &format!(", {first:.0} to {last:.0}");
    }
    let regions: Vec<String> = seen.regions.iter().map(|(r, n)| format!("{r} {n}")).collect();
    if !regions.is_empty() {
        text += &format!("; {}", list(&regions, ", "));
    }
    text += &format!("; {} data events among them", seen.data_events);
    wrapped("seen       ", &text, out);
    let (whole, holes): (Vec<&Covered>, Vec<&Covered>) =
        answer.covered.iter().partition(|c| c.missing.is_empty());
    let names = |of: &[&Covered]| -> String {
        let names: Vec<String> = of
            .iter()
            .map(|c| match &c.endpoint {
                None => c.region.to_string(),
                Some(endpoint) => format!("{} of {endpoint}", c.region),
            })
            .collect();
        if names.is_empty() { "nowhere".to_owned() } else { names.join(", ") }
    };
    wrapped("whole in   ", &names(&whole), out);
    if !holes.is_empty() {
        wrapped("holes in   ", &names(&holes), out);
    }
    if !seen.refused.is_empty() {
        let calls: Vec<String> = seen.refused.iter().map(|(c, n)| format!("{c} {n}")).collect();
        wrapped("refused    ", &format!("{}: no use of a permission", list(&calls, ", ")), out);
    }
    if !seen.unmapped.is_empty() {
        let each = seen.unmapped.iter().map(|((s, e), n)| format!("{s}:{e} {n}"));
        let each: Vec<String> = each.collect();
        wrapped("unclear    ", &format!("{}: what they need is not known", list(&each, ", ")), out);
    }
}

fn words(answer: &Answer<'_>, proposal: &Proposal, out: &mut Vec<String>) {
    let kind = match &proposal.held.managed {
        None => "inline",
        Some(managed) if managed.by_aws => "AWS managed",
        Some(_) => "managed",
    };
    let name = &proposal.held.named.name;
    let (size, quota) = answer.size(proposal);
    let what = match (proposal.is_narrower(), &proposal.becomes) {
        (false, _) => "stays as it is".to_owned(),
        (true, None) => "nothing of it was seen: take it away".to_owned(),
        (true, Some(_)) => format!("narrower; {size} of {quota} characters"),
    };
    wrapped("policy ", &format!("{name} ({kind}): {what}"), out);
    for change in &proposal.changes {
        let sid = change.was.sid.as_deref().filter(|s| !s.is_empty());
        let sid = sid.map(|s| format!(" {s}")).unwrap_or_default();
        wrapped("  ", &format!("statement {}{sid}", change.statement), out);
        statement("was", &change.was, out);
        if !change.is_narrower() {
            wrapped("    stays    ", "nothing of it can go", out);
        } else if change.becomes.is_empty() {
            wrapped("    becomes  ", "nothing: it goes whole", out);
        } else {
            for part in &change.becomes {
                statement("becomes", part, out);
            }
        }
        reasons(change, out);
    }
}

/// What was seen, what stays without that and why, what would go.
fn reasons(change: &Change, out: &mut Vec<String>) {
    let seen: Vec<String> =
        change.seen.iter().map(|s| format!("{} {}", s.action, s.events)).collect();
    if !seen.is_empty() {
        wrapped("    seen     ", &list(&seen, ", "), out);
    }
    let mut open: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (wide, action) in change.seen.iter().filter_map(|s| Some((s.wide?, &s.action))) {
        open.entry(wide).or_default().push(action.clone());
    }
    for (wide, actions) in open {
        wrapped("    as wide  ", &format!("{}: {wide}", list(&actions, ", ")), out);
    }
    let mut kept: BTreeMap<&Why, Vec<String>> = BTreeMap::new();
    for k in &change.kept {
        kept.entry(&k.why).or_default().push(k.action.clone());
    }
    for (why, actions) in kept {
        let text = format!("{}: {}", list(&actions, ", "), why.sentence());
        wrapped("    kept     ", &text, out);
    }
    let (whole, some): (Vec<&Removed>, Vec<&Removed>) =
        change.removed.iter().partition(|r| is_whole(r));
    for removed in some {
        let names: Vec<String> = removed.actions.iter().map(|a| a.name.to_owned()).collect();
        let (service, n, of) = (removed.service, names.len(), removed.of);
        wrapped("    goes     ", &format!("{n} of {of} of {service}: {}", list(&names, ", ")), out);
    }
    if !whole.is_empty() {
        let names: Vec<String> = whole.iter().map(|r| r.service.to_owned()).collect();
        let text = format!("all of {} services: {}", names.len(), list(&names, ", "));
        wrapped("    goes     ", &text, out);
    }
    if !change.recorded.is_empty() {
        let text = format!(
            "{}: data events of these resources are here, and none of it",
            list(&change.recorded, ", ")
        );
        wrapped("    goes too ", &text, out);
    }
}

fn statement(word: &str, statement: &Statement, out: &mut Vec<String>) {
    let but = |all: bool| if all { "all but " } else { "" };
    let actions: Vec<String> =
        statement.actions.patterns().iter().map(|p| p.text().to_owned()).collect();
    let all_but = but(matches!(statement.actions, Actions::AllBut(_)));
    wrapped(&format!("    {word:<9}"), &format!("{all_but}{}", list(&actions, ", ")), out);
    if let Some(resources) = &statement.resources {
        let all_but = but(matches!(resources, Resources::AllBut(_)));
        let named: Vec<String> = resources.patterns().iter().map(|p| p.text().to_owned()).collect();
        wrapped("             on ", &format!("{all_but}{}", list(&named, ", ")), out);
    }
    if !statement.conditions.is_empty() {
        let n = statement.conditions.len();
        let tests = if n == 1 { "condition" } else { "conditions" };
        wrapped("             ", &format!("under {n} {tests}, as they stand"), out);
    }
}

/// The first of a list, and how many more there are.
fn list(items: &[String], between: &str) -> String {
    let shown: Vec<&str> = items.iter().take(NAMES).map(String::as_str).collect();
    match items.len().saturating_sub(NAMES) {
        0 => shown.join(between),
        more => format!("{} and {more} more", shown.join(between)),
    }
}

/// Text behind a first word, its further lines below its beginning; sanitised.
fn wrapped(first: &str, text: &str, out: &mut Vec<String>) {
    let indent = " ".repeat(first.chars().count());
    let options = textwrap::Options::new(COLUMNS).initial_indent(first).subsequent_indent(&indent);
    // Longer than any text that is made here.
    let text = display_in(text, 100_000);
    out.extend(textwrap::wrap(&text, options).into_iter().map(|line| line.into_owned()));
}
