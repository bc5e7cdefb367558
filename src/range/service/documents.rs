//! Policy documents as requests bring them.

use serde_json::Value;

use crate::{policy::Policy, range::wire::Refusal};

/// What a document of IAM's is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Attached to a principal, or part of it.
    Identity,
    /// Who may assume a role.
    Trust,
}

/// Refuses what IAM refuses. Its words are known for a few mistakes only; any other syntax
/// error is told in one sentence.
pub fn well_formed(document: &str, purpose: Purpose) -> Result<(), Refusal> {
    let malformed = |why| Err(Refusal::new(400, "MalformedPolicyDocument", why));
    if serde_json::from_str::<Value>(document).is_err() {
        return malformed("This policy contains invalid Json");
    }
    let Ok(policy) = Policy::parse(document) else {
        return malformed("Syntax errors in policy.");
    };
    for statement in &policy.statements {
        let (names, acts_on) = (statement.principals.is_some(), statement.resources.is_some());
        match purpose {
            Purpose::Identity if names => {
                return malformed("Policy document should not specify a principal.");
            }
            Purpose::Identity if !acts_on => {
                return malformed("Policy statement must contain resources.");
            }
            Purpose::Trust if !names => return malformed("Missing required field Principal"),
            Purpose::Trust if acts_on => return malformed("Has prohibited field Resource"),
            _ => {}
        }
    }
    Ok(())
}

/// The characters that count against a quota: IAM does not count white space.
pub fn counted(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_what_its_place_asks_for() {
        let told = |text: &str, purpose| match well_formed(text, purpose) {
            Ok(()) => String::new(),
            Err(refusal) => refusal.message,
        };
        let identity = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let trust = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
        assert_eq!(told(identity, Purpose::Identity), "");
        assert_eq!(told(trust, Purpose::Trust), "");
        for (text, purpose, part) in [
            ("{", Purpose::Identity, "invalid Json"),
            (r#"{"Statement":{"Effect":"Allow"}}"#, Purpose::Identity, "Syntax errors"),
            (trust, Purpose::Identity, "not specify a principal"),
            (identity, Purpose::Trust, "Missing required field Principal"),
        ] {
            let told = told(text, purpose);
            assert!(told.contains(part), "{text}: {told}");
        }
    }
}
