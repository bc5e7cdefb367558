//! Forms: a line for each field, checked when the last one is entered.

use std::collections::BTreeMap;

use super::{
    Effect, act, can,
    filter::{paste, request},
    query,
};
use crate::{
    case::PlanSource,
    guard::Incident,
    input::{Code, Key},
    model::{Field, Form, Model, Notice, Overlay, Purpose},
};

pub fn ask_arm(model: &mut Model) {
    // What a drill is armed for is known.
    let drill = model.drilling().filter(|(_, going)| going.ended.is_none());
    let [incident, title, reason] = drill.map(|(p, going)| p.arming(&going.id)).unwrap_or_default();
    let fields = vec![
        Field::new("incident", "the ticket's id, such as INC-1", &incident),
        Field::new("title", "what it is about, in a line", &title),
        Field::new("reason", "why something must be changed", &reason),
    ];
    let title = "Arm halon: changes may be made for this incident".to_owned();
    let form = Form { purpose: Purpose::Arm, title, fields, at: 0, trouble: None };
    model.overlay = Some(Overlay::Form(form));
}

pub fn ask_skip(model: &mut Model, run: &str) {
    let fields = vec![Field::new("reason", "why this step is left out; it is written down", "")];
    let purpose = Purpose::Skip(run.to_owned());
    let title = "Leave the step out".to_owned();
    model.overlay = Some(Overlay::Form(Form { purpose, title, fields, at: 0, trouble: None }));
}

pub fn typed(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let Some(Overlay::Form(form)) = &mut model.overlay else { return };
    let last = form.fields.len() - 1;
    match (key.code, key.ctrl) {
        (Code::Esc, _) | (Code::Char('c'), true) => {
            model.overlay = None;
            model.starting = false;
            model.start_wanted = false;
        }
        (Code::Down | Code::Tab, _) => form.at = (form.at + 1).min(last),
        (Code::Up | Code::BackTab, _) => form.at = form.at.saturating_sub(1),
        (Code::Enter, _) => match form.fields.iter().position(Field::is_lacking) {
            Some(empty) if form.at < last || empty != form.at => {
                form.at = if form.at < last { form.at + 1 } else { empty };
            }
            None if form.at < last => form.at += 1,
            _ => submit(model, effects),
        },
        _ => {
            if let Some(request) = request(key) {
                form.trouble = None;
                form.fields[form.at].input.handle(request);
            }
        }
    }
}

pub fn pasted(model: &mut Model, text: &str) {
    if let Some(Overlay::Form(form)) = &mut model.overlay {
        let input = &mut form.fields[form.at].input;
        match form.purpose {
            Purpose::Decode => can::paste_message(input, text),
            _ => paste(input, text),
        }
    }
}

fn submit(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Form(form)) = &model.overlay else { return };
    let values: Vec<(String, String)> =
        form.fields.iter().map(|f| (f.name.clone(), f.input.value().to_owned())).collect();
    let done = match form.purpose.clone() {
        Purpose::Inputs(id) => inputs(model, &id, &values),
        Purpose::Arm => arm(model, &values, effects),
        Purpose::Skip(run) => skip(model, &run, &values),
        Purpose::Mark(mark) => {
            super::mark::submit(model, mark, &values[0].1, effects);
            Ok(())
        }
        Purpose::SaveFilter => super::saved::submit(model, &values[0].1, effects),
        Purpose::Query => query::submit(model, &values, effects),
        Purpose::Evidence(item) => super::drill::answered(model, item, &values, effects),
        Purpose::Exempt => super::organization::submit(model, &values[0].1),
        Purpose::Decode => can::submit(model, &values[0].1),
    };
    match done {
        Ok(()) => {}
        Err((at, why)) => {
            if let Some(Overlay::Form(form)) = &mut model.overlay {
                form.at = at.min(form.fields.len() - 1);
                form.trouble = Some(why);
            }
        }
    }
}

/// The field that is wrong, and why.
type Wrong = (usize, String);

fn inputs(model: &mut Model, id: &str, values: &[(String, String)]) -> Result<(), Wrong> {
    let loaded = model.shelf.all.iter().find(|l| l.id == id);
    let Some(playbook) = loaded.and_then(|l| l.playbook.as_ref().ok()).cloned() else {
        return Err((0, "the playbook is not there any more".to_owned()));
    };
    let mut inputs = BTreeMap::new();
    for (at, (name, text)) in values.iter().enumerate() {
        let Some(input) = playbook.inputs.get(name) else { continue };
        let value = input.kind.parse(text).map_err(|why| (at, format!("{name}: {why}")))?;
        inputs.insert(name.clone(), value);
    }
    model.overlay = None;
    act::plan(model, PlanSource::Playbook { playbook, inputs });
    Ok(())
}

fn arm(
    model: &mut Model,
    values: &[(String, String)],
    effects: &mut Vec<Effect>,
) -> Result<(), Wrong> {
    let text = |name: &str| {
        values.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default()
    };
    let incident =
        Incident::new(text("incident"), text("title"), text("reason")).map_err(|why| {
            let at = ["id", "title", "reason"].iter().position(|w| why.contains(w)).unwrap_or(0);
            (at, why)
        })?;
    model.overlay = None;
    model.notice = Some(Notice::Done("arming: the log is being written".to_owned()));
    let mut by = act::by(model, None);
    by.mode = "armed";
    model.arming = true;
    effects.push(Effect::Arm(by, incident));
    Ok(())
}

fn skip(model: &mut Model, run: &str, values: &[(String, String)]) -> Result<(), Wrong> {
    let reason = crate::change::ValueType::Text.parse(&values[0].1).map_err(|why| (0, why))?;
    model.overlay = None;
    if let Some(run) = model.case.run_mut(run) {
        run.skip(&reason.to_string());
    }
    Ok(())
}
