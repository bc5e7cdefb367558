//! Cut one session of a role and leave the others alone: a deny that names it by
//! `aws:userid` or `aws:SourceIdentity` (IAM user guide, "AWS global condition context keys").

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    change::{Arg, Args, Risk, Scope, Spec, ValueType},
    domain::{
        InlineName, RoleSession, SessionId, SessionsState, State, Verb, untrusted::display_in,
    },
};

const PITFALLS: &[&str] = &[
    "Whoever may assume the role again under another session name, or without the source \
     identity, is free: look at its trust policy.",
    "A session name is chosen by who assumes the role: others may use the same one.",
    "It takes a few minutes to be everywhere.",
];

pub const SPEC: Spec = Spec {
    name: "iam.deny_role_session",
    service: "IAM",
    operation: "PutRolePolicy",
    action: "iam:PutRolePolicy",
    summary: "Deny everything to one session of a role; its other sessions go on.",
    args: &[Arg::needed("role", ValueType::RoleName), Arg::needed("session", ValueType::SessionId)],
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: PITFALLS,
    scope: Scope::Iam,
    subject: super::subject_with_sessions,
    verbs,
};

/// A name of its own for each session, so that several can be denied.
pub fn name(session: &SessionId) -> InlineName {
    let digest = Sha256::digest(session.to_string());
    let short: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
    format!("HalonDenySession-{short}").parse().expect("INVARIANT: a good name")
}

pub fn document(session: &SessionId) -> String {
    let (key, value) = session.condition();
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "HalonDenySession",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {key: value}},
        }],
    })
    .to_string()
}

fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = super::inline(state)?;
    let (Some(role), Some(session)) = (args.role(), args.session()) else {
        return Err("a role and a session are needed".to_owned());
    };
    if let SessionId::UserId { role_id, .. } = session
        && **role_id != *state.id.raw()
    {
        let id = display_in(state.id.raw(), 40);
        return Err(format!("{session} is no session of role {role}, whose id is {id}"));
    }
    let (role, session) = (role.clone(), session.clone());
    Ok(super::unless_so(Verb::DenySession { role, session }, state))
}

/// Sessions by whether a deny of one of them hits them.
pub trait OneSession {
    fn is(&self, session: &SessionId) -> bool;
}

impl OneSession for RoleSession {
    fn is(&self, session: &SessionId) -> bool {
        match session {
            SessionId::UserId { .. } => self.id.raw() == session.to_string(),
            SessionId::SourceIdentity(who) => {
                self.source_identity.as_ref().is_some_and(|s| s.raw() == &**who)
            }
        }
    }
}

/// Who goes on, who is hit, and who would be by a blunter stop.
pub fn affected(sessions: &SessionsState, session: &SessionId) -> Vec<String> {
    let (hit, free): (Vec<_>, Vec<_>) = sessions.sessions.iter().partition(|s| s.is(session));
    let mut said = vec![match hit.len() {
        0 => "No session that may be alive is known by it.".to_owned(),
        1 => format!("One session that may be alive is hit: {}.", at_most(1, &hit)),
        n => format!("{n} sessions that may be alive are hit: {}.", at_most(5, &hit)),
    }];
    said.push(match free.len() {
        0 => "No other session of the role is known.".to_owned(),
        1 => format!(
            "1 other session of the role goes on, and would be hit by revoking all: {}.",
            at_most(1, &free)
        ),
        n => format!(
            "{n} other sessions of the role go on, and would be hit by revoking all: {}.",
            at_most(5, &free)
        ),
    });
    said.extend(unknown(sessions));
    said
}

/// A few of them by their names, sanitised, and how many more there are.
pub fn at_most(most: usize, sessions: &[&RoleSession]) -> String {
    let name = |s: &&RoleSession| {
        let id = s.id.raw();
        display_in(id.rsplit_once(':').map_or(id, |(_, name)| name), 64)
    };
    let mut names: Vec<String> = sessions.iter().take(most).map(name).collect();
    if sessions.len() > most {
        names.push(format!("and {} more", sessions.len() - most));
    }
    names.join(", ")
}

/// What the numbers do not cover.
pub fn unknown(sessions: &SessionsState) -> Vec<String> {
    let regions: Vec<&str> = sessions.regions.iter().map(|r| r.as_str()).collect();
    let mut said = Vec::new();
    if !regions.is_empty() {
        said.push(format!(
            "Sessions are known from CloudTrail in {} alone, and those of the last minutes not yet.",
            regions.join(" and ")
        ));
    }
    said.extend(sessions.faults.iter().map(|why| format!("Sessions could not be read: {why}")));
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(id: &str, who: Option<&str>) -> RoleSession {
        RoleSession {
            id: id.into(),
            access_key: None,
            source_identity: who.map(Into::into),
            by: "arn:aws:iam::111122223333:user/ci".into(),
            address: None,
            begun: jiff::Timestamp::UNIX_EPOCH,
            expires: None,
        }
    }

    #[test]
    fn innocents_are_counted() {
        let state = SessionsState {
            sessions: vec![
                session("AROAEXAMPLEID:build", Some("alice")),
                session("AROAEXAMPLEID:attacker", Some("alice")),
                session("AROAEXAMPLEID:deploy", None),
            ],
            ..SessionsState::default()
        };
        let one = "AROAEXAMPLEID:attacker".parse().expect("good");
        let said = affected(&state, &one).join(" ");
        assert!(said.contains("is hit: attacker.") && said.contains("2 other sessions"), "{said}");
        let who = "source-identity:alice".parse().expect("good");
        let said = affected(&state, &who).join(" ");
        assert!(said.contains("2 sessions that may be alive are hit: build, attacker."), "{said}");
        assert!(said.contains("1 other session of the role goes on"), "{said}");
        assert_ne!(name(&one), name(&who));
    }
}
