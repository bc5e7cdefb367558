//! The read-only gate: two locks in a row.
//!
//! An interceptor that cannot be removed lets through the operations of
//! [`READ_ONLY`](super::allowed::READ_ONLY) and stamps their requests; the
//! connector sends nothing that does not carry the stamp. A client built without
//! the interceptor therefore cannot send at all.

use std::fmt;

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
        interceptors::{
            Intercept,
            context::{
                BeforeSerializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
            },
            dyn_dispatch_hint,
        },
        orchestrator::{HttpRequest, Metadata},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

use super::allowed::READ_ONLY;

/// Refused before anything was signed or sent.
#[derive(Debug)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Whether an operation, named as the SDK's metadata names it, may be sent.
/// What cannot be named is refused.
pub fn check(operation: Option<(&str, &str)>) -> Result<(), Refused> {
    match operation {
        Some((service, name))
            if READ_ONLY.iter().any(|r| r.service == service && r.operation == name) =>
        {
            Ok(())
        }
        Some((service, name)) => Err(Refused(format!(
            "{service}:{name} is not on the list of reads, so it was not sent"
        ))),
        None => Err(Refused("a request whose operation is unknown was not sent".to_owned())),
    }
}

/// The mark of a request that passed; nothing outside this file can make one.
#[derive(Clone, Debug)]
struct Passed;

/// The first lock. Installed as a permanent interceptor on every client.
#[derive(Debug)]
pub struct Gate;

impl Gate {
    fn decide(cfg: &ConfigBag) -> Result<(), BoxError> {
        let metadata = cfg.load::<Metadata>();
        Ok(check(metadata.map(|m| (m.service(), m.name())))?)
    }
}

#[dyn_dispatch_hint]
impl Intercept for Gate {
    fn name(&self) -> &'static str {
        "ReadOnlyGate"
    }

    // The earliest hook that knows the operation: in `read_before_execution` the
    // metadata is still absent.
    fn modify_before_serialization(
        &self,
        _: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Self::decide(cfg)
    }

    // Runs for every attempt: a retry clones the request without its extensions.
    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Self::decide(cfg)?;
        context.request_mut().add_extension(Passed);
        Ok(())
    }
}

/// The second lock: a connector that sends only stamped requests.
#[derive(Clone, Debug)]
pub struct Gated(pub SharedHttpConnector);

impl HttpConnector for Gated {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.extension::<Passed>().is_some() {
            self.0.call(request)
        } else {
            let refused = Refused("a request that did not pass the gate was not sent".to_owned());
            HttpConnectorFuture::ready(Err(ConnectorError::user(refused.into())))
        }
    }
}
