//! What an operator is armed for.

use serde::{Deserialize, Serialize};

use crate::change::ValueType;

/// An incident as the operator names it. Every record of a change carries its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// The ticket's id: 1 to 64 letters, digits and `-._/#`.
    pub id: String,
    pub title: String,
    pub reason: String,
}

impl Incident {
    /// # Errors
    /// Which of the three is wrong, and how it looks when it is right.
    pub fn new(id: &str, title: &str, reason: &str) -> Result<Self, String> {
        let id = Self::parse_id(id)?;
        let text = |name: &str, text: &str| match ValueType::Text.parse(text) {
            Ok(value) => Ok(value.to_string()),
            Err(why) => Err(format!("the incident's {name}: {why}")),
        };
        Ok(Self {
            id: id.to_owned(),
            title: text("title", title)?,
            reason: text("reason", reason)?,
        })
    }

    /// An id by itself, without blanks around it.
    ///
    /// # Errors
    /// How an id looks when it is right.
    pub fn parse_id(id: &str) -> Result<&str, String> {
        let id = id.trim();
        let good = |b: u8| b.is_ascii_alphanumeric() || b"-._/#".contains(&b);
        match (1..=64).contains(&id.len()) && id.bytes().all(good) {
            true => Ok(id),
            false => Err("an incident id is 1 to 64 letters, digits and -._/#".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_are_needed() {
        assert!(Incident::new("INC-1", "A leaked key", "found on a public repository").is_ok());
        for (id, title, reason) in
            [("", "t", "r"), ("INC 1", "t", "r"), ("INC-1", " ", "r"), ("INC-1", "t", "a\u{1b}[2J")]
        {
            assert!(Incident::new(id, title, reason).is_err(), "{id:?} {title:?} {reason:?}");
        }
    }
}
