//! `met`: what an objective waits for.

use super::{one_of, refer::Refer};
use crate::{
    domain::{Principal, RoleArn, RoleName, document::Table},
    drill::script::{Condition, Seen},
    range::Fact,
};

/// `{ seen = "…" }`, `{ fact = "…" }` or `{ nothing_else = true }`.
pub fn condition(t: &Table<'_>, refer: &Refer<'_>, role: Option<&RoleArn>) -> Option<Condition> {
    let (seen, fact, nothing) = (t.string("seen"), t.string("fact"), t.boolean("nothing_else"));
    match (seen, fact, nothing) {
        (Some(word), None, None) => {
            let words = ["finding", "events", "principal", "armed", "ran", "assumed", "ended"];
            let word = one_of(t, "seen", &word, &words.map(|w| (w, w)))?;
            seen_of(t, word, refer, role).map(Condition::Seen)
        }
        (None, Some(word), None) => {
            let word = one_of(t, "fact", &word, &FACTS.map(|w| (w, w)))?;
            fact_of(t, word, refer).map(Condition::Fact)
        }
        (None, None, Some(yes)) if yes.value => Some(Condition::NothingElse),
        (None, None, Some(no)) => {
            t.mistake(&no, "`nothing_else` is true or left out");
            None
        }
        _ => {
            t.mistake_here("one of `seen`, `fact` and `nothing_else` is needed");
            None
        }
    }
}

fn seen_of(t: &Table<'_>, word: &str, refer: &Refer<'_>, role: Option<&RoleArn>) -> Option<Seen> {
    match word {
        "finding" => t.required("id").and_then(|id| refer.finding(t, &id)).map(Seen::Finding),
        "events" => refer.by(t).map(Seen::Events),
        "principal" => refer.principal(t).map(|(account, who)| Seen::Principal(account, who)),
        "armed" => Some(Seen::Armed),
        "ran" => {
            let id = t.required("playbook")?;
            refer.playbook(t, &id).map(|playbook| Seen::Ran(playbook.id))
        }
        "assumed" => role.cloned().map(Seen::Assumed),
        // `one_of` let nothing else through.
        _ => role.cloned().map(Seen::Ended),
    }
}

const FACTS: [&str; 13] = [
    "key-off",
    "detached",
    "inline",
    "no-inline",
    "denied",
    "may",
    "sessions-revoked",
    "session-cut",
    "not-trusted",
    "logging",
    "archived",
    "no-scp",
    "scp",
];

fn fact_of(t: &Table<'_>, word: &str, refer: &Refer<'_>) -> Option<Fact> {
    let named = |t: &Table<'_>| t.required("name").and_then(|name| t.parse("name", &name));
    Some(match word {
        "key-off" => {
            let key = t.required("key")?;
            Fact::KeyOff(refer.user_key(t, "key", &key)?)
        }
        "detached" => {
            let (whose, policy) = (refer.principal(t), t.required("policy"));
            let policy = t.parse("policy", &policy?)?.value;
            let (account, who) = whose?;
            Fact::Detached(account, who, policy)
        }
        "inline" => {
            let (whose, name) = (refer.principal(t), named(t));
            let (account, who) = whose?;
            Fact::Inline(account, who, name?.value)
        }
        "no-inline" => {
            let (whose, name) = (refer.principal(t), named(t));
            let (account, who) = whose?;
            Fact::NoInline(account, who, name?.value)
        }
        "denied" => {
            let (account, who) = refer.principal(t)?;
            Fact::Denied(account, who)
        }
        "may" => {
            let (whose, action) = (refer.principal(t), t.required("action"));
            let (account, who) = whose?;
            Fact::May(account, who, action?.value.to_owned())
        }
        "sessions-revoked" => {
            let (account, role) = role(t, refer)?;
            Fact::SessionsRevoked(account, role)
        }
        "session-cut" => {
            let key = t.required("key")?;
            Fact::SessionCut(refer.session_key(t, &key)?)
        }
        "not-trusted" => {
            let (whose, whom) = (role(t, refer), t.required("whom"));
            let (account, role) = whose?;
            Fact::NotTrusted(account, role, whom?.value.to_owned())
        }
        "logging" => Fact::Logging(refer.trail(t)?),
        "archived" => {
            let id = t.required("id")?;
            Fact::Archived(refer.finding(t, &id)?)
        }
        "no-scp" => {
            let (name, at) = refer.scp(t)?;
            Fact::NoScp(name, at)
        }
        // `one_of` let nothing else through.
        _ => {
            let (name, at) = refer.scp(t)?;
            Fact::Scp(name, at)
        }
    })
}

fn role(t: &Table<'_>, refer: &Refer<'_>) -> Option<(crate::domain::AccountId, RoleName)> {
    match refer.principal(t)? {
        (account, Principal::Role(role)) => Some((account, role)),
        (_, Principal::User(_)) => {
            t.mistake_here("only a role has it: give `role`");
            None
        }
    }
}
