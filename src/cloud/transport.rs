//! How requests leave: over the network, or into the range in this process.

use std::sync::OnceLock;

use aws_smithy_http_client::{
    ConnectorBuilder,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    shared::IntoShared,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;

use super::{World, gate::Gated};
use crate::range::{Cut, Range};

/// The only HTTP client that service clients get: gated, whatever is behind it.
/// Its connections are shared by every client made from it.
pub fn gated(world: &World) -> SharedHttpClient {
    match world {
        World::Range(range) => {
            let connector = Gated(InProcess(range.clone()).into_shared());
            http_client_fn(move |_, _| connector.clone().into_shared())
        }
        World::Aws => {
            // Made at the first request: reading the trusted roots takes a while.
            let connector = OnceLock::new();
            http_client_fn(move |settings, components| {
                let make = || {
                    let mut builder = ConnectorBuilder::default()
                        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                        .connector_settings(settings.clone())
                        .proxy_config(ProxyConfig::from_env());
                    builder.set_sleep_impl(components.sleep_impl());
                    Gated(builder.build().into_shared())
                };
                connector.get_or_init(make).clone().into_shared()
            })
        }
    }
}

#[derive(Clone)]
struct InProcess(Range);

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InProcess(range)")
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let range = self.0.clone();
        HttpConnectorFuture::new(async move { answer(&range, request).await })
    }
}

async fn answer(range: &Range, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(|e| ConnectorError::user(e.into()))?;
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
    let reply = match range.answer(http::Request::from_parts(parts, body)).await {
        Ok(reply) => reply,
        Err(Cut::Reset) => return Err(ConnectorError::io("connection reset by the range".into())),
        Err(Cut::Hang) => std::future::pending().await,
        Err(Cut::Truncated(reply, at)) => reply.map(|body| body.slice(..at.min(body.len()))),
    };
    let reply = reply.map(|body: Bytes| SdkBody::from(body));
    HttpResponse::try_from(reply).map_err(|e| ConnectorError::other(e.into(), None))
}
