//! What the console was started with, and what it wants the operator to know.

use std::{collections::BTreeMap, sync::Arc};

use jiff::SignedDuration;

use super::{Notify, Prospect, SavedFilter, Unconfigured};

use crate::{
    domain::{AccountId, Fault, Target, event::Network},
    guard::LAPSE,
    theme::{Colour, Look},
};

#[derive(Clone, Debug)]
pub struct Setup {
    /// For the life of the process nothing can be changed.
    pub read_only: bool,
    /// Why halon cannot be armed at all, where that is known at the start.
    pub unarmable: Option<String>,
    /// Random, one for each process.
    pub session: String,
    /// How long armed lasts without a change.
    pub lapse: SignedDuration,
    /// The scenario's title, where this is the range and not AWS.
    pub range: Option<String>,
    /// No request at all: the store and files only.
    pub offline: bool,
    /// Settings of the environment that redirect or proxy requests, ready to show.
    pub environment: Vec<String>,
    /// The endpoint that was asked for, from a flag or the environment.
    pub endpoint: Option<String>,
    /// Addresses that are the operator's own.
    pub own: Vec<Network>,
    /// This machine's zone, to switch to from UTC.
    pub local_zone: jiff::tz::TimeZone,
    /// Times are shown in that zone at the start.
    pub local_time: bool,
    /// There is no halon.toml, and one can be made.
    pub unconfigured: Option<Unconfigured>,
    /// Whether clicks and the wheel are heard; the terminal then selects text with shift held.
    pub mouse: bool,
    /// How the operator wants to be told of a new finding.
    pub notify: Notify,
    /// The filters that were saved before.
    pub saved: Vec<SavedFilter>,
    /// Theme, colours and signs.
    pub look: Arc<Look>,
    /// How accounts are told apart, by the alias that the configuration gives them.
    pub accounts: BTreeMap<Target, Paint>,
    /// The drill that can be begun here.
    pub drill: Option<Arc<Prospect>>,
}

impl Setup {
    /// AWS as the environment gives it, nothing out of the ordinary, times in UTC.
    pub fn plain() -> Self {
        Self {
            read_only: false,
            unarmable: None,
            session: "session".to_owned(),
            lapse: LAPSE,
            range: None,
            offline: false,
            environment: Vec::new(),
            endpoint: None,
            own: Vec::new(),
            local_zone: jiff::tz::TimeZone::UTC,
            local_time: false,
            unconfigured: None,
            mouse: true,
            notify: Notify::default(),
            saved: Vec::new(),
            look: Arc::default(),
            accounts: BTreeMap::new(),
            drill: None,
        }
    }
}

/// How an account is told from the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    /// Where the configuration says it; whoever is signed in says it otherwise.
    pub account: Option<AccountId>,
    pub colour: Option<Colour>,
    /// The operator's business runs in it: said in words wherever it is named.
    pub production: bool,
}

/// One thing to tell the operator: until a key is pressed, or until it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    Done(String),
    /// Not to be overlooked; our own words.
    Alarm(String),
    Trouble(Fault),
}

impl Notice {
    pub fn text(&self) -> String {
        match self {
            Notice::Done(text) | Notice::Alarm(text) => text.clone(),
            Notice::Trouble(fault) => fault.to_string(),
        }
    }
}
