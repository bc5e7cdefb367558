//! `halon store`: what is kept on this machine.

use serde::Serialize;

use super::{
    Output,
    answer::{self, Code, Document, write_json},
    args::{Global, StoreCommand},
    context,
};
use crate::{
    domain::{
        time::{parse_when, rfc3339},
        untrusted::display,
    },
    runtime::wall_clock,
    store::Store,
};

#[derive(Serialize)]
struct Item {
    events: u64,
    findings: u64,
    /// Everything where it is null.
    older_than: Option<String>,
}

pub fn run(
    global: &Global,
    command: StoreCommand,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let StoreCommand::Purge { older_than } = command;
    let now = wall_clock();
    let before = older_than.map(|text| parse_when(&text, now)).transpose();
    let before = before.map_err(|why| answer::usage(display(&why)))?;
    let store = Store::open(&context::need_data_dir(global)?)?;
    let purged = store.purge(before)?;
    let older_than = before.map(rfc3339);
    if global.json {
        let items = [Item { events: purged.events, findings: purged.findings, older_than }];
        let mut document = Document::new("halon.purge/1", now, &[], &items);
        document.complete = purged.fault.is_none();
        write_json(output, &document)?;
    } else {
        let of = older_than.map(|t| format!(" older than {t}")).unwrap_or_default();
        writeln!(
            output.out,
            "removed from the store: {} events and {} findings{of}",
            purged.events, purged.findings
        )?;
    }
    Ok(match purged.fault {
        Some(fault) => {
            writeln!(output.err, "halon: {fault}")?;
            Code::Incomplete
        }
        None => Code::Done,
    })
}
