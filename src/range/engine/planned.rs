//! Answers that do not come from an operation: refusals before one is reached, and
//! those that a fault puts in place of the operation's own.

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use jiff::Timestamp;

use super::{authenticate::expired, state::Known};
use crate::range::{
    faults::Kind,
    wire::{Protocol, Refusal},
};

/// A request that nobody signed.
pub fn unsigned(protocol: Protocol) -> Refusal {
    match protocol {
        Protocol::Query => Refusal::new(
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        ),
        _ => {
            Refusal::new(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        }
    }
}

/// The service's own word for "our fault".
pub fn internal(known: &Known) -> &'static str {
    match known.service() {
        "guardduty" => "InternalServerErrorException",
        "securityhub" => "InternalException",
        "organizations" => "ServiceException",
        "cloudtrail" => "InternalFailure",
        _ => "ServiceFailure",
    }
}

/// What a fault lets the service itself say: such a call has arrived and stands in the trail.
pub fn refused(kind: &Kind, known: &Known) -> Option<Refusal> {
    let refusal = |status, code, why: &str| Some(Refusal::new(status, code, why));
    match kind {
        Kind::Throttle => match known.service() {
            "guardduty" => refusal(429, "TooManyRequestsException", "Too Many Requests"),
            "securityhub" => refusal(429, "LimitExceededException", "Rate exceeded"),
            "organizations" => refusal(400, "TooManyRequestsException", "Rate exceeded"),
            _ if known.protocol == Protocol::Query => refusal(400, "Throttling", "Rate exceeded"),
            _ => refusal(400, "ThrottlingException", "Rate exceeded"),
        },
        Kind::Concurrent => {
            let why = "The request was rejected because multiple requests to change this object \
                       were submitted simultaneously. Wait a few minutes and submit your request \
                       again.";
            match known.service() {
                "guardduty" => refusal(409, "ConflictException", why),
                "securityhub" => refusal(409, "ResourceConflictException", why),
                "organizations" => refusal(400, "ConcurrentModificationException", why),
                "cloudtrail" => refusal(400, "ConflictException", why),
                _ => refusal(409, "ConcurrentModification", why),
            }
        }
        _ => None,
    }
}

/// The answers that come from somewhere before the service.
pub fn planned(kind: &Kind, known: &Known) -> Option<Response<Bytes>> {
    let page = |status: u16, kind: &'static str, body: &'static [u8]| {
        let mut response = Response::new(Bytes::from_static(body));
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        response
    };
    Some(match kind {
        Kind::Expired => known.error(&expired(known.protocol)),
        Kind::Status(status) => page(*status, "text/plain", b""),
        Kind::Html => page(
            200,
            "text/html; charset=utf-8",
            b"<!doctype html><html><body><h1>Welcome to the guest network</h1></body></html>",
        ),
        Kind::Garbage => page(200, "application/json", b"{\"\x00\xff\xfe not json"),
        _ => return None,
    })
}

/// The headers that every answer has. `Date` is the wall clock's (RFC 9110, 5.6.7).
pub fn stamped(mut response: Response<Bytes>, wall: Timestamp) -> Response<Bytes> {
    let length = response.body().len();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    let date = wall.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        headers.insert(header::DATE, date);
    }
    response
}
