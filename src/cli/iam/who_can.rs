//! `halon iam who-can`: the users and roles that may do something.

use serde::Serialize;

use super::{
    can::one_action,
    principal::{ContextArgs, Ground},
    source::SourceArgs,
};
use crate::{
    cli::{
        Output,
        answer::{Code, Document, usage, write_json},
        args::Global,
        looking::told,
    },
    domain::untrusted::{display, display_in},
    policy::{Context, Decision, Reason, Request, Resource, Resources, Standing},
};

#[derive(Debug, clap::Args)]
pub struct WhoCanArgs {
    /// One action, such as iam:CreateAccessKey
    #[arg(value_name = "ACTION")]
    action: String,
    /// The resource's ARN; without it, what each principal's own statements name
    #[arg(value_name = "RESOURCE")]
    resource: Option<String>,
    #[command(flatten)]
    context: ContextArgs,
    #[command(flatten)]
    source: SourceArgs,
}

/// A principal that can, or perhaps can.
#[derive(Serialize)]
struct Item {
    principal: String,
    account: String,
    decision: &'static str,
    /// ARNs, or the patterns of statements where no resource was given.
    resources: Vec<String>,
    by: Vec<Reason>,
    missing_context: Vec<String>,
    notes: Vec<String>,
    #[serde(skip)]
    sentences: Vec<String>,
}

pub fn run(global: &Global, args: &WhoCanArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let action = args.action.trim();
    one_action(action).map_err(usage)?;
    let ground = Ground::load(global, &args.source)?;
    let context = args.context.context(global, ground.as_of);
    let mut items: Vec<Item> = Vec::new();
    let mut looked_at = 0;
    for account in &ground.accounts {
        let all = &account.authorization;
        let users = all.users.iter().map(|u| &u.holder);
        for holder in users.chain(all.roles.iter().map(|r| &r.holder)) {
            let Some(standing) = account.standing(holder.arn.raw(), &ground.above) else {
                continue;
            };
            looked_at += 1;
            let resources = match &args.resource {
                Some(resource) => vec![resource.clone()],
                None => named(&standing, action, &context),
            };
            for resource in resources {
                let decision = standing.decide(action, &resource, context.clone());
                add(&mut items, &standing, resource, &decision);
            }
        }
    }
    // Those who can for certain first.
    items.sort_by_key(|item| item.decision != "allowed");
    if global.json {
        let document = Document::new("halon.iam-who-can/1", ground.as_of, &ground.gaps, &items);
        write_json(output, &document)?;
    } else {
        for item in &items {
            let principal = display(&item.principal);
            writeln!(output.out, "{:<7}  {principal}", item.decision)?;
            let on = item.resources.iter().map(|r| format!("on {}", display_in(r, 200)));
            for line in on.chain(item.sentences.iter().map(|s| display(s))) {
                for line in textwrap::wrap(&line, 70) {
                    writeln!(output.out, "         {line}")?;
                }
            }
        }
    }
    let count = items.len();
    writeln!(output.err, "halon: {count} of {looked_at} users and roles can, or perhaps can")?;
    let open = items.iter().any(|i| i.decision == "unknown");
    let code = told(&ground.gaps, output)?;
    Ok(if open { Code::Incomplete } else { code })
}

/// The resources that the principal's allowing statements name for an action. A pattern
/// stands for what it matches: as a resource it is matched by itself and by what is wider.
fn named(standing: &Standing, action: &str, context: &Context) -> Vec<String> {
    let folded = action.to_ascii_lowercase();
    let any = Resource { arn: "*".to_owned(), account: None };
    let request = Request::new(standing.caller.clone(), action, any, context.clone());
    let identity = &standing.policies.identity;
    let statements = identity.iter().flat_map(|named| &named.policy.statements);
    let mut resources: Vec<String> = Vec::new();
    for statement in statements.filter(|s| s.is_allow() && s.actions.cover(&folded)) {
        match &statement.resources {
            Some(Resources::These(these)) => {
                resources.extend(these.items.iter().map(|p| p.sample(&request)));
            }
            Some(Resources::AllBut(_)) | None => resources.push("*".to_owned()),
        }
    }
    // What is unread may allow anything.
    if resources.is_empty() && !standing.unread.is_empty() {
        resources.push("*".to_owned());
    }
    resources.sort();
    resources.dedup();
    resources
}

fn add(items: &mut Vec<Item>, standing: &Standing, resource: String, decision: &Decision) {
    let verdict = decision.verdict();
    if verdict == "denied" {
        return;
    }
    let principal = &standing.caller.arn;
    let sentences = decision.sentences();
    // The same principal for the same reason: one line with all resources.
    let same = |i: &&mut Item| {
        i.principal == *principal && i.decision == verdict && i.sentences == sentences
    };
    match items.iter_mut().find(same) {
        Some(known) => known.resources.push(resource),
        None => items.push(Item {
            principal: principal.clone(),
            account: standing.caller.account.clone(),
            decision: verdict,
            resources: vec![resource],
            by: decision.by.clone(),
            missing_context: decision.missing.clone(),
            notes: decision.notes.clone(),
            sentences,
        }),
    }
}
