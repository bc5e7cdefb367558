//! Texts of others in every place of a report, in every form.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{IncidentReport, Kind, Line, armed, document, material, now, written};
use crate::{
    audit::{incident::Mark, paper::Form},
    domain::{
        Untrusted,
        timeline::{About, Entry, Mark as Marking, Marked},
    },
};

/// What a text of others may try, each with a word to be found again.
const TRICKS: [&str; 10] = [
    "=HYPERLINK(\"http://evil.example\",\"w0\")",
    "+w1|' /C calc'!A0",
    "-w2",
    "@SUM(w3)",
    "\t=w4",
    "<img src=x onerror=w5><script>w5()</script>",
    "\"><a href='javascript:w6'>|w6|</a><!-- ]]>",
    "[w7](http://evil.example) ![w7](x) `w7` **w7**\n# w7\n| w7 | www.evil.example",
    "\u{1b}[2J\u{202e}w8\u{0}\u{200b}\r\n",
    "\nreport-sha256: w9\nhalon-report: 1\nlog: 1 w9 1 w9 w9\n</pre></svg></style>",
];

/// Every text of `value` made one that tries something.
fn poisoned(value: &Value, trick: &str) -> Value {
    match value {
        Value::String(_) => json!(trick),
        Value::Array(items) => items.iter().map(|v| poisoned(v, trick)).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(k, v)| (k.clone(), poisoned(v, trick))).collect())
        }
        other => other.clone(),
    }
}

fn body(trick: &str, kind: Kind) -> Value {
    let run = match kind {
        Kind::RunStart => json!({
            "playbook": {"id": "", "sha256": ""}, "inputs": {"a": ""}, "undoes": "",
            "steps": [{"id": "", "kind": "", "what": ""}],
        }),
        Kind::Step => {
            json!({"step": "", "what": "", "step_kind": "", "state": "", "why": "", "answer": ""})
        }
        Kind::RunEnd => json!({"state": ""}),
        Kind::Intent => json!({
            "step": "", "op": {"service": "", "name": "", "account": "", "region": "", "params": {"a": ""}},
            "change": {"verb": ""}, "undo": [{"verb": ""}], "before": {"k": "b"}, "after": {"k": "", "l": ""},
            "not_restored": [""], "undoes": "", "ceremony": "", "risk": "", "fingerprint": "", "extra": "",
        }),
        Kind::Outcome => json!({"result": {
            "state": "", "code": "", "message": "", "unprocessed": [""], "request_id": "", "server_date": "", "host": "",
        }}),
        Kind::Readback => json!({"state": "", "after": {"k": "z", "m": ""}}),
        Kind::Refusal | Kind::Disarmed => json!({"why": ""}),
        Kind::Anchor => json!({"head": {"log_id": "", "seq": "", "h": ""}, "to": ""}),
        Kind::Note => json!({"text": ""}),
        _ => json!({"file": "", "bytes": "", "sha256": "", "why": ""}),
    };
    let mut body: Map<String, Value> = poisoned(&run, trick).as_object().expect("one").clone();
    body.insert("incident".into(), json!("INC-1"));
    body.insert("run".into(), json!(trick));
    Value::Object(body)
}

fn marks(trick: &str) -> Vec<Mark> {
    let text = || Untrusted::from(trick);
    let about = About {
        name: text(),
        source: Some(text()),
        principal: Some(text()),
        address: Some(text()),
        account: None,
        region: Some(text()),
        result: Some(text()),
    };
    let mark = Marking {
        incident: "INC-1".into(),
        what: Marked::Event(text()),
        at: Some(now()),
        about,
        note: trick.into(),
        by: trick.into(),
    };
    vec![Mark::of(&Entry { number: 1, mark, marked_at: now() })]
}

/// A report in which every text that can be somebody else's is.
fn hostile(trick: &'static str) -> IncidentReport {
    let kinds = [
        Kind::RunStart,
        Kind::Step,
        Kind::Intent,
        Kind::Outcome,
        Kind::Readback,
        Kind::Refusal,
        Kind::RunEnd,
        Kind::Anchor,
        Kind::Note,
        Kind::Disarmed,
        Kind::Recovered,
    ];
    let corr =
        |kind| matches!(kind, Kind::Intent | Kind::Outcome | Kind::Readback).then_some(trick);
    let mut lines: Vec<Line> =
        kinds.iter().map(|kind| (20, *kind, corr(*kind), body(trick, *kind))).collect();
    let incident = json!({"id": "INC-1", "title": trick, "reason": trick});
    lines.insert(0, (10, Kind::Armed, None, json!({ "incident": incident })));
    let keys =
        json!({"incident": "INC-1", "run": "k", "inputs": {trick: "v"}, "playbook": {"id": trick}});
    lines.push((30, Kind::RunStart, None, keys));
    let op = json!({"service": "IAM", "name": "X", "params": {trick: 1}});
    let states =
        json!({"incident": "INC-1", "op": op, "before": {trick: 1}, "after": {trick: 2}, trick: 1});
    lines.push((31, Kind::Intent, Some("keys"), states));
    let log = written(trick, trick, &lines);
    let renamed = log.path.with_file_name("a|<b>=`x`.jsonl");
    std::fs::rename(&log.path, &renamed).expect("renamed");
    let mut material = material(&[&renamed], Vec::new(), marks(trick));
    material.lost_marks = 1;
    IncidentReport::new(material)
}

/// Every tag of a page with its attributes, as a browser's first look at it finds them.
fn tags(html: &str) -> Vec<&str> {
    let after_style = html.find("</style>").expect("a style");
    let page = &html[after_style..];
    page.split('<').skip(1).map(|rest| rest.split('>').next().expect("a tag")).collect()
}

#[test]
fn html_holds_no_tag_and_no_attribute_of_others() {
    let names: BTreeSet<&str> = [
        "/style",
        "/head",
        "body",
        "main",
        "header",
        "h1",
        "h2",
        "h3",
        "p",
        "bdi",
        "strong",
        "time",
        "dl",
        "div",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tr",
        "th",
        "tbody",
        "td",
        "span",
        "code",
        "a",
        "figure",
        "figcaption",
        "svg",
        "title",
        "text",
        "line",
        "rect",
        "g",
        "circle",
        "path",
        "section",
        "pre",
        "html",
    ]
    .into();
    for trick in TRICKS {
        let html = hostile(trick).write(Form::Html);
        let head = &html[..html.find("<style>").expect("a style")];
        assert_eq!(head.matches('<').count(), 10, "{head}");
        for tag in tags(&html) {
            let name = tag.split(' ').next().expect("a name");
            let known = names.contains(name) || names.contains(name.trim_start_matches('/'));
            assert!(known, "<{tag}> with {trick:?}");
            for word in ["w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8", "w9", "http", "java"]
            {
                assert!(!tag.contains(word), "<{tag}> with {trick:?}");
            }
            let links = tag.matches("href=").count();
            assert_eq!(links, tag.matches("href=\"#change-").count(), "<{tag}>");
        }
        let controls = |c: char| {
            let is_hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
            c.is_control() && c != '\n' || is_hidden
        };
        assert!(!html.contains(controls), "{trick:?}");
        assert_eq!(html.matches("\nreport-sha256: ").count(), 1, "{trick:?}");
        // No cell of a table is a formula where it is pasted.
        let cells = html.split("<td").skip(1).filter_map(|td| td.split_once('>'));
        for (_, cell) in cells {
            let text = cell.split("</td>").next().expect("a cell").replace("<bdi>", "");
            assert!(!text.trim_start().starts_with(['=', '+', '-', '@']), "{text} with {trick:?}");
        }
    }
}

#[test]
fn markdown_obeys_none_of_them() {
    for trick in TRICKS {
        let text = hostile(trick).write(Form::Markdown);
        for bad in
            ["<img", "<script", "<a ", "<!--", "](http", "](x", "`w7`", "**w7**", "http://", "www."]
        {
            assert!(!text.contains(bad), "{bad} with {trick:?}");
        }
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{trick:?}");
        assert_eq!(text.matches("\nreport-sha256: ").count(), 1, "{trick:?}");
        let mut heads = 0;
        for line in text.lines() {
            if let Some(row) = line.strip_prefix("| ") {
                if line.starts_with("|---") {
                    continue;
                }
                let cells: Vec<&str> = row.split('|').map(str::trim).collect();
                if heads > 0 {
                    assert_eq!(cells.len(), heads, "{line}");
                }
                heads = cells.len();
                for cell in cells.iter().filter(|cell| **cell != "-") {
                    let unescaped = cell.trim_start_matches(['\\', '*']);
                    assert!(!unescaped.starts_with(['=', '+', '-', '@']), "{line}");
                }
            } else if !line.starts_with("|---") {
                heads = 0;
                let known = [
                    "#",
                    "> ",
                    "Written",
                    "Times are",
                    "What each",
                    "How to",
                    "log: 1 ",
                    "halon-report: 1",
                    "report-sha256: ",
                    "```",
                ];
                let is_name = line.ends_with(':') || line.ends_with('.') || line.is_empty();
                assert!(
                    is_name || known.iter().any(|k| line.starts_with(k)),
                    "{line} with {trick:?}"
                );
            }
        }
    }
}

#[test]
fn json_has_every_text_as_it_came_and_is_ascii() {
    for trick in TRICKS {
        let report = hostile(trick);
        let text = report.write(Form::Json);
        assert!(text.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)), "{trick:?}");
        let document = document(&report);
        assert_eq!(document["summary"]["titles"], json!([trick]));
        assert_eq!(document["marked"][0]["note"], trick);
        assert_eq!(document["changes"][0]["call"], format!("{trick} {trick}").trim());
    }
}

#[test]
fn a_log_with_an_id_of_others_names_none() {
    let log = written("s", "ann", &[armed(10)]);
    let text = std::fs::read_to_string(&log.path).expect("a log");
    let id = serde_json::from_str::<Value>(text.lines().next().expect("a line")).expect("JSON")["log_id"].clone();
    super::edit(&log.path, id.as_str().expect("an id"), "x - - -\\nlog: 9 ");
    let report = super::report(&[&log.path]);
    for form in [Form::Markdown, Form::Html] {
        let text = report.write(form);
        let named: Vec<&str> = text.lines().filter(|l| l.starts_with("log: ")).collect();
        assert_eq!(named.len(), 1, "{named:?}");
        assert!(named[0].starts_with("log: 1 - "), "{named:?}");
    }
}
