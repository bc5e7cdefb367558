//! The reference of playbook files, as Markdown.

use std::{collections::BTreeSet, fmt::Write};

use crate::{
    change::{Arg, KINDS, ValueType},
    playbook::{
        CHECKS, From, LONGEST, LONGEST_WITHIN, MAX_BYTES, MAX_INPUTS, MAX_STEPS, Playbook, READS,
        WITHIN, shipped,
    },
};

/// Every key of a playbook file: where it stands, its name, what it is. The six kinds of
/// steps come first among a step's.
const KEYS: &[(&str, &str, &str)] = &[
    ("playbook", "schema", "always 1"),
    ("playbook", "id", "the file's name without .toml: a-z, 0-9 and hyphens, at most 64"),
    ("playbook", "title", "what the list shows"),
    ("playbook", "summary", "what it does, in a sentence"),
    (
        "playbook",
        "risk",
        "reversible, wide or irreversible: it raises the ceremony of every change, and never lowers one",
    ),
    (
        "playbook",
        "answers",
        "finding types that it is offered for; one * stands for the rest of the text",
    ),
    (
        "playbook",
        "requires",
        "`[\"break-glass\"]` where it acts as that role: where no session is open, and no step assumes it, assuming it is the first step",
    ),
    ("input", "type", "one of the types below; a value of another form is refused"),
    ("input", "from", "where it is filled in from, if the finding says it"),
    ("input", "default", "its value where nobody gives one"),
    ("input", "help", "what is asked for"),
    ("step", "read", "looks something up and shows it"),
    ("step", "check", "looks something up and judges it: it holds or it does not"),
    ("step", "ask", "a question to the operator, answered with yes or no"),
    (
        "step",
        "assume",
        "`\"break-glass\"`: the role to act as from there on; `with = { role = \"{role}\"}` names it, else it is the one of the finding's account, or the only one. What comes after it is planned anew, as the role",
    ),
    ("step", "change", "one verb: read before, shown as a diff, consented to, sent, and read back"),
    ("step", "note", "a line for the operator"),
    ("step", "id", "unlike every other step's; formed like the playbook's"),
    ("step", "with", "the arguments: each a value, or {name} alone for an input of that type"),
    (
        "step",
        "when",
        "taken only where this earlier check held or question was answered yes; with ! before it, where not",
    ),
    ("step", "why", "shown at the prompt"),
    ("step", "verify", "how long a change is read back until it is seen"),
];

/// `docs/PLAYBOOKS.md`.
pub fn playbooks() -> String {
    let mut out = "# Playbooks\n\nMade from the program itself; `cargo test` keeps it true.\n\n\
        A playbook is a TOML file in the folder `playbooks` of halon's configuration folder. One \
        with\nthe id of a shipped playbook takes its place. Steps are taken in order; there are no \
        loops, no\nexpressions and no shell. No file can switch a confirmation off, choose its \
        inverse, or leave\nout the audit log. `halon playbook check FILE` names every mistake with \
        line and column.\n\n\
        A file is not read unless it is a regular file, no link, your own or root's, and nobody else \
        may\nwrite it; the same goes for the folder. A run refuses a file that was edited since it was \
        read.\n"
        .to_owned();
    out += include_str!("walkthrough.md");
    out += &example("detach-wildcard-policy");
    out += &limits();
    out += &inputs();
    out += &steps();
    out += &looks();
    out += &changes();
    out += PREFLIGHT;
    out += &shipped_ones();
    out
}

/// What a plan says of its own chances.
const PREFLIGHT: &str = "\n## Pre-flight\n\n\
    Every change of a plan, and of the way back of a run, is judged before it is tried: would the\n\
    identity in use be allowed the call, and each break-glass role of its account? Break-glass roles\n\
    are named in `halon.toml` (`break_glass = [\"arn:aws:iam::111122223333:role/BreakGlass\"]`), those\n\
    of the range in its scenario.\n\n\
    - **Evaluated here**: by the identity's own policies and groups, its boundary, and the \
      organization's\n  SCPs and RCPs, with the context keys that the call fills. It does not know \
      where a call will come\n  from (`aws:SourceIp`), nor a session's own policy and tags.\n\
    - **AWS's simulator** (`iam:SimulatePrincipalPolicy`), where it answers. It does not know session\n  \
      policies, RCPs, nor SCPs with conditions.\n\n\
    Each says which statement decides, counted from 0. Where the two disagree both are shown, and the\n\
    worse one leads. What depends on a key that is not known is `unknown`, and the key is named; so is\n\
    what could not be read: an organization that is not to be seen leaves open what it may take away.\n\
    What was read and denies, denies.\n\n\
    Nothing waits for it. A plan is shown at once, and its lines say that they are asked for until the\n\
    answers come; a command waits for them at most ten seconds. A step that will be denied is said to\n\
    be, at the prompt and on standard error, and can be tried all the same. The identity is read anew\n\
    for each plan; the organization is kept, with its age. It is judged by what stands now: that an\n\
    earlier step changes what a later one is allowed is not foreseen.\n";

/// A shipped playbook with a comment at the first use of each key.
fn example(id: &str) -> String {
    let text = shipped().iter().find(|(known, _)| *known == id).map_or("", |(_, text)| text);
    let mut out = format!("\n## A file\n\nThis is `{id}.toml`, with comments:\n\n```toml\n");
    let (mut part, mut seen) = ("playbook", BTreeSet::new());
    for line in text.lines() {
        if line.starts_with("[inputs") {
            part = "input";
        } else if line.starts_with("[[steps") {
            part = "step";
        }
        let key = line.split_once(" = ").map_or("", |(key, _)| key);
        let known = KEYS.iter().find(|(p, k, _)| *p == part && *k == key);
        if let Some((_, _, what)) = known.filter(|_| seen.insert((part, key))) {
            let _ = writeln!(out, "# {what}");
        }
        let _ = writeln!(out, "{line}");
    }
    out += "```\n\nOther keys:\n\n| of a | key | what it is |\n|---|---|---|\n";
    for (part, key, what) in KEYS.iter().filter(|(part, key, _)| !seen.contains(&(*part, *key))) {
        let _ = writeln!(out, "| {part} | `{key}` | {what} |");
    }
    out
}

fn limits() -> String {
    format!(
        "\n## Limits\n\nA file has at most {} KiB, {MAX_INPUTS} inputs and {MAX_STEPS} steps; a \
         text has at most {LONGEST}\ncharacters, on one line, without control or hidden characters; \
         nor are such characters allowed\nin comments. A change is read back for {} s, or as long as \
         `verify` says: 1s to {}m.\nAn unknown key is a mistake.\n",
        MAX_BYTES / 1024,
        WITHIN.as_secs(),
        LONGEST_WITHIN.as_mins()
    )
}

fn inputs() -> String {
    let mut out =
        "\n## Inputs\n\nA value is checked by its type and never pasted into text that a \
        machine reads. An input is\nas given (`-i NAME=VALUE`), else from the finding, else the \
        default.\n\n| type | what it is | filled in from |\n|---|---|---|\n"
            .to_owned();
    for kind in ValueType::ALL {
        let from =
            From::ALL.iter().filter(|f| f.kind() == *kind).map(|f| format!("`{}`", f.name()));
        let from: Vec<String> = from.collect();
        let _ = writeln!(out, "| `{}` | {} | {} |", kind.name(), kind.meaning(), from.join(", "));
    }
    out
}

fn steps() -> String {
    let mut out =
        "\n## Steps\n\nA step has exactly one of these:\n\n| kind | what it does |\n|---|---|\n"
            .to_owned();
    let kinds = KEYS.iter().filter(|(part, ..)| *part == "step").take_while(|(_, k, _)| *k != "id");
    for (_, key, what) in kinds {
        let _ = writeln!(out, "| `{key}` | {what} |");
    }
    out += "\n`when = \"wildcard\"` takes a step only where the earlier check or question `wildcard` \
        held or was\nanswered yes; `when = \"!wildcard\"` only where it did not hold or the answer was \
        no. Where that\nstep was left out itself, so is this one.\n";
    out
}

fn looks() -> String {
    let mut out = "\n## Reads\n\n| read | with | what it tells |\n|---|---|---|\n".to_owned();
    for read in READS {
        let _ = writeln!(out, "| `{}` | {} | {} |", read.name, with(read.args), read.summary);
    }
    out += "\n## Checks\n\n| check | with | it holds where |\n|---|---|---|\n";
    for read in CHECKS.iter().map(|check| &check.read) {
        let _ = writeln!(out, "| `{}` | {} | {} |", read.name, with(read.args), read.summary);
    }
    out
}

fn changes() -> String {
    let mut out =
        "\n## Changes\n\nThe risk is the verb's own; a playbook can only raise it. One that \
        is not reversible asks for\nthe target's own name.\n\n\
        | change | with | call | IAM action | risk |\n|---|---|---|---|---|\n"
            .to_owned();
    let mut details = String::new();
    for spec in KINDS {
        let risk = match spec.wide_where {
            Some(_) => "reversible or wide",
            None => spec.risk.name(),
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {} {} | `{}` | {risk} |",
            spec.name,
            with(spec.args),
            spec.service,
            spec.operation,
            spec.action
        );
        let _ = write!(details, "\n**{}**: {}\n", spec.name, spec.summary);
        if let Some(what) = spec.wide_where {
            let _ = writeln!(details, "It is wide where {what}.");
        }
        for pitfall in spec.pitfalls {
            let _ = write!(details, "\n- {pitfall}");
        }
        if !spec.pitfalls.is_empty() {
            details += "\n";
        }
    }
    out + &details
}

fn with(args: &[Arg]) -> String {
    let each = args.iter().map(|arg| {
        let optional = if arg.required { "" } else { ", optional" };
        format!("`{}` ({}{optional})", arg.name, arg.kind.name())
    });
    each.collect::<Vec<_>>().join(", ")
}

fn shipped_ones() -> String {
    let mut out = "\n## Shipped playbooks\n".to_owned();
    for (id, text) in shipped() {
        let Ok(playbook) = Playbook::read(id, text) else { continue };
        let answers: Vec<String> = playbook.answers.iter().map(|a| format!("`{a}`")).collect();
        let _ = write!(
            out,
            "\n### {id}\n\n{}. {}\n\nAnswers {}.\n\n| input | type | from | what it is |\n|---|---|---|---|\n",
            playbook.title,
            playbook.summary,
            answers.join(", ")
        );
        for (name, input) in &playbook.inputs {
            let from = input.from.map(|f| format!("`{}`", f.name())).unwrap_or_default();
            let _ =
                writeln!(out, "| `{name}` | `{}` | {from} | {} |", input.kind.name(), input.help);
        }
    }
    out
}
