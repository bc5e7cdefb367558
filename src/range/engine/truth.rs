//! What the world knows of itself and tells nobody over the wire: whoever judges a drill asks.

use jiff::Timestamp;

use super::Range;
use crate::{
    domain::{AccountId, Fault},
    range::{
        fact::Fact,
        world::{Change, Entry, Picture},
    },
};

/// A call that changed the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The world's time.
    pub at: Timestamp,
    /// `iam:PutRolePolicy`.
    pub operation: String,
    /// The caller's account and access key.
    pub account: AccountId,
    pub access_key: String,
    pub request_id: String,
    pub touches: Touches,
}

/// What a change was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touches {
    /// The state of findings: archived, commented, sent.
    Findings,
    /// Credentials were given out, or a report was begun: nothing is otherwise than before.
    Nothing,
    /// Who may do what, what is recorded, what is watched.
    Configuration,
}

impl Range {
    /// Whether it is so in the world now. Nothing is in a world whose journal cannot be
    /// followed any more, which then answers no call either.
    pub fn holds(&self, fact: &Fact) -> bool {
        let mut state = self.lock();
        if state.caught_up().is_err() {
            return false;
        }
        let now = self.clock_ms().saturating_add(state.passed);
        state.world.holds(fact, now)
    }

    /// Everything that was changed since the world began, the oldest first.
    ///
    /// # Errors
    /// The journal cannot be followed.
    pub fn changes(&self) -> Result<Vec<Changed>, Fault> {
        let mut state = self.lock();
        state.caught_up()?;
        Ok(state.changes.iter().filter_map(changed).collect())
    }

    /// The world as it is, but for what comes and goes with time.
    ///
    /// # Errors
    /// The journal cannot be followed.
    pub fn digest(&self) -> Result<Picture, Fault> {
        let mut state = self.lock();
        state.caught_up()?;
        Ok(state.world.picture())
    }

    /// The world as it began.
    pub fn digest_at_start(&self) -> Picture {
        self.lock().as_it_began().picture()
    }
}

fn changed(entry: &Entry) -> Option<Changed> {
    Some(Changed {
        at: entry.at,
        operation: entry.operation.clone(),
        account: entry.account.parse().ok()?,
        access_key: entry.access_key.clone(),
        request_id: entry.request_id.clone(),
        touches: touches(entry.change.as_ref()?),
    })
}

fn touches(change: &Change) -> Touches {
    match change {
        Change::Archive { .. }
        | Change::Unarchive { .. }
        | Change::Samples { .. }
        | Change::Feedback { .. }
        | Change::HubImport { .. }
        | Change::HubUpdate { .. } => Touches::Findings,
        Change::Session(_) | Change::CredentialReport | Change::LastAccessed { .. } => {
            Touches::Nothing
        }
        Change::Detector { .. }
        | Change::Hub { .. }
        | Change::AccessKeyStatus { .. }
        | Change::CreateAccessKey { .. }
        | Change::DeleteAccessKey { .. }
        | Change::PutInline { .. }
        | Change::DeleteInline { .. }
        | Change::Boundary { .. }
        | Change::Trust { .. }
        | Change::Tag { .. }
        | Change::Untag { .. }
        | Change::AttachPolicy { .. }
        | Change::DetachPolicy { .. }
        | Change::PolicyVersion { .. }
        | Change::DefaultPolicyVersion { .. }
        | Change::DeletePolicyVersion { .. }
        | Change::CreateLogin { .. }
        | Change::DeleteLogin { .. }
        | Change::Organization(_)
        | Change::EventSelectors { .. }
        | Change::Logging { .. } => Touches::Configuration,
    }
}
