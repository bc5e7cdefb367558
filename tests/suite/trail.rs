//! The trail pane, from the keyboard: questions and answers in, screens out.

use std::sync::Arc;

use halon::{
    app::{Effect, Msg},
    case::{Progress, Step, Stitcher},
    domain::{
        Fault, FaultKind, Gap, Place, Service,
        event::{By, Event, Question},
        timeline::Entry,
    },
    model::{Focus, Model, Overlay, Pane, Setup},
    store::{Bar, Found, Timeline},
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
        ..Found::default()
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
            Effect::Inquire { id, question, places, .. } => {
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
            assert_eq!(by(&stage), std::slice::from_ref(&want), "{keys}");
            assert!(stage.model.overlay.is_none());
            assert_eq!(stage.inquiry().1.by, std::slice::from_ref(&want));
            assert_eq!(stage.search().1.by, std::slice::from_ref(&want));
            match line == 3 && keys.to_lowercase().ends_with('c') {
                true => assert_eq!(stage.search().1.window.from, at("2026-03-02T02:50:00Z")),
                false => assert_eq!(stage.search().1.window, window),
            }
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
    assert_eq!(by(&stage), [By::Key(SESSION_KEY.into())]);
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

#[test]
fn the_text_filter_follows_while_typing_with_one_search_at_a_time() {
    let mut stage = stage((80, 24));
    stage.keys("/");
    stage.typed("acc");
    assert_eq!(stage.searches(), 2, "the first letter's is on its way");
    assert_eq!(shown(&stage.model).len(), 6, "the list stays until there is another");
    stage.finds_once(events());
    assert_eq!(stage.search().1.text, "acc");
    stage.finds_once(events()[4..5].to_vec());
    assert_eq!(shown(&stage.model), ["e2"]);
    assert!(stage.text().contains("filter: acc"), "{}", stage.text());
    stage.keys("esc");
    stage.finds(events());
    assert_eq!(shown(&stage.model).len(), 6, "the text before it is back");
    stage.keys("/");
    stage.tell(Msg::Pasted("iam\nrm -rf /\u{1b}[2J".to_owned()));
    stage.keys("enter f");
    stage.finds(vec![]);
    let (_, question) = stage.search();
    assert_eq!((question.text.as_str(), question.failed), ("iam", true));
    assert_eq!(stage.inquiries(), 1, "both are looked for in the store alone");
    stage.keys("x");
    assert_eq!(stage.inquiries(), 2);
    stage.finds(events());
    let (_, question) = stage.search();
    assert_eq!((question.text.as_str(), question.failed), ("", false));
}

#[test]
fn a_late_answer_to_another_question_disturbs_nothing() {
    let mut stage = quiet((80, 24));
    stage.keys("p 4");
    let (first, _) = stage.search();
    let (old, _, places) = stage.inquiry();
    stage.keys("b ctrl-u");
    stage.typed(KEY);
    stage.keys("enter enter");
    assert_eq!(stage.searches(), 1, "at most one search is on its way");
    stage.tell(Msg::Inquired { id: old, place: places[0].clone(), step: Step::Ended(vec![]) });
    stage.tell(Msg::EventsFound { serial: first, found: Ok(Box::new(found(events()))) });
    assert!(stage.model.trail.is_empty(), "{}", stage.text());
    assert_eq!(stage.search().1.by, [By::Key(KEY.into())]);
    stage.finds(events()[1..].to_vec());
    stage.tell(Msg::EventsFound { serial: first, found: Ok(Box::new(found(vec![]))) });
    assert_eq!(shown(&stage.model).len(), 5);
    let progress = &stage.model.case.inquiry.as_ref().expect("asked").places;
    assert!(progress.values().all(|p| *p == Progress::Waiting));
}

#[test]
fn the_list_grows_while_pages_come_and_the_cursor_stays_on_its_event() {
    let mut stage = quiet((80, 24));
    stage.keys("p 4");
    stage.finds(events()[3..].to_vec());
    stage.keys("j");
    assert_eq!(current(&stage), "e2");
    stage.told(0, Step::Missing(vec![stage.inquiry().1.window]));
    let back_to = Some(at("2026-03-02T02:45:00Z"));
    stage.told(0, Step::Kept { new: 3, back_to });
    stage.told(0, Step::Kept { new: 0, back_to });
    stage.told(0, Step::Throttled);
    assert_eq!(stage.searches(), 2, "what was known before is not looked for again");
    let screen = stage.text();
    assert!(screen.contains("eu-west-1 2 pages back to 03-02 02:45, throttled"), "{screen}");
    assert!(screen.contains("cloudtrail 2 asking"), "{screen}");
    stage.finds(events());
    assert_eq!((current(&stage), stage.model.trail.sight.cursor), ("e2", 4));
    stage.keys("o");
    assert_eq!((current(&stage), stage.model.trail.sight.cursor), ("e2", 1));
    assert_eq!(shown(&stage.model)[0], "e1");
    stage.whole();
    assert!(stage.text().contains("2 of 2 places asked"), "{}", stage.text());
}

#[test]
fn cancelling_keeps_what_was_read_and_asking_again_goes_on() {
    let mut stage = quiet((80, 24));
    stage.keys("p 4");
    stage.finds(events());
    stage.told(0, Step::Ended(vec![]));
    let (id, _, _) = stage.inquiry();
    stage.keys("X");
    assert!(stage.effects.contains(&Effect::StopInquiry(id)));
    assert_eq!(shown(&stage.model).len(), 6);
    stage.keys("X");
    assert!(stage.text().contains("nothing is being asked"), "{}", stage.text());
    stage.keys("j");
    let screen = stage.text();
    assert!(screen.contains("INCOMPLETE: cloudtrail acme us-east-1: stopped"), "{screen}");
    assert!(screen.contains("cloudtrail 1 whole 1 stopped"), "{screen}");
    stage.ticked("2026-03-02T03:20:00Z");
    stage.keys("ctrl-r");
    assert_eq!(stage.inquiry().1.window.to, at("2026-03-02T03:20:01Z"), "up to now");
    assert!(stage.model.trail.earlier.is_empty(), "the same question");
    stage.finds(events());
    assert_eq!(current(&stage), "e5");
}

#[test]
fn what_failed_is_said_on_the_screen_and_place_by_place() {
    let mut stage = quiet((80, 24));
    stage.keys("p 4");
    stage.finds(vec![]);
    assert!(stage.text().contains("Asking CloudTrail"), "{}", stage.text());
    let gap = Gap {
        source: Service::CloudTrail,
        account: "acme".into(),
        region: Some(region("eu-west-1")),
        page: None,
        why: Fault::new(FaultKind::Denied, "LookupEvents: AccessDenied"),
    };
    stage.told(0, Step::Ended(vec![gap]));
    stage.told(1, Step::Ended(vec![]));
    insta::assert_snapshot!("failed", stage.picture());
    stage.keys("H G");
    insta::assert_snapshot!("failed_health", stage.text());
    stage.keys("esc b ctrl-u enter enter");
    let serial = stage.search().0;
    let fault = Fault::new(FaultKind::Local, "the store is damaged");
    stage.tell(Msg::EventsFound { serial, found: Err(fault) });
    stage.whole();
    assert!(stage.text().contains("The store cannot be searched: the store is damaged"));
    assert_eq!(stage.search().0, serial, "it is not tried over and over");
}

#[test]
fn what_narrows_the_list_is_never_cut_from_the_bar() {
    let mut stage = stage((80, 24));
    stage.keys("R");
    stage.finds(events());
    stage.keys("W");
    stage.finds(events());
    stage.keys("/");
    stage.typed("iam");
    stage.keys("enter f o");
    stage.finds(events());
    let screen = stage.text();
    for part in ["failed only", "“iam”", "oldest first", "2 before"] {
        assert!(screen.contains(part), "{part}\n{screen}");
    }
    stage.finds(vec![]);
    assert!(stage.text().contains("Looked for: ") || !stage.model.trail.is_empty());
}

#[test]
fn nothing_found_says_what_to_do_next() {
    let mut stage = quiet((80, 24));
    stage.keys("p 4");
    assert!(stage.text().contains("Asking CloudTrail"), "{}", stage.text());
    stage.finds(vec![]);
    stage.whole();
    let screen = stage.text();
    assert!(screen.contains("No event matches."), "{screen}");
    assert!(screen.contains("+ widens the window"), "{screen}");
}

#[test]
fn a_question_waits_for_somebody_to_be_signed_in() {
    let mut stage = Stage::new((80, 24), &["us-east-1"]);
    stage.keys("p 4");
    assert_eq!(stage.inquiries(), 0);
    assert!(stage.text().contains("not signed in yet"), "{}", stage.text());
    stage.identify();
    assert_eq!(stage.inquiries(), 1);
    assert_eq!(stage.inquiry().2.len(), 1);
}

#[test]
fn offline_the_store_alone_answers() {
    let setup = Setup { offline: true, ..Setup::plain() };
    let mut stage = Stage::with(setup, (80, 24), &["us-east-1"]);
    stage.keys("p 4");
    stage.finds(vec![]);
    assert_eq!(stage.inquiries(), 0);
    insta::assert_snapshot!(stage.text());
    stage.keys("+");
    stage.finds(events());
    stage.keys("K");
    stage.finds(events());
    stage.keys("backspace");
    assert_eq!((stage.inquiries(), shown(&stage.model).len()), (0, 6));
}

#[test]
fn only_the_newest_are_shown_and_that_is_said() {
    let mut stage = stage((80, 24));
    stage.keys("ctrl-r +");
    let serial = stage.search().0;
    let many = Found { total: 31_402, failed: 1_203, ..found(events()) };
    stage.tell(Msg::EventsFound { serial, found: Ok(Box::new(many)) });
    let screen = stage.text();
    assert!(screen.contains("31,402 events · 1,203 failed · newest 6 shown"), "{screen}");
}

#[test]
fn from_an_event_to_the_findings_that_name_its_key() {
    let mut stage = stage((80, 24));
    stage.keys("j j j j F");
    assert_eq!(stage.model.pane, Pane::Findings);
    assert_eq!(stage.model.view.filter.text, KEY);
    let ids: Vec<_> = stage.model.list.rows.iter().map(|r| stage.model.finding(*r)).collect();
    assert_eq!(ids.len(), 1, "{}", stage.text());
    stage.keys("4");
    assert_eq!(current(&stage), "e2");
}

/// Text that a terminal obeys or hides, in every place that an attacker can write to.
fn hostile() -> Arc<Event> {
    const EVIL: &str = "\u{1b}[2J\u{202e}evil\u{200b}\u{9b}31m\r\n\u{7}";
    event(
        "e\u{1b}[2J1",
        "03:00:00",
        EVIL,
        json!({
        "eventSource": format!("{EVIL}.amazonaws.com"), "awsRegion": EVIL,
        "sourceIPAddress": EVIL, "userAgent": EVIL, "errorCode": EVIL, "errorMessage": EVIL,
        "userIdentity": {"type": EVIL, "userName": EVIL, "arn": EVIL, "principalId": EVIL,
            "accessKeyId": EVIL, "invokedBy": EVIL, "identityProvider": EVIL,
            "sessionContext": {"sourceIdentity": EVIL, "sessionIssuer": {"arn": EVIL}}},
        "resources": [{"ARN": EVIL, "type": EVIL}],
        "requestParameters": {EVIL: EVIL}, "responseElements": {"credentials": {"accessKeyId": EVIL},
            "assumedRoleUser": {"arn": EVIL}}}),
    )
}

#[test]
fn hostile_text_reaches_no_cell() {
    for size in [(80, 24), (120, 40), (200, 50)] {
        let mut stage = quiet(size);
        stage.keys("p 4");
        stage.finds(vec![hostile()]);
        stage.whole();
        let clean = |stage: &Stage, what: &str| {
            let screen = stage.text();
            let bad =
                |c: &char| c.is_control() && *c != '\n' || "\u{202e}\u{200b}\u{9b}".contains(*c);
            assert!(!screen.chars().any(|c| bad(&c)), "{what}\n{screen:?}");
        };
        let row = stage.text().lines().find(|l| l.contains("03:00:00")).map(ToOwned::to_owned);
        assert!(row.is_some_and(|r| r.contains('!')), "{}", stage.text());
        clean(&stage, "list");
        stage.keys("enter");
        clean(&stage, "detail");
        stage.keys("G");
        clean(&stage, "end of the detail");
        stage.keys("w");
        clean(&stage, "JSON");
        stage.keys("s");
        clean(&stage, "menu");
        stage.keys("esc n");
        clean(&stage, "note");
        stage.keys("esc");
        for key in ["K", "I", "A", "R", "U", "O", "N", "S", "C"] {
            stage.keys(key);
            stage.finds(vec![hostile()]);
            clean(&stage, key);
            stage.keys("b");
            clean(&stage, "query form");
            stage.keys("esc");
        }
    }
}

#[test]
fn own_addresses_and_calls_that_matter_are_marked() {
    let own = vec!["203.0.113.0/24".parse().expect("a network")];
    let setup = Setup { own, ..Setup::plain() };
    let mut stage = Stage::with(setup, (80, 24), &["us-east-1"]);
    stage.keys("p 4");
    stage.finds(events());
    let row = |name: &str| {
        let text = stage.text();
        text.lines().find(|l| l.contains(name)).map(ToOwned::to_owned).expect("a row")
    };
    assert!(row("StopLogging").contains("ours 203.0.113"), "{}", row("StopLogging"));
    assert!(row("StopLogging").starts_with("  ▲"), "{}", row("StopLogging"));
    assert!(!row("ConsoleLogin").contains("ours"));
    assert!(!row("ListUsers").contains('▲'));
    stage.keys("enter");
    assert!(stage.text().contains("▲ detection"), "{}", stage.text());
    stage.keys("page-down");
    assert!(stage.text().contains("ours, by the configuration"), "{}", stage.text());
}

#[test]
fn an_event_that_cannot_be_parsed_is_said_to_be_so() {
    let outer = halon::domain::event::Outer {
        id: Some("e9".into()),
        name: Some("CreateUser".into()),
        source: Some("iam.amazonaws.com".into()),
        time: Some(at("2026-03-02T03:00:00Z")),
        username: Some("ci-deploy".into()),
        access_key: Some(KEY.into()),
        ..Default::default()
    };
    let torn = Event::read("{\"eventName\": \"CreateU", Some(outer)).expect("an event");
    let mut stage = quiet((80, 24));
    stage.keys("p 4");
    stage.finds(vec![Arc::new(torn)]);
    let screen = stage.text();
    assert!(screen.contains(" ?▲ 03:00:00 ci-deploy"), "{screen}");
    stage.keys("enter");
    assert!(stage.text().contains("This event cannot be parsed"), "{}", stage.text());
    stage.keys("w");
    assert!(stage.text().contains("{\"eventName\": \"CreateU"), "{}", stage.text());
}

#[test]
fn marks_carry_a_note_and_show_in_both_lists() {
    let mut stage = stage((80, 24));
    stage.keys("j j j j n");
    stage.typed("first foothold");
    stage.told(0, Step::Kept { new: 1, back_to: None });
    let mut more = events();
    more.insert(0, event("e7", "03:09:00", "PutUserPolicy", json!({})));
    stage.finds(more);
    stage.keys("enter");
    let mark = stage.effects.iter().find_map(|e| match e {
        Effect::Mark(marks) => marks.first().cloned(),
        _ => None,
    });
    let mark = mark.expect("marked");
    assert_eq!((mark.about.name.raw(), mark.note.as_str()), ("CreateAccessKey", "first foothold"));
    assert_eq!(mark.by, "arn:aws:iam::111122223333:user/oncall");
    stage.keys("1 n enter");
    let finding = stage.effects.iter().rev().find_map(|e| match e {
        Effect::Mark(marks) => marks.first().cloned(),
        _ => None,
    });
    let finding = finding.expect("marked");
    assert_eq!(finding.what.kind(), "finding");
    let entry = |number, mark| Entry { number, mark, marked_at: at("2026-03-02T03:11:00Z") };
    let entries = vec![entry(2, finding), entry(1, mark)];
    stage.tell(Msg::TimelineRead(Ok(Timeline { entries, unreadable: 0 })));
    assert!(stage.text().contains("◆"), "{}", stage.text());
    stage.keys("4");
    let row = stage.text().lines().find(|l| l.contains("CreateAccessKey")).map(ToOwned::to_owned);
    assert!(row.is_some_and(|r| r.starts_with('◆')), "{}", stage.text());
    stage.keys("T");
    assert!(stage.effects.contains(&Effect::ReadTimeline));
    insta::assert_snapshot!(stage.text());
}

#[test]
fn sessions_stand_below_whoever_gave_out_their_credentials() {
    let mut stage = stage((80, 24));
    let stitch = |stage: &mut Stage| {
        let mut stitcher = Stitcher::default();
        events().iter().for_each(|e| stitcher.add(e));
        let window = stage.effects.iter().rev().find_map(|e| match e {
            Effect::Stitch(window) => Some(*window),
            _ => None,
        });
        let window = window.expect("they are stitched away from the loop");
        stage.tell(Msg::Stitched { window, sessions: Ok(Arc::new(stitcher.finish())) });
    };
    stage.keys("j t");
    assert!(stage.text().contains("Following credentials"), "{}", stage.text());
    stitch(&mut stage);
    insta::assert_snapshot!(stage.picture());
    let rows = &stage.model.trail.sight.tree.as_ref().expect("a tree").rows;
    let child = rows.iter().position(|(depth, _)| *depth == 1).expect("nightly is below ci-deploy");
    stage.keys(&"j ".repeat(child));
    stage.keys("enter");
    assert_eq!(by(&stage), [By::Key(SESSION_KEY.into())]);
    stage.finds(vec![]);
    stage.keys("esc");
    assert!(stage.model.trail.sight.tree.is_some(), "back to the tree");
    stage.keys("esc");
    assert_eq!((stage.model.trail.sight.tree.is_none(), current(&stage)), (true, "e5"));
    stage.tell(Msg::Resized(120, 40));
    stage.keys("t");
    stitch(&mut stage);
    insta::assert_snapshot!("sessions_wide", stage.text());
    stage.keys("+");
    assert!(stage.text().contains("Following credentials"), "the tree of the other window");
}

#[test]
fn closing_whatever_is_open_at_any_moment_loses_no_answer() {
    for keys in ["s", "b", "/", "n", "T", "?", "H", "L", "enter", "t", "s down", "enter w"] {
        let mut stage = quiet((80, 24));
        stage.keys("p 4");
        stage.finds(events()[2..].to_vec());
        stage.keys(keys);
        stage.told(0, Step::Kept { new: 2, back_to: None });
        stage.finds(events()[..1].to_vec());
        stage.buffer();
        stage.told(1, Step::Kept { new: 2, back_to: None });
        stage.finds(events());
        stage.keys("esc");
        stage.whole();
        let open = matches!(stage.model.overlay, Some(Overlay::Text(..) | Overlay::Form(_)));
        assert!(!open, "{keys}");
        assert_eq!((shown(&stage.model).len(), stage.model.pane), (6, Pane::Trail), "{keys}");
    }
}

#[test]
fn a_full_list_scrolls_and_every_size_draws() {
    let mut stage = stage((80, 24));
    let many = (0..500).map(|n| event(&format!("n{n:03}"), "02:30:00", "GetUser", json!({})));
    let many: Vec<_> = many.collect();
    stage.keys("ctrl-r +");
    stage.finds(many);
    stage.keys("G");
    assert_eq!(current(&stage), "n499");
    stage.keys("page-up k g g page-down");
    for size in
        [(1, 1), (0, 0), (10, 3), (24, 8), (60, 16), (99, 20), (100, 20), (200, 50), (500, 200)]
    {
        stage.tell(Msg::Resized(size.0, size.1));
        let buffer = stage.buffer();
        assert_eq!((buffer.area.width, buffer.area.height), size);
        for keys in
            ["enter j w", "G w esc", "s down", "esc ? G", "esc H esc", "t", "esc n", "esc b", "esc"]
        {
            stage.keys(keys);
            stage.buffer();
        }
    }
    stage.tell(Msg::Resized(80, 24));
    let page = halon::ui::page_rows(&stage.model);
    let (top, cursor) = (stage.model.trail.sight.top, stage.model.trail.sight.cursor);
    assert!((top..top + page).contains(&cursor), "{top} {cursor} {page}");
}

#[test]
fn a_trail_that_was_stopped_is_in_the_health_line_and_on_the_page_of_sources() {
    use halon::domain::{Answer, Logging, Query, Selectors, TrailState, TrailStatus};
    let mut stage = Stage::watching_trails((120, 40), &["us-east-1"]);
    stage.identify();
    let place = |q: &Query| match q {
        Query::Logging { place } => Some(place.clone()),
        _ => None,
    };
    let at_work = stage.asked.iter().find_map(|(_, q)| place(q)).expect("asked");
    let ticket = stage.take(|q| place(q).is_some());
    let trail = |name: &str, is_logging, stopped: Option<&str>| TrailState {
        name: name.into(),
        arn: format!("arn:aws:cloudtrail:us-east-1:111122223333:trail/{name}").as_str().into(),
        home_region: Some("us-east-1".into()),
        multi_region: true,
        organization: false,
        global_services: true,
        validation: true,
        bucket: None,
        status: Ok(TrailStatus { is_logging, stopped: stopped.map(at), ..TrailStatus::default() }),
        selectors: Ok(Selectors { reads: true, writes: true, data: Vec::new() }),
    };
    let told = |trails| Answer::Logging(Logging { place: at_work.clone(), trails });
    assert!(stage.text().contains("logging not answered yet"), "{}", stage.text());
    let all_well = vec![trail("org", true, None)];
    stage.tell(Msg::Answered(ticket, told(all_well)));
    assert!(stage.text().contains("logging on"), "{}", stage.text());
    // Five minutes later it is asked again.
    stage.ticked("2026-03-02T03:14:00Z");
    assert!(!stage.asked.iter().any(|(_, q)| place(q).is_some()));
    stage.ticked("2026-03-02T03:16:00Z");
    let ticket = stage.take(|q| place(q).is_some());
    let stopped = Some("2026-03-02T03:15:00Z");
    let off = vec![trail("org", true, None), trail("prod\u{202e}", false, stopped)];
    stage.tell(Msg::Answered(ticket, told(off)));
    assert!(stage.text().contains("LOGGING in trouble"), "{}", stage.text());
    stage.keys("H");
    let page = stage.text();
    assert!(page.contains("prod<U+202E>: logging was STOPPED at 2026-03-02T03:15:00Z"), "{page}");
    assert!(page.contains("1 of 2 trails record"), "{page}");
    assert_eq!(page.matches("no data events are recorded").count(), 1, "{page}");
    stage.keys("esc");
    stage.ticked("2026-03-02T03:22:00Z");
    let ticket = stage.take(|q| place(q).is_some());
    let why = halon::domain::Fault::new(halon::domain::FaultKind::Denied, "DescribeTrails: no");
    stage.tell(Msg::Answered(ticket, Answer::Failed(why)));
    assert!(stage.text().contains("logging unknown"), "{}", stage.text());
}

#[test]
fn sessions_that_were_on_their_way_are_asked_for_again_on_the_way_back() {
    let mut stage = stage((80, 24));
    let asked = |stage: &Stage| -> Vec<_> {
        let window = |e: &Effect| match e {
            Effect::Stitch(window) => Some(*window),
            _ => None,
        };
        stage.effects.iter().filter_map(window).collect()
    };
    stage.keys("t");
    let [narrow] = asked(&stage)[..] else { panic!("{:?}", asked(&stage)) };
    stage.keys("+");
    let wide = *asked(&stage).last().expect("asked");
    assert!(asked(&stage).len() == 2 && wide != narrow);
    // The answer to the first question comes while the second is looked at.
    let none = Ok(Arc::new(Stitcher::default().finish()));
    stage.tell(Msg::Stitched { window: narrow, sessions: none.clone() });
    assert_eq!(asked(&stage).len(), 2, "one at a time");
    stage.keys("backspace");
    assert_eq!(asked(&stage)[2..], [narrow]);
    stage.tell(Msg::Stitched { window: narrow, sessions: none });
    stage
        .tell(Msg::Stitched { window: wide, sessions: Ok(Arc::new(Stitcher::default().finish())) });
    let tree = stage.model.trail.sight.tree.as_ref().expect("shown");
    assert!(tree.stitching.is_none() && tree.window == narrow);
}

#[test]
fn credentials_in_use_from_several_places_show_how_many() {
    let mut stage = stage((80, 24));
    stage.keys("t");
    let window = stage.effects.iter().rev().find_map(|e| match e {
        Effect::Stitch(window) => Some(*window),
        _ => None,
    });
    let mut stitcher = Stitcher::default();
    events().iter().for_each(|e| stitcher.add(e));
    stitcher.add(&event("e9", "02:45:00", "ListUsers", json!({"sourceIPAddress": "198.51.100.9"})));
    let sessions = Ok(Arc::new(stitcher.finish()));
    stage.tell(Msg::Stitched { window: window.expect("asked"), sessions });
    let shown = stage.text();
    let row = shown.lines().find(|l| l.contains("ci-deploy")).unwrap_or_else(|| panic!("{shown}"));
    assert!(row.trim_end().ends_with(" +1"), "{row}");
}
