//! `halon policy evaluate`: decisions over policies that are given, without AWS.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use super::{
    Output,
    answer::{Code, usage, write_json},
    text_file::{read_text, without_place},
};
use crate::{
    domain::untrusted::display_in,
    policy::{
        Caller, Context, Decision, Named, Policies, Policy, Reason, Request, Resource, evaluate,
    },
};

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Decide requests over the policies that are given with them: nobody is asked
    ///
    /// The answer is always JSON: an array with one decision for each request, in order.
    Evaluate {
        /// Requests as a JSON array or JSON lines (docs/CLI.md); - reads standard input
        #[arg(value_name = "FILE|-")]
        file: PathBuf,
    },
}

pub fn run(command: &PolicyCommand, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let PolicyCommand::Evaluate { file } = command;
    let (name, text) = read_text(file)?;
    let asked = asked(&name, &text)?;
    let mut answers = Vec::with_capacity(asked.len());
    for (at, raw) in asked.into_iter().enumerate() {
        let place = Place { file: &name, text: &text, case: at + 1 };
        answers.push(answer(&place, raw)?);
    }
    write_json(output, &answers)?;
    Ok(Code::Done)
}

/// The requests, each as its own JSON: the items of an array, or one value after another.
fn asked<'t>(name: &str, text: &'t str) -> anyhow::Result<Vec<&'t RawValue>> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = if bare.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<&RawValue>>(bare)
    } else {
        serde_json::Deserializer::from_str(bare).into_iter::<&RawValue>().collect()
    };
    read.map_err(|e| usage(format!("{name}:{}:{}: {}", e.line(), e.column(), without_place(&e))))
}

/// One request, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked<'t> {
    id: Value,
    principal: Principal,
    action: String,
    #[serde(borrow)]
    resource: Acted<'t>,
    #[serde(default)]
    context: BTreeMap<String, Value>,
    #[serde(default)]
    context_complete: bool,
    #[serde(default, borrow)]
    identity_policies: Vec<&'t RawValue>,
    #[serde(default, borrow)]
    boundary: Option<&'t RawValue>,
    #[serde(default, borrow)]
    session_policies: Option<Vec<&'t RawValue>>,
    #[serde(default, borrow)]
    scps: Option<Vec<Vec<&'t RawValue>>>,
    #[serde(default, borrow)]
    rcps: Option<Vec<Vec<&'t RawValue>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Principal {
    arn: String,
    tags: Option<BTreeMap<String, String>>,
    account: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Acted<'t> {
    arn: String,
    account: Option<String>,
    #[serde(default, borrow)]
    policy: Option<&'t RawValue>,
}

/// A policy with its name; without one it is the document itself.
#[derive(Deserialize)]
struct Written<'t> {
    name: Option<String>,
    #[serde(borrow)]
    document: &'t RawValue,
}

#[derive(Serialize)]
struct Answer {
    id: Value,
    decision: &'static str,
    by: Vec<Reason>,
    missing_context: Vec<String>,
    notes: Vec<String>,
}

/// Where a request stands, for messages.
struct Place<'t> {
    file: &'t str,
    text: &'t str,
    /// From 1.
    case: usize,
}

impl Place<'_> {
    /// The line, from 1, on which `part` begins, a piece of the file's text.
    fn line(&self, part: &str) -> usize {
        let offset = part.as_ptr() as usize - self.text.as_ptr() as usize;
        1 + self.text.as_bytes()[..offset].iter().filter(|b| **b == b'\n').count()
    }

    fn wrong(&self, part: &str, what: impl std::fmt::Display) -> anyhow::Error {
        usage(format!("{}:{}: request {}: {what}", self.file, self.line(part), self.case))
    }

    fn document(&self, raw: &RawValue, what: &str) -> anyhow::Result<Policy> {
        // A document may stand in a text, as AWS's own answers have it.
        let text = match serde_json::from_str::<String>(raw.get()) {
            Ok(inner) => {
                return Policy::parse(&inner)
                    .map_err(|e| self.wrong(raw.get(), format!("{what}: in its text at {e}")));
            }
            Err(_) => raw.get(),
        };
        Policy::parse(text).map_err(|malformed| {
            let first = self.line(text);
            let told: Vec<String> = malformed
                .mistakes
                .iter()
                .map(|m| {
                    let (file, line) = (self.file, first + m.line - 1);
                    format!("{file}:{line}: request {}: {what}: {}", self.case, m.what)
                })
                .collect();
            usage(told.join("\n"))
        })
    }

    fn named(&self, raw: &RawValue, what: String) -> anyhow::Result<Named> {
        match serde_json::from_str::<Written<'_>>(raw.get()) {
            Ok(written) => {
                let name = written.name.unwrap_or(what);
                let policy = self.document(written.document, &display_in(&name, 80))?;
                Ok(Named::new(name, policy))
            }
            Err(_) => Ok(Named::new(what.clone(), self.document(raw, &what)?)),
        }
    }

    fn list(&self, raws: &[&RawValue], what: &str) -> anyhow::Result<Vec<Named>> {
        (1..).zip(raws).map(|(n, raw)| self.named(raw, format!("{what} {n}"))).collect()
    }

    fn levels(&self, levels: &[Vec<&RawValue>], what: &str) -> anyhow::Result<Vec<Vec<Named>>> {
        let levels = levels.iter().enumerate();
        levels.map(|(n, level)| self.list(level, &format!("{what} at level {n},"))).collect()
    }
}

fn answer(place: &Place<'_>, raw: &RawValue) -> anyhow::Result<Answer> {
    let asked: Asked<'_> = serde_json::from_str(raw.get()).map_err(|e| {
        // A line within the request; the request's own first line comes before it.
        let line = place.line(raw.get()) + e.line().saturating_sub(1);
        usage(format!("{}:{line}: request {}: {}", place.file, place.case, without_place(&e)))
    })?;
    let wrong = |what: String| place.wrong(raw.get(), what);
    let request = request(&asked).map_err(wrong)?;
    let one = |raw: &RawValue, what: &str| place.named(raw, what.to_owned());
    let session = asked.session_policies.as_deref().filter(|list| !list.is_empty());
    let policies = Policies {
        identity: place.list(&asked.identity_policies, "identity policy")?,
        boundary: asked.boundary.map(|raw| one(raw, "boundary")).transpose()?,
        session: session.map(|list| place.list(list, "session policy")).transpose()?,
        resource: asked.resource.policy.map(|raw| one(raw, "resource policy")).transpose()?,
        scps: place.levels(asked.scps.as_deref().unwrap_or_default(), "SCP")?,
        rcps: place.levels(asked.rcps.as_deref().unwrap_or_default(), "RCP")?,
    };
    let Decision { outcome, by, missing, notes, .. } = evaluate(&request, &policies);
    Ok(Answer { id: asked.id, decision: outcome.word(), by, missing_context: missing, notes })
}

fn request(asked: &Asked<'_>) -> Result<Request, String> {
    let arn = &asked.principal.arn;
    let Some(mut caller) = Caller::new(arn) else {
        let what = "is not the ARN of a user, role, role session, federated user or root";
        return Err(format!("principal.arn {} {what}", display_in(arn, 100)));
    };
    let tags = asked.principal.tags.as_ref();
    caller.tags = tags.map(|t| t.iter().map(|(k, v)| (k.clone(), v.clone())).collect());
    if let Some(account) = &asked.principal.account {
        caller.account.clone_from(account);
    }
    let action = asked.action.trim();
    if !action.contains(':') || action.contains(['*', '?']) {
        let action = display_in(action, 100);
        return Err(format!("action {action} is not one action, service:Name"));
    }
    let mut context = if asked.context_complete { Context::complete() } else { Context::default() };
    for (key, value) in &asked.context {
        let values = Context::values(value);
        context.set(key, values.map_err(|why| format!("context {}: {why}", display_in(key, 80)))?);
    }
    let resource =
        Resource { arn: asked.resource.arn.clone(), account: asked.resource.account.clone() };
    Ok(Request::new(caller, action, resource, context))
}
