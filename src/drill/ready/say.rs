//! Readiness in words, and in JSON.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Answer, Cause, Cell, Column, Obstacle, Readiness, Why};
use crate::{
    domain::{Region, Untrusted, untrusted::display_in, untrusted::json_ascii},
    policy::{
        Effect, THE_RESOURCE,
        exempt::{Fix, Way},
    },
};

/// One thing that stands in the way, and everything that it stands in the way of.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// The column's place.
    pub column: usize,
    pub answer: Answer,
    pub why: Why,
    pub regions: Vec<Region>,
    pub actions: Vec<&'static str>,
    /// By the playbook's id.
    pub steps: BTreeMap<String, Vec<String>>,
    /// It is in the way of every playbook that has anything to do in the account.
    pub of_all: bool,
}

impl Readiness {
    /// What stands in the way, each thing once: by column, the worst first.
    pub fn reasons(&self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = Vec::new();
        for row in &self.rows {
            for (column, cell) in row.cells.iter().enumerate() {
                for obstacle in &cell.obstacles {
                    let same = |r: &&mut Reason| r.is_of(column, obstacle);
                    let reason = match reasons.iter_mut().find(same) {
                        Some(reason) => reason,
                        None => {
                            reasons.push(Reason::new(column, obstacle));
                            reasons.last_mut().expect("INVARIANT: pushed above")
                        }
                    };
                    reason.put(&row.playbook, obstacle);
                }
            }
        }
        for reason in &mut reasons {
            let cells = self.rows.iter().filter_map(|row| row.cells.get(reason.column));
            let some = cells.filter(|cell| cell.answer != Answer::Nothing).count();
            reason.of_all = some > 1 && some == reason.steps.len();
        }
        reasons.sort_by_key(|r| (r.column, std::cmp::Reverse(r.answer)));
        reasons
    }

    /// Everything that stands in the way, in sentences. Safe to show.
    pub fn sentences(&self) -> Vec<String> {
        let reasons = self.reasons();
        let said = reasons.iter().filter_map(|reason| {
            let column = self.columns.get(reason.column)?;
            Some(format!("{}: {}", column.title(), reason.lines().join("; ")))
        });
        said.collect()
    }

    /// An item for each playbook and column (`halon.ready/1`).
    pub fn to_json(&self) -> Vec<Json> {
        let items = self.rows.iter().flat_map(|row| {
            let cells = row.cells.iter().zip(&self.columns);
            cells.map(|(cell, column)| item(&row.playbook, cell, column))
        });
        items.collect()
    }
}

impl Column {
    /// The account, what it is called, and its role. Safe to show.
    pub fn title(&self) -> String {
        let shown = |text: &Untrusted, most| display_in(text.raw(), most);
        let name = self.name.as_ref().map(|n| format!(" {}", shown(n, 40))).unwrap_or_default();
        let role = self.role.as_ref().map(|r| format!(", {}", shown(r, 160))).unwrap_or_default();
        format!("{}{name}{role}", self.account)
    }

    /// The role's name without its path. Safe to show.
    pub fn role_name(&self) -> Option<String> {
        self.role.as_ref().map(|arn| display_in(arn.raw().rsplit('/').next().unwrap_or(""), 64))
    }
}

impl Reason {
    fn new(column: usize, obstacle: &Obstacle) -> Self {
        Self {
            column,
            answer: obstacle.answer,
            why: obstacle.why.clone(),
            regions: obstacle.regions.clone(),
            actions: Vec::new(),
            steps: BTreeMap::new(),
            of_all: false,
        }
    }

    fn is_of(&self, column: usize, obstacle: &Obstacle) -> bool {
        self.column == column
            && self.answer == obstacle.answer
            && self.regions == obstacle.regions
            && self.why == obstacle.why
    }

    fn put(&mut self, playbook: &str, obstacle: &Obstacle) {
        if let Some(action) = obstacle.action
            && let Err(at) = self.actions.binary_search(&action)
        {
            self.actions.insert(at, action);
        }
        let steps = self.steps.entry(playbook.to_owned()).or_default();
        if let Some(step) = &obstacle.step
            && !steps.contains(step)
        {
            steps.push(step.clone());
        }
    }

    /// What is in the way, what it is in the way of, and what would fix it: a line each. Safe
    /// to show.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.why.causes.iter().map(|cause| cause.sentence(self.answer)).collect();
        lines.extend(self.why.note.as_ref().map(|note| display_in(note.raw(), 400)));
        if !self.why.depends_on.is_empty() {
            let keys: Vec<String> = self.why.depends_on.iter().map(|key| depends_on(key)).collect();
            lines.push(format!("it depends on {}", keys.join(", ")));
        }
        let of = |(playbook, steps): (&String, &Vec<String>)| match steps.is_empty() {
            true => playbook.clone(),
            false => format!("{playbook} ({})", steps.join(", ")),
        };
        let steps: Vec<String> = self.steps.iter().map(of).collect();
        lines.push(match self.actions.is_empty() {
            true if self.of_all => "in the way of every playbook".to_owned(),
            true => format!("playbooks: {}", steps.join(", ")),
            false => format!("steps: {}", steps.join(", ")),
        });
        if !self.actions.is_empty() {
            let regions: Vec<&str> = self.regions.iter().map(Region::as_str).collect();
            let at = match regions.is_empty() {
                true => String::new(),
                false => format!(" in {}", regions.join(", ")),
            };
            lines.push(format!("calls{at}: {}", self.actions.join(", ")));
        }
        for fix in self.why.causes.iter().filter_map(|cause| cause.fix.as_ref()) {
            let shown = |text: &Untrusted| display_in(text.raw(), 400);
            lines.push(format!(
                "fix: {}; it lets through {}",
                shown(&fix.added),
                shown(&fix.lets_through)
            ));
            lines.extend(fix.warnings.iter().map(|w| format!("careful: {}", shown(w))));
            // Foreign text in part, and JSON in ASCII cannot do harm.
            lines.push(format!("as it would be: {}", json_ascii(&fix.statement.to_string())));
        }
        lines
    }
}

fn depends_on(key: &str) -> String {
    match key {
        THE_RESOURCE => "which resource it is about".to_owned(),
        key => display_in(key, 128),
    }
}

impl Cause {
    /// Where it stands and what it does. Safe to show.
    fn sentence(&self, answer: Answer) -> String {
        let shown = |text: &Untrusted| display_in(text.raw(), 128);
        let kind = self.kind.phrase();
        let place = self.place.as_ref().map(|at| {
            let name = shown(&at.name);
            format!(" at {name} ({}, level {})", shown(&at.target), at.level)
        });
        let place = place.unwrap_or_default();
        let Some(statement) = self.statement else {
            let of = self.policy.as_ref().map(|p| format!(" {}", shown(p))).unwrap_or_default();
            return format!("no {kind}{of}{place} allows it");
        };
        let sid = self.sid.as_ref().map(|sid| format!(" ({})", shown(sid))).unwrap_or_default();
        let policy = self.policy.as_ref().map(shown).unwrap_or_default();
        let does = match (self.effect, answer) {
            (Effect::Deny, Answer::No) => "denies it",
            (Effect::Deny, _) => "may deny it",
            (Effect::Allow, _) => "may be what allows it",
        };
        format!("statement {statement}{sid} of {policy}, {kind}{place}, {does}")
    }
}

fn item(playbook: &str, cell: &Cell, column: &Column) -> Json {
    json!({
        "playbook": playbook,
        "account": column.account,
        "account_name": column.name,
        "role": column.role,
        "regions": column.regions,
        "answer": cell.answer.word(),
        "obstacles": cell.obstacles.iter().map(obstacle).collect::<Vec<_>>(),
    })
}

fn obstacle(obstacle: &Obstacle) -> Json {
    let Why { causes, depends_on, note } = &obstacle.why;
    let keys = depends_on.iter().filter(|key| *key != THE_RESOURCE);
    json!({
        "step": obstacle.step,
        "action": obstacle.action,
        "regions": obstacle.regions,
        "answer": obstacle.answer.word(),
        "depends_on": keys.collect::<Vec<_>>(),
        "depends_on_resource": depends_on.iter().any(|key| key == THE_RESOURCE),
        "why": note,
        "by": causes.iter().map(cause).collect::<Vec<_>>(),
    })
}

fn cause(cause: &Cause) -> Json {
    json!({
        "policy": cause.policy,
        "kind": cause.kind,
        "statement": cause.statement,
        "sid": cause.sid,
        "effect": cause.effect.word(),
        "level": cause.place.as_ref().map(|at| at.level),
        "target": cause.place.as_ref().map(|at| &at.target),
        "target_name": cause.place.as_ref().map(|at| &at.name),
        "fix": cause.fix.as_ref().map(fix),
    })
}

fn fix(fix: &Fix) -> Json {
    let (way, tag) = match &fix.way {
        Way::Tag { key, value } => ("tag", Some(json!({"key": key, "value": value}))),
        Way::Arn => ("arn", None),
        Way::Allow => ("allow", None),
    };
    json!({
        "way": way,
        "tag": tag,
        "added": fix.added,
        "statement": fix.statement,
        "lets_through": fix.lets_through,
        "warnings": fix.warnings,
    })
}
