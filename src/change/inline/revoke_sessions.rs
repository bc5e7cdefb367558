//! Cut every session of a role, or of a user, that was begun before now: the console's own
//! "Revoke sessions" (IAM user guide, "Revoking IAM role temporary security credentials").

use jiff::Timestamp;
use serde_json::json;

use super::deny_session::at_most;
use crate::{
    change::{Arg, Args, Risk, Scope, Spec, ValueType},
    domain::{SessionsState, State, Verb, time::rfc3339},
};

/// The name that the IAM console uses: a later revocation takes its place.
pub const NAME: &str = "AWSRevokeOlderSessions";

const PITFALLS: &[&str] = &[
    "Every session begun before that time is hit, the legitimate too.",
    "Whoever can still assume the role comes back: look at its trust policy, and at what holds \
     the credentials.",
    "aws:TokenIssueTime exists for temporary credentials only: long-term keys go on.",
    "It takes a few minutes to be everywhere.",
];

pub const ROLE: Spec = Spec {
    name: "iam.revoke_role_sessions",
    service: "IAM",
    operation: "PutRolePolicy",
    action: "iam:PutRolePolicy",
    summary: "Deny everything to the sessions of a role that were begun before now.",
    args: &[Arg::needed("role", ValueType::RoleName)],
    risk: Risk::Wide,
    wide_where: None,
    pitfalls: PITFALLS,
    scope: Scope::Iam,
    subject: super::subject_with_sessions,
    verbs,
};

pub const USER: Spec = Spec {
    name: "iam.revoke_user_sessions",
    operation: "PutUserPolicy",
    action: "iam:PutUserPolicy",
    summary: "Deny everything to the temporary credentials of a user (GetSessionToken, \
              GetFederationToken) that were issued before now.",
    args: &[Arg::needed("user", ValueType::UserName)],
    subject: super::subject,
    risk: Risk::Reversible,
    ..ROLE
};

pub fn document(issued_before: Timestamp) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": NAME,
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": rfc3339(issued_before)}},
        }],
    })
    .to_string()
}

/// AWS's own clock says when "now" is: ours may be wrong.
fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = super::inline(state)?;
    // Tokens bear whole seconds: the one that has begun is cut as well.
    let second = Timestamp::from_second(state.clock.as_second() + 1);
    let issued_before = second.map_err(|_| "AWS's clock is beyond all time".to_owned())?;
    Ok(vec![Verb::RevokeSessions { of: super::who(args), issued_before }])
}

/// How many sessions are hit.
pub fn affected(sessions: &SessionsState, issued_before: Timestamp) -> Vec<String> {
    let hit: Vec<_> = sessions.sessions.iter().filter(|s| s.begun < issued_before).collect();
    let mut said = vec![match hit.len() {
        0 => "No session is known that would be hit.".to_owned(),
        n => format!("{n} sessions that may be alive are hit: {}.", at_most(5, &hit)),
    }];
    said.extend(super::deny_session::unknown(sessions));
    said
}
