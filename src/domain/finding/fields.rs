//! Looking values up in a finding's JSON, whoever wrote the keys.
//!
//! GuardDuty writes `camelCase` on the wire and in EventBridge, the CLI and SDKs
//! print `PascalCase`, and people paste one into the other; so a key is looked up
//! with its first letter in either case. `null` is the same as absent.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::Value;

use crate::domain::{Untrusted, time};

/// A place in a JSON value, or nowhere. Looking below nowhere is nowhere.
#[derive(Clone, Copy)]
pub(super) struct Node<'v>(Option<&'v Value>);

impl<'v> Node<'v> {
    pub fn of(value: &'v Value) -> Self {
        Self(Some(value).filter(|v| !v.is_null()))
    }

    /// The value under `key` as spelled here, else with its first letter in the other case.
    pub fn get(self, key: &str) -> Node<'v> {
        let Some(map) = self.0.and_then(Value::as_object) else { return Node(None) };
        let spelled = map.get(key).filter(|v| !v.is_null());
        Node(spelled.or_else(|| map.get(&other_case(key)).filter(|v| !v.is_null())))
    }

    /// [`Node::get`] along keys joined by dots.
    pub fn path(self, keys: &str) -> Node<'v> {
        keys.split('.').fold(self, Node::get)
    }

    pub fn is_object(self) -> bool {
        self.0.is_some_and(Value::is_object)
    }

    /// This place, or `other` where there is nothing here.
    pub fn or(self, other: Node<'v>) -> Node<'v> {
        Node(self.0.or(other.0))
    }

    /// A string that says something.
    pub fn text(self) -> Option<&'v str> {
        self.0?.as_str().filter(|s| !s.is_empty())
    }

    pub fn untrusted(self) -> Option<Untrusted> {
        self.text().map(Untrusted::from)
    }

    /// A finite number, sent as one or inside a string.
    pub fn number(self) -> Option<f64> {
        let number = match self.0? {
            Value::Number(n) => n.as_f64()?,
            Value::String(s) => s.trim().parse().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// A whole number from 0 up; fractions and overflow are no counts.
    pub fn count(self) -> Option<u64> {
        match self.0? {
            Value::Number(n) => n.as_u64(),
            Value::String(s) => s.trim().parse().ok(),
            _ => None,
        }
        .or_else(|| {
            let n = self.number()?;
            (n.fract() == 0.0 && (0.0..9e15).contains(&n)).then_some(n as u64)
        })
    }

    /// `true` or `false`, sent as such or as a word.
    pub fn flag(self) -> Option<bool> {
        match self.0? {
            Value::Bool(b) => Some(*b),
            Value::String(s) => s.parse().ok(),
            _ => None,
        }
    }

    /// A time: ISO 8601, epoch seconds or milliseconds, or one of the two ways in
    /// which recorded answers of Python's SDK keep a `datetime` (UTC):
    /// `{"__class__": "datetime", "year": …}` and `"datetime(2026, 3, 2, 3, 10)"`.
    pub fn time(self) -> Option<Timestamp> {
        match self.0? {
            Value::Number(n) => time::from_epoch(n.as_f64()?),
            Value::String(s) => time::parse_foreign(s).or_else(|| python_call(s)),
            Value::Object(_) => {
                let part = |key| self.get(key).count();
                utc([
                    part("year")?,
                    part("month")?,
                    part("day")?,
                    part("hour").unwrap_or(0),
                    part("minute").unwrap_or(0),
                    part("second").unwrap_or(0),
                    part("microsecond").unwrap_or(0),
                ])
            }
            _ => None,
        }
    }

    /// The elements of an array; anything else there counts as its only element.
    pub fn items(self) -> impl Iterator<Item = Node<'v>> {
        let (many, one) = match self.0 {
            Some(Value::Array(items)) => (items.as_slice(), None),
            other => (&[][..], other),
        };
        many.iter().chain(one).map(Node::of)
    }

    /// The first of [`Node::items`], or nowhere.
    pub fn first(self) -> Node<'v> {
        self.items().next().unwrap_or(Node(None))
    }

    /// The values of an object, in the order sent.
    pub fn values(self) -> impl Iterator<Item = Node<'v>> {
        self.entries().map(|(_, value)| value)
    }

    /// The keys and values of an object, in the order sent.
    pub fn entries(self) -> impl Iterator<Item = (&'v str, Node<'v>)> {
        let map = self.0.and_then(Value::as_object);
        map.into_iter().flatten().map(|(key, value)| (key.as_str(), Node::of(value)))
    }
}

/// `accountId` for `AccountId` and the other way round.
fn other_case(key: &str) -> String {
    let mut out = key.to_owned();
    if let Some(first) = out.get_mut(..1) {
        if first.starts_with(|c: char| c.is_ascii_lowercase()) {
            first.make_ascii_uppercase();
        } else {
            first.make_ascii_lowercase();
        }
    }
    out
}

fn python_call(text: &str) -> Option<Timestamp> {
    let parts = text.trim().strip_prefix("datetime(")?.strip_suffix(')')?;
    let mut numbers = [0u64; 7];
    let mut given = 0;
    for part in parts.split(',') {
        *numbers.get_mut(given)? = part.trim().parse().ok()?;
        given += 1;
    }
    (given >= 3).then(|| utc(numbers)).flatten()
}

/// Year, month, day, hour, minute, second, microsecond.
fn utc([year, month, day, hour, minute, second, micro]: [u64; 7]) -> Option<Timestamp> {
    let small = |n: u64| i8::try_from(n).ok();
    let nanos = i32::try_from(micro.checked_mul(1000)?).ok()?;
    let at = civil::DateTime::new(
        i16::try_from(year).ok()?,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        nanos,
    );
    TimeZone::UTC.to_timestamp(at.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn either_case_of_the_first_letter_is_found_and_the_spelling_asked_for_wins() {
        let v =
            json!({"AccountId": "1", "updatedAt": "b", "UpdatedAt": "a", "id": null, "Id": "x"});
        let node = Node::of(&v);
        assert_eq!(node.get("accountId").text(), Some("1"));
        assert_eq!(node.get("UpdatedAt").text(), Some("a"));
        assert_eq!(node.get("updatedAt").text(), Some("b"));
        assert_eq!(node.get("id").text(), Some("x"), "null is absent");
        assert_eq!(node.get("accountid").text(), None, "only the first letter may differ");
        assert_eq!(node.path("accountId.below.it").text(), None);
        assert_eq!(node.get("").text(), None);
    }

    #[test]
    fn numbers_come_in_several_dresses() {
        let v = json!({"i": 8, "f": 8.5, "s": "5.0", "nan": "NaN", "o": {}, "c": "12", "cf": 3.0, "neg": -1});
        let node = Node::of(&v);
        assert_eq!(node.get("i").number(), Some(8.0));
        assert_eq!(node.get("f").number(), Some(8.5));
        assert_eq!(node.get("s").number(), Some(5.0));
        assert_eq!(node.get("nan").number(), None);
        assert_eq!(node.get("o").number(), None);
        assert_eq!(node.get("c").count(), Some(12));
        assert_eq!(node.get("cf").count(), Some(3));
        assert_eq!(node.get("f").count(), None);
        assert_eq!(node.get("neg").count(), None);
    }

    #[test]
    fn times_come_in_several_dresses() {
        let at = |s: &str| s.parse::<Timestamp>().ok();
        for (value, want) in [
            (json!("2026-03-02T03:10:00.5Z"), "2026-03-02T03:10:00.5Z"),
            (json!(1_772_421_000), "2026-03-02T03:10:00Z"),
            (json!(1_772_421_000_500_i64), "2026-03-02T03:10:00.5Z"),
            (json!("datetime(2026, 3, 2, 3, 10, 0)"), "2026-03-02T03:10:00Z"),
            (json!("datetime(2026, 3, 2)"), "2026-03-02T00:00:00Z"),
            (
                json!({"__class__": "datetime", "year": 2026, "month": 3, "day": 2, "hour": 3,
                       "minute": 10, "second": 0, "microsecond": 250_000}),
                "2026-03-02T03:10:00.25Z",
            ),
        ] {
            assert_eq!(Node::of(&value).time(), at(want), "{value}");
        }
        for bad in [
            json!(null),
            json!(true),
            json!("datetime(2026, 13, 2)"),
            json!("datetime(2026, 3)"),
            json!("datetime(1, 1, 1, 1, 1, 1, 1, 1)"),
            json!({"year": 99999, "month": 1, "day": 1}),
            json!({"year": 2026, "month": 1, "day": 1, "microsecond": u64::MAX}),
        ] {
            assert_eq!(Node::of(&bad).time(), None, "{bad}");
        }
    }
}
