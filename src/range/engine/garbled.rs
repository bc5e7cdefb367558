//! Answers of which one member says something else.

use bytes::Bytes;
use http::Response;
use serde_json::Value;

use crate::range::wire::{Protocol, escape};

/// The answer with `text` in its first member of this name, wherever in it that is; an answer
/// without one is as it was.
pub fn garbled(
    response: Response<Bytes>,
    protocol: Protocol,
    member: &str,
    text: &str,
) -> Response<Bytes> {
    let changed = match protocol {
        Protocol::Query => in_xml(response.body(), member, text),
        _ => in_json(response.body(), member, text),
    };
    match changed {
        Some(changed) => response.map(|_| changed),
        None => response,
    }
}

fn in_xml(body: &[u8], member: &str, text: &str) -> Option<Bytes> {
    let body = str::from_utf8(body).ok()?;
    let (opening, closing) = (format!("<{member}>"), format!("</{member}>"));
    let from = body.find(&opening)? + opening.len();
    let to = from + body[from..].find(&closing)?;
    let mut out = body[..from].to_owned();
    escape(text, &mut out);
    out.push_str(&body[to..]);
    Some(out.into())
}

fn in_json(body: &[u8], member: &str, text: &str) -> Option<Bytes> {
    let mut body: Value = serde_json::from_slice(body).ok()?;
    *first(&mut body, member)? = text.into();
    Some(body.to_string().into())
}

fn first<'v>(value: &'v mut Value, member: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(object) => {
            if object.contains_key(member) {
                return object.get_mut(member);
            }
            object.values_mut().find_map(|v| first(v, member))
        }
        Value::Array(items) => items.iter_mut().find_map(|v| first(v, member)),
        _ => None,
    }
}
