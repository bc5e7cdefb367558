//! Questions about the world's truth, which nobody can ask over the wire: a drill's objectives
//! are judged by them.

use crate::domain::{
    AccessKeyId, AccountId, InlineName, OrgTarget, PolicyArn, Principal, RoleName, TrailArn,
};

/// Something that is or is not so in the world, now.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The key is not active, or gone.
    KeyOff(AccessKeyId),
    /// The managed policy is not attached.
    Detached(AccountId, Principal, PolicyArn),
    /// The principal has an inline policy of this name.
    Inline(AccountId, Principal, InlineName),
    /// The principal has no inline policy of this name.
    NoInline(AccountId, Principal, InlineName),
    /// A policy refuses the principal everything, whoever asks.
    Denied(AccountId, Principal),
    /// The policies in force let a new session of the role, or the user, do this on anything.
    May(AccountId, Principal, String),
    /// The role's sessions that the world began with are refused everything, one that is begun
    /// now is not: by a policy that asks when the session was begun.
    SessionsRevoked(AccountId, RoleName),
    /// The session with this key is refused everything.
    SessionCut(AccessKeyId),
    /// The role trusts nobody whose ARN or account contains this.
    NotTrusted(AccountId, RoleName, String),
    /// The trail logs.
    Logging(TrailArn),
    /// The finding, by its id, is archived in GuardDuty.
    Archived(String),
    /// The service control policy of this name is not attached there.
    NoScp(String, OrgTarget),
    /// The service control policy of this name is attached there.
    Scp(String, OrgTarget),
}
