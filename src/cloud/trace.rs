//! What one call did on the wire: how often it was sent, where to, what came back.
//!
//! An interceptor on every client fills the trace of the task it runs in. The
//! body is kept because the SDK's own types drop what they do not know, and the
//! finding's JSON as AWS sent it is evidence.

use std::{cell::RefCell, future::Future};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{
                AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
                FinalizerInterceptorContextRef,
            },
            dyn_dispatch_hint,
        },
        orchestrator::{HttpResponse, Metadata},
        result::SdkError,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use tokio::time::{Duration, Instant};

use super::{Report, fault};
use crate::domain::{Answer, Call, Fault, Place};

/// How an answer of AssumeRole ends, and all that is kept of one: the SDK reads an answer that was
/// cut off behind what it looks for as if it were whole.
pub const WHOLE: &str = "</AssumeRoleResponse>";

#[derive(Debug, Default)]
struct Trace {
    attempts: u32,
    host: Option<String>,
    request_id: Option<String>,
    server_time: Option<Timestamp>,
    body: Vec<u8>,
    bytes: usize,
    throttled: u32,
    waited: Duration,
    /// When the last attempt was answered, or failed.
    ended: Option<Instant>,
}

tokio::task_local! {
    static TRACE: RefCell<Trace>;
}

/// Sends one operation and reports the call; gives back what the SDK made of the
/// answer, and the answer's body as text.
pub async fn call<T, E>(
    place: &Place,
    name: (&'static str, &'static str),
    send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    report: Report<'_>,
) -> Result<(T, String), Fault>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let (result, call) = traced(place, name, send).await;
    report(Answer::Called(call));
    result
}

/// [`call`] with the facts of the call instead of a report of them.
pub async fn traced<T, E>(
    place: &Place,
    (service, operation): (&'static str, &'static str),
    send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> (Result<(T, String), Fault>, Call)
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let begun = Instant::now();
    let (result, trace) = TRACE
        .scope(RefCell::default(), async {
            let result = send.await.map_err(|e| fault::from_sdk(operation, &e));
            (result, TRACE.with(RefCell::take))
        })
        .await;
    // The SDK has read the body as UTF-8 JSON already, so nothing is lost here.
    let result = result.map(|value| (value, String::from_utf8_lossy(&trace.body).into_owned()));
    let fault = result.as_ref().err();
    let call = Call {
        service,
        operation,
        place: place.clone(),
        attempts: trace.attempts,
        millis: millis(begun.elapsed()),
        waited_millis: millis(trace.waited),
        throttled: trace.throttled,
        bytes: trace.bytes,
        host: trace.host,
        request_id: trace.request_id.or_else(|| fault?.request_id.clone()),
        server_time: trace.server_time,
        fault: fault.map(|f| f.kind),
    };
    (result, call)
}

fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

/// Whether there were too many requests: by the status, or by the code, which each protocol
/// has in another place (`ThrottlingException`, `Throttling`, `TooManyRequestsException`,
/// `RequestLimitExceeded`). <https://docs.aws.amazon.com/general/latest/gr/api-retries.html>
fn is_throttled(response: &HttpResponse) -> bool {
    let status = response.status();
    let names = |text: &str| {
        ["Throttl", "TooManyRequests", "RequestLimitExceeded"].iter().any(|n| text.contains(n))
    };
    let code = response.headers().get("x-amzn-errortype").is_some_and(names);
    let body = || {
        let body = response.body().bytes().unwrap_or_default();
        names(&String::from_utf8_lossy(&body[..body.len().min(2_000)]))
    };
    status.as_u16() == 429 || !status.is_success() && (code || body())
}

/// Fills the task's [`Trace`].
#[derive(Debug)]
pub struct Tracer;

#[dyn_dispatch_hint]
impl Intercept for Tracer {
    fn name(&self) -> &'static str {
        "Tracer"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let host = context.request().uri().parse::<http::Uri>().ok();
        let host = host.and_then(|u| u.authority().map(ToString::to_string));
        // Without a scope nobody asked for a trace; there is nothing to fill.
        let _ = TRACE.try_with(|trace| {
            let mut trace = trace.borrow_mut();
            trace.attempts += 1;
            if let Some(ended) = trace.ended.take() {
                trace.waited += ended.elapsed();
            }
            trace.host = host;
        });
        Ok(())
    }

    fn read_after_attempt(
        &self,
        _: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let _ = TRACE.try_with(|trace| trace.borrow_mut().ended = Some(Instant::now()));
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // An answer with credentials in it is kept by nobody, but for its end.
        let secret = cfg.load::<Metadata>().is_none_or(|m| m.name() == "AssumeRole");
        let response = context.response();
        let header = |names: &[&str]| names.iter().find_map(|n| response.headers().get(*n));
        let request_id = header(&["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]);
        let date = header(&["date"]).and_then(|d| jiff::fmt::rfc2822::parse(d).ok());
        let _ = TRACE.try_with(|trace| {
            let mut trace = trace.borrow_mut();
            trace.request_id = request_id.map(|id| crate::domain::untrusted::display_in(id, 80));
            trace.server_time = date.map(|d| d.timestamp());
            let body = response.body().bytes().unwrap_or_default();
            trace.bytes = body.len();
            trace.throttled += u32::from(is_throttled(response));
            if !secret {
                trace.body = body.to_vec();
            } else if body.trim_ascii_end().ends_with(WHOLE.as_bytes()) {
                trace.body = WHOLE.as_bytes().to_vec();
            }
        });
        Ok(())
    }
}
