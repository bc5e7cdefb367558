//! What is said of each way in which a role can be refused.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::{
    domain::{
        Fault, FaultKind,
        authorization::{Authorization, Role},
        organization::{Member, OrgPolicy, OrgPolicyKind, Organization, Unit, View},
    },
    policy::{Above, Account, Standing},
};

const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const ROLE: &str = "arn:aws:iam::444455556666:role/ir/break-glass";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Responder/ann";
const WRONG_CODE: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";

/// A call of ann's, with a code, a source identity and tags.
fn attempt() -> Attempt {
    Attempt {
        place: Place { target: "home".into(), region: "us-east-1".parse().expect("a region") },
        caller: ANN.to_owned(),
        key: Some("AKIAIOSFODNN7EXAMPLE".parse().expect("a key")),
        assume: Assume {
            role: ROLE.parse().expect("a role"),
            seconds: 3600,
            mfa: Some("arn:aws:iam::111122223333:mfa/ann".parse().expect("a serial")),
            source_identity: Some("ann".to_owned()),
            policy: None,
            tags: true,
            second_person: false,
        },
        code: Code::Given,
        at: "2026-03-02T03:10:00Z".parse().expect("a time"),
    }
}

fn without_code() -> Attempt {
    Attempt { code: Code::NotGiven, ..attempt() }
}

fn denied(action: &str, reason: &str) -> Fault {
    let said =
        format!("User: {ANN} is not authorized to perform: {action} on resource: {ROLE}{reason}");
    Fault::new(FaultKind::Denied, "AssumeRole: AccessDenied").with_cause(&said)
}

/// A trust policy's statement for ann and everything that the call needs.
fn trusting(more: Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": ANN},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]});
    for (key, value) in more.as_object().expect("an object") {
        statement[key] = value.clone();
    }
    statement
}

fn may(actions: Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn mfa() -> Value {
    json!({"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}})
}

fn role(trust: &[Value]) -> Role {
    let file = json!({"UserDetailList": [], "GroupDetailList": [], "Policies": [],
        "RoleDetailList": [{"RoleName": "break-glass", "Path": "/ir/", "RoleId": "AROAGLASS",
            "Arn": ROLE, "AssumeRolePolicyDocument": document(trust), "RolePolicyList": [],
            "AttachedManagedPolicies": [], "InstanceProfileList": [], "Tags": []}]});
    let read = Authorization::read(&file.to_string()).unwrap_or_else(|e| panic!("{e:?}"));
    Role { max_session: Some(7200), ..read.roles[0].clone() }
}

fn standing(own: &[Value], above: &Arc<Above>) -> Standing {
    let file = json!({"GroupDetailList": [], "Policies": [], "RoleDetailList": [],
        "UserDetailList": [{"UserName": "ann", "Path": "/", "UserId": "AIDAANN", "Arn": ANN,
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document(own)}],
            "AttachedManagedPolicies": [], "GroupList": [], "Tags": []}]});
    let read = Authorization::read(&file.to_string()).unwrap_or_else(|e| panic!("{e:?}"));
    Account::new(Arc::new(read)).standing(ANN, above).expect("she is there")
}

/// An organization with one policy more than AWS's, at the unit that both accounts are in.
fn organization(kind: OrgPolicyKind, statement: &Value) -> Arc<Above> {
    let policy = |name: &str, kind, statement: &Value, targets: &[&str]| OrgPolicy {
        id: format!("p-{name}").into(),
        name: name.into(),
        kind,
        aws_managed: false,
        document: document(std::slice::from_ref(statement)).as_str().into(),
        targets: targets.iter().map(|t| (*t).into()).collect(),
    };
    let account = |id: &str| Member {
        id: id.parse().expect("an id"),
        name: id.into(),
        status: "ACTIVE".into(),
        parent: "ou-1-work".into(),
    };
    let unit = |id: &str, name: &str, parent: Option<&str>| Unit {
        id: id.into(),
        name: name.into(),
        parent: parent.map(Into::into),
    };
    let everywhere = ["r-1", "ou-1-work", "111122223333", "444455556666"];
    let seen = Organization {
        id: "o-exampleorg".into(),
        management: "777788889999".parse().expect("an id"),
        enabled: OrgPolicyKind::ALL.to_vec(),
        units: vec![unit("r-1", "Root", None), unit("ou-1-work", "Workloads", Some("r-1"))],
        accounts: vec![account("111122223333"), account("444455556666")],
        policies: vec![
            policy("FullAWSAccess", OrgPolicyKind::Scp, &may(json!("*")), &everywhere),
            policy("guard", kind, statement, &["ou-1-work"]),
        ],
    };
    Arc::new(Above::new(&View::Seen(seen), &[]))
}

fn ground(own: &[Value], trust: &[Value], above: Arc<Above>) -> Ground {
    Ground { caller: Ok(standing(own, &above)), tags: Vec::new(), role: Ok(role(trust)), above }
}

fn nothing_above() -> Arc<Above> {
    Arc::new(Above::Nothing)
}

/// The one explanation.
#[track_caller]
fn why(attempt: &Attempt, fault: &Fault, ground: &Ground) -> Why {
    let mut all = explain(attempt, fault, ground);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

#[track_caller]
fn proven(attempt: &Attempt, fault: &Fault, ground: &Ground, what: &str) -> Option<String> {
    let why = why(attempt, fault, ground);
    assert_eq!(why.what, what);
    assert!(why.is_proven(), "{why:?}");
    why.hint
}

#[test]
fn what_aws_says_plainly_is_taken_at_its_word() {
    let ground = ground(&[may(json!("*"))], &[trusting(json!({}))], nothing_above());
    let of = |kind, words: &str| Fault::new(kind, "AssumeRole: X").with_cause(words);
    let code = of(FaultKind::Denied, WRONG_CODE);
    let wrong = "AWS did not take the MFA code: it is wrong, or it was used already.";
    assert!(proven(&attempt(), &code, &ground, wrong).is_some());
    let again = Attempt { code: Code::GivenAgain, ..attempt() };
    proven(&again, &code, &ground, "The MFA code was used already: a code is good once.");
    let device = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify \
                  your MFA serial number is valid and associated with this user.";
    let said = format!("arn:aws:iam::111122223333:mfa/ann is no MFA device of {ANN}.");
    proven(&attempt(), &of(FaultKind::Denied, device), &ground, &said);
    let mut long = attempt();
    long.assume.seconds = 43_200;
    let most = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    let said = format!("A session of 12h was asked for, and those of {ROLE} last 2h at most.");
    proven(&long, &of(FaultKind::BadRequest, most), &ground, &said);
    let chain = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed \
                 by role chaining.";
    let said = "A session of 12h was asked for, and one that is assumed by a role's session lasts \
                1h at most.";
    proven(&long, &of(FaultKind::BadRequest, chain), &ground, said);
    let said = format!(
        "AWS does not take the credentials of {ANN}: they are expired, or not known to it."
    );
    proven(&attempt(), &of(FaultKind::Expired, "The security token is expired"), &ground, &said);
    let root = of(FaultKind::Denied, "Roles may not be assumed by root accounts.");
    assert_eq!(why(&attempt(), &root, &ground).cause, Cause::RootUser);
    for kind in [FaultKind::Timeout, FaultKind::Unreadable, FaultKind::Throttled] {
        assert_eq!(explain(&attempt(), &of(kind, "x"), &ground), []);
    }
}

#[test]
fn without_a_code_whoever_asks_for_one_is_named() {
    let fault = denied("sts:AssumeRole", "");
    let trust = ground(&[may(json!("*"))], &[trusting(mfa())], nothing_above());
    let said = format!("No MFA code was given, and the trust policy of {ROLE} asks for one.");
    let hint = proven(&without_code(), &fault, &trust, &said);
    assert_eq!(hint.as_deref(), Some("Give the present code of the device."));
    let deny = json!({"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}});
    let unless = [may(json!("*")), deny.clone()];
    let own = ground(&unless, &[trusting(json!({}))], nothing_above());
    let said = format!("No MFA code was given, and the policies of {ANN} ask for one.");
    // A user's own key has no such key, which `Bool` does not take for false.
    proven(&without_code(), &fault, &own, &said);
    let above = organization(OrgPolicyKind::Scp, &deny);
    let scp = ground(&[may(json!("*"))], &[trusting(json!({}))], above);
    let said =
        format!("No MFA code was given, and the service control policies above {ANN} ask for one.");
    proven(&without_code(), &fault, &scp, &said);
    // With a code it is something else.
    assert!(matches!(why(&attempt(), &fault, &trust).cause, Cause::Unexplained { .. }));
}

#[test]
fn a_session_of_which_nobody_knows_whether_it_has_mfa_is_a_suspicion() {
    let fault = denied("sts:AssumeRole", "");
    let ground = ground(&[may(json!("*"))], &[trusting(mfa())], nothing_above());
    let temporary = Some("ASIAIOSFODNN7EXAMPLE".parse().expect("a key"));
    let attempt = Attempt { key: temporary, ..without_code() };
    let why = why(&attempt, &fault, &ground);
    assert_eq!(why.cause, Cause::NoCode { wanted_by: Layer::Trust });
    assert_eq!(
        why.what,
        format!(
            "Not proven, but likely: No MFA code was given, and the trust policy of {ROLE} asks \
             for one. It cannot be told for certain: it depends on aws:MultiFactorAuthPresent, \
             which is not known here."
        )
    );
}

#[test]
fn a_trust_policy_that_names_somebody_else_says_whom() {
    let other = "arn:aws:iam::111122223333:user/ben";
    let trust = [trusting(json!({"Principal": {"AWS": [other, "777788889999"]}}))];
    let ground = ground(&[may(json!("*"))], &trust, nothing_above());
    let said = format!("The trust policy of {ROLE} does not name {ANN}.");
    let hint = proven(&attempt(), &denied("sts:AssumeRole", ""), &ground, &said);
    let names = format!("Assume it as somebody whom it names: {other}, 777788889999.");
    assert_eq!(hint, Some(names));
}

#[test]
fn what_is_needed_beside_assume_role_is_missed_where_it_is_missing() {
    let all = json!(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]);
    let but = |action: &str| {
        let rest: Vec<&Value> =
            all.as_array().expect("a list").iter().filter(|a| **a != action).collect();
        json!(rest)
    };
    for (action, what) in [
        ("sts:SetSourceIdentity", "The call names a source identity"),
        ("sts:TagSession", "The call brings session tags"),
    ] {
        let trust = [trusting(json!({"Action": but(action)}))];
        let of_trust = ground(&[may(all.clone())], &trust, nothing_above());
        let said = format!("{what}, and the trust policy of {ROLE} does not allow {action}.");
        let hint = proven(&attempt(), &denied(action, ""), &of_trust, &said);
        assert!(hint.is_some_and(|h| h.contains("= false in halon.toml")));
        let own = ground(&[may(but(action))], &[trusting(json!({}))], nothing_above());
        let said = format!("{what}, and the policies of {ANN} do not allow {action}.");
        proven(&attempt(), &denied(action, ""), &own, &said);
        // Also where AWS does not say which action it was.
        let silent = Fault::new(FaultKind::Denied, "AssumeRole: AccessDenied");
        proven(&attempt(), &silent, &own, &said);
    }
    let lacks = ground(&[may(json!("s3:*"))], &[trusting(json!({}))], nothing_above());
    let said = format!("No identity-based policy of {ANN} allows sts:AssumeRole on {ROLE}.");
    proven(&attempt(), &denied("sts:AssumeRole", ""), &lacks, &said);
    let trust = [trusting(json!({"Action": "sts:AssumeRoleWithSAML"}))];
    let other = ground(&[may(all)], &trust, nothing_above());
    let said =
        format!("The trust policy of {ROLE} names {ANN}, and does not allow sts:AssumeRole.");
    proven(&attempt(), &denied("sts:AssumeRole", ""), &other, &said);
}

#[test]
fn conditions_that_are_not_met_are_named() {
    let own = [may(json!("*"))];
    let fault = denied("sts:AssumeRole", "");
    let outside = json!({"Condition": {"StringEquals": {"sts:ExternalId": "7"},
        "Bool": {"aws:SecureTransport": "true"}}});
    let external = ground(&own, &[trusting(outside)], nothing_above());
    let said = format!(
        "The trust policy of {ROLE} allows sts:AssumeRole under conditions that the call did not \
         meet: sts:ExternalId."
    );
    proven(&attempt(), &fault, &external, &said);
    let wanted = json!({"Condition": {"StringLike": {"sts:SourceIdentity": "*"}}});
    let source = ground(&own, &[trusting(wanted)], nothing_above());
    let mut unnamed = attempt();
    unnamed.assume.source_identity = None;
    let said = format!("The trust policy of {ROLE} wants a source identity, and none was named.");
    proven(&unnamed, &fault, &source, &said);
    // Whether the other actions have the keys of this one is nowhere said.
    let scoped = json!({"Condition": {"StringLike": {"aws:RequestTag/scope": "*"}}});
    let scoped = ground(&own, &[trusting(scoped)], nothing_above());
    let named = why(&attempt(), &denied("sts:SetSourceIdentity", ""), &scoped);
    assert!(!named.is_proven() && named.what.contains("aws:RequestTag/scope"), "{named:?}");
    let named = why(&attempt(), &fault, &scoped);
    assert!(named.is_proven() && named.what.contains("aws:RequestTag/scope"), "{named:?}");
    let address = json!({"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}});
    let address = ground(&own, &[trusting(address)], nothing_above());
    let why = why(&attempt(), &fault, &address);
    assert!(!why.is_proven() && why.what.contains("aws:SourceIp"), "{why:?}");
}

#[test]
fn a_policy_of_the_organization_is_named_with_the_exemption_that_was_tried() {
    let deny = json!({"Sid": "NoRoles", "Effect": "Deny", "Action": "sts:*", "Resource": "*"});
    let above = organization(OrgPolicyKind::Scp, &deny);
    let scp = ground(&[may(json!("*"))], &[trusting(json!({}))], above);
    let fault = denied(
        "sts:AssumeRole",
        " with an explicit deny in a service control policy: \
         arn:aws:organizations::777788889999:policy/o-exampleorg/service_control_policy/p-guard",
    );
    let said = format!(
        "Statement 0 (NoRoles) of SCP guard at Workloads (ou-1-work) denies {ANN} sts:AssumeRole."
    );
    let hint = proven(&attempt(), &fault, &scp, &said).expect("an exemption");
    assert!(
        hint.starts_with(&format!(
            "guard with the exemption, unless aws:PrincipalArn is {ANN}: {{"
        )),
        "{hint}"
    );
    // It is the whole statement, and takes the caller out and nobody else.
    let (_, statement) = hint.split_once(": {").expect("JSON");
    let statement: Value = serde_json::from_str(&format!("{{{statement}")).expect("JSON");
    assert_eq!(statement["Condition"], json!({"ArnNotLike": {"aws:PrincipalArn": ANN}}));
    let mended = organization(OrgPolicyKind::Scp, &statement);
    let mended = ground(&[may(json!("*"))], &[trusting(json!({}))], mended);
    assert!(
        !explain(&attempt(), &denied("sts:AssumeRole", ""), &mended)
            .iter()
            .any(|why| matches!(why.cause, Cause::Organization { .. }))
    );

    let mut deny = deny;
    deny["Principal"] = json!("*");
    let above = organization(OrgPolicyKind::Rcp, &deny);
    let rcp = ground(&[may(json!("*"))], &[trusting(json!({}))], above);
    let said = format!(
        "Statement 0 (NoRoles) of RCP guard at Workloads (ou-1-work) denies {ANN} sts:AssumeRole."
    );
    proven(&attempt(), &denied("sts:AssumeRole", ""), &rcp, &said);
}

#[test]
fn several_that_refuse_are_all_told_and_the_one_that_aws_names_first() {
    let deny = json!({"Effect": "Deny", "Action": "sts:*", "Resource": "*"});
    let above = organization(OrgPolicyKind::Scp, &deny);
    let both = ground(&[may(json!("s3:*"))], &[trusting(json!({}))], above);
    let fault = denied(
        "sts:AssumeRole",
        " because no identity-based policy allows the sts:AssumeRole action",
    );
    let all = explain(&attempt(), &fault, &both);
    assert!(matches!(all[0].cause, Cause::NotAllowed { .. }), "{all:#?}");
    assert!(matches!(all[1].cause, Cause::Organization { .. }), "{all:#?}");
    assert_eq!(all.len(), 2);
}

#[test]
fn what_could_not_be_read_is_a_suspicion_and_says_so() {
    let unread = || Ground {
        role: Err(NotRead::Why("halon is not signed in to account 444455556666".to_owned())),
        ..ground(&[may(json!("*"))], &[], nothing_above())
    };
    let why = why(&attempt(), &denied("sts:AssumeRole", ""), &unread());
    assert!(!why.is_proven());
    assert_eq!(
        why.what,
        format!(
            "Not proven, but likely: the trust policy of {ROLE} does not allow sts:AssumeRole. It \
             cannot be told for certain: halon is not signed in to account 444455556666."
        )
    );
    // AWS's own word stands, and no statement is made up for it.
    let scp = " with an explicit deny in a service control policy";
    let all = explain(&attempt(), &denied("sts:AssumeRole", scp), &unread());
    assert_eq!(all[0].proof, Proof::Said);
    assert_eq!(
        all[0].what,
        "AWS says that a service control policy refuses sts:AssumeRole; which statement is not \
         known."
    );
    let gone = Ground { role: Err(NotRead::Gone), ..unread() };
    proven(&attempt(), &denied("sts:AssumeRole", ""), &gone, &format!("There is no role {ROLE}."));
    let blind = Ground {
        caller: Err("user/ann could not be read".to_owned()),
        above: Arc::new(Above::NotVisible("it may not be read".to_owned())),
        ..unread()
    };
    let all = explain(&attempt(), &denied("sts:AssumeRole", ""), &blind);
    assert!(all.len() > 1 && all.iter().all(|why| !why.is_proven()), "{all:#?}");
    assert!(matches!(all[0].cause, Cause::Unread { layer: Layer::Trust, .. }), "{all:#?}");
}

#[test]
fn a_session_has_another_source_identity_where_nothing_else_stands_in_the_way() {
    let attempt = Attempt {
        caller: SESSION.to_owned(),
        key: Some("ASIAIOSFODNN7EXAMPLE".parse().expect("a key")),
        ..attempt()
    };
    let trust = [trusting(json!({"Principal": {"AWS": "111122223333"}}))];
    let mut ground = ground(&[may(json!("*"))], &trust, nothing_above());
    if let Ok(standing) = &mut ground.caller {
        standing.caller = crate::policy::Caller::new(SESSION).expect("a caller");
    }
    let why = why(&attempt, &denied("sts:SetSourceIdentity", ""), &ground);
    assert_eq!(why.cause, Cause::OtherSourceIdentity);
    assert!(!why.is_proven(), "{why:?}");
}
