//! Findings in files: whatever wraps them.
//!
//! Seen in the wild: single objects, arrays, JSON lines, API and CLI answers,
//! recorded answers, EventBridge envelopes, other programs' test data; plain or
//! gzipped. Decided by shape, never by file name.

use std::{borrow::Cow, collections::BTreeMap, io::Read};

use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;

use super::{Record, asff, guardduty};

/// Largest file read, decompressed, in bytes: a gzip bomb ends here.
const MAX_BYTES: u64 = 512 * 1024 * 1024;
/// Findings lie at most this deep in their wrapping.
const MAX_DEPTH: usize = 16;
/// Rejections named; further ones are counted.
const MAX_NAMED: usize = 100;

/// What a file held.
#[derive(Debug, Default)]
pub struct Imported {
    pub records: Vec<Record>,
    /// What looks like a finding and cannot be read, or is not JSON.
    pub rejected: Vec<Rejected>,
    /// Further rejections, counted but not named.
    pub unnamed: usize,
    /// Top-level values in which there was no finding.
    pub other: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Byte offset in the decompressed file.
    pub offset: usize,
    pub why: String,
}

/// Reads a whole file. Never fails as a whole: what could be read is there, what
/// could not is named.
pub fn read_file(bytes: &[u8]) -> Imported {
    let mut imported = Imported::default();
    let bytes = match decompressed(bytes) {
        Ok(bytes) => bytes,
        Err((bytes, why)) => {
            imported.reject(bytes.len(), why);
            bytes.into()
        }
    };
    let text = match str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(e) => {
            imported.reject(e.valid_up_to(), "not UTF-8".to_owned());
            str::from_utf8(&bytes[..e.valid_up_to()]).unwrap_or_default()
        }
    };
    Walk { text, imported: &mut imported }.documents();
    imported
}

type Broken = (Vec<u8>, String);

fn decompressed(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Broken> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.into());
    }
    let mut out = Vec::new();
    match MultiGzDecoder::new(bytes).take(MAX_BYTES + 1).read_to_end(&mut out) {
        Ok(_) if out.len() as u64 > MAX_BYTES => {
            out.truncate(MAX_BYTES as usize);
            Err((out, format!("larger than {} MiB; the rest was not read", MAX_BYTES >> 20)))
        }
        Ok(_) => Ok(out.into()),
        Err(e) => Err((out, format!("gzip: {e}"))),
    }
}

impl Imported {
    fn reject(&mut self, offset: usize, why: String) {
        if self.rejected.len() < MAX_NAMED {
            self.rejected.push(Rejected { offset, why });
        } else {
            self.unnamed += 1;
        }
    }
}

struct Walk<'t, 'i> {
    text: &'t str,
    imported: &'i mut Imported,
}

type Object<'t> = BTreeMap<Cow<'t, str>, &'t RawValue>;

impl<'t> Walk<'t, '_> {
    /// The values of the file, one after the other: one document, or JSON lines.
    fn documents(&mut self) {
        let mut at = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        while at < self.text.len() {
            let mut stream =
                serde_json::Deserializer::from_str(&self.text[at..]).into_iter::<&RawValue>();
            while let Some(Ok(value)) = stream.next() {
                let before = self.found();
                self.value(value, 0);
                if self.found() == before {
                    self.imported.other += 1;
                }
            }
            let stopped = at + stream.byte_offset();
            let Some(begins) = self.text[stopped..].find(|c: char| !c.is_whitespace()) else {
                return;
            };
            let begins = stopped + begins;
            let why = match serde_json::from_str::<&RawValue>(&self.text[begins..]) {
                Err(e) => format!("not JSON: {e}"),
                Ok(_) => "not JSON".to_owned(),
            };
            self.imported.reject(begins, why);
            // One bad line of many: go on where the next value may begin.
            let next = self.text[begins..]
                .match_indices('\n')
                .find(|(i, _)| self.text[begins + i + 1..].starts_with(['{', '[']));
            match next {
                Some((i, _)) => at = begins + i + 1,
                None => return,
            }
        }
    }

    fn found(&self) -> usize {
        self.imported.records.len() + self.imported.rejected.len() + self.imported.unnamed
    }

    fn value(&mut self, value: &'t RawValue, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let raw = value.get();
        match raw.as_bytes().first() {
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(raw).unwrap_or_default();
                for item in items {
                    self.value(item, depth + 1);
                }
            }
            Some(b'{') => {
                let object: Object<'_> = serde_json::from_str(raw).unwrap_or_default();
                let record = if is_guardduty(&object) {
                    guardduty::read(raw, None)
                } else if is_asff(&object) {
                    asff::read(raw)
                } else {
                    for inner in object.into_values() {
                        self.value(inner, depth + 1);
                    }
                    return;
                };
                match record {
                    Ok(record) => self.imported.records.push(record),
                    Err(why) => {
                        let offset = raw.as_ptr() as usize - self.text.as_ptr() as usize;
                        self.imported.reject(offset, why);
                    }
                }
            }
            _ => {}
        }
    }
}

fn get<'t>(object: &Object<'t>, key: &str) -> Option<&'t RawValue> {
    object.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| *v)
}

fn has(object: &Object<'_>, keys: &[&str]) -> bool {
    keys.iter().all(|key| get(object, key).is_some())
}

/// A type of its own and what happened to which resource.
fn is_guardduty(object: &Object<'_>) -> bool {
    has(object, &["type", "id"])
        && !has(object, &["productArn"])
        && [("severity", "service"), ("severity", "resource"), ("service", "resource")]
            .into_iter()
            .any(|(a, b)| has(object, &[a, b]))
        && get(object, "type").is_some_and(|t| t.get().starts_with('"'))
}

fn is_asff(object: &Object<'_>) -> bool {
    has(object, &["productArn", "id"])
        && (has(object, &["severity"]) || has(object, &["types"]) || has(object, &["resources"]))
        || has(object, &["finding_info", "metadata"])
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    const GUARDDUTY: &str =
        r#"{"id": "f1", "type": "T:X/Y", "severity": 8, "region": "us-east-1", "service": {}}"#;
    const ASFF: &str = r#"{"Id": "h1", "ProductArn": "arn:aws:securityhub:us-east-1::product/x/y", "Types": ["A/B"], "Severity": {"Label": "LOW"}}"#;

    fn ids(text: &str) -> Vec<String> {
        let imported = read_file(text.as_bytes());
        assert_eq!(imported.rejected, [], "{text}");
        imported.records.iter().map(|r| r.id.raw().to_owned()).collect()
    }

    #[test]
    fn every_wrapping() {
        for text in [
            format!("{GUARDDUTY}\n{ASFF}\n"),
            format!("{GUARDDUTY}{ASFF}"),
            format!("\u{feff}[{GUARDDUTY},\r\n{ASFF}]"),
            format!(r#"{{"Findings": [{GUARDDUTY}, {ASFF}], "NextToken": "x"}}"#),
            format!(r#"{{"status_code": 200, "data": {{"findings": [{GUARDDUTY}, {ASFF}]}}}}"#),
            format!(
                r#"{{"detail-type": "GuardDuty Finding", "id": "e", "source": "aws.guardduty", "detail": {GUARDDUTY}}}
                   {{"detail-type": "Security Hub Findings - Imported", "detail": {{"findings": [{ASFF}]}}}}"#
            ),
        ] {
            assert_eq!(ids(&text), ["f1", "h1"], "{text}");
            let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gz.write_all(text.as_bytes()).expect("into memory");
            assert_eq!(read_file(&gz.finish().expect("into memory")).records.len(), 2);
        }
    }

    #[test]
    fn the_raw_text_is_kept_to_the_byte() {
        let odd = r#"{ "type":"T:X/Y","id" : "f1",  "severity":8.0, "unknownNew": {"a": [1,2]}, "service":null, "resource": {} }"#;
        let imported = read_file(format!("  [ {odd} ]").as_bytes());
        assert_eq!(&*imported.records[0].raw, odd);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() {
        let bad = r#"{"id": "f2", "type": "T", "service": {}, "resource": {}}"#;
        let text = format!("[{GUARDDUTY}, {bad}]");
        let imported = read_file(text.as_bytes());
        assert_eq!(imported.records.len(), 1);
        assert_eq!(imported.rejected[0].offset, text.find(bad).expect("is there"));
        assert!(imported.rejected[0].why.contains("severity"));

        let text = format!("{GUARDDUTY}\n{{\"id\": oops}}\n{ASFF}\n{{\"half\": ");
        let imported = read_file(text.as_bytes());
        assert_eq!(imported.records.len(), 2, "{:?}", imported.rejected);
        let places: Vec<usize> = imported.rejected.iter().map(|r| r.offset).collect();
        assert_eq!(
            places,
            [text.find("{\"id\": oops").expect("there"), text.find("{\"half").expect("there")]
        );
    }

    #[test]
    fn other_json_is_counted_and_depth_is_bounded() {
        let imported = read_file(br#"{"Records": [{"eventID": "e", "type": "AwsApiCall"}]} {}"#);
        assert_eq!((imported.records.len(), imported.other), (0, 2));
        let deep = format!("{}{GUARDDUTY}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(read_file(deep.as_bytes()).records.len(), 0);
        let abyss = "[".repeat(100_000);
        assert_eq!(read_file(abyss.as_bytes()).rejected.len(), 1);
    }

    #[test]
    fn a_cut_gzip_gives_what_there_is() {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        gz.write_all(format!("{GUARDDUTY}\n{GUARDDUTY}\n").as_bytes()).expect("into memory");
        let whole = gz.finish().expect("into memory");
        let imported = read_file(&whole[..whole.len() - 40]);
        assert_eq!(imported.records.len(), 1);
        assert!(
            imported.rejected.iter().any(|r| r.why.starts_with("gzip")),
            "{:?}",
            imported.rejected
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            read_file(&bytes);
        }

        #[test]
        fn no_damage_panics(at in 0usize..200, with in any::<u8>(), cut in 0usize..200) {
            let mut text = format!("[{GUARDDUTY}, {ASFF}]").into_bytes();
            let at = at % text.len();
            text[at] = with;
            text.truncate(text.len().saturating_sub(cut));
            read_file(&text);
        }
    }
}
