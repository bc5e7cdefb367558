//! What differs: between two principals, or between the versions of a policy.

use similar::{ChangeTag, TextDiff};

use super::dossier::{Document, Dossier};
use crate::{
    domain::{
        authorization::ManagedPolicy,
        untrusted::{display, display_in},
    },
    policy::{Actions, Principals, Resources, Statement, lint::Kind},
};

/// Lines around a difference that are shown with it.
const AROUND: usize = 3;
/// Cells of a name or a value.
const WORD: usize = 200;

/// Two texts to be compared, sanitised already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub heading: String,
    pub before: String,
    pub after: String,
}

/// One line of a comparison, sanitised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    Heading(String),
    Same(String),
    Before(String),
    After(String),
    /// Lines that are the same are left out here.
    Gap,
    /// There is no difference.
    Alike,
}

/// The lines that differ. Costs more than a frame's time where much does.
pub fn compare(pairs: &[Pair]) -> Vec<Compared> {
    let mut lines = Vec::new();
    for pair in pairs {
        lines.push(Compared::Heading(pair.heading.clone()));
        let diff = TextDiff::from_lines(&pair.before, &pair.after);
        let groups = diff.grouped_ops(AROUND);
        if groups.is_empty() {
            lines.push(Compared::Alike);
        }
        for (at, group) in groups.iter().enumerate() {
            if at > 0 {
                lines.push(Compared::Gap);
            }
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let text = change.value().trim_end_matches('\n').to_owned();
                lines.push(match change.tag() {
                    ChangeTag::Equal => Compared::Same(text),
                    ChangeTag::Delete => Compared::Before(text),
                    ChangeTag::Insert => Compared::After(text),
                });
            }
        }
    }
    lines
}

/// Two principals: what they hold, and what it says.
pub fn principals(before: &Dossier, after: &Dossier) -> Vec<Pair> {
    let name = |dossier: &Dossier| display_in(dossier.arn.raw(), WORD);
    let (a, b) = (name(before), name(after));
    let part = |what: &str, part: fn(&Dossier) -> String| Pair {
        heading: format!("{what}: {a} → {b}"),
        before: part(before),
        after: part(after),
    };
    vec![
        part("Policies", |d| sorted(d.held.iter().map(named))),
        part("Permissions", |d| sorted(d.held.iter().flat_map(statements))),
        part("Trust", |d| sorted(d.trust.iter().flat_map(statements))),
        part("Boundary", |d| {
            sorted(d.boundary.iter().flat_map(|b| std::iter::once(named(b)).chain(statements(b))))
        }),
    ]
}

/// The versions of a policy, each with the one before it, the newest first.
pub fn versions(policy: &ManagedPolicy) -> Vec<Pair> {
    let mut versions: Vec<_> = policy.versions.iter().collect();
    versions.sort_by_key(|v| (number(v.id.raw()), v.created));
    let name = display_in(policy.name.raw(), WORD);
    let word = |at: usize| {
        let version = versions[at];
        let created = version.created.map(|at| format!(" of {at}")).unwrap_or_default();
        let force = if version.id == policy.default_version { ", in force" } else { "" };
        format!("{}{created}{force}", display_in(version.id.raw(), 20))
    };
    (1..versions.len())
        .rev()
        .map(|at| Pair {
            heading: format!("{name}: {} → {}", word(at - 1), word(at)),
            before: pretty(versions[at - 1].document.raw()),
            after: pretty(versions[at].document.raw()),
        })
        .collect()
}

/// `v12` comes after `v9`.
fn number(id: &str) -> u64 {
    id.trim_start_matches('v').parse().unwrap_or(0)
}

/// A document with each thing on a line of its own.
fn pretty(document: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(document);
    let text = value.and_then(|v| serde_json::to_string_pretty(&v));
    let text = text.unwrap_or_else(|_| document.to_owned());
    text.lines().map(|line| display(line) + "\n").collect()
}

/// Where the order says nothing, it makes no difference.
fn sorted(lines: impl Iterator<Item = String>) -> String {
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines.dedup();
    lines.concat()
}

fn named(document: &Document) -> String {
    let kind = match document.source.kind {
        Kind::Inline => "inline",
        Kind::Managed => "managed",
        Kind::AwsManaged => "AWS's",
        Kind::Trust => "trust",
        Kind::Scp => "SCP",
        Kind::Rcp => "RCP",
    };
    format!("{} ({kind})\n", display_in(document.source.name.raw(), WORD))
}

/// Each action of each statement on a line of its own, with its resources and conditions.
fn statements(document: &Document) -> Vec<String> {
    match &document.policy {
        Ok(policy) => policy.statements.iter().flat_map(lines).collect(),
        Err(_) => vec![format!("unreadable: {}", named(document))],
    }
}

fn lines(statement: &Statement) -> Vec<String> {
    let mut on = match &statement.resources {
        Some(Resources::These(_)) => " on ".to_owned(),
        Some(Resources::AllBut(_)) => " on all but ".to_owned(),
        None => String::new(),
    };
    let resources: Vec<&str> =
        statement.resources.iter().flat_map(|r| r.patterns()).map(|p| p.text()).collect();
    on += &resources.iter().map(|r| display_in(r, WORD)).collect::<Vec<_>>().join(", ");
    for (at, test) in statement.conditions.iter().enumerate() {
        let values: Vec<String> =
            test.values.iter().map(|value| display_in(value.text(), WORD)).collect();
        let word = if at == 0 { "if" } else { "and" };
        let (operator, key) = (display_in(&test.operator_text, WORD), display_in(&test.key, WORD));
        on += &format!(" {word} {operator} {key} = {}", values.join(", "));
    }
    let who = match &statement.principals {
        Some(Principals::These(who) | Principals::AllBut(who)) => {
            let but = matches!(statement.principals, Some(Principals::AllBut(_)));
            let who: Vec<String> = who.iter().map(|(_, name)| display_in(name, WORD)).collect();
            format!(" {}{}:", if but { "everybody but " } else { "" }, who.join(", "))
        }
        None => String::new(),
    };
    let but = if matches!(statement.actions, Actions::AllBut(_)) { "all but " } else { "" };
    let effect = statement.effect.word();
    let patterns = statement.actions.patterns().iter();
    patterns.map(|p| format!("{effect}{who} {but}{}{on}\n", display_in(p.text(), WORD))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::authorization::Version;

    fn version(id: &str, actions: &[&str]) -> Version {
        let document = serde_json::json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": "*"}]});
        Version { id: id.into(), document: document.to_string().as_str().into(), created: None }
    }

    #[test]
    fn each_version_is_compared_with_the_one_before_it() {
        let policy = ManagedPolicy {
            name: "deploy".into(),
            default_version: "v10".into(),
            versions: vec![
                version("v10", &["s3:GetObject", "iam:PassRole"]),
                version("v9", &["s3:GetObject"]),
                version("v2", &["s3:GetObject"]),
            ],
            ..ManagedPolicy::default()
        };
        let lines = compare(&versions(&policy));
        let headings: Vec<&Compared> =
            lines.iter().filter(|l| matches!(l, Compared::Heading(_))).collect();
        assert_eq!(
            headings,
            [
                &Compared::Heading("deploy: v9 → v10, in force".into()),
                &Compared::Heading("deploy: v2 → v9".into())
            ]
        );
        let added = |l: &Compared| matches!(l, Compared::After(t) if t.contains("iam:PassRole"));
        assert_eq!(lines.iter().filter(|l| added(l)).count(), 1);
        assert_eq!(lines.last(), Some(&Compared::Alike));
    }

    #[test]
    fn nothing_a_terminal_obeys_comes_through() {
        let text = pretty("not \u{1b}[2J json \u{202e}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    }
}
