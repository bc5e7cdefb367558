//! The reference of the command line, of what halon may ask AWS and of playbook files, as
//! Markdown. `docs/CLI.md`, `docs/PERMISSIONS.md` and `docs/PLAYBOOKS.md` are these texts;
//! a test keeps them so.

mod playbooks;
mod schemas;

use std::fmt::Write;

use clap::CommandFactory;

use super::args::Args;
pub use super::config::documented as configuration;
use crate::{
    cloud::allowed::{self, Access},
    playbook::Playbook,
};
pub use playbooks::playbooks;
use schemas::{EVALUATE, EXIT_CODES, SCHEMAS};

/// `docs/CLI.md`.
pub fn command_line() -> String {
    let mut out =
        "# The command line\n\nMade from the program itself; `cargo test` keeps it true.\n\n\
        Standard output carries the answer and nothing else; progress, warnings and hints go to\n\
        standard error. Times are RFC 3339, a date (UTC) or an age such as `90m`, `24h`, `7d`.\n"
            .to_owned();
    let command = Args::command().term_width(100);
    describe(&command, "halon", &mut out);
    out += "\n## JSON answers\n\nWith `--json` every answer is one document, all ASCII:\n\n```json\n\
        {\"schema\": \"halon.findings/1\", \"as_of\": \"…Z\", \"complete\": true,\n \
        \"incomplete\": [{\"source\", \"account\", \"region\", \"page\", \"why\"}], \"items\": […]}\n```\n\n\
        Two are exceptions: `halon permissions` prints an IAM policy, and `halon policy evaluate` \
        an array.\n";
    for (schema, commands, items) in SCHEMAS {
        let _ = write!(out, "\n- **{schema}** ({commands}). Items: {items}\n");
    }
    out += EVALUATE;
    out += "\n## Exit codes\n\n| code | meaning |\n|---|---|\n";
    for (code, meaning) in EXIT_CODES {
        let _ = writeln!(out, "| {code} | {meaning} |");
    }
    out
}

fn describe(command: &clap::Command, path: &str, out: &mut String) {
    let help = command.clone().bin_name(path).render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(out, "\n## {path}\n\n```text\n{}\n```\n", lines.join("\n").trim_end());
    for inner in command.get_subcommands().filter(|c| c.get_name() != "help") {
        describe(inner, &format!("{path} {}", inner.get_name()), out);
    }
}

/// `docs/PERMISSIONS.md`.
pub fn permissions() -> String {
    let mut out = "# What halon asks of AWS\n\nMade from the program's own list; `cargo test` keeps it \
        true. Every request is checked\nagainst this list before it is signed, and refused where it \
        is not on it.\n\n\"Playbook\" means: to plan it, to run it, or to read back what came of it. \
        [ROLES.md](ROLES.md) says\nhow to set up roles with the policies below.\n\n## Reads\n\n\
        | IAM action | tells | needed by |\n|---|---|---|\n"
        .to_owned();
    let playbooks = super::permissions::shipped_playbooks();
    let wanted = allowed::wanted(Access::Respond, &playbooks);
    let needed_by = |action: &str| {
        let found = wanted.iter().find(|w| w.action == action);
        found.map(super::permissions::needed_by)
    };
    for row in allowed::READ_ONLY {
        let by = needed_by(row.action).unwrap_or_else(|| {
            "everything, and needs no permission: it is in none of the policies".to_owned()
        });
        let _ = writeln!(out, "| `{}` | {} | {by} |", row.action, row.reason);
    }
    out += "\n## Changes\n\nWhat changes something is sent only with a permit, which exists only after \
        the operator's\nconsent to exactly this call, and after its intent is in the audit log.\n\n\
        | IAM action | change | needed by |\n|---|---|---|\n";
    let mut actions: Vec<&str> = allowed::writes().map(|spec| spec.action).collect();
    actions.sort_unstable();
    actions.dedup();
    for action in actions {
        let verbs: Vec<String> = allowed::writes()
            .filter(|spec| spec.action == action)
            .map(|spec| format!("`{}`", spec.name))
            .collect();
        let by = needed_by(action).unwrap_or_else(|| {
            "no shipped playbook: `--playbook FILE` adds it for one of yours".to_owned()
        });
        let _ = writeln!(out, "| `{action}` | {} | {by} |", verbs.join(", "));
    }
    out += "\n`sts:SetSourceIdentity` and `sts:TagSession` go with `sts:AssumeRole`.\n";
    for access in Access::ALL {
        let _ = write!(out, "\n## {}\n\n{}", access.name(), policy_of(access, &playbooks));
    }
    out
}

/// The role for emergencies in documents.
const GLASS: &str = "arn:aws:iam::123456789012:role/break-glass";

/// What one `--mode` prints, as Markdown.
fn policy_of(access: Access, playbooks: &[Playbook]) -> String {
    let wanted = allowed::wanted(access, playbooks);
    let policy = allowed::policy(&wanted, &[GLASS.to_owned()], "aws");
    let text = serde_json::to_string_pretty(&policy).unwrap_or_default();
    let glass = match access {
        Access::Respond | Access::Drill => format!(" --break-glass {GLASS}"),
        Access::ReadOnly | Access::BreakGlass => String::new(),
    };
    format!(
        "`halon permissions --mode {}{glass}` prints this policy, {} characters of the {} that a \
         managed policy has room for:\n\n```json\n{text}\n```\n",
        access.name(),
        allowed::size(&policy),
        allowed::MOST,
    )
}

/// `docs/KEYS.md`.
pub fn keys() -> String {
    super::keys::markdown()
}
