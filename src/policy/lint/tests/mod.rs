//! The rules, each with a case that it speaks of and one that it must not.

mod identity;
mod organization;
mod principals;
mod trust;

use super::{Kind, Lint, RULES, Source, account, policy};
use crate::domain::{Band, authorization::Authorization};

/// What is said of a policy with these statements.
fn of(statements: &str) -> Vec<Lint> {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    let lints = policy(source(), &text.into());
    known(&lints);
    lints
}

fn source() -> Source {
    Source { kind: Kind::Inline, name: "p".into(), arn: None }
}

fn known(lints: &[Lint]) {
    for lint in lints {
        assert!(
            RULES.iter().any(|(rule, _)| *rule == lint.rule),
            "{} is not in the list",
            lint.rule
        );
        assert!(!lint.sentence.is_empty() && !lint.suggestion.is_empty(), "{lint:?}");
    }
}

/// The severity of a rule's finding; at most one is there.
fn severity(lints: &[Lint], rule: &str) -> Option<Band> {
    let mut found = lints.iter().filter(|l| l.rule == rule);
    let first = found.next();
    assert!(found.next().is_none(), "{rule} spoke twice: {lints:#?}");
    first.map(|l| l.severity)
}

fn one<'l>(lints: &'l [Lint], rule: &str) -> &'l Lint {
    let found: Vec<_> = lints.iter().filter(|l| l.rule == rule).collect();
    assert_eq!(found.len(), 1, "{rule}: {lints:#?}");
    found[0]
}

/// Each statement with what a rule says of it.
fn table(rule: &str, cases: &[(&str, Option<Band>)]) {
    for (statement, want) in cases {
        assert_eq!(severity(&of(statement), rule), *want, "{rule} of {statement}");
    }
}

fn read(text: &str) -> Vec<Lint> {
    let details = Authorization::read(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let lints = account(&details, None);
    known(&lints);
    lints
}
