//! A managed policy with what each of its versions says.

use crate::{
    cloud::{
        Report,
        body::time,
        client::Reach,
        iam::{document, empty, listed, policies},
        paging::several,
        trace::call,
    },
    domain::{Fault, PolicyArn, PolicyState, PolicyVersion, State},
};
use aws_sdk_iam::types::PolicyVersion as Listed;

pub async fn policy(reach: &Reach, arn: &PolicyArn, report: Report<'_>) -> Result<State, Fault> {
    let ask = reach.iam.get_policy().policy_arn(arn.as_str()).send();
    let (answer, _) = call(&reach.place, ("IAM", "GetPolicy"), ask, report).await?;
    let about = answer.policy().ok_or_else(|| empty("GetPolicy"))?;
    let request = || reach.iam.list_policy_versions().policy_arn(arn.as_str());
    let listed = listed!(reach, report, "ListPolicyVersions", request(), versions);
    let asked = listed.iter().map(|version| one(reach, arn, version, report)).collect();
    let read: Result<Vec<PolicyVersion>, Fault> =
        several(policies::AT_ONCE, asked).await.into_iter().collect();
    let mut versions = read?;
    // `v10` comes after `v9`.
    let number = |v: &PolicyVersion| v.id.raw().trim_start_matches('v').parse::<u32>().ok();
    versions.sort_by_key(number);
    Ok(State::Policy(PolicyState {
        policy: arn.clone(),
        default: about.default_version_id().unwrap_or_default().into(),
        versions,
        attachments: about.attachment_count().and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
    }))
}

async fn one(
    reach: &Reach,
    arn: &PolicyArn,
    version: &Listed,
    report: Report<'_>,
) -> Result<PolicyVersion, Fault> {
    let id = version.version_id().unwrap_or_default();
    let ask = reach.iam.get_policy_version().policy_arn(arn.as_str()).version_id(id).send();
    let (answer, _) = call(&reach.place, ("IAM", "GetPolicyVersion"), ask, report).await?;
    let text = answer.policy_version().and_then(|v| v.document()).unwrap_or_default();
    let document = document(text, &format!("version {id} of {arn}"))?;
    Ok(PolicyVersion { id: id.into(), created: version.create_date().and_then(time), document })
}
