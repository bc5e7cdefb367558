//! Towards a run that is done: armed, the playbook chosen, its inputs filled in, consented to,
//! its questions answered.

use super::{Coach, goal::Wanted, wait};
use crate::{
    case::{Draft, PlanSource},
    domain::{AccountId, finding::Finding},
    input::Command,
    model::{Ask, Confirm, Form, Going, Overlay, Pane, Purpose, ShelfRow, input_fields},
    playbook::{Run, RunState},
};

/// Lines that are gone through page by page.
const PAGE: usize = 24;
/// What is said where a second person is asked for and nobody else takes part.
const ALONE: &str = "- a drill, and nobody else takes part";

impl Coach<'_> {
    /// To halon being armed for the drill.
    pub(super) fn arm(&self, going: &Going) -> String {
        if let Some(Overlay::Form(form)) = &self.model.overlay
            && form.purpose == Purpose::Arm
        {
            return self.arm_form(going, form);
        }
        if let Some(out) = self.out_of_the_way() {
            return out;
        }
        match self.model.mode.armed() {
            Some(arming) if arming.incident.id == going.id.as_str() => wait("it is armed"),
            Some(_) => self.press(Command::Disarm, "it is armed for something else"),
            None => self.press(Command::Arm, "arm halon for the drill"),
        }
    }

    fn arm_form(&self, going: &Going, form: &Form) -> String {
        let wanted = self.prospect.arming(&going.id);
        self.fields(form, |at, _| wanted.get(at).cloned(), "arm halon")
    }

    /// The first field that is not as wanted; enter, once all are. A field that nothing is known
    /// of is left as it is.
    pub(super) fn fields(
        &self,
        form: &Form,
        wanted: impl Fn(usize, &str) -> Option<String>,
        done: &str,
    ) -> String {
        let last = form.fields.len().saturating_sub(1);
        let wrong = form.fields.iter().enumerate().find_map(|(at, field)| {
            let wanted = wanted(at, &field.name)?;
            (field.input.value() != wanted).then_some((at, wanted))
        });
        match wrong {
            Some((at, wanted)) if at == form.at => {
                self.fill(&form.fields[at].input, &wanted, &form.fields[at].name)
            }
            Some((at, _)) if at < form.at => "Press <up>: a line above is to be filled in".into(),
            Some(_) => "Press <down>: a line below is to be filled in".into(),
            None if form.at < last => "Press <down>: this line is as it should be".into(),
            None => format!("Press <enter>: {done}"),
        }
    }

    /// To a run that is done.
    pub(super) fn run(&self, going: &Going, wanted: &Wanted<'_>) -> String {
        let model = self.model;
        let armed = model.mode.armed();
        if let Some(Overlay::Form(form)) = &model.overlay {
            match &form.purpose {
                Purpose::Arm => return self.arm_form(going, form),
                Purpose::Inputs(id) if id == wanted.playbook => return self.inputs(form, wanted),
                _ => {}
            }
        }
        let run = model.case.runs.iter().rev().find(|run| {
            run.playbook == wanted.playbook
                && run.incident.id == going.id.as_str()
                && !run.ended()
                && run.source().is_none_or(|(_, inputs)| wanted.is_given(|n| inputs.get(n)))
        });
        if let Some(run) = run {
            return self.go_on(going, wanted, run);
        }
        if armed.is_some_and(|a| a.incident.id != going.id.as_str()) {
            return self.arm(going);
        }
        let drafted = model.case.draft.as_ref().filter(|draft| match &draft.source {
            PlanSource::Playbook { playbook, inputs } => {
                playbook.id == wanted.playbook && wanted.is_given(|n| inputs.get(n))
            }
            PlanSource::Undo { .. } => false,
        });
        if let Some(draft) = drafted.filter(|_| model.pane == Pane::Plan) {
            return self.start(draft);
        }
        if let Some(way) = wanted.finding.and_then(|id| self.chosen(id)) {
            return way;
        }
        if let Some(way) = wanted.account.and_then(|account| self.placed(account)) {
            return way;
        }
        self.choose(wanted)
    }

    /// To a run that is taken back.
    pub(super) fn take_back(&self, going: &Going, id: &str) -> String {
        let model = self.model;
        let nothing = Wanted::of(crate::drill::UNDO);
        if let Some(Overlay::Form(form)) = &model.overlay
            && form.purpose == Purpose::Arm
        {
            return self.arm_form(going, form);
        }
        if let (Some(Overlay::Filter { input, .. }), Pane::Audit) = (&model.overlay, model.pane) {
            return self.fill(input, "", "every record is shown");
        }
        let mut runs = model.case.runs.iter().rev();
        let back = runs.find(|run| run.undoes.as_deref() == Some(id) && !run.ended());
        if let Some(back) = back {
            return self.go_on(going, &nothing, back);
        }
        if let Some(out) = self.out_of_the_way() {
            return out;
        }
        if model.mode.armed().is_some_and(|a| a.incident.id != going.id.as_str()) {
            return self.arm(going);
        }
        let drafted = model
            .case
            .draft
            .as_ref()
            .filter(|draft| matches!(&draft.source, PlanSource::Undo { run, .. } if run == id));
        if let Some(draft) = drafted.filter(|_| model.pane == Pane::Plan) {
            return self.start(draft);
        }
        if model.case.runs.iter().any(|run| run.id == id) {
            if model.pane == Pane::Run && model.run.as_deref() == Some(id) {
                return self.press(Command::RollBack, "plan its way back");
            }
            return self.to_run(id);
        }
        // A run of a console that is gone stands in the log.
        if let Some(way) = self.go_to(Pane::Audit, Command::Audit, "the log has the run") {
            return way;
        }
        let of_run = |at: usize| model.ledger.at(at).and_then(|r| r.text("run")) == Some(id);
        match (0..model.ledger.rows.len()).find(|at| of_run(*at)) {
            Some(at) if of_run(model.ledger.cursor) || at == model.ledger.cursor => {
                self.press(Command::Undo, "plan the way back of this run")
            }
            Some(at) => self.travel(model.ledger.cursor, at, PAGE, "a record of the run"),
            None => self.unhidden(),
        }
    }

    /// The log is filtered by something that hides the run.
    fn unhidden(&self) -> String {
        if self.model.ledger.run.is_some() {
            return self.press(Command::ShowRun, "show the records of every run");
        }
        match self.model.ledger_filter.is_empty() {
            true => wait("the log is being read"),
            false => self.press(Command::Filter, "a filter hides the run"),
        }
    }

    /// A plan that was made is run.
    fn start(&self, draft: &Draft) -> String {
        if let Some(out) = self.out_of_the_way() {
            return out;
        }
        match draft.plan() {
            None => wait("the plan is being made"),
            Some(plan) if plan.runnable().is_err() => {
                self.press(Command::Playbooks, "it cannot be run as it is: plan it anew")
            }
            Some(_) if self.model.starting => wait("the playbook is being looked at"),
            Some(_) => self.press(Command::Start, "run the plan"),
        }
    }

    /// To a run of this session.
    fn to_run(&self, id: &str) -> String {
        if let Some(way) = self.go_to(Pane::Playbooks, Command::Playbooks, "the run is there") {
            return way;
        }
        let is = |row: &ShelfRow| match row {
            ShelfRow::Run(at) => self.model.case.runs[*at].id == id,
            ShelfRow::Playbook(..) => false,
        };
        self.to_row(is, "the run", "go to the run")
    }

    /// The finding is what the playbooks pane is about; how it becomes that.
    fn chosen(&self, id: &str) -> Option<String> {
        let is = |f: &Finding| f.records().any(|r| r.id.raw() == id);
        if self.model.pane != Pane::Findings && self.model.current().is_some_and(|f| is(f)) {
            return None;
        }
        self.to_finding(id)
    }

    /// The selected finding says in which account things are looked for: one of that account is,
    /// where there is one on the list.
    fn placed(&self, account: &AccountId) -> Option<String> {
        let model = self.model;
        let is = |f: &Finding| f.main().account.as_ref() == Some(account);
        if model.current().is_some_and(|f| is(f)) {
            return None;
        }
        let there = model.list.rows.iter().map(|row| model.finding(*row)).find(|f| is(f))?;
        self.chosen(there.main().id.raw())
    }

    /// To the playbook's line, and its form.
    fn choose(&self, wanted: &Wanted<'_>) -> String {
        let model = self.model;
        let why = format!("the playbook {} is there", wanted.playbook);
        if let Some(way) = self.go_to(Pane::Playbooks, Command::Playbooks, &why) {
            return way;
        }
        let is = |row: &ShelfRow| match row {
            ShelfRow::Playbook(at, _) => model.shelf.all[*at].id == wanted.playbook,
            ShelfRow::Run(_) => false,
        };
        self.to_row(is, wanted.playbook, "fill in what it needs")
    }

    fn to_row(&self, is: impl Fn(&ShelfRow) -> bool, name: &str, why: &str) -> String {
        let rows = self.model.shelf_rows();
        let at = self.model.shelf.cursor;
        match rows.iter().position(is) {
            Some(line) if line == at => self.press(Command::Choose, why),
            Some(line) => self.travel(at, line, PAGE, name),
            None if !self.model.shelf.text.is_empty() => {
                self.press(Command::Back, "a filter hides what is looked for")
            }
            None => wait("the playbooks are being read"),
        }
    }

    fn inputs(&self, form: &Form, wanted: &Wanted<'_>) -> String {
        let loaded = self.model.shelf.all.iter().find(|l| l.id == wanted.playbook);
        let known = loaded.and_then(|l| l.playbook.as_ref().ok());
        let prefilled = known.map(|p| input_fields(self.model, p)).unwrap_or_default();
        let value = |_: usize, name: &str| {
            let told = || prefilled.iter().find(|f| f.name == name);
            wanted.inputs.get(name).cloned().or_else(|| Some(told()?.input.value().to_owned()))
        };
        self.fields(form, value, "plan it")
    }

    /// A run that has not come to its end.
    fn go_on(&self, going: &Going, wanted: &Wanted<'_>, run: &Run) -> String {
        let model = self.model;
        if let Some(Overlay::Confirm(confirm)) = &model.overlay
            && confirm.run == run.id
        {
            return self.consent(confirm);
        }
        if let Some(out) = self.out_of_the_way() {
            return out;
        }
        if model.pane != Pane::Run || model.run.as_ref() != Some(&run.id) {
            return self.to_run(&run.id);
        }
        if run.is_asking() {
            let step = run.current().map(|item| item.id.as_str()).unwrap_or_default();
            return match wanted.answers.get(step) {
                Some(false) => self.press(Command::No, "answer no"),
                _ => self.press(Command::Yes, "answer yes"),
            };
        }
        let armed = model.mode.armed();
        if armed.is_none_or(|arming| arming.incident.id != going.id.as_str()) {
            return self.arm(going);
        }
        match run.state() {
            RunState::Stopped => self.press(Command::Retry, "try the step again"),
            _ if run.is_confirming() => self.press(Command::Decide, "see what it asks for"),
            _ => wait("the run is at work"),
        }
    }

    /// The prompt for one change.
    fn consent(&self, confirm: &Confirm) -> String {
        let words = confirm.prompt.review.ceremony.words();
        let input = confirm.typed(confirm.at);
        match confirm.at {
            Ask::Words => self.fill(input, words, "that is your consent"),
            Ask::Code => match &self.model.drill.device {
                Some(code) => self.fill(input, code, "the code of your device"),
                // Outside of the range nobody but the operator sees it.
                None if self.model.setup.range.is_none() => {
                    "Type the six digits that your MFA device shows, and press <enter>".to_owned()
                }
                None => wait("your device makes a new code"),
            },
            Ask::Second => self.fill(input, ALONE, "nobody else is there"),
        }
    }

    /// To the end of the session.
    pub(super) fn end_session(&self) -> String {
        match self.out_of_the_way() {
            Some(out) => out,
            None => self.press(Command::EndGlass, "end the break-glass session"),
        }
    }
}

impl Wanted<'_> {
    /// Whether a plan or a run has the inputs that are wanted.
    fn is_given<'v>(&self, given: impl Fn(&str) -> Option<&'v crate::change::Value>) -> bool {
        let same = |(name, value): (&String, &String)| {
            given(name).is_some_and(|given| given.to_string() == *value)
        };
        self.inputs.iter().all(same)
    }
}
