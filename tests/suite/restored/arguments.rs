//! Arguments for each verb: somebody or something of the world, chosen by what is drawn.

use std::collections::BTreeSet;

use halon::range::Operator;
use proptest::sample::Index;
use serde_json::{Value as Json, json};

use super::drawn::{DARK, REGIONS, STRANGER, WORKFLOWS};
use crate::suite::{
    ground::{Ground, texts},
    stage::region,
};

/// One of these, by the next number drawn.
fn pick<'a, T>(picks: &mut impl Iterator<Item = &'a Index>, from: &[T]) -> Option<T>
where
    T: Clone,
{
    let index = picks.next().expect("enough numbers are drawn");
    (!from.is_empty()).then(|| index.get(from).clone())
}

/// The account to look in, where the arguments alone do not say it, and the arguments.
pub type Arguments = (Option<String>, Vec<(&'static str, String)>);

const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sqs:*","Resource":"*"}]}"#;
const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}"#;

/// The users and roles that a verb may touch: who acts could lock itself out, and a service's
/// own role cannot be changed at all.
fn principals(ground: &Ground, kind: &str) -> Vec<(Operator, String)> {
    let (list, element) = match kind {
        "role" => ("ListRoles", "RoleName"),
        _ => ("ListUsers", "UserName"),
    };
    let mut all = Vec::new();
    for who in ground.range.operators() {
        for name in texts(&ground.iam(&who, list, &[]), element) {
            if name != "oncall" && !name.starts_with("AWSServiceRoleFor") {
                all.push((who.clone(), name.to_owned()));
            }
        }
    }
    all
}

fn parameter(kind: &str) -> &'static str {
    if kind == "role" { "RoleName" } else { "UserName" }
}

/// The managed policies that the accounts made themselves, with their versions, the default
/// one first.
fn own_policies(ground: &Ground) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for who in ground.range.operators() {
        let listed = ground.iam(&who, "ListPolicies", &[("Scope", "Local"), ("MaxItems", "1000")]);
        for arn in texts(&listed, "Arn") {
            let versions = ground.iam(&who, "ListPolicyVersions", &[("PolicyArn", arn)]);
            let ids = texts(&versions, "VersionId").into_iter();
            let mut ids: Vec<(bool, String)> = ids
                .zip(texts(&versions, "IsDefaultVersion"))
                .map(|(id, default)| (default != "true", id.to_owned()))
                .collect();
            ids.sort();
            all.push((arn.to_owned(), ids.into_iter().map(|(_, id)| id).collect()));
        }
    }
    all
}

/// The arguments for a verb, chosen by what is drawn; none where the world has nothing for it.
pub fn arguments<'a>(
    name: &str,
    ground: &Ground,
    picks: &mut impl Iterator<Item = &'a Index>,
) -> Option<Arguments> {
    let (service, verb) = name.rsplit_once('.').expect("a service and a verb");
    match service {
        "iam" => iam(verb, ground, picks),
        "guardduty" | "securityhub" => detection(verb, ground, picks),
        "organizations" => organization(verb, ground, picks),
        "cloudtrail" => {
            let trails = ground.range.operators().into_iter().enumerate().map(|(n, who)| {
                let home = REGIONS[n % 2];
                format!("arn:aws:cloudtrail:{home}:{}:trail/trail-{n}", who.account)
            });
            let trails: Vec<String> = trails.collect();
            Some((None, vec![("trail", pick(picks, &trails)?)]))
        }
        other => panic!("{other} has no arguments here: teach this test"),
    }
}

fn iam<'a>(
    verb: &str,
    ground: &Ground,
    picks: &mut impl Iterator<Item = &'a Index>,
) -> Option<Arguments> {
    let kind = if verb.contains("role") || verb.contains("trust") { "role" } else { "user" };
    let argument: &'static str = if kind == "role" { "role" } else { "user" };
    let of_key = matches!(verb, "deactivate_access_key" | "reactivate_access_key");
    let of_policy = verb.ends_with("policy_version");
    if !of_key && !of_policy && !verb.starts_with("attach") && !verb.starts_with("detach") {
        let (who, name) = pick(picks, &principals(ground, kind))?;
        let of = [(parameter(kind), name.as_str())];
        let mut with = vec![(argument, name.clone())];
        match verb {
            "put_role_policy" | "put_user_policy" => {
                with.push(("name", pick(picks, &["own", "new"])?.to_owned()));
                with.push(("document", pick(picks, &[DENY, ALLOW])?.to_owned()));
            }
            "delete_role_policy" | "delete_user_policy" => {
                let list = if kind == "role" { "ListRolePolicies" } else { "ListUserPolicies" };
                let listed = ground.iam(&who, list, &of);
                // The list is of members, not of named elements.
                with.push(("name", pick(picks, &texts(&listed, "member"))?.to_owned()));
            }
            "put_role_boundary" | "put_user_boundary" => {
                let boundary = pick(picks, &["SecurityAudit", "AmazonS3ReadOnlyAccess"])?;
                with.push(("policy", format!("arn:aws:iam::aws:policy/{boundary}")));
            }
            "set_trust_policy" => with.push(("document", TRUST.to_owned())),
            "remove_trusted_principal" => with.push(("principal", STRANGER.to_owned())),
            "deny_role_session" => {
                let role = ground.iam(&who, "GetRole", &of);
                let id = texts(&role, "RoleId")[0].to_owned();
                let one = pick(picks, &[format!("{id}:build-7"), "source-identity:ann".into()])?;
                with.push(("session", one));
            }
            "tag_role" | "tag_user" => {
                with.push(("key", pick(picks, &["Quarantine", "incident"])?.to_owned()));
                with.push(("value", "INC-7".to_owned()));
            }
            "untag_role" | "untag_user" => with.push(("key", "Quarantine".to_owned())),
            "deny_all_role"
            | "deny_all_user"
            | "revoke_role_sessions"
            | "revoke_user_sessions"
            | "remove_role_boundary"
            | "remove_user_boundary"
            | "delete_login_profile"
            | "deactivate_user_keys" => {}
            other => panic!("iam.{other} has no arguments here: teach this test"),
        }
        return Some((None, with));
    }
    if of_policy {
        let policies = own_policies(ground);
        let with = match verb {
            "create_policy_version" => {
                let few: Vec<_> = policies.into_iter().filter(|(_, v)| v.len() < 5).collect();
                let (arn, _) = pick(picks, &few)?;
                vec![("policy", arn), ("document", pick(picks, &[DENY, ALLOW])?.to_owned())]
            }
            _ => {
                let several: Vec<_> = policies.into_iter().filter(|(_, v)| v.len() > 1).collect();
                let (arn, versions) = pick(picks, &several)?;
                vec![("policy", arn), ("version", pick(picks, &versions[1..])?)]
            }
        };
        return Some((None, with));
    }
    if of_key {
        return Some((None, vec![("key", key(verb, ground, picks)?)]));
    }
    attachment(verb, ground, picks).map(|with| (None, with))
}

fn key<'a>(
    verb: &str,
    ground: &Ground,
    picks: &mut impl Iterator<Item = &'a Index>,
) -> Option<String> {
    let wanted = if verb == "deactivate_access_key" { "Active" } else { "Inactive" };
    let operators = ground.range.operators();
    let mut keys = Vec::new();
    for (who, user) in principals(ground, "user") {
        let listed = ground.iam(&who, "ListAccessKeys", &[("UserName", &user)]);
        let ids = texts(&listed, "AccessKeyId").into_iter();
        let those = ids.zip(texts(&listed, "Status"));
        let own = |id: &str| operators.iter().any(|o| o.access_key == id);
        let those = those.filter(|(id, status)| *status == wanted && !own(id));
        keys.extend(those.map(|(id, _)| id.to_owned()));
    }
    pick(picks, &keys)
}

fn attachment<'a>(
    verb: &str,
    ground: &Ground,
    picks: &mut impl Iterator<Item = &'a Index>,
) -> Option<Vec<(&'static str, String)>> {
    let attach = verb.starts_with("attach");
    let (list, kind) = if verb.contains("role") {
        ("ListAttachedRolePolicies", "role")
    } else {
        ("ListAttachedUserPolicies", "user")
    };
    let argument: &'static str = if kind == "role" { "role" } else { "user" };
    let mut all = Vec::new();
    for (who, name) in principals(ground, kind) {
        let policies = ground.iam(&who, "ListPolicies", &[("MaxItems", "1000")]);
        let policies: Vec<&str> = texts(&policies, "Arn")
            .into_iter()
            .filter(|arn| !arn.contains("/aws-service-role/"))
            .collect();
        let attached = ground.iam(&who, list, &[(parameter(kind), &name)]);
        let attached = texts(&attached, "PolicyArn");
        let those = policies.iter().filter(|p| attached.contains(p) != attach);
        all.extend(those.map(|p| (name.clone(), (*p).to_owned())));
    }
    let (who, policy) = pick(picks, &all)?;
    Some(vec![(argument, who), ("policy", policy)])
}

fn detection<'a>(
    verb: &str,
    ground: &Ground,
    picks: &mut impl Iterator<Item = &'a Index>,
) -> Option<Arguments> {
    let operators = ground.range.operators();
    let archive = |ground: &Ground| -> Vec<String> {
        let each = REGIONS.iter();
        each.flat_map(|r| ground.guardduty(&operators[0], &region(r)).into_keys()).collect()
    };
    let with = match verb {
        "archive_findings" | "unarchive_findings" => {
            vec![("findings", some(picks, &archive(ground))?)]
        }
        "feedback" => vec![
            ("findings", some(picks, &archive(ground))?),
            ("useful", pick(picks, &["USEFUL", "NOT_USEFUL"])?.to_owned()),
        ],
        "set_workflow" => {
            let mut ids: BTreeSet<String> = archive(ground).into_iter().collect();
            for place in REGIONS {
                ids.extend(ground.hub(&operators[0], &region(place)).into_keys());
            }
            let ids: Vec<String> = ids.into_iter().collect();
            let mut with = vec![
                ("findings", some(picks, &ids)?),
                ("status", pick(picks, &WORKFLOWS)?.to_owned()),
            ];
            if pick(picks, &[true, false])? {
                with.push(("note", "looked at".to_owned()));
            }
            with
        }
        // The administrator's own detector and hub cannot be switched off again.
        "enable" | "create_detector" => {
            let members: Vec<String> =
                operators.iter().skip(1).map(|o| o.account.to_string()).collect();
            let account = pick(picks, &members)?;
            return Some((Some(account), vec![("region", DARK.to_owned())]));
        }
        other => panic!("{other} has no arguments here: teach this test"),
    };
    Some((None, with))
}

fn organization<'a>(
    verb: &str,
    ground: &Ground,
    picks: &mut impl Iterator<Item = &'a Index>,
) -> Option<Arguments> {
    let who = ground.range.operators().remove(0);
    let ask = |operation: &str, body| ground.organizations(&who, operation, body);
    let root = ask("ListRoots", json!({}))["Roots"][0]["Id"].clone();
    let listed = ask("ListOrganizationalUnitsForParent", json!({"ParentId": root}));
    let units: Vec<String> = named(&listed["OrganizationalUnits"]);
    let members =
        |unit: &str| named(&ask("ListAccountsForParent", json!({"ParentId": unit}))["Accounts"]);
    if verb == "move_account" {
        let mut moves = Vec::new();
        let places: Vec<String> =
            units.iter().cloned().chain(root.as_str().map(ToOwned::to_owned)).collect();
        for from in &places {
            for account in members(from).into_iter().filter(|id| *id != who.account.as_str()) {
                let others = places.iter().filter(|to| *to != from);
                moves.extend(others.map(|to| (account.clone(), to.clone())));
            }
        }
        let (account, to) = pick(picks, &moves)?;
        return Some((None, vec![("account", account), ("to", to)]));
    }
    let filter = json!({"Filter": "SERVICE_CONTROL_POLICY"});
    let all = named(&ask("ListPolicies", filter)["Policies"]);
    let own: Vec<String> = all.into_iter().filter(|id| id != "p-FullAWSAccess").collect();
    let mut pairs = Vec::new();
    for unit in &units {
        let body = json!({"TargetId": unit, "Filter": "SERVICE_CONTROL_POLICY"});
        let attached = named(&ask("ListPoliciesForTarget", body)["Policies"]);
        let attach = verb == "attach_scp";
        let those = own.iter().filter(|id| attached.contains(id) != attach);
        pairs.extend(those.map(|id| (id.clone(), unit.clone())));
    }
    let (scp, target) = pick(picks, &pairs)?;
    Some((None, vec![("scp", scp), ("target", target)]))
}

/// The ids of what an organization lists.
fn named(list: &Json) -> Vec<String> {
    let all = list.as_array().expect("a list").iter();
    all.map(|one| one["Id"].as_str().expect("an id").to_owned()).collect()
}

/// A few of the ids, apart by commas.
fn some<'a>(picks: &mut impl Iterator<Item = &'a Index>, ids: &[String]) -> Option<String> {
    let chosen: BTreeSet<String> = (0..4).filter_map(|_| pick(picks, ids)).collect();
    (!chosen.is_empty()).then(|| chosen.into_iter().collect::<Vec<_>>().join(","))
}
