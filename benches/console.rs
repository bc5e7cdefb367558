//! What must not grow with the number of findings, and what must stay off the event
//! loop because it does.

use std::{hint::black_box, sync::Arc};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use halon::{
    case::{Arranged, Case, Filter, Intervals, View, arrange},
    domain::{
        Ask, Source,
        finding::{Finding, read_guardduty},
    },
    input::Keymap,
    model::{Model, Setup},
    ui,
};
use ratatui::{Terminal, backend::TestBackend};

const NOW: &str = "2026-03-02T03:10:00Z";

/// A console in a wide terminal that shows this many findings.
fn console(count: usize) -> Model {
    let filter = Filter::default();
    let ask = Ask { at_least: filter.at_least, status: filter.status, updated_since: None };
    let case = Case::new(Vec::new(), Source::ALL.to_vec(), ask, Intervals::default());
    let setup = Setup { offline: true, ..Setup::plain() };
    let now = NOW.parse().expect("a time");
    let view = View { filter, ..View::default() };
    let mut model = Model::new(setup, case, Keymap::shipped(), view, now);
    model.size = (200, 50);
    model.seen_loaded = true;
    for n in 0..count {
        let raw = format!(
            r#"{{"id": "{n:032x}", "type": "UnauthorizedAccess:IAMUser/TorIPCaller", "severity": {},
            "title": "Calls from a Tor exit node, number {n}", "accountId": "111122223333", "region": "us-east-1",
            "updatedAt": "2026-03-02T0{}:00:00Z", "service": {{"archived": false, "count": {n},
            "eventFirstSeen": "2026-03-01T00:00:00Z", "eventLastSeen": "2026-03-02T0{}:30:00Z",
            "action": {{"awsApiCallAction": {{"remoteIpDetails": {{"ipAddressV4": "203.0.113.{}"}}}}}}}},
            "resource": {{"resourceType": "AccessKey", "accessKeyDetails": {{"accessKeyId": "AKIAI44QH8DHBEXAMPLE", "userName": "user{}"}}}}}}"#,
            7 + n % 3,
            n % 3,
            n % 3,
            n % 250,
            n % 1000,
        );
        let record = read_guardduty(&raw, None).expect("a finding");
        model.case.queue.put(Arc::new(record), None);
    }
    model.list = arrange(model.case.queue.findings(), &model.view);
    model
}

fn draw(c: &mut Criterion) {
    let mut group = c.benchmark_group("draw");
    for count in [100, 100_000] {
        let model = console(count);
        let mut terminal = Terminal::new(TestBackend::new(200, 50)).expect("a terminal");
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter(|| terminal.draw(|frame| ui::draw(&model, frame)).map(|_| ()));
        });
    }
    group.finish();
}

fn arranging(c: &mut Criterion) {
    let model = console(100_000);
    let findings: &[Arc<Finding>] = model.case.queue.findings();
    let mut group = c.benchmark_group("arrange 100000");
    group.sample_size(10);
    for (name, text) in [("sorted", ""), ("fuzzy", "tor user77")] {
        let filter = Filter { text: text.to_owned(), ..Filter::default() };
        let view = View { filter, ..View::default() };
        group.bench_function(name, |b| {
            b.iter(|| -> Arranged { arrange(black_box(findings), &view) });
        });
    }
    group.finish();
}

criterion_group!(benches, draw, arranging);
criterion_main!(benches);
