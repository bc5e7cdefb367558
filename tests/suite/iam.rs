//! The IAM pane, from the keyboard: keys and answers in, screens out.

use std::sync::Arc;

use halon::{
    app::Effect,
    app::Msg,
    domain::{
        Answer, Fault, FaultKind, Gap, Query, Service, authorization::Authorization, event::By,
        organization::View,
    },
    model::{Focus, Pane},
};
use serde_json::{Value, json};

use super::stage::{Stage, guardduty};

const ACCOUNT: &str = "111122223333";

fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind}/{name}")
}

fn allow(actions: Value, resources: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": actions, "Resource": resources}]})
}

/// An account with something of each kind.
fn authorization() -> Value {
    let trust = |principal: Value| {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})
    };
    json!({
        "UserDetailList": [
            {"UserName": "ci-deploy", "UserId": "AIDACKCEVSQ6C2EXAMPLE", "Path": "/",
             "Arn": arn("user", "ci-deploy"), "CreateDate": "2024-05-01T09:00:00Z",
             "GroupList": ["deployers"],
             "UserPolicyList": [{"PolicyName": "buckets", "PolicyDocument": allow(json!("s3:*"), json!("*"))}],
             "AttachedManagedPolicies": [],
             "PermissionsBoundary": {"PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": arn("policy", "limits")},
             "Tags": [{"Key": "team", "Value": "build"}]},
            {"UserName": "dana", "UserId": "AIDAEXAMPLEDANA", "Path": "/people/",
             "Arn": arn("user", "people/dana"), "CreateDate": "2025-01-01T09:00:00Z",
             "PasswordLastUsed": "2026-03-01T08:00:00Z",
             "GroupList": [], "AttachedManagedPolicies": []},
        ],
        "GroupDetailList": [
            {"GroupName": "deployers", "GroupId": "AGPAEXAMPLE", "Path": "/",
             "Arn": arn("group", "deployers"), "CreateDate": "2024-05-01T09:00:00Z",
             "GroupPolicyList": [],
             "AttachedManagedPolicies": [{"PolicyName": "deploy", "PolicyArn": arn("policy", "deploy")}]},
        ],
        "RoleDetailList": [
            {"RoleName": "admin", "RoleId": "AROACKCEVSQ6C2EXAMPLE", "Path": "/",
             "Arn": arn("role", "admin"), "CreateDate": "2023-02-03T04:05:06Z",
             "AssumeRolePolicyDocument": trust(json!({"AWS": "arn:aws:iam::444455556666:root"})),
             "RolePolicyList": [],
             "AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess",
                "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}],
             "RoleLastUsed": {"LastUsedDate": "2026-03-02T02:50:00Z", "Region": "us-east-1"}},
            {"RoleName": "AWSServiceRoleForSupport", "RoleId": "AROAEXAMPLESUPPORT",
             "Path": "/aws-service-role/support.amazonaws.com/",
             "Arn": arn("role", "aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport"),
             "CreateDate": "2023-02-03T04:05:06Z",
             "AssumeRolePolicyDocument": trust(json!({"Service": "support.amazonaws.com"})),
             "RolePolicyList": [], "AttachedManagedPolicies": []},
        ],
        "Policies": [
            {"PolicyName": "deploy", "Arn": arn("policy", "deploy"), "DefaultVersionId": "v2",
             "AttachmentCount": 1, "PolicyVersionList": [
                {"VersionId": "v2", "IsDefaultVersion": true, "CreateDate": "2025-06-01T00:00:00Z",
                 "Document": allow(json!(["lambda:UpdateFunctionCode", "iam:PassRole"]), json!("*"))},
                {"VersionId": "v1", "IsDefaultVersion": false, "CreateDate": "2024-06-01T00:00:00Z",
                 "Document": allow(json!("lambda:UpdateFunctionCode"),
                    json!("arn:aws:lambda:us-east-1:111122223333:function:web"))}]},
            {"PolicyName": "limits", "Arn": arn("policy", "limits"), "DefaultVersionId": "v1",
             "AttachmentCount": 0, "PolicyVersionList": [
                {"VersionId": "v1", "IsDefaultVersion": true, "CreateDate": "2024-06-01T00:00:00Z",
                 "Document": allow(json!(["s3:*", "lambda:*"]), json!("*"))}]},
            {"PolicyName": "AdministratorAccess", "Arn": "arn:aws:iam::aws:policy/AdministratorAccess",
             "DefaultVersionId": "v1", "PolicyVersionList": [
                {"VersionId": "v1", "IsDefaultVersion": true, "CreateDate": "2015-02-06T18:39:46Z",
                 "Document": allow(json!("*"), json!("*"))}]},
        ],
    })
}

impl Stage {
    fn answers_iam(&mut self, authorization: &Value, gaps: Vec<Gap>) {
        let ticket = self.take(|q| matches!(q, Query::Authorization { .. }));
        let what = Authorization::read(&authorization.to_string()).expect("readable");
        self.tell(Msg::Answered(ticket, Answer::Authorization { what: Arc::new(what), gaps }));
    }
}

fn quiet(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(size, &["us-east-1"]);
    stage.identify();
    stage.answer(
        "us-east-1",
        vec![guardduty("f1", 8.0, "UnauthorizedAccess:IAMUser/TorIPCaller", json!({}))],
        vec![],
    );
    stage
}

/// The pane with everybody in it; no organization.
fn stage(size: (u16, u16)) -> Stage {
    let mut stage = quiet(size);
    stage.keys("5");
    stage.answers_iam(&authorization(), Vec::new());
    let ticket = stage.take(|q| matches!(q, Query::Organization { .. }));
    let what = Arc::new(View::None);
    stage.tell(Msg::Answered(ticket, Answer::Organization { what, gaps: Vec::new() }));
    stage
}

fn shown(stage: &Stage) -> Vec<&str> {
    let iam = &stage.model.iam;
    (0..iam.rows.len())
        .filter_map(|line| iam.holding(line))
        .map(|holding| iam.survey.holder(holding).name.raw())
        .collect()
}

fn current(stage: &Stage) -> &str {
    stage.model.iam.current().map_or("", |(_, held)| held.holder().name.raw())
}

#[test]
fn everybody_in_the_account_is_in_the_list() {
    let mut stage = quiet((80, 24));
    assert!(!stage.asked.iter().any(|(_, q)| matches!(q, Query::Authorization { .. })));
    stage.keys("5");
    assert_eq!(stage.model.pane, Pane::Iam);
    assert!(stage.text().contains("Asking IAM"), "{}", stage.text());
    stage.answers_iam(&authorization(), Vec::new());
    assert_eq!(
        shown(&stage),
        ["admin", "ci-deploy", "deployers", "AWSServiceRoleForSupport", "dana"]
    );
    insta::assert_snapshot!(stage.picture());
    stage.keys("1 i");
    assert!(
        !stage.asked.iter().any(|(_, q)| matches!(q, Query::Authorization { .. })),
        "coming back asks nothing"
    );
}

#[test]
fn two_columns_where_there_is_room() {
    let mut stage = stage((200, 50));
    stage.keys("j j");
    insta::assert_snapshot!(stage.text());
}

#[test]
fn the_pages_of_a_principal() {
    let mut stage = stage((80, 24));
    stage.keys("j enter");
    assert_eq!(current(&stage), "ci-deploy");
    insta::assert_snapshot!("summary", stage.text());
    stage.keys("l");
    insta::assert_snapshot!("permissions", stage.text());
    stage.keys("]");
    assert!(stage.text().contains("Only a role can be assumed"), "{}", stage.text());
    stage.keys("right");
    insta::assert_snapshot!("limits", stage.text());
    stage.keys("esc k l l enter");
    insta::assert_snapshot!("trust", stage.text());
}
