//! `halon findings`: the queue, once.

use super::{
    Output,
    answer::{self, Code, Document, write_json},
    args::{Filters, Global},
    context::{self, Context},
};
use crate::{
    case::{Case, Condition, Filter, Intervals, Load, View, arrange},
    domain::{AccountId, Region, finding::Finding, untrusted::display_in},
    runtime,
    store::{Origin, Store},
    ui::words,
};

pub fn run(global: &Global, filters: &Filters, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let context = Context::new(global, context::config(global).map_err(answer::usage)?)?;
    let filter = context.filter(filters)?;
    let mut case = context.case(&filter, Intervals::once());
    let store = open_store(&context, output)?;
    let mut lost = None;
    if global.offline {
        match &store {
            Some(store) => {
                let kept = store.records().map_err(|f| anyhow::anyhow!(f))?;
                lost = kept.fault();
                for (record, kept_at) in kept.records {
                    case.queue.put_kept(record, kept_at);
                }
            }
            None if global.range.is_some() => {
                return Err(answer::usage("the range keeps no findings: leave out --offline"));
            }
            None => {
                return Err(answer::usage("there is no store; name its folder with --data-dir"));
            }
        }
    } else {
        ask(&context, &mut case, store.as_ref(), output)?;
    }
    let code = report(global, &context, &case, filter, output)?;
    Ok(match lost {
        Some(fault) => {
            writeln!(output.err, "halon: {fault}")?;
            Code::Incomplete
        }
        None => code,
    })
}

/// The store, or a warning: reading AWS goes on without it.
fn open_store(context: &Context, output: &mut Output<'_>) -> anyhow::Result<Option<Store>> {
    let runtime::Local::Folder(folder) = &context.local else { return Ok(None) };
    match Store::open(folder) {
        Ok(store) => Ok(Some(store)),
        Err(fault) => {
            writeln!(output.err, "halon: {fault}")?;
            Ok(None)
        }
    }
}

fn ask(
    context: &Context,
    case: &mut Case,
    store: Option<&Store>,
    output: &mut Output<'_>,
) -> anyhow::Result<()> {
    let mut hurt = None;
    runtime::tasks()?.block_on(runtime::gather(case, &context.cloud, &context.clock, |records| {
        if let Some(store) = store
            && let Err(fault) = store.keep(records, Origin::Aws, (context.clock)())
        {
            hurt = Some(fault);
        }
    }));
    if let Some(fault) = hurt {
        writeln!(output.err, "halon: {fault}")?;
    }
    let unanswered = case.feeds.values().all(|f| f.last_answer.is_none());
    for load in case.callers.values() {
        if let Load::Failed(fault) = load {
            // Without an identity and without one answer there is nothing to show.
            if unanswered {
                return Err(answer::aws(fault));
            }
            writeln!(output.err, "halon: {fault}")?;
        }
    }
    Ok(())
}

fn report(
    global: &Global,
    context: &Context,
    case: &Case,
    filter: Filter,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let arranged = arrange(case.queue.findings(), &View { filter, ..View::default() });
    let items: Vec<&Finding> =
        arranged.rows.iter().map(|row| &*case.queue.findings()[row.at]).collect();
    let gaps = case.gaps();
    // An offline answer is as old as the oldest thing in it.
    let kept = items.iter().filter_map(|f| case.queue.kept_at(f.key())).min();
    let as_of = kept.unwrap_or_else(|| (context.clock)());
    if global.json {
        write_json(output, &Document::new("halon.findings/1", as_of, &gaps, &items))?;
    } else {
        for item in &items {
            writeln!(output.out, "{}", line(item))?;
        }
    }
    for gap in &gaps {
        writeln!(output.err, "halon: incomplete: {}: {}", gap.place(), gap.why)?;
    }
    for ((source, place), feed) in &case.feeds {
        if feed.condition() == Condition::NotEnabled {
            writeln!(
                output.err,
                "halon: {} is not enabled in {place}: nobody looks there",
                source.name()
            )?;
        }
    }
    Ok(if gaps.is_empty() { Code::Done } else { Code::Incomplete })
}

/// One finding on one line, columns apart by two spaces, everything sanitised.
fn line(finding: &Finding) -> String {
    let main = finding.main();
    [
        words::severity(main),
        format!("{:<12}", main.account.as_ref().map_or("-", AccountId::as_str)),
        format!("{:<14}", main.region.as_ref().map_or("-", Region::as_str)),
        format!(
            "{:<4} {}",
            words::guardduty_state(finding),
            words::pad(&words::securityhub_state(finding), 4)
        ),
        words::fit(main.headline(), 44),
        words::fit(&main.resource, 40),
        display_in(main.id.raw(), 200),
    ]
    .join("  ")
}
