//! What a request says, whatever part of it says it.

use bytes::Bytes;
use http::{Request, header};
use serde_json::{Map, Value};

use crate::range::{
    operations::{Operation, decoded},
    validate,
    wire::{Protocol, Refusal},
};

/// The form's pairs; empty where the body is none.
pub fn form_of(request: &Request<Bytes>) -> Vec<(String, String)> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    if !kind.is_some_and(|k| k.starts_with("application/x-www-form-urlencoded")) {
        return Vec::new();
    }
    pairs(&String::from_utf8_lossy(request.body()))
}

/// `a=1&b=2`, decoded; `+` is a blank.
fn pairs(text: &str) -> Vec<(String, String)> {
    let part = |p: &str| decoded(&p.replace('+', " "));
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (part(name), part(value)))
        .collect()
}

/// Joins what path, query string and body say into one object.
pub fn input_of(
    operation: &Operation,
    request: &Request<Bytes>,
    labels: Map<String, Value>,
    form: &[(String, String)],
) -> Result<Value, Refusal> {
    let mut input = match operation.route.protocol() {
        Protocol::Query => validate::parameters(operation.service, operation.name, form)?,
        Protocol::RestJson | Protocol::Json => {
            let body = request.body();
            let value = if body.is_empty() {
                Value::Object(Map::new())
            } else {
                let unreadable = |_| validate::serialization("The body is not valid JSON");
                serde_json::from_slice(body).map_err(unreadable)?
            };
            let Value::Object(mut object) = value else {
                return Err(validate::serialization("The body is not a JSON object"));
            };
            let query = pairs(request.uri().query().unwrap_or_default());
            object.extend(validate::parameters(operation.service, operation.name, &query)?);
            object
        }
    };
    input.extend(labels);
    Ok(Value::Object(input))
}
