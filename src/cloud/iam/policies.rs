//! Managed policies with the document that is in force.

use super::{Lacks, document, empty};
use crate::{
    cloud::{Report, body::time, client::Reach, paging::several, trace::call},
    domain::{
        Fault, Untrusted,
        authorization::{ManagedPolicy, Version},
    },
};

/// Policies read at once: IAM's limits are not published, and many people ask.
pub const AT_ONCE: usize = 4;

/// Reads each of these policies once; what cannot be read is a gap.
pub async fn managed(
    arns: &[Untrusted],
    lacks: &mut Lacks<'_>,
    report: Report<'_>,
) -> Vec<ManagedPolicy> {
    let mut arns: Vec<&Untrusted> = arns.iter().collect();
    arns.sort();
    arns.dedup();
    let reach = lacks.reach;
    let asked = arns.into_iter().map(|arn| one(reach, arn, report)).collect();
    let read = several(AT_ONCE, asked).await;
    read.into_iter().filter_map(|policy| lacks.or_gap(policy)).collect()
}

/// `GetPolicy`, and the default version's document.
async fn one(reach: &Reach, arn: &Untrusted, report: Report<'_>) -> Result<ManagedPolicy, Fault> {
    // Whose policy was not read is part of why.
    let of = |fault: Fault| fault.with_cause(arn.raw());
    let ask = reach.iam.get_policy().policy_arn(arn.raw()).send();
    let (answer, _) = call(&reach.place, ("IAM", "GetPolicy"), ask, report).await.map_err(of)?;
    let policy = answer.policy().ok_or_else(|| of(empty("GetPolicy")))?;
    let id = policy.default_version_id().unwrap_or_default();
    let ask = reach.iam.get_policy_version().policy_arn(arn.raw()).version_id(id).send();
    let name = ("IAM", "GetPolicyVersion");
    let (answer, _) = call(&reach.place, name, ask, report).await.map_err(of)?;
    let version = answer.policy_version().ok_or_else(|| of(empty("GetPolicyVersion")))?;
    let text = version.document().unwrap_or_default();
    Ok(ManagedPolicy {
        arn: arn.clone(),
        name: policy.policy_name().unwrap_or_default().into(),
        default_version: id.into(),
        versions: vec![Version {
            id: id.into(),
            document: document(text, &format!("policy {}", arn.raw()))?,
            created: version.create_date().and_then(time),
        }],
        attachments: policy.attachment_count().and_then(|n| u32::try_from(n).ok()),
    })
}
