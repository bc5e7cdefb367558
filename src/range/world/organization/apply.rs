//! Accepted changes of the organization, brought into force.

use serde::{Deserialize, Serialize};

use super::{Organization, Policy, PolicyKind};

/// What changed. Policies and targets are named by their ids, which were there when it
/// was accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Create {
        id: String,
        arn: String,
        name: String,
        description: String,
        kind: PolicyKind,
        document: String,
    },
    /// What is not there stays as it is.
    Update {
        policy: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<String>,
    },
    Delete {
        policy: String,
    },
    Attach {
        policy: String,
        target: String,
    },
    Detach {
        policy: String,
        target: String,
    },
    /// An account goes to another parent.
    Move {
        account: String,
        parent: String,
    },
}

impl Organization {
    pub fn apply(&mut self, act: &Act) {
        match act {
            Act::Create { id, arn, name, description, kind, document } => {
                self.add(Policy {
                    number: 0,
                    id: id.clone(),
                    arn: arn.clone(),
                    name: name.clone(),
                    description: description.clone(),
                    kind: *kind,
                    by_aws: false,
                    document: document.clone(),
                    attached: Vec::new(),
                });
            }
            Act::Update { policy, name, description, document } => {
                let Some(policy) = self.known(policy) else { return };
                for (held, said) in [
                    (&mut policy.name, name),
                    (&mut policy.description, description),
                    (&mut policy.document, document),
                ] {
                    if let Some(said) = said {
                        held.clone_from(said);
                    }
                }
            }
            Act::Delete { policy } => self.policies.retain(|known| known.id != *policy),
            Act::Attach { policy, target } => {
                let Some(target) = self.target(target) else { return };
                if let Some(policy) = self.known(policy) {
                    policy.attached.push(target);
                }
            }
            Act::Detach { policy, target } => {
                let target = self.target(target);
                if let Some(policy) = self.known(policy) {
                    policy.attached.retain(|attached| Some(*attached) != target);
                }
            }
            Act::Move { account, parent } => {
                if let (Some(account), Some(parent)) = (self.target(account), self.target(parent)) {
                    self.targets[account].parent = parent;
                }
            }
        }
    }

    /// Takes in a policy under the next number.
    pub(super) fn add(&mut self, policy: Policy) {
        self.policies.push(Policy { number: self.next, ..policy });
        self.next += 1;
    }

    /// The ordinal of the next policy: what its id is derived from.
    pub fn next(&self) -> u32 {
        self.next
    }

    fn known(&mut self, id: &str) -> Option<&mut Policy> {
        self.policies.iter_mut().find(|policy| policy.id == id)
    }
}
