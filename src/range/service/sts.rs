//! AWS STS.

use serde_json::json;

use super::{Call, Outcome};
use crate::range::{
    paging::Pager,
    seed,
    wire::Refusal,
    world::{PARTITION, World},
};

pub fn get_caller_identity(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let account = world.accounts[call.account].id.as_str();
    Ok(json!({
        "Arn": format!("arn:{PARTITION}:iam::{account}:user/{}", call.user),
        "UserId": seed::unique_id("AIDA", world.seed, &["user", account, &call.user]),
        "Account": account,
    })
    .into())
}
