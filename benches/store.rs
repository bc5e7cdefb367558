//! A million events: what an investigator asks must be answered while they look.
//!
//! `cargo bench --profile dev --bench store`; `HALON_BENCH_EVENTS` for another number.

#![allow(clippy::print_stdout)] // a bench talks to whoever runs it

use std::{hint::black_box, sync::Arc, time::Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use halon::{
    domain::event::{By, Event, Question, Window},
    store::{EventOrigin, Store},
};
use jiff::{SignedDuration, Timestamp};

/// When the events begin; one a second.
const BEGIN: &str = "2026-01-01T00:00:00Z";
const NAMES: [&str; 5] = ["GetObject", "PutObject", "AssumeRole", "DescribeInstances", "ListUsers"];

fn begin() -> Timestamp {
    BEGIN.parse().expect("a time")
}

/// Some 1,200 bytes, as real ones have.
fn event(n: u64) -> Arc<Event> {
    let at = begin() + SignedDuration::from_secs(n as i64);
    let (user, name) = (n % 1000, NAMES[(n % 5) as usize]);
    let error = if n.is_multiple_of(20) {
        r#""errorCode":"AccessDenied","errorMessage":"User is not authorized to perform this action because no identity-based policy allows it","#
    } else {
        ""
    };
    let raw = format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLE{user:03}:session{user}","arn":"arn:aws:sts::111122223333:assumed-role/role{user}/session{user}","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE{user:09}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAEXAMPLEEXAMPLE{user:03}","arn":"arn:aws:iam::111122223333:role/role{user}","accountId":"111122223333","userName":"role{user}"}},"attributes":{{"creationDate":"2026-01-01T00:00:00Z","mfaAuthenticated":"false"}}}}}},"eventTime":"{at}","eventSource":"s3.amazonaws.com","eventName":"{name}","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.{}","userAgent":"aws-sdk-go-v2/1.17.1 os/linux lang/go#1.19 md/GOOS#linux md/GOARCH#amd64 api/s3#1.29.1 agent{}",{error}"requestParameters":{{"bucketName":"bucket{}","key":"path/to/object-{n}.json","Host":"bucket.s3.us-east-1.amazonaws.com"}},"responseElements":null,"requestID":"{n:016X}","eventID":"{:08x}-0000-4000-8000-{n:012x}","readOnly":true,"resources":[{{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::bucket{}/path/to/object-{}"}}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data"}}"#,
        n % 250,
        n % 40,
        n % 100,
        n.wrapping_mul(2_654_435_761) as u32,
        n % 100,
        n % 5000,
    );
    Arc::new(Event::read(&raw, None).expect("an event"))
}

fn search(c: &mut Criterion) {
    let count = std::env::var("HALON_BENCH_EVENTS").ok().and_then(|n| n.parse().ok());
    let count: u64 = count.unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opens");
    let (mut reading, mut writing) = (0.0, 0.0);
    for from in (0..count).step_by(4000) {
        let start = Instant::now();
        let batch: Vec<_> =
            (from..(from + 4000).min(count)).map(|n| (event(n), EventOrigin::Aws)).collect();
        reading += start.elapsed().as_secs_f64();
        let start = Instant::now();
        store.keep_events(&batch, None, begin()).expect("keeps");
        writing += start.elapsed().as_secs_f64();
    }
    let size = std::fs::metadata(folder.path().join("halon.sqlite")).expect("is there").len();
    println!(
        "{count} events: made and read in {reading:.1} s, written in {writing:.1} s, {} MiB",
        size >> 20
    );

    let at = |n: u64| begin() + SignedDuration::from_secs(n as i64);
    let all = Window { from: at(0), to: at(count) };
    let tenth = Window { from: at(count / 2), to: at(count / 2 + count / 10) };
    let ask = |by: Vec<By>, window| Question::new(by, window);
    let text = |text: &str, window| Question { text: text.to_owned(), ..ask(Vec::new(), window) };
    let mut group = c.benchmark_group("search");
    group.sample_size(10);
    for (name, question) in [
        ("window, everything", ask(Vec::new(), all)),
        ("window, a tenth", ask(Vec::new(), tenth)),
        ("key", ask(vec![By::Key("ASIAEXAMPLE000000007".into())], all)),
        ("user", ask(vec![By::User("session7".into())], all)),
        ("event name, a tenth", ask(vec![By::Event("AssumeRole".into())], tenth)),
        ("event name, everything", ask(vec![By::Event("AssumeRole".into())], all)),
        (
            "event name and user",
            ask(vec![By::Event("AssumeRole".into()), By::User("session7".into())], all),
        ),
        ("failed", Question { failed: true, ..ask(Vec::new(), all) }),
        ("text, found once", text("object-777.json", all)),
        ("text, found nowhere", text("xyzzy", all)),
        ("text, found everywhere", text("amazonaws agent7", all)),
        ("text, a tenth", text("xyzzy", tenth)),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| black_box(store.search(&question, 500, 100)).expect("searches"))
        });
    }
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
