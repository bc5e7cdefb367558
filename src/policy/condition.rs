//! Conditions: an operator, a context key and the values to compare with.
//!
//! IAM user guide, "IAM JSON policy elements: Condition operators" and "Multivalued context
//! keys". Where the key is absent, a negated operator holds and any other does not, unless
//! `IfExists` or a set operator says otherwise.

use std::net::IpAddr;

use jiff::Timestamp;

use super::{
    arn::ArnPattern,
    operator::{Base, Operator, Order, Quantifier},
    pattern::{Holds, Missing, Pattern, Reading, lower},
    request::{Known, Request},
};

/// A value of a policy, made ready for comparing.
#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    Text(Pattern),
    Arn(ArnPattern),
    Number(f64),
    /// Nanoseconds since the epoch.
    Date(i128),
    Bool(bool),
    Network(ipnet::IpNet),
    /// It is nothing of the kind: nothing equals it.
    Nothing,
}

/// One line of a `Condition`: all of its values against one key.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    pub operator: Operator,
    /// As it was written.
    pub operator_text: Box<str>,
    /// As it was written; it has no case.
    pub key: Box<str>,
    folded: Box<str>,
    pub values: Vec<super::document::Scalar>,
    /// The values were written as a list.
    pub listed: bool,
    wanted: Box<[Wanted]>,
}

impl Test {
    pub fn new(
        operator: Operator,
        operator_text: &str,
        key: &str,
        values: Vec<super::document::Scalar>,
        (listed, variables): (bool, bool),
    ) -> Self {
        let wanted = values.iter().map(|v| wanted(operator.base, v.text(), variables)).collect();
        Test {
            operator,
            operator_text: operator_text.into(),
            key: key.into(),
            folded: key.trim().to_ascii_lowercase().into(),
            values,
            listed,
            wanted,
        }
    }

    /// The key in lower case.
    pub fn folded_key(&self) -> &str {
        &self.folded
    }

    pub fn holds(&self, request: &Request, missing: &mut Missing) -> Holds {
        let before = missing.len();
        let holds = self.compare(request, missing);
        if holds != Holds::Maybe {
            missing.truncate(before);
        }
        holds
    }

    fn compare(&self, request: &Request, missing: &mut Missing) -> Holds {
        let Operator { base, negated, if_exists, quantifier } = self.operator;
        let actual = match request.value(&self.folded) {
            Known::Value(values) => values,
            Known::Absent => &[],
            Known::Unknown => {
                missing.push(self.folded.clone());
                return Holds::Maybe;
            }
        };
        if base == Base::Null {
            let absent = actual.is_empty();
            let holds = |w: &Wanted| matches!(w, Wanted::Bool(b) if *b == absent);
            return Holds::of(self.wanted.iter().any(holds));
        }
        let nothing = match actual {
            [] => true,
            // "if the context key value resolves to a null dataset, such as an empty string"
            // (IAM user guide, "Set operators for multivalued context keys").
            [one] => quantifier.is_some() && one.is_empty(),
            _ => false,
        };
        if nothing {
            return Holds::of(match quantifier {
                Some(Quantifier::ForAllValues) => true,
                // "if no context keys exist in the request, the condition returns false":
                // IfExists is asked of each value, and there is none.
                Some(Quantifier::ForAnyValue) => false,
                None => if_exists || negated,
            });
        }
        let all = match quantifier {
            Some(Quantifier::ForAllValues) => true,
            Some(Quantifier::ForAnyValue) => false,
            // One value is expected; of several, a negated operator must hold for each.
            None => negated,
        };
        let mut holds = Holds::of(all);
        for value in actual {
            let equal = self.equal(value, request, missing);
            // A negated operator holds for a value that equals none of the policy's.
            let one = if negated {
                self.is_comparable(value, request, missing).and(!equal)
            } else {
                equal
            };
            holds = if all { holds.and(one) } else { holds.or(one) };
        }
        holds
    }

    /// Whether one value of the request equals one of the policy's.
    fn equal(&self, value: &str, request: &Request, missing: &mut Missing) -> Holds {
        let mut equal = Holds::No;
        for wanted in &self.wanted {
            equal = equal.or(compare(self.operator.base, wanted, value, request, missing));
            if equal == Holds::Yes {
                break;
            }
        }
        equal
    }

    /// Whether it can be said that a value of the request equals none of the policy's, as
    /// far as their variables go.
    fn is_comparable(&self, value: &str, request: &Request, missing: &mut Missing) -> Holds {
        let each = self.wanted.iter().map(|wanted| match wanted {
            Wanted::Text(pattern) => pattern.resolves(request, missing),
            Wanted::Arn(pattern) => pattern.is_comparable(value, request, missing),
            _ => Holds::Yes,
        });
        each.fold(Holds::Yes, Holds::and)
    }

    /// Whether all that the test asks of its key is presence or equality with a few given
    /// texts, so that trying those, another one and none tries everything.
    pub(super) fn candidates(&self) -> Option<Vec<&str>> {
        if self.operator.quantifier.is_some() {
            return None;
        }
        match self.operator.base {
            Base::Null => Some(Vec::new()),
            Base::Bool => Some(vec!["true", "false"]),
            Base::StringEquals | Base::StringLike => self
                .wanted
                .iter()
                .map(|wanted| match wanted {
                    Wanted::Text(pattern) => pattern.exact(),
                    _ => None,
                })
                .collect(),
            _ => None,
        }
    }

    /// The keys of variables in its values, in lower case.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.wanted.iter().flat_map(|wanted| match wanted {
            Wanted::Text(pattern) => pattern.variables().collect::<Vec<_>>(),
            Wanted::Arn(pattern) => pattern.variables().collect(),
            _ => Vec::new(),
        })
    }
}

fn wanted(base: Base, text: &str, variables: bool) -> Wanted {
    let literal = Reading { wildcards: false, variables };
    let like = Reading { wildcards: true, variables };
    let or_nothing = |found: Option<Wanted>| found.unwrap_or(Wanted::Nothing);
    match base {
        Base::StringEquals => Wanted::Text(Pattern::new(text, literal)),
        Base::StringEqualsIgnoreCase => Wanted::Text(Pattern::new(&lower(text), literal)),
        Base::StringLike => Wanted::Text(Pattern::new(text, like)),
        Base::Arn => or_nothing(ArnPattern::in_condition(text, like).map(Wanted::Arn)),
        Base::BinaryEquals => {
            Wanted::Text(Pattern::new(text, Reading { wildcards: false, variables: false }))
        }
        Base::Numeric(_) => or_nothing(number(text).map(Wanted::Number)),
        Base::Date(_) => or_nothing(date(text).map(Wanted::Date)),
        // "You can use a policy variable with the Boolean condition operator."
        Base::Bool if variables && text.starts_with("${") => {
            Wanted::Text(Pattern::new(text, literal))
        }
        Base::Bool | Base::Null => or_nothing(boolean(text).map(Wanted::Bool)),
        Base::IpAddress => or_nothing(network(text).map(Wanted::Network)),
    }
}

fn compare(
    base: Base,
    wanted: &Wanted,
    actual: &str,
    request: &Request,
    missing: &mut Missing,
) -> Holds {
    match (base, wanted) {
        (Base::StringEqualsIgnoreCase, Wanted::Text(pattern)) => {
            pattern.matches_folded(actual, request, missing)
        }
        (_, Wanted::Text(pattern)) => pattern.matches(actual, request, missing),
        (_, Wanted::Arn(pattern)) => pattern.matches(actual, request, missing),
        (Base::Numeric(order), Wanted::Number(wanted)) => {
            Holds::of(number(actual).is_some_and(|actual| ordered(order, &actual, wanted)))
        }
        (Base::Date(order), Wanted::Date(wanted)) => {
            Holds::of(date(actual).is_some_and(|actual| ordered(order, &actual, wanted)))
        }
        (_, Wanted::Bool(wanted)) => Holds::of(boolean(actual) == Some(*wanted)),
        (_, Wanted::Network(wanted)) => {
            Holds::of(network(actual).is_some_and(|actual| wanted.contains(&actual)))
        }
        _ => Holds::No,
    }
}

fn ordered<T: PartialOrd>(order: Order, actual: &T, wanted: &T) -> bool {
    match order {
        Order::Equals => actual == wanted,
        Order::LessThan => actual < wanted,
        Order::LessThanEquals => actual <= wanted,
        Order::GreaterThan => actual > wanted,
        Order::GreaterThanEquals => actual >= wanted,
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|n| n.is_finite())
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        t if t.eq_ignore_ascii_case("true") => Some(true),
        t if t.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// "you can use the date and time in ISO 8601 … or in epoch (UNIX) time": seconds.
fn date(text: &str) -> Option<i128> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        let nanos = seconds * 1e9;
        return nanos.is_finite().then_some(nanos as i128);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_nanosecond());
    }
    // A date, or a time without its offset, is UTC.
    let civil = text.parse::<jiff::civil::DateTime>().ok().or_else(|| {
        let month = text.len() == 7 && text.as_bytes()[4] == b'-';
        let whole = match (text.len(), month) {
            (4, _) => format!("{text}-01-01"),
            (7, true) => format!("{text}-01"),
            _ => return None,
        };
        whole
            .parse::<jiff::civil::Date>()
            .ok()
            .map(|d| d.to_datetime(jiff::civil::Time::midnight()))
    })?;
    jiff::tz::Offset::UTC.to_timestamp(civil).ok().map(Timestamp::as_nanosecond)
}

fn network(text: &str) -> Option<ipnet::IpNet> {
    let text = text.trim();
    text.parse::<ipnet::IpNet>()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(ipnet::IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{
        document::Scalar,
        request::{Caller, Context, Resource},
    };

    fn holds(operator: &str, wanted: &[&str], actual: Option<&[&str]>) -> Holds {
        let operator_read: Operator = operator.parse().expect("an operator");
        let values = wanted.iter().map(|w| Scalar::Text((*w).into())).collect();
        let test = Test::new(operator_read, operator, "AWS:Key", values, (true, true));
        let mut context = Context::complete();
        if let Some(actual) = actual {
            context.set("aws:key", Some(actual.iter().map(|v| (*v).to_owned()).collect()));
        }
        context.set_one("aws:name", "Ann");
        context.set_one("aws:truth", "true");
        let caller = Caller::new("arn:aws:iam::111122223333:user/ann").expect("a caller");
        let resource = Resource { arn: "*".into(), account: None };
        let request = Request::new(caller, "s3:GetObject", resource, context);
        test.holds(&request, &mut Missing::new())
    }

    fn yes(operator: &str, wanted: &[&str], actual: &[&str]) -> bool {
        holds(operator, wanted, Some(actual)) == Holds::Yes
    }

    #[test]
    fn operators_compare() {
        for (operator, wanted, actual, want) in [
            ("StringEquals", "a", "a", true),
            ("stringequals", "a", "A", false),
            ("StringNotEquals", "a", "b", true),
            ("StringEqualsIgnoreCase", "aB", "Ab", true),
            ("StringLike", "a*", "abc", true),
            ("StringEquals", "a*", "abc", false),
            ("StringNotLike", "a?", "abc", true),
            ("StringEquals", "${aws:name}", "Ann", true),
            ("StringLike", "${aws:name}-*", "Ann-1", true),
            ("StringEquals", "${aws:other, 'x'}", "x", true),
            ("StringEquals", "${aws:other}", "", false),
            ("StringNotEquals", "${aws:other}", "x", false),
            ("StringNotEquals", "${aws:other, 'y'}", "x", true),
            ("StringNotLike", "a-${aws:other}", "x", false),
            ("StringEqualsIgnoreCase", "${aws:name}-X", "ANN-x", true),
            ("NumericLessThan", "10", "9.5", true),
            ("NumericLessThanEquals", "10", "10", true),
            ("NumericGreaterThan", "10", "x", false),
            ("NumericNotEquals", "10", "9", true),
            ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", true),
            ("DateLessThan", "2026-01-01", "1767225599", true),
            ("DateLessThan", "2026-01-01", "1767225600", false),
            ("DateEquals", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z", true),
            ("Bool", "true", "TRUE", true),
            ("Bool", "true", "false", false),
            ("Bool", "${aws:truth}", "true", true),
            ("Bool", "${aws:truth}", "false", false),
            ("IpAddress", "203.0.113.0/24", "203.0.113.7", true),
            ("IpAddress", "203.0.113.7", "203.0.113.8", false),
            ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", true),
            ("IpAddress", "2001:db8::/32", "2001:db8:1::1", true),
            ("IpAddress", "0.0.0.0/0", "2001:db8::1", false),
            ("ArnLike", "arn:aws:iam::*:role/x-*", "arn:aws:iam::111122223333:role/x-1", true),
            ("ArnEquals", "arn:aws:iam::*:role/x-*", "arn:aws:iam::111122223333:role/x-1", true),
            ("ArnNotLike", "arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:role/y", true),
            ("ArnLike", "arn:aws:iam::*", "arn:aws:iam::111122223333:role/y", false),
            ("ArnNotLike", "*", "arn:aws:iam::111122223333:role/y", true),
            ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", true),
            ("Null", "false", "x", true),
            ("Null", "true", "x", false),
        ] {
            assert_eq!(yes(operator, &[wanted], &[actual]), want, "{operator} {wanted} {actual}");
        }
    }

    #[test]
    fn an_absent_key_is_no_value() {
        for (operator, want) in [
            ("StringEquals", Holds::No),
            ("StringNotEquals", Holds::Yes),
            ("StringEqualsIfExists", Holds::Yes),
            ("NumericLessThan", Holds::No),
            ("NotIpAddress", Holds::Yes),
            ("BoolIfExists", Holds::Yes),
            ("ForAllValues:StringEquals", Holds::Yes),
            ("ForAnyValue:StringEquals", Holds::No),
            ("ForAnyValue:StringNotEquals", Holds::No),
            ("ForAllValues:StringEqualsIfExists", Holds::Yes),
            ("ForAnyValue:StringEqualsIfExists", Holds::No),
        ] {
            assert_eq!(holds(operator, &["1"], None), want, "{operator}");
        }
        assert_eq!(holds("Null", &["true"], None), Holds::Yes);
        assert_eq!(holds("Null", &["false"], None), Holds::No);
    }

    #[test]
    fn sets_are_compared_value_by_value() {
        let list = ["a", "b"];
        assert!(yes("ForAllValues:StringEquals", &list, &["a"]));
        assert!(yes("ForAllValues:StringEquals", &list, &["a", "b"]));
        assert!(!yes("ForAllValues:StringEquals", &list, &["a", "c"]));
        assert!(yes("ForAnyValue:StringEquals", &list, &["a", "c"]));
        assert!(!yes("ForAnyValue:StringEquals", &list, &["c"]));
        assert!(yes("ForAllValues:StringNotEquals", &list, &["c", "d"]));
        assert!(!yes("ForAllValues:StringNotEquals", &list, &["a", "d"]));
        assert!(yes("ForAnyValue:StringNotEquals", &list, &["a", "d"]));
        assert!(!yes("ForAnyValue:StringNotEquals", &list, &["a"]));
        assert!(yes("ForAllValues:StringEquals", &list, &[""]));
        assert!(!yes("ForAnyValue:StringNotEquals", &list, &[""]));
    }
}
