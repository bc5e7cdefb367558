//! The state of one subject: which service is asked for it, and how.

use super::{
    Report,
    client::{Account, Reach},
    cloudtrail, guardduty, iam, organizations, securityhub,
};
use crate::domain::{
    Fault, FaultKind, InlineState, Place, Principal, SessionsState, State, Subject,
    untrusted::display_in,
};

pub async fn read(
    account: &Account,
    place: &Place,
    subject: &Subject,
    report: Report<'_>,
) -> Result<State, Fault> {
    let reach = &*account.reach(place);
    match subject {
        Subject::AccessKey(key) => iam::access_key(reach, key, report).await,
        Subject::AccessKeys(user) => iam::access_keys(reach, user, report).await,
        Subject::Principal(who) => iam::principal(reach, who, report).await.map(State::Principal),
        Subject::Attachment { to, policy } => iam::attachment(reach, to, policy, report).await,
        Subject::Inline { of, sessions } => {
            inline(account, reach, of, *sessions, report).await.map(State::Inline)
        }
        Subject::Trust(role) => iam::trust(reach, role, report).await,
        Subject::Policy(policy) => iam::policy(reach, policy, report).await,
        Subject::Login(user) => iam::login(reach, user, report).await,
        Subject::Tags(of) => iam::tag_state(reach, of, report).await,
        Subject::GuardDuty { ids } => guardduty::state(reach, ids, report).await,
        Subject::SecurityHub { ids } => securityhub::state(reach, ids, report).await,
        Subject::Trail(trail) => cloudtrail::settings(reach, trail, report).await,
        Subject::Detector => guardduty::switch(reach, report).await,
        Subject::Hub => securityhub::switch(reach, report).await,
        Subject::Scp { scp, target } => organizations::scp(reach, scp, target, report).await,
        Subject::Member { account, to } => organizations::member(reach, account, to, report).await,
        // Of this process and not of AWS: answered before it came here.
        Subject::Glass(_) => {
            Err(Fault::new(FaultKind::BadRequest, "a session is not AWS's to tell"))
        }
    }
}

/// The inline policies, and with `sessions` who may be using the role: a trail that cannot be
/// asked keeps nobody from containing.
async fn inline(
    account: &Account,
    reach: &Reach,
    of: &Principal,
    sessions: bool,
    report: Report<'_>,
) -> Result<InlineState, Fault> {
    let mut state = iam::inline(reach, of, report).await?;
    if !sessions {
        return Ok(state);
    }
    let mut all = SessionsState::default();
    let global = reach.place.region.of_global_services();
    for region in [reach.place.region.clone(), global] {
        if all.regions.contains(&region) {
            continue;
        }
        let there = account.reach(&Place { region: region.clone(), ..reach.place.clone() });
        let arn = &state.principal.arn;
        let (found, fault) = cloudtrail::sessions(&there, arn, state.clock, report).await;
        let new = |s: &crate::domain::RoleSession| all.sessions.iter().all(|k| k != s);
        let new: Vec<_> = found.into_iter().filter(new).collect();
        all.sessions.extend(new);
        all.faults.extend(fault.map(|why| Fault {
            what: format!("{}: {}", display_in(region.as_str(), 32), why.what),
            ..why
        }));
        all.regions.push(region);
    }
    all.sessions.sort_by(|a, b| (a.begun, &a.id).cmp(&(b.begun, &b.id)));
    state.sessions = Some(all);
    Ok(state)
}
