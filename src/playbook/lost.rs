//! What is said where something that a step is about was not found.

use crate::domain::{AccountId, Fault, FaultKind, Subject};

pub fn nobody(account: Option<&AccountId>) -> Fault {
    let what = match account {
        Some(account) => format!("the finding is of account {account}, which is not signed in"),
        None => "no account is signed in".to_owned(),
    };
    Fault::new(FaultKind::NoCredentials, what)
        .with_hint("sign in, or name a profile with --profile")
}

pub fn unheard_of(id: &str) -> Fault {
    let id = crate::domain::untrusted::display_in(id, 120);
    Fault::new(FaultKind::NotFound, format!("no finding {id} in the regions looked at"))
        .with_hint("name its region with --region; findings expire after 90 days")
}

pub fn named(subject: &Subject) -> String {
    match subject {
        Subject::AccessKey(key) => format!("access key {key}"),
        Subject::AccessKeys(user) | Subject::Login(user) => format!("user {user}"),
        Subject::Principal(p) | Subject::Inline { of: p, .. } | Subject::Tags(p) => p.to_string(),
        Subject::Trust(role) => format!("role {role}"),
        Subject::Policy(policy) => format!("policy {policy}"),
        Subject::Trail(trail) => format!("trail {}", trail.name()),
        Subject::Detector => "GuardDuty".to_owned(),
        Subject::Hub => "Security Hub".to_owned(),
        Subject::Scp { scp, target } => format!("{scp} at {target}"),
        Subject::Glass(role) => format!("a session of {role}"),
        Subject::Member { account, to } => format!("account {account} or {to}"),
        Subject::Attachment { to, policy } => format!("{to} with policy {policy}"),
        Subject::GuardDuty { ids } | Subject::SecurityHub { ids } => {
            format!("{} findings", ids.len())
        }
    }
}

/// Not found anywhere, or the fault that kept from looking. Who may not look has not found out
/// that there is nothing.
pub fn nowhere(subject: &Subject, faults: Vec<Fault>) -> Fault {
    let looked = faults.len();
    let absent = |f: &Fault| matches!(f.kind, FaultKind::NotFound | FaultKind::Denied);
    if let Some(fault) = faults.iter().find(|f| !absent(f)) {
        return fault.clone();
    }
    let denied: Vec<&Fault> = faults.iter().filter(|f| f.kind == FaultKind::Denied).collect();
    match (denied.first(), faults.as_slice()) {
        (_, [fault]) => return fault.clone(),
        (Some(fault), _) if denied.len() == looked => return (*fault).clone(),
        _ => {}
    }
    let mut what = format!("{} was not found in any of the {looked} accounts", named(subject));
    if let Some(fault) = denied.first() {
        let n = denied.len();
        what.push_str(&format!(", of which {n} may not be looked into: {}", fault.what));
    }
    Fault::new(FaultKind::NotFound, what).with_hint("is its account among the configured ones?")
}
