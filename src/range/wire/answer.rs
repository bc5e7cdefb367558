//! Bodies and headers of answers, per protocol.

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use serde_json::{Value, json};

use super::{Protocol, Refusal};
use crate::range::operations::{Operation, Route};

/// A successful answer. `body` is an object with the members' wire names, or null
/// where the operation has no result; awsQuery then has no element for one.
pub fn success(operation: &Operation, body: &Value, request_id: &str) -> Response<Bytes> {
    let text = match operation.route {
        Route::Query { namespace } => {
            let mut out = String::new();
            let name = operation.name;
            out.push_str(&format!("<{name}Response xmlns=\"{namespace}\">"));
            if !body.is_null() {
                out.push_str(&format!("<{name}Result>"));
                members(body, &mut out);
                out.push_str(&format!("</{name}Result>"));
            }
            out.push_str(&format!(
                "<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
                 </{name}Response>"
            ));
            out
        }
        _ => body.to_string(),
    };
    respond(200, operation.route.protocol(), text, request_id)
}

/// An error answer, in the shape that the protocol's clients parse. `namespace` is
/// awsQuery's, where the service is known.
pub fn error(
    protocol: Protocol,
    namespace: Option<&str>,
    refusal: &Refusal,
    request_id: &str,
) -> Response<Bytes> {
    let Refusal { status, code, message } = refusal;
    let text = match protocol {
        Protocol::Query => {
            let kind = if *status < 500 { "Sender" } else { "Receiver" };
            let namespace = namespace.map_or_else(String::new, |n| format!(" xmlns=\"{n}\""));
            let mut out = format!(
                "<ErrorResponse{namespace}><Error><Type>{kind}</Type><Code>{code}</Code><Message>"
            );
            escape(message, &mut out);
            out.push_str(&format!(
                "</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
            ));
            out
        }
        _ => json!({"__type": code, "message": message}).to_string(),
    };
    let mut response = respond(*status, protocol, text, request_id);
    if protocol == Protocol::RestJson {
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(code));
    }
    response
}

fn respond(status: u16, protocol: Protocol, text: String, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() =
        http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let kind = match protocol {
        Protocol::RestJson => "application/json",
        Protocol::Json => "application/x-amz-json-1.1",
        Protocol::Query => "text/xml",
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// JSON members as XML elements; list items are `<member>`, those of a map's one
/// member `entry` are entries. What is null is left out.
fn members(value: &Value, out: &mut String) {
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter().filter(|(_, value)| !value.is_null()) {
                if let (true, Value::Array(items)) = (key == "entry", value) {
                    for item in items {
                        out.push_str("<entry>");
                        members(item, out);
                        out.push_str("</entry>");
                    }
                    continue;
                }
                out.push_str(&format!("<{key}>"));
                members(value, out);
                out.push_str(&format!("</{key}>"));
            }
        }
        Value::Array(items) => {
            for item in items {
                out.push_str("<member>");
                members(item, out);
                out.push_str("</member>");
            }
        }
        Value::String(text) => escape(text, out),
        Value::Null => {}
        other => out.push_str(&other.to_string()),
    }
}

/// Text as XML has it.
pub fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no way to write these (section 2.2).
            c if u32::from(c) < 0x20 && !matches!(c, '\t' | '\n' | '\r') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_the_shape_of_their_protocol() {
        let refusal = Refusal::new(403, "AccessDenied", "a <b> & c");
        let text =
            |p| String::from_utf8(error(p, Some("urn:x"), &refusal, "r-1").into_body().to_vec());
        assert_eq!(
            text(Protocol::Query).expect("UTF-8"),
            "<ErrorResponse xmlns=\"urn:x\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>a &lt;b&gt; \
             &amp; c</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        );
        let rest = error(Protocol::RestJson, None, &refusal, "r-1");
        assert_eq!(rest.headers()["x-amzn-errortype"], "AccessDenied");
        assert_eq!(rest.headers()["x-amzn-requestid"], "r-1");
        assert_eq!(
            text(Protocol::Json).expect("UTF-8"),
            r#"{"__type":"AccessDenied","message":"a <b> & c"}"#
        );
    }

    #[test]
    fn lists_maps_and_what_is_absent() {
        let mut out = String::new();
        let entries = json!([{"key": "Users", "value": 2}, {"key": "Roles", "value": 0}]);
        let body = json!({"Map": {"entry": entries}, "List": ["a", "b"], "Empty": [], "Not": null});
        members(&body, &mut out);
        assert_eq!(
            out,
            "<Map><entry><key>Users</key><value>2</value></entry><entry><key>Roles</key>\
             <value>0</value></entry></Map><List><member>a</member><member>b</member></List>\
             <Empty></Empty>"
        );
    }
}
