//! What differs between two states, whatever kind of state they are.

use serde::Serialize;
use serde_json::Value;

use crate::domain::Untrusted;

/// One place where two states differ. `None` stands where there is nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Keys joined by dots; `[2]` the third of a list, `[]` some one of it.
    pub at: Untrusted,
    pub before: Option<Untrusted>,
    pub after: Option<Untrusted>,
}

/// Every place where `after` is not `before`, in the order of `before`.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk("", before, after, &mut found);
    found
}

fn walk(at: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(one), Value::Object(two)) => {
            let join =
                |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
            for (key, value) in one {
                walk(&join(key), value, two.get(key).unwrap_or(&Value::Null), found);
            }
            for (key, value) in two.iter().filter(|(key, _)| !one.contains_key(*key)) {
                walk(&join(key), &Value::Null, value, found);
            }
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            for (n, (before, after)) in one.iter().zip(two).enumerate() {
                walk(&format!("{at}[{n}]"), before, after, found);
            }
        }
        (Value::Array(one), Value::Array(two)) => {
            let at = format!("{at}[]");
            for gone in left_over(one, two) {
                found.push(Difference { at: (*at).into(), before: shown(gone), after: None });
            }
            for new in left_over(two, one) {
                found.push(Difference { at: (*at).into(), before: None, after: shown(new) });
            }
        }
        (Value::String(one), Value::String(two)) => match (document(one), document(two)) {
            // A policy: where in it, not the whole of it twice.
            (Some(one), Some(two)) if one != two => walk(at, &one, &two, found),
            _ => {
                found.push(Difference { at: at.into(), before: shown(before), after: shown(after) })
            }
        },
        _ => found.push(Difference { at: at.into(), before: shown(before), after: shown(after) }),
    }
}

/// What of `all` is not in `others`, each as often as it is there more.
fn left_over<'v>(all: &'v [Value], others: &[Value]) -> Vec<&'v Value> {
    let mut others: Vec<&Value> = others.iter().collect();
    let mut left = Vec::new();
    for value in all {
        match others.iter().position(|other| *other == value) {
            Some(at) => {
                others.swap_remove(at);
            }
            None => left.push(value),
        }
    }
    left
}

fn document(text: &str) -> Option<Value> {
    let looks_so = text.trim_start().starts_with(['{', '[']);
    looks_so.then(|| serde_json::from_str(text).ok()).flatten()
}

fn shown(value: &Value) -> Option<Untrusted> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.as_str().into()),
        other => Some(other.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn brief(before: Value, after: Value) -> Vec<(String, String, String)> {
        let raw = |t: &Option<Untrusted>| t.as_ref().map_or("-", Untrusted::raw).to_owned();
        let brief = |d: &Difference| (d.at.raw().to_owned(), raw(&d.before), raw(&d.after));
        differences(&before, &after).iter().map(brief).collect()
    }

    fn row(at: &str, before: &str, after: &str) -> (String, String, String) {
        (at.to_owned(), before.to_owned(), after.to_owned())
    }

    #[test]
    fn only_what_differs_is_named() {
        let before = json!({"key": {"status": "Active", "user": "a"}, "others": [1, 2, 2, 3]});
        let after =
            json!({"key": {"status": "Inactive", "user": "a"}, "others": [2, 4, 3], "x": true});
        assert_eq!(
            brief(before.clone(), after),
            [
                row("key.status", "Active", "Inactive"),
                row("others[]", "1", "-"),
                row("others[]", "2", "-"),
                row("others[]", "-", "4"),
                row("x", "-", "true"),
            ]
        );
        assert_eq!(brief(before.clone(), before), []);
        assert_eq!(
            brief(json!({"a": [{"b": 1}, 2]}), json!({"a": [{"b": 3}, 2]})),
            [row("a[0].b", "1", "3")]
        );
        assert_eq!(brief(json!(null), json!("new")), [row("", "-", "new")]);
    }

    #[test]
    fn a_policy_in_a_text_is_compared_as_one() {
        let policy = |action: &str| {
            let text = json!({"Statement": [{"Action": action, "Effect": "Allow"}]}).to_string();
            json!({ "document": text })
        };
        assert_eq!(
            brief(policy("s3:*"), policy("s3:Get*")),
            [row("document.Statement[0].Action", "s3:*", "s3:Get*")]
        );
        assert_eq!(brief(json!("{no"), json!("{\"a\":1}")), [row("", "{no", "{\"a\":1}")]);
        // Blanks alone: the texts differ, what they say does not.
        assert_eq!(brief(json!("{\"a\":1}"), json!("{\"a\": 1}")).len(), 1);
    }
}
