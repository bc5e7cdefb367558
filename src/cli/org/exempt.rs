//! `halon org exempt`: whether a role is exempt from what stands above it.

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::{Value, json};

use super::source;
use crate::{
    case::{Exemptible, RoleAt, Unanswerable},
    cli::{
        Output,
        answer::{Code, Document, write_json},
        args::Global,
        looking::{Looking, told},
    },
    domain::{Service, Untrusted, untrusted::display_in},
    policy::exempt::{
        Analysis, Breaks, Exemption, Fix, JOB, LevelReport, Spared, Standing, StatementReport,
        Taken, Verdict, Way, analyse,
    },
    ui::{
        standing::{self, Said, Tone},
        statement,
    },
};

/// Columns of the text.
const WIDTH: usize = 80;

#[derive(Debug, ClapArgs)]
pub struct ExemptArgs {
    /// The role's ARN, or that of one of its sessions
    #[arg(value_name = "ROLE_ARN")]
    pub role: RoleAt,
}

/// What was found out, with the ground it stands on.
struct Found {
    known: Exemptible,
    analysis: Analysis,
}

pub fn run(global: &Global, args: &ExemptArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let mut looking = Looking::open(global, Service::Organizations)?;
    let loaded = source::ask(&mut looking)?;
    let mut gaps = loaded.gaps.clone();
    // No policy binds those of the management account, whoever they are.
    let management = loaded.organization().map(|organization| organization.management.clone());
    if management.as_ref() != Some(&args.role.account) {
        looking.case.look_at_role(&args.role, false);
        looking.look();
        gaps.extend(looking.case.role_gaps(&args.role));
    }
    let found = match looking.case.exemptible(&args.role) {
        Ok(known) => {
            let analysis = analyse(&known.question);
            Ok(Found { known, analysis })
        }
        Err(why) => Err(why),
    };
    if global.json {
        write(
            output,
            &args.role,
            &found,
            Document::new("halon.org-exempt/1", loaded.as_of, &gaps, &[]),
        )?;
    } else if let Ok(found) = &found {
        for line in text(found) {
            writeln!(output.out, "{line}")?;
        }
    }
    let incomplete = told(&gaps, output)?;
    let code = match &found {
        // Above it stands nothing: there is nothing to be exempt of.
        Err(why @ Unanswerable::NoOrganization) => {
            writeln!(output.err, "halon: {}", why.sentence())?;
            Code::Done
        }
        Err(why) => {
            writeln!(output.err, "halon: {}", why.sentence())?;
            Code::Incomplete
        }
        Ok(found) => match found.analysis.verdict {
            Verdict::NotExempt => Code::Failed,
            Verdict::Unknown => Code::Incomplete,
            Verdict::NotBound(_) => Code::Done,
            Verdict::Exempt => unseen(&looking, args, found, output)?,
        },
    };
    Ok(if code == Code::Done { incomplete } else { code })
}

/// An ARN with a slip in it would be exempt of everything that names no role.
fn unseen(
    looking: &Looking,
    args: &ExemptArgs,
    found: &Found,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    if found.known.is_seen {
        return Ok(Code::Done);
    }
    match looking.case.target_of(&args.role.account) {
        None => {
            let account = &args.role.account;
            writeln!(
                output.err,
                "halon: account {account} is not signed in to: whether it has such a role is not known"
            )?;
        }
        Some(target) => writeln!(output.err, "halon: no such role was seen in {target}")?,
    }
    Ok(Code::Incomplete)
}

fn text(found: &Found) -> Vec<String> {
    let Found { known, analysis, .. } = found;
    let question = &known.question;
    let mut out = Vec::new();
    let mut put = |left: usize, said: Said| out.extend(standing::wrapped(&said, left, WIDTH));
    let plain = |text: String| Said { tone: Tone::Plain, indent: 0, text };
    put(0, plain(display_in(&question.role.arn, 2048)));
    put(0, plain(tags(known)));
    let regions: Vec<&str> = question.regions.iter().map(|r| r.as_str()).collect();
    put(0, plain(format!("tried in {}", regions.join(", "))));
    let (word, _) = standing::verdict(analysis.verdict);
    put(0, plain(format!("{word}. {}", analysis.verdict.sentence())));
    if let Some(why) = &analysis.missing {
        put(0, plain(format!("There may be more: {why}.")));
    }
    for level in &analysis.levels {
        let target = display_in(level.target.raw(), 40);
        put(0, plain(String::new()));
        put(0, plain(format!("{target} {}", display_in(level.name.raw(), 60))));
        for statement in &level.statements {
            let (word, _) = standing::word(statement.standing);
            put(2, plain(format!("{word:<9} {}", standing::title(statement))));
            standing::statement(statement, &question.regions)
                .into_iter()
                .for_each(|said| put(4, said));
        }
        standing::level(level, &question.regions).into_iter().for_each(|said| put(2, said));
    }
    if let Some(repaired) = analysis.repaired {
        put(0, plain(String::new()));
        put(0, plain(repair(repaired).to_owned()));
    }
    out
}

fn tags(known: &Exemptible) -> String {
    let tags = match &known.question.role.tags {
        None => return "tags: not known".to_owned(),
        Some(tags) => tags,
    };
    let each = tags.iter().map(|(k, v)| format!("{} = {}", display_in(k, 128), display_in(v, 256)));
    let each: Vec<String> = each.collect();
    if each.is_empty() { "tags: none".to_owned() } else { format!("tags: {}", each.join(", ")) }
}

fn repair(repaired: bool) -> &'static str {
    match repaired {
        true => "With the first fix of each the whole job is let through, as evaluation confirms.",
        false => "Not all of it can be fixed by exemptions of this role.",
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    document: Document<'a, Value>,
    role: Value,
    verdict: &'static str,
    sentence: &'static str,
    regions: Vec<&'a str>,
    job: Vec<Value>,
    levels: Vec<Value>,
    refused: Vec<Value>,
    repaired: Option<bool>,
    /// Why policies may stand there that were not told of, or null.
    missing: Option<&'a str>,
}

fn write(
    output: &mut Output<'_>,
    role: &RoleAt,
    found: &Result<Found, Unanswerable>,
    document: Document<'_, Value>,
) -> anyhow::Result<()> {
    let analysis = found.as_ref().ok().map(|found| &found.analysis);
    let known = found.as_ref().ok().map(|found| &found.known);
    let items: Vec<Value> = analysis.iter().flat_map(|a| a.statements()).map(item).collect();
    let (verdict, sentence) = match found {
        Ok(found) => (found.analysis.verdict.word(), found.analysis.verdict.sentence()),
        Err(why @ Unanswerable::NoOrganization) => ("not_bound", why.sentence()),
        Err(why) => ("unknown", why.sentence()),
    };
    let tags = known.and_then(|known| known.question.role.tags.as_ref());
    let tags = tags.map(|tags| tags.iter().cloned().collect::<std::collections::BTreeMap<_, _>>());
    let arn = known.map_or(role.arn.raw(), |known| &known.question.role.arn);
    let answer = Answer {
        document: Document { items: &items, ..document },
        role: json!({"arn": arn, "account": role.account, "name": role.name, "tags": tags}),
        verdict,
        sentence,
        regions: known.iter().flat_map(|k| &k.question.regions).map(|r| r.as_str()).collect(),
        job: JOB.iter().map(|call| json!(call)).collect(),
        levels: analysis.iter().flat_map(|a| &a.levels).map(level).collect(),
        refused: analysis.iter().flat_map(|a| &a.refused).map(breaks).collect(),
        repaired: analysis.and_then(|a| a.repaired),
        missing: analysis.and_then(|a| a.missing.as_deref()),
    };
    write_json(output, &answer)
}

fn item((level, report): (usize, &StatementReport)) -> Value {
    let statement = &report.statement;
    json!({
        "level": level,
        "policy": report.policy,
        "policy_id": report.policy_id,
        "kind": report.kind.name(),
        "statement": report.at,
        "sid": statement.sid.as_deref().filter(|s| !s.is_empty()),
        "line": statement.line,
        "column": statement.column,
        "effect": statement.effect.word(),
        "document": statement.to_json(),
        "standing": report.standing.word(),
        "spared_by": spared(report.standing),
        "breaks": report.breaks.iter().map(breaks).collect::<Vec<_>>(),
        "exemptions": report.exemptions.iter().map(|e| exemption(report, e)).collect::<Vec<_>>(),
        "fixes": report.fixes.iter().map(fix).collect::<Vec<_>>(),
    })
}

fn spared(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Spares(Spared::NotAction) => Some("not_action"),
        Standing::Spares(Spared::Action) => Some("action"),
        Standing::Spares(Spared::Elsewhere) => Some("elsewhere"),
        _ => None,
    }
}

fn level(report: &LevelReport) -> Value {
    let unreadable = report.unreadable.iter().map(|(policy, why)| {
        let mistakes: Vec<String> = why.mistakes.iter().map(ToString::to_string).collect();
        json!({"policy": policy, "mistakes": mistakes})
    });
    json!({
        "target": report.target,
        "name": report.name,
        "lacking": report.lacking.iter().map(breaks).collect::<Vec<_>>(),
        "fix": report.fix.as_ref().map(fix),
        "unreadable": unreadable.collect::<Vec<_>>(),
    })
}

fn breaks(breaks: &Breaks) -> Value {
    json!({
        "action": breaks.call.action,
        "purpose": breaks.call.purpose,
        "regions": breaks.regions,
        "only_on": breaks.only_on,
        "depends_on": breaks.depends_on,
    })
}

fn exemption(report: &StatementReport, exemption: &Exemption) -> Value {
    let test = report.statement.conditions.get(exemption.test);
    let role = match exemption.role {
        Taken::Out => "exempt",
        Taken::Not => "not_exempt",
        Taken::Perhaps => "unknown",
    };
    let tag = exemption.tag.as_ref().map(
        |tag| json!({"key": tag.key, "value": tag.value, "open": tag.open, "unknown": tag.unknown}),
    );
    json!({
        "condition": test.map(statement::condition),
        "role": role,
        "by_name": exemption.by_name,
        "others": exemption.others,
        "more_others": exemption.more,
        "tag": tag,
    })
}

fn fix(fix: &Fix) -> Value {
    let (way, tag): (_, Option<(&Untrusted, &Untrusted)>) = match &fix.way {
        Way::Tag { key, value } => ("tag", Some((key, value))),
        Way::Arn => ("arn", None),
        Way::Allow => ("allow", None),
    };
    json!({
        "way": way,
        "tag": tag.map(|(key, value)| json!({"key": key, "value": value})),
        "added": fix.added,
        "statement": fix.statement,
        "lets_through": fix.lets_through,
        "warnings": fix.warnings,
    })
}
