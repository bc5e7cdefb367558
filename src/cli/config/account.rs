//! `[[accounts]]`: credentials with the name that the operator gave them.

use crate::{
    domain::{Region, RoleArn, document::Table},
    theme::Colour,
};

/// One set of credentials with the name the operator gave it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub alias: String,
    pub profile: Option<String>,
    /// The role that is assumed for reading, with the credentials of `profile`.
    pub role: Option<RoleArn>,
    pub regions: Vec<Region>,
    /// What the account is drawn in.
    pub colour: Option<Colour>,
    /// What is done here is done to what customers use.
    pub production: bool,
}

/// `before` are those that stand above in the file.
pub fn read(table: &Table<'_>, before: &[Account]) -> Option<Account> {
    let alias = table.required("alias");
    let profile = table.string("profile").map(|p| p.value.to_owned());
    let role = table.parsed("role").map(|role| role.value);
    let regions = super::regions(table);
    let colour = table.parsed("colour").map(|colour| colour.value);
    let production = table.boolean("production").is_some_and(|p| p.value);
    let alias = alias?;
    if alias.value.is_empty() || alias.value.chars().any(|c| c.is_control() || c.is_whitespace()) {
        table.mistake(&alias, "`alias` must be a word without spaces");
    }
    if before.iter().any(|a| a.alias == alias.value) {
        table.mistake(&alias, "this alias is used above already");
    }
    Some(Account { alias: alias.value.to_owned(), profile, role, regions, colour, production })
}
