//! The credential report.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{Call, Outcome};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{Change, World, iso_seconds},
};

pub fn generate_credential_report(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let report = world.reports().credentials(call.account);
    Ok(match report.filter(|report| !report.expired(call.now)) {
        Some(report) if report.ready(call.now) => json!({"State": "COMPLETE"}).into(),
        Some(_) => json!({"State": "INPROGRESS"}).into(),
        None => {
            let why = "No report exists. Starting a new report generation task";
            let body = json!({"State": "STARTED", "Description": why});
            Outcome::new(body, Some(Change::CredentialReport))
        }
    })
}

pub fn get_credential_report(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let refused = |status, code, why: &str| Err(Refusal::new(status, code, why));
    match world.reports().credentials(call.account) {
        None => refused(410, "ReportNotPresent", "No report is present; generate one first."),
        Some(report) if report.expired(call.now) => {
            refused(410, "ReportExpired", "The report is older than four hours.")
        }
        Some(report) if !report.ready(call.now) => {
            refused(404, "ReportInProgress", "The report is being generated.")
        }
        Some(report) => Ok(json!({
            "Content": STANDARD.encode(report.content.as_bytes()),
            "ReportFormat": "text/csv",
            "GeneratedTime": iso_seconds(report.begun()),
        })
        .into()),
    }
}
