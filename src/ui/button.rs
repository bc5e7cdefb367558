//! Buttons of ordinary prompts, in a line: each does what a key does as well. A prompt that
//! gives consent has none.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// As enter.
    Ok,
    /// As esc.
    Cancel,
}

impl Button {
    fn label(self) -> &'static str {
        match self {
            Button::Ok => "[ OK ]",
            Button::Cancel => "[ Cancel ]",
        }
    }
}

/// Where each stands in the line.
fn places(buttons: &[Button], line: Rect) -> impl Iterator<Item = (Button, Rect)> {
    let mut x = line.x + 1;
    buttons.iter().filter_map(move |button| {
        let width = button.label().width() as u16;
        let place = Rect { x, width, height: line.height.min(1), ..line };
        x += width + 1;
        (x <= line.right()).then_some((*button, place))
    })
}

/// Draws them, and what the keys do behind them.
pub fn draw(buttons: &[Button], says: &str, theme: &Theme, line: Rect, buf: &mut Buffer) {
    let mut spans = vec![Span::raw(" ")];
    for (button, _) in places(buttons, line) {
        spans.push(Span::styled(button.label(), theme.key));
        spans.push(Span::raw(" "));
    }
    spans.push(Span::styled(format!(" {says}"), theme.dim));
    Line::from(spans).render(line, buf);
}

pub fn at(buttons: &[Button], line: Rect, x: u16, y: u16) -> Option<Button> {
    places(buttons, line).find(|(_, place)| place.contains((x, y).into())).map(|(b, _)| b)
}
