//! Examples that AWS's user guides decide in words.

use serde_json::json;

use super::*;
use Outcome::{Allowed, ExplicitDeny, ImplicitDeny};

/// "Example identity-based and resource-based policy evaluation".
#[test]
fn carlos_saves_a_file() {
    let carlos = "arn:aws:iam::123456789012:user/carlossalazar";
    let own = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AllowS3ListRead", "Effect": "Allow", "Resource": "arn:aws:s3:::*",
            "Action": ["s3:GetBucketLocation", "s3:ListAllMyBuckets"]},
        {"Sid": "AllowS3Self", "Effect": "Allow", "Action": "s3:*", "Resource":
            ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"]},
        {"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*log*"}]});
    let bucket = json!({"Effect": "Allow", "Principal": {"AWS": carlos}, "Action": "s3:*",
        "Resource": ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"]});
    let put = |object| asking(carlos, "s3:PutObject", object);
    let decision = put("arn:aws:s3:::carlossalazar-logs/x").identity(own.clone()).decide();
    assert_eq!(decision.outcome, ExplicitDeny);
    assert_eq!(decision.by[0].sid.as_deref(), Some("DenyS3Logs"));
    let mine = put("arn:aws:s3:::carlossalazar/x");
    mine.clone().identity(own.clone()).on(bucket.clone()).is(Allowed);
    mine.clone().identity(own.clone()).is(Allowed);
    mine.on(bucket).is(Allowed);
    put("arn:aws:s3:::other/x").identity(own).is(ImplicitDeny);
}

/// "The difference between explicit and implicit denies".
#[test]
fn reports_are_denied_whoever_allows_them() {
    let policy = json!({"Statement": [
        {"Sid": "AllowGetList", "Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"},
        {"Sid": "DenyReports", "Effect": "Deny", "Action": "iam:*Report", "Resource": "*"}]});
    let ask = |action| asking(USER, action, "*").identity(policy.clone());
    ask("iam:GetUser").is(Allowed);
    ask("iam:CreatePolicy").is(ImplicitDeny);
    ask("iam:GetOrganizationsAccessReport").is(ExplicitDeny);
    let generate = ask("iam:GenerateCredentialReport");
    generate.is(ExplicitDeny);
    generate.identity(allow("iam:GenerateCredentialReport", "*")).is(ExplicitDeny);
}

/// "NotPrincipal with Deny", and "Permissions boundaries for IAM entities".
#[test]
fn everyone_but_bob() {
    let bob = "arn:aws:iam::444455556666:user/Bob";
    let policy = json!({"Statement": [
        {"Effect": "Deny", "NotPrincipal": {"AWS": [bob, "arn:aws:iam::444455556666:root"]},
            "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]});
    let get = |who| asking(who, "s3:GetObject", "arn:aws:s3:::b/k").on(policy.clone());
    get(bob).is(Allowed);
    get(USER).is(ExplicitDeny);
    // "will always deny any IAM principal that has a permissions boundary policy attached"
    get(bob).boundary(allow("*", "*")).is(ExplicitDeny);
}

/// "Condition operators": ArnLike and StringLike.
#[test]
fn an_arn_is_compared_part_by_part() {
    let value =
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
    for (operator, outcome) in [("StringLike", Allowed), ("ArnLike", ImplicitDeny)] {
        let condition =
            json!({operator: {"aws:SourceArn": "arn:aws:someservice:*:111122223333:finance/*"}});
        asking(USER, "s3:GetObject", "arn:aws:s3:::b/k")
            .identity(
                json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}),
            )
            .key("aws:SourceArn", value)
            .is(outcome);
    }
}

/// "…IfExists condition operators": instance types, and resources that have none.
#[test]
fn a_condition_on_one_kind_of_resource() {
    for (operator, image) in [("StringLike", ImplicitDeny), ("StringLikeIfExists", Allowed)] {
        let condition = json!({operator: {"ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}});
        let run = |arn| {
            asking(USER, "ec2:RunInstances", arn).identity(json!({"Effect": "Allow",
                "Action": "ec2:RunInstances", "Resource": "*", "Condition": condition.clone()}))
        };
        let instance = run("arn:aws:ec2:us-east-1:111122223333:instance/*");
        instance.clone().key("ec2:InstanceType", "t2.micro").is(Allowed);
        instance.key("ec2:InstanceType", "c5.large").is(ImplicitDeny);
        run("arn:aws:ec2:us-east-1::image/ami-1").absent("ec2:InstanceType").is(image);
    }
}

/// "Condition operator to check existence of condition keys".
#[test]
fn long_term_keys_have_no_issue_time() {
    let policy = json!({"Effect": "Allow", "Action": "ec2:*", "Resource": "*",
        "Condition": {"Null": {"aws:TokenIssueTime": "true"}}});
    let call = asking(USER, "ec2:DescribeInstances", "*").identity(policy);
    call.clone().absent("aws:TokenIssueTime").is(Allowed);
    call.key("aws:TokenIssueTime", "2026-03-02T03:10:00Z").is(ImplicitDeny);
}

/// "Variables and tags": home folders, queues, and a key that only some requests have.
#[test]
fn variables_are_filled_in() {
    let home = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::mybucket"],
            "Condition": {"StringLike": {"s3:prefix": ["${aws:username}/*"]}}},
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": ["arn:aws:s3:::mybucket/${aws:username}/*"]}]});
    let get = |who, object| asking(who, "s3:GetObject", object).identity(home.clone());
    get(USER, "arn:aws:s3:::mybucket/ann/x").is(Allowed);
    get(USER, "arn:aws:s3:::mybucket/bob/x").is(ImplicitDeny);
    get(SESSION, "arn:aws:s3:::mybucket/ann/x").is(ImplicitDeny);
    let list = asking(USER, "s3:ListBucket", "arn:aws:s3:::mybucket").identity(home.clone());
    list.clone().key("s3:prefix", "ann/2026").is(Allowed);
    list.key("s3:prefix", "bob/2026").is(ImplicitDeny);
    let mut old = home;
    old["Version"] = "2008-10-17".into();
    asking(USER, "s3:GetObject", "arn:aws:s3:::mybucket/ann/x").identity(old).is(ImplicitDeny);
    let queue = asking(USER, "sqs:SendMessage", "arn:aws:sqs:us-east-2:111122223333:ann-queue");
    queue.identity(allow("sqs:*", "arn:aws:sqs:us-east-2:*:${aws:username}-queue")).is(Allowed);
    // A user's name in NotResource: nothing is said of a session, which has none.
    let own = json!({"Effect": "Deny", "Action": "iam:*", "NotResource": "arn:aws:iam::*:user/${aws:username}"});
    let delete = |who| {
        asking(who, "iam:DeleteAccessKey", USER).identity(allow("*", "*")).identity(own.clone())
    };
    delete(USER).is(Allowed);
    delete(SESSION).is(Allowed);
    delete("arn:aws:iam::111122223333:user/bob").is(ExplicitDeny);
}

/// "Single-valued vs. multivalued context keys" and the older "Set operations".
#[test]
fn attributes_of_a_table() {
    let table = "arn:aws:dynamodb:us-east-1:111122223333:table/Thread";
    let get = asking(USER, "dynamodb:GetItem", table).identity(json!({"Effect": "Allow",
        "Action": "dynamodb:GetItem", "Resource": table, "Condition": {"ForAllValues:StringLike":
            {"dynamodb:requestedAttributes": ["PostDateTime", "Message", "Tags"]}}}));
    let key = "dynamodb:requestedAttributes";
    get.clone().keys(key, &["PostDateTime", "Message"]).is(Allowed);
    get.clone().keys(key, &["PostDateTime", "UserName"]).is(ImplicitDeny);
    get.absent(key).is(Allowed);
    let put = asking(USER, "dynamodb:PutItem", table).identity(allow("dynamodb:*", "*")).identity(
        json!({"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": table, "Condition":
            {"ForAnyValue:StringLike": {"dynamodb:requestedAttributes": ["ID", "PostDateTime"]}}}),
    );
    put.clone().keys(key, &["UserName", "Message", "PostDateTime"]).is(ExplicitDeny);
    put.clone().keys(key, &["UserName"]).is(Allowed);
    put.absent(key).is(Allowed);
}

/// "Action": no case, `*` and `?` anywhere; "Condition": keys have no case, values have.
#[test]
fn letters_and_wildcards() {
    for (pattern, outcome) in [
        ("IAM:*accesskey*", Allowed),
        ("iam:Delete?ccessKey", Allowed),
        ("iam:Del*Key", Allowed),
        ("iam:Delete??ccessKey", ImplicitDeny),
        ("iam:accesskey", ImplicitDeny),
    ] {
        asking(USER, "iam:DeleteAccessKey", USER).identity(allow(pattern, "*")).is(outcome);
    }
    for (key, value, outcome) in
        [("AWS:principaltag/TEAM", "red", Allowed), ("aws:PrincipalTag/Team", "Red", ImplicitDeny)]
    {
        let condition = json!({"stringEQUALS": {key: value}});
        asking(USER, "S3:getOBJECT", "arn:aws:s3:::b/k")
            .identity(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}))
            .tags(&[("team", "red")])
            .is(outcome);
    }
}
