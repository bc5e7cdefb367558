//! Random worlds: accounts in an organization, with users, roles, policies, findings, trails
//! and detection that was turned down.

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::json;

use crate::suite::{ground::Ground, stage::region};
use halon::range::OPERATOR_KEY;

pub const ACCOUNTS: [&str; 3] = ["444455556666", "123456789012", "210987654321"];
pub const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];
/// Where detection is off.
pub const DARK: &str = "sa-east-1";
const UNITS: [&str; 2] = ["Workloads", "Quarantine"];
/// An account of nobody.
pub const STRANGER: &str = "arn:aws:iam::999999999999:root";
const OF_AWS: [&str; 4] =
    ["AdministratorAccess", "ReadOnlyAccess", "SecurityAudit", "AmazonS3ReadOnlyAccess"];
pub const WORKFLOWS: [&str; 4] = ["NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED"];
const TYPES: [&str; 3] = [
    "Recon:EC2/PortProbeUnprotectedPort",
    "Policy:IAMUser/RootCredentialUsage",
    "Trojan:EC2/DNSDataExfiltration",
];

/// What a random world holds; numbers choose among what there is.
#[derive(Clone, Debug)]
pub struct Drawn {
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
    /// Bits of whatever is there or not: passwords, tags, boundaries, units, trails.
    traits: Vec<u8>,
    pub picks: Vec<Index>,
}

pub fn drawn() -> impl Strategy<Value = Drawn> {
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
        vec(any::<u8>(), 12),
        vec(any::<Index>(), 128),
    )
        .prop_map(
            |(
                (accounts, administrator),
                users,
                roles,
                policies,
                guardduty,
                hub,
                marks,
                traits,
                picks,
            )| {
                Drawn {
                    accounts,
                    administrator,
                    users,
                    roles,
                    policies,
                    guardduty,
                    hub,
                    marks,
                    traits,
                    picks,
                }
            },
        )
}

/// What a user or role may have besides.
fn extras(has: &dyn Fn(u8) -> bool) -> String {
    let mut lines = Vec::new();
    if has(6) {
        lines.push("boundary = \"ReadOnlyAccess\"");
    }
    if has(7) {
        lines.push("tags = { team = \"red\", Quarantine = \"once\" }");
    }
    if has(1) {
        lines.push(
            "inline = { own = { Version = \"2012-10-17\", Statement = [{ Effect = \"Deny\", Action = \"s3:*\", Resource = \"*\" }] } }",
        );
    }
    lines.join("\n")
}

impl Drawn {
    /// The world as a scenario. The first account is the one that is looked from.
    pub fn scenario(&self) -> String {
        let account = |n: usize| n % self.accounts;
        let alias = |n: usize| format!("account-{}", account(n));
        let mut text = String::from(
            "schema = 1\nid = \"drawn\"\ntitle = \"A drawn world\"\nseed = 7\n\
             start = \"2026-03-02T03:10:00Z\"\n",
        );
        let mut say = |line: String| text.push_str(&(line + "\n"));
        let has = |n: usize, bit: u8| self.traits[n % self.traits.len()] & (1 << bit) != 0;
        for unit in UNITS {
            say(format!("[[organizational_units]]\nname = \"{unit}\""));
        }
        for (n, id) in ACCOUNTS.iter().enumerate().take(self.accounts) {
            say(format!(
                "[[accounts]]\nid = \"{id}\"\nalias = \"{}\"\nregions = {:?}\nsecurityhub = {REGIONS:?}",
                alias(n),
                [&REGIONS[..], &[DARK]].concat(),
            ));
            // In one region more, detection was switched off, or never was.
            if has(n, 0) {
                say(format!("guardduty_disabled = {{ \"{DARK}\" = \"-38m\" }}"));
            } else {
                say(format!("guardduty = {REGIONS:?}"));
            }
            match n {
                0 => say("management = true".to_owned()),
                n if has(n, 1) => say(format!("parent = \"{}\"", UNITS[0])),
                _ => {}
            }
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
        for n in 0..self.accounts {
            let management = if has(n, 2) { "ReadOnly" } else { "All" };
            say(format!(
                "[[trails]]\naccount = \"{}\"\nname = \"trail-{n}\"\nhome = \"{}\"\nbucket = \"b-{n}\"\n\
                 management = \"{management}\"",
                alias(n),
                REGIONS[n % 2]
            ));
            if has(n, 3) {
                say("stopped = \"-40m\"".to_owned());
            }
        }
        for (n, name) in ["no-buckets", "no-queues"].into_iter().enumerate() {
            let attach: Vec<&str> = UNITS.into_iter().filter(|_| has(n, 4)).collect();
            say(format!(
                "[[policies]]\ntype = \"SERVICE_CONTROL_POLICY\"\nname = \"{name}\"\nattach = {attach:?}\n\
                 document = {{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Deny\", Action = \"s3:DeleteBucket\", Resource = \"*\" }}] }}"
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
            say(extras(&|bit| has(n, bit)));
            say(format!("password = {}", has(n, 5)));
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
                 trust = '{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\
                 \"Principal\":{{\"AWS\":[\"{STRANGER}\",\"{}\"]}}}}]}}'\npolicies = {}",
                alias(*at),
                ACCOUNTS[account(*at)],
                attached(*at, policies)
            ));
            say(extras(&|bit| has(n + 3, bit)));
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
    pub fn mark(&self, ground: &Ground) {
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
