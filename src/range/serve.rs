//! The range over HTTP/1.1 on a listener.

use std::{convert::Infallible, future::Future, io};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited, StreamBody, combinators::BoxBody};
use hyper::{body::Frame, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use super::{Cut, Range, engine::Peer};

/// The largest request body taken, in bytes. 100 findings of 240 KB.
const MAX_BODY: usize = 25 * 1024 * 1024;

type Body = BoxBody<Bytes, io::Error>;

/// Serves `range` until `stop` is ready. Fails where the listener does.
pub async fn serve(
    range: Range,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    tokio::pin!(stop);
    loop {
        let connection = tokio::select! {
            () = &mut stop => return Ok(()),
            accepted = listener.accept() => accepted,
        };
        match connection {
            Ok((stream, peer)) => {
                tokio::spawn(connected(range.clone(), stream, Peer(peer.ip())));
            }
            // The client went away before it was taken in.
            Err(e) if e.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(e) => return Err(e),
        }
    }
}

async fn connected(range: Range, stream: TcpStream, peer: Peer) {
    // Answers are small and wanted at once; where it cannot be set they are slower.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(range.clone(), request, peer));
    // An error here is a cut that was asked for, or a client that left.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond(
    range: Range,
    request: Request<Incoming>,
    peer: Peer,
) -> Result<Response<Body>, io::Error> {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(peer);
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Err(io::ErrorKind::InvalidData.into()),
    };
    match range.answer(Request::from_parts(parts, body)).await {
        Ok(response) => Ok(response.map(whole)),
        Err(Cut::Reset) => Err(io::ErrorKind::ConnectionReset.into()),
        // hyper drops this future when the client leaves.
        Err(Cut::Hang) => std::future::pending().await,
        Err(Cut::Truncated(response, bytes)) => Ok(response.map(|body| cut_off(&body, bytes))),
    }
}

fn whole(body: Bytes) -> Body {
    Full::new(body).map_err(|e: Infallible| match e {}).boxed()
}

/// The beginning of the body, then an error: Content-Length promised more.
fn cut_off(body: &Bytes, bytes: usize) -> Body {
    let sent = Frame::data(body.slice(..bytes.min(body.len())));
    let cut = async {
        // hyper sends what it has when the body makes it wait, and drops it on an error.
        tokio::task::yield_now().await;
        Err(io::ErrorKind::ConnectionReset.into())
    };
    BodyExt::boxed(StreamBody::new(stream::iter([Ok(sent)]).chain(stream::once(cut))))
}
