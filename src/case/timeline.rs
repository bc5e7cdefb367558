//! A timeline for people and for programs.

use std::fmt::Write;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    audit::escape,
    domain::{AccountId, Untrusted, time::rfc3339, timeline::Entry, untrusted::display_in},
};

/// Longest text in one cell, in terminal cells; the JSON has it all.
const LONGEST: usize = 800;

/// An entry's shape in `halon.timeline/1`.
#[derive(Debug, Serialize)]
pub struct TimelineItem<'e> {
    pub number: i64,
    pub incident: Option<&'e str>,
    /// `event`, `finding`, `note`.
    pub what: &'static str,
    pub id: Option<&'e Untrusted>,
    pub at: Option<Timestamp>,
    pub name: Option<&'e Untrusted>,
    pub source: Option<&'e Untrusted>,
    pub principal: Option<&'e Untrusted>,
    pub address: Option<&'e Untrusted>,
    pub account: Option<&'e AccountId>,
    pub region: Option<&'e Untrusted>,
    pub result: Option<&'e Untrusted>,
    pub note: Option<&'e str>,
    pub marked_by: &'e str,
    pub marked_at: Timestamp,
}

impl<'e> TimelineItem<'e> {
    pub fn of(entry: &'e Entry) -> Self {
        let (mark, about) = (&entry.mark, &entry.mark.about);
        let said = |text: &'e str| (!text.is_empty()).then_some(text);
        Self {
            number: entry.number,
            incident: said(&mark.incident),
            what: mark.what.kind(),
            id: mark.what.id(),
            at: mark.at,
            name: Some(&about.name).filter(|n| !n.is_empty()),
            source: about.source.as_ref(),
            principal: about.principal.as_ref(),
            address: about.address.as_ref(),
            account: about.account.as_ref(),
            region: about.region.as_ref(),
            result: about.result.as_ref(),
            note: said(&mark.note),
            marked_by: &mark.by,
            marked_at: entry.marked_at,
        }
    }
}

/// One incident's timeline (`Some("")`: what was marked without one), or all there is, as
/// Markdown. Nothing in it is obeyed by Markdown, HTML or a terminal, whoever wrote it.
/// `lost` entries could not be read.
pub fn timeline_markdown(
    entries: &[Entry],
    incident: Option<&str>,
    lost: usize,
    as_of: Timestamp,
) -> String {
    let mut out = match incident {
        Some("") => "# Timeline without an incident\n\n".to_owned(),
        Some(id) => format!("# Timeline of incident {}\n\n", escape(id)),
        None => "# Timeline of all incidents\n\n".to_owned(),
    };
    let _ = writeln!(out, "Written {} by halon.", rfc3339(as_of));
    out += "\nThis is what somebody marked, with what each event and finding said when it was \
            marked; what nobody\nmarked is not here. Times are UTC and AWS's own; `-` stands where \
            a record does not say.\n";
    if lost > 0 {
        let _ = write!(out, "\n**Not complete**: {lost} entries cannot be read any more.\n");
    }
    let of_incident = incident.is_none();
    let heads = ["time", "what", "who", "from", "account", "region", "result", "note", "marked"];
    let heads = of_incident.then_some("incident").into_iter().chain(heads);
    let heads: Vec<&str> = heads.chain(["source"]).collect();
    let _ = write!(out, "\n| {} |\n|{}\n", heads.join(" | "), "---|".repeat(heads.len()));
    for entry in entries {
        let _ = writeln!(out, "| {} |", row(entry, of_incident).join(" | "));
    }
    if entries.is_empty() {
        out += "\nNothing is marked.\n";
    }
    out
}

fn row(entry: &Entry, with_incident: bool) -> Vec<String> {
    let (mark, about) = (&entry.mark, &entry.mark.about);
    let cell = |text: &str| match text {
        "" => "-".to_owned(),
        text => escape(&display_in(text, LONGEST)),
    };
    let text = |text: &Option<Untrusted>| cell(text.as_ref().map_or("", Untrusted::raw));
    let id = mark.what.id().map(|id| format!(" {}", id.raw())).unwrap_or_default();
    let mut row = Vec::new();
    if with_incident {
        row.push(cell(&mark.incident));
    }
    row.extend([
        mark.at.map_or_else(|| "-".to_owned(), rfc3339),
        if about.name.is_empty() { mark.what.kind().to_owned() } else { cell(about.name.raw()) },
        text(&about.principal),
        text(&about.address),
        cell(about.account.as_ref().map_or("", AccountId::as_str)),
        text(&about.region),
        text(&about.result),
        cell(&mark.note),
        format!("{} by {}", rfc3339(entry.marked_at), cell(&mark.by)),
        match &about.source {
            Some(source) => cell(&format!("{} {}{id}", source.raw(), mark.what.kind())),
            None => cell(&format!("{}{id}", mark.what.kind())),
        },
    ]);
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{event::Event, timeline::Mark};

    fn at(s: &str) -> Timestamp {
        s.parse().expect("a timestamp")
    }

    fn entry(number: i64, mark: Mark) -> Entry {
        Entry { number, mark, marked_at: at("2026-03-02T04:00:00Z") }
    }

    fn hostile() -> Entry {
        let raw = serde_json::json!({
            "eventID": "e1", "eventName": "Stop|Logging", "eventSource": "cloudtrail.amazonaws.com",
            "eventTime": "2026-03-02T03:10:00Z", "awsRegion": "us-east-1",
            "sourceIPAddress": "<img src=x>", "errorCode": "Acc\u{1b}[2Jess",
            "userIdentity": {"type": "IAMUser", "userName": "[a](http://b.example)\n| c"},
        });
        let event = Event::read(&raw.to_string(), None).expect("an event");
        entry(1, Mark::event(&event, "INC-1", "**look** at <b>this</b>\n# no", "me"))
    }

    #[test]
    fn hostile_text_stays_text() {
        let text = timeline_markdown(&[hostile()], Some("INC-1"), 0, at("2026-03-02T05:00:00Z"));
        let row = text.lines().last().expect("a row");
        assert_eq!(row.matches(" | ").count(), 9, "one row with ten cells: {row}");
        assert!(row.starts_with("| 2026-03-02T03:10:00Z | Stop&#124;Logging |"), "{row}");
        for bad in ["<img", "<b>", "](http:", "**look", "\u{1b}"] {
            assert!(!text.contains(bad), "{bad}: {text}");
        }
    }

    #[test]
    fn what_is_not_known_is_a_dash_and_what_is_lost_is_said() {
        let note = entry(2, Mark::note(at("2026-03-02T03:00:00Z"), "", "called", "me"));
        let text = timeline_markdown(&[note], None, 3, at("2026-03-02T05:00:00Z"));
        assert!(text.contains("**Not complete**: 3 entries"));
        let row = "| - | 2026-03-02T03:00:00Z | note | - | - | - | - | - | called | 2026-03-02T04:00:00Z by me | note |";
        assert_eq!(text.lines().last(), Some(row));
    }

    #[test]
    fn json_has_it_all() {
        let entry = hostile();
        let item = serde_json::to_value(TimelineItem::of(&entry)).expect("JSON");
        assert_eq!((&item["name"], &item["id"]), (&"Stop|Logging".into(), &"e1".into()));
        assert_eq!((&item["incident"], &item["what"]), (&"INC-1".into(), &"event".into()));
    }
}
