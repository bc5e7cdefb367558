//! Cells as an SVG document: a rectangle behind each run of cells that has a colour of its own,
//! and each run of the same style a text as wide as its columns, whatever the reader's font.

use std::fmt::Write;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier, Style},
};

use super::picture::columns;

/// Width and height of a cell and its font's size, in pixels; where in it the letters stand.
const CELL: (f32, f32) = (8.4, 17.0);
const FONT: f32 = 14.0;
const BASE: f32 = 13.0;
/// Around the screen.
const EDGE: f32 = 10.0;
const FAMILY: &str =
    "ui-monospace,'DejaVu Sans Mono','SF Mono',Menlo,Consolas,'Liberation Mono',monospace";

/// What the terminal itself would show where a cell names no colour.
const GROUND: &str = "#16181d";
const LETTERS: &str = "#d7dae0";
/// The sixteen named colours, in ANSI's order.
const NAMED: [&str; 16] = [
    "#1d2026", "#d9534f", "#4fae6d", "#d0a13c", "#3f74d1", "#a868c4", "#3aa3b0", "#c3c7cf",
    "#7d8590", "#ff7b72", "#7ee787", "#f2cc60", "#79c0ff", "#d2a8ff", "#76e3ea", "#ffffff",
];

pub fn write(cells: &Buffer, screen: Style) -> String {
    let area = cells.area;
    let plain = Plain {
        ground: screen.bg.and_then(colour).unwrap_or_else(|| GROUND.to_owned()),
        letters: screen.fg.and_then(colour).unwrap_or_else(|| LETTERS.to_owned()),
    };
    let ground = &plain.ground;
    let (width, height) =
        (f32::from(area.width) * CELL.0 + 2.0 * EDGE, f32::from(area.height) * CELL.1 + 2.0 * EDGE);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.1}\" height=\"{height:.1}\" \
         viewBox=\"0 0 {width:.1} {height:.1}\">\n\
         <style>text{{font:{FONT}px {FAMILY};white-space:pre;direction:ltr;\
         unicode-bidi:bidi-override}}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{ground}\"/>\n"
    );
    for y in area.top()..area.bottom() {
        let runs = runs(cells, y, &plain);
        let top = EDGE + f32::from(y - area.top()) * CELL.1;
        for run in &runs {
            behind(&mut svg, run, top);
        }
        for run in &runs {
            letters(&mut svg, run, top);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// What is shown where a cell names no colour.
struct Plain {
    ground: String,
    letters: String,
}

/// Cells one after the other that look the same.
struct Run {
    /// Columns before it, and its own.
    x: u16,
    columns: u16,
    text: String,
    look: Look,
}

#[derive(Clone, PartialEq)]
struct Look {
    letters: String,
    ground: Option<String>,
    modifier: Modifier,
}

fn runs(cells: &Buffer, y: u16, plain: &Plain) -> Vec<Run> {
    let (mut runs, mut x): (Vec<Run>, u16) = (Vec::new(), cells.area.left());
    while x < cells.area.right() {
        let cell = &cells[(x, y)];
        let (look, columns) = (look(cell, plain), columns(cell.symbol()));
        // What is not as wide in every font as it should be begins anew, and so does what
        // follows: nothing to the right of it moves.
        let odd = |text: &str| !text.is_ascii();
        match runs.last_mut() {
            Some(run)
                if run.look == look && odd(&run.text) == odd(cell.symbol()) && columns == 1 =>
            {
                run.columns += 1;
                run.text.push_str(cell.symbol());
            }
            _ => {
                let x = x - cells.area.left();
                runs.push(Run { x, columns, text: cell.symbol().to_owned(), look });
            }
        }
        x += columns;
    }
    runs
}

fn look(cell: &Cell, plain: &Plain) -> Look {
    let letters = colour(cell.fg).unwrap_or_else(|| plain.letters.clone());
    let ground = colour(cell.bg);
    let (letters, ground) = match cell.modifier.contains(Modifier::REVERSED) {
        true => (ground.unwrap_or_else(|| plain.ground.clone()), Some(letters)),
        false => (letters, ground),
    };
    Look { letters, ground, modifier: cell.modifier }
}

fn behind(svg: &mut String, run: &Run, top: f32) {
    let Some(ground) = &run.look.ground else { return };
    let _ = writeln!(
        svg,
        "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{ground}\"/>",
        EDGE + f32::from(run.x) * CELL.0,
        f32::from(run.columns) * CELL.0,
        CELL.1,
    );
}

fn letters(svg: &mut String, run: &Run, top: f32) {
    let modifier = run.look.modifier;
    let blank = run.text.chars().all(char::is_whitespace);
    if modifier.contains(Modifier::HIDDEN) || (blank && !modifier.contains(Modifier::UNDERLINED)) {
        return;
    }
    let mut style = String::new();
    if modifier.contains(Modifier::BOLD) {
        style.push_str(" font-weight=\"bold\"");
    }
    if modifier.contains(Modifier::ITALIC) {
        style.push_str(" font-style=\"italic\"");
    }
    if modifier.contains(Modifier::DIM) {
        style.push_str(" opacity=\"0.65\"");
    }
    if modifier.contains(Modifier::UNDERLINED) {
        style.push_str(" text-decoration=\"underline\"");
    }
    if modifier.contains(Modifier::CROSSED_OUT) {
        style.push_str(" text-decoration=\"line-through\"");
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
         fill=\"{}\"{style} xml:space=\"preserve\">{}</text>",
        EDGE + f32::from(run.x) * CELL.0,
        top + BASE,
        f32::from(run.columns) * CELL.0,
        run.look.letters,
        escaped(&run.text),
    );
}

/// XML's own signs written out; what XML may not have at all is the sign for what is not known.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// A colour as SVG has it; `None` where the terminal's own is meant.
fn colour(colour: Color) -> Option<String> {
    let named = |at: usize| Some(NAMED[at].to_owned());
    match colour {
        Color::Reset => None,
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(8),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Indexed(at) => indexed(at),
    }
}

/// xterm's 256 colours: the sixteen, a cube of six steps, and 24 greys.
fn indexed(at: u8) -> Option<String> {
    let hex = |r: u8, g: u8, b: u8| Some(format!("#{r:02x}{g:02x}{b:02x}"));
    match at {
        0..16 => Some(NAMED[usize::from(at)].to_owned()),
        16..232 => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = at - 16;
            hex(step(n / 36), step(n / 6 % 6), step(n % 6))
        }
        232.. => {
            let grey = 8 + 10 * (at - 232);
            hex(grey, grey, grey)
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    fn drawn(cells: &Buffer) -> String {
        write(cells, Style::new())
    }

    fn line(text: &str, style: Style) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
        buffer.set_string(0, 0, text, style);
        buffer
    }

    #[test]
    fn text_is_text_and_no_markup() {
        let svg = drawn(&line("<a&\"'>", Style::new()));
        assert!(svg.contains(">&lt;a&amp;&quot;&apos;&gt;"), "{svg}");
        let mut buffer = line("ab", Style::new());
        buffer[(1, 0)].set_symbol("\u{1b}");
        assert!(!drawn(&buffer).contains('\u{1b}'));
    }

    #[test]
    fn what_is_reversed_changes_places_with_what_is_behind_it() {
        let style = Style::new().fg(Color::Red).bg(Color::Rgb(1, 2, 3));
        let svg = drawn(&line("x", style.add_modifier(Modifier::REVERSED)));
        assert!(svg.contains(&format!("height=\"17.0\" fill=\"{}\"", NAMED[1])), "{svg}");
        assert!(svg.contains("fill=\"#010203\" xml:space"), "{svg}");
    }

    #[test]
    fn a_wide_letter_takes_two_columns_and_moves_nothing() {
        let svg = drawn(&line("a漢b", Style::new()));
        let at = |text: &str| svg.lines().find(|l| l.contains(text)).expect("a text").to_owned();
        assert!(at(">漢<").contains("x=\"18.4\"") && at(">漢<").contains("textLength=\"16.8\""));
        assert!(at(">b").contains("x=\"35.2\""), "{svg}");
    }

    #[test]
    fn the_256_colours_are_xterms() {
        let of = |at| indexed(at).expect("a colour");
        assert_eq!(
            (of(16), of(21), of(231)),
            ("#000000".into(), "#0000ff".into(), "#ffffff".into())
        );
        assert_eq!((of(232), of(255)), ("#080808".into(), "#eeeeee".into()));
    }
}
