//! A report for others to read: addresses of people and names of accounts give way to their
//! hashes, so that two places that say the same still do.

use regex_lite::Regex;
use serde_json::{Map, Value};

use crate::audit::sha256_hex;

/// Shorter names of accounts are parts of too many words.
const SHORTEST: usize = 3;

pub struct Redactor {
    address: Regex,
    /// Names of accounts, the longest first.
    names: Vec<String>,
}

impl Redactor {
    /// `names` are those of accounts, as the operator or AWS has them.
    pub fn new(names: impl IntoIterator<Item = String>) -> Redactor {
        let mut names: Vec<String> =
            names.into_iter().filter(|name| name.chars().count() >= SHORTEST).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.dedup();
        // INVARIANT: the pattern is constant and tested.
        #[allow(clippy::expect_used, reason = "a constant")]
        let address =
            Regex::new(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+").expect("a pattern");
        Redactor { address, names }
    }

    /// The text without them.
    pub fn text(&self, text: &str) -> String {
        let hidden = |found: &str| format!("<redacted sha256:{}>", sha256_hex(found.as_bytes()));
        let mut out = String::new();
        let mut rest = 0;
        for found in self.address.find_iter(text) {
            out += &self.names_in(&text[rest..found.start()], hidden);
            out += &hidden(found.as_str());
            rest = found.end();
        }
        out + &self.names_in(&text[rest..], hidden)
    }

    /// The names by themselves, not as parts of other words.
    fn names_in(&self, text: &str, hidden: impl Fn(&str) -> String) -> String {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let mut out = String::new();
        let mut at = 0;
        while let Some(next) = text[at..].chars().next() {
            let before = text[..at].chars().next_back();
            let found = self.names.iter().find(|name| {
                let after = text[at..].strip_prefix(name.as_str());
                after.is_some_and(|after| !after.chars().next().is_some_and(is_word))
                    && !before.is_some_and(is_word)
            });
            match found {
                Some(name) => {
                    out += &hidden(name);
                    at += name.len();
                }
                None => {
                    out.push(next);
                    at += next.len_utf8();
                }
            }
        }
        out
    }

    /// Every text in a value, and keys that hold an address; other keys are the words by which
    /// programs find things.
    pub fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.text(&text).into(),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(map) => {
                let pairs = map.into_iter().map(|(key, value)| {
                    let key = if key.contains('@') { self.text(&key) } else { key };
                    (key, self.value(value))
                });
                Value::Object(pairs.collect::<Map<_, _>>())
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_and_names_of_accounts_go_and_nothing_else() {
        let redactor = Redactor::new(["prod".to_owned(), "log-archive".into(), "ab".into()]);
        let said =
            "Dana <dana.o'neil+x@mail.example.com> in prod, not production or prod-2; log-archive";
        let out = redactor.text(said);
        assert!(!out.contains("dana.o") && !out.contains("in prod,"), "{out}");
        assert!(out.contains("not production or prod-2; <redacted sha256:"), "{out}");
        assert!(out.starts_with("Dana <<redacted sha256:"), "{out}");
        assert_eq!(out.matches("<redacted").count(), 3, "{out}");
        assert_eq!(
            redactor.text("ab \u{fc}ber arn:aws:iam::111122223333:role/x @team"),
            "ab \u{fc}ber arn:aws:iam::111122223333:role/x @team"
        );
        let value = redactor.value(json!({"a@b.example": ["prod", 1, {"k": "x@y.example"}]}));
        let text = value.to_string();
        assert!(!text.contains('@') && !text.contains("prod"), "{text}");
    }
}
