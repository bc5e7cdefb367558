//! Killed at any moment, or asked to end, or beside another halon: what the range saw,
//! what the audit log says, and what the next start makes of it.

use std::{
    collections::HashSet,
    process::{Child, ExitStatus},
    thread,
    time::{Duration, Instant, SystemTime},
};

use halon::audit::{self, Kind, Record};

use super::machine::{
    CONSENT, Change, KEY, Machine, OTHER_KEY, Ran, Served, at, of_kind, refs, say, until, words,
};

/// How often a process is killed: by so many killers with a range each, and how many of
/// the killed share an audit log.
const KILLS: usize = 200;
const KILLERS: usize = 2;
const EACH: usize = 25;

/// Keys that are switched over, and policies.
const KEYS: [&str; 2] = [KEY, OTHER_KEY];
const POLICIES: [(&str, &str, &str); 3] = [
    ("user", "svc-backup-sync", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ("user", "ci-deployer", "arn:aws:iam::123456789012:policy/ci/ci-deploy"),
    ("role", "orders-api", "arn:aws:iam::123456789012:policy/orders-api-access"),
];
const TARGETS: usize = KEYS.len() + POLICIES.len();

fn header(id: &str) -> String {
    format!(
        "schema = 1\nid = \"{id}\"\ntitle = \"For the tests\"\nsummary = \"For the tests.\"\n\
         risk = \"reversible\"\nanswers = [\"*\"]\n"
    )
}

/// Changes every target over: whatever state it is in, one step of each pair has a change
/// to make and the other one has nothing to do.
fn switch() -> String {
    let mut text = header("switch");
    for (n, key) in KEYS.iter().enumerate() {
        for verb in ["deactivate", "reactivate"] {
            text += &format!(
                "[[steps]]\nid = \"{verb}{n}\"\nchange = \"iam.{verb}_access_key\"\n\
                 with = {{ key = \"{key}\" }}\n"
            );
        }
    }
    for (n, (kind, name, policy)) in POLICIES.iter().enumerate() {
        for verb in ["detach", "attach"] {
            text += &format!(
                "[[steps]]\nid = \"{verb}{n}\"\nchange = \"iam.{verb}_{kind}_policy\"\n\
                 with = {{ {kind} = \"{name}\", policy = \"{policy}\" }}\n"
            );
        }
    }
    text
}

/// Changes nothing: its start settles what earlier runs left.
fn look() -> String {
    header("look") + "[[steps]]\nid = \"seen\"\nnote = \"Nothing to do.\"\n"
}

fn machine(served: &Served) -> Machine {
    let machine = Machine::new(served);
    machine.playbook("switch", &switch());
    machine.playbook("look", &look());
    machine
}

fn switching() -> Vec<String> {
    let mut words = ["playbook", "run", "switch"].map(ToOwned::to_owned).to_vec();
    for (n, key) in KEYS.iter().enumerate() {
        words.extend(["--confirm".to_owned(), format!("reactivate{n}={key}")]);
    }
    words.extend(CONSENT.map(ToOwned::to_owned));
    words
}

fn looking() -> Vec<&'static str> {
    ["playbook", "run", "look"].into_iter().chain(CONSENT).collect()
}

/// Random numbers from a seed that a failing test tells.
struct Dice(u64);

impl Dice {
    /// Several at once, with seeds of one.
    fn several() -> [Self; KILLERS] {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let seed = std::env::var("HALON_TEST_SEED").ok().and_then(|s| s.parse().ok());
        let seed = seed.unwrap_or(now.expect("after 1970").as_nanos() as u64 | 1);
        say(&format!("kill: HALON_TEST_SEED={seed}"));
        std::array::from_fn(|n| Self(seed.wrapping_add(n as u64).max(1)))
    }

    /// From 0 to 1 (xorshift64*).
    fn part(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Where the kills hit.
#[derive(Debug, Default)]
struct Tally {
    /// Before the first record of the process.
    before: usize,
    /// Between an intent and its outcome, and the range saw nothing of it.
    unsent: usize,
    /// Between an intent and its outcome, and the change was made.
    unanswered: usize,
    /// Between an outcome and its read-back.
    unread: usize,
    /// Anywhere else in a session.
    elsewhere: usize,
    /// It had ended by itself.
    late: usize,
    /// Torn tails that were recovered.
    torn: usize,
    /// Changes that the range saw.
    changes: usize,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.before += other.before;
        self.unsent += other.unsent;
        self.unanswered += other.unanswered;
        self.unread += other.unread;
        self.elsewhere += other.elsewhere;
        self.late += other.late;
        self.torn += other.torn;
        self.changes += other.changes;
    }
}

fn killed(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(9)
}

/// The intents among `records`, and which of them have an outcome.
fn answered<'r>(records: &[&'r Record]) -> (Vec<&'r Record>, HashSet<&'r str>) {
    let of = |kind| records.iter().copied().filter(move |r| r.kind() == Some(kind));
    (of(Kind::Intent).collect(), of(Kind::Outcome).filter_map(Record::corr).collect())
}

/// Every unknown outcome is named by a start and read back; gives what is seen of `corr`.
fn settles(machine: &Machine, corr: &str) -> String {
    let records = machine.records();
    let open = audit::unknown(&records).len();
    let ran = machine.run(&looking()).expect(0);
    let count = |text: &str| ran.err.matches(text).count();
    assert_eq!(count("unknown outcome: "), open, "{}", ran.err);
    assert_eq!(count("read back: "), open, "{}", ran.err);
    let records = machine.records();
    let mut read = of_kind(&records, Kind::Readback);
    read.retain(|r| r.corr() == Some(corr));
    let state = read.last().and_then(|r| r.text("state")).expect("read back").to_owned();
    let still = audit::unknown(&records).iter().any(|r| r.corr() == Some(corr));
    assert_eq!(still, state == "unconfirmed", "{state}");
    state
}

/// How many intents stand behind this many bytes of the log, without reading it as a log.
fn intents_since(machine: &Machine, bytes: u64) -> usize {
    use std::io::{Read, Seek, SeekFrom};
    let mut text = String::new();
    let read = std::fs::File::open(machine.log()).and_then(|mut file| {
        file.seek(SeekFrom::Start(bytes))?;
        file.read_to_string(&mut text)
    });
    if read.is_ok() { text.matches("\"kind\":\"intent\"").count() } else { 0 }
}

/// One run, killed after `wait`, which is told of the log's length before it.
fn kill(served: &Served, machine: &Machine, tally: &mut Tally, wait: impl FnOnce(&mut Child, u64)) {
    let before = machine.records();
    let length = std::fs::metadata(machine.log()).map_or(0, |m| m.len());
    let accepted = served.accepted();
    let words = switching();
    let mut child = machine.start(&refs(&words));
    wait(&mut child, length);
    let _ = child.kill();
    let ran = Ran::of(child.wait_with_output().expect("waited for"));
    if !killed(ran.status) {
        ran.expect(0);
        tally.late += 1;
        return;
    }
    let all = machine.records();
    let new: Vec<&Record> = all.iter().skip(before.len()).collect();
    let (intents, outcomes) = answered(&new);
    let Some(last) = intents.last().and_then(|i| i.corr()) else {
        assert_eq!(served.accepted(), accepted, "a change without an intent");
        tally.before += usize::from(new.is_empty());
        tally.elsewhere += usize::from(!new.is_empty());
        return;
    };
    for intent in &intents {
        let corr = intent.corr().expect("a corr");
        assert!(corr == last || outcomes.contains(corr), "{corr} was left without an outcome");
    }
    if !outcomes.contains(last) {
        assert!(audit::unknown(&all).iter().any(|r| r.corr() == Some(last)));
        let state = settles(machine, last);
        let made = served.accepted() - accepted;
        assert!(made == intents.len() || made + 1 == intents.len(), "{made} of {}", intents.len());
        if made == intents.len() {
            assert_eq!(state, "done");
            tally.unanswered += 1;
        } else {
            assert_eq!(state, "unconfirmed");
            tally.unsent += 1;
        }
        return;
    }
    assert_eq!(served.accepted() - accepted, intents.len(), "each was made once");
    let read = |r: &&Record| r.kind() == Some(Kind::Readback) && r.corr() == Some(last);
    if new.iter().any(read) {
        tally.elsewhere += 1;
    } else {
        tally.unread += 1;
    }
}

/// Every change has its own intent, written before it: the last one before the change.
fn intended(changes: &[Change], records: &[Record]) {
    let mut intents = of_kind(records, Kind::Intent);
    intents.sort_by_key(|r| at(r));
    let mut used = HashSet::new();
    for change in changes {
        let last = intents.iter().rfind(|r| at(r) <= change.at);
        let intent = last.unwrap_or_else(|| panic!("{change:?} has no intent"));
        let op = &intent.value["op"];
        assert_eq!(op["name"], change.operation.as_str(), "{change:?}");
        let params = words(&op["params"]);
        assert!(change.words.iter().all(|w| params.contains(w)), "{change:?} is not {params:?}");
        assert!(used.insert(intent.corr()), "{change:?} was made twice");
    }
}

/// Kills its part of the runs against a range of its own.
fn kill_many(mut dice: Dice) -> Tally {
    let served = Served::new("");
    let words = switching();
    let first = machine(&served);
    let longest = (0..3)
        .map(|_| {
            let begun = Instant::now();
            first.run(&refs(&words)).expect(0);
            begun.elapsed()
        })
        .max()
        .expect("three");
    assert_eq!(served.accepted(), 3 * TARGETS, "every run changes every target");
    let mut records = first.records();
    let mut tally = Tally::default();
    for _ in 0..KILLS / KILLERS / EACH {
        let machine = machine(&served);
        for n in 0..EACH {
            let (part, fine) = (dice.part(), dice.part());
            if n % 2 == 0 {
                // At any moment of the whole run.
                kill(&served, &machine, &mut tally, |_, _| {
                    thread::sleep(longest.mul_f64(part));
                });
            } else {
                // Soon after one of its intents, where there is most to lose.
                let nth = 1 + (part * TARGETS as f64) as usize;
                kill(&served, &machine, &mut tally, |child, before| {
                    until("an intent", || {
                        let there = intents_since(&machine, before) >= nth;
                        there || child.try_wait().expect("waits").is_some()
                    });
                    thread::sleep(Duration::from_micros((fine * 8_000.0) as u64));
                });
            }
        }
        // What is open at the end is named at every start until it is settled.
        machine.run(&looking()).expect(0);
        let all = machine.records();
        for open in audit::unknown(&all) {
            assert_eq!(settles(&machine, open.corr().expect("a corr")), "unconfirmed");
        }
        // With nobody to kill it, it runs to its end.
        machine.run(&refs(&words)).expect(0);
        tally.torn += machine.verifies().recovered.len();
        records.extend(machine.records());
    }
    let changes = served.changes();
    intended(&changes, &records);
    tally.changes = changes.len();
    tally
}

#[test]
fn killed_at_any_moment_it_has_written_down_what_it_did() {
    let begun = Instant::now();
    let killers = Dice::several().map(|dice| thread::spawn(|| kill_many(dice)));
    let mut tally = Tally::default();
    for killer in killers {
        tally.add(&killer.join().expect("every check held"));
    }
    say(&format!("kill: {tally:?} in {:?}", begun.elapsed()));
    assert!(tally.changes > KILLS, "{tally:?}");
    let hit = tally.unsent + tally.unanswered;
    assert!(hit >= KILLS / 10 && tally.unsent > 0 && tally.unanswered > 0, "{tally:?}");
    assert!(tally.before >= KILLS / 40 && tally.elsewhere >= KILLS / 40, "{tally:?}");
    assert!(tally.late <= KILLS / 4, "{tally:?}");
}

#[test]
fn the_check_of_intents_can_fail() {
    let served = Served::new("");
    let machine = machine(&served);
    machine.run(&refs(&machine.deactivate(KEY))).expect(0);
    let (changes, records) = (served.changes(), machine.records());
    intended(&changes, &records);
    let fails = |changes: &[Change], records: &[Record]| {
        let (changes, records) = (changes.to_vec(), records.to_vec());
        thread::spawn(move || intended(&changes, &records)).join().is_err()
    };
    let mut without = records.clone();
    without.retain(|r| r.kind() != Some(Kind::Intent));
    assert!(fails(&changes, &without), "no intent");
    let mut later = records.clone();
    for record in later.iter_mut().filter(|r| r.kind() == Some(Kind::Intent)) {
        let after = changes[0].at + jiff::SignedDuration::from_millis(1);
        record.value["ts_utc"] = after.to_string().into();
    }
    assert!(fails(&changes, &later), "an intent after the change");
    let mut other = records.clone();
    for record in other.iter_mut().filter(|r| r.kind() == Some(Kind::Intent)) {
        record.value["op"]["params"]["AccessKeyId"] = OTHER_KEY.into();
    }
    assert!(fails(&changes, &other), "an intent for another key");
    assert!(fails(&[changes.clone(), changes].concat(), &records), "made twice");
}

/// Answers the change of a key after five seconds; it is made at once.
const SLOW: &str = "[[faults]]\nop = \"iam:UpdateAccessKey\"\nkind = \"slow\"\nnth = 1\n";

#[test]
fn a_signal_ends_a_run_after_the_call_on_its_way_and_its_record() {
    use rustix::process::{Pid, Signal, kill_process};
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let served = Served::new(SLOW);
        let machine = machine(&served);
        let words = switching();
        let mut child = machine.start(&refs(&words));
        until("the change", || served.accepted() == 1);
        if signal == Signal::HUP {
            // Whoever hung up does not read any more either.
            drop((child.stdout.take(), child.stderr.take()));
        }
        let pid = Pid::from_raw(child.id() as i32).expect("not zero");
        kill_process(pid, signal).expect("sent");
        let ran = Ran::of(child.wait_with_output().expect("waited for")).expect(code);
        let records = machine.records();
        let kinds: Vec<&str> = records.iter().filter_map(|r| r.text("kind")).collect();
        let intent = kinds.iter().position(|k| *k == "intent").expect("an intent");
        assert_eq!(kinds[intent + 1], "outcome", "{kinds:?}");
        assert_eq!(records[intent + 1].result(), Some("ok"));
        assert_eq!(kinds[kinds.len() - 3..], ["run_end", "disarmed", "session_end"]);
        let end = &records[records.len() - 3];
        assert_eq!(end.text("state"), Some("abandoned"));
        // No other change was begun, and none is unknown.
        assert_eq!((served.mutating().len(), of_kind(&records, Kind::Intent).len()), (1, 1));
        assert!(audit::unknown(&records).is_empty());
        assert_eq!(machine.verifies().exit_code(), 0);
        if signal != Signal::HUP {
            assert!(ran.err.contains("unconfirmed deactivate0"), "{}", ran.err);
            assert!(ran.out.contains(": abandoned"), "{}", ran.out);
        }
        assert_eq!(machine.run(&looking()).expect(0).err.matches("unknown outcome").count(), 0);
    }
}

#[test]
fn a_run_waits_for_the_log_and_then_names_who_has_it() {
    let served = Served::new(SLOW);
    let machine = machine(&served);
    let words = machine.deactivate(KEY);
    let first = machine.start(&refs(&words));
    until("the change", || served.accepted() == 1);
    // The first one holds the log from its intent to its outcome, five seconds long.
    let second = machine.run(&refs(&machine.deactivate(OTHER_KEY))).expect(3);
    let pid = format!("in use by process {}", first.id());
    assert!(second.err.contains(&pid), "{}", second.err);
    assert!(second.out.is_empty(), "{}", second.out);
    assert_eq!(served.mutating().len(), 1, "the second one changed nothing");
    Ran::of(first.wait_with_output().expect("waited for")).expect(0);
    machine.run(&refs(&machine.deactivate(OTHER_KEY))).expect(0);
    assert_eq!(machine.verifies().exit_code(), 0);
    intended(&served.changes(), &machine.records());
}

#[test]
fn two_runs_at_once_share_one_chain() {
    let served = Served::new("");
    let machine = machine(&served);
    let mut undone = 0;
    for _ in 0..5 {
        let runs = [KEY, OTHER_KEY].map(|key| (key, machine.deactivate(key)));
        let runs = runs.map(|(key, words)| (key, machine.start(&refs(&words))));
        let runs = runs.map(|(key, child)| {
            let ran = Ran::of(child.wait_with_output().expect("waited for")).expect(0);
            (key, ran.run_id().to_owned())
        });
        for (key, run) in runs {
            machine.undo(&run, key).expect(0);
            undone += 1;
        }
    }
    assert_eq!(served.accepted(), 2 * undone);
    assert_eq!(machine.verifies().exit_code(), 0);
    let records = machine.records();
    intended(&served.changes(), &records);
    assert!(audit::unknown(&records).is_empty());
    // They did run at once: records of two sessions stand between each other.
    let sessions: Vec<Option<&str>> = records.iter().map(|r| r.text("sess")).collect();
    let mut turns = sessions.clone();
    turns.dedup();
    let all: HashSet<Option<&str>> = sessions.into_iter().collect();
    assert!(turns.len() > all.len(), "{} turns of {} sessions", turns.len(), all.len());
    // Nobody else's record stands between an intent and its outcome.
    for pair in records.windows(2).filter(|p| p[0].kind() == Some(Kind::Intent)) {
        assert_eq!((pair[1].kind(), pair[1].corr()), (Some(Kind::Outcome), pair[0].corr()));
    }
}
