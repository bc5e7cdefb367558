//! The step that assumes a role for emergencies: which role, with whose credentials, how.

use super::plan::{At, Where};
use crate::{
    change::GlassRole,
    domain::{Assume, Fault, FaultKind, GlassState, MfaSerial, RoleArn},
};

/// A session of a role that is assumed by a session lasts an hour at most, or the call fails
/// (STS API reference, AssumeRole).
const CHAINED: i32 = 3600;

/// How roles are assumed, as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HowToAssume {
    /// Where none is configured it is the caller's first one.
    pub mfa: Option<MfaSerial>,
    pub seconds: i32,
    /// The session policy, JSON.
    pub policy: Option<String>,
    /// Says who acts. Needs `sts:SetSourceIdentity` on both sides.
    pub source_identity: bool,
    /// Needs `sts:TagSession` on both sides.
    pub tags: bool,
    pub second_person: bool,
}

impl Default for HowToAssume {
    fn default() -> Self {
        let (mfa, policy) = (None, None);
        Self { mfa, seconds: 3600, policy, source_identity: true, tags: true, second_person: false }
    }
}

impl Where {
    /// The one break-glass role of the account that things are looked for in, or the one there is.
    pub fn glass_role(&self) -> Option<RoleArn> {
        let all = self.break_glass.iter().filter_map(|arn| arn.parse::<RoleArn>().ok());
        let of = |role: &RoleArn| self.account.as_ref().is_none_or(|a| *a == role.account());
        let mut mine = all.filter(of);
        mine.next().filter(|_| mine.next().is_none())
    }

    /// Whose credentials a role is assumed with: nobody's who is a session himself.
    pub(super) fn base(&self) -> Option<&At> {
        self.accounts.iter().find(|at| !self.sessions.iter().any(|s| s.target == at.target))
    }

    /// The role that is meant.
    pub(super) fn meant(&self, given: Option<&GlassRole>) -> Result<RoleArn, Fault> {
        let bad =
            |what: String, hint: &str| Fault::new(FaultKind::BadRequest, what).with_hint(hint);
        let named: Vec<RoleArn> = match given {
            Some(GlassRole::Arn(role)) => return Ok(role.clone()),
            Some(GlassRole::Name(name)) => {
                let all = self.break_glass.iter().filter_map(|arn| arn.parse::<RoleArn>().ok());
                all.filter(|role| role.name() == *name).collect()
            }
            None => self.glass_role().into_iter().collect(),
        };
        match (named.as_slice(), given) {
            ([role], _) => Ok(role.clone()),
            ([], Some(GlassRole::Name(name))) => Err(bad(
                format!("no break-glass role is named {name}"),
                "name it by its ARN, or in halon.toml: break_glass = [\"arn:aws:iam::…:role/…\"]",
            )),
            ([], _) => Err(match &self.account {
                Some(account) => bad(
                    format!("no break-glass role is known for account {account}, or several are"),
                    "name it by its ARN, or in halon.toml: break_glass = [\"arn:aws:iam::…:role/…\"]",
                ),
                None => bad(
                    "which break-glass role is meant?".to_owned(),
                    "name it by its ARN, or start from a finding of its account",
                ),
            }),
            (several, _) => Err(bad(
                format!("{} break-glass roles have that name", several.len()),
                "name it by its ARN",
            )),
        }
    }

    /// The call that assumes it, for whoever `base` is.
    pub(super) fn assume(&self, base: &At, role: RoleArn, state: &GlassState) -> Assume {
        let how = &self.how;
        let arn = &base.caller.arn;
        let is_session = arn.splitn(6, ':').nth(5).is_some_and(|r| r.starts_with("assumed-role/"));
        Assume {
            role,
            seconds: if is_session { how.seconds.min(CHAINED) } else { how.seconds },
            mfa: how.mfa.clone().or_else(|| state.devices.first().cloned()),
            source_identity: how.source_identity.then(|| source_identity(arn)).flatten(),
            policy: how.policy.clone(),
            tags: how.tags,
            second_person: how.second_person,
        }
    }
}

/// The user's or the session's name, as STS takes it: 2 to 64 of `[\w+=,.@-]`, not beginning with
/// `aws:` (STS, sourceIdentityType).
fn source_identity(arn: &str) -> Option<String> {
    let name = arn.rsplit('/').next().filter(|name| *name != arn)?;
    let good = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    ((2..=64).contains(&name.len()) && name.bytes().all(good)).then(|| name.to_owned())
}
