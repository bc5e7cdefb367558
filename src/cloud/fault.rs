//! From the SDK's errors to [`Fault`].
//!
//! An `SdkError` is never formatted: its `Debug` and its source chain can hold the
//! very credentials that a call returned. Only the error code, the message, the
//! request id and the HTTP status are taken.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::{
    orchestrator::HttpResponse,
    result::{ConnectorError, SdkError},
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::gate::Refused;
use crate::domain::{Fault, FaultKind};

const SIGN_IN: &str = "sign in again (aws sso login, aws login or new keys); halon reads the credentials anew by itself";

pub fn from_sdk<E: ProvideErrorMetadata + Error + 'static>(
    operation: &str,
    error: &SdkError<E, HttpResponse>,
) -> Fault {
    match error {
        SdkError::ServiceError(e) => {
            let raw = e.raw();
            let id = raw.headers().get("x-amzn-requestid");
            let status = raw.status().as_u16();
            let html = raw
                .headers()
                .get("content-type")
                .is_some_and(|t| t.to_ascii_lowercase().contains("html"));
            from_service(operation, e.err().code(), e.err().message(), status, html)
                .with_request_id(id)
        }
        SdkError::TimeoutError(_) => Fault::new(
            FaultKind::Timeout,
            format!("{operation}: no answer within the time allowed"),
        )
        .with_hint("the region, the network or a proxy hangs; halon asks again by itself"),
        SdkError::ResponseError(_) => unreadable(operation),
        SdkError::DispatchFailure(e) => match e.as_connector_error() {
            Some(connector) => from_connector(operation, connector),
            None => {
                Fault::new(FaultKind::Network, format!("{operation}: the request was not sent"))
            }
        },
        SdkError::ConstructionFailure(_) => match find::<Refused>(error.source()) {
            Some(refused) => Fault::new(FaultKind::Refused, refused.to_string()),
            None => from_chain(operation, error.source()).unwrap_or_else(|| {
                Fault::new(
                    FaultKind::BadRequest,
                    format!("{operation}: the request could not be built"),
                )
            }),
        },
        _ => Fault::new(
            FaultKind::Network,
            format!("{operation}: failed in a way this version does not know"),
        ),
    }
}

fn from_connector(operation: &str, error: &ConnectorError) -> Fault {
    if let Some(fault) = from_chain(operation, Some(error)) {
        return fault;
    }
    if error.is_timeout() {
        return Fault::new(
            FaultKind::Timeout,
            format!("{operation}: no answer within the time allowed"),
        )
        .with_hint("the region, the network or a proxy hangs; halon asks again by itself");
    }
    // Connector errors speak of sockets, names and certificates, never of bodies.
    let cause = root(error).to_string();
    Fault::new(
        FaultKind::Network,
        format!("{operation}: the connection to the service failed or was cut off"),
    )
    .with_cause(&cause)
    .with_hint("check the network, the proxy and the endpoint")
}

fn from_chain(operation: &str, error: Option<&(dyn Error + 'static)>) -> Option<Fault> {
    if let Some(refused) = find::<Refused>(error) {
        return Some(Fault::new(FaultKind::Refused, refused.to_string()));
    }
    find::<CredentialsError>(error).map(|e| from_credentials(operation, e))
}

/// What the services say, by code where there is one and by status where not:
/// throttling and denial are mostly absent from the models.
fn from_service(
    operation: &str,
    code: Option<&str>,
    message: Option<&str>,
    status: u16,
    html: bool,
) -> Fault {
    let message = message.unwrap_or_default();
    let Some(code) = code.filter(|c| !c.is_empty()) else {
        return without_code(operation, message, status, html);
    };
    // Some front ends send `Code:http://…` or `namespace#Code`.
    let code = code.rsplit('#').next().unwrap_or(code).split(':').next().unwrap_or(code);
    let (kind, hint) = match code {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        | "SlowDown"
        | "BandwidthLimitExceeded" => (
            FaultKind::Throttled,
            Some("AWS asks for fewer requests; halon slows down and asks again"),
        ),
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "RequestExpired"
        | "InvalidToken"
        | "TokenRefreshRequired"
        | "InvalidAccessKeyId" => (FaultKind::Expired, Some(SIGN_IN)),
        "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => (
            FaultKind::Expired,
            Some("the secret key does not belong to the key id, or this machine's clock is wrong"),
        ),
        // Security Hub says this both for "no hub here" and for "no access to it".
        "InvalidAccessException"
            if message.contains("not subscribed") || message.contains("not enabled") =>
        {
            (FaultKind::NotEnabled, None)
        }
        // The account is in no organization.
        "AWSOrganizationsNotInUseException" => (FaultKind::NotEnabled, None),
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "InvalidAccessException"
        | "AuthorizationError"
        | "NotAuthorized"
        | "Forbidden" => (
            FaultKind::Denied,
            Some("`halon permissions --mode read-only` prints the policy that browsing needs"),
        ),
        "NoSuchEntity" | "NoSuchEntityException" | "ResourceNotFoundException" => {
            (FaultKind::NotFound, None)
        }
        "ConcurrentModification" | "EntityTemporarilyUnmodifiable" => {
            (FaultKind::Conflict, Some("somebody else is changing it: look again, then retry"))
        }
        "LimitExceeded" | "DeleteConflict" | "UnmodifiableEntity" | "PolicyNotAttachable" => {
            (FaultKind::Conflict, None)
        }
        "OptInRequired" | "RegionDisabled" | "RegionDisabledException" => {
            // Not a service that is off but a place that was not looked at.
            (FaultKind::BadRequest, Some("the region is not enabled for this account: not checked"))
        }
        "UnknownOperationException"
        | "UnknownOperation"
        | "InvalidAction"
        | "NotImplemented"
        | "NotImplementedError"
        | "UnsupportedOperation"
        | "UnsupportedOperationException" => {
            return unsupported(operation);
        }
        _ if status >= 500 => (FaultKind::Service, Some("AWS failed; halon asks again by itself")),
        _ => (FaultKind::BadRequest, None),
    };
    let fault = Fault::new(
        kind,
        format!("{operation}: {}", crate::domain::untrusted::display_in(code, 80)),
    )
    .with_cause(message);
    match hint {
        Some(hint) => fault.with_hint(hint),
        None => fault,
    }
}

/// An error no AWS service words like this: emulators, proxies, captive portals.
fn without_code(operation: &str, message: &str, status: u16, html: bool) -> Fault {
    match status {
        200..300 => unreadable(operation),
        404 | 405 | 501 => unsupported(operation),
        400 if html => unsupported(operation),
        429 => {
            Fault::new(FaultKind::Throttled, format!("{operation}: too many requests (HTTP 429)"))
        }
        401 | 403 => Fault::new(FaultKind::Denied, format!("{operation}: refused (HTTP {status})"))
            .with_cause(message),
        500.. if message.is_empty() => Fault::new(
            FaultKind::Service,
            format!("{operation}: the service failed (HTTP {status})"),
        )
        .with_hint("AWS failed; halon asks again by itself"),
        500.. => Fault::new(
            FaultKind::Service,
            format!("{operation}: the service failed (HTTP {status})"),
        )
        .with_cause(message),
        _ => Fault::new(
            FaultKind::Unreadable,
            format!("{operation}: an error that AWS does not send (HTTP {status})"),
        )
        .with_cause(message),
    }
}

fn unreadable(operation: &str) -> Fault {
    Fault::new(
        FaultKind::Unreadable,
        format!("{operation}: the answer could not be read (cut off, or not from AWS)"),
    )
    .with_hint("look for a proxy or captive portal between here and AWS")
}

fn unsupported(operation: &str) -> Fault {
    Fault::new(FaultKind::NotSupported, format!("{operation} is not supported by this endpoint"))
}

pub fn credentials_hang(target: &str) -> Fault {
    Fault::new(
        FaultKind::NoCredentials,
        format!("{target}: the credentials provider did not answer in time"),
    )
    .with_hint("is the network up? is a credential process waiting for input?")
}

/// No provider of the chain had anything.
pub fn no_credentials(target: &str) -> Fault {
    Fault::new(FaultKind::NoCredentials, format!("{target}: no AWS credentials were found"))
        .with_hint("sign in (aws sso login, aws configure), name a profile with --profile, or try `halon --range`")
}

/// The text of a credentials error is not repeated: a credential process or an STS
/// answer may be quoted in it.
pub fn from_credentials(target: &str, error: &CredentialsError) -> Fault {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => no_credentials(target),
        CredentialsError::ProviderTimedOut(_) => credentials_hang(target),
        CredentialsError::InvalidConfiguration(_) => Fault::new(
            FaultKind::NoCredentials,
            format!("{target}: the AWS configuration is not usable"),
        )
        .with_hint(
            "check that the profile exists in ~/.aws/config and names a source of credentials",
        ),
        // An expired SSO session, a role that cannot be assumed, or, as the last link of
        // a chain that found nothing, no instance metadata: they look the same here.
        _ => Fault::new(
            FaultKind::NoCredentials,
            format!("{target}: no usable AWS credentials could be obtained"),
        )
        .with_hint("sign in (aws sso login, aws login, aws configure) or name a profile with --profile; halon tries again by itself"),
    }
}

fn find<'e, T: Error + 'static>(mut error: Option<&'e (dyn Error + 'static)>) -> Option<&'e T> {
    while let Some(e) = error {
        if let Some(found) = e.downcast_ref::<T>() {
            return Some(found);
        }
        error = e.source();
    }
    None
}

fn root<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_map_to_what_the_operator_can_do() {
        for (code, message, status, kind) in [
            ("ThrottlingException", "Rate exceeded", 400, FaultKind::Throttled),
            ("ExpiredTokenException", "", 403, FaultKind::Expired),
            ("InvalidClientTokenId", "", 403, FaultKind::Expired),
            ("AccessDeniedException", "", 403, FaultKind::Denied),
            ("AWSOrganizationsNotInUseException", "", 400, FaultKind::NotEnabled),
            (
                "InvalidAccessException",
                "Account 1 is not subscribed to AWS Security Hub",
                401,
                FaultKind::NotEnabled,
            ),
            ("InvalidAccessException", "", 401, FaultKind::Denied),
            ("InternalServerErrorException", "", 500, FaultKind::Service),
            ("com.amazon#BadRequestException", "", 400, FaultKind::BadRequest),
            ("UnknownOperationException", "", 404, FaultKind::NotSupported),
        ] {
            assert_eq!(
                from_service("Op", Some(code), Some(message), status, false).kind,
                kind,
                "{code}"
            );
        }
        for (status, html, kind) in [
            (404, true, FaultKind::NotSupported),
            (501, false, FaultKind::NotSupported),
            (503, true, FaultKind::Service),
            (403, false, FaultKind::Denied),
            (418, false, FaultKind::Unreadable),
            (200, true, FaultKind::Unreadable),
        ] {
            assert_eq!(from_service("Op", None, None, status, html).kind, kind, "{status}");
        }
    }

    #[test]
    fn foreign_messages_are_sanitised() {
        let fault = from_service("Op", Some("X\u{1b}[2J"), Some("a\u{202e}b\u{7}"), 400, false);
        assert!(!fault.to_string().chars().any(|c| c.is_control() || c == '\u{202e}'), "{fault}");
    }
}
