//! `halon trail sessions`: whose credentials were in use, and who gave them out. From the
//! store alone: nothing is asked.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    case::{Counted, Session, SessionKind as Kind, Sessions, Stitcher, Untold},
    cli::{
        Output,
        answer::{self, Code, Document, write_json},
        args::{Global, SessionsArgs},
        context,
    },
    domain::{
        AccountId, Untrusted, event::Window, time::parse_when, untrusted::display,
        untrusted::display_in,
    },
    runtime::wall_clock,
    store::Store,
    ui::words,
};

pub fn run(global: &Global, args: &SessionsArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    if global.range.is_some() {
        return Err(answer::usage("the range keeps no events: leave out --range"));
    }
    let now = wall_clock();
    let window = window(args, now)?;
    let store = Store::open(&context::need_data_dir(global)?).map_err(|f| anyhow::anyhow!(f))?;
    let (sessions, unreadable) = stitch(&store, window)?;
    if global.json {
        let mut document = Document::new("halon.sessions/1", now, &[], sessions.list());
        document.complete = unreadable == 0;
        write_json(output, &document)?;
    } else {
        for line in tree(&sessions) {
            writeln!(output.out, "{line}")?;
        }
        remark(&sessions, output)?;
    }
    if unreadable > 0 {
        writeln!(
            output.err,
            "halon: {unreadable} events in the store cannot be read any more; import them again"
        )?;
        return Ok(Code::Incomplete);
    }
    Ok(Code::Done)
}

fn window(args: &SessionsArgs, now: Timestamp) -> anyhow::Result<Option<Window>> {
    let when = |name: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => parse_when(text, now)
            .map(Some)
            .map_err(|why| answer::usage(format!("{name} {}", display(&why)))),
    };
    let (since, until) = (when("--since", &args.since)?, when("--until", &args.until)?);
    if since.is_none() && until.is_none() {
        return Ok(None);
    }
    let window = Window::new(since.unwrap_or(Timestamp::MIN), until.unwrap_or(Timestamp::MAX));
    match since.zip(until).is_some_and(|(since, until)| until < since) {
        true => Err(answer::usage("--until is before --since")),
        false => Ok(Some(window)),
    }
}

/// Counts what is in the window, and follows credentials to calls before it: a session may
/// have begun earlier, and a key been made long ago.
fn stitch(store: &Store, window: Option<Window>) -> anyhow::Result<(Sessions, u64)> {
    let mut stitcher = Stitcher::default();
    let before = window.map(|w| Window { from: Timestamp::MIN, to: w.to });
    let unreadable = store
        .each_event(before, &mut |event| {
            let inside = |w: Window| event.time.is_none_or(|at| w.contains(at));
            match window.is_none_or(inside) {
                true => stitcher.add(&event),
                false => stitcher.learn(&event),
            }
        })
        .map_err(|f| anyhow::anyhow!(f))?;
    Ok((stitcher.finish(), unreadable))
}

/// What the list itself does not say.
fn remark(sessions: &Sessions, output: &mut Output<'_>) -> anyhow::Result<()> {
    let list = sessions.list();
    if list.is_empty() {
        writeln!(
            output.err,
            "halon: no events in the store for this time; halon trail import PATH reads them from files"
        )?;
        return Ok(());
    }
    let events: u64 = list.iter().map(|s| s.events).sum();
    let unknown = list.iter().filter(|s| !s.complete).count();
    writeln!(
        output.err,
        "halon: {} events in {} sessions, {unknown} of them not followed to anybody; times are UTC; only what is in the store is known",
        count(events),
        words::count(list.len()),
    )?;
    Ok(())
}

/// Above which heading a session without a known beginning stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Head<'s> {
    Somebody(&'s Untrusted, Option<&'s AccountId>),
    Nobody,
    Account(&'s Untrusted, Option<&'s AccountId>),
    Service(&'s Untrusted, Option<&'s AccountId>),
}

impl<'s> Head<'s> {
    fn of(session: &'s Session) -> Self {
        let (who, account) = (&session.principal, session.account.as_ref());
        match session.kind {
            Kind::Role => Head::Nobody,
            Kind::Account => Head::Account(who, account),
            Kind::Service => Head::Service(who, account),
            _ => Head::Somebody(who, account),
        }
    }

    fn line(&self) -> String {
        let with = |what: &str, who: &Untrusted, account: &Option<&AccountId>| {
            let account = account.map(|a| format!("  {a}")).unwrap_or_default();
            format!("{what}{}{account}", display_in(who.raw(), 120))
        };
        match self {
            Head::Somebody(who, account) => with("", who, account),
            Head::Account(who, account) => with("another account: ", who, account),
            Head::Service(who, account) => with("service ", who, account),
            Head::Nobody => {
                "not known who: the calls that began these are not among the events".to_owned()
            }
        }
    }

    fn principal(&self) -> Option<&'s Untrusted> {
        match self {
            Head::Somebody(who, _) | Head::Account(who, _) | Head::Service(who, _) => Some(who),
            Head::Nobody => None,
        }
    }
}

/// People first, services last; under each what they began, oldest first.
fn tree(sessions: &Sessions) -> Vec<String> {
    let mut heads: BTreeMap<Head<'_>, Vec<usize>> = BTreeMap::new();
    for at in sessions.roots() {
        heads.entry(Head::of(&sessions.list()[at])).or_default().push(at);
    }
    let mut lines = Vec::new();
    for (head, roots) in heads {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(head.line());
        branches(sessions, &roots, head.principal(), &mut lines);
    }
    lines
}

/// Deeper than this, a chain of sessions is not indented any more.
const DEEPEST: usize = 16;

/// One line to come: a session, or what is said of several.
enum Branch<'s> {
    Session(usize, Option<&'s Untrusted>),
    Words(String),
}

fn branches<'s>(
    sessions: &'s Sessions,
    roots: &[usize],
    principal: Option<&'s Untrusted>,
    lines: &mut Vec<String>,
) {
    // A list and no recursion: how deep it goes is up to whoever wrote the events.
    let mut waiting: Vec<(Branch<'s>, String, bool)> = Vec::new();
    let push = |waiting: &mut Vec<_>, list: Vec<Branch<'s>>, indent: &str| {
        for (nth, branch) in list.into_iter().rev().enumerate() {
            waiting.push((branch, indent.to_owned(), nth == 0));
        }
    };
    push(&mut waiting, listed(sessions, roots, principal), "");
    while let Some((branch, indent, last)) = waiting.pop() {
        let (corner, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        let (at, above) = match branch {
            Branch::Words(words) => {
                lines.push(format!("{indent}{corner}{words}"));
                continue;
            }
            Branch::Session(at, above) => (at, above),
        };
        let session = &sessions.list()[at];
        let deep = indent.chars().count() >= 3 * DEEPEST;
        let inner = if deep { indent.clone() } else { format!("{indent}{below}") };
        lines.push(format!("{indent}{corner}{}", title(session, above)));
        let children = listed(sessions, sessions.children(at), Some(&session.principal));
        let stem = if children.is_empty() { "   " } else { "│  " };
        lines.extend(details(session).map(|text| format!("{inner}{stem}{text}")));
        push(&mut waiting, children, &inner);
    }
}

/// Sessions with events and new long-term keys one by one; temporary credentials that no
/// event uses in one line.
fn listed<'s>(
    sessions: &'s Sessions,
    places: &[usize],
    above: Option<&'s Untrusted>,
) -> Vec<Branch<'s>> {
    let (mut list, mut unused) = (Vec::new(), BTreeMap::<String, u64>::new());
    let mut credentials = 0;
    for at in places {
        let session = &sessions.list()[*at];
        let shown = session.events > 0
            || session.kind == Kind::AccessKey
            || !sessions.children(*at).is_empty();
        if shown {
            list.push(Branch::Session(*at, above));
            continue;
        }
        let role = session.principal.raw().split('/').next().unwrap_or_default();
        let what = format!("{} {}", session.kind.words(), display_in(role, 64));
        *unused.entry(what).or_default() += 1;
        credentials += 1;
    }
    if credentials > 0 {
        let mut most: Vec<(String, u64)> = unused.into_iter().collect();
        most.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let more = most.len().saturating_sub(4);
        let each = most.into_iter().take(4).map(|(what, n)| match n {
            1 => what,
            n => format!("{what} ×{n}"),
        });
        let mut each: Vec<String> = each.collect();
        if more > 0 {
            each.push(format!("{more} more"));
        }
        let what = if credentials == 1 { "1 session" } else { &format!("{credentials} sessions") };
        list.push(Branch::Words(format!("begun, and no event of: {what}: {}", each.join(", "))));
    }
    list
}

/// What it is, whose where that is not said above, its keys.
fn title(session: &Session, above: Option<&Untrusted>) -> String {
    let who = display_in(session.principal.raw(), 120);
    let other = above != Some(&session.principal);
    let mut title = match session.kind {
        Kind::Role => format!("role {who}"),
        Kind::Service => "in its own name".to_owned(),
        Kind::Forwarded => {
            let by: Vec<String> =
                session.through.iter().take(3).map(|s| display_in(s.raw(), 64)).collect();
            format!("through {}", by.join(", "))
        }
        kind if other => format!("{} of {who}", kind.words()),
        kind => kind.words().to_owned(),
    };
    let keys: Vec<String> =
        session.access_keys.iter().take(2).map(|k| display_in(k.raw(), 40)).collect();
    match session.access_keys.len() {
        0 => {}
        1 | 2 => title += &format!("  {}", keys.join(" ")),
        n => title += &format!("  {} keys", words::count(n)),
    }
    if let Some(identity) = &session.source_identity {
        title += &format!("  source identity {}", display_in(identity.raw(), 64));
    }
    title
}

/// Two lines at most: when and how much, from where and with what; what is not known.
fn details(session: &Session) -> impl Iterator<Item = String> {
    let mut first = match (session.first_seen, session.last_seen) {
        (Some(from), Some(to)) => format!("{}  ", span(from, to)),
        _ => String::new(),
    };
    first += &match (session.events, session.began) {
        (0, Some(began)) => format!("made {}, no event of it", stamp(began)),
        (0, None) => "no event of it".to_owned(),
        (1, _) => "1 event".to_owned(),
        (n, _) => format!("{} events", count(n)),
    };
    if session.failed > 0 {
        first += &format!(", {} failed", count(session.failed));
    }
    let mut second: Vec<String> = Vec::new();
    second.extend(most("from ", &session.addresses, 3, 45));
    second.extend(most("with ", &session.agents, 1, 60));
    if let Some(why) = session.untold.filter(|why| !matches!(why, Untold::NotHere)) {
        second.push(why.sentence().to_owned());
    }
    let second = (!second.is_empty()).then(|| second.join("  "));
    std::iter::once(first).chain(second)
}

/// The most frequent of a kind, and how many others there are.
fn most(what: &str, list: &[Counted], shown: usize, cells: usize) -> Option<String> {
    // AWS's own are not where somebody was or what somebody used.
    let is_own = |text: &str| text == "AWS Internal" || text.ends_with(".amazonaws.com");
    let others: Vec<&Untrusted> =
        list.iter().map(|c| &c.value).filter(|value| !is_own(value.raw())).collect();
    let each: Vec<String> =
        others.iter().take(shown).map(|value| display_in(value.raw(), cells)).collect();
    let more = match others.len().saturating_sub(shown) {
        0 => String::new(),
        n => format!(" and {} more", words::count(n)),
    };
    (!each.is_empty()).then(|| format!("{what}{}{more}", each.join(", ")))
}

/// `2023-07-10 11:54:47 – 12:03:25`: the date once where it is one day.
fn span(from: Timestamp, to: Timestamp) -> String {
    let day = |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).date();
    let end = match (from == to, day(from) == day(to)) {
        (true, _) => return stamp(from),
        (_, true) => to.to_zoned_datetime(TimeZone::UTC).strftime("%H:%M:%S").to_string(),
        _ => stamp(to),
    };
    format!("{} – {end}", stamp(from))
}

fn stamp(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn count(n: u64) -> String {
    words::count(usize::try_from(n).unwrap_or(usize::MAX))
}
