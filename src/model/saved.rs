//! Filters that were given a name, and the file they are kept in.

use crate::{
    case::{Filter, Sort, View},
    change::ValueType,
    domain::{
        AccountId, Band, Region, Source, Status, Untrusted,
        document::{self, Broken, Table, suggest},
    },
};

/// A filter and an order under a name.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedFilter {
    pub name: String,
    pub view: View,
}

/// Longest name, in characters.
pub const LONGEST_NAME: usize = 40;

/// The file's text. Since when findings were updated is said on the command line and is no
/// part of it.
pub fn write_saved(saved: &[SavedFilter]) -> String {
    let mut out = "# The filters that were saved in halon's findings.\n".to_owned();
    for SavedFilter { name, view } in saved {
        let View { filter, sort, reverse } = view;
        let mut line = |key: &str, value: &str| {
            if !value.is_empty() {
                out += &format!("{key} = {}\n", quoted(value));
            }
        };
        line("\n[[filters]]\nname", name);
        line("severity", filter.at_least.name());
        line("status", filter.status.name());
        line("service", filter.source.map_or("", Source::name));
        line("account", filter.account.as_ref().map_or("", AccountId::as_str));
        line("region", filter.region.as_ref().map_or("", Region::as_str));
        line("type", filter.kind.as_ref().map_or("", |kind| kind.raw()));
        line("text", &filter.text);
        line("sort", sort.name());
        if *reverse {
            out += "reverse = true\n";
        }
    }
    out
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out += &format!("\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}

/// Reads that file.
///
/// # Errors
/// Every mistake in it, with its place.
pub fn read_saved(file: &str, text: &str) -> Result<Vec<SavedFilter>, Broken> {
    document::read(file, text, document::MAX_BYTES, |root| {
        let mut saved: Vec<SavedFilter> = Vec::new();
        for table in root.tables("filters") {
            let name = table.required("name");
            if let Some(name) = &name {
                if let Err(why) = good_name(name.value) {
                    table.mistake(name, why);
                } else if saved.iter().any(|s| s.name == name.value) {
                    table.mistake(name, "there are two filters of this name");
                }
            }
            let view = view(&table);
            if let Some(name) = name {
                saved.push(SavedFilter { name: name.value.to_owned(), view });
            }
            table.finish();
        }
        Some(saved)
    })
}

/// # Errors
/// What a name looks like.
pub fn good_name(name: &str) -> Result<(), String> {
    ValueType::Text.parse(name)?;
    match name.chars().count() {
        0..=LONGEST_NAME => Ok(()),
        _ => Err(format!("a name has at most {LONGEST_NAME} characters")),
    }
}

fn view(table: &Table<'_>) -> View {
    let usual = Filter::default();
    let filter = Filter {
        at_least: table.parsed::<Band>("severity").map_or(usual.at_least, |band| band.value),
        status: one_of(table, "status", Status::ALL.map(|s| (s.name(), s))).unwrap_or_default(),
        source: one_of(table, "service", Source::ALL.map(|s| (s.name(), s))),
        account: table.parsed::<AccountId>("account").map(|account| account.value),
        region: table.parsed::<Region>("region").map(|region| region.value),
        kind: table.string("type").map(|kind| Untrusted::from(kind.value)),
        updated_since: None,
        text: table.string("text").map(|text| text.value.to_owned()).unwrap_or_default(),
    };
    View {
        filter,
        sort: one_of(table, "sort", Sort::ALL.map(|s| (s.name(), s))).unwrap_or_default(),
        reverse: table.boolean("reverse").is_some_and(|reverse| reverse.value),
    }
}

fn one_of<T: Copy, const N: usize>(
    table: &Table<'_>,
    key: &'static str,
    all: [(&'static str, T); N],
) -> Option<T> {
    let name = table.string(key)?;
    let found = all.iter().find(|(n, _)| *n == name.value).map(|(_, value)| *value);
    if found.is_none() {
        let names = all.map(|(n, _)| n);
        let hint = suggest(name.value, names.iter().copied());
        table.mistake(&name, format!("`{key}` is one of {}{hint}", names.join(", ")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Vec<SavedFilter> {
        let filter = Filter {
            at_least: Band::Low,
            status: Status::All,
            source: Some(Source::SecurityHub),
            account: "111122223333".parse().ok(),
            region: "eu-west-1".parse().ok(),
            kind: Some(Untrusted::from("Policy:IAMUser/RootCredentialUsage")),
            text: "say \"root\" \\ 日本\u{7}".to_owned(),
            updated_since: None,
        };
        let view = View { filter, sort: Sort::FirstSeen, reverse: true };
        let usual = SavedFilter { name: "usual".to_owned(), view: View::default() };
        vec![SavedFilter { name: "root, \"low\"".to_owned(), view }, usual]
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = write_saved(&saved());
        assert_eq!(read_saved("filters.toml", &text), Ok(saved()), "{text}");
        assert_eq!(read_saved("filters.toml", &write_saved(&[])), Ok(Vec::new()));
    }

    #[test]
    fn mistakes_are_placed() {
        let text = "[[filters]]\nname = \"a\"\nstatus = \"activ\"\naccount = \"12\"\n\
            [[filters]]\nname = \"a\"\nsort = \"moon\"\ncolour = 1\n[[filters]]\n";
        let broken = read_saved("filters.toml", text).expect_err("six mistakes").to_string();
        let lines: Vec<&str> = broken.lines().collect();
        assert_eq!(lines.len(), 6, "{broken}");
        for (line, said) in [
            ("filters.toml:3:10:", "did you mean `active`?"),
            ("filters.toml:4:11:", "account"),
            ("filters.toml:6:8:", "two filters of this name"),
            ("filters.toml:7:8:", "is one of severity"),
            ("filters.toml:8:1:", "colour"),
            ("filters.toml:9:1:", "`name` is missing"),
        ] {
            let found = lines.iter().find(|l| l.starts_with(line));
            assert!(found.is_some_and(|l| l.contains(said)), "{line} {said}\n{broken}");
        }
    }
}
