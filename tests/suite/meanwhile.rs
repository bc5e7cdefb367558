//! Somebody else is at work on the same thing: what changed between the plan and the call is
//! seen before the call, and the operator is asked again.

use halon::playbook::{Next, RunState};
use serde_json::{Value as Json, json};

use super::{
    ground::{Ground, paused, yes},
    unchanged::{busy, of_each_verb},
};

const OTHER: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sns:*","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["arn:aws:iam::999999999999:root","arn:aws:iam::888888888888:root"]}}]}"#;
const OWN: &str = "arn:aws:iam::444455556666:policy/own";

/// What somebody else does to the very thing that a verb is about; none where nothing that they
/// could do would matter to it.
fn meddle(ground: &Ground, verb: &str) -> bool {
    let who = ground.range.operators().remove(0);
    let iam = |action: &str, parameters: &[(&str, &str)]| {
        ground.iam(&who, action, parameters);
        true
    };
    let (role, user) = (("RoleName", "worker"), ("UserName", "worker"));
    let overwritten = |name: &str, of: (&'static str, &'static str)| {
        let action = if of.0 == "RoleName" { "PutRolePolicy" } else { "PutUserPolicy" };
        iam(action, &[of, ("PolicyName", name), ("PolicyDocument", OTHER)])
    };
    let boundary = ("PermissionsBoundary", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
    match verb {
        "iam.put_role_policy" | "iam.delete_role_policy" => overwritten("old", role),
        "iam.put_user_policy" | "iam.delete_user_policy" => overwritten("old", user),
        "iam.deny_all_role" => overwritten("HalonDenyAll", role),
        "iam.deny_all_user" => overwritten("HalonDenyAll", user),
        "iam.revoke_role_sessions" => overwritten("AWSRevokeOlderSessions", role),
        "iam.revoke_user_sessions" => overwritten("AWSRevokeOlderSessions", user),
        "iam.put_role_boundary" | "iam.remove_role_boundary" => {
            iam("PutRolePermissionsBoundary", &[role, boundary])
        }
        "iam.put_user_boundary" | "iam.remove_user_boundary" => {
            iam("PutUserPermissionsBoundary", &[user, boundary])
        }
        "iam.set_trust_policy" | "iam.remove_trusted_principal" => {
            iam("UpdateAssumeRolePolicy", &[role, ("PolicyDocument", TRUST)])
        }
        "iam.create_policy_version" | "iam.set_default_policy_version" => iam(
            "CreatePolicyVersion",
            &[("PolicyArn", OWN), ("PolicyDocument", OTHER), ("SetAsDefault", "true")],
        ),
        "iam.delete_policy_version" => {
            iam("CreatePolicyVersion", &[("PolicyArn", OWN), ("PolicyDocument", OTHER)])
        }
        "iam.detach_role_policy" | "iam.attach_role_policy" => {
            // Another policy beside it is none of the call's business.
            false
        }
        "iam.tag_role" | "iam.untag_role" => iam("TagRole", &tag(role)),
        "iam.tag_user" | "iam.untag_user" => iam("TagUser", &tag(user)),
        "cloudtrail.record_management_events" => {
            let body = json!({"TrailName": "trail", "EventSelectors": [
                {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}]});
            ground.cloudtrail(&who, &super::stage::region("us-east-1"), "PutEventSelectors", body);
            true
        }
        "organizations.attach_scp" => {
            let (scp, content) = (ground.scp("spare"), json!(rewritten()));
            ground.organizations(
                &who,
                "UpdatePolicy",
                json!({"PolicyId": scp, "Content": content}),
            );
            true
        }
        "organizations.move_account" => {
            let root = ground.organizations(&who, "ListRoots", json!({}))["Roots"][0]["Id"].clone();
            let body = json!({"AccountId": "123456789012",
                "SourceParentId": ground.unit("Workloads"), "DestinationParentId": root});
            ground.moved(&who, &body);
            true
        }
        _ => false,
    }
}

fn tag(of: (&'static str, &'static str)) -> [(&'static str, &'static str); 3] {
    [of, ("Tags.member.1.Key", "key"), ("Tags.member.1.Value", "meanwhile")]
}

fn rewritten() -> String {
    let statement: Json = json!({"Effect": "Deny", "Action": "sqs:*", "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

#[test]
fn what_somebody_else_changed_is_seen_and_asked_about_again() {
    paused(async || {
        let verbs = of_each_verb(&Ground::new(busy()).await);
        let mut meddled = 0;
        for (spec, text) in verbs {
            let mut ground = Ground::new(busy()).await;
            let draft = ground.draft(&text, &[]).await;
            let mut run = ground.run("r1", &draft);
            let (review, changed) = ground.asked(&mut run).await;
            assert!(!changed, "{}: as it was planned", spec.name);
            // Consented to; before the call it is looked at once more.
            run.consent(yes(&review));
            if !meddle(&ground, spec.name) {
                continue;
            }
            meddled += 1;
            if spec.name == "organizations.move_account" {
                // Its call names where the account is: it has to be planned anew.
                let Next::Refused(refusal) = ground.on(&mut run).await else {
                    panic!("asked although it cannot be done")
                };
                assert!(refusal.why.contains(" now, not in "), "{refusal:?}");
                assert_eq!(ground.changes(), []);
                continue;
            }
            let (again, changed) = ground.asked(&mut run).await;
            assert!(changed, "{}: nobody was told", spec.name);
            assert_eq!(ground.changes(), [], "{}: nothing was sent", spec.name);
            // The first consent is good for nothing any more.
            run.consent(yes(&review));
            let (_, still) = ground.asked(&mut run).await;
            assert!(still && ground.changes().is_empty(), "{}", spec.name);
            run.consent(yes(&again));
            assert_eq!(ground.through(&mut run).await, RunState::Done, "{}", spec.name);
            assert_eq!(ground.changes().len(), 1, "{}", spec.name);
        }
        assert!(meddled > 15, "{meddled}");
    });
}
