//! AWS's own simulator, and which services a principal was seen to use.

use std::{sync::Arc, time::Duration};

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, JobStatusType};

use super::empty;
use crate::{
    cloud::{Report, body::time, client::Reach, paging::Paging, trace::call},
    domain::{
        Answer, Fault, FaultKind, Untrusted,
        simulation::{ServiceUse, Simulated, Simulation},
    },
};

/// How long the list of services may take to be made.
const DEADLINE: Duration = Duration::from_secs(60);
/// Pause between two looks at whether it is made.
const PAUSE: Duration = Duration::from_secs(1);

pub async fn simulated(
    reach: &Reach,
    simulation: &Simulation,
    report: Report<'_>,
) -> Result<Answer, Fault> {
    let context = simulation.context.iter().map(|(key, values)| {
        ContextEntry::builder()
            .context_key_name(key)
            .set_context_key_values(Some(values.clone()))
            .context_key_type(match values.len() {
                1 => ContextKeyTypeEnum::String,
                _ => ContextKeyTypeEnum::StringList,
            })
            .build()
    });
    let ask = reach
        .iam
        .simulate_principal_policy()
        .policy_source_arn(simulation.principal.raw())
        .action_names(&simulation.action)
        .resource_arns(&simulation.resource)
        .set_context_entries(Some(context.collect()).filter(|c: &Vec<_>| !c.is_empty()))
        .send();
    let name = ("IAM", "SimulatePrincipalPolicy");
    let (answer, _) = call(&reach.place, name, ask, report).await?;
    // One action on one resource is one result.
    let result = answer.evaluation_results().first().ok_or_else(|| empty(name.1))?;
    let matched = result.matched_statements().iter();
    Ok(Answer::Simulated(Simulated {
        decision: result.eval_decision().as_str().into(),
        matched: matched.filter_map(|s| s.source_policy_id()).map(Untrusted::from).collect(),
        missing: result.missing_context_values().iter().map(|k| k.as_str().into()).collect(),
        by_organization: result
            .organizations_decision_detail()
            .map(|detail| detail.allowed_by_organizations()),
        by_boundary: result
            .permissions_boundary_decision_detail()
            .map(|detail| detail.allowed_by_permissions_boundary()),
    }))
}

/// Has the list of services made, waits for it, and reads it.
pub async fn services_used(
    reach: &Reach,
    arn: &Untrusted,
    report: Report<'_>,
) -> Result<Answer, Fault> {
    let ask = reach.iam.generate_service_last_accessed_details().arn(arn.raw()).send();
    let name = ("IAM", "GenerateServiceLastAccessedDetails");
    let (answer, _) = call(&reach.place, name, ask, report).await?;
    let job = answer.job_id().ok_or_else(|| empty(name.1))?.to_owned();
    let read = async {
        let mut services = Vec::new();
        let mut paging = Paging::new(reach.limits.pages);
        loop {
            let ask = reach
                .iam
                .get_service_last_accessed_details()
                .job_id(&job)
                .set_marker(paging.token.clone())
                .send();
            let name = ("IAM", "GetServiceLastAccessedDetails");
            let (page, _) = call(&reach.place, name, ask, report).await?;
            match page.job_status() {
                JobStatusType::InProgress => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                JobStatusType::Failed => {
                    let what = "IAM could not make the list of services last used";
                    let why = page.error().map(|e| e.message()).unwrap_or_default();
                    return Err(Fault::new(FaultKind::Service, what).with_cause(why));
                }
                _ => {}
            }
            services.extend(page.services_last_accessed().iter().map(|service| ServiceUse {
                service: service.service_namespace().into(),
                name: service.service_name().into(),
                last: service.last_authenticated().and_then(time),
                region: service.last_authenticated_region().map(Untrusted::from),
            }));
            if !paging.advance(page.marker().filter(|_| page.is_truncated()))? {
                return Ok(Answer::ServicesUsed(Arc::new(services)));
            }
        }
    };
    match tokio::time::timeout(DEADLINE, read).await {
        Ok(read) => read,
        Err(_) => {
            let what = format!("the list of services is not made after {} s", DEADLINE.as_secs());
            Err(Fault::new(FaultKind::Timeout, what).with_hint("ask again in a minute"))
        }
    }
}
