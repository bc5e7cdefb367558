//! The IAM pane, from the keyboard: keys and answers in, screens out.

use std::sync::Arc;

use halon::{
    app::{Effect, Msg},
    case::Used,
    domain::{
        Answer, Fault, FaultKind, Gap, Query, Service,
        authorization::Authorization,
        event::{By, Event},
        organization::{Member, OrgPolicy, OrgPolicyKind, Organization, Unit, View},
        simulation::Simulated,
    },
    input::Command,
    model::{Focus, Overlay, Page, Pane, Tab, available},
    policy::Outcome,
    store::Found,
};
use serde_json::{Value, json};

use super::stage::{Stage, guardduty, merge};

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
pub fn stage(size: (u16, u16)) -> Stage {
    stage_below(size, View::None)
}

fn stage_below(size: (u16, u16), organization: View) -> Stage {
    stage_lacking(size, organization, Vec::new())
}

fn stage_lacking(size: (u16, u16), organization: View, gaps: Vec<Gap>) -> Stage {
    let mut stage = quiet(size);
    stage.keys("5");
    stage.answers_iam(&authorization(), Vec::new());
    let ticket = stage.take(|q| matches!(q, Query::Organization { .. }));
    let what = Arc::new(organization);
    stage.tell(Msg::Answered(ticket, Answer::Organization { what, gaps }));
    stage
}

/// The account is a member, and may act in one region only.
fn organization() -> View {
    let policy = |id: &str, name: &str, document: Value, targets: &[&str]| OrgPolicy {
        id: id.into(),
        name: name.into(),
        kind: OrgPolicyKind::Scp,
        aws_managed: false,
        document: document.to_string().into(),
        targets: targets.iter().map(|t| (*t).into()).collect(),
    };
    let regions = json!({"Version": "2012-10-17", "Statement": {"Sid": "DenyRegions",
        "Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}});
    let all = ["r-1", "ou-1", ACCOUNT];
    View::Seen(Organization {
        id: "o-exampleorg".into(),
        management: "444455556666".parse().expect("an id"),
        enabled: vec![OrgPolicyKind::Scp],
        units: vec![
            Unit { id: "r-1".into(), name: "Root".into(), parent: None },
            Unit { id: "ou-1".into(), name: "Workloads".into(), parent: Some("r-1".into()) },
        ],
        accounts: vec![Member {
            id: ACCOUNT.parse().expect("an id"),
            name: "acme".into(),
            status: "ACTIVE".into(),
            parent: "ou-1".into(),
        }],
        policies: vec![
            policy("p-FullAWSAccess", "FullAWSAccess", allow(json!("*"), json!("*")), &all),
            policy("p-regions", "regions", regions, &["ou-1"]),
        ],
    })
}

fn event(id: &str, more: Value) -> Arc<Event> {
    let mut event = json!({
        "eventVersion": "1.11", "eventID": id, "eventName": "PutObject",
        "eventTime": "2026-03-02T03:01:00Z", "eventSource": "s3.amazonaws.com",
        "awsRegion": "us-east-1", "recipientAccountId": ACCOUNT, "readOnly": false,
        "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.15.0",
        "userIdentity": {"type": "IAMUser", "userName": "ci-deploy", "accountId": ACCOUNT,
            "principalId": "AIDACKCEVSQ6C2EXAMPLE", "arn": arn("user", "ci-deploy")},
    });
    merge(&mut event, more);
    Arc::new(Event::read(&event.to_string(), None).expect("an event"))
}

/// A call of the user's that was refused.
fn denied() -> Arc<Event> {
    let said = format!(
        "User: {} is not authorized to perform: s3:PutObject on resource: \
         \"arn:aws:s3:::reports/a.csv\" with an explicit deny in a service control policy",
        arn("user", "ci-deploy")
    );
    event("d1", json!({"errorCode": "AccessDenied", "errorMessage": said}))
}

impl Stage {
    /// The trail shows these events.
    fn trail_shows(&mut self, events: Vec<Arc<Event>>) {
        let serial = self.effects.iter().rev().find_map(|e| match e {
            Effect::Search { serial, .. } => Some(*serial),
            _ => None,
        });
        let found = Found { total: events.len() as u64, events, ..Found::default() };
        let serial = serial.expect("a search was begun");
        self.tell(Msg::EventsFound { serial, found: Ok(Box::new(found)) });
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(self.model.iam.can.answer.as_ref()?.as_ref().ok()?.outcome)
    }
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
    stage.keys("esc k enter [");
    insta::assert_snapshot!("trust", stage.text());
}

#[test]
fn the_filter_is_fuzzy_and_knows_kinds_and_what_was_found() {
    let mut stage = stage((80, 24));
    stage.keys("/");
    stage.typed("cidep");
    assert_eq!(shown(&stage), ["ci-deploy"]);
    stage.keys("ctrl-u");
    stage.typed("group dep");
    assert_eq!(shown(&stage), ["deployers"]);
    stage.keys("ctrl-u");
    stage.typed("administrator");
    assert_eq!(shown(&stage), ["admin"]);
    stage.keys("ctrl-u");
    stage.typed("nobody of this name");
    assert!(stage.text().contains("No principal matches"), "{}", stage.text());
    stage.keys("ctrl-u enter");
    assert_eq!(shown(&stage).len(), 5);
    stage.keys("o");
    assert_eq!(shown(&stage)[..2], ["AWSServiceRoleForSupport", "admin"], "by name");
    stage.keys("O");
    assert_eq!(shown(&stage)[0], "deployers");
    stage.keys("O o");
    assert_eq!(shown(&stage)[..2], ["admin", "dana"], "by last use");
}

#[test]
fn what_is_missing_is_said_and_what_was_known_stays() {
    let mut stage = quiet((80, 24));
    stage.keys("5");
    let denied = || Fault::new(FaultKind::Denied, "GetAccountAuthorizationDetails: AccessDenied");
    let ticket = stage.take(|q| matches!(q, Query::Authorization { .. }));
    stage.tell(Msg::Answered(ticket, Answer::Failed(denied())));
    let text = stage.text();
    assert!(text.contains("IAM could not be read; an empty list says nothing."), "{text}");
    assert!(text.contains("INCOMPLETE: iam acme: not looked at"), "{text}");
    assert!(!stage.asked.iter().any(|(_, q)| matches!(q, Query::Authorization { .. })));
    stage.keys("ctrl-r");
    let gap = Gap {
        source: Service::Iam,
        account: "acme".into(),
        region: None,
        page: Some(2),
        why: Fault::new(FaultKind::Throttled, "too many requests"),
    };
    stage.answers_iam(&authorization(), vec![gap]);
    let text = stage.text();
    assert!(text.contains("INCOMPLETE: iam acme, page 2: too many requests"), "{text}");
    stage.ticked("2026-03-02T03:30:00Z");
    stage.keys("ctrl-r");
    let ticket = stage.take(|q| matches!(q, Query::Authorization { .. }));
    stage.tell(Msg::Answered(ticket, Answer::Failed(denied())));
    let text = stage.text();
    assert_eq!(shown(&stage).len(), 5, "what was known stays");
    assert!(text.contains("INCOMPLETE (+1 more): iam acme: still as of 20m ago"), "{text}");
    assert!(text.contains("as of 20m ago"), "{text}");
}

#[test]
fn from_a_finding_to_its_principal_to_its_events_and_back() {
    let mut stage = quiet((80, 24));
    stage.keys("i");
    assert_eq!(stage.model.pane, Pane::Iam);
    stage.answers_iam(&authorization(), Vec::new());
    assert_eq!((current(&stage), stage.model.iam.focus), ("ci-deploy", Focus::Detail));
    let screen = stage.text();
    stage.keys("e");
    assert_eq!(stage.model.pane, Pane::Trail);
    let asked = stage.model.trail.sight.asked.as_ref().expect("asked");
    assert_eq!(asked.by, [By::User("ci-deploy".into())]);
    stage.trail_shows(vec![]);
    stage.keys("backspace");
    assert_eq!((stage.model.pane, current(&stage)), (Pane::Iam, "ci-deploy"));
    assert_eq!(stage.text(), screen, "where it was left");
    stage.keys("F");
    assert_eq!(stage.model.pane, Pane::Findings);
    assert_eq!(stage.model.view.filter.text, "ci-deploy");
    assert_eq!(stage.model.list.rows.len(), 1);
}

#[test]
fn from_an_event_to_its_role_and_back_to_the_event() {
    let mut stage = stage((80, 24));
    stage.keys("4");
    let session = json!({"userIdentity": {"type": "AssumedRole", "userName": "",
        "arn": "arn:aws:sts::111122223333:assumed-role/admin/nightly",
        "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "admin",
            "arn": arn("role", "admin")}}}});
    stage.trail_shows(vec![event("e2", json!({})), event("e1", session)]);
    stage.keys("j i");
    assert_eq!((stage.model.pane, current(&stage)), (Pane::Iam, "admin"));
    stage.keys("esc esc");
    assert_eq!(stage.model.pane, Pane::Trail);
    assert_eq!(stage.model.trail.current().map(|e| e.id.raw()), Some("e1"));
    let root = json!({"userIdentity": {"type": "Root", "userName": "",
        "arn": "arn:aws:iam::111122223333:root"}});
    stage.keys("f");
    stage.trail_shows(vec![event("e3", root)]);
    stage.keys("g g i");
    assert!(stage.text().contains("no user and no session of a role"), "{}", stage.text());
}

#[test]
fn somebody_who_is_in_no_account_is_said_to_be_in_none() {
    let mut stage = stage((80, 24));
    stage.keys("4");
    let gone = json!({"userIdentity": {"userName": "gone", "arn": arn("user", "gone")}});
    stage.trail_shows(vec![event("e1", gone)]);
    stage.keys("i");
    assert_eq!((stage.model.pane, stage.model.iam.focus), (Pane::Iam, Focus::List));
    assert!(stage.text().contains("is in no account that was looked at"), "{}", stage.text());
}

#[test]
fn a_call_is_decided_while_it_is_typed() {
    let mut stage = stage_below((100, 30), organization());
    stage.keys("j c");
    assert!(matches!(stage.model.overlay, Some(Overlay::Can)));
    stage.typed("s3:PutOb");
    let text = stage.text();
    assert!(text.contains("could be"), "{text}");
    assert_eq!(stage.outcome(), Some(Outcome::Unknown), "the region is not known");
    stage.typed("ject");
    stage.keys("down");
    stage.typed("arn:aws:s3:::reports/a.csv");
    insta::assert_snapshot!("can_unknown", stage.text());
    stage.keys("down");
    stage.typed("aws:RequestedRegion=us-east-1");
    assert_eq!(stage.outcome(), Some(Outcome::ExplicitDeny));
    stage.keys("ctrl-u");
    stage.typed("aws:RequestedRegion=eu-west-1");
    assert_eq!(stage.outcome(), Some(Outcome::Allowed));
    stage.keys("esc");
    insta::assert_snapshot!("can_allowed", stage.text());
    // Whoever is looked at next is asked about.
    stage.keys("esc j j j");
    assert_eq!(current(&stage), "dana");
    assert_eq!(stage.outcome(), Some(Outcome::ImplicitDeny));
}

#[test]
fn what_is_no_call_is_said_not_to_be_one() {
    let mut stage = stage((100, 30));
    stage.keys("j c");
    for (typed, said) in [
        ("s3:*", "no wildcards"),
        ("s3", "service:Action"),
        ("s3:NoSuchThing", "is it spelt right"),
    ] {
        stage.keys("ctrl-u");
        stage.typed(typed);
        assert!(stage.text().contains(said), "{typed}\n{}", stage.text());
    }
    stage.keys("down down");
    stage.typed("sourceip=1");
    assert!(stage.text().contains("service:Key=value"), "{}", stage.text());
}

#[test]
fn awss_simulator_stands_beside_it_as_what_it_is() {
    let mut stage = stage((180, 40));
    stage.keys("j c");
    stage.typed("s3:GetObject");
    stage.keys("enter");
    assert!(stage.text().contains("simulated, not proof"), "{}", stage.text());
    assert!(stage.text().contains("not asked about this call"), "{}", stage.text());
    stage.keys("a");
    let ticket = stage.take(|q| {
        matches!(q, Query::Simulate { simulation, .. }
            if simulation.action == "s3:GetObject" && simulation.resource == "*"
                && simulation.principal.raw() == arn("user", "ci-deploy"))
    });
    let fault = Fault::new(
        FaultKind::NotSupported,
        "SimulatePrincipalPolicy is not supported by this endpoint",
    );
    stage.tell(Msg::Answered(ticket, Answer::Failed(fault)));
    assert!(stage.text().contains("is not supported by this endpoint"), "{}", stage.text());
    stage.keys("a");
    let ticket = stage.take(|q| matches!(q, Query::Simulate { .. }));
    let simulated = Simulated {
        decision: "allowed".into(),
        missing: vec!["aws:SourceVpc".into()],
        by_boundary: Some(true),
        ..Simulated::default()
    };
    stage.tell(Msg::Answered(ticket, Answer::Simulated(simulated)));
    let text = stage.text();
    assert!(text.contains("aws:SourceVpc") && text.contains("allows it"), "{text}");
    // It was said of that call, not of another one.
    stage.keys("c ctrl-u");
    stage.typed("s3:PutObject");
    assert!(stage.text().contains("not asked about this call"), "{}", stage.text());
}

#[test]
fn an_organization_that_was_read_in_part_leaves_the_answer_open() {
    let View::Seen(mut part) = organization() else { panic!("it is seen") };
    // The policy that denies was listed; what it is attached to was not told.
    part.policies[1].targets.clear();
    let gap = Gap {
        source: Service::Organizations,
        account: "acme".into(),
        region: None,
        page: None,
        why: Fault::new(FaultKind::Throttled, "ListTargetsForPolicy was throttled"),
    };
    let mut stage = stage_lacking((140, 50), View::Seen(part), vec![gap]);
    stage.keys("j c");
    stage.typed("s3:PutObject");
    stage.keys("down");
    stage.typed("arn:aws:s3:::reports/a.csv");
    assert_eq!(stage.outcome(), Some(Outcome::Unknown));
    stage.keys("esc");
    let text = stage.text();
    assert!(text.contains("not all of the organization could be read"), "{text}");
    stage.model.iam.tab = Tab::Limits;
    let text = stage.text();
    assert!(text.contains("there may be more: not all of the organization"), "{text}");
}

#[test]
fn why_a_call_was_denied() {
    let mut stage = stage_below((100, 40), organization());
    stage.keys("4");
    stage.trail_shows(vec![denied(), event("e1", json!({}))]);
    stage.keys("j d");
    assert!(stage.text().contains("this call was not refused"), "{}", stage.text());
    stage.keys("k d");
    assert_eq!((stage.model.pane, current(&stage)), (Pane::Iam, "ci-deploy"));
    assert_eq!(stage.model.iam.tab, Tab::Can);
    assert_eq!(stage.outcome(), Some(Outcome::ExplicitDeny));
    insta::assert_snapshot!(stage.text());
    stage.keys("esc esc");
    assert_eq!(stage.model.pane, Pane::Trail);
    assert_eq!(stage.model.trail.current().map(|e| e.id.raw()), Some("d1"));
}

#[test]
fn an_encoded_refusal_is_decoded_and_leads_to_its_call() {
    let mut stage = stage_below((100, 40), organization());
    stage.keys("d");
    stage.typed("short");
    stage.keys("enter");
    assert!(stage.text().contains("no encoded message"), "{}", stage.text());
    let message = "Zm9vYmFy".repeat(60);
    let (first, second) = message.split_at(200);
    stage.keys("ctrl-u");
    stage.tell(Msg::Pasted(format!(
        "You are not authorized. Encoded authorization failure message: {first}\n{second}\n"
    )));
    stage.keys("enter");
    assert!(matches!(stage.model.overlay, Some(Overlay::Text(Page::Decoded, 0))));
    let ticket = stage.take(|q| matches!(q, Query::Decode { message: m, .. } if *m == message));
    let decoded = json!({"allowed": false, "explicitDeny": true,
        "matchedStatements": {"items": []}, "context": {
            "principal": {"id": "AIDACKCEVSQ6C2EXAMPLE", "arn": arn("user", "ci-deploy")},
            "action": "s3:DeleteObject", "resource": "arn:aws:s3:::reports/a.csv",
            "conditions": {"items": [{"key": "aws:RequestedRegion",
                "values": {"items": [{"value": "us-east-1"}]}}]}}});
    stage.tell(Msg::Answered(ticket, Answer::Decoded(decoded.to_string().into())));
    assert!(stage.text().contains("\"explicitDeny\": true"), "{}", stage.text());
    stage.keys("esc");
    assert_eq!((current(&stage), stage.model.iam.tab), ("ci-deploy", Tab::Can));
    assert_eq!(stage.model.iam.can.action.value(), "s3:DeleteObject");
    assert_eq!(stage.outcome(), Some(Outcome::ExplicitDeny));
    // Where AWS says no, that is what is shown.
    stage.keys("d");
    stage.tell(Msg::Pasted(message.clone()));
    stage.keys("enter");
    let ticket = stage.take(|q| matches!(q, Query::Decode { .. }));
    let fault = Fault::new(FaultKind::Denied, "DecodeAuthorizationMessage: AccessDenied");
    stage.tell(Msg::Answered(ticket, Answer::Failed(fault)));
    assert!(stage.text().contains("DecodeAuthorizationMessage: AccessDenied"), "{}", stage.text());
}

#[test]
fn two_principals_and_two_versions_are_compared() {
    let mut stage = stage((100, 40));
    stage.keys("= j");
    assert!(stage.model.iam.held.is_some());
    stage.keys("=");
    assert!(matches!(stage.model.overlay, Some(Overlay::Text(Page::Compare, 0))));
    let text = stage.text();
    assert!(text.contains("- Allow * on *"), "{text}");
    assert!(text.contains("+ Allow s3:* on *"), "{text}");
    assert!(stage.model.iam.held.is_none(), "the next one begins anew");
    stage.keys("esc v");
    insta::assert_snapshot!(stage.text());
    stage.keys("esc k v");
    assert!(stage.text().contains("none of its policies has another version"), "{}", stage.text());
}

#[test]
fn what_a_principal_used() {
    let mut stage = stage((100, 40));
    stage.keys("j enter l l l l");
    assert_eq!(stage.model.iam.tab, Tab::Use);
    assert!(stage.text().contains("looking for them"), "{}", stage.text());
    let sought = stage.effects.iter().rev().find_map(|e| match e {
        Effect::FindCalls { arn, news, question } => Some((arn.clone(), *news, question.clone())),
        _ => None,
    });
    let (arn, news, question) = sought.expect("the store is asked");
    assert_eq!(question.by, [By::User("ci-deploy".into())]);
    let events =
        vec![denied(), event("e1", json!({})), event("e2", json!({"eventName": "GetObject"}))];
    let found = Found { total: 3, events, ..Found::default() };
    let used = Ok(Arc::new(Used::of(arn.clone(), &found)));
    stage.tell(Msg::CallsFound { arn: arn.clone(), news, used });
    insta::assert_snapshot!(stage.text());
    stage.keys("a");
    let ticket = stage.take(|q| matches!(q, Query::ServicesUsed { arn: a, .. } if *a == arn));
    let fault = Fault::new(FaultKind::Denied, "GenerateServiceLastAccessedDetails: AccessDenied");
    stage.tell(Msg::Answered(ticket, Answer::Failed(fault)));
    assert!(stage.text().contains("GenerateServiceLastAccessedDetails:"), "{}", stage.text());
}

#[test]
fn nothing_a_terminal_obeys_comes_from_iam() {
    let evil = "a\u{1b}[2J\u{202e}\u{9b}\u{7}";
    let mut all = authorization();
    let role = &mut all["RoleDetailList"][0];
    role["Description"] = evil.into();
    role["Tags"] = json!([{"Key": evil, "Value": evil}]);
    role["RolePolicyList"] = json!([{"PolicyName": evil, "PolicyDocument":
        {"Version": "2012-10-17", "Statement": [{"Sid": evil, "Effect": "Allow",
            "Action": [format!("s3:{evil}")], "Resource": [evil],
            "Condition": {"StringLike": {format!("aws:{evil}"): [evil]}}}]}},
        {"PolicyName": "broken", "PolicyDocument": {"Statement": evil, evil: 7}}]);
    role["AssumeRolePolicyDocument"] = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": evil}, "Action": "sts:AssumeRole"}]});
    role["RoleName"] = format!("admin{evil}").into();
    let mut stage = quiet((120, 60));
    stage.keys("5");
    stage.answers_iam(&all, Vec::new());
    stage.keys("enter");
    for _ in Tab::ALL {
        for _ in 0..3 {
            let text = stage.text();
            let bad = text.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
            assert_eq!(bad, None, "{text}");
            stage.keys("space");
        }
        stage.keys("l");
    }
    assert!(stage.text().contains("!"), "the name is marked");
    stage.keys("esc = j = ");
    let text = stage.text();
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
}

#[test]
fn a_command_that_cannot_be_given_says_why() {
    let mut stage = quiet((80, 24));
    stage.keys("5");
    for key in ["enter", "c", "a", "e", "F", "=", "v", "]", "Y", "tab"] {
        stage.keys(key);
        assert!(stage.text().contains("no principal is selected"), "{key}\n{}", stage.text());
    }
    stage.answers_iam(&authorization(), Vec::new());
    stage.keys("j j");
    assert_eq!(current(&stage), "deployers");
    for key in ["e", "c"] {
        stage.keys(key);
        assert!(stage.text().contains("a group calls nothing"), "{key}\n{}", stage.text());
    }
    stage.keys("a");
    assert!(stage.text().contains("AWS is asked about a call"), "{}", stage.text());
    assert!(available(Command::Versions, &stage.model).is_ok());
    stage.keys("?");
    let help = stage.text();
    assert!(help.contains("Go to IAM") || help.contains("iam"), "{help}");
}
