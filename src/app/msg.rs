//! What happened.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;

use crate::{
    case::{Arranged, Ticket, View},
    domain::{
        Answer, Fault,
        finding::{Key as FindingKey, Record},
    },
    input::Key,
};

#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// A second has passed, or something is about to be told: this is the time.
    Ticked(Timestamp),
    KeyPressed(Key),
    Pasted(String),
    /// Columns and rows.
    Resized(u16, u16),
    /// A part of the answer to a question.
    Answered(Ticket, Answer),
    /// The list, as of a revision of the queue and in a view.
    Arranged {
        revision: u64,
        view: View,
        list: Box<Arranged>,
    },
    /// What earlier runs left in the store: records with the time they were kept,
    /// and the marks of what the operator has seen.
    Loaded {
        records: Vec<(Arc<Record>, Timestamp)>,
        seen: HashMap<FindingKey, Option<Timestamp>>,
    },
    /// Something on this machine went wrong: the store, the clipboard.
    Hurt(Fault),
    /// A signal asked halon to end.
    Terminated,
}
