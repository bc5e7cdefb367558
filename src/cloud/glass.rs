//! Sessions of roles for emergencies: begun with one call, checked before anybody uses them, and
//! kept in memory alone.
//!
//! INVARIANT: the credentials leave this file only into [`aws_credential_types::Credentials`],
//! which wipes them when it is dropped. What the SDK and the connection held of the answer on
//! its way here is out of reach.

use std::sync::{Arc, PoisonError};

use aws_credential_types::Credentials;
use aws_sdk_sts::{
    operation::assume_role::AssumeRoleOutput,
    types::{Credentials as Given, Tag},
};
use jiff::{SignedDuration, Timestamp};

use super::{Cloud, Report, client::Account, gate::under_permit, trace, trace::traced};
use crate::{
    domain::{
        Assume, Call, Fault, FaultKind, Glass, GlassState, OpenSession, Place, RoleArn, State,
        Target,
    },
    guard::{Badge, Spent},
};

/// AWS's secret access keys are 40 characters: a shorter one was cut off on its way.
const SECRET: usize = 40;
/// How much longer than asked for a session may last before the answer is not believed.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

/// The first second of 2000: an expiry before it is none.
const EPOCH: i64 = 946_684_800;

/// A session with its clients.
pub struct Held {
    pub account: Arc<Account>,
    open: OpenSession,
    /// It was ended, and is kept for one thing: to prove that its credentials are dead.
    retired: bool,
}

impl Held {
    pub fn is(&self, target: &Target) -> bool {
        self.open.target == *target && !self.retired
    }

    fn is_of(&self, role: &RoleArn) -> bool {
        self.open.role == *role && !self.retired
    }
}

/// Sends the one AssumeRole of a permit, and opens the session where the answer is whole and the
/// credentials are whose they should be.
pub async fn assume(
    cloud: &Cloud,
    base: &Arc<Account>,
    spent: Spent,
    wish: &Assume,
    report: Report<'_>,
) -> (Result<(), Fault>, Call) {
    let Spent { prepared, badge, code, at } = spent;
    let place = &prepared.change.place;
    let name = ("STS", "AssumeRole");
    let hands = base.hands(place);
    let mut ask = hands
        .sts
        .assume_role()
        .role_arn(wish.role.as_str())
        .role_session_name(badge.session_name())
        .duration_seconds(wish.seconds)
        .set_source_identity(wish.source_identity.clone())
        .set_policy(wish.policy.clone());
    if let (Some(serial), Some(code)) = (&wish.mfa, &code) {
        ask = ask.serial_number(serial.as_str()).token_code(code.digits());
    }
    if wish.tags {
        ask = ask.set_tags(tags(&badge));
    }
    let (answer, call) = under_permit(name, traced(place, name, ask.send())).await;
    let opened = match answer {
        Ok((_, end)) if end != trace::WHOLE => Err(broken("it was cut off")),
        Ok((answer, _)) => {
            open(cloud, base, (place, wish, &badge), (answer, &call, at), report).await
        }
        Err(fault) => Err(fault),
    };
    (opened, call)
}

/// Where a tag cannot be built nothing is sent with it; STS takes all of these.
fn tags(badge: &Badge) -> Option<Vec<Tag>> {
    badge
        .tags()
        .into_iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}

async fn open(
    cloud: &Cloud,
    base: &Arc<Account>,
    (place, wish, badge): (&Place, &Assume, &Badge),
    (mut answer, call, at): (AssumeRoleOutput, &Call, Timestamp),
    report: Report<'_>,
) -> Result<(), Fault> {
    let now = base.reach(place).clock(call.server_time).unwrap_or(at);
    let packed = answer.session_token_utilization;
    let given = answer.credentials.take().ok_or_else(|| broken("it has no credentials"))?;
    let (credentials, access_key, expires) =
        checked(given, wish, now, base.chain().endpoint.is_some())?;
    let target: Target = Arc::from(format!("break-glass@{}", wish.role.account()));
    let account = Arc::new(base.assumed(credentials, access_key.clone()));
    // Whose they are is asked with them: a cut-off secret or token does not sign.
    let there = Place { target: target.clone(), region: place.region.clone() };
    let reach = account.reach(&there);
    let who = reach.sts.get_caller_identity().send();
    let (who, _) = trace::call(&there, ("STS", "GetCallerIdentity"), who, report)
        .await
        .map_err(|fault| broken("its credentials are not taken").with_cause(&fault.what))?;
    let arn = who.arn().unwrap_or_default();
    let (partition, owner) = (wish.role.partition(), wish.role.account());
    let expected = format!(
        "arn:{partition}:sts::{owner}:assumed-role/{}/{}",
        wish.role.name(),
        badge.session_name()
    );
    if arn != expected || who.account() != Some(owner.as_str()) {
        return Err(broken("its credentials are somebody else's").with_cause(arn));
    }
    let open = OpenSession {
        role: wish.role.clone(),
        target,
        account: owner,
        arn: expected,
        access_key,
        begun: now,
        expires,
        source_identity: wish.source_identity.clone(),
        provider: base.chain().provider.to_owned(),
        packed,
    };
    let mut sessions = cloud.sessions();
    // One session of an account at a time: they share its name here.
    sessions.retain(|held| !held.is(&open.target));
    sessions.push(Held { account, open, retired: false });
    Ok(())
}

/// The credentials of an answer, where they look whole. The SDK takes an answer that was cut off
/// for a good one: what is missing is empty or of the year 1970.
fn checked(
    given: Given,
    wish: &Assume,
    now: Timestamp,
    elsewhere: bool,
) -> Result<(Credentials, crate::domain::AccessKeyId, Timestamp), Fault> {
    let Given { access_key_id, secret_access_key, session_token, expiration, .. } = given;
    // Into what wipes itself first, whatever comes of it.
    let credentials = Credentials::new(
        access_key_id,
        secret_access_key,
        Some(session_token),
        None,
        "break-glass",
    );
    let key: crate::domain::AccessKeyId =
        credentials.access_key_id().parse().map_err(|_| broken("its access key id is none"))?;
    if !key.is_temporary() {
        return Err(broken("its access key is no temporary one (ASIA…)"));
    }
    if credentials.secret_access_key().len() != SECRET {
        return Err(broken("its secret key was cut off"));
    }
    if credentials.session_token().is_none_or(str::is_empty) {
        return Err(broken("it has no session token"));
    }
    let expires =
        Timestamp::from_second(expiration.secs()).map_err(|_| broken("its expiry is no time"))?;
    let latest = now.saturating_add(SignedDuration::from_secs(wish.seconds.into()) + SLACK);
    // A simulated account has a time of its own, which its `Date` does not tell.
    if elsewhere && expires.as_second() > EPOCH {
        let lasts = SignedDuration::from_secs(wish.seconds.into());
        return Ok((credentials, key, now.saturating_add(lasts).unwrap_or(expires)));
    }
    if expires <= now || latest.is_ok_and(|latest| expires > latest) {
        return Err(broken("its expiry is not the time that was asked for"));
    }
    Ok((credentials, key, expires))
}

/// An answer that gave out something that is not used: nobody knows what AWS made of it.
fn broken(why: &str) -> Fault {
    let what = format!("AssumeRole: the answer is not whole: {why}; no session was begun");
    Fault::new(FaultKind::Unreadable, what)
        .with_hint("look for a proxy between here and AWS, and try again with the next code")
}

/// Whether a session is open, asked with its own credentials; and what one could be begun with.
pub async fn state(
    cloud: &Cloud,
    base: &Arc<Account>,
    place: &Place,
    role: &RoleArn,
    report: Report<'_>,
) -> Result<State, Fault> {
    let held = cloud
        .sessions()
        .iter()
        .find(|h| h.is_of(role))
        .map(|h| (h.account.clone(), h.open.clone()));
    let session = match held {
        Some((account, open)) => {
            let there = Place { target: open.target.clone(), region: place.region.clone() };
            let reach = account.reach(&there);
            let who = reach.sts.get_caller_identity().send();
            match trace::call(&there, ("STS", "GetCallerIdentity"), who, report).await {
                Ok((who, _)) if who.arn() == Some(&open.arn) => Glass::Open(open),
                Ok(_) => return Err(broken("its credentials are somebody else's")),
                Err(fault) if fault.kind == FaultKind::Expired => {
                    cloud.end_session(role);
                    Glass::Closed
                }
                Err(fault) => return Err(fault),
            }
        }
        None => Glass::Closed,
    };
    // Without a name IAM takes the signer; a role has no devices and is told so.
    let reach = base.reach(place);
    let devices = reach.iam.list_mfa_devices().send();
    let (devices, untold) = match trace::call(place, ("IAM", "ListMFADevices"), devices, report)
        .await
    {
        Ok((answer, _)) => {
            let all = answer.mfa_devices().iter().filter_map(|d| d.serial_number().parse().ok());
            (all.collect(), None)
        }
        Err(fault) => (Vec::new(), Some(fault.what)),
    };
    Ok(State::Glass(GlassState { role: role.clone(), session, devices, untold }))
}

impl Cloud {
    pub(super) fn sessions(&self) -> std::sync::MutexGuard<'_, Vec<Held>> {
        self.inner.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clients of an open session, by its target.
    pub(super) fn session(&self, target: &Target) -> Option<Arc<Account>> {
        let sessions = self.sessions();
        sessions.iter().find(|held| held.is(target)).map(|held| held.account.clone())
    }

    /// Drops a session's credentials; whether there was one.
    pub fn end_session(&self, role: &RoleArn) -> bool {
        let mut sessions = self.sessions();
        let before = sessions.len();
        sessions.retain(|held| held.open.role != *role);
        sessions.len() < before
    }

    /// Ends a session and keeps its credentials for [`Cloud::is_dead`] alone.
    pub fn retire_session(&self, role: &RoleArn) {
        let mut sessions = self.sessions();
        sessions.retain(|held| held.open.role != *role || !held.retired);
        sessions.iter_mut().filter(|h| h.is_of(role)).for_each(|held| held.retired = true);
    }

    /// Whether AWS refuses the credentials of a session that was retired, by whom they are; where
    /// it does they are dropped. `None` where there are none.
    ///
    /// # Errors
    /// It could not be asked.
    pub async fn is_dead(&self, role: &RoleArn, report: Report<'_>) -> Option<Result<bool, Fault>> {
        let (account, open) = {
            let sessions = self.sessions();
            let held = sessions.iter().find(|h| h.open.role == *role && h.retired)?;
            (held.account.clone(), held.open.clone())
        };
        let region = account.home_region();
        let there = Place { target: open.target.clone(), region };
        let who = account.reach(&there).sts.get_caller_identity().send();
        let asked = trace::call(&there, ("STS", "GetCallerIdentity"), who, report).await;
        Some(match asked {
            Ok(_) => Ok(false),
            Err(fault) if fault.kind == FaultKind::Expired => {
                self.sessions().retain(|h| h.open.role != *role || !h.retired);
                Ok(true)
            }
            Err(fault) => Err(fault),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-02T03:10:00Z";

    fn wish() -> Assume {
        Assume {
            role: "arn:aws:iam::123456789012:role/break-glass".parse().expect("a role"),
            seconds: 3600,
            mfa: None,
            source_identity: None,
            policy: None,
            tags: false,
            second_person: false,
        }
    }

    fn given(key: &str, secret: &str, token: &str, expires: &str) -> Given {
        let expires: Timestamp = expires.parse().expect("a time");
        let expires = aws_smithy_types::DateTime::from_secs(expires.as_second());
        let given = Given::builder().access_key_id(key).secret_access_key(secret);
        given.session_token(token).expiration(expires).build().expect("credentials")
    }

    #[test]
    fn only_whole_answers_open_a_session() {
        let (key, secret) = ("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let check = |given: Given| checked(given, &wish(), NOW.parse().expect("a time"), false);
        assert!(check(given(key, secret, "token", "2026-03-02T04:10:00Z")).is_ok());
        for (key, secret, token, expires) in [
            ("AKIAIOSFODNN7EXAMPLE", secret, "token", "2026-03-02T04:10:00Z"),
            ("ASIA", secret, "token", "2026-03-02T04:10:00Z"),
            ("", "", "", "1970-01-01T00:00:00Z"),
            (key, "wJalrXUt", "token", "2026-03-02T04:10:00Z"),
            (key, secret, "", "2026-03-02T04:10:00Z"),
            (key, secret, "token", "1970-01-01T00:00:00Z"),
            (key, secret, "token", NOW),
            (key, secret, "token", "2026-03-02T16:10:00Z"),
        ] {
            let fault = check(given(key, secret, token, expires)).expect_err("it is not whole");
            assert_eq!(fault.kind, FaultKind::Unreadable);
            let said = fault.to_string();
            assert!(secret.is_empty() || !said.contains(secret), "{said}");
        }
    }
}
