//! The trail pane, from the keyboard: questions and answers in, screens out.

use std::sync::Arc;

use halon::{
    app::{Effect, Msg},
    case::{Progress, Step},
    domain::{
        Fault, FaultKind, Gap, Place, Service,
        event::{By, Event, Question},
    },
    model::{Focus, Model, Overlay, Pane, Setup},
    store::{Bar, Found},
};
use serde_json::{Value, json};

use super::stage::{Stage, at, guardduty, region};

const KEY: &str = "AKIAI44QH8DHBEXAMPLE";
const SESSION_KEY: &str = "ASIAY34FZKBOKEXAMPLE";

/// An event of the user whose key leaked, with what `more` says over it.
fn event(id: &str, time: &str, name: &str, more: Value) -> Arc<Event> {
    let mut event = json!({
        "eventVersion": "1.11", "eventID": id, "eventName": name,
        "eventTime": format!("2026-03-02T{time}Z"),
        "eventSource": "iam.amazonaws.com", "awsRegion": "us-east-1",
        "recipientAccountId": "111122223333", "readOnly": false,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.15.0 Python/3.11",
        "userIdentity": {"type": "IAMUser", "userName": "ci-deploy", "accountId": "111122223333",
            "principalId": "AIDACKCEVSQ6C2EXAMPLE", "accessKeyId": KEY,
            "arn": "arn:aws:iam::111122223333:user/ci-deploy"},
    });
    super::stage::merge(&mut event, more);
    Arc::new(Event::read(&event.to_string(), None).expect("an event"))
}

/// A break-in, newest first.
fn events() -> Vec<Arc<Event>> {
    let session = json!({"type": "AssumedRole", "userName": "", "accessKeyId": SESSION_KEY,
        "principalId": "AROACKCEVSQ6C2EXAMPLE:nightly",
        "arn": "arn:aws:sts::111122223333:assumed-role/admin/nightly",
        "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "admin",
            "arn": "arn:aws:iam::111122223333:role/admin"},
            "attributes": {"creationDate": "2026-03-02T02:50:00Z", "mfaAuthenticated": "false"},
            "sourceIdentity": "mallory"}});
    vec![
        event(
            "e6",
            "03:05:10",
            "StopLogging",
            json!({"eventSource": "cloudtrail.amazonaws.com",
            "userIdentity": session, "errorCode": "AccessDenied",
            "errorMessage": "User is not authorized to perform: cloudtrail:StopLogging",
            "requestParameters": {"name": "org-trail"}}),
        ),
        event(
            "e5",
            "03:01:44",
            "GetSecretValue",
            json!({
            "eventSource": "secretsmanager.amazonaws.com", "userIdentity": session,
            "errorCode": "ResourceNotFoundException", "readOnly": true,
            "awsRegion": "eu-west-1"}),
        ),
        event(
            "e4",
            "02:55:00",
            "ConsoleLogin",
            json!({"eventSource": "signin.amazonaws.com",
            "sourceIPAddress": "198.51.100.23",
            "userIdentity": {"type": "Root", "userName": "", "accessKeyId": "",
                "arn": "arn:aws:iam::111122223333:root", "principalId": "111122223333"}}),
        ),
        event(
            "e3",
            "02:50:00",
            "AssumeRole",
            json!({"eventSource": "sts.amazonaws.com",
            "resources": [{"ARN": "arn:aws:iam::111122223333:role/admin", "type": "AWS::IAM::Role"}],
            "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/admin",
                "roleSessionName": "nightly"},
            "responseElements": {"credentials": {"accessKeyId": SESSION_KEY,
                "sessionToken": "not-a-real-token", "expiration": "Mar 2, 2026, 3:50:00 AM"},
                "assumedRoleUser": {"arn": "arn:aws:sts::111122223333:assumed-role/admin/nightly",
                    "assumedRoleId": "AROACKCEVSQ6C2EXAMPLE:nightly"}}}),
        ),
        event(
            "e2",
            "02:41:30",
            "CreateAccessKey",
            json!({
            "requestParameters": {"userName": "backup"},
            "resources": [{"ARN": "arn:aws:iam::111122223333:user/backup", "type": "AWS::IAM::User"}]}),
        ),
        event("e1", "02:40:02", "ListUsers", json!({"readOnly": true})),
    ]
}

fn found(events: Vec<Arc<Event>>) -> Found {
    let mut bars = vec![Bar::default(); 60];
    for (n, event) in events.iter().enumerate() {
        bars[(n * 7) % 60] = Bar { events: 1 + n as u64, failed: u64::from(event.failed()) };
    }
    Found {
        total: events.len() as u64,
        failed: events.iter().filter(|e| e.failed()).count() as u64,
        events,
        bars,
        unreadable: 0,
    }
}

impl Stage {
    /// The search on its way, by its number.
    fn search(&self) -> (u64, Question) {
        let found = self.effects.iter().rev().find_map(|e| match e {
            Effect::Search { serial, question } => Some((*serial, question.clone())),
            _ => None,
        });
        found.expect("a search was begun")
    }

    fn searches(&self) -> usize {
        self.effects.iter().filter(|e| matches!(e, Effect::Search { .. })).count()
    }

    /// The store answers the last search, and the one after it where that came too late.
    fn finds(&mut self, events: Vec<Arc<Event>>) {
        self.finds_once(events.clone());
        if self.model.trail.searching.is_some() {
            self.finds_once(events);
        }
    }

    fn finds_once(&mut self, events: Vec<Arc<Event>>) {
        let serial = self.search().0;
        self.tell(Msg::EventsFound { serial, found: Ok(Box::new(found(events))) });
    }

    /// The inquiry begun last.
    fn inquiry(&self) -> (u64, Question, Vec<Place>) {
        let found = self.effects.iter().rev().find_map(|e| match e {
            Effect::Inquire { id, question, places } => {
                let places = places.iter().map(|(place, _)| place.clone()).collect();
                Some((*id, question.clone(), places))
            }
            _ => None,
        });
        found.expect("CloudTrail is asked")
    }

    fn inquiries(&self) -> usize {
        self.effects.iter().filter(|e| matches!(e, Effect::Inquire { .. })).count()
    }

    fn told(&mut self, at: usize, step: Step) {
        let (id, _, places) = self.inquiry();
        self.tell(Msg::Inquired { id, place: places[at].clone(), step });
    }

    /// Every place has said all there is.
    fn whole(&mut self) {
        for place in 0..self.inquiry().2.len() {
            self.told(place, Step::Ended(Vec::new()));
        }
    }
}

fn quiet(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(size, &["us-east-1", "eu-west-1"]);
    stage.identify();
    let leaked = guardduty("f1", 8.0, "UnauthorizedAccess:IAMUser/TorIPCaller", json!({}));
    let other = guardduty(
        "f2",
        7.0,
        "Recon:IAMUser/X",
        json!({"resource": {
        "accessKeyDetails": {"accessKeyId": SESSION_KEY, "userName": "admin", "userType": "AssumedRole"}}}),
    );
    stage.answer("us-east-1", vec![leaked, other], vec![]);
    stage.answer("eu-west-1", vec![], vec![]);
    stage
}

/// The trail with a break-in on it: everything, in the last hour.
fn stage(size: (u16, u16)) -> Stage {
    let mut stage = quiet(size);
    stage.keys("p 4");
    stage.finds(events());
    stage.whole();
    stage
}

fn shown(model: &Model) -> Vec<&str> {
    let trail = &model.trail;
    (0..trail.len()).filter_map(|n| trail.at(n)).map(|e| e.id.raw()).collect()
}

fn current(stage: &Stage) -> &str {
    stage.model.trail.current().map_or("", |e| e.id.raw())
}

fn by(stage: &Stage) -> Vec<By> {
    stage.model.trail.sight.asked.as_ref().map(|a| a.by.clone()).unwrap_or_default()
}

#[test]
fn the_first_question_is_everything_in_the_last_hour() {
    let mut stage = quiet((80, 24));
    stage.keys("p 4");
    assert_eq!(stage.model.pane, Pane::Trail);
    let (_, question, places) = stage.inquiry();
    assert_eq!(question.by, []);
    assert_eq!(question.window.from, at("2026-03-02T02:10:00Z"));
    assert_eq!(question.window.to, at("2026-03-02T03:10:01Z"));
    assert_eq!(places.len(), 2);
    assert_eq!(stage.search().1, question);
    stage.finds(events());
    stage.whole();
    assert_eq!(shown(&stage.model), ["e6", "e5", "e4", "e3", "e2", "e1"]);
    insta::assert_snapshot!(stage.picture());
    stage.keys("1 4");
    assert_eq!((stage.inquiries(), stage.searches()), (1, 1), "coming back asks nothing");
}

#[test]
fn two_columns_where_there_is_room() {
    insta::assert_snapshot!(stage((120, 40)).picture());
}

#[test]
fn every_column_where_there_is_more() {
    insta::assert_snapshot!(stage((200, 50)).text());
}

#[test]
fn the_detail_is_readable_and_raw() {
    let mut stage = stage((80, 24));
    stage.keys("j j j enter");
    assert_eq!(stage.model.trail.sight.focus, Focus::Detail);
    insta::assert_snapshot!("detail", stage.picture());
    stage.keys("G");
    insta::assert_snapshot!("detail_end", stage.text());
    stage.keys("w space");
    let text = stage.text();
    assert!(text.contains("\"roleSessionName\": \"nightly\""), "{text}");
    assert!(!text.contains("not-a-real-token"), "{text}");
    stage.keys("esc");
    assert_eq!((stage.model.trail.sight.focus, current(&stage)), (Focus::List, "e3"));
}

#[test]
fn each_pivot_asks_for_the_same_and_keeps_the_window() {
    let role = "arn:aws:iam::111122223333:role/admin";
    for (line, keys, want) in [
        (0, "K", By::Key(SESSION_KEY.into())),
        (0, "I", By::Address("203.0.113.7".into())),
        (0, "A", By::Agent("aws-cli/2.15.0 Python/3.11".into())),
        (0, "R", By::Role(role.into())),
        (0, "U", By::User("nightly".into())),
        (0, "N", By::Event("StopLogging".into())),
        (0, "S", By::Source("cloudtrail.amazonaws.com".into())),
        (3, "O", By::Resource(role.into())),
        (3, "C", By::Key(SESSION_KEY.into())),
        (4, "K", By::Key(KEY.into())),
        (5, "U", By::User("ci-deploy".into())),
    ] {
        for keys in [keys.to_owned(), format!("s {}", keys.to_lowercase())] {
            let mut stage = stage((80, 24));
            let window = stage.search().1.window;
            stage.keys(&"j ".repeat(line));
            stage.keys(&keys);
            assert_eq!(by(&stage), [want.clone()], "{keys}");
            assert!(stage.model.overlay.is_none());
            assert_eq!(stage.inquiry().1.by, [want.clone()]);
            assert_eq!(stage.search().1.by, [want.clone()]);
            assert_eq!(stage.search().1.window, window);
            assert!(stage.model.trail.is_empty(), "nothing of the question before");
        }
    }
}

#[test]
fn around_an_event_is_everybody() {
    let mut stage = stage((80, 24));
    stage.keys("j W");
    assert_eq!(by(&stage), []);
    assert_eq!(stage.search().1.window.from, at("2026-03-02T02:46:44Z"));
    assert_eq!(stage.search().1.window.to, at("2026-03-02T03:16:45Z"));
    assert!(stage.text().contains("±15m around 2026-03-02 03:01:44 UTC"), "{}", stage.text());
}

#[test]
fn the_menu_shows_what_it_would_ask_and_takes_arrows_too() {
    let mut stage = stage((80, 24));
    stage.keys("j j j s");
    insta::assert_snapshot!(stage.picture());
    stage.keys("down down enter");
    assert_eq!(by(&stage), [By::Agent("aws-cli/2.15.0 Python/3.11".into())]);
    stage.finds(vec![]);
    stage.keys("s");
    assert!(stage.model.overlay.is_none());
    assert!(stage.text().contains("no event is selected"), "{}", stage.text());
}

#[test]
fn what_an_event_does_not_name_cannot_be_gone_to() {
    let mut stage = stage((80, 24));
    for (keys, why) in [
        ("j j K", "names no access key"),
        ("R", "no session of a role"),
        ("O", "names no resource"),
        ("C", "gave out no key"),
        ("s c", "gave out no key"),
    ] {
        stage.keys(keys);
        assert!(stage.text().contains(why), "{keys}\n{}", stage.text());
    }
    assert_eq!(stage.inquiries(), 1);
}

#[test]
fn jumping_back_restores_question_list_and_cursor() {
    let mut stage = stage((80, 24));
    stage.keys("/");
    stage.typed("iam");
    stage.keys("enter f");
    stage.finds(events());
    stage.keys("j j j j");
    let (before, screen) = (stage.model.trail.sight.clone(), stage.text());
    stage.keys("K");
    stage.finds(events()[4..].to_vec());
    stage.whole();
    stage.keys("j I");
    stage.finds(events()[..2].to_vec());
    stage.whole();
    assert!(stage.text().contains("2 before"), "{}", stage.text());
    let searches = stage.searches();
    stage.keys("backspace");
    assert_eq!(by(&stage).len(), 1);
    assert_eq!(current(&stage), "e1");
    stage.keys("esc");
    let after = &stage.model.trail.sight;
    assert_eq!(after.asked, before.asked);
    assert_eq!(after.found, before.found);
    assert_eq!((after.cursor, after.top), (before.cursor, before.top));
    assert_eq!(stage.text(), screen);
    assert_eq!(stage.searches(), searches, "the list is still the answer");
    stage.keys("esc");
    assert_eq!(stage.model.trail.sight.asked.as_ref().map(|a| a.text.as_str()), Some(""));
    stage.keys("esc");
    assert_eq!(stage.model.pane, Pane::Playbooks, "before the first question: whence it came");
}

#[test]
fn back_to_a_question_that_was_not_over_goes_on_asking() {
    let mut stage = quiet((80, 24));
    stage.keys("p 4");
    stage.finds(events());
    stage.told(0, Step::Kept { new: 6, back_to: None });
    stage.keys("K");
    let second = stage.inquiry().0;
    stage.keys("backspace");
    let stopped = stage.effects.iter().any(|e| *e == Effect::StopInquiry(second));
    assert!(stopped, "the one that was left is stopped");
    let (third, question, _) = stage.inquiry();
    assert!(third > second, "no number is given twice");
    assert_eq!(question.by, []);
    stage.tell(Msg::Inquired {
        id: second,
        place: stage.inquiry().2[0].clone(),
        step: Step::Ended(vec![]),
    });
    let progress = &stage.model.case.inquiry.as_ref().expect("asked").places;
    assert!(progress.values().all(|p| *p == Progress::Waiting), "late news disturbs nothing");
}

#[test]
fn from_a_finding_to_what_its_key_did_around_it_and_back() {
    let mut stage = quiet((80, 24));
    stage.keys("j k e");
    let first = stage.model.current().map(|f| f.main().id.raw().to_owned());
    assert_eq!(stage.model.pane, Pane::Trail);
    assert_eq!(by(&stage), [By::Key(KEY.into())]);
    let window = stage.search().1.window;
    assert_eq!(window.from, at("2026-03-02T01:10:00Z"), "half an hour before it was first seen");
    assert_eq!(window.to, at("2026-03-02T03:28:01Z"), "and after it was last seen");
    stage.finds(events());
    stage.keys("esc");
    assert_eq!(stage.model.pane, Pane::Findings);
    stage.keys("j enter e");
    assert_eq!(by(&stage), [By::Role("admin".into())]);
    stage.keys("backspace");
    assert_eq!((stage.model.pane, stage.model.focus), (Pane::Findings, Focus::Detail));
    assert_ne!(stage.model.current().map(|f| f.main().id.raw().to_owned()), first);
    assert!(stage.model.trail.earlier.is_empty());
}

#[test]
fn a_long_window_around_a_finding_is_cut_and_said() {
    let mut stage = Stage::new((80, 24), &["us-east-1"]);
    stage.identify();
    let long = json!({"service": {"eventFirstSeen": "2026-02-20T00:00:00Z"},
        "resource": {"accessKeyDetails": {"accessKeyId": "", "userName": ""}}});
    stage.answer("us-east-1", vec![guardduty("f1", 8.0, "A:IAMUser/X", long)], vec![]);
    stage.keys("e");
    assert_eq!(by(&stage), [By::Address("203.0.113.7".into())], "{}", stage.text());
    assert!(stage.text().contains("25 hours"), "{}", stage.text());
    assert_eq!(stage.search().1.window.from, at("2026-03-01T02:28:00Z"));
    let mut stage = quiet((80, 24));
    stage.keys("4");
    assert_eq!(by(&stage), [], "opened from a finding: everything around it");
    assert_eq!(stage.search().1.window.from, at("2026-03-02T01:10:00Z"));
}

#[test]
fn the_query_form_asks_and_says_what_is_wrong() {
    let mut stage = stage((80, 24));
    stage.keys("b ctrl-u");
    stage.typed("bogus");
    stage.keys("enter enter");
    assert!(stage.text().contains("what is bogus?"), "{}", stage.text());
    stage.keys("ctrl-u");
    stage.typed("198.51.100.23 source iam");
    stage.keys("enter ctrl-u");
    stage.typed("±1h@2026-03-01T02:00Z");
    insta::assert_snapshot!(stage.text());
    stage.keys("enter");
    assert!(stage.model.overlay.is_none(), "{}", stage.text());
    assert_eq!(by(&stage), [By::Address("198.51.100.23".into()), By::Source("iam".into())]);
    assert_eq!(stage.search().1.window.from, at("2026-03-01T01:00:00Z"));
    stage.keys("b");
    assert!(stage.text().contains("address 198.51.100.23 source iam"), "{}", stage.text());
    stage.keys("esc backspace");
    assert_eq!(by(&stage), []);
    assert_eq!(shown(&stage.model).len(), 6);
}

#[test]
fn windows_change_with_one_key_and_the_event_stays_in_sight() {
    let mut stage = stage((80, 24));
    stage.keys("j j +");
    assert_eq!(stage.search().1.window.from, at("2026-03-02T01:10:00Z"));
    let mut more = events();
    more.insert(0, event("e7", "03:09:00", "PutUserPolicy", json!({})));
    stage.finds(more);
    assert_eq!(current(&stage), "e4");
    stage.keys("- -");
    assert_eq!(stage.search().1.window.from, at("2026-03-02T02:10:00Z"), "one search at a time");
    stage.finds_once(events());
    assert!(stage.model.trail.is_empty(), "that was the answer to another question");
    assert_eq!(stage.search().1.window.from, at("2026-03-02T02:40:00Z"));
    stage.finds(events());
    stage.keys("<");
    stage.finds(vec![]);
    assert!(stage.text().contains("2026-03-02 02:10 – 02:40 UTC"), "{}", stage.text());
    stage.keys(">");
    assert!(stage.text().contains("last 30m"), "{}", stage.text());
    stage.keys(">");
    assert!(stage.text().contains("no further"), "{}", stage.text());
}
