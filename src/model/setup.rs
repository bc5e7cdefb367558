//! What the console was started with, and what it wants the operator to know.

use crate::domain::Fault;

/// What may be done. See the design: armed and drill modes come with the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For the life of the process no writer exists.
    ReadOnly,
    /// Look at everything, change nothing until armed.
    Safe,
}

impl Mode {
    pub fn word(self) -> &'static str {
        match self {
            Mode::ReadOnly => "READ-ONLY",
            Mode::Safe => "SAFE",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Setup {
    pub mode: Mode,
    /// The scenario's title, where this is the range and not AWS.
    pub range: Option<String>,
    /// No request at all: the store and files only.
    pub offline: bool,
    /// Settings of the environment that redirect or proxy requests, ready to show.
    pub environment: Vec<String>,
    /// The endpoint that was asked for, from a flag or the environment.
    pub endpoint: Option<String>,
    /// This machine's zone, to switch to from UTC.
    pub local_zone: jiff::tz::TimeZone,
    /// `NO_COLOR` is set.
    pub mono: bool,
}

impl Setup {
    /// AWS as the environment gives it, nothing out of the ordinary, times in UTC.
    pub fn plain(mode: Mode) -> Self {
        Self {
            mode,
            range: None,
            offline: false,
            environment: Vec::new(),
            endpoint: None,
            local_zone: jiff::tz::TimeZone::UTC,
            mono: false,
        }
    }
}

/// One thing to tell the operator, until a key is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    Done(String),
    Trouble(Fault),
}
