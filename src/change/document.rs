//! What the verbs on policies ask of a policy's text.

use serde_json::Value as Json;

use crate::{domain::untrusted::display_in, policy::Policy};

/// The document, re-indented, each line sanitised and cut.
pub fn lines(text: &str) -> Vec<String> {
    let pretty = serde_json::from_str::<Json>(text)
        .and_then(|v| serde_json::to_string_pretty(&v))
        .unwrap_or_else(|_| text.to_owned());
    pretty.lines().map(|line| display_in(line, 200)).collect()
}

/// Two documents are the same where these are: blanks and the order of members say nothing.
pub fn meaning(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned()))
}

/// How IAM counts a policy's size: without blanks (IAM user guide, "IAM and AWS STS quotas").
pub fn size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Whether anything is allowed by it; one that cannot be read may allow anything.
pub fn allows(text: &str) -> bool {
    Policy::parse(text).map_or(true, |p| p.statements.iter().any(|s| s.is_allow()))
}

/// Whether anything is denied by it; one that cannot be read may deny anything.
pub fn denies(text: &str) -> bool {
    Policy::parse(text).map_or(true, |p| p.statements.iter().any(|s| !s.is_allow()))
}

/// Whether a statement denies every action on every resource to everybody, whenever.
pub fn denies_everything(text: &str) -> bool {
    let Ok(policy) = Policy::parse(text) else { return false };
    policy.statements.iter().any(|s| !s.is_allow() && s.is_of_everything() && !s.has_condition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_order_say_nothing() {
        let (one, other) = (r#"{"a":1,"b":[2]}"#, "{\"b\": [2],\n\t\"a\": 1}");
        assert_eq!(meaning(one), meaning(other));
        assert_eq!((size(one), size(other)), (15, 15));
        assert_ne!(meaning(one), meaning(r#"{"a":1,"b":[3]}"#));
        assert_ne!(meaning("{"), meaning("{}"));
    }
}
