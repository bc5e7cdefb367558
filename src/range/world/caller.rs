//! Who makes a request, as they are when it is let in.

use std::sync::Arc;

use super::{
    World,
    change::Entity,
    iam::{Identity, KeyStatus},
    session::Session,
    trail::session_arn,
};
use crate::domain::Principal;

/// A user, or somebody with temporary credentials.
#[derive(Clone, Debug)]
#[allow(dead_code)] // Policies ask about tags; they are not evaluated yet.
pub struct Caller {
    /// The account, as a position in the world's list.
    pub account: usize,
    pub account_id: String,
    /// The user's ARN, or the role session's (`aws:PrincipalArn` has the role's instead).
    pub arn: String,
    /// `AIDA…`, or `AROA…:session`: `aws:userid`.
    pub unique_id: String,
    /// The principal's tags: the user's or role's, and over them the session's.
    pub tags: Vec<(String, String)>,
    /// The user or role, by name.
    pub entity: Entity,
    /// The ARN of the user or role itself.
    pub entity_arn: String,
    /// The temporary credentials; a user with a key of their own has none.
    pub session: Option<Arc<Session>>,
}

/// A key that may sign requests, and what is checked before it is let in.
pub struct Credentials {
    pub caller: Caller,
    pub secret: String,
    /// What `X-Amz-Security-Token` has to be.
    pub token: Option<String>,
    /// Epoch milliseconds.
    pub expires: Option<i64>,
}

#[allow(dead_code)] // As above.
impl Caller {
    /// The user's name, also where the credentials are temporary.
    pub fn user(&self) -> Option<&str> {
        match &self.entity {
            Entity::User(name) => Some(name),
            Entity::Role(_) => None,
        }
    }

    /// The role's name.
    pub fn role(&self) -> Option<&str> {
        match &self.entity {
            Entity::Role(name) => Some(name),
            Entity::User(_) => None,
        }
    }

    /// The name of the role's session.
    pub fn session_name(&self) -> Option<&str> {
        self.session.as_ref().map(|s| s.name.as_str()).filter(|name| !name.is_empty())
    }

    /// `aws:TokenIssueTime`, in epoch milliseconds; temporary credentials alone have one.
    pub fn token_issued(&self) -> Option<i64> {
        self.session.as_ref().map(|s| s.issued)
    }

    /// Whether a code of an MFA device was given; a user's own key says nothing of it.
    pub fn mfa(&self) -> Option<bool> {
        self.session.as_ref().map(|s| s.mfa)
    }

    pub fn source_identity(&self) -> Option<&str> {
        self.session.as_ref()?.source_identity.as_deref()
    }

    /// The session's tags that the next session in a chain inherits.
    pub fn transitive_tags(&self) -> Vec<(String, String)> {
        let Some(session) = &self.session else { return Vec::new() };
        let passed_on = |key: &str| session.transitive.iter().any(|t| same_key(t, key));
        session.tags.iter().filter(|(key, _)| passed_on(key)).cloned().collect()
    }
}

/// IAM user guide, "Pass session tags": keys are compared without regard to case.
pub fn same_key(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

impl World {
    /// Whose key this is at a time in epoch milliseconds. An inactive one is nobody's, and so
    /// is a session's before it was given out.
    pub fn credentials(&self, key: &str, now: i64) -> Option<Credentials> {
        if let Some(session) = self.sessions.get(key) {
            return self.of_session(session, now).filter(|_| session.issued <= now);
        }
        let iam = self.iam_in_force(now);
        let (account, user, held) = iam.key(key)?;
        let identity = &iam.home(account).users[user].identity;
        (held.status == KeyStatus::Active).then(|| Credentials {
            caller: self.caller(account, Entity::User(identity.name.clone()), identity, None),
            secret: held.secret.clone(),
            token: None,
            expires: None,
        })
    }

    /// Who somebody of an account would be: a user with a key of their own, or a role in a
    /// session begun at `issued` for a code of an MFA device. `None` where there is nobody of
    /// that name.
    pub fn would_be(
        &self,
        account: usize,
        who: &Principal,
        issued: i64,
        now: i64,
    ) -> Option<Caller> {
        let home = self.iam_in_force(now).home(account);
        match who {
            Principal::User(name) => {
                let user = home.user(name.as_str())?;
                let entity = Entity::User(name.to_string());
                Some(self.caller(account, entity, &user.identity, None))
            }
            Principal::Role(name) => {
                let role = home.role(name.as_str())?;
                let of = Entity::Role(name.to_string());
                let session = Session {
                    key: String::new(),
                    account: self.accounts[account].id.as_str().to_owned(),
                    of: of.clone(),
                    name: "anybody".to_owned(),
                    issued,
                    expires: i64::MAX,
                    mfa: true,
                    source_identity: None,
                    tags: Vec::new(),
                    transitive: Vec::new(),
                    policy: None,
                    policy_arns: Vec::new(),
                    spent: None,
                    of_instance: false,
                };
                Some(self.caller(account, of, &role.identity, Some(Arc::new(session))))
            }
        }
    }

    fn of_session(&self, session: &Arc<Session>, now: i64) -> Option<Credentials> {
        let account = self.account(&session.account)?;
        let home = self.iam_in_force(now).home(account);
        let identity = match &session.of {
            Entity::User(name) => &home.user(name)?.identity,
            Entity::Role(name) => &home.role(name)?.identity,
        };
        let held = Some(Arc::clone(session));
        Some(Credentials {
            caller: self.caller(account, session.of.clone(), identity, held),
            secret: session.secret(self.seed),
            token: Some(session.token(self.seed)),
            expires: Some(session.expires),
        })
    }

    fn caller(
        &self,
        account: usize,
        entity: Entity,
        identity: &Identity,
        session: Option<Arc<Session>>,
    ) -> Caller {
        let account_id = self.accounts[account].id.as_str().to_owned();
        let (mut arn, mut unique_id) = (identity.arn.clone(), identity.id.clone());
        let mut tags = identity.tags.clone();
        if let Some(session) = &session {
            if !session.name.is_empty() {
                arn = session_arn(&account_id, identity, &session.name);
                unique_id = format!("{}:{}", identity.id, session.name);
            }
            // "Session tags … override the role's tags with the same key."
            tags.retain(|(key, _)| !session.tags.iter().any(|(over, _)| same_key(key, over)));
            tags.extend(session.tags.iter().cloned());
        }
        Caller {
            account,
            account_id,
            arn,
            unique_id,
            tags,
            entity,
            entity_arn: identity.arn.clone(),
            session,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::Scenario;

    const WORLD: &str = r#"
schema = 1
id = "x"
title = "X"
start = "2026-03-02T03:10:00Z"
[[accounts]]
id = "111122223333"
alias = "prod"
regions = ["us-east-1"]
[[principals]]
account = "prod"
kind = "role"
name = "deploy"
path = "/ci/"
id = "AROADEVDEPLOYEXAMPLE"
tags = { Team = "delivery", Stage = "prod" }
trust = '{"Statement":[]}'
"#;

    #[test]
    fn a_session_s_tags_lie_over_the_role_s() {
        let scenario = Scenario::read("x.toml", WORLD).unwrap_or_else(|broken| panic!("{broken}"));
        let mut world = World::new(scenario);
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        world.sessions.add(&Session {
            key: "ASIAEXAMPLE".into(),
            account: "111122223333".into(),
            of: Entity::Role("deploy".into()),
            name: "sync".into(),
            issued: 1000,
            expires: 2000,
            mfa: true,
            source_identity: Some("alice".into()),
            tags: vec![pair("team", "orders"), pair("Ticket", "7")],
            transitive: vec!["TEAM".into()],
            policy: None,
            policy_arns: Vec::new(),
            spent: None,
            of_instance: false,
        });
        assert!(world.credentials("ASIAEXAMPLE", 999).is_none());
        let known = world.credentials("ASIAEXAMPLE", 1000).expect("a session");
        let caller = known.caller;
        assert_eq!(caller.arn, "arn:aws:sts::111122223333:assumed-role/deploy/sync");
        assert_eq!(caller.entity_arn, "arn:aws:iam::111122223333:role/ci/deploy");
        assert_eq!(caller.unique_id, "AROADEVDEPLOYEXAMPLE:sync");
        let tags = [pair("Stage", "prod"), pair("team", "orders"), pair("Ticket", "7")];
        assert_eq!(caller.tags, tags);
        assert_eq!(caller.transitive_tags(), [pair("team", "orders")]);
        assert_eq!((caller.user(), caller.role()), (None, Some("deploy")));
        assert_eq!((caller.mfa(), caller.token_issued()), (Some(true), Some(1000)));
        assert_eq!(
            (caller.source_identity(), caller.session_name()),
            (Some("alice"), Some("sync"))
        );
        assert_ne!(Some(known.secret), known.token);
        let user =
            world.credentials(crate::range::OPERATOR_KEY.0, 1000).expect("the operator").caller;
        assert_eq!((user.mfa(), user.token_issued(), user.session_name()), (None, None, None));
    }
}
