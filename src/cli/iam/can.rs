//! `halon iam can`: what of a list of calls would be allowed, and what stops the rest.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    principal::{ContextArgs, Ground},
    source::SourceArgs,
};
use crate::{
    cli::{
        Output,
        answer::{Code, Document, usage, write_json},
        args::Global,
        looking::told,
        text_file::{read_text, without_place},
    },
    domain::untrusted::{display, display_in},
    policy::{Context, Decision, Reason},
};

#[derive(Debug, clap::Args)]
pub struct CanArgs {
    /// A role, or a user: name or ARN
    #[arg(value_name = "ROLE")]
    role: String,
    /// The calls: lines of `service:Action [resource ARN]`, or JSON objects with `action`,
    /// `resource` and `context`, as an array or one after another; - reads standard input
    #[arg(long, value_name = "FILE")]
    calls: PathBuf,
    #[command(flatten)]
    context: ContextArgs,
    #[command(flatten)]
    source: SourceArgs,
}

pub fn run(global: &Global, args: &CanArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let (name, text) = read_text(&args.calls)?;
    let calls = calls(&name, &text)?;
    let ground = Ground::load(global, &args.source)?;
    let standing = ground.standing(&args.role)?;
    let base = args.context.context(global, ground.as_of);
    let mut items = Vec::with_capacity(calls.len());
    for call in calls {
        let mut context = base.clone();
        for (key, values) in &call.context {
            context.set(key, values.clone());
        }
        let decision = standing.decide(&call.action, &call.resource, context);
        items.push(Item::new(standing.caller.arn.clone(), call, decision));
    }
    if global.json {
        let document = Document::new("halon.iam-can/1", ground.as_of, &ground.gaps, &items);
        write_json(output, &document)?;
    } else {
        for item in &items {
            item.print(output)?;
        }
    }
    let gaps = told(&ground.gaps, output)?;
    let any = |verdict| items.iter().filter(|i| i.decision.verdict() == verdict).count();
    let (denied, unknown) = (any("denied"), any("unknown"));
    if denied > 0 {
        writeln!(output.err, "halon: {denied} of {} calls would be denied", items.len())?;
        return Ok(Code::Failed);
    }
    if unknown > 0 {
        writeln!(output.err, "halon: of {unknown} of {} calls it is not known", items.len())?;
        return Ok(Code::Incomplete);
    }
    Ok(gaps)
}

/// One line of the table.
#[derive(Serialize)]
pub struct Item {
    pub principal: String,
    pub action: String,
    pub resource: String,
    #[serde(rename = "decision", serialize_with = "word")]
    decision: Decision,
    by: Vec<Reason>,
    missing_context: Vec<String>,
    notes: Vec<String>,
}

fn word<S: serde::Serializer>(decision: &Decision, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(decision.outcome.word())
}

impl Item {
    fn new(principal: String, call: Call, decision: Decision) -> Self {
        Self {
            principal,
            action: call.action,
            resource: call.resource,
            by: decision.by.clone(),
            missing_context: decision.missing.clone(),
            notes: decision.notes.clone(),
            decision,
        }
    }

    fn print(&self, output: &mut Output<'_>) -> anyhow::Result<()> {
        let (action, resource) = (display(&self.action), display(&self.resource));
        writeln!(output.out, "{:<7}  {action}  {resource}", self.decision.verdict())?;
        for sentence in self.decision.sentences() {
            for line in textwrap::wrap(&display(&sentence), 70) {
                writeln!(output.out, "         {line}")?;
            }
        }
        Ok(())
    }
}

/// A call to be judged.
struct Call {
    action: String,
    resource: String,
    context: Vec<(String, Option<Vec<String>>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    action: String,
    #[serde(default)]
    resource: Option<String>,
    #[serde(default)]
    context: serde_json::Map<String, Value>,
}

fn calls(name: &str, text: &str) -> anyhow::Result<Vec<Call>> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = bare.trim_start().chars().next();
    let calls = match first {
        Some('[') => {
            let written: Vec<Written> = serde_json::from_str(bare).map_err(|e| json(name, &e))?;
            written.into_iter().map(|w| call(name, w)).collect::<Result<Vec<_>, _>>()?
        }
        Some('{') => serde_json::Deserializer::from_str(bare)
            .into_iter::<Written>()
            .map(|w| call(name, w.map_err(|e| json(name, &e))?))
            .collect::<Result<Vec<_>, _>>()?,
        _ => lines(name, bare)?,
    };
    if calls.is_empty() {
        return Err(usage(format!("{name}: it names no call")));
    }
    Ok(calls)
}

fn json(name: &str, error: &serde_json::Error) -> anyhow::Error {
    usage(format!("{name}:{}:{}: {}", error.line(), error.column(), without_place(error)))
}

fn call(name: &str, written: Written) -> anyhow::Result<Call> {
    let action = written.action.trim().to_owned();
    one_action(&action).map_err(|why| usage(format!("{name}: {why}")))?;
    let mut context = Vec::new();
    for (key, value) in written.context {
        let values = Context::values(&value)
            .map_err(|why| usage(format!("{name}: context {}: {why}", display_in(&key, 80))))?;
        context.push((key, values));
    }
    Ok(Call { action, resource: written.resource.unwrap_or_else(|| "*".to_owned()), context })
}

fn lines(name: &str, text: &str) -> anyhow::Result<Vec<Call>> {
    let mut calls = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let Some(action) = words.next() else { continue };
        let resource = words.next().unwrap_or("*");
        let wrong = |what: String| usage(format!("{name}:{number}: {what}"));
        one_action(action).map_err(wrong)?;
        if words.next().is_some() {
            return Err(wrong("a line is `service:Action` and at most one resource".to_owned()));
        }
        let (action, resource) = (action.to_owned(), resource.to_owned());
        calls.push(Call { action, resource, context: Vec::new() });
    }
    Ok(calls)
}

/// One action, without wildcards.
pub fn one_action(action: &str) -> Result<(), String> {
    let whole = action.split_once(':').is_some_and(|(s, a)| !s.is_empty() && !a.is_empty());
    if whole && !action.contains(['*', '?']) {
        return Ok(());
    }
    Err(format!("{} is not one action, service:Name", display_in(action, 100)))
}
