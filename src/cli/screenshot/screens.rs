//! The screens that there are pictures of, and the way to each from the start: commands by
//! their keys, as somebody would press them.

use super::desk::Desk;
use crate::{
    case::Row,
    input::{Code, Command as C, Key},
    model::{Overlay, ShelfRow},
    playbook::{Run, RunState},
};

/// One thing that somebody does at the console.
enum Step {
    /// Gives a command.
    Do(C),
    /// Types a text.
    Type(&'static str),
    /// Presses a key that begins others.
    Begin(char),
    /// Goes down to the first finding of a type.
    Finding(&'static str),
    /// Goes down to a playbook by its id.
    Playbook(&'static str),
    /// Fills in what a form asks for, and hands it in: fields whose value is given, by name; the
    /// others as they are.
    Fill(&'static [(&'static str, &'static str)]),
    /// Consents to every change of the run until it is over.
    Consent,
}

use Step::{Begin, Consent, Do, Fill, Finding, Playbook, Type};

pub struct Screen {
    pub name: &'static str,
    /// What is to be seen, for the help and under a picture.
    pub what: &'static str,
    way: &'static [&'static [Step]],
}

const ARM: Step = Fill(&[
    ("incident", "INC-2041"),
    ("title", "A leaked key with persistence"),
    ("reason", "the key is in use by somebody else"),
]);

/// A finding that names a user and the key that was used.
const KEY: Step = Finding("Persistence:IAMUser/AnomalousBehavior");
const TRAIL: &[Step] = &[KEY, Do(C::Events)];
const FORM: &[Step] = &[KEY, Do(C::Playbooks), Playbook("leaked-access-key"), Do(C::Choose)];
const PLAN: &[Step] = &[Fill(&[])];
const CONFIRM: &[Step] = &[Do(C::Start), ARM];

pub const SCREENS: &[Screen] = &[
    Screen { name: "findings", what: "the findings of all services in one queue", way: &[] },
    Screen { name: "finding", what: "one finding", way: &[&[Do(C::Open)]] },
    Screen { name: "raw", what: "a finding's JSON as it came", way: &[&[Do(C::Open), Do(C::Raw)]] },
    Screen { name: "trail", what: "what the finding's key did, from CloudTrail", way: &[TRAIL] },
    Screen { name: "event", what: "one event", way: &[TRAIL, &[Do(C::Open)]] },
    Screen {
        name: "sessions",
        what: "whose sessions these are, and who gave them out",
        way: &[TRAIL, &[Do(C::Sessions)]],
    },
    Screen { name: "same", what: "what events have in common", way: &[TRAIL, &[Do(C::Same)]] },
    Screen { name: "iam", what: "who is in the accounts", way: &[&[Do(C::Iam)]] },
    Screen {
        name: "principal",
        what: "who is behind the finding, and what they may do",
        way: &[&[KEY, Do(C::PrincipalOf), Do(C::Open)]],
    },
    Screen {
        name: "organization",
        what: "the organization, and what stands above each account",
        way: &[&[Do(C::Organization)]],
    },
    Screen { name: "playbooks", what: "the playbooks that fit", way: &[&[KEY, Do(C::Playbooks)]] },
    Screen { name: "inputs", what: "a playbook's inputs", way: &[FORM] },
    Screen {
        name: "plan",
        what: "what a playbook would do, before anything is changed",
        way: &[FORM, PLAN],
    },
    Screen {
        name: "confirm",
        what: "the prompt for one change, with its way back",
        way: &[FORM, PLAN, CONFIRM],
    },
    Screen { name: "run", what: "a run that is over", way: &[FORM, PLAN, CONFIRM, &[Consent]] },
    Screen {
        name: "audit",
        what: "the audit log",
        way: &[FORM, PLAN, CONFIRM, &[Consent, Do(C::Audit)]],
    },
    Screen { name: "arm", what: "arming for an incident", way: &[&[Do(C::Arm)]] },
    Screen {
        name: "drill",
        what: "a drill: its objectives and its clock",
        way: &[&[Do(C::Drill), Do(C::BeginDrill)]],
    },
    Screen {
        name: "filter",
        what: "a list filtered while one types",
        way: &[&[Do(C::Filter), Type("iam user")]],
    },
    Screen { name: "hint", what: "the keys that may follow on g", way: &[&[Begin('g')]] },
    Screen { name: "help", what: "the keys that work here", way: &[&[Do(C::Help)]] },
    Screen { name: "health", what: "every source with its state", way: &[&[Do(C::Health)]] },
];

impl Screen {
    pub fn named(name: &str) -> Option<&'static Screen> {
        SCREENS.iter().find(|s| s.name == name)
    }

    /// Goes there from the console's start.
    ///
    /// # Errors
    /// The way is not open: a command has no key, the console does not come to rest.
    pub fn reach(&self, desk: &mut Desk) -> anyhow::Result<()> {
        self.way.iter().copied().flatten().try_for_each(|step| step.take(desk))
    }
}

impl Step {
    fn take(&self, desk: &mut Desk) -> anyhow::Result<()> {
        match self {
            Do(command) => desk.give(*command),
            Type(text) => desk.type_text(text),
            Begin(key) => desk.press(Key::char(*key)),
            Finding(kind) => go_to_finding(desk, kind),
            Playbook(id) => go_to_playbook(desk, id),
            Fill(values) => fill(desk, values),
            Consent => consent(desk),
        }
    }
}

fn enter(desk: &mut Desk) -> anyhow::Result<()> {
    desk.press(Key::plain(Code::Enter))
}

fn go_to_finding(desk: &mut Desk, kind: &str) -> anyhow::Result<()> {
    let model = &desk.model;
    let is_it = |row: &Row| model.finding(*row).main().kind.raw() == kind;
    let Some(at) = model.list.rows.iter().position(is_it) else {
        anyhow::bail!("there is no finding of the type {kind}")
    };
    go_down(desk, at)
}

fn go_to_playbook(desk: &mut Desk, id: &str) -> anyhow::Result<()> {
    let is_it = |row: &ShelfRow| match row {
        ShelfRow::Playbook(at, _) => desk.model.shelf.all[*at].id == id,
        ShelfRow::Run(_) => false,
    };
    let Some(at) = desk.model.shelf_rows().iter().position(is_it) else {
        anyhow::bail!("there is no playbook {id}")
    };
    go_down(desk, at)
}

/// To the line `at` from the first one.
fn go_down(desk: &mut Desk, at: usize) -> anyhow::Result<()> {
    desk.give(C::First)?;
    (0..at).try_for_each(|_| desk.give(C::Down))
}

fn fill(desk: &mut Desk, values: &[(&str, &str)]) -> anyhow::Result<()> {
    while let Some(Overlay::Form(form)) = &desk.model.overlay {
        let (at, field) = (form.at, &form.fields[form.at]);
        let value = values.iter().find(|(name, _)| *name == field.name).map(|(_, value)| *value);
        if let Some(value) = value.filter(|_| field.input.value().is_empty()) {
            desk.type_text(value)?;
        }
        enter(desk)?;
        if let Some(Overlay::Form(form)) = &desk.model.overlay
            && form.at <= at
        {
            anyhow::bail!("the form is not taken: {:?}", form.trouble)
        }
    }
    Ok(())
}

fn consent(desk: &mut Desk) -> anyhow::Result<()> {
    while desk.model.shown_run().is_some_and(|run| run.state() == RunState::Running) {
        if let Some(Overlay::Confirm(confirm)) = &desk.model.overlay {
            let words = confirm.prompt.review.ceremony.words().to_owned();
            desk.type_text(&words)?;
            enter(desk)?;
        } else if desk.model.shown_run().is_some_and(Run::is_asking) {
            desk.give(C::Yes)?;
        } else {
            anyhow::bail!("the run waits for something else")
        }
    }
    Ok(())
}
