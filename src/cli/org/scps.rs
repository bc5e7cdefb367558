//! `halon org scps`: the effective stack of policies above one account.

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::{Value, json};

use super::source;
use crate::{
    cli::{
        Output,
        answer::{Code, Document, write_json},
        args::Global,
        iam::document,
        looking::told,
    },
    domain::{
        AccountId,
        organization::{Level, OrgPolicy, View},
        untrusted::display_in,
    },
    ui::statement,
};

#[derive(Debug, ClapArgs)]
pub struct ScpsArgs {
    /// The account that they stand above
    #[arg(long, value_name = "ID")]
    pub account: AccountId,
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    document: Document<'a, Value>,
    state: &'static str,
    account: &'a AccountId,
    /// Service control policies do nothing to principals of the management account.
    management: Option<bool>,
}

pub fn run(global: &Global, args: &ScpsArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let loaded = source::load(global)?;
    let organization = loaded.organization();
    let levels = organization.map(|o| o.levels(&args.account)).unwrap_or_default();
    if let (Some(organization), true) = (organization, levels.is_empty() && loaded.gaps.is_empty())
    {
        let id = display_in(organization.id.raw(), 60);
        anyhow::bail!("account {} is not in organization {id}", args.account);
    }
    let management = organization.map(|o| o.management == args.account);
    if global.json {
        let items: Vec<Value> = levels.iter().map(item).collect();
        let document = Document::new("halon.org-scps/1", loaded.as_of, &loaded.gaps, &items);
        let (state, account) = (loaded.state(), &args.account);
        write_json(output, &Answer { document, state, account, management })?;
    } else {
        for level in &levels {
            let name = display_in(level.name.raw(), 60);
            writeln!(output.out, "{} {name}", display_in(level.target, 40))?;
            for policy in level.scps.iter().chain(&level.rcps) {
                for line in lines(policy) {
                    writeln!(output.out, "  {line}")?;
                }
            }
            if level.scps.is_empty() && level.rcps.is_empty() {
                writeln!(output.out, "  nothing is attached here")?;
            }
        }
        match &*loaded.view {
            View::Seen(_) if management == Some(true) => writeln!(
                output.err,
                "halon: {} is the management account: no SCP applies to its users and roles",
                args.account
            )?,
            View::Seen(_) => {}
            View::NotVisible { .. } => writeln!(
                output.err,
                "halon: the organization is not to be seen from here: what stands above {} is not known",
                args.account
            )?,
            View::None => writeln!(output.err, "halon: the account is in no organization")?,
        }
    }
    told(&loaded.gaps, output)
}

fn item(level: &Level<'_>) -> Value {
    let policies = |policies: &[&OrgPolicy]| {
        let each = policies.iter().map(|policy| {
            json!({
                "id": policy.id,
                "name": policy.name,
                "aws_managed": policy.aws_managed,
                "document": (!policy.document.is_empty()).then(|| document(&policy.document)),
            })
        });
        each.collect::<Vec<_>>()
    };
    json!({
        "target": level.target,
        "name": level.name,
        "scps": policies(&level.scps),
        "rcps": policies(&level.rcps),
    })
}

fn lines(policy: &OrgPolicy) -> Vec<String> {
    let (id, name) = (display_in(policy.id.raw(), 60), display_in(policy.name.raw(), 80));
    let mut out = vec![format!("{} {name} ({id})", policy.kind.name())];
    if policy.document.is_empty() {
        out.push("  its document could not be read".to_owned());
    } else {
        let (Ok(said) | Err(said)) = statement::lines(policy.document.raw());
        out.extend(said.into_iter().map(|line| format!("  {line}")));
    }
    out
}
