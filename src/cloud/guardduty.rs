//! GuardDuty: detectors, lists of ids, findings by id.

use std::collections::{HashMap, HashSet};

use aws_sdk_guardduty::types::{Condition, DetectorStatus, FindingCriteria, OrderBy, SortCriteria};

use super::{
    Report,
    body::{holds, records},
    client::Reach,
    paging::{Listing, Paging},
    trace::call,
};
use crate::domain::{
    Answer, Ask, Band, DetectorState, Fault, FaultKind, FindingState, GuardDutyState, Source,
    State, Status, Untrusted,
    finding::{Record, read_guardduty},
    untrusted::display_in,
};

/// `GetFindings` takes at most this many ids; `ListFindings` gives at most as many.
const PAGE: usize = 50;
/// How many missing ids a gap names.
const NAMED: usize = 3;

/// A page of the list: its number, its ids, and what is wrong with what follows.
struct Page {
    number: u32,
    ids: Result<Vec<String>, Fault>,
    cut: Option<Fault>,
}

pub async fn findings(reach: &Reach, ask: &Ask, report: Report<'_>) -> Result<Answer, Fault> {
    let Detector { id: detector, untold } = &detector(reach, report).await?;
    let criteria = &criteria(ask);
    let mut listing = Listing::new(reach, Source::GuardDuty, report);
    // A suspended one would show as one that has nothing new.
    if let Some(fault) = untold {
        listing.gap(None, fault.clone());
    }
    let first = Some(Paging::new(reach.limits.pages));
    let mut next = next_page(reach, detector, criteria, first, report).await;
    while let Some((page, paging)) = next {
        // The list is read on while a page's findings are fetched.
        let (got, following) = tokio::join!(
            fetch(reach, detector, &page, report),
            next_page(reach, detector, criteria, paging, report),
        );
        next = following;
        match got {
            Ok(records) => {
                if let Some(fault) = missing(page.number, &page.ids.unwrap_or_default(), &records) {
                    listing.gap(Some(page.number), fault);
                }
                listing.page(page.number, records);
            }
            // Nothing at all was read: the place failed, not a page of it.
            Err(fault) if page.number == 1 && page.ids.is_err() => {
                // The detector may have been deleted and made anew.
                *reach.detector.lock().await = None;
                return Err(fault);
            }
            Err(fault) => listing.gap(Some(page.number), fault),
        }
        if let Some(fault) = page.cut {
            listing.gap(Some(page.number), fault);
        }
    }
    Ok(listing.done())
}

/// Reads the next page of ids; `None` at the end.
async fn next_page(
    reach: &Reach,
    detector: &str,
    criteria: &FindingCriteria,
    paging: Option<Paging>,
    report: Report<'_>,
) -> Option<(Page, Option<Paging>)> {
    let mut paging = paging?;
    let number = paging.number;
    match list(reach, detector, criteria, paging.token.clone(), report).await {
        Err(fault) => Some((Page { number, ids: Err(fault), cut: None }, None)),
        Ok((ids, token)) => {
            let more = paging.advance(token.as_deref());
            let next = matches!(more, Ok(true)).then_some(paging);
            Some((Page { number, ids: Ok(ids), cut: more.err() }, next))
        }
    }
}

type Fetched = Result<Vec<Result<Record, String>>, Fault>;

/// The findings of a page.
async fn fetch(reach: &Reach, detector: &str, page: &Page, report: Report<'_>) -> Fetched {
    match &page.ids {
        Ok(ids) if ids.is_empty() => Ok(Vec::new()),
        Ok(ids) => get(reach, detector, ids, report).await,
        Err(fault) => Err(fault.clone()),
    }
}

/// Ids that have expired meanwhile are no gap here: the question is what became of
/// findings already known.
pub async fn reread(reach: &Reach, ids: &[Untrusted], report: Report<'_>) -> Result<Answer, Fault> {
    let Detector { id: detector, .. } = detector(reach, report).await?;
    let mut listing = Listing::new(reach, Source::GuardDuty, report);
    for (number, ids) in (1..).zip(ids.chunks(PAGE)) {
        let ids: Vec<String> = ids.iter().map(|id| id.raw().to_owned()).collect();
        match get(reach, &detector, &ids, report).await {
            Ok(records) => listing.page(number, records),
            Err(fault) => listing.gap(Some(number), fault),
        }
    }
    Ok(listing.done())
}

/// What a change on findings needs to know of them. Ids that are not known are left out.
pub async fn state(reach: &Reach, ids: &[String], report: Report<'_>) -> Result<State, Fault> {
    let Detector { id: detector, .. } = detector(reach, report).await?;
    let ask = reach.guardduty.get_administrator_account().detector_id(&detector).send();
    let name = ("GuardDuty", "GetAdministratorAccount");
    // Without permission for the question, or support for it, the call itself will tell.
    let administrator = match call(&reach.place, name, ask, report).await {
        Ok((answer, _)) => answer.administrator().and_then(|a| a.account_id()).map(Into::into),
        Err(_) => None,
    };
    let mut findings = Vec::new();
    for ids in ids.chunks(PAGE) {
        for record in get(reach, &detector, ids, report).await? {
            let record = record.map_err(|why| {
                Fault::new(FaultKind::Unreadable, "GetFindings: a finding cannot be read")
                    .with_cause(&why)
            })?;
            findings.push(FindingState {
                id: record.id.raw().to_owned(),
                archived: !record.is_active(),
                feedback: feedback(&record),
                arn: record.arn,
                kind: record.kind,
            });
        }
    }
    findings.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(State::GuardDuty(GuardDutyState { detector, administrator, findings }))
}

/// What was said of the finding's use (`Service.UserFeedback`).
fn feedback(record: &Record) -> Option<Untrusted> {
    let finding: serde_json::Value = serde_json::from_str(&record.raw).ok()?;
    finding["service"]["userFeedback"].as_str().map(Untrusted::from)
}

/// The region's detector as a setting: whether there is one, and whether it is on.
pub async fn switch(reach: &Reach, report: Report<'_>) -> Result<State, Fault> {
    // It may be made or deleted at any time, by us too.
    *reach.detector.lock().await = None;
    let ask = reach.guardduty.list_detectors().send();
    let (list, body) = call(&reach.place, ("GuardDuty", "ListDetectors"), ask, report).await?;
    holds(&body, "detectorIds", "ListDetectors")?;
    let Some(id) = list.detector_ids().first().cloned() else {
        return Ok(State::Detector(DetectorState { detector: None, enabled: false }));
    };
    let ask = reach.guardduty.get_detector().detector_id(&id).send();
    let (answer, _) = call(&reach.place, ("GuardDuty", "GetDetector"), ask, report).await?;
    let enabled = answer.status() == Some(&DetectorStatus::Enabled);
    Ok(State::Detector(DetectorState { detector: Some(id), enabled }))
}

pub async fn enabled(reach: &Reach, report: Report<'_>) -> Result<Answer, Fault> {
    let Detector { id, .. } = detector(reach, report).await?;
    let ask = reach.guardduty.get_detector().detector_id(&id).send();
    let (detector, _) = call(&reach.place, ("GuardDuty", "GetDetector"), ask, report).await?;
    let status = detector.status().map_or("of unknown status", |s| s.as_str());
    let every = detector.finding_publishing_frequency().map_or("unknown", |f| f.as_str());
    let line = format!("detector {id} {status}, repeated occurrences published: {every}");
    Ok(Answer::Enabled(display_in(&line, 120)))
}

/// A region's detector, and why it is not known whether it is on.
struct Detector {
    id: String,
    untold: Option<Fault>,
}

/// One detector per account and region; none, or a suspended one, means that GuardDuty
/// is off here.
async fn detector(reach: &Reach, report: Report<'_>) -> Result<Detector, Fault> {
    let mut known = reach.detector.lock().await;
    if let Some(id) = &*known {
        return Ok(Detector { id: id.clone(), untold: None });
    }
    let off = |how: &str| {
        Fault::new(FaultKind::NotEnabled, format!("GuardDuty is {how} in {}", reach.place))
    };
    let ask = reach.guardduty.list_detectors().send();
    let (list, body) = call(&reach.place, ("GuardDuty", "ListDetectors"), ask, report).await?;
    holds(&body, "detectorIds", "ListDetectors")?;
    let id = list.detector_ids().first().ok_or_else(|| off("not enabled"))?.clone();
    let ask = reach.guardduty.get_detector().detector_id(&id).send();
    match call(&reach.place, ("GuardDuty", "GetDetector"), ask, report).await {
        Ok((detector, _)) if detector.status() == Some(&DetectorStatus::Disabled) => {
            Err(off("suspended"))
        }
        Ok(_) => {
            *known = Some(id.clone());
            Ok(Detector { id, untold: None })
        }
        // The findings themselves are asked for all the same, and this next time.
        Err(fault) => Ok(Detector { id, untold: Some(fault) }),
    }
}

async fn list(
    reach: &Reach,
    detector: &str,
    criteria: &FindingCriteria,
    token: Option<String>,
    report: Report<'_>,
) -> Result<(Vec<String>, Option<String>), Fault> {
    let newest_first =
        SortCriteria::builder().attribute_name("updatedAt").order_by(OrderBy::Desc).build();
    let ask = reach
        .guardduty
        .list_findings()
        .detector_id(detector)
        .finding_criteria(criteria.clone())
        .sort_criteria(newest_first)
        .max_results(PAGE as i32)
        .set_next_token(token)
        .send();
    let (page, body) = call(&reach.place, ("GuardDuty", "ListFindings"), ask, report).await?;
    holds(&body, "findingIds", "ListFindings")?;
    Ok((page.finding_ids().to_vec(), page.next_token().map(ToOwned::to_owned)))
}

async fn get(reach: &Reach, detector: &str, ids: &[String], report: Report<'_>) -> Fetched {
    let ask = reach
        .guardduty
        .get_findings()
        .detector_id(detector)
        .set_finding_ids(Some(ids.to_vec()))
        .send();
    let (_, body) = call(&reach.place, ("GuardDuty", "GetFindings"), ask, report).await?;
    records(&body, |raw| read_guardduty(raw, Some(&reach.place.region)))
}

/// `GetFindings` leaves out what it does not find, without a word.
fn missing(page: u32, asked: &[String], got: &[Result<Record, String>]) -> Option<Fault> {
    let there: HashSet<&str> = got.iter().flatten().map(|r| r.id.raw()).collect();
    let gone: Vec<&str> =
        asked.iter().map(String::as_str).filter(|id| !there.contains(id)).collect();
    if gone.is_empty() || got.iter().any(Result::is_err) {
        // One that came and cannot be read is a gap of its own.
        return None;
    }
    let named = gone.iter().take(NAMED).map(|id| display_in(id, 64)).collect::<Vec<_>>().join(", ");
    let what = format!(
        "page {page}: {} of {} findings came back; missing {named}{}",
        asked.len() - gone.len(),
        asked.len(),
        if gone.len() > NAMED { ", …" } else { "" }
    );
    Some(Fault::new(FaultKind::Unreadable, what))
}

fn criteria(ask: &Ask) -> FindingCriteria {
    let mut by: HashMap<String, Condition> = HashMap::new();
    if ask.at_least > Band::Informational {
        let floor = ask.at_least.guardduty_floor();
        by.insert("severity".into(), Condition::builder().greater_than_or_equal(floor).build());
    }
    let archived = match ask.status {
        Status::Active => Some("false"),
        Status::Archived => Some("true"),
        Status::All => None,
    };
    if let Some(archived) = archived {
        by.insert("service.archived".into(), Condition::builder().equals(archived).build());
    }
    if let Some(since) = ask.updated_since {
        // Epoch milliseconds; the deprecated `gte` is an i32 and cannot hold them.
        let millis = since.as_millisecond();
        by.insert("updatedAt".into(), Condition::builder().greater_than_or_equal(millis).build());
    }
    FindingCriteria::builder().set_criterion(Some(by)).build()
}
