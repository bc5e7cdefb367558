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
