//! Reading a list page by page without believing the token blindly.
//!
//! The SDK's own paginators end a list silently when a page repeats its token;
//! here that is a fault, and so is a list that never ends.

use std::{collections::HashSet, future::Future};

use futures_util::{StreamExt, stream};

use crate::domain::{Answer, Fault, FaultKind, Gap, Source, finding::Record};

use super::{Report, client::Reach};

pub struct Paging {
    /// The page about to be read, from 1.
    pub number: u32,
    pub token: Option<String>,
    seen: HashSet<String>,
    limit: u32,
}

impl Paging {
    pub fn new(limit: u32) -> Self {
        Self { number: 1, token: None, seen: HashSet::new(), limit }
    }

    /// Goes on to the page that `token` names. `Ok(false)` at the end of the list.
    pub fn advance(&mut self, token: Option<&str>) -> Result<bool, Fault> {
        // Some endpoints say "no more" with an empty string.
        let Some(token) = token.filter(|t| !t.is_empty()) else { return Ok(false) };
        if !self.seen.insert(token.to_owned()) {
            return Err(Fault::new(
                FaultKind::Unreadable,
                format!(
                    "page {} repeated an earlier page's token; the list may go on",
                    self.number
                ),
            ));
        }
        if self.number >= self.limit {
            return Err(Fault::new(
                FaultKind::Refused,
                format!("stopped after {} pages; the list goes on", self.limit),
            )
            .with_hint("narrow the question, or raise `pages` under [limits] in halon.toml"));
        }
        self.number += 1;
        self.token = Some(token.to_owned());
        Ok(true)
    }
}

/// Waits for all of these, `at_once` of them at a time; the results in their order.
pub async fn several<T>(at_once: usize, asked: Vec<impl Future<Output = T>>) -> Vec<T> {
    stream::iter(asked).buffered(at_once).collect().await
}

/// What a list turned out not to hold, while its pages are handed on.
pub struct Listing<'a> {
    pub reach: &'a Reach,
    pub source: Source,
    pub report: Report<'a>,
    gaps: Vec<Gap>,
}

impl<'a> Listing<'a> {
    pub fn new(reach: &'a Reach, source: Source, report: Report<'a>) -> Self {
        Self { reach, source, report, gaps: Vec::new() }
    }

    /// Hands on the records of a page; those that cannot be read become a gap.
    pub fn page(&mut self, page: u32, records: Vec<Result<Record, String>>) {
        let mut good = Vec::with_capacity(records.len());
        let mut bad: Option<(usize, String)> = None;
        for record in records {
            match record {
                Ok(record) => good.push(record),
                Err(why) => bad = Some((bad.map_or(0, |b| b.0) + 1, why)),
            }
        }
        (self.report)(Answer::Page { records: good });
        if let Some((count, why)) = bad {
            let what = format!("{count} findings of page {page} cannot be read");
            self.gap(Some(page), Fault::new(FaultKind::Unreadable, what).with_cause(&why));
        }
    }

    pub fn gap(&mut self, page: Option<u32>, why: Fault) {
        self.gaps.push(Gap {
            source: self.source.into(),
            account: self.reach.place.target.clone(),
            region: Some(self.reach.place.region.clone()),
            page,
            why,
        });
    }

    pub fn done(self) -> Answer {
        Answer::Done { gaps: self.gaps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_end_repeat_and_run_out() {
        let mut paging = Paging::new(3);
        assert_eq!(paging.advance(Some("a")), Ok(true));
        assert_eq!((paging.number, paging.token.as_deref()), (2, Some("a")));
        assert!(paging.advance(Some("a")).is_err_and(|f| f.what.contains("repeated")));
        assert_eq!(paging.advance(Some("b")), Ok(true));
        assert!(paging.advance(Some("c")).is_err_and(|f| f.what.contains("3 pages")));
        assert_eq!(Paging::new(1).advance(Some("")), Ok(false));
        assert_eq!(Paging::new(1).advance(None), Ok(false));
    }
}
