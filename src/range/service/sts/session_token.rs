//! GetSessionToken: temporary credentials of a user.

use serde_json::json;

use super::{denied, device, given_out, new_key, term};
use crate::range::{
    paging::Pager,
    service::{Call, Outcome},
    wire::Refusal,
    world::{Entity, Session, World},
};

/// In seconds: twelve hours.
const USUAL: i64 = 43_200;

pub fn get_session_token(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let caller = &call.caller;
    let Some(user) = caller.user().filter(|_| caller.session.is_none()) else {
        return Err(denied("Cannot call GetSessionToken with session credentials"));
    };
    let spent = device::code(world, call)?;
    let (issued, expires) = term(call, USUAL);
    let session = Session {
        key: new_key(world, call),
        account: caller.account_id.clone(),
        of: Entity::User(user.to_owned()),
        name: String::new(),
        issued,
        expires,
        mfa: spent.is_some(),
        source_identity: None,
        tags: Vec::new(),
        transitive: Vec::new(),
        policy: None,
        policy_arns: Vec::new(),
        spent,
        of_instance: false,
    };
    Ok(given_out(world, session, json!({})))
}
