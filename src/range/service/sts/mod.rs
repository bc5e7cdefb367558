//! AWS STS (API reference, version 2011-06-15).

pub mod assume;
mod device;
pub mod session_token;

use serde_json::{Value, json};

use super::{Call, Outcome};
use crate::range::{
    access::decode,
    paging::Pager,
    seed,
    wire::Refusal,
    world::{Change, Session, World, iso_seconds, trail},
};

/// "No permissions are required": whoever has credentials is told whose they are.
pub fn get_caller_identity(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let account = world.accounts[call.account].id.as_str();
    let caller = &call.caller;
    Ok(json!({"Arn": caller.arn, "UserId": caller.unique_id, "Account": account}).into())
}

/// The account of any key that there is, or of which the scenario tells.
pub fn get_access_key_info(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let id = call.text("AccessKeyId");
    let of_user = || world.iam().key(id).map(|(account, ..)| world.accounts[account].id.as_str());
    let of_session = || world.sessions().get(id).map(|session| session.account.as_str());
    let told = || world.history().account_of_told_key(id);
    let Some(account) = of_user().or_else(of_session).or_else(told) else {
        let why = format!("The access key {id} is not valid");
        return Err(Refusal::new(400, "ValidationError", why));
    };
    Ok(json!({"Account": account}).into())
}

/// What a refusal's encoded message says.
pub fn decode_authorization_message(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let text = decode(world.seed, call.text("EncodedMessage")).ok_or_else(|| {
        let why = "The content of the provided message is not valid.";
        Refusal::new(400, "InvalidAuthorizationMessageException", why)
    })?;
    Ok(json!({"DecodedMessage": text}).into())
}

fn denied(why: impl Into<String>) -> Refusal {
    Refusal::new(403, "AccessDenied", why)
}

fn invalid(why: impl Into<String>) -> Refusal {
    Refusal::new(400, "ValidationError", why)
}

/// When credentials given out now for so many seconds begin and end, in epoch milliseconds.
fn term(call: &Call, usual: i64) -> (i64, i64) {
    let issued = call.now.div_euclid(1000) * 1000;
    (issued, issued + call.input["DurationSeconds"].as_i64().unwrap_or(usual) * 1000)
}

/// The id of a temporary key given out for this request.
fn new_key(world: &World, call: &Call) -> String {
    seed::key_id("ASIA", world.seed, &["session", &call.request_id])
}

/// The answer: the credentials, and beside them `more`. What CloudTrail is told has no
/// secret and no token that works.
fn given_out(world: &World, session: Session, more: Value) -> Outcome {
    let mut body = json!({"Credentials": {
        "AccessKeyId": session.key,
        "SecretAccessKey": session.secret(world.seed),
        "SessionToken": session.token(world.seed),
        "Expiration": iso_seconds(session.expires),
    }});
    let mut told = json!({"Credentials": {
        "AccessKeyId": session.key,
        "SessionToken": trail::decoy_token(world.seed, &session.key),
        "Expiration": trail::spoken(session.expires),
    }});
    if let Value::Object(more) = more {
        for said in [&mut body, &mut told] {
            said.as_object_mut().into_iter().for_each(|said| said.extend(more.clone()));
        }
    }
    let change = Change::Session(Box::new(session));
    Outcome { told: Some(told), ..Outcome::new(body, Some(change)) }
}
