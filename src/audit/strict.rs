//! JSON read strictly: a key that stands twice in one object is an error, at any depth.
//! Parsers disagree about which of the two counts, so a record must not have two.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The keys of the outermost object that a verifier needs.
pub struct Top<'a> {
    pub v: u64,
    pub seq: u64,
    pub prev: Cow<'a, str>,
    pub kind: Cow<'a, str>,
    pub ts_utc: Cow<'a, str>,
    pub log_id: Option<Cow<'a, str>>,
}

impl<'de> Deserialize<'de> for Top<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TopVisitor)
    }
}

struct TopVisitor;

impl<'de> Visitor<'de> for TopVisitor {
    type Value = Top<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top<'de>, A::Error> {
        let (mut v, mut seq, mut prev, mut kind, mut ts_utc, mut log_id) =
            (None, None, None, None, None, None);
        let mut keys = Keys::default();
        while let Some(Text(key)) = map.next_key::<Text<'de>>()? {
            match &*key {
                "v" => v = Some(map.next_value()?),
                "seq" => seq = Some(map.next_value()?),
                "prev" => prev = Some(map.next_value::<Text<'de>>()?.0),
                "kind" => kind = Some(map.next_value::<Text<'de>>()?.0),
                "ts_utc" => ts_utc = Some(map.next_value::<Text<'de>>()?.0),
                "log_id" => log_id = Some(map.next_value::<Text<'de>>()?.0),
                _ => {
                    map.next_value::<Strict>()?;
                }
            }
            keys.add(key)?;
        }
        let missing = |key| de::Error::missing_field(key);
        Ok(Top {
            v: v.ok_or_else(|| missing("v"))?,
            seq: seq.ok_or_else(|| missing("seq"))?,
            prev: prev.ok_or_else(|| missing("prev"))?,
            kind: kind.ok_or_else(|| missing("kind"))?,
            ts_utc: ts_utc.ok_or_else(|| missing("ts_utc"))?,
            log_id,
        })
    }
}

/// Whether these bytes are one JSON value in which no object has a key twice.
///
/// # Errors
/// They are not.
pub fn no_doubles(bytes: &[u8]) -> serde_json::Result<()> {
    serde_json::from_slice::<Strict>(bytes).map(|_| ())
}

/// The keys of one object so far.
#[derive(Default)]
struct Keys<'a> {
    few: Vec<Cow<'a, str>>,
    many: HashSet<Cow<'a, str>>,
}

impl<'a> Keys<'a> {
    fn add<E: de::Error>(&mut self, key: Cow<'a, str>) -> Result<(), E> {
        // Looking through a few is faster than hashing them; through many it is not.
        if self.few.contains(&key) || self.many.contains(&key) {
            return Err(de::Error::custom("a key stands twice in one object"));
        }
        if self.few.len() < 32 {
            self.few.push(key);
        } else {
            self.many.insert(key);
        }
        Ok(())
    }
}

/// Any value, read for its form alone.
struct Strict;

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_bool<E>(self, _: bool) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_str<E>(self, _: &str) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Strict, A::Error> {
        while seq.next_element::<Strict>()?.is_some() {}
        Ok(Strict)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strict, A::Error> {
        let mut keys = Keys::default();
        while let Some(Text(key)) = map.next_key::<Text<'de>>()? {
            keys.add(key)?;
            map.next_value::<Strict>()?;
        }
        Ok(Strict)
    }
}

/// A string, borrowed where it holds no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}
