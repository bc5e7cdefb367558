//! `halon trail`: events of CloudTrail, from the store and, as far as it does not know the
//! answer, from AWS.

use std::io::IsTerminal;

use crate::{
    case::{Case, Filter, Intervals, Progress},
    cli::{
        Output,
        answer::{self, Code, Document, write_json},
        args::{Global, TrailFilters},
        context::{self, Context},
    },
    domain::{
        Fault, FaultKind, Gap, Service,
        event::{By, Event, Question, Scope, Window},
        time::parse_when,
        untrusted::{display, display_in},
    },
    runtime::{self, Inquirer, News},
    store::Store,
};

pub fn run(
    global: &Global,
    filters: &TrailFilters,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let context = Context::new(global, context::config(global).map_err(answer::usage)?)?;
    let question = question(&context, filters)?;
    let store = open_store(global, &context, output)?;
    let mut case = context.case(&Filter::default(), Intervals::once());
    let mut ended = None;
    let gaps = if global.offline {
        writeln!(output.err, "halon: offline: what this machine has, and no more")?;
        unasked(&store, &question).map_err(|f| anyhow::anyhow!(f))?
    } else {
        ended = ask(&context, &mut case, &question, &store, filters.again, output)?;
        case.inquiry.as_ref().map(|i| i.gaps()).unwrap_or_default()
    };
    let found = store.search(&question, usize::MAX, 0).map_err(|f| anyhow::anyhow!(f))?;
    let whole = gaps.is_empty() && found.unreadable == 0;
    // What happened first is read first.
    let items: Vec<&Event> = found.events.iter().rev().map(|e| &**e).collect();
    if global.json {
        let as_of = (context.clock)();
        let mut document = Document::new("halon.events/1", as_of, &gaps, &items);
        document.complete = whole;
        write_json(output, &document)?;
    } else {
        for event in &items {
            writeln!(output.out, "{}", line(event))?;
        }
    }
    for remark in case.inquiry.iter().flat_map(|i| i.remarks()) {
        writeln!(output.err, "halon: {remark}")?;
    }
    for gap in &gaps {
        writeln!(output.err, "halon: incomplete: {}: {}", gap.place(), gap.why)?;
    }
    if found.unreadable > 0 {
        writeln!(
            output.err,
            "halon: events in the store that cannot be read any more: {}",
            found.unreadable
        )?;
    }
    Ok(match ended {
        Some(number) => Code::Signal(u8::try_from(number).unwrap_or(0)),
        None if whole => Code::Done,
        None => Code::Incomplete,
    })
}

/// What was never asked for of a window, in the accounts and regions that were asked for
/// something: whoever looks offline has no other list of places. Files have no places.
fn unasked(store: &Store, question: &Question) -> Result<Vec<Gap>, Fault> {
    let lookup = question.lookup();
    let mut gaps = Vec::new();
    for scope in store.asked()? {
        let scope = Scope { attribute: lookup.attribute.clone(), ..scope };
        let missing = store.missing(&scope, lookup.window)?;
        let (Some(last), Some(first)) = (missing.first(), missing.last()) else { continue };
        let from = scope.endpoint.map(|url| format!(" of {url}")).unwrap_or_default();
        let parts = if missing.len() == 1 { "" } else { " in parts" };
        let why = format!("not asked for{from}: {} to {}{parts}", first.from, last.to);
        gaps.push(Gap {
            source: Service::CloudTrail,
            account: scope.account.as_str().into(),
            region: Some(scope.region),
            page: None,
            why: Fault::new(FaultKind::Refused, why).with_hint("ask again without --offline"),
        });
    }
    Ok(gaps)
}

/// The question as it was typed, times counted from this context's clock.
fn question(context: &Context, filters: &TrailFilters) -> anyhow::Result<Question> {
    let now = (context.clock)();
    let when = |name: &str, text: &str| {
        parse_when(text, now).map_err(|why| answer::usage(format!("{name} {}", display(&why))))
    };
    let from = when("--since", &filters.since)?;
    let to = filters.until.as_deref().map(|t| when("--until", t)).transpose()?.unwrap_or(now);
    if to < from {
        let what = if filters.until.is_some() { "--until" } else { "now" };
        return Err(answer::usage(format!("{what} is before --since")));
    }
    let given = [
        filters.key.clone().map(By::Key),
        filters.user.clone().map(By::User),
        filters.role.clone().map(By::Role),
        filters.event.clone().map(By::Event),
        filters.resource.clone().map(By::Resource),
        filters.source.clone().map(By::Source),
        filters.event_id.clone().map(By::EventId),
        filters.address.clone().map(By::Address),
    ];
    let by: Vec<By> = given.into_iter().flatten().collect();
    if let Some(empty) = by.iter().find(|by| by.value().trim().is_empty()) {
        return Err(answer::usage(format!("--{} needs a value", empty.name())));
    }
    Ok(Question {
        text: filters.text.clone().unwrap_or_default(),
        failed: filters.failed,
        ..Question::new(by, Window::new(from, to))
    })
}

/// The store of this machine; for the range, and where it cannot be used, one in memory.
pub(super) fn open_store(
    global: &Global,
    context: &Context,
    output: &mut Output<'_>,
) -> anyhow::Result<Store> {
    let fault = match &context.local {
        runtime::Local::Folder(folder) if global.offline && !Store::is_in(folder) => {
            let folder = display(&folder.to_string_lossy());
            return Err(answer::usage(format!("there is no store in {folder}")));
        }
        runtime::Local::Folder(folder) => match Store::open(folder) {
            Ok(store) => return Ok(store),
            Err(fault) => Some(fault),
        },
        runtime::Local::Memory => None,
    };
    if global.offline {
        return Err(match fault {
            Some(fault) => anyhow::anyhow!(fault),
            None if global.range.is_some() => {
                answer::usage("the range keeps no events: leave out --offline")
            }
            None => answer::usage("there is no store; name its folder with --data-dir"),
        });
    }
    if let Some(fault) = fault {
        writeln!(output.err, "halon: {fault}")?;
    }
    Store::in_memory().map_err(|f| anyhow::anyhow!(f))
}

/// Asks everywhere until all is answered or a signal ends it; gives the signal's number.
pub fn ask(
    context: &Context,
    case: &mut Case,
    question: &Question,
    store: &Store,
    again: bool,
    output: &mut Output<'_>,
) -> anyhow::Result<Option<i32>> {
    let tasks = runtime::tasks()?;
    tasks.block_on(runtime::identify(case, &context.cloud, &context.clock));
    let places = case.inquire(question.clone(), (context.clock)());
    if places.is_empty() {
        // Nobody is signed in: there is nothing to ask, and nothing to show for it.
        let gaps = case.inquiry.as_ref().map(|i| i.gaps()).unwrap_or_default();
        if let Some(gap) = gaps.first() {
            return Err(answer::aws(&gap.why));
        }
    }
    let inquirer = Inquirer {
        cloud: context.cloud.clone(),
        store: store.clone(),
        clock: context.clock.clone(),
    };
    let (sender, mut news) = tokio::sync::mpsc::unbounded_channel();
    let (question, asked) = (question.clone(), places);
    let running = tasks.spawn(async move {
        // The receiver lives until everything was told.
        let tell = |news| drop(sender.send(news));
        inquirer.ask(&question, &asked, again, &tell).await;
    });
    let (mut hurt, mut progress) = (Vec::<Fault>::new(), Line::default());
    let ended = tasks.block_on(async {
        let mut ending = runtime::Ending::listen()?;
        loop {
            let told = tokio::select! {
                biased;
                () = ending.asked() => {
                    running.abort();
                    return Ok::<_, std::io::Error>(ending.number().await);
                }
                told = news.recv() => told,
            };
            match told {
                Some(News::Step(place, step)) => {
                    if let Some(inquiry) = &mut case.inquiry {
                        inquiry.told(&place, step);
                        progress.show(inquiry);
                    }
                }
                Some(News::Called(call)) => case.called(call, (context.clock)()),
                Some(News::Hurt(fault)) => hurt.push(fault),
                None => return Ok(None),
            }
        }
    })?;
    progress.end();
    if let Some(inquiry) = &mut case.inquiry {
        inquiry.stop();
    }
    for fault in hurt {
        writeln!(output.err, "halon: {fault}")?;
    }
    Ok(ended)
}

/// How far it is, on a terminal's standard error and nowhere else.
#[derive(Default)]
struct Line {
    shown: bool,
}

impl Line {
    fn show(&mut self, inquiry: &crate::case::Inquiry) {
        use std::io::Write;
        let mut terminal = std::io::stderr();
        if !terminal.is_terminal() {
            return;
        }
        let over = inquiry.places.values().filter(|p| !p.is_on_its_way()).count();
        let pages: u32 = inquiry.places.values().map(Progress::pages).sum();
        let throttled = inquiry.places.values().filter(|p| p.is_throttled()).count();
        let slow = if throttled > 0 { format!(", {throttled} throttled") } else { String::new() };
        let line = format!(
            "{over} of {} places, {pages} pages, {} new events{slow}",
            inquiry.places.len(),
            inquiry.new
        );
        // A progress line that cannot be written is no reason to stop.
        let _ = write!(terminal, "\r\x1b[K{line}");
        self.shown = true;
    }

    fn end(&self) {
        use std::io::Write;
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// One event on one line, columns apart by two spaces, everything sanitised.
fn line(event: &Event) -> String {
    let text = |t: Option<&crate::domain::Untrusted>, cells| {
        t.map_or_else(|| "-".to_owned(), |t| display_in(t.raw(), cells))
    };
    let result = match event.result() {
        Some(code) => display_in(code.raw(), 40),
        None => "ok".to_owned(),
    };
    [
        event.time.map_or_else(|| format!("{:<20}", "-"), |at| format!("{at:.0}")),
        format!("{:<12}", event.account.as_ref().map_or("-", |a| a.as_str())),
        format!("{:<14}", text(event.region.as_ref(), 14)),
        display_in(event.identity.principal().raw(), 60),
        text(event.access_key(), 24),
        format!("{}:{}", display_in(event.service(), 30), display_in(event.name.raw(), 60)),
        text(event.source_ip.as_ref(), 40),
        result,
    ]
    .join("  ")
}
