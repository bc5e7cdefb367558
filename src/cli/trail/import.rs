//! `halon trail import`: events from files into the store.
//!
//! Two threads read files, each one file; this one puts them in the order of their names, so
//! that two imports of the same files give the same store; one more writes, the events of
//! many small files at once.

use std::{
    collections::{BTreeSet, VecDeque},
    fs::File,
    io::{self, IsTerminal, Read},
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
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
/// Files that are read ahead.
const AHEAD: usize = 16;
/// Events that a reader hands over at once.
const PART: usize = 1000;
/// Parts of one file that wait.
const WAITING: usize = 4;
/// Events written in one transaction, and those of one part more: the more, the fewer times
/// a page of an index is written. Other processes wait meanwhile, some tenths of a second.
const BATCH: usize = 16_000;
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
    Events(Vec<(Arc<Event>, EventOrigin)>),
    End(Contents),
    Failed(io::Error),
}

/// What is written in one transaction.
#[derive(Default)]
struct Batch {
    events: Vec<(Arc<Event>, EventOrigin)>,
    /// Of each event, which file it is from.
    files: Vec<usize>,
}

pub fn run(global: &Global, paths: &[PathBuf], output: &mut Output<'_>) -> anyhow::Result<Code> {
    let files = Files::of(paths)?;
    let store = Store::open(&context::need_data_dir(global)?)?;
    let mut bad = files.tell(output)?;
    let (mut reports, mut totals) = (Vec::new(), Totals::default());
    let (ask, asked) = channel();
    let asked = Mutex::new(asked);
    let (write, written) = sync_channel(0);
    let new = thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                while let Some((path, tell)) = next(&asked) {
                    read(&path, &tell);
                }
            });
        }
        let writer = scope.spawn(|| keep(&store, &files.found, written));
        // What it is given to ask and to write with is gone when it ends, for whatever
        // reason, and so are the threads.
        let gathered = gather(&files.found, ask, write, &mut reports, &mut totals, output);
        let kept = writer.join().unwrap_or_else(|panic| resume_unwind(panic));
        // Where the writer failed, that is why nobody took what was gathered.
        kept.and_then(|new| gathered.map(|failed| (new, failed)))
    });
    let (new, failed) = new?;
    bad |= failed;
    for (report, new) in reports.iter_mut().zip(new) {
        (report.new, report.known) = (new, report.events - new);
        totals.add(report);
    }
    if global.json {
        let mut document = Document::new("halon.trail-import/1", wall_clock(), &[], &reports);
        document.complete = !bad;
        write_json(output, &Answer { document, totals: &totals })?;
    } else {
        tell(&totals, output)?;
    }
    Ok(if bad { Code::Incomplete } else { Code::Done })
}

/// A file to read, and whom to tell.
type Asked = (PathBuf, SyncSender<Part>);

/// Has files read and their events written, in order; whether something could not be read.
fn gather(
    files: &[PathBuf],
    ask: Sender<Asked>,
    write: SyncSender<Batch>,
    reports: &mut Vec<FileReport>,
    totals: &mut Totals,
    output: &mut Output<'_>,
) -> anyhow::Result<bool> {
    let progress = Progress { shown: io::stderr().is_terminal(), files: files.len() };
    let mut batch = Batch::default();
    let (mut bad, mut events) = (false, 0);
    let mut paths = files.iter();
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
        let Some((path, parts)) = ahead.pop_front() else { break };
        let mut report =
            FileReport { path: display(&path.to_string_lossy()), ..FileReport::default() };
        let Some(parts) = parts else {
            report.digests = 1;
            reports.push(report);
            continue;
        };
        let mut ended = false;
        for part in parts {
            match part {
                Part::Events(found) => {
                    found.iter().for_each(|(event, _)| totals.note(event));
                    report.events += found.len() as u64;
                    batch.files.extend(found.iter().map(|_| reports.len()));
                    batch.events.extend(found);
                    if batch.events.len() >= BATCH {
                        write.send(std::mem::take(&mut batch))?;
                    }
                }
                Part::End(contents) => {
                    report.rejected = contents.rejections() as u64;
                    report.digests = contents.digests as u64;
                    report.other = contents.other as u64;
                    bad |= name_unread(&report.path, &contents, output)?;
                    ended = true;
                }
                Part::Failed(e) => {
                    writeln!(output.err, "halon: {}: {e}", report.path)?;
                    (bad, ended) = (true, true);
                }
            }
        }
        // A reader that panicked has not said that it is at the end.
        anyhow::ensure!(ended, "{}: reading it failed; this is a bug", report.path);
        events += report.events;
        reports.push(report);
        progress.show(reports.len(), events, output)?;
    }
    write.send(batch)?;
    progress.end(output)?;
    Ok(bad)
}

/// Writes what is gathered; how many events of each file were new.
fn keep(store: &Store, files: &[PathBuf], written: Receiver<Batch>) -> anyhow::Result<Vec<u64>> {
    let mut new = vec![0; files.len()];
    for batch in written {
        let added = store.keep_events(&batch.events, None, wall_clock())?;
        if let Some(fault) = added.fault {
            // Kept in memory, and this process is about to end.
            let first = batch.files.first().and_then(|file| files.get(*file));
            let first = first.map(|path| display(&path.to_string_lossy())).unwrap_or_default();
            return Err(anyhow::Error::new(fault)
                .context(format!("{first} and what comes after it is not imported")));
        }
        for (file, is_new) in batch.files.iter().zip(added.each_new) {
            new[*file] += u64::from(is_new);
        }
    }
    Ok(new)
}

/// The next file to read.
fn next(asked: &Mutex<Receiver<Asked>>) -> Option<Asked> {
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
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let origin: Arc<str> = absolute.to_string_lossy().into();
    let mut part = Vec::new();
    let contents = read_events(&bytes, &mut |event, record| {
        part.push((Arc::new(event), EventOrigin::File { path: origin.clone(), record }));
        if part.len() == PART {
            let _ = tell.send(Part::Events(std::mem::take(&mut part)));
        }
    });
    let _ = tell.send(Part::Events(part));
    let _ = tell.send(Part::End(contents));
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
    fn show(&self, files: usize, events: u64, output: &mut Output<'_>) -> io::Result<()> {
        if !self.shown {
            return Ok(());
        }
        write!(output.err, "\r{files} of {} files, {events} events", self.files)?;
        output.err.flush()
    }

    fn end(&self, output: &mut Output<'_>) -> io::Result<()> {
        if self.shown { write!(output.err, "\r\x1b[K") } else { Ok(()) }
    }
}
