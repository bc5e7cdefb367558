//! `halon drill ready`: could the break-glass roles do the playbooks' steps today?

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use clap::Args as ClapArgs;
use serde_json::Value;

use super::collected;
use crate::{
    case::RoleAt,
    cli::{
        Output,
        answer::{self, Code, Document, write_json},
        args::Global,
        looking::{Looking, told},
        org, playbook,
    },
    domain::{
        AccountId, Gap, Principal, Service,
        organization::{Organization, View},
        untrusted::display_in,
    },
    drill::{
        Readiness,
        ready::{Answer, Question, Reason, Role, Seat},
    },
    playbook::{HowToAssume, Loaded},
    policy::Above,
};

/// Columns of the text.
const WIDTH: usize = 80;
/// Columns of a playbook's name, and of each account.
const NAME: usize = 26;
const ACCOUNT: usize = 14;

#[derive(Debug, ClapArgs)]
pub struct ReadyArgs {
    /// Only this account; may be given several times
    #[arg(long, value_name = "ID", action = clap::ArgAction::Append)]
    pub account: Vec<AccountId>,
    /// Only this playbook; may be given several times
    #[arg(long, value_name = "NAME", action = clap::ArgAction::Append)]
    pub playbook: Vec<String>,
    /// Judge this role too, as if halon.toml named it for break-glass; may be given several
    /// times
    #[arg(long, value_name = "ROLE_ARN", action = clap::ArgAction::Append)]
    pub role: Vec<RoleAt>,
    /// Read an account from what `aws iam get-account-authorization-details` prints, and ask
    /// nobody; may be given several times
    #[arg(long, value_name = "FILE", action = clap::ArgAction::Append)]
    pub file: Vec<PathBuf>,
    /// With --file: what stands above the accounts, as `halon org tree --json` prints it
    #[arg(long, value_name = "FILE", requires = "file")]
    pub organization: Option<PathBuf>,
}

/// What the answer rests on.
pub struct Ground {
    pub seats: Vec<Seat>,
    pub above: Arc<Above>,
    pub management: Option<AccountId>,
    pub how: HowToAssume,
    pub gaps: Vec<Gap>,
    pub now: jiff::Timestamp,
}

pub fn run(global: &Global, args: &ReadyArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let playbooks = chosen(&args.playbook)?;
    let mut ground = match args.file.is_empty() {
        true => ask(global, args)?,
        false => collected::read(global, args)?,
    };
    if !args.account.is_empty() {
        ground.seats.retain(|seat| args.account.contains(&seat.account));
    }
    if ground.seats.is_empty() {
        return Err(answer::usage("there is no such account, neither signed in to nor named"));
    }
    let Ground { seats, above, management, how, gaps, now } = ground;
    let question = Question { playbooks: &playbooks, seats, above, management, how: &how, now };
    let readiness = Readiness::of(&question);
    if global.json {
        let items: Vec<Value> = readiness.to_json();
        write_json(output, &Document::new("halon.ready/1", now, &gaps, &items))?;
    } else {
        for line in text(&readiness) {
            writeln!(output.out, "{line}")?;
        }
    }
    let incomplete = told(&gaps, output)?;
    Ok(match readiness.answer() {
        Answer::No => Code::Failed,
        Answer::Unknown | Answer::Depends => Code::Incomplete,
        Answer::Yes | Answer::Nothing => incomplete,
    })
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<Loaded>> {
    let mut all = playbook::all();
    for name in names {
        if !all.iter().any(|loaded| loaded.id == *name) {
            let shown = display_in(name, 64);
            return Err(answer::usage(format!("there is no playbook {shown}")));
        }
    }
    all.retain(|loaded| names.is_empty() || names.contains(&loaded.id));
    Ok(all)
}

/// Every account that is signed in to, or has a role configured, and what stands above it.
fn ask(global: &Global, args: &ReadyArgs) -> anyhow::Result<Ground> {
    let mut looking = Looking::open(global, Service::Iam)?;
    let mut gaps = looking.gaps.clone();
    let (view, above) = match org::source::ask(&mut looking) {
        Ok(loaded) => {
            let above = Above::new(&loaded.view, &loaded.gaps);
            gaps.extend(loaded.gaps.iter().filter(|gap| !looking.gaps.contains(gap)).cloned());
            (Some(loaded.view), above)
        }
        Err(why) => (None, Above::NotVisible(why.to_string())),
    };
    let above = Arc::new(above);
    let roles = roles(&looking.context.break_glass, args)?;
    for role in &roles {
        if let Some(target) = looking.case.target_of(&role.account) {
            looking.case.look_at(&target, &Principal::Role(role.name.clone()), false);
        }
    }
    looking.look();
    let (organization, management) = known(view.as_deref());
    let signed_in = looking.accounts().into_iter().map(|(_, account)| account);
    let accounts = signed_in.chain(roles.iter().map(|r| r.account.clone()));
    // Somebody must be able to do what is the organization's.
    let accounts: BTreeSet<AccountId> = accounts.chain(management.clone()).collect();
    let regions = looking.case.regions_looked_at();
    let seats = seats(&accounts, &roles, organization, |role| match role {
        None => Role::None,
        Some(role) => match looking.case.role_standing(role, &above) {
            Ok(standing) => Role::Read(Box::new(standing)),
            Err(why) => Role::Unread { arn: role.arn.raw().to_owned(), why },
        },
    });
    let seats = seats.into_iter().map(|seat| Seat { regions: regions.clone(), ..seat });
    let how = looking.context.config.how.clone();
    Ok(Ground { seats: seats.collect(), above, management, how, gaps, now: looking.now() })
}

/// The organization where it was seen, and its management account.
pub fn known(view: Option<&View>) -> (Option<&Organization>, Option<AccountId>) {
    match view {
        Some(View::Seen(organization)) => {
            (Some(organization), Some(organization.management.clone()))
        }
        Some(View::NotVisible { management, .. }) => (None, management.clone()),
        Some(View::None) | None => (None, None),
    }
}

/// The roles for emergencies, each once.
pub fn roles(configured: &[String], args: &ReadyArgs) -> anyhow::Result<Vec<RoleAt>> {
    let mut roles: Vec<RoleAt> = Vec::new();
    let configured = configured.iter().map(|arn| arn.parse::<RoleAt>().map_err(answer::usage));
    for role in configured.chain(args.role.iter().cloned().map(Ok)) {
        let role = role?;
        let same = |r: &RoleAt| r.account == role.account && r.name == role.name;
        if !roles.iter().any(same) {
            roles.push(role);
        }
    }
    Ok(roles)
}

/// A seat for each role of each account, and one for each account that has none.
pub fn seats(
    accounts: &BTreeSet<AccountId>,
    roles: &[RoleAt],
    organization: Option<&Organization>,
    mut stands: impl FnMut(Option<&RoleAt>) -> Role,
) -> Vec<Seat> {
    let mut seats = Vec::new();
    for account in accounts {
        let name = organization.and_then(|o| o.account(account)).map(|member| member.name.clone());
        let seat =
            |role| Seat { account: account.clone(), name: name.clone(), regions: Vec::new(), role };
        let mut own = roles.iter().filter(|role| role.account == *account).peekable();
        if own.peek().is_none() {
            seats.push(seat(stands(None)));
        }
        seats.extend(own.map(|role| seat(stands(Some(role)))));
    }
    seats
}

fn text(readiness: &Readiness) -> Vec<String> {
    let mut out = Vec::new();
    let places: Vec<usize> = (0..readiness.columns.len()).collect();
    for places in places.chunks((WIDTH - NAME) / ACCOUNT) {
        out.extend(table(readiness, places));
        out.push(String::new());
    }
    let reasons = readiness.reasons();
    for (at, column) in readiness.columns.iter().enumerate() {
        let own: Vec<&Reason> = reasons.iter().filter(|reason| reason.column == at).collect();
        if own.is_empty() {
            continue;
        }
        out.extend(wrapped(&column.title(), "", ""));
        for reason in own {
            out.extend(said(reason));
        }
        out.push(String::new());
    }
    out.push(verdict(readiness.answer()).to_owned());
    out
}

fn verdict(answer: Answer) -> &'static str {
    match answer {
        Answer::Nothing => "There is nothing to be ready for.",
        Answer::Yes => "READY: every step of every playbook could be done.",
        Answer::Depends => "NOT CERTAIN: it depends on what only the call itself would tell.",
        Answer::Unknown => "NOT KNOWN: not everything that decides could be read.",
        Answer::No => "NOT READY.",
    }
}

fn table(readiness: &Readiness, places: &[usize]) -> Vec<String> {
    let line = |name: &str, cells: Vec<String>| {
        let name = display_in(name, NAME - 1);
        let mut line = format!("{name:<NAME$}");
        for cell in cells {
            line += &format!("{cell:<ACCOUNT$}");
        }
        line.trim_end().to_owned()
    };
    let of = |place: &usize| &readiness.columns[*place];
    let role = |place: &usize| {
        let role = of(place).role_name().unwrap_or_else(|| "no role".to_owned());
        display_in(&role, ACCOUNT - 1)
    };
    let mut out = vec![
        line("", places.iter().map(|at| of(at).account.to_string()).collect()),
        line("playbook", places.iter().map(role).collect()),
    ];
    for row in &readiness.rows {
        let marks = places.iter().map(|at| row.cells[*at].answer.mark().to_owned());
        out.push(line(&row.playbook, marks.collect()));
    }
    out
}

fn said(reason: &Reason) -> Vec<String> {
    let mark = format!("  {:<9}", reason.answer.mark());
    let rest = " ".repeat(mark.len());
    let mut lines = reason.lines().into_iter();
    let mut out = wrapped(&lines.next().unwrap_or_default(), &mark, &rest);
    for line in lines {
        out.extend(wrapped(&line, &rest, &format!("{rest}  ")));
    }
    out
}

fn wrapped(text: &str, first: &str, rest: &str) -> Vec<String> {
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(|line| line.into_owned()).collect()
}
