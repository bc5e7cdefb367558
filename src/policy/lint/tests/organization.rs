use super::*;
use crate::{
    domain::organization::{Member, OrgPolicy, OrgPolicyKind, Organization, Unit},
    policy::lint::organization,
};
use Band::{High, Low, Medium};

/// An organization with these policies: where each is attached, and its statements.
fn with(policies: &[(&str, &str)]) -> Vec<Lint> {
    let member = |id: &str, parent: &str| Member {
        id: id.parse().expect("an id"),
        name: id.into(),
        status: "ACTIVE".into(),
        parent: parent.into(),
    };
    let unit = |id: &str, parent: Option<&str>| Unit {
        id: id.into(),
        name: id.into(),
        parent: parent.map(Into::into),
    };
    let policies = policies.iter().enumerate().map(|(n, (target, statements))| OrgPolicy {
        id: format!("p-{n}").into(),
        name: format!("scp {n}").into(),
        kind: OrgPolicyKind::Scp,
        aws_managed: false,
        document: format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#).into(),
        targets: if target.is_empty() { Vec::new() } else { vec![(*target).into()] },
    });
    let organization_ = Organization {
        id: "o-exampleorg".into(),
        management: "111122223333".parse().expect("an id"),
        enabled: OrgPolicyKind::ALL.to_vec(),
        units: vec![unit("r-1", None), unit("ou-1", Some("r-1"))],
        accounts: vec![
            member("111122223333", "r-1"),
            member("444455556666", "ou-1"),
            member("777788889999", "r-1"),
        ],
        policies: policies.collect(),
    };
    let lints = organization(&organization_);
    known(&lints);
    lints
}

fn first(rule: &str, policies: &[(&str, &str)]) -> Option<Band> {
    let lints: Vec<Lint> =
        with(policies).into_iter().filter(|l| l.policy.name.raw() == "scp 0").collect();
    severity(&lints, rule)
}

const BY_TAG: &str = r#"{"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true", "aws:RequestedRegion": "eu-central-1"}}}"#;
const BY_NAME: &str = r#"{"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/BreakGlass"}}}"#;

#[test]
fn a_denial_says_whether_break_glass_gets_through() {
    for (statement, want) in [
        (
            r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}}"#,
            Some(High),
        ),
        (r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#, Some(High)),
        (r#"{"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}"#, Some(Medium)),
        (
            r#"{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}"#,
            Some(Low),
        ),
        (BY_TAG, None),
        (BY_NAME, None),
        (
            r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}"#,
            None,
        ),
        (r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#, None),
    ] {
        assert_eq!(first("scp-no-exemption", &[("r-1", statement)]), want, "{statement}");
    }
    assert_eq!(
        first("scp-no-exemption", &[("", r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#)]),
        None,
        "attached nowhere"
    );
}

#[test]
fn an_exemption_is_worth_what_protects_it() {
    let protect = |actions: &str, condition: &str| {
        format!(
            r#"{{"Effect": "Deny", "Action": {actions}, "Resource": "*", "Condition": {{{condition}, "ArnNotLike": {{"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}}}}}"#
        )
    };
    let all = r#"["iam:Tag*", "sts:TagSession"]"#;
    let keys = r#""ForAnyValue:StringEquals": {"aws:TagKeys": ["team", "breakglass"]}"#;
    let rule = "scp-exemption-tag";
    assert_eq!(first(rule, &[("r-1", BY_TAG)]), Some(High));
    assert_eq!(first(rule, &[("r-1", BY_TAG), ("r-1", &protect(all, keys))]), None);
    assert_eq!(
        first(
            rule,
            &[
                ("r-1", BY_TAG),
                ("r-1", &protect(all, r#""Null": {"aws:RequestTag/BreakGlass": "false"}"#))
            ]
        ),
        None
    );
    assert_eq!(first(rule, &[("ou-1", BY_TAG), ("ou-1", &protect(all, keys))]), None);
    // Protected in one account, and not in the other.
    assert_eq!(first(rule, &[("r-1", BY_TAG), ("ou-1", &protect(all, keys))]), Some(High));
    // Another tag; a session's tags forgotten.
    let other = r#""ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}"#;
    assert_eq!(first(rule, &[("r-1", BY_TAG), ("r-1", &protect(all, other))]), Some(High));
    let roles = protect(r#"["iam:TagRole", "iam:TagUser"]"#, keys);
    let lints = with(&[("r-1", BY_TAG), ("r-1", &roles)]);
    assert!(one(&lints, rule).sentence.contains("nothing stops sts:TagSession"), "{lints:#?}");

    let rule = "scp-exemption-name";
    assert_eq!(first(rule, &[("r-1", BY_NAME)]), Some(Medium));
    let guard = r#"{"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::*:role/BreakGlass", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}}"#;
    assert_eq!(first(rule, &[("r-1", BY_NAME), ("r-1", guard)]), None);
    let reserved = BY_NAME.replace("role/BreakGlass", "role/aws-reserved/sso.amazonaws.com/*");
    assert_eq!(first(rule, &[("r-1", &reserved)]), None);
}

#[test]
fn an_organization_policy_that_is_none_is_a_finding() {
    let lints = with(&[("r-1", "3")]);
    assert_eq!(one(&lints, "policy-malformed").policy.kind, Kind::Scp);
    assert_eq!(lints[0].principals, ["r-1".into()]);
}
