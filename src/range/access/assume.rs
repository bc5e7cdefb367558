//! Whether a role lets somebody become it.
//!
//! The role's trust policy is its resource policy, and must allow even within the account.
//! Bringing tags and naming a source identity are actions of their own, for the caller's
//! policies and the role's alike (IAM user guide, "Pass session tags in AWS STS" and
//! "Monitor and control actions taken with assumed roles").

use super::{
    asked::{Asked, Rule, request_tags},
    decided, words,
};
use crate::{
    policy::{Kind, Outcome},
    range::{
        service::Call,
        wire::Refusal,
        world::{World, iam::Role},
    },
};

/// A role that is about to be assumed, with what a trust policy may ask about.
pub struct Assumption<'a> {
    /// The role's account, as a position in the world's list.
    pub account: usize,
    pub role: &'a Role,
    pub session_name: &'a str,
    /// A code of the caller's MFA device was verified, now or when the caller's temporary
    /// credentials were given out.
    pub mfa: bool,
    pub external_id: Option<&'a str>,
    /// The one that the new session will have.
    pub source_identity: Option<&'a str>,
    /// Tags of the request alone, and which of them are to be passed on.
    pub tags: &'a [(String, String)],
    pub transitive: &'a [String],
}

/// Refuses whom the policies do not let become the role.
pub fn admit(world: &World, call: &Call, assumption: &Assumption<'_>) -> Result<(), Refusal> {
    let tagged = !assumption.tags.is_empty() || !call.caller.transitive_tags().is_empty();
    let mut actions = vec!["sts:AssumeRole"];
    actions.extend(tagged.then_some("sts:TagSession"));
    actions.extend(assumption.source_identity.map(|_| "sts:SetSourceIdentity"));
    for action in actions {
        let role = &assumption.role.identity;
        let asked = Asked {
            rule: Rule::Needed,
            action: action.to_owned(),
            resource: role.arn.clone(),
            shown: role.arn.clone(),
            account: assumption.account,
            keys: keys(call, assumption),
        };
        let trust = world.parsed().named(&role.name, &assumption.role.trust);
        let decision = decided(world, call, &asked, trust);
        if decision.is_allowed() {
            continue;
        }
        // Another account is not told what a role's trust policy says, nor that there is one.
        let by_trust = match decision.outcome {
            Outcome::ExplicitDeny => decision.by.iter().all(|by| by.kind == Kind::Resource),
            _ => decision.lacking.iter().any(|lacking| lacking.kind == Kind::Resource),
        };
        let foreign = assumption.account != call.account;
        return Err(if by_trust && foreign {
            words::bare(call, &asked)
        } else {
            words::refusal(call, &asked, &decision)
        });
    }
    Ok(())
}

/// The same words whether the role does not trust the caller or does not exist.
pub fn refused(call: &Call) -> Refusal {
    let (who, role) = (&call.caller.arn, call.text("RoleArn"));
    let why =
        format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}");
    words::refused(call, &why)
}

fn keys(call: &Call, assumption: &Assumption<'_>) -> Vec<(String, Vec<String>)> {
    let mut keys = request_tags(&call.input);
    let mut key = |key: &str, values: Vec<String>| keys.push((key.to_owned(), values));
    key("sts:RoleSessionName", vec![assumption.session_name.to_owned()]);
    if let Some(id) = assumption.external_id {
        key("sts:ExternalId", vec![id.to_owned()]);
    }
    if let Some(source) = assumption.source_identity {
        key("sts:SourceIdentity", vec![source.to_owned()]);
    }
    if !assumption.transitive.is_empty() {
        key("sts:TransitiveTagKeys", assumption.transitive.to_vec());
    }
    if assumption.mfa {
        key("aws:MultiFactorAuthPresent", vec!["true".to_owned()]);
        // A code that came with this request was given now.
        if call.input["TokenCode"].is_string() {
            key("aws:MultiFactorAuthAge", vec!["0".to_owned()]);
        }
    }
    for (tag, value) in &assumption.role.identity.tags {
        key(&format!("aws:ResourceTag/{tag}"), vec![value.clone()]);
        key(&format!("iam:ResourceTag/{tag}"), vec![value.clone()]);
    }
    keys
}
