//! Events from files, by the command line: every wrapping and every quirk in
//! `tests/fixtures/trail`, and what is broken on purpose here.

use std::{fs, path::Path};

use halon::{
    domain::event::{By, Question, Window},
    store::Store,
};
use serde_json::{Value, json};

use super::cli::Machine;

fn fixtures() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/trail").display().to_string()
}

fn event(id: &str) -> String {
    json!({"eventID": id, "eventName": "GetUser", "eventSource": "iam.amazonaws.com", "eventTime": "2026-03-02T03:00:00Z"})
        .to_string()
}

fn count(machine: &Machine, by: Vec<By>) -> u64 {
    let store = Store::open(&machine.data()).expect("opens");
    let (from, to) = ("2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
    let window = Window { from: from.parse().expect("one"), to: to.parse().expect("one") };
    store.search(&Question::new(by, window), 0, 1).expect("searches").total
}

#[test]
fn every_wrapping_is_imported_once() {
    let machine = Machine::new();
    let ran = machine.run(&["trail", "import", &fixtures(), "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let answer = ran.json();
    assert_eq!(
        (&answer["schema"], &answer["complete"]),
        (&json!("halon.trail-import/1"), &json!(true))
    );
    let totals = &answer["totals"];
    for (what, want) in [
        ("files", 10),
        ("events", 22),
        ("new", 20),
        ("known", 2),
        ("rejected", 0),
        ("digests", 2),
        ("other", 1),
    ] {
        assert_eq!(totals[what], want, "{what}: {totals}");
    }
    assert_eq!(
        (&totals["first"], &totals["last"]),
        (&json!("2026-03-02T03:00:00Z"), &json!("2026-03-02T03:01:40Z"))
    );
    assert_eq!(totals["accounts"], json!(["111122223333"]));
    assert_eq!(totals["regions"], json!(["us-east-1", "xx-nowhere-9"]));
    let item = |end: &str| {
        let items = answer["items"].as_array().expect("items");
        items
            .iter()
            .find(|i| i["path"].as_str().is_some_and(|p| p.ends_with(end)))
            .expect("is there")
            .clone()
    };
    assert_eq!(item("Digest_us-east-1_EXAMPLE.json.gz")["digests"], 1);
    assert_eq!(item("lines.jsonl")["events"], 3);

    for (by, want) in [
        (By::User("root".into()), 1),
        (By::Role("admin".into()), 1),
        (By::Resource("bob".into()), 1),
        (By::User("shown".into()), 1),
        (By::Address("2001:db8::7".into()), 1),
        (By::EventId("k02".into()), 1),
        (By::Source("sts".into()), 1),
        (By::Resource("other".into()), 1),
    ] {
        assert_eq!(count(&machine, vec![by.clone()]), want, "{by}");
    }

    let again = machine.run(&["trail", "import", &fixtures()]);
    assert_eq!(again.code, 0);
    assert!(again.out.contains("22 events, 0 new, 22 known before"), "{}", again.out);
    assert!(again.out.contains("2 digests of log files skipped"), "{}", again.out);
    assert_eq!(count(&machine, Vec::new()), 20);
}

#[test]
fn an_event_knows_its_place_and_none_of_its_secrets() {
    let machine = Machine::new();
    machine.run(&["trail", "import", &fixtures()]);
    let store = Store::open(&machine.data()).expect("opens");
    let (event, origin) = store.event("q10").expect("reads").expect("is there");
    assert!(!event.raw.contains("CANARY") && event.raw.contains("<redacted sha256:"));
    let halon::store::EventOrigin::File { path, record } = origin else { panic!("{origin:?}") };
    assert!(
        path.ends_with("_EXAMPLE.json.gz") && path.starts_with('/') && record == 10,
        "{path} {record}"
    );
    for file in fs::read_dir(machine.data()).expect("a folder").flatten() {
        let bytes = fs::read(file.path()).expect("reads");
        assert!(!bytes.windows(6).any(|w| w == b"CANARY"), "{:?}", file.path());
    }
}

#[test]
fn what_is_broken_is_named_with_its_place_and_the_rest_is_read() {
    let machine = Machine::new();
    let bad = r#"{"eventName": {}, "eventSource": [], "eventID": "x"}"#;
    let text = format!(r#"{{"Records":[{},{bad},{}]}}"#, event("a"), event("b"));
    let place = text.find(bad).expect("is there");
    let path = machine.file("evidence/bad\u{202e}.json", &text);
    machine.file("evidence/good.json", &event("c"));
    let ran =
        machine.run(&["trail", "import", &path, &path.replace("bad\u{202e}", "good"), "--json"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    let answer = ran.json();
    assert_eq!(
        (&answer["complete"], &answer["totals"]["rejected"], &answer["totals"]["new"]),
        (&Value::Bool(false), &json!(1), &json!(3))
    );
    assert!(ran.err.contains(&format!("bad<U+202E>.json: at byte {place}: ")), "{}", ran.err);
    assert!(!ran.err.contains('\u{202e}'));
}

#[test]
fn a_path_that_is_not_there_is_wrong_usage_and_nothing_is_imported() {
    let machine = Machine::new();
    let good = machine.file("good.json", &event("c"));
    let ran = machine.run(&["trail", "import", &good, "/nonexistent/folder"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("/nonexistent/folder"), "{}", ran.err);
    assert_eq!(count(&machine, Vec::new()), 0);
}

#[test]
fn the_store_is_purged_by_age_and_as_a_whole() {
    let machine = Machine::new();
    let old = event("old").replace("2026", "2020");
    let path = machine.file("two.jsonl", &format!("{old}\n{}\n", event("new")));
    machine.run(&["trail", "import", &path]);
    let ran = machine.run(&["store", "purge", "--older-than", "2025-01-01", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        ran.json()["items"],
        json!([{"events": 1, "findings": 0, "older_than": "2025-01-01T00:00:00Z"}])
    );
    assert_eq!(
        (count(&machine, vec![By::EventId("old".into())]), count(&machine, Vec::new())),
        (0, 1)
    );
    assert_eq!(machine.run(&["store", "purge", "--older-than", "soon"]).code, 2);
    let ran = machine.run(&["store", "purge"]);
    assert_eq!((ran.code, count(&machine, Vec::new())), (0, 0), "{}", ran.out);
}
