use serde_json::{Value, json};

use super::*;
use crate::{
    domain::organization::{Member, OrgPolicy, Organization, Unit},
    policy::{Context, Named, Outcome, Policies, Policy, Request, Resource, evaluate},
};

const ACCOUNT: &str = "444455556666";
const ROLE: &str = "arn:aws:iam::444455556666:role/emergency/break-glass";

/// A root, a unit, the account; each has FullAWSAccess and what is given for it.
fn organization(given: &[(&str, &str, Value)]) -> Organization {
    let all = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let full = |kind| OrgPolicy {
        id: "p-FullAWSAccess".into(),
        name: "FullAWSAccess".into(),
        kind,
        aws_managed: true,
        document: all.to_string().into(),
        targets: ["r-1", "ou-1-prod", ACCOUNT].map(Into::into).to_vec(),
    };
    let mut policies = vec![full(OrgPolicyKind::Scp)];
    policies.extend(given.iter().map(|(target, name, statement)| OrgPolicy {
        id: format!("p-{name}").into(),
        name: (*name).into(),
        kind: if name.starts_with("rcp") { OrgPolicyKind::Rcp } else { OrgPolicyKind::Scp },
        aws_managed: false,
        document: match statement {
            Value::String(text) => text.as_str().into(),
            other => json!({"Version": "2012-10-17", "Statement": other}).to_string().into(),
        },
        targets: vec![(*target).into()],
    }));
    let unit = |id: &str, parent: Option<&str>| Unit {
        id: id.into(),
        name: id.trim_start_matches("ou-1-").into(),
        parent: parent.map(Into::into),
    };
    Organization {
        id: "o-exampleorg".into(),
        management: "111122223333".parse().expect("an id"),
        enabled: OrgPolicyKind::ALL.to_vec(),
        units: vec![unit("r-1", None), unit("ou-1-prod", Some("r-1"))],
        accounts: vec![Member {
            id: ACCOUNT.parse().expect("an id"),
            name: "prod".into(),
            status: "ACTIVE".into(),
            parent: "ou-1-prod".into(),
        }],
        policies,
    }
}

fn question(given: &[(&str, &str, Value)], tags: &[(&str, &str)]) -> Question {
    let stack = Stack::of(&organization(given), &[], &ACCOUNT.parse().expect("an id"));
    let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Question {
        role: Subject { arn: ROLE.to_owned(), tags: Some(tags) },
        stack: stack.expect("its way up is known"),
        is_management: false,
        regions: ["eu-west-1", "us-east-1"].map(|r| r.parse().expect("a region")).to_vec(),
        others: Vec::new(),
    }
}

/// The report of the one statement given, and the whole.
fn one(statement: Value, tags: &[(&str, &str)]) -> (StatementReport, Analysis) {
    let all = analyse(&question(&[("ou-1-prod", "given", statement)], tags));
    let given = all.statements().find(|(_, s)| s.policy.raw() == "given").expect("it stands there");
    (given.1.clone(), all)
}

fn broken(breaks: &[Breaks]) -> Vec<&'static str> {
    breaks.iter().map(|b| b.call.action).collect()
}

/// Outside of eu-west-1 nothing but what is global.
fn region_lock() -> Value {
    json!({"Sid": "OnlyEurope", "Effect": "Deny",
        "NotAction": ["iam:*", "sts:*", "organizations:*", "support:*"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}})
}

/// Nobody gets the tag.
fn tag_guard(actions: &[&str]) -> Value {
    json!({"Effect": "Deny", "Action": actions, "Resource": "*",
        "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "BreakGlass"}}})
}

const ALL_TAGGING: [&str; 5] =
    ["iam:TagRole", "iam:TagUser", "iam:UntagRole", "iam:UntagUser", "sts:TagSession"];

#[test]
fn nothing_above_is_exempt_of_everything() {
    let all = analyse(&question(&[], &[]));
    assert_eq!((all.verdict, all.repaired), (Verdict::Exempt, None));
    assert_eq!(all.statements().map(|(level, _)| level).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(all.refused.is_empty() && all.levels.iter().all(|l| l.lacking.is_empty()));
}

#[test]
fn a_region_lock_denies_in_the_regions_it_locks_and_the_fix_opens_it_for_the_role_alone() {
    let tags = [("BreakGlass", "true"), ("Team", "security")];
    let (given, all) = one(region_lock(), &tags);
    assert_eq!((given.standing, all.verdict), (Standing::Denies, Verdict::NotExempt));
    let regional: Vec<&str> = JOB
        .iter()
        .filter(|c| !c.global && c.action != "sts:AssumeRole")
        .map(|c| c.action)
        .collect();
    assert_eq!(broken(&given.breaks), regional);
    for breaks in &given.breaks {
        assert_eq!(breaks.regions, ["us-east-1".parse::<Region>().expect("a region")]);
        assert!(breaks.depends_on.is_empty() && breaks.only_on.is_empty());
    }
    assert_eq!(broken(&all.refused), regional);
    // Anybody who may tag could take on the tag: the ARN is the better exemption.
    assert_eq!(given.fixes[0].way, Way::Arn);
    assert_eq!(
        given.fixes[0].statement["Condition"],
        json!({"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]},
            "ArnNotLike": {"aws:PrincipalArn": ROLE}})
    );
    assert_eq!(given.fixes.len(), 2);
    assert_eq!(
        given.fixes[1].statement["Condition"],
        json!({"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"],
            "aws:PrincipalTag/BreakGlass": "true"}})
    );
    assert_eq!(given.fixes[1].warnings.len(), 1);
    assert_eq!(all.repaired, Some(true));
}

#[test]
fn a_tag_that_nobody_can_take_on_is_the_first_fix() {
    let given = [("r-1", "guard", tag_guard(&ALL_TAGGING)), ("ou-1-prod", "given", region_lock())];
    let all = analyse(&question(&given, &[("BreakGlass", "true")]));
    let (_, lock) = all.statements().find(|(_, s)| s.policy.raw() == "given").expect("there");
    assert_eq!(lock.fixes[0].way, Way::Tag { key: "BreakGlass".into(), value: "true".into() });
    assert!(lock.fixes[0].warnings.is_empty());
    assert_eq!(lock.fixes[1].way, Way::Arn);
}

/// The amended statement, tried without anything of what made it.
#[test]
fn an_amended_statement_lets_the_role_through_and_nobody_without_the_tag() {
    let (given, _) = one(region_lock(), &[("BreakGlass", "true")]);
    for fix in &given.fixes {
        let document = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"}, fix.statement]});
        let policy = Named::new("", Policy::parse(&document.to_string()).expect("a policy"));
        let policies = Policies {
            identity: vec![policy.clone()],
            scps: vec![vec![policy]],
            ..Policies::default()
        };
        let decide = |arn: &str, tags: &[(&str, &str)]| {
            let mut who = Caller::new(arn).expect("a caller");
            who.tags = Some(tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
            let mut context = Context::complete();
            context.set_one("aws:RequestedRegion", "us-east-1");
            let resource = Resource { arn: "*".into(), account: None };
            let request = Request::new(who, "guardduty:ArchiveFindings", resource, context);
            evaluate(&request, &policies).outcome
        };
        assert_eq!(decide(ROLE, &[("BreakGlass", "true")]), Outcome::Allowed, "{fix:?}");
        for tags in [&[][..], &[("BreakGlass", "false")], &[("Team", "true")]] {
            let other = "arn:aws:iam::444455556666:user/ann";
            assert_eq!(decide(other, tags), Outcome::ExplicitDeny, "{fix:?}");
        }
    }
}

#[test]
fn conditions_on_who_asks_exempt_in_all_the_ways_people_write_them() {
    let tags = [("BreakGlass", "true"), ("team", "security")];
    for (condition, standing) in [
        (json!({"ArnNotLike": {"aws:PrincipalARN": "arn:aws:iam::*:role/*/break-glass"}}), true),
        (json!({"ArnNotLike": {"aws:PrincipalARN": "arn:aws:iam::*:role/break-glass"}}), false),
        (json!({"ArnNotEquals": {"aws:PrincipalArn": [ROLE, "arn:aws:iam::1:role/x"]}}), true),
        (json!({"StringNotLike": {"aws:PrincipalArn": "*break-glass"}}), true),
        (json!({"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}}), true),
        (json!({"StringNotEquals": {"aws:principaltag/breakglass": ["yes", "true"]}}), true),
        (json!({"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "TRUE"}}), false),
        (json!({"StringNotEqualsIgnoreCase": {"aws:PrincipalTag/BreakGlass": "TRUE"}}), true),
        (json!({"StringNotLikeIfExists": {"aws:PrincipalTag/Team": "sec*"}}), true),
        (json!({"StringNotEquals": {"aws:PrincipalTag/Absent": "true"}}), false),
        (json!({"Null": {"aws:PrincipalTag/BreakGlass": "true"}}), true),
        (json!({"StringEquals": {"aws:PrincipalTag/Absent": "true"}}), true),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}), true),
        (json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}), true),
        (json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-other"}}), false),
        (
            json!({"ForAllValues:StringNotLike":
            {"aws:PrincipalOrgPaths": "o-exampleorg/r-1/ou-1-prod/*"}}),
            true,
        ),
        (
            json!({"ForAllValues:StringNotLike":
            {"aws:PrincipalOrgPaths": "o-exampleorg/r-1/ou-1-test/*"}}),
            false,
        ),
        (json!({"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}), true),
        (
            json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ops"},
            "StringNotLike": {"aws:PrincipalTag/BreakGlass": "true"}}),
            true,
        ),
        (json!({"BoolIfExists": {"aws:PrincipalIsAWSService": "true"}}), true),
    ] {
        let statement = json!({"Effect": "Deny", "Action": "iam:*", "Resource": "*",
            "Condition": condition});
        let (given, all) = one(statement, &tags);
        let (want, verdict) = match standing {
            true => (Standing::Exempt, Verdict::Exempt),
            false => (Standing::Denies, Verdict::NotExempt),
        };
        assert_eq!((given.standing, all.verdict), (want, verdict), "{condition}");
        assert_eq!(given.fixes.is_empty(), standing, "{condition}");
    }
}

#[test]
fn tags_that_are_not_known_are_not_guessed() {
    let statement = json!({"Effect": "Deny", "Action": "iam:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}}});
    let mut question = question(&[("ou-1-prod", "given", statement)], &[]);
    question.role.tags = None;
    let all = analyse(&question);
    let (_, given) = all.statements().find(|(_, s)| s.policy.raw() == "given").expect("there");
    assert_eq!((given.standing, all.verdict), (Standing::Depends, Verdict::Unknown));
    assert_eq!(given.exemptions[0].role, Taken::Perhaps);
    assert_eq!(given.breaks[0].depends_on, ["aws:PrincipalTag/BreakGlass"]);
    // The ARN is known whatever the tags are.
    assert_eq!(given.fixes.iter().map(|f| &f.way).collect::<Vec<_>>(), [&Way::Arn]);
}

#[test]
fn what_a_session_brings_is_not_guessed_either() {
    let statement = json!({"Effect": "Deny", "Action": "iam:UpdateAccessKey", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}});
    let (given, all) = one(statement, &[]);
    assert_eq!((given.standing, all.verdict), (Standing::Depends, Verdict::Unknown));
    assert_eq!(broken(&given.breaks), ["iam:UpdateAccessKey"]);
    assert_eq!(given.breaks[0].depends_on, ["aws:MultiFactorAuthPresent"]);
    assert_eq!(all.repaired, None);
}

#[test]
fn what_spares_the_job_says_why() {
    let lists = json!([
        "iam:*",
        "sts:*",
        "organizations:*",
        "guardduty:*",
        "securityhub:*",
        "cloudtrail:*",
        "ec2:*",
        "s3:*"
    ]);
    for (statement, why) in [
        (json!({"Effect": "Deny", "NotAction": lists, "Resource": "*"}), Spared::NotAction),
        (
            json!({"Effect": "Deny", "Action": "organizations:LeaveOrganization",
                "Resource": "*"}),
            Spared::Action,
        ),
        (
            json!({"Effect": "Deny", "Action": "ec2:*", "Resource": "*",
                "Condition": {"StringEquals": {"aws:RequestedRegion": "ap-east-1"}}}),
            Spared::Elsewhere,
        ),
        (
            json!({"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::logs/*"}),
            Spared::Elsewhere,
        ),
        (
            json!({"Effect": "Deny", "Action": "iam:*",
                "Resource": "arn:aws:iam::777788889999:role/*"}),
            Spared::Elsewhere,
        ),
    ] {
        let (given, all) = one(statement.clone(), &[]);
        assert_eq!((given.standing, all.verdict), (Standing::Spares(why), Verdict::Exempt));
        assert!(given.breaks.is_empty() && given.fixes.is_empty(), "{statement}");
    }
}

#[test]
fn a_statement_about_some_resources_breaks_the_job_on_those() {
    let statement = json!({"Effect": "Deny",
        "Action": ["iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAccessKey"],
        "Resource": ["arn:aws:iam::*:role/OrganizationAccountAccessRole",
            "arn:aws:iam::${aws:PrincipalAccount}:role/guard-*"],
        "Condition": {"ArnNotLike": {"aws:PrincipalARN": "arn:aws:iam::*:role/ops"}}});
    let (given, all) = one(statement, &[]);
    assert_eq!((given.standing, all.verdict), (Standing::Denies, Verdict::NotExempt));
    assert_eq!(broken(&given.breaks), ["iam:PutRolePolicy", "iam:AttachRolePolicy"]);
    let on: Vec<&str> = given.breaks[0].only_on.iter().map(Untrusted::raw).collect();
    assert_eq!(
        on,
        [
            "arn:aws:iam::*:role/OrganizationAccountAccessRole",
            "arn:aws:iam::${aws:PrincipalAccount}:role/guard-*"
        ]
    );
    // On a role that no policy names the job goes on.
    assert!(all.refused.is_empty());
    // One more value of the condition that is there, under its own names.
    assert_eq!(
        given.fixes[0].statement["Condition"],
        json!({"ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/ops", ROLE]}})
    );
    assert_eq!(all.repaired, Some(true));
}

#[test]
fn a_condition_on_the_tag_gets_one_value_more() {
    let statement = json!({"Effect": "Deny", "Action": "iam:*", "Resource": "*",
        "Condition": {"stringnotequals": {"aws:PrincipalTag/breakglass": ["approved"]}}});
    let (given, _) = one(statement, &[("BreakGlass", "true")]);
    let tag = given.fixes.iter().find(|f| f.way != Way::Arn).expect("by the tag");
    assert_eq!(
        tag.statement["Condition"],
        json!({"stringnotequals": {"aws:PrincipalTag/breakglass": ["approved", "true"]}})
    );
}

#[test]
fn what_no_statement_of_a_level_allows_is_lacking_and_an_allow_is_the_fix() {
    let mut organization = organization(&[(
        "ou-1-prod",
        "list",
        json!({"Effect": "Allow", "Action": ["iam:*", "ec2:*", "s3:*"], "Resource": "*"}),
    )]);
    organization.policies[0].targets.retain(|t| t.raw() != "ou-1-prod");
    let stack = Stack::of(&organization, &[], &ACCOUNT.parse().expect("an id")).expect("known");
    let all = analyse(&Question { stack, ..question(&[], &[]) });
    assert_eq!(all.verdict, Verdict::NotExempt);
    assert!(all.levels[0].lacking.is_empty() && all.levels[2].lacking.is_empty());
    let lacking = broken(&all.levels[1].lacking);
    assert!(
        lacking.contains(&"guardduty:ArchiveFindings") && !lacking.contains(&"iam:PutRolePolicy")
    );
    let fix = all.levels[1].fix.as_ref().expect("an allow");
    assert_eq!(fix.way, Way::Allow);
    assert_eq!(fix.statement["Condition"], json!({"ArnLike": {"aws:PrincipalArn": ROLE}}));
    assert_eq!(all.repaired, Some(true));
}

#[test]
fn policies_of_a_kind_that_is_switched_off_bind_nobody() {
    let mut organization = organization(&[("r-1", "given", region_lock())]);
    organization.enabled = Vec::new();
    let stack = Stack::of(&organization, &[], &ACCOUNT.parse().expect("an id")).expect("known");
    let all = analyse(&Question { stack, ..question(&[], &[]) });
    assert_eq!(all.verdict, Verdict::Exempt);
    assert_eq!(all.statements().count(), 0);
}

#[test]
fn the_management_account_and_service_linked_roles_are_not_bound() {
    let lock = [("r-1", "given", region_lock())];
    let all = analyse(&Question { is_management: true, ..question(&lock, &[]) });
    assert_eq!(all.verdict, Verdict::NotBound(Unbound::Management));
    let arn = "arn:aws:iam::444455556666:role/aws-service-role/support.amazonaws.com/S".to_owned();
    let role = Subject { arn, tags: Some(Vec::new()) };
    let all = analyse(&Question { role, ..question(&lock, &[]) });
    assert_eq!(all.verdict, Verdict::NotBound(Unbound::ServiceLinked));
}

#[test]
fn a_policy_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    let all = analyse(&question(&[("r-1", "given", json!("{// none"))], &[]));
    assert_eq!(all.verdict, Verdict::Unknown);
    assert_eq!(all.levels[0].unreadable[0].0.raw(), "given");
}

#[test]
fn what_was_not_told_of_the_organization_may_bind_the_role() {
    let open = |question: Question| {
        let stack = Stack { missing: Some("not all was read".to_owned()), ..question.stack };
        analyse(&Question { stack, ..question })
    };
    assert_eq!(analyse(&question(&[], &[])).verdict, Verdict::Exempt);
    let all = open(question(&[], &[]));
    assert_eq!(all.verdict, Verdict::Unknown);
    assert_eq!(all.missing.as_deref(), Some("not all was read"));
    // What is known to deny does, and whether a fix of it is enough is not known.
    let all = open(question(&[("r-1", "given", region_lock())], &[]));
    assert_eq!((all.verdict, all.repaired), (Verdict::NotExempt, None));
    // What allows at a level may be what was not told.
    let mut bare = question(&[], &[]);
    bare.stack.levels[1].policies.clear();
    assert_eq!(analyse(&bare).verdict, Verdict::NotExempt);
    assert_eq!(open(bare).verdict, Verdict::Unknown);
}

#[test]
fn a_resource_control_policy_counts_for_the_services_it_binds() {
    let outside = json!({"Effect": "Deny", "Principal": "*", "Action": ["s3:*", "sts:*"],
        "Resource": "*", "Condition": {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}});
    let all = analyse(&question(&[("r-1", "rcp-ours", outside)], &[]));
    let (_, rcp) = all.statements().find(|(_, s)| s.kind == OrgPolicyKind::Rcp).expect("there");
    assert_eq!((rcp.standing, all.verdict), (Standing::Exempt, Verdict::Exempt));
    let all_out = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"});
    let all = analyse(&question(&[("r-1", "rcp-shut", all_out)], &[]));
    let (_, rcp) = all.statements().find(|(_, s)| s.kind == OrgPolicyKind::Rcp).expect("there");
    assert_eq!(broken(&rcp.breaks), ["sts:AssumeRole", "s3:PutBucketPublicAccessBlock"]);
    assert_eq!(rcp.fixes[0].way, Way::Arn);
}

#[test]
fn who_else_is_let_through_is_named() {
    let statement = json!({"Effect": "Deny", "Action": "iam:*", "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*break*"},
            "StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}}});
    let subject = |name: &str, tags: Option<&[(&str, &str)]>| Subject {
        arn: format!("arn:aws:iam::444455556666:{name}"),
        tags: tags.map(|t| t.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()),
    };
    let others = vec![
        subject("role/emergency/break-glass", Some(&[])),
        subject("role/coffee-break", Some(&[])),
        subject("user/ann", Some(&[("BreakGlass", "true")])),
        subject("user/bob", Some(&[])),
        // Of whom nothing is known nothing is said.
        subject("user/eve", None),
    ];
    let question = question(&[("ou-1-prod", "given", statement)], &[]);
    let all = analyse(&Question { others, ..question });
    let (_, given) = all.statements().find(|(_, s)| s.policy.raw() == "given").expect("there");
    let named =
        |at: usize| given.exemptions[at].others.iter().map(Untrusted::raw).collect::<Vec<_>>();
    assert_eq!(named(0), ["arn:aws:iam::444455556666:role/coffee-break"]);
    assert_eq!(named(1), ["arn:aws:iam::444455556666:user/ann"]);
}

#[test]
fn whether_anybody_can_take_on_the_tag_is_tried() {
    let exempt = json!({"Effect": "Deny", "Action": "iam:*AccessKey", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}}});
    let by_value = json!({"Effect": "Deny", "Action": ALL_TAGGING, "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestTag/BreakGlass": "true"}}});
    let but_security = json!({"Effect": "Deny", "Action": ALL_TAGGING, "Resource": "*",
        "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "BreakGlass"},
            "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/security"}}});
    let with_mfa = json!({"Effect": "Deny", "Action": ALL_TAGGING, "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}});
    let other_tag = json!({"Effect": "Deny", "Action": ALL_TAGGING, "Resource": "*",
        "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "CostCentre"}}});
    let anybody_but_tagged = json!({"Effect": "Deny", "Action": ALL_TAGGING, "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}}});
    let every = ["iam:TagRole", "iam:TagUser", "sts:TagSession"];
    for (guard, open, unknown) in [
        (json!([]), &every[..], &[][..]),
        (tag_guard(&ALL_TAGGING), &[][..], &[][..]),
        (tag_guard(&["iam:TagRole", "iam:TagUser"]), &["sts:TagSession"][..], &[]),
        (by_value, &[], &[]),
        (but_security, &[], &[]),
        (anybody_but_tagged, &[], &[]),
        (other_tag, &every, &[]),
        (with_mfa, &[], &every),
    ] {
        let mut given = vec![("ou-1-prod", "given", exempt.clone())];
        if guard != json!([]) {
            given.push(("r-1", "guard", guard.clone()));
        }
        let all = analyse(&question(&given, &[("BreakGlass", "true")]));
        let (_, given) = all.statements().find(|(_, s)| s.policy.raw() == "given").expect("there");
        assert_eq!(given.standing, Standing::Exempt);
        let tag = given.exemptions[0].tag.as_ref().expect("exempt by a tag");
        assert_eq!((&tag.open[..], &tag.unknown[..]), (open, unknown), "{guard}");
    }
}

#[test]
fn what_cannot_be_put_in_place_as_it_stands_says_so() {
    let long: Vec<String> = (0..300).map(|n| format!("service{n}:Action")).collect();
    let mut actions = vec!["iam:UpdateAccessKey".to_owned()];
    actions.extend(long);
    let statement = json!({"Effect": "Deny", "Action": actions, "Resource": "*"});
    let (given, _) = one(statement, &[]);
    let warnings: Vec<&str> = given.fixes[0].warnings.iter().map(Untrusted::raw).collect();
    assert!(warnings[0].contains("at most 5120 are taken"), "{warnings:?}");
}

#[test]
fn two_locks_need_two_fixes() {
    let given = [
        ("r-1", "regions", region_lock()),
        (
            "ou-1-prod",
            "keys",
            json!([
            {"Effect": "Deny", "Action": "guardduty:Delete*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["iam:*AccessKey*", "guardduty:*"], "Resource": "*"}]),
        ),
    ];
    let all = analyse(&question(&given, &[]));
    let denies: Vec<(usize, usize)> = all
        .statements()
        .filter(|(_, s)| s.standing == Standing::Denies)
        .map(|(level, s)| (level, s.at))
        .collect();
    assert_eq!((denies, all.repaired), (vec![(0, 0), (1, 1)], Some(true)));
    assert_eq!(all.verdict, Verdict::NotExempt);
}
