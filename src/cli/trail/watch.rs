//! `halon trail watch`: whether somebody's calls still go through, or are refused by now.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Runtime;

use super::lookup::open_store;
use crate::{
    case::{Case, Filter, Intervals, Load, Standing, WATCHED_FOR, Watch},
    change::Contained,
    cli::{
        Output,
        act::Session,
        answer::{self, Code, Document, write_json},
        args::{Global, WatchArgs, WatchedArgs},
        context::{self, Context},
    },
    domain::{
        AccountId, Gap, Principal,
        event::assumed_role,
        time::{parse_span, parse_when},
        untrusted::display,
    },
    playbook::Run,
    runtime::{self, Ending, Inquirer, WatchTold},
    store::Store,
};

/// When to stop before the time is up.
#[derive(Clone, Copy, Debug, Default)]
struct Until {
    /// Once everything was asked once.
    once: bool,
    /// At the first call that is refused.
    denied: bool,
}

pub fn run(global: &Global, args: &WatchArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    if global.offline {
        return Err(answer::usage("a watch asks CloudTrail: leave out --offline"));
    }
    let (who, account) = subject(&args.who)?;
    let context = Context::new(global, context::config(global).map_err(answer::usage)?)?;
    let now = (context.clock)();
    let since = match &args.since {
        Some(text) => parse_when(text, now)
            .map_err(|why| answer::usage(format!("--since {}", display(&why))))?,
        None => now,
    };
    if since > now {
        return Err(answer::usage("--since is after now"));
    }
    let span = span(args.lasting.as_deref())?;
    let store = open_store(global, &context, output)?;
    let intervals = Intervals { watch: context.config.intervals.watch, ..Intervals::once() };
    let mut case = context.case(&Filter::default(), intervals);
    let tasks = runtime::tasks()?;
    tasks.block_on(runtime::identify(&mut case, &context.cloud, &context.clock));
    let chosen = args.account.clone().or(account);
    let accounts = match chosen {
        Some(account) => vec![account],
        None => case.accounts().into_iter().map(|(_, account)| account).collect(),
    };
    if case.accounts().is_empty() {
        let failed = case.identities().find_map(|(_, load)| match load {
            Load::Failed(why) => Some(why.clone()),
            _ => None,
        });
        return Err(match failed {
            Some(why) => answer::aws(&why),
            None => answer::usage("there are no credentials to ask with"),
        });
    }
    for account in accounts {
        let id = case.watch(who.clone(), account, since, None, now);
        last(&mut case, id, now, span);
    }
    let until = Until { once: args.once, denied: args.until_denied };
    let mut desk = Desk { context: &context, case: &mut case, store: &store, tasks: &tasks };
    let ended = desk.follow(until, global.json, output)?;
    let whole = case.watches.iter().all(Watch::is_whole);
    let gaps: Vec<Gap> = case.watches.iter().flat_map(Watch::gaps).collect();
    if global.json {
        let items: Vec<_> = case.watches.iter().map(Watch::to_json).collect();
        let mut document = Document::new("halon.watch/1", (context.clock)(), &gaps, &items);
        document.complete = whole;
        write_json(output, &document)?;
    } else {
        print(&case.watches, (context.clock)(), output.out)?;
    }
    Ok(match ended {
        Some(number) => Code::Signal(u8::try_from(number).unwrap_or(0)),
        None => code(&case.watches),
    })
}

/// After a run: whoever it contained is watched for so long. What is seen goes to standard
/// error where standard output has the run's JSON already.
pub fn after_run(
    global: &Global,
    session: &mut Session,
    run: Run,
    span: SignedDuration,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let store = open_store(global, &session.context, output)?;
    let (now, simulated) = (session.now(), session.context.range.is_some());
    let id = run.id.clone();
    let Session { context, case, tasks, .. } = session;
    case.runs.push(run);
    case.watch_after_runs(now, simulated);
    if case.watches.is_empty() {
        writeln!(output.err, "halon: run {id} contained nobody: there is nobody to watch")?;
        return Ok(Code::Done);
    }
    let ids: Vec<u64> = case.watches.iter().map(|w| w.id).collect();
    ids.into_iter().for_each(|id| last(case, id, now, span));
    let mut desk = Desk { context, case, store: &store, tasks };
    let ended = desk.follow(Until::default(), global.json, output)?;
    let now = (context.clock)();
    match global.json {
        true => print(&case.watches, now, output.err)?,
        false => print(&case.watches, now, output.out)?,
    }
    Ok(match ended {
        Some(number) => Code::Signal(u8::try_from(number).unwrap_or(0)),
        None => code(&case.watches),
    })
}

/// `--for` and `--watch`: from a second to a day.
pub fn span(text: Option<&str>) -> anyhow::Result<SignedDuration> {
    let Some(text) = text else { return Ok(WATCHED_FOR) };
    let (least, most) = (SignedDuration::from_secs(1), SignedDuration::from_hours(24));
    parse_span(text).filter(|s| (least..=most).contains(s)).ok_or_else(|| {
        answer::usage(format!("`{}` is no time from 1s to 24h, such as 30m", display(text)))
    })
}

fn last(case: &mut Case, id: u64, now: Timestamp, span: SignedDuration) {
    if let Some(watch) = case.watch_mut(id) {
        watch.last(now, span);
    }
}

/// Who it is about, and the account where an ARN names it.
fn subject(args: &WatchedArgs) -> anyhow::Result<(Contained, Option<AccountId>)> {
    let account = |arn: &str| arn.split(':').nth(4).and_then(|a| a.parse().ok());
    let tail = |text: &str| text.rsplit('/').next().unwrap_or(text).to_owned();
    let wrong = |option: &str, why: String| answer::usage(format!("--{option}: {why}"));
    if let Some(text) = &args.role {
        let role = tail(text).parse().map_err(|why| wrong("role", why))?;
        return Ok((Contained::wholly(&Principal::Role(role)), account(text)));
    }
    if let Some(text) = &args.user {
        let user = tail(text).parse().map_err(|why| wrong("user", why))?;
        return Ok((Contained::wholly(&Principal::User(user)), account(text)));
    }
    if let Some(text) = &args.key {
        let key = text.parse().map_err(|why| wrong("key", why))?;
        return Ok((Contained::AccessKey { key, user: None }, None));
    }
    let text = args.session.as_deref().unwrap_or_default();
    let parts = assumed_role(text).or_else(|| text.split_once('/'));
    let Some((role, name)) = parts.filter(|(_, name)| !name.is_empty()) else {
        let why = "expected ROLE/SESSION, as `halon trail` shows it, or the session's ARN";
        return Err(wrong("session", why.to_owned()));
    };
    let role = role.parse().map_err(|why| wrong("session", why))?;
    Ok((Contained::Session { role, user_id: name.to_owned() }, account(text)))
}

/// What a watch without a screen is followed with.
struct Desk<'d> {
    context: &'d Context,
    case: &'d mut Case,
    store: &'d Store,
    tasks: &'d Runtime,
}

/// What a line was last said about: how it stands, and the calls that say so.
type Known = (Standing, Option<String>, Option<String>);

fn known(watch: &Watch) -> Known {
    let id = |call: Option<&crate::case::WatchedCall>| call.map(|c| c.id.raw().to_owned());
    (watch.standing(), id(watch.first_denied()), id(watch.last_through()))
}

impl Desk<'_> {
    /// Asks until the time is up; says each change as it comes to be known. Gives the number of
    /// the signal that ended it.
    fn follow(
        &mut self,
        until: Until,
        quiet: bool,
        output: &mut Output<'_>,
    ) -> anyhow::Result<Option<i32>> {
        let inquirer = Inquirer {
            cloud: self.context.cloud.clone(),
            store: self.store.clone(),
            clock: self.context.clock.clone(),
        };
        let mut ending = self.tasks.block_on(async { Ending::listen() })?;
        let mut said: BTreeMap<u64, Known> = BTreeMap::new();
        loop {
            for ask in self.case.watches_due((self.context.clock)()) {
                let (sender, mut told) = tokio::sync::mpsc::unbounded_channel();
                let (id, inquirer) = (ask.id, inquirer.clone());
                let asking = self.tasks.spawn(async move {
                    // The receiver lives until everything was told.
                    let tell = |news| drop(sender.send(news));
                    inquirer.watch(&ask, &tell).await;
                });
                loop {
                    let next = self.tasks.block_on(async {
                        tokio::select! {
                            biased;
                            () = ending.asked() => Err(()),
                            told = told.recv() => Ok(told),
                        }
                    });
                    match next {
                        Ok(Some(told)) => self.told(id, told, output)?,
                        Ok(None) => break,
                        Err(()) => {
                            asking.abort();
                            return Ok(self.tasks.block_on(ending.number()));
                        }
                    }
                }
            }
            for watch in &self.case.watches {
                let now = known(watch);
                if now.0 != Standing::Waiting && said.get(&watch.id) != Some(&now) {
                    say(watch, quiet, output)?;
                    said.insert(watch.id, now);
                }
            }
            let denied = self.case.watches.iter().any(|w| w.first_denied().is_some());
            let over = self.case.watches.iter().all(|w| w.over.is_some());
            if over || until.once || (until.denied && denied) {
                return Ok(None);
            }
            let stopped = self.tasks.block_on(async {
                tokio::select! {
                    biased;
                    () = ending.asked() => true,
                    () = tokio::time::sleep(Duration::from_secs(1)) => false,
                }
            });
            if stopped {
                return Ok(self.tasks.block_on(ending.number()));
            }
        }
    }

    fn told(&mut self, id: u64, told: WatchTold, output: &mut Output<'_>) -> anyhow::Result<()> {
        match told {
            WatchTold::Called(call) => self.case.called(call, (self.context.clock)()),
            WatchTold::Hurt(fault) => writeln!(output.err, "halon: {fault}")?,
            WatchTold::Place { place, gaps, found } => {
                let now = (self.context.clock)();
                if let Some(watch) = self.case.watch_mut(id) {
                    watch.answered(now, &place, gaps, found);
                }
            }
        }
        Ok(())
    }
}

/// Times to the second.
fn when(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// One line as it comes to be known; on standard error where standard output is JSON's.
fn say(watch: &Watch, quiet: bool, output: &mut Output<'_>) -> anyhow::Result<()> {
    let line = format!("{} in {}: {}", watch.who, watch.account, watch.headline(&when).text);
    match quiet {
        true => writeln!(output.err, "halon: {line}")?,
        false => {
            writeln!(output.out, "{line}")?;
            // Somebody may be reading it while it is written.
            output.out.flush()?;
        }
    }
    Ok(())
}

/// Everything about each watch.
fn print(watches: &[Watch], now: Timestamp, out: &mut dyn std::io::Write) -> anyhow::Result<()> {
    for watch in watches {
        writeln!(out, "watch {}", watch.title(&when))?;
        for said in watch.lines(now, &when) {
            writeln!(out, "  {}", said.text)?;
        }
    }
    Ok(())
}

/// 1 where a call still goes through that should not, 0 where one was refused and everything
/// was searched, else 5: silence proves nothing.
fn code(watches: &[Watch]) -> Code {
    let still = |w: &Watch| {
        w.should_refuse_all() && matches!(w.standing(), Standing::Mixed | Standing::StillAllowed)
    };
    let denied = watches.iter().any(|w| w.first_denied().is_some());
    match (watches.iter().any(still), denied && watches.iter().all(Watch::is_whole)) {
        (true, _) => Code::Failed,
        (false, true) => Code::Done,
        (false, false) => Code::Incomplete,
    }
}
