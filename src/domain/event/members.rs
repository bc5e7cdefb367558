//! A JSON object taken apart without reading its values.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The members of an object in their order, values as they stand in the text. A key may
/// stand twice.
pub struct Members<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

/// JSON nested more deeply is not looked into: serde_json's own limit for a whole value.
pub const MAX_DEPTH: usize = 127;

/// Whether brackets stand within more than [`MAX_DEPTH`] others. Of valid JSON.
pub fn is_too_deep(raw: &str) -> bool {
    // Nearly no event has that many brackets.
    if memchr::memchr2_iter(b'{', b'[', raw.as_bytes()).nth(MAX_DEPTH).is_none() {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for byte in raw.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Takes an object apart, one level deep. `Err` for anything else.
pub fn members(raw: &str) -> Result<Members<'_>, serde_json::Error> {
    serde_json::from_str(raw)
}

impl<'t> Members<'t> {
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'t RawValue)> {
        self.0.iter().map(|(key, value)| (&**key, *value))
    }

    /// The value under a key in whatever case; of several the last. `null` is absent.
    pub fn get(&self, key: &str) -> Option<&'t RawValue> {
        let found = self.0.iter().rev().find(|(k, _)| k.eq_ignore_ascii_case(key));
        found.map(|(_, value)| *value).filter(|value| value.get() != "null")
    }

    /// A text that says something; a number or `true` in its place as it is written.
    pub fn text(&self, key: &str) -> Option<String> {
        self.get(key).and_then(text)
    }

    /// The members of an object under a key.
    pub fn object(&self, key: &str) -> Option<Members<'t>> {
        members(self.get(key)?.get()).ok()
    }

    /// The elements of an array under a key.
    pub fn items(&self, key: &str) -> Vec<&'t RawValue> {
        self.get(key).and_then(|v| serde_json::from_str(v.get()).ok()).unwrap_or_default()
    }

    /// `true` or `false`, as such or as a word.
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)?.get().trim_matches('"') {
            "true" | "True" => Some(true),
            "false" | "False" => Some(false),
            _ => None,
        }
    }
}

fn text(value: &RawValue) -> Option<String> {
    let raw = value.get();
    let text = match raw.as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw).ok()?,
        Some(b'{' | b'[') | None => return None,
        Some(_) => raw.to_owned(),
    };
    Some(text).filter(|t| !t.is_empty())
}

/// A key, borrowed where it has no escapes.
struct Key<'t>(Cow<'t, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, s: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(s)))
            }
            fn visit_str<E>(self, s: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(s.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::with_capacity(24);
                while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_in_any_case_and_the_last_counts() {
        let object = members(
            r#"{"ARN": "a", "arn": "b", "n": 1.50, "t": true, "o": {}, "z": null, "e": ""}"#,
        );
        let object = object.expect("an object");
        assert_eq!(object.text("Arn").as_deref(), Some("b"));
        assert_eq!(object.text("N").as_deref(), Some("1.50"), "as it is written");
        assert_eq!(object.text("t").as_deref(), Some("true"));
        for absent in ["o", "z", "e", "none"] {
            assert_eq!(object.text(absent), None, "{absent}");
        }
        assert!(members("[]").is_err() && members("{").is_err() && members("").is_err());
    }

    #[test]
    fn depth_is_counted_outside_of_texts() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(!is_too_deep(&nested(MAX_DEPTH)) && is_too_deep(&nested(MAX_DEPTH + 1)));
        let text = format!(r#"{{"a\"[": "{}"}}"#, "[".repeat(500));
        assert!(!is_too_deep(&text));
        assert!(!is_too_deep(&"[],".repeat(500)));
        // What is not too deep here is not for serde_json either.
        assert!(serde_json::from_str::<serde_json::Value>(&nested(MAX_DEPTH)).is_ok());
    }
}
