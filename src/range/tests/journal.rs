//! One world in several processes.

use std::{io, sync::Mutex};

use jiff::SignedDuration;
use serde_json::json;

use super::*;

/// A journal in memory that several values share, as processes share a file.
#[derive(Clone, Default)]
pub struct Shared {
    lines: Arc<Mutex<Vec<String>>>,
    locked: Arc<Mutex<bool>>,
    read: usize,
}

impl Journal for Shared {
    fn read_new(&mut self) -> io::Result<Vec<String>> {
        let lines = self.lines.lock().expect("no panic");
        let new = lines[self.read..].to_vec();
        self.read = lines.len();
        Ok(new)
    }
    fn append(&mut self, line: &str) -> io::Result<()> {
        assert!(*self.locked.lock().expect("no panic"), "appended without the lock");
        let mut lines = self.lines.lock().expect("no panic");
        assert_eq!(self.read, lines.len(), "appended without having read what is there");
        lines.push(line.to_owned());
        self.read = lines.len();
        Ok(())
    }
    fn note(&mut self, line: &str) -> io::Result<()> {
        self.append(line)
    }
    fn lock(&mut self) -> io::Result<()> {
        let mut locked = self.locked.lock().expect("no panic");
        assert!(!*locked, "locked twice");
        *locked = true;
        Ok(())
    }
    fn unlock(&mut self) -> io::Result<()> {
        *self.locked.lock().expect("no panic") = false;
        Ok(())
    }
}

impl Shared {
    /// As another process opens it.
    pub fn anew(&self) -> Box<Shared> {
        Box::new(Shared { read: 0, ..self.clone() })
    }

    /// Everything in it.
    pub fn text(&self) -> String {
        self.lines.lock().expect("no panic").join("\n")
    }

    /// The lines of accepted changes.
    fn changes(&self) -> Vec<String> {
        let lines = self.lines.lock().expect("no panic");
        lines.iter().filter(|line| line.contains("\"do\":")).cloned().collect()
    }
}

fn archived(bench: &Bench) -> usize {
    bench.ids(json!({"service.archived": {"eq": ["true"]}})).len()
}

#[test]
fn what_one_process_changes_the_other_sees() {
    let journal = Shared::default();
    let one = Bench::of(scenario("leaked-key"), journal.anew());
    let other = Bench::of(scenario("leaked-key"), journal.anew());
    let before = archived(&one);
    let ids = one.ids(json!({"severity": {"gte": 8}}));
    one.guardduty("/archive", json!({"findingIds": ids[..2]}));
    assert_eq!(archived(&other), before + 2);
    other.guardduty("/unarchive", json!({"findingIds": ids[..1]}));
    assert_eq!(archived(&one), before + 1);
    let next = Bench::of(scenario("leaked-key"), journal.anew());
    assert_eq!(archived(&next), before + 1);
    assert_eq!(journal.changes().len(), 2);
}

#[test]
fn a_later_process_is_at_the_worlds_time_not_at_its_start() {
    let journal = Shared::default();
    let one = Bench::of(scenario("leaked-key"), journal.anew());
    one.pass(30);
    let (clock, wall) = clock();
    wall.store(one.wall.load(Ordering::Relaxed), Ordering::Relaxed);
    let later = Range::open(scenario("leaked-key"), clock, journal.anew()).expect("opens");
    assert_eq!(later.now(), one.range.now());
    assert_eq!(later.now().to_string(), "2026-03-02T03:40:00Z");
}

#[test]
fn time_that_is_let_pass_passes_in_every_process() {
    use super::{authentication::IDENTITY, iam::all, sessions::*};
    let journal = Shared::default();
    let open = || Bench::of(scenario("leaked-key"), journal.anew());
    let (one, other) = (open(), open());
    let ci = own(CI);
    let session = given(&one, &ci, &assume(RUNNER, "sync", ""));
    one.range.pass(SignedDuration::from_mins(59)).expect("passes");
    let (status, text) = session.form(&other, "sts", IDENTITY);
    assert_eq!(status, 200, "{text}");
    other.range.pass(SignedDuration::from_secs(61)).expect("passes");
    let now = "2026-03-02T04:10:01Z";
    for bench in [&one, &other, &open()] {
        assert_eq!(bench.range.now().to_string(), now);
        let (status, text) = session.form(bench, "sts", IDENTITY);
        assert_eq!((status, all(&text, "Code")), (403, vec!["ExpiredToken"]));
    }
    // The clock goes on from there, and what is done is done then.
    for bench in [&one, &other] {
        bench.pass(1);
    }
    let next = given(&one, &ci, &assume(RUNNER, "sync", ""));
    assert!(journal.text().contains("\"at\":\"2026-03-02T04:11:01Z\""), "{}", journal.text());
    let (status, text) = next.form(&other, "sts", IDENTITY);
    assert_eq!(status, 200, "{text}");
}

#[test]
fn time_neither_goes_back_nor_beyond_all_time() {
    let journal = Shared::default();
    let bench = Bench::of(scenario("leaked-key"), journal.anew());
    let begun = journal.text();
    for by in [SignedDuration::from_millis(-1), SignedDuration::MAX, SignedDuration::MIN] {
        let fault = bench.range.pass(by).expect_err("refused");
        assert_eq!(fault.kind, crate::domain::FaultKind::Refused, "{fault}");
    }
    let far = SignedDuration::from_hours(24 * 366 * 9000);
    assert!(bench.range.pass(far).is_err());
    assert_eq!((bench.range.now(), journal.text()), (bench.range.start(), begun));
    // A world whose clock stands is moved by it all the same.
    let clock = Clock { pace: Pace::Frozen, ..clock().0 };
    let frozen = Range::open(scenario("leaked-key"), clock, Box::new(NoJournal)).expect("opens");
    frozen.pass(SignedDuration::from_hours(1)).expect("passes");
    assert_eq!(frozen.now() - frozen.start(), SignedDuration::from_hours(1));
}

#[test]
fn every_kind_of_change_is_replayed() {
    let journal = Shared::default();
    let one = Bench::of(scenario("leaked-key"), journal.anew());
    one.guardduty("/create", json!({"findingTypes": ["Trojan:EC2/DropPoint"]}));
    let target = one.hub(json!({})).remove(0);
    let input = json!({"FindingIdentifiers": [{"Id": target["Id"], "ProductArn": target["ProductArn"]}],
        "Workflow": {"Status": "NOTIFIED"}});
    one.call("securityhub", "PATCH", "/findings/batchupdate", input);
    let next = Bench::of(scenario("leaked-key"), journal.anew());
    assert_eq!(next.ids(json!({})), one.ids(json!({})));
    assert_eq!(next.hub(json!({})), one.hub(json!({})));
}

#[test]
fn changes_of_iam_are_replayed_and_a_key_stops_in_every_process() {
    use super::iam::{all, iam, ok};
    let journal = Shared::default();
    let one = Bench::of(scenario("leaked-key"), journal.anew());
    let other = Bench::of(scenario("leaked-key"), journal.anew());
    let wild = ("PolicyArn", "arn:aws:iam::444455556666:policy/log-archive-access");
    let role = ("RoleName", "log-archiver");
    ok(&one, "AttachUserPolicy", &[("UserName", "siem-exporter"), wild]);
    ok(&one, "DetachRolePolicy", &[role, wild]);
    let document = [wild, ("PolicyDocument", "{\"Statement\":[]}"), ("SetAsDefault", "true")];
    ok(&one, "CreatePolicyVersion", &document);
    ok(&one, "SetDefaultPolicyVersion", &[wild, ("VersionId", "v1")]);
    let next = Bench::of(scenario("leaked-key"), journal.anew());
    for bench in [&other, &next] {
        for (action, parameter) in [
            ("GetPolicy", wild),
            ("ListPolicyVersions", wild),
            ("ListEntitiesForPolicy", wild),
            ("ListAttachedRolePolicies", role),
        ] {
            let result = |bench| {
                let text = ok(bench, action, &[parameter]);
                all(&text, &format!("{action}Result")).concat()
            };
            assert_eq!(result(bench), result(&one), "{action}");
        }
    }
    let entities = ok(&next, "ListEntitiesForPolicy", &[wild]);
    assert_eq!(all(&entities, "UserName"), ["siem-exporter"]);
    let changes = journal.changes().len();
    ok(&one, "UpdateAccessKey", &[("AccessKeyId", OPERATOR_KEY.0), ("Status", "Inactive")]);
    assert_eq!(iam(&other, "GetUser", &[]).0, 403);
    // Nor does a request that it signs change anything.
    let attach = [("RoleName", "log-archiver"), wild];
    assert_eq!(iam(&next, "AttachRolePolicy", &attach).0, 403);
    assert_eq!(journal.changes().len(), changes + 1);
}

#[test]
fn a_journal_of_another_scenario_or_text_is_a_fault() {
    let journal = Shared::default();
    Bench::of(scenario("leaked-key"), journal.anew());
    let open =
        |scenario| Range::open(scenario, clock().0, journal.anew()).err().map(|f| f.to_string());
    assert!(open(scenario("flood")).is_some_and(|why| why.contains("another scenario")));
    let (_, text) = shipped()[0];
    let changed = Scenario::read("x", &format!("{text}\n# changed\n")).expect("valid");
    assert!(open(changed).is_some_and(|why| why.contains("has changed")));
    assert_eq!(open(scenario("leaked-key")), None);
}

#[test]
fn a_torn_line_is_tolerated_and_a_wrong_one_is_not() {
    let journal = Shared::default();
    let one = Bench::of(scenario("leaked-key"), journal.anew());
    let ids = one.ids(json!({"severity": {"gte": 9}}));
    one.guardduty("/archive", json!({"findingIds": ids}));
    let whole = journal.changes().remove(0);
    journal.lines.lock().expect("no panic").push(whole[..whole.len() / 2].to_owned());
    let next = Bench::of(scenario("leaked-key"), journal.anew());
    assert_eq!(archived(&next), archived(&one));
    // A change after the torn line is still taken.
    next.guardduty("/unarchive", json!({"findingIds": ids}));
    assert_eq!(archived(&one), archived(&next));
    journal.lines.lock().expect("no panic").push("{\"foreign\": 1}".to_owned());
    for _ in 0..2 {
        let (status, _) = one.call("guardduty", "GET", "/detector", Value::Null);
        assert_eq!(status, 500, "a world that cannot follow its journal answers nothing");
    }
    assert!(Range::open(scenario("leaked-key"), clock().0, journal.anew()).is_err());
}

#[test]
fn what_cannot_be_journalled_does_not_happen() {
    struct Full;
    impl Journal for Full {
        fn read_new(&mut self) -> io::Result<Vec<String>> {
            Ok(Vec::new())
        }
        fn append(&mut self, line: &str) -> io::Result<()> {
            if line.contains("\"world\"") { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
        }
        fn note(&mut self, line: &str) -> io::Result<()> {
            self.append(line)
        }
        fn lock(&mut self) -> io::Result<()> {
            Ok(())
        }
        fn unlock(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let bench = Bench::of(scenario("leaked-key"), Box::new(Full));
    let before = archived(&bench);
    let ids = bench.ids(json!({"severity": {"gte": 9}}));
    let (status, answer) = bench.try_guardduty("/archive", json!({"findingIds": ids}));
    assert_eq!((status, &answer["__type"]), (500, &"InternalServerErrorException".into()));
    assert_eq!(archived(&bench), before);
}
