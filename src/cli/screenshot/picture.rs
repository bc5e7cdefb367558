//! What is on a screen, to be written down.

use ratatui::{buffer::Buffer, style::Style};
use unicode_width::UnicodeWidthStr;

use super::svg;

/// The cells of one screen.
pub struct Picture {
    cells: Buffer,
    /// What lies below all cells.
    screen: Style,
}

impl Picture {
    pub fn of(cells: Buffer, screen: Style) -> Picture {
        Picture { cells, screen }
    }

    /// A line for each row, without the blanks at its end.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for y in self.cells.area.top()..self.cells.area.bottom() {
            let mut row = String::new();
            let mut x = self.cells.area.left();
            while x < self.cells.area.right() {
                let symbol = self.cells[(x, y)].symbol();
                row.push_str(symbol);
                x += columns(symbol);
            }
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }

    /// An SVG document that needs nothing but a fixed-width font.
    pub fn svg(&self) -> String {
        svg::write(&self.cells, self.screen)
    }
}

/// Columns that a symbol takes: the cell after a wide one is behind it.
pub fn columns(symbol: &str) -> u16 {
    u16::try_from(symbol.width()).unwrap_or(1).max(1)
}
