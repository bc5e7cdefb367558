//! What is read of a halon.toml, and what is refused.

use jiff::SignedDuration;

use super::{Config, screen::Time};
use crate::{
    domain::Band,
    theme::{Borders, Depth},
};

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

#[test]
fn how_it_looks_and_how_it_rings() {
    let text = "[screen]\ntheme = \"light\"\nborders = \"ascii\"\ncolours = \"16\"\nkeymap = \"vim\"\n\
        time = \"local\"\nmouse = false\n[notify]\nbell = false\ndesktop = true\ntitle = false\n\
        at_least = \"critical\"\nquiet = \"22:00-07:00\"\n[[accounts]]\nalias = \"prod\"\n\
        profile = \"base\"\nrole = \"arn:aws:iam::111122223333:role/halon-read\"\ncolour = \"red\"\n\
        production = true\n";
    let config = Config::read("halon.toml", text).expect("it reads");
    let screen = &config.screen;
    assert_eq!((screen.theme.as_deref(), screen.keymap.as_str()), (Some("light"), "vim"));
    assert_eq!((screen.borders, screen.colours), (Some(Borders::Ascii), Some(Depth::Ansi16)));
    assert_eq!((screen.time, screen.mouse), (Time::Local, false));
    let notify = &config.notify;
    assert_eq!((notify.bell, notify.desktop, notify.title), (false, true, false));
    assert_eq!(notify.at_least, Band::Critical);
    assert_eq!(notify.quiet.map(|q| q.to_string()).as_deref(), Some("22:00-07:00"));
    let account = &config.accounts[0];
    assert_eq!(
        account.role.as_ref().map(|r| r.account().to_string()).as_deref(),
        Some("111122223333")
    );
    assert_eq!(
        (account.colour.map(|c| c.to_string()), account.production),
        (Some("red".to_owned()), true)
    );

    let broken = "[screen]\ntheme = \"../light\"\nborders = \"ascci\"\ncolours = 16\n[notify]\n\
        quiet = \"at night\"\nat_least = \"worst\"\n[[accounts]]\nalias = \"prod\"\nrole = \"admin\"\n\
        colour = \"gren\"\n";
    let broken = Config::read("halon.toml", broken).expect_err("seven mistakes");
    let lines: Vec<String> = broken.mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 7, "{lines:#?}");
    assert_eq!(lines[1], "3:11: `borders` is \"unicode\" or \"ascii\"; did you mean `ascii`?");
    assert!(lines[6].starts_with("11:10: `colour` = \"gren\": a colour is one of"), "{lines:#?}");
    assert!(lines[6].ends_with("or #rrggbb; did you mean `green`?"), "{lines:#?}");
}
