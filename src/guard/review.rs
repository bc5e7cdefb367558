//! Whether a change may be asked for, and how.

use jiff::Timestamp;

use super::{
    Mode,
    glass::{Glass, glass},
};
use crate::{
    change::{Fingerprint, Prepared, Risk},
    domain::{AccessKeyId, AccountId, MfaSerial, Principal, Verb},
};

/// Whose credentials halon acts with in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub account: AccountId,
    /// `arn:aws:iam::…:user/NAME` or `arn:aws:sts::…:assumed-role/ROLE/SESSION`.
    pub arn: String,
    pub access_key: Option<AccessKeyId>,
}

/// What the operator must do to consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ceremony {
    /// The word `yes`, typed out.
    Yes,
    /// The target's own name, typed out: what is wide or has no way back.
    TypeBack(String),
    /// A phrase that says what one does to oneself.
    Override(String),
}

impl Ceremony {
    /// What is to be typed.
    pub fn words(&self) -> &str {
        match self {
            Ceremony::Yes => "yes",
            Ceremony::TypeBack(words) | Ceremony::Override(words) => words,
        }
    }

    /// The word in the audit log.
    pub fn name(&self) -> &'static str {
        match self {
            Ceremony::Yes => "yes",
            Ceremony::TypeBack(_) => "type-back",
            Ceremony::Override(_) => "override",
        }
    }
}

/// A change that may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    pub(super) fingerprint: Fingerprint,
    pub ceremony: Ceremony,
    pub risk: Risk,
    /// Whom the change would lock out, or may: whoever makes it, or the role for emergencies. A
    /// sentence.
    pub lockout: Option<String>,
    /// The MFA device whose code is given with the consent.
    pub device: Option<MfaSerial>,
    /// A second person is named, or why there is none.
    pub second_person: bool,
}

/// Why nothing may be asked for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub why: String,
    /// What to do about it.
    pub hint: String,
}

/// Decides how a change is asked for. `floor` is the playbook's own risk: it may raise
/// that of the verb, never lower it; `break_glass` are the ARNs of the roles for emergencies.
///
/// # Errors
/// The mode does not allow changes, AWS is known to refuse this one, or it would lock out a role
/// for emergencies.
pub fn review(
    mode: &Mode,
    now: Timestamp,
    prepared: &Prepared,
    floor: Risk,
    caller: Option<&Caller>,
    break_glass: &[String],
) -> Result<Review, Refusal> {
    may_change(mode, now)?;
    may_change_in(mode, prepared)?;
    let facts = prepared.facts();
    if let Some(why) = facts.impossible(&prepared.before) {
        return Err(Refusal { why, hint: "nothing was tried".to_owned() });
    }
    let mut risk = facts.risk(&prepared.before).max(floor);
    let (mut device, mut second_person) = (None, false);
    if let Verb::AssumeRole(assume) = &prepared.change.verb {
        if !break_glass.iter().any(|role| role == assume.role.as_str()) {
            risk = risk.max(Risk::Wide);
        }
        (device, second_person) = (assume.mfa.clone(), assume.second_person);
    }
    let lockout = match glass(prepared, break_glass) {
        Glass::Shut { why, exemptions } => {
            let hint = match exemptions.as_slice() {
                [] => "exempt the role in the policy and plan it again".to_owned(),
                some => format!("amend it and plan again: {}", some.join("; ")),
            };
            return Err(Refusal { why: why.join("; "), hint });
        }
        Glass::Unknown(why) => Some(format!("it may shut the way in: {}", why.join("; "))),
        Glass::Open => caller
            .and_then(|caller| lockout(prepared, caller))
            .map(|why| format!("it would cut off yourself: {why}")),
    };
    let ceremony = match (&lockout, risk) {
        (Some(_), _) => Ceremony::Override(format!("lock out {}", facts.target())),
        (None, Risk::Reversible) => Ceremony::Yes,
        (None, Risk::Wide | Risk::Irreversible) => Ceremony::TypeBack(facts.target()),
    };
    let fingerprint = prepared.fingerprint();
    Ok(Review { fingerprint, ceremony, risk, lockout, device, second_person })
}

/// Whether the mode allows any change at all.
pub fn may_change(mode: &Mode, now: Timestamp) -> Result<(), Refusal> {
    let refuse =
        |why: &str, hint: &str| Err(Refusal { why: why.to_owned(), hint: hint.to_owned() });
    match mode {
        Mode::ReadOnly => refuse(
            "read-only: for the life of this process nothing can be changed",
            "start halon without --read-only",
        ),
        Mode::Safe => refuse(
            "safe mode: nothing is changed before you arm halon for an incident",
            "arm it with the incident's id, title and reason",
        ),
        Mode::Armed(arming) if arming.has_lapsed(now) => {
            refuse("armed mode has lapsed: no change was made for too long", "arm halon again")
        }
        Mode::Armed(_) => Ok(()),
    }
}

/// Whether the mode is open to the accounts that a change is about: a drill is only to those that
/// it is run on.
pub fn may_change_in(mode: &Mode, prepared: &Prepared) -> Result<(), Refusal> {
    let Mode::Armed(arming) = mode else { return Ok(()) };
    let assumed = match &prepared.change.verb {
        Verb::AssumeRole(assume) => Some(assume.role.account()),
        // Drops what is only here.
        Verb::EndSession { .. } => return Ok(()),
        _ => None,
    };
    // Whoever assumes a role changes nothing in his own account.
    let account = assumed.as_ref().unwrap_or(&prepared.change.account);
    match arming.is_open_to(account) {
        true => Ok(()),
        false => Err(Refusal {
            why: format!("a drill changes nothing in account {account}"),
            hint: "only accounts in halon.toml's `[drill] accounts` are drilled on".to_owned(),
        }),
    }
}

/// What a change would cut of the identity that makes it.
fn lockout(prepared: &Prepared, caller: &Caller) -> Option<String> {
    let change = &prepared.change;
    if change.account != caller.account {
        return None;
    }
    match &change.verb {
        Verb::DeactivateAccessKey { key, .. } if caller.access_key.as_ref() == Some(key) => {
            Some(format!("{key} is the access key that halon itself is using"))
        }
        verb => {
            let who = rights_of(verb)?;
            let own = is(caller, &who);
            own.then(|| format!("{who} is the identity that halon itself is using"))
        }
    }
}

/// Whose rights a change is about.
fn rights_of(verb: &Verb) -> Option<Principal> {
    match verb {
        Verb::DetachPolicy { from: who, .. }
        | Verb::AttachPolicy { to: who, .. }
        | Verb::PutInline { to: who, .. }
        | Verb::DeleteInline { of: who, .. }
        | Verb::DenyAll { to: who }
        | Verb::RevokeSessions { of: who, .. }
        | Verb::PutBoundary { to: who, .. }
        | Verb::RemoveBoundary { of: who }
        | Verb::Tag { to: who, .. }
        | Verb::Untag { of: who, .. } => Some(who.clone()),
        Verb::DenySession { role, .. } | Verb::SetTrust { role, .. } => {
            Some(Principal::Role(role.clone()))
        }
        Verb::DeleteLoginProfile { user } => Some(Principal::User(user.clone())),
        // Whom a policy's version, a unit or a region reaches is the plan's pre-flight to say.
        Verb::SetDefaultVersion { .. }
        | Verb::CreateVersion { .. }
        | Verb::DeleteVersion { .. }
        | Verb::DeactivateAccessKey { .. }
        | Verb::ReactivateAccessKey { .. }
        | Verb::ArchiveFindings { .. }
        | Verb::UnarchiveFindings { .. }
        | Verb::SetWorkflow { .. }
        | Verb::Feedback { .. }
        | Verb::SetDetector { .. }
        | Verb::CreateDetector
        | Verb::EnableHub
        | Verb::DisableHub
        | Verb::StartLogging { .. }
        | Verb::StopLogging { .. }
        | Verb::SetSelectors { .. }
        | Verb::AttachScp { .. }
        | Verb::DetachScp { .. }
        | Verb::MoveAccount { .. }
        | Verb::AssumeRole(_)
        | Verb::EndSession { .. } => None,
    }
}

/// Whether the caller is this user, or a session of this role.
fn is(caller: &Caller, principal: &Principal) -> bool {
    let resource = caller.arn.splitn(6, ':').nth(5).unwrap_or_default();
    match principal {
        Principal::User(name) => {
            resource.starts_with("user/") && resource.rsplit('/').next() == Some(name.as_str())
        }
        Principal::Role(name) => {
            let role = resource.strip_prefix("assumed-role/").and_then(|r| r.split('/').next());
            role == Some(name.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_own_name_is_found_in_its_arn() {
        let caller = |arn: &str| Caller {
            account: "111122223333".parse().expect("an account"),
            arn: arn.to_owned(),
            access_key: None,
        };
        let user = |n: &str| Principal::User(n.parse().expect("a name"));
        let role = |n: &str| Principal::Role(n.parse().expect("a name"));
        let me = caller("arn:aws:iam::111122223333:user/ops/oncall");
        assert!(is(&me, &user("oncall")) && !is(&me, &user("ops")) && !is(&me, &role("oncall")));
        let session = caller("arn:aws:sts::111122223333:assumed-role/Responder/alice");
        assert!(is(&session, &role("Responder")));
        assert!(!is(&session, &role("alice")) && !is(&session, &user("alice")));
    }
}
