//! The sessions in the trail's window, as a tree: whose credentials gave out whose.

use std::sync::Arc;

use crate::{
    case::{Load, Session, Sessions},
    domain::event::{By, Window},
};

#[derive(Clone, Debug)]
pub struct Tree {
    pub window: Window,
    pub sessions: Load<Arc<Sessions>>,
    /// How deep each line stands, and its place among the sessions.
    pub rows: Vec<(usize, usize)>,
    pub cursor: usize,
    pub top: usize,
    /// They are being stitched.
    pub stitching: Option<Window>,
    /// The news of the trail that they know of.
    pub news: Option<u64>,
}

impl Tree {
    pub fn of(window: Window) -> Self {
        Self {
            window,
            sessions: Load::Loading,
            rows: Vec::new(),
            cursor: 0,
            top: 0,
            stitching: None,
            news: None,
        }
    }

    /// Whoever gave out credentials stands above whoever got them.
    pub fn grow(&mut self, sessions: Arc<Sessions>) {
        let selected = self.current().map(|s| s.id.clone());
        let mut rows = Vec::with_capacity(sessions.list().len());
        let mut ahead: Vec<(usize, usize)> = sessions.roots().map(|at| (0, at)).collect();
        ahead.reverse();
        while let Some((depth, at)) = ahead.pop() {
            rows.push((depth, at));
            ahead.extend(sessions.children(at).iter().rev().map(|child| (depth + 1, *child)));
        }
        let list = sessions.list();
        let found = rows.iter().position(|(_, at)| Some(&list[*at].id) == selected.as_ref());
        self.cursor = found.unwrap_or(self.cursor.min(rows.len().saturating_sub(1)));
        self.rows = rows;
        self.sessions = Load::Ready(sessions);
    }

    pub fn session(&self, line: usize) -> Option<&Session> {
        let Load::Ready(sessions) = &self.sessions else { return None };
        sessions.list().get(self.rows.get(line)?.1)
    }

    /// The session under the cursor.
    pub fn current(&self) -> Option<&Session> {
        self.session(self.cursor)
    }
}

/// What is asked for to see what a session did: its key, where it had only one; else the
/// name that all its calls were made under.
pub fn of_session(session: &Session) -> By {
    let principal = session.principal.raw();
    match session.access_keys.as_slice() {
        [key] => By::Key(key.raw().to_owned()),
        // `ROLE/SESSION`: CloudTrail knows the session's name as the user's.
        _ if session.role.is_some() => {
            By::User(principal.rsplit('/').next().unwrap_or(principal).to_owned())
        }
        _ => By::User(principal.to_owned()),
    }
}
