//! Temporary credentials that STS gave out, kept by the key's id.
//!
//! Secret and token are derived from the world's seed and the key, so that the journal
//! holds neither.

use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::change::Entity;
use crate::range::{
    scenario::{By, Scenario},
    seed,
};

/// What one call of STS gave out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// `ASIA…`.
    pub key: String,
    /// The id of the account whose role or user it is.
    pub account: String,
    pub of: Entity,
    /// A role session's name; a user's session has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Epoch milliseconds, whole seconds.
    pub issued: i64,
    pub expires: i64,
    /// Given out for a code of an MFA device.
    #[serde(default)]
    pub mfa: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// The session's own tags, those inherited from the caller's session among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<(String, String)>,
    /// The keys of those that the next session in a chain inherits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitive: Vec<String>,
    /// Session policies: a document, and ARNs of managed policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<String>,
    /// The serial number of the device whose code was spent, and the code's time step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spent: Option<(String, i64)>,
    /// Given to an instance by EC2.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_instance: bool,
}

impl Session {
    pub fn secret(&self, seed: u64) -> String {
        seed::secret(seed, &["session", &self.key])
    }

    pub fn token(&self, seed: u64) -> String {
        let part = |n: u8| seed::secret(seed, &["session token", &self.key, &n.to_string()]);
        format!("IQoJb3JpZ2luX2VjE{}", [1, 2, 3].map(part).concat())
    }
}

/// All that were given out. A clone is not cheap, and nobody needs one: unlike IAM,
/// sessions are never read as they were.
#[derive(Default)]
pub struct Sessions {
    by_key: HashMap<String, Arc<Session>>,
    /// The last time step of which a code was spent, by the device's serial number.
    spent: HashMap<String, i64>,
}

impl Sessions {
    /// Those that the scenario tells of: their holders may use them.
    pub fn seeded(scenario: &Scenario) -> Self {
        let mut sessions = Sessions::default();
        let start = scenario.start.as_millisecond();
        for said in &scenario.sessions {
            let issued = (start + said.at).div_euclid(1000) * 1000;
            sessions.add(&Session {
                key: said.key.clone(),
                account: scenario.accounts[said.account].id.as_str().to_owned(),
                of: Entity::Role(said.role.clone()),
                name: said.name.clone(),
                issued,
                expires: issued + said.seconds * 1000,
                mfa: said.mfa,
                source_identity: said.source_identity.clone(),
                tags: Vec::new(),
                transitive: Vec::new(),
                policy: None,
                policy_arns: Vec::new(),
                spent: None,
                of_instance: matches!(&said.by, By::Service(host) if host == "ec2.amazonaws.com"),
            });
        }
        sessions
    }

    pub fn get(&self, key: &str) -> Option<&Arc<Session>> {
        self.by_key.get(key)
    }

    /// All of a role.
    pub fn of_role(&self, account: &str, role: &str) -> impl Iterator<Item = &Arc<Session>> {
        let meant = move |s: &&Arc<Session>| {
            s.account == account && matches!(&s.of, Entity::Role(name) if name == role)
        };
        self.by_key.values().filter(meant)
    }

    pub fn last_spent(&self, serial: &str) -> Option<i64> {
        self.spent.get(serial).copied()
    }

    pub fn add(&mut self, session: &Session) {
        if let Some((serial, step)) = &session.spent {
            self.spent.insert(serial.clone(), *step);
        }
        self.by_key.insert(session.key.clone(), Arc::new(session.clone()));
    }
}
