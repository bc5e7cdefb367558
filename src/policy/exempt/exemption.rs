//! Conditions on who asks: whom they take out of a Deny, and whether anybody can take
//! themselves out.

use super::{
    stack::Stack,
    trial::{Subject, Trial, caller, unhindered},
};
use crate::{
    domain::Untrusted,
    policy::{Base, Caller, Outcome, Statement, Test, evaluate, pattern::Holds},
};

/// Other principals that are named; the rest is counted.
const NAMED: usize = 20;

/// Somebody without tags whom no policy names: what binds everybody binds them.
pub(super) const STRANGER: &str = "halon-anybody";

/// A condition of a Deny on who asks. Where it does not hold the statement denies nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The condition's place among those of the statement, from 0.
    pub test: usize,
    /// Whether it takes the role out.
    pub role: Taken,
    /// It names whom it takes out; else it names whom the statement is about.
    pub by_name: bool,
    /// Other principals known of whom it takes out, by ARN.
    pub others: Vec<Untrusted>,
    /// So many more of them.
    pub more: usize,
    /// For one by a tag: who can give it to themselves.
    pub tag: Option<TagRisk>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Out,
    Not,
    /// Depends on something that is not known of the role, such as its tags.
    Perhaps,
}

/// Whether a tag that exempts can be had by anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRisk {
    pub key: Untrusted,
    pub value: Untrusted,
    /// Calls that give the tag away and that nothing above the account denies an untagged
    /// principal.
    pub open: Vec<&'static str>,
    /// Calls of which it depends on more than is known.
    pub unknown: Vec<&'static str>,
}

/// The calls that give a principal a tag; creating one with tags needs the same permission
/// (IAM user guide, "Controlling access to and for IAM users and roles using tags").
const TAGGING: [(&str, &str); 3] =
    [("iam:TagRole", "role"), ("iam:TagUser", "user"), ("sts:TagSession", "role")];

/// Whether a key, in lower case, says who asks: known for a role whatever it does.
fn says_who(key: &str) -> bool {
    key.starts_with("aws:principal")
}

/// The conditions of a Deny on who asks.
pub(super) fn exemptions(
    trial: &Trial<'_>,
    stack: &Stack,
    role: &Caller,
    others: &[Subject],
    statement: &Statement,
) -> Vec<Exemption> {
    let tests = statement.conditions.iter().enumerate();
    tests
        .filter(|(_, test)| says_who(test.folded_key()))
        .map(|(at, test)| Exemption { test: at, ..exemption(trial, stack, role, others, test) })
        .collect()
}

fn exemption(
    trial: &Trial<'_>,
    stack: &Stack,
    role: &Caller,
    others: &[Subject],
    test: &Test,
) -> Exemption {
    let by_name = test.operator.negated;
    let out = match by_name {
        true => others
            .iter()
            .filter(|other| other.arn != role.arn)
            .filter(|other| caller(other).is_some_and(|c| taken(trial, &c, test) == Taken::Out))
            .collect(),
        false => Vec::new(),
    };
    let tag = tag_of(test).filter(|_| by_name);
    Exemption {
        test: 0,
        role: taken(trial, role, test),
        by_name,
        more: out.len().saturating_sub(NAMED),
        others: out.into_iter().take(NAMED).map(|o| o.arn.as_str().into()).collect(),
        tag: tag.map(|(key, value)| risk(trial, stack, key, value)),
    }
}

/// Whether a condition takes a caller out, whatever they ask.
pub(super) fn taken(trial: &Trial<'_>, who: &Caller, test: &Test) -> Taken {
    let request = trial.request(who, "sts:GetCallerIdentity", "*", None);
    match test.holds(&request, &mut Vec::new()) {
        Holds::No => Taken::Out,
        Holds::Yes => Taken::Not,
        Holds::Maybe => Taken::Perhaps,
    }
}

/// The tag, and one value of it, that a condition exempts by.
pub(super) fn tag_of(test: &Test) -> Option<(&str, &str)> {
    let key = test.folded_key().strip_prefix("aws:principaltag/")?;
    let text = matches!(
        test.operator.base,
        Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike
    );
    let key = &test.key.trim()[test.key.trim().len() - key.len()..];
    Some((key, test.values.first()?.text())).filter(|_| text)
}

/// Tries whether somebody without the tag can get it.
pub(super) fn risk(trial: &Trial<'_>, stack: &Stack, key: &str, value: &str) -> TagRisk {
    let policies = unhindered(stack.policies());
    let mut risk =
        TagRisk { key: key.into(), value: value.into(), open: Vec::new(), unknown: Vec::new() };
    let Some(stranger) = stranger(trial, Vec::new()) else { return risk };
    // A pattern is fulfilled by its own text with the signs taken out of it.
    let value = value.replace(['*', '?'], "x");
    for (action, kind) in TAGGING {
        let on = stranger.arn.replace(":role/", &format!(":{kind}/"));
        // IAM has one endpoint; a session is begun in any region.
        let all = trial.regions.iter().map(|region| match action {
            "sts:TagSession" => region.clone(),
            _ => region.of_global_services(),
        });
        let outcomes = all.map(|region| {
            let request = trial.request(&stranger, action, &on, Some(&region));
            let request = request
                .with_value(&format!("aws:RequestTag/{key}"), &value)
                .with_value("aws:TagKeys", key);
            let decision = evaluate(&request, &policies);
            if decision.is_denied() { Outcome::ExplicitDeny } else { decision.outcome }
        });
        let outcomes: Vec<Outcome> = outcomes.collect();
        if outcomes.contains(&Outcome::Allowed) {
            risk.open.push(action);
        } else if outcomes.contains(&Outcome::Unknown) {
            risk.unknown.push(action);
        }
    }
    risk
}

/// A role of the same account that nothing is known of but these tags.
pub(super) fn stranger(trial: &Trial<'_>, tags: Vec<(String, String)>) -> Option<Caller> {
    let partition = trial.regions.first().map_or("aws", |region| region.partition());
    let arn = format!("arn:{partition}:iam::{}:role/{STRANGER}", trial.account);
    caller(&Subject { arn, tags: Some(tags) })
}
