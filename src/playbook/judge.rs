//! What each check makes of a state: whether it holds, and why, in a sentence.

use crate::{
    change::inline,
    domain::{KeyStatus, State, TrustState, untrusted::display_in},
    policy::{Policy, Principals, TrusteeKind},
};

type Verdict = (bool, String);

/// A subject of another kind: the reader of playbooks lets none through.
fn other(what: &str) -> Verdict {
    (false, format!("this is no {what}"))
}

pub fn is_active(state: &State) -> Verdict {
    let Some(key) = state.key() else { return other("access key") };
    let said = format!("{} of user {} is {}", key.key, key.user, key.status.word());
    (key.status == KeyStatus::Active, said)
}

pub fn has_active_key(state: &State) -> Verdict {
    let Some(keys) = state.keys() else { return other("user") };
    let active: Vec<String> = keys
        .keys
        .iter()
        .filter(|k| k.status == KeyStatus::Active)
        .map(|k| k.key.to_string())
        .collect();
    match active.is_empty() {
        true => (false, format!("user {} has no active access key", keys.user)),
        false => (true, format!("user {} has active keys: {}", keys.user, active.join(", "))),
    }
}

pub fn has_password(state: &State) -> Verdict {
    let Some(login) = state.login() else { return other("user") };
    let has = login.profile.is_some();
    let word = if has { "a" } else { "no" };
    (has, format!("user {} has {word} console password", login.user))
}

pub fn takes_deny(state: &State) -> Verdict {
    let Some(inline) = state.inline() else { return other("user or role") };
    match inline::takes_deny(inline) {
        Ok(()) => (true, "a deny of everything fits".to_owned()),
        Err(why) => (false, why),
    }
}

/// Only the administrator account may archive.
pub fn is_administrator(state: &State) -> Verdict {
    match state.guardduty().and_then(|s| s.administrator.as_ref()) {
        Some(other) => {
            let other = display_in(other.raw(), 20);
            (false, format!("a member account; the administrator is {other}"))
        }
        None => (true, "this account may archive".to_owned()),
    }
}

pub fn is_logging(state: &State) -> Verdict {
    let Some(trail) = state.trail() else { return other("trail") };
    let is = if trail.is_logging { "records" } else { "is stopped" };
    (trail.is_logging, format!("trail {} {is}", trail.trail.name()))
}

pub fn records_management(state: &State) -> Verdict {
    let Some(trail) = state.trail() else { return other("trail") };
    let whole = trail.selectors.record_management();
    let is = if whole { "every management event" } else { "not every management event" };
    (whole, format!("trail {} is set to record {is}", trail.trail.name()))
}

pub fn detects(state: &State) -> Verdict {
    let Some(detector) = state.detector() else { return other("detector") };
    let is = match (&detector.detector, detector.enabled) {
        (None, _) => "has no detector here",
        (Some(_), true) => "is on",
        (Some(_), false) => "is suspended",
    };
    (detector.enabled, format!("GuardDuty {is}"))
}

pub fn has_detector(state: &State) -> Verdict {
    let Some(detector) = state.detector() else { return other("detector") };
    match detector.detector {
        Some(_) => (true, "GuardDuty has a detector here".to_owned()),
        None => (false, "GuardDuty has no detector here".to_owned()),
    }
}

pub fn gathers(state: &State) -> Verdict {
    let Some(on) = state.hub_is_on() else { return other("hub") };
    (on, format!("Security Hub is {}", if on { "on" } else { "off" }))
}

pub fn takes_version(state: &State) -> Verdict {
    let Some(policy) = state.policy() else { return other("managed policy") };
    let (name, versions) = (policy.policy.name(), policy.versions.len());
    let whose = if policy.policy.is_of_aws() { "AWS's own" } else { "a customer's" };
    let takes = !policy.policy.is_of_aws() && versions < crate::change::MOST_VERSIONS;
    (takes, format!("{name} is {whose} policy with {versions} versions"))
}

pub fn is_wildcard(state: &State) -> Verdict {
    let Some(policy) = state.policy() else { return other("managed policy") };
    let document = policy.in_force().map_or("", |v| v.document.raw());
    allows_everything(policy.policy.name(), document)
}

pub fn attached_wildcard(state: &State) -> Verdict {
    let Some(state) = state.attachment() else { return other("attached policy") };
    allows_everything(state.policy.name(), state.document.raw())
}

/// A statement that allows all actions on all resources, whatever else it says. This asks
/// for the plain case only: what a policy really allows is the policy engine's to say.
fn allows_everything(name: &str, document: &str) -> Verdict {
    let Ok(policy) = Policy::parse(document) else {
        return (false, format!("the document of {name} cannot be read"));
    };
    let found = policy.statements.iter().position(|s| s.is_allow() && s.is_of_everything());
    match found {
        Some(at) => (true, format!("statement {at} of {name} allows * on *")),
        None => (false, format!("no statement of {name} allows * on *")),
    }
}

/// Whoever is trusted and is neither of the role's own account nor a service of AWS.
pub fn trusts_strangers(state: &State) -> Verdict {
    let Some(TrustState { role, principal, document }) = state.trust() else {
        return other("role");
    };
    let own = principal.arn.raw().split(':').nth(4).unwrap_or_default();
    let Ok(policy) = Policy::parse(document.raw()) else {
        return (true, format!("the trust policy of {role} cannot be read"));
    };
    let mut strangers: Vec<String> = Vec::new();
    for statement in policy.statements.iter().filter(|s| s.is_allow()) {
        match &statement.principals {
            Some(Principals::These(who)) => {
                let foreign = who.iter().filter(|(kind, who)| match kind {
                    TrusteeKind::Aws => *who != own && who.split(':').nth(4) != Some(own),
                    TrusteeKind::Service => false,
                    TrusteeKind::Federated | TrusteeKind::CanonicalUser => true,
                });
                strangers.extend(foreign.map(|(_, who)| display_in(who, 120)));
            }
            Some(Principals::AllBut(_)) | None => strangers.push("all but a few".to_owned()),
        }
    }
    match strangers.is_empty() {
        true => (false, format!("role {role} trusts its own account and services of AWS alone")),
        false => (true, format!("role {role} trusts {}", strangers.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Principal, PrincipalState};

    fn trust(document: &str) -> State {
        let role: crate::domain::RoleName = "ci".parse().expect("good");
        let principal = PrincipalState {
            principal: Principal::Role(role.clone()),
            arn: "arn:aws:iam::111122223333:role/ci".into(),
            service_linked: false,
            created: None,
            last_used: None,
            boundary: None,
            attached: Vec::new(),
            inline: Vec::new(),
        };
        State::Trust(TrustState { role, principal, document: document.into() })
    }

    #[test]
    fn a_stranger_is_whoever_is_of_another_account() {
        let of = |who: &str| {
            let allow = format!(
                r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{who}}}}}"#
            );
            trusts_strangers(&trust(&allow))
        };
        for own in [
            r#"{"AWS":"111122223333"}"#,
            r#"{"AWS":["arn:aws:iam::111122223333:user/a"]}"#,
            r#"{"Service":"ec2.amazonaws.com"}"#,
        ] {
            assert!(!of(own).0, "{own}");
        }
        for foreign in [
            r#""*""#,
            r#"{"AWS":["111122223333","arn:aws:iam::444455556666:root"]}"#,
            r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/x"}"#,
        ] {
            assert!(of(foreign).0, "{foreign}");
        }
        assert!(trusts_strangers(&trust("{")).0, "what cannot be read is not called safe");
    }
}
