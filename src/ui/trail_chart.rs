//! Events over the window, and below them the ones that failed.

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Line,
    widgets::{Sparkline, Widget},
};

use super::{
    theme::Theme,
    trail::one_year,
    words::{count, pad, short},
};
use crate::{model::Model, store::Bar, theme::bar};

const LABEL: u16 = 15;

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let sight = &model.trail.sight;
    let found = &sight.found;
    let columns = usize::from(area.width.saturating_sub(LABEL + 1));
    let bars = fitted(&found.bars, columns);
    let most = bars.iter().map(|b| b.events).max().unwrap_or(0).max(1);
    let number = |n: u64| count(usize::try_from(n).unwrap_or(usize::MAX));
    let rows = [
        ("events", number(found.total), bars.iter().map(|b| b.events).collect(), theme.label),
        ("failed", number(found.failed), bars.iter().map(|b| b.failed).collect(), theme.trouble),
    ];
    for ((name, total, counts, style), y) in rows.into_iter().zip(area.y..area.bottom()) {
        let row = Rect { y, height: 1, ..area };
        Line::styled(pad(&format!(" {name} {total}"), LABEL.into()), theme.dim).render(row, buf);
        let x = row.x + LABEL.min(row.width);
        let width = row.width.saturating_sub(LABEL + 1).min(bars.len() as u16);
        let counts: Vec<u64> = counts;
        Sparkline::default()
            .data(visible(counts, most))
            .max(most)
            .style(bar(style))
            .render(Rect { x, width, ..row }, buf);
    }
    let axis = Rect { y: area.y + 2, height: area.height.saturating_sub(2).min(1), ..area };
    if let Some(asked) = sight.asked.as_ref().filter(|_| !bars.is_empty()) {
        let span = asked.window.to.duration_since(asked.window.from);
        let same_year = one_year(asked.window, &model.zone);
        let end = |at: Timestamp| match same_year {
            true => short(at, &model.zone),
            false => {
                at.to_zoned_datetime(model.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
            }
        };
        let line = format!(
            "{}{} to {}, {} a column",
            " ".repeat(LABEL.into()),
            end(asked.window.from),
            end(asked.window.to),
            spelled(span / i32::try_from(bars.len()).unwrap_or(i32::MAX))
        );
        Line::styled(line, theme.dim).render(axis, buf);
    }
}

/// The bars in at most so many columns: whole numbers of bars are put together, so that
/// columns are of the same length of time.
fn fitted(bars: &[Bar], columns: usize) -> Vec<Bar> {
    let together = bars.len().div_ceil(columns.max(1)).max(1);
    let sum = |part: &[Bar]| Bar {
        events: part.iter().map(|b| b.events).sum(),
        failed: part.iter().map(|b| b.failed).sum(),
    };
    bars.chunks(together).map(sum).collect()
}

/// What is not zero is high enough to be seen.
fn visible(counts: Vec<u64>, most: u64) -> Vec<u64> {
    const STEPS: u64 = 8;
    let least = most.div_ceil(STEPS);
    counts.into_iter().map(|n| if n == 0 { 0 } else { n.max(least) }).collect()
}

fn spelled(span: SignedDuration) -> String {
    match span.as_secs() {
        s @ ..60 => format!("{s} s"),
        s @ 60..7200 => format!("{} min", s / 60),
        s @ 7200..172_800 => format!("{} h", s / 3600),
        s => format!("{:.1} d", s as f64 / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_event_is_lost_where_columns_are_few() {
        let bars: Vec<Bar> = (0..100).map(|n| Bar { events: n, failed: 1 }).collect();
        for columns in [0, 1, 7, 64, 100, 300] {
            let fitted = fitted(&bars, columns);
            assert!(fitted.len() <= columns.max(1), "{columns}");
            assert_eq!(fitted.iter().map(|b| b.events).sum::<u64>(), 4950, "{columns}");
            assert_eq!(fitted.iter().map(|b| b.failed).sum::<u64>(), 100, "{columns}");
        }
    }
}
