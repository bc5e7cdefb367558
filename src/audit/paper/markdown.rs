//! A report as Markdown: for a ticket, a wiki, a mail.

use std::fmt::Write;

use super::{
    Block, Cell, Form, Paper, Span, for_people,
    foreign::{shown, shown_in},
    seal,
};
use crate::{audit::escape, domain::Untrusted};

pub fn write(paper: &Paper) -> String {
    let mut out = format!("{} {}\n\n", seal::markdown_start(paper.subject), foreign(&paper.title));
    let _ = writeln!(out, "Written {} by {}.\n", for_people(paper.as_of), escape(&paper.tool));
    for block in &paper.blocks {
        write_block(block, &mut out);
    }
    let _ = write!(out, "```text\n{}```\n\n", seal::log_lines(&paper.logs));
    seal::close(out, Form::Markdown)
}

fn write_block(block: &Block, out: &mut String) {
    // Writing to a text cannot fail.
    let _ = match block {
        Block::Headline(_, words) => writeln!(out, "> **{}**\n", escape(words)),
        Block::Alarm { broken, what } => {
            let mark = if *broken { "**DO NOT RELY ON THIS:** " } else { "Note: " };
            writeln!(out, "> {mark}{}\n", foreign(what))
        }
        Block::Heading { level, text, .. } => {
            writeln!(out, "{} {}\n", "#".repeat(usize::from(*level)), cell(text))
        }
        Block::Text(text) => writeln!(out, "{}\n", cell(text)),
        Block::Facts(facts) => {
            *out += "| what | |\n|---|---|\n";
            for (name, text) in facts {
                let _ = writeln!(out, "| {name} | {} |", cell(text));
            }
            writeln!(out)
        }
        Block::Table { name, heads, rows } => {
            let _ = writeln!(out, "{name}:\n");
            let _ = writeln!(out, "| {} |\n|{}", heads.join(" | "), "---|".repeat(heads.len()));
            for row in rows {
                let cells: Vec<String> = row.cells.iter().map(cell).collect();
                let _ = writeln!(out, "| {} |", cells.join(" | "));
            }
            writeln!(out)
        }
        Block::Drawing(_) => Ok(()),
    };
}

fn cell(cell: &Cell) -> String {
    if cell.0.is_empty() {
        return "-".to_owned();
    }
    cell.0.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    match span {
        Span::Ours(text) => escape(text),
        Span::Foreign(text) => foreign(text),
        Span::Hash(text, length) => hash(&shown_in(text, *length)),
        Span::Time(at) => for_people(*at),
        Span::State(tone, word) if tone.is_loud() => format!("**{word}**"),
        Span::State(_, word) => (*word).to_owned(),
        Span::Change(number) => format!("change {number}"),
    }
}

/// A hash or a head as code, so that it can be copied; whatever else stands where one should
/// is text of others.
fn hash(text: &str) -> String {
    let is_hash = |c: char| c.is_ascii_hexdigit() || "-@…".contains(c);
    match text.chars().all(is_hash) {
        true => format!("`{text}`"),
        false => escape(text),
    }
}

/// Text of others: nothing in it is obeyed by Markdown, HTML or a spreadsheet.
fn foreign(text: &Untrusted) -> String {
    escape(&shown(text))
}
