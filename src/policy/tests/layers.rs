//! What each kind of policy can and cannot do.

use serde_json::json;

use super::{super::Kind, *};
use Outcome::{Allowed, ExplicitDeny, ImplicitDeny, Unknown};

const OBJECT: &str = "arn:aws:s3:::reports/a.csv";

/// Organizations user guide, "Deny access to AWS based on the requested AWS Region".
fn region_scp() -> Value {
    json!({"Sid": "DenyAllOutsideEU", "Effect": "Deny",
        "NotAction": ["iam:*", "organizations:*", "route53:*", "support:*", "sts:*"],
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]},
            "ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/Role1AllowedToBypassThisSCP"]}}})
}

#[test]
fn a_region_scp_spares_what_it_excepts() {
    let stop = |caller| {
        let instance = "arn:aws:ec2:us-east-1:111122223333:instance/i-1";
        asking(caller, "ec2:StopInstances", instance).identity(allow("*", "*")).scp(region_scp())
    };
    let decision = stop(USER).key("aws:RequestedRegion", "us-east-1").decide();
    assert_eq!(decision.outcome, ExplicitDeny);
    let [by] = &decision.by[..] else { panic!("{decision:?}") };
    assert_eq!(
        (by.kind, by.level, by.sid.as_deref()),
        (Kind::Scp, Some(0), Some("DenyAllOutsideEU"))
    );
    stop(USER).key("aws:RequestedRegion", "eu-west-1").is(Allowed);
    // A global service's calls are in us-east-1.
    let user = asking(USER, "IAM:deleteUser", USER).identity(allow("*", "*")).scp(region_scp());
    user.key("aws:RequestedRegion", "us-east-1").is(Allowed);
    let exempt = "arn:aws:sts::111122223333:assumed-role/Role1AllowedToBypassThisSCP/s";
    stop(exempt).key("aws:RequestedRegion", "us-east-1").is(Allowed);
    // The exempt role does not depend on the region; another one does.
    stop(exempt).is(Allowed);
    let decision = stop(USER).decide();
    assert_eq!(decision.outcome, Unknown);
    assert_eq!(decision.missing, ["aws:RequestedRegion"]);
    stop(USER).absent("aws:RequestedRegion").is(ExplicitDeny);
}

#[test]
fn a_tag_opens_the_glass() {
    let scp = json!({"Sid": "OnlyBreakGlass", "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}}});
    let call = asking(ROLE, "s3:GetObject", OBJECT).identity(allow("*", "*")).scp(scp);
    call.clone().tags(&[("BreakGlass", "true")]).is(Allowed);
    call.clone().tags(&[("breakglass", "true")]).is(Allowed);
    call.clone().tags(&[("BreakGlass", "True")]).is(ExplicitDeny);
    // Without the tag the key is absent, and a negated operator holds.
    call.clone().tags(&[]).is(ExplicitDeny);
    let decision = call.decide();
    assert_eq!(decision.outcome, Unknown);
    assert_eq!(decision.missing, ["aws:PrincipalTag/BreakGlass"]);
}

#[test]
fn every_level_must_allow() {
    let call = |documents: &[Value]| {
        let mut call = asking(USER, "s3:GetObject", OBJECT).identity(allow("*", "*"));
        for document in documents {
            call.policies.scps.push(vec![policy("scp", document)]);
        }
        call
    };
    let (all, some, other) = (allow("*", "*"), allow("s3:*", "*"), allow("ec2:*", "*"));
    call(&[all.clone(), some.clone()]).is(Allowed);
    let decision = call(&[all.clone(), other, some]).decide();
    assert_eq!(decision.outcome, ImplicitDeny);
    assert_eq!(decision.lacking.len(), 1);
    assert_eq!((decision.lacking[0].kind, decision.lacking[0].level), (Kind::Scp, Some(1)));
    call(&[all.clone(), deny("s3:Get*", "*")]).is(ExplicitDeny);
    // An empty level allows nothing; no level at all is the management account.
    let mut empty = call(&[all]);
    empty.policies.scps.push(Vec::new());
    empty.is(ImplicitDeny);
    call(&[]).is(Allowed);
}

#[test]
fn scps_bind_the_root_user_and_no_service_linked_role() {
    let scp = deny("s3:*", "*");
    asking(ROOT, "s3:GetObject", OBJECT).is(Allowed);
    asking(ROOT, "s3:GetObject", OBJECT).scp(scp.clone()).is(ExplicitDeny);
    let linked =
        "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    let call = asking(linked, "s3:GetObject", OBJECT).identity(allow("*", "*"));
    call.clone().scp(scp).is(Allowed);
    call.rcp(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}))
        .is(Allowed);
}

#[test]
fn rcps_bind_some_services_only() {
    let all = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"});
    let call = |action, resource| {
        asking(USER, action, resource).identity(allow("*", "*")).rcp(all.clone())
    };
    call("s3:GetObject", OBJECT).is(ExplicitDeny);
    call("sns:Publish", "arn:aws:sns:us-east-1:111122223333:t").is(Allowed);
    let key = "arn:aws:kms:us-east-1:111122223333:key/1";
    let key_policy = lets(json!({"AWS": ROOT}), "kms:*", "*");
    call("kms:Decrypt", key).on(key_policy.clone()).is(ExplicitDeny);
    call("kms:RetireGrant", key).on(key_policy).is(Allowed);
}

#[test]
fn a_boundary_limits_what_identity_policies_grant() {
    // IAM user guide, "Permissions boundaries for IAM entities": Shirley.
    let boundary =
        json!({"Effect": "Allow", "Action": ["s3:*", "cloudwatch:*", "ec2:*"], "Resource": "*"});
    let create = asking(USER, "iam:CreateUser", "arn:aws:iam::111122223333:user/new")
        .identity(allow("iam:CreateUser", "*"))
        .boundary(boundary.clone());
    let decision = create.decide();
    assert_eq!(decision.outcome, ImplicitDeny);
    assert_eq!(decision.lacking.iter().map(|l| l.kind).collect::<Vec<_>>(), [Kind::Boundary]);
    // It grants nothing by itself.
    let get = asking(USER, "s3:GetObject", OBJECT).boundary(boundary.clone());
    get.is(ImplicitDeny);
    get.clone().identity(allow("s3:Get*", "*")).is(Allowed);
    // And does not limit what the resource's policy grants the very user.
    let narrow = asking(USER, "s3:GetObject", OBJECT).boundary(allow("ec2:*", "*"));
    narrow.clone().on(lets(json!({"AWS": USER}), "s3:*", "*")).is(Allowed);
    narrow.on(lets(json!({"AWS": ROOT}), "s3:*", "*")).is(ImplicitDeny);
}

/// IAM user guide, "Policy evaluation logic", the table "Resource-based policies and
/// implicit denies in other policy types (same account)".
#[test]
fn how_the_resource_names_the_caller_decides_what_limits_it() {
    let other = allow("ec2:*", "*");
    for (caller, named, none, boundary, session) in [
        (USER, USER, Allowed, Allowed, None),
        (SESSION, ROLE, Allowed, ImplicitDeny, Some(ImplicitDeny)),
        (SESSION, SESSION, Allowed, Allowed, Some(Allowed)),
        (SESSION, "*", Allowed, Allowed, Some(Allowed)),
        (FEDERATED, FEDERATED, Allowed, Allowed, Some(Allowed)),
        (USER, ROOT, ImplicitDeny, ImplicitDeny, None),
        (USER, "111122223333", ImplicitDeny, ImplicitDeny, None),
        (USER, "444455556666", ImplicitDeny, ImplicitDeny, None),
        (
            SESSION,
            "arn:aws:iam::111122223333:role/team/app",
            Allowed,
            ImplicitDeny,
            Some(ImplicitDeny),
        ),
        (
            SESSION,
            "arn:aws:sts::111122223333:assumed-role/app/s2",
            ImplicitDeny,
            ImplicitDeny,
            None,
        ),
    ] {
        let call =
            asking(caller, "s3:GetObject", OBJECT).on(lets(json!({"AWS": named}), "s3:*", "*"));
        call.is(none);
        call.clone().boundary(other.clone()).is(boundary);
        if let Some(session) = session {
            call.clone().session(other.clone()).is(session);
        }
    }
}

#[test]
fn a_federated_user_has_what_its_session_policy_allows() {
    let call = asking(FEDERATED, "s3:GetObject", OBJECT).identity(allow("*", "*"));
    call.is(ImplicitDeny);
    call.clone().session(allow("s3:*", "*")).is(Allowed);
    call.session(allow("ec2:*", "*")).is(ImplicitDeny);
}

#[test]
fn a_session_policy_takes_from_the_role() {
    let call = asking(SESSION, "s3:GetObject", OBJECT).identity(allow("s3:*", "*"));
    call.is(Allowed);
    call.clone().session(allow("s3:Get*", "*")).is(Allowed);
    call.clone().session(allow("s3:Put*", "*")).is(ImplicitDeny);
    // One of several is enough.
    call.session(allow("s3:Put*", "*")).session(allow("s3:Get*", "*")).is(Allowed);
}

#[test]
fn both_accounts_must_allow() {
    let call = asking(USER, "s3:GetObject", OBJECT).owned_by(ELSEWHERE);
    let identity = allow("s3:*", "*");
    let decision = call.clone().identity(identity.clone()).decide();
    assert_eq!(decision.outcome, ImplicitDeny);
    assert_eq!(decision.lacking.iter().map(|l| l.kind).collect::<Vec<_>>(), [Kind::Resource]);
    for named in [USER, ROOT, "111122223333", "*"] {
        let shared = call.clone().on(lets(json!({"AWS": named}), "s3:*", "*"));
        shared.clone().identity(identity.clone()).is(Allowed);
        shared.is(ImplicitDeny);
    }
    let others = lets(json!({"AWS": ELSEWHERE}), "s3:*", "*");
    call.clone().on(others).identity(identity.clone()).is(ImplicitDeny);
    // Within the account either is enough.
    let own = asking(USER, "s3:GetObject", OBJECT);
    own.clone().identity(identity).is(Allowed);
    own.on(lets(json!({"AWS": USER}), "s3:*", "*")).is(Allowed);
}

#[test]
fn roles_and_keys_are_guarded_by_their_own_policies() {
    let role = "arn:aws:iam::111122223333:role/target";
    let trust = |who: &str| json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"});
    let assume = asking(USER, "sts:AssumeRole", role);
    let may = assume.clone().identity(allow("sts:*", "*"));
    may.is(ImplicitDeny);
    may.clone().on(trust(ROOT)).is(Allowed);
    may.on(trust("444455556666")).is(ImplicitDeny);
    assume.clone().on(trust(ROOT)).is(ImplicitDeny);
    assume.on(trust(USER)).is(Allowed);
    let tags = asking(USER, "sts:TagSession", role).identity(allow("sts:*", "*"));
    tags.on(trust(ROOT)).is(ImplicitDeny);
    let key = asking(USER, "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1");
    let may = key.clone().identity(allow("kms:*", "*"));
    may.is(ImplicitDeny);
    may.on(lets(json!({"AWS": ROOT}), "kms:*", "*")).is(Allowed);
    key.on(lets(json!({"AWS": USER}), "kms:*", "*")).is(Allowed);
    asking(USER, "kms:ListKeys", "*").identity(allow("kms:*", "*")).is(Allowed);
}

#[test]
fn who_one_is_can_always_be_asked() {
    asking(USER, "sts:GetCallerIdentity", "*").scp(deny("*", "*")).is(Allowed);
    asking(USER, "sts:GetSessionToken", "*").scp(deny("*", "*")).is(ExplicitDeny);
}

#[test]
fn what_cannot_matter_is_not_unknown() {
    let with_mfa = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}});
    let get = asking(USER, "s3:GetObject", OBJECT);
    let decision = get.clone().identity(with_mfa.clone()).decide();
    assert_eq!(
        (decision.outcome, &decision.missing[..]),
        (Unknown, &["aws:MultiFactorAuthPresent".to_owned()][..])
    );
    // Allowed anyway, denied anyway, about another action, another resource.
    get.clone().identity(with_mfa.clone()).identity(allow("s3:GetObject", "*")).is(Allowed);
    get.clone().identity(with_mfa.clone()).identity(deny("s3:Get*", "*")).is(ExplicitDeny);
    asking(USER, "ec2:StopInstances", "*").identity(with_mfa.clone()).is(ImplicitDeny);
    get.clone().identity(with_mfa.clone()).boundary(allow("ec2:*", "*")).is(ImplicitDeny);
    // Whatever the key is, one of the two allows.
    let without = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}});
    get.clone().identity(with_mfa).identity(without).is(Allowed);
    // A deny that may be, where nothing allows: refused, and it is not known by what.
    let maybe = json!({"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}});
    let decision = get.identity(maybe).decide();
    assert!(decision.outcome == Unknown && decision.is_denied(), "{decision:?}");
}
