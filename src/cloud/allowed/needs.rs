//! Who needs which action: the screens as the list says, the playbooks by their steps.

use std::collections::{BTreeMap, BTreeSet};

use super::{Access, READ_ONLY, Screen};
use crate::{
    change::{self, ASSUME, Spec, Value},
    playbook::{Action, Playbook, Step, Template, Templates},
};

/// STS: "No permissions are required to perform this operation" (GetCallerIdentity), and no
/// policy can take it away.
const FREE: &str = "sts:GetCallerIdentity";
/// A session of break-glass says whose it is, for what, and up to where the log went. Which
/// device gives the code is read.
const ASSUMING: [&str; 4] =
    [ASSUME.action, "sts:SetSourceIdentity", "sts:TagSession", "iam:ListMFADevices"];

/// Who needs an action. Screens come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Screen(Screen),
    /// The playbook of this id, to plan it or to run it.
    Playbook(String),
    /// Taking a run of it back.
    Undo(String),
}

/// One action, with everything that breaks without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub action: &'static str,
    pub by: BTreeSet<By>,
    /// The only policies that are attached or detached with it, or the only tags that are set:
    /// known where every playbook names them itself.
    pub only: Option<BTreeSet<String>>,
}

#[derive(Default)]
struct Gathered(BTreeMap<&'static str, Wanted>);

/// Every action that somebody in this position needs, in the order of the alphabet.
pub fn wanted(access: Access, playbooks: &[Playbook]) -> Vec<Wanted> {
    let mut all = Gathered::default();
    for row in READ_ONLY {
        let shown = row.screens.iter().filter(|screen| shows(access, **screen));
        shown.for_each(|screen| all.put(row.action, By::Screen(*screen), None));
    }
    for playbook in playbooks {
        let acts = matches!(access, Access::Respond | Access::BreakGlass);
        if matches!(access, Access::Respond | Access::Drill) && playbook.needs_break_glass() {
            let by = || By::Playbook(playbook.id.clone());
            ASSUMING.iter().for_each(|action| all.put(action, by(), None));
        }
        if access != Access::Drill {
            playbook.steps.iter().for_each(|step| all.step(playbook, step, acts));
        }
    }
    all.0.into_values().filter(|wanted| wanted.action != FREE).collect()
}

fn shows(access: Access, screen: Screen) -> bool {
    match access {
        Access::ReadOnly | Access::Respond => true,
        Access::Drill => matches!(screen, Screen::Preconditions | Screen::Drill),
        // What a drill looks at from within the session.
        Access::BreakGlass => matches!(screen, Screen::Preconditions | Screen::RoleDefinition),
    }
}

impl Gathered {
    fn put(&mut self, action: &'static str, by: By, only: Option<&str>) {
        let only = only.map(|value| BTreeSet::from([value.to_owned()]));
        let by = BTreeSet::from([by]);
        match self.0.get_mut(action) {
            None => drop(self.0.insert(action, Wanted { action, by, only })),
            Some(known) => {
                known.by.extend(by);
                known.only = match (known.only.take(), only) {
                    (Some(mut known), Some(more)) => {
                        known.extend(more);
                        Some(known)
                    }
                    _ => None,
                };
            }
        }
    }

    fn step(&mut self, playbook: &Playbook, step: &Step, acts: bool) {
        let Some(needs) = step.needs(&playbook.inputs) else { return };
        let by = || By::Playbook(playbook.id.clone());
        let change = match &step.action {
            Action::Change { what, with, .. } => Some((*what, with)),
            _ => None,
        };
        for action in needs.actions {
            match change {
                Some((what, with)) if what.action == action => {
                    if acts {
                        self.put(action, by(), only(what, with));
                    }
                }
                _ => self.put(action, by(), None),
            }
        }
        if let Some((what, with)) = change.filter(|_| acts) {
            for action in change::way_back(what) {
                self.put(action, By::Undo(playbook.id.clone()), only(what, with));
            }
        }
    }
}

/// What the file itself names, where a condition of IAM can ask for it: the policy that is
/// attached or detached (`iam:PolicyARN`), the tag that is set or taken (`aws:TagKeys`).
fn only<'t>(what: &Spec, with: &'t Templates) -> Option<&'t str> {
    let name = match what.operation {
        "AttachRolePolicy" | "AttachUserPolicy" | "DetachRolePolicy" | "DetachUserPolicy" => {
            "policy"
        }
        "TagRole" | "TagUser" | "UntagRole" | "UntagUser" => "key",
        _ => return None,
    };
    match with.get(name)? {
        Template::Value(Value::Policy(arn)) => Some(arn.as_str()),
        Template::Value(Value::Text(text)) => Some(text),
        Template::Value(_) | Template::Input(_) => None,
    }
}

impl By {
    /// In the words of a document.
    pub fn words(&self) -> String {
        match self {
            By::Screen(screen) => screen.name().to_owned(),
            By::Playbook(id) => format!("playbook {id}"),
            By::Undo(id) => format!("undo of {id}"),
        }
    }
}
