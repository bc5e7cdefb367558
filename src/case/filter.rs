//! Which findings are shown, and in which order.

use fuzzy_matcher::{FuzzyMatcher, skim::SkimMatcherV2};
use jiff::Timestamp;

use crate::domain::{
    AccountId, Band, Region, Source, Status, Untrusted,
    finding::{Finding, Record},
};

/// What must hold of a finding for it to be shown. The services are asked for some
/// of this, and some endpoints ignore what they are asked, so all of it is checked here.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    pub at_least: Band,
    pub status: Status,
    pub source: Option<Source>,
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    pub kind: Option<Untrusted>,
    pub updated_since: Option<Timestamp>,
    /// Words that must all match somewhere, fuzzily.
    pub text: String,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            at_least: Band::High,
            status: Status::Active,
            source: None,
            account: None,
            region: None,
            kind: None,
            updated_since: None,
            text: String::new(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Severity,
    Updated,
    FirstSeen,
    Account,
    Type,
    Count,
}

impl Sort {
    pub const ALL: [Sort; 6] =
        [Sort::Severity, Sort::Updated, Sort::FirstSeen, Sort::Account, Sort::Type, Sort::Count];

    pub fn name(self) -> &'static str {
        match self {
            Sort::Severity => "severity",
            Sort::Updated => "updated",
            Sort::FirstSeen => "first seen",
            Sort::Account => "account",
            Sort::Type => "type",
            Sort::Count => "count",
        }
    }
}

/// Filter and order of the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    pub filter: Filter,
    pub sort: Sort,
    pub reverse: bool,
}

impl Filter {
    /// Everything but the text.
    pub fn admits(&self, finding: &Finding) -> bool {
        let main = finding.main();
        let status = match self.status {
            Status::Active => finding.is_active(),
            Status::Archived => finding.records().any(|r| !r.is_active()),
            Status::All => true,
        };
        status
            && finding.records().any(|r| r.severity.band >= self.at_least)
            && self.source.is_none_or(|s| finding.records().any(|r| r.source == s))
            && self.account.as_ref().is_none_or(|a| main.account.as_ref() == Some(a))
            && self.region.as_ref().is_none_or(|r| in_region(main, r))
            && self.kind.as_ref().is_none_or(|k| main.kind == *k)
            && self.updated_since.is_none_or(|t| finding.updated_at().is_none_or(|u| u >= t))
    }
}

/// A finding made from global-service events belongs to two regions: where it
/// happened and where its detector is.
fn in_region(record: &Record, region: &Region) -> bool {
    record.region.as_ref() == Some(region) || record.detector_region.as_ref() == Some(region)
}

/// Words that must all match somewhere, fuzzily; ready for comparing.
pub struct Words {
    words: Vec<String>,
    matcher: SkimMatcherV2,
}

impl Words {
    pub fn new(text: &str) -> Self {
        Self {
            words: text.split_whitespace().map(ToOwned::to_owned).collect(),
            matcher: SkimMatcherV2::default().smart_case(),
        }
    }

    pub(super) fn match_all(&self, finding: &Finding) -> bool {
        self.all_in(&texts(finding))
    }

    /// Whether each word matches one of the texts.
    pub fn all_in(&self, texts: &[&str]) -> bool {
        self.words.iter().all(|word| texts.iter().any(|text| self.matches(word, text)))
    }

    /// How well the words match these texts: each word by the text that it fits best. None
    /// where one of them matches nothing.
    pub fn score(&self, texts: &[&str]) -> Option<i64> {
        let best = |word: &String| texts.iter().filter_map(|text| self.fit(word, text)).max();
        self.words.iter().map(best).sum()
    }

    fn matches(&self, word: &str, text: &str) -> bool {
        self.fit(word, text).is_some()
    }

    fn fit(&self, word: &str, text: &str) -> Option<i64> {
        /// Attackers may choose the text; the matcher's work grows with its length.
        const LONGEST: usize = 512;
        let mut end = text.len().min(LONGEST);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.matcher.fuzzy_match(&text[..end], word)
    }
}

/// What of a finding is looked at.
pub(super) fn texts(finding: &Finding) -> [&str; 7] {
    let main = finding.main();
    [
        main.kind.raw(),
        main.title.raw(),
        main.resource.raw(),
        main.actor.raw(),
        main.account.as_ref().map_or("", AccountId::as_str),
        main.region.as_ref().map_or("", Region::as_str),
        main.id.raw(),
    ]
}
