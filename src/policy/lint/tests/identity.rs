use super::*;
use Band::{Critical, High, Informational, Low, Medium};

#[test]
fn wildcards_in_actions_are_weighed_by_what_they_come_to() {
    table(
        "action-wildcard",
        &[
            (r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#, Some(High)),
            (
                r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::one/*"}"#,
                Some(Medium),
            ),
            (r#"{"Effect": "Allow", "Action": "ec2:Run*", "Resource": "*"}"#, Some(Medium)),
            (
                r#"{"Effect": "Allow", "Action": "ec2:Run*", "Resource": "arn:aws:ec2:*:111122223333:instance/i-1"}"#,
                Some(Low),
            ),
            (
                r#"{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}"#,
                Some(Informational),
            ),
            (
                r#"{"Effect": "Allow", "Action": "S3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}"#,
                Some(Medium),
            ),
            (
                r#"{"Effect": "Allow", "Action": ["ec2:RunInstances", "s3:GetObject"], "Resource": "*"}"#,
                None,
            ),
            (r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#, None),
            (r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#, None),
        ],
    );
    let lints = of(r#"{"Effect": "Allow", "Action": "iam:*Role", "Resource": "*"}"#);
    let said = &one(&lints, "action-wildcard").sentence;
    assert!(
        said.starts_with("iam:*Role is ") && said.contains(" actions: ") && said.contains(" write"),
        "{said}"
    );
}

#[test]
fn everything_is_said_once_and_as_what_it_is() {
    let all = of(r#"{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}"#);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!((all[0].rule, all[0].severity), ("administrator", Critical));
    let place = all[0].statement.as_ref().expect("a place");
    assert_eq!((place.index, place.line, place.column), (Some(0), 1, 41));
    assert_eq!(place.sid, Some("All".into()));
    table(
        "action-everything",
        &[
            (r#"{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::one"}"#, Some(High)),
            (r#"{"Effect": "Allow", "Action": "*:*", "Resource": "arn:aws:s3:::one"}"#, Some(High)),
            (r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::one"}"#, None),
            (r#"{"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::one"}"#, None),
        ],
    );
}

#[test]
fn not_action_and_not_resource_allow_what_will_come() {
    table(
        "not-action",
        &[
            (r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}"#, Some(High)),
            (
                r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::one"}"#,
                Some(Medium),
            ),
            (r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}"#, None),
            (r#"{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}"#, None),
        ],
    );
    table(
        "not-resource",
        &[
            (
                r#"{"Effect": "Allow", "Action": "s3:PutObject", "NotResource": "arn:aws:s3:::one/*"}"#,
                Some(High),
            ),
            (
                r#"{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::one/*"}"#,
                Some(Low),
            ),
            (
                r#"{"Effect": "Deny", "Action": "s3:PutObject", "NotResource": "arn:aws:s3:::one/*"}"#,
                None,
            ),
            (
                r#"{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::one/*"}"#,
                None,
            ),
        ],
    );
}

#[test]
fn wildcards_in_resources_count_where_the_action_can_be_limited() {
    table(
        "resource-wildcard",
        &[
            (r#"{"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "*"}"#, Some(High)),
            (
                r#"{"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::*"}"#,
                Some(High),
            ),
            (
                r#"{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::*/*"}"#,
                Some(Medium),
            ),
            (
                r#"{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs*/*"}"#,
                None,
            ),
            (r#"{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*"}"#, Some(Low)),
            (
                r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}"#,
                Some(Informational),
            ),
            // Allowed on everything or not at all.
            (
                r#"{"Effect": "Allow", "Action": ["s3:ListAllMyBuckets", "ec2:DescribeInstances"], "Resource": "*"}"#,
                None,
            ),
            (r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}"#, None),
        ],
    );
    let lints = of(r#"{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}"#);
    let said = one(&lints, "resource-wildcard");
    assert!(said.suggestion.contains("\"arn:aws:s3:::BucketName/ObjectName\""), "{said:?}");
}

#[test]
fn what_nobody_knows_is_not_called_wrong() {
    table(
        "action-unknown",
        &[
            (
                r#"{"Effect": "Allow", "Action": "s3:GetObjets", "Resource": "arn:aws:s3:::one/*"}"#,
                Some(Informational),
            ),
            (r#"{"Effect": "Allow", "Action": "nosuch:*", "Resource": "*"}"#, Some(Informational)),
            (
                r#"{"Effect": "Allow", "Action": "s3:getobject", "Resource": "arn:aws:s3:::one/*"}"#,
                None,
            ),
        ],
    );
}

#[test]
fn conditions_count_where_they_hold_somebody_back() {
    let with = |condition: &str| {
        let statement = format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}}}"#
        );
        let lints = of(&statement);
        let lint = one(&lints, "administrator");
        (lint.severity, lint.sentence.clone())
    };
    for condition in [
        r#"{"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#,
        r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#,
        r#"{"StringLike": {"aws:PrincipalTag/team": "ops*"}}"#,
        r#"{"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-a/r-b/"}}"#,
        r#"{"Null": {"aws:TokenIssueTime": "false"}}"#,
    ] {
        let (severity, said) = with(condition);
        assert_eq!(severity, High, "{condition}");
        assert!(said.contains("but only where"), "{said}");
    }
    for condition in [
        r#"{"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}"#,
        r#"{"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}"#,
        r#"{"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}"#,
        r#"{"StringLike": {"aws:PrincipalTag/team": "*"}}"#,
        r#"{"Bool": {"aws:SecureTransport": "true"}}"#,
        r#"{"Bool": {"aws:MultiFactorAuthPresent": "false"}}"#,
        r#"{"Null": {"aws:SourceVpce": "true"}}"#,
    ] {
        let (severity, said) = with(condition);
        assert_eq!(severity, Critical, "{condition}");
        assert!(said.contains("holds nobody back"), "{said}");
    }
}

#[test]
fn a_document_that_is_no_policy_is_a_finding_with_its_place() {
    let lints =
        policy(source(), &"{\n  \"Statement\": [\n    {\"Effect\": \"Maybe\"}\n  ]\n}".into());
    let lint = one(&lints, "policy-malformed");
    let place = lint.statement.as_ref().expect("a place");
    assert_eq!((lints.len(), place.index, place.line), (1, None, 3));
    assert_eq!(lint.severity, High);
    assert!(
        policy(source(), &"{\"Statement\": []}".into())
            .iter()
            .all(|l| l.rule != "policy-malformed")
    );
}

#[test]
fn what_was_written_to_deceive_is_shown_as_what_it_is() {
    let lints =
        of("{\"Effect\": \"Allow\", \"Action\": \"s3:\\u001b[2J\\u202e*\", \"Resource\": \"*\"}");
    assert!(!lints.is_empty());
    for lint in lints {
        assert!(!lint.sentence.contains(['\u{1b}', '\u{202e}']), "{lint:?}");
    }
}
