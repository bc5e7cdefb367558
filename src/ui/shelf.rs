//! The playbooks pane: what fits the finding first, and the runs of this session.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

use super::{draw_row, theme::Theme, words::pad};
use crate::{
    domain::untrusted::display_in,
    model::{Model, ShelfRow},
};

pub fn summary(model: &Model) -> String {
    let n = model.shelf.all.len();
    if !model.shelf.text.is_empty() {
        let text = display_in(&model.shelf.text, 30);
        return format!("{} of {n} playbooks · “{text}”", model.shelf_rows().len());
    }
    match model.current() {
        Some(_) if model.chosen().len() > 1 => {
            format!("{n} playbooks · for {} findings that are picked", model.chosen().len())
        }
        Some(finding) => {
            format!("{n} playbooks · for {}", display_in(finding.main().kind.raw(), 50))
        }
        None => format!("{n} playbooks · no finding is selected"),
    }
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width);
    let heading = format!("   {} {}", pad("PLAYBOOK", 26), "WHAT IT DOES");
    Line::styled(heading, theme.label).render(Rect { height: 1, ..area }, buf);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let rows = model.shelf_rows();
    for ((at, row), y) in rows.iter().enumerate().skip(model.shelf.top).zip(body.y..body.bottom()) {
        let line = Rect { y, height: 1, ..body };
        draw_row(&row_line(model, theme, *row, width), line, buf);
        if at == model.shelf.cursor {
            buf.set_style(line, theme.selected);
        }
    }
}

fn row_line<'l>(model: &Model, theme: &Theme, row: ShelfRow, width: usize) -> Line<'l> {
    match row {
        ShelfRow::Playbook(at, fits) => {
            let loaded = &model.shelf.all[at];
            let (what, style) = match &loaded.playbook {
                Ok(p) if p.needs_break_glass() => {
                    (format!("{} (needs break-glass)", p.title), theme.dim)
                }
                Ok(p) => (p.title.clone(), Style::new()),
                Err(broken) => {
                    let first = broken.mistakes.first().map(ToString::to_string);
                    (format!("BROKEN {}", first.unwrap_or_default()), theme.trouble)
                }
            };
            let mark = if fits { "●" } else { " " };
            Line::from(vec![
                Span::styled(format!(" {mark} "), theme.new),
                Span::styled(pad(&loaded.id, 26), style),
                Span::styled(format!(" {}", display_in(&what, width.saturating_sub(31))), style),
            ])
        }
        ShelfRow::Run(at) => {
            let run = &model.case.runs[at];
            let text = format!("{} · {} · {}", run.title, run.state().word(), run.incident.id);
            Line::from(vec![
                Span::styled(" ▷ ", theme.key),
                Span::raw(pad(&format!("run {}", run.id), 26)),
                Span::raw(format!(" {}", display_in(&text, width.saturating_sub(31)))),
            ])
        }
    }
}
