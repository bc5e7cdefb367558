//! Pages over the answer of one query, with tokens that are bound to it.
//!
//! A token names the query, the world's time at its first page and the place
//! reached, under a keyed hash: a token that was altered, or belongs to another
//! query, is refused. The rows found are kept for the next pages.

use std::{collections::VecDeque, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;

use super::{faults::Twist, seed};

/// The queries whose rows are kept.
const KEPT: usize = 8;

/// What stands for a query: a digest of it.
pub type Key = [u8; 16];

#[derive(Default)]
pub struct Pager {
    kept: VecDeque<(Key, i64, Arc<[u32]>)>,
}

/// What is asked for.
pub struct Ask<'a> {
    pub seed: u64,
    /// Operation, account, region and everything asked but token and page size.
    pub query: Vec<&'a str>,
    pub token: Option<&'a str>,
    pub size: usize,
    /// The world's time in epoch milliseconds.
    pub now: i64,
    pub twist: Option<Twist>,
}

pub struct Page {
    pub rows: Vec<u32>,
    pub next: Option<String>,
}

#[derive(Debug)]
pub struct BadToken;

impl Pager {
    /// Cuts the page asked for out of what `find` gives at the query's time.
    pub fn page(
        &mut self,
        ask: &Ask<'_>,
        find: impl FnOnce(i64) -> Vec<u32>,
    ) -> Result<Page, BadToken> {
        let key = seed::digest(ask.seed, &ask.query);
        let place = match ask.token.filter(|t| !t.is_empty()) {
            Some(token) => Place::read(ask.seed, &key, token).ok_or(BadToken)?,
            None => Place { as_of: ask.now, offset: 0, empties: 0 },
        };
        let first = ask.token.is_none_or(str::is_empty);
        let held = self.kept.iter().find(|(k, at, _)| !first && *k == key && *at == place.as_of);
        let rows = match held {
            Some((_, _, rows)) => Arc::clone(rows),
            None => {
                let rows: Arc<[u32]> = find(place.as_of).into();
                self.kept.retain(|(k, at, _)| (*k, *at) != (key, place.as_of));
                self.kept.truncate(KEPT - 1);
                self.kept.push_front((key, place.as_of, Arc::clone(&rows)));
                rows
            }
        };
        let from = place.offset.min(rows.len());
        let to = from.saturating_add(ask.size).min(rows.len());
        let at = |offset| Place { offset, ..place };
        let (shown, next) = match ask.twist {
            // Nothing is lost: the next page is the one that should have come.
            Some(Twist::EmptyPage) => {
                let next = Place { empties: place.empties + 1, ..place };
                (from..from, Some(next.write(ask.seed, &key)))
            }
            Some(Twist::RepeatToken) if ask.token.is_some() => {
                (from..to, ask.token.map(str::to_owned))
            }
            _ => (from..to, (to < rows.len()).then(|| at(to).write(ask.seed, &key))),
        };
        Ok(Page { rows: rows[shown].to_vec(), next })
    }
}

/// Cuts a page out of a list whose items have keys of their own. The token says after
/// which key to go on, so that what was taken away or added in between moves nothing.
pub fn page_by_key<T>(
    ask: &Ask<'_>,
    mut rows: Vec<(String, T)>,
) -> Result<(Vec<T>, Option<String>), BadToken> {
    let query = seed::digest(ask.seed, &ask.query);
    let token = ask.token.filter(|t| !t.is_empty());
    let place = token.map(|t| KeyPlace::read(ask.seed, &query, t).ok_or(BadToken)).transpose()?;
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    if let Some(place) = &place {
        rows.retain(|(key, _)| place.after.as_ref().is_none_or(|after| key > after));
    }
    let more = rows.len() > ask.size;
    let next = match ask.twist {
        // Nothing is lost: the next page is the one that should have come.
        Some(Twist::EmptyPage) => {
            rows.clear();
            let place = place.unwrap_or_default();
            Some(KeyPlace { empties: place.empties + 1, ..place })
        }
        Some(Twist::RepeatToken) if place.is_some() => {
            rows.truncate(ask.size);
            return Ok((
                rows.into_iter().map(|(_, item)| item).collect(),
                token.map(str::to_owned),
            ));
        }
        _ => {
            rows.truncate(ask.size);
            let last = rows.last().filter(|_| more);
            last.map(|(key, _)| KeyPlace { after: Some(key.clone()), empties: 0 })
        }
    };
    let next = next.map(|place| place.write(ask.seed, &query));
    Ok((rows.into_iter().map(|(_, item)| item).collect(), next))
}

#[derive(Default)]
struct KeyPlace {
    /// The last key given; `None` at the list's beginning.
    after: Option<String>,
    /// Empty pages given so far at this place, so that no two tokens are the same.
    empties: u32,
}

impl KeyPlace {
    fn write(&self, seed: u64, query: &Key) -> String {
        let body = match &self.after {
            Some(key) => format!("{}.{key}", self.empties),
            None => self.empties.to_string(),
        };
        let mac = seed::digest(seed, &["key token", &seed::hex(query), &body]);
        BASE64.encode(format!("{}.{body}", seed::hex(&mac)))
    }

    fn read(seed: u64, query: &Key, token: &str) -> Option<Self> {
        let text = String::from_utf8(BASE64.decode(token).ok()?).ok()?;
        let mut parts = text.splitn(3, '.').skip(1);
        let empties = parts.next()?.parse().ok()?;
        let place = KeyPlace { after: parts.next().map(str::to_owned), empties };
        // The hash covers the exact text, so there is one token for one place.
        (place.write(seed, query) == token).then_some(place)
    }
}

#[derive(Clone, Copy)]
struct Place {
    as_of: i64,
    offset: usize,
    /// Empty pages given so far at this place, so that no two tokens are the same.
    empties: u32,
}

impl Place {
    fn write(self, seed: u64, key: &Key) -> String {
        sealed(seed, key, [self.as_of, self.offset as i64, i64::from(self.empties)])
    }

    fn read(seed: u64, key: &Key, token: &str) -> Option<Self> {
        let [as_of, offset, empties] = opened(seed, key, token)?;
        let (offset, empties) = (offset.try_into().ok()?, empties.try_into().ok()?);
        Some(Place { as_of, offset, empties })
    }
}

/// A token that holds these numbers, for the query with this key only.
pub fn sealed<const N: usize>(seed: u64, key: &Key, numbers: [i64; N]) -> String {
    let body = numbers.map(|n| n.to_string()).join(".");
    let mac = seed::digest(seed, &["token", &seed::hex(key), &body]);
    BASE64.encode(format!("{body}.{}", seed::hex(&mac)))
}

/// The numbers of a token that [`sealed`] made for the same query.
pub fn opened<const N: usize>(seed: u64, key: &Key, token: &str) -> Option<[i64; N]> {
    let text = String::from_utf8(BASE64.decode(token).ok()?).ok()?;
    let parts = text.split('.').take(N).map(|part| part.parse().ok());
    let numbers: [i64; N] = parts.collect::<Option<Vec<_>>>()?.try_into().ok()?;
    // The hash covers the exact text, so there is one token for one place.
    (sealed(seed, key, numbers) == token).then_some(numbers)
}

/// The part of a request that makes the query: everything but token and page size.
pub fn query_text(input: &Value) -> String {
    let mut input = input.clone();
    if let Some(object) = input.as_object_mut() {
        for key in ["nextToken", "NextToken", "Marker", "maxResults", "MaxResults", "MaxItems"] {
            object.remove(key);
        }
    }
    // A client may send the keys of a map in another order each time.
    input.sort_all_objects();
    input.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask<'a>(query: &'a str, token: Option<&'a str>, twist: Option<Twist>) -> Ask<'a> {
        Ask { seed: 7, query: vec![query], token, size: 4, now: 5, twist }
    }

    #[test]
    fn pages_cover_everything_once() {
        let mut pager = Pager::default();
        let (mut seen, mut token) = (Vec::new(), None::<String>);
        loop {
            let page =
                pager.page(&ask("q", token.as_deref(), None), |_| (0..10).collect()).expect("page");
            seen.extend(page.rows);
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn keys_say_where_to_go_on_whatever_comes_and_goes() {
        let rows = |keys: &str| keys.chars().map(|c| (c.to_string(), c)).collect::<Vec<_>>();
        let first = page_by_key(&ask("q", None, None), rows("hgfedcba")).expect("page");
        assert_eq!(first.0, ['a', 'b', 'c', 'd']);
        let token = first.1.expect("more");
        // The last one given is gone, one came before it and one behind it.
        let second = page_by_key(&ask("q", Some(&token), None), rows("abcAefgh1z")).expect("page");
        assert_eq!(second.0, ['e', 'f', 'g', 'h']);
        let third = page_by_key(&ask("q", second.1.as_deref(), None), rows("az")).expect("page");
        assert_eq!((third.0, third.1), (vec!['z'], None));
        let empty = Some(Twist::EmptyPage);
        let none = page_by_key(&ask("q", Some(&token), empty), rows("abcdef")).expect("page");
        assert!(none.0.is_empty() && none.1.as_ref() != Some(&token));
        let rest = page_by_key(&ask("q", none.1.as_deref(), None), rows("abcdef")).expect("page");
        assert_eq!(rest.0, ['e', 'f']);
        let repeat = Some(Twist::RepeatToken);
        let again = page_by_key(&ask("q", Some(&token), repeat), rows("abcdef")).expect("page");
        assert_eq!(again.1, Some(token.clone()));
        assert!(page_by_key(&ask("other", Some(&token), None), rows("ab")).is_err());
        let mut altered = token.into_bytes();
        altered.swap(0, 1);
        let altered = String::from_utf8(altered).expect("ASCII");
        assert!(page_by_key(&ask("q", Some(&altered), None), rows("ab")).is_err());
    }

    #[test]
    fn a_foreign_or_altered_token_is_refused() {
        let mut pager = Pager::default();
        let token = pager.page(&ask("q", None, None), |_| (0..10).collect()).expect("page").next;
        let token = token.expect("more");
        assert!(pager.page(&ask("other", Some(&token), None), |_| Vec::new()).is_err());
        for at in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ASCII");
            assert!(pager.page(&ask("q", Some(&altered), None), |_| Vec::new()).is_err(), "{at}");
        }
    }

    #[test]
    fn the_order_of_keys_makes_no_other_query() {
        let text = |json: &str| query_text(&serde_json::from_str(json).expect("JSON"));
        assert_eq!(
            text(r#"{"a": {"x": 1, "y": [{"p": 1, "q": 2}]}, "nextToken": "t"}"#),
            text(r#"{"nextToken": "u", "a": {"y": [{"q": 2, "p": 1}], "x": 1}}"#)
        );
    }

    #[test]
    fn an_empty_page_loses_nothing_and_a_repeated_token_is_the_same() {
        let mut pager = Pager::default();
        let rows = |_| (0..10).collect();
        let empty = pager.page(&ask("q", None, Some(Twist::EmptyPage)), rows).expect("page");
        assert!(empty.rows.is_empty());
        let token = empty.next.expect("a token");
        let page = pager.page(&ask("q", Some(&token), None), rows).expect("page");
        assert_eq!(page.rows, [0, 1, 2, 3]);
        let token = page.next.expect("a token");
        let again = pager.page(&ask("q", Some(&token), Some(Twist::RepeatToken)), rows);
        assert_eq!(again.expect("page").next.as_deref(), Some(token.as_str()));
    }
}
