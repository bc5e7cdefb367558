//! The reader: it takes what it gives back, and never gives up in another way than with a
//! message.

use proptest::prelude::*;

use super::{
    strategy::{Kinds, document},
    *,
};

/// Reads, and where it can be read writes and reads again.
fn try_all(text: &str) {
    match Policy::parse(text) {
        Ok(policy) => {
            let written = policy.to_json().to_string();
            let again = Policy::parse(&written).unwrap_or_else(|e| panic!("{written}: {e}"));
            assert_eq!(again.to_json(), policy.to_json(), "{text}");
            let named = Named::new("p", policy);
            let policies = Policies {
                identity: vec![named.clone()],
                resource: Some(named),
                ..Policies::default()
            };
            let call = asking(USER, "s3:GetObject", "arn:aws:s3:::b/k");
            Asking { policies, ..call }.decide();
        }
        Err(malformed) => {
            assert!(!malformed.mistakes.is_empty());
            let lines = text.lines().count().max(1);
            for mistake in &malformed.mistakes {
                assert!(mistake.line >= 1 && mistake.column >= 1 && mistake.line <= lines + 1);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_is_written_is_what_was_read(document in document(Kinds::All, true)) {
        let policy = Policy::parse(&document.to_string()).expect("a policy");
        prop_assert_eq!(policy.to_json(), document.clone());
        let pretty = serde_json::to_string_pretty(&document).expect("JSON");
        prop_assert_eq!(Policy::parse(&pretty).expect("a policy").to_json(), document);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        try_all(&text);
    }

    #[test]
    fn any_json_is_read_or_refused(
        words in prop::collection::vec(prop_oneof![
            Just("{"), Just("}"), Just("["), Just("]"), Just(":"), Just(","), Just("\"Statement\""),
            Just("\"Effect\""), Just("\"Allow\""), Just("\"Action\""), Just("\"*\""), Just("\"Condition\""),
            Just("\"Principal\""), Just("\"StringEquals\""), Just("1e999"), Just("null"), Just("true"),
            Just("-0"), Just("\"\\ud800\""), Just("\"${a\""), Just(" \r\n"), Just("\u{feff}"),
        ], 0..40),
    ) {
        try_all(&words.concat());
    }

    #[test]
    fn a_damaged_policy_is_read_or_refused(
        document in document(Kinds::All, true),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..4u8, any::<char>()), 1..6),
    ) {
        let mut text: Vec<char> = document.to_string().chars().collect();
        for (at, how, with) in damage {
            if text.is_empty() {
                break;
            }
            let at = at.index(text.len());
            match how {
                0 => _ = text.remove(at),
                1 => text.insert(at, with),
                2 => text[at] = with,
                _ => text.truncate(at),
            }
        }
        try_all(&text.into_iter().collect::<String>());
    }

    #[test]
    fn wildcards_agree_with_a_slow_and_plain_matcher(
        pattern in prop::collection::vec(select_char(), 0..8),
        text in prop::collection::vec(select_char(), 0..10),
    ) {
        fn slow(pattern: &[char], text: &[char]) -> bool {
            match (pattern, text) {
                ([], rest) => rest.is_empty(),
                (['*', more @ ..], _) => (0..=text.len()).any(|n| slow(more, &text[n..])),
                (['?', more @ ..], [_, rest @ ..]) => slow(more, rest),
                ([p, more @ ..], [t, rest @ ..]) => p == t && slow(more, rest),
                _ => false,
            }
        }
        let written: String = pattern.iter().collect();
        let name: String = text.iter().collect();
        let action = super::super::ActionPattern::new(&format!("s:{written}"));
        let want = slow(&pattern, &text);
        prop_assert_eq!(action.matches(&format!("s:{name}")), want, "{} {}", written, name);
    }
}

fn select_char() -> impl Strategy<Value = char> {
    prop::sample::select(&['a', 'b', 'ä', '*', '?'][..])
}
