//! `halon findings import`: findings from files into the store.

use std::{fs, path::PathBuf, sync::Arc};

use serde::Serialize;

use super::{
    Output,
    answer::{Code, Document, write_json},
    args::Global,
    context,
    files::Files,
};
use crate::{
    case::Queue,
    domain::{
        finding::{Finding, Imported, read_file},
        untrusted::display,
    },
    runtime::wall_clock,
    store::{Origin, Store},
};

/// What became of one file.
#[derive(Debug, Serialize)]
struct FileReport {
    path: String,
    findings: usize,
    rejected: usize,
    other: usize,
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    document: Document<'a, &'a Finding>,
    files: &'a [FileReport],
}

pub fn run(global: &Global, paths: &[PathBuf], output: &mut Output<'_>) -> anyhow::Result<Code> {
    let files = Files::of(paths)?;
    let store = Store::open(&context::need_data_dir(global)?).map_err(|f| anyhow::anyhow!(f))?;
    let unlisted = files.tell(output)?;
    let (mut reports, mut queue, mut bad) = (Vec::new(), Queue::default(), unlisted);
    for path in &files.found {
        let shown = display(&path.to_string_lossy());
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) => {
                writeln!(output.err, "halon: {shown}: {e}")?;
                bad = true;
                continue;
            }
        };
        let imported = read_file(&bytes);
        bad |= tell(&shown, &imported, output)?;
        let rejected = imported.rejected.len() + imported.unnamed;
        let records: Vec<_> = imported.records.into_iter().map(Arc::new).collect();
        store.keep(&records, Origin::File, wall_clock()).map_err(|f| anyhow::anyhow!(f))?;
        let report =
            FileReport { path: shown, findings: records.len(), rejected, other: imported.other };
        if !global.json {
            writeln!(
                output.out,
                "{}: {} findings, {} rejected",
                report.path, report.findings, report.rejected
            )?;
        }
        reports.push(report);
        for record in records {
            queue.put(record, None);
        }
    }
    if global.json {
        // A finding that stands in several files, or twice in one, is one item.
        let items: Vec<&Finding> = queue.findings().iter().map(|f| &**f).collect();
        let mut document = Document::new("halon.findings/1", wall_clock(), &[], &items);
        document.complete = !bad;
        write_json(output, &Answer { document, files: &reports })?;
    }
    Ok(if bad { Code::Incomplete } else { Code::Done })
}

/// Names what could not be read; whether there was any.
fn tell(path: &str, imported: &Imported, output: &mut Output<'_>) -> anyhow::Result<bool> {
    for rejected in &imported.rejected {
        writeln!(output.err, "halon: {path}: at byte {}: {}", rejected.offset, rejected.why)?;
    }
    if imported.unnamed > 0 {
        writeln!(output.err, "halon: {path}: and {} more", imported.unnamed)?;
    }
    Ok(!imported.rejected.is_empty())
}
