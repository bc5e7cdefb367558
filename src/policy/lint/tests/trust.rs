use super::*;
use Band::{Critical, High, Informational, Low, Medium};

/// What is said of a role with this trust, of account 111122223333.
fn trusting(statement: &str) -> Vec<Lint> {
    read(&format!(
        r#"{{"RoleDetailList": [{{"RoleName": "r", "Path": "/", "Arn": "arn:aws:iam::111122223333:role/r",
        "AssumeRolePolicyDocument": {{"Version": "2012-10-17", "Statement": [{statement}]}}}}]}}"#
    ))
}

fn trust(rule: &str, cases: &[(&str, &str, Option<Band>)]) {
    for (principal, condition, want) in cases {
        let condition = if condition.is_empty() {
            String::new()
        } else {
            format!(r#", "Condition": {condition}"#)
        };
        let statement =
            format!(r#"{{"Effect": "Allow", {principal}, "Action": "sts:AssumeRole"{condition}}}"#);
        let lints = trusting(&statement);
        assert_eq!(severity(&lints, rule), *want, "{rule} of {statement}: {lints:#?}");
        for lint in &lints {
            assert_eq!(lint.policy.kind, Kind::Trust);
            assert_eq!(lint.principals, ["arn:aws:iam::111122223333:role/r".into()]);
        }
    }
}

#[test]
fn everybody_is_too_many() {
    trust(
        "trust-everyone",
        &[
            (r#""Principal": "*""#, "", Some(Critical)),
            (r#""Principal": {"AWS": "*"}"#, "", Some(Critical)),
            (
                r#""Principal": {"AWS": "*"}"#,
                r#"{"StringEquals": {"sts:ExternalId": "x"}}"#,
                Some(High),
            ),
            (
                r#""Principal": {"AWS": "*"}"#,
                r#"{"StringEquals": {"aws:PrincipalOrgID": "o-example"}}"#,
                Some(Low),
            ),
            (r#""Principal": {"AWS": "arn:aws:iam::111122223333:root"}"#, "", None),
        ],
    );
    trust(
        "trust-not-principal",
        &[
            (r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}"#, "", Some(Critical)),
            (r#""Principal": {"AWS": "111122223333"}"#, "", None),
        ],
    );
}

#[test]
fn another_account_is_named_and_asked_for_an_external_id() {
    let id = r#"{"StringEquals": {"sts:ExternalId": "x"}}"#;
    let any = r#"{"StringLike": {"sts:ExternalId": "*"}}"#;
    let other = r#""Principal": {"AWS": "arn:aws:iam::444455556666:root"}"#;
    trust(
        "trust-no-external-id",
        &[
            (other, "", Some(Medium)),
            (other, any, Some(Medium)),
            (other, id, None),
            (r#""Principal": {"AWS": "444455556666"}"#, "", Some(Medium)),
            (r#""Principal": {"AWS": "arn:aws:iam::444455556666:role/ci"}"#, "", Some(Low)),
            (r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"}"#, "", None),
        ],
    );
    trust(
        "trust-external-account",
        &[
            (other, id, Some(Low)),
            (
                other,
                r#"{"StringEquals": {"aws:PrincipalOrgID": "o-example"}}"#,
                Some(Informational),
            ),
            (r#""Principal": {"AWS": "111122223333"}"#, "", None),
        ],
    );
    trust(
        "trust-gone-principal",
        &[(r#""Principal": {"AWS": "AROAEXAMPLEID1234567"}"#, "", Some(Low)), (other, "", None)],
    );
}

#[test]
fn services_are_asked_for_whom_they_act() {
    let mine = r#"{"StringEquals": {"aws:SourceAccount": "111122223333"}}"#;
    trust(
        "trust-confused-deputy",
        &[
            (r#""Principal": {"Service": "scheduler.amazonaws.com"}"#, "", Some(Low)),
            (r#""Principal": {"Service": "scheduler.amazonaws.com"}"#, mine, None),
            (r#""Principal": {"Service": "ec2.amazonaws.com"}"#, "", None),
            (r#""Principal": {"Service": "lambda.amazonaws.com"}"#, "", None),
        ],
    );
}

#[test]
fn tokens_of_providers_that_many_share_need_a_subject() {
    let github = r#""Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#;
    let eks = r#""Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"}"#;
    let cognito = r#""Principal": {"Federated": "cognito-identity.amazonaws.com"}"#;
    let saml = r#""Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}"#;
    let aud =
        r#"{"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}"#;
    let sub = |operator: &str, value: &str| {
        format!(
            r#"{{"{operator}": {{"token.actions.githubusercontent.com:SUB": "{value}", "token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}}"#
        )
    };
    let main = sub("StringEquals", "repo:example/app:ref:refs/heads/main");
    trust(
        "trust-oidc-anybody",
        &[
            (github, "", Some(Critical)),
            (github, aud, Some(Critical)),
            (
                github,
                &sub("StringEqualsIfExists", "repo:example/app:ref:refs/heads/main"),
                Some(Critical),
            ),
            (github, &sub("StringNotLike", "repo:evil/*"), Some(Critical)),
            (github, &sub("StringLike", "*"), Some(Critical)),
            (github, &main, None),
            (eks, "", Some(High)),
            (
                eks,
                r#"{"StringEquals": {"oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:web:web"}}"#,
                None,
            ),
            (cognito, "", Some(Critical)),
            (
                cognito,
                r#"{"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:x"}}"#,
                Some(Medium),
            ),
            (
                cognito,
                r#"{"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:x"}, "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}}"#,
                None,
            ),
            (saml, "", None),
        ],
    );
    trust(
        "trust-oidc-wildcard",
        &[
            (github, &sub("StringLike", "repo:*"), Some(Critical)),
            (github, &sub("StringLike", "repo:exam*/app:*"), Some(Critical)),
            (github, &sub("StringLike", "repo:example/*"), Some(Medium)),
            (github, &sub("StringLike", "repo:example/app:*"), Some(Low)),
            (github, &sub("StringEquals", "repo:example/*"), None),
            (github, &main, None),
        ],
    );
    trust(
        "trust-oidc-audience",
        &[
            (
                github,
                r#"{"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:example/app:ref:refs/heads/main"}}"#,
                Some(Informational),
            ),
            (github, &main, None),
        ],
    );
}

#[test]
fn a_trust_that_is_no_policy_is_a_finding() {
    let lints = read(
        r#"{"RoleDetailList": [{"RoleName": "r", "Arn": "arn:aws:iam::111122223333:role/r", "AssumeRolePolicyDocument": {"Statement": 3}}]}"#,
    );
    assert_eq!(one(&lints, "policy-malformed").policy.kind, Kind::Trust);
}
