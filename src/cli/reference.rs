//! The reference of the command line and of what halon may ask AWS, as Markdown.
//! `docs/CLI.md` and `docs/PERMISSIONS.md` are these texts; a test keeps them so.

use std::fmt::Write;

use clap::CommandFactory;

use super::args::Args;
use crate::cloud::allowed;

/// The schema of each JSON answer, and what its items are.
const SCHEMAS: &[(&str, &str, &str)] = &[
    (
        "halon.findings/1",
        "`halon findings`, `halon findings import`",
        "`id` (GuardDuty's id, else the ASFF `Id`), `arn`, `account`, `region`, `detector_region`, \
         `severity: {value, band}` (0–10 from GuardDuty, 0–100 from Security Hub), `type`, `title`, \
         `first_seen`, `last_seen`, `count`, `resource`, `actor`, `guardduty: {archived}` or null, \
         `securityhub: {workflow, record_state}` or null. An import adds \
         `files: [{path, findings, rejected, other}]` beside `items`.",
    ),
    (
        "halon.doctor/1",
        "`halon doctor`",
        "`check`, `target`, `region` or null, `state` (`good`, `off`, `problem`), `detail`.",
    ),
    ("halon.scenarios/1", "`halon range list`", "`id`, `title`, `valid`, `mistakes`."),
    (
        "halon.audit/1",
        "`halon audit show`",
        "`line`, `seq`, `h`, `record` (as in docs/AUDIT-LOG.md).",
    ),
    (
        "halon.audit-verify/1",
        "`halon audit verify`",
        "one for each problem: `what` (`edited`, `missing`, `moved`, `duplicate`, `unlinked`, \
         `rewritten`), `seq` or null, `line`, `why`. Beside them `file`, `exit_code`, `first_bad`, \
         `records`, `verified`, `head: {seq, h, short}`, `recovered`, `torn_bytes`, `anchors`, \
         `unanchored`, `unanchored_since`, `stale`, `unknown_kinds`, `cannot_know`, `unreadable`.",
    ),
    (
        "halon.audit-export/1",
        "`halon audit export --format json`",
        "`log`, `line`, `verified`, `record`, `raw` (the line as it was written). Beside them \
         `incident` and `logs: [{file, log_id, records, head, verify}]`.",
    ),
];

const EXIT_CODES: &[(u8, &str)] = &[
    (0, "done"),
    (1, "failed; doctor found a problem"),
    (2, "wrong usage or a bad file"),
    (4, "AWS could not be asked at all (no identity and no answer)"),
    (5, "done but incomplete; what is missing is on standard error"),
    (10, "`audit verify`: the end is not anchored for longer than the policy allows"),
    (11, "`audit verify`: intact, with a torn tail"),
    (12, "`audit verify`: tampered with"),
    (13, "`audit verify`, `show`, `export`: the log cannot be read"),
    (70, "a bug"),
];

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
        `halon permissions` is the exception: it prints an IAM policy.\n";
    for (schema, commands, items) in SCHEMAS {
        let _ = write!(out, "\n- **{schema}** ({commands}). Items: {items}\n");
    }
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
        is not on it.\n\n| service | operation | IAM action | for |\n|---|---|---|---|\n"
        .to_owned();
    for row in allowed::READ_ONLY {
        let _ = writeln!(
            out,
            "| {} | {} | `{}` | {} |",
            row.service, row.operation, row.action, row.reason
        );
    }
    let policy = serde_json::to_string_pretty(&allowed::policy()).unwrap_or_default();
    let _ = write!(
        out,
        "\n## Read-only\n\n`halon permissions --mode read-only` prints this policy:\n\n```json\n{policy}\n```\n"
    );
    out
}
