//! `halon.toml`: accounts, regions, own addresses, limits, polling. And `halon config check`.

use std::{fs, path::Path};

use jiff::SignedDuration;

use super::{
    Output,
    answer::{self, Code},
    args::{ConfigCommand, Global},
    context,
};
use crate::{
    case::{Intervals, RoleAt},
    change::ValueType,
    cloud::Limits,
    domain::{
        AccountId, Region, RoleName,
        document::{self, Broken, Table},
        event::Network,
        time::parse_span,
    },
    playbook::HowToAssume,
};

/// What the configuration file says; what it does not say has its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    pub accounts: Vec<Account>,
    /// Regions of every account that names none itself.
    pub regions: Vec<Region>,
    /// Where the operator's own people and machines call from.
    pub own_addresses: Vec<Network>,
    pub limits: Limits,
    pub intervals: Intervals,
    /// The ARNs of the roles for emergencies, each of its account.
    pub break_glass: Vec<String>,
    /// How they are assumed.
    pub how: HowToAssume,
    pub drill: DrillSettings,
    /// How long armed lasts without a change; the guard's own time where not said.
    pub lapse: Option<SignedDuration>,
}

/// What may be practised on, and how often it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillSettings {
    /// The non-production accounts that a drill may be run against.
    pub accounts: Vec<AccountId>,
    /// How long a validation is good for.
    pub every: SignedDuration,
    /// The profile of somebody whom the break-glass role does not trust.
    pub stranger: Option<String>,
    /// The role that a harmless change is tried on.
    pub canary: Option<RoleName>,
    /// A drill assumes that the usual sign-in does not work.
    pub idp_down: bool,
}

impl Default for DrillSettings {
    fn default() -> Self {
        // AWS's incident response playbooks: "at least quarterly".
        let every = SignedDuration::from_hours(90 * 24);
        Self { accounts: Vec::new(), every, stranger: None, canary: None, idp_down: true }
    }
}

/// One set of credentials with the name the operator gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub alias: String,
    pub profile: Option<String>,
    pub regions: Vec<Region>,
}

impl Config {
    /// Reads the file; one that is not there is an empty one, unless it was asked for.
    pub fn load(path: &Path, asked_for: bool) -> Result<Config, Broken> {
        let name = path.to_string_lossy();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !asked_for => {
                return Ok(Config::default());
            }
            Err(e) => return Err(Broken::unreadable(&name, &e)),
        };
        Config::read(&name, &text)
    }

    pub fn read(file: &str, text: &str) -> Result<Config, Broken> {
        document::read(file, text, document::MAX_BYTES, |root| {
            let own_addresses = own_addresses(root);
            let break_glass = break_glass(root);
            let regions = regions(root);
            let mut config = Config { regions, own_addresses, break_glass, ..Config::default() };
            for table in root.tables("accounts") {
                if let Some(account) = account(&table, &config.accounts) {
                    config.accounts.push(account);
                }
                table.finish();
            }
            if let Some(table) = root.table("limits") {
                limits(&table, &mut config.limits);
                table.finish();
            }
            if let Some(table) = root.table("polling") {
                polling(&table, &mut config.intervals);
                table.finish();
            }
            if let Some(table) = root.table("assume") {
                assume(&table, Path::new(file).parent(), &mut config.how);
                table.finish();
            }
            if let Some(table) = root.table("drill") {
                drill(&table, &mut config.drill);
                table.finish();
            }
            if let Some(table) = root.table("armed") {
                config.lapse = lapse(&table);
                table.finish();
            }
            Some(config)
        })
    }
}

fn regions(table: &Table<'_>) -> Vec<Region> {
    let names = table.strings("regions");
    names.iter().filter_map(|name| Some(table.parse("regions", name)?.value)).collect()
}

fn own_addresses(table: &Table<'_>) -> Vec<Network> {
    let texts = table.strings("own_addresses");
    texts.iter().filter_map(|text| Some(table.parse("own_addresses", text)?.value)).collect()
}

/// Role ARNs, as IAM gives them: with their path, and not those of sessions.
fn break_glass(table: &Table<'_>) -> Vec<String> {
    const KEY: &str = "break_glass";
    let mut roles: Vec<String> = Vec::new();
    for text in table.strings(KEY) {
        let of_role = |text: &str| text.parse::<RoleAt>().ok().filter(|r| r.arn.raw() == text);
        if of_role(text.value).is_none() {
            table.mistake(&text, "`break_glass` names roles: arn:aws:iam::111122223333:role/NAME");
        } else if roles.iter().any(|known| known == text.value) {
            table.mistake(&text, "this role is named already");
        } else {
            roles.push(text.value.to_owned());
        }
    }
    roles
}

fn account(table: &Table<'_>, before: &[Account]) -> Option<Account> {
    let alias = table.required("alias");
    let profile = table.string("profile").map(|p| p.value.to_owned());
    let regions = regions(table);
    let alias = alias?;
    if alias.value.is_empty() || alias.value.chars().any(|c| c.is_control() || c.is_whitespace()) {
        table.mistake(&alias, "`alias` must be a word without spaces");
    }
    if before.iter().any(|a| a.alias == alias.value) {
        table.mistake(&alias, "this alias is used above already");
    }
    Some(Account { alias: alias.value.to_owned(), profile, regions })
}

fn limits(table: &Table<'_>, limits: &mut Limits) {
    let whole = |key, least: i64, most: i64| {
        let number = table.integer(key)?;
        if (least..=most).contains(&number.value) {
            return u32::try_from(number.value).ok();
        }
        table.mistake(&number, format!("`{key}` must be from {least} to {most}"));
        None
    };
    if let Some(n) = whole("securityhub_per_second", 1, 1_000) {
        limits.securityhub_per_second = n;
    }
    if let Some(n) = whole("cloudtrail_per_second", 1, 1_000) {
        limits.cloudtrail_per_second = n;
    }
    if let Some(n) = whole("pages", 1, 1_000_000) {
        limits.pages = n;
    }
}

fn assume(table: &Table<'_>, beside: Option<&Path>, how: &mut HowToAssume) {
    // STS: roleDurationSecondsType; the role's own maximum may be less.
    let (least, most) = (SignedDuration::from_mins(15), SignedDuration::from_hours(12));
    how.mfa =
        table.string("mfa_serial").and_then(|text| Some(table.parse("mfa_serial", &text)?.value));
    if let Some(text) = table.string("duration") {
        match parse_span(text.value).filter(|s| (least..=most).contains(s)) {
            Some(span) => how.seconds = i32::try_from(span.as_secs()).unwrap_or(i32::MAX),
            None => table.mistake(&text, "`duration` is a time from 15m to 12h, such as 1h"),
        }
    }
    if let Some(text) = table.string("policy") {
        let path = beside.map_or_else(|| text.value.into(), |folder| folder.join(text.value));
        match session_policy(&path) {
            Ok(policy) => how.policy = Some(policy),
            Err(why) => table.mistake(&text, format!("`policy`: {why}")),
        }
    }
    let flag = |key, flag: &mut bool| {
        if let Some(given) = table.boolean(key) {
            *flag = given.value;
        }
    };
    flag("source_identity", &mut how.source_identity);
    flag("tags", &mut how.tags);
    flag("second_person", &mut how.second_person);
}

/// The text of a session policy's file, once it is known to be one that STS takes.
fn session_policy(path: &Path) -> Result<String, String> {
    // "The plaintext … can't exceed 2,048 characters" (STS, AssumeRole, Policy).
    const MOST: usize = 2_048;
    let shown = crate::domain::untrusted::display_in(&path.to_string_lossy(), 120);
    let text = fs::read_to_string(path).map_err(|e| format!("{shown}: {e}"))?;
    let policy = ValueType::PolicyDocument.parse(&text).map_err(|why| format!("{shown}: {why}"))?;
    let text = policy.to_string();
    match text.chars().count() {
        0..=MOST => Ok(text),
        n => Err(format!(
            "{shown}: a session policy has at most {MOST} characters, and this has {n}"
        )),
    }
}

fn drill(table: &Table<'_>, drill: &mut DrillSettings) {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    for text in table.strings("accounts") {
        drill.accounts.extend(table.parse("accounts", &text).map(|a| a.value));
    }
    if let Some(text) = table.string("every") {
        // CloudTrail tells 90 days back: whoever waits longer cannot tell of every use.
        match parse_span(text.value).filter(|s| (DAY..=DAY * 90).contains(s)) {
            Some(span) => drill.every = span,
            None => table.mistake(&text, "`every` is a time from 1d to 90d"),
        }
    }
    if let Some(flag) = table.boolean("idp_down") {
        drill.idp_down = flag.value;
    }
    drill.stranger = table.string("stranger").map(|text| text.value.to_owned());
    drill.canary =
        table.string("canary").and_then(|text| Some(table.parse("canary", &text)?.value));
}

fn lapse(table: &Table<'_>) -> Option<SignedDuration> {
    let (least, most) = (SignedDuration::from_mins(1), SignedDuration::from_hours(12));
    let text = table.string("lapse")?;
    let span = parse_span(text.value).filter(|s| (least..=most).contains(s));
    if span.is_none() {
        table.mistake(&text, "`lapse` is a time from 1m to 12h, such as 30m");
    }
    span
}

fn polling(table: &Table<'_>, intervals: &mut Intervals) {
    const LEAST: SignedDuration = SignedDuration::from_secs(5);
    let span = |key| {
        let text = table.string(key)?;
        let span = parse_span(text.value).filter(|s| *s >= LEAST);
        if span.is_none() {
            table.mistake(
                &text,
                format!("`{key}` must be a time of at least 5s, such as 30s or 2m"),
            );
        }
        span
    };
    if let Some(every) = span("guardduty") {
        intervals.guardduty = every;
    }
    if let Some(every) = span("securityhub") {
        intervals.securityhub = every;
    }
    if let Some(every) = span("watch") {
        intervals.watch = every;
    }
}

pub fn run(
    global: &Global,
    command: ConfigCommand,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let ConfigCommand::Check = command;
    let Some(path) = context::config_path(global) else {
        return Err(answer::usage("there is no home folder; name the file with --config"));
    };
    let shown = crate::domain::untrusted::display(&path.to_string_lossy());
    if !path.exists() {
        writeln!(output.err, "halon: {shown} is not there; every setting has its default")?;
        return Ok(Code::Done);
    }
    match Config::load(&path, true) {
        Ok(config) => {
            writeln!(output.out, "{shown}: good, {} accounts", config.accounts.len())?;
            Ok(Code::Done)
        }
        Err(broken) => Err(answer::usage(broken)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_file() {
        let text = r#"
            regions = ["us-east-1", "eu-west-1"]
            own_addresses = ["203.0.113.0/24", "2001:db8::7"]
            break_glass = ["arn:aws:iam::111122223333:role/ir/BreakGlass"]
            [[accounts]]
            alias = "prod"
            profile = "prod-readonly"
            regions = ["ap-southeast-2"]
            [[accounts]]
            alias = "dev"
            [limits]
            securityhub_per_second = 50
            cloudtrail_per_second = 1
            [polling]
            guardduty = "1m"
            watch = "90s"
            [armed]
            lapse = "30m"
        "#;
        let config = Config::read("halon.toml", text).expect("good");
        assert_eq!(config.regions.len(), 2);
        assert_eq!(config.break_glass, ["arn:aws:iam::111122223333:role/ir/BreakGlass"]);
        let own: Vec<String> = config.own_addresses.iter().map(ToString::to_string).collect();
        assert_eq!(own, ["203.0.113.0/24", "2001:db8::7/128"]);
        assert_eq!(config.accounts[0].regions[0].as_str(), "ap-southeast-2");
        assert_eq!(config.accounts[1].profile, None);
        assert_eq!(config.limits.securityhub_per_second, 50);
        assert_eq!(config.limits.cloudtrail_per_second, 1);
        assert_eq!(config.lapse, Some(SignedDuration::from_mins(30)));
        assert_eq!(config.intervals.guardduty, SignedDuration::from_mins(1));
        assert_eq!(config.intervals.watch, SignedDuration::from_secs(90));
    }

    #[test]
    fn own_addresses_are_networks() {
        let text = "own_addresses = [\"203.0.113.0/24\", \"203.0.113.7/24\", \"office\"]\n";
        let broken = Config::read("halon.toml", text).expect_err("two mistakes");
        let lines: Vec<String> = broken.mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "1:36: `own_addresses` = \"203.0.113.7/24\": bits beyond /24 are not zero",
                "1:54: `own_addresses` = \"office\": an address (203.0.113.7) or a network (203.0.113.0/24, 2001:db8::/32)",
            ]
        );
    }

    #[test]
    fn break_glass_is_a_role_and_not_its_session() {
        let text = "break_glass = [\"arn:aws:iam::111122223333:role/BreakGlass\",\n\
            \"arn:aws:iam::111122223333:role/BreakGlass\",\n\
            \"arn:aws:sts::111122223333:assumed-role/BreakGlass/ann\", \"BreakGlass\"]\n";
        let broken = Config::read("halon.toml", text).expect_err("three mistakes");
        let lines: Vec<String> = broken.mistakes.iter().map(ToString::to_string).collect();
        let role = "`break_glass` names roles: arn:aws:iam::111122223333:role/NAME";
        assert_eq!(
            lines,
            [
                "2:1: this role is named already".to_owned(),
                format!("3:1: {role}"),
                format!("3:58: {role}"),
            ]
        );
    }

    #[test]
    fn how_a_role_is_assumed_and_what_is_drilled_on() {
        let text = "[assume]\nmfa_serial = \"arn:aws:iam::444455556666:mfa/oncall\"\n\
            duration = \"15m\"\nsource_identity = false\ntags = false\nsecond_person = true\n\
            [drill]\naccounts = [\"555566667777\"]\nevery = \"30d\"\nstranger = \"runner\"\n\
            canary = \"halon-canary\"\nidp_down = false\n";
        let config = Config::read("halon.toml", text).expect("it reads");
        let how = &config.how;
        assert_eq!((how.seconds, how.source_identity, how.tags), (900, false, false));
        assert!(how.second_person && how.mfa.is_some() && how.policy.is_none());
        let drill = &config.drill;
        assert_eq!(drill.accounts.len(), 1);
        assert_eq!(drill.every, SignedDuration::from_hours(30 * 24));
        assert_eq!((drill.stranger.as_deref(), drill.idp_down), (Some("runner"), false));
        let broken = "[assume]\nduration = \"5m\"\npolicy = \"nowhere.json\"\nmfa_serial = \"x\"\n\
            [drill]\naccounts = [\"prod\"]\nevery = \"91d\"\ncanary = \"a b\"\n";
        let broken = Config::read("halon.toml", broken).expect_err("six mistakes");
        let lines: Vec<String> = broken.mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 6, "{lines:?}");
        for (says, at) in
            [("from 15m to 12h", "2:12"), ("nowhere.json", "3:10"), ("from 1d to 90d", "7:9")]
        {
            let line = lines.iter().find(|l| l.contains(says)).unwrap_or_else(|| panic!("{says}"));
            assert!(line.starts_with(at), "{line}");
        }
    }

    #[test]
    fn every_mistake_is_placed() {
        let text = "region = [\"us-east-1\"]\n[[accounts]]\nalias = \"a b\"\nregions = [\"nowhere\"]\n[limits]\npages = 0\n[polling]\nguardduty = \"1s\"\n";
        let broken = Config::read("halon.toml", text).expect_err("five mistakes");
        let lines: Vec<String> = broken.mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "1:1: unknown key `region`; did you mean `regions`?",
                "3:9: `alias` must be a word without spaces",
                "4:12: `regions` = \"nowhere\": a region looks like us-east-1",
                "6:9: `pages` must be from 1 to 1000000",
                "8:13: `guardduty` must be a time of at least 5s, such as 30s or 2m",
            ]
        );
    }
}
