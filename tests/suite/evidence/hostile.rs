//! Texts of others in every place of a drill's report, in every form.

use halon::{
    audit::{
        Policy,
        incident::Source,
        paper::{Form, check},
    },
    drill::{
        Event, Item, State,
        report::{DrillReport, Material},
    },
};
use serde_json::{Value, json};

use super::{AWS, Told, id, run, start, whole, write};

/// What a text of others may try, each with a word to be found again.
const TRICKS: [&str; 8] = [
    "=HYPERLINK(\"http://evil.example\",\"w0\")",
    "+w1|' /C calc'!A0",
    "@SUM(w2)",
    "<img src=x onerror=w3><script>w3()</script>",
    "\"><a href='javascript:w4'>|w4|</a><!-- ]]>",
    "[w5](http://evil.example) ![w5](x) `w5` **w5**\n# w5\n| w5 | www.evil.example",
    "\u{1b}[2J\u{202e}w6\u{0}\u{200b}\r\n",
    "\nreport-sha256: w7\nhalon-report: 1\nlog: 1 w7 1 w7 w7\n</pre></style>VALIDATION: by a person",
];

/// The same drill, with every text that a person, a scenario or AWS wrote replaced.
fn hostile(trick: &str) -> Told {
    let mut told = whole(true, "aws");
    let actions = json!([{"what": trick, "owner": trick, "due": "2026-04-01"}]);
    for (_, event) in &mut told {
        match event {
            Event::Begun(begun) => {
                begun.title = trick.into();
                begun.scenario = trick.into();
                begun.operator = trick.into();
                begun.tool = trick.into();
                begun.binary_sha256 = Some(trick.into());
                for planned in &mut begun.objectives {
                    planned.title = trick.into();
                }
            }
            Event::Objective { title, .. } => *title = trick.into(),
            Event::Evidence(evidence) => {
                evidence.text = trick.into();
                evidence.value = match evidence.item {
                    Item::Deviations => json!({ "deviations": actions }),
                    Item::Roster => {
                        json!({"people": [trick], "principals": [trick, "x"], trick: 1})
                    }
                    Item::Completeness => json!({
                        "from": trick, "to": trick, "regions": [trick],
                        "uses": [{"at": trick, "event_id": trick, "class": trick, "session": trick}],
                        "exceptions": [{"quarter": "2025Q4", "why": trick}],
                    }),
                    _ => json!({"told": trick, "deep": [{"a": {trick: trick}}, 1]}),
                };
                evidence.sources.push(halon::drill::Source::Corr(trick.into()));
                if evidence.item == Item::Alert {
                    evidence.state = State::Failed;
                }
            }
            Event::Ended { why, .. } => *why = trick.into(),
            Event::Hint { objective, .. } => *objective = trick.into(),
            Event::Stage { .. } => {}
        }
    }
    told
}

fn report(trick: &str) -> DrillReport {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data/a|<b>=`x`.jsonl");
    let runs = run(&id(1), trick, trick, trick);
    write(&path, AWS, 0, &id(1), &whole(true, "aws"), &[]);
    write(&path, AWS, 60, &id(2), &hostile(trick), &runs);
    DrillReport::new(Material {
        drill: id(2),
        as_of: start(),
        tool: "halon 0.1.0".into(),
        sources: vec![Source::load(&path, &[], Policy::quarterly(start()))],
        heads: Vec::new(),
        redactor: None,
    })
    .expect("a report")
}

#[test]
fn html_holds_no_tag_and_no_attribute_of_others() {
    for trick in TRICKS {
        let html = report(trick).write(Form::Html);
        let page = &html[html.find("</style>").expect("a style")..];
        for tag in page.split('<').skip(1).map(|rest| rest.split('>').next().expect("a tag")) {
            for word in
                ["w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7", "http", "java", "img", "script"]
            {
                assert!(!tag.contains(word), "<{tag}> with {trick:?}");
            }
            let links = tag.matches("href=").count();
            assert_eq!(links, tag.matches("href=\"#change-").count(), "<{tag}>");
        }
        let hidden = |c: char| {
            let obeyed = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
            c.is_control() && c != '\n' || obeyed
        };
        assert!(!html.contains(hidden), "{trick:?}");
        assert_eq!(html.matches("\nreport-sha256: ").count(), 1, "{trick:?}");
        for (_, cell) in html.split("<td").skip(1).filter_map(|td| td.split_once('>')) {
            let text = cell.split("</td>").next().expect("a cell").replace("<bdi>", "");
            assert!(!text.trim_start().starts_with(['=', '+', '-', '@']), "{text} with {trick:?}");
        }
        let ids: Vec<&str> =
            html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let unique: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
        assert_eq!(check::check(html.as_bytes(), Form::Html, None, &[]).exit_code(), 0);
    }
}

#[test]
fn markdown_obeys_none_of_them() {
    for trick in TRICKS {
        let text = report(trick).write(Form::Markdown);
        for bad in
            ["<img", "<script", "<a ", "<!--", "](http", "](x", "`w5`", "**w5**", "http://", "www."]
        {
            assert!(!text.contains(bad), "{bad} with {trick:?}");
        }
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{trick:?}");
        assert_eq!(text.matches("\nreport-sha256: ").count(), 1, "{trick:?}");
        let mut heads = 0;
        for line in text.lines() {
            match line.strip_prefix("| ") {
                Some(row) => {
                    let cells = row.split('|').count();
                    assert!(heads == 0 || heads == cells, "{line}");
                    heads = cells;
                }
                None if line.starts_with("|---") => {}
                None => heads = 0,
            }
        }
        assert_eq!(check::check(text.as_bytes(), Form::Markdown, None, &[]).exit_code(), 0);
    }
}

#[test]
fn json_has_every_text_as_it_came_and_is_ascii() {
    for trick in TRICKS {
        let text = report(trick).write(Form::Json);
        assert!(text.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)), "{trick:?}");
        let document: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["drill"]["begun"]["title"], trick);
        assert_eq!(document["evidence"][2]["text"], trick);
        assert_eq!(document["evidence"][2]["sources"], Value::Null);
        assert_eq!(document["evidence"][2]["rests_on"][1]["named"], format!("call {trick}"));
        assert_eq!(
            (&document["kind"], &document["result"]),
            (&"practice".into(), &"FAILED".into())
        );
    }
}
