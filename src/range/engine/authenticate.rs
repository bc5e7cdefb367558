//! Who signed a request, and whether they may still use their credentials.

use bytes::Bytes;
use http::Request;

use crate::range::{
    wire::{self, Claim, Protocol, Refusal},
    world::{Caller, World},
};

/// The caller of a request, or why nobody is let in.
pub fn caller(
    world: &World,
    request: &Request<Bytes>,
    claim: &Claim,
    protocol: Protocol,
    now: i64,
) -> Result<Caller, Refusal> {
    let token = request.headers().get("x-amz-security-token").map(|v| v.as_bytes());
    // A user's own key has no token; a temporary one is nothing without its own.
    let known = world
        .credentials(&claim.access_key, now)
        .filter(|known| known.token.as_deref().map(str::as_bytes) == token);
    let Some(known) = known else { return Err(unknown(protocol)) };
    if !wire::signed_by(request, claim, &known.secret) {
        let code = match protocol {
            Protocol::Query => "SignatureDoesNotMatch",
            _ => "InvalidSignatureException",
        };
        let why = "The request signature we calculated does not match the signature you \
                   provided. Check your AWS Secret Access Key and signing method. Consult the \
                   service documentation for details.";
        return Err(Refusal::new(403, code, why));
    }
    if known.expires.is_some_and(|at| now >= at) {
        return Err(expired(protocol));
    }
    // GetSessionToken: "You cannot call any IAM API operations unless MFA authentication
    // information is included in the request."
    let caller = known.caller;
    if claim.service == "iam" && caller.user().is_some() && caller.mfa() == Some(false) {
        return Err(unknown(protocol));
    }
    Ok(caller)
}

fn unknown(protocol: Protocol) -> Refusal {
    let code = match protocol {
        Protocol::Query => "InvalidClientTokenId",
        _ => "UnrecognizedClientException",
    };
    Refusal::new(403, code, "The security token included in the request is invalid.")
}

pub fn expired(protocol: Protocol) -> Refusal {
    let code = match protocol {
        Protocol::Query => "ExpiredToken",
        _ => "ExpiredTokenException",
    };
    Refusal::new(403, code, "The security token included in the request is expired")
}
