//! What was asked of AWS for a drill, as evidence.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{DrillId, Evidence, Item, NEGATIVE, Source, State};
use crate::{
    audit::{Kind, Record, Report},
    case::proof::{Grade, Proof, Verdict},
    domain::{
        Logging, RoleArn, TrailState, Untrusted,
        authorization::{Authorization, Role},
        event::{Event, Window},
        untrusted::display_in,
    },
    policy::{Caller, Context, Named, Policies, Policy, Request, Resource, evaluate},
};

/// A clock that is further off than this makes times hard to compare (seconds).
const SKEW: f64 = 60.0;
/// How long after its end a session may still work, in seconds.
pub const DEADLINE_SECONDS: f64 = 300.0;

/// One thing that must be refused, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// One of [`NEGATIVE`].
    pub test: &'static str,
    pub refused: bool,
    /// What was answered, or why it was not tried. Safe to show.
    pub said: String,
    /// Of its intent, where it has one.
    pub corr: Option<String>,
}

/// Item 7.
pub fn negative(tried: &[Tried], world: &str) -> Evidence {
    let holds = NEGATIVE.iter().all(|name| tried.iter().any(|t| t.test == *name && t.refused));
    let said: Vec<String> = tried
        .iter()
        .map(|t| format!("{}: {}", t.test, if t.refused { "refused" } else { "NOT refused" }))
        .collect();
    let tests: Vec<Value> = tried
        .iter()
        .map(|t| json!({"test": t.test, "refused": t.refused, "said": t.said}))
        .collect();
    Evidence {
        item: Item::Negative,
        state: State::seen(holds, world),
        text: said.join(", "),
        value: json!({"tests": tests}),
        sources: tried.iter().filter_map(|t| t.corr.clone().map(Source::Corr)).collect(),
    }
}

/// The role's own entry.
fn role<'a>(authorization: &'a Authorization, arn: &RoleArn) -> Option<&'a Role> {
    authorization.roles.iter().find(|r| r.holder.arn.raw() == arn.as_str())
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect()
}

/// Item 4, as far as the trust policy tells it: whom it names. People say the rest.
pub fn roster(authorization: &Authorization, arn: &RoleArn) -> Option<Evidence> {
    let role = role(authorization, arn)?;
    let principals = Policy::parse(role.trust.raw()).map(|policy| named(&policy.to_json()));
    let (text, value) = match principals {
        Ok(principals) => {
            let shown: Vec<String> = principals.iter().map(|p| display_in(p, 120)).collect();
            (
                format!("the trust policy names {}", shown.join(", ")),
                json!({"principals": principals}),
            )
        }
        Err(_) => ("the trust policy cannot be read".to_owned(), json!({})),
    };
    Some(Evidence {
        item: Item::Roster,
        state: State::NotAnswered,
        text,
        value,
        sources: Vec::new(),
    })
}

/// Whom the Allow statements of a trust policy name.
fn named(policy: &Value) -> Vec<String> {
    let statements = match &policy["Statement"] {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    let mut names = Vec::new();
    for statement in statements.iter().filter(|s| s["Effect"] == "Allow") {
        let lists: Vec<&Value> = match &statement["Principal"] {
            Value::Object(kinds) => kinds.values().collect(),
            other => vec![other],
        };
        for list in lists {
            match list {
                Value::Array(all) => names.extend(all.iter().filter_map(Value::as_str)),
                Value::String(one) => names.push(one),
                _ => {}
            }
        }
    }
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

/// Item 5: the role as it is, and whether its trust policy asks for MFA.
pub fn definition(
    authorization: &Authorization,
    arn: &RoleArn,
    operator: &str,
    world: &str,
) -> Option<Evidence> {
    let role = role(authorization, arn)?;
    let holder = &role.holder;
    let mfa = asks_for_mfa(role.trust.raw(), arn, operator);
    let raw = |all: &[Untrusted]| all.iter().map(|t| t.raw().to_owned()).collect::<Vec<_>>();
    let inline: Vec<Value> = holder
        .inline
        .iter()
        .map(|i| json!({"name": i.name.raw(), "sha256": digest(i.document.raw())}))
        .collect();
    let tags: Vec<Value> = holder.tags.iter().map(|(k, v)| json!([k.raw(), v.raw()])).collect();
    let held = holder.attached.len() + holder.inline.len();
    let asks = if mfa { "asks for MFA" } else { "asks for NO MFA" };
    Some(Evidence {
        item: Item::Role,
        state: State::seen(mfa, world),
        text: format!("{arn}: its trust policy {asks}; {held} policies"),
        value: json!({
            "mfa": mfa,
            "trust_sha256": digest(role.trust.raw()),
            "max_session": role.max_session,
            "attached": raw(&holder.attached),
            "inline": inline,
            "boundary": holder.boundary.as_ref().map(Untrusted::raw),
            "tags": tags,
            // Each drill uses it: no drift.
            "last_used": role.last_used.as_ref().and_then(|u| u.at),
        }),
        sources: Vec::new(),
    })
}

/// Whether the operator gets in with a code and not without one: the trust policy is tried, not
/// read off.
fn asks_for_mfa(trust: &str, role: &RoleArn, operator: &str) -> bool {
    const ALL: &str = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let (Ok(trust), Ok(all)) = (Policy::parse(trust), Policy::parse(ALL)) else { return false };
    let policies = Policies {
        identity: vec![Named::new("everything", all)],
        resource: Some(Named::new("trust", trust)),
        ..Policies::default()
    };
    let allowed = |mfa: bool| {
        let Some(caller) = Caller::new(operator) else { return false };
        let mut context = Context::complete();
        if mfa {
            context.set_one("aws:MultiFactorAuthPresent", "true");
            context.set_one("aws:MultiFactorAuthAge", "0");
        }
        let account = Some(role.account().to_string());
        let resource = Resource { arn: role.to_string(), account };
        evaluate(&Request::new(caller, "sts:AssumeRole", resource, context), &policies).is_allowed()
    };
    allowed(true) && !allowed(false)
}

/// What stands before a drill.
#[derive(Clone, Debug, PartialEq)]
pub struct Before {
    pub caller: String,
    /// This machine's clock beside AWS's, in seconds; in the range there is nothing to compare.
    pub skew: Option<f64>,
    pub logging: Result<Logging, String>,
    /// `aws`, or where requests go instead.
    pub endpoint: String,
    /// The log's head in words, and whether an anchor covers all of it.
    pub head: Option<String>,
    pub anchored: bool,
}

/// Item 6.
pub fn preconditions(before: &Before, world: &str) -> Evidence {
    let Before { caller, skew, logging, endpoint, head, anchored } = before;
    let healthy = logging.as_ref().is_ok_and(|l| l.trails.iter().any(TrailState::is_healthy));
    let digest = logging
        .as_ref()
        .ok()
        .and_then(|l| l.trails.iter().filter_map(|t| t.status.as_ref().ok()?.latest_digest).max());
    let in_time = skew.is_none_or(|s| s.abs() <= SKEW);
    let elsewhere = world == "aws" && endpoint != "aws";
    let mut said = vec![format!("as {}", display_in(caller, 120))];
    said.push(match logging {
        Ok(_) if healthy => "a trail logs".to_owned(),
        Ok(_) => "NO trail that is known to work logs".to_owned(),
        Err(why) => format!("which trails log is not known: {why}"),
    });
    said.push(match skew {
        Some(skew) => format!("clocks differ by {skew:.0} s"),
        None => "there is no clock to compare".to_owned(),
    });
    said.push(format!("requests go to {endpoint}"));
    Evidence {
        item: Item::Preconditions,
        state: State::seen(healthy && in_time && !elsewhere, world),
        text: said.join("; "),
        value: json!({
            "caller": caller,
            "skew_seconds": skew,
            "logging": healthy,
            "latest_digest": digest,
            "endpoint": endpoint,
            "head": head,
            "anchored": anchored,
        }),
        sources: Vec::new(),
    }
}

/// What became of a session's credentials after its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Dead {
    pub access_key: String,
    pub expired: Timestamp,
    /// When they were refused; `None`: they were not.
    pub refused: Option<Timestamp>,
    pub said: String,
    /// The range's clock was set forward for it.
    pub passed: bool,
}

/// Item 10.
pub fn ended(dead: &Dead, world: &str) -> Evidence {
    let seconds = dead.refused.map(|at| at.duration_since(dead.expired).as_secs_f64().max(0.0));
    let holds = seconds.is_some_and(|s| s <= DEADLINE_SECONDS);
    let key = display_in(&dead.access_key, 40);
    let passed = if dead.passed { "; the range's clock was set forward to its expiry" } else { "" };
    let text = match seconds {
        Some(seconds) => format!("{key} is refused {seconds:.0} s after its expiry{passed}"),
        None => format!("{key} is STILL ALIVE: {}", dead.said),
    };
    Evidence {
        item: Item::Ended,
        state: State::seen(holds, world),
        text,
        value: json!({
            "dead": dead.refused.is_some(),
            "how": "expired",
            "access_key": dead.access_key,
            "expired": dead.expired,
            "seconds": seconds,
            "deadline_seconds": DEADLINE_SECONDS,
            "said": dead.said,
            "clock_set_forward": dead.passed,
        }),
        sources: Vec::new(),
    }
}

/// Item 11: the log beside CloudTrail, both ways, and the AssumeRole among it.
pub fn cloudtrail(proof: &Proof, world: &str) -> Evidence {
    let count = |v: Verdict| proof.count(v);
    let (missing, unlogged, differs) =
        (count(Verdict::Missing), count(Verdict::Unlogged), count(Verdict::Differs));
    let open: usize =
        [Verdict::TooYoung, Verdict::Unheard, Verdict::NotSearched].into_iter().map(count).sum();
    let matched = count(Verdict::Matched) + count(Verdict::Settled);
    let is_assume = |event: &&Event| event.name.raw() == "AssumeRole" && !event.failed();
    let events = proof.findings.iter().filter(|f| f.call.is_some());
    let assume = events.filter_map(|f| f.event.as_deref()).find(is_assume);
    let assume = assume.map(|event| {
        let raw: Value = serde_json::from_str(&event.raw).unwrap_or_default();
        let asked = &raw["requestParameters"];
        json!({
            "event_id": event.id.raw(),
            "source_identity": asked["sourceIdentity"],
            "session_name": asked["roleSessionName"],
            "mfa": asked["serialNumber"].is_string(),
        })
    });
    // What is not as it should be, a line each: a few say enough.
    let not_good = |f: &&crate::case::proof::Finding| f.verdict.grade() != Grade::Clean;
    let troubles: Vec<Value> = proof
        .findings
        .iter()
        .filter(not_good)
        .take(20)
        .map(|f| {
            let call = f.call.as_ref();
            json!({
                "verdict": f.verdict.name(),
                "call": call.map(|c| format!("{}:{}", c.service, c.operation)),
                "seq": call.map(|c| c.seq),
                "event_id": f.event.as_ref().map(|e| e.id.raw()),
                "why": f.why,
            })
        })
        .collect();
    // A call that a crash kept from being known, and that CloudTrail never heard of, is for people
    // to look at; what was not searched is no evidence.
    let unseen = open - count(Verdict::Unheard);
    let holds = missing + unlogged + differs + unseen == 0 && assume.is_some();
    let found = if assume.is_some() { "found" } else { "NOT found" };
    Evidence {
        item: Item::CloudTrail,
        state: State::seen(holds, world),
        text: format!(
            "{matched} calls matched, {missing} missing, {unlogged} without a record, {differs} \
             differ, {open} not known yet; AssumeRole {found}"
        ),
        value: json!({
            "matched": matched,
            "missing": missing,
            "unlogged": unlogged,
            "differs": differs,
            "open": open,
            "troubles": troubles,
            "assume": assume,
        }),
        sources: Vec::new(),
    }
}

/// Item 19.
pub fn integrity(report: &Report, records: &[Record], drill: &DrillId, world: &str) -> Evidence {
    let code = report.exit_code();
    // A tail that no anchor covers yet, and a torn one that was recovered, are no damage.
    let holds = matches!(code, 0 | 10 | 11);
    let mine: Vec<u64> =
        records.iter().filter(|r| r.incident() == Some(drill.as_str())).map(|r| r.seq).collect();
    let playbooks: std::collections::BTreeMap<String, String> = records
        .iter()
        .filter(|r| r.kind() == Some(Kind::RunStart) && r.incident() == Some(drill.as_str()))
        .filter_map(|r| {
            let playbook = &r.value["playbook"];
            Some((playbook["id"].as_str()?.to_owned(), playbook["sha256"].as_str()?.to_owned()))
        })
        .collect();
    let head = report.head.as_ref();
    let text = match head {
        Some(head) if holds => format!("{} records verify, head {head}", report.verified),
        _ => "the log does NOT verify".to_owned(),
    };
    Evidence {
        item: Item::Integrity,
        state: State::seen(holds, world),
        text,
        value: json!({
            "verify": if holds { 0 } else { code },
            "log_id": report.log_id,
            "first_seq": mine.first(),
            "last_seq": mine.last(),
            "head": head.map(|h| json!({"seq": h.seq, "h": h.h})),
            "anchors": report.anchors.len(),
            "playbooks": playbooks,
        }),
        sources: mine.first().into_iter().chain(mine.last()).map(|seq| Source::Seq(*seq)).collect(),
    }
}

/// Item 20: every use of the role that CloudTrail has in a window, and what it was.
pub fn completeness(
    events: &[std::sync::Arc<Event>],
    records: &[Record],
    role: &RoleArn,
    (window, lacking): (Window, &[String]),
    world: &str,
) -> Evidence {
    let uses: Vec<Value> = events
        .iter()
        .filter(|e| e.name.raw() == "AssumeRole" && !e.failed())
        .filter_map(|event| {
            let raw: Value = serde_json::from_str(&event.raw).ok()?;
            let asked = &raw["requestParameters"];
            if asked["roleArn"] != role.as_str() {
                return None;
            }
            let name = asked["roleSessionName"].as_str().unwrap_or_default();
            let (class, why) = classified(event, name, records);
            Some(json!({
                "event_id": event.id.raw(),
                "at": event.time,
                "session_name": name,
                "class": class,
                "why": why,
            }))
        })
        .collect();
    // The same event is in the histories of both accounts.
    let mut seen = Vec::new();
    let uses: Vec<Value> = uses
        .into_iter()
        .filter(|u| {
            let key = (u["session_name"].clone(), u["at"].clone());
            let new = !seen.contains(&key);
            seen.push(key);
            new
        })
        .collect();
    let unexplained = uses.iter().filter(|u| u["class"] == "unexplained").count();
    let complete = lacking.is_empty();
    let Window { from, to } = window;
    Evidence {
        item: Item::Completeness,
        state: State::seen(unexplained == 0 && complete, world),
        text: format!(
            "{} uses from {from:.0} to {to:.0}, {unexplained} unexplained{}",
            uses.len(),
            if complete { "" } else { "; not everything could be searched" }
        ),
        value: json!({
            "from": from,
            "to": to,
            "uses": uses,
            "complete": complete,
            "lacking": lacking,
        }),
        sources: Vec::new(),
    }
}

/// A use is explained by our own log alone.
fn classified(event: &Event, name: &str, records: &[Record]) -> (&'static str, String) {
    let request = event.request_id();
    let ours = request.as_ref().and_then(|id| {
        let outcome = records.iter().find(|r| {
            r.kind() == Some(Kind::Outcome) && r.value["result"]["request_id"] == *id.raw()
        })?;
        outcome.incident()
    });
    match ours {
        Some(id) if id.starts_with("DRILL-") => ("drill", format!("this log, {id}")),
        Some(id) => ("incident", format!("this log, {id}")),
        // A name proves nothing: whoever may assume the role chooses it.
        None => match name.contains("DRILL-")
            || records
                .iter()
                .filter_map(Record::incident)
                .any(|id| name.strip_prefix(id).is_some_and(|rest| rest.starts_with('-')))
        {
            true => (
                "unexplained",
                "its session's name speaks of a drill or an incident, and no record of it is here"
                    .to_owned(),
            ),
            false => ("unexplained", "no record of it here".to_owned()),
        },
    }
}

/// The window that CloudTrail's event history covers, ending now.
pub fn quarter(now: Timestamp) -> Window {
    let days = SignedDuration::from_hours(24 * 90);
    Window::new(now.saturating_sub(days).unwrap_or(Timestamp::MIN), now)
}
