use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    domain::{
        Fault, FaultKind,
        authorization::Authorization,
        organization::{Member, OrgPolicy, OrgPolicyKind, Organization, Unit, View},
    },
    playbook::{HowToAssume, Playbook, shipped},
    policy::{
        Account, Caller, Context, Outcome, Policies, Request, Resource, THE_RESOURCE, evaluate,
    },
};

const ACCOUNT: &str = "111122223333";
const MANAGEMENT: &str = "444455556666";
const ROLE: &str = "arn:aws:iam::111122223333:role/ir/break-glass";

fn playbook(id: &str) -> Loaded {
    let (_, text) = shipped().iter().find(|(name, _)| *name == id).expect("it is shipped");
    let file = format!("{id}.toml");
    let playbook = Playbook::read(&file, text).map(Arc::new);
    Loaded { id: id.to_owned(), file, path: None, playbook }
}

fn document(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn all() -> Value {
    json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}])
}

/// A role with an inline policy, tags and perhaps a boundary.
#[derive(Clone)]
struct Glass {
    arn: &'static str,
    holds: Value,
    boundary: Option<Value>,
    tags: Vec<(&'static str, &'static str)>,
}

impl Glass {
    fn admin() -> Self {
        Self { arn: ROLE, holds: all(), boundary: None, tags: Vec::new() }
    }

    fn standing(&self, above: &Arc<Above>) -> Standing {
        let boundary = "arn:aws:iam::111122223333:policy/limits";
        let mut role = json!({"RoleName": "break-glass", "Path": "/ir/", "RoleId": "AROAEXAMPLE",
            "Arn": self.arn, "AssumeRolePolicyDocument": document(&json!([])),
            "RolePolicyList": [{"PolicyName": "power", "PolicyDocument": document(&self.holds)}],
            "AttachedManagedPolicies": [], "InstanceProfileList": [],
            "Tags": self.tags.iter().map(|(k, v)| json!({"Key": k, "Value": v})).collect::<Vec<_>>()});
        let mut policies = Vec::new();
        if let Some(text) = &self.boundary {
            role["PermissionsBoundary"] = json!({"PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": boundary});
            policies.push(
                json!({"PolicyName": "limits", "DefaultVersionId": "v1", "Arn": boundary,
                "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true,
                    "Document": document(text)}]}),
            );
        }
        let file = json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role],
            "Policies": policies});
        let read = Authorization::read(&file.to_string()).unwrap_or_else(|e| panic!("{e:?}"));
        let account = Account::new(Arc::new(read));
        account.standing(self.arn, above).expect("the role is there")
    }
}

/// An organization with one unit, and one policy attached to it beside full access.
fn organization(statements: &Value) -> Organization {
    let unit = |id: &str, name: &str, parent: Option<&str>| Unit {
        id: id.into(),
        name: name.into(),
        parent: parent.map(Into::into),
    };
    let member = |id: &str, parent: &str| Member {
        id: id.parse().expect("an id"),
        name: "some account".into(),
        status: "ACTIVE".into(),
        parent: parent.into(),
    };
    let policy = |id: &str, name: &str, statements: &Value, targets: &[&str]| OrgPolicy {
        id: id.into(),
        name: name.into(),
        kind: OrgPolicyKind::Scp,
        aws_managed: false,
        document: document(statements).into(),
        targets: targets.iter().map(|t| Untrusted::from(*t)).collect(),
    };
    let everywhere = ["r-a1b2", "ou-a1b2-prod0001", ACCOUNT, MANAGEMENT];
    Organization {
        id: "o-exampleorg".into(),
        management: MANAGEMENT.parse().expect("an id"),
        enabled: vec![OrgPolicyKind::Scp],
        units: vec![
            unit("r-a1b2", "Root", None),
            unit("ou-a1b2-prod0001", "Production", Some("r-a1b2")),
        ],
        accounts: vec![member(ACCOUNT, "ou-a1b2-prod0001"), member(MANAGEMENT, "r-a1b2")],
        policies: vec![
            policy("p-FullAWSAccess", "FullAWSAccess", &all(), &everywhere),
            policy("p-guard0000", "guard", statements, &["ou-a1b2-prod0001"]),
        ],
    }
}

fn above(statements: &Value) -> Arc<Above> {
    Arc::new(Above::new(&View::Seen(organization(statements)), &[]))
}

fn hidden() -> Arc<Above> {
    let why = Fault::new(FaultKind::Denied, "not allowed");
    Arc::new(Above::new(&View::NotVisible { why, id: None, management: None }, &[]))
}

struct World {
    above: Arc<Above>,
    role: Role,
    account: &'static str,
    regions: Vec<Region>,
    how: HowToAssume,
}

impl World {
    fn new(above: &Arc<Above>, glass: &Glass) -> Self {
        let regions = ["eu-west-1", "us-east-1"].map(|r| r.parse().expect("a region"));
        let role = Role::Read(Box::new(glass.standing(above)));
        let how = HowToAssume { tags: false, ..HowToAssume::default() };
        Self { above: above.clone(), role, account: ACCOUNT, regions: regions.to_vec(), how }
    }

    fn asked(&self, playbooks: &[Loaded]) -> Readiness {
        let seat = Seat {
            account: self.account.parse().expect("an id"),
            name: None,
            regions: self.regions.clone(),
            role: self.role.clone(),
        };
        let management = match &*self.above {
            Above::Seen { organization, .. } => Some(organization.management.clone()),
            _ => None,
        };
        Readiness::of(&Question {
            playbooks,
            seats: vec![seat],
            above: self.above.clone(),
            management,
            how: &self.how,
            now: "2026-03-02T03:10:00Z".parse().expect("a time"),
        })
    }

    fn cell(&self, id: &str) -> Cell {
        self.asked(&[playbook(id)]).rows.remove(0).cells.remove(0)
    }
}

fn steps(cell: &Cell) -> BTreeMap<String, Vec<&'static str>> {
    let mut steps: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for obstacle in &cell.obstacles {
        let step = obstacle.step.clone().expect("a step");
        steps.entry(step).or_default().push(obstacle.action.expect("an action"));
    }
    steps
}

fn only_europe() -> Value {
    json!([
        {"Sid": "Fine", "Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Sid": "OnlyEurope", "Effect": "Deny", "NotAction": ["iam:*", "organizations:*"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}},
    ])
}

#[test]
fn a_region_lock_is_named_with_its_place_its_steps_and_what_would_fix_it() {
    let mut world = World::new(&above(&only_europe()), &Glass::admin());
    let cell = world.cell("archive-findings");
    assert_eq!(cell.answer, Answer::No);
    let archive = cell
        .obstacles
        .iter()
        .find(|o| o.action == Some("guardduty:ArchiveFindings"))
        .expect("it is denied");
    assert_eq!(archive.step.as_deref(), Some("archive"));
    assert_eq!(archive.regions, ["us-east-1".parse::<Region>().expect("a region")]);
    let [cause] = &archive.why.causes[..] else { panic!("one statement: {archive:?}") };
    assert_eq!(cause.policy, Some("guard".into()));
    assert_eq!((cause.statement, cause.sid.clone()), (Some(1), Some("OnlyEurope".into())));
    let place = cause.place.as_ref().expect("it is attached somewhere");
    assert_eq!(
        (place.level, place.target.raw(), place.name.raw()),
        (1, "ou-a1b2-prod0001", "Production")
    );
    let fix = cause.fix.as_ref().expect("an exemption");
    assert_eq!(fix.statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"], ROLE);
    // What is proposed makes the playbook ready.
    let mended = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, fix.statement]);
    let mended = World::new(&above(&mended), &Glass::admin());
    assert_eq!(
        mended.cell("archive-findings"),
        Cell { answer: Answer::Yes, obstacles: Vec::new() }
    );
    // What is IAM's is no region's, and the lock spares it.
    assert_eq!(world.cell("contain-user").answer, Answer::Yes);
    world.regions = vec!["eu-west-1".parse().expect("a region")];
    assert_eq!(world.cell("archive-findings").answer, Answer::Yes);
}

#[test]
fn what_stands_in_the_way_is_said_once_with_everything_it_hinders() {
    let world = World::new(&above(&only_europe()), &Glass::admin());
    let readiness = world.asked(&[playbook("archive-findings"), playbook("claim-findings")]);
    let reasons = readiness.reasons();
    let [reason] = &reasons[..] else { panic!("one reason: {reasons:?}") };
    assert_eq!(reason.steps.keys().collect::<Vec<_>>(), ["archive-findings", "claim-findings"]);
    let sentences = readiness.sentences();
    let [sentence] = &sentences[..] else { panic!("one sentence: {sentences:?}") };
    for said in [
        "111122223333, arn:aws:iam::111122223333:role/ir/break-glass: statement 1 (OnlyEurope) of \
         guard, service control policy at Production (ou-a1b2-prod0001, level 1), denies it",
        "calls in us-east-1: guardduty:ArchiveFindings",
        "archive-findings (",
        "fix: unless aws:PrincipalArn is",
    ] {
        assert!(sentence.contains(said), "{said}: {sentence}");
    }
    let items = readiness.to_json();
    assert_eq!((items.len(), &items[0]["answer"]), (2, &json!("no")));
    assert_eq!(items[0]["obstacles"][0]["by"][0]["sid"], "OnlyEurope");
}

#[test]
fn a_boundary_that_does_not_allow_is_named() {
    let boundary =
        json!([{"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}]);
    let glass = Glass { boundary: Some(boundary), ..Glass::admin() };
    let cell = World::new(&above(&all()), &glass).cell("leaked-access-key");
    assert_eq!(cell.answer, Answer::No);
    let blocked = steps(&cell);
    assert!(blocked.values().all(|actions| *actions == ["iam:UpdateAccessKey"]), "{blocked:?}");
    let cause = &cell.obstacles[0].why.causes[0];
    assert_eq!((cause.kind, cause.statement), (Kind::Boundary, None));
    assert_eq!(cause.policy, Some("limits".into()));
}

#[test]
fn an_exemption_by_tag_counts_where_the_session_has_it_for_certain() {
    let lock = json!([{"Sid": "Sealed", "Effect": "Deny", "Action": "iam:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}}}]);
    let lock = above(&lock);
    let tagged = Glass { tags: vec![("BreakGlass", "true")], ..Glass::admin() };
    assert_eq!(World::new(&lock, &tagged).cell("contain-user").answer, Answer::Yes);
    // A session may bring it along; whether this one does is not known.
    let mut world = World::new(&lock, &Glass::admin());
    let cell = world.cell("contain-user");
    assert_eq!(cell.answer, Answer::Depends);
    assert_eq!(cell.obstacles[0].why.depends_on, ["aws:PrincipalTag/BreakGlass"]);
    // Halon's sessions have the tag, where they have tags.
    world.how.tags = true;
    assert_eq!(world.cell("contain-user").answer, Answer::Yes);
    let other = Glass { tags: vec![("breakglass", "no")], ..Glass::admin() };
    let mut world = World::new(&lock, &other);
    assert_eq!(world.cell("contain-user").answer, Answer::No);
    world.how.tags = true;
    assert_eq!(world.cell("contain-user").answer, Answer::Yes);
}

#[test]
fn what_cannot_be_seen_is_not_taken_for_harmless() {
    let cell = World::new(&hidden(), &Glass::admin()).cell("contain-user");
    assert_eq!(cell.answer, Answer::Unknown);
    let note = cell.obstacles[0].why.note.as_ref().expect("why");
    assert!(note.raw().contains("cannot be seen"), "{note:?}");
    // What the role lacks it lacks whatever stands above.
    let glass = Glass { holds: json!([]), ..Glass::admin() };
    let cell = World::new(&hidden(), &glass).cell("contain-user");
    assert_eq!(cell.answer, Answer::No);
    assert_eq!(cell.obstacles[0].why.causes[0].kind, Kind::Identity);
    // Whose the organization's steps are is not known then.
    let cell = World::new(&hidden(), &Glass::admin()).cell("deny-by-scp");
    assert_eq!(cell.answer, Answer::Unknown);
    let world = World {
        role: Role::Unread { arn: ROLE.to_owned(), why: "no such role".to_owned() },
        ..World::new(&above(&all()), &Glass::admin())
    };
    let cell = world.cell("contain-user");
    assert_eq!((cell.answer, cell.obstacles.len()), (Answer::Unknown, 1));
}

#[test]
fn the_management_account_is_bound_by_no_policy_and_alone_changes_the_organization() {
    let deny = json!([{"Effect": "Deny", "Action": "*", "Resource": "*"}]);
    let mut organization = organization(&deny);
    organization.policies[1].targets = vec!["r-a1b2".into()];
    let above = Arc::new(Above::new(&View::Seen(organization), &[]));
    let glass = Glass { arn: "arn:aws:iam::444455556666:role/ir/break-glass", ..Glass::admin() };
    let world = World { account: MANAGEMENT, ..World::new(&above, &glass) };
    for id in ["deny-by-scp", "quarantine-account", "contain-user", "archive-findings"] {
        assert_eq!(world.cell(id).answer, Answer::Yes, "{id}");
    }
    let member = World::new(&above, &Glass::admin());
    assert_eq!(member.cell("contain-user").answer, Answer::No);
    let cell = member.cell("deny-by-scp");
    assert_eq!((cell.answer, cell.obstacles), (Answer::Nothing, Vec::new()));
}

#[test]
fn what_hangs_on_the_resource_or_on_the_request_is_never_a_yes() {
    let some = json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Sid": "Crown", "Effect": "Deny", "Action": "iam:UpdateAccessKey",
            "Resource": "arn:aws:iam::*:user/crown/*"},
    ]);
    let cell = World::new(&above(&some), &Glass::admin()).cell("leaked-access-key");
    assert_eq!(cell.answer, Answer::Depends);
    assert_eq!(cell.obstacles[0].why.depends_on, [THE_RESOURCE]);
    assert_eq!(cell.obstacles[0].why.causes[0].sid, Some("Crown".into()));
    let office = json!([{"Effect": "Deny", "Action": "iam:*", "Resource": "*",
        "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]);
    let cell = World::new(&above(&office), &Glass::admin()).cell("leaked-access-key");
    assert_eq!(cell.answer, Answer::Depends);
    assert_eq!(cell.obstacles[0].why.depends_on, ["aws:SourceIp"]);
    // A resource of another kind is nobody's business here.
    let buckets = json!([{"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::*"}]);
    let cell = World::new(&above(&buckets), &Glass::admin()).cell("leaked-access-key");
    assert_eq!(cell.answer, Answer::Yes);
}

#[test]
fn a_session_policy_and_a_second_factor_are_what_halon_is_told_to_use() {
    let mut world = World::new(&above(&all()), &Glass::admin());
    world.how.policy = Some(document(&json!([
        {"Effect": "Allow", "Action": "guardduty:*", "Resource": "*"}])));
    let cell = world.cell("contain-user");
    assert_eq!(cell.answer, Answer::No);
    assert_eq!(cell.obstacles[0].why.causes[0].kind, Kind::Session);
    let mfa = json!([{"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]);
    let mut world = World::new(&above(&mfa), &Glass::admin());
    assert_eq!(world.cell("contain-user").answer, Answer::Depends);
    world.how.mfa = Some("arn:aws:iam::111122223333:mfa/ann".parse().expect("a serial"));
    assert_eq!(world.cell("contain-user").answer, Answer::Yes);
}

#[test]
fn an_account_without_a_role_is_not_ready_and_a_broken_playbook_is_none() {
    let world = World { role: Role::None, ..World::new(&above(&all()), &Glass::admin()) };
    for id in ["contain-user", "break-glass"] {
        let cell = world.cell(id);
        assert_eq!(cell.answer, Answer::No, "{id}");
        let note = cell.obstacles[0].why.note.as_ref().expect("why");
        assert_eq!(note.raw(), "no break-glass role is configured for 111122223333");
    }
    assert_eq!(world.cell("deny-by-scp").answer, Answer::Nothing);
    let world = World::new(&above(&all()), &Glass::admin());
    let broken = Loaded {
        playbook: Playbook::read("x.toml", "schema = 1").map(Arc::new),
        ..playbook("contain-user")
    };
    let readiness = world.asked(&[broken, playbook("break-glass")]);
    let answers: Vec<Answer> = readiness.rows.iter().map(|row| row.cells[0].answer).collect();
    assert_eq!(answers, [Answer::No, Answer::Nothing]);
    assert!(!readiness.is_ready());
}

#[test]
fn every_shipped_playbook_can_be_judged() {
    let world = World::new(&above(&all()), &Glass::admin());
    let all: Vec<Loaded> = shipped().iter().map(|(id, _)| playbook(id)).collect();
    let readiness = world.asked(&all);
    assert!(readiness.is_ready(), "{:?}", readiness.sentences());
    assert_eq!(readiness.rows.len(), shipped().len());
}

const PLAYBOOKS: [&str; 5] = [
    "leaked-access-key",
    "detach-wildcard-policy",
    "compromised-role-session",
    "cloudtrail-tampered",
    "restore-detection",
];

fn statement() -> impl Strategy<Value = Value> {
    let actions = prop_oneof![
        Just("*"),
        Just("iam:*"),
        Just("iam:Get*"),
        Just("iam:List*"),
        Just("cloudtrail:*"),
        Just("guardduty:*"),
        Just("iam:UpdateAccessKey"),
    ];
    let resources = prop_oneof![
        4 => Just("*"),
        1 => Just("arn:aws:iam::*:role/*"),
        1 => Just("arn:aws:iam::111122223333:user/ci/*"),
        1 => Just("arn:aws:iam::*:*/a*"),
        1 => Just("arn:aws:cloudtrail:eu-west-1:*:trail/?"),
        1 => Just("arn:aws:s3:::*"),
    ];
    let condition = prop_oneof![
        4 => Just(json!({})),
        1 => Just(json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})),
        1 => Just(json!({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}})),
        1 => Just(json!({"StringEquals": {"aws:PrincipalTag/BreakGlass": "true"}})),
        1 => Just(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
    ];
    (any::<bool>(), any::<bool>(), any::<bool>(), actions, resources, condition).prop_map(
        |(deny, not_action, not_resource, action, resource, condition)| {
            let effect = if deny { "Deny" } else { "Allow" };
            // A Deny of everything else than one thing leaves little to be asked.
            let action_key = if deny && not_action { "NotAction" } else { "Action" };
            let resource_key = if not_resource { "NotResource" } else { "Resource" };
            json!({"Effect": effect, action_key: action, resource_key: resource,
                "Condition": condition})
        },
    )
}

/// A call as it might be made: which resource, from where.
fn concrete(action: &str, region: &Region, name: &str) -> String {
    let forms = crate::policy::actions::find(action).map(|a| a.forms()).unwrap_or_default();
    let Some(form) = forms.first() else { return "*".to_owned() };
    let mut out = form.text.replace("${Partition}", "aws").replace("${Account}", ACCOUNT);
    out = out.replace("${Region}", region.as_str());
    while let Some((before, rest)) = out.split_once("${") {
        let (_, after) = rest.split_once('}').expect("a name");
        out = format!("{before}{name}{after}");
    }
    out
}

proptest! {
    /// What is called yes is allowed whatever the call is about and wherever it comes from.
    #[test]
    fn a_yes_is_a_yes_for_each_call(
        holds in prop::collection::vec(statement(), 0..3),
        guards in prop::collection::vec(statement(), 0..3),
        which in 0..PLAYBOOKS.len(),
        name in "(ci/)?[a-c]{1,3}",
        ip in prop::option::of(prop_oneof![Just("203.0.113.9"), Just("198.51.100.9")]),
        tag in any::<bool>(),
    ) {
        let mut own = holds;
        own.extend([json!({"Effect": "Allow", "Action": "*", "Resource": "*"})]);
        let mut scps = guards;
        scps.extend([json!({"Effect": "Allow", "Action": "*", "Resource": "*"})]);
        let glass = Glass { holds: json!(own), ..Glass::admin() };
        let above = above(&json!(scps));
        let world = World::new(&above, &glass);
        let loaded = playbook(PLAYBOOKS[which]);
        let answer = world.asked(std::slice::from_ref(&loaded)).answer();
        let standing = glass.standing(&above);
        let policies: &Policies = &standing.policies;
        let tags = tag.then(|| ("BreakGlass".to_owned(), "true".to_owned()));
        let caller = Caller { tags: Some(tags.into_iter().collect()), ..Caller::new(ROLE).expect("a caller") };
        let mut every = true;
        let read = loaded.playbook.expect("it reads");
        for needs in read.steps.iter().filter_map(|s| s.needs(&read.inputs)) {
            for (action, region) in needs.actions.iter().flat_map(|a| world.regions.iter().map(move |r| (a, r))) {
                let global = action.starts_with("iam:");
                let region = if global { region.of_global_services() } else { region.clone() };
                let mut context = Context::complete();
                context.set_one("aws:RequestedRegion", region.as_str());
                if let Some(ip) = ip {
                    context.set_one("aws:SourceIp", ip);
                }
                let resource = Resource { arn: concrete(action, &region, &name), account: None };
                let request = Request::new(caller.clone(), action, resource, context);
                every &= evaluate(&request, policies).outcome == Outcome::Allowed;
            }
        }
        prop_assert!(answer != Answer::Yes || every);
        // And a no is a no for some call at least.
        prop_assert!(answer != Answer::No || !every);
    }
}
