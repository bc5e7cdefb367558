//! A policy's statement in words, on one line.

use crate::{
    domain::untrusted::display_in,
    policy::{Actions, Policy, Principals, Resources, Statement, Test, Trustees},
};

/// Cells of a single name, pattern or value; what is longer is cut.
const WORD: usize = 120;
/// Of a list, as many are named; the rest is counted.
const NAMED: usize = 6;

/// `Deny all but iam:*, sts:* on *, if StringNotEquals aws:RequestedRegion = eu-west-1`.
pub fn line(statement: &Statement) -> String {
    let mut line = statement.effect.word().to_owned();
    match &statement.principals {
        Some(Principals::These(who)) => line += &format!(" {}:", trustees(who)),
        Some(Principals::AllBut(who)) => line += &format!(" everyone but {}:", trustees(who)),
        None => {}
    }
    let words = |but: &str, patterns: Vec<&str>| format!(" {but}{}", several(&patterns));
    line += &match &statement.actions {
        Actions::These(these) => words("", these.items.iter().map(|p| p.text()).collect()),
        Actions::AllBut(these) => words("all but ", these.items.iter().map(|p| p.text()).collect()),
    };
    match &statement.resources {
        Some(Resources::These(these)) => {
            line += &words("on ", these.items.iter().map(|p| p.text()).collect());
        }
        Some(Resources::AllBut(these)) => {
            line += &words("on all but ", these.items.iter().map(|p| p.text()).collect());
        }
        None => {}
    }
    for (at, test) in statement.conditions.iter().enumerate() {
        line += if at == 0 { ", if " } else { " and " };
        line += &condition(test);
    }
    line
}

/// A document's statements, a line each; where it is no policy, why, a line each.
pub fn lines(document: &str) -> Result<Vec<String>, Vec<String>> {
    match Policy::parse(document) {
        Ok(policy) => Ok(policy
            .statements
            .iter()
            .map(|statement| match &statement.sid {
                Some(sid) if !sid.is_empty() => {
                    format!("{}: {}", display_in(sid, WORD), line(statement))
                }
                _ => line(statement),
            })
            .collect()),
        Err(wrong) => Err(wrong.mistakes.iter().map(|m| format!("no policy: {m}")).collect()),
    }
}

fn trustees(who: &Trustees) -> String {
    match who {
        Trustees::Everyone => "everyone".to_owned(),
        Trustees::Named(_) => {
            let named: Vec<String> =
                who.iter().map(|(kind, name)| format!("{} {name}", kind.word())).collect();
            several(&named.iter().map(String::as_str).collect::<Vec<_>>())
        }
    }
}

pub fn condition(test: &Test) -> String {
    let values: Vec<&str> = test.values.iter().map(|value| value.text()).collect();
    let (operator, key) = (display_in(&test.operator_text, WORD), display_in(&test.key, WORD));
    format!("{operator} {key} = {}", several(&values))
}

fn several(words: &[&str]) -> String {
    let mut shown: Vec<String> = words.iter().take(NAMED).map(|w| display_in(w, WORD)).collect();
    if words.len() > NAMED {
        shown.push(format!("{} more", words.len() - NAMED));
    }
    match &shown[..] {
        [] => "nothing".to_owned(),
        shown => shown.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_read_as_it_is_meant() {
        for (statement, want) in [
            (
                r#""Sid":"Regions","Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1"]}}"#,
                "Regions: Deny all but iam:*, sts:* on *, if StringNotEquals aws:RequestedRegion = eu-west-1",
            ),
            (
                r#""Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":true}, "StringEquals":{"sts:ExternalId":"x"}}"#,
                "Allow AWS 111122223333: sts:AssumeRole, if Bool aws:MultiFactorAuthPresent = true and StringEquals sts:ExternalId = x",
            ),
            (
                r#""Effect":"Allow","Principal":"*","Action":["a:1","a:2","a:3","a:4","a:5","a:6","a:7","a:8"],"NotResource":"arn:aws:s3:::b""#,
                "Allow everyone: a:1, a:2, a:3, a:4, a:5, a:6, 2 more on all but arn:aws:s3:::b",
            ),
        ] {
            let document = format!(r#"{{"Version":"2012-10-17","Statement":{{{statement}}}}}"#);
            assert_eq!(lines(&document), Ok(vec![want.to_owned()]));
        }
        assert!(lines("").is_err_and(|why| why[0].starts_with("no policy: 1:1")));
    }

    #[test]
    fn nothing_a_terminal_obeys_comes_through() {
        let document = "{\"Statement\":{\"Sid\":\"a\\u001b[2J\",\"Effect\":\"Deny\",\"Action\":\"s3:\\u202e*\",\"Resource\":\"*\",\"Condition\":{\"StringLike\":{\"aws:\\u0007k\":\"\\u009b\"}}}}";
        let lines = lines(document).unwrap_or_else(|why| why);
        assert!(
            lines.iter().all(|l| l.chars().all(|c| !c.is_control() && c != '\u{202e}')),
            "{lines:?}"
        );
    }
}
