//! What a frame goes through last: the screen's own ground, and the signs that there are.

use ratatui::{buffer::Buffer, style::Color};

use crate::theme::{Borders, Look, ascii};

/// Gives the theme's ground to every cell that nothing else coloured, and signs of ASCII
/// where there are no others.
///
/// Both are done here and not by each pane, so that none can forget it. A sign that stands in
/// somebody else's text is written in ASCII as well: the terminal has no other.
pub fn finish(look: &Look, buf: &mut Buffer) {
    let screen = look.theme().screen;
    if screen.fg.is_some() || screen.bg.is_some() {
        let (fg, bg) = (screen.fg.unwrap_or_default(), screen.bg.unwrap_or_default());
        for cell in &mut buf.content {
            cell.fg = if cell.fg == Color::Reset { fg } else { cell.fg };
            cell.bg = if cell.bg == Color::Reset { bg } else { cell.bg };
        }
    }
    if look.borders == Borders::Ascii {
        for at in 0..buf.content.len() {
            spell(buf, at);
        }
    }
}

/// Writes the sign of a cell in ASCII; three dots where an ellipsis has room for them.
fn spell(buf: &mut Buffer, at: usize) {
    const ELLIPSIS: &str = "…";
    let symbol = buf.content[at].symbol();
    let mut signs = symbol.chars();
    let (Some(sign), None) = (signs.next(), signs.next()) else { return };
    let Some(sign) = ascii(sign) else { return };
    let width = usize::from(buf.area.width);
    let has_room = symbol == ELLIPSIS
        && at % width + 2 < width
        && buf.content[at + 1..=at + 2].iter().all(|cell| cell.symbol() == " ");
    if has_room {
        buf.content[at..=at + 2].iter_mut().for_each(|cell| _ = cell.set_char('.'));
    } else {
        buf.content[at].set_char(sign);
    }
}
