//! `halon iam scan`: what is wrong with the policies of an account, for every principal.

use std::collections::HashMap;

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    report,
    source::{self, Account, Loaded, SourceArgs},
};
use crate::{
    cli::{
        Output,
        answer::{Code, Document, write_json},
        args::Global,
        looking::{Looking, told},
        org,
    },
    domain::{
        Band, Fault, FaultKind, Gap, Service, Untrusted,
        authorization::{Authorization, Holder},
        organization::View,
        untrusted::{display, display_in},
    },
    policy::lint::{self, Lint},
};

#[derive(Debug, ClapArgs)]
pub struct ScanArgs {
    #[command(flatten)]
    pub source: SourceArgs,
    /// At least this severity: informational, low, medium, high, critical
    #[arg(long, default_value_t = Band::High)]
    pub severity: Band,
}

/// What an account's scan found.
pub struct Scanned<'a> {
    pub account: &'a Account,
    /// The worst first; those below the severity asked for are only counted.
    pub lints: Vec<Lint>,
    pub below: usize,
}

/// A user, group or role.
pub struct Who<'a> {
    pub kind: &'static str,
    pub holder: &'a Holder,
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    document: Document<'a, Value>,
    /// The file that was read, or null.
    file: Option<String>,
    severity: Band,
    /// Whether the organization's policies were looked at.
    organization: bool,
    /// Why they were not, or null.
    organization_unseen: Option<&'a str>,
    /// Everybody, also who has no findings.
    principals: Vec<Value>,
    /// How many findings are less severe than was asked for.
    below: usize,
}

pub fn run(global: &Global, args: &ScanArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let Ground { mut loaded, organization: seen, unseen } = load(global, args, output)?;
    let organization = seen.as_ref().and_then(org::source::Loaded::organization);
    let gaps: Vec<Gap> = loaded.accounts.iter().flat_map(unlisted).collect();
    loaded.gaps.extend(gaps);
    let at_least = |lints: Vec<Lint>| -> (Vec<Lint>, usize) {
        let all = lints.len();
        let kept: Vec<Lint> = lints.into_iter().filter(|l| l.severity >= args.severity).collect();
        let below = all - kept.len();
        (kept, below)
    };
    let scanned: Vec<Scanned<'_>> = loaded
        .accounts
        .iter()
        .map(|account| {
            let (lints, below) = at_least(lint::account(&account.authorization, organization));
            Scanned { account, lints, below }
        })
        .collect();
    let (above, below_above) = at_least(organization.map(lint::organization).unwrap_or_default());
    let below = below_above + scanned.iter().map(|s| s.below).sum::<usize>();
    if global.json {
        let items: Vec<Value> = items(&scanned, &above);
        let document = Document::new("halon.iam-scan/1", loaded.as_of, &loaded.gaps, &items);
        let answer = Answer {
            document,
            file: args.source.file.as_ref().map(|f| display(&f.to_string_lossy())),
            severity: args.severity,
            organization: organization.is_some(),
            organization_unseen: unseen.as_deref(),
            principals: scanned.iter().flat_map(principals).collect(),
            below,
        };
        write_json(output, &answer)?;
    } else {
        for scanned in &scanned {
            for line in report::account(scanned) {
                writeln!(output.out, "{line}")?;
            }
        }
        for line in report::organization(&above) {
            writeln!(output.out, "{line}")?;
        }
        if below > 0 {
            let floor = args.severity;
            writeln!(output.err, "halon: {below} more below {floor}: --severity informational")?;
        }
    }
    told(&loaded.gaps, output)
}

/// What is scanned.
struct Ground {
    loaded: Loaded,
    organization: Option<org::source::Loaded>,
    /// Why the organization's policies were not looked at, where they were not.
    unseen: Option<String>,
}

/// The account's details; and the organization, where somebody may see it.
fn load(global: &Global, args: &ScanArgs, output: &mut Output<'_>) -> anyhow::Result<Ground> {
    if args.source.file.is_some() {
        let loaded = source::load(global, &args.source)?;
        let unseen = Some("a file says nothing of an organization".to_owned());
        return Ok(Ground { loaded, organization: None, unseen });
    }
    let mut looking = Looking::open(global, Service::Iam)?;
    let mut loaded = source::ask(&mut looking)?;
    let asked = org::source::ask(&mut looking);
    let unseen = match &asked {
        Err(why) => Some(format!("the organization could not be asked about: {why}")),
        Ok(seen) => match &*seen.view {
            View::NotVisible { why, .. } => {
                Some(format!("the organization is not to be seen from here: {why}"))
            }
            View::None => Some("the account is in no organization".to_owned()),
            View::Seen(_) => {
                loaded.gaps.extend(seen.gaps.iter().cloned());
                None
            }
        },
    };
    if let Some(why) = &unseen {
        writeln!(output.err, "halon: no policies of an organization were looked at: {why}")?;
    }
    Ok(Ground { loaded, organization: asked.ok(), unseen })
}

/// Policies that somebody holds and whose documents are not there.
fn unlisted(account: &Account) -> Vec<Gap> {
    let all = &account.authorization;
    let known = |arn: &Untrusted| all.policy(arn.raw()).is_some_and(|p| p.document().is_some());
    let mut missing: Vec<&Untrusted> = all
        .holders()
        .flat_map(|h| h.attached.iter().chain(&h.boundary))
        .filter(|arn| !known(arn))
        .collect();
    missing.sort();
    missing.dedup();
    let place = account.id.as_ref().map_or("the file", |id| id.as_str());
    let gap = |arn: &Untrusted| Gap {
        source: Service::Iam,
        account: place.into(),
        region: None,
        page: None,
        why: Fault::new(
            FaultKind::Unreadable,
            format!(
                "the document of {} is not in the account's details",
                display_in(arn.raw(), 120)
            ),
        ),
    };
    missing.into_iter().map(gap).collect()
}

/// Everybody in the account, in its order.
pub fn everybody(all: &Authorization) -> Vec<Who<'_>> {
    let users = all.users.iter().map(|u| Who { kind: "user", holder: &u.holder });
    let groups = all.groups.iter().map(|g| Who { kind: "group", holder: &g.holder });
    let roles = all.roles.iter().map(|r| Who { kind: "role", holder: &r.holder });
    users.chain(groups).chain(roles).collect()
}

/// How many findings of each severity a principal has.
pub fn counts(lints: &[Lint]) -> HashMap<&str, [usize; 5]> {
    let mut counts: HashMap<&str, [usize; 5]> = HashMap::new();
    for lint in lints {
        for principal in &lint.principals {
            counts.entry(principal.raw()).or_default()[lint.severity as usize] += 1;
        }
    }
    counts
}

fn principals(scanned: &Scanned<'_>) -> Vec<Value> {
    let counts = counts(&scanned.lints);
    let item = |who: Who<'_>| {
        let of = counts.get(who.holder.arn.raw()).copied().unwrap_or_default();
        let by_severity: serde_json::Map<String, Value> =
            Band::ALL.iter().rev().map(|b| (b.name().to_owned(), of[*b as usize].into())).collect();
        json!({
            "principal": who.holder.arn,
            "kind": who.kind,
            "name": who.holder.name,
            "account": scanned.account.id,
            "findings": by_severity,
        })
    };
    everybody(&scanned.account.authorization).into_iter().map(item).collect()
}

/// A row for each principal of each finding; one without a principal where nobody holds the
/// policy.
fn items(scanned: &[Scanned<'_>], above: &[Lint]) -> Vec<Value> {
    let of_account =
        scanned.iter().flat_map(|s| s.lints.iter().map(move |lint| (s.account.id.as_ref(), lint)));
    let all = of_account.chain(above.iter().map(|lint| (None, lint)));
    all.flat_map(|(account, lint)| {
        let item = move |principal: Option<&Untrusted>| {
            let place = lint.statement.as_ref();
            json!({
                "principal": principal,
                "policy": lint.policy.name,
                "policy_arn": lint.policy.arn,
                "policy_kind": lint.policy.kind,
                "statement": place.and_then(|p| p.index),
                "sid": place.and_then(|p| p.sid.as_ref()),
                "line": place.map(|p| p.line),
                "column": place.map(|p| p.column),
                "severity": lint.severity,
                "rule": lint.rule,
                "sentence": lint.sentence,
                "suggestion": lint.suggestion,
                "account": account,
            })
        };
        let mut items: Vec<Value> = lint.principals.iter().map(|p| item(Some(p))).collect();
        if items.is_empty() {
            items.push(item(None));
        }
        items
    })
    .collect()
}
