//! Who made a call. CloudTrail user guide, "CloudTrail userIdentity element".

use jiff::Timestamp;

use super::members::Members;
use crate::domain::{AccountId, Untrusted, time};

/// `userIdentity`, in any of its forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserIdentity {
    /// `type`: `IAMUser`, `AssumedRole`, `Root`, `AWSService`, `AWSAccount`,
    /// `FederatedUser`, `WebIdentityUser`, `SAMLUser`, `IdentityCenterUser`, …
    pub kind: Option<Untrusted>,
    pub arn: Option<Untrusted>,
    /// `AIDA…`, or `AROA…:session`.
    pub principal_id: Option<Untrusted>,
    pub account: Option<AccountId>,
    pub user_name: Option<Untrusted>,
    pub access_key: Option<Untrusted>,
    /// The service that called in somebody's name.
    pub invoked_by: Option<Untrusted>,
    /// Who the session's credentials were made for: the role, for an assumed role.
    pub issuer: Option<Issuer>,
    /// Who the session really is, where whoever began it had to say so.
    pub source_identity: Option<Untrusted>,
    /// When the session began.
    pub session_began: Option<Timestamp>,
    /// Whether the session was begun with MFA.
    pub mfa: Option<bool>,
    /// The session is one of the console.
    pub from_console: bool,
    /// Who vouched for a federated user.
    pub provider: Option<Untrusted>,
}

/// `sessionContext.sessionIssuer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// `Role`, `IAMUser`, `Root`.
    pub kind: Option<Untrusted>,
    pub arn: Option<Untrusted>,
    pub principal_id: Option<Untrusted>,
    pub name: Option<Untrusted>,
}

impl UserIdentity {
    pub(super) fn read(object: &Members<'_>) -> Self {
        let text = |key| object.text(key).map(Untrusted::from);
        let context = object.object("sessionContext");
        let issuer = context.as_ref().and_then(|c| c.object("sessionIssuer"));
        let attributes = context.as_ref().and_then(|c| c.object("attributes"));
        let of_issuer = |key| issuer.as_ref().and_then(|i| i.text(key)).map(Untrusted::from);
        let issuer = Issuer {
            kind: of_issuer("type"),
            arn: of_issuer("arn"),
            principal_id: of_issuer("principalId"),
            name: of_issuer("userName"),
        };
        let source_identity = context.as_ref().and_then(|c| c.text("sourceIdentity"));
        let began = attributes.as_ref().and_then(|a| a.text("creationDate"));
        Self {
            kind: text("type"),
            arn: text("arn"),
            principal_id: text("principalId"),
            account: object.text("accountId").and_then(|a| a.parse().ok()),
            user_name: text("userName"),
            access_key: text("accessKeyId"),
            invoked_by: text("invokedBy"),
            // `sessionIssuer: {}` says nothing.
            issuer: (issuer.arn.is_some() || issuer.name.is_some()).then_some(issuer),
            source_identity: source_identity.map(Untrusted::from),
            session_began: began.and_then(|t| time::parse_foreign(&t)),
            mfa: attributes.as_ref().and_then(|a| a.flag("mfaAuthenticated")),
            from_console: object.flag("sessionCredentialFromConsole").unwrap_or_else(|| {
                context.and_then(|c| c.flag("sessionCredentialFromConsole")).unwrap_or(false)
            }),
            provider: text("identityProvider"),
        }
    }

    /// Who it was, for a list: the user, `ROLE/SESSION`, `root`, the service, the account.
    pub fn principal(&self) -> Untrusted {
        let is = |kind: &str| self.kind.as_ref().is_some_and(|k| k.raw() == kind);
        if is("Root") {
            return "root".into();
        }
        if let (Some(role), Some(session)) = (self.role(), self.session()) {
            return format!("{}/{}", role.raw(), session.raw()).into();
        }
        if let Some(name) = &self.user_name {
            return name.clone();
        }
        let tail = self.arn.as_ref().and_then(|arn| arn.raw().splitn(6, ':').nth(5));
        let tail = tail.map(|t| t.split_once('/').map_or(t, |(_, rest)| rest));
        let ids = [&self.invoked_by, &self.principal_id];
        match tail {
            Some(tail) => tail.into(),
            None => ids.into_iter().flatten().next().cloned().unwrap_or_else(|| {
                let account = self.account.as_ref().map(|a| a.as_str().into());
                account.or_else(|| self.kind.clone()).unwrap_or_default()
            }),
        }
    }

    /// The name of the role whose session this is.
    pub fn role(&self) -> Option<Untrusted> {
        if let Some((role, _)) = self.assumed_role() {
            return Some(role.into());
        }
        let issuer = self.issuer.as_ref()?;
        let is_role = issuer.kind.as_ref().is_some_and(|k| k.raw() == "Role");
        issuer.name.clone().filter(|_| is_role)
    }

    /// The name of the role's session.
    pub fn session(&self) -> Option<Untrusted> {
        if let Some((_, session)) = self.assumed_role() {
            return Some(session.into());
        }
        let id = self.principal_id.as_ref()?.raw();
        let (_, session) = id.split_once(':').filter(|_| id.starts_with("AROA"))?;
        Some(session.into())
    }

    /// Role and session of `arn:aws:sts::111122223333:assumed-role/ROLE/SESSION`.
    fn assumed_role(&self) -> Option<(&str, &str)> {
        assumed_role(self.arn.as_ref()?.raw())
    }
}

/// Role and session of an assumed role's ARN.
pub fn assumed_role(arn: &str) -> Option<(&str, &str)> {
    arn.splitn(6, ':').nth(5)?.strip_prefix("assumed-role/")?.split_once('/')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::members, *};

    fn read(value: serde_json::Value) -> UserIdentity {
        let raw = value.to_string();
        UserIdentity::read(&members(&raw).expect("an object"))
    }

    #[test]
    fn every_kind_has_a_name_for_the_list() {
        let role = json!({"type": "AssumedRole", "principalId": "AROAEXAMPLE:i-0abc",
            "arn": "arn:aws:sts::111122223333:assumed-role/admin/i-0abc"});
        let issued = json!({"type": "AssumedRole", "principalId": "AROAEXAMPLE:jane",
            "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "admin"}}});
        for (identity, name) in [
            (json!({"type": "IAMUser", "userName": "alice"}), "alice"),
            (
                json!({"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accessKeyId": ""}),
                "root",
            ),
            (role, "admin/i-0abc"),
            (issued, "admin/jane"),
            (json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}), "ec2.amazonaws.com"),
            (
                json!({"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": "111122223333"}),
                "AIDAEXAMPLE",
            ),
            (json!({"type": "AWSAccount", "accountId": "111122223333"}), "111122223333"),
            (
                json!({"type": "FederatedUser", "arn": "arn:aws:sts::111122223333:federated-user/bob"}),
                "bob",
            ),
            (
                json!({"type": "WebIdentityUser", "userName": "web", "identityProvider": "idp"}),
                "web",
            ),
            (json!({"type": "SAMLUser", "principalId": "saml:jane", "userName": "jane"}), "jane"),
            (json!({"type": "Unknown", "principalId": "x"}), "x"),
            (json!({"type": "Unknown"}), "Unknown"),
            (json!({"type": "IdentityCenterUser", "accountId": "111122223333"}), "111122223333"),
            (json!({"userName": "no-type"}), "no-type"),
            (json!({}), ""),
        ] {
            assert_eq!(read(identity.clone()).principal().raw(), name, "{identity}");
        }
    }

    #[test]
    fn what_says_nothing_is_absent() {
        let identity = read(json!({"accessKeyId": "", "accountId": "not one", "userName": null,
            "sessionContext": {"sessionIssuer": {}, "attributes": {"mfaAuthenticated": "true",
            "creationDate": "2026-03-02T03:00:00Z"}}, "sessionCredentialFromConsole": "true"}));
        assert_eq!(
            (&identity.access_key, &identity.account, &identity.issuer),
            (&None, &None, &None)
        );
        assert_eq!((identity.mfa, identity.from_console), (Some(true), true));
        assert!(identity.session_began.is_some());
        let odd = read(json!({"type": 7, "userName": ["a"], "sessionContext": "none"}));
        assert_eq!((odd.kind.as_ref().map(Untrusted::raw), odd.user_name), (Some("7"), None));
    }

    #[test]
    fn roles_and_sessions_are_told_from_users() {
        let role = read(
            json!({"arn": "arn:aws-cn:sts::111122223333:assumed-role/admin/a@b", "principalId": "AROAX:a@b"}),
        );
        assert_eq!(role.role().as_ref().map(Untrusted::raw), Some("admin"));
        assert_eq!(role.session().as_ref().map(Untrusted::raw), Some("a@b"));
        let user = read(
            json!({"arn": "arn:aws:iam::111122223333:user/path/alice", "principalId": "AIDAX",
            "sessionContext": {"sessionIssuer": {"type": "IAMUser", "userName": "alice"}}}),
        );
        assert_eq!((user.role(), user.session()), (None, None));
    }
}
