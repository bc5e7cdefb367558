//! Belt and braces: secrets that should never have come here leave again before
//! anything is written. Access key *ids* stay: they are evidence.

use serde_json::{Map, Value};

use super::hash::sha256_hex;

/// Names whose values are secret, in lowercase without `_` and `-`.
const SECRET_NAMES: &[&str] = &[
    "sessiontoken",
    "tokencode",
    "secretstring",
    "secretbinary",
    "secretaccesskey",
    "securitytoken",
];

/// How the session tokens of STS begin.
const TOKEN_STARTS: &[&str] = &["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "AQoDYXdz"];

/// Characters of a secret access key, and of an access key id.
const SECRET: usize = 40;
const KEY_ID: usize = 20;

/// Replaces secrets in a body: by the name of their key, by what a session token looks
/// like, and, where the body names an access key, by what a secret key looks like.
pub fn redact(body: &mut Map<String, Value>) {
    let has_key_id = body.values().any(names_access_key);
    for (name, value) in body {
        redact_value(name, value, has_key_id);
    }
}

fn redact_value(name: &str, value: &mut Value, has_key_id: bool) {
    if is_secret_name(name) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::String(text) => *text = redacted(text),
            other => *other = redacted(&other.to_string()).into(),
        }
        return;
    }
    match value {
        Value::String(text) => {
            if let Some(clean) = redact_text(text, has_key_id) {
                *text = clean;
            }
        }
        // An item of a list stands under the list's name.
        Value::Array(items) => items.iter_mut().for_each(|v| redact_value(name, v, has_key_id)),
        Value::Object(map) => map.iter_mut().for_each(|(k, v)| redact_value(k, v, has_key_id)),
        _ => {}
    }
}

fn redacted(secret: &str) -> String {
    format!("<redacted sha256:{}>", sha256_hex(secret.as_bytes()))
}

fn is_secret_name(name: &str) -> bool {
    let plain: String =
        name.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect();
    SECRET_NAMES.contains(&plain.as_str()) || plain.ends_with("password")
}

fn names_access_key(value: &Value) -> bool {
    match value {
        Value::String(text) => key_id_in(text).is_some(),
        Value::Array(items) => items.iter().any(names_access_key),
        Value::Object(map) => map.values().any(names_access_key),
        _ => false,
    }
}

/// Where an access key id begins.
fn key_id_in(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    ["AKIA", "ASIA"].iter().flat_map(|prefix| text.match_indices(prefix)).map(|(at, _)| at).find(
        |at| {
            let id = bytes.get(*at..at + KEY_ID);
            id.is_some_and(|id| id.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        },
    )
}

/// The text without secrets, if there was one in it.
fn redact_text(text: &str, has_key_id: bool) -> Option<String> {
    let mut out = String::new();
    let (mut rest, mut found) = (text, false);
    while let Some(begin) = rest.find(is_base64) {
        out.push_str(&rest[..begin]);
        rest = &rest[begin..];
        let length = rest.find(|c| !is_base64(c)).unwrap_or(rest.len());
        let (mut run, after) = rest.split_at(length);
        rest = after;
        // `AKIA…/secret`: the id and the slash belong to the alphabet too.
        if has_key_id && let Some(at) = key_id_in(run) {
            let (id, secret) = run.split_at(at + KEY_ID);
            out.push_str(id);
            run = secret;
            if run.len() == SECRET + 1 && run.starts_with(['/', '+']) {
                out.push_str(&run[..1]);
                run = &run[1..];
            }
        }
        if is_token(run) || has_key_id && is_secret(run) {
            out.push_str(&redacted(run));
            found = true;
        } else {
            out.push_str(run);
        }
    }
    out.push_str(rest);
    found.then_some(out)
}

/// Without `=`, which stands between a name and a secret far more often than behind one.
fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '/' | '+')
}

fn is_secret(run: &str) -> bool {
    // Forty hex digits are a SHA-1.
    run.len() == SECRET && !run.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_token(run: &str) -> bool {
    run.len() >= 100 && TOKEN_STARTS.iter().any(|start| run.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "AKIAIOSFODNN7EXAMPLE";
    const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn clean(value: Value) -> String {
        let mut body = Map::from_iter([("params".to_owned(), value)]);
        redact(&mut body);
        Value::Object(body).to_string()
    }

    #[test]
    fn names_of_secrets_are_known_in_every_spelling() {
        for name in [
            "SessionToken",
            "session_token",
            "TOKEN-CODE",
            "newPassword",
            "secretString",
            "SecretAccessKey",
        ] {
            let out = clean(json!({name: "hunter2", "list": [{name: ["a", "b"]}]}));
            assert!(!out.contains("hunter2") && !out.contains("\"a\""), "{out}");
            assert!(
                out.contains(&format!("<redacted sha256:{}>", sha256_hex(b"hunter2"))),
                "{out}"
            );
        }
        let out =
            clean(json!({"password_last_used": "never", "has_password": true, "password": null}));
        assert!(!out.contains("redacted"), "{out}");
    }

    #[test]
    fn a_secret_near_an_access_key_goes_and_the_id_stays() {
        for value in [
            json!(format!("{ID}:{KEY}")),
            json!(format!("{ID}/{KEY}")),
            json!(format!("export AWS_SECRET_ACCESS_KEY={KEY} # of {ID}")),
            json!({"id": ID, "deep": [{"note": format!("\"{KEY}\"")}]}),
        ] {
            let out = clean(value);
            assert!(!out.contains(KEY) && out.contains(ID) && out.contains("<redacted"), "{out}");
        }
        let token = format!("IQoJb3JpZ2luX2Vj{}", "Ab1/".repeat(40));
        let out = clean(json!(format!("token {token}==")));
        assert!(!out.contains("Ab1/"), "{out}");
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        let sha1 = "0123456789abcdef0123456789abcdef01234567";
        for value in [json!({"key": ID, "commit": sha1}), json!({"etag": KEY}), json!(ID)] {
            let text = value.to_string();
            assert!(clean(value).contains(&text), "{text}");
        }
    }
}
