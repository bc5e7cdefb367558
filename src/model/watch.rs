//! Who can be watched from where the operator is.

use super::{Model, Pane, Why};
use crate::{
    case::{Held, Session},
    change::Contained,
    domain::{AccountId, Principal, Untrusted, event::Event},
    input::Command,
};

/// Whoever is selected, and in which account.
///
/// # Errors
/// Why they cannot be watched.
pub fn watchable(model: &Model) -> Result<(Contained, AccountId), Why> {
    match model.pane {
        Pane::Iam => {
            let (_, held) = model.iam.current().ok_or("no principal is selected")?;
            of_held(held)
        }
        Pane::Trail => match &model.trail.sight.tree {
            Some(tree) => of_session(tree.current().ok_or("no session is selected")?),
            None => of_event(model.trail.current().ok_or("no event is selected")?),
        },
        _ => Err("whoever is watched is selected in IAM or on the trail"),
    }
}

fn of_held(held: Held<'_>) -> Result<(Contained, AccountId), Why> {
    let holder = held.holder();
    let odd = "its name is none that IAM gives";
    let name = holder.name.raw();
    let who = match held {
        Held::User(_) => name.parse().map(Principal::User),
        Held::Role(_) => name.parse().map(Principal::Role),
        Held::Group(_) => return Err("a group calls nothing; its users do"),
    };
    let account = holder.arn.raw().split(':').nth(4).and_then(|a| a.parse().ok());
    match (who, account) {
        (Ok(who), Some(account)) => Ok((Contained::wholly(&who), account)),
        _ => Err(odd),
    }
}

/// A role's session by its id, a user with all their keys, or the key alone.
fn of_event(event: &Event) -> Result<(Contained, AccountId), Why> {
    let identity = &event.identity;
    let account = identity.account.clone().or_else(|| event.account.clone());
    let account = account.ok_or("this event does not say whose account it is")?;
    let raw = |t: &Option<Untrusted>| t.as_ref().map(|t| t.raw().to_owned());
    if let Some(role) = identity.role().and_then(|r| r.raw().parse().ok()) {
        let who = match (raw(&identity.principal_id), identity.session()) {
            (Some(user_id), Some(_)) if user_id.contains(':') => {
                Contained::Session { role, user_id }
            }
            (_, Some(session)) => Contained::Session { role, user_id: session.raw().to_owned() },
            _ => Contained::wholly(&Principal::Role(role)),
        };
        return Ok((who, account));
    }
    let is_user = identity.kind.as_ref().is_some_and(|k| k.raw() == "IAMUser");
    let user = identity.user_name.as_ref().filter(|_| is_user);
    if let Some(user) = user.and_then(|u| u.raw().parse().ok()) {
        return Ok((Contained::wholly(&Principal::User(user)), account));
    }
    match event.access_key().and_then(|k| k.raw().parse().ok()) {
        Some(key) => Ok((Contained::AccessKey { key, user: None }, account)),
        None => Err("this event names no user, role or key"),
    }
}

/// A session in the tree: the role's session, else its one key.
fn of_session(session: &Session) -> Result<(Contained, AccountId), Why> {
    let account = session.account.clone().ok_or("its account is not known")?;
    let principal = session.principal.raw();
    if let (Some(role), Some((_, name))) = (&session.role, principal.split_once('/')) {
        let role = role.raw();
        let bare = role.rsplit('/').next().unwrap_or(role);
        if let Ok(role) = bare.parse() {
            return Ok((Contained::Session { role, user_id: name.to_owned() }, account));
        }
    }
    match session.access_keys.as_slice() {
        [key] => match key.raw().parse() {
            Ok(key) => Ok((Contained::AccessKey { key, user: None }, account)),
            Err(_) => Err("its key is none that AWS gives"),
        },
        _ => Err("it is no session of a role and has no one key"),
    }
}

/// What watches decide.
pub(super) fn available(command: Command, model: &Model) -> Option<Result<(), Why>> {
    use Command as C;
    Some(match command {
        C::WatchIt if model.setup.offline => Err("offline: nothing is asked"),
        C::WatchIt => watchable(model).map(|_| ()),
        C::Watches if model.case.watches.is_empty() => {
            Err("nobody is watched: a run that contains somebody begins it, or V")
        }
        C::Prolong if model.setup.offline => Err("offline: nothing is asked"),
        C::StopWatch => match model.watch_under_cursor() {
            Some(watch) if watch.over.is_none() => Ok(()),
            _ => Err("it is over"),
        },
        _ => return None,
    })
}

impl Model {
    /// The watches as the list has them: the newest first.
    pub fn watches(&self) -> impl Iterator<Item = &crate::case::Watch> {
        self.case.watches.iter().rev()
    }

    /// The watch that the list's cursor is on.
    pub fn watch_under_cursor(&self) -> Option<&crate::case::Watch> {
        let below = match self.overlay_below() {
            Some(super::Overlay::Text(super::Page::Help, _)) => self.help.under.as_deref(),
            other => other,
        };
        match below {
            Some(super::Overlay::Watches(line)) => self.watches().nth(*line),
            _ => None,
        }
    }
}
