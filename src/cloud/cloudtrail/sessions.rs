//! Which sessions of a role may be alive: the calls that began them, as one region records
//! them.

use jiff::{SignedDuration, Timestamp};

use super::{Report, page, read};
use crate::{
    cloud::{client::Reach, paging::Paging},
    domain::{
        Fault, FaultKind, RoleSession, Untrusted,
        event::{Attribute, Event, Lookup, Window},
    },
};

/// No session of a role lives longer (IAM user guide, "Maximum session duration").
const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// Two requests a second: a role that is assumed more often than this is told as too busy.
const PAGES: u32 = 10;

/// The sessions that were begun and cannot be over, and why there may be more.
pub async fn sessions(
    reach: &Reach,
    role: &Untrusted,
    now: Timestamp,
    report: Report<'_>,
) -> (Vec<RoleSession>, Option<Fault>) {
    let window = Window::new(now.checked_sub(LONGEST).unwrap_or(now), now);
    let attribute = Some((Attribute::ResourceName, role.raw().to_owned()));
    let lookup = Lookup { attribute, window };
    let mut sessions: Vec<RoleSession> = Vec::new();
    let mut paging = Paging::new(PAGES.min(reach.limits.pages));
    loop {
        let (listed, token) = match page(reach, &lookup, paging.token.clone(), report).await {
            Ok(page) => page,
            Err(fault) => return (sessions, Some(fault)),
        };
        for listed in &listed {
            match read(listed).and_then(|event| begun(&event, now)) {
                Ok(Some(session)) if !sessions.iter().any(|s| same(s, &session)) => {
                    sessions.push(session);
                }
                Ok(_) => {}
                Err(why) => {
                    let what = "an event cannot be read";
                    let fault = Fault::new(FaultKind::Unreadable, what).with_cause(&why);
                    return (sessions, Some(fault));
                }
            }
        }
        match paging.advance(token.as_deref()) {
            Ok(true) => {}
            Ok(false) => return (sessions, None),
            Err(fault) => return (sessions, Some(fault)),
        }
    }
}

fn same(a: &RoleSession, b: &RoleSession) -> bool {
    a.access_key == b.access_key && a.id == b.id && a.begun == b.begun
}

/// The session that the call began, unless it is over.
fn begun(event: &Event, now: Timestamp) -> Result<Option<RoleSession>, String> {
    let Some(issued) = &event.issued else { return Ok(None) };
    let Some(id) = issued.assumed_role_id.clone() else { return Ok(None) };
    if issued.expires.is_some_and(|at| at <= now) {
        return Ok(None);
    }
    let begun = event.time.ok_or("the call that began a session bears no time")?;
    Ok(Some(RoleSession {
        id,
        access_key: issued.access_key.raw().parse().ok(),
        source_identity: issued.source_identity.clone(),
        by: event.identity.principal(),
        address: event.source_ip.clone(),
        begun,
        expires: issued.expires,
    }))
}
