//! What the log itself tells of a drill: how the role was assumed, with whose credentials, and
//! whether its power was proven and taken back.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{DrillId, Evidence, Item, Source, State, TARGET_SECONDS};
use crate::{
    audit::{Kind, Record},
    domain::RoleArn,
};

/// The playbook by which the power of the role is proven.
pub const CANARY: &str = "break-glass-canary";

/// An AssumeRole of the drill that opened a session.
struct Assumed<'r> {
    intent: &'r Record,
    readback: &'r Record,
}

impl Assumed<'_> {
    fn open(&self) -> &Value {
        &self.readback.value["after"]["glass"]["session"]["open"]
    }

    fn corr(&self) -> String {
        self.intent.corr().unwrap_or_default().to_owned()
    }
}

/// The last session of the role that the drill opened.
fn assumed<'r>(records: &'r [Record], drill: &DrillId, role: &RoleArn) -> Option<Assumed<'r>> {
    let readbacks = records.iter().rev().filter(|r| r.kind() == Some(Kind::Readback));
    readbacks.filter(|r| r.incident() == Some(drill.as_str())).find_map(|readback| {
        let open = &readback.value["after"]["glass"]["session"]["open"];
        if readback.text("state") != Some("done") || open["role"] != role.as_str() {
            return None;
        }
        let is_intent = |r: &&Record| r.kind() == Some(Kind::Intent) && r.corr() == readback.corr();
        let intent = records.iter().find(is_intent)?;
        (intent.value["op"]["name"] == "AssumeRole").then_some(Assumed { intent, readback })
    })
}

/// How the role was assumed (item 8). `None` where it was not yet.
pub fn assumption(
    records: &[Record],
    drill: &DrillId,
    role: &RoleArn,
    world: &str,
) -> Option<Evidence> {
    let found = assumed(records, drill, role)?;
    let (open, params) = (found.open(), &found.intent.value["op"]["params"]);
    let at = |record: &Record| record.text("ts_utc").and_then(|t| t.parse::<Timestamp>().ok());
    let seconds = match (at(found.intent), at(found.readback)) {
        (Some(asked), Some(usable)) => Some(usable.duration_since(asked).as_secs_f64()),
        _ => None,
    };
    let arn = open["arn"].as_str().unwrap_or_default();
    let name = arn.rsplit('/').next().unwrap_or_default();
    let mfa = params["SerialNumber"].is_string();
    let in_time = seconds.is_some_and(|s| s <= TARGET_SECONDS);
    let took = seconds
        .map_or_else(|| "in a time that is not known".to_owned(), |s| format!("in {s:.1} s"));
    let with = if mfa { "with MFA" } else { "WITHOUT MFA" };
    Some(Evidence {
        item: Item::Assume,
        state: State::seen(mfa && in_time, world),
        text: format!("{role} assumed {with} {took}, session {name}"),
        value: json!({
            "seconds": seconds,
            "target_seconds": TARGET_SECONDS,
            "session_name": name,
            "mfa": mfa,
            "source_identity": open["source_identity"],
            "tags": params["Tags"],
            "access_key": open["access_key"],
            "expires": open["expires"],
            "packed_percent": open["packed"],
        }),
        sources: vec![Source::Corr(found.corr())],
    })
}

/// Whose credentials the role was assumed with (item 14). `idp_down`: the drill assumes that the
/// usual sign-in does not work.
pub fn provider(
    records: &[Record],
    drill: &DrillId,
    role: &RoleArn,
    world: &str,
    idp_down: bool,
) -> Option<Evidence> {
    let found = assumed(records, drill, role)?;
    let provider = found.open()["provider"].as_str().unwrap_or_default();
    let usual = super::judge::is_sso(provider);
    let caller = found.intent.value["actor"]["caller_arn"].as_str().unwrap_or_default();
    Some(Evidence {
        item: Item::Provider,
        state: State::seen(!(idp_down && usual), world),
        text: format!("the credentials of {caller} came from: {provider}"),
        value: json!({"provider": provider, "caller": caller, "idp_down": idp_down}),
        sources: vec![Source::Corr(found.corr())],
    })
}

/// The proof of power (item 9): what the canary's run read and changed as the role, and whether a
/// later run took it back. `None` where none was run.
pub fn power(records: &[Record], drill: &DrillId, role: &RoleArn, world: &str) -> Option<Evidence> {
    let mine = |r: &&Record| r.incident() == Some(drill.as_str());
    let of = |kind: Kind| records.iter().filter(mine).filter(move |r| r.kind() == Some(kind));
    let run = of(Kind::RunStart).rfind(|r| r.value["playbook"]["id"] == CANARY)?.text("run")?;
    let in_run = |r: &&Record, run: &str| r.text("run") == Some(run);
    let read = of(Kind::Step)
        .filter(|r| in_run(r, run))
        .any(|r| r.text("step_kind") == Some("read") && r.text("state") == Some("done"));
    let settled = |run: &str, corr: Option<&str>| {
        of(Kind::Readback)
            .filter(|r| in_run(r, run))
            .any(|r| r.corr() == corr && r.text("state") == Some("done"))
    };
    let session = format!(":assumed-role/{}/", role.name());
    let as_role = |r: &&Record| {
        let caller = r.value["actor"]["caller_arn"].as_str().unwrap_or_default();
        caller.contains(&session)
    };
    // What AWS refused changed nothing: it may have been tried again.
    let refused = |intent: &&Record| {
        let mut outcomes = of(Kind::Outcome).filter(|r| r.corr() == intent.corr());
        outcomes.any(|r| r.result() == Some("error"))
    };
    let made = |run: &str| -> Vec<&Record> {
        of(Kind::Intent).filter(|r| in_run(r, run) && !refused(r)).collect()
    };
    let writes = made(run);
    let wrote = !writes.is_empty() && writes.iter().all(|r| settled(run, r.corr()));
    let acted = !writes.is_empty() && writes.iter().all(as_role);
    let back: Vec<&str> = of(Kind::RunStart)
        .filter(|r| r.text("undoes") == Some(run))
        .filter_map(|r| r.text("run"))
        .collect();
    let ended = |back: &&&str| {
        of(Kind::RunEnd).any(|r| in_run(&r, back) && r.text("state") == Some("done"))
    };
    let undone = back.iter().find(ended).copied();
    let restored = undone.is_some_and(|back| {
        let calls = made(back);
        !calls.is_empty() && calls.iter().all(|r| settled(back, r.corr()))
    });
    let holds = read && wrote && acted && restored;
    let text = match (read && wrote, acted, restored) {
        (true, true, true) => "the canary was read, changed, read back and restored".to_owned(),
        (true, true, false) => "the canary was changed and is not restored yet".to_owned(),
        (true, false, _) => "the canary was changed, and not by the role".to_owned(),
        (false, ..) => "the canary was not changed".to_owned(),
    };
    let mut sources = vec![Source::Run(run.to_owned())];
    sources.extend(undone.map(|back| Source::Run(back.to_owned())));
    Some(Evidence {
        item: Item::Power,
        state: State::seen(holds, world),
        text,
        value: json!({"read": read, "wrote": wrote && acted, "restored": restored}),
        sources,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRILL: &str = "DRILL-2026Q4-0000000a";
    const ROLE: &str = "arn:aws:iam::123456789012:role/break-glass";

    fn record(seq: u64, body: Value) -> Record {
        let mut value = json!({
            "seq": seq,
            "incident": DRILL,
            "actor": {"caller_arn": "arn:aws:sts::123456789012:assumed-role/break-glass/x"},
        });
        for (key, said) in body.as_object().into_iter().flatten() {
            value[key] = said.clone();
        }
        Record { seq, line: seq, offset: 0, raw: value.to_string(), value, h: String::new() }
    }

    fn power_of(bodies: Vec<Value>) -> Option<Evidence> {
        let records: Vec<Record> = (1..).zip(bodies).map(|(n, b)| record(n, b)).collect();
        let (drill, role) = (DRILL.parse().expect("an id"), ROLE.parse().expect("a role"));
        power(&records, &drill, &role, "range")
    }

    fn call(run: &str, corr: &str, result: &str) -> Vec<Value> {
        let mut all = vec![
            json!({"kind": "intent", "run": run, "corr": corr}),
            json!({"kind": "outcome", "run": run, "corr": corr, "result": {"state": result}}),
        ];
        if result == "ok" {
            all.push(json!({"kind": "readback", "run": run, "corr": corr, "state": "done"}));
        }
        all
    }

    fn changed(first: &str) -> Vec<Value> {
        let mut all = vec![
            json!({"kind": "run_start", "run": "r1", "playbook": {"id": CANARY}}),
            json!({"kind": "step", "run": "r1", "step_kind": "read", "state": "done"}),
        ];
        all.extend(call("r1", "r1.write.1", first));
        all
    }

    fn undone() -> Vec<Value> {
        let mut all = vec![
            json!({"kind": "run_start", "run": "r2", "undoes": "r1", "playbook": {"id": "undo"}}),
        ];
        all.extend(call("r2", "r2.write.1", "ok"));
        all.push(json!({"kind": "run_end", "run": "r2", "state": "done"}));
        all
    }

    #[test]
    fn power_is_proven_by_what_was_changed_and_taken_back() {
        let state = |bodies| power_of(bodies).map(|e| (e.state, e.text));
        assert_eq!(state(Vec::new()), None);
        let (failed, text) = state(changed("ok")).expect("evidence");
        assert_eq!(failed, State::Failed);
        assert!(text.contains("not restored yet"), "{text}");
        let whole = [changed("ok"), undone()].concat();
        assert_eq!(state(whole).expect("evidence").0, State::Simulated);
        // Refused at first and done at the second attempt.
        let again = [changed("error"), call("r1", "r1.write.2", "ok"), undone()].concat();
        assert_eq!(state(again).expect("evidence").0, State::Simulated);
        let never = [changed("error"), undone()].concat();
        assert_eq!(state(never).expect("evidence").0, State::Failed);
        // Nobody knows what became of it.
        let open = [changed("unknown"), undone()].concat();
        assert_eq!(state(open).expect("evidence").0, State::Failed);
    }
}
