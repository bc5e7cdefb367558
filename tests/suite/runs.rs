//! The run as a machine, alone: whatever it is told and in whatever order, it makes no
//! call without the consent to exactly that change, none before its beginning is written
//! down, and gives out nothing after its end.

use std::sync::Arc;

use halon::{
    audit::{Entry, Kind},
    change::{Fingerprint, Prepared, Risk},
    domain::{
        Applied, AttachmentState, Change, Fault, FaultKind, KeyState, KeyStatus, Outcome, Place,
        PolicyArn, Principal, PrincipalState, Query, State, Subject, Verb,
    },
    guard::{Arming, Consent, LAPSE, Mode, review},
    playbook::{
        CHECKS, Item, ItemKind, Next, Outlook, Plan, Run, RunState, StepState, Task, Told,
        Unrecorded, When, Where,
    },
};
use jiff::SignedDuration;
use proptest::{collection::vec, prelude::*};
use serde_json::json;

use super::{
    ground::{incident, yes},
    stage::{NOW, at, region},
};

fn place() -> Place {
    Place { target: Arc::from("t"), region: region("us-east-1") }
}

fn key(status: KeyStatus) -> State {
    State::AccessKey(KeyState {
        user: "ci".parse().expect("a name"),
        key: "AKIAIOSFODNN7EXAMPLE".parse().expect("an id"),
        status,
        created: None,
        last_used: None,
        others: Vec::new(),
    })
}

fn policy() -> PolicyArn {
    "arn:aws:iam::111122223333:policy/wide".parse().expect("an ARN")
}

fn role() -> Principal {
    Principal::Role("deploy".parse().expect("a name"))
}

fn attachment(attached: bool, document: &str) -> State {
    State::Attachment(AttachmentState {
        principal: PrincipalState {
            principal: role(),
            arn: "arn:aws:iam::111122223333:role/deploy".into(),
            service_linked: false,
            created: None,
            last_used: None,
            boundary: None,
            attached: if attached { vec![policy()] } else { Vec::new() },
            inline: Vec::new(),
        },
        policy: policy(),
        version: "v1".into(),
        document: document.into(),
        attachments: u32::from(attached),
    })
}

/// Every state that is ever read here.
fn state(n: usize) -> State {
    match n % 5 {
        0 => key(KeyStatus::Active),
        1 => key(KeyStatus::Inactive),
        2 => attachment(true, "{}"),
        3 => attachment(true, "{\"edited\":1}"),
        _ => attachment(false, "{}"),
    }
}

fn deactivate() -> Verb {
    let State::AccessKey(key) = key(KeyStatus::Active) else { unreachable!("it is a key") };
    Verb::DeactivateAccessKey { user: key.user, key: key.key }
}

fn prepared(verb: Verb, before: State) -> Prepared {
    let account = "111122223333".parse().expect("an account");
    Prepared { change: Change { place: place(), account, verb }, before }
}

/// A change of this run in one of the states that it could be in.
fn change(n: usize) -> Prepared {
    match n % 4 {
        0 => prepared(deactivate(), key(KeyStatus::Active)),
        1 => prepared(Verb::DetachPolicy { from: role(), policy: policy() }, state(2)),
        2 => prepared(Verb::DetachPolicy { from: role(), policy: policy() }, state(3)),
        _ => prepared(Verb::AttachPolicy { to: role(), policy: policy() }, state(4)),
    }
}

fn armed() -> Mode {
    Mode::Armed(Arming::new(incident(), at(NOW), LAPSE))
}

/// The consent to a change, given as it is asked for.
fn consent(prepared: &Prepared) -> Consent {
    let review = review(&armed(), at(NOW), prepared, Risk::Reversible, None, &[]);
    yes(&review.expect("it may be asked for"))
}

/// A run with every kind of step: a check, a question, changes with and without them.
fn run() -> Run {
    let item = |id: &str, kind| Item::new(id, kind);
    let subject = Subject::AccessKey("AKIAIOSFODNN7EXAMPLE".parse().expect("an id"));
    let queries = vec![Query::State { place: place(), subject }];
    let check = CHECKS.iter().find(|c| c.read.name == "iam.key_is_active").expect("a check");
    let within = SignedDuration::from_secs(1);
    let of = |n| ItemKind::Change { prepared: Box::new(change(n)), within };
    let mut items = vec![
        item("active", ItemKind::Check { what: check, queries, found: Vec::new() }),
        item("deactivate", of(0)),
        item("sure", ItemKind::Ask { question: "Sure?".into(), answer: None }),
        item("detach", of(1)),
        item("note", ItemKind::Note { text: "Watch.".into() }),
        item("attach", of(3)),
    ];
    items[1].when = Some(When { step: "active".into(), holds: true });
    items[3].when = Some(When { step: "sure".into(), holds: true });
    let about = ("p", "00", "A playbook", Risk::Reversible);
    Run::new("r1".into(), about, json!({}), incident(), Plan { items }, None)
}

/// What happens to a run from outside.
#[derive(Clone, Debug)]
enum Event {
    /// It is asked what it needs.
    Next,
    /// What is on its way is answered.
    Fitting(usize),
    /// It is told something, whether or not it asked.
    Told(usize, usize),
    Answer(bool),
    /// Consent to the change that it is at.
    Consent,
    /// Consent to some change.
    Foreign(usize),
    Skip,
    Retry,
    Abandon,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => Just(Event::Next),
        12 => (0..60_usize).prop_map(Event::Fitting),
        2 => (0..4_usize, 0..60_usize).prop_map(|(k, n)| Event::Told(k, n)),
        2 => any::<bool>().prop_map(Event::Answer),
        5 => Just(Event::Consent),
        1 => (0..4_usize).prop_map(Event::Foreign),
        1 => Just(Event::Skip),
        2 => Just(Event::Retry),
        1 => Just(Event::Abandon),
    ]
}

fn fault(kind: FaultKind) -> Fault {
    Fault::new(kind, "it went wrong")
}

/// Something that a run can be told; most of it is good news.
fn told(kind: usize, n: usize) -> Told {
    let read = if n % 6 == 5 { Err(fault(FaultKind::Expired)) } else { Ok(state(n)) };
    match kind {
        0 if n % 9 == 8 => Told::Recorded(Err(fault(FaultKind::Local))),
        0 => Told::Recorded(Ok(())),
        1 => Told::Read(Box::new(read)),
        2 => {
            let outcome = match n % 7 {
                0 => Outcome::Refused(fault(FaultKind::NotFound)),
                1 => Outcome::Refused(fault(FaultKind::Denied)),
                2 => Outcome::Unknown(fault(FaultKind::Timeout)),
                3 => Outcome::Partial(vec!["one: InternalFailure".into()]),
                _ => Outcome::Accepted,
            };
            let applied =
                Applied { outcome, attempts: 1, host: None, request_id: None, server_time: None };
            let result = if n % 11 == 10 { Err(fault(FaultKind::Refused)) } else { Ok(applied) };
            let unrecorded = (n % 13 == 12).then(|| {
                let entry = Entry::new(Kind::Outcome).corr("c");
                Box::new(Unrecorded { entry, fault: fault(FaultKind::Local) })
            });
            Told::Applied { result, unrecorded }
        }
        _ => Told::ReadBack { state: Box::new(read), reads: 2 },
    }
}

/// What was seen of a run so far.
#[derive(Default)]
struct Seen {
    /// What is on its way, by the number of its answer, and a record's kind.
    out: Option<(usize, Option<Kind>)>,
    written: Vec<Kind>,
    consents: Vec<Fingerprint>,
    calls: usize,
    over: bool,
}

impl Seen {
    fn next(&mut self, run: &mut Run) {
        let ended = run.ended();
        let next = run.next(Outlook { mode: &armed(), now: at(NOW), place: &Where::default() });
        if self.over {
            assert_eq!(next, Next::Over, "nothing comes after the end");
        }
        if self.out.is_some() {
            assert_eq!(next, Next::Wait, "one thing at a time");
            return;
        }
        match next {
            Next::Do(Task::Record(entry)) => self.out = Some((0, Some(entry.kind))),
            Next::Do(task) => {
                assert!(!ended, "after its end only records are given out: {task:?}");
                self.out = Some((self.given(run, task), None));
            }
            Next::Ask | Next::Confirm(_) | Next::Refused(_) => {
                assert!(!ended, "nobody is asked after the end");
            }
            Next::Over => {
                assert!(run.ended() && run.is_over());
                self.over = true;
            }
            Next::Stopped => assert!(run.trouble().is_some()),
            Next::Wait => panic!("nothing is on its way"),
            Next::Replan => panic!("no step assumes a role"),
        }
    }

    fn given(&mut self, run: &Run, task: Task) -> usize {
        assert_eq!(self.written.first(), Some(&Kind::RunStart), "the beginning is written first");
        match task {
            Task::Record(_) => 0,
            Task::Read(_) => 1,
            Task::ReadBack { .. } => 3,
            Task::Apply { intent, consent: with, .. } => {
                let fingerprint = intent.prepared.fingerprint();
                let at = self.consents.iter().position(|f| *f == fingerprint);
                self.consents.swap_remove(at.expect("a consent to this very change was given"));
                assert_eq!(with, consent(&intent.prepared), "and it is that consent");
                assert_eq!(run.current().map(|i| &i.id), Some(&intent.step));
                self.calls += 1;
                2
            }
        }
    }

    fn tell(&mut self, run: &mut Run, kind: usize, n: usize) {
        let told = told(kind, n);
        if let Some((awaited, record)) = self.out
            && awaited == kind
        {
            self.out = None;
            self.written.extend(record.filter(|_| told == Told::Recorded(Ok(()))));
        }
        run.told(told);
    }

    fn consent(&mut self, run: &mut Run, prepared: &Prepared) {
        self.consents.push(prepared.fingerprint());
        run.consent(consent(prepared));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn no_call_without_its_consent_and_nothing_after_the_end(events in vec(event(), 0..160)) {
        let (mut run, mut seen) = (run(), Seen::default());
        for event in events {
            match event {
                Event::Next => seen.next(&mut run),
                Event::Fitting(n) => {
                    if let Some((kind, _)) = seen.out {
                        seen.tell(&mut run, kind, n);
                    }
                }
                Event::Told(kind, n) => seen.tell(&mut run, kind, n),
                Event::Answer(yes) => run.answer(yes),
                Event::Consent => {
                    if let Some(prepared) = run.current().and_then(Item::prepared).cloned()
                        && prepared.facts().impossible(&prepared.before).is_none()
                    {
                        seen.consent(&mut run, &prepared);
                    }
                }
                Event::Foreign(n) => seen.consent(&mut run, &change(n)),
                Event::Skip => run.skip("for a reason"),
                Event::Retry => run.retry(),
                Event::Abandon => {
                    let had_ended = run.ended();
                    run.abandon();
                    // A run that ends by it does not wait for what only reads; a late
                    // answer is one that nobody asked for.
                    if run.ended() && !had_ended && matches!(seen.out, Some((1, _))) {
                        seen.out = None;
                    }
                }
            }
        }
        // A run that nobody hinders comes to its end from wherever it is.
        for _ in 0..400 {
            if let Some((kind, _)) = seen.out {
                seen.tell(&mut run, kind, if kind == 2 { 4 } else { 0 });
                continue;
            }
            run.skip("for a reason");
            if run.may_decide() {
                run.retry();
            }
            seen.next(&mut run);
        }
        prop_assert!(seen.over, "{:?} {:?}", run.state(), run.items);
        let ends = seen.written.iter().filter(|k| **k == Kind::RunEnd).count();
        let starts = seen.written.iter().filter(|k| **k == Kind::RunStart).count();
        prop_assert_eq!((starts, ends), (1, 1));
        prop_assert_eq!(seen.written.last(), Some(&Kind::RunEnd));
    }
}

/// A run to its end, told what is expected, so that the property above is not empty.
#[test]
fn with_every_consent_every_call_is_made() {
    let (mut run, mut seen) = (run(), Seen::default());
    for _ in 0..200 {
        let step = run.current().map(|i| i.id.clone()).unwrap_or_default();
        if let Some((kind, _)) = seen.out {
            // The state before each change, and what it brings about.
            let n = match (kind, step.as_str()) {
                (1, "active" | "deactivate") => 0,
                (1, "detach") => 2,
                (1, _) => 4,
                (2, _) => 4,
                (3, "deactivate") => 1,
                (3, "detach") => 4,
                (3, _) => 2,
                _ => 0,
            };
            seen.tell(&mut run, kind, n);
            continue;
        }
        run.answer(true);
        if let Some(prepared) = run.current().and_then(Item::prepared).cloned()
            && run.may_decide()
        {
            seen.consent(&mut run, &prepared);
        }
        seen.next(&mut run);
    }
    assert_eq!((seen.calls, run.state()), (3, RunState::Done), "{:?}", run.items);
}

/// A record that could not be written is written by the next try, and nothing else is
/// done before; after an end that was decided, nothing but that.
#[test]
fn an_end_that_could_not_be_written_is_written_and_stays_the_end() {
    let (mut run, mut seen) = (run(), Seen::default());
    seen.next(&mut run);
    seen.tell(&mut run, 0, 0);
    run.abandon();
    for _ in 0..3 {
        seen.next(&mut run);
        assert_eq!(seen.out, Some((0, Some(Kind::RunEnd))));
        seen.tell(&mut run, 0, 8);
        let outlook = Outlook { mode: &armed(), now: at(NOW), place: &Where::default() };
        assert_eq!(run.next(outlook), Next::Stopped);
        run.retry();
    }
    seen.next(&mut run);
    seen.tell(&mut run, 0, 0);
    seen.next(&mut run);
    assert!(seen.over && run.state() == RunState::Abandoned);
    assert_eq!(seen.written, [Kind::RunStart, Kind::RunEnd]);
}

/// A run whose first call was made, and its outcome could not be written down.
fn unrecorded() -> (Run, Seen) {
    let (mut run, mut seen) = (run(), Seen::default());
    while seen.calls == 0 {
        if let Some((kind, _)) = seen.out {
            seen.tell(&mut run, kind, 0);
        } else if run.may_decide() {
            let prepared = run.current().and_then(Item::prepared).cloned().expect("a change");
            seen.consent(&mut run, &prepared);
        }
        seen.next(&mut run);
    }
    seen.tell(&mut run, 2, 12);
    let outlook = Outlook { mode: &armed(), now: at(NOW), place: &Where::default() };
    assert_eq!(run.next(outlook), Next::Stopped);
    assert_eq!(run.trouble().map(|f| f.kind), Some(FaultKind::Local));
    (run, seen)
}

/// The read-back that says what became of the call is made and written all the same.
#[test]
fn an_unwritten_outcome_is_still_read_back() {
    let (mut run, mut seen) = unrecorded();
    run.retry();
    seen.next(&mut run);
    assert_eq!(seen.out, Some((0, Some(Kind::Outcome))), "what was lost is written first");
    seen.tell(&mut run, 0, 0);
    seen.next(&mut run);
    assert_eq!(seen.out, Some((3, None)), "it is read back, not begun anew");
    seen.tell(&mut run, 3, 1);
    assert_eq!(run.items[1].state, StepState::Done);
    seen.next(&mut run);
    assert_eq!(seen.out, Some((0, Some(Kind::Readback))));
}

#[test]
fn a_run_whose_outcome_cannot_be_written_can_be_left() {
    let (mut run, mut seen) = unrecorded();
    run.abandon();
    assert_eq!(run.state(), RunState::Abandoned);
    seen.next(&mut run);
    assert_eq!(seen.out, Some((0, Some(Kind::Outcome))), "what was lost is written first");
    seen.tell(&mut run, 0, 0);
    seen.next(&mut run);
    assert_eq!(seen.out, Some((0, Some(Kind::RunEnd))));
}
