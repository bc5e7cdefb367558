//! What a user or role holds itself: inline policies, trust, tags, a console password.

use super::{Found, looked_up};
use crate::{
    cloud::{
        Report,
        body::time,
        client::Reach,
        iam::{document, empty, listed, policies},
        paging::several,
        trace::call,
    },
    domain::{
        Fault, FaultKind, InlineState, LoginProfile, LoginState, Principal, RoleName, State,
        TagState, TrustState, Untrusted, UserName, authorization::Inline,
    },
};

/// What the inline policies say. Sessions are CloudTrail's to tell.
pub async fn inline(
    reach: &Reach,
    of: &Principal,
    report: Report<'_>,
) -> Result<InlineState, Fault> {
    let Found { state: principal, id, clock, .. } = looked_up(reach, of, report).await?;
    let asked = principal.inline.iter().map(|name| one(reach, of, name, report)).collect();
    let read: Result<Vec<Inline>, Fault> =
        several(policies::AT_ONCE, asked).await.into_iter().collect();
    let mut policies = read?;
    policies.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(InlineState { principal, id, policies, clock, sessions: None })
}

async fn one(
    reach: &Reach,
    of: &Principal,
    name: &Untrusted,
    report: Report<'_>,
) -> Result<Inline, Fault> {
    let place = &reach.place;
    let text = match of {
        Principal::Role(role) => {
            let ask = reach.iam.get_role_policy().role_name(role.as_str()).policy_name(name.raw());
            let (answer, _) = call(place, ("IAM", "GetRolePolicy"), ask.send(), report).await?;
            answer.policy_document().to_owned()
        }
        Principal::User(user) => {
            let ask = reach.iam.get_user_policy().user_name(user.as_str()).policy_name(name.raw());
            let (answer, _) = call(place, ("IAM", "GetUserPolicy"), ask.send(), report).await?;
            answer.policy_document().to_owned()
        }
    };
    let document = document(&text, &format!("policy {} of {of}", name.raw()))?;
    Ok(Inline { name: name.clone(), document })
}

pub async fn trust(reach: &Reach, role: &RoleName, report: Report<'_>) -> Result<State, Fault> {
    let found = looked_up(reach, &Principal::Role(role.clone()), report).await?;
    let text = found.trust.ok_or_else(|| empty("GetRole"))?;
    let document = document(&text, &format!("trust policy of {role}"))?;
    Ok(State::Trust(TrustState { role: role.clone(), principal: found.state, document }))
}

pub async fn tags(reach: &Reach, of: &Principal, report: Report<'_>) -> Result<State, Fault> {
    let Found { state: principal, mut tags, .. } = looked_up(reach, of, report).await?;
    tags.sort();
    Ok(State::Tags(TagState { principal, tags }))
}

/// Whether there is a console password. A user that is not there is a fault.
pub async fn login(reach: &Reach, user: &UserName, report: Report<'_>) -> Result<State, Fault> {
    let request = || reach.iam.list_mfa_devices().user_name(user.as_str());
    let devices = listed!(reach, report, "ListMFADevices", request(), mfa_devices);
    let ask = reach.iam.get_login_profile().user_name(user.as_str()).send();
    let profile = match call(&reach.place, ("IAM", "GetLoginProfile"), ask, report).await {
        Ok((answer, _)) => {
            let profile = answer.login_profile().ok_or_else(|| empty("GetLoginProfile"))?;
            Some(LoginProfile {
                created: time(profile.create_date()),
                reset_required: profile.password_reset_required(),
            })
        }
        Err(fault) if fault.kind == FaultKind::NotFound => None,
        Err(fault) => return Err(fault),
    };
    let mfa_devices = devices.iter().map(|d| d.serial_number().into()).collect();
    Ok(State::Login(LoginState { user: user.clone(), profile, mfa_devices }))
}
