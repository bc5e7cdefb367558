//! The gate: two locks in a row.
//!
//! An interceptor that cannot be removed lets through the operations of
//! [`READ_ONLY`](super::allowed::READ_ONLY) and stamps their requests; the
//! connector sends nothing that does not carry the stamp. A client built without
//! the interceptor therefore cannot send at all.
//!
//! The writer's clients carry another one, which lets through the one operation that a
//! permit is being spent on, once.

use std::{cell::Cell, fmt, future::Future};

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

tokio::task_local! {
    /// The operation that a permit is being spent on, until it was sent.
    static PERMITTED: Cell<Option<(&'static str, &'static str)>>;
}

/// Runs `send` with the permission to send this one operation, once.
pub async fn under_permit<T>(
    operation: (&'static str, &'static str),
    send: impl Future<Output = T>,
) -> T {
    PERMITTED.scope(Cell::new(Some(operation)), send).await
}

/// The first lock of the writer's clients.
#[derive(Debug)]
pub struct PermitGate;

impl PermitGate {
    fn decide(cfg: &ConfigBag) -> Result<(), Refused> {
        let operation = cfg.load::<Metadata>().map(|m| (m.service(), m.name()));
        let permitted = PERMITTED.try_with(Cell::get).ok().flatten();
        match (operation, permitted) {
            (Some(asked), Some(permitted)) if asked == permitted => Ok(()),
            (Some((service, name)), _) => {
                Err(Refused(format!("{service}:{name} has no permit, so it was not sent")))
            }
            (None, _) => Err(Refused("a request whose operation is unknown was not sent".into())),
        }
    }
}

#[dyn_dispatch_hint]
impl Intercept for PermitGate {
    fn name(&self) -> &'static str {
        "PermitGate"
    }

    fn modify_before_serialization(
        &self,
        _: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Ok(Self::decide(cfg)?)
    }

    // The permit is used up with the first attempt: were there a second one, it would stop here.
    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Self::decide(cfg)?;
        let _ = PERMITTED.try_with(Cell::take);
        context.request_mut().add_extension(Passed);
        Ok(())
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

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use crate::{
        cloud::{
            Limits, Settings, TargetSettings, World,
            client::{Account, Paces},
            fault, transport,
        },
        domain::{FaultKind, Place},
        range::{Clock, NoJournal, Pace, Range, Scenario, shipped},
    };

    /// A world that counts the requests that reach it.
    fn world() -> (World, Arc<AtomicUsize>) {
        let scenario = Scenario::read("a.toml", shipped()[0].1).expect("a good scenario");
        let start = scenario.start;
        let clock = Clock { pace: Pace::Frozen, wall: Arc::new(move || start) };
        let range = Range::open(scenario, clock, Box::new(NoJournal)).expect("opens");
        let count = Arc::new(AtomicUsize::new(0));
        let seen = count.clone();
        range.set_log(Box::new(move |_| {
            seen.fetch_add(1, Ordering::SeqCst);
        }));
        (World::Range(range), count)
    }

    async fn account(world: &World) -> Account {
        let target = TargetSettings::of("range".into(), None);
        let settings = Settings {
            targets: vec![target.clone()],
            endpoint_url: None,
            limits: Limits::default(),
        };
        Account::open(&target, &settings, world, Paces::default()).await.expect("opens")
    }

    fn place() -> Place {
        Place { target: "range".into(), region: "us-east-1".parse().expect("a region") }
    }

    #[tokio::test]
    async fn a_read_passes_and_changes_never_reach_the_wire() {
        let (world, count) = world();
        let reach = account(&world).await.reach(&place());
        reach.guardduty.list_detectors().send().await.expect("a read");
        assert_eq!(count.load(Ordering::SeqCst), 1, "the check can fail");

        macro_rules! refused {
            ($operation:literal, $call:expr) => {{
                let error = $call.send().await.expect_err($operation);
                assert_eq!(fault::from_sdk($operation, &error).kind, FaultKind::Refused);
            }};
        }
        refused!(
            "ArchiveFindings",
            reach.guardduty.archive_findings().detector_id("d").finding_ids("f")
        );
        refused!("CreateSampleFindings", reach.guardduty.create_sample_findings().detector_id("d"));
        refused!("DeleteDetector", reach.guardduty.delete_detector().detector_id("d"));
        refused!("BatchUpdateFindings", reach.securityhub.batch_update_findings());
        refused!("DisableSecurityHub", reach.securityhub.disable_security_hub());
        refused!(
            "UpdateAccessKey",
            reach
                .iam
                .update_access_key()
                .access_key_id("AKIAIOSFODNN7EXAMPLE")
                .status("Inactive".into())
        );
        refused!(
            "DetachRolePolicy",
            reach.iam.detach_role_policy().role_name("r").policy_arn("arn:aws:iam::aws:policy/X")
        );
        refused!(
            "AssumeRole",
            reach
                .sts
                .assume_role()
                .role_arn("arn:aws:iam::111122223333:role/r")
                .role_session_name("s")
        );
        // Reads by name that mint credentials.
        refused!("GetSessionToken", reach.sts.get_session_token());
        refused!("GetFederationToken", reach.sts.get_federation_token().name("n"));
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_client_built_without_the_gate_cannot_send() {
        let (world, count) = world();
        let config = aws_sdk_guardduty::Config::builder()
            .behavior_version(aws_config::BehaviorVersion::v2026_01_12())
            .region(aws_types::region::Region::from_static("us-east-1"))
            .credentials_provider(aws_credential_types::Credentials::new(
                "AKIAIOSFODNN7EXAMPLE",
                "s",
                None,
                None,
                "test",
            ))
            .http_client(transport::gated(&world))
            .build();
        let client = aws_sdk_guardduty::Client::from_conf(config);
        let error = client.list_detectors().send().await.expect_err("not stamped");
        assert_eq!(fault::from_sdk("ListDetectors", &error).kind, FaultKind::Refused);
        assert_eq!(count.load(Ordering::SeqCst), 0);
    }
}
