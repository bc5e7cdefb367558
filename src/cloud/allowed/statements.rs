//! The policy documents: a statement for each purpose, which its `Sid` names, on the resources
//! and under the conditions that AWS lets it be narrowed to (Service Authorization Reference,
//! "Actions, resources, and condition keys", of each service).

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::{By, READ_ONLY, Wanted};

/// The longest managed policy, in characters without white space (IAM quotas).
pub const MOST: usize = 6_144;

/// What is planned with and no screen shows.
const PLANS: &str = "HalonPlans";

/// Changes of one sort, on what they are made on.
struct Group {
    sid: &'static str,
    actions: &'static [&'static str],
    resources: &'static [&'static str],
    condition: Condition,
}

#[derive(Clone, Copy, PartialEq)]
enum Condition {
    None,
    /// The policies that the playbooks name, if they all do.
    Policies,
    /// The tags that the playbooks name, if they all do.
    Tags,
    /// Service control policies and no other kind.
    Scps,
}

const USERS: &[&str] = &["arn:aws:iam::*:user/*"];
const ROLES: &[&str] = &["arn:aws:iam::*:role/*"];

#[rustfmt::skip]
const GROUPS: &[Group] = &[
    Group { sid: "HalonSettleFindings", condition: Condition::None,
        actions: &["guardduty:ArchiveFindings", "guardduty:UnarchiveFindings", "securityhub:BatchUpdateFindings"],
        resources: &["arn:aws:guardduty:*:*:detector/*", "arn:aws:securityhub:*:*:hub/default"] },
    // The reference names no resource for these two.
    Group { sid: "HalonFeedbackAndNewDetectors", condition: Condition::None,
        actions: &["guardduty:CreateDetector", "guardduty:UpdateFindingsFeedback"], resources: &["*"] },
    Group { sid: "HalonSwitchDetectionOn", condition: Condition::None,
        actions: &["guardduty:UpdateDetector", "securityhub:DisableSecurityHub", "securityhub:EnableSecurityHub"],
        resources: &["arn:aws:guardduty:*:*:detector/*", "arn:aws:securityhub:*:*:hub/default"] },
    Group { sid: "HalonRestoreTrails", condition: Condition::None,
        actions: &["cloudtrail:PutEventSelectors", "cloudtrail:StartLogging", "cloudtrail:StopLogging"],
        resources: &["arn:aws:cloudtrail:*:*:trail/*"] },
    Group { sid: "HalonContainUsers", condition: Condition::None, resources: USERS,
        actions: &["iam:DeleteLoginProfile", "iam:DeleteUserPermissionsBoundary", "iam:DeleteUserPolicy",
            "iam:PutUserPermissionsBoundary", "iam:PutUserPolicy", "iam:UpdateAccessKey"] },
    Group { sid: "HalonUserPolicies", condition: Condition::Policies, resources: USERS,
        actions: &["iam:AttachUserPolicy", "iam:DetachUserPolicy"] },
    Group { sid: "HalonUserTags", condition: Condition::Tags, resources: USERS,
        actions: &["iam:TagUser", "iam:UntagUser"] },
    Group { sid: "HalonContainRoles", condition: Condition::None, resources: ROLES,
        actions: &["iam:DeleteRolePermissionsBoundary", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"] },
    Group { sid: "HalonRolePolicies", condition: Condition::Policies, resources: ROLES,
        actions: &["iam:AttachRolePolicy", "iam:DetachRolePolicy"] },
    Group { sid: "HalonRoleTags", condition: Condition::Tags, resources: ROLES,
        actions: &["iam:TagRole", "iam:UntagRole"] },
    Group { sid: "HalonPolicyVersions", condition: Condition::None,
        actions: &["iam:CreatePolicyVersion", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"],
        resources: &["arn:aws:iam::*:policy/*"] },
    Group { sid: "HalonScps", condition: Condition::Scps,
        actions: &["organizations:AttachPolicy", "organizations:DetachPolicy"],
        resources: &["arn:aws:organizations::*:policy/*", "arn:aws:organizations::*:root/*",
            "arn:aws:organizations::*:ou/*", "arn:aws:organizations::*:account/*"] },
    Group { sid: "HalonMoveAccounts", condition: Condition::None, actions: &["organizations:MoveAccount"],
        resources: &["arn:aws:organizations::*:root/*", "arn:aws:organizations::*:ou/*",
            "arn:aws:organizations::*:account/*"] },
];

/// Taking on a role for emergencies: on those roles alone.
const GLASS: (&str, &[&str]) =
    ("HalonBreakGlass", &["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]);

/// The document that allows these actions and nothing else, in this partition (`aws`,
/// `aws-us-gov`, `aws-cn`). Without a role for emergencies none can be assumed.
pub fn policy(wanted: &[Wanted], break_glass: &[String], partition: &str) -> Json {
    let mut statements = reads(wanted);
    for group in GROUPS {
        let those: Vec<&Wanted> =
            wanted.iter().filter(|w| group.actions.contains(&w.action)).collect();
        if those.is_empty() {
            continue;
        }
        let actions = those.iter().map(|w| w.action).collect();
        let here = |arn: &&str| arn.replacen("arn:aws:", &format!("arn:{partition}:"), 1);
        // Of a service that nothing is changed of, no resource is named.
        let services: BTreeSet<&str> = those.iter().map(|w| service(w.action)).collect();
        let of = |arn: &&&str| arn.split(':').nth(2).is_none_or(|s| services.contains(s));
        let resources = group.resources.iter().filter(of).map(here).collect();
        statements.push(statement(group.sid, actions, resources, group.condition.json(&those)));
    }
    let (sid, actions) = GLASS;
    let those: Vec<&str> =
        actions.iter().filter(|a| wanted.iter().any(|w| w.action == **a)).copied().collect();
    if !those.is_empty() && !break_glass.is_empty() {
        statements.push(statement(sid, those, break_glass.to_vec(), None));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// Reads, by the first that needs each.
fn reads(wanted: &[Wanted]) -> Vec<Json> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    let read = wanted.iter().filter(|w| READ_ONLY.iter().any(|row| row.action == w.action));
    for wanted in read {
        let sid = match wanted.by.first() {
            Some(By::Screen(screen)) => screen.sid(),
            _ => PLANS,
        };
        match all.iter_mut().find(|(known, _)| *known == sid) {
            Some((_, actions)) => actions.push(wanted.action),
            None => all.push((sid, vec![wanted.action])),
        }
    }
    let any = || vec!["*".to_owned()];
    all.into_iter().map(|(sid, actions)| statement(sid, actions, any(), None)).collect()
}

fn service(action: &str) -> &str {
    action.split_once(':').map_or(action, |(service, _)| service)
}

fn statement(
    sid: &str,
    actions: Vec<&str>,
    resources: Vec<String>,
    condition: Option<Json>,
) -> Json {
    let mut out = Map::new();
    out.insert("Sid".into(), json!(sid));
    out.insert("Effect".into(), json!("Allow"));
    out.insert("Action".into(), json!(actions));
    out.insert("Resource".into(), if resources == ["*"] { json!("*") } else { json!(resources) });
    if let Some(condition) = condition {
        out.insert("Condition".into(), condition);
    }
    out.into()
}

impl Condition {
    fn json(self, wanted: &[&Wanted]) -> Option<Json> {
        // One that may be any takes the condition away for all of the group.
        let only = || {
            let each: Option<Vec<&BTreeSet<String>>> =
                wanted.iter().map(|w| w.only.as_ref()).collect();
            each.map(|sets| sets.into_iter().flatten().collect::<BTreeSet<&String>>())
        };
        match self {
            Condition::None => None,
            Condition::Policies => only().map(|arns| json!({"ArnEquals": {"iam:PolicyARN": arns}})),
            // "ForAllValues" alone holds for a request without the key (IAM user guide, "Single-valued
            // vs. multivalued context keys").
            Condition::Tags => only().map(|keys| {
                json!({"ForAllValues:StringEquals": {"aws:TagKeys": keys},
                    "Null": {"aws:TagKeys": "false"}})
            }),
            Condition::Scps => Some(json!({"StringEquals":
                {"organizations:PolicyType": "SERVICE_CONTROL_POLICY"}})),
        }
    }
}

/// Its length as IAM counts it: without white space.
pub fn size(policy: &Json) -> usize {
    policy.to_string().chars().filter(|c| !c.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::allowed::writes;

    #[test]
    fn every_change_has_one_group() {
        for spec in writes() {
            let groups = GROUPS.iter().filter(|g| g.actions.contains(&spec.action)).count();
            let glass = usize::from(GLASS.1.contains(&spec.action));
            assert_eq!(groups + glass, 1, "{}", spec.action);
        }
    }

    /// All verbs together, for whoever's playbooks use them all.
    #[test]
    fn the_largest_document_is_one_managed_policy() {
        let by = BTreeSet::from([By::Undo("own".to_owned())]);
        let all = READ_ONLY.iter().map(|r| r.action).chain(writes().map(|s| s.action));
        let all: BTreeSet<&'static str> = all.collect();
        let wanted: Vec<Wanted> =
            all.into_iter().map(|action| Wanted { action, by: by.clone(), only: None }).collect();
        let roles: Vec<String> =
            (0..10).map(|n| format!("arn:aws:iam::11112222333{n}:role/break-glass")).collect();
        let size = size(&policy(&wanted, &roles, "aws"));
        assert!(size > 3_000 && size <= MOST, "{size}");
    }
}
