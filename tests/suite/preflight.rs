//! Pre-flight: what is predicted of a call is what the range really answers to it; what could
//! not be read leaves it open; nothing waits for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
};

use futures_util::FutureExt;
use halon::{
    app::Msg,
    case::{Draft, Foreseen, PlanSource, Stage as How, Witness},
    change::{KINDS, Prepared},
    domain::{
        Answer, AttachmentState, Fault, FaultKind, Gap, Principal, PrincipalState, Query, Service,
        State,
        authorization::{Authorization, Inspected},
        organization::{Member, OrgPolicy, OrgPolicyKind, Organization, Unit, View},
        simulation::Simulated,
    },
    model::Pane,
    playbook::{Item, Playbook},
    policy::Outcome,
    range::{OPERATOR_KEY, Operator},
};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select, subsequence},
};
use serde_json::{Value as Json, json};

use super::{
    ground::{Ground, one_step, paused, signed, texts, world_of},
    stage::{NOW, Stage},
};

const MANAGEMENT: &str = "111122223333";
const PROD: &str = "444455556666";
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];
const GLASS: &str = "arn:aws:iam::444455556666:role/ir/glass";

/// What the operators read with; no drawn statement takes it away.
const READS: [&str; 13] = [
    "iam:Get*",
    "iam:List*",
    "guardduty:Get*",
    "guardduty:List*",
    "securityhub:Get*",
    "securityhub:Describe*",
    "securityhub:List*",
    "cloudtrail:Get*",
    "cloudtrail:LookupEvents",
    "cloudtrail:Describe*",
    "cloudtrail:List*",
    "organizations:Describe*",
    "organizations:List*",
];

/// Actions that change something, alone and in patterns.
fn patterns() -> Vec<String> {
    let wide = ["iam:A*", "iam:D*", "iam:P*RolePolicy", "iam:Up*Key", "guardduty:*chiveFindings"];
    let wide = wide.into_iter().chain(["securityhub:Batch*", "organizations:*ch*", "iam:Put*"]);
    KINDS.iter().map(|spec| spec.action).chain(wide).map(str::to_owned).collect()
}

const RESOURCES: [&str; 6] = [
    "*",
    "arn:aws:iam::*:user/*",
    "arn:aws:iam::444455556666:role/*",
    "arn:aws:iam::444455556666:user/ci/*",
    "arn:aws:guardduty:us-east-1:*:detector/*",
    "arn:aws:securityhub:*:444455556666:hub/default",
];

/// Conditions of every sort: known to pre-flight, told by the call, told by the resource, and
/// of which it cannot know anything.
fn conditions() -> Vec<Json> {
    vec![
        json!({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
        json!({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}),
        json!({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}),
        json!({"ArnLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/A*"}}),
        json!({"StringNotEquals": {"iam:PermissionsBoundary": "arn:aws:iam::444455556666:policy/limits"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ir/*"}}),
        json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ir/*"}}),
        json!({"StringEquals": {"aws:PrincipalTag/BreakGlass": "true"}}),
        json!({"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}}),
        json!({"StringEquals": {"aws:ResourceTag/team": "red"}}),
        json!({"StringNotEqualsIfExists": {"iam:ResourceTag/team": "red"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"Null": {"aws:CalledVia": "false"}}),
        json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": PROD}}),
        json!({"StringEquals": {"aws:ResourceAccount": PROD}}),
        json!({"Null": {"aws:PrincipalOrgID": "true"}}),
        json!({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}),
        json!({"StringEquals": {"aws:username": "oncall"}}),
        json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}),
        // Nobody can know beforehand where a call will come from.
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    ]
}

fn statement(effect: &'static str) -> impl Strategy<Value = Json> {
    let patterns = patterns();
    let conditions = conditions();
    let what = (subsequence(patterns, 1..=3), 0..6_u8, select(&RESOURCES[..]));
    (what, proptest::option::weighted(0.4, select(conditions))).prop_map(
        move |((actions, not, resource), condition)| {
            let mut out = json!({"Effect": effect, "Resource": resource});
            match (effect, not) {
                // Of what a Deny spares the reads are always.
                ("Deny", 0) => {
                    let all = READS.iter().map(|r| (*r).to_owned()).chain(actions);
                    let all = all.chain(["sts:*".to_owned()]);
                    out["NotAction"] = all.collect::<Vec<_>>().into();
                }
                ("Allow", 0 | 1) => out["Action"] = json!("*"),
                _ => out["Action"] = actions.into(),
            }
            if let Some(condition) = condition {
                out["Condition"] = condition;
            }
            out
        },
    )
}

fn document() -> impl Strategy<Value = Vec<Json>> {
    let allows = vec(statement("Allow"), 0..3);
    (allows, vec(statement("Deny"), 0..3)).prop_map(|(mut a, d)| {
        a.extend(d);
        a
    })
}

/// Policies that let much through, or nothing would ever be allowed.
fn layer() -> impl Strategy<Value = Vec<Json>> {
    (document(), any::<bool>()).prop_map(|(mut statements, all)| {
        if all {
            statements.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        }
        statements
    })
}

#[derive(Clone, Debug)]
struct Drawn {
    /// The operator's and the role's own.
    own: [Vec<Json>; 2],
    boundary: [Option<Vec<Json>>; 2],
    /// At the root, at the unit, at the account: a list of what is allowed in place of all,
    /// and what is denied.
    scps: Vec<(Option<Vec<Json>>, Vec<Json>)>,
    tagged: bool,
    picks: Vec<Index>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let maybe = || proptest::option::weighted(0.3, layer());
    let scp = (proptest::option::weighted(0.2, layer()), vec(statement("Deny"), 0..2));
    // Every second world has no SCP of its own: three levels of them leave little to be allowed.
    let scps = (any::<bool>(), vec(scp, 3)).prop_map(|(calm, scps)| match calm {
        true => scps.iter().map(|_| (None, Vec::new())).collect(),
        false => scps,
    });
    ((layer(), layer()), (maybe(), maybe()), scps, any::<bool>(), vec(any::<Index>(), 64)).prop_map(
        |(own, boundary, scps, tagged, picks)| Drawn {
            own: own.into(),
            boundary: boundary.into(),
            scps,
            tagged,
            picks,
        },
    )
}

fn with_reads(mut statements: Vec<Json>) -> String {
    let reads: Vec<&str> = READS.into_iter().chain(["sts:*"]).collect();
    statements.push(json!({"Sid": "Reads", "Effect": "Allow", "Action": reads, "Resource": "*"}));
    for (n, statement) in statements.iter_mut().enumerate() {
        if statement["Sid"].is_null() {
            statement["Sid"] = format!("S{n}").into();
        }
    }
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

impl Drawn {
    fn scenario(&self) -> String {
        let mut text = String::from(
            "schema = 1\nid = \"drawn\"\ntitle = \"A drawn world\"\nseed = 7\n\
             start = \"2026-03-02T03:10:00Z\"\n",
        );
        let mut say = |line: String| text.push_str(&(line + "\n"));
        say("[[organizational_units]]\nname = \"Workloads\"".to_owned());
        say(format!(
            "[[accounts]]\nid = \"{MANAGEMENT}\"\nalias = \"main\"\nmanagement = true\n\
             regions = {REGIONS:?}\n\
             [[accounts]]\nid = \"{PROD}\"\nalias = \"prod\"\nparent = \"Workloads\"\n\
             regions = {REGIONS:?}\nsecurity_admin = true\nhub_home = \"us-east-1\""
        ));
        for (at, (allowed, denied)) in self.scps.iter().enumerate() {
            let target = ["root", "Workloads", "prod"][at];
            // Beside AWS's own policy a list of what is allowed would take nothing away: what it
            // does not name is denied.
            let mut statements = denied.clone();
            if let Some(allowed) = allowed {
                let named: Vec<Json> = allowed
                    .iter()
                    .filter(|s| s["Effect"] == "Allow" && s["Action"] != "*")
                    .flat_map(|s| s["Action"].as_array().cloned().unwrap_or_default())
                    .collect();
                let spared = READS.iter().map(|r| json!(r)).chain([json!("sts:*")]).chain(named);
                statements.push(json!({"Effect": "Deny",
                    "NotAction": spared.collect::<Vec<_>>(), "Resource": "*"}));
            }
            if !statements.is_empty() {
                let document = json!({"Version": "2012-10-17", "Statement": statements});
                say(format!(
                    "[[policies]]\ntype = \"SERVICE_CONTROL_POLICY\"\nname = \"scp-{at}\"\n\
                     attach = [\"{target}\"]\ndocument = '{document}'"
                ));
            }
        }
        for (at, boundary) in self.boundary.iter().enumerate() {
            if let Some(statements) = boundary {
                say(format!(
                    "[[policies]]\naccount = \"prod\"\nname = \"bound-{at}\"\ndocument = '{}'",
                    with_reads(statements.clone())
                ));
            }
        }
        say("[[policies]]\naccount = \"prod\"\nname = \"limits\"\ndocument = '{\"Version\":\
             \"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}'"
            .to_owned());
        let bound = |at: usize| match self.boundary[at] {
            Some(_) => format!("boundary = \"bound-{at}\"\n"),
            None => String::new(),
        };
        let tags = if self.tagged { "tags = { BreakGlass = \"true\" }\n" } else { "" };
        say(format!(
            "[[principals]]\naccount = \"main\"\nkind = \"user\"\nname = \"main-oncall\"\n\
             operator = true\naccess_key = \"AKIAMAINOPERATOREXAM\"\nsecret = \"{secret}\"\n\
             policies = [\"AdministratorAccess\"]\n\
             [[principals]]\naccount = \"prod\"\nkind = \"user\"\nname = \"oncall\"\n\
             operator = true\naccess_key = \"{}\"\nsecret = \"{secret}\"\n{}{tags}\
             [principals.inline]\ndrawn = '{}'\n\
             [[principals]]\naccount = \"prod\"\nkind = \"role\"\nname = \"glass\"\npath = \"/ir/\"\n\
             break_glass = true\n{}tags = {{ BreakGlass = \"true\" }}\ntrust = '{}'\n\
             [principals.inline]\ndrawn = '{}'",
            OPERATOR_KEY.0,
            bound(0),
            with_reads(self.own[0].clone()),
            bound(1),
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sts:AssumeRole"}]}),
            with_reads(self.own[1].clone()),
            secret = OPERATOR_KEY.1,
        ));
        say("[[policies]]\naccount = \"prod\"\nname = \"kept\"".to_owned());
        for version in 0..3 {
            say(format!(
                "[[policies.versions]]\ndocument = '{{\"Version\":\"2012-10-17\",\"Statement\":\
                 [{{\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"arn:aws:s3:::b{version}/*\"}}]}}'"
            ));
        }
        // A user whose boundary goes: the range takes a boundary for a key of every call on it.
        say("[[principals]]\naccount = \"prod\"\nkind = \"user\"\nname = \"bounded\"\nboundary = \"limits\""
            .to_owned());
        for (n, more) in ["path = \"/ci/\"\n", "tags = { team = \"red\" }\n", ""].iter().enumerate()
        {
            say(format!(
                "[[principals]]\naccount = \"prod\"\nkind = \"user\"\nname = \"user-{n}\"\npassword = true\n{more}\
                 policies = [\"ReadOnlyAccess\", \"AdministratorAccess\"]\n\
                 inline = {{ own = '{DOCUMENT}' }}\n\
                 [[principals.keys]]\nid = \"AKIAUSER{n}KEY0EXAMPLE\"\n\
                 [[principals.keys]]\nid = \"AKIAUSER{n}KEY1EXAMPLE\"\nstatus = \"Inactive\"\n\
                 [[principals]]\naccount = \"prod\"\nkind = \"role\"\nname = \"role-{n}\"\n{more}\
                 id = \"AROAROLE{n}AAAAAEXAMPLE\"\ninline = {{ own = '{DOCUMENT}' }}\n\
                 trust = '{TRUST}'\n\
                 policies = [\"ReadOnlyAccess\", \"AmazonS3ReadOnlyAccess\"]{}",
                if n == 2 { "\nboundary = \"limits\"" } else { "" }
            ));
        }
        for (n, place) in REGIONS.iter().cycle().take(4).enumerate() {
            say(format!(
                "[[findings]]\nat = \"-{}m\"\nservice = \"guardduty\"\naccount = \"prod\"\n\
                 region = \"{place}\"\narchived = {}\n[findings.body]\n\
                 type = \"Recon:EC2/PortProbeUnprotectedPort\"\ntitle = \"finding {n}\"\n\
                 description = \"d\"",
                10 + n,
                n > 1
            ));
        }
        text
    }
}

const DOCUMENT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole"}]}"#;

/// Verbs whose calls this test does not make by hand: they need a region without a detector, a
/// trail, or the management account.
const ELSEWHERE: &[&str] = &[
    "guardduty.enable",
    "guardduty.create_detector",
    "securityhub.enable",
    "cloudtrail.start_logging",
    "cloudtrail.record_management_events",
    "organizations.attach_scp",
    "organizations.detach_scp",
    "organizations.move_account",
];

/// The arguments for a verb, by what is drawn; what was done before has nothing to do any more.
fn arguments<'a>(
    name: &str,
    ground: &Ground,
    picks: &mut impl Iterator<Item = &'a Index>,
) -> Vec<(&'static str, String)> {
    let mut pick = |most: usize| picks.next().expect("an endless iterator").index(most);
    let (_, area) = name.rsplit_once('.').expect("a service and a verb");
    let who = if area.contains("user") { "user" } else { "role" };
    let n = pick(3);
    let whom = (who, format!("{who}-{n}"));
    let aws = |policy: &str| ("policy", format!("arn:aws:iam::aws:policy/{policy}"));
    let own = |policy: &str| ("policy", format!("arn:aws:iam::{PROD}:policy/{policy}"));
    let text = |name: &'static str, value: &str| (name, value.to_owned());
    match area {
        "deactivate_access_key" => vec![("key", format!("AKIAUSER{n}KEY0EXAMPLE"))],
        "reactivate_access_key" => vec![("key", format!("AKIAUSER{n}KEY1EXAMPLE"))],
        "attach_role_policy" | "attach_user_policy" => {
            vec![whom, aws(["SecurityAudit", "AWSDenyAll", "IAMReadOnlyAccess"][pick(3)])]
        }
        "detach_role_policy" => {
            vec![whom, aws(["ReadOnlyAccess", "AmazonS3ReadOnlyAccess"][pick(2)])]
        }
        "detach_user_policy" => vec![whom, aws(["ReadOnlyAccess", "AdministratorAccess"][pick(2)])],
        "deactivate_user_keys"
        | "deny_all_role"
        | "deny_all_user"
        | "revoke_role_sessions"
        | "revoke_user_sessions" => vec![whom],
        "deny_role_session" => vec![whom, ("session", format!("AROAROLE{n}AAAAAEXAMPLE:ann"))],
        "put_role_policy" | "put_user_policy" => {
            vec![whom, text("name", "more"), text("document", DOCUMENT)]
        }
        "delete_role_policy" | "delete_user_policy" => vec![whom, text("name", "own")],
        "put_role_boundary" | "put_user_boundary" => vec![whom, own("kept")],
        "remove_role_boundary" => vec![text("role", "role-2")],
        "remove_user_boundary" => vec![text("user", "bounded")],
        "set_trust_policy" => {
            vec![whom, text("document", &TRUST.replace("444455556666", MANAGEMENT))]
        }
        "remove_trusted_principal" => {
            vec![whom, text("principal", "arn:aws:iam::444455556666:root")]
        }
        "set_default_policy_version" => vec![own("kept"), text("version", "v2")],
        "create_policy_version" => vec![own("kept"), text("document", DOCUMENT)],
        "delete_policy_version" => vec![own("kept"), text("version", "v1")],
        "delete_login_profile" => vec![("user", format!("user-{n}"))],
        "tag_role" | "tag_user" => vec![whom, text("key", "team"), text("value", "blue")],
        "untag_role" | "untag_user" => vec![(who, format!("{who}-1")), text("key", "team")],
        "archive_findings" | "unarchive_findings" | "set_workflow" | "feedback" => {
            let place = REGIONS[pick(2)].parse().expect("a region");
            let ids: Vec<String> =
                ground.guardduty(&ground.operator(PROD), &place).into_keys().collect();
            let mut with = vec![("findings", ids.join(","))];
            match area {
                "set_workflow" => with.push(text("status", ["NOTIFIED", "RESOLVED"][pick(2)])),
                "feedback" => with.push(text("useful", "USEFUL")),
                _ => {}
            }
            with
        }
        other => panic!("{other} has no arguments here: teach this test"),
    }
}

/// The role's own credentials, as the operator gets them.
fn session(ground: &Ground, who: &Operator) -> (String, String, String) {
    let form = format!(
        "Action=AssumeRole&Version=2011-06-15&RoleSessionName=ann&RoleArn={}",
        percent_encoding::utf8_percent_encode(GLASS, percent_encoding::NON_ALPHANUMERIC)
    );
    let answer = ground.raw(who, ("sts", "us-east-1"), ("POST", "/"), &form);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let one = |element| texts(&answer.text, element)[0].to_owned();
    (one("AccessKeyId"), one("SecretAccessKey"), one("SessionToken"))
}

/// Makes the very call, and says whether the range refuses it for want of a permission.
fn refused(ground: &Ground, prepared: &Prepared, creds: &(String, String, String)) -> bool {
    let spec = prepared.facts().spec();
    let params = prepared.params();
    let place = prepared.change.place.region.to_string();
    let of = |service: &'static str| (service, place.clone());
    let ((service, region), call, body) = match spec.service {
        "IAM" => (
            ("iam", "us-east-1".to_owned()),
            ("POST", "/".to_owned()),
            query(spec.operation, &params),
        ),
        "GuardDuty" => {
            let detector = params["DetectorId"].as_str().expect("a detector").to_owned();
            let tail = match spec.operation {
                "ArchiveFindings" => "archive",
                "UnarchiveFindings" => "unarchive",
                "UpdateFindingsFeedback" => "feedback",
                other => panic!("teach this test {other}"),
            };
            let mut body = json!({"findingIds": params["FindingIds"]});
            if tail == "feedback" {
                body["feedback"] = params["Feedback"].clone();
            }
            let body = body.to_string();
            (of("guardduty"), ("POST", format!("/detector/{detector}/findings/{tail}")), body)
        }
        "SecurityHub" => {
            (of("securityhub"), ("PATCH", "/findings/batchupdate".to_owned()), params.to_string())
        }
        other => panic!("teach this test {other}"),
    };
    let (key, secret, token) = creds;
    let request = signed((key, secret), (service, &region), (call.0, &call.1), &body, token);
    let answer = ground.range.answer(request).now_or_never().expect("no slow faults here");
    let answer = answer.expect("an answer");
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    let denied = text.contains("AccessDenied") && text.contains("not authorized to perform");
    // What somebody did before is there no more; what is not signed well proves nothing.
    let decided = denied || ![401, 403].contains(&answer.status().as_u16());
    assert!(decided && !text.contains("Signature"), "{}: {} {text}", spec.name, answer.status());
    denied
}

fn query(operation: &str, params: &Json) -> String {
    let mut form = format!("Action={operation}&Version=2010-05-08");
    let mut put = |name: String, value: &Json| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let set = percent_encoding::NON_ALPHANUMERIC;
        form.push_str(&format!("&{name}={}", percent_encoding::utf8_percent_encode(&value, set)));
    };
    for (name, value) in params.as_object().expect("parameters") {
        let Some(list) = value.as_array() else {
            put(name.clone(), value);
            continue;
        };
        for (item, at) in list.iter().zip(1..) {
            match item.as_object() {
                None => put(format!("{name}.member.{at}"), item),
                Some(members) => {
                    for (member, value) in members {
                        put(format!("{name}.member.{at}.{member}"), value);
                    }
                }
            }
        }
    }
    form
}

fn here(foreseen: &[Foreseen], break_glass: bool) -> &Foreseen {
    let mut own = foreseen
        .iter()
        .filter(|f| f.witness == Witness::Here && f.who.is_break_glass == break_glass);
    own.next().unwrap_or_else(|| panic!("nothing foreseen: {foreseen:?}"))
}

#[test]
fn what_is_predicted_is_what_the_range_answers() {
    // By what was predicted: how often, and what came of it.
    let seen: Mutex<BTreeMap<&str, usize>> = Mutex::default();
    let exercised = Mutex::new(BTreeSet::new());
    let config = ProptestConfig {
        cases: 12,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..ProptestConfig::default()
    };
    proptest!(config, |(drawn in drawn())| {
        paused(async || {
            let mut ground = Ground::new(world_of(&drawn.scenario())).await;
            ground.case.break_glass = ground.range.break_glass();
            ground.place = ground.case.place(None);
            assert_eq!(ground.place.break_glass, [GLASS]);
            let operator = ground.operator(PROD);
            let glass = session(&ground, &operator);
            let own = (operator.access_key.clone(), operator.secret.clone(), String::new());
            let mut picks = drawn.picks.iter().cycle();
            for spec in KINDS.iter().filter(|spec| !ELSEWHERE.contains(&spec.name)) {
                let with = arguments(spec.name, &ground, &mut picks);
                let with: Vec<(&str, &str)> = with.iter().map(|(k, v)| (*k, v.as_str())).collect();
                // Braces stand for inputs: a document is given as one.
                let (given, plain): (Vec<_>, Vec<_>) =
                    with.iter().copied().partition(|(name, _)| *name == "document");
                let named = given.iter().map(|(name, _)| (*name, "{document}"));
                let all: Vec<(&str, &str)> = plain.into_iter().chain(named).collect();
                let mut text = one_step(spec.name, &all);
                if !given.is_empty() {
                    text += "[inputs.document]\ntype = \"policy-document\"\nhelp = \"d\"\n";
                }
                let draft = ground.draft(&text, &given).await;
                let plan = draft.plan().expect("a plan");
                assert_eq!(plan.blocked(), None, "{}", spec.name);
                for prepared in plan.items.iter().filter_map(Item::prepared) {
                    if prepared.change.account.as_str() != PROD {
                        continue;
                    }
                    exercised.lock().expect("a lock").insert(spec.name);
                    let foreseen = ground.case.foreseen(prepared);
                    for (is_glass, creds) in [(false, &own), (true, &glass)] {
                        let said = here(foreseen, is_glass);
                        assert_eq!(said.stage, How::Answered, "{said:?}");
                        let refused = refused(&ground, prepared, creds);
                        let word = said.outcome.word();
                        *seen.lock().expect("a lock").entry(word).or_default() += 1;
                        let right = match said.outcome {
                            Outcome::Allowed => !refused,
                            Outcome::ExplicitDeny | Outcome::ImplicitDeny => refused,
                            Outcome::Unknown => true,
                        };
                        assert!(right, "{} refused: {refused}; {said:#?}\n{}", spec.name, drawn.scenario());
                    }
                }
            }
        });
    });
    let seen = seen.into_inner().expect("a lock");
    let all: usize = seen.values().sum();
    let of = |word: &str| seen.get(word).copied().unwrap_or(0);
    assert!(all > 200, "{seen:?}");
    // One in twenty conditions cannot be known; of what is left nearly all is.
    assert!(of("unknown") * 100 < all * 15, "too much is not known: {seen:?}");
    for word in ["allowed", "explicit_deny", "implicit_deny"] {
        assert!(of(word) * 100 > all * 5, "{word} hardly comes about: {seen:?}");
    }
    let missing: Vec<&str> = KINDS
        .iter()
        .map(|spec| spec.name)
        .filter(|name| !exercised.lock().expect("a lock").contains(name))
        .collect();
    assert_eq!(missing, ELSEWHERE, "each verb's call was predicted and made");
}

// --- The console, without a network.

const ACCOUNT: &str = "111122223333";

fn principal(arn: &str) -> (&'static str, String) {
    let kind = if arn.contains(":role/") { "RoleDetailList" } else { "UserDetailList" };
    (kind, arn.rsplit('/').next().expect("a name").to_owned())
}

/// A user or role with one inline policy.
fn inspected(arn: &str, statements: Json) -> Inspected {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let (kind, name) = principal(arn);
    let one = match kind {
        "RoleDetailList" => json!({"RoleName": name, "RoleId": "AROAEXAMPLE", "Arn": arn,
            "Path": "/", "AssumeRolePolicyDocument": {"Statement": []}, "AttachedManagedPolicies": [],
            "RolePolicyList": [{"PolicyName": "respond", "PolicyDocument": document}]}),
        _ => json!({"UserName": name, "UserId": "AIDAEXAMPLE", "Arn": arn, "Path": "/",
            "GroupList": [], "AttachedManagedPolicies": [],
            "UserPolicyList": [{"PolicyName": "respond", "PolicyDocument": document}]}),
    };
    let mut whole =
        json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []});
    whole[kind] = json!([one]);
    let authorization = Authorization::read(&whole.to_string()).expect("readable");
    Inspected { authorization, sign_in: None }
}

fn everything() -> Json {
    json!([{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}])
}

/// The account in an organization, below one policy that denies this.
fn organization(denied: Json) -> Answer {
    let policy = |id: &str, name: &str, statement: Json, targets: &[&str]| OrgPolicy {
        id: id.into(),
        name: name.into(),
        kind: OrgPolicyKind::Scp,
        aws_managed: false,
        document: json!({"Version": "2012-10-17", "Statement": [statement]}).to_string().into(),
        targets: targets.iter().map(|t| (*t).into()).collect(),
    };
    let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let what = View::Seen(Organization {
        id: "o-exampleorg".into(),
        management: "444455556666".parse().expect("an id"),
        enabled: vec![OrgPolicyKind::Scp],
        units: vec![Unit { id: "r-1".into(), name: "Root".into(), parent: None }],
        accounts: vec![Member {
            id: ACCOUNT.parse().expect("an id"),
            name: "acme".into(),
            status: "ACTIVE".into(),
            parent: "r-1".into(),
        }],
        policies: vec![
            policy("p-FullAWSAccess", "FullAWSAccess", all, &["r-1", ACCOUNT]),
            policy("p-guard", "guard", denied, &["r-1"]),
        ],
    });
    Answer::Organization { what: Arc::new(what), gaps: Vec::new() }
}

fn fault(kind: FaultKind, what: &str) -> Answer {
    Answer::Failed(Fault::new(kind, what))
}

impl Stage {
    /// A plan that takes a policy from a role; nothing of its pre-flight is answered.
    fn planned(size: (u16, u16), break_glass: &[&str]) -> Self {
        let mut stage = Stage::new(size, &["us-east-1"]);
        stage.identify();
        stage.answer("us-east-1", vec![], vec![]);
        stage.model.case.break_glass = break_glass.iter().map(|r| (*r).to_owned()).collect();
        let policy = "arn:aws:iam::111122223333:policy/wide";
        let text = one_step("iam.detach_role_policy", &[("role", "deploy"), ("policy", policy)]);
        let playbook = Arc::new(Playbook::read("a.toml", &text).expect("a playbook"));
        let source = PlanSource::Playbook { playbook, inputs: BTreeMap::new() };
        let place = stage.model.case.place(None);
        stage.model.case.draft = Some(Draft::new(source, place));
        stage.model.pane = Pane::Plan;
        stage.ticked(NOW);
        let state = State::Attachment(AttachmentState {
            principal: PrincipalState {
                principal: Principal::Role("deploy".parse().expect("a name")),
                arn: "arn:aws:iam::111122223333:role/ci/deploy".into(),
                service_linked: false,
                created: None,
                last_used: None,
                boundary: None,
                attached: vec![policy.parse().expect("an ARN")],
                inline: Vec::new(),
            },
            policy: policy.parse().expect("an ARN"),
            version: "v1".into(),
            document: "{}".into(),
            attachments: 1,
        });
        stage.tells(|q| matches!(q, Query::State { .. }), Answer::State(Box::new(state)));
        stage
    }

    fn tells(&mut self, which: impl Fn(&Query) -> bool, answer: Answer) {
        let ticket = self.take(which);
        self.tell(Msg::Answered(ticket, answer));
    }

    fn knows_of(&mut self, arn: &str, statements: Json) {
        let name = principal(arn).1;
        let what = Arc::new(inspected(arn, statements));
        let gaps = Vec::new();
        self.tells(is_about(&name), Answer::Inspected { what, gaps });
    }

    fn simulates(&mut self, arn: &str, decision: &str) {
        let answer = Answer::Simulated(Simulated {
            decision: decision.into(),
            matched: vec!["respond".into()],
            ..Simulated::default()
        });
        let of = |q: &Query| matches!(q, Query::Simulate { simulation, .. } if simulation.principal.raw() == arn);
        self.tells(of, answer);
    }

    fn foreseen(&self) -> Vec<Foreseen> {
        let case = &self.model.case;
        let plan = case.draft.as_ref().and_then(|d| d.plan()).expect("a plan");
        let prepared = plan.changes().next().expect("a change");
        case.foreseen(prepared).to_vec()
    }
}

fn is_about(name: &str) -> impl Fn(&Query) -> bool {
    move |q| matches!(q, Query::Principal { who, .. } if who.name() == name)
}

const ONCALL: &str = "arn:aws:iam::111122223333:user/oncall";
const GLASS_HERE: &str = "arn:aws:iam::111122223333:role/BreakGlass";

fn no_iam_for_anybody_else() -> Json {
    json!({"Sid": "OnlyBreakGlass", "Effect": "Deny", "Action": "iam:Detach*", "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": GLASS_HERE}}})
}

#[test]
fn the_plan_is_there_first_and_what_is_foreseen_comes_as_it_is_answered() {
    for (name, size) in [("small", (80, 24)), ("large", (200, 50))] {
        let mut stage = Stage::planned(size, &[GLASS_HERE]);
        let text = stage.text();
        assert!(text.contains("plan: nothing is changed by it"), "{text}");
        assert!(text.contains("user/oncall: asking"), "{text}");
        assert!(stage.foreseen().iter().all(|f| f.stage == How::Asking));
        // Each is asked for once, and all at the same time.
        let reads = |stage: &Stage| {
            let q = stage.asked.iter().map(|(_, q)| q);
            q.filter(|q| matches!(q, Query::Principal { .. } | Query::Organization { .. })).count()
        };
        assert_eq!(reads(&stage), 3, "{:?}", stage.asked);
        stage.tells(
            |q| matches!(q, Query::Organization { .. }),
            organization(no_iam_for_anybody_else()),
        );
        stage.knows_of(ONCALL, everything());
        stage.knows_of(GLASS_HERE, everything());
        stage.simulates(ONCALL, "allowed");
        stage.simulates(GLASS_HERE, "allowed");
        assert_eq!(reads(&stage), 0);
        let foreseen = stage.foreseen();
        let said: Vec<(bool, Witness, Outcome)> =
            foreseen.iter().map(|f| (f.who.is_break_glass, f.witness, f.outcome)).collect();
        // The simulator does not see the condition: the worse answer leads.
        assert_eq!(
            said,
            [
                (false, Witness::Here, Outcome::ExplicitDeny),
                (false, Witness::Simulator, Outcome::Allowed),
                (true, Witness::Here, Outcome::Allowed),
                (true, Witness::Simulator, Outcome::Allowed),
            ]
        );
        assert_eq!(
            foreseen[0].by[0].phrase(),
            "statement 0 (OnlyBreakGlass) of guard, service control policy"
        );
        let json = foreseen[0].to_json();
        assert_eq!(
            json["by"],
            json!([{"policy": "guard", "kind": "scp", "sid": "OnlyBreakGlass",
            "statement": 0, "effect": "Deny"}])
        );
        assert_eq!((&json["decision"], &json["who"]), (&json!("explicit_deny"), &json!(ONCALL)));
        stage.keys("G");
        insta::assert_snapshot!(name, stage.text());
    }
}

#[test]
fn the_worse_answer_leads_and_one_that_agrees_takes_a_line() {
    let mut stage = Stage::planned((120, 60), &[]);
    stage.tells(
        |q| matches!(q, Query::Organization { .. }),
        Answer::Organization { what: Arc::new(View::None), gaps: Vec::new() },
    );
    stage.knows_of(ONCALL, everything());
    assert_eq!(stage.foreseen()[0].outcome, Outcome::Allowed);
    stage.simulates(ONCALL, "explicitDeny");
    let leads = stage.foreseen().remove(0);
    assert_eq!((leads.witness, leads.outcome), (Witness::Simulator, Outcome::ExplicitDeny));
    assert!(leads.confidence().contains("AWS's simulator; does not know"), "{leads:?}");
    assert!(stage.text().contains("user/oncall: DENIED by a statement"), "{}", stage.text());
    let mut stage = Stage::planned((120, 60), &[]);
    stage.tells(
        |q| matches!(q, Query::Organization { .. }),
        Answer::Organization { what: Arc::new(View::None), gaps: Vec::new() },
    );
    stage.knows_of(ONCALL, everything());
    stage.simulates(ONCALL, "allowed");
    assert!(stage.text().contains("says the same"), "{}", stage.text());
}

#[test]
fn what_cannot_be_read_is_said_and_leaves_the_answer_open() {
    // No organization to be seen: nothing allows for certain, what denies does.
    let hidden = || {
        let why = Fault::new(FaultKind::Denied, "ListRoots: AccessDenied");
        let what = View::NotVisible { why, id: None, management: None };
        Answer::Organization { what: Arc::new(what), gaps: Vec::new() }
    };
    let mut stage = Stage::planned((120, 60), &[]);
    stage.tells(|q| matches!(q, Query::Organization { .. }), hidden());
    stage.knows_of(ONCALL, everything());
    stage.tells(
        |q| matches!(q, Query::Simulate { .. }),
        fault(FaultKind::Denied, "SimulatePrincipalPolicy: AccessDenied"),
    );
    let text = stage.text();
    assert_eq!(stage.foreseen()[0].outcome, Outcome::Unknown);
    assert!(text.contains("user/oncall: NOT KNOWN"), "{text}");
    assert!(text.contains("ListRoots: AccessDenied"), "{text}");
    assert!(text.contains("AWS's simulator: cannot say: SimulatePrincipalPolicy"), "{text}");
    let mut stage = Stage::planned((120, 60), &[]);
    stage.tells(|q| matches!(q, Query::Organization { .. }), hidden());
    stage.knows_of(ONCALL, json!([{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]));
    assert_eq!(stage.foreseen()[0].outcome, Outcome::ExplicitDeny);

    // A key that decides and is not known is named.
    let mut stage = Stage::planned((120, 60), &[]);
    stage.tells(
        |q| matches!(q, Query::Organization { .. }),
        Answer::Organization { what: Arc::new(View::None), gaps: Vec::new() },
    );
    stage.knows_of(
        ONCALL,
        json!([{"Effect": "Allow", "Action": "iam:*", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]),
    );
    assert_eq!(stage.foreseen()[0].missing, ["aws:SourceIp"]);
    assert!(stage.text().contains("depends on aws:SourceIp, not known"), "{}", stage.text());

    // The identity itself could not be read; a policy of it could not.
    let mut stage = Stage::planned((120, 60), &[]);
    stage.tells(
        |q| matches!(q, Query::Organization { .. }),
        Answer::Organization { what: Arc::new(View::None), gaps: Vec::new() },
    );
    stage.tells(is_about("oncall"), fault(FaultKind::Throttled, "GetUser: Throttling"));
    let first = &stage.foreseen()[0];
    // The simulator is asked all the same: it may be allowed where reading is not.
    assert_eq!((first.witness, first.stage), (Witness::Simulator, How::Asking));
    stage.simulates(ONCALL, "allowed");
    assert_eq!(stage.foreseen()[0].outcome, Outcome::Allowed);
    assert!(
        stage.text().contains("user oncall could not be read: GetUser: Throttling"),
        "{}",
        stage.text()
    );
    let mut stage = Stage::planned((120, 60), &[]);
    stage.tells(
        |q| matches!(q, Query::Organization { .. }),
        Answer::Organization { what: Arc::new(View::None), gaps: Vec::new() },
    );
    let gap = |what: &str| Gap {
        source: Service::Iam,
        account: "acme".into(),
        region: None,
        page: None,
        why: Fault::new(FaultKind::Denied, what),
    };
    let knows = |stage: &mut Stage, what: &str| {
        let gaps = vec![gap(what)];
        let what = Arc::new(inspected(ONCALL, everything()));
        stage.tells(is_about("oncall"), Answer::Inspected { what, gaps });
        stage.foreseen()[0].outcome
    };
    assert_eq!(knows(&mut stage, "GetUserPolicy: AccessDenied"), Outcome::Unknown);
    let mut stage = Stage::planned((120, 60), &[]);
    stage.tells(
        |q| matches!(q, Query::Organization { .. }),
        Answer::Organization { what: Arc::new(View::None), gaps: Vec::new() },
    );
    // Whether somebody has a password says nothing of policies.
    assert_eq!(knows(&mut stage, "GetLoginProfile: AccessDenied"), Outcome::Allowed);
}

#[test]
fn a_second_plan_reads_the_identity_anew_and_keeps_the_organization() {
    let mut stage = Stage::planned((120, 60), &[]);
    stage.tells(
        |q| matches!(q, Query::Organization { .. }),
        Answer::Organization { what: Arc::new(View::None), gaps: Vec::new() },
    );
    stage.knows_of(ONCALL, everything());
    stage.simulates(ONCALL, "allowed");
    let draft = stage.model.case.draft.take().expect("a draft");
    stage.model.case.draft = Some(Draft::new(draft.source, draft.place));
    stage.ticked("2026-03-02T03:20:00Z");
    let ticket = stage.take(|q| matches!(q, Query::State { .. }));
    let gone = Fault::new(FaultKind::Timeout, "no answer");
    stage.tell(Msg::Answered(ticket, Answer::Failed(gone)));
    // Nothing is planned, so nothing is looked at.
    assert!(!stage.asked.iter().any(|(_, q)| is_about("oncall")(q)), "{:?}", stage.asked);
    assert!(!stage.asked.iter().any(|(_, q)| matches!(q, Query::Organization { .. })));
}

// --- The commands.

/// An account whose operator may read and no more, and a role for emergencies that may.
const DENIED: &str = r#"schema = 1
id = "denied"
title = "An operator who may not"
start = "2026-03-02T03:10:00Z"
[[accounts]]
id = "111122223333"
alias = "one"
regions = ["us-east-1"]
[[principals]]
account = "one"
kind = "user"
name = "oncall"
operator = true
access_key = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
policies = ["AdministratorAccess"]
[principals.inline]
careful = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"HandsOff","Effect":"Deny","Action":"iam:Update*","Resource":"arn:aws:iam::*:user/ci/*"}]}'
[[principals]]
account = "one"
kind = "role"
name = "glass"
break_glass = true
policies = ["AdministratorAccess"]
trust = '{"Version":"2012-10-17","Statement":[]}'
[[principals]]
account = "one"
kind = "user"
name = "deployer"
path = "/ci/"
[[principals.keys]]
id = "AKIAI44QH8DHBEXAMPLE"
"#;

/// halon with this scenario in its configuration folder.
fn halon(home: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = home.join("halon/scenarios");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("denied.toml"), DENIED).expect("written");
    let done = Command::new(env!("CARGO_BIN_EXE_halon"))
        .env_clear()
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .args(["--range=denied", "--data-dir"])
        .arg(home.join("data"))
        .args(arguments)
        .output()
        .expect("runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (done.status.code(), text(done.stdout), text(done.stderr))
}

#[test]
fn a_step_that_will_be_denied_is_said_and_tried_all_the_same() {
    let home = tempfile::tempdir().expect("a folder");
    let key = "key=AKIAI44QH8DHBEXAMPLE";
    let (code, out, err) =
        halon(home.path(), &["playbook", "plan", "leaked-access-key", "-i", key, "--json"]);
    assert_eq!(code, Some(0), "{err}");
    let plan: Json = serde_json::from_str(&out).expect("JSON");
    let steps = plan["items"][0]["steps"].as_array().expect("steps").clone();
    let change = steps.iter().find(|s| s["preflight"].is_array()).expect("a change");
    let said: Vec<Json> = change["preflight"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|f| f["answered"] == true)
        .map(|f| json!([f["who"], f["decision"], f["by"][0]["policy"], f["by"][0]["statement"]]))
        .collect();
    // The user's path is looked up: the policy names it.
    assert_eq!(
        json!(said),
        json!([
            ["arn:aws:iam::111122223333:user/oncall", "explicit_deny", "careful", 1],
            ["arn:aws:iam::111122223333:role/glass", "allowed", "AdministratorAccess", 0],
        ])
    );
    let (_, out, _) = halon(home.path(), &["playbook", "plan", "leaked-access-key", "-i", key]);
    assert!(out.contains("user/oncall: DENIED by a statement (evaluated here)"), "{out}");
    assert!(out.contains("denied by statement 1 (HandsOff) of careful"), "{out}");
    let run = [
        "playbook",
        "run",
        "leaked-access-key",
        "-i",
        key,
        "--incident",
        "INC-7",
        "--title",
        "T",
        "--reason",
        "R",
        "--yes",
    ];
    let (code, _, err) = halon(home.path(), &run);
    assert_eq!(code, Some(4), "AWS refuses it: {err}");
    assert!(err.contains("user/oncall would be denied by statement 1 (HandsOff)"), "{err}");
    assert!(err.contains("not authorized to perform: iam:UpdateAccessKey"), "{err}");
}
