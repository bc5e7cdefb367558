//! What Organizations asks of a policy's document.
//!
//! User guide, "SCP syntax" and "RCP syntax".

use super::{PolicyKind, SIZE_QUOTA};
use crate::policy::{Actions, Effect, Policy, Principals, Statement, Trustees, Version};

/// What is wrong with a document of this kind.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrong {
    /// More characters than the quota.
    TooLong(usize),
    Malformed(String),
}

/// Checks the document of a policy that somebody writes: AWS's own may do more.
pub fn check(kind: PolicyKind, text: &str) -> Result<(), Wrong> {
    let length = text.chars().count();
    if length > SIZE_QUOTA {
        return Err(Wrong::TooLong(length));
    }
    let policy = Policy::parse(text).map_err(|wrong| Wrong::Malformed(wrong.to_string()))?;
    if kind == PolicyKind::ResourceControl && policy.version != Some(Version::V2012) {
        let why = "the `Version` of an RCP is \"2012-10-17\"";
        return Err(Wrong::Malformed(why.to_owned()));
    }
    for statement in &policy.statements {
        if let Some(why) = wrong_with(kind, statement) {
            let Statement { line, column, .. } = statement;
            return Err(Wrong::Malformed(format!("{line}:{column}: {why}")));
        }
    }
    Ok(())
}

fn wrong_with(kind: PolicyKind, statement: &Statement) -> Option<&'static str> {
    match kind {
        PolicyKind::ServiceControl if statement.principals.is_some() => {
            return Some("an SCP names no principal");
        }
        PolicyKind::ServiceControl => {}
        PolicyKind::ResourceControl => {
            if statement.effect != Effect::Deny {
                return Some("an RCP only denies");
            }
            if statement.principals != Some(Principals::These(Trustees::Everyone)) {
                return Some("the `Principal` of an RCP is \"*\"");
            }
            if matches!(statement.actions, Actions::AllBut(_)) {
                return Some("an RCP has `Action`, not `NotAction`");
            }
        }
    }
    statement.resources.is_none().then_some("`Resource` or `NotResource` is missing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_grammar() {
        let wrong = |kind, statement: &str| {
            let text = format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{statement}]}}");
            match check(kind, &text) {
                Ok(()) => String::new(),
                Err(wrong) => format!("{wrong:?}"),
            }
        };
        let deny = r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#;
        let of_all = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#;
        let allow = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#;
        let both = r#"{"Effect":"Deny","Action":"a:*","NotAction":"b:*","Resource":"*"}"#;
        let (scp, rcp) = (PolicyKind::ServiceControl, PolicyKind::ResourceControl);
        assert_eq!(wrong(scp, deny), "");
        assert_eq!(wrong(rcp, of_all), "");
        for (kind, statement, part) in [
            (scp, of_all, "no principal"),
            (rcp, deny, "is \\\"*\\\""),
            (rcp, allow, "only denies"),
            (
                rcp,
                r#"{"Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*"}"#,
                "not `NotAction`",
            ),
            (scp, both, "NotAction"),
            (scp, r#"{"Effect":"deny","Action":"*","Resource":"*"}"#, "Effect"),
            (scp, r#"{"Effect":"Deny","Action":"*"}"#, "`Resource` or"),
        ] {
            assert!(wrong(kind, statement).contains(part), "{}", wrong(kind, statement));
        }
        assert_eq!(check(scp, &" ".repeat(5121)), Err(Wrong::TooLong(5121)));
        assert!(matches!(check(scp, "{"), Err(Wrong::Malformed(_))));
    }
}
