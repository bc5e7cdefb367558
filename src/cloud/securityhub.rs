//! Security Hub: findings of every product, at its own pace.

use aws_sdk_securityhub::types::{
    AwsSecurityFindingFilters, DateFilter, SortCriterion, SortOrder, StringFilter,
    StringFilterComparison,
};

use super::{
    Report,
    body::records,
    client::Reach,
    paging::{Listing, Paging},
    trace::call,
};
use crate::domain::{
    Answer, Ask, Band, Fault, FaultKind, HubId, HubState, HubSwitch, Note, Source, State, Status,
    Untrusted,
    finding::{Record, read_asff},
    time::rfc3339,
    untrusted::display_in,
};

/// `GetFindings` gives at most this many.
const PAGE: i32 = 100;
/// A filter attribute takes at most this many values.
const VALUES: usize = 20;

pub async fn findings(reach: &Reach, ask: &Ask, report: Report<'_>) -> Result<Answer, Fault> {
    let filters = filters(ask);
    let mut listing = Listing::new(reach, Source::SecurityHub, report);
    let mut paging = Paging::new(reach.limits.pages);
    loop {
        let number = paging.number;
        let (records, token) = match get(reach, &filters, paging.token.clone(), report).await {
            Ok(page) => page,
            // Nothing at all was read: the place failed, not a page of it.
            Err(fault) if number == 1 => return Err(fault),
            Err(fault) => {
                listing.gap(Some(number), fault);
                break;
            }
        };
        listing.page(number, records);
        match paging.advance(token.as_deref()) {
            Ok(true) => {}
            Ok(false) => break,
            Err(fault) => {
                listing.gap(Some(number), fault);
                break;
            }
        }
    }
    Ok(listing.done())
}

pub async fn reread(reach: &Reach, ids: &[Untrusted], report: Report<'_>) -> Result<Answer, Fault> {
    let mut listing = Listing::new(reach, Source::SecurityHub, report);
    for (number, ids) in (1..).zip(ids.chunks(VALUES)) {
        let ids = ids.iter().map(|id| equals(id.raw())).collect();
        let filters = AwsSecurityFindingFilters::builder().set_id(Some(ids)).build();
        match get(reach, &filters, None, report).await {
            Ok((records, _)) => listing.page(number, records),
            Err(fault) => listing.gap(Some(number), fault),
        }
    }
    Ok(listing.done())
}

/// Workflow status and note of findings by their `Id`. Those not known are left out.
pub async fn state(reach: &Reach, ids: &[String], report: Report<'_>) -> Result<State, Fault> {
    let mut findings = Vec::new();
    for ids in ids.chunks(VALUES) {
        let ids = ids.iter().map(|id| equals(id)).collect();
        let filters = AwsSecurityFindingFilters::builder().set_id(Some(ids)).build();
        let mut paging = Paging::new(reach.limits.pages);
        loop {
            let (records, token) = get(reach, &filters, paging.token.clone(), report).await?;
            for record in records {
                let record = record.map_err(|why| {
                    Fault::new(FaultKind::Unreadable, "GetFindings: a finding cannot be read")
                        .with_cause(&why)
                })?;
                findings.extend(hub_state(&record));
            }
            if !paging.advance(token.as_deref())? {
                break;
            }
        }
    }
    findings.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(State::SecurityHub(findings))
}

/// `None` for a finding without a product ARN, which no call can name.
fn hub_state(record: &Record) -> Option<HubState> {
    let raw: serde_json::Value = serde_json::from_str(&record.raw).ok()?;
    let text = |value: &serde_json::Value| value.as_str().map(ToOwned::to_owned);
    let note = &raw["Note"];
    Some(HubState {
        id: HubId { id: record.id.raw().to_owned(), product_arn: text(&raw["ProductArn"])? },
        title: record.title.clone(),
        status: raw["Workflow"]["Status"].as_str().and_then(|s| s.parse().ok()),
        note: text(&note["Text"])
            .map(|body| Note { text: body, by: text(&note["UpdatedBy"]).unwrap_or_default() }),
    })
}

pub async fn enabled(reach: &Reach, report: Report<'_>) -> Result<Answer, Fault> {
    let ask = reach.securityhub.describe_hub().send();
    let (hub, _) = call(&reach.place, ("SecurityHub", "DescribeHub"), ask, report).await?;
    let line = format!("hub since {}", hub.subscribed_at().unwrap_or("an unknown date"));
    Ok(Answer::Enabled(display_in(&line, 120)))
}

/// Whether Security Hub is on in the region. That it is off is an answer.
pub async fn switch(reach: &Reach, report: Report<'_>) -> Result<State, Fault> {
    let ask = reach.securityhub.describe_hub().send();
    match call(&reach.place, ("SecurityHub", "DescribeHub"), ask, report).await {
        Ok(_) => Ok(State::Hub(HubSwitch { enabled: true })),
        Err(fault) if fault.kind == FaultKind::NotEnabled => {
            Ok(State::Hub(HubSwitch { enabled: false }))
        }
        Err(fault) => Err(fault),
    }
}

async fn get(
    reach: &Reach,
    filters: &AwsSecurityFindingFilters,
    token: Option<String>,
    report: Report<'_>,
) -> Result<(Vec<Result<Record, String>>, Option<String>), Fault> {
    reach.securityhub_pace.acquire_one().await;
    let newest_first =
        SortCriterion::builder().field("UpdatedAt").sort_order(SortOrder::Descending).build();
    let ask = reach
        .securityhub
        .get_findings()
        .filters(filters.clone())
        .sort_criteria(newest_first)
        .max_results(PAGE)
        .set_next_token(token)
        .send();
    let (page, body) = call(&reach.place, ("SecurityHub", "GetFindings"), ask, report).await?;
    Ok((records(&body, read_asff)?, page.next_token().map(ToOwned::to_owned)))
}

fn filters(ask: &Ask) -> AwsSecurityFindingFilters {
    let mut filters = AwsSecurityFindingFilters::builder();
    if ask.at_least > Band::Informational {
        for band in Band::ALL.into_iter().filter(|b| *b >= ask.at_least) {
            filters = filters.severity_label(equals(band.label()));
        }
    }
    // "Archived" is an either-or over two attributes, which one question cannot
    // hold; it is asked as "all" and filtered here.
    if ask.status == Status::Active {
        filters = filters
            .record_state(equals("ACTIVE"))
            .workflow_status(equals("NEW"))
            .workflow_status(equals("NOTIFIED"));
    }
    if let Some(since) = ask.updated_since {
        // Start needs an End beside it; nothing is updated after this one.
        let open_end = "2999-12-31T23:59:59Z";
        filters =
            filters.updated_at(DateFilter::builder().start(rfc3339(since)).end(open_end).build());
    }
    filters.build()
}

fn equals(value: &str) -> StringFilter {
    StringFilter::builder().value(value).comparison(StringFilterComparison::Equals).build()
}
