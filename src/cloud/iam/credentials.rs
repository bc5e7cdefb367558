//! The root user, and the credential report.

use std::{sync::Arc, time::Duration};

use aws_sdk_iam::types::{ReportStateType, SummaryKeyType};

use super::{Lacks, empty};
use crate::{
    cloud::{Report, body::time, client::Reach, trace::call},
    domain::{
        Answer, Fault, FaultKind,
        credentials::{CredentialReport, Root, RootSummary},
    },
};

/// How long a report may take to be made before halon says that it has none.
const DEADLINE: Duration = Duration::from_secs(60);
/// Pause between two looks at whether it is made.
const PAUSE: Duration = Duration::from_secs(2);

/// Fails as a whole where neither can be read.
pub async fn root(reach: &Reach, report: Report<'_>) -> Result<Answer, Fault> {
    let (summary, credentials) = tokio::join!(summary(reach, report), credentials(reach, report));
    let mut lacks = Lacks::new(reach);
    if let (Err(fault), Err(_)) = (&summary, &credentials) {
        return Err(fault.clone());
    }
    let what = Root { summary: lacks.or_gap(summary), report: lacks.or_gap(credentials) };
    Ok(Answer::Root { what: Arc::new(what), gaps: lacks.gaps })
}

async fn summary(reach: &Reach, report: Report<'_>) -> Result<RootSummary, Fault> {
    let ask = reach.iam.get_account_summary().send();
    let (answer, _) = call(&reach.place, ("IAM", "GetAccountSummary"), ask, report).await?;
    let summary = answer.summary_map().ok_or_else(|| empty("GetAccountSummary"))?;
    let flag = |key: SummaryKeyType| summary.get(&key).map(|number| *number > 0);
    Ok(RootSummary {
        mfa: flag(SummaryKeyType::AccountMfaEnabled),
        access_keys: flag(SummaryKeyType::AccountAccessKeysPresent),
        password: flag(SummaryKeyType::AccountPasswordPresent),
        certificates: flag(SummaryKeyType::AccountSigningCertificatesPresent),
    })
}

/// Has a report made, which IAM does at most once in four hours, waits for it, and reads it.
async fn credentials(reach: &Reach, report: Report<'_>) -> Result<CredentialReport, Fault> {
    let made = async {
        loop {
            let ask = reach.iam.generate_credential_report().send();
            let name = ("IAM", "GenerateCredentialReport");
            let (answer, _) = call(&reach.place, name, ask, report).await?;
            if answer.state() == Some(&ReportStateType::Complete) {
                return Ok::<(), Fault>(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(DEADLINE, made).await {
        Ok(made) => made?,
        Err(_) => {
            let what = format!("the credential report is not made after {} s", DEADLINE.as_secs());
            return Err(Fault::new(FaultKind::Timeout, what).with_hint("ask again in a minute"));
        }
    }
    let ask = reach.iam.get_credential_report().send();
    let (answer, _) = call(&reach.place, ("IAM", "GetCredentialReport"), ask, report).await?;
    let content = answer.content().map(|blob| blob.as_ref()).unwrap_or_default();
    let unreadable = |why: String| {
        Fault::new(FaultKind::Unreadable, "GetCredentialReport: no report").with_cause(&why)
    };
    let csv = std::str::from_utf8(content).map_err(|_| unreadable("not UTF-8".to_owned()))?;
    CredentialReport::read(csv, answer.generated_time().and_then(time)).map_err(unreadable)
}
