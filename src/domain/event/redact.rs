//! Secrets in events are not kept. AssumeRole logs the session token that it gave out.

use std::{fmt, ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::members::{is_too_deep, members};

/// What an event's text was before secrets were taken out of it: enough to prove that a
/// file on somebody's disk is the one that was read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// SHA-256 in hex.
    pub sha256: String,
    pub bytes: usize,
    /// Values that were replaced.
    pub redacted: usize,
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, {} redacted", self.bytes, self.redacted)
    }
}

/// The text with the values of secrets replaced by `<redacted sha256:…>` and everything
/// else as it was, byte for byte; and what it was.
///
/// A secret is a string or a number under a key that ends in one of [`SECRETS`], whatever
/// its case and the dashes between its words, at any depth, also inside JSON that stands in
/// a string. Where a text mentions such a key and cannot be read as JSON, or is nested more
/// deeply than [`MAX_DEPTH`](super::MAX_DEPTH), what follows the key is cut.
pub fn redacted(raw: &str) -> (String, Original) {
    let mut original =
        Original { sha256: format!("{:x}", Sha256::digest(raw)), bytes: raw.len(), redacted: 0 };
    if !mentions(raw) {
        return (raw.to_owned(), original);
    }
    let (text, count) = clean(raw);
    original.redacted = count;
    (text, original)
}

/// Ends of the names of secrets, in lower case without `_`, `-` and blanks.
const SECRETS: &[&str] = &[
    "secretaccesskey",
    "secretkey",
    "sessiontoken",
    "securitytoken",
    "accesstoken",
    "refreshtoken",
    "identitytoken",
    "idtoken",
    "password",
    "secretstring",
    "secretbinary",
    "privatekey",
    "keymaterial",
    "clientsecret",
    "authtoken",
    "samlassertion",
    "base32stringseed",
    "tokencode",
];

/// A part of every secret's name that no dash divides; and an escaped letter, which could
/// hide one.
const HINTS: &[&str] =
    &["secret", "token", "pass", "private", "material", "assertion", "base", "\\u00"];

static HINTED: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(HINTS)
        .ok()
});

/// A cheap first look: where a secret may be named.
fn hint(text: &str) -> Option<usize> {
    match &*HINTED {
        Some(hinted) => hinted.find(text).map(|found| found.start()),
        // Cannot be, for these few words; then every text is looked through.
        None => Some(0),
    }
}

fn mentions(text: &str) -> bool {
    hint(text).is_some()
}

fn is_secret(key: &str) -> bool {
    let plain: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    SECRETS.iter().any(|end| plain.ends_with(end))
}

fn mark(secret: &str) -> String {
    format!("<redacted sha256:{:x}>", Sha256::digest(secret))
}

/// What [`mark`] makes, and nothing more: redacting twice is redacting once.
fn is_mark(text: &str) -> bool {
    let hash = text.strip_prefix("<redacted sha256:").and_then(|rest| rest.strip_suffix('>'));
    hash.is_some_and(|h| h.len() == 64 && h.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The text without secrets, and how many there were.
fn clean(raw: &str) -> (String, usize) {
    if serde_json::from_str::<&RawValue>(raw).is_err() || is_too_deep(raw) {
        return cut_off(raw, hint(raw));
    }
    let mut cuts = Vec::new();
    find(raw, raw.trim_ascii(), false, &mut cuts);
    let (mut out, mut at) = (String::with_capacity(raw.len()), 0);
    let mut count = 0;
    for (range, with, of) in &cuts {
        out.push_str(&raw[at..range.start]);
        out.push_str(with);
        at = range.end;
        count += of;
    }
    out.push_str(&raw[at..]);
    (out, count)
}

/// A place in the text, what to put there as JSON, and how many secrets were in it.
type Cut = (Range<usize>, String, usize);

/// Finds what to cut in a value of a text. INVARIANT: the text was read as JSON before and
/// is not too deep, which bounds this function's calls of itself.
fn find(whole: &str, value: &str, secret: bool, cuts: &mut Vec<Cut>) {
    match value.as_bytes().first() {
        Some(b'{') => match members(value) {
            Ok(object) => {
                for (key, inner) in object.iter() {
                    find(whole, inner.get(), secret || is_secret(key), cuts);
                }
            }
            // A key that is no text: half a surrogate pair.
            Err(_) => cut(whole, value, &mark(value), 1, cuts),
        },
        Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(value) {
            Ok(items) => {
                for inner in items {
                    find(whole, inner.get(), secret, cuts);
                }
            }
            Err(_) => cut(whole, value, &mark(value), 1, cuts),
        },
        Some(b'"') => match serde_json::from_str::<String>(value) {
            Ok(text) if secret => {
                if !text.is_empty() && !is_mark(&text) {
                    cut(whole, value, &mark(&text), 1, cuts);
                }
            }
            Ok(text) => {
                let (inner, count) = clean_inner(&text);
                if count > 0 {
                    cut(whole, value, &inner, count, cuts);
                }
            }
            // Half a surrogate pair: JSON, and no text.
            Err(_) if secret || mentions(value) => cut(whole, value, &mark(value), 1, cuts),
            Err(_) => {}
        },
        // A number under a secret's name is a code.
        Some(b'0'..=b'9' | b'-') if secret => cut(whole, value, &mark(value), 1, cuts),
        _ => {}
    }
}

/// A string's text without secrets, if it is JSON, or was before somebody cut it short.
fn clean_inner(text: &str) -> (String, usize) {
    if !text.contains(['{', '[']) || !mentions(text) {
        return (String::new(), 0);
    }
    if serde_json::from_str::<&RawValue>(text).is_ok() {
        return clean(text);
    }
    // Words about secrets are none; only what stands after a secret's name in quotes goes.
    let mut at = 0;
    let names = text.split(['"', '\'']).map(|part| {
        let from = at;
        at += part.len() + 1;
        (from, part)
    });
    let named = names.filter(|(_, part)| is_secret(part)).map(|(from, _)| from).next();
    match named.or_else(|| text.find("\\u00").filter(|_| text.contains('"'))) {
        Some(from) => cut_off(text, Some(from)),
        None => (String::new(), 0),
    }
}

fn cut(whole: &str, value: &str, with: &str, count: usize, cuts: &mut Vec<Cut>) {
    let start = value.as_ptr() as usize - whole.as_ptr() as usize;
    let quoted = serde_json::Value::from(with).to_string();
    cuts.push((start..start + value.len(), quoted, count));
}

/// A text that names a secret and is not JSON: what comes from there on goes.
fn cut_off(text: &str, from: Option<usize>) -> (String, usize) {
    match from {
        Some(at) if !is_mark(&text[at..]) => (format!("{}{}", &text[..at], mark(&text[at..])), 1),
        _ => (text.to_owned(), 0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};
    use serde_json::{Value, json};

    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn hides(raw: &str) -> String {
        let (kept, original) = redacted(raw);
        assert!(!kept.contains("wJalrXUtnFEMI") && !kept.contains("bPxRfiCYEXAMPLEKEY"), "{kept}");
        assert!(original.redacted > 0, "{raw}");
        assert_eq!(original.bytes, raw.len());
        assert_eq!(redacted(&kept).0, kept, "twice is once");
        kept
    }

    #[test]
    fn a_secret_is_hidden_wherever_it_stands() {
        let inner = json!({"secretAccessKey": SECRET}).to_string();
        for raw in [
            json!({"responseElements": {"credentials": {"sessionToken": SECRET}}}),
            json!({"accessKey": {"SecretAccessKey": SECRET}}),
            json!({"a": [{"b": [{"secret_access_key": SECRET}]}]}),
            json!({"password": [SECRET, {"x": SECRET}]}),
            json!({"masterUserPassword": SECRET, "newPass-Word": SECRET, "X-Amz-Security-Token": SECRET}),
            json!({"requestParameters": {"policy": inner.clone()}}),
            json!({"a": json!({"b": inner.clone()}).to_string()}),
            json!({"a": format!("request was {inner} and failed")}),
            json!({"a": &inner[..inner.len() - 3]}),
        ] {
            let kept = hides(&raw.to_string());
            assert!(serde_json::from_str::<Value>(&kept).is_ok(), "{kept}");
        }
    }

    #[test]
    fn escapes_duplicates_depth_and_broken_text_hide_nothing() {
        let deep = format!("{}{{\"password\":\"{SECRET}\"}}{}", "[".repeat(200), "]".repeat(200));
        let abyss = format!("{}\"password\":\"{SECRET}\"", "{\"a\":".repeat(100_000));
        for raw in [
            format!(r#"{{"\u0073ecretAccessKey":"{SECRET}"}}"#),
            format!(r#"{{"pass\u0077ord":"{SECRET}"}}"#),
            format!(r#"{{"password":"","password":"{SECRET}","password":null}}"#),
            format!(r#"{{"password":"{SECRET}\ud800"}}"#),
            format!(r#"{{"a":{{"\ud800":1,"password":"{SECRET}"}}}}"#),
            format!(r#" {{"password" : "{SECRET}" , "cut": "#),
            format!(r#"not JSON: secretAccessKey={SECRET}"#),
            deep,
            abyss,
        ] {
            hides(&raw);
        }
        assert!(!hides(r#"{"tokenCode": 123456, "a": "wJalrXUtnFEMI"}"#.replace("wJalrXUtnFEMI", "x").as_str()).contains("123456"));
    }

    #[test]
    fn everything_else_stays_to_the_byte() {
        for raw in [
            r#"{ "eventName" : "GetSecretValue",  "nextToken":"abc", "n": 1.50e1, "passwordLastUsed": null }"#,
            r#"{"errorMessage":"not authorized to perform: secretsmanager:GetSecretValue on [x] with {token}"}"#,
            r#"{"password":null,"sessionToken":"","passwordResetRequired":true}"#,
            r#"{"a":"\u0026 {","b":"{\"tokens\": 1}"}"#,
            "not JSON at all",
            "",
        ] {
            assert_eq!(redacted(raw).0, raw);
        }
        let raw = format!("{{ \"a\" : 1.0 ,\t\"sessionToken\":  \"{SECRET}\" ,\"z\":[ ] }}");
        let (kept, _) = redacted(&raw);
        assert_eq!(kept.replace(&mark(SECRET), SECRET), raw);
    }

    #[test]
    fn a_hint_stands_in_every_name() {
        for name in SECRETS {
            assert!(mentions(name), "{name}");
        }
        for dashed in
            ["pass-word", "PRIVATE_KEY", "base 32 string seed", "Key-Material", "Token_Code"]
        {
            assert!(is_secret(dashed) && mentions(dashed), "{dashed}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(SECRET)),
            Just(json!(null)),
            any::<bool>().prop_map(|b| json!(b)),
            any::<i32>().prop_map(|n| json!(n)),
            "[a-z{\\[\"\\\\é]{0,6}".prop_map(|t| json!(t)),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let key = select(&["secretAccessKey", "Session-Token", "password", "name", "é", "policy", "a\"b"][..]);
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(|v| json!(v)),
                proptest::collection::vec((key, inner.clone()), 0..4).prop_map(|pairs| {
                    Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
                }),
                inner.prop_map(|v| json!(v.to_string())),
            ]
        })
    }

    /// The same value without its secrets, the plain way.
    fn plain(value: Value, secret: bool) -> Value {
        match value {
            Value::Object(map) => Value::Object(
                map.into_iter()
                    .map(|(k, v)| {
                        let s = secret || is_secret(&k);
                        (k, plain(v, s))
                    })
                    .collect(),
            ),
            Value::Array(items) => items.into_iter().map(|v| plain(v, secret)).collect(),
            Value::String(text) if secret => {
                if text.is_empty() {
                    json!(text)
                } else {
                    json!(mark(&text))
                }
            }
            Value::Number(n) if secret => json!(mark(&n.to_string())),
            Value::String(text) => match serde_json::from_str::<Value>(&text) {
                Ok(inner) if inner.is_object() || inner.is_array() => {
                    let cleaned = plain(inner.clone(), false);
                    if cleaned == inner { json!(text) } else { json!(cleaned.to_string()) }
                }
                // A string of JSON that is a string again is looked into too.
                Ok(Value::String(again)) => {
                    let cleaned = plain(json!(again), false);
                    if cleaned == json!(again) { json!(text) } else { json!(cleaned.to_string()) }
                }
                _ => json!(text),
            },
            other => other,
        }
    }

    proptest! {
        #[test]
        fn the_same_as_the_plain_way(value in value()) {
            let raw = value.to_string();
            let (kept, original) = redacted(&raw);
            let kept: Value = serde_json::from_str(&kept).expect("still JSON");
            let want = plain(value.clone(), false);
            prop_assert_eq!(&kept, &want);
            prop_assert_eq!(original.redacted == 0, want == value);
        }

        #[test]
        fn nothing_panics(raw in "[{}\\[\\]\":,\\\\a-z0-9 é]{0,60}|.{0,30}password.{0,30}") {
            redacted(&raw);
        }
    }
}
