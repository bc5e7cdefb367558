//! `halon iam narrow`: narrower policies for a role, from what was seen of its use.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;

use super::{
    proposal::{self, Answer, Covered},
    source::{self, SourceArgs},
};
use crate::{
    case::{Load, settled},
    cli::{
        Output,
        answer::{Code, Document, usage, write_json},
        args::Global,
        context,
        looking::{Looking, told},
        trail,
    },
    domain::{
        AccountId, Fault, FaultKind, Gap, Region, Service, Untrusted,
        authorization::Role,
        event::{By, Event, Question, Scope, Window},
        simulation::ServiceUse,
        time::parse_when,
        untrusted::{display, display_in},
    },
    policy::{
        Account,
        narrow::{self, Evidence, Recorded, Seen},
    },
    runtime::wall_clock,
    store::Store,
};

/// The newest events of one bucket, function, … that are looked through for data events.
const MOST_LOOKED: usize = 10_000;

#[derive(Debug, clap::Args)]
pub struct NarrowArgs {
    /// The role: its name or ARN
    #[arg(value_name = "ROLE")]
    role: String,
    /// Events since then: RFC 3339, a date (UTC), or 90m, 24h, 7d ago
    #[arg(long, value_name = "TIME", default_value = "90d")]
    since: String,
    /// Events until then; the same forms
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[command(flatten)]
    source: SourceArgs,
}

pub fn run(global: &Global, args: &NarrowArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let mut looking = match args.source.file {
        Some(_) => None,
        None => Some(Looking::open(global, Service::Iam)?),
    };
    let loaded = match &mut looking {
        Some(looking) => source::ask(looking)?,
        None => source::load(global, &args.source)?,
    };
    let now = looking.as_ref().map_or_else(wall_clock, Looking::now);
    let window = window(args, now)?;
    let mut gaps = loaded.gaps;
    let (account, id, role) = found(loaded.accounts, &args.role)?;
    let (held, unread) = narrow::held(&account, &role);
    for unread in unread {
        let why = match &unread.why {
            Some(_) => format!("policy {} cannot be read", display_in(&unread.policy, 100)),
            None => format!("{} is not among what was listed", display_in(&unread.policy, 100)),
        };
        gaps.push(gap(Service::Iam, &id, None, Fault::new(FaultKind::Unreadable, why)));
    }
    let accessed = match &mut looking {
        Some(looking) => accessed(looking, &id, &role.holder.arn, &mut gaps),
        None => None,
    };
    let question = Question::new(vec![By::Role(role.holder.name.raw().to_owned())], window);
    let store = store(global, looking.as_mut(), &question, output, &mut gaps)?;
    let mut sight = Sight { window, now, covered: Vec::new(), gaps };
    let (seen, recorded) = match &store {
        Some(store) => {
            let fault = |f: Fault| anyhow::anyhow!(f);
            sight.cover(store, looking.as_ref(), &id).map_err(fault)?;
            let seen = sight.seen(store, &question, &role, &id).map_err(fault)?;
            let recorded = narrow::containers(&held).into_iter();
            let recorded = recorded.map(|c| recorded_of(store, c, window));
            (seen, recorded.collect::<Result<Vec<_>, _>>().map_err(fault)?)
        }
        None => (Seen::default(), Vec::new()),
    };
    let evidence = Evidence {
        seen: &seen,
        recorded: &recorded,
        accessed: accessed.as_ref().map(|all| all.as_slice()),
    };
    let answer = Answer {
        role: role.holder.arn.clone(),
        account: id,
        window,
        proposals: narrow::narrow(&held, evidence),
        covered: sight.covered,
        from_file: looking.is_none(),
        accessed: accessed.as_ref().map(|all| all.as_slice()),
        recorded: &recorded,
        seen: &seen,
    };
    let gaps = sight.gaps;
    if global.json {
        let items = [proposal::item(&answer)];
        write_json(output, &Document::new("halon.iam-narrow/1", loaded.as_of, &gaps, &items))?;
    } else {
        for line in proposal::lines(&answer) {
            writeln!(output.out, "{line}")?;
        }
    }
    told(&gaps, output)
}

/// The window asked for. Its end is no later than now.
fn window(args: &NarrowArgs, now: Timestamp) -> anyhow::Result<Window> {
    let when = |name: &str, text: &str| {
        parse_when(text, now).map_err(|why| usage(format!("{name} {}", display(&why))))
    };
    let from = when("--since", &args.since)?;
    let to = args.until.as_deref().map(|t| when("--until", t)).transpose()?.unwrap_or(now);
    if to < from {
        let what = if args.until.is_some() { "--until" } else { "now" };
        return Err(usage(format!("{what} is before --since")));
    }
    Ok(Window::new(from, to.min(now).max(from)))
}

/// The one role of this name or ARN.
fn found(
    accounts: Vec<source::Account>,
    name: &str,
) -> anyhow::Result<(Account, Option<AccountId>, Role)> {
    let shown = display_in(name, 100);
    let of = |a: source::Account| {
        let role = a.authorization.role(name)?.clone();
        let arn = role.holder.arn.raw().split(':').nth(4).and_then(|id| id.parse().ok());
        Some((Account::new(a.authorization), arn.or(a.id), role))
    };
    let mut found: Vec<_> = accounts.into_iter().filter_map(of).collect();
    match (found.pop(), found.is_empty()) {
        (None, _) => Err(usage(format!("no role has the name or ARN {shown}"))),
        (Some(one), true) => Ok(one),
        (Some(_), false) => {
            Err(usage(format!("several accounts have a role {shown}: name it by its ARN")))
        }
    }
}

fn gap(source: Service, account: &Option<AccountId>, region: Option<Region>, why: Fault) -> Gap {
    let account = account.as_ref().map_or("account", AccountId::as_str).into();
    Gap { source, account, region, page: None, why }
}

/// When the role used each service, as IAM says.
fn accessed(
    looking: &mut Looking,
    id: &Option<AccountId>,
    arn: &Untrusted,
    gaps: &mut Vec<Gap>,
) -> Option<Arc<Vec<ServiceUse>>> {
    let accounts = looking.accounts();
    let (target, _) = accounts.into_iter().find(|(_, account)| Some(account) == id.as_ref())?;
    looking.case.services_used(&target, arn, false);
    looking.look();
    let why = match looking.case.inspection.services.get(arn) {
        Some(Load::Ready(used)) => return Some(used.clone()),
        Some(Load::Failed(why)) => Some(why.clone()),
        _ => None,
    };
    let mut unread = source::unread(&target, why);
    unread.why = unread.why.with_cause("services last accessed");
    gaps.push(unread);
    None
}

/// The events: those kept on this machine. The range keeps none, and is asked.
fn store(
    global: &Global,
    looking: Option<&mut Looking>,
    question: &Question,
    output: &mut Output<'_>,
    gaps: &mut Vec<Gap>,
) -> anyhow::Result<Option<Store>> {
    let fault = |f: Fault| anyhow::anyhow!(f);
    if let (true, Some(looking)) = (global.range.is_some(), looking) {
        let store = Store::in_memory().map_err(fault)?;
        let Looking { context, case, .. } = looking;
        trail::ask(context, case, question, &store, false, output)?;
        gaps.extend(case.inquiry.as_ref().map(|i| i.gaps()).unwrap_or_default());
        return Ok(Some(store));
    }
    let folder: Option<PathBuf> = context::data_dir(global).filter(|folder| Store::is_in(folder));
    match folder.filter(|_| global.range.is_none()) {
        Some(folder) => Ok(Some(Store::open(&folder).map_err(fault)?)),
        None => {
            let why = Fault::new(FaultKind::Refused, "no events are kept on this machine")
                .with_hint("halon trail keeps them, halon trail import reads files");
            gaps.push(gap(Service::CloudTrail, &None, None, why));
            Ok(None)
        }
    }
}

/// What can be seen of a stretch of time, and what cannot.
struct Sight {
    window: Window,
    now: Timestamp,
    covered: Vec<Covered>,
    gaps: Vec<Gap>,
}

impl Sight {
    /// Where the event history is whole: in the regions that are looked at, else in those that
    /// were asked before. What may still arrive is not asked for.
    fn cover(
        &mut self,
        store: &Store,
        looking: Option<&Looking>,
        id: &Option<AccountId>,
    ) -> Result<(), Fault> {
        let Some(account) = id else { return Ok(()) };
        let mut scopes = store.asked()?;
        scopes.retain(|s| s.account == *account);
        if let Some(looking) = looking {
            let endpoint = &looking.context.endpoint;
            scopes.retain(|s| s.endpoint == *endpoint);
            let places = looking.case.histories().0.into_iter();
            for (place, _) in places.filter(|(_, of)| of == account) {
                if scopes.iter().all(|s| s.region != place.region) {
                    scopes.push(Scope {
                        endpoint: endpoint.clone(),
                        account: account.clone(),
                        region: place.region,
                        attribute: None,
                    });
                }
            }
        }
        if scopes.is_empty() {
            let why = "its event history was never asked for: events from files may lack any";
            let why = Fault::new(FaultKind::Refused, why).with_hint("halon trail asks for it");
            self.gaps.push(gap(Service::CloudTrail, id, None, why));
        }
        scopes.sort_by(|a, b| (&a.region, &a.endpoint).cmp(&(&b.region, &b.endpoint)));
        let window = settled(self.window, self.now).unwrap_or(self.window);
        for scope in scopes {
            let missing = store.missing(&scope, window)?;
            let Scope { region, endpoint, .. } = scope;
            if let (Some(last), Some(first)) = (missing.first(), missing.last()) {
                let parts = if missing.len() == 1 { "" } else { " in parts" };
                let of = endpoint.as_ref().map(|e| format!(" of {e}")).unwrap_or_default();
                let why = format!("not asked for{of}: {} to {}{parts}", first.from, last.to);
                let hint = "halon trail --role ROLE --since TIME asks for it";
                let why = Fault::new(FaultKind::Refused, why).with_hint(hint);
                self.gaps.push(gap(Service::CloudTrail, id, Some(region.clone()), why));
            }
            self.covered.push(Covered { region, endpoint, missing });
        }
        Ok(())
    }

    /// The role's events.
    fn seen(
        &mut self,
        store: &Store,
        question: &Question,
        role: &Role,
        id: &Option<AccountId>,
    ) -> Result<Seen, Fault> {
        let found = store.search(question, usize::MAX, 0)?;
        if found.unreadable > 0 {
            let why = format!("{} events in the store cannot be read any more", found.unreadable);
            let why = Fault::new(FaultKind::Unreadable, why);
            self.gaps.push(gap(Service::CloudTrail, id, None, why));
        }
        // Another account, or another path, may have a role of this name.
        let of_it = |event: &Event| {
            let issuer = event.identity.issuer.as_ref().and_then(|i| i.arn.as_ref());
            match issuer {
                Some(arn) => *arn == role.holder.arn,
                None => event.identity.account == *id,
            }
        };
        Ok(Seen::of(found.events.iter().map(|e| &**e).filter(|e| of_it(e))))
    }
}

/// Data events of a bucket, function, … that are here, whoever made them.
fn recorded_of(store: &Store, container: String, window: Window) -> Result<Recorded, Fault> {
    let question = Question::new(vec![By::Resource(container.clone())], window);
    let mut recorded = Recorded { container, reads: 0, writes: 0 };
    for event in store.search(&question, MOST_LOOKED, 0)?.events {
        if event.category.as_ref().is_some_and(|c| c.raw() == "Data") {
            match event.read_only {
                Some(true) => recorded.reads += 1,
                Some(false) => recorded.writes += 1,
                None => {}
            }
        }
    }
    Ok(recorded)
}
