//! The drill: what can be drilled in this console, and how far it has come. What counts is what
//! the audit log has of it; the rest is what was looked at since.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::{Model, Pane, Why};
use crate::{
    audit::{Kind, Record},
    domain::{OpenSession, RoleArn},
    drill::{
        Begun, Class, Drill, DrillId, Ending, Event, Evidence, Gathered, How, Item, Objective,
        Phase, Progress, Script, Seen, State, Truth, told::CANARY,
    },
    guard::Mode,
    input::Command,
    range::Fact,
};

/// A drill that can be begun in this console: that of the scenario whose world it is in.
#[derive(Clone, Debug)]
pub struct Prospect {
    pub id: DrillId,
    pub begun: Begun,
    pub script: Script,
    /// As soon as it is known that none goes on.
    pub at_once: bool,
    /// Somebody is known whom the role does not trust.
    pub stranger: bool,
    /// The usual sign-in is assumed to be down.
    pub idp_down: bool,
}

impl Prospect {
    /// Incident, title and reason that halon is armed with for the drill.
    pub fn arming(&self, id: &DrillId) -> [String; 3] {
        let title = &self.begun.title;
        [id.as_str().to_owned(), title.clone(), format!("drill: {title}")]
    }
}

/// A line of the pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrillRow {
    /// By its place in the script.
    Objective(usize),
    Evidence(Item),
}

#[derive(Debug)]
pub struct DrillPane {
    /// The log was read: whether a drill goes on is known.
    pub known: bool,
    pub going: Option<Going>,
    /// Whether the coach says the next key.
    pub coach: bool,
    pub cursor: usize,
    /// The first line shown.
    pub top: usize,
    /// Records of the drill that are on their way into the log.
    pub writing: usize,
    /// It could not be written: not tried again before a key is pressed.
    pub stuck: bool,
    /// The evidence that halon finds by itself is on its way.
    pub probing: Option<Gathered>,
    /// The log is being read, for the drill to be judged by.
    pub judging: bool,
    /// What the operator's MFA device shows, where the range has it.
    pub device: Option<String>,
    /// When it was last looked at.
    pub device_asked: Option<Timestamp>,
}

impl Default for DrillPane {
    fn default() -> Self {
        Self {
            known: false,
            going: None,
            coach: true,
            cursor: 0,
            top: 0,
            writing: 0,
            stuck: false,
            probing: None,
            judging: false,
            device: None,
            device_asked: None,
        }
    }
}

/// What is known of the world, for the objective in hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    pub facts: Vec<(Fact, bool)>,
    /// Nothing but the state of findings was changed since the drill began.
    pub untouched: bool,
}

impl Truth for Judged {
    fn holds(&self, fact: &Fact) -> bool {
        self.facts.iter().any(|(known, holds)| known == fact && *holds)
    }

    fn is_untouched(&self) -> bool {
        self.untouched
    }
}

/// A run that came to its end, all of it done.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    pub run: String,
    pub playbook: String,
    /// As they are typed.
    pub inputs: BTreeMap<String, String>,
    /// Questions of it that were answered with no, by their steps.
    pub denied: BTreeSet<String>,
    /// The run that it takes back.
    pub undoes: Option<String>,
}

/// A drill that was begun.
#[derive(Debug)]
pub struct Going {
    pub id: DrillId,
    /// By the world's clock.
    pub since: Timestamp,
    pub progress: Progress,
    /// When each objective was met.
    pub met: BTreeMap<String, Timestamp>,
    pub hints: BTreeSet<(String, usize)>,
    /// The last of each item.
    pub evidence: BTreeMap<Item, Evidence>,
    pub ended: Option<Ending>,
    /// What its records make of it so far; not before they were read.
    pub class: Option<Class>,

    /// Objectives that were reached, whose records could not be written.
    pub unwritten: Vec<Event>,
    /// What CloudTrail was asked before this time verifies nothing.
    pub verifying: Timestamp,
    /// What was seen and done since it was begun or taken up.
    pub seen: Vec<Seen>,
    pub ran: Vec<Ran>,
    /// The sessions that are open, and the one that was ended last.
    pub open: Vec<OpenSession>,
    pub left: Option<OpenSession>,
    pub judged: Judged,
    /// The objective that the world was asked for, and how many runs had ended by then.
    pub asked_for: Option<(String, usize)>,
    /// When it was last asked.
    pub asked_at: Timestamp,
    /// No answer has come yet.
    pub asking: bool,
    /// What was gathered of the evidence that halon finds by itself.
    pub probed: BTreeSet<Gathered>,
}

impl Going {
    pub fn begun(id: DrillId, since: Timestamp) -> Self {
        Self {
            id,
            since,
            progress: Progress::default(),
            met: BTreeMap::new(),
            hints: BTreeSet::new(),
            evidence: BTreeMap::new(),
            ended: None,
            class: None,
            unwritten: Vec::new(),
            verifying: since,
            seen: Vec::new(),
            ran: Vec::new(),
            open: Vec::new(),
            left: None,
            judged: Judged::default(),
            asked_for: None,
            asked_at: since,
            asking: false,
            probed: BTreeSet::new(),
        }
    }

    /// As the log has it. What its runs did is there too.
    pub fn of(drill: &Drill, records: &[Record]) -> Self {
        let mut going = Self::begun(drill.id.clone(), drill.first.at);
        going.progress = Progress::of(drill);
        going.take(drill);
        for part in Gathered::ALL {
            if part.items().iter().any(|item| going.state(*item) != State::NotAnswered) {
                going.probed.insert(part);
            }
        }
        for ran in runs(records, drill.id.as_str()) {
            going.ran(ran);
        }
        going
    }

    /// The last run that changed the canary, where none took it back.
    pub fn unrestored(&self) -> Option<&Ran> {
        let changed = self.ran.iter().rfind(|ran| ran.playbook == CANARY)?;
        let is_back = |ran: &Ran| ran.undoes.as_ref() == Some(&changed.run);
        (!self.ran.iter().any(is_back)).then_some(changed)
    }

    /// Takes in what the log has of it.
    pub fn take(&mut self, drill: &Drill) {
        self.class = Some(drill.class);
        // The log may have been read before what was written last.
        self.met.extend(drill.met.iter().map(|m| (m.objective.clone(), m.mark.at)));
        self.hints.extend(drill.hints.iter().cloned());
        for item in Item::ALL {
            if let Some(kept) = drill.latest(item) {
                self.evidence.entry(item).or_insert_with(|| kept.evidence.clone());
            }
        }
        self.ended = self.ended.or(drill.ended.as_ref().map(|end| end.result));
    }

    /// Takes in a record that is on disk.
    pub fn apply(&mut self, event: Event, at: Timestamp) {
        match event {
            Event::Objective { objective, .. } => {
                self.met.entry(objective).or_insert(at);
            }
            Event::Hint { objective, number } => {
                self.hints.insert((objective, number));
            }
            Event::Evidence(evidence) => {
                self.evidence.insert(evidence.item, evidence);
            }
            Event::Ended { result, .. } => self.ended = Some(result),
            Event::Begun(_) | Event::Stage { .. } => {}
        }
    }

    /// Something was seen or done.
    pub fn saw(&mut self, seen: Seen) {
        if !self.seen.contains(&seen) {
            self.progress.observe(seen.clone());
            self.seen.push(seen);
        }
    }

    /// Something was reached. What was looked at before the last change verifies nothing, as
    /// [`Progress`] has it too.
    pub fn verify_anew(&mut self, script: &Script, now: Timestamp) {
        let phase = |objective: &Objective| objective.phase;
        let in_hand = self.progress.current(script);
        let before = in_hand.and_then(|o| {
            let at = script.objectives.iter().position(|other| other.id == o.id)?;
            script.objectives.get(at.checked_sub(1)?)
        });
        let verifies = in_hand.map(phase) == Some(Phase::Verify);
        if verifies && before.map(phase) != Some(Phase::Verify) {
            self.seen.retain(|seen| {
                !matches!(seen, Seen::Finding(_) | Seen::Events(_) | Seen::Principal(..))
            });
            self.verifying = now;
        }
    }

    pub fn ran(&mut self, ran: Ran) {
        if !self.ran.iter().any(|known| known.run == ran.run) {
            self.saw(Seen::Ran(ran.playbook.clone()));
            self.ran.push(ran);
        }
    }

    /// Whether a session of the role is open.
    pub fn is_open(&self, role: &RoleArn) -> bool {
        self.open.iter().any(|open| open.role == *role)
    }

    /// The objective in hand with its place: the first that the log does not have.
    pub fn objective<'s>(&self, script: &'s Script) -> Option<(usize, &'s Objective)> {
        let open = |(_, objective): &(usize, &Objective)| !self.met.contains_key(&objective.id);
        script.objectives.iter().enumerate().find(open)
    }

    /// The hints that were given for an objective, in their order.
    pub fn hints_of<'s>(&self, objective: &'s Objective) -> Vec<&'s str> {
        let given = |n: usize| self.hints.contains(&(objective.id.clone(), n + 1));
        let all = objective.hints.iter().enumerate();
        all.filter(|(n, _)| given(*n)).map(|(_, hint)| hint.as_str()).collect()
    }

    /// The state of an item of the evidence.
    pub fn state(&self, item: Item) -> State {
        self.evidence.get(&item).map_or(State::NotAnswered, |evidence| evidence.state)
    }
}

/// The runs of an incident that came to their end, all of it done.
fn runs(records: &[Record], incident: &str) -> Vec<Ran> {
    let of = |record: &&Record| record.incident() == Some(incident);
    let started = |run: &str| {
        let is = |r: &&Record| r.kind() == Some(Kind::RunStart) && r.text("run") == Some(run);
        records.iter().filter(of).find(is)
    };
    let ended = records.iter().filter(|r| r.kind() == Some(Kind::RunEnd));
    ended
        .filter(|end| end.text("state") == Some("done"))
        .filter_map(|end| {
            let run = end.text("run")?;
            let start = started(run)?;
            let playbook = start.value["playbook"]["id"].as_str()?.to_owned();
            let inputs = start.value["inputs"].as_object().into_iter().flatten();
            let text = |(name, value): (&String, &serde_json::Value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                (name.clone(), value)
            };
            let of_run = |r: &&Record| r.text("run") == Some(run);
            let denied = records.iter().filter(of_run);
            let denied = denied.filter(|r| r.value["answer"] == false);
            let denied = denied.filter_map(|r| r.text("step")).map(ToOwned::to_owned).collect();
            let inputs = inputs.map(text).collect();
            let undoes = start.text("undoes").map(ToOwned::to_owned);
            Some(Ran { run: run.to_owned(), playbook, inputs, denied, undoes })
        })
        .collect()
}

impl Model {
    /// The drill that goes on, or was just ended, with its script.
    pub fn drilling(&self) -> Option<(&Prospect, &Going)> {
        Some((self.setup.drill.as_deref()?, self.drill.going.as_ref()?))
    }

    /// The lines of the drill pane.
    pub fn drill_rows(&self) -> Vec<DrillRow> {
        let Some(prospect) = &self.setup.drill else { return Vec::new() };
        let objectives = (0..prospect.script.objectives.len()).map(DrillRow::Objective);
        objectives.chain(Item::ALL.into_iter().map(DrillRow::Evidence)).collect()
    }

    /// The line under the cursor of the drill pane.
    pub fn drill_row(&self) -> Option<DrillRow> {
        self.drill_rows().get(self.drill.cursor).copied()
    }

    /// Lines that the drill takes on every pane: the objective, and what the coach says or the
    /// last hint. None where no drill goes on, and where there is no room.
    pub fn strip_rows(&self) -> u16 {
        let Some((prospect, going)) = self.drilling() else {
            return u16::from(
                self.setup.drill.is_some() && self.pane == Pane::Drill && self.drill.coach,
            );
        };
        let hinted = going
            .objective(&prospect.script)
            .is_some_and(|(_, objective)| !going.hints_of(objective).is_empty());
        match self.size.1 {
            ..12 => 0,
            _ => 1 + u16::from(self.drill.coach || hinted),
        }
    }
}

/// What the drill decides.
pub(super) fn available(command: Command, model: &Model) -> Option<Result<(), Why>> {
    use Command as C;
    let drills = matches!(
        command,
        C::Drill
            | C::Coach
            | C::Hint
            | C::BeginDrill
            | C::Answer
            | C::Probe
            | C::EndDrill
            | C::AbortDrill
    );
    if !drills {
        return None;
    }
    let Some(prospect) = &model.setup.drill else {
        return Some(Err("nothing can be drilled here: `halon drill list` names the scenarios"));
    };
    let going = model.drill.going.as_ref();
    let running = || match going {
        None => Err("no drill goes on"),
        Some(going) if going.ended.is_some() => Err("the drill has ended"),
        Some(_) if model.drill.writing > 0 => Err("the log is being written"),
        Some(going) => Ok(going),
    };
    Some(match command {
        C::Drill | C::Coach => Ok(()),
        C::BeginDrill => match (going, &model.mode) {
            (Some(going), _) if going.ended.is_none() => Err("a drill goes on"),
            (Some(_), _) => Err("this world is played: `halon drill run --new` begins another"),
            (None, Mode::ReadOnly) => Err("read-only: nothing can be done"),
            (None, _) if !model.drill.known => Err("the audit log is being read"),
            (None, _) if model.drill.writing > 0 => Err("the log is being written"),
            (None, _) => Ok(()),
        },
        C::Hint => running().and_then(|going| match going.objective(&prospect.script) {
            None => Err("every objective is met"),
            Some((_, o)) if going.hints_of(o).len() == o.hints.len() => Err("that was the last"),
            Some(_) => Ok(()),
        }),
        C::Answer => running().and_then(|_| match model.drill_row() {
            Some(DrillRow::Evidence(item)) if item.fields().is_empty() => {
                Err("halon finds this by itself")
            }
            Some(DrillRow::Evidence(_)) => Ok(()),
            _ => Err("no item of the evidence is selected"),
        }),
        C::Probe if model.drill.probing.is_some() => Err("it is on its way"),
        C::EndDrill => running().and_then(|going| match going.objective(&prospect.script) {
            Some(_) => Err("objectives are open: abort it, if it must be"),
            None if model.drill.judging => Err("it is being judged"),
            None => Ok(()),
        }),
        _ => running().map(|_| ()),
    })
}

/// Whether an item is asked of people at all.
pub fn is_asked(item: Item) -> bool {
    item.how() != How::Automatic && !item.fields().is_empty()
}

impl DrillPane {
    /// Nothing is on its way.
    pub fn is_settled(&self) -> bool {
        let asking = self.going.as_ref().is_some_and(|going| going.asking);
        self.writing == 0 && self.probing.is_none() && !self.judging && !asking
    }
}

/// A value of the evidence as it is typed.
pub fn input_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Array(all) if all.is_empty() => "none".to_owned(),
        Value::Array(all) if all.iter().all(Value::is_string) => {
            all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        // Actions and decisions are said anew.
        _ => String::new(),
    }
}

/// An answer to a whole item, in one text, by its fields.
pub fn parts(item: Item, text: &str) -> Vec<(&'static str, &str)> {
    if let [only] = item.fields() {
        return vec![(only.key, text.trim())];
    }
    text.split(';')
        .filter_map(|part| {
            let (key, value) = part.split_once('=')?;
            let field = item.fields().iter().find(|field| field.key == key.trim())?;
            Some((field.key, value.trim()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown is what the records say, and never a guess.
    #[test]
    fn practice_and_validation_are_told_by_the_records() {
        let begun = serde_json::json!({
            "kind": "drill", "drill": "DRILL-2026Q4-0000000a", "incident": "DRILL-2026Q4-0000000a",
            "at": "2026-11-28T09:00:00Z", "event": "begun", "scenario": "break-glass", "title": "t",
            "scripted": false, "quarter": "2026Q4", "accounts": ["123456789012"],
            "roles": ["arn:aws:iam::123456789012:role/glass"],
            "window": {"from": "2026-11-28T09:00:00Z", "until": "2026-11-28T13:00:00Z"},
            "operator": "ann", "world_start": null, "objectives": [], "tool": "halon",
            "binary_sha256": null,
        });
        for (world, class) in [("aws", Class::Validation), ("range", Class::Practice)] {
            let mut value = begun.clone();
            value["world"] = world.into();
            let raw = value.to_string();
            let record = Record { seq: 1, line: 1, offset: 0, raw, value, h: String::new() };
            let records = [record];
            let drills = crate::drill::fold(&records);
            assert_eq!(Going::of(&drills[0], &records).class, Some(class), "{world}");
        }
    }

    #[test]
    fn a_canary_that_was_changed_is_restored_before_the_end() {
        let ran = |run: &str, playbook: &str, undoes: Option<&str>| Ran {
            run: run.to_owned(),
            playbook: playbook.to_owned(),
            inputs: Default::default(),
            denied: Default::default(),
            undoes: undoes.map(str::to_owned),
        };
        let id = "DRILL-2026Q4-0000000a".parse().expect("an id");
        let mut going = Going::begun(id, Timestamp::UNIX_EPOCH);
        assert_eq!(going.unrestored(), None);
        going.ran(ran("r1", CANARY, None));
        going.ran(ran("r2", "undo", Some("r0")));
        assert_eq!(going.unrestored().map(|r| r.run.as_str()), Some("r1"));
        going.ran(ran("r3", "undo", Some("r1")));
        assert_eq!(going.unrestored(), None);
    }
}
