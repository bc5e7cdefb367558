//! A call as it goes into the journal, whatever became of it.

use std::borrow::Cow;

use bytes::Bytes;
use http::{Request, header};
use jiff::Timestamp;
use serde_json::{Value, value::RawValue};

use super::{Peer, state::Known};
use crate::range::{
    faults::Twist,
    service::{Call, Outcome},
    wire::{Claim, Refusal},
    world::{Entry, World},
};

/// The most that is kept of what was asked or answered, in bytes. CloudTrail user guide,
/// "CloudTrail record contents": the fields have at most 100 KB and are else left out.
const MOST_KEPT: usize = 100 * 1024;

/// What the journal keeps of a call; its change is put in by whoever accepts it.
pub fn entry(
    world: &World,
    call: &Call,
    (claim, known): (&Claim, &Known),
    performed: &Result<Outcome, Refusal>,
) -> Entry {
    let output = performed.as_ref().ok().filter(|outcome| outcome.change.is_some());
    Entry {
        at: Timestamp::from_millisecond(call.now).unwrap_or_default(),
        operation: format!("{}:{}", call.service, call.operation),
        request_id: known.request_id.clone(),
        account: world.accounts[call.account].id.as_str().to_owned(),
        access_key: claim.access_key.clone(),
        region: call.region.clone(),
        address: call.address.clone(),
        agent: call.agent.clone(),
        input: kept(&asked(&call.input)),
        output: output.and_then(|outcome| kept(outcome.told.as_ref().unwrap_or(&outcome.body))),
        error: performed.as_ref().err().map(|r| (r.code.to_owned(), r.message.clone())),
        untold: call.twist == Some(Twist::Untold),
        change: None,
    }
}

/// Where a request came from.
pub fn address(request: &Request<Bytes>) -> String {
    // Within the process there is no peer: the caller is this machine.
    let peer = request.extensions().get::<Peer>();
    peer.map_or_else(|| "127.0.0.1".to_owned(), |peer| peer.0.to_string())
}

/// With which agent; empty where it does not say.
pub fn agent(request: &Request<Bytes>) -> String {
    let agent = request.headers().get(header::USER_AGENT);
    agent.map_or_else(String::new, |a| String::from_utf8_lossy(a.as_bytes()).into_owned())
}

/// What was asked, without what CloudTrail never has: a device's code, a password.
fn asked(input: &Value) -> Cow<'_, Value> {
    let mut out = Cow::Borrowed(input);
    for secret in ["TokenCode", "Password"] {
        if out.get(secret).is_some()
            && let Some(members) = out.to_mut().as_object_mut()
        {
            members.shift_remove(secret);
        }
    }
    out
}

/// The JSON text of an object that says something and is not too large.
fn kept(value: &Value) -> Option<Box<RawValue>> {
    let something = value.as_object().is_some_and(|object| !object.is_empty());
    let text = something.then(|| value.to_string()).filter(|text| text.len() <= MOST_KEPT)?;
    RawValue::from_string(text).ok()
}
