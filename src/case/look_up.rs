//! Findings and principals by what is typed, the best first. Pure, and run off the event
//! loop: fifty thousand findings take longer than a frame.

use std::{cmp::Reverse, sync::Arc};

use super::{
    Survey, Words,
    filter::texts,
    survey::{HolderKind, Holding},
};
use crate::domain::{AccountId, Untrusted, finding::Finding};

/// Findings, and principals, that are given at most: nobody reads on.
const MOST: usize = 100;

/// One of them, and how well it matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub score: i64,
    pub thing: Thing,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Thing {
    Finding(Arc<Finding>),
    Principal { arn: Untrusted, kind: HolderKind, name: Untrusted, account: Option<AccountId> },
}

/// What matches every word, the best of each kind first.
pub fn look_up(text: &str, findings: &[Arc<Finding>], survey: &Survey) -> Vec<Hit> {
    let words = Words::new(text);
    let findings = findings.iter().filter_map(|finding| {
        let score = words.score(&texts(finding))?;
        Some((score, finding))
    });
    let mut findings: Vec<(i64, &Arc<Finding>)> = findings.collect();
    // Of equals the worst first, then the newest.
    findings.sort_by_cached_key(|(score, finding)| {
        let main = finding.main();
        (Reverse((*score, main.severity.band, finding.updated_at())), finding.key().clone())
    });
    let findings = findings.into_iter().take(MOST);
    let findings =
        findings.map(|(score, finding)| Hit { score, thing: Thing::Finding(finding.clone()) });
    let mut principals: Vec<Hit> =
        survey.holdings.iter().filter_map(|holding| principal(&words, survey, holding)).collect();
    principals.sort_by_key(|hit| Reverse(hit.score));
    principals.truncate(MOST);
    principals.into_iter().chain(findings).collect()
}

fn principal(words: &Words, survey: &Survey, holding: &Holding) -> Option<Hit> {
    let holder = survey.holder(holding);
    let account = survey.accounts[holding.account].authorization.account.clone();
    let texts = [
        holder.name.raw(),
        holder.arn.raw(),
        holding.kind.word(),
        account.as_ref().map_or("", AccountId::as_str),
    ];
    let score = words.score(&texts)?;
    let (arn, name) = (holder.arn.clone(), holder.name.clone());
    Some(Hit { score, thing: Thing::Principal { arn, kind: holding.kind, name, account } })
}
