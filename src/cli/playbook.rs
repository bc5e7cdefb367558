//! `halon playbook`: list, check, show, plan, run, resume.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{
    Output,
    act::{self, Session, blocked, report, warn_denied},
    answer::{self, Code, Document, write_json},
    args::{ConsentArgs, Global, InputArgs, PlaybookCommand},
    consent::all_answered,
    context,
    text_file::read_text,
    trail,
};
use crate::{
    audit::{Kind, Record},
    case::{Draft, Foreseen, PlanSource},
    change::{Prepared, Value, ValueType},
    domain::{
        AccountId,
        untrusted::{display, display_in},
    },
    playbook::{Item, Playbook},
    runtime::{self, Loaded},
    ui::{preflight, standing},
};

pub fn run(
    global: &Global,
    command: PlaybookCommand,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    match command {
        PlaybookCommand::List => list(global, &all(), output),
        PlaybookCommand::Check { paths } if paths.is_empty() => check(global, &all(), output),
        PlaybookCommand::Check { paths } => {
            let loaded: Vec<Loaded> = paths.iter().map(|p| runtime::load_playbook(p)).collect();
            check(global, &loaded, output)
        }
        PlaybookCommand::Show { name } => show(global, &name, output),
        PlaybookCommand::Plan { name, inputs } => plan(global, &name, &inputs, output),
        PlaybookCommand::Run { name, inputs, consent, watch } => {
            let watch = watch.as_deref().map(|w| trail::span(Some(w))).transpose()?;
            start(global, &name, &inputs, (&consent, watch), output)
        }
        PlaybookCommand::Resume { run_id, consent } => resume(global, &run_id, &consent, output),
    }
}

fn folder() -> Option<PathBuf> {
    context::config_dir().map(|d| d.join("playbooks"))
}

/// Every playbook that is installed, by id.
pub fn all() -> Vec<Loaded> {
    runtime::load_playbooks(folder().as_deref())
}

fn list(global: &Global, all: &[Loaded], output: &mut Output<'_>) -> anyhow::Result<Code> {
    if global.json {
        let items: Vec<Json> = all.iter().map(Loaded::shape).collect();
        write_json(
            output,
            &Document::new("halon.playbooks/1", runtime::wall_clock(), &[], &items),
        )?;
    } else {
        for loaded in all {
            let (title, mark) = match &loaded.playbook {
                Ok(p) if p.needs_break_glass() => (p.title.as_str(), " (needs break-glass)"),
                Ok(p) => (p.title.as_str(), ""),
                Err(_) => ("broken", ""),
            };
            writeln!(output.out, "{:<26} {title}{mark}", loaded.id)?;
        }
    }
    let broken = mistakes(all, output)?;
    Ok(if broken { Code::Incomplete } else { Code::Done })
}

fn check(global: &Global, all: &[Loaded], output: &mut Output<'_>) -> anyhow::Result<Code> {
    if global.json {
        let items: Vec<Json> = all.iter().map(Loaded::shape).collect();
        write_json(
            output,
            &Document::new("halon.playbooks/1", runtime::wall_clock(), &[], &items),
        )?;
    } else {
        for loaded in all.iter().filter(|l| l.playbook.is_ok()) {
            writeln!(output.out, "{}: good", loaded.file)?;
        }
    }
    let broken = mistakes(all, output)?;
    Ok(if broken { Code::Usage } else { Code::Done })
}

fn mistakes(all: &[Loaded], output: &mut Output<'_>) -> std::io::Result<bool> {
    let mut any = false;
    for broken in all.iter().filter_map(|l| l.playbook.as_ref().err()) {
        any = true;
        for line in broken.to_string().lines() {
            writeln!(output.err, "halon: {line}")?;
        }
    }
    Ok(any)
}

/// The playbook of this name: the operator's own before the shipped one.
fn find(name: &str) -> anyhow::Result<(Loaded, Arc<Playbook>)> {
    let all = all();
    let Some(loaded) = all.iter().find(|l| l.id == name) else {
        let names: Vec<&str> = all.iter().map(|l| l.id.as_str()).collect();
        let why = format!("no playbook `{}`; there are {}", display(name), names.join(", "));
        return Err(answer::usage(why));
    };
    match &loaded.playbook {
        Ok(playbook) => Ok((loaded.clone(), playbook.clone())),
        Err(broken) => Err(answer::usage(broken)),
    }
}

fn show(global: &Global, name: &str, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let (loaded, playbook) = find(name)?;
    if global.json {
        let items = [loaded.shape()];
        write_json(
            output,
            &Document::new("halon.playbooks/1", runtime::wall_clock(), &[], &items),
        )?;
        return Ok(Code::Done);
    }
    writeln!(output.out, "{}: {}", playbook.id, playbook.title)?;
    writeln!(output.out, "{}", playbook.summary)?;
    writeln!(output.out, "risk {}, answers {}", playbook.risk.name(), playbook.answers.join(", "))?;
    for (name, input) in &playbook.inputs {
        writeln!(output.out, "  input {name} ({}): {}", input.kind.name(), input.help)?;
    }
    for step in &playbook.steps {
        let what = match &step.action {
            crate::playbook::Action::Read { what, .. } => what.name,
            crate::playbook::Action::Check { what, .. } => what.read.name,
            crate::playbook::Action::Change { what, .. } => what.name,
            crate::playbook::Action::Ask { question } => question,
            crate::playbook::Action::Note { text } => text,
            crate::playbook::Action::Assume { .. } => "break-glass",
        };
        writeln!(output.out, "  {:<7} {:<16} {what}", step.action.kind(), step.id)?;
    }
    Ok(Code::Done)
}

/// The inputs as given, else from the finding, else the file's defaults.
fn inputs(
    playbook: &Playbook,
    args: &InputArgs,
    finding: Option<&crate::domain::finding::Finding>,
) -> anyhow::Result<BTreeMap<String, Value>> {
    let mut given = BTreeMap::new();
    for pair in &args.input {
        let Some((name, text)) = pair.split_once('=') else {
            return Err(answer::usage(format!("-i {}: expected NAME=VALUE", display(pair))));
        };
        let Some(input) = playbook.inputs.get(name) else {
            let names: Vec<&str> = playbook.inputs.keys().map(String::as_str).collect();
            let why = format!("no input `{}`; there are {}", display(name), names.join(", "));
            return Err(answer::usage(why));
        };
        // A policy may be long, and is a file where it was proposed or written.
        let file = text.strip_prefix('@').filter(|_| input.kind == ValueType::PolicyDocument);
        let text = match file {
            Some(path) => read_text(path.as_ref())?.1,
            None => text.to_owned(),
        };
        let value = input.kind.parse(&text);
        let shown = || display_in(pair, 120);
        let value = value.map_err(|why| answer::usage(format!("-i {}: {why}", shown())))?;
        given.insert(name.to_owned(), value);
    }
    let filled = playbook.fill(&given, finding);
    filled.map_err(|missing| {
        let wants: Vec<String> = missing
            .iter()
            .map(|(name, input)| format!("-i {name}=… ({}: {})", input.kind.name(), input.help))
            .collect();
        answer::usage(format!("missing: {}", wants.join("; ")))
    })
}

/// A draft of the playbook with its inputs, all read.
fn drafted(
    session: &mut Session,
    playbook: &Arc<Playbook>,
    args: &InputArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Draft> {
    session.identify(output)?;
    let finding = match &args.finding {
        Some(id) => Some(session.finding(id)?),
        None => None,
    };
    let inputs = inputs(playbook, args, finding.as_deref())?;
    let account: Option<AccountId> = finding.and_then(|f| f.main().account.clone());
    let source = PlanSource::Playbook { playbook: playbook.clone(), inputs };
    Ok(session.plan(source, account))
}

fn plan(
    global: &Global,
    name: &str,
    args: &InputArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let (_, playbook) = find(name)?;
    // What is missing is said before anything is asked, where no finding can fill it in.
    if args.finding.is_none() {
        inputs(&playbook, args, None)?;
    }
    let mut session = Session::looking(global)?;
    let draft = drafted(&mut session, &playbook, args, output)?;
    let Some(plan) = draft.plan() else { return Err(answer::refused("there is no plan")) };
    if global.json {
        let steps: Vec<Json> = plan.items.iter().map(|item| step(&session, item)).collect();
        let document = json!({
            "schema": "halon.plan/1",
            "as_of": session.now(),
            "complete": plan.blocked().is_none(),
            "incomplete": [],
            "items": [{
                "playbook": playbook.id,
                "sha256": playbook.sha256,
                "not_restored": draft.not_restored(),
                "steps": steps,
            }],
        });
        write_json(output, &document)?;
    } else {
        print(&session, &draft, output)?;
    }
    match plan.blocked() {
        Some((item, fault)) => Err(blocked(item, fault)),
        None => Ok(Code::Done),
    }
}

/// A step of a plan, with what is foreseen of its call.
fn step(session: &Session, item: &Item) -> Json {
    let mut out = item.to_json();
    if let Some(prepared) = item.prepared() {
        let foreseen = session.case.foreseen(prepared);
        out["preflight"] = foreseen.iter().map(Foreseen::to_json).collect();
    }
    out
}

/// A plan for people.
fn print(session: &Session, draft: &Draft, output: &mut Output<'_>) -> anyhow::Result<()> {
    let Some(plan) = draft.plan() else { return Ok(()) };
    writeln!(output.out, "{}", draft.title())?;
    for item in &plan.items {
        writeln!(output.out, "{}", act::line(item))?;
        if let Some(prepared) = item.prepared() {
            print_change(prepared, output)?;
            for said in preflight::lines(session.case.foreseen(prepared), session.now()) {
                for line in standing::wrapped(&said, 6, 100) {
                    writeln!(output.out, "{line}")?;
                }
            }
        }
    }
    for lost in draft.not_restored() {
        writeln!(output.out, "not restored: {lost}")?;
    }
    Ok(())
}

fn print_change(prepared: &Prepared, output: &mut Output<'_>) -> anyhow::Result<()> {
    use crate::change::Diff;
    let change = &prepared.change;
    writeln!(output.out, "      in {} {}", change.account, change.place.region)?;
    for line in prepared.diff() {
        let (sign, text) = match line {
            Diff::Same(text) => (' ', text),
            Diff::Gone(text) => ('-', text),
            Diff::New(text) => ('+', text),
        };
        writeln!(output.out, "    {sign} {text}")?;
    }
    let facts = prepared.facts();
    for who in facts.affected(&prepared.before) {
        writeln!(output.out, "      {who}")?;
    }
    for pitfall in facts.pitfalls() {
        writeln!(output.out, "      ! {pitfall}")?;
    }
    writeln!(output.out, "      {}", prepared.way_back())?;
    Ok(())
}

fn start(
    global: &Global,
    name: &str,
    args: &InputArgs,
    (flags, watch): (&ConsentArgs, Option<SignedDuration>),
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let (loaded, playbook) = find(name)?;
    if args.finding.is_none() {
        inputs(&playbook, args, None)?;
    }
    let mut session = Session::armed(global, flags)?;
    session.watch = watch;
    let draft = drafted(&mut session, &playbook, args, output)?;
    carry_out(global, session, &draft, Some(&loaded), None, flags, output)
}

/// What the log says of a run taken up again: its steps, and how many calls it made.
pub type Earlier = (Vec<(String, String, Option<bool>)>, u32);

/// From a plan to the end of its run.
pub fn carry_out(
    global: &Global,
    mut session: Session,
    draft: &Draft,
    loaded: Option<&Loaded>,
    earlier: Option<&Earlier>,
    flags: &ConsentArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    all_answered(&session, draft, flags)?;
    warn_denied(&session, draft, output);
    if loaded.is_some_and(|l| !runtime::playbook_unchanged(l)) {
        return Err(answer::refused("the playbook was edited since it was read: plan it again"));
    }
    session.settle_unknown(output)?;
    let Some(mut run) = session.new_run(draft)? else {
        return Err(answer::refused("there is no plan"));
    };
    if let Some((steps, calls)) = earlier {
        run.resume(steps, *calls);
    }
    let (run, refused) = session.carry_out(run, flags, output)?;
    for lost in draft.not_restored() {
        writeln!(output.err, "halon: not restored: {lost}")?;
    }
    let reported = report(global, &session, &run, refused.as_deref(), output);
    match session.ended {
        // Who sent it may have closed the terminal too.
        Some(number) => Ok(Code::Signal(number)),
        None => match (reported?, session.watch) {
            // What it contained before it stopped is watched as well.
            (code, Some(span)) if run.has_changed() => {
                let watched = trail::after_run(global, &mut session, run, span, output)?;
                Ok(if code == Code::Done { watched } else { code })
            }
            (code, _) => Ok(code),
        },
    }
}

/// Takes a run up again: the same playbook, unchanged, with the same inputs.
fn resume(
    global: &Global,
    run_id: &str,
    flags: &ConsentArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let mut session = Session::armed(global, flags)?;
    let records = session.records()?;
    let begun = started(&records, run_id)?;
    let id = begun.value["playbook"]["id"].as_str().unwrap_or_default();
    if id == "undo" {
        return Err(answer::usage(
            "an undo is begun again with `halon undo`: it takes back what is left",
        ));
    }
    let (loaded, playbook) = find(id)?;
    if begun.value["playbook"]["sha256"].as_str() != Some(&playbook.sha256) {
        return Err(answer::refused(format!(
            "{id} was edited since the run began: plan it anew instead"
        )));
    }
    let mut inputs = BTreeMap::new();
    for (name, input) in &playbook.inputs {
        let value = &begun.value["inputs"][name];
        let text = match value {
            Json::Array(many) => many.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(","),
            Json::String(text) => text.clone(),
            _ => continue,
        };
        inputs.insert(name.clone(), input.kind.parse(&text).map_err(answer::usage)?);
    }
    session.identify(output)?;
    session.run_id = Some(run_id.to_owned());
    // Where it was looked for at first; without a finding, everywhere.
    let account = begun.text("account").and_then(|a| a.parse().ok());
    let draft = session.plan(PlanSource::Playbook { playbook, inputs }, account);
    let earlier = (steps(&records, run_id), last_call(&records, run_id));
    carry_out(global, session, &draft, Some(&loaded), Some(&earlier), flags, output)
}

/// The record with which a run began.
pub fn started<'r>(records: &'r [Record], run_id: &str) -> anyhow::Result<&'r Record> {
    let of_run = |r: &&Record| r.kind() == Some(Kind::RunStart) && r.text("run") == Some(run_id);
    records.iter().find(of_run).ok_or_else(|| {
        answer::usage(format!(
            "no run {} in the audit log; `halon audit show` lists them",
            display(run_id)
        ))
    })
}

/// The number of the run's last call: correlation ids end in it.
fn last_call(records: &[Record], run_id: &str) -> u32 {
    let intents = records.iter().filter(|r| r.kind() == Some(Kind::Intent));
    let of_run = intents.filter(|r| r.text("run") == Some(run_id));
    let number = |r: &Record| r.corr()?.rsplit('.').next()?.parse().ok();
    of_run.filter_map(number).max().unwrap_or(0)
}

/// What the log says of a run's steps: id, state, answer.
fn steps(records: &[Record], run_id: &str) -> Vec<(String, String, Option<bool>)> {
    records
        .iter()
        .filter(|r| r.kind() == Some(Kind::Step) && r.text("run") == Some(run_id))
        .filter_map(|r| {
            let (step, state) = (r.text("step")?, r.text("state")?);
            Some((step.to_owned(), state.to_owned(), r.value["answer"].as_bool()))
        })
        .collect()
}
