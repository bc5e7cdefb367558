//! A change together with what was there before it: what a prompt shows, a consent is
//! bound to, and a record keeps.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::{Facts, Risk, facts};
use crate::domain::{Change, State, Verb};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    pub change: Change,
    pub before: State,
}

/// SHA-256 over the account, the region, the call, its parameters and what counts of the
/// state before it, in hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(String);

impl Fingerprint {
    pub fn hex(&self) -> &str {
        &self.0
    }
}

/// One line of before → after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diff {
    Same(String),
    Gone(String),
    New(String),
}

impl Prepared {
    pub fn facts(&self) -> Box<dyn Facts + '_> {
        facts(&self.change.verb)
    }

    pub fn after(&self) -> State {
        self.facts().after(&self.before)
    }

    /// What is sent, by its wire names, without who and where.
    pub fn params(&self) -> Json {
        self.facts().params()
    }

    /// `iam:DetachRolePolicy`, `guardduty:ArchiveFindings`.
    pub fn call(&self) -> String {
        let spec = self.facts().spec();
        format!("{}:{}", spec.service.to_lowercase(), spec.operation)
    }

    pub fn risk(&self) -> Risk {
        self.facts().risk(&self.before)
    }

    pub fn fingerprint(&self) -> Fingerprint {
        let facts = self.facts();
        let spec = facts.spec();
        let text = json!([
            "halon-change-v1",
            self.change.account,
            self.change.place.region,
            spec.service,
            spec.operation,
            facts.params(),
            facts.counts(&self.before),
        ])
        .to_string();
        Fingerprint(Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect())
    }

    /// Whether a state read later is what the change brings about.
    pub fn holds(&self, now: &State) -> bool {
        self.facts().is_done(&self.before, now)
    }

    /// Whether a state read later is still what it was before the change.
    pub fn untouched(&self, now: &State) -> bool {
        let facts = self.facts();
        facts.counts(now) == facts.counts(&self.before)
    }

    /// The calls of the way back, at the same place.
    pub fn inverse(&self) -> Vec<Change> {
        let at = |verb: Verb| Change { verb, ..self.change.clone() };
        self.facts().inverse(&self.before).into_iter().map(at).collect()
    }

    /// Before → after, line by line.
    pub fn diff(&self) -> Vec<Diff> {
        let facts = self.facts();
        let (before, after) = (facts.lines(&self.before), facts.lines(&self.after()));
        let mut diff: Vec<Diff> = before
            .iter()
            .map(|line| {
                let line_stays = after.contains(line);
                if line_stays { Diff::Same(line.clone()) } else { Diff::Gone(line.clone()) }
            })
            .collect();
        diff.extend(after.into_iter().filter(|l| !before.contains(l)).map(Diff::New));
        diff
    }

    /// The way back in one sentence.
    pub fn way_back(&self) -> String {
        let inverse = self.inverse();
        let Some(first) = inverse.first() else {
            return "There is no way back: nothing of what was there can be set again.".to_owned();
        };
        let call = Prepared { change: first.clone(), before: self.after() };
        let more = if inverse.len() > 1 {
            format!(" (+{} more)", inverse.len() - 1)
        } else {
            String::new()
        };
        let asks = match call.risk() {
            Risk::Reversible => "",
            Risk::Wide | Risk::Irreversible => "; it asks for the target's own name",
        };
        format!("halon undo: {}{more}{asks}.", call.call())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{KeyState, KeyStatus, Place};

    fn key(status: KeyStatus) -> State {
        State::AccessKey(KeyState {
            user: "ci".parse().expect("a name"),
            key: "AKIAIOSFODNN7EXAMPLE".parse().expect("an id"),
            status,
            created: None,
            last_used: None,
            others: Vec::new(),
        })
    }

    fn deactivate() -> Prepared {
        Prepared {
            change: Change {
                place: Place { target: "t".into(), region: "us-east-1".parse().expect("a region") },
                account: "111122223333".parse().expect("an account"),
                verb: Verb::DeactivateAccessKey {
                    user: "ci".parse().expect("a name"),
                    key: "AKIAIOSFODNN7EXAMPLE".parse().expect("an id"),
                },
            },
            before: key(KeyStatus::Active),
        }
    }

    #[test]
    fn the_fingerprint_is_of_what_counts() {
        let first = deactivate();
        let mut used = first.clone();
        if let State::AccessKey(key) = &mut used.before {
            key.last_used = Some(crate::domain::LastUsed { at: None, service: None, region: None });
        }
        assert_eq!(first.fingerprint(), used.fingerprint(), "a use does not change the change");
        let mut other = first.clone();
        other.change.account = "444455556666".parse().expect("an account");
        assert_ne!(first.fingerprint(), other.fingerprint());
        let edited = Prepared { before: key(KeyStatus::Inactive), ..first.clone() };
        assert_ne!(first.fingerprint(), edited.fingerprint());
    }

    #[test]
    fn a_key_goes_off_and_comes_back_only_with_its_name() {
        let off = deactivate();
        assert!(!off.holds(&key(KeyStatus::Active)) && off.holds(&key(KeyStatus::Inactive)));
        assert_eq!(off.risk(), Risk::Reversible);
        let back = off.inverse();
        assert_eq!(back.len(), 1);
        let back = Prepared { change: back[0].clone(), before: off.after() };
        assert_eq!(
            (back.risk(), back.facts().target().as_str()),
            (Risk::Wide, "AKIAIOSFODNN7EXAMPLE")
        );
        assert!(back.holds(&off.before));
    }
}
