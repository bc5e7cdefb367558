//! Words and figures for people, on the screen and in headless answers alike.

use jiff::{Timestamp, tz::TimeZone};
use ratatui::{style::Style, text::Span};
use unicode_width::UnicodeWidthStr;

use crate::domain::{
    Band, Source, Untrusted,
    event::Window,
    finding::{self, Finding, Record},
    untrusted::display_in,
};

/// Foreign text in exactly `cells` columns: sanitised, cut, padded.
pub fn fit(text: &Untrusted, cells: usize) -> String {
    pad(&display_in(text.raw(), cells), cells)
}

/// Our own text in exactly `cells` columns.
pub fn pad(text: &str, cells: usize) -> String {
    let cut = display_in(text, cells);
    let width = self::cells(&cut);
    format!("{cut}{}", " ".repeat(cells.saturating_sub(width)))
}

/// The cells that a text takes up on the screen, counted as it is drawn: by what belongs
/// together. Two letters that a font may join to one (Arabic lam and alef) are still two.
pub fn cells(text: &str) -> usize {
    Span::raw(text).styled_graphemes(Style::new()).map(|part| part.symbol.width()).sum()
}

/// `CRIT 9.5`, `HIGH  70`: the band in words and the number on its service's scale.
pub fn severity(record: &Record) -> String {
    format!("{:<4}{:>4}", band(record.severity.band), number(record))
}

/// A band in four columns.
pub fn band(band: Band) -> &'static str {
    match band {
        Band::Critical => "CRIT",
        Band::High => "HIGH",
        Band::Medium => "MED",
        Band::Low => "LOW",
        Band::Informational => "INFO",
    }
}

/// GuardDuty counts 0.0–10.0, Security Hub 0–100.
pub fn number(record: &Record) -> String {
    let value = record.severity.value;
    match record.source {
        Source::GuardDuty => format!("{value:.1}"),
        Source::SecurityHub => format!("{value:.0}"),
    }
}

/// Four columns for what GuardDuty says of the row.
pub fn guardduty_state(finding: &Finding) -> &'static str {
    match finding.guardduty().map(|r| &r.state) {
        Some(finding::State::GuardDuty(a)) => match a.archived {
            Some(true) => "arch",
            Some(false) => "act",
            None => "?",
        },
        _ => "-",
    }
}

/// What Security Hub says of the row: four columns, or, where somebody has it (NOTIFIED
/// with a note), whose it is.
pub fn securityhub_state(finding: &Finding) -> String {
    let Some(finding::State::SecurityHub(hub)) = finding.securityhub().map(|r| &r.state) else {
        return "-".to_owned();
    };
    if hub.record_state.as_ref().is_some_and(|s| s.raw() == "ARCHIVED") {
        return "arch".to_owned();
    }
    let word = match hub.workflow.as_ref().map(Untrusted::raw) {
        Some("NEW") => "new",
        Some("NOTIFIED") => match &hub.note_by {
            Some(by) => return format!("@{}", display_in(by.raw(), 40)),
            None => "ntfd",
        },
        Some("RESOLVED") => "rslv",
        Some("SUPPRESSED") => "supp",
        Some(_) => "?",
        None => "-",
    };
    word.to_owned()
}

/// Date and time to the second with the offset, in the zone shown.
pub fn when(at: Timestamp, zone: &TimeZone) -> String {
    stamp(at, zone, "%Y-%m-%d %H:%M:%S")
}

/// Time to the second with the offset, where the day is today's.
pub fn second(at: Timestamp, zone: &TimeZone) -> String {
    stamp(at, zone, "%H:%M:%S")
}

/// Date and time to the minute with the offset.
pub fn minute(at: Timestamp, zone: &TimeZone) -> String {
    stamp(at, zone, "%Y-%m-%d %H:%M")
}

/// The zone that times are shown in, by its offset at a time.
pub fn zone(at: Timestamp, zone: &TimeZone) -> String {
    let offset = if *zone == TimeZone::UTC { "UTC" } else { "%:z" };
    at.to_zoned_datetime(zone.clone()).strftime(offset).to_string()
}

/// `03:10 UTC, 2m ago`: as of when something is shown.
pub fn as_of(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let ago = match crate::domain::time::age(now, at) {
        now if now == "now" => now,
        age => format!("{age} ago"),
    };
    format!("{}, {ago}", stamp(at, zone, "%H:%M"))
}

/// Month, day, hour and minute, where the zone is said elsewhere.
pub fn short(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%m-%d %H:%M").to_string()
}

/// Date and time to the second, where the zone is said elsewhere.
pub fn day_and_second(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Hour and minute, where the day is said elsewhere.
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%H:%M").to_string()
}

/// Whether a window is within one day of the zone that is shown.
pub fn one_day(window: Window, zone: &TimeZone) -> bool {
    let date = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
    date(window.from) == date(window.to)
}

fn stamp(at: Timestamp, zone: &TimeZone, format: &str) -> String {
    let offset = if *zone == TimeZone::UTC { "UTC" } else { "%:z" };
    at.to_zoned_datetime(zone.clone()).strftime(&format!("{format} {offset}")).to_string()
}

pub fn source(source: Source) -> &'static str {
    match source {
        Source::GuardDuty => "GuardDuty",
        Source::SecurityHub => "Security Hub",
    }
}

/// Whether the row deserves the `!` badge: hidden characters, or mixed scripts in a name.
pub fn is_suspicious(record: &Record) -> bool {
    [&record.kind, &record.title, &record.resource, &record.actor]
        .into_iter()
        .any(|t| crate::domain::untrusted::is_suspicious(t.raw()))
}

/// Thousands apart: `50,000`.
pub fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::{buffer::Buffer, layout::Rect};

    use super::*;

    /// The column that begins behind a text of so many cells, as it is drawn in a row.
    fn next_column(text: &str, cells: usize) -> Option<usize> {
        let mut buf = Buffer::empty(Rect::new(0, 0, cells as u16 + 40, 1));
        let row = format!("└ {} |", fit(&text.into(), cells));
        buf.set_string(0, 0, row, Style::new());
        (0..buf.area.width).position(|x| buf[(x, 0)].symbol() == "|")
    }

    #[test]
    fn names_of_every_script_leave_the_next_column_where_it_is() {
        for name in [
            "ci-deploy",
            "日本語の名前",
            "ｆｕｌｌｗｉｄｔｈ",
            "e\u{301}quipe a\u{308}\u{323}",
            "🦀 crab 👍🏽 👩\u{200d}💻 🇨🇭 1\u{fe0f}\u{20e3} ❤\u{fe0f}",
            "שלום עולם",
            "مرحبا لا بأس لأ",
            "नमस्ते कि",
            "สวัสดี น้ำ",
            "한국어 각",
            "\u{301}mark first",
            "\u{202e}olleh\u{202c}",
            "ꓐꓸꓹ ᨠᨗ ⵎⵎ",
            "\u{1f3fd}🏽",
        ] {
            for cells in 0..30 {
                assert_eq!(next_column(name, cells), Some(cells + 3), "{name} in {cells}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_moves_the_next_column(text in any::<String>(), cells in 0usize..40) {
            let text = text.replace('|', "/");
            prop_assert_eq!(next_column(&text, cells), Some(cells + 3));
        }

        #[test]
        fn no_mixture_of_scripts_moves_it(
            text in "[a\u{300}-\u{310}\u{590}-\u{5ff}\u{620}-\u{6ff}\u{900}-\u{97f}\u{e00}-\u{e7f}\u{1100}-\u{11ff}\u{1780}-\u{17ff}\u{4e00}-\u{4e20}\u{1f1e6}-\u{1f1ff}\u{1f3f0}-\u{1f469}\u{200d}\u{fe0f}]{0,20}",
            cells in 0usize..40,
        ) {
            prop_assert_eq!(next_column(&text, cells), Some(cells + 3));
        }
    }
}
