//! `solution`: the moves that reach an objective.

use std::collections::BTreeMap;

use super::{one_of, refer::Refer};
use crate::{
    domain::{
        document::{Table, suggest},
        untrusted::display_in,
    },
    drill::script::Move,
    playbook::{Action, Playbook},
};

/// `{ move = "open", finding = "…" }` and its like.
pub fn solution_move(t: &Table<'_>, refer: &Refer<'_>) -> Option<Move> {
    let word = t.required("move")?;
    let words = ["open", "search", "inspect", "run", "assume", "end"];
    Some(match one_of(t, "move", &word, &words.map(|w| (w, w)))? {
        "open" => {
            let id = t.required("finding")?;
            Move::Open { finding: refer.finding(t, &id)? }
        }
        "search" => Move::Search { by: refer.by(t)? },
        "inspect" => {
            let (account, who) = refer.principal(t)?;
            Move::Inspect { account, who }
        }
        "run" => return run(t, refer),
        "assume" => Move::Assume,
        // `one_of` let nothing else through.
        _ => Move::End,
    })
}

fn run(t: &Table<'_>, refer: &Refer<'_>) -> Option<Move> {
    let playbook = t.required("playbook").and_then(|id| refer.playbook(t, &id));
    let given = t.string("finding");
    let finding = given.as_ref().and_then(|id| refer.finding(t, id));
    let account = t.string("account").and_then(|name| refer.account_named(t, &name));
    let (inputs, answers) = (t.table("inputs"), t.table("answers"));
    let playbook = playbook?;
    let inputs = inputs.map(|table| inputs_of(&table, &playbook)).unwrap_or_default();
    let answers = answers.map(|table| answers_of(&table, &playbook)).unwrap_or_default();
    for (name, input) in &playbook.inputs {
        let filled = inputs.contains_key(name)
            || input.default.is_some()
            || input.from.is_some() && given.is_some();
        if !filled {
            t.mistake_here(format!("{} needs the input `{name}`", playbook.id));
        }
    }
    Some(Move::Run { playbook: playbook.id, finding, account, inputs, answers })
}

fn inputs_of(t: &Table<'_>, playbook: &Playbook) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for (name, text) in t.free_strings() {
        let Some(input) = playbook.inputs.get(name.value) else {
            let hint = suggest(name.value, playbook.inputs.keys().map(String::as_str));
            let shown = display_in(name.value, 40);
            t.mistake(&name, format!("{} has no input `{shown}`{hint}", playbook.id));
            continue;
        };
        match input.kind.parse(text.value) {
            Ok(_) => {
                out.insert(name.value.to_owned(), text.value.to_owned());
            }
            Err(why) => t.mistake(&text, format!("`{}`: {why}", name.value)),
        }
    }
    out
}

/// `step = "yes"`, as on the command line.
fn answers_of(t: &Table<'_>, playbook: &Playbook) -> BTreeMap<String, bool> {
    let mut out = BTreeMap::new();
    let asks = || playbook.steps.iter().filter(|s| matches!(s.action, Action::Ask { .. }));
    for (step, text) in t.free_strings() {
        if !asks().any(|ask| ask.id == step.value) {
            let hint = suggest(step.value, asks().map(|ask| ask.id.as_str()));
            let shown = display_in(step.value, 40);
            t.mistake(&step, format!("no step `{shown}` of {} asks{hint}", playbook.id));
            continue;
        }
        match text.value {
            "yes" => out.insert(step.value.to_owned(), true),
            "no" => out.insert(step.value.to_owned(), false),
            _ => {
                t.mistake(&text, "an answer is \"yes\" or \"no\"");
                continue;
            }
        };
    }
    out
}
