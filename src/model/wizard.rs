//! The first steps: what is asked of somebody who has no halon.toml, and the file made of it.

use crate::domain::Region;

/// A profile of the AWS configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub region: Option<Region>,
}

/// The name of a profile as an alias: a word.
pub fn alias_of(profile: &str) -> String {
    profile.split_whitespace().collect::<Vec<_>>().join("-")
}
