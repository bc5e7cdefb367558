//! A list as columns and rows, and as CSV, JSON or Markdown. Texts of others go through the
//! sanitiser on their way.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    audit::{escape, paper::begins_formula},
    domain::{
        Gap,
        time::rfc3339,
        untrusted::{display, json_ascii},
    },
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    Markdown,
}

impl Format {
    pub const ALL: [Format; 3] = [Format::Csv, Format::Json, Format::Markdown];

    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Markdown => "markdown",
        }
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Markdown => "md",
        }
    }

    pub fn named(text: &str) -> Option<Format> {
        let text = text.trim().to_ascii_lowercase();
        Format::ALL.into_iter().find(|f| f.name() == text || f.extension() == text)
    }
}

/// A list, ready to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What is listed, such as `findings`.
    pub name: &'static str,
    /// The schema of `items`.
    pub schema: &'static str,
    pub columns: Vec<&'static str>,
    /// As many cells as there are columns, as they came; empty where it is not known.
    pub rows: Vec<Vec<String>>,
    /// The same rows in the shape of halon's JSON answers.
    pub items: Vec<Value>,
    pub gaps: Vec<Gap>,
    /// Why there are more than are listed, in words.
    pub lacking: Option<String>,
}

/// A file's text, and how many cells of it a spreadsheet would have taken for formulas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    pub neutralised: usize,
}

impl Table {
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty() && self.lacking.is_none()
    }

    pub fn write(&self, format: Format, as_of: Timestamp) -> Written {
        match format {
            Format::Csv => self.csv(),
            Format::Json => Written { text: self.json(as_of), neutralised: 0 },
            Format::Markdown => Written { text: self.markdown(as_of), neutralised: 0 },
        }
    }

    /// RFC 4180, with a line of names first. A cell that a spreadsheet would take for a formula
    /// begins with an apostrophe (OWASP, *CSV Injection*).
    fn csv(&self) -> Written {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .quote_style(csv::QuoteStyle::Necessary)
            .from_writer(Vec::new());
        let mut neutralised = 0;
        // Into memory nothing fails: every row has as many cells as the first line.
        let _ = writer.write_record(&self.columns);
        for row in &self.rows {
            let cells = row.iter().map(|cell| {
                let shown = display(cell);
                match begins_formula(&shown) {
                    true => {
                        neutralised += 1;
                        format!("'{shown}")
                    }
                    false => shown,
                }
            });
            let _ = writer.write_record(cells.collect::<Vec<_>>());
        }
        let bytes = writer.into_inner().unwrap_or_default();
        Written { text: String::from_utf8(bytes).unwrap_or_default(), neutralised }
    }

    fn json(&self, as_of: Timestamp) -> String {
        let mut document = json!({
            "schema": self.schema,
            "as_of": rfc3339(as_of),
            "complete": self.is_complete(),
            "incomplete": self.gaps,
            "items": self.items,
        });
        if let Some(lacking) = &self.lacking {
            document["lacking"] = json!(lacking);
        }
        json_ascii(&serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
    }

    fn markdown(&self, as_of: Timestamp) -> String {
        let mut out = format!("# {}, as of {}\n\n", self.name, rfc3339(as_of));
        let mut line = |cells: Vec<String>| {
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
        };
        line(self.columns.iter().map(|c| (*c).to_owned()).collect());
        line(self.columns.iter().map(|_| "---".to_owned()).collect());
        for row in &self.rows {
            line(row.iter().map(|cell| escape(cell)).collect());
        }
        if !self.is_complete() {
            out.push_str("\nNot complete:\n");
            for gap in &self.gaps {
                out.push_str(&format!("- {}\n", escape(&format!("{}: {}", gap.place(), gap.why))));
            }
            if let Some(lacking) = &self.lacking {
                out.push_str(&format!("- {}\n", escape(lacking)));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(cells: &[&str]) -> Table {
        Table {
            name: "things",
            schema: "halon.things/1",
            columns: cells.iter().map(|_| "c").collect(),
            rows: vec![cells.iter().map(|c| (*c).to_owned()).collect()],
            items: vec![json!({"c": cells[0]})],
            gaps: Vec::new(),
            lacking: None,
        }
    }

    fn at() -> Timestamp {
        "2026-03-02T03:10:00Z".parse().expect("a time")
    }

    #[test]
    fn no_cell_of_a_csv_is_a_formula_or_ends_its_row() {
        let cells =
            ["=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "\tx", "a\r\nb", "a,\"b\"", "ok"];
        let written = table(&cells).write(Format::Csv, at());
        assert_eq!(written.neutralised, 4);
        let mut reader = csv::ReaderBuilder::new().from_reader(written.text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a row")).collect();
        assert_eq!(rows.len(), 1, "{}", written.text);
        let read: Vec<&str> = rows[0].iter().collect();
        let shown =
            ["'=HYPERLINK(\"http://x\")", "'+1", "'-1", "'@SUM(A1)", "␉x", "a␍␊b", "a,\"b\"", "ok"];
        assert_eq!(read, shown);
        assert!(!written.text.contains('\u{1b}'));
    }

    #[test]
    fn json_and_markdown_obey_nobody() {
        let hostile = table(&["a|b\n\u{1b}[31m<script>"]);
        let json = hostile.write(Format::Json, at()).text;
        assert!(json.is_ascii() && json.contains(r"\u001b"), "{json}");
        let read: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(read["complete"], json!(true));
        assert_eq!(read["items"][0]["c"], json!("a|b\n\u{1b}[31m<script>"));
        let md = hostile.write(Format::Markdown, at()).text;
        assert_eq!(md.lines().count(), 5, "{md}");
        assert!(!md.contains('\u{1b}') && !md.contains("<script>"), "{md}");
    }

    #[test]
    fn what_lacks_something_says_so_in_every_form_that_can() {
        let part = Table { lacking: Some("2 of 3 events".into()), ..table(&["x"]) };
        assert!(part.write(Format::Markdown, at()).text.contains("Not complete:\n- 2 of 3 events"));
        let read: Value = serde_json::from_str(&part.write(Format::Json, at()).text).expect("JSON");
        assert_eq!((&read["complete"], &read["lacking"]), (&json!(false), &json!("2 of 3 events")));
    }
}
