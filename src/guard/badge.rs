//! What a session of break-glass says of itself, in CloudTrail and to whoever looks: for which
//! incident it is, and up to where the audit log went when it was begun.

use serde_json::json;

use super::Incident;
use crate::{
    audit::{Entry, Kind},
    domain::OpenSession,
};

/// Hex digits of a hash that are carried: 64 bits, short enough for a session's name.
const CARRIED: usize = 16;
/// Of the incident's id, so that both fit into the 64 characters of a session's name
/// (STS, roleSessionNameType).
const NAMED: usize = 40;

/// Made when the intent is on disk: its own hash is what is carried, and CloudTrail becomes the
/// log's witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    incident: String,
    head: String,
}

impl Badge {
    /// The tag that says what the session is, name and value.
    pub const TAG: (&'static str, &'static str) = ("BreakGlass", "true");

    /// `h` is the hash of the intent's record, in hex.
    pub fn new(incident: &Incident, h: &str) -> Self {
        // STS takes `[\w+=,.@-]` in names; tags take more, and have the same word.
        let good = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let spelled = incident.id.chars().take(NAMED).map(|c| if good(c) { c } else { '-' });
        Self { incident: spelled.collect(), head: h.chars().take(CARRIED).collect() }
    }

    /// RoleSessionName: the incident, and the first digits of the record's hash.
    pub fn session_name(&self) -> String {
        format!("{}-{}", self.incident, self.head)
    }

    /// The session's tags, names and values.
    pub fn tags(&self) -> [(&'static str, &str); 3] {
        [("halon-incident", &self.incident), Self::TAG, ("halon-head", &self.head)]
    }
}

/// The record of a session that was ended here.
pub fn session_ended(open: &OpenSession, incident: Option<&str>, why: &str) -> Entry {
    Entry::new(Kind::Note)
        .with("text", format!("the break-glass session of {} was ended: {why}", open.role))
        .with("incident", json!(incident))
        .with("session", json!(open))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_incident_makes_a_name_that_sts_takes() {
        let h = "9f".repeat(32);
        for id in ["INC-1", "a/b#c", &"x".repeat(64)] {
            let incident = Incident::new(id, "t", "r").expect("good");
            let badge = Badge::new(&incident, &h);
            let name = badge.session_name();
            assert!(
                (2..=64).contains(&name.len()) && name.ends_with("-9f9f9f9f9f9f9f9f"),
                "{name}"
            );
            let good = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
            assert!(name.bytes().all(good), "{name}");
            assert_eq!(badge.tags()[2].1, "9f9f9f9f9f9f9f9f");
        }
    }
}
