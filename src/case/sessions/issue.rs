//! Calls that give out credentials, and what they say of them.

use jiff::Timestamp;

use crate::domain::{
    AccountId, Untrusted,
    event::{Event, members},
};

/// Credentials that a call gave out.
#[derive(Clone, Debug)]
pub struct Issue {
    pub key: Untrusted,
    /// `sharedEventID`: both accounts' copies of one call have the same.
    pub shared: Option<Box<str>>,
    /// The event's id and time.
    pub event: Untrusted,
    pub at: Option<Timestamp>,
    /// The place of the session that made the call.
    pub from: usize,
    /// The call is in the trail of the caller's own account. In the other account's copy of
    /// it the caller is nothing but an account.
    pub by_name: bool,
    /// In the stretch of time that is looked at.
    pub counted: bool,
    pub to: To,
}

impl Issue {
    /// Two copies of one call.
    pub fn is_the_call_of(&self, other: &Issue) -> bool {
        match self.key.is_empty() || other.key.is_empty() {
            true => self.shared.is_some() && self.shared == other.shared,
            false => self.key == other.key,
        }
    }
}

/// `sharedEventID`.
pub fn shared(event: &Event) -> Option<Box<str>> {
    members(&event.raw).ok()?.text("sharedEventID").map(Into::into)
}

/// Who the credentials are for.
#[derive(Clone, Debug, PartialEq)]
pub struct To {
    pub kind: Given,
    pub principal: Untrusted,
    pub account: Option<AccountId>,
    /// The ARN of the role.
    pub role: Option<Untrusted>,
    /// The ARN of the role's session.
    pub session: Option<Box<str>>,
    pub source_identity: Option<Untrusted>,
}

/// What was given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    AccessKey,
    Role,
    SessionToken,
    FederatedUser,
    Root,
    Other,
}

impl To {
    /// What an event says of the credentials that it gave out. Services that assume a role
    /// are not told which session it is (`assumedRoleUser`): it is what they asked for.
    pub fn read(event: &Event) -> To {
        let object = members(&event.raw).ok();
        let object = object.as_ref();
        let request = object.and_then(|o| o.object("requestParameters"));
        let response = object.and_then(|o| o.object("responseElements"));
        let asked = |key: &str| request.as_ref().and_then(|r| r.text(key));
        let answered =
            |object: &str, key: &str| response.as_ref().and_then(|r| r.object(object)?.text(key));
        let kind = match event.name.raw() {
            "CreateAccessKey" => Given::AccessKey,
            "GetSessionToken" => Given::SessionToken,
            "GetFederationToken" => Given::FederatedUser,
            "AssumeRoot" => Given::Root,
            name if name.starts_with("AssumeRole") => Given::Role,
            _ => Given::Other,
        };
        let issued = event.issued.as_ref();
        let mut to = To {
            kind,
            principal: Untrusted::default(),
            account: event.account.clone(),
            role: None,
            session: None,
            source_identity: issued.and_then(|i| i.source_identity.clone()),
        };
        match kind {
            Given::Role => {
                let role = asked("roleArn");
                let told = issued.and_then(|i| i.assumed_role.as_ref()).map(|a| a.raw().to_owned());
                let session =
                    told.or_else(|| session(role.as_deref()?, &asked("roleSessionName")?));
                to.account = session
                    .as_deref()
                    .and_then(|arn| arn.split(':').nth(4)?.parse().ok())
                    .or(to.account);
                let name = session.as_deref().and_then(crate::domain::event::assumed_role);
                to.principal = name.map(|(r, s)| format!("{r}/{s}").into()).unwrap_or_default();
                to.role = role.map(Untrusted::from);
                to.session = session.map(Into::into);
            }
            Given::AccessKey => {
                let user = answered("accessKey", "userName").or_else(|| asked("userName"));
                to.principal = user.map(Untrusted::from).unwrap_or_default();
            }
            Given::FederatedUser => {
                let arn = answered("federatedUser", "arn").unwrap_or_default();
                to.principal = arn.rsplit('/').next().unwrap_or_default().into();
            }
            Given::Root => {
                to.principal = "root".into();
                to.account = asked("targetPrincipal").and_then(|a| a.parse().ok());
            }
            // The caller's own, under another key.
            Given::SessionToken => to.principal = event.identity.principal(),
            Given::Other => {}
        }
        to
    }
}

/// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION` of a role's ARN, whose path it has not
/// (IAM user guide, "IAM identifiers").
fn session(role: &str, session: &str) -> Option<String> {
    let mut parts = role.splitn(6, ':');
    let (_, partition, _, _) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, name) = (parts.next()?, parts.next()?.strip_prefix("role/")?.rsplit('/').next()?);
    Some(format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}"))
}
