//! Findings over time, a row for each band.

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Line,
    widgets::{Sparkline, Widget},
};

use super::{
    theme::Theme,
    words::{count, pad},
};
use crate::{domain::Band, model::Model, theme::bar};

const LABEL: u16 = 15;

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let bars = &model.list.bars;
    let bands = Band::ALL.into_iter().rev().filter(|b| *b >= model.view.filter.at_least);
    let most = bars.counts.iter().flatten().copied().max().unwrap_or(0).max(1);
    let columns = usize::from(area.width.saturating_sub(LABEL + 1));
    for (band, y) in bands.zip(area.y..area.bottom().saturating_sub(1)) {
        let row = Rect { y, height: 1, ..area };
        let total = model.list.bands[band as usize];
        let label = format!("{} {}", pad(band.name(), 8), count(total));
        Line::styled(pad(&label, LABEL.into()), theme.dim).render(row, buf);
        let place = Rect {
            x: row.x + LABEL.min(row.width),
            width: row.width.saturating_sub(LABEL + 1),
            ..row
        };
        // Spans of no findings stay empty; the newest are kept where not all fit.
        let counts = newest(bars.of(band), columns, most);
        Sparkline::default().data(counts).max(most).style(bar(theme.band(band))).render(place, buf);
    }
    let axis = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    if let Some(from) = bars.from {
        let hidden = bars.counts[0].len().saturating_sub(columns);
        let from = from + SignedDuration::from_secs(bars.span * hidden as i64);
        let mut line = format!(
            "{}from {} {}, {} a column",
            " ".repeat(LABEL.into()),
            short(from, model),
            super::words::zone(from, &model.zone),
            span(bars.span)
        );
        if bars.earlier > 0 {
            line += &format!(", {} earlier", count(bars.earlier));
        }
        Line::styled(line, theme.dim).render(axis, buf);
    }
}

/// The newest `columns` spans; what is not zero is high enough to be seen.
fn newest(counts: &[u64], columns: usize, most: u64) -> Vec<u64> {
    const STEPS: u64 = 8;
    let least = most.div_ceil(STEPS);
    let shown = counts[counts.len().saturating_sub(columns)..].iter();
    shown.map(|n| if *n == 0 { 0 } else { (*n).max(least) }).collect()
}

fn short(at: Timestamp, model: &Model) -> String {
    at.to_zoned_datetime(model.zone.clone()).strftime("%m-%d %H:%M").to_string()
}

fn span(seconds: i64) -> String {
    match seconds {
        0..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{:.1} d", seconds as f64 / 86_400.0),
    }
}
