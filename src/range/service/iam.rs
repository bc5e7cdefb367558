//! AWS IAM.

use serde_json::json;

use super::{Call, Outcome};
use crate::range::{paging::Pager, wire::Refusal, world::World};

pub fn list_account_aliases(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    // An account has at most one alias.
    let alias = &world.accounts[call.account].alias;
    Ok(json!({"AccountAliases": [alias], "IsTruncated": false}).into())
}
