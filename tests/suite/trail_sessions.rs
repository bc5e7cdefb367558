//! `halon trail sessions` and `halon timeline` on a store of their own.

use std::{path::Path, sync::Arc};

use halon::{
    domain::event::Event,
    store::{EventOrigin, Store},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::cli::Machine;

const SECRET: &str = "cAnArY/secret/0123456789EXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjcAnArYtOkEnEXAMPLE";

fn keep(data: &Path, events: &[Value]) {
    let store = Store::open(data).expect("opens");
    let events: Vec<(Arc<Event>, EventOrigin)> = events
        .iter()
        .map(|e| (Arc::new(Event::read(&e.to_string(), None).expect("an event")), EventOrigin::Aws))
        .collect();
    store.keep_events(&events, None, Timestamp::UNIX_EPOCH).expect("kept");
}

fn leak() -> Vec<Value> {
    let alice = json!({"type": "IAMUser", "userName": "alice", "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        "accountId": "111122223333", "arn": "arn:aws:iam::111122223333:user/alice"});
    let role = json!({"type": "AssumedRole", "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "accountId": "111122223333", "arn": "arn:aws:sts::111122223333:assumed-role/admin/work",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/admin"},
            "attributes": {"creationDate": "2026-03-02T03:10:00Z"}}});
    vec![
        json!({"eventID": "e-1", "eventName": "AssumeRole", "eventSource": "sts.amazonaws.com",
            "eventTime": "2026-03-02T03:10:00Z", "userIdentity": alice, "sourceIPAddress": "203.0.113.9",
            "userAgent": "tool\u{1b}[2J\u{202e}", "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
            "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/admin", "roleSessionName": "work"},
            "responseElements": {"credentials": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE",
                "secretAccessKey": SECRET, "sessionToken": TOKEN},
                "assumedRoleUser": {"arn": "arn:aws:sts::111122223333:assumed-role/admin/work"}}}),
        json!({"eventID": "e-2", "eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com",
            "eventTime": "2026-03-02T03:20:00Z", "userIdentity": role, "sourceIPAddress": "198.51.100.4",
            "userAgent": "aws-cli/2", "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
            "errorCode": "AccessDenied"}),
    ]
}

#[test]
fn temporary_keys_lead_to_their_users() {
    let machine = Machine::new();
    keep(&machine.data(), &leak());
    let ran = machine.run(&["trail", "sessions"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let wanted = "alice  111122223333\n\
        └─ key  AKIAIOSFODNN7EXAMPLE\n\
        \u{20}  │  2026-03-02 03:10:00  1 event\n\
        \u{20}  │  from 203.0.113.9  with tool␛[2J<U+202E>\n\
        \u{20}  └─ role admin/work  ASIAIOSFODNN7EXAMPLE\n\
        \u{20}        2026-03-02 03:20:00  1 event, 1 failed\n\
        \u{20}        from 198.51.100.4  with aws-cli/2\n";
    assert_eq!(ran.out, wanted);
    assert!(ran.err.contains("2 events in 2 sessions, 0 of them not followed"), "{}", ran.err);

    let json = machine.run(&["trail", "sessions", "--json", "--since", "2026-03-02T03:15:00Z"]);
    let answer = json.json();
    assert_eq!(
        (&answer["schema"], &answer["complete"]),
        (&"halon.sessions/1".into(), &true.into())
    );
    let items = answer["items"].as_array().expect("items");
    assert_eq!((items.len(), &items[0]["kind"]), (2, &"role".into()));
    assert_eq!(items[0]["assumed_by"], items[1]["id"], "followed to before the time asked for");
    assert_eq!((&items[0]["origin"], &items[1]["events"]), (&"alice".into(), &0.into()));
    for secret in [SECRET, TOKEN] {
        assert!(!format!("{}{}{}{}", ran.out, ran.err, json.out, json.err).contains(secret));
    }
}

#[test]
fn sessions_say_what_is_wrong() {
    let machine = Machine::new();
    let ran = machine.run(&["trail", "sessions"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("no events in the store"), "{}", ran.err);
    for wrong in [
        &["--since", "soon"][..],
        &["--since", "2026-03-02", "--until", "2026-03-01"],
        &["--range"],
    ] {
        assert_eq!(machine.run(&[&["trail", "sessions"], wrong].concat()).code, 2, "{wrong:?}");
    }
}

#[test]
fn a_timeline_is_marked_and_written() {
    let machine = Machine::new();
    keep(&machine.data(), &leak());
    let add = |more: &[&str]| machine.run(&[&["timeline", "add"], more].concat());
    let ran = add(&["--event", "e-2", "--incident", "INC-1", "--note", "<b>tried</b> to blind us"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.out, "entry 1 of INC-1 in the timeline: 2026-03-02T03:20:00Z StopLogging\n");
    let early = ["--note", "called | alice", "--at", "2026-03-02T03:12:00Z", "--incident", "INC-1"];
    assert_eq!(add(&early).code, 0);
    assert_eq!(add(&["--note", "of nothing"]).code, 0);
    assert_eq!(
        add(&["--event", "e-1", "--incident", "INC-1", "--json"]).json()["items"][0]["name"],
        "AssumeRole"
    );
    for (wrong, word) in [
        (&["--event", "e-9"][..], "halon trail import"),
        (&["--finding", "f-9"], "halon findings import"),
        (&["--note", " "], "says nothing"),
        (&["--note", "x", "--incident", "a b"], "incident id"),
        (&["--event", "e-1", "--at", "2026-03-02"], "--at"),
        (&[], "--event"),
    ] {
        let ran = add(wrong);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{wrong:?}");
        assert!(ran.err.contains(word), "{wrong:?}: {}", ran.err);
    }
    let ran = machine.run(&["timeline", "--incident", "INC-1"]);
    let rows: Vec<&str> = ran.out.lines().filter(|l| l.starts_with("| 2026")).collect();
    assert_eq!(rows.len(), 3, "{}", ran.out);
    assert!(rows[0].contains("AssumeRole") && rows[0].contains("alice"), "{}", rows[0]);
    assert!(rows[1].contains("called &#124; alice"), "{}", rows[1]);
    assert!(
        rows[2].contains("&lt;b&gt;tried&lt;/b&gt;") && rows[2].contains("AccessDenied"),
        "{}",
        rows[2]
    );
    let ran = machine.run(&["timeline", "--incident", "INC-1", "--format", "json"]);
    let answer = ran.json();
    assert_eq!(answer["schema"], "halon.timeline/1");
    let names: Vec<&Value> =
        answer["items"].as_array().expect("items").iter().map(|i| &i["what"]).collect();
    assert_eq!(names, ["event", "note", "event"]);
    assert!(!ran.out.contains(SECRET) && !ran.out.contains(TOKEN));
    assert_eq!(machine.run(&["timeline", "remove", "1"]).code, 0);
    assert_eq!(machine.run(&["timeline", "remove", "1"]).code, 2);
    assert_eq!(
        machine.run(&["timeline", "--json"]).json()["items"].as_array().map(Vec::len),
        Some(3)
    );
}

#[test]
fn a_finding_is_marked_from_the_store() {
    let machine = Machine::new();
    let path = machine.data().join("../finding.json");
    std::fs::create_dir_all(machine.data()).expect("made");
    std::fs::write(&path, r#"{"id": "f1", "type": "Recon:EC2/Portscan", "severity": 8, "region": "us-east-1",
        "accountId": "111122223333", "updatedAt": "2026-03-02T03:00:00Z", "service": {"archived": false}}"#).expect("written");
    assert_eq!(machine.run(&["findings", "import", &path.to_string_lossy()]).code, 0);
    let ran = machine.run(&["timeline", "add", "--finding", "f1", "--json"]);
    let item = &ran.json()["items"][0];
    assert_eq!((&item["name"], &item["result"]), (&"Recon:EC2/Portscan".into(), &"high 8".into()));
    assert_eq!((&item["incident"], &item["what"]), (&Value::Null, &"finding".into()));
}
