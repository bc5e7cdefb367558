//! Every change, in random worlds: planned, made, read back and taken back, after which
//! the world is the one before, except for what the plan said would not be restored.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use halon::{
    audit::Kind,
    case::Draft,
    change::KINDS,
    domain::State,
    playbook::{RunState, StepState},
    range::{OPERATOR_KEY, Operator},
};
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value as Json, json};

use super::{
    ground::{Ground, one_step, paused, said, texts, world_of},
    stage::region,
};

const ACCOUNTS: [&str; 3] = ["444455556666", "123456789012", "210987654321"];
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];
const OF_AWS: [&str; 4] =
    ["AdministratorAccess", "ReadOnlyAccess", "SecurityAudit", "AmazonS3ReadOnlyAccess"];
const WORKFLOWS: [&str; 4] = ["NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED"];
const TYPES: [&str; 3] = [
    "Recon:EC2/PortProbeUnprotectedPort",
    "Policy:IAMUser/RootCredentialUsage",
    "Trojan:EC2/DNSDataExfiltration",
];

/// What a random world holds; numbers choose among what there is.
#[derive(Clone, Debug)]
struct Drawn {
    accounts: usize,
    administrator: bool,
    /// Account, keys (active or not), policies.
    users: Vec<(usize, Vec<bool>, Vec<bool>)>,
    roles: Vec<(usize, Vec<bool>)>,
    /// Account and versions.
    policies: Vec<(usize, usize)>,
    /// Account, region, archived, copied to Security Hub.
    guardduty: Vec<(usize, usize, bool, bool)>,
    /// Account and region.
    hub: Vec<(usize, usize)>,
    /// Workflow and note of the hub's findings, in their order.
    marks: Vec<(usize, Option<u8>)>,
    picks: Vec<Index>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let account = 0..ACCOUNTS.len();
    let attached = || vec(any::<bool>(), OF_AWS.len() + 2);
    let user = (account.clone(), vec(any::<bool>(), 1..=2), attached());
    let role = (account.clone(), attached());
    let finding = (account.clone(), 0..REGIONS.len(), any::<bool>(), any::<bool>());
    (
        (1..=ACCOUNTS.len(), any::<bool>()),
        vec(user, 1..5),
        vec(role, 1..4),
        vec((account.clone(), 1_usize..=3), 1..4),
        vec(finding, 1..9),
        vec((account, 0..REGIONS.len()), 1..6),
        vec((0..WORKFLOWS.len(), any::<Option<u8>>()), 14),
        vec(any::<Index>(), 64),
    )
        .prop_map(
            |((accounts, administrator), users, roles, policies, guardduty, hub, marks, picks)| {
                Drawn {
                    accounts,
                    administrator,
                    users,
                    roles,
                    policies,
                    guardduty,
                    hub,
                    marks,
                    picks,
                }
            },
        )
}

impl Drawn {
    /// The world as a scenario. The first account is the one that is looked from.
    fn scenario(&self) -> String {
        let account = |n: usize| n % self.accounts;
        let alias = |n: usize| format!("account-{}", account(n));
        let mut text = String::from(
            "schema = 1\nid = \"drawn\"\ntitle = \"A drawn world\"\nseed = 7\n\
             start = \"2026-03-02T03:10:00Z\"\n",
        );
        let mut say = |line: String| text.push_str(&(line + "\n"));
        for (n, id) in ACCOUNTS.iter().enumerate().take(self.accounts) {
            say(format!(
                "[[accounts]]\nid = \"{id}\"\nalias = \"{}\"\nregions = {REGIONS:?}",
                alias(n)
            ));
            if n == 0 && self.administrator {
                say(format!("security_admin = true\nhub_home = \"{}\"", REGIONS[0]));
            }
            // With the documented example key the first one is everybody's operator.
            let key =
                if n == 0 { OPERATOR_KEY.0.to_owned() } else { format!("AKIAOPERATOR{n}EXAMPLE") };
            say(format!(
                "[[principals]]\naccount = \"{}\"\nkind = \"user\"\nname = \"oncall\"\n\
                 operator = true\naccess_key = \"{key}\"\nsecret = \"{}\"\npolicies = [\"SecurityAudit\"]\n\
                 inline = {{ all = {{ Statement = [{{ Effect = \"Allow\", Action = \"*\", Resource = \"*\" }}] }} }}",
                alias(n),
                OPERATOR_KEY.1
            ));
        }
        for (n, (at, versions)) in self.policies.iter().enumerate() {
            say(format!("[[policies]]\naccount = \"{}\"\nname = \"own-{n}\"", alias(*at)));
            for version in 0..*versions {
                say(format!(
                    "[[policies.versions]]\ndocument = '{{\"Version\":\"2012-10-17\",\"Statement\":\
                     [{{\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"arn:aws:s3:::b{version}/*\"}}]}}'"
                ));
            }
        }
        let attached = |at: usize, chosen: &[bool]| {
            let own =
                self.policies.iter().enumerate().filter(|(_, (of, _))| account(*of) == account(at));
            let own = own.map(|(n, _)| format!("own-{n}"));
            let all = OF_AWS.iter().map(|p| (*p).to_owned()).chain(own.take(2));
            let chosen: Vec<String> =
                all.zip(chosen).filter(|(_, c)| **c).map(|(p, _)| p).collect();
            format!("{chosen:?}")
        };
        for (n, (at, keys, policies)) in self.users.iter().enumerate() {
            say(format!(
                "[[principals]]\naccount = \"{}\"\nkind = \"user\"\nname = \"user-{n}\"\npolicies = {}",
                alias(*at),
                attached(*at, policies)
            ));
            for (k, active) in keys.iter().enumerate() {
                let status = if *active { "Active" } else { "Inactive" };
                say(format!(
                    "[[principals.keys]]\nid = \"AKIAUSER{n}KEY{k}EXAMPLE\"\nstatus = \"{status}\""
                ));
            }
        }
        for (n, (at, policies)) in self.roles.iter().enumerate() {
            say(format!(
                "[[principals]]\naccount = \"{}\"\nkind = \"role\"\nname = \"role-{n}\"\n\
                 trust = '{{\"Version\":\"2012-10-17\",\"Statement\":[]}}'\npolicies = {}",
                alias(*at),
                attached(*at, policies)
            ));
        }
        for (n, (at, place, archived, copy)) in self.guardduty.iter().enumerate() {
            say(format!(
                "[[findings]]\nat = \"-{}m\"\nservice = \"guardduty\"\naccount = \"{}\"\nregion = \"{}\"\n\
                 archived = {archived}\ncopy = {copy}\n[findings.body]\ntype = \"{}\"\ntitle = \"finding {n}\"\n\
                 description = \"d\"",
                10 + n,
                alias(*at),
                REGIONS[*place],
                TYPES[n % TYPES.len()]
            ));
        }
        for (n, (at, place)) in self.hub.iter().enumerate() {
            say(format!(
                "[[findings]]\nat = \"-{}m\"\nservice = \"securityhub\"\naccount = \"{}\"\nregion = \"{}\"\n\
                 [findings.body]\nTitle = \"control {n}\"\nDescription = \"d\"\nTypes = [\"Software and Configuration Checks\"]\n\
                 Severity = {{ Label = \"HIGH\" }}\nResources = [{{ Type = \"AwsAccount\", Id = \"AWS::::Account:1\" }}]",
                10 + n,
                alias(*at),
                REGIONS[*place]
            ));
        }
        text
    }

    /// Gives the hub's findings, the copies too, a workflow and a note.
    fn mark(&self, ground: &Ground) {
        let who = ground.range.operators().remove(0);
        for home in REGIONS {
            let found = ground.hub(&who, &region(home));
            let here = found.values().filter(|f| f["Region"] == home);
            for (finding, (workflow, note)) in here.zip(self.marks.iter().cycle()) {
                let mut body = json!({
                    "FindingIdentifiers": [{"Id": finding["Id"], "ProductArn": finding["ProductArn"]}],
                    "Workflow": {"Status": WORKFLOWS[*workflow]},
                });
                if let Some(note) = note {
                    body["Note"] = json!({"Text": format!("note {note}"), "UpdatedBy": "somebody"});
                }
                let to = ("securityhub", home);
                ground.json(&who, to, ("PATCH", "/findings/batchupdate"), body);
            }
        }
    }
}

/// One of these, by the next number drawn.
fn pick<'a, T>(picks: &mut impl Iterator<Item = &'a Index>, from: &[T]) -> Option<T>
where
    T: Clone,
{
    let index = picks.next().expect("enough numbers are drawn");
    (!from.is_empty()).then(|| index.get(from).clone())
}

/// The arguments for a verb: somebody or something of the world, chosen by what is drawn.
fn arguments<'a>(
    name: &str,
    ground: &Ground,
    picks: &mut impl Iterator<Item = &'a Index>,
) -> Option<Vec<(&'static str, String)>> {
    let operators = ground.range.operators();
    let (_, area) = name.rsplit_once('.').expect("a service and a verb");
    Some(match area {
        "deactivate_access_key" | "reactivate_access_key" => {
            let wanted = if area == "deactivate_access_key" { "Active" } else { "Inactive" };
            let mut keys = Vec::new();
            for who in &operators {
                for user in texts(&ground.iam(who, "ListUsers", &[]), "UserName") {
                    let listed = ground.iam(who, "ListAccessKeys", &[("UserName", user)]);
                    let ids = texts(&listed, "AccessKeyId").into_iter();
                    let those = ids.zip(texts(&listed, "Status"));
                    let own = |id: &str| operators.iter().any(|o| o.access_key == id);
                    let those = those.filter(|(id, status)| *status == wanted && !own(id));
                    keys.extend(those.map(|(id, _)| id.to_owned()));
                }
            }
            vec![("key", pick(picks, &keys)?)]
        }
        "attach_role_policy" | "detach_role_policy" | "attach_user_policy"
        | "detach_user_policy" => {
            let attach = area.starts_with("attach");
            let (key, list, parameter, element, argument) = if area.contains("role") {
                ("ListAttachedRolePolicies", "ListRoles", "RoleName", "RoleName", "role")
            } else {
                ("ListAttachedUserPolicies", "ListUsers", "UserName", "UserName", "user")
            };
            let mut all = Vec::new();
            for who in &operators {
                let policies = ground.iam(who, "ListPolicies", &[("MaxItems", "1000")]);
                let policies: Vec<&str> = texts(&policies, "Arn")
                    .into_iter()
                    .filter(|arn| !arn.contains("/aws-service-role/"))
                    .collect();
                for name in texts(&ground.iam(who, list, &[]), element) {
                    // Who acts could lock itself out, and a service's own role cannot be
                    // changed at all.
                    if name == "oncall" || name.starts_with("AWSServiceRoleFor") {
                        continue;
                    }
                    let attached = ground.iam(who, key, &[(parameter, name)]);
                    let attached = texts(&attached, "PolicyArn");
                    let those = policies.iter().filter(|p| attached.contains(p) != attach);
                    all.extend(those.map(|p| (name.to_owned(), (*p).to_owned())));
                }
            }
            let (who, policy) = pick(picks, &all)?;
            vec![(argument, who), ("policy", policy)]
        }
        "archive_findings" | "unarchive_findings" => {
            let ids: Vec<String> = REGIONS
                .iter()
                .flat_map(|r| ground.guardduty(&operators[0], &region(r)).into_keys())
                .collect();
            vec![("findings", some(picks, &ids)?)]
        }
        "set_workflow" => {
            let mut ids: BTreeSet<String> = BTreeSet::new();
            for place in REGIONS {
                ids.extend(ground.hub(&operators[0], &region(place)).into_keys());
                ids.extend(ground.guardduty(&operators[0], &region(place)).into_keys());
            }
            let ids: Vec<String> = ids.into_iter().collect();
            let mut with = vec![
                ("findings", some(picks, &ids)?),
                ("status", pick(picks, &WORKFLOWS)?.to_owned()),
            ];
            if pick(picks, &[true, false])? {
                with.push(("note", "looked at".to_owned()));
            }
            with
        }
        other => panic!("{other} has no arguments here: teach this test"),
    })
}

/// A few of the ids, apart by commas.
fn some<'a>(picks: &mut impl Iterator<Item = &'a Index>, ids: &[String]) -> Option<String> {
    let chosen: BTreeSet<String> = (0..4).filter_map(|_| pick(picks, ids)).collect();
    (!chosen.is_empty()).then(|| chosen.into_iter().collect::<Vec<_>>().join(","))
}

type Dump = BTreeMap<String, Json>;

/// What differs and was not said to: the name of the thing, and how it is in both.
fn unlisted(before: &Dump, after: &Dump, listed: &[String]) -> Vec<(String, Json, Json)> {
    let fields: Vec<&str> = listed.iter().filter_map(|l| Some(l.split_once(": ")?.0)).collect();
    assert_eq!(fields.len(), listed.len(), "each names its field: {listed:?}");
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut all = Vec::new();
    for name in names {
        let of = |dump: &Dump| dump.get(name).cloned().unwrap_or_default();
        let (was, mut is) = (of(before), of(after));
        if name.contains(" securityhub ") {
            for field in &fields {
                excuse(&was, &mut is, field);
            }
        }
        if was != is {
            all.push((name.clone(), was, is));
        }
    }
    all
}

/// Takes a listed field as it was. A listed note is a first one: where there was one it
/// must come back.
fn excuse(was: &Json, is: &mut Json, field: &str) {
    match field {
        "Note" if was["Note"].is_null() => {
            is.as_object_mut().map(|finding| finding.remove("Note"));
        }
        "Note" => {}
        "Note.UpdatedAt" if !was["Note"].is_null() => {
            is["Note"]["UpdatedAt"] = was["Note"]["UpdatedAt"].clone();
        }
        "Note.UpdatedAt" => {}
        other => panic!("{other} was never lost before: is it really?"),
    }
}

/// Makes the change and takes it back. Gives how many calls it was.
async fn there_and_back(ground: &mut Ground, name: &str, text: &str, id: &str) -> usize {
    let before = ground.dump();
    ground.forget_requests();
    let draft = ground.draft(text, &[]).await;
    let plan = draft.plan().expect("a plan");
    assert_eq!(plan.blocked(), None, "{name}");
    assert_eq!(ground.changes(), [], "{name}: the plan changed something");
    let planned: Vec<(String, State)> =
        plan.changes().map(|p| (p.facts().spec().operation.to_owned(), p.after())).collect();
    let not_restored = draft.not_restored();

    let mut run = ground.run(id, &draft);
    assert_eq!(ground.through(&mut run).await, RunState::Done, "{name}: {:?}", run.items);
    let sent: Vec<(String, u16)> = planned.iter().map(|(op, _)| (op.clone(), 200)).collect();
    assert_eq!(ground.changes(), sent, "{name}: each call once");
    if !planned.is_empty() {
        assert_ne!(ground.dump(), before, "{name} did something");
    }
    assert!(run.items.iter().all(|i| i.state == StepState::Done));
    let records = ground.records().await;
    assert!(said(&records, id, Kind::Readback, "/state").iter().all(|s| s == "done"));
    assert_eq!(said(&records, id, Kind::Readback, "/state").len(), planned.len());

    ground.forget_requests();
    let draft: Draft = ground.undo(id).await;
    assert_eq!(ground.changes(), [], "{name}: the plan of the undo changed something");
    assert_eq!(draft.not_restored(), not_restored, "{name}: told again at the undo");
    let back = format!("{id}-back");
    let mut run = ground.run(&back, &draft);
    assert_eq!(ground.through(&mut run).await, RunState::Done, "{name}: {:?}", run.items);
    assert_eq!(unlisted(&before, &ground.dump(), &not_restored), [], "{name}\n{text}");
    planned.len()
}

#[test]
fn every_change_is_taken_back_as_its_plan_says() {
    let exercised = Mutex::new(BTreeSet::new());
    let config =
        ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(drawn in drawn())| {
        paused(async || {
            let mut ground = Ground::new(world_of(&drawn.scenario())).await;
            drawn.mark(&ground);
            let mut picks = drawn.picks.iter().cycle();
            for (n, spec) in KINDS.iter().enumerate() {
                let Some(with) = arguments(spec.name, &ground, &mut picks) else { continue };
                let with: Vec<(&str, &str)> = with.iter().map(|(k, v)| (*k, v.as_str())).collect();
                let text = one_step(spec.name, &with);
                let calls = there_and_back(&mut ground, spec.name, &text, &format!("r{n}")).await;
                if calls > 0 {
                    exercised.lock().expect("a lock").insert(spec.name);
                }
            }
        });
    });
    let all: BTreeSet<&str> = KINDS.iter().map(|spec| spec.name).collect();
    assert_eq!(exercised.into_inner().expect("a lock"), all, "every verb was made and undone");
}

/// The comparison itself can fail, and forgives nothing that is not listed.
#[test]
fn a_difference_that_is_not_listed_is_found() {
    let hub = "1 us-east-1 securityhub f".to_owned();
    let of = |finding: Json| Dump::from([(hub.clone(), finding)]);
    let listed = ["Note: l".to_owned(), "Note.UpdatedAt: l".to_owned()];
    let plain = of(json!({"Id": "f"}));
    let noted = of(json!({"Id": "f", "Note": {"Text": "a", "UpdatedAt": "1"}}));
    let later = of(json!({"Id": "f", "Note": {"Text": "a", "UpdatedAt": "2"}}));
    let other = of(json!({"Id": "f", "Note": {"Text": "b", "UpdatedAt": "2"}}));
    for (before, after, listed, differences) in [
        (&plain, &noted, &listed[..], 0),
        (&plain, &noted, &[], 1),
        (&noted, &later, &listed, 0),
        (&noted, &later, &listed[..1], 1),
        (&noted, &other, &listed, 1),
        (&noted, &plain, &listed, 1),
        (&plain, &Dump::new(), &listed, 1),
    ] {
        assert_eq!(unlisted(before, after, listed).len(), differences, "{before:?} {after:?}");
    }
}

/// More findings than one call takes: each call has its way back.
#[test]
fn many_findings_go_and_come_back_in_several_calls() {
    let bulk = "[[bulk]]\ncount = 120\nservice = \"guardduty\"\nregions = [\"us-east-1\"]\n\
                types = [\"Recon:EC2/PortProbeUnprotectedPort\"]\nover = \"2d\"\ncopy = true\n";
    let scenario = format!(
        "schema = 1\nid = \"many\"\ntitle = \"Many\"\nstart = \"2026-03-02T03:10:00Z\"\n\
         [[accounts]]\nid = \"111122223333\"\nalias = \"one\"\nregions = [\"us-east-1\"]\n{bulk}"
    );
    paused(async || {
        let mut ground = Ground::new(world_of(&scenario)).await;
        let who: Operator = ground.range.operators().remove(0);
        let ids: Vec<String> = ground.guardduty(&who, &region("us-east-1")).into_keys().collect();
        assert_eq!(ids.len(), 120);
        let ids = ids.join(",");
        let text = one_step("guardduty.archive_findings", &[("findings", &ids)]);
        assert_eq!(there_and_back(&mut ground, "archive", &text, "r1").await, 3);
        let with = [("findings", ids.as_str()), ("status", "RESOLVED"), ("note", "all at once")];
        let text = one_step("securityhub.set_workflow", &with);
        assert_eq!(there_and_back(&mut ground, "resolve", &text, "r2").await, 2);
    });
}
