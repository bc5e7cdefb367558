//! Reading the TOML files that people write: configuration, keymaps, scenarios.
//!
//! Every mistake in a file is reported at once, with line, column and, where a
//! word is close to a known one, a suggestion. A caller opens a [`Document`],
//! takes typed values out of its [`Table`]s and [`Table::finish`]es each: a key
//! that nobody asked for is then a mistake too.

use std::{
    cell::{Cell, RefCell},
    fmt,
    ops::Range,
};

use toml::de::{DeTable, DeValue};

use super::untrusted::{display_in, shown};

/// The largest file read, in bytes; checked before parsing.
pub const MAX_BYTES: usize = 256 * 1024;

/// The longest text from the file that a message repeats, in cells.
const QUOTED_CELLS: usize = 60;

/// The most mistakes that are told of one file.
const MOST_TOLD: usize = 100;

/// One mistake with its place. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub line: usize,
    pub column: usize,
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.what)
    }
}

/// Text that did not parse as a file of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The name of the file, for the message.
    pub file: String,
    pub mistakes: Vec<Mistake>,
}

impl Broken {
    /// A file that could not even be read.
    pub fn unreadable(file: &str, why: &std::io::Error) -> Self {
        let what = display_in(&why.to_string(), 200);
        Self { file: display_in(file, 200), mistakes: vec![Mistake { line: 1, column: 1, what }] }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, mistake) in self.mistakes.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:{mistake}", self.file)?;
        }
        Ok(())
    }
}

impl std::error::Error for Broken {}

/// Reads `text` with `read`; what `read` returns counts only if there was no mistake.
/// `limit` is the largest size in bytes.
pub fn read<T>(
    file: &str,
    text: &str,
    limit: usize,
    read: impl FnOnce(&Table<'_>) -> Option<T>,
) -> Result<T, Broken> {
    read_keys(file, text, limit, None, read)
}

/// A key that a reader asked for, with its tables before it: `limits.pages`,
/// `accounts[1].alias` (counted from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub key: String,
    /// Line and column of its value, where the file has it.
    pub at: Option<(usize, usize)>,
}

/// [`read`], which also says what was asked for, in the order that it was.
pub fn read_keys<T>(
    file: &str,
    text: &str,
    limit: usize,
    asked: Option<&mut Vec<Asked>>,
    read: impl FnOnce(&Table<'_>) -> Option<T>,
) -> Result<T, Broken> {
    let broken = |mistakes| Broken { file: display_in(file, 200), mistakes };
    if text.len() > limit {
        let what = format!("the file has {} bytes; at most {limit} are read", text.len());
        return Err(broken(vec![Mistake { line: 1, column: 1, what }]));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let seen = asked.is_some().then(RefCell::default);
    let mistakes = Mistakes { text, found: RefCell::default(), seen };
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().unwrap_or(0..0);
        mistakes.add(at.start, display_in(error.message(), 200));
    }
    let mut value = None;
    // A file that is not TOML is not read further: what is missing from it may
    // only be hidden behind the first slip.
    if mistakes.found.borrow().is_empty() {
        let table = Table::new(root.get_ref(), root.span(), &mistakes, String::new());
        value = read(&table);
        table.finish();
    }
    if let Some(asked) = asked {
        *asked = mistakes.asked();
    }
    let found = mistakes.placed();
    match value {
        Some(value) if found.is_empty() => Ok(value),
        _ => {
            debug_assert!(!found.is_empty(), "a reader gave up without naming a mistake");
            Err(broken(found))
        }
    }
}

/// A key that was asked for, and the byte it stands at, if it is there.
type Seen = (String, Option<usize>);

struct Mistakes<'d> {
    text: &'d str,
    /// Each with the byte it stands at.
    found: RefCell<Vec<(usize, String)>>,
    /// What was asked for with the byte of its value, where somebody wants to know.
    seen: Option<RefCell<Vec<Seen>>>,
}

impl Mistakes<'_> {
    /// What was asked for, each key once.
    fn asked(&self) -> Vec<Asked> {
        let seen = self.seen.as_ref().map(RefCell::take).unwrap_or_default();
        let mut asked: Vec<Asked> = Vec::new();
        for (key, at) in seen {
            if asked.iter().any(|known| known.key == key) {
                continue;
            }
            let place = |at| {
                let before = &self.text[..self.text.floor_char_boundary(at)];
                let line = before.rfind('\n').map_or(0, |end| end + 1);
                (before.matches('\n').count() + 1, before[line..].chars().count() + 1)
            };
            asked.push(Asked { key, at: at.map(place) });
        }
        asked
    }

    fn add(&self, offset: usize, what: String) {
        self.found.borrow_mut().push((offset, what));
    }

    /// In the order of the file, with line and column, found in one pass: a file may hold
    /// a mistake on every line.
    fn placed(self) -> Vec<Mistake> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|(offset, _)| *offset);
        if found.len() > MOST_TOLD {
            let rest = found.len() - MOST_TOLD;
            found.truncate(MOST_TOLD + 1);
            found[MOST_TOLD].1 = format!("and {rest} more mistakes from here on");
        }
        let (mut line, mut line_start, mut seen) = (1, 0, 0);
        let place = |(offset, what)| {
            let at = self.text.floor_char_boundary(offset);
            let between = &self.text[seen..at];
            line += between.matches('\n').count();
            line_start = between.rfind('\n').map_or(line_start, |end| seen + end + 1);
            seen = at;
            Mistake { line, column: self.text[line_start..at].chars().count() + 1, what }
        };
        found.into_iter().map(place).collect()
    }
}

/// A table of the file. Values are taken by key; [`Table::finish`] complains about the rest.
pub struct Table<'d> {
    entries: &'d DeTable<'d>,
    span: Range<usize>,
    mistakes: &'d Mistakes<'d>,
    asked: RefCell<Vec<&'static str>>,
    /// Keys that nobody asked for are somebody else's.
    shared: Cell<bool>,
    /// What stands before its keys: `limits.`; empty where nobody wants to know.
    path: String,
}

/// A value with the place it stands at, so that later checks can name it.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    pub value: T,
    at: usize,
}

impl<'d> Table<'d> {
    fn new(
        entries: &'d DeTable<'d>,
        span: Range<usize>,
        mistakes: &'d Mistakes<'d>,
        path: String,
    ) -> Self {
        let (asked, shared) = (RefCell::default(), Cell::new(false));
        Self { entries, span, mistakes, asked, shared, path }
    }

    /// The path of a table in this one.
    fn below(&self, name: impl FnOnce() -> String) -> String {
        match self.mistakes.seen {
            Some(_) => format!("{}{}.", self.path, name()),
            None => String::new(),
        }
    }

    fn value(&self, key: &'static str) -> Option<(&'d DeValue<'d>, usize)> {
        let value = self.entries.get(key).map(|v| (v.get_ref(), v.span().start));
        self.ask(key, value.map(|(_, at)| at));
        value
    }

    fn ask(&self, key: &'static str, at: Option<usize>) {
        self.asked.borrow_mut().push(key);
        if let Some(seen) = &self.mistakes.seen {
            seen.borrow_mut().push((format!("{}{key}", self.path), at));
        }
    }

    /// Whether the key is there, with a value of whatever type; it counts as asked for.
    pub fn has(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// Says of each line of the whole file whether it holds a character that an editor
    /// hides or that reorders what it shows, in comments and keys too (CVE-2021-42574).
    pub fn refuse_hidden(&self) {
        let mut start = 0;
        for line in self.mistakes.text.split_inclusive('\n') {
            // Of ASCII the format itself lets nothing through but tab and the line's end.
            let mut foreign = line.char_indices().filter(|(_, c)| !c.is_ascii());
            let hidden = foreign.find_map(|(at, c)| {
                let shown = shown(c.encode_utf8(&mut [0; 4]), usize::MAX);
                shown.hidden.then_some((at, shown.text))
            });
            if let Some((at, shown)) = hidden {
                self.mistakes.add(start + at, format!("a hidden character, {shown}"));
            }
            start += line.len();
        }
    }

    /// Says that the value at `place` is wrong.
    pub fn mistake<T>(&self, place: &Placed<T>, what: impl Into<String>) {
        self.mistakes.add(place.at, what.into());
    }

    /// Says that something is wrong with the table as a whole.
    pub fn mistake_here(&self, what: impl Into<String>) {
        self.mistakes.add(self.span.start, what.into());
    }

    fn wrong_type(&self, key: &str, at: usize, want: &str, got: &DeValue<'_>) {
        self.mistakes.add(at, format!("`{key}` must be {want}, not {}", got.type_str()));
    }

    fn optional<T>(
        &self,
        key: &'static str,
        want: &str,
        convert: impl FnOnce(&'d DeValue<'d>) -> Option<T>,
    ) -> Option<Placed<T>> {
        let (value, at) = self.value(key)?;
        match convert(value) {
            Some(value) => Some(Placed { value, at }),
            None => {
                self.wrong_type(key, at, want, value);
                None
            }
        }
    }

    pub fn string(&self, key: &'static str) -> Option<Placed<&'d str>> {
        self.optional(key, "a string", DeValue::as_str)
    }

    pub fn boolean(&self, key: &'static str) -> Option<Placed<bool>> {
        self.optional(key, "true or false", DeValue::as_bool)
    }

    pub fn integer(&self, key: &'static str) -> Option<Placed<i64>> {
        self.optional(key, "a whole number", integer)
    }

    /// A whole or decimal number.
    pub fn number(&self, key: &'static str) -> Option<Placed<f64>> {
        self.optional(key, "a number", |v| {
            integer(v).map(|n| n as f64).or_else(|| v.as_float()?.as_str().parse().ok())
        })
    }

    /// A string that must be there.
    pub fn required(&self, key: &'static str) -> Option<Placed<&'d str>> {
        if !self.entries.contains_key(key) {
            self.ask(key, None);
            self.mistake_here(format!("`{key}` is missing"));
            return None;
        }
        self.string(key)
    }

    /// A string that must parse as `T`; its error is the mistake.
    pub fn parsed<T: std::str::FromStr<Err: fmt::Display>>(
        &self,
        key: &'static str,
    ) -> Option<Placed<T>> {
        let text = self.string(key)?;
        self.parse(key, &text)
    }

    /// Parses a string already taken; its error is the mistake.
    pub fn parse<T: std::str::FromStr<Err: fmt::Display>>(
        &self,
        key: &str,
        text: &Placed<&str>,
    ) -> Option<Placed<T>> {
        match text.value.parse() {
            Ok(value) => Some(Placed { value, at: text.at }),
            Err(why) => {
                let shown = display_in(text.value, QUOTED_CELLS);
                self.mistake(text, format!("`{key}` = \"{shown}\": {why}"));
                None
            }
        }
    }

    /// An array of strings; absent is empty.
    pub fn strings(&self, key: &'static str) -> Vec<Placed<&'d str>> {
        let Some((value, at)) = self.value(key) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            self.wrong_type(key, at, "an array of strings", value);
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| {
                let at = item.span().start;
                let text = item.get_ref().as_str();
                if text.is_none() {
                    self.wrong_type(key, at, "an array of strings", item.get_ref());
                }
                text.map(|value| Placed { value, at })
            })
            .collect()
    }

    /// A table; absent is `None`.
    pub fn table(&self, key: &'static str) -> Option<Table<'d>> {
        let (value, at) = self.value(key)?;
        match value.as_table() {
            Some(table) => {
                let path = self.below(|| key.to_owned());
                Some(Table::new(table, at..at, self.mistakes, path))
            }
            None => {
                self.wrong_type(key, at, "a table", value);
                None
            }
        }
    }

    /// An array of tables (`[[key]]`); absent is empty.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'d>> {
        let Some((value, at)) = self.value(key) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            self.wrong_type(key, at, &format!("an array of tables ([[{key}]])"), value);
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| {
                let span = item.span();
                let table = item.get_ref().as_table();
                if table.is_none() {
                    self.wrong_type(key, span.start, "a table", item.get_ref());
                }
                let path = self.below(|| format!("{key}[{}]", index + 1));
                table.map(|t| Table::new(t, span, self.mistakes, path))
            })
            .collect()
    }

    /// Every key of this table whose value is a string, for tables with free keys;
    /// none of them counts as unknown afterwards.
    pub fn free_strings(&self) -> Vec<(Placed<&'d str>, Placed<&'d str>)> {
        self.entries
            .iter()
            .filter_map(|(key, value)| {
                let at = value.span().start;
                let text = value.get_ref().as_str();
                if text.is_none() {
                    let name = display_in(key.get_ref(), QUOTED_CELLS);
                    self.wrong_type(&name, at, "a string", value.get_ref());
                }
                let key = Placed { value: key.get_ref().as_ref(), at: key.span().start };
                text.map(|value| (key, Placed { value, at }))
            })
            .collect()
    }

    /// Every key of this table whose value is a table, for tables with free keys.
    pub fn free_tables(&self) -> Vec<(Placed<&'d str>, Table<'d>)> {
        self.entries
            .iter()
            .filter_map(|(key, value)| {
                let span = value.span();
                let table = value.get_ref().as_table();
                if table.is_none() {
                    let name = display_in(key.get_ref(), QUOTED_CELLS);
                    self.wrong_type(&name, span.start, "a table", value.get_ref());
                }
                let path = self.below(|| key.get_ref().to_string());
                let key = Placed { value: key.get_ref().as_ref(), at: key.span().start };
                table.map(|t| (key, Table::new(t, span, self.mistakes, path)))
            })
            .collect()
    }

    /// A value of any kind, as JSON.
    pub fn value_of_any_kind(&self, key: &'static str) -> Option<Placed<serde_json::Value>> {
        self.optional(key, "a value", |v| Some(json(v)))
    }

    /// Every key of this table with its value as JSON, for tables with free keys.
    pub fn free_values(&self) -> Vec<(Placed<&'d str>, Placed<serde_json::Value>)> {
        self.entries
            .iter()
            .map(|(key, value)| {
                let name = Placed { value: key.get_ref().as_ref(), at: key.span().start };
                (name, Placed { value: json(value.get_ref()), at: value.span().start })
            })
            .collect()
    }

    /// The whole table as JSON, for free-form content such as a finding's body.
    /// Date-times become their text.
    pub fn to_json(&self) -> serde_json::Value {
        json_table(self.entries)
    }

    /// Says that other keys of this table are for another reader.
    pub fn share(&self) {
        self.shared.set(true);
    }

    /// Complains about every key that was never asked for.
    pub fn finish(&self) {
        if self.shared.get() {
            return;
        }
        let asked = self.asked.borrow();
        for key in self.entries.keys() {
            let name: &str = key.get_ref();
            if asked.contains(&name) {
                continue;
            }
            let shown = display_in(name, QUOTED_CELLS);
            let hint = suggest(name, asked.iter().copied());
            self.mistakes.add(key.span().start, format!("unknown key `{shown}`{hint}"));
        }
    }
}

impl<T> Placed<T> {
    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Placed<U> {
        Placed { value: f(self.value), at: self.at }
    }
}

/// `; did you mean `x`?` where one of `known` is close to `word`, else nothing. The known
/// words may be the file's own.
pub fn suggest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    known
        .into_iter()
        .map(|k| (strsim::jaro_winkler(word, k), k))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| format!("; did you mean `{}`?", display_in(k, QUOTED_CELLS)))
        .unwrap_or_default()
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let n = value.as_integer()?;
    i64::from_str_radix(n.as_str(), n.radix()).ok()
}

fn json(value: &DeValue<'_>) -> serde_json::Value {
    use serde_json::Value;
    match value {
        DeValue::String(s) => Value::String(s.to_string()),
        DeValue::Integer(_) => integer(value).map_or(Value::Null, Value::from),
        DeValue::Float(f) => f.as_str().parse::<f64>().map_or(Value::Null, Value::from),
        DeValue::Boolean(b) => Value::Bool(*b),
        DeValue::Datetime(d) => Value::String(d.to_string()),
        DeValue::Array(items) => items.iter().map(|i| json(i.get_ref())).collect(),
        DeValue::Table(table) => json_table(table),
    }
}

fn json_table(table: &DeTable<'_>) -> serde_json::Value {
    table.iter().map(|(k, v)| (k.get_ref().to_string(), json(v.get_ref()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        let out = read("f.toml", text, MAX_BYTES, |t| {
            let name = t.required("name");
            let n = t.integer("count");
            for inner in t.tables("item") {
                inner.required("id");
                inner.finish();
            }
            name.map(|name| (name.value.to_owned(), n.map(|n| n.value)))
        });
        out.err().map(|b| b.mistakes.iter().map(ToString::to_string).collect()).unwrap_or_default()
    }

    #[test]
    fn all_mistakes_at_once_with_places() {
        let text = "nmae = 1\ncount = \"x\"\n[[item]]\nid = 3\nextra = 1\n";
        assert_eq!(
            mistakes(text),
            [
                "1:1: `name` is missing",
                "1:1: unknown key `nmae`; did you mean `name`?",
                "2:9: `count` must be a whole number, not string",
                "4:6: `id` must be a string, not integer",
                "5:1: unknown key `extra`",
            ]
        );
    }

    #[test]
    fn syntax_errors_have_places_and_no_escapes() {
        let found = mistakes("name = \"a\"\n\"x\u{1b}[2J\" == 2\n");
        assert!(!found.is_empty());
        assert!(found.iter().all(|m| m.starts_with("2:") && !m.contains('\u{1b}')), "{found:?}");
    }

    #[test]
    fn bombs_are_refused_before_parsing() {
        let text = format!("name = {}", "[".repeat(MAX_BYTES));
        assert!(mistakes(&text)[0].contains("at most"));
        assert!(!mistakes(&format!("name = {}", "[".repeat(20_000))).is_empty());
    }

    #[test]
    fn a_mistake_on_every_line_is_told_quickly_and_not_endlessly() {
        let many: String = (0..20_000).map(|n| format!("key{n} = 1\n")).collect();
        let found = mistakes(&many);
        assert_eq!(found.len(), MOST_TOLD + 1);
        assert_eq!(found[MOST_TOLD], "100:1: and 19901 more mistakes from here on");
    }

    #[test]
    fn what_was_asked_for_is_told_with_its_place() {
        let text = "\n[limits]\npages = 3\n[[account]]\n[[account]]\nalias = \"b\"\n";
        let mut asked = Vec::new();
        let read = read_keys("f.toml", text, MAX_BYTES, Some(&mut asked), |root| {
            root.string("name");
            root.table("limits").and_then(|t| t.integer("pages"));
            root.tables("account").iter().for_each(|t| {
                t.string("alias");
            });
            Some(())
        });
        assert_eq!(read, Ok(()));
        let told: Vec<(&str, Option<(usize, usize)>)> =
            asked.iter().map(|a| (a.key.as_str(), a.at)).collect();
        assert_eq!(told[0], ("name", None));
        assert!(told.contains(&("limits.pages", Some((3, 9)))), "{told:?}");
        assert!(told.contains(&("account[1].alias", None)), "{told:?}");
        assert!(told.contains(&("account[2].alias", Some((6, 9)))), "{told:?}");
    }

    #[test]
    fn a_good_file_is_read() {
        assert_eq!(mistakes("\u{feff}name = \"a\"\r\ncount = 0x10\r\n"), Vec::<String>::new());
    }
}
