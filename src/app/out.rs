//! What leaves the console: copied to the clipboard, written to a file, opened in a browser, a
//! pager, an editor.

use super::Effect;
use crate::{
    domain::Fault,
    input::Command,
    model::{
        Field, Form, Model, Notice, Overlay, Purpose, ShelfRow,
        out::{Format, What, chosen, listed},
    },
    ui,
};

/// Text that a terminal takes by OSC 52 at most, in bytes: xterm's and hterm's limit, which
/// others took over, is 100,000 for the whole sequence.
const LONGEST: usize = 74_994;

pub fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::CopyText => copy_text(model, effects),
        Command::CopyId => copy(model, What::Id, effects),
        Command::CopyArn => copy(model, What::Arn, effects),
        Command::CopyJson => copy(model, What::Json, effects),
        Command::CopyCommand => copy(model, What::Command, effects),
        Command::Export => ask_export(model),
        Command::Browse => browse(model, effects),
        Command::Pager => match ui::present_text(model) {
            Some(text) => effects.push(Effect::Page(text)),
            None => model.notice = Some(Notice::Done("there is no text here".to_owned())),
        },
        Command::Edit => edit(model, effects),
        _ => {}
    }
}

fn copy(model: &mut Model, what: What, effects: &mut Vec<Effect>) {
    let copied = chosen(model).and_then(|items| {
        let endpoint = model.setup.endpoint.as_deref();
        items.iter().map(|item| item.copied(what, endpoint)).collect::<Result<Vec<_>, _>>()
    });
    let copied = match copied {
        Ok(copied) => copied,
        Err(why) => return model.notice = Some(Notice::Done(format!("not copied: {why}"))),
    };
    let said = match &copied[..] {
        [one] => one.what.clone(),
        several => format!("{} of {}", several[0].what, several.len()),
    };
    let text = copied.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join("\n");
    let mut mind = copied.iter().find_map(|c| c.mind);
    if what == What::Command && mind.is_none() && model.setup.range.is_some() {
        mind = Some("this is the range: `halon range serve` answers it");
    }
    send(model, &said, text, mind, effects);
}

fn copy_text(model: &mut Model, effects: &mut Vec<Effect>) {
    match ui::present_text(model) {
        Some(text) => send(model, "text", text, None, effects),
        None => model.notice = Some(Notice::Done("not copied: there is no text here".to_owned())),
    }
}

/// To the terminal, which puts it onto the clipboard if it will; nothing tells whether it did.
fn send(
    model: &mut Model,
    what: &str,
    text: String,
    mind: Option<&str>,
    effects: &mut Vec<Effect>,
) {
    let mut said = format!("{what} sent to the terminal's clipboard");
    if text.len() > LONGEST {
        said += &format!(
            "; {} bytes: many terminals take {LONGEST} at most and drop or cut the rest",
            text.len()
        );
    }
    said.extend(mind.map(|mind| format!("; {mind}")));
    model.notice = Some(Notice::Done(said));
    effects.push(Effect::Copy(text));
}

fn ask_export(model: &mut Model) {
    let listed = match listed(model) {
        Ok(listed) => listed,
        Err(why) => return model.notice = Some(Notice::Done(format!("not exported: {why}"))),
    };
    let time = model.now.strftime("%Y%m%dT%H%M%SZ");
    let name = format!("halon-{}-{time}", listed.name());
    let fields = vec![
        Field::new("format", "csv, json or markdown", "csv"),
        Field::new("file", "a new file; its ending follows from the format", &name),
    ];
    let title = format!("Write {} {} to a file", listed.len(), listed.name());
    let purpose = Purpose::Export(Box::new(listed));
    model.overlay = Some(Overlay::Form(Form { purpose, title, fields, at: 0, trouble: None }));
}

/// The form is filled in; or the field that is wrong, and why.
pub fn export(
    model: &mut Model,
    listed: crate::model::out::Listed,
    values: &[(String, String)],
    effects: &mut Vec<Effect>,
) -> Result<(), (usize, String)> {
    let format = Format::named(&values[0].1)
        .ok_or_else(|| (0, "format: expected csv, json or markdown".to_owned()))?;
    let mut file = values[1].1.trim().to_owned();
    if file.is_empty() || file.ends_with('/') {
        return Err((1, "file: expected a name".to_owned()));
    }
    if !file.ends_with(&format!(".{}", format.extension())) {
        file = format!("{file}.{}", format.extension());
    }
    model.overlay = None;
    model.notice = Some(Notice::Done("the file is being written".to_owned()));
    effects.push(Effect::Export { listed: Box::new(listed), format, file, as_of: model.now });
    Ok(())
}

fn browse(model: &mut Model, effects: &mut Vec<Effect>) {
    let page = chosen(model)
        .and_then(|items| items.first().map(|i| i.page()).unwrap_or(Err("nothing is selected")));
    match page {
        Ok(url) => effects.push(Effect::Browse(url)),
        Err(why) => model.notice = Some(Notice::Done(format!("not opened: {why}"))),
    }
}

/// The browser was started, or there is none: the address is shown then, and copied.
pub fn browsed(model: &mut Model, url: String, failed: Option<String>, effects: &mut Vec<Effect>) {
    let said = match failed {
        None => format!("opened in the browser: {url}"),
        Some(why) => {
            let said = format!("{why}; sent to the terminal's clipboard: {url}");
            effects.push(Effect::Copy(url));
            said
        }
    };
    model.notice = Some(Notice::Done(said));
}

/// The operator's own file is opened; of a shipped one a copy is offered.
fn edit(model: &mut Model, effects: &mut Vec<Effect>) {
    let rows = model.shelf_rows();
    let Some(ShelfRow::Playbook(at, _)) = rows.get(model.shelf.cursor) else { return };
    let loaded = model.shelf.all[*at].clone();
    if loaded.path.is_some() {
        return effects.push(Effect::Edit(Box::new(loaded)));
    }
    let title = format!("{} is shipped with halon: edit a copy of your own", loaded.id);
    let help = "enter copies it into your playbooks folder, where it takes the shipped one's place";
    let fields = vec![Field::new("file", help, &format!("{}.toml", loaded.id))];
    let purpose = Purpose::EditCopy(Box::new(loaded));
    model.overlay = Some(Overlay::Form(Form { purpose, title, fields, at: 0, trouble: None }));
}

/// A copy of a shipped playbook is wanted.
pub fn edit_copy(
    model: &mut Model,
    loaded: crate::playbook::Loaded,
    file: &str,
    effects: &mut Vec<Effect>,
) -> Result<(), (usize, String)> {
    // A playbook is named like its file.
    if file.trim() != format!("{}.toml", loaded.id) {
        return Err((0, format!("file: a playbook's file is named like it: {}.toml", loaded.id)));
    }
    model.overlay = None;
    effects.push(Effect::Edit(Box::new(loaded)));
    Ok(())
}

/// The editor or the pager is over, or could not be started.
pub fn came_back(
    model: &mut Model,
    done: Result<Option<String>, Fault>,
    effects: &mut Vec<Effect>,
) {
    match done {
        Ok(None) => {}
        Ok(Some(file)) => {
            model.notice = Some(Notice::Done(format!("read again: {file}")));
            effects.push(Effect::LoadPlaybooks);
        }
        Err(fault) => model.notice = Some(Notice::Trouble(fault)),
    }
}

/// The file is written, or why not.
pub fn exported(model: &mut Model, done: Result<String, Fault>) {
    model.notice = Some(match done {
        Ok(said) => Notice::Done(said),
        Err(fault) => Notice::Trouble(fault),
    });
}
