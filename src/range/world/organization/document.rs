//! What Organizations asks of a policy's document.
//!
//! User guide, "SCP syntax" and "RCP syntax".

use serde_json::Value;

use super::{PolicyKind, SIZE_QUOTA};

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
    well_formed(kind, text).map_err(Wrong::Malformed)
}

fn well_formed(kind: PolicyKind, text: &str) -> Result<(), String> {
    let value: Value = serde_json::from_str(text).map_err(|e| format!("it is not JSON: {e}"))?;
    if kind == PolicyKind::ResourceControl && value["Version"] != "2012-10-17" {
        return Err("the `Version` of an RCP is \"2012-10-17\"".to_owned());
    }
    let statements = match &value["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        one @ Value::Object(_) => std::slice::from_ref(one),
        _ => return Err("`Statement` is missing".to_owned()),
    };
    statements.iter().enumerate().try_for_each(|(number, statement)| {
        wrong_with(kind, statement)
            .map_or(Ok(()), |why| Err(format!("statement {}: {why}", number + 1)))
    })
}

fn wrong_with(kind: PolicyKind, statement: &Value) -> Option<&'static str> {
    let has = |key: &str| statement.get(key).is_some();
    let denies = statement["Effect"] == "Deny";
    if !denies && statement["Effect"] != "Allow" {
        return Some("`Effect` is \"Allow\" or \"Deny\"");
    }
    match kind {
        PolicyKind::ServiceControl => {
            if has("Principal") || has("NotPrincipal") {
                return Some("an SCP names no principal");
            }
            if has("Action") == has("NotAction") {
                return Some("one of `Action` and `NotAction` is there");
            }
        }
        PolicyKind::ResourceControl => {
            if !denies {
                return Some("an RCP only denies");
            }
            if statement["Principal"] != "*" {
                return Some("the `Principal` of an RCP is \"*\"");
            }
            if !has("Action") || has("NotAction") {
                return Some("an RCP has `Action`, not `NotAction`");
            }
        }
    }
    if has("Resource") == has("NotResource") {
        return Some("one of `Resource` and `NotResource` is there");
    }
    None
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
            (scp, both, "one of `Action`"),
            (scp, r#"{"Effect":"deny","Action":"*","Resource":"*"}"#, "`Effect`"),
            (scp, r#"{"Effect":"Deny","Action":"*"}"#, "one of `Resource`"),
        ] {
            assert!(wrong(kind, statement).contains(part), "{}", wrong(kind, statement));
        }
        assert_eq!(check(scp, &" ".repeat(5121)), Err(Wrong::TooLong(5121)));
        assert!(matches!(check(scp, "{"), Err(Wrong::Malformed(_))));
    }
}
