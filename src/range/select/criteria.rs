//! GuardDuty's finding criteria: `{criterion: {path: {operator: value}}}`.
//!
//! Both generations of operators are taken. Numbers compare as integers on the
//! asking side; times are epoch milliseconds. Lists in a finding are searched:
//! a positive condition holds where one value meets it, a negative one where
//! none does.

use serde_json::Value;

use super::{at_path, glob};
use crate::{
    domain::time::parse_foreign,
    range::world::{Row, Version, World},
};

/// AWS: at most 50 values to compare with (guardduty API, Condition).
const MAX_VALUES: usize = 50;

pub struct Criteria(Vec<(String, Vec<Test>)>);

enum Test {
    Equals(Vec<String>),
    NotEquals(Vec<String>),
    Above(f64),
    AtLeast(f64),
    Below(f64),
    AtMost(f64),
    Matches(Vec<String>),
    NotMatches(Vec<String>),
}

impl Criteria {
    /// Reads `findingCriteria`, whose types were checked; the error completes
    /// "The request is rejected because …".
    pub fn read(input: &Value) -> Result<Self, String> {
        let mut out = Vec::new();
        for (path, condition) in input["criterion"].as_object().into_iter().flatten() {
            let mut tests = Vec::new();
            for (operator, value) in condition.as_object().into_iter().flatten() {
                if value.is_null() {
                    continue;
                }
                let number = value.as_f64();
                let texts: Vec<String> = value
                    .as_array()
                    .map(|l| l.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
                    .unwrap_or_default();
                if texts.len() > MAX_VALUES {
                    return Err(format!("the criterion {path} has more than {MAX_VALUES} values."));
                }
                let test = match (operator.as_str(), number) {
                    ("eq" | "equals", None) => Test::Equals(texts),
                    ("neq" | "notEquals", None) => Test::NotEquals(texts),
                    ("matches", None) => Test::Matches(texts),
                    ("notMatches", None) => Test::NotMatches(texts),
                    ("gt" | "greaterThan", Some(n)) => Test::Above(n),
                    ("gte" | "greaterThanOrEqual", Some(n)) => Test::AtLeast(n),
                    ("lt" | "lessThan", Some(n)) => Test::Below(n),
                    ("lte" | "lessThanOrEqual", Some(n)) => Test::AtMost(n),
                    // A member that the shape does not know is passed over.
                    _ => continue,
                };
                tests.push(test);
            }
            if tests.is_empty() {
                return Err(format!("the criterion {path} has no condition."));
            }
            out.push((path.clone(), tests));
        }
        Ok(Self(out))
    }

    /// Whether the finding is there at `now` and meets every condition.
    pub fn accept(&self, world: &World, row: &Row, now: i64) -> bool {
        let Some(version) = world.version(row, now) else { return false };
        let mut body = None;
        self.0.iter().all(|(path, tests)| {
            let values = match indexed(world, row, version, path) {
                Some(value) => vec![value],
                None => {
                    let body = body.get_or_insert_with(|| world.render(row, version));
                    at_path(body, path).into_iter().map(Operand::of).collect()
                }
            };
            tests.iter().all(|test| test.holds(&values))
        })
    }
}

/// A value of a finding, as text and, where it is one, as number.
pub struct Operand {
    pub text: String,
    pub number: Option<f64>,
}

impl Operand {
    pub fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => {
                let time = (text.len() >= 20).then(|| parse_foreign(text)).flatten();
                match time {
                    Some(at) => Self::number(at.as_millisecond() as f64),
                    None => Self { text: text.clone(), number: text.parse().ok() },
                }
            }
            Value::Number(n) => Self::number(n.as_f64().unwrap_or(f64::NAN)),
            other => Self { text: other.to_string(), number: None },
        }
    }

    fn number(number: f64) -> Self {
        Self { text: number.to_string(), number: Some(number) }
    }

    fn text(text: &str) -> Self {
        Self { text: text.to_owned(), number: None }
    }

    fn equals(&self, wanted: &str) -> bool {
        self.text == wanted
            || self.number.is_some_and(|n| wanted.parse::<f64>().is_ok_and(|w| w == n))
    }
}

/// What is known without the finding's JSON.
pub fn indexed(world: &World, row: &Row, version: &Version, path: &str) -> Option<Operand> {
    Some(match path {
        "id" => Operand::text(&row.id),
        "type" => Operand::text(&version.kind),
        "severity" => Operand::number(version.severity),
        "updatedAt" => Operand::number(version.updated as f64),
        "accountId" => Operand::text(world.accounts[usize::from(row.account)].id.as_str()),
        "service.archived" => Operand::text(if row.archived(version) { "true" } else { "false" }),
        _ => return None,
    })
}

/// The value of any path, for sorting.
pub fn first_at(world: &World, row: &Row, version: &Version, path: &str) -> Option<Operand> {
    indexed(world, row, version, path).or_else(|| {
        let body = world.render(row, version);
        at_path(&body, path).first().map(|v| Operand::of(v))
    })
}

impl Test {
    fn holds(&self, values: &[Operand]) -> bool {
        let any = |f: &dyn Fn(&Operand) -> bool| values.iter().any(f);
        let number = |f: &dyn Fn(f64) -> bool| values.iter().filter_map(|v| v.number).any(f);
        match self {
            Test::Equals(wanted) => any(&|v| wanted.iter().any(|w| v.equals(w))),
            Test::NotEquals(wanted) => !any(&|v| wanted.iter().any(|w| v.equals(w))),
            Test::Matches(wanted) => any(&|v| wanted.iter().any(|w| glob(w, &v.text))),
            Test::NotMatches(wanted) => !any(&|v| wanted.iter().any(|w| glob(w, &v.text))),
            Test::Above(bound) => number(&|n| n > *bound),
            Test::AtLeast(bound) => number(&|n| n >= *bound),
            Test::Below(bound) => number(&|n| n < *bound),
            Test::AtMost(bound) => number(&|n| n <= *bound),
        }
    }
}
