//! The writer: the only way to change anything, and it takes a permit.

mod selectors;
mod send;

use std::sync::Arc;

use super::{
    Cloud, Report,
    client::{Account, Endpoint},
    gate::under_permit,
    glass,
    trace::traced,
};
use crate::{
    change::Prepared,
    domain::{Answer, Applied, Fault, FaultKind, Outcome, Verb},
    guard::Permit,
};

/// Makes changes. In read-only mode none is built.
#[derive(Clone)]
pub struct Writer {
    cloud: Cloud,
}

impl Writer {
    pub(super) fn new(cloud: Cloud) -> Self {
        Self { cloud }
    }

    /// Makes the one call that the permit is for: one attempt, no retry.
    pub async fn apply(&self, permit: Permit, report: Report<'_>) -> Applied {
        let spent = permit.spend();
        let prepared = spent.prepared.clone();
        if let Verb::EndSession { role } = &prepared.change.verb {
            self.cloud.end_session(role);
            return without_call(Outcome::Accepted);
        }
        if let Verb::AssumeRole(wish) = &prepared.change.verb
            && let Err(fault) = self.cloud.inner.bounds.check(&wish.role.account())
        {
            return unsent(fault);
        }
        let account = match self.cloud.account(&prepared.change.place.target).await {
            Ok(account) => account,
            Err(fault) => return unsent(fault),
        };
        if let Err(fault) = endpoint_is_meant(&account) {
            return unsent(fault);
        }
        if let Err(fault) = is_still(&account, &prepared).await {
            return unsent(fault);
        }
        let hands = account.hands(&prepared.change.place);
        let (service, operation) = {
            let facts = prepared.facts();
            (facts.spec().service, facts.spec().operation)
        };
        let (result, call) = match &prepared.change.verb {
            Verb::AssumeRole(wish) => {
                let (opened, call) =
                    glass::assume(&self.cloud, &account, spent, wish, report).await;
                (opened.map(|()| Vec::new()), call)
            }
            _ => {
                let name = (service, operation);
                under_permit(name, send::send(&hands, &prepared, name)).await
            }
        };
        let applied = Applied {
            outcome: outcome(result, call.attempts),
            attempts: call.attempts,
            host: call.host.clone(),
            request_id: call.request_id.clone(),
            server_time: call.server_time,
        };
        report(Answer::Called(call));
        if applied.outcome.fault().is_some_and(|f| f.kind == FaultKind::Expired) {
            self.cloud.forget(&prepared.change.place.target);
        }
        applied
    }
}

/// What the environment or a profile says about endpoints serves reading only.
fn endpoint_is_meant(account: &Arc<Account>) -> Result<(), Fault> {
    match &account.chain().endpoint {
        Some(Endpoint { from_flag: false, .. }) => Err(Fault::new(
            FaultKind::Refused,
            "the endpoint comes from the environment or a profile: it serves reading only",
        )
        .with_hint("give the same URL as --endpoint-url")),
        _ => Ok(()),
    }
}

/// Credentials are read anew when they expire, and may be another account's by now: what
/// was consented to is a change in this one.
async fn is_still(account: &Arc<Account>, prepared: &Prepared) -> Result<(), Fault> {
    let reach = account.reach(&prepared.change.place);
    let ask = reach.sts.get_caller_identity().send();
    let (result, _) = traced(&reach.place, ("STS", "GetCallerIdentity"), ask).await;
    let (caller, _) = result?;
    if caller.account() == Some(prepared.change.account.as_str()) {
        return Ok(());
    }
    let what = "the credentials are another account's than the change was planned for";
    Err(Fault::new(FaultKind::Refused, what).with_hint("plan it again"))
}

fn unsent(fault: Fault) -> Applied {
    without_call(Outcome::Refused(fault))
}

fn without_call(outcome: Outcome) -> Applied {
    Applied { outcome, attempts: 0, host: None, request_id: None, server_time: None }
}

/// What was not answered may have been done; what never left was not.
fn outcome(result: Result<Vec<String>, Fault>, attempts: u32) -> Outcome {
    match result {
        Ok(not) if not.is_empty() => Outcome::Accepted,
        Ok(not) => Outcome::Partial(not),
        Err(mut fault) => {
            // The hints of reads promise another attempt; a change gets none.
            let open = matches!(
                fault.kind,
                FaultKind::Timeout
                    | FaultKind::Network
                    | FaultKind::Service
                    | FaultKind::Unreadable
            );
            if open && attempts > 0 {
                fault.hint = None;
                Outcome::Unknown(fault)
            } else {
                Outcome::Refused(fault)
            }
        }
    }
}
