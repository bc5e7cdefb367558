//! The documents of docs/ROLES.md, in force in the range: whom they let in and whom not.

use serde_json::Value as Json;

use super::worlds::{changed, document, inline_of, principal, text};
use crate::suite::{
    docs::block,
    ground::{Ground, paused, world_of},
};
use halon::{cloud::allowed::Access, range::Operator};

const PAGE: &str = "docs/ROLES.md";
const DEVICE: &str = "arn:aws:iam::444455556666:mfa/oncall";
const GLASS: &str = super::worlds::GLASS;

/// The drill's world, whose `oncall` has a device, with the page's documents in it.
fn world() -> String {
    let drill = document(Access::Drill).to_string();
    let glass = document(Access::BreakGlass).to_string();
    changed(text("leaked-key"), &drill, Some(&glass), |table| {
        let role = principal(table, "break-glass");
        role.insert("trust".to_owned(), block(PAGE, "break-glass-trust.json").into());
        // Somebody who may do everything that the organization lets him.
        let stranger = principal(table, "svc-backup-sync");
        stranger.insert("inline".to_owned(), inline_of("all", ALL).into());
        let policies = table["policies"].as_array_mut().expect("policies");
        policies.push(toml::Value::Table(toml::Table::from_iter([
            ("type".to_owned(), "SERVICE_CONTROL_POLICY".into()),
            ("name".to_owned(), "region-scp".into()),
            ("attach".to_owned(), vec!["example-prod"].into()),
            ("document".to_owned(), block(PAGE, "region-scp.json").into()),
        ])));
    })
}

const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Status and answer of one AssumeRole.
fn assume(ground: &Ground, who: &Operator, role: &str, more: &[(&str, &str)]) -> (u16, String) {
    let mut form = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=INC-1".to_owned();
    for (name, value) in [("RoleArn", role)].iter().chain(more) {
        let value =
            percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
        form.push_str(&format!("&{name}={value}"));
    }
    let answer = ground.raw(who, ("sts", "us-east-1"), ("POST", "/"), &form);
    (answer.status, answer.text)
}

#[test]
fn the_trust_policy_lets_in_who_is_on_the_roster_with_mfa_and_says_who_they_are() {
    paused(async || {
        let ground = Ground::new(world_of(&world())).await;
        let who = ground.operator("444455556666");
        let code = || ground.range.mfa_code(DEVICE).expect("a device");
        let source = ("SourceIdentity", "oncall");
        let refused = assume(&ground, &who, GLASS, &[source]);
        assert_eq!(refused.0, 403, "without MFA: {}", refused.1);
        let (serial, token) = (("SerialNumber", DEVICE), code());
        let unnamed = assume(&ground, &who, GLASS, &[serial, ("TokenCode", &token)]);
        assert_eq!(unnamed.0, 403, "without a source identity: {}", unnamed.1);
        ground.range.pass(jiff::SignedDuration::from_secs(60)).expect("time passes");
        let token = code();
        let tags = [("Tags.member.1.Key", "halon-incident"), ("Tags.member.1.Value", "INC-1")];
        let all = [&[serial, ("TokenCode", &token), source][..], &tags].concat();
        let in_ = assume(&ground, &who, GLASS, &all);
        assert_eq!(in_.0, 200, "{}", in_.1);
        let other = ground.operator("123456789012");
        assert_eq!(assume(&ground, &other, GLASS, &[source]).0, 403, "somebody else");
    });
}

#[test]
fn the_scp_binds_everybody_but_the_role_and_nobody_can_take_on_its_tag() {
    paused(async || {
        let ground = Ground::new(world_of(&world())).await;
        let stranger = Operator {
            access_key: "AKIAI55BACKUPEXAMPLE".into(),
            secret: "oW7hXf4cJn2yBv9tKs6rEm1qLd8uPgEXAMPLEKEY".into(),
            ..ground.operator("123456789012")
        };
        let tag = |key: &str| {
            let form = format!(
                "Action=TagUser&Version=2010-05-08&UserName=svc-backup-sync\
                 &Tags.member.1.Key={key}&Tags.member.1.Value=true"
            );
            ground.raw(&stranger, ("iam", "us-east-1"), ("POST", "/"), &form)
        };
        let taken = tag("BreakGlass");
        assert_eq!(taken.status, 403, "{}", taken.text);
        assert!(taken.text.contains("service control policy"), "{}", taken.text);
        assert_eq!(tag("team").status, 200, "other tags are nobody's business");
        let away = ground.raw(&stranger, ("guardduty", "ap-southeast-2"), ("GET", "/detector"), "");
        assert_eq!(away.status, 403, "another region: {}", away.text);
        // The role is exempt there.
        let who = ground.operator("444455556666");
        let token = ground.range.mfa_code(DEVICE).expect("a device");
        let source = ("SourceIdentity", "oncall");
        let all = [("SerialNumber", DEVICE), ("TokenCode", &*token), source];
        let (status, text) = assume(&ground, &who, GLASS, &all);
        assert_eq!(status, 200, "{text}");
        let of = |name| crate::suite::ground::texts(&text, name)[0].to_owned();
        let (key, secret, session) = (of("AccessKeyId"), of("SecretAccessKey"), of("SessionToken"));
        let there = ground.raw_with(
            (&key, &secret, Some(&session)),
            ("guardduty", "ap-southeast-2"),
            ("GET", "/detector"),
            "",
        );
        assert_eq!(there.status, 200, "{}", there.text);
    });
}

#[test]
fn every_document_on_the_page_is_a_policy() {
    for name in ["people-trust.json", "break-glass-trust.json", "region-scp.json"] {
        let text = block(PAGE, name);
        let read: Json = serde_json::from_str(&text).expect("JSON");
        assert!(read["Statement"].is_array(), "{name}");
        halon::policy::Policy::parse(&text).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    }
}
