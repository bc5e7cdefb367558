//! What a drill refers to must be in its scenario.

use crate::{
    domain::{
        AccessKeyId, AccountId, OrgTarget, Principal, TrailArn,
        document::{Placed, Table, suggest},
        event::By,
        untrusted::display_in,
    },
    playbook::{self, Playbook},
    range::Scenario,
};

/// The scenario, and the playbooks that come with the program.
pub struct Refer<'s> {
    pub scenario: &'s Scenario,
}

impl<'s> Refer<'s> {
    pub fn new(scenario: &'s Scenario) -> Self {
        Self { scenario }
    }

    /// `account = "example-prod"`: an alias or an id.
    pub fn account(&self, t: &Table<'_>) -> Option<AccountId> {
        let name = t.required("account")?;
        self.account_named(t, &name)
    }

    pub fn account_named(&self, t: &Table<'_>, name: &Placed<&str>) -> Option<AccountId> {
        let known = self.scenario.account_named(name.value).cloned();
        if known.is_none() {
            let aliases = self.scenario.aliases();
            unknown(t, name, "account", aliases);
        }
        known
    }

    /// `account` with `user` or `role`.
    pub fn principal(&self, t: &Table<'_>) -> Option<(AccountId, Principal)> {
        let account = self.account(t);
        let (user, role) = (t.string("user"), t.string("role"));
        let (name, who) = match (&user, &role) {
            (Some(name), None) => (name, Principal::User(t.parse("user", name)?.value)),
            (None, Some(name)) => (name, Principal::Role(t.parse("role", name)?.value)),
            _ => {
                t.mistake_here("one of `user` and `role` is needed");
                return None;
            }
        };
        let account = account?;
        if !self.scenario.has(&account, &who) {
            unknown(t, name, who.kind(), self.scenario.principals_of(&account));
            return None;
        }
        Some((account, who))
    }

    /// A user's access key.
    pub fn user_key(&self, t: &Table<'_>, field: &str, key: &Placed<&str>) -> Option<AccessKeyId> {
        let parsed = t.parse::<AccessKeyId>(field, key)?;
        if !self.scenario.user_keys().any(|known| known == key.value) {
            unknown(t, key, "user's access key", self.scenario.user_keys());
            return None;
        }
        Some(parsed.value)
    }

    /// A session's access key.
    pub fn session_key(&self, t: &Table<'_>, key: &Placed<&str>) -> Option<AccessKeyId> {
        let parsed = t.parse::<AccessKeyId>("key", key)?;
        if !self.scenario.session_keys().any(|known| known == key.value) {
            unknown(t, key, "session's access key", self.scenario.session_keys());
            return None;
        }
        Some(parsed.value)
    }

    pub fn finding(&self, t: &Table<'_>, id: &Placed<&str>) -> Option<String> {
        if !self.scenario.finding_ids().any(|known| known == id.value) {
            unknown(t, id, "finding with the id", self.scenario.finding_ids());
            return None;
        }
        Some(id.value.to_owned())
    }

    pub fn trail(&self, t: &Table<'_>) -> Option<TrailArn> {
        let text = t.required("trail")?;
        let trail = t.parse::<TrailArn>("trail", &text)?;
        let known = self.scenario.trail_arns();
        if !known.iter().any(|arn| arn == text.value) {
            unknown(t, &text, "trail", known.iter().map(String::as_str));
            return None;
        }
        Some(trail.value)
    }

    /// `name` of a policy of the organization, `at` the id of a root, unit or account.
    pub fn scp(&self, t: &Table<'_>) -> Option<(String, OrgTarget)> {
        let (name, at) = (t.required("name"), t.required("at"));
        let name = name.filter(|name| {
            let known = self.scenario.org_policy_names().any(|known| known == name.value);
            if !known {
                unknown(t, name, "policy of the organization", self.scenario.org_policy_names());
            }
            known
        });
        let text = at?;
        let target = t.parse::<OrgTarget>("at", &text)?;
        let targets = self.scenario.org_targets();
        if !targets.iter().any(|known| known == text.value) {
            unknown(t, &text, "root, unit or account", targets.iter().map(String::as_str));
            return None;
        }
        Some((name?.value.to_owned(), target.value))
    }

    /// A playbook that comes with the program: the operator's own are not the same everywhere.
    pub fn playbook(&self, t: &Table<'_>, id: &Placed<&str>) -> Option<Playbook> {
        let shipped = playbook::shipped();
        let text = shipped.iter().find(|(known, _)| *known == id.value);
        if text.is_none() {
            unknown(t, id, "playbook", shipped.iter().map(|(id, _)| *id));
        }
        // A test reads each of them.
        text.and_then(|(id, text)| Playbook::read(id, text).ok())
    }

    /// `by = "key"`, `value = "AKIA…"`.
    pub fn by(&self, t: &Table<'_>) -> Option<By> {
        let (name, value) = (t.required("by"), t.required("value"));
        let (name, value) = (name?, value?);
        let by = By::named(name.value, value.value);
        if by.is_none() {
            let names =
                ["key", "user", "role", "event", "resource", "source", "event-id", "address"];
            unknown(t, &name, "filter of events", names.into_iter());
        }
        by
    }
}

fn unknown<'k>(
    t: &Table<'_>,
    word: &Placed<&str>,
    what: &str,
    known: impl Iterator<Item = &'k str>,
) {
    let hint = suggest(word.value, known);
    t.mistake(word, format!("there is no {what} {}{hint}", display_in(word.value, 80)));
}
