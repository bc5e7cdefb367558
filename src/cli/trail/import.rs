//! `halon trail import`: events from files into the store.
//!
//! Two threads read files, each one file; this one writes, file after file in the order of
//! their names, so that two imports of the same files give the same store.

use std::{
    collections::{BTreeSet, VecDeque},
    fs::File,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, SyncSender, channel, sync_channel},
    },
    thread,
};

use jiff::Timestamp;
use serde::Serialize;

use super::super::{
    Output,
    answer::{Code, Document, write_json},
    args::Global,
    context,
    files::Files,
};
use crate::{
    domain::{
        Untrusted,
        event::{Contents, Event, MAX_BYTES, read_events},
        time::rfc3339,
        untrusted::{display, display_in},
    },
    runtime::wall_clock,
    store::{EventOrigin, Store},
};

/// Threads that read.
const READERS: usize = 2;
/// Files that are read ahead of the one being written.
const AHEAD: usize = 8;
/// Events written in one transaction.
const BATCH: usize = 4000;
/// Batches of one file that wait to be written.
const WAITING: usize = 2;
/// Accounts and regions named; a file can make up as many as it likes.
const NAMED: usize = 1000;

/// What became of one file.
#[derive(Debug, Default, Serialize)]
struct FileReport {
    path: String,
    events: u64,
    new: u64,
    known: u64,
    rejected: u64,
    /// Digests of log files, which hold no events.
    digests: u64,
    /// Top-level JSON values without an event.
    other: u64,
}

/// What became of all files.
#[derive(Debug, Default, Serialize)]
struct Totals {
    files: u64,
    events: u64,
    new: u64,
    known: u64,
    rejected: u64,
    digests: u64,
    other: u64,
    /// When the oldest and the newest event happened.
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    accounts: BTreeSet<String>,
    regions: BTreeSet<Untrusted>,
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    document: Document<'a, FileReport>,
    totals: &'a Totals,
}

/// What a reader says of its file.
enum Part {
    Events(Vec<(Event, u64)>),
    End(Contents),
    Failed(io::Error),
}

pub fn run(global: &Global, paths: &[PathBuf], output: &mut Output<'_>) -> anyhow::Result<Code> {
    let files = Files::of(paths)?;
    let store = Store::open(&context::need_data_dir(global)?)?;
    let mut bad = files.tell(output)?;
    let (mut reports, mut totals) = (Vec::new(), Totals::default());
    let progress = Progress { shown: io::stderr().is_terminal(), files: files.found.len() };
    let (ask, asked) = channel::<(PathBuf, SyncSender<Part>)>();
    let asked = Mutex::new(asked);
    thread::scope(|scope| -> anyhow::Result<()> {
        // Owned here: readers end when nobody asks any more, also after an error.
        let ask = ask;
        for _ in 0..READERS {
            scope.spawn(|| {
                while let Some((path, tell)) = next(&asked) {
                    read(&path, &tell);
                }
            });
        }
        let mut paths = files.found.iter();
        let mut ahead: VecDeque<(&PathBuf, Option<Receiver<Part>>)> = VecDeque::new();
        loop {
            while ahead.len() < AHEAD
                && let Some(path) = paths.next()
            {
                if is_digest(path) {
                    ahead.push_back((path, None));
                    continue;
                }
                let (tell, told) = sync_channel(WAITING);
                ask.send((path.clone(), tell))?;
                ahead.push_back((path, Some(told)));
            }
            let Some((path, parts)) = ahead.pop_front() else { return Ok(()) };
            let (report, failed) = take_in(&store, path, parts, &mut totals, output)?;
            bad |= failed;
            totals.add(&report);
            reports.push(report);
            progress.show(&totals, output)?;
        }
    })?;
    progress.end(output)?;
    if global.json {
        let mut document = Document::new("halon.trail-import/1", wall_clock(), &[], &reports);
        document.complete = !bad;
        write_json(output, &Answer { document, totals: &totals })?;
    } else {
        tell(&totals, output)?;
    }
    Ok(if bad { Code::Incomplete } else { Code::Done })
}

/// The next file to read.
fn next(
    asked: &Mutex<Receiver<(PathBuf, SyncSender<Part>)>>,
) -> Option<(PathBuf, SyncSender<Part>)> {
    asked.lock().ok()?.recv().ok()
}

/// Reads one file and tells what is in it. Where nobody listens any more, the import has
/// failed and said so.
fn read(path: &Path, tell: &SyncSender<Part>) {
    let mut bytes = Vec::new();
    let file = File::open(path).and_then(|f| f.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    if let Err(e) = file {
        let _ = tell.send(Part::Failed(e));
        return;
    }
    let mut batch = Vec::new();
    let contents = read_events(&bytes, &mut |event, record| {
        batch.push((event, record));
        if batch.len() == BATCH {
            let _ = tell.send(Part::Events(std::mem::take(&mut batch)));
        }
    });
    let _ = tell.send(Part::Events(batch));
    let _ = tell.send(Part::End(contents));
}

/// Writes what a reader tells of its file; the report, and whether something of the file
/// could not be read.
fn take_in(
    store: &Store,
    path: &Path,
    parts: Option<Receiver<Part>>,
    totals: &mut Totals,
    output: &mut Output<'_>,
) -> anyhow::Result<(FileReport, bool)> {
    let shown = display(&path.to_string_lossy());
    let mut report = FileReport { path: shown.clone(), ..FileReport::default() };
    let Some(parts) = parts else {
        report.digests = 1;
        return Ok((report, false));
    };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let origin: Arc<str> = absolute.to_string_lossy().into();
    // A reader that panicked has not said that it is at the end.
    let (mut failed, mut ended) = (false, false);
    for part in parts {
        match part {
            Part::Events(events) => {
                let from = |record| EventOrigin::File { path: origin.clone(), record };
                let events: Vec<_> = events
                    .into_iter()
                    .inspect(|(event, _)| totals.note(event))
                    .map(|(event, record)| (Arc::new(event), from(record)))
                    .collect();
                let added = store.keep_events(&events, None, wall_clock())?;
                if let Some(fault) = added.fault {
                    // Kept in memory, and this process is about to end.
                    return Err(
                        anyhow::Error::new(fault).context(format!("{shown} is not imported"))
                    );
                }
                report.events += events.len() as u64;
                report.new += added.new;
                report.known += added.known;
            }
            Part::End(contents) => {
                report.rejected = contents.rejections() as u64;
                report.digests = contents.digests as u64;
                report.other = contents.other as u64;
                failed |= name_unread(&shown, &contents, output)?;
                ended = true;
            }
            Part::Failed(e) => {
                writeln!(output.err, "halon: {shown}: {e}")?;
                (failed, ended) = (true, true);
            }
        }
    }
    anyhow::ensure!(ended, "{shown}: reading it failed; this is a bug");
    Ok((report, failed))
}

/// Names what could not be read; whether there was any.
fn name_unread(path: &str, contents: &Contents, output: &mut Output<'_>) -> anyhow::Result<bool> {
    for unread in &contents.rejected {
        let why = display(&unread.why);
        writeln!(output.err, "halon: {path}: at byte {}: {why}", unread.offset)?;
    }
    if contents.unnamed > 0 {
        writeln!(output.err, "halon: {path}: and {} more", contents.unnamed)?;
    }
    Ok(contents.rejections() > 0)
}

/// CloudTrail puts digests beside the logs, in a folder of that name.
fn is_digest(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    name.contains("_CloudTrail-Digest_")
        || path.components().any(|c| c.as_os_str() == "CloudTrail-Digest")
}

impl Totals {
    fn note(&mut self, event: &Event) {
        if let Some(at) = event.time {
            self.first = Some(self.first.map_or(at, |first| first.min(at)));
            self.last = Some(self.last.map_or(at, |last| last.max(at)));
        }
        if let Some(account) = &event.account
            && self.accounts.len() < NAMED
            && !self.accounts.contains(account.as_str())
        {
            self.accounts.insert(account.as_str().to_owned());
        }
        if let Some(region) = &event.region
            && self.regions.len() < NAMED
            && !self.regions.contains(region)
        {
            self.regions.insert(region.clone());
        }
    }

    fn add(&mut self, file: &FileReport) {
        self.files += 1;
        self.events += file.events;
        self.new += file.new;
        self.known += file.known;
        self.rejected += file.rejected;
        self.digests += file.digests;
        self.other += file.other;
    }
}

fn tell(totals: &Totals, output: &mut Output<'_>) -> anyhow::Result<()> {
    let Totals { files, events, new, known, rejected, digests, other, .. } = totals;
    writeln!(
        output.out,
        "{files} files: {events} events, {new} new, {known} known before, {rejected} rejected"
    )?;
    if let (Some(first), Some(last)) = (totals.first, totals.last) {
        writeln!(output.out, "from {} to {}", rfc3339(first), rfc3339(last))?;
    }
    let regions = totals.regions.iter().map(|r| display_in(r.raw(), 40)).collect();
    for (what, names) in
        [("accounts", totals.accounts.iter().cloned().collect::<Vec<_>>()), ("regions", regions)]
    {
        if !names.is_empty() {
            writeln!(output.out, "{what}: {}", names.join(", "))?;
        }
    }
    if *digests > 0 {
        writeln!(output.out, "{digests} digests of log files skipped")?;
    }
    if *other > 0 {
        writeln!(output.out, "{other} JSON values without an event")?;
    }
    Ok(())
}

/// One line on standard error, written over and over, if that is a terminal.
struct Progress {
    shown: bool,
    files: usize,
}

impl Progress {
    fn show(&self, totals: &Totals, output: &mut Output<'_>) -> io::Result<()> {
        if !self.shown {
            return Ok(());
        }
        let Totals { files, events, .. } = totals;
        write!(output.err, "\r{files} of {} files, {events} events", self.files)?;
        output.err.flush()
    }

    fn end(&self, output: &mut Output<'_>) -> io::Result<()> {
        if self.shown { write!(output.err, "\r\x1b[K") } else { Ok(()) }
    }
}
