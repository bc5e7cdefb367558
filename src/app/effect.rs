//! What is to be done. Plain data: a test compares it, a replay drops it.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    case::{Ticket, View},
    domain::{
        Query,
        finding::{Finding, Key as FindingKey, Record},
    },
};

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Ask(Ticket, Query),
    /// Filter and sort, away from the event loop.
    Arrange {
        revision: u64,
        findings: Arc<Vec<Arc<Finding>>>,
        view: View,
    },
    /// Read what earlier runs left.
    Load,
    /// Put records into the store.
    Keep(Vec<Arc<Record>>),
    /// Remember what the operator has looked at.
    MarkSeen(Vec<(FindingKey, Option<Timestamp>)>),
    /// Put text onto the clipboard of the operator's terminal.
    Copy(String),
    /// Stop, and let the shell have the terminal.
    Suspend,
    /// Draw everything anew.
    Redraw,
    Quit,
}
