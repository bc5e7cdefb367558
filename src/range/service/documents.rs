//! Policy documents as requests bring them.

use serde::de::IgnoredAny;

use crate::{policy::Policy, range::wire::Refusal};

/// Refuses what is no policy: IAM tells bad JSON from a bad policy, and no more.
pub fn well_formed(document: &str) -> Result<(), Refusal> {
    let malformed = |why| Refusal::new(400, "MalformedPolicyDocument", why);
    if serde_json::from_str::<IgnoredAny>(document).is_err() {
        return Err(malformed("This policy contains invalid Json"));
    }
    Policy::parse(document).map(drop).map_err(|_| malformed("Syntax errors in policy."))
}

/// The characters that count against a quota: IAM does not count white space.
pub fn counted(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}
