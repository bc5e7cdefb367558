//! The drill: what happens in the console becomes what was seen and done, the world is asked
//! what is true of it, and what is reached goes into the log. What is not on disk there has not
//! happened.

use jiff::{SignedDuration, Timestamp};
use serde_json::Map;
use tui_input::Input;

use super::{Effect, act, filter::request, panes};
use crate::{
    domain::{Fault, FaultKind},
    drill::{
        self, Condition, Drilling, Ending, Event, Evidence, Gathered, Item, Objective, Seen,
        before, fold, left_open, verdict,
    },
    guard::Incident,
    input::{Code, Command, Key},
    model::{
        Ask, DrillRow, Field, Focus, Form, Going, Judged, Model, Notice, Overlay, Pane, Purpose,
        Ran, input_text,
    },
    playbook::{ItemKind, RunState},
    range::Fact,
};

/// At most this often is the world asked again for what only time brings.
const AGAIN: SignedDuration = SignedDuration::from_secs(5);

pub fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Drill => panes::go(model, Pane::Drill),
        Command::Coach => {
            model.drill.coach = !model.drill.coach;
            let what = if model.drill.coach { "the coach speaks" } else { "the coach is silent" };
            model.notice = Some(Notice::Done(what.to_owned()));
        }
        Command::BeginDrill => begin(model, effects),
        Command::Hint => hint(model, effects),
        Command::Answer => ask(model),
        Command::Probe => gather(model, Gathered::After, effects),
        Command::EndDrill | Command::AbortDrill if unrestored(model).is_some() => {
            let run = unrestored(model).unwrap_or_default();
            let what = "the canary is not as it was: a drill leaves nothing behind";
            let fault = Fault::new(FaultKind::Refused, what)
                .with_hint(format!("roll back run {run} first"));
            model.notice = Some(Notice::Trouble(fault));
        }
        Command::EndDrill => {
            model.overlay = Some(Overlay::EndDrill { input: Input::default(), abort: false });
        }
        Command::AbortDrill => {
            model.overlay = Some(Overlay::EndDrill { input: Input::default(), abort: true });
        }
        _ => {}
    }
}

/// The canary's run that was not taken back.
fn unrestored(model: &Model) -> Option<String> {
    let (_, going) = model.drilling()?;
    going.unrestored().map(|ran| ran.run.clone())
}

/// The log was read: the drill of this world that goes on is taken up, where there is one.
pub fn known(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(prospect) = model.setup.drill.clone() else { return };
    let settled = model.drill.writing == 0 && model.drill.probing.is_none();
    if model.drill.judging && settled {
        model.drill.judging = false;
        judge(model, effects);
    }
    let records = &model.ledger.records;
    let drills = fold(records);
    if let Some(going) = &mut model.drill.going {
        let ours = drills.iter().find(|drill| drill.id == going.id);
        ours.into_iter().for_each(|drill| going.take(drill));
    }
    if std::mem::replace(&mut model.drill.known, true) {
        return;
    }
    let ours = drills.iter().rev().find(|drill| {
        let begun = drill.begun.as_ref();
        drill.is_running()
            && begun.is_some_and(|begun| {
                begun.scenario == prospect.begun.scenario
                    && begun.world_start == prospect.begun.world_start
                    && !begun.scripted
            })
    });
    if let Some(drill) = ours {
        let going = Going::of(drill, records);
        let what = format!("{} goes on where it was left", going.id);
        model.notice = Some(Notice::Done(what));
        model.drill.going = Some(going);
    } else if prospect.at_once && !model.setup.read_only {
        begin(model, effects);
    }
    panes_on_start(model);
}

/// A drill is what this console was opened for: it begins with what is to be reached.
fn panes_on_start(model: &mut Model) {
    let at_once = model.setup.drill.as_ref().is_some_and(|prospect| prospect.at_once);
    if at_once && model.overlay.is_none() {
        panes::go(model, Pane::Drill);
    }
}

fn begin(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(prospect) = model.setup.drill.clone() else { return };
    write(model, Event::Begun(Box::new(prospect.begun.clone())), effects);
}

fn hint(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((prospect, going)) = model.drilling() else { return };
    let Some((_, objective)) = going.objective(&prospect.script) else { return };
    let number = going.hints_of(objective).len() + 1;
    let event = Event::Hint { objective: objective.id.clone(), number };
    write(model, event, effects);
}

/// Writes a record of the drill. It counts once it is on disk.
fn write(model: &mut Model, event: Event, effects: &mut Vec<Effect>) {
    let Some(prospect) = &model.setup.drill else { return };
    let going = model.drill.going.as_ref().map(|going| going.id.clone());
    let drill = going.unwrap_or_else(|| prospect.id.clone());
    model.drill.writing += 1;
    let by = act::by(model, None);
    effects.push(Effect::WriteDrill { by, drill, at: model.now, event: Box::new(event) });
}

/// A record is on disk, or could not be written.
pub fn written(
    model: &mut Model,
    at: Timestamp,
    event: Event,
    written: Result<(), Fault>,
    effects: &mut Vec<Effect>,
) {
    model.drill.writing = model.drill.writing.saturating_sub(1);
    if let Err(fault) = written {
        (model.drill.stuck, model.drill.judging) = (true, false);
        if let (Some(going), Event::Objective { .. }) = (&mut model.drill.going, &event) {
            going.unwritten.push(event);
        }
        model.notice = Some(Notice::Trouble(fault));
        return;
    }
    let Some(prospect) = model.setup.drill.clone() else { return };
    match &event {
        Event::Begun(_) => {
            model.drill.going = Some(Going::begun(prospect.id.clone(), at));
            // Its first record is evidence.
            effects.push(Effect::ReadLog(None));
        }
        Event::Objective { title, .. } => {
            model.notice = Some(Notice::Done(format!("reached: {title}")));
        }
        Event::Ended { result, .. } => {
            model.notice = Some(Notice::Done(format!("the drill is over: {}", result.words())));
            super::glass::end_all(model, "the drill is over", effects);
            act::disarm(model, "the drill is over", effects);
        }
        _ => {}
    }
    if let Some(going) = &mut model.drill.going {
        going.apply(event, at);
    }
    judge_soon(model, effects);
}

/// What the world says of the objective in hand.
pub fn judged(model: &mut Model, judged: Judged) {
    if let Some(going) = &mut model.drill.going {
        going.asking = false;
        going.judged = judged;
    }
}

/// The evidence that halon finds by itself, as far as it goes.
pub fn probed(model: &mut Model, found: Result<Vec<Evidence>, Fault>, effects: &mut Vec<Effect>) {
    let Some(part) = model.drill.probing.take() else { return };
    let found = found.unwrap_or_else(|fault| {
        model.notice = Some(Notice::Trouble(fault));
        Vec::new()
    });
    let (by, at) = (act::by(model, None), model.now);
    let Some(going) = &mut model.drill.going else { return };
    going.probed.insert(part);
    let drill = going.id.clone();
    // The log takes them in their order.
    model.drill.writing += found.len();
    for evidence in found {
        let (by, drill) = (by.clone(), drill.clone());
        let event = Box::new(Event::Evidence(evidence));
        effects.push(Effect::WriteDrill { by, drill, at, event });
    }
    if part == Gathered::Last {
        judge_soon(model, effects);
    }
}

/// Judged by what is on disk, once all of it is.
fn judge_soon(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.drill.judging && model.drill.writing == 0 && model.drill.probing.is_none() {
        effects.push(Effect::ReadLog(None));
    }
}

/// What can be gathered only now is, once: at the beginning, and while a session is open.
fn gather_in_time(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((prospect, going)) = model.drilling() else { return };
    let inside = going.is_open(&prospect.script.role) && model.mode.armed().is_some();
    let part = match inside {
        true if !going.probed.contains(&Gathered::Inside) => Gathered::Inside,
        false if !going.probed.contains(&Gathered::Before) => Gathered::Before,
        _ => return,
    };
    if model.drill.probing.is_none() && model.drill.writing == 0 && !model.drill.stuck {
        gather(model, part, effects);
    }
}

fn gather(model: &mut Model, part: Gathered, effects: &mut Vec<Effect>) {
    let Some(drilling) = drilling(model) else { return };
    let Some((prospect, going)) = model.drilling() else { return };
    let [id, title, reason] = prospect.arming(&going.id);
    let Ok(incident) = Incident::new(&id, &title, &reason) else { return };
    let known = |item: &Item| part == Gathered::Inside && going.state(*item).holds();
    let items = part.items().iter().copied().filter(|item| !known(item)).collect();
    let by = act::by(model, None);
    effects.push(Effect::Probe { drilling: Box::new(drilling), items, by, incident });
    model.drill.probing = Some(part);
}

/// What the evidence is asked for with; none before it is known who asks.
fn drilling(model: &Model) -> Option<Drilling> {
    let (prospect, going) = model.drilling()?;
    let of = (&going.id, &prospect.script.role, &prospect.script.canary);
    let drilling = Drilling::of(&model.case, of, going.left.clone(), &model.mode)?;
    Some(Drilling { stranger: prospect.stranger, idp_down: prospect.idp_down, ..drilling })
}

/// The form of an item that people are asked for, filled in with what was said of it.
fn ask(model: &mut Model) {
    let (Some(DrillRow::Evidence(item)), Some((_, going))) = (model.drill_row(), model.drilling())
    else {
        return;
    };
    let said = going.evidence.get(&item).map(|evidence| &evidence.value);
    let fields = item.fields().iter().map(|field| {
        let value = said.map(|said| input_text(&said[field.key])).unwrap_or_default();
        let asked = Field::new(field.key, field.question, &value);
        if field.needed { asked } else { asked.optional() }
    });
    let (fields, title) = (fields.collect(), format!("{}. {}", item.number(), item.name()));
    let purpose = Purpose::Evidence(item);
    model.overlay = Some(Overlay::Form(Form { purpose, title, fields, at: 0, trouble: None }));
}

/// What was answered, if it can be read.
pub fn answered(
    model: &mut Model,
    item: Item,
    values: &[(String, String)],
    effects: &mut Vec<Effect>,
) -> Result<(), (usize, String)> {
    let carried = carried(model);
    let Some((_, going)) = model.drilling() else { return Err((0, "no drill goes on".into())) };
    let mut said = Map::new();
    for (at, (field, (_, text))) in item.fields().iter().zip(values).enumerate() {
        if text.trim().is_empty() && !field.needed {
            continue;
        }
        let read = field.read(text, model.now, &carried).map_err(|why| (at, why))?;
        said.insert(field.key.to_owned(), read);
    }
    // What halon found of it by itself stays beside what is said.
    let evidence = drill::answered(item, said, false, going.evidence.get(&item));
    model.overlay = None;
    write(model, Event::Evidence(evidence), effects);
    Ok(())
}

/// The actions that the drill before this one left open.
fn carried(model: &Model) -> Vec<drill::Action> {
    let drills = fold(&model.ledger.records);
    let id = model.drill.going.as_ref().map(|going| &going.id);
    let ours = drills.iter().find(|drill| Some(&drill.id) == id);
    ours.and_then(|ours| before(&drills, ours)).map(left_open).unwrap_or_default()
}

/// A key while the end of the drill is being typed.
pub fn typed(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let Some(Overlay::EndDrill { input, abort }) = &mut model.overlay else { return };
    let abort = *abort;
    match (key.code, key.ctrl) {
        (Code::Esc, _) | (Code::Char('c'), true) => model.overlay = None,
        (Code::Enter, _) if input.value() != "yes" => *input = Input::default(),
        (Code::Enter, _) => {
            model.overlay = None;
            if abort {
                let why = "by the operator".to_owned();
                write(model, Event::Ended { result: Ending::Aborted, why }, effects);
            } else {
                model.drill.judging = true;
                gather(model, Gathered::Last, effects);
                judge_soon(model, effects);
            }
        }
        _ => {
            if let Some(request) = request(key) {
                input.handle(request);
            }
        }
    }
}

/// The drill's end, by its records as they were just read.
fn judge(model: &mut Model, effects: &mut Vec<Effect>) {
    let drills = fold(&model.ledger.records);
    let id = model.drill.going.as_ref().map(|going| &going.id);
    let Some(ours) = drills.iter().find(|drill| Some(&drill.id) == id) else { return };
    let verdict = verdict(ours, before(&drills, ours));
    let failing: Vec<&str> =
        verdict.findings.iter().filter(|f| f.fails).map(|f| f.why.as_str()).collect();
    let why = failing.join("; ");
    write(model, Event::Ended { result: verdict.result, why }, effects);
}

/// What follows from any message: what is on the screen was seen, the world is asked, what is
/// met is written down.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(prospect) = model.setup.drill.clone() else { return };
    device(model, effects);
    if model.drill.going.as_ref().is_none_or(|going| going.ended.is_some()) {
        return;
    }
    let (seen, ran) = (seen(model), ran(model));
    let open = model.case.glass.clone();
    let ended = model.case.runs.iter().filter(|run| run.is_over()).count();
    let now = model.now;
    let Some(going) = &mut model.drill.going else { return };
    seen.into_iter().for_each(|seen| going.saw(seen));
    ran.into_iter().for_each(|ran| going.ran(ran));
    let before = std::mem::replace(&mut going.open, open);
    for ended in before.into_iter().filter(|before| !model.case.glass.contains(before)) {
        going.saw(Seen::Ended(ended.role.clone()));
        going.left = Some(ended);
    }
    gather_in_time(model, effects);
    let Some(going) = &mut model.drill.going else { return };
    if model.drill.writing > 0 || model.drill.stuck {
        return;
    }
    if !going.unwritten.is_empty() {
        let unwritten = std::mem::take(&mut going.unwritten);
        return unwritten.into_iter().for_each(|event| write(model, event, effects));
    }
    let Some((_, objective)) = going.objective(&prospect.script) else { return };
    if !going.asking {
        let facts = facts(&objective.met);
        let asks = !facts.is_empty() || objective.met.contains(&Condition::NothingElse);
        let state = (objective.id.clone(), ended);
        let fresh = going.asked_for.as_ref() != Some(&state);
        let again = now.duration_since(going.asked_at) >= AGAIN;
        if asks && (fresh || again) {
            let known = (!fresh).then(|| going.judged.clone());
            going.asked_for = Some(state);
            going.asked_at = now;
            // Asked again nothing is said unless it is otherwise.
            going.asking = fresh;
            effects.push(Effect::JudgeFacts { facts, since: going.since, known });
            if fresh {
                return;
            }
        }
        let judged = going.judged.clone();
        let reached = going.progress.advance(&prospect.script, &judged);
        let events: Vec<Event> = reached.into_iter().map(reached_event).collect();
        if !events.is_empty() {
            going.verify_anew(&prospect.script, now);
        }
        events.into_iter().for_each(|event| write(model, event, effects));
    }
}

fn reached_event(objective: &Objective) -> Event {
    let (phase, title) = (objective.phase, objective.title.clone());
    Event::Objective { objective: objective.id.clone(), phase, title }
}

fn facts(met: &[Condition]) -> Vec<Fact> {
    let fact = |condition: &Condition| match condition {
        Condition::Fact(fact) => Some(fact.clone()),
        _ => None,
    };
    met.iter().filter_map(fact).collect()
}

/// What is seen now, and what is done.
fn seen(model: &Model) -> Vec<Seen> {
    let mut seen = Vec::new();
    let going = model.drill.going.as_ref();
    let looks = model.focus() == Focus::Detail;
    if model.pane == Pane::Findings
        && looks
        && let Some(finding) = model.current()
    {
        seen.extend(finding.records().map(|r| Seen::Finding(r.id.raw().to_owned())));
    }
    if model.pane == Pane::Trail
        && let Some(asked) = &model.trail.sight.asked
        && let Some(inquiry) = &model.case.inquiry
        && inquiry.is_over()
        && inquiry.gaps().is_empty()
        && going.is_none_or(|going| inquiry.asked >= going.verifying)
        && model.trail.is_settled()
    {
        seen.extend(asked.by.iter().cloned().map(Seen::Events));
    }
    if model.pane == Pane::Iam
        && looks
        && let Some((holding, _)) = model.iam.current()
        && let Some((account, who)) = model.iam.survey.principal(holding)
    {
        seen.push(Seen::Principal(account, who));
    }
    let incident = model.mode.armed().map(|arming| arming.incident.id.as_str());
    if incident.is_some() && incident == going.map(|going| going.id.as_str()) {
        seen.push(Seen::Armed);
    }
    seen.extend(model.case.glass.iter().map(|open| Seen::Assumed(open.role.clone())));
    seen
}

/// The drill's runs that have come to their end, all of it done.
fn ran(model: &Model) -> Vec<Ran> {
    let Some(going) = &model.drill.going else { return Vec::new() };
    let runs = model.case.runs.iter().filter(|run| {
        run.is_over() && run.state() == RunState::Done && run.incident.id == going.id.as_str()
    });
    let of = |run: &crate::playbook::Run| {
        let inputs = run.source().map(|(_, inputs)| inputs).into_iter().flatten();
        let inputs = inputs.map(|(name, value)| (name.clone(), value.to_string())).collect();
        let denied = run
            .items
            .iter()
            .filter(|item| matches!(item.kind, ItemKind::Ask { answer: Some(false), .. }));
        let denied = denied.map(|item| item.id.clone()).collect();
        let (id, playbook) = (run.id.clone(), run.playbook.clone());
        Ran { run: id, playbook, inputs, denied, undoes: run.undoes.clone() }
    };
    runs.map(of).collect()
}

/// While a code is asked for, what the operator's device shows.
fn device(model: &mut Model, effects: &mut Vec<Effect>) {
    let asks = match &model.overlay {
        Some(Overlay::Confirm(confirm)) => confirm.asks().contains(&Ask::Code),
        _ => false,
    };
    if !asks {
        model.drill.device = None;
        model.drill.device_asked = None;
        return;
    }
    let due = model.drill.device_asked.is_none_or(|at| model.now.duration_since(at) >= AGAIN);
    if due
        && let Some(Overlay::Confirm(confirm)) = &model.overlay
        && let Some(serial) = &confirm.prompt.review.device
    {
        model.drill.device_asked = Some(model.now);
        let known = model.drill.device.clone();
        effects.push(Effect::ShowDevice { serial: serial.clone(), known });
    }
}
