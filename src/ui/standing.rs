//! How statements of the organization's policies stand to a role, in lines: for the screen
//! and for headless answers alike.

use serde_json::Value;

use super::statement;
use crate::{
    domain::{Region, Untrusted, organization::OrgPolicyKind, untrusted::display_in},
    policy::exempt::{
        Breaks, Exemption, Fix, LevelReport, Standing, StatementReport, TagRisk, Taken, Verdict,
    },
};

/// Cells of a name or a pattern; what is longer is cut.
const NAME: usize = 120;
/// Principals that one line names; the rest is counted.
const NAMED: usize = 6;

/// What a line is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Heading,
    Dim,
    Good,
    Warning,
    Trouble,
}

/// A line, sanitised, to be wrapped under its indent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub tone: Tone,
    pub indent: usize,
    pub text: String,
}

fn say(tone: Tone, indent: usize, text: impl Into<String>) -> Said {
    Said { tone, indent, text: text.into() }
}

/// In a word, in capitals where it is trouble.
pub fn word(standing: Standing) -> (&'static str, Tone) {
    match standing {
        Standing::Allows => ("allows", Tone::Dim),
        Standing::Exempt => ("exempt", Tone::Good),
        Standing::Spares(_) => ("spares it", Tone::Good),
        Standing::Denies => ("DENIES", Tone::Trouble),
        Standing::Depends => ("depends", Tone::Warning),
    }
}

pub fn verdict(verdict: Verdict) -> (&'static str, Tone) {
    match verdict {
        Verdict::NotBound(_) => ("NOT BOUND", Tone::Good),
        Verdict::Exempt => ("EXEMPT", Tone::Good),
        Verdict::NotExempt => ("NOT EXEMPT", Tone::Trouble),
        Verdict::Unknown => ("UNKNOWN", Tone::Warning),
    }
}

/// `RegionLock, statement 0 (OnlyEurope)`.
pub fn title(report: &StatementReport) -> String {
    let kind = match report.kind {
        OrgPolicyKind::Scp => "",
        OrgPolicyKind::Rcp => "rcp ",
    };
    let sid = report.statement.sid.as_deref().filter(|s| !s.is_empty());
    let sid = sid.map(|s| format!(" ({})", display_in(s, NAME))).unwrap_or_default();
    let policy = display_in(report.policy.raw(), NAME);
    format!("{kind}{policy}, statement {}{sid}", report.at)
}

/// Everything about one statement, its own words first.
///
/// `tried` are the regions that the job was tried in.
pub fn statement(report: &StatementReport, tried: &[Region]) -> Vec<Said> {
    let mut out = vec![say(Tone::Plain, 0, statement::line(&report.statement))];
    out.retain(|_| !report.allows_all());
    let why = match report.standing {
        Standing::Allows => return out,
        Standing::Exempt => "a condition takes the role out of it",
        Standing::Spares(spared) => spared.sentence(),
        Standing::Denies => "it denies the role what the job needs:",
        Standing::Depends => "it may deny the role what the job needs:",
    };
    let (_, tone) = word(report.standing);
    out.push(say(tone, 0, why));
    if report.standing != Standing::Exempt {
        out.extend(breaks(&report.breaks, tried));
    }
    out.extend(report.exemptions.iter().flat_map(|e| exemption(report, e)));
    match (&report.fixes[..], report.standing) {
        ([], Standing::Denies | Standing::Depends) => {
            out.push(say(Tone::Warning, 0, "no exemption was found that evaluation confirms"));
        }
        (fixes, _) => out.extend(fixes.iter().enumerate().flat_map(|(nth, f)| fix(f, nth))),
    }
    out
}

/// What a level as a whole lacks.
pub fn level(report: &LevelReport, tried: &[Region]) -> Vec<Said> {
    let mut out = Vec::new();
    for (policy, mistakes) in &report.unreadable {
        let policy = display_in(policy.raw(), NAME);
        out.push(say(
            Tone::Trouble,
            0,
            format!("{policy} cannot be read: what it says is unknown"),
        ));
        let mistakes = mistakes.mistakes.iter().take(3);
        out.extend(mistakes.map(|m| say(Tone::Dim, 2, display_in(&m.to_string(), 4 * NAME))));
    }
    if !report.lacking.is_empty() {
        out.push(say(Tone::Trouble, 0, "no statement of this level allows:"));
        out.extend(breaks(&report.lacking, tried));
        out.extend(report.fix.iter().flat_map(|f| fix(f, 0)));
    }
    out
}

/// The calls, those of the same circumstances together.
fn breaks(all: &[Breaks], tried: &[Region]) -> Vec<Said> {
    let mut groups: Vec<Vec<&Breaks>> = Vec::new();
    for one in all {
        let same = |other: &Breaks| {
            // A global service has its one region, which says nothing.
            other.call.global == one.call.global
                && (&other.regions, &other.only_on, &other.depends_on)
                    == (&one.regions, &one.only_on, &one.depends_on)
        };
        match groups.iter_mut().find(|group| same(group[0])) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    let mut out = Vec::new();
    for group in groups {
        let first = group[0];
        let tone = if first.depends_on.is_empty() { Tone::Trouble } else { Tone::Warning };
        let mut head = match first.call.global {
            true => "everywhere".to_owned(),
            false => regions(&first.regions, tried),
        };
        if !first.only_on.is_empty() {
            head += &format!(", only on {}", several(&first.only_on));
        }
        if !first.depends_on.is_empty() {
            let keys: Vec<String> = first.depends_on.iter().map(|k| display_in(k, NAME)).collect();
            head += &format!(", depending on {}", keys.join(", "));
        }
        out.push(say(tone, 2, head + ":"));
        out.extend(group.iter().map(|one| {
            say(Tone::Plain, 4, format!("{}, to {}", one.call.action, one.call.purpose))
        }));
    }
    out
}

/// `in us-east-1`, `in every region but eu-west-1`.
pub fn regions(these: &[Region], tried: &[Region]) -> String {
    const FEW: usize = 4;
    let named =
        |regions: &[&Region]| regions.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", ");
    let others: Vec<&Region> = tried.iter().filter(|r| !these.contains(r)).collect();
    match (these.len(), others.len()) {
        (few, _) if few <= FEW => format!("in {}", named(&these.iter().collect::<Vec<_>>())),
        (_, 0) => "in every region".to_owned(),
        (_, few) if few <= FEW => format!("in every region but {}", named(&others)),
        (many, _) => format!("in {many} regions of {}", tried.len()),
    }
}

fn exemption(report: &StatementReport, exemption: &Exemption) -> Vec<Said> {
    let Some(test) = report.statement.conditions.get(exemption.test) else { return Vec::new() };
    let (lead, tone) = match (exemption.role, exemption.by_name) {
        (Taken::Out, true) => ("exempts the role", Tone::Good),
        (Taken::Out, false) => ("is about others", Tone::Good),
        (Taken::Not, true) => ("does not exempt the role", Tone::Warning),
        (Taken::Not, false) => ("is about the role too", Tone::Dim),
        (Taken::Perhaps, _) => ("exempts the role, or not: not known", Tone::Warning),
    };
    let mut out = vec![say(tone, 0, format!("{}: {lead}", statement::condition(test)))];
    if !exemption.others.is_empty() {
        let more = exemption.others.len() - exemption.others.len().min(NAMED) + exemption.more;
        let shown: Vec<String> =
            exemption.others.iter().take(NAMED).map(|o| display_in(o.raw(), NAME)).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        out.push(say(Tone::Warning, 2, format!("exempts also {}{more}", shown.join(", "))));
    }
    out.extend(exemption.tag.as_ref().map(tag));
    out
}

fn tag(risk: &TagRisk) -> Said {
    let tag =
        format!("{} = {}", display_in(risk.key.raw(), NAME), display_in(risk.value.raw(), NAME));
    match (&risk.open[..], &risk.unknown[..]) {
        ([], []) => say(Tone::Good, 2, format!("nobody without it can take on the tag {tag}")),
        ([], unknown) => {
            let calls = unknown.join(", ");
            say(
                Tone::Warning,
                2,
                format!(
                    "whether anybody can take on the tag {tag} by {calls} depends on more than is known"
                ),
            )
        }
        (open, _) => {
            let calls = open.join(", ");
            say(
                Tone::Trouble,
                2,
                format!("the tag {tag} can be taken on by anybody who may call {calls}"),
            )
        }
    }
}

fn fix(fix: &Fix, nth: usize) -> Vec<Said> {
    let lead = if nth == 0 { "would fix it" } else { "or" };
    let added = display_in(fix.added.raw(), 4 * NAME);
    let mut out = vec![say(Tone::Heading, 0, format!("{lead}: {added}"))];
    // An alternative differs in the condition alone, which is said.
    if nth == 0 {
        let mut lines = Vec::new();
        written(&fix.statement, "", 2, &mut lines);
        out.extend(lines);
    }
    let through = display_in(fix.lets_through.raw(), 4 * NAME);
    out.push(say(Tone::Dim, 2, format!("lets through {through}")));
    out.extend(
        fix.warnings
            .iter()
            .map(|w| say(Tone::Warning, 2, format!("! {}", display_in(w.raw(), 4 * NAME)))),
    );
    out
}

/// JSON in few lines: a list of plain values stands on one.
fn written(value: &Value, lead: &str, indent: usize, out: &mut Vec<Said>) {
    let name = |key: &str| Value::from(key).to_string();
    match value {
        Value::Object(members) if !members.is_empty() => {
            out.push(say(Tone::Plain, indent, format!("{}{{", display_in(lead, 8 * NAME))));
            for (nth, (key, value)) in members.iter().enumerate() {
                written(value, &format!("{}: ", name(key)), indent + 2, out);
                if let Some(last) = out.last_mut().filter(|_| nth + 1 < members.len()) {
                    last.text.push(',');
                }
            }
            out.push(say(Tone::Plain, indent, "}"));
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(Value::to_string).collect();
            let text = format!("{lead}[{}]", items.join(", "));
            out.push(say(Tone::Plain, indent, display_in(&text, 64 * NAME)));
        }
        plain => {
            let text = format!("{lead}{plain}");
            out.push(say(Tone::Plain, indent, display_in(&text, 8 * NAME)));
        }
    }
}

fn several(words: &[Untrusted]) -> String {
    let mut shown: Vec<String> =
        words.iter().take(NAMED).map(|w| display_in(w.raw(), NAME)).collect();
    if words.len() > NAMED {
        shown.push(format!("{} more", words.len() - NAMED));
    }
    shown.join(", ")
}

/// Lines of at most so many columns, each under its indent.
pub fn wrapped(said: &Said, left: usize, width: usize) -> Vec<String> {
    let indent = " ".repeat(left + said.indent);
    let under = format!("{indent}  ");
    let options = textwrap::Options::new(width.max(left + said.indent + 12))
        .initial_indent(&indent)
        .subsequent_indent(&under)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        // Half a region's name, or half an ARN's, is no name.
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(&said.text, options).into_iter().map(|line| line.into_owned()).collect()
}
