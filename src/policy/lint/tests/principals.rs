use super::*;
use Band::{Critical, High, Informational, Low, Medium};

fn allow(actions: &[&str], resource: &str) -> String {
    format!(r#"{{"Effect": "Allow", "Action": {actions:?}, "Resource": "{resource}"}}"#)
}

#[test]
fn whoever_can_write_permissions_is_an_administrator() {
    table(
        "administrator",
        &[
            (r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}"#, Some(Critical)),
            (r#"{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}"#, Some(Critical)),
            (
                r#"{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}"#,
                None,
            ),
            (r#"{"Effect": "Allow", "Action": "iam:Get*", "Resource": "*"}"#, None),
            (
                r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::111122223333:user/${aws:username}"}"#,
                None,
            ),
            (
                r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:CreatePolicyVersion", "Resource": "*"}"#,
                None,
            ),
            (r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#, None),
        ],
    );
    // By several statements together.
    let lints = of(
        r#"{"Effect": "Allow", "Action": ["iam:A*", "iam:C*", "iam:P*"], "Resource": "*"}, {"Effect": "Allow", "Action": "iam:U*", "Resource": "arn:aws:iam::*:role/*"}"#,
    );
    let lint = one(&lints, "administrator");
    assert!(lint.sentence.contains("2 statements together"), "{}", lint.sentence);
    assert_eq!(lint.severity, Critical);
    assert!(lints.iter().all(|l| !l.rule.starts_with("privilege")), "{lints:#?}");
}

#[test]
fn every_published_way_is_seen_and_needs_all_of_its_permissions() {
    for path in crate::policy::lint::paths::PATHS {
        let lints = of(&allow(path.needs, "*"));
        let rule = path.way.rule();
        let lint = one(&lints, rule);
        assert!(lint.sentence.contains(path.does), "{}: {}", path.ids[0], lint.sentence);
        for left_out in path.needs {
            let rest: Vec<&str> = path.needs.iter().filter(|n| *n != left_out).copied().collect();
            if !rest.is_empty() {
                let lints = of(&allow(&rest, "*"));
                let said = lints.iter().any(|l| l.rule == rule && l.sentence.contains(path.does));
                assert!(!said, "{} without {left_out}", path.ids[0]);
            }
        }
    }
}

#[test]
fn ways_are_weighed_by_where_they_lead_and_how_far_they_reach() {
    table(
        "privilege-escalation-policy",
        &[
            (&allow(&["iam:AttachUserPolicy"], "*"), Some(Critical)),
            (&allow(&["iam:AttachUserPolicy"], "arn:aws:iam::*:user/*"), Some(Critical)),
            (
                &allow(&["iam:AttachUserPolicy"], "arn:aws:iam::111122223333:user/${aws:username}"),
                Some(Critical),
            ),
            (
                &allow(&["iam:AttachUserPolicy"], "arn:aws:iam::111122223333:user/apps/*"),
                Some(Medium),
            ),
            // Not anything that the action is about.
            (&allow(&["iam:AttachUserPolicy"], "arn:aws:s3:::*"), None),
            (&allow(&["iam:AttachUserPolicy"], "arn:aws:iam::*:role/*"), None),
            (
                r#"{"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*", "Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/edge"}}}"#,
                Some(High),
            ),
        ],
    );
    table(
        "privilege-escalation-identity",
        &[
            (&allow(&["iam:CreateAccessKey"], "*"), Some(Critical)),
            (&allow(&["iam:CreateAccessKey"], "arn:aws:iam::*:user/${aws:username}"), None),
            (&allow(&["iam:ListAccessKeys"], "*"), None),
        ],
    );
    table(
        "privilege-escalation-existing-role",
        &[
            (&allow(&["lambda:UpdateFunctionCode"], "*"), Some(Medium)),
            (
                &allow(
                    &["lambda:UpdateFunctionCode"],
                    "arn:aws:lambda:us-east-1:111122223333:function:web",
                ),
                Some(Informational),
            ),
            (&allow(&["sts:AssumeRole"], "*"), Some(Medium)),
            (
                &allow(&["sts:AssumeRole"], "arn:aws:iam::111122223333:role/one"),
                Some(Informational),
            ),
            (&allow(&["lambda:GetFunction"], "*"), None),
        ],
    );
}

#[test]
fn a_role_is_passed_to_whom_the_condition_says() {
    let pass = |condition: &str, resource: &str| {
        format!(
            r#"{{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "{resource}"{condition}}}, {}"#,
            allow(&["lambda:CreateFunction", "lambda:InvokeFunction"], "*")
        )
    };
    let to = |service: &str| {
        format!(r#", "Condition": {{"StringEquals": {{"iam:PassedToService": "{service}"}}}}"#)
    };
    table(
        "privilege-escalation-pass-role",
        &[
            (&pass("", "*"), Some(High)),
            (&pass(&to("lambda.amazonaws.com"), "*"), Some(High)),
            (&pass(&to("ec2.amazonaws.com"), "*"), None),
            (&pass("", "arn:aws:iam::111122223333:role/lambda-basic"), Some(Low)),
            (&pass("", "arn:aws:iam::111122223333:user/*"), None),
        ],
    );
    let lints = of(&pass("", "*"));
    let said = &one(&lints, "privilege-escalation-pass-role").sentence;
    assert!(
        said.contains("together with statement 1 of p") && said.contains("lambda-001"),
        "{said}"
    );
}

#[test]
fn data_credentials_and_doors_count_on_everything() {
    table(
        "data-exposure",
        &[
            (&allow(&["s3:GetObject"], "*"), Some(High)),
            (&allow(&["s3:GetObject"], "arn:aws:s3:::*"), Some(High)),
            (&allow(&["s3:GetObject"], "arn:aws:s3:::one/*"), None),
            (&allow(&["kms:Decrypt"], "arn:aws:kms:*:111122223333:key/*"), Some(Medium)),
            (&allow(&["s3:ListBucket"], "*"), None),
        ],
    );
    table(
        "credentials-exposure",
        &[
            (&allow(&["secretsmanager:Get*"], "*"), Some(High)),
            (&allow(&["ssm:GetParameter"], "*"), Some(Medium)),
            (
                &allow(
                    &["secretsmanager:GetSecretValue"],
                    "arn:aws:secretsmanager:*:111122223333:secret:app/*",
                ),
                None,
            ),
            (
                r#"{"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}, {"Effect": "Deny", "Action": "secretsmanager:*GetSecretValue", "Resource": "*"}"#,
                None,
            ),
        ],
    );
    table(
        "resource-exposure",
        &[
            (&allow(&["ec2:ModifySnapshotAttribute", "sns:AddPermission"], "*"), Some(High)),
            (&allow(&["s3:PutBucketPolicy"], "arn:aws:s3:::one"), None),
            (
                r#"{"Effect": "Allow", "Action": "kms:PutKeyPolicy", "Resource": "*"}, {"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}"#,
                Some(Medium),
            ),
        ],
    );
}

const ACCOUNT: &str = r#"{
  "UserDetailList": [
    {"UserName": "ann", "Arn": "arn:aws:iam::111122223333:user/ann", "GroupList": ["ops"],
     "UserPolicyList": [{"PolicyName": "pass", "PolicyDocument": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}}}]},
    {"UserName": "bob", "Arn": "arn:aws:iam::111122223333:user/bob", "GroupList": ["ops"]},
    {"UserName": "cat", "Arn": "arn:aws:iam::111122223333:user/cat", "AttachedManagedPolicies": [{"PolicyName": "All", "PolicyArn": "arn:aws:iam::aws:policy/All"}],
     "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/edge"}},
    {"UserName": "dan", "Arn": "arn:aws:iam::111122223333:user/dan", "AttachedManagedPolicies": [{"PolicyName": "All", "PolicyArn": "arn:aws:iam::aws:policy/All"}],
     "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/gone"}},
    {"UserName": "eve", "Arn": "arn:aws:iam::111122223333:user/eve", "AttachedManagedPolicies": [{"PolicyName": "All", "PolicyArn": "arn:aws:iam::aws:policy/All"}]},
    {"UserName": "fay", "Arn": "arn:aws:iam::111122223333:user/fay"}
  ],
  "GroupDetailList": [{"GroupName": "ops", "Arn": "arn:aws:iam::111122223333:group/ops",
    "AttachedManagedPolicies": [{"PolicyName": "run", "PolicyArn": "arn:aws:iam::111122223333:policy/run"}]}],
  "RoleDetailList": [],
  "Policies": [
    {"PolicyName": "run", "Arn": "arn:aws:iam::111122223333:policy/run", "DefaultVersionId": "v1", "PolicyVersionList": [{"VersionId": "v1", "Document":
      {"Version": "2012-10-17", "Statement": [{"Sid": "Run", "Effect": "Allow", "Action": ["ec2:RunInstances", "ssm:SendCommand"], "Resource": "*"}]}}]},
    {"PolicyName": "All", "Arn": "arn:aws:iam::aws:policy/All", "DefaultVersionId": "v1", "PolicyVersionList": [{"VersionId": "v1", "Document":
      {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}]},
    {"PolicyName": "edge", "Arn": "arn:aws:iam::111122223333:policy/edge", "DefaultVersionId": "v1", "PolicyVersionList": [{"VersionId": "v1", "Document":
      {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]}}]},
    {"PolicyName": "idle", "Arn": "arn:aws:iam::111122223333:policy/idle", "DefaultVersionId": "v1", "PolicyVersionList": [{"VersionId": "v1", "Document":
      {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:PutKeyPolicy", "Resource": "*"}]}}]}
  ]}"#;

fn who(lint: &Lint) -> Vec<&str> {
    lint.principals.iter().map(|p| p.raw().rsplit('/').next().unwrap_or_default()).collect()
}

#[test]
fn a_finding_of_a_policy_names_everybody_who_holds_it() {
    let lints = read(ACCOUNT);
    let of_run: Vec<_> = lints.iter().filter(|l| l.policy.name.raw() == "run").collect();
    let wild = of_run.iter().find(|l| l.rule == "resource-wildcard").expect("said");
    assert_eq!(who(wild), ["ops"]);
    assert_eq!(wild.policy.kind, Kind::Managed);
    let command =
        of_run.iter().find(|l| l.rule == "privilege-escalation-existing-role").expect("said");
    assert_eq!(who(command), ["ann", "bob", "ops"], "members have what their group has");
    assert_eq!(command.statement.as_ref().and_then(|p| p.sid.clone()), Some("Run".into()));
    let pass = one(&lints, "privilege-escalation-pass-role");
    assert_eq!(who(pass), ["ann"], "her own policy and her group's together");
    let idle: Vec<_> = lints.iter().filter(|l| l.policy.name.raw() == "idle").collect();
    assert!(!idle.is_empty() && idle.iter().all(|l| l.principals.is_empty()), "nobody holds it");
    assert!(lints.iter().all(|l| !who(l).contains(&"fay")), "she may do nothing");
}

#[test]
fn a_boundary_takes_away_and_one_that_is_not_seen_is_said() {
    let lints = read(ACCOUNT);
    let administrators: Vec<_> = lints.iter().filter(|l| l.rule == "administrator").collect();
    let of = |name: &str| {
        let mine: Vec<_> = administrators.iter().filter(|l| who(l).contains(&name)).collect();
        mine.first().map(|l| (l.severity, l.sentence.clone()))
    };
    assert_eq!(of("eve"), Some((Critical, "may do everything".to_owned())));
    let (severity, said) = of("dan").expect("his boundary is not there");
    assert!(severity == High && said.contains("policy/gone, which is not in"), "{said}");
    assert_eq!(of("cat"), None);
    let read: Vec<_> =
        lints.iter().filter(|l| l.rule == "data-exposure" && who(l).contains(&"cat")).collect();
    assert_eq!(read.len(), 1, "what the boundary leaves");
    assert!(read[0].sentence.contains("s3:GetObject)"), "{}", read[0].sentence);
}
