//! Looking into JSON whose keys come in more than one case: camelCase on the wire,
//! PascalCase from the CLI and the SDKs, and whatever a person typed.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::domain::{
    Untrusted,
    time::{from_epoch, parse_foreign},
};

/// A JSON object whose keys are found in any case.
#[derive(Clone, Copy)]
pub struct Fields<'v>(Option<&'v Map<String, Value>>);

impl<'v> Fields<'v> {
    pub fn of(value: &'v Value) -> Self {
        Self(value.as_object())
    }

    /// The value of a key; `null` counts as absent.
    pub fn get(self, key: &str) -> Option<&'v Value> {
        let object = self.0?;
        let found = object
            .get(key)
            .or_else(|| object.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v));
        found.filter(|v| !v.is_null())
    }

    pub fn has(self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// An object inside; where there is none, one without keys.
    pub fn inner(self, key: &str) -> Fields<'v> {
        Fields(self.get(key).and_then(Value::as_object))
    }

    /// The objects of an array.
    pub fn each(self, key: &str) -> impl Iterator<Item = Fields<'v>> {
        self.get(key).and_then(Value::as_array).into_iter().flatten().map(Fields::of)
    }

    /// The first object inside this one, for objects with a single member of varying name.
    pub fn first_inner(self) -> Option<(&'v str, Fields<'v>)> {
        self.0?.iter().find(|(_, v)| v.is_object()).map(|(k, v)| (k.as_str(), Fields::of(v)))
    }

    /// A text, also where it was sent as a number.
    pub fn text(self, key: &str) -> Option<String> {
        match self.get(key)? {
            Value::String(s) if !s.is_empty() => Some(s.clone()),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        }
    }

    pub fn untrusted(self, key: &str) -> Option<Untrusted> {
        self.text(key).map(Untrusted::from)
    }

    /// A number, also where it was sent as text.
    pub fn number(self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Value::Number(n) => n.as_f64(),
            Value::String(s) => s.trim().parse().ok().filter(|n: &f64| n.is_finite()),
            _ => None,
        }
    }

    /// A truth value, also where it was sent as text.
    pub fn boolean(self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Bool(b) => Some(*b),
            Value::String(s) => s.to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }

    /// A time: text, epoch seconds or milliseconds, or the object that recorded AWS
    /// answers hold (`{"__class__": "datetime", "year": …}`).
    pub fn time(self, key: &str) -> Option<Timestamp> {
        match self.get(key)? {
            Value::String(s) => parse_foreign(s),
            Value::Number(n) => from_epoch(n.as_f64()?),
            Value::Object(_) => recorded_time(self.inner(key)),
            _ => None,
        }
    }
}

fn recorded_time(at: Fields<'_>) -> Option<Timestamp> {
    let part = |key: &str| at.number(key).map(|n| n as i64);
    let of = |key: &str| part(key).unwrap_or(0);
    parse_foreign(&format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        part("year")?,
        part("month")?,
        part("day")?,
        of("hour"),
        of("minute"),
        of("second"),
        of("microsecond"),
    ))
}
