//! The organization pane: its tree, and in the tree's place how every policy above a role
//! stands to it.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::{Focus, Model, Pane, Why};
use crate::{
    case::{Exemptible, Load, RoleAt, Unanswerable, Words},
    domain::{
        AccountId, Target, Untrusted,
        organization::{Member, Organization, Unit, View},
    },
    input::Command,
    policy::exempt::{Analysis, LevelReport, StatementReport},
};

/// A line of the tree, by its place in the organization's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    Unit(usize),
    Account(usize),
}

#[derive(Clone, Debug, Default)]
pub struct OrgPane {
    /// The pane was gone to: from now on the organization is looked at.
    pub wanted: bool,
    /// Whence it was asked for once.
    pub asked: BTreeSet<Target>,
    /// The roles, by ARN, whose accounts were asked for once.
    pub asked_roles: BTreeSet<Untrusted>,
    /// What `rows` is made of.
    pub shown: Option<Arc<View>>,
    /// How deep each line stands, and what it is.
    pub rows: Vec<(usize, Node)>,
    /// Words that must all match somewhere, fuzzily.
    pub text: String,
    /// The id of what the operator went to; its line may move.
    pub selected: Option<Untrusted>,
    pub cursor: usize,
    /// The first line shown.
    pub top: usize,
    pub focus: Focus,
    /// Lines scrolled down in the detail.
    pub scroll: usize,
    /// Documents as they came, instead of their statements in words.
    pub raw: bool,
    /// The role that is looked at in place of the tree.
    pub stand: Option<Stand>,
}

/// What an answer about a role stands on: another ground, another answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    pub organization: Option<Timestamp>,
    pub role: Option<Timestamp>,
    pub account: Option<Timestamp>,
    /// Places that findings come from.
    pub places: usize,
}

/// How every policy above a role stands to it.
#[derive(Clone, Debug)]
pub struct Stand {
    pub role: RoleAt,
    pub load: Load<Arc<Answered>>,
    /// Why it cannot be said.
    pub why: Option<Unanswerable>,
    /// What the answer, or the one on its way, stands on.
    pub ground: Option<Ground>,
    /// An answer is on its way.
    pub asking: bool,
    pub cursor: usize,
    pub top: usize,
}

/// An analysis with what was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    pub known: Exemptible,
    pub analysis: Analysis,
}

/// A line of an answer: a level as a whole, or one of its statements.
#[derive(Clone, Copy, Debug)]
pub enum StandRow<'s> {
    Level(&'s LevelReport),
    Statement(&'s StatementReport),
}

impl Stand {
    pub fn of(role: RoleAt) -> Self {
        Self {
            role,
            load: Load::Loading,
            why: None,
            ground: None,
            asking: false,
            cursor: 0,
            top: 0,
        }
    }

    pub fn answered(&self) -> Option<&Answered> {
        match &self.load {
            Load::Ready(answered) => Some(answered),
            _ => None,
        }
    }

    pub fn rows(&self) -> Vec<StandRow<'_>> {
        let levels = self.answered().into_iter().flat_map(|a| &a.analysis.levels);
        levels
            .flat_map(|level| {
                let statements = level.statements.iter().map(StandRow::Statement);
                std::iter::once(StandRow::Level(level)).chain(statements)
            })
            .collect()
    }

    /// The line of the first statement or level that stands in the way.
    pub fn first_trouble(&self) -> Option<usize> {
        use crate::policy::exempt::Standing as S;
        let rows = self.rows();
        let worst = |wanted: S| {
            rows.iter().position(|row| match row {
                StandRow::Level(level) => wanted == S::Denies && !level.lacking.is_empty(),
                StandRow::Statement(statement) => statement.standing == wanted,
            })
        };
        worst(S::Denies).or_else(|| worst(S::Depends))
    }
}

impl OrgPane {
    /// The organization that is shown.
    pub fn organization(&self) -> Option<&Organization> {
        match self.shown.as_deref() {
            Some(View::Seen(organization)) => Some(organization),
            _ => None,
        }
    }

    /// Takes in the organization as it is known now; the cursor stays on what it was on.
    pub fn show(&mut self, view: Option<Arc<View>>) {
        self.rows = match view.as_deref() {
            Some(View::Seen(organization)) => {
                matching(organization, rows(organization), &self.text)
            }
            _ => Vec::new(),
        };
        self.shown = view;
        let found = self.selected.as_ref().and_then(|id| {
            (0..self.rows.len()).find(|line| self.id(*line).as_deref() == Some(id.raw()))
        });
        self.cursor = found.unwrap_or(self.cursor.min(self.rows.len().saturating_sub(1)));
        if self.rows.is_empty() && self.stand.is_none() {
            self.focus = Focus::List;
        }
    }

    /// Shows what matches a text, and what that stands in.
    pub fn filter(&mut self, text: String) {
        self.text = text;
        self.show(self.shown.clone());
    }

    pub fn unit(&self, line: usize) -> Option<&Unit> {
        match self.rows.get(line)?.1 {
            Node::Unit(at) => self.organization()?.units.get(at),
            Node::Account(_) => None,
        }
    }

    pub fn member(&self, line: usize) -> Option<&Member> {
        match self.rows.get(line)?.1 {
            Node::Account(at) => self.organization()?.accounts.get(at),
            Node::Unit(_) => None,
        }
    }

    /// The id of the root, unit or account on a line.
    pub fn id(&self, line: usize) -> Option<String> {
        let unit = || self.unit(line).map(|unit| unit.id.raw().to_owned());
        self.member(line).map(|member| member.id.to_string()).or_else(unit)
    }

    /// The account under the cursor.
    pub fn account(&self) -> Option<&AccountId> {
        self.member(self.cursor).map(|member| &member.id)
    }

    /// Whether nothing is on its way.
    pub fn is_settled(&self) -> bool {
        self.stand.as_ref().is_none_or(|stand| !stand.asking)
    }
}

/// Roots first, under each its accounts and then its units, by name.
fn rows(organization: &Organization) -> Vec<(usize, Node)> {
    let mut rows = Vec::new();
    let units = |parent: Option<&Untrusted>| {
        let all = organization.units.iter().enumerate();
        let mut below: Vec<(usize, &Unit)> =
            all.filter(|(_, unit)| unit.parent.as_ref() == parent).collect();
        below.sort_by(|a, b| b.1.name.cmp(&a.1.name));
        below.into_iter().map(|(at, _)| at)
    };
    let mut ahead: Vec<(usize, usize)> = units(None).map(|at| (0, at)).collect();
    while let Some((depth, at)) = ahead.pop() {
        // A circle would have more lines than there are units.
        if rows.len() > organization.units.len() + organization.accounts.len() {
            break;
        }
        rows.push((depth, Node::Unit(at)));
        let id = &organization.units[at].id;
        let members = organization.accounts.iter().enumerate();
        let mut members: Vec<(usize, &Member)> =
            members.filter(|(_, member)| member.parent == *id).collect();
        members.sort_by(|a, b| a.1.name.cmp(&b.1.name));
        rows.extend(members.into_iter().map(|(at, _)| (depth + 1, Node::Account(at))));
        ahead.extend(units(Some(id)).map(|below| (depth + 1, below)));
    }
    rows
}

/// The lines that match, and those above that they stand in.
fn matching(
    organization: &Organization,
    rows: Vec<(usize, Node)>,
    text: &str,
) -> Vec<(usize, Node)> {
    let words = Words::new(text);
    let matches = |node: &Node| match node {
        Node::Unit(at) => {
            let unit = &organization.units[*at];
            words.all_in(&[unit.name.raw(), unit.id.raw()])
        }
        Node::Account(at) => {
            let member = &organization.accounts[*at];
            words.all_in(&[member.name.raw(), member.id.as_str(), member.status.raw()])
        }
    };
    // From the last line on: one that is kept keeps the nearest before it that is less deep.
    let mut kept = Vec::new();
    let mut wanted = 0;
    for (depth, node) in rows.into_iter().rev() {
        if matches(&node) || depth < wanted {
            wanted = depth;
            kept.push((depth, node));
        }
    }
    kept.reverse();
    kept
}

/// What the organization pane decides, and what leads to it.
pub(super) fn available(command: Command, model: &Model) -> Option<Result<(), Why>> {
    use Command as C;
    if command == C::Exempt && model.pane == Pane::Iam {
        return Some(match model.iam.current() {
            Some((_, crate::case::Held::Role(_))) => Ok(()),
            Some(_) => Err("only a role can be exempt, and this is none"),
            None => Err("no principal is selected"),
        });
    }
    if model.pane != Pane::Organization {
        return None;
    }
    let pane = &model.organization;
    let line = || match &pane.stand {
        Some(stand) if stand.rows().is_empty() => Err("there is nothing to be shown yet"),
        None if pane.rows.is_empty() => Err("the organization is not to be seen"),
        _ => Ok(()),
    };
    Some(match command {
        C::Filter if pane.stand.is_some() => Err("a role is shown, and not the tree"),
        C::Exempt if model.setup.offline => Err("offline: nothing is asked"),
        C::Open | C::CopyId | C::Raw => line(),
        C::Focus if pane.focus == Focus::List => line(),
        C::CopyArn if pane.stand.is_none() => Err("units and accounts have no ARN here"),
        C::CopyArn => Ok(()),
        _ => return None,
    })
}
