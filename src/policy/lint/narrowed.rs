//! What a statement's conditions do to it: whether they hold anybody back, and where.
//!
//! IAM user guide, "IAM JSON policy elements: Condition operators": where the key is absent,
//! a negated operator, one with `IfExists` and `ForAllValues` hold. Such a condition holds
//! nobody back who can leave the key out, and is no comfort.

use crate::{
    domain::{Band, untrusted::display_in},
    policy::{Base, Operator, Quantifier, Scalar, Statement, Test},
};

/// Keys that anybody can meet: what the caller writes himself, and what nearly every request
/// has.
const IDLE: &[&str] = &[
    "aws:securetransport",
    "aws:useragent",
    "aws:referer",
    "aws:currenttime",
    "aws:epochtime",
    "s3:signatureversion",
    "s3:authtype",
    "s3:tlsversion",
];

/// What the conditions of a statement come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Narrowed {
    /// Each condition that holds people back, for people: `aws:SourceVpce is vpce-1`.
    pub by: Vec<String>,
    /// Each one that does not.
    pub idle: Vec<String>,
}

impl Narrowed {
    pub fn of(statement: &Statement) -> Self {
        let mut out = Narrowed::default();
        for test in &statement.conditions {
            if holds_back(test) {
                out.by.push(worded(test));
            } else {
                out.idle.push(worded(test));
            }
        }
        out
    }

    /// Without conditions on this key, which the rule takes into account itself.
    pub fn without(statement: &Statement, key: &str) -> Self {
        let mut out = Self::of(statement);
        let own = |test: &&Test| test.key.eq_ignore_ascii_case(key);
        for test in statement.conditions.iter().filter(own) {
            let words = worded(test);
            out.by.retain(|w| *w != words);
        }
        out
    }

    pub fn is_narrowed(&self) -> bool {
        !self.by.is_empty()
    }

    /// One step less where conditions hold people back.
    pub fn lowered(&self, severity: Band) -> Band {
        if self.is_narrowed() { lower(severity) } else { severity }
    }

    /// What follows a sentence: nothing, or `, but only where …`.
    pub fn words(&self) -> String {
        if self.is_narrowed() {
            return format!(", but only where {}", listed(&self.by, " and "));
        }
        match self.idle.first() {
            Some(_) => format!("; that {} holds nobody back", listed(&self.idle, " and ")),
            None => String::new(),
        }
    }
}

/// The next band down.
pub fn lower(severity: Band) -> Band {
    match severity {
        Band::Critical => Band::High,
        Band::High => Band::Medium,
        Band::Medium => Band::Low,
        Band::Low | Band::Informational => Band::Informational,
    }
}

/// Whether there is somebody whom the condition stops.
pub fn holds_back(test: &Test) -> bool {
    let Operator { base, negated, if_exists, quantifier } = test.operator;
    let absent_holds = (negated && base != Base::Null)
        || if_exists
        || quantifier == Some(Quantifier::ForAllValues);
    let like = matches!(base, Base::StringLike | Base::Arn);
    let anything = like && values(test).any(|v| !v.is_empty() && v.bytes().all(|b| b == b'*'));
    let idle = IDLE.iter().any(|key| test.key.eq_ignore_ascii_case(key));
    // `Bool aws:MultiFactorAuthPresent false` asks that there be none.
    let no_mfa = test.key.eq_ignore_ascii_case("aws:MultiFactorAuthPresent")
        && values(test).any(|v| v.eq_ignore_ascii_case("false"));
    // `Null key true` asks that a key be absent, which most keys are.
    let absent = base == Base::Null && values(test).any(|v| v.eq_ignore_ascii_case("true"));
    !(absent_holds || anything || idle || no_mfa || absent)
}

/// Every condition of a statement in words.
pub fn all(statement: &Statement) -> Vec<String> {
    statement.conditions.iter().map(worded).collect()
}

/// The values of a condition as texts.
pub fn values(test: &Test) -> impl Iterator<Item = &str> {
    test.values.iter().map(Scalar::text)
}

/// A condition in words. What is in it was written by whoever wrote the policy.
fn worded(test: &Test) -> String {
    let Operator { base, negated, if_exists, quantifier } = test.operator;
    let key = display_in(&test.key, 60);
    let values: Vec<String> = values(test).map(|v| display_in(v, 60)).collect();
    let values = listed(&values, " or ");
    let not = if negated { " not" } else { "" };
    let mut words = match base {
        Base::Null if values.eq_ignore_ascii_case("true") => format!("{key} is absent"),
        Base::Null => format!("{key} is there"),
        Base::StringLike | Base::Arn => format!("{key} is{not} like {values}"),
        Base::IpAddress => format!("{key} is{not} in {values}"),
        Base::Numeric(_) | Base::Date(_) => format!("{key} is{not} within {values}"),
        _ => format!("{key} is{not} {values}"),
    };
    if if_exists {
        words += " if it is there";
    }
    match quantifier {
        Some(Quantifier::ForAllValues) => words.insert_str(0, "every "),
        Some(Quantifier::ForAnyValue) => words.insert_str(0, "any "),
        None => {}
    }
    words
}

/// At most so many are named in a sentence.
pub const MOST: usize = 4;

/// The first four, and how many more.
pub fn listed(items: &[impl AsRef<str>], last: &str) -> String {
    let shown: Vec<&str> = items.iter().take(MOST).map(AsRef::as_ref).collect();
    first_of(&shown, items.len(), last)
}

/// Those of `all`, which are at most four, and how many more there are.
pub fn first_of(shown: &[impl AsRef<str>], all: usize, last: &str) -> String {
    let shown: Vec<&str> = shown.iter().map(AsRef::as_ref).collect();
    match (shown.split_last(), all.saturating_sub(shown.len())) {
        (None, _) => String::new(),
        (Some((only, [])), 0) => (*only).to_owned(),
        (Some((end, rest)), 0) => format!("{}{last}{end}", rest.join(", ")),
        (Some(_), more) => format!("{}{last}{more} more", shown.join(", ")),
    }
}
