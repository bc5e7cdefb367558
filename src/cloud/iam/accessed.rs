//! Services last accessed: IAM makes a report, which takes seconds, and it is then read.

use std::{sync::Arc, time::Duration};

use aws_sdk_iam::types::JobStatusType;

use super::empty;
use crate::{
    cloud::{Report, body::time, client::Reach, paging::Paging, trace::call},
    domain::{
        Answer, Fault, FaultKind, Untrusted,
        accessed::{Accessed, LastAccessed},
    },
};

/// How long a report may take to be made before halon says that it has none.
const DEADLINE: Duration = Duration::from_secs(60);
/// Pauses between two looks at whether it is made: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// Whole or not at all: a service that is missing would read as one that is not used.
pub async fn last_accessed(
    reach: &Reach,
    arn: &Untrusted,
    report: Report<'_>,
) -> Result<Answer, Fault> {
    let ask = reach.iam.generate_service_last_accessed_details().arn(arn.raw()).send();
    let name = ("IAM", "GenerateServiceLastAccessedDetails");
    let (answer, _) = call(&reach.place, name, ask, report).await?;
    let job = answer.job_id().ok_or_else(|| empty(name.1))?;
    let what = match tokio::time::timeout(DEADLINE, made(reach, job, report)).await {
        Ok(made) => made?,
        Err(_) => {
            let what =
                format!("services last accessed are not listed after {} s", DEADLINE.as_secs());
            return Err(Fault::new(FaultKind::Timeout, what).with_hint("ask again in a minute"));
        }
    };
    Ok(Answer::LastAccessed { what: Arc::new(what), gaps: Vec::new() })
}

/// Waits for the report, and reads all its pages.
async fn made(reach: &Reach, job: &str, report: Report<'_>) -> Result<LastAccessed, Fault> {
    let mut what = LastAccessed::default();
    let mut paging = Paging::new(reach.limits.pages);
    let mut pause = PAUSE.0;
    loop {
        let ask = reach.iam.get_service_last_accessed_details().job_id(job);
        let ask = ask.set_marker(paging.token.clone()).send();
        let name = ("IAM", "GetServiceLastAccessedDetails");
        let (page, _) = call(&reach.place, name, ask, report).await?;
        match page.job_status() {
            JobStatusType::Completed => {}
            JobStatusType::Failed => {
                let why = page.error().map(|e| e.message()).unwrap_or_default();
                let fault = Fault::new(FaultKind::Unreadable, "services last accessed: no report");
                return Err(fault.with_cause(why));
            }
            // In progress, or a word that this version does not know: the deadline ends it.
            _ => {
                tokio::time::sleep(pause).await;
                pause = PAUSE.1.min(pause * 2);
                continue;
            }
        }
        what.made = time(page.job_completion_date());
        what.services.extend(page.services_last_accessed().iter().map(|s| Accessed {
            service: s.service_namespace().into(),
            at: s.last_authenticated().and_then(time),
            region: s.last_authenticated_region().map(Untrusted::from),
        }));
        if !paging.advance(page.marker().filter(|_| page.is_truncated()))? {
            return Ok(what);
        }
    }
}
