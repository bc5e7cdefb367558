//! The permit: made here and nowhere else, after its intent is on disk.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use jiff::Timestamp;

use super::{
    Badge, Consent, Incident, Mode,
    review::{may_change, may_change_in},
};
use crate::{
    audit::{Entry, Kind, Log, Stamp},
    change::Prepared,
    domain::{Applied, Fault, FaultKind, MfaCode},
};

/// What is about to be done, for whom and in which run.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    pub prepared: Prepared,
    pub incident: Incident,
    pub run: String,
    pub step: String,
    /// Joins intent, outcome and read-back; unique in the log.
    pub corr: String,
    /// The run whose change this one takes back.
    pub undoes: Option<String>,
}

/// The right to make one change once.
///
/// INVARIANT: no Clone, no Serialize, no constructor but [`Permit::issue`].
#[derive(Debug)]
pub struct Permit(Spent);

/// What a permit is good for, given away with it.
#[derive(Debug)]
pub struct Spent {
    pub prepared: Prepared,
    /// What a session that is begun with it says of itself.
    pub badge: Badge,
    /// The code that was given with the consent.
    pub code: Option<MfaCode>,
    /// When it was issued, by the clock of the log.
    pub at: Timestamp,
}

impl Permit {
    /// Writes the intent and syncs it; the log stays held until the outcome is written.
    ///
    /// # Errors
    /// The mode does not allow it any more, the consent is for another change, or the
    /// intent could not be put on disk. Nothing is changed then.
    pub fn issue(
        log: &mut Log,
        mode: &Mode,
        now: Timestamp,
        consent: Consent,
        intent: &Intent,
        stamp: Stamp,
    ) -> Result<Permit, Fault> {
        may_change(mode, now)
            .and_then(|()| may_change_in(mode, &intent.prepared))
            .map_err(|r| Fault::new(FaultKind::Refused, r.why).with_hint(r.hint))?;
        if !consent.is_for(&intent.prepared) {
            let what = "the consent is for another change than this one";
            return Err(Fault::new(FaultKind::Refused, what));
        }
        log.hold()?;
        match log.append(record(intent, &consent), stamp) {
            Ok(head) => Ok(Permit(Spent {
                prepared: intent.prepared.clone(),
                badge: Badge::new(&intent.incident, &head.h),
                code: consent.code,
                at: now,
            })),
            Err(refused) => {
                log.release();
                Err(refused.into())
            }
        }
    }

    /// What may be done. Whoever holds the permit gives it away with it.
    pub fn spend(self) -> Spent {
        self.0
    }
}

fn record(intent: &Intent, consent: &Consent) -> Entry {
    let Intent { prepared, incident, run, step, corr, undoes } = intent;
    let facts = prepared.facts();
    let spec = facts.spec();
    let params = facts.params();
    let digest = Sha256::digest(params.to_string());
    let digest: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    let mut body = Map::new();
    body.insert("incident".into(), json!(incident.id));
    body.insert("run".into(), json!(run));
    body.insert("step".into(), json!(step));
    body.insert(
        "op".into(),
        json!({
            "service": spec.service,
            "name": spec.operation,
            "account": prepared.change.account,
            "region": prepared.change.place.region,
            "params": params,
            "params_sha256": digest,
        }),
    );
    body.insert("fingerprint".into(), json!(prepared.fingerprint()));
    body.insert("ceremony".into(), json!(consent.ceremony.name()));
    if let Some(second) = &consent.second {
        body.insert("second_person".into(), second.to_json());
    }
    body.insert("risk".into(), json!(facts.risk(&prepared.before)));
    body.insert("change".into(), json!(prepared.change));
    body.insert("before".into(), json!(prepared.before));
    body.insert("after".into(), json!(prepared.after()));
    body.insert("undo".into(), json!(prepared.inverse()));
    body.insert("not_restored".into(), json!(facts.not_restored(&prepared.before)));
    body.insert("undoes".into(), json!(undoes));
    Entry { kind: Kind::Intent, corr: Some(corr.clone()), body }
}

/// The record of what AWS answered.
pub fn outcome(intent: &Intent, applied: &Applied) -> Entry {
    let fault = applied.outcome.fault();
    let unprocessed = match &applied.outcome {
        crate::domain::Outcome::Partial(those) => json!(those),
        _ => Json::Null,
    };
    let mut body = Map::new();
    body.insert("incident".into(), json!(intent.incident.id));
    body.insert("run".into(), json!(intent.run));
    body.insert("step".into(), json!(intent.step));
    body.insert(
        "result".into(),
        json!({
            "state": applied.outcome.word(),
            "code": fault.map(|f| f.kind),
            "message": fault.map(|f| f.what.clone()),
            "unprocessed": unprocessed,
            "request_id": applied.request_id,
            "server_date": applied.server_time,
            "host": applied.host,
            "attempts": applied.attempts,
        }),
    );
    Entry { kind: Kind::Outcome, corr: Some(intent.corr.clone()), body }
}
