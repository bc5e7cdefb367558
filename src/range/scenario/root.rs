//! The root user of an account, as far as reports tell of it: nobody signs with its keys.

use super::{
    Used,
    keys::{past, used},
};
use crate::domain::document::Table;

/// Times are in milliseconds relative to the start.
#[derive(Clone, Debug)]
pub struct Root {
    pub mfa: bool,
    pub password_used: Option<i64>,
    /// When each access key was made, and its last use; at most two.
    pub keys: Vec<(Option<i64>, Option<Used>)>,
}

/// `root = { mfa = false, password_last_used = "-40d", keys = [{ created = "-900d" }] }`.
pub fn root(account: &Table<'_>) -> Root {
    let Some(t) = account.table("root") else {
        return Root { mfa: true, password_used: None, keys: Vec::new() };
    };
    let mfa = t.boolean("mfa").is_none_or(|mfa| mfa.value);
    let password_used = past(&t, "password_last_used");
    let mut keys = Vec::new();
    for key in &t.tables("keys") {
        keys.push((past(key, "created"), used(key, true)));
        key.finish();
    }
    if keys.len() > 2 {
        t.mistake_here("the root user has at most 2 access keys");
    }
    t.finish();
    Root { mfa, password_used, keys }
}
