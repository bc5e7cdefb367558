//! `halon drill ready`: whether the playbooks could be run today, from the range and from files.

use std::sync::Mutex;

use halon::domain::{Answer, Place, Principal, Query, Subject};
use serde_json::{Value, json};

use super::{
    cli::Machine,
    ground::{Ground, paused},
    unchanged::busy,
};

const PRODUCTION: &str = "123456789012";
const ROLE: &str = "arn:aws:iam::123456789012:role/break-glass";
const LOCKED_OUT: [&str; 3] = ["--range=locked-out", "drill", "ready"];
const ONLY_PRODUCTION: [&str; 2] = ["--account", PRODUCTION];

/// The items of one account, by playbook.
fn items<'a>(answer: &'a Value, account: &str) -> Vec<(&'a str, &'a Value)> {
    let all = answer["items"].as_array().expect("items");
    let of = all.iter().filter(|item| item["account"] == account);
    of.map(|item| (item["playbook"].as_str().expect("a name"), item)).collect()
}

fn item<'a>(answer: &'a Value, account: &str, playbook: &str) -> &'a Value {
    let of = items(answer, account);
    of.iter().find(|(id, _)| *id == playbook).unwrap_or_else(|| panic!("{playbook}")).1
}

#[test]
fn what_todays_policies_would_block_is_named_with_the_statement() {
    let machine = Machine::new();
    let ran = machine.run(&[&LOCKED_OUT[..], &["--json"]].concat());
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let answer = ran.json();
    assert_eq!((&answer["schema"], &answer["complete"]), (&json!("halon.ready/1"), &json!(true)));
    let blocked = item(&answer, PRODUCTION, "restore-detection");
    assert_eq!((&blocked["answer"], &blocked["role"]), (&json!("no"), &json!(ROLE)));
    let obstacles = blocked["obstacles"].as_array().expect("a list");
    let create = obstacles.iter().find(|o| o["action"] == "guardduty:CreateDetector");
    let create = create.expect("it is blocked");
    assert_eq!((&create["step"], &create["regions"]), (&json!("create"), &json!(["us-east-1"])));
    let by = create["by"].as_array().expect("a list");
    let [lock] = &by[..] else { panic!("one statement decides: {by:?}") };
    assert_eq!((&lock["policy"], &lock["sid"]), (&json!("only-europe"), &json!("OnlyEurope")));
    assert_eq!((&lock["kind"], &lock["statement"]), (&json!("scp"), &json!(0)));
    assert_eq!((&lock["level"], &lock["target_name"]), (&json!(2), &json!("Production")));
    assert_eq!(lock["fix"]["statement"]["Condition"]["ArnNotLike"]["aws:PrincipalArn"], ROLE);
    // The lock spares what is IAM's; what is the organization's is not done here.
    for (playbook, want) in
        [("contain-user", "yes"), ("break-glass", "nothing"), ("deny-by-scp", "nothing")]
    {
        let item = item(&answer, PRODUCTION, playbook);
        assert_eq!((&item["answer"], &item["obstacles"]), (&json!(want), &json!([])), "{playbook}");
    }
    // The management account must be able to do it, and has nobody.
    let organization = item(&answer, "111122223333", "deny-by-scp");
    assert_eq!(organization["answer"], "no");
    let why = &organization["obstacles"][0]["why"];
    assert_eq!(why, "no break-glass role is configured for 111122223333");
}

#[test]
fn people_read_a_matrix_and_then_the_reasons() {
    let machine = Machine::new();
    let ran = machine.run(&LOCKED_OUT);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let row = |id: &str| {
        let line =
            ran.out.lines().find(|line| line.starts_with(id)).unwrap_or_else(|| panic!("{id}"));
        line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("playbook"), ["no", "role", "break-glass", "no", "role"]);
    assert_eq!(row("archive-findings"), ["NO", "NO", "NO"]);
    assert_eq!(row("leaked-access-key"), ["NO", "yes", "NO"]);
    assert_eq!(row("deny-by-scp"), ["NO", "-", "-"]);
    let flat = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "statement 0 (OnlyEurope) of only-europe, service control policy at Production",
        "calls in us-east-1: cloudtrail:GetEventSelectors",
        "restore-detection (there, enable, create, hub)",
        "fix: unless aws:PrincipalArn is arn:aws:iam::123456789012:role/break-glass",
        "no break-glass role is configured for 444455556666 in the way of every playbook",
        "NOT READY.",
    ] {
        assert!(flat.contains(said), "{said}: {}", ran.out);
    }
    let widest = ran.out.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|columns| columns <= 80), "{}", ran.out);
    assert_eq!(flat.matches("(OnlyEurope)").count(), 1, "it is said once: {}", ran.out);
}

#[test]
fn where_nothing_stands_in_the_way_it_is_ready() {
    let machine = Machine::new();
    let europe = [&LOCKED_OUT[..], &ONLY_PRODUCTION, &["--region", "eu-west-1"]].concat();
    let ran = machine.run(&europe);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("READY: every step") && !ran.out.contains("NO"), "{}", ran.out);
    // One playbook alone may be ready where others are not.
    let one = [&LOCKED_OUT[..], &ONLY_PRODUCTION, &["--playbook", "contain-user"]].concat();
    assert_eq!(machine.run(&one).code, 0);
    let other = [&LOCKED_OUT[..], &ONLY_PRODUCTION, &["--playbook", "claim-findings"]].concat();
    assert_eq!(machine.run(&other).code, 1);
    let ran = machine.run(&[&LOCKED_OUT[..], &["--playbook", "nothing"]].concat());
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("there is no playbook nothing"), "{}", ran.err);
    let ran = machine.run(&[&LOCKED_OUT[..], &["--account", "999999999999"]].concat());
    assert_eq!(ran.code, 2, "{}", ran.err);
    // A role that is named, and is not there, is not taken for one that may do everything.
    let slip = "arn:aws:iam::444455556666:role/braek-glass";
    let ran =
        machine.run(&[&LOCKED_OUT[..], &["--account", "444455556666", "--role", slip]].concat());
    assert_eq!(ran.code, 5, "{}", ran.out);
    assert!(ran.out.contains("NOT KNOWN"), "{}", ran.out);
    // Its name is one that somebody else's account may have.
    let far = "arn:aws:iam::999999999999:role/break-glass";
    let ran =
        machine.run(&[&LOCKED_OUT[..], &["--account", "999999999999", "--role", far]].concat());
    assert_eq!(ran.code, 5, "{}", ran.out);
    assert!(ran.out.contains("account 999999999999 is not signed in to"), "{}", ran.out);
}

/// What `aws iam get-account-authorization-details` prints of a role that may do this.
fn collected(action: &str) -> String {
    let document = |statement: Value| json!({"Version": "2012-10-17", "Statement": statement});
    let power = document(json!({"Effect": "Allow", "Action": action, "Resource": "*"}));
    json!({
        "UserDetailList": [], "GroupDetailList": [], "Policies": [],
        "RoleDetailList": [{"RoleName": "break-glass", "Path": "/", "RoleId": "AROAGLASSEXAMPLE",
            "Arn": ROLE, "AssumeRolePolicyDocument": document(json!([])),
            "RolePolicyList": [{"PolicyName": "power", "PolicyDocument": power}],
            "AttachedManagedPolicies": [], "InstanceProfileList": [],
            "Tags": [{"Key": "BreakGlass", "Value": "true"}]}],
    })
    .to_string()
}

#[test]
fn files_tell_what_was_read_and_leave_open_what_was_not() {
    let machine = Machine::new();
    machine.file("halon.toml", &format!("break_glass = [\"{ROLE}\"]\n"));
    let all = machine.file("all.json", &collected("*"));
    let regions = ["--region", "us-east-1", "--region", "eu-west-1"];
    let from = |file: &str, more: &[&str]| {
        let own = ["drill", "ready", "--json", "--account", PRODUCTION, "--file", file];
        machine.run(&[&own[..], &regions, more].concat())
    };
    // What stands above the account is in no file: nothing is a yes.
    let ran = from(&all, &[]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    let answer = ran.json();
    let unknown = item(&answer, PRODUCTION, "contain-user");
    assert_eq!(unknown["answer"], "unknown");
    let why = unknown["obstacles"][0]["why"].as_str().expect("why");
    assert!(why.contains("--organization"), "{why}");
    // What the role may not do is known without.
    let few = machine.file("few.json", &collected("guardduty:*"));
    let ran = from(&few, &[]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let answer = ran.json();
    let lacks = item(&answer, PRODUCTION, "contain-user");
    assert_eq!(lacks["answer"], "no");
    let by = &lacks["obstacles"][0]["by"][0];
    assert_eq!((&by["kind"], &by["statement"]), (&json!("identity"), &Value::Null));

    // With the organization as it was printed the files say what the live reads do.
    let tree = machine.run(&["--range=locked-out", "org", "tree", "--json"]);
    assert_eq!(tree.code, 0, "{}", tree.err);
    let tree = machine.file("organization.json", &tree.out);
    let ran = from(&all, &["--organization", &tree]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let live = machine.run(&[&LOCKED_OUT[..], &["--json"]].concat());
    let (files, live) = (ran.json(), live.json());
    let (files, live) = (items(&files, PRODUCTION), items(&live, PRODUCTION));
    assert!(files.len() > 10 && files == live, "{files:#?} {live:#?}");

    // A role that no file tells of, files that are none, and one account twice.
    machine.file("halon.toml", &format!("break_glass = [\"{ROLE}\", \"{ROLE}-2\"]\n"));
    let ran = from(&all, &["--organization", &tree]);
    let answer = ran.json();
    let second = items(&answer, PRODUCTION);
    let second = second
        .iter()
        .find(|(id, item)| *id == "contain-user" && item["role"] == format!("{ROLE}-2"));
    assert_eq!(second.expect("a seat of its own").1["answer"], "unknown");
    for (more, said) in [
        (["--organization", &all], "not what `halon org tree --json` prints"),
        (["--file", &all], "was read already"),
        (["--file", &tree], "organization.json"),
    ] {
        let ran = from(&all, &more);
        assert_eq!(ran.code, 2, "{more:?} {}", ran.out);
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
    let ran = machine.run(&["drill", "ready", "--organization", &tree]);
    assert_eq!(ran.code, 2, "an organization alone has no role: {}", ran.err);
}

/// The list of what reading a state asks IAM for is what is called.
#[test]
fn what_a_reading_needs_is_what_it_calls() {
    paused(async || {
        let ground = Ground::new(busy()).await;
        let (role, user) = ("worker".parse().expect("a name"), "worker".parse().expect("a name"));
        let (role, user) = (Principal::Role(role), Principal::User(user));
        let policy = |arn: &str| arn.parse::<halon::domain::PolicyArn>().expect("an ARN");
        let admin = policy("arn:aws:iam::aws:policy/AdministratorAccess");
        let ids = vec!["0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a01".to_owned()];
        let target = |id: String| id.parse::<halon::domain::OrgTarget>().expect("a target");
        let account = "123456789012";
        let scp = |of: halon::domain::OrgTarget| Subject::Scp {
            scp: ground.scp("bound").parse().expect("an id"),
            target: of,
        };
        let subjects = [
            Subject::AccessKey("AKIAWORKERACTIVEXAMP".parse().expect("an id")),
            Subject::AccessKeys("worker".parse().expect("a name")),
            Subject::Principal(role.clone()),
            Subject::Principal(user.clone()),
            Subject::Attachment { to: role.clone(), policy: admin.clone() },
            Subject::Attachment { to: user.clone(), policy: admin },
            Subject::Inline { of: role.clone(), sessions: true },
            Subject::Inline { of: user.clone(), sessions: false },
            Subject::Trust("worker".parse().expect("a name")),
            Subject::Policy(policy("arn:aws:iam::444455556666:policy/own")),
            Subject::Login("worker".parse().expect("a name")),
            Subject::Tags(role),
            Subject::Tags(user),
            Subject::GuardDuty { ids: ids.clone() },
            Subject::SecurityHub { ids },
            Subject::Trail(
                "arn:aws:cloudtrail:us-east-1:444455556666:trail/trail".parse().expect("an ARN"),
            ),
            Subject::Detector,
            Subject::Hub,
            scp(target(ground.unit("Workloads"))),
            scp(target(account.to_owned())),
            Subject::Member {
                account: account.parse().expect("an id"),
                to: target(ground.unit("Quarantine")),
            },
        ];
        let (mut all_called, mut all_needed) = (Vec::new(), Vec::new());
        for subject in subjects {
            let place = Place { target: "range".into(), region: "us-east-1".parse().expect("one") };
            let answers = Mutex::new(Vec::new());
            let query = Query::State { place, subject: subject.clone() };
            ground.cloud.ask(&query, &|answer| answers.lock().expect("it").push(answer)).await;
            let answers = answers.into_inner().expect("it");
            let read = answers.iter().any(|a| matches!(a, Answer::State(_)));
            assert!(read, "{subject:?}: {answers:?}");
            let called: Vec<String> = answers
                .iter()
                .filter_map(|answer| match answer {
                    Answer::Called(c) => {
                        Some(format!("{}:{}", c.service.to_lowercase(), c.operation))
                    }
                    _ => None,
                })
                .collect();
            let needed = [&subject.reads()[..], subject.reads_if_allowed()].concat();
            for call in &called {
                assert!(needed.contains(&call.as_str()), "{subject:?} calls {call}: {needed:?}");
            }
            all_called.extend(called);
            all_needed.extend(needed);
        }
        for action in all_needed {
            assert!(all_called.iter().any(|call| call == action), "nothing calls {action}");
        }
    });
}
