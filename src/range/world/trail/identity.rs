//! `userIdentity`: who made a call, as CloudTrail spells it.
//!
//! CloudTrail user guide, "CloudTrail userIdentity element".

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::{
    Entity, Entry, PARTITION,
    iam::{Iam, Identity},
    iso_seconds,
    session::Sessions,
};

/// Who made a call.
#[derive(Clone)]
pub struct Who {
    /// `userIdentity`.
    pub body: Value,
    /// What a lookup by `Username` compares; empty where there is none.
    pub username: Arc<str>,
    /// What a lookup by `AccessKeyId` compares; empty where there is none.
    pub key: Arc<str>,
}

/// What a role's session is.
pub struct Session<'s> {
    /// The role's account, by its id.
    pub account: &'s str,
    pub role: &'s Identity,
    pub name: &'s str,
    pub key: &'s str,
    /// Epoch milliseconds.
    pub since: i64,
    pub mfa: bool,
    pub source_identity: Option<&'s str>,
    /// An instance got it from its metadata service.
    pub of_instance: bool,
}

impl Who {
    /// A user; without a key where the console was used.
    pub fn user(account: &str, user: &Identity, key: &str) -> Who {
        let mut body = json!({
            "type": "IAMUser",
            "principalId": user.id,
            "arn": user.arn,
            "accountId": account,
            "accessKeyId": key,
            "userName": user.name,
        });
        if key.is_empty()
            && let Some(body) = body.as_object_mut()
        {
            body.shift_remove("accessKeyId");
        }
        Who { body, username: user.name.as_str().into(), key: key.into() }
    }

    /// A user with temporary credentials of GetSessionToken.
    fn user_session(account: &str, user: &Identity, key: &str, since: i64, mfa: bool) -> Who {
        let mut who = Who::user(account, user, key);
        who.body["sessionContext"] = json!({"attributes": {
            "creationDate": iso_seconds(since),
            "mfaAuthenticated": mfa.to_string(),
        }});
        who
    }

    /// Whoever signed this call. `accounts` are the ids of the world's accounts.
    pub fn signing(entry: &Entry, iam: &Iam, sessions: &Sessions, accounts: &[String]) -> Who {
        let known = || {
            let Some(session) = sessions.get(&entry.access_key) else {
                let (owner, user, key) = iam.key(&entry.access_key)?;
                let user = &iam.home(owner).users[user].identity;
                return Some(Who::user(&entry.account, user, &key.id));
            };
            let home = iam.home(accounts.iter().position(|a| *a == session.account)?);
            Some(match &session.of {
                Entity::User(name) => {
                    let user = &home.user(name)?.identity;
                    let (key, since) = (&session.key, session.issued);
                    Who::user_session(&session.account, user, key, since, session.mfa)
                }
                Entity::Role(name) => Who::session(&Session {
                    account: &session.account,
                    role: &home.role(name)?.identity,
                    name: &session.name,
                    key: &session.key,
                    since: session.issued,
                    mfa: session.mfa,
                    source_identity: session.source_identity.as_deref(),
                    of_instance: session.of_instance,
                }),
            })
        };
        // A key that nobody has is that of a journal which somebody wrote.
        known().unwrap_or_else(|| Who::written(&Value::Null))
    }

    pub fn session(s: &Session<'_>) -> Who {
        let mut context = json!({
            "sessionIssuer": {
                "type": "Role",
                "principalId": s.role.id,
                "arn": s.role.arn,
                "accountId": s.account,
                "userName": s.role.name,
            },
            "attributes": {
                "creationDate": iso_seconds(s.since),
                "mfaAuthenticated": s.mfa.to_string(),
            },
        });
        if let Some(source) = s.source_identity {
            context["sourceIdentity"] = source.into();
        }
        if s.of_instance {
            context["ec2RoleDelivery"] = "2.0".into();
        }
        let body = json!({
            "type": "AssumedRole",
            "principalId": format!("{}:{}", s.role.id, s.name),
            "arn": session_arn(s.account, s.role, s.name),
            "accountId": s.account,
            "accessKeyId": s.key,
            "sessionContext": context,
        });
        Who { body, username: s.name.into(), key: s.key.into() }
    }

    /// The account's root user, without an access key.
    pub fn root(account: &str) -> Who {
        let body = json!({
            "type": "Root",
            "principalId": account,
            "arn": format!("arn:{PARTITION}:iam::{account}:root"),
            "accountId": account,
            "accessKeyId": "",
        });
        Who { body, username: "root".into(), key: "".into() }
    }

    /// A service of AWS, by its host name.
    pub fn service(host: &str) -> Who {
        let body = json!({"type": "AWSService", "invokedBy": host});
        Who { body, username: "".into(), key: "".into() }
    }

    /// A principal of another account, as the account sees it whose role it assumes.
    pub fn foreign(account: &str, principal: &str) -> Who {
        let body = json!({"type": "AWSAccount", "principalId": principal, "accountId": account});
        Who { body, username: "".into(), key: "".into() }
    }

    /// What a file says, whatever it is.
    pub fn written(body: &Value) -> Who {
        let text = |key: &str| body[key].as_str().unwrap_or_default();
        let name = match text("userName") {
            "" => text("arn").rsplit('/').next().unwrap_or_default(),
            name => name,
        };
        Who { username: name.into(), key: text("accessKeyId").into(), body: body.clone() }
    }
}

/// `arn:aws:sts::…:assumed-role/ROLE/SESSION`.
pub fn session_arn(account: &str, role: &Identity, name: &str) -> String {
    format!("arn:{PARTITION}:sts::{account}:assumed-role/{}/{name}", role.name)
}
