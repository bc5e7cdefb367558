//! The organization pane, from the keyboard: keys and answers in, screens out.

use std::sync::Arc;

use halon::{
    app::{Effect, Msg},
    case::RoleAt,
    domain::{
        Answer, Fault, FaultKind, Gap, Query, Service, Untrusted,
        authorization::Authorization,
        organization::{Member, OrgPolicy, OrgPolicyKind, Organization, Unit, View},
    },
    model::{Focus, Overlay, Pane, Setup},
    policy::exempt::analyse,
};
use serde_json::{Value, json};

use super::{cli::Machine, stage::Stage};

/// The account that is signed in to.
const ACCOUNT: &str = "111122223333";
const ROLE: &str = "arn:aws:iam::111122223333:role/break-glass";

/// A root, three units, four accounts; nothing outside of Europe in production.
fn organization() -> Organization {
    let unit = |id: &str, name: &str, parent: Option<&str>| Unit {
        id: id.into(),
        name: name.into(),
        parent: parent.map(Into::into),
    };
    let member = |id: &str, name: &str, status: &str, parent: &str| Member {
        id: id.parse().expect("an id"),
        name: name.into(),
        status: status.into(),
        parent: parent.into(),
    };
    let policy = |id: &str, name: &str, kind, statements: Value, targets: &[&str]| OrgPolicy {
        id: id.into(),
        name: name.into(),
        kind,
        aws_managed: name.contains("FullAWSAccess"),
        document: json!({"Version": "2012-10-17", "Statement": statements}).to_string().into(),
        targets: targets.iter().map(|t| Untrusted::from(*t)).collect(),
    };
    let all = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    let everywhere = [
        "r-a1b2",
        "ou-a1b2-prod",
        "ou-a1b2-dev",
        "ou-a1b2-shop",
        ACCOUNT,
        "444455556666",
        "777788889999",
        "123456789012",
    ];
    Organization {
        id: "o-exampleorg".into(),
        management: "123456789012".parse().expect("an id"),
        enabled: OrgPolicyKind::ALL.to_vec(),
        units: vec![
            unit("r-a1b2", "Root", None),
            unit("ou-a1b2-prod", "Production", Some("r-a1b2")),
            unit("ou-a1b2-dev", "Development", Some("r-a1b2")),
            unit("ou-a1b2-shop", "Shop", Some("ou-a1b2-prod")),
        ],
        accounts: vec![
            member(ACCOUNT, "shop-live", "ACTIVE", "ou-a1b2-shop"),
            member("444455556666", "logs", "ACTIVE", "ou-a1b2-prod"),
            member("777788889999", "old-tests", "SUSPENDED", "ou-a1b2-dev"),
            member("123456789012", "management", "ACTIVE", "r-a1b2"),
        ],
        policies: vec![
            policy("p-FullAWSAccess", "FullAWSAccess", OrgPolicyKind::Scp, all, &everywhere),
            policy(
                "p-guard0001",
                "guard",
                OrgPolicyKind::Scp,
                json!([
                    {"Sid": "KeepTheTag", "Effect": "Deny",
                     "Action": ["iam:TagRole", "iam:TagUser", "sts:TagSession"], "Resource": "*",
                     "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "BreakGlass"}}},
                    {"Sid": "KeepTrails", "Effect": "Deny",
                     "Action": ["cloudtrail:StopLogging", "cloudtrail:StartLogging"],
                     "Resource": "*", "Condition": {
                        "StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}}}]),
                &["r-a1b2"],
            ),
            policy(
                "p-regions01",
                "only-our-regions",
                OrgPolicyKind::Scp,
                json!([{"Sid": "OnlyOurRegions", "Effect": "Deny",
                    "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"],
                    "Resource": "*", "Condition": {"StringNotEquals":
                        {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}}}]),
                &["ou-a1b2-prod"],
            ),
            policy(
                "p-buckets01",
                "ours-alone",
                OrgPolicyKind::Rcp,
                json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
                    "Condition": {"StringNotEqualsIfExists":
                        {"aws:PrincipalOrgID": "o-exampleorg"}}}]),
                &["ou-a1b2-shop"],
            ),
        ],
    }
}

/// The account's principals: the role with these tags, and one more that has the tag.
fn authorization(tags: &[(&str, &str)]) -> Authorization {
    let tags: Vec<Value> =
        tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    let text = json!({
        "UserDetailList": [{"UserName": "ann", "UserId": "AIDAEXAMPLEANN", "Path": "/",
            "Arn": "arn:aws:iam::111122223333:user/ann", "CreateDate": "2024-05-01T09:00:00Z",
            "GroupList": [], "AttachedManagedPolicies": [],
            "Tags": [{"Key": "BreakGlass", "Value": "true"}]}],
        "GroupDetailList": [], "Policies": [],
        "RoleDetailList": [{"RoleName": "break-glass", "RoleId": "AROAEXAMPLEBG", "Path": "/",
            "Arn": ROLE, "CreateDate": "2023-02-03T04:05:06Z", "RolePolicyList": [],
            "AttachedManagedPolicies": [], "Tags": tags,
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}],
    });
    Authorization::read(&text.to_string()).expect("readable")
}

impl Stage {
    fn sees(&mut self, view: View, gaps: Vec<Gap>) {
        let ticket = self.take(|q| matches!(q, Query::Organization { .. }));
        self.tell(Msg::Answered(ticket, Answer::Organization { what: Arc::new(view), gaps }));
    }

    /// Both looks at the role's account are answered.
    fn knows(&mut self, authorization: Authorization) {
        let fault = Fault::new(FaultKind::Denied, "no");
        let ticket = self.take(|q| matches!(q, Query::Principal { .. }));
        self.tell(Msg::Answered(ticket, Answer::Failed(fault)));
        let ticket = self.take(|q| matches!(q, Query::Authorization { .. }));
        let what = Arc::new(authorization);
        self.tell(Msg::Answered(ticket, Answer::Authorization { what, gaps: Vec::new() }));
    }

    /// Does the analyses that were begun; how many there were.
    fn analyses(&mut self) -> usize {
        let mut done = 0;
        while let Some(at) = self.effects.iter().position(|e| matches!(e, Effect::Analyse { .. })) {
            let Effect::Analyse { role, known } = self.effects.remove(at) else { continue };
            let analysis = Box::new(analyse(&known.question));
            self.tell(Msg::Analysed { role, known, analysis });
            done += 1;
        }
        done
    }
}

fn quiet(setup: Setup, size: (u16, u16)) -> Stage {
    let mut stage = Stage::with(setup, size, &["us-east-1"]);
    if !stage.model.setup.offline {
        stage.identify();
        stage.answer("us-east-1", vec![], vec![]);
    }
    stage
}

/// The tree.
fn stage(size: (u16, u16)) -> Stage {
    let mut stage = quiet(Setup::plain(), size);
    stage.keys("6");
    stage.sees(View::Seen(organization()), Vec::new());
    stage
}

/// The role that the form suggests or that is typed, with everything known.
fn standing(size: (u16, u16), tags: &[(&str, &str)]) -> Stage {
    let mut stage = stage(size);
    stage.keys("E");
    stage.typed(ROLE);
    stage.keys("enter");
    stage.knows(authorization(tags));
    assert_eq!(stage.analyses(), 1);
    stage
}

const TAGGED: &[(&str, &str)] = &[("BreakGlass", "true"), ("team", "security")];

fn cursor_on(stage: &mut Stage, text: &str) {
    stage.keys("g g");
    for _ in 0..40 {
        let pane = &stage.model.organization;
        if pane.id(pane.cursor).as_deref() == Some(text) {
            return;
        }
        stage.keys("j");
    }
    panic!("no line for {text}");
}

#[test]
fn the_tree_on_a_small_screen() {
    let stage = stage((80, 24));
    assert!(stage.model.is_idle());
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn what_stands_above_an_account() {
    let mut stage = stage((200, 50));
    cursor_on(&mut stage, ACCOUNT);
    insta::assert_snapshot!(stage.text());
    stage.keys("w");
    let text = stage.text();
    assert!(text.contains("\"Sid\": \"KeepTheTag\""), "{text}");
    // Beside the list on a small screen there is no room: it takes its place.
    stage.keys("w");
    stage.model.size = (80, 24);
    stage.keys("enter");
    assert_eq!(stage.model.focus(), Focus::Detail);
    assert!(stage.text().contains("what stands above the account"));
    stage.keys("G esc");
    assert_eq!(stage.model.focus(), Focus::List);
    assert_eq!(stage.model.organization.scroll, 0);
}

#[test]
fn the_management_account_is_bound_by_nothing() {
    let mut stage = stage((200, 50));
    cursor_on(&mut stage, "123456789012");
    let text = stage.text();
    assert!(text.contains("This account manages the organization"), "{text}");
}

#[test]
fn a_region_lock_denies_break_glass_and_the_pane_shows_what_would_fix_it() {
    let mut stage = standing((200, 50), TAGGED);
    let picture = stage.picture();
    insta::assert_snapshot!(picture);
    for said in [
        "NOT EXEMPT",
        "DENIES",
        "guardduty:ArchiveFindings, to put a finding aside",
        "\"aws:PrincipalTag/BreakGlass\": \"true\"",
        "in every region but eu-west-1, us-east-1",
    ] {
        assert!(picture.contains(said), "{said}");
    }
    // Where the tag exempts already, it is said who else has it.
    stage.keys("g g");
    while !stage.text().contains("exempts also arn:aws:iam::111122223333:user/ann") {
        let before = stage.model.organization.stand.as_ref().map(|s| s.cursor);
        stage.keys("j");
        let after = stage.model.organization.stand.as_ref().map(|s| s.cursor);
        assert_ne!(before, after, "{}", stage.text());
    }
    insta::assert_snapshot!("exempt_by_the_tag", stage.text());
}

#[test]
fn a_role_on_a_small_screen() {
    let mut stage = standing((80, 24), TAGGED);
    insta::assert_snapshot!(stage.text());
    stage.keys("enter");
    insta::assert_snapshot!("one_statement_on_a_small_screen", stage.text());
    stage.keys("space");
    insta::assert_snapshot!("its_fix_on_a_small_screen", stage.text());
    stage.keys("esc");
    assert_eq!(stage.model.focus(), Focus::List);
    stage.keys("esc");
    assert!(stage.model.organization.stand.is_none());
    assert_eq!(stage.model.pane, Pane::Organization);
    stage.keys("esc");
    assert_eq!(stage.model.pane, Pane::Findings);
}

#[test]
fn without_the_tag_the_arn_is_the_exemption() {
    let stage = standing((200, 50), &[]);
    let text = stage.text();
    assert!(text.contains(&format!("\"aws:PrincipalArn\": \"{ROLE}\"")), "{text}");
    assert!(!text.contains("unless aws:PrincipalTag"), "{text}");
}

#[test]
fn the_form_says_what_is_wrong_and_suggests_the_role_for_emergencies() {
    let mut stage = stage((80, 24));
    cursor_on(&mut stage, "444455556666");
    stage.keys("E");
    let Some(Overlay::Form(form)) = &stage.model.overlay else { panic!("a form") };
    assert_eq!(form.fields[0].input.value(), "arn:aws:iam::444455556666:role/");
    stage.keys("enter");
    assert!(stage.text().contains("give a role's ARN"), "{}", stage.text());
    stage.keys("esc");
    assert!(stage.model.organization.stand.is_none());
    // Roles that are known already: of the account under the cursor.
    let mut stage = standing((80, 24), TAGGED);
    stage.keys("esc");
    cursor_on(&mut stage, ACCOUNT);
    stage.keys("E");
    let Some(Overlay::Form(form)) = &stage.model.overlay else { panic!("a form") };
    assert_eq!(form.fields[0].input.value(), ROLE);
}

#[test]
fn from_the_iam_pane_one_key_goes_to_the_role_and_back() {
    let mut stage = quiet(Setup::plain(), (200, 50));
    stage.keys("5");
    stage.sees(View::Seen(organization()), Vec::new());
    let ticket = stage.take(|q| matches!(q, Query::Authorization { .. }));
    let what = Arc::new(authorization(TAGGED));
    stage.tell(Msg::Answered(ticket, Answer::Authorization { what, gaps: Vec::new() }));
    stage.keys("g g");
    while stage.model.iam.arn().map(|arn| arn.raw().to_owned()).as_deref() != Some(ROLE) {
        // A user is bound too, but it is no role to be exempt.
        stage.keys("E");
        assert!(stage.text().contains("only a role can be exempt"), "{}", stage.text());
        stage.keys("j");
    }
    stage.keys("E");
    assert_eq!(stage.model.pane, Pane::Organization);
    let ticket = stage.take(|q| matches!(q, Query::Principal { .. }));
    let fault = Fault::new(FaultKind::Denied, "no");
    stage.tell(Msg::Answered(ticket, Answer::Failed(fault)));
    assert_eq!(stage.analyses(), 1);
    assert!(stage.text().contains("NOT EXEMPT"), "{}", stage.text());
    stage.keys("esc");
    assert_eq!(stage.model.pane, Pane::Iam);
}

#[test]
fn what_is_new_is_analysed_anew_and_what_is_late_is_dropped() {
    let mut stage = standing((200, 50), &[]);
    assert!(stage.model.is_idle());
    stage.keys("ctrl-r");
    assert!(!stage.model.is_idle());
    let mut open = organization();
    open.policies.retain(|p| p.name.raw() != "only-our-regions" && p.name.raw() != "guard");
    stage.ticked("2026-03-02T03:20:00Z");
    stage.sees(View::Seen(open), Vec::new());
    stage.knows(authorization(&[]));
    let begun = stage.effects.iter().filter(|e| matches!(e, Effect::Analyse { .. })).count();
    assert_eq!(begun, 1, "one analysis at a time");
    assert!(stage.analyses() > 0);
    assert!(stage.model.organization.is_settled());
    let text = stage.text();
    assert!(text.contains("· EXEMPT ·"), "{text}");
    // Another role: the answer about the first one comes too late.
    stage.keys("ctrl-r");
    stage.ticked("2026-03-02T03:30:00Z");
    stage.sees(View::Seen(organization()), Vec::new());
    stage.knows(authorization(&[]));
    let late = stage.effects.iter().position(|e| matches!(e, Effect::Analyse { .. }));
    let Effect::Analyse { role, known } = stage.effects.remove(late.expect("begun")) else {
        unreachable!("it was found as one")
    };
    let other: RoleAt = "arn:aws:iam::444455556666:role/other".parse().expect("a role");
    stage.keys("E ctrl-u");
    stage.typed("arn:aws:iam::444455556666:role/other");
    stage.keys("enter");
    let analysis = Box::new(analyse(&known.question));
    stage.tell(Msg::Analysed { role, known, analysis });
    let stand = stage.model.organization.stand.as_ref().expect("the other one");
    assert_eq!(stand.role, other);
    assert!(stand.answered().is_none());
    stage.analyses();
    // Nobody is signed in there: its tags are not known, and that is said.
    assert!(stage.text().contains("not known: its account is not signed in to"));
}

#[test]
fn no_organization_is_a_normal_state() {
    let why = Fault::new(FaultKind::Denied, "organizations:ListRoots is not allowed");
    let hidden = View::NotVisible {
        why,
        id: Some("o-exampleorg".into()),
        management: Some("123456789012".parse().expect("an id")),
    };
    let mut stage = quiet(Setup::plain(), (80, 24));
    stage.keys("6");
    assert!(stage.text().contains("Asking Organizations"), "{}", stage.text());
    stage.sees(hidden, Vec::new());
    assert!(stage.model.is_idle());
    insta::assert_snapshot!("not_visible", stage.text());
    stage.keys("enter");
    assert!(stage.text().contains("the organization is not to be seen"));
    stage.keys("E");
    stage.typed("arn:aws:iam::");
    stage.keys("ctrl-u");
    stage.typed(ROLE);
    stage.keys("enter");
    stage.knows(authorization(TAGGED));
    assert_eq!(stage.analyses(), 0);
    let text = stage.text();
    assert!(text.contains("which policies stand above the"), "{text}");

    let mut stage = quiet(Setup::plain(), (80, 24));
    stage.keys("6");
    stage.sees(View::None, Vec::new());
    assert!(stage.text().contains("The account is in no organization."), "{}", stage.text());

    let mut stage = quiet(Setup::plain(), (80, 24));
    stage.keys("6");
    let ticket = stage.take(|q| matches!(q, Query::Organization { .. }));
    let fault = Fault::new(FaultKind::Timeout, "no answer within 20 s");
    stage.tell(Msg::Answered(ticket, Answer::Failed(fault)));
    let text = stage.text();
    assert!(text.contains("INCOMPLETE") && text.contains("could not be asked"), "{text}");
    // It is asked again when the operator says so, and not before.
    stage.ticked("2026-03-02T03:11:00Z");
    assert!(!stage.asked.iter().any(|(_, q)| matches!(q, Query::Organization { .. })));
    stage.keys("ctrl-r");
    stage.sees(View::Seen(organization()), Vec::new());
    assert!(stage.text().contains("o-exampleorg · 4 accounts"), "{}", stage.text());

    let mut stage = quiet(Setup { offline: true, ..Setup::plain() }, (80, 24));
    stage.keys("6");
    assert!(stage.text().contains("Offline: nothing is asked of AWS."), "{}", stage.text());
    stage.keys("E");
    assert!(stage.text().contains("exempt?: offline"), "{}", stage.text());
    assert!(stage.asked.is_empty());
}

#[test]
fn what_is_missing_from_the_organization_is_said() {
    let mut stage = quiet(Setup::plain(), (80, 24));
    stage.keys("6");
    let why = Fault::new(FaultKind::Throttled, "DescribePolicy was throttled");
    let gap = Gap {
        source: Service::Organizations,
        account: "acme".into(),
        region: None,
        page: None,
        why,
    };
    let mut lacking = organization();
    lacking.policies[2].document = "".into();
    stage.sees(View::Seen(lacking), vec![gap]);
    assert!(stage.text().contains("INCOMPLETE: organizations acme"), "{}", stage.text());
    stage.keys("E");
    stage.typed(ROLE);
    stage.keys("enter");
    stage.knows(authorization(TAGGED));
    stage.analyses();
    let text = stage.text();
    // A policy that was not read is not taken for one that denies nothing.
    assert!(text.contains("UNKNOWN") && text.contains("unknown    Production"), "{text}");
}

#[test]
fn a_policy_whose_targets_were_not_told_may_bind_the_role() {
    let mut part = organization();
    part.policies.retain(|p| p.id.raw() != "p-regions01" && p.id.raw() != "p-guard0001");
    let mut stage = quiet(Setup::plain(), (80, 24));
    stage.keys("6");
    let gap = Gap {
        source: Service::Organizations,
        account: "acme".into(),
        region: None,
        page: None,
        why: Fault::new(FaultKind::Throttled, "ListTargetsForPolicy was throttled"),
    };
    stage.sees(View::Seen(part), vec![gap]);
    stage.keys("E");
    stage.typed(ROLE);
    stage.keys("enter");
    stage.knows(authorization(TAGGED));
    assert_eq!(stage.analyses(), 1);
    stage.keys("enter");
    let text = stage.text();
    assert!(text.contains("UNKNOWN"), "{text}");
    assert!(text.contains("not all of the organization could be read"), "{text}");
}

#[test]
fn hostile_names_stay_on_their_line() {
    let mut stage = quiet(Setup::plain(), (200, 50));
    stage.keys("6");
    let mut hostile = organization();
    let bad = "\u{1b}[2Jlogs\u{202e}\r\nadmin";
    hostile.accounts[1].name = bad.into();
    hostile.units[1].name = bad.into();
    hostile.policies[1].name = bad.into();
    hostile.policies[1].document = json!({"Statement": [{"Sid": "\u{9b}31m", "Effect": "Deny",
        "Action": "cloudtrail:*", "Resource": "*", "Condition":
            {"StringNotEquals": {"aws:PrincipalTag/\u{202e}": "\u{7}"}}}]})
    .to_string()
    .into();
    stage.sees(View::Seen(hostile), Vec::new());
    cursor_on(&mut stage, "444455556666");
    let clean = |text: &str| {
        let bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.contains(bad), "{text:?}");
    };
    let text = stage.text();
    assert!(text.contains("␛[2Jlogs"), "{text}");
    assert!(text.contains("! This name holds hidden"), "{text}");
    clean(&text);
    stage.keys("w");
    clean(&stage.text());
    stage.keys("w E ctrl-u");
    stage.typed(ROLE);
    stage.keys("enter");
    stage.knows(authorization(TAGGED));
    stage.analyses();
    stage.keys("g g");
    for _ in 0..12 {
        clean(&stage.text());
        stage.keys("j");
    }
}

#[test]
fn ids_and_arns_go_to_the_clipboard() {
    let copied = |stage: &Stage| {
        stage.effects.iter().rev().find_map(|e| match e {
            Effect::Copy(text) => Some(text.clone()),
            _ => None,
        })
    };
    let mut stage = stage((80, 24));
    stage.keys("y");
    assert_eq!(copied(&stage).as_deref(), Some("r-a1b2"));
    stage.keys("Y");
    assert!(stage.text().contains("have no ARN here"));
    let mut stage = standing((80, 24), TAGGED);
    stage.keys("Y");
    assert_eq!(copied(&stage).as_deref(), Some(ROLE));
    stage.keys("y");
    assert_eq!(copied(&stage).as_deref(), Some("p-regions01"));
}

#[test]
fn the_help_of_the_pane_names_its_keys_and_signs() {
    let mut stage = stage((100, 50));
    stage.keys("?");
    let mut text = stage.text();
    for _ in 0..8 {
        stage.keys("page-down");
        text += &stage.text();
    }
    for said in ["Here (organization)", "Show whether a role is exempt", "DENIES", "LACKS"] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn in_the_range_the_region_lock_denies_break_glass_and_the_command_says_so() {
    let machine = Machine::new();
    let role = "arn:aws:iam::123456789012:role/break-glass";
    let ran = machine.run(&["--range", "org", "exempt", role, "--json"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let answer = ran.json();
    assert_eq!(answer["schema"], "halon.org-exempt/1");
    assert_eq!(answer["verdict"], "not_exempt");
    assert_eq!(answer["role"]["tags"]["BreakGlass"], "true");
    assert_eq!(answer["repaired"], true);
    let items = answer["items"].as_array().expect("items");
    let denies: Vec<&Value> = items.iter().filter(|i| i["standing"] == "denies").collect();
    let [lock] = denies[..] else { panic!("one statement denies: {denies:?}") };
    assert_eq!(lock["sid"], "OnlyOurRegions");
    let archive = lock["breaks"]
        .as_array()
        .and_then(|all| all.iter().find(|b| b["action"] == "guardduty:ArchiveFindings"));
    let regions = archive.expect("it is denied")["regions"].as_array().expect("a list");
    assert!(regions.contains(&json!("eu-central-1")) && !regions.contains(&json!("us-east-1")));
    // Anybody may tag there: the ARN is the better exemption, the tag the other.
    let fixes = lock["fixes"].as_array().expect("a list");
    let condition = &fixes[0]["statement"]["Condition"];
    assert_eq!(condition["ArnNotLike"]["aws:PrincipalArn"], role);
    assert_eq!(fixes[1]["tag"]["key"], "BreakGlass");
    assert_eq!(fixes[1]["warnings"].as_array().map(Vec::len), Some(1));

    let ran = machine.run(&["--range", "org", "exempt", role]);
    assert_eq!(ran.code, 1);
    for said in ["NOT EXEMPT", "DENIES    only-our-regions, statement 0 (OnlyOurRegions)"] {
        assert!(ran.out.contains(said), "{said}: {}", ran.out);
    }
    let widest = ran.out.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|columns| columns <= 80), "{}", ran.out);
}

#[test]
fn the_command_knows_who_is_bound_by_nothing_and_what_is_no_role() {
    let machine = Machine::new();
    let role = "arn:aws:iam::111122223333:role/anything";
    let ran = machine.run(&["--range", "org", "exempt", role, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.json()["verdict"], "not_bound");
    let user = "arn:aws:iam::123456789012:user/ci-deployer";
    let ran = machine.run(&["--range", "org", "exempt", user]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("give a role's ARN"), "{}", ran.err);
    // A slip in the name is not taken for a role that nothing denies anything.
    let slip = "arn:aws:iam::444455556666:role/braek-glass";
    let ran = machine.run(&["--range", "org", "exempt", slip, "--json"]);
    assert_eq!((ran.code, ran.json()["verdict"].as_str()), (5, Some("exempt")));
    assert!(ran.err.contains("no such role was seen in range"), "{}", ran.err);
    // An account that nobody knows stands nowhere.
    let role = "arn:aws:iam::999999999999:role/x";
    let ran = machine.run(&["--range", "org", "exempt", role, "--json"]);
    assert_eq!((ran.code, ran.json()["verdict"].as_str()), (5, Some("unknown")));
    assert!(ran.err.contains("is not in the organization"), "{}", ran.err);
}
