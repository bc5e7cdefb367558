//! A report as one HTML file that asks for nothing: no script, no font, no picture from
//! anywhere. A policy in its head keeps it so, whatever is in it.

use maud::{Markup, PreEscaped, html};

use super::{
    Block, Cell, Form, Paper, Row, Span, Tone, for_people,
    foreign::{shown, shown_in},
    seal,
};
use crate::domain::Untrusted;

const STYLE: &str = include_str!("style.css");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

pub fn write(paper: &Paper) -> String {
    let word = paper.subject.word();
    let head = html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(POLICY);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            title { (word) " " (shown(&paper.title)) }
            style { (PreEscaped(STYLE)) }
        }
    };
    let body = html! {
        header {
            h1 { (word) " " (foreign(&paper.title)) }
            p { "Written " (time(paper.as_of)) " by " (foreign(&paper.tool.as_str().into())) "." }
        }
        @for block in &paper.blocks { (self::block(block)) "\n" }
    };
    let logs = seal::log_lines(&paper.logs);
    let (start, head) = (seal::HTML_START, head.into_string());
    let mut out = format!("{start}<html lang=\"en\">\n{head}\n<body>\n<main>\n");
    out += &body.into_string();
    let seal = html! {
        h2 { "Seal" }
        p {
            "The hash is over everything before its line. "
            code { "halon audit verify REPORT [LOG...]" }
            " checks it, and the logs."
        }
    };
    out += "<section id=\"seal\">\n";
    out += &seal.into_string();
    out += "\n<pre>\n";
    out += &logs;
    seal::close(out, Form::Html)
}

fn block(block: &Block) -> Markup {
    html! {
        @match block {
            Block::Headline(tone, words) => { p.headline.(class(*tone)) { strong { (words) } } }
            Block::Alarm { broken: true, what } => {
                p.alarm.broken role="alert" { strong { "✗ DO NOT RELY ON THIS: " } (foreign(what)) }
            }
            Block::Alarm { what, .. } => { p.alarm { strong { "! Note: " } (foreign(what)) } }
            Block::Heading { level: 2, id, text } => { h2 id=(id) { (cell(text)) } }
            Block::Heading { id, text, .. } => { h3 id=(id) { (cell(text)) } }
            Block::Text(text) => { p { (cell(text)) } }
            Block::Facts(facts) => {
                dl {
                    @for group in facts.chunk_by(|one, next| one.0 == next.0) {
                        div {
                            dt { (group[0].0) }
                            @for (_, text) in group { dd { (cell(text)) } }
                        }
                    }
                }
            }
            Block::Table { name, heads, rows } => { (table(name, heads, rows)) }
            Block::Drawing(picture) => { (picture) }
        }
    }
}

fn table(name: &str, heads: &[&str], rows: &[Row]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(name) {
            table {
                caption { (name) }
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody {
                    @for row in rows {
                        "\n"
                        tr class=(class(row.tone)) {
                            @for (head, text) in heads.iter().zip(&row.cells) {
                                td data-label=(head) { (cell(text)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn cell(cell: &Cell) -> Markup {
    html! {
        @if cell.0.is_empty() { "–" }
        @for span in &cell.0 {
            @match span {
                Span::Ours(text) => { (text) }
                Span::Foreign(text) => { (foreign(text)) }
                Span::Hash(text, length) => { code { (shown_in(text, *length)) } }
                Span::Time(at) => { (time(*at)) }
                Span::State(tone, word) => {
                    span.state.(class(*tone)) {
                        span aria-hidden="true" { (tone.sign()) " " }
                        (word)
                    }
                }
                Span::Change(number) => { a href={ "#change-" (number) } { "change " (number) } }
            }
        }
    }
}

/// The class of what stands out so.
pub fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "plain",
        Tone::Act => "act",
        Tone::Good => "good",
        Tone::Caution => "caution",
        Tone::Trouble => "trouble",
        Tone::Marked => "marked",
    }
}

fn time(at: jiff::Timestamp) -> Markup {
    let text = for_people(at);
    html! { time datetime=(text) { (text) } }
}

/// Text of others: escaped by maud as all text is, and with a direction of its own.
fn foreign(text: &Untrusted) -> Markup {
    html! { bdi { (shown(text)) } }
}
