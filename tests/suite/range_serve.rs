//! The range on loopback, spoken to by a client that shares no code with it.

use std::{future::pending, io::Read, net::SocketAddr, sync::Arc};

use halon::range::{
    Clock, FaultRule, NoJournal, OPERATOR_KEY, Pace, Range, Scenario, serve, shipped,
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

fn range(faults: &str) -> Range {
    let (id, text) = shipped()[0];
    let scenario = Scenario::read(id, text).expect("a shipped scenario reads");
    let wall = Arc::new(|| "2026-07-01T00:00:00Z".parse().expect("a time"));
    let clock = Clock { pace: Pace::Frozen, wall };
    let rules = FaultRule::read_file("f.toml", faults).expect("valid rules");
    Range::open(scenario, clock, Box::new(NoJournal)).expect("opens").with_faults(rules)
}

async fn served(faults: &str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(serve(range(faults), listener, pending()));
    address
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A signed request as bytes, written from AWS's description of Signature Version 4.
fn signed(address: SocketAddr, method: &str, path: &str, body: &str) -> Vec<u8> {
    let (key, secret) = OPERATOR_KEY;
    let (day, time, scope) = ("20260701", "20260701T000000Z", "us-east-1/guardduty/aws4_request");
    let canonical = format!(
        "{method}\n{path}\n\nhost:{address}\nx-amz-date:{time}\n\nhost;x-amz-date\n{}",
        hex(&Sha256::digest(body))
    );
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{time}\n{day}/{scope}\n{}", hex(&Sha256::digest(canonical)));
    let mut derived = mac(format!("AWS4{secret}").as_bytes(), day);
    for part in scope.split('/') {
        derived = mac(&derived, part);
    }
    let signature = hex(&mac(&derived, &to_sign));
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nx-amz-date: {time}\r\nauthorization: \
         AWS4-HMAC-SHA256 Credential={key}/{day}/{scope}, SignedHeaders=host;x-amz-date, \
         Signature={signature}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Everything that comes back until the server closes. A reset counts as a close.
async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(request).await.expect("sends");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).expect("UTF-8")
}

#[tokio::test]
async fn a_signed_request_is_answered_and_an_altered_one_is_not() {
    let address = served("").await;
    let request = signed(address, "GET", "/detector", "");
    let answer = exchange(address, &request).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("date: Wed, 01 Jul 2026 00:00:00 GMT\r\n"), "{answer}");
    assert!(answer.contains("{\"detectorIds\":[\""), "{answer}");
    let altered =
        String::from_utf8(request).expect("ASCII").replace("GET /detector", "GET /detectors");
    let answer = exchange(address, altered.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(answer.contains("InvalidSignatureException"), "{answer}");
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_sends() {
    let rule = "[[faults]]\nop = \"guardduty:ListDetectors\"\nkind = \"truncate\"\n";
    let address = served(rule).await;
    let answer = exchange(address, &signed(address, "GET", "/detector", "")).await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let promised: usize = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|n| n.parse().ok())
        .expect("a length");
    assert!(!body.is_empty() && body.len() < promised, "{} of {promised}", body.len());
}

#[tokio::test]
async fn a_reset_answers_nothing_and_the_next_request_is_well() {
    let rule = "[[faults]]\nop = \"guardduty:ListDetectors\"\nkind = \"reset\"\nnth = 1\n";
    let address = served(rule).await;
    let request = signed(address, "GET", "/detector", "");
    assert_eq!(exchange(address, &request).await, "");
    assert!(exchange(address, &request).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_hanging_request_holds_up_no_other() {
    let range = range("[[faults]]\nop = \"guardduty:ListDetectors\"\nkind = \"hang\"\nnth = 1\n");
    let (taken, hung) = oneshot::channel();
    let mut taken = Some(taken);
    range.set_log(Box::new(move |logged| {
        if let (0, Some(taken)) = (logged.status, taken.take()) {
            taken.send(()).expect("the test waits for it");
        }
    }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(serve(range, listener, pending()));
    let request = signed(address, "GET", "/detector", "");
    let mut hanging = TcpStream::connect(address).await.expect("connects");
    hanging.write_all(&request).await.expect("sends");
    hung.await.expect("it was struck");
    assert!(exchange(address, &request).await.starts_with("HTTP/1.1 200 OK"));
    let mut hanging = hanging.into_std().expect("a socket");
    let silent = hanging.read(&mut [0; 1]).expect_err("no answer and no end");
    assert_eq!(silent.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn stopping_ends_the_serving() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(range(""), listener, async {
        let _ = stopped.await;
    }));
    stop.send(()).expect("still serving");
    assert!(serving.await.expect("no panic").is_ok());
}
