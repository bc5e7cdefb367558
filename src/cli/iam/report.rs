//! A scan in words, for 80 columns.

use std::collections::BTreeSet;

use super::scan::{Scanned, Who, counts, everybody};
use textwrap::core::Word;

use crate::{
    domain::{Band, Untrusted, untrusted::display_in},
    policy::lint::{Kind, Lint, Source},
};

const COLUMNS: usize = 80;
/// Cells of a name.
const NAME: usize = 64;
/// Holders named of a policy; the rest is counted.
const HOLDERS: usize = 12;

/// Everybody with what is theirs alone; then the policies that several hold, each once; then
/// those that nobody does.
pub fn account(scanned: &Scanned<'_>) -> Vec<String> {
    let all = &scanned.account.authorization;
    let id = scanned.account.id.as_ref().map_or("not known", |id| id.as_str());
    let mut out = vec![format!(
        "account {id}: {}, {}, {}, {}",
        several(all.users.len(), "user"),
        several(all.groups.len(), "group"),
        several(all.roles.len(), "role"),
        several_policies(all.policies.len()),
    )];
    let total = scanned.lints.iter().fold([0; 5], |mut sum, lint| {
        sum[lint.severity as usize] += 1;
        sum
    });
    out.push(format!("findings: {}", by_severity(&total)));
    let counts = counts(&scanned.lints);
    let everybody = everybody(all);
    for who in &everybody {
        out.push(String::new());
        let of = counts.get(who.holder.arn.raw()).copied().unwrap_or_default();
        out.push(format!("{}  {}", named(who), by_severity(&of)));
        let theirs = |l: &&Lint| l.principals.contains(&who.holder.arn);
        for lint in scanned.lints.iter().filter(theirs).filter(|l| l.principals.len() == 1) {
            finding(lint, true, &mut out);
        }
        let shared: BTreeSet<String> = scanned
            .lints
            .iter()
            .filter(theirs)
            .filter(|l| l.principals.len() > 1)
            .map(|l| display_in(l.policy.name.raw(), NAME))
            .collect();
        if !shared.is_empty() {
            let names: Vec<String> = shared.into_iter().collect();
            wrapped("  as others, below: ", &names.join(", "), &mut out);
        }
    }
    let shared = scanned.lints.iter().filter(|l| l.principals.len() > 1);
    by_policy(shared, "policies that several hold", &everybody, &mut out);
    let idle = scanned.lints.iter().filter(|l| l.principals.is_empty());
    by_policy(idle, "policies that nobody holds", &everybody, &mut out);
    out
}

/// The organization's policies.
pub fn organization(lints: &[Lint]) -> Vec<String> {
    let mut out = Vec::new();
    by_policy(lints.iter(), "policies of the organization", &[], &mut out);
    out
}

fn by_policy<'l>(
    lints: impl Iterator<Item = &'l Lint>,
    title: &str,
    everybody: &[Who<'_>],
    out: &mut Vec<String>,
) {
    let mut policies: Vec<(&Source, Vec<&Lint>)> = Vec::new();
    for lint in lints {
        match policies.iter_mut().find(|(source, _)| *source == &lint.policy) {
            Some((_, known)) => known.push(lint),
            None => policies.push((&lint.policy, vec![lint])),
        }
    }
    if policies.is_empty() {
        return;
    }
    out.push(String::new());
    out.push(title.to_owned());
    for (source, lints) in policies {
        out.push(String::new());
        out.push(display_in(source.name.raw(), COLUMNS));
        let mut said: Option<&[Untrusted]> = None;
        for lint in lints {
            if !lint.principals.is_empty() && said != Some(&lint.principals) {
                wrapped("  for ", &holders(&lint.principals, everybody), out);
                said = Some(&lint.principals);
            }
            finding(lint, false, out);
        }
    }
}

fn holders(arns: &[Untrusted], everybody: &[Who<'_>]) -> String {
    let name = |arn: &Untrusted| match everybody.iter().find(|w| w.holder.arn == *arn) {
        Some(who) => named(who),
        None => display_in(arn.raw(), NAME),
    };
    let mut names: Vec<String> = arns.iter().take(HOLDERS).map(name).collect();
    if arns.len() > HOLDERS {
        names.push(format!("{} more", arns.len() - HOLDERS));
    }
    names.join(", ")
}

fn named(who: &Who<'_>) -> String {
    format!("{} {}", who.kind, display_in(who.holder.name.raw(), NAME))
}

fn finding(lint: &Lint, with_policy: bool, out: &mut Vec<String>) {
    let place = match &lint.statement {
        None => String::new(),
        Some(place) => {
            let statement = place.index.map(|n| format!("statement {n} ")).unwrap_or_default();
            format!("  {statement}at {}:{}", place.line, place.column)
        }
    };
    let policy = match (with_policy, lint.policy.kind) {
        (false, _) => String::new(),
        (true, Kind::Trust) => "  trust".to_owned(),
        (true, _) => format!("  {}", display_in(lint.policy.name.raw(), NAME)),
    };
    let head = format!("{}{policy}{place}", lint.rule);
    wrapped(&format!("  {:<8} ", word(lint.severity)), &head, out);
    wrapped("           ", &lint.sentence, out);
    wrapped("         \u{2192} ", &lint.suggestion, out);
}

fn word(severity: Band) -> &'static str {
    match severity {
        Band::Informational => "INFO",
        Band::Low => "LOW",
        Band::Medium => "MEDIUM",
        Band::High => "HIGH",
        Band::Critical => "CRITICAL",
    }
}

fn by_severity(counts: &[usize; 5]) -> String {
    let each = Band::ALL.iter().rev().map(|b| (counts[*b as usize], b.name()));
    let words: Vec<String> =
        each.filter(|(n, _)| *n > 0).map(|(n, name)| format!("{n} {name}")).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

fn several(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

fn several_policies(n: usize) -> String {
    format!("{n} managed {}", if n == 1 { "policy" } else { "policies" })
}

/// Text behind a first word, its further lines below its beginning.
fn wrapped(first: &str, text: &str, out: &mut Vec<String>) {
    let indent = " ".repeat(first.chars().count());
    let options = textwrap::Options::new(COLUMNS)
        .initial_indent(first)
        .subsequent_indent(&indent)
        .word_separator(textwrap::WordSeparator::Custom(words));
    out.extend(textwrap::wrap(text, options).into_iter().map(|line| line.into_owned()));
}

/// Words, and the parts of an ARN that is longer than what is left of a line.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    const LONG: usize = 50;
    Box::new(line.split_inclusive(' ').flat_map(|word| {
        let long = word.len() > LONG;
        word.split_inclusive(move |c: char| long && (c == '/' || c == ':')).map(Word::from)
    }))
}
