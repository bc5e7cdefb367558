//! Policy documents as requests bring them.

use serde_json::Value;

use crate::range::wire::Refusal;

/// As far as this can be said without knowing the language: JSON, and statements.
pub fn well_formed(document: &str) -> Result<(), Refusal> {
    let malformed = |why| Refusal::new(400, "MalformedPolicyDocument", why);
    let value: Value = serde_json::from_str(document)
        .map_err(|_| malformed("This policy contains invalid Json"))?;
    match &value["Statement"] {
        Value::Array(statements) if statements.iter().all(Value::is_object) => Ok(()),
        Value::Object(_) => Ok(()),
        _ => Err(malformed("Syntax errors in policy.")),
    }
}

/// The characters that count against a quota: IAM does not count white space.
pub fn counted(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}
