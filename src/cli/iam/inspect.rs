//! `halon iam role` and `halon iam user`: one principal completely.

use std::sync::Arc;

use clap::Args as ClapArgs;
use jiff::Timestamp;

use super::{
    print,
    source::{self, SourceArgs},
};
use crate::{
    case::{Session, stitch},
    cli::{
        Output,
        answer::{self, Code, Document, write_json},
        args::Global,
        context,
        looking::{Looking, told},
    },
    domain::{
        AccountId, FaultKind, Gap, Principal, Service,
        authorization::{Authorization, Inspected},
        untrusted::display,
    },
    store::Store,
};

#[derive(Debug, ClapArgs)]
pub struct InspectArgs {
    /// Its name without path, or its ARN
    pub name: String,
    #[command(flatten)]
    pub source: SourceArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Role,
    User,
}

/// What was found of a principal in one account.
pub struct Found {
    pub account: Option<AccountId>,
    pub inspected: Arc<Inspected>,
    /// Sessions of the role that events on this machine tell of; absent where none are kept.
    pub sessions: Option<Vec<Session>>,
}

pub fn run(
    global: &Global,
    kind: Kind,
    args: &InspectArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let named = Named::read(kind, &args.name)?;
    let (mut found, gaps, as_of) = match &args.source.file {
        Some(path) => {
            let (all, as_of) = source::read(path)?;
            (in_file(&all, &named), Vec::new(), as_of)
        }
        None => in_accounts(global, &named)?,
    };
    if found.is_empty() && gaps.is_empty() {
        anyhow::bail!("no {} is named {} here", named.who.kind(), named.who.name());
    }
    if kind == Kind::Role {
        add_sessions(global, &mut found, output)?;
    }
    if global.json {
        let schema = match kind {
            Kind::Role => "halon.iam-role/1",
            Kind::User => "halon.iam-user/1",
        };
        let items: Vec<_> = found.iter().map(print::item).collect();
        write_json(output, &Document::new(schema, as_of, &gaps, &items))?;
    } else {
        for found in &found {
            for line in print::lines(found) {
                writeln!(output.out, "{line}")?;
            }
        }
    }
    told(&gaps, output)
}

/// Who is looked for, and where alone.
struct Named {
    who: Principal,
    account: Option<AccountId>,
}

impl Named {
    fn read(kind: Kind, text: &str) -> anyhow::Result<Self> {
        let wrong = |why: String| answer::usage(format!("{}: {why}", display(text)));
        let (account, name) = match text.strip_prefix("arn:") {
            None => (None, text),
            Some(_) => {
                let mut parts = text.splitn(6, ':').skip(4);
                let (account, resource) =
                    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                let is = match kind {
                    Kind::Role => "role/",
                    Kind::User => "user/",
                };
                let Some(path) = resource.strip_prefix(is) else {
                    return Err(wrong(format!("not the ARN of a {}", &is[..4])));
                };
                let account = account.parse().map_err(wrong)?;
                (Some(account), path.rsplit('/').next().unwrap_or_default())
            }
        };
        let who = match kind {
            Kind::Role => Principal::Role(name.parse().map_err(wrong)?),
            Kind::User => Principal::User(name.parse().map_err(wrong)?),
        };
        Ok(Self { who, account })
    }
}

/// The part of a whole listing that is about one principal.
fn in_file(all: &Authorization, named: &Named) -> Vec<Found> {
    if named.account.is_some() && all.account != named.account {
        return Vec::new();
    }
    all.only(&named.who)
        .map(|authorization| Found {
            account: all.account.clone(),
            inspected: Arc::new(Inspected { authorization, sign_in: None }),
            sessions: None,
        })
        .into_iter()
        .collect()
}

fn in_accounts(
    global: &Global,
    named: &Named,
) -> anyhow::Result<(Vec<Found>, Vec<Gap>, Timestamp)> {
    let mut looking = Looking::open(global, Service::Iam)?;
    let mut places = looking.accounts();
    if let Some(wanted) = &named.account {
        places.retain(|(_, account)| account == wanted);
        if places.is_empty() {
            return Err(answer::usage(format!("nobody is signed in to account {wanted}")));
        }
    }
    for (target, _) in &places {
        looking.case.look_at(target, &named.who, false);
    }
    looking.look();
    let (mut found, mut gaps) = (Vec::new(), looking.gaps.clone());
    let mut looks = looking.case.inspection.principals.clone();
    for (target, account) in places {
        let look = looks.remove(&(target.clone(), named.who.clone())).unwrap_or_default();
        match (look.known, look.fault) {
            (Some(known), _) => {
                gaps.extend(known.gaps);
                let (account, inspected) = (Some(account), known.what);
                found.push(Found { account, inspected, sessions: None });
            }
            // Not there is an answer.
            (None, Some(fault)) if fault.kind == FaultKind::NotFound => {}
            (None, fault) => gaps.push(source::unread(&target, fault)),
        }
    }
    match gaps.first() {
        Some(gap) if found.is_empty() => Err(answer::aws(&gap.why)),
        _ => Ok((found, gaps, looking.now())),
    }
}

/// Sessions of a role, from the events that are kept on this machine.
fn add_sessions(
    global: &Global,
    found: &mut [Found],
    output: &mut Output<'_>,
) -> anyhow::Result<()> {
    let folder = context::data_dir(global).filter(|folder| Store::is_in(folder));
    // What happened in the range is in no store.
    let Some(folder) = folder.filter(|_| global.range.is_none()) else {
        writeln!(
            output.err,
            "halon: no events are kept here, so no session is known; halon trail keeps them"
        )?;
        return Ok(());
    };
    let store = Store::open(&folder).map_err(|f| anyhow::anyhow!(f))?;
    let (sessions, unreadable) = stitch(&store, None).map_err(|f| anyhow::anyhow!(f))?;
    if unreadable > 0 {
        writeln!(
            output.err,
            "halon: events in the store that cannot be read any more: {unreadable}"
        )?;
    }
    for found in found {
        let Some(role) = found.inspected.authorization.roles.first() else { continue };
        let (arn, name) = (&role.holder.arn, &role.holder.name);
        let of = |session: &&Session| match &session.role {
            // Where only the name is known, the account says whose it is.
            Some(known) if known == name => session.account == found.account,
            Some(known) => known == arn,
            None => false,
        };
        found.sessions = Some(sessions.list().iter().filter(of).cloned().collect());
    }
    Ok(())
}
