//! Whether a caller may do what they ask: every call, by every policy there is.
//!
//! ```text
//!  Call ─▶ asked: action, resource ─▶ context: keys ─┐
//!                                                    ├─▶ policy::evaluate ─▶ words: the refusal
//!  World ─▶ applying: identity … SCPs, RCPs, trust ──┘
//! ```
//!
//! The range knows every key that a request has, so a key that is not there is absent.

mod applying;
mod asked;
mod assume;
mod context;
mod encoded;
mod words;

pub use assume::{Assumption, admit, refused};
pub use encoded::{decode, encode};

use super::{
    service::Call,
    wire::Refusal,
    world::{Caller, World},
};
use crate::policy::{self, Context, Decision, Kind, Named, Outcome, Request, Resource};
use asked::{Asked, Rule};

/// Refuses a call that the policies do not allow.
pub fn authorize(world: &World, call: &Call) -> Result<(), Refusal> {
    for asked in asked::by(world, call) {
        if asked.rule == Rule::Free {
            continue;
        }
        let decision = decided(world, call, &asked, None);
        let refused = match asked.rule {
            Rule::Unless => decision.outcome == Outcome::ExplicitDeny,
            _ => !decision.is_allowed(),
        };
        if refused {
            return Err(words::refusal(call, &asked, &decision));
        }
    }
    Ok(())
}

/// Why a statement denies somebody an action on anything, in the words of a refusal; `None`
/// where none does. The organization's policies count where `organization` says so.
pub fn denial(
    world: &World,
    caller: Caller,
    action: &str,
    region: &str,
    now: i64,
    organization: bool,
) -> Option<String> {
    let (call, asked) = of_anything(caller, action, region, now);
    let decision = decided(world, &call, &asked, None);
    let counts = |kind: Kind| organization || !matches!(kind, Kind::Scp | Kind::Rcp);
    let denied = decision.outcome == Outcome::ExplicitDeny
        && decision.by.iter().any(|reason| counts(reason.kind));
    denied.then(|| words::refusal(&call, &asked, &decision).message)
}

/// Whether the policies let somebody do an action on anything.
pub fn allows(world: &World, caller: Caller, action: &str, region: &str, now: i64) -> bool {
    let (call, asked) = of_anything(caller, action, region, now);
    decided(world, &call, &asked, None).is_allowed()
}

/// A question about an action on whatever there is, which nobody has asked over the wire.
fn of_anything(caller: Caller, action: &str, region: &str, now: i64) -> (Call, Asked) {
    let call = Call {
        service: "",
        operation: "",
        account: caller.account,
        caller,
        request_id: String::new(),
        region: region.to_owned(),
        address: String::new(),
        agent: String::new(),
        input: serde_json::Value::Null,
        now,
        twist: None,
    };
    let asked = Asked {
        rule: Rule::Needed,
        action: action.to_owned(),
        resource: "*".to_owned(),
        shown: "*".to_owned(),
        account: call.account,
        keys: Vec::new(),
    };
    (call, asked)
}

/// What the policies say of one action. `of_resource` is the resource's own policy.
fn decided(world: &World, call: &Call, asked: &Asked, of_resource: Option<Named>) -> Decision {
    let mut context = Context::complete();
    context::of_call(world, call, &mut context);
    context::of_resource(world, call.now, asked, &mut context);
    for (key, values) in &asked.keys {
        context.set(key, Some(values.clone()));
    }
    let resource =
        Resource { arn: asked.resource.clone(), account: Some(asked.account_id(world).to_owned()) };
    let request = Request::new(of(&call.caller), &asked.action, resource, context);
    let policies = applying::policies(world, call, asked, of_resource);
    policy::evaluate(&request, &policies)
}

/// The caller as policies know them.
fn of(caller: &Caller) -> policy::Caller {
    let kind = match caller.role() {
        Some(_) => policy::CallerKind::Role,
        None => policy::CallerKind::User,
    };
    policy::Caller {
        arn: caller.arn.clone(),
        account: caller.account_id.clone(),
        role: caller.role().map(|_| caller.entity_arn.clone()),
        tags: Some(caller.tags.clone()),
        userid: Some(caller.unique_id.clone()),
        kind,
    }
}
