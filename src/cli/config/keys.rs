//! Every setting of halon.toml: what it is, its unit, its default. What is read of the file is
//! in the other files of this folder; a test holds the two together.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    Account, Config,
    screen::{BORDERS, COLOURS, Time, name_of},
};
use crate::{domain::time::span, guard::LAPSE};

/// One setting.
pub struct Key {
    /// With its tables: `limits.pages`, `accounts[].alias`.
    pub name: &'static str,
    /// What a value is: its type, unit and bounds.
    pub kind: &'static str,
    pub meaning: &'static str,
    /// A value as the file has it, other than the default.
    pub example: &'static str,
    pub of: Of,
}

/// Where a setting is taken from.
pub enum Of {
    Config(fn(&Config) -> Value),
    Account(fn(&Account) -> Value),
}

impl Key {
    /// Its table, and its name there.
    pub fn split(&self) -> (&'static str, &'static str) {
        self.name.rsplit_once('.').unwrap_or(("", self.name))
    }

    /// The default, as the file would have it; nothing where there is none.
    pub fn default(&self) -> Option<String> {
        let value = match self.of {
            Of::Config(of) => of(&Config::default()),
            Of::Account(of) => of(&Account::default()),
        };
        // An alias has none.
        written(&value).filter(|text| text != "\"\"")
    }
}

/// A value as TOML, which for these is how JSON has it; what is not set is nothing.
pub fn written(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Array(items) if items.is_empty() => Some("[]".to_owned()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(ToString::to_string).collect();
            Some(format!("[{}]", items.join(", ")))
        }
        other => Some(other.to_string()),
    }
}

fn texts<T: ToString>(items: &[T]) -> Value {
    items.iter().map(ToString::to_string).collect()
}

fn seconds(seconds: i32) -> Value {
    span(SignedDuration::from_secs(seconds.into())).into()
}

macro_rules! keys {
    ($($name:literal $kind:literal $example:literal $which:ident $of:expr, $meaning:literal;)+) => {
        pub const KEYS: &[Key] = &[$(Key {
            name: $name,
            kind: $kind,
            meaning: $meaning,
            example: $example,
            of: Of::$which($of),
        },)+];
    };
}

keys! {
    "regions" "regions" r#"["us-east-1", "eu-west-1"]"# Config |c| texts(&c.regions),
        "The regions of every account that names none itself. Where there are none, the profile's.";
    "own_addresses" "addresses and networks" r#"["203.0.113.0/24", "2001:db8::7"]"#
        Config |c| texts(&c.own_addresses),
        "Where your own people and machines call from; events from there are marked `ours`.";
    "break_glass" "role ARNs" r#"["arn:aws:iam::111122223333:role/BreakGlass"]"#
        Config |c| texts(&c.break_glass),
        "The roles for emergencies, each of its account.";

    "accounts[].alias" "a word" r#""prod""# Account |a| a.alias.as_str().into(),
        "What you call it. Must be there, and once.";
    "accounts[].profile" "a profile's name" r#""prod-readonly""# Account |a| json!(a.profile),
        "Its profile in ~/.aws/config; without one, the environment's own credentials.";
    "accounts[].role" "a role ARN" r#""arn:aws:iam::111122223333:role/halon-read""#
        Account |a| json!(a.role.as_ref().map(ToString::to_string)),
        "A role that is assumed with those credentials (the session is named `halon`); everything in this account is asked, and changed, as that role.";
    "accounts[].regions" "regions" r#"["eu-west-1"]"# Account |a| texts(&a.regions),
        "Its regions, where they are not those of every account.";
    "accounts[].colour" "a colour: red, light-red, … or #rrggbb"
        r#""red""# Account |a| json!(a.colour.map(|c| c.to_string())),
        "What its name is drawn in.";
    "accounts[].production" "true or false" "true" Account |a| a.production.into(),
        "It is what customers use: shown so that it cannot be taken for another one.";

    "screen.theme" "a theme's name" r#""light""# Config |c| json!(c.screen.theme),
        "A shipped theme, or a file of that name in the folder `themes` beside halon.toml.";
    "screen.borders" "unicode or ascii" r#""ascii""#
        Config |c| json!(c.screen.borders.as_ref().map(|b| name_of(&BORDERS, b))),
        "What lines and signs are drawn with; found out where not said.";
    "screen.colours" "auto, truecolor, 256, 16 or none" r#""256""#
        Config |c| name_of(&COLOURS, &c.screen.colours).into(),
        "How many colours the terminal has; `auto` goes by NO_COLOR, COLORTERM and TERM.";
    "screen.keymap" "a keymap's name" r#""vim""# Config |c| c.screen.keymap.as_str().into(),
        "default, vim, emacs, or a file of another name in the folder `keymaps`; a file of the same name lies over the shipped one.";
    "screen.time" "utc or local" r#""local""#
        Config |c| name_of(&Time::NAMES, &c.screen.time).into(),
        "What times are shown in at the start.";
    "screen.mouse" "true or false" "false" Config |c| c.screen.mouse.into(),
        "Whether halon takes the mouse; the terminal's own selection then needs the shift key.";

    "notify.bell" "true or false" "false" Config |c| c.notify.bell.into(),
        "Ring the terminal's bell for a new finding, once.";
    "notify.desktop" "true or false" "true" Config |c| c.notify.desktop.into(),
        "Ask the terminal for a desktop notification (OSC 9).";
    "notify.title" "true or false" "false" Config |c| c.notify.title.into(),
        "Show how many are new in the terminal's title.";
    "notify.at_least" "informational, low, medium, high or critical" r#""critical""#
        Config |c| c.notify.at_least.name().into(),
        "The least severity that is told of.";
    "notify.quiet" "two times of the day, by this machine's clock" r#""22:00-07:00""#
        Config |c| json!(c.notify.quiet.map(|q| q.to_string())),
        "When nothing rings.";

    "limits.securityhub_per_second" "1 to 1000 a second" "10"
        Config |c| c.limits.securityhub_per_second.into(),
        "Security Hub GetFindings, per account and region; AWS allows 3.";
    "limits.cloudtrail_per_second" "1 to 1000 a second" "1"
        Config |c| c.limits.cloudtrail_per_second.into(),
        "CloudTrail LookupEvents, per account and region; AWS allows 2.";
    "limits.pages" "1 to 1000000 pages" "100" Config |c| c.limits.pages.into(),
        "Pages of one list before halon stops and says so.";

    "polling.guardduty" "a time of at least 5s" r#""1m""#
        Config |c| span(c.intervals.guardduty).into(),
        "How often GuardDuty is asked.";
    "polling.securityhub" "a time of at least 5s" r#""5m""#
        Config |c| span(c.intervals.securityhub).into(),
        "How often Security Hub is asked.";
    "polling.watch" "a time of at least 5s" r#""90s""#
        Config |c| span(c.intervals.watch).into(),
        "How often CloudTrail is asked for somebody who is watched.";

    "assume.mfa_serial" "an MFA device's ARN" r#""arn:aws:iam::111122223333:mfa/oncall""#
        Config |c| json!(c.how.mfa.as_ref().map(ToString::to_string)),
        "The device for break-glass; without one, the caller's first.";
    "assume.duration" "a time from 15m to 12h" r#""15m""# Config |c| seconds(c.how.seconds),
        "How long a break-glass session lasts at most; the role's own maximum may be less.";
    "assume.policy" "a file, from this file's folder" r#""session-policy.json""#
        Config |c| json!(c.how.policy),
        "A session policy that break-glass is narrowed by; at most 2,048 characters.";
    "assume.source_identity" "true or false" "false" Config |c| c.how.source_identity.into(),
        "Say who acts; needs sts:SetSourceIdentity on both sides.";
    "assume.tags" "true or false" "false" Config |c| c.how.tags.into(),
        "Tag the session with the incident; needs sts:TagSession on both sides.";
    "assume.second_person" "true or false" "true" Config |c| c.how.second_person.into(),
        "Ask for a second person before break-glass.";

    "armed.lapse" "a time from 1m to 12h" r#""30m""#
        Config |c| span(c.lapse.unwrap_or(LAPSE)).into(),
        "How long armed lasts without a change.";

    "drill.accounts" "account ids" r#"["444455556666"]"# Config |c| texts(&c.drill.accounts),
        "Accounts that are not production, in which a drill may be run.";
    "drill.every" "a time from 1d to 90d" r#""30d""# Config |c| span(c.drill.every).into(),
        "How long a validation of break-glass is good for.";
    "drill.stranger" "a profile's name" r#""runner""# Config |c| json!(c.drill.stranger),
        "Somebody whom the break-glass role does not trust: their attempt must fail.";
    "drill.canary" "a role's name" r#""halon-canary""#
        Config |c| json!(c.drill.canary.as_ref().map(ToString::to_string)),
        "The role that a harmless change is tried on.";
    "drill.idp_down" "true or false" "false" Config |c| c.drill.idp_down.into(),
        "A drill assumes that the usual sign-in does not work.";
}

/// The reference of the file, as Markdown.
pub fn documented() -> String {
    let mut text = String::from(HEAD);
    let mut table = None;
    for key in KEYS {
        let (of, name) = key.split();
        if table != Some(of) {
            table = Some(of);
            let title = match of {
                "" => "At the top".to_owned(),
                "accounts[]" => "`[[accounts]]`".to_owned(),
                of => format!("`[{of}]`"),
            };
            text += &format!(
                "\n### {title}\n\n| key | value | default | what it is |\n|---|---|---|---|\n"
            );
        }
        let default = key.default().map_or_else(|| "not set".to_owned(), |d| format!("`{d}`"));
        text += &format!("| `{name}` | {} | {default} | {} |\n", key.kind, key.meaning);
    }
    text += TAIL;
    text
}

const HEAD: &str = "\
# Configuration

Generated from the code (`HALON_WRITE_DOCS=1 cargo test docs`).

`halon config init` writes a halon.toml with all of this as comments, `halon config check` reads
every file that people write for halon and names every mistake, `halon config show` says what
holds now and where it comes from. A broken file is told with file, line and what to do; the
console opens all the same, with the default in its place. A subcommand refuses it (exit 2).

halon.toml lies in the configuration folder (`~/.config/halon` on Linux), or where `--config`
says. Beside it: `keymaps/NAME.toml`, `themes/NAME.toml`, `playbooks/ID.toml`,
`scenarios/ID.toml`. What halon keeps by itself (store, audit log, `state.json`: the last pane,
filters, the zone) lies in the data folder and is no configuration.

Times are `45s`, `90m`, `24h`, `7d`.

## halon.toml
";

const TAIL: &str = "
## The machine's policy file

`/etc/halon/policy.toml`, by whoever looks after the machine. No flag, file or variable of the
operator's takes it back. It fails closed: a file that is there and is broken, or cannot be
read, makes halon read-only, and that is told on the screen and on standard error until it is
mended. The start of each session in the audit log says what it bounded.

| key | value | default | what it is |
|---|---|---|---|
| `read_only` | true or false | `false` | Nothing can be changed, in the range neither. |
| `accounts` | account ids | all | Only these are looked at and acted in. Others are asked who they are and nothing else; each is a gap that says why. The range has accounts of its own. |
| `endpoints` | true or false | `true` | Whether requests may go to endpoints other than AWS's own. |
| `lapse` | a time from 1m to 12h | not set | How long armed lasts without a change, at most. |
| `second_person` | true or false | `false` | A second person agrees to every use of break-glass. |
";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A file that sets this key and nothing else that matters.
    fn setting(key: &Key) -> String {
        let (table, name) = key.split();
        let alias = if name == "alias" { "" } else { "alias = \"one\"\n" };
        match table {
            "" => format!("{name} = {}\n", key.example),
            "accounts[]" => format!("[[accounts]]\n{alias}{name} = {}\n", key.example),
            table => format!("[{table}]\n{name} = {}\n", key.example),
        }
    }

    fn read(text: &str) -> Config {
        let folder = tempfile::tempdir().expect("a folder");
        let policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}";
        std::fs::write(folder.path().join("session-policy.json"), policy).expect("written");
        let file = folder.path().join("halon.toml");
        Config::read(&file.to_string_lossy(), text).unwrap_or_else(|e| panic!("{text}\n{e}"))
    }

    #[test]
    fn every_documented_setting_is_read_and_is_not_its_default() {
        for key in KEYS {
            let config = read(&setting(key));
            let value = match key.of {
                Of::Config(of) => of(&config),
                Of::Account(of) => of(&config.accounts[0]),
            };
            assert!(written(&value).is_some(), "{} is not read", key.name);
            assert_ne!(written(&value), key.default(), "{}", key.name);
            // What is shown of a value is what would be written.
            if key.name != "assume.policy" {
                let spelled = key.example.replace("2001:db8::7\"", "2001:db8::7/128\"");
                assert_eq!(written(&value).as_deref(), Some(spelled.as_str()), "{}", key.name);
            }
        }
    }

    #[test]
    fn every_setting_that_is_read_is_documented() {
        let mut text = String::new();
        for table in ["[[accounts]]\nalias = \"one\"", "[screen]", "[notify]", "[limits]"] {
            text += &format!("{table}\n");
        }
        for table in ["[polling]", "[assume]", "[drill]", "[armed]"] {
            text += &format!("{table}\n");
        }
        let config = read(&text);
        let asked: BTreeSet<String> = config
            .places
            .keys
            .iter()
            .map(|asked| asked.key.replace("[1]", "[]"))
            .filter(|key| !key.ends_with("accounts") || key.contains('.'))
            .collect();
        let tables: BTreeSet<&str> = KEYS.iter().map(|key| key.split().0).collect();
        let known: BTreeSet<String> = KEYS.iter().map(|key| key.name.to_owned()).collect();
        let unknown: Vec<&String> =
            asked.iter().filter(|a| !known.contains(*a) && !tables.contains(a.as_str())).collect();
        assert_eq!(unknown, Vec::<&String>::new(), "read, and not in the table of settings");
        assert_eq!(known.difference(&asked).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
