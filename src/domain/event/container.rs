//! Events out of files: what CloudTrail delivers, what the API, the CLI, EventBridge and
//! Athena give, and what people made of it; whole, or as much as is left.

use std::{borrow::Cow, io::Read};

use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;

use super::{
    Event, Outer, Resource,
    members::{Members, members},
};
use crate::domain::{Untrusted, time};

/// Largest file read, decompressed, in bytes: a gzip bomb ends here.
pub const MAX_BYTES: u64 = 512 * 1024 * 1024;
/// Events lie at most this deep in their wrapping.
const MAX_WRAPPING: usize = 16;
/// Rejections named; further ones are counted.
const MAX_NAMED: usize = 100;
/// In a broken file every `{` may begin an event. A hostile one makes each of them be read
/// to the end: no more bytes than this many times its length are read.
const MAX_TRIES: usize = 16;

/// What a file held beside its events.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Events, those that were rejected too.
    pub records: u64,
    /// What looks like an event and cannot be read, or is not JSON.
    pub rejected: Vec<Unread>,
    /// Further rejections, counted but not named.
    pub unnamed: usize,
    /// Digests of log files: CloudTrail puts them beside the logs, and they hold no events.
    pub digests: usize,
    /// Top-level values in which there was no event.
    pub other: usize,
}

/// A place in a file that could not be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Unread {
    /// Byte offset in the decompressed file.
    pub offset: usize,
    pub why: String,
}

/// Reads a file. Each event goes to `sink` with its number among the file's records, from
/// 1. Never fails as a whole: what could be read is there, what could not is named.
pub fn read_events(bytes: &[u8], sink: &mut dyn FnMut(Event, u64)) -> Contents {
    let mut contents = Contents::default();
    let (bytes, broken) = decompressed(bytes);
    let length = bytes.len();
    let mut walk = Walk {
        sink,
        contents: &mut contents,
        base: 0,
        tries: length.saturating_mul(MAX_TRIES).saturating_add(1 << 20),
    };
    let (mut rest, mut torn) = (&*bytes, false);
    loop {
        match str::from_utf8(rest) {
            Ok(text) => {
                walk.text(text, torn, broken.is_some());
                break;
            }
            Err(e) => {
                // What is broken is one record; what comes after it is read.
                let (good, bad) = rest.split_at(e.valid_up_to());
                walk.text(str::from_utf8(good).unwrap_or_default(), torn, true);
                walk.contents.reject(walk.base + good.len(), "not UTF-8".to_owned());
                let skipped = e.error_len().unwrap_or(bad.len());
                walk.base += good.len() + skipped;
                (rest, torn) = (&bad[skipped..], true);
            }
        }
    }
    if let Some(why) = broken {
        contents.reject(length, why);
    }
    contents
}

/// The bytes, decompressed where they are gzip; and why they end too early.
fn decompressed(bytes: &[u8]) -> (Cow<'_, [u8]>, Option<String>) {
    let too_large = || format!("larger than {} MiB; the rest was not read", MAX_BYTES >> 20);
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return match bytes.len() as u64 > MAX_BYTES {
            true => (bytes[..MAX_BYTES as usize].into(), Some(too_large())),
            false => (bytes.into(), None),
        };
    }
    let mut out = Vec::new();
    match MultiGzDecoder::new(bytes).take(MAX_BYTES + 1).read_to_end(&mut out) {
        Ok(_) if out.len() as u64 > MAX_BYTES => {
            out.truncate(MAX_BYTES as usize);
            (out.into(), Some(too_large()))
        }
        Ok(_) => (out.into(), None),
        Err(e) => (out.into(), Some(format!("gzip: {e}"))),
    }
}

impl Contents {
    fn reject(&mut self, offset: usize, why: String) {
        if self.rejected.len() < MAX_NAMED {
            self.rejected.push(Unread { offset, why });
        } else {
            self.unnamed += 1;
        }
    }

    /// How many rejections there are.
    pub fn rejections(&self) -> usize {
        self.rejected.len() + self.unnamed
    }

    fn found(&self) -> usize {
        self.records as usize + self.rejections() + self.digests
    }
}

struct Walk<'s> {
    sink: &'s mut dyn FnMut(Event, u64),
    contents: &'s mut Contents,
    /// Where the text begins in the file.
    base: usize,
    /// Bytes that may still be read in vain.
    tries: usize,
}

/// What begins at a place in a text.
enum Next<'t> {
    Value(&'t RawValue),
    /// Not JSON from this place on; the text ends there, or it goes on with something else.
    Broken {
        at: usize,
        ended: bool,
        why: String,
    },
}

fn next(text: &str, from: usize) -> Next<'_> {
    let mut stream = serde_json::Deserializer::from_str(&text[from..]).into_iter::<&RawValue>();
    match stream.next() {
        Some(Ok(value)) => Next::Value(value),
        Some(Err(e)) => {
            let line = text[from..].split_inclusive('\n').take(e.line().saturating_sub(1));
            let at = from + line.map(str::len).sum::<usize>() + e.column().saturating_sub(1);
            Next::Broken { at: at.min(text.len()), ended: e.is_eof(), why: e.to_string() }
        }
        None => Next::Broken { at: text.len(), ended: true, why: "nothing there".to_owned() },
    }
}

impl Walk<'_> {
    /// One text: one document, or one after the other. `torn`: it begins in the middle of
    /// something; `cut`: it ends so, which was said already.
    fn text(&mut self, text: &str, torn: bool, cut: bool) {
        if torn {
            return self.salvage(text, 0, cut, None);
        }
        let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        while let Some(begins) = text[at..].find(|c: char| !c.is_ascii_whitespace()) {
            let begins = at + begins;
            match next(text, begins) {
                Next::Value(value) => {
                    let before = self.contents.found();
                    self.value(text, value, 0);
                    if self.contents.found() == before {
                        self.contents.other += 1;
                    }
                    at = begins + value.get().len();
                }
                Next::Broken { at, ended, why } => {
                    if !(ended && cut) {
                        self.contents.reject(self.base + at, format!("not JSON: {why}"));
                    }
                    return self.salvage(text, begins, cut, Some(at));
                }
            }
        }
    }

    /// The events in a text that is not JSON from some place on: any object may be one.
    fn salvage(&mut self, text: &str, from: usize, cut: bool, mut said: Option<usize>) {
        let mut at = from;
        while let Some(begins) = memchr::memchr(b'{', &text.as_bytes()[at..]) {
            let begins = at + begins;
            at = begins + 1;
            let read = match next(text, begins) {
                Next::Value(value) => {
                    let read = value.get().len();
                    if members(value.get()).is_ok_and(|object| Shape::of(&object).is_some()) {
                        self.value(text, value, MAX_WRAPPING);
                        at = begins + read;
                        continue;
                    }
                    read
                }
                Next::Broken { at: broken, ended, why } => {
                    // What encloses it was broken at the same place.
                    if said != Some(broken) && !(ended && cut) {
                        self.contents.reject(self.base + broken, format!("not JSON: {why}"));
                    }
                    said = Some(broken);
                    broken - begins
                }
            };
            match self.tries.checked_sub(read) {
                Some(left) => self.tries = left,
                None => {
                    let why = "too broken: the rest was not read".to_owned();
                    return self.contents.reject(self.base + begins, why);
                }
            }
        }
    }

    fn value(&mut self, text: &str, value: &RawValue, depth: usize) {
        if depth > MAX_WRAPPING {
            return;
        }
        let raw = value.get();
        match raw.as_bytes().first() {
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(raw).unwrap_or_default();
                let (before, mut without) = (self.contents.found(), 0);
                for item in items {
                    let found = self.contents.found();
                    self.value(text, item, depth + 1);
                    without += usize::from(self.contents.found() == found);
                }
                // Among events: in a list of anything else it is not to be expected.
                if self.contents.found() > before {
                    self.contents.other += without;
                }
            }
            Some(b'{') => {
                // A key that is no text is nobody's event.
                let Ok(object) = members(raw) else { return };
                let event = match Shape::of(&object) {
                    Some(Shape::Event) => Event::read(raw, None),
                    Some(Shape::Listed) => listed(&object),
                    Some(Shape::Digest) => {
                        self.contents.digests += 1;
                        return;
                    }
                    None => {
                        for (_, inner) in object.iter() {
                            self.value(text, inner, depth + 1);
                        }
                        return;
                    }
                };
                self.contents.records += 1;
                match event {
                    Ok(event) => (self.sink)(event, self.contents.records),
                    Err(why) => {
                        let offset = raw.as_ptr() as usize - text.as_ptr() as usize;
                        self.contents.reject(self.base + offset, why);
                    }
                }
            }
            _ => {}
        }
    }
}

/// What an object is.
enum Shape {
    /// A CloudTrail event.
    Event,
    /// An event as LookupEvents lists it: a text in it, and fields beside it.
    Listed,
    /// CloudTrail user guide, "CloudTrail digest file structure".
    Digest,
}

impl Shape {
    fn of(object: &Members<'_>) -> Option<Shape> {
        let has = |key: &&str| object.get(key).is_some();
        let named = ["eventName", "eventSource"].iter().any(has);
        let more = ["eventID", "eventTime", "eventVersion", "userIdentity", "awsRegion"];
        if has(&"CloudTrailEvent") {
            Some(Shape::Listed)
        } else if named && more.iter().any(has) {
            Some(Shape::Event)
        } else if ["digestS3Object", "logFiles"].iter().all(has) {
            Some(Shape::Digest)
        } else {
            None
        }
    }
}

fn listed(object: &Members<'_>) -> Result<Event, String> {
    let text = |key| object.text(key).map(Untrusted::from);
    let resource = |raw: &RawValue| {
        let object = members(raw.get()).ok()?;
        let kind = object.text("ResourceType").map(Untrusted::from);
        Some(Resource { name: object.text("ResourceName")?.into(), kind })
    };
    let outer = Outer {
        id: text("EventId"),
        name: text("EventName"),
        source: text("EventSource"),
        time: object.text("EventTime").and_then(|t| time::parse_foreign(&t)),
        username: text("Username"),
        access_key: text("AccessKeyId"),
        read_only: object.flag("ReadOnly"),
        resources: object.items("Resources").into_iter().filter_map(resource).collect(),
    };
    let inner = object.get("CloudTrailEvent").map(RawValue::get).unwrap_or_default();
    match inner.starts_with('"') {
        true => Event::read(&object.text("CloudTrailEvent").unwrap_or_default(), Some(outer)),
        false => Event::read(inner, Some(outer)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn event(id: &str) -> String {
        format!(
            r#"{{"eventVersion":"1.08","eventID":"{id}","eventName":"GetUser","eventSource":"iam.amazonaws.com","eventTime":"2026-03-02T03:00:00Z","userIdentity":{{"type":"IAMUser","userName":"alice"}},"responseElements":null}}"#
        )
    }

    fn read(bytes: &[u8]) -> (Vec<(String, u64)>, Contents) {
        let mut events = Vec::new();
        let contents =
            read_events(bytes, &mut |event, n| events.push((event.id.raw().to_owned(), n)));
        (events, contents)
    }

    fn ids(text: &str) -> Vec<String> {
        let (events, contents) = read(text.as_bytes());
        assert_eq!(contents.rejected, [], "{text}");
        events.into_iter().map(|(id, _)| id).collect()
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).expect("into memory");
        gz.finish().expect("into memory")
    }

    #[test]
    fn every_wrapping() {
        let (a, b) = (event("a"), event("b"));
        let listed = |id: &str, inner: &str| {
            format!(
                r#"{{"EventId":"{id}","EventTime":1772420400.5,"EventName":"GetUser","CloudTrailEvent":{}}}"#,
                serde_json::Value::from(inner)
            )
        };
        for text in [
            format!(r#"{{"Records":[{a},{b}]}}"#),
            format!("\u{feff}[{a},\r\n {b}]\r\n"),
            format!("{a}\r\n{b}\r\n"),
            format!("{a}{b}"),
            format!(r#"{{"detail-type":"AWS API Call via CloudTrail","detail":{a}}}{b}"#),
            format!(r#"{{"Events":[{},{}]}}"#, listed("a", &a), listed("b", &b)),
            format!(r#"{{"events":[{},{}]}}"#, listed("a", &a), listed("b", "cut {"))
                .replace("CloudTrailEvent", "cloudTrailEvent")
                .replace("EventId", "eventId"),
            format!("{a}{b}").replace("eventID", "eventid").replace("eventName", "eventname"),
        ] {
            assert_eq!(ids(&text), ["a", "b"], "{text}");
            assert_eq!(read(&gz(text.as_bytes())).0.len(), 2, "{text}");
        }
        let halves = [gz(a.as_bytes()), gz(b.as_bytes())].concat();
        assert_eq!(read(&halves).0, [("a".to_owned(), 1), ("b".to_owned(), 2)], "two in one gzip");
    }

    #[test]
    fn the_fields_beside_an_event_are_kept() {
        let text = r#"{"Events":[{"EventId":"e","EventName":"N","ReadOnly":"true","AccessKeyId":"","Username":"alice",
            "EventSource":"s3.amazonaws.com","EventTime":"2026-03-02T03:00:00+01:00",
            "Resources":[{"ResourceType":"AWS::S3::Bucket","ResourceName":"bucket"},{}],"CloudTrailEvent":"{\"eventName\":\"N\"}"}]}"#;
        let mut events = Vec::new();
        read_events(text.as_bytes(), &mut |event, _| events.push(event));
        let [event] = &events[..] else { panic!("{events:?}") };
        assert_eq!(event.username.as_ref().map(Untrusted::raw), Some("alice"));
        assert_eq!((event.read_only, event.access_key()), (Some(true), None));
        assert_eq!(event.time.map(|t| t.to_string()).as_deref(), Some("2026-03-02T02:00:00Z"));
        assert_eq!(event.resources.len(), 1);
        assert_eq!(&*event.raw, r#"{"eventName":"N"}"#);
    }

    #[test]
    fn digests_and_other_json_are_counted() {
        let digest = r#"{"awsAccountId":"111122223333","digestS3Object":"x","logFiles":[]}"#;
        let text = format!("{digest}\n{{\"Records\":[]}}\n[1,\"two\",null]\n{}", event("a"));
        let (events, contents) = read(text.as_bytes());
        assert_eq!((events.len(), contents.digests, contents.other), (1, 1, 2));
        assert_eq!(contents.rejections(), 0);
    }

    #[test]
    fn one_bad_record_of_many_is_named_and_the_rest_goes_on() {
        let text = format!(
            r#"{{"Records":[{},{{"eventID":"x","eventName":oops,"userIdentity":{{"a":1}}}},{},{{"eventName":{{}},"eventSource":[],"eventID":"y"}},{}]}}"#,
            event("a"),
            event("b"),
            event("c")
        );
        let (events, contents) = read(text.as_bytes());
        let ids: Vec<_> = events.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["a", "b", "c"]);
        let places: Vec<_> = contents.rejected.iter().map(|r| r.offset).collect();
        let place = |part: &str| text.find(part).expect("is there");
        assert_eq!(places, [place("oops"), place(r#"{"eventName":{}"#)], "{:?}", contents.rejected);

        let lines = format!("{}\n{{oops}}\n{}\n{{\"half\": ", event("a"), event("b"));
        let (events, contents) = read(lines.as_bytes());
        assert_eq!(events.len(), 2);
        assert_eq!(contents.rejections(), 2, "{:?}", contents.rejected);
        let comma = format!(r#"{{"Records":[{},]}}"#, event("a"));
        let (events, contents) = read(comma.as_bytes());
        assert_eq!((events.len(), contents.rejections()), (1, 1));
    }

    #[test]
    fn bytes_that_are_no_text_cost_one_record() {
        let mut bytes = format!(r#"{{"Records":[{},"#, event("a")).into_bytes();
        let place = bytes.len() + event("").find("alice").expect("is there") + 1;
        bytes.extend(event("b").replace("alice", "\u{1}").replace('\u{1}', "?").bytes());
        bytes[place] = 0xff;
        bytes.extend(format!(",{}]}}", event("c")).bytes());
        let (events, contents) = read(&bytes);
        let ids: Vec<_> = events.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["a", "c"]);
        assert_eq!(contents.rejected, [Unread { offset: place, why: "not UTF-8".to_owned() }]);
    }

    #[test]
    fn a_cut_gzip_gives_what_there_is() {
        let text = format!(r#"{{"Records":[{},{},{}]}}"#, event("a"), event("b"), event("c"));
        let mut whole = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        whole.write_all(text.as_bytes()).expect("into memory");
        let whole = whole.finish().expect("into memory");
        let (events, contents) = read(&whole[..whole.len() - 60]);
        assert_eq!(events.len(), 2);
        assert_eq!(contents.rejections(), 1, "{:?}", contents.rejected);
        assert!(contents.rejected[0].why.starts_with("gzip"), "{:?}", contents.rejected);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}{}{}", "[".repeat(100), event("a"), "]".repeat(100));
        assert_eq!(read(deep.as_bytes()).0.len(), 0);
        let inner = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let deep = event("a").replace("null", &inner);
        let text = format!("[{},{deep}]", event("b"));
        let (events, contents) = read(text.as_bytes());
        assert_eq!((events.len(), contents.rejected[0].offset), (1, 1 + event("b").len() + 1));
        assert!(contents.rejected[0].why.contains("deep"), "{:?}", contents.rejected);
        let listed = serde_json::json!({"EventId": "d", "EventName": "N", "CloudTrailEvent": deep});
        assert_eq!(ids(&listed.to_string()), ["a"].map(|_| "d"));
        assert_eq!(read("[".repeat(1_000_000).as_bytes()).1.rejections(), 1);
        assert!(read(r#"{"a":"#.repeat(200_000).as_bytes()).1.rejections() > 0);
    }

    #[test]
    fn what_stands_among_events_and_is_none_is_counted() {
        let event = r#"{"eventName":"N","eventSource":"s","eventID":"e","eventTime":"2026-03-02T00:00:00Z"}"#;
        let text = format!(
            r#"{{"Records":[{event},{{"no":"thing"}},5,null,{event}],"resources":["arn:aws:x"]}}"#
        );
        let contents = read_events(text.as_bytes(), &mut |_, _| ());
        assert_eq!((contents.records, contents.other), (2, 3));
        let contents = read_events(br#"{"Records":[{"no":"thing"},5]}"#, &mut |_, _| ());
        assert_eq!((contents.records, contents.other), (0, 1), "one document without an event");
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            read(&bytes);
        }

        /// Whatever happens to one byte, or the end, costs at most the record it is in and
        /// its neighbours.
        #[test]
        fn damage_costs_little(at in any::<prop::sample::Index>(), with in any::<u8>(), cut in prop::option::of(any::<prop::sample::Index>())) {
            let all: Vec<String> = (0..6).map(|i| event(&format!("e{i}"))).collect();
            let mut bytes = format!(r#"{{"Records":[{}]}}"#, all.join(",")).into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = with;
            let length = cut.map_or(bytes.len(), |c| c.index(bytes.len()));
            bytes.truncate(length);
            let (events, _) = read(&bytes);
            for (i, one) in all.iter().enumerate() {
                let begins = 12 + i * (one.len() + 1);
                let range = begins..begins + one.len();
                if range.end < length && !(range.start.saturating_sub(2)..range.end + 2).contains(&at) && at > 12 {
                    prop_assert!(events.iter().any(|(id, _)| *id == format!("e{i}")), "{i} {at} {length}");
                }
            }
        }
    }
}
