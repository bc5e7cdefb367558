//! Text → [`Playbook`], naming every mistake at once.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use super::{
    catalog::{CHECKS, READS},
    file::{Action, From, Input, Playbook, Step, Template, Templates, When},
};
use crate::{
    change::{self, Arg, KINDS, Risk, ValueType},
    domain::{
        document::{self, Broken, Placed, Table, suggest},
        time::parse_span,
        untrusted,
    },
};

/// The largest file read, in bytes; checked before parsing.
pub const MAX_BYTES: usize = 256 * 1024;
/// The most steps of one playbook.
pub const MAX_STEPS: usize = 50;
/// The most inputs of one playbook.
pub const MAX_INPUTS: usize = 20;
/// The longest text of a field, in characters.
pub const LONGEST: usize = 200;
/// How long a change is read back where the file does not say.
pub const WITHIN: SignedDuration = SignedDuration::from_secs(60);
/// The longest time that a file may ask for.
pub const LONGEST_WITHIN: SignedDuration = SignedDuration::from_mins(15);

impl Playbook {
    /// Reads a playbook. `file` is its name for messages.
    pub fn read(file: &str, text: &str) -> Result<Playbook, Broken> {
        document::read(file, text, MAX_BYTES, |table| playbook(table, text))
    }
}

fn playbook(t: &Table<'_>, text: &str) -> Option<Playbook> {
    t.refuse_hidden();
    match t.integer("schema") {
        Some(schema) if schema.value == 1 => {}
        Some(schema) => t.mistake(&schema, "`schema` must be 1, the only version there is"),
        None if t.has("schema") => {}
        None => t.mistake_here("`schema = 1` is missing"),
    }
    let id = t.required("id");
    if let Some(id) = &id
        && !well_named(id.value)
    {
        t.mistake(id, "`id` is a lower-case letter or digit, then at most 63 of those and hyphens");
    }
    let title = t.required("title").and_then(|v| line(t, "title", &v));
    let summary = t.required("summary").and_then(|v| line(t, "summary", &v));
    let risk = t.required("risk");
    let risk =
        risk.and_then(|word| one_of(t, "risk", &word, Risk::ALL.iter().map(|r| (r.name(), *r))));
    let answers = t.strings("answers").iter().filter_map(|v| pattern(t, v)).collect();
    let mut requires = Vec::new();
    for word in t.strings("requires") {
        let known = one_of(t, "requires", &word, [("break-glass", "break-glass")].into_iter());
        requires.extend(known.map(ToOwned::to_owned));
    }
    let inputs = inputs(t);
    let steps = steps(t, &inputs);
    Some(Playbook {
        id: id?.value.to_owned(),
        title: title?,
        summary: summary?,
        risk: risk?,
        answers,
        requires,
        inputs: inputs.good,
        steps,
        sha256: Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect(),
    })
}

/// `^[a-z0-9][a-z0-9-]{0,63}$`
pub fn well_named(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && !id.starts_with('-')
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A line of text: it will stand on a prompt.
fn line(t: &Table<'_>, key: &str, text: &Placed<&str>) -> Option<String> {
    let bad = if text.value.trim().is_empty() {
        format!("`{key}` is empty")
    } else if text.value.chars().count() > LONGEST {
        format!("`{key}` has more than {LONGEST} characters")
    } else if untrusted::shown(text.value, usize::MAX).hidden {
        format!("`{key}` holds control or hidden characters; it must be one plain line")
    } else if let Some(name) = placeholder(text.value) {
        format!("`{key}` is shown as it stands: {{{name}}} is not filled in there")
    } else {
        return Some(text.value.to_owned());
    };
    t.mistake(text, bad);
    None
}

/// The first `{name}` in a text.
fn placeholder(text: &str) -> Option<&str> {
    let mut names = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    names.find(|name| is_input_name(name))
}

/// `^[a-z0-9_]{1,32}$`
fn is_input_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A word of a closed set; otherwise a mistake with the nearest word.
fn one_of<'a, T>(
    t: &Table<'_>,
    key: &str,
    word: &Placed<&str>,
    set: impl Iterator<Item = (&'a str, T)>,
) -> Option<T> {
    let mut names = Vec::new();
    for (name, value) in set {
        if name == word.value {
            return Some(value);
        }
        names.push(name);
    }
    let shown = untrusted::display_in(word.value, 60);
    let hint = match suggest(word.value, names.iter().copied()) {
        hint if hint.is_empty() => format!("; there are {}", names.join(", ")),
        hint => hint,
    };
    t.mistake(word, format!("`{key}` knows no \"{shown}\"{hint}"));
    None
}

/// `Policy:IAMUser/*`: a finding type, with at most one `*`.
fn pattern(t: &Table<'_>, text: &Placed<&str>) -> Option<String> {
    let pattern = line(t, "answers", text)?;
    let shaped = pattern == "*"
        || pattern.contains(':') && pattern.contains('/') && pattern.matches('*').count() < 2;
    if !shaped {
        t.mistake(text, "`answers` holds finding types such as Policy:IAMUser/*, with at most one *, or * alone");
        return None;
    }
    Some(pattern)
}

/// The inputs that are in order, and the names of all: a step that names a broken one is
/// not to blame.
#[derive(Default)]
struct Inputs<'d> {
    good: BTreeMap<String, Input>,
    names: Vec<&'d str>,
}

fn inputs<'d>(t: &Table<'d>) -> Inputs<'d> {
    let mut out = Inputs::default();
    let Some(table) = t.table("inputs") else { return out };
    let all = table.free_tables();
    if all.len() > MAX_INPUTS {
        table.mistake_here(format!("at most {MAX_INPUTS} inputs"));
    }
    for (name, i) in all {
        out.names.push(name.value);
        let shaped = is_input_name(name.value);
        if !shaped {
            i.mistake(&name, "an input's name is 1 to 32 of a-z, 0-9 and _");
        }
        let kind = i.required("type");
        let kind = kind.and_then(|word| {
            one_of(&i, "type", &word, ValueType::ALL.iter().map(|k| (k.name(), *k)))
        });
        let from = i.string("from").and_then(|word| {
            let from = one_of(&i, "from", &word, From::ALL.iter().map(|f| (f.name(), *f)))?;
            if let Some(kind) = kind
                && from.kind() != kind
            {
                i.mistake(
                    &word,
                    format!(
                        "{} gives a {}, not a {}",
                        from.name(),
                        from.kind().name(),
                        kind.name()
                    ),
                );
            }
            Some(from)
        });
        let default = i.string("default");
        let default = default.zip(kind).and_then(|(text, kind)| value(&i, "default", kind, &text));
        let help = i.required("help").and_then(|v| line(&i, "help", &v));
        i.finish();
        if let (true, Some(kind), Some(help)) = (shaped, kind, help) {
            out.good.insert(name.value.to_owned(), Input { kind, from, default, help });
        }
    }
    out
}

fn value(t: &Table<'_>, key: &str, kind: ValueType, text: &Placed<&str>) -> Option<change::Value> {
    let why = if untrusted::shown(text.value, usize::MAX).hidden {
        "it holds control or hidden characters".to_owned()
    } else if let Some(name) = placeholder(text.value).filter(|_| !is_document(kind, text.value)) {
        format!("{{{name}}} is not filled in here")
    } else {
        match kind.parse(text.value) {
            Ok(value) => return Some(value),
            Err(why) => why,
        }
    };
    let shown = untrusted::display_in(text.value, 60);
    t.mistake(text, format!("`{key}` = \"{shown}\": {why}"));
    None
}

fn steps(t: &Table<'_>, inputs: &Inputs<'_>) -> Vec<Step> {
    let tables = t.tables("steps");
    match tables.len() {
        0 => t.mistake_here("a playbook needs at least one [[steps]]"),
        1..=MAX_STEPS => {}
        n => t.mistake_here(format!("{n} steps; at most {MAX_STEPS} are taken")),
    }
    let mut out: Vec<Step> = Vec::new();
    let mut before: Vec<Before<'_>> = Vec::new();
    for s in tables.iter().take(MAX_STEPS) {
        let id = s.required("id");
        if let Some(id) = &id {
            if !well_named(id.value) {
                s.mistake(id, "a step's `id` is made of a-z, 0-9 and hyphens, like the playbook's");
            } else if before.iter().any(|b| b.id == id.value) {
                s.mistake(id, format!("two steps have the id `{}`", id.value));
            }
        }
        let action = action(s, inputs);
        let when = s.string("when").and_then(|word| when(s, &word, &before));
        let why = s.string("why").and_then(|v| line(s, "why", &v));
        s.finish();
        let Some(id) = id else { continue };
        let decides = |a: &Action| matches!(a, Action::Check { .. } | Action::Ask { .. });
        before.push(Before { id: id.value, decides: action.as_ref().is_none_or(decides) });
        if let Some(action) = action {
            out.push(Step { id: id.value.to_owned(), action, when, why });
        }
    }
    out
}

/// A step that a later one may name in its `when`.
struct Before<'d> {
    id: &'d str,
    /// A check or a question; a broken step may have been meant as one.
    decides: bool,
}

fn when(t: &Table<'_>, word: &Placed<&str>, before: &[Before<'_>]) -> Option<When> {
    let (step, holds) = match word.value.strip_prefix('!') {
        Some(step) => (step, false),
        None => (word.value, true),
    };
    let deciding = || before.iter().filter(|b| b.decides).map(|b| b.id);
    if deciding().any(|id| id == step) {
        return Some(When { step: step.to_owned(), holds });
    }
    let hint = suggest(step, deciding());
    t.mistake(word, format!("`when` names an earlier check or question{hint}"));
    None
}

const KINDS_OF_STEP: [&str; 6] = ["read", "check", "ask", "assume", "change", "note"];

fn action(t: &Table<'_>, inputs: &Inputs<'_>) -> Option<Action> {
    let given: Vec<(&str, Option<Placed<&str>>)> =
        KINDS_OF_STEP.iter().filter(|k| t.has(k)).map(|k| (*k, t.string(k))).collect();
    let [(kind, Some(what))] = given.as_slice() else {
        if given.len() != 1 {
            t.mistake_here(format!("a step has exactly one of {}", KINDS_OF_STEP.join(", ")));
        }
        // Looked at all the same, so that these keys do not count as unknown.
        t.table("with");
        t.table("verify");
        return None;
    };
    let verify = t.table("verify");
    if let Some(verify) = &verify
        && *kind != "change"
    {
        verify.mistake_here("`verify` belongs to a change");
    }
    let within = verify.and_then(|v| within(&v)).unwrap_or(WITHIN);
    let table = t.table("with");
    match *kind {
        "read" => {
            let spec = one_of(t, "read", what, READS.iter().map(|r| (r.name, r)))?;
            let with = with(t, table, spec.args, inputs)?;
            Some(Action::Read { what: spec, with })
        }
        "check" => {
            let spec = one_of(t, "check", what, CHECKS.iter().map(|c| (c.read.name, c)))?;
            let with = with(t, table, spec.read.args, inputs)?;
            Some(Action::Check { what: spec, with })
        }
        "change" => {
            let spec = one_of(t, "change", what, KINDS.iter().map(|k| (k.name, *k)))?;
            let with = with(t, table, spec.args, inputs)?;
            Some(Action::Change { what: spec, with, within })
        }
        "assume" => {
            let known = one_of(t, "assume", what, [("break-glass", ())].into_iter());
            let with = with(t, table, change::ASSUME.args, inputs)?;
            known.map(|()| Action::Assume { with })
        }
        kind => {
            if let Some(table) = table {
                table.mistake_here(format!("`with` does not belong to `{kind}`"));
            }
            match kind {
                "ask" => Some(Action::Ask { question: line(t, "ask", what)? }),
                _ => Some(Action::Note { text: line(t, "note", what)? }),
            }
        }
    }
}

fn within(t: &Table<'_>) -> Option<SignedDuration> {
    let text = t.required("within");
    t.finish();
    let text = text?;
    let span = parse_span(text.value)
        .filter(|s| *s >= SignedDuration::from_secs(1) && *s <= LONGEST_WITHIN);
    if span.is_none() {
        t.mistake(&text, "`within` is a time from 1s to 15m, such as 2m");
    }
    span
}

fn with(
    t: &Table<'_>,
    table: Option<Table<'_>>,
    args: &[Arg],
    inputs: &Inputs<'_>,
) -> Option<Templates> {
    let Some(table) = table else {
        if t.has("with") {
            return None;
        }
        let needed: Vec<&str> = args.iter().filter(|a| a.required).map(|a| a.name).collect();
        if needed.is_empty() {
            return Some(Templates::new());
        }
        t.mistake_here(format!("`with` is missing: it gives {}", needed.join(", ")));
        return None;
    };
    let mut out = Templates::new();
    for (name, text) in &table.free_strings() {
        let Some(arg) = args.iter().find(|a| a.name == name.value) else {
            let shown = untrusted::display_in(name.value, 60);
            let hint = suggest(name.value, args.iter().map(|a| a.name));
            table.mistake(name, format!("no argument `{shown}`{hint}"));
            continue;
        };
        if let Some(template) = template(&table, arg, text, inputs) {
            out.insert(arg.name.to_owned(), template);
        }
    }
    for arg in args.iter().filter(|a| a.required && !table.has(a.name)) {
        table.mistake_here(format!("the argument `{}` is missing", arg.name));
    }
    Some(out)
}

/// A policy's own braces are no placeholder: JSON has a quotation mark after the first one.
fn is_document(kind: ValueType, text: &str) -> bool {
    let inside = text.trim_start().strip_prefix('{');
    kind == ValueType::PolicyDocument
        && inside.is_some_and(|rest| rest.trim_start().starts_with('"'))
}

/// `{name}` as a whole is the value of an input; anything else is the value itself.
fn template(
    t: &Table<'_>,
    arg: &Arg,
    text: &Placed<&str>,
    inputs: &Inputs<'_>,
) -> Option<Template> {
    if !text.value.contains(['{', '}']) || is_document(arg.kind, text.value) {
        return value(t, arg.name, arg.kind, text).map(Template::Value);
    }
    let name = text.value.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
    let Some(name) = name.filter(|n| !n.contains(['{', '}'])) else {
        t.mistake(text, "a placeholder stands alone: \"{name}\", with nothing before or after it");
        return None;
    };
    match inputs.good.get(name) {
        Some(input) if input.kind == arg.kind => Some(Template::Input(name.to_owned())),
        Some(input) => {
            t.mistake(
                text,
                format!(
                    "`{}` takes a {}; {{{name}}} is a {}",
                    arg.name,
                    arg.kind.name(),
                    input.kind.name()
                ),
            );
            None
        }
        None if inputs.names.contains(&name) => None,
        None => {
            let shown = untrusted::display_in(name, 60);
            let hint = suggest(name, inputs.names.iter().copied());
            t.mistake(text, format!("no input `{shown}`{hint}"));
            None
        }
    }
}
