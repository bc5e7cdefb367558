//! `halon timeline`: what was marked for an incident; marks from the command line.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::{
    Output,
    answer::{self, Code, Document, write_json},
    args::Global,
    context,
};
use crate::{
    case::{TimelineItem, timeline_markdown},
    domain::{
        finding::Finding,
        time::{parse_when, rfc3339},
        timeline::{Entry, Mark},
        untrusted::{display, display_in},
    },
    guard::Incident,
    runtime::{os_user, wall_clock},
    store::{Store, Timeline},
};

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub struct TimelineArgs {
    /// Only this incident's
    #[arg(long, value_name = "ID")]
    pub incident: Option<String>,
    /// Markdown for people, or JSON
    #[arg(long, value_enum, default_value_t = Format::Md)]
    pub format: Format,
    #[command(subcommand)]
    pub command: Option<TimelineCommand>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Md,
    Json,
}

#[derive(Debug, Subcommand)]
pub enum TimelineCommand {
    /// Put an event, a finding or a note into a timeline
    Add(AddArgs),
    /// Take an entry out again
    Remove {
        /// The entry's number, as `add` and the JSON name it
        number: i64,
    },
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub struct AddArgs {
    /// An event of the store, by its id
    #[arg(long, value_name = "ID", group = "what", conflicts_with = "finding")]
    pub event: Option<String>,
    /// A finding of the store (GuardDuty id or ASFF Id)
    #[arg(long, value_name = "ID", group = "what")]
    pub finding: Option<String>,
    /// Your words: about the event or finding, or by themselves
    #[arg(long, value_name = "TEXT", group = "what")]
    pub note: Option<String>,
    /// When it was, for a note by itself: RFC 3339, a date (UTC) or an age; else now
    #[arg(long, value_name = "TIME", conflicts_with_all = ["event", "finding"])]
    pub at: Option<String>,
    /// The incident whose timeline it is
    #[arg(long, value_name = "ID")]
    pub incident: Option<String>,
}

pub fn run(global: &Global, args: TimelineArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    if global.range.is_some() {
        return Err(answer::usage("the range keeps no timeline: leave out --range"));
    }
    let store = Store::open(&context::need_data_dir(global)?).map_err(|f| anyhow::anyhow!(f))?;
    match args.command {
        None => show(global, &store, &args, output),
        Some(TimelineCommand::Add(args)) => add(global, &store, &args, output),
        Some(TimelineCommand::Remove { number }) => remove(global, &store, number, output),
    }
}

fn show(
    global: &Global,
    store: &Store,
    args: &TimelineArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let incident = args.incident.as_deref();
    let timeline = read(store, incident)?;
    let now = wall_clock();
    if global.json || args.format == Format::Json {
        document(&timeline.entries, timeline.unreadable == 0, now, output)?;
    } else {
        let text = timeline_markdown(&timeline.entries, incident, timeline.unreadable, now);
        output.out.write_all(text.as_bytes())?;
    }
    Ok(match timeline.fault() {
        Some(fault) => {
            writeln!(output.err, "halon: {fault}")?;
            Code::Incomplete
        }
        None => Code::Done,
    })
}

fn add(
    global: &Global,
    store: &Store,
    args: &AddArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let now = wall_clock();
    let incident = args.incident.as_deref().map(Incident::parse_id).transpose();
    let incident = incident.map_err(|why| answer::usage(format!("--incident: {why}")))?;
    let incident = incident.unwrap_or_default();
    let (note, by) = (args.note.as_deref().unwrap_or_default(), os_user());
    let mark = if let Some(id) = &args.event {
        let event = store.event(id).map_err(|f| anyhow::anyhow!(f))?;
        let Some((event, _)) = event else { return Err(missing_event(id)) };
        Mark::event(&event, incident, note, &by)
    } else if let Some(id) = &args.finding {
        Mark::finding(&finding(store, id)?, incident, note, &by)
    } else {
        if note.trim().is_empty() {
            return Err(answer::usage("--note: it says nothing"));
        }
        let at = args.at.as_deref().map_or(Ok(now), |text| {
            parse_when(text, now).map_err(|why| answer::usage(format!("--at {}", display(&why))))
        })?;
        Mark::note(at, incident, note, &by)
    };
    let number = store.mark(&mark, now).map_err(|f| anyhow::anyhow!(f))?;
    // As it is now: of something that was marked before, what it said then.
    let entry = find(store, number)?.unwrap_or(Entry { number, mark, marked_at: now });
    tell(global, "in the timeline", entry, now, output)
}

fn remove(
    global: &Global,
    store: &Store,
    number: i64,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let entry = find(store, number)?;
    if !store.unmark(number).map_err(|f| anyhow::anyhow!(f))? {
        return Err(answer::usage(format!(
            "there is no entry {number}; halon timeline --format json names them"
        )));
    }
    match entry {
        Some(entry) => tell(global, "taken out", entry, wall_clock(), output),
        // One that could not be read any more.
        None if global.json => document(&[], true, wall_clock(), output).map(|()| Code::Done),
        None => {
            writeln!(output.out, "entry {number} taken out")?;
            Ok(Code::Done)
        }
    }
}

fn tell(
    global: &Global,
    what: &str,
    entry: Entry,
    now: Timestamp,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    if global.json {
        document(&[entry], true, now, output)?;
        return Ok(Code::Done);
    }
    let mark = &entry.mark;
    let at = mark.at.map_or_else(|| "at an unknown time".to_owned(), rfc3339);
    let name = if mark.about.name.is_empty() { mark.what.kind() } else { mark.about.name.raw() };
    let of = match mark.incident.as_str() {
        "" => "of no incident".to_owned(),
        id => format!("of {}", display_in(id, 64)),
    };
    writeln!(output.out, "entry {} {of} {what}: {at} {}", entry.number, display_in(name, 120))?;
    Ok(Code::Done)
}

fn document(
    entries: &[Entry],
    complete: bool,
    now: Timestamp,
    output: &mut Output<'_>,
) -> anyhow::Result<()> {
    let items: Vec<TimelineItem<'_>> = entries.iter().map(TimelineItem::of).collect();
    let mut document = Document::new("halon.timeline/1", now, &[], &items);
    document.complete = complete;
    write_json(output, &document)
}

fn read(store: &Store, incident: Option<&str>) -> anyhow::Result<Timeline> {
    store.timeline(incident).map_err(|f| anyhow::anyhow!(f))
}

fn find(store: &Store, number: i64) -> anyhow::Result<Option<Entry>> {
    Ok(read(store, None)?.entries.into_iter().find(|e| e.number == number))
}

fn finding(store: &Store, id: &str) -> anyhow::Result<Finding> {
    let kept = store.records().map_err(|f| anyhow::anyhow!(f))?.records;
    let found = kept.iter().find(|(record, _)| record.id.raw() == id);
    let Some((record, _)) = found else {
        return Err(answer::usage(format!(
            "no finding {} in the store; `halon findings` fetches them, `halon findings import PATH` reads them from files",
            display_in(id, 120)
        )));
    };
    let mut finding = Finding::of(record.clone());
    for (other, _) in kept.iter().filter(|(other, _)| other.key == record.key) {
        finding.put(other.clone());
    }
    Ok(finding)
}

fn missing_event(id: &str) -> anyhow::Error {
    let id = display_in(id, 120);
    answer::usage(format!(
        "no event {id} in the store; `halon trail --event-id {id}` asks CloudTrail for it, `halon trail import PATH` reads events from files"
    ))
}
