//! AWS STS.

use serde_json::json;

use super::{Call, Outcome};
use crate::range::{paging::Pager, wire::Refusal, world::World};

pub fn get_caller_identity(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = &world.iam().home(call.account).users[call.user].identity;
    Ok(json!({
        "Arn": user.arn,
        "UserId": user.id,
        "Account": world.accounts[call.account].id.as_str(),
    })
    .into())
}
