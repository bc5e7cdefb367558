use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    domain::event::{By, Question},
    store::{
        samples::{self, BEGIN, second},
        terms::terms,
    },
};

fn event(id: &str, offset: i64, outer: Option<Outer>) -> Arc<Event> {
    let raw = json!({
        "eventID": id, "eventTime": second(offset).to_string(), "eventName": "GetUser",
        "eventSource": "iam.amazonaws.com", "userIdentity": {"type": "IAMUser", "userName": "alice"},
        "responseElements": {"credentials": {"sessionToken": "a token", "accessKeyId": "ASIAIOSFODNN7EXAMPLE"}},
    });
    Arc::new(Event::read(&raw.to_string(), outer).expect("an event"))
}

fn aws(events: &[Arc<Event>]) -> Vec<(Arc<Event>, EventOrigin)> {
    events.iter().map(|e| (e.clone(), EventOrigin::Aws)).collect()
}

fn all(by: Vec<By>) -> Question {
    Question::new(by, Window { from: second(-1000), to: second(1_000_000) })
}

fn total(store: &Store, by: Vec<By>) -> u64 {
    store.search(&all(by), 10, 4).expect("searches").total
}

#[test]
fn the_first_copy_stays_and_learns_what_lookups_say() {
    let store = Store::in_memory().expect("opens");
    let now = second(0);
    let file = EventOrigin::File { path: "/evidence/a.json.gz".into(), record: 7 };
    let first = event("a", 5, None);
    store.keep_events(&[(first.clone(), file.clone())], None, now).expect("keeps");
    let outer = Outer { username: Some("shown".into()), ..Outer::default() };
    // Same id, other text: what was first is the evidence.
    let later = event("a", 9, Some(outer.clone()));
    let added = store.keep_events(&aws(&[later.clone(), later]), None, now).expect("keeps");
    assert_eq!((added.new, added.known), (0, 2));
    let (kept, origin) = store.event("a").expect("reads").expect("is there");
    assert_eq!((&kept.raw, &kept.original, origin), (&first.raw, &first.original, file));
    assert_eq!(kept.outer.as_deref(), Some(&outer));
    assert_eq!(total(&store, vec![By::User("shown".into())]), 1);
    assert_eq!(total(&store, vec![By::User("alice".into())]), 1, "what the event says holds too");
    assert!(store.event("b").expect("reads").is_none());
}

#[test]
fn a_text_that_can_be_read_replaces_one_that_cannot() {
    let store = Store::in_memory().expect("opens");
    let outer = Outer { id: Some("a".into()), name: Some("Other".into()), ..Outer::default() };
    let cut = Arc::new(Event::read("{\"cut", Some(outer)).expect("an event"));
    let whole = event("a", 5, None);
    store.keep_events(&aws(&[cut, whole.clone()]), None, second(0)).expect("keeps");
    let kept = store.event("a").expect("reads").expect("is there").0;
    assert_eq!((&kept.raw, kept.time), (&whole.raw, whole.time));
    assert_eq!(total(&store, vec![By::Event("Other".into())]), 0);
    assert_eq!(total(&store, vec![By::Event("GetUser".into())]), 1);
    assert_eq!(store.search(&all(Vec::new()), 9, 1).expect("searches").untimed, 0);
}

#[test]
fn everything_is_given_oldest_first_and_the_store_is_free_meanwhile() {
    let store = Store::in_memory().expect("opens");
    // More than two chunks, many in one second.
    let events: Vec<_> =
        (0..2500).rev().map(|i| event(&format!("e{i:04}"), i / 900, None)).collect();
    store.keep_events(&aws(&events), None, second(0)).expect("keeps");
    let mut ids = Vec::new();
    let unreadable = store
        .each_event(None, &mut |event| {
            assert!(store.event(event.id.raw()).expect("free").is_some());
            ids.push(event.id.raw().to_owned());
        })
        .expect("reads");
    assert_eq!((unreadable, ids.len()), (0, 2500));
    assert!(ids.is_sorted());
    let mut some = 0;
    let window = Window { from: second(1), to: second(2) };
    store.each_event(Some(window), &mut |_| some += 1).expect("reads");
    assert_eq!(some, 900);
    let spoil = |held: &mut Held| {
        held.connection.execute("UPDATE event SET raw = '{' WHERE id = 'e0001'", [])
    };
    store.with(spoil).expect("spoiled");
    assert_eq!(store.each_event(None, &mut |_| {}), Ok(1));
    assert_eq!(store.search(&all(Vec::new()), 5000, 0).expect("searches").unreadable, 1);
    assert!(store.event("e0001").is_err());
}

/// No page more than there are.
fn fill(store: &Store) {
    let full = |held: &mut Held| {
        let pages: i64 = held.connection.query_row("PRAGMA main.page_count", [], |r| r.get(0))?;
        held.connection.execute_batch(&format!("PRAGMA main.max_page_count = {pages}"))
    };
    store.with(full).expect("full");
}

#[test]
fn a_full_disk_loses_nothing_of_this_session() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opens");
    let early: Vec<_> = (0..10).map(|i| event(&format!("early{i}"), i, None)).collect();
    let late: Vec<_> = (0..300).map(|i| event(&format!("late{i}"), i, None)).collect();
    store.keep_events(&aws(&early), None, second(0)).expect("keeps");
    fill(&store);
    let scope = Scope {
        endpoint: None,
        account: "111122223333".parse().expect("one"),
        region: "us-east-1".parse().expect("one"),
        attribute: None,
    };
    let window = Window { from: second(0), to: second(300) };
    let batch = aws(&[early.clone(), late[..200].to_vec()].concat());
    let added = store.keep_events(&batch, Some((&scope, window)), second(0)).expect("keeps");
    assert_eq!((added.new, added.known), (200, 10));
    let fault = added.fault.expect("is said");
    assert!(fault.what.contains("full") && fault.hint.is_some(), "{fault}");
    let added = store.keep_events(&aws(&late), None, second(0)).expect("keeps");
    assert_eq!((added.new, added.known, added.fault), (100, 200, None), "and said once");
    assert_eq!(store.missing(&scope, window), Ok(Vec::new()));
    let found = store.search(&all(vec![By::User("alice".into())]), 1000, 3).expect("searches");
    assert_eq!((found.total, found.events.len()), (310, 310));
    assert!(found.events.is_sorted_by(|a, b| (b.time, &b.id) < (a.time, &a.id)));
    assert!(store.event("late7").expect("reads").is_some());
    let mut times = Vec::new();
    store.each_event(None, &mut |event| times.push(event.time)).expect("reads");
    assert!(times.is_sorted() && times.len() == 310);
    // Another process, or the next one, knows what was written before.
    let other = Store::open(folder.path()).expect("opens");
    assert_eq!(total(&other, Vec::new()), 10);
    assert_eq!(other.missing(&scope, window), Ok(vec![window]));
    // There is room again: what was in memory is written.
    store
        .with(|h| h.connection.execute_batch("PRAGMA main.max_page_count = 1000000"))
        .expect("room");
    let added = store.keep_events(&aws(&early), None, second(0)).expect("keeps");
    assert_eq!((added.new, added.known, added.fault), (0, 10, None));
    assert_eq!((total(&store, Vec::new()), total(&other, Vec::new())), (310, 310));
    assert_eq!(other.missing(&scope, window), Ok(Vec::new()));
    assert_eq!(store.event("late7").expect("reads"), other.event("late7").expect("reads"));
}

#[test]
fn what_fits_later_does_not_overtake_what_is_in_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opens");
    store.keep_events(&aws(&[event("a", 1, None)]), None, second(0)).expect("keeps");
    fill(&store);
    let scope = Scope {
        endpoint: None,
        account: "111122223333".parse().expect("one"),
        region: "us-east-1".parse().expect("one"),
        attribute: None,
    };
    let window = Window { from: second(0), to: second(300) };
    let page: Vec<_> = (0..300).map(|i| event(&format!("p{i}"), i, None)).collect();
    let added = store.keep_events(&aws(&page), None, second(0)).expect("keeps");
    assert!(added.fault.is_some(), "the page does not fit");
    // The last page has nothing, and would fit: but the file lacks the page before it.
    store.keep_events(&[], Some((&scope, window)), second(0)).expect("keeps");
    assert_eq!(store.missing(&scope, window), Ok(Vec::new()), "known to this process");
    drop(store);
    let next = Store::open(folder.path()).expect("opens");
    assert_eq!(next.missing(&scope, window), Ok(vec![window]), "asked for again");
}

#[test]
fn one_that_cannot_be_read_any_more_is_replaced_by_a_copy_that_can() {
    let store = Store::in_memory().expect("opens");
    store.keep_events(&aws(&[event("a", 1, None)]), None, second(0)).expect("keeps");
    let spoil = |held: &mut Held| {
        held.connection.execute("UPDATE event SET raw = '{broken', whole = 0", [])
    };
    store.with(spoil).expect("spoiled");
    store.keep_events(&aws(&[event("a", 1, None)]), None, second(0)).expect("keeps");
    assert!(store.event("a").expect("reads").is_some());
    assert_eq!(total(&store, vec![By::User("alice".into())]), 1);
}

#[test]
fn a_file_that_may_only_be_read_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opens");
    store.keep_events(&aws(&[event("a", 1, None)]), None, second(0)).expect("keeps");
    let store = Store::open_read_only(&folder.path().join("halon.sqlite")).expect("opens");
    let added = store.keep_events(&aws(&[event("b", 2, None)]), None, second(0)).expect("keeps");
    assert!(added.new == 1 && added.fault.is_some(), "{added:?}");
    assert_eq!(total(&store, Vec::new()), 2);
    assert_eq!(total(&Store::open(folder.path()).expect("opens"), Vec::new()), 1);
}

#[test]
fn two_write_and_search_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for half in 0..2i64 {
            let folder = folder.path();
            scope.spawn(move || {
                let store = Store::open(folder).expect("opens");
                for round in 0..20 {
                    let events: Vec<_> = (0..20)
                        .map(|i| event(&format!("e{}", round * 20 + i + half * 100), i, None))
                        .collect();
                    let added = store.keep_events(&aws(&events), None, second(0)).expect("keeps");
                    assert_eq!(added.fault, None);
                    assert!(total(&store, vec![By::User("alice".into())]) >= 20);
                }
            });
        }
    });
    let store = Store::open(folder.path()).expect("opens");
    assert_eq!(total(&store, vec![By::User("alice".into())]), 500);
}

#[test]
fn purging_takes_out_what_is_old_and_nothing_else() {
    let store = Store::in_memory().expect("opens");
    let outer = Outer { id: Some("untimed".into()), name: Some("N".into()), ..Outer::default() };
    let untimed = Arc::new(Event::read("", Some(outer)).expect("an event"));
    let events: Vec<_> = (0..10).map(|i| event(&format!("e{i}"), i, None)).collect();
    store.keep_events(&aws(&[events, vec![untimed]].concat()), None, second(7)).expect("keeps");
    let purged = store.purge(Some(second(4))).expect("purges");
    assert_eq!((purged.events, purged.fault), (4, None));
    assert_eq!(total(&store, vec![By::User("alice".into())]), 6);
    assert_eq!(total(&store, Vec::new()), 7, "one that has no time was kept later");
    assert_eq!(store.purge(Some(second(8))).expect("purges").events, 5);
    assert_eq!(store.purge(None).expect("purges").events, 2);
    let left = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        store.with(|h| h.connection.query_row(&sql, [], |r| r.get::<_, u64>(0))).expect("counts")
    };
    for table in ["event", "posting", "word", "file", "covered"] {
        assert_eq!(left(table), 0, "{table}");
    }
}

#[test]
fn secrets_are_in_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opens");
    store.keep_events(&aws(&[event("a", 1, None)]), None, second(0)).expect("keeps");
    for file in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
        let bytes = std::fs::read(file.path()).expect("reads");
        assert!(!bytes.windows(7).any(|w| w == b"a token"), "{:?}", file.path());
    }
}

proptest! {
    #[test]
    fn an_event_is_read_again_as_it_was(event in samples::event(9)) {
        let outer = event.outer.as_ref().map(|o| (**o).clone());
        let again = Event::kept(event.raw.to_string(), event.original.clone(), outer);
        prop_assert_eq!(again.as_ref(), Ok(&*event));
        prop_assert!(event.time.is_none_or(|t| t.as_second() >= BEGIN - 5));
    }

    /// The order of files and lookups does not matter for what can be found.
    #[test]
    fn merging_loses_no_word(events in proptest::collection::vec(samples::event(3), 1..12)) {
        let store = Store::in_memory().expect("opens");
        for event in &events {
            store.keep_events(&aws(std::slice::from_ref(event)), None, second(0)).expect("keeps");
        }
        let mut postings = 0;
        store.each_event(None, &mut |event| postings += terms(&event).len()).expect("reads");
        let count = |held: &mut Held| {
            held.connection.query_row("SELECT count(*) FROM posting", [], |r| r.get::<_, usize>(0))
        };
        prop_assert_eq!(store.with(count), Ok(postings), "no word is missing and none is left over");
    }
}
