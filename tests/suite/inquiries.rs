//! Asking for events: the genuine SDK against the range in process, the store in between.
//! What the answer should be is asked without faults, from an empty store.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use halon::{
    case::{Case, Inquiry, Intervals, Progress, Step},
    cloud::{Cloud, Limits, Settings, TargetSettings, World},
    domain::{
        AccountId, Ask, Band, Place, Source, Status,
        event::{By, Question, Window},
    },
    range::{FaultRule, Logged, Range},
    runtime::{self, Inquirer, News},
    store::Store,
};
use proptest::prelude::*;

use super::{
    ground::{paused, world},
    stage::{NOW, at},
};

/// A place, and the windows that the store does not have there.
type Missing = (Place, Vec<Window>);

/// The world, an account's operator in it, and what this machine keeps.
struct Desk {
    range: Range,
    case: Case,
    inquirer: Inquirer,
    log: Arc<Mutex<Vec<Logged>>>,
    /// Every window that was found missing, in order.
    missing: Arc<Mutex<Vec<Missing>>>,
    /// Ask also for what is known.
    again: bool,
}

/// From one time of the scenario's night to another.
fn window(from: &str, to: &str) -> Window {
    let time = |t: &str| at(&format!("2026-03-0{t}:00Z"));
    Window { from: time(from), to: time(to) }
}

/// Long settled, and several pages in some places.
fn evening() -> Window {
    window("1T12:00", "2T00:00")
}

impl Desk {
    async fn new() -> Self {
        Self::with(world("leaked-key"), Store::in_memory().expect("opens")).await
    }

    /// As `--range` has it: every operator of the world, in every region of the first.
    async fn with(range: Range, store: Store) -> Self {
        let operators = range.operators();
        let mut names = vec![Arc::from("range")];
        names.extend(operators.iter().skip(1).map(|o| Arc::from(o.alias.as_str())));
        let settings = Settings {
            targets: names
                .iter()
                .map(|name: &Arc<str>| TargetSettings::of(name.clone(), None))
                .collect(),
            endpoint_url: None,
            limits: Limits { cloudtrail_per_second: 1_000, ..Limits::default() },
        };
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = log.clone();
        range.set_log(Box::new(move |l| lines.lock().expect("a lock").push(l.clone())));
        let cloud = Cloud::new(settings, World::Range(range.clone()));
        let ask = Ask { at_least: Band::High, status: Status::Active, updated_since: None };
        let first = vec![(names[0].clone(), range.regions())];
        let mut case = Case::new(first, Source::ALL.to_vec(), ask, Intervals::once());
        for name in names.into_iter().skip(1) {
            case.act_with(name);
        }
        let clock: runtime::Clock = {
            let range = range.clone();
            Arc::new(move || range.now())
        };
        runtime::identify(&mut case, &cloud, &clock).await;
        let inquirer = Inquirer { cloud, store, clock };
        Self { range, case, inquirer, log, missing: Arc::default(), again: false }
    }

    fn faults(&self, rules: &str) {
        let rules = FaultRule::read_file("faults.toml", rules).unwrap_or_else(|b| panic!("{b}"));
        drop(self.range.clone().with_faults(rules));
    }

    /// Asks to the end.
    async fn ask(&mut self, question: &Question) -> Inquiry {
        self.ask_until(question, |_| false).await
    }

    /// Asks until `enough` says so, and is cancelled then.
    async fn ask_until(
        &mut self,
        question: &Question,
        enough: impl Fn(&Inquiry) -> bool + Send + Sync,
    ) -> Inquiry {
        let places = self.case.inquire(question.clone(), (self.inquirer.clock)());
        let inquiry = Arc::new(Mutex::new(self.case.inquiry.clone().expect("begun")));
        let stop = tokio::sync::Notify::new();
        {
            let tell = |news| {
                let News::Step(place, step) = news else { return };
                if let Step::Missing(windows) = &step {
                    self.missing.lock().expect("a lock").push((place.clone(), windows.clone()));
                }
                let mut inquiry = inquiry.lock().expect("a lock");
                inquiry.told(&place, step);
                if enough(&inquiry) {
                    stop.notify_one();
                }
            };
            tokio::select! {
                biased;
                () = stop.notified() => {}
                () = self.inquirer.ask(question, &places, self.again, &tell) => {}
            }
        }
        let mut inquiry = inquiry.lock().expect("a lock").clone();
        inquiry.stop();
        inquiry
    }

    /// What the store has on a question.
    fn ids(&self, question: &Question) -> BTreeSet<String> {
        let found = self.inquirer.store.search(question, usize::MAX, 0).expect("searched");
        assert_eq!(found.unreadable, 0);
        let ids: BTreeSet<String> = found.events.iter().map(|e| e.id.raw().to_owned()).collect();
        assert_eq!(ids.len(), found.events.len(), "an event stands there twice");
        ids
    }

    fn lookups(&self) -> usize {
        let log = self.log.lock().expect("a lock");
        log.iter().filter(|l| l.operation == "LookupEvents").count()
    }

    fn take_missing(&self) -> BTreeMap<Place, Vec<Window>> {
        std::mem::take(&mut *self.missing.lock().expect("a lock")).into_iter().collect()
    }

    fn place(&self, target: &str, region: &str) -> (Place, AccountId) {
        let all = self.case.histories().0;
        let is = |(p, _): &&(Place, AccountId)| &*p.target == target && p.region.as_str() == region;
        all.iter().find(is).cloned().unwrap_or_else(|| panic!("no such place among {all:?}"))
    }
}

/// The ids that a clean world has on a question: everything is read from one once, without
/// filter and without fault.
async fn truth(question: &Question) -> BTreeSet<String> {
    static CLEAN: tokio::sync::OnceCell<Store> = tokio::sync::OnceCell::const_new();
    let read = || async {
        let mut desk = Desk::new().await;
        let all = Question::new(Vec::new(), window("1T10:00", "2T02:55"));
        assert_eq!(desk.ask(&all).await.gaps(), []);
        desk.inquirer.store
    };
    let found = CLEAN.get_or_init(read).await.search(question, usize::MAX, 0).expect("searched");
    found.events.iter().map(|e| e.id.raw().to_owned()).collect()
}

fn everything() -> Question {
    Question::new(Vec::new(), evening())
}

fn of_key() -> Question {
    Question::new(vec![By::Key("AKIAI44QH8DHBEXAMPLE".into())], window("1T00:00", "2T02:50"))
}

#[test]
fn the_same_question_twice_asks_once() {
    paused(async || {
        let mut desk = Desk::new().await;
        for question in [of_key(), everything()] {
            let first = desk.ask(&question).await;
            assert_eq!(first.gaps(), []);
            let (ids, asked) = (desk.ids(&question), desk.lookups());
            assert!(first.new > 0 && asked > 0 && !ids.is_empty(), "{first:?}");
            let second = desk.ask(&question).await;
            assert_eq!((desk.lookups(), second.new), (asked, 0));
            assert!(second.places.values().all(|p| *p == Progress::Whole { pages: 0 }));
            assert_eq!(desk.ids(&question), ids);
            desk.again = true;
            let third = desk.ask(&question).await;
            assert_eq!((third.new, desk.ids(&question)), (0, ids));
            assert!(desk.lookups() >= 2 * asked, "asked for all of it again");
            desk.again = false;
            desk.log.lock().expect("a lock").clear();
        }
    });
}

#[test]
fn an_overlapping_question_asks_only_for_the_rest() {
    paused(async || {
        let mut desk = Desk::new().await;
        desk.ask(&Question::new(Vec::new(), window("1T14:00", "1T16:00"))).await;
        desk.take_missing();
        let wide = Question::new(Vec::new(), window("1T13:00", "1T18:00"));
        desk.ask(&wide).await;
        let rest = vec![window("1T16:00", "1T18:00"), window("1T13:00", "1T14:00")];
        for (place, missing) in desk.take_missing() {
            assert_eq!(missing, rest, "{place}");
        }
        assert_eq!(desk.ids(&wide), truth(&wide).await);
        // Everything covers each attribute; an attribute does not cover another.
        let asked = desk.lookups();
        let key = By::Key("AKIAI44QH8DHBEXAMPLE".into());
        desk.ask(&Question::new(vec![key], wide.window)).await;
        assert_eq!(desk.lookups(), asked);
        let earlier = window("1T10:00", "1T12:00");
        desk.ask(&Question::new(vec![By::Event("AssumeRole".into())], earlier)).await;
        let asked = desk.lookups();
        desk.ask(&Question::new(vec![By::Event("GetRole".into())], earlier)).await;
        assert!(desk.lookups() > asked);
    });
}

#[test]
fn what_may_still_arrive_is_asked_again() {
    paused(async || {
        let mut desk = Desk::new().await;
        let young = Question::new(Vec::new(), Window::new(at("2026-03-02T02:00:00Z"), at(NOW)));
        let first = desk.ask(&young).await;
        assert!(first.remarks().iter().any(|r| r.contains("15 minutes")), "{:?}", first.remarks());
        desk.take_missing();
        desk.ask(&young).await;
        let again = Window { from: at("2026-03-02T02:55:00Z"), to: young.window.to };
        for (place, missing) in desk.take_missing() {
            assert_eq!(missing, [again], "{place}");
        }
    });
}

#[test]
fn global_services_are_asked_where_they_are() {
    paused(async || {
        let mut desk = Desk::new().await;
        for (target, load) in desk.case.identities() {
            assert!(matches!(load, halon::case::Load::Ready(_)), "{target}: {load:?}");
        }
        let (place, account) = desk.place("example-prod", "us-east-1");
        assert_eq!(account.as_str(), "123456789012");
        let question = Question::new(vec![By::Event("CreateUser".into())], of_key().window);
        let inquiry = desk.ask(&question).await;
        assert!(matches!(inquiry.places[&place], Progress::Whole { pages: 1 }), "{inquiry:?}");
        let found = desk.inquirer.store.search(&question, 10, 4).expect("searched");
        assert!(found.total > 0);
        for event in &found.events {
            assert_eq!(event.region.as_ref().map(|r| r.raw()), Some("us-east-1"));
        }
    });
}

/// A place of several pages.
const BUSY: (&str, &str) = ("example-prod", "us-east-1");

fn pages_of(inquiry: &Inquiry, place: &Place) -> u32 {
    inquiry.places[place].pages()
}

#[test]
fn a_page_that_fails_loses_nothing_and_covers_nothing() {
    paused(async || {
        let question = everything();
        let whole = truth(&question).await;
        let mut desk = Desk::new().await;
        let (busy, _) = desk.place(BUSY.0, BUSY.1);
        let pages = pages_of(&desk.ask(&question).await, &busy);
        assert!(pages >= 4, "only {pages} pages");
        for kind in ["status:500", "throttle", "truncate", "html", "garbage", "reset", "hang"] {
            let mut desk = Desk::new().await;
            // The SDK asks three times for one page, and a throttled one is waited for.
            desk.faults(&format!(
                "[[faults]]\nop = \"cloudtrail:LookupEvents\"\nregion = \"us-east-1\"\nfrom = 9\nkind = \"{kind}\"\n"
            ));
            let hurt = desk.ask(&question).await;
            let gaps = hurt.gaps();
            assert!(!gaps.is_empty(), "{kind}: nothing failed");
            assert!(gaps.iter().all(|g| g.source.name() == "cloudtrail" && g.region.is_some()));
            let part = desk.ids(&question);
            assert!(part.is_subset(&whole) && part.len() < whole.len(), "{kind}");
            // What is kept stays, and the rest is asked for by somebody without the fault.
            let mut healed = Desk::with(world("leaked-key"), desk.inquirer.store.clone()).await;
            let again = healed.ask(&question).await;
            assert_eq!(again.gaps(), [], "{kind}");
            assert_eq!(healed.ids(&question), whole, "{kind}");
            let asked = healed.lookups();
            healed.ask(&question).await;
            assert_eq!(healed.lookups(), asked, "{kind}: covered now");
        }
    });
}

#[test]
fn a_throttled_page_is_waited_for() {
    paused(async || {
        let mut desk = Desk::new().await;
        desk.faults(
            "[[faults]]\nop = \"cloudtrail:LookupEvents\"\nevery = 2\nkind = \"throttle\"\n",
        );
        let question = everything();
        let inquiry = desk.ask(&question).await;
        assert_eq!(inquiry.gaps(), []);
        assert_eq!(desk.ids(&question), truth(&question).await);
    });
}

#[test]
fn a_token_that_repeats_and_an_empty_page_are_no_end() {
    paused(async || {
        let question = everything();
        let whole = truth(&question).await;
        let mut desk = Desk::new().await;
        desk.faults(
            "[[faults]]\nop = \"cloudtrail:LookupEvents\"\nnth = 3\nkind = \"empty-page\"\n",
        );
        assert_eq!(desk.ask(&question).await.gaps(), []);
        assert_eq!(desk.ids(&question), whole);
        let mut desk = Desk::new().await;
        desk.faults(
            "[[faults]]\nop = \"cloudtrail:LookupEvents\"\nfrom = 2\nkind = \"repeat-token\"\n",
        );
        let gaps = desk.ask(&question).await.gaps();
        assert!(gaps.iter().any(|g| g.why.what.contains("repeated")), "{gaps:?}");
        let mut healed = Desk::with(world("leaked-key"), desk.inquirer.store.clone()).await;
        assert_eq!(healed.ask(&question).await.gaps(), []);
        assert_eq!(healed.ids(&question), whole);
    });
}

#[test]
fn cancelled_half_way_goes_on_where_it_stopped() {
    paused(async || {
        let question = everything();
        let whole = truth(&question).await;
        let mut desk = Desk::new().await;
        let (busy, _) = desk.place(BUSY.0, BUSY.1);
        let half = desk.ask_until(&question, |i| pages_of(i, &busy) >= 2).await;
        assert!(half.gaps().iter().any(|g| g.why.what.contains("stopped")), "{:?}", half.gaps());
        let kept = desk.ids(&question);
        assert!(!kept.is_empty() && kept.len() < whole.len());
        desk.take_missing();
        let rest = desk.ask(&question).await;
        let missing = desk.take_missing();
        assert!(missing[&busy][0].to < question.window.to, "{:?}", missing[&busy]);
        assert_eq!(rest.gaps(), []);
        assert_eq!(desk.ids(&question), whole);
    });
}

#[test]
fn an_account_that_is_not_signed_in_is_a_gap() {
    paused(async || {
        let mut desk = Desk::new().await;
        let ask = Ask { at_least: Band::High, status: Status::Active, updated_since: None };
        let targets = vec![(Arc::from("prod"), vec![halon::domain::Region::us_east_1()])];
        desk.case = Case::new(targets, Source::ALL.to_vec(), ask, Intervals::once());
        let inquiry = desk.ask(&everything()).await;
        assert!(inquiry.places.is_empty());
        assert_eq!(inquiry.gaps().len(), 1);
        assert!(inquiry.gaps()[0].why.what.contains("not signed in"));
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever goes wrong: what is claimed to be covered is all there, nothing is made up,
    /// and in the end everything is.
    #[test]
    fn coverage_is_true_whatever_happens(
        asks in prop::collection::vec((0i64..8, 1i64..6, 0usize..3, 0u32..6), 1..4),
        faults in prop::collection::vec((1u32..30, 0usize..7), 0..6),
    ) {
        paused(async || {
            let kinds = ["status:500", "throttle", "truncate", "html", "reset", "repeat-token", "empty-page"];
            let rules: String = faults
                .iter()
                .map(|(nth, kind)| format!(
                    "[[faults]]\nop = \"cloudtrail:LookupEvents\"\nnth = {nth}\nkind = \"{}\"\n",
                    kinds[*kind]
                ))
                .collect();
            let mut desk = Desk::new().await;
            desk.faults(&rules);
            for (begin, hours, by, cancelled) in asks {
                let from = evening().from + jiff::SignedDuration::from_hours(begin);
                let window = Window { from, to: from + jiff::SignedDuration::from_hours(hours) };
                let by = match by {
                    0 => vec![],
                    1 => vec![By::Event("AssumeRole".into())],
                    _ => vec![By::Source("iam".into())],
                };
                let question = Question::new(by, window);
                let inquiry = desk.ask_until(&question, |i| {
                    cancelled > 0 && i.places.values().map(Progress::pages).sum::<u32>() >= cancelled
                }).await;
                let whole = truth(&question).await;
                let ids = desk.ids(&question);
                let more: Vec<_> = ids.difference(&whole).collect();
                assert_eq!(more, Vec::<&String>::new(), "made up, by {:?}", question.by);
                if inquiry.gaps().is_empty() {
                    assert_eq!(ids, whole);
                }
            }
            let mut healed = Desk::with(world("leaked-key"), desk.inquirer.store.clone()).await;
            let all = Question::new(Vec::new(), Window {
                from: evening().from,
                to: evening().to + jiff::SignedDuration::from_hours(2),
            });
            assert_eq!(healed.ask(&all).await.gaps(), []);
            assert_eq!(healed.ids(&all), truth(&all).await);
        });
    }
}

#[test]
fn a_page_that_cannot_be_kept_is_a_gap_and_settles_nothing_after_it() {
    paused(async || {
        let question = everything();
        let whole = truth(&question).await;
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opens");
        let file = rusqlite::Connection::open(folder.path().join("halon.sqlite")).expect("opens");
        // One event of some page in the middle is refused, and with it its page.
        let one = whole.iter().nth(whole.len() / 2).expect("one");
        file.execute_batch(&format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON event WHEN new.id = '{one}'
             BEGIN SELECT RAISE(ABORT, 'refused'); END"
        ))
        .expect("made");
        let mut desk = Desk::with(world("leaked-key"), store).await;
        let hurt = desk.ask(&question).await;
        let why = hurt.gaps().into_iter().map(|g| g.why.to_string()).collect::<Vec<_>>().join(";");
        assert!(why.contains("refused"), "{why}");
        assert!(desk.ids(&question).len() < whole.len());
        file.execute_batch("DROP TRIGGER refuse").expect("dropped");
        assert_eq!(desk.ask(&question).await.gaps(), []);
        assert_eq!(desk.ids(&question), whole);
    });
}
