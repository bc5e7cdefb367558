//! From the bodies of answers to what is in them: records, each with its own JSON text;
//! times.

use std::collections::HashMap;

use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use crate::domain::{Fault, FaultKind, finding::Record};

/// Both services answer `{"findings": […]}`, each in its own case.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, alias = "Findings")]
    findings: Vec<&'a RawValue>,
}

/// The outer error says that the body as a whole is not an answer; the inner ones
/// that single findings in it cannot be read.
pub fn records(
    body: &str,
    read: impl Fn(&str) -> Result<Record, String>,
) -> Result<Vec<Result<Record, String>>, Fault> {
    let body: Body<'_> = serde_json::from_str(body).map_err(|e| {
        Fault::new(FaultKind::Unreadable, "GetFindings: the answer is not a list of findings")
            .with_cause(&format!("line {}, column {}", e.line(), e.column()))
    })?;
    Ok(body.findings.iter().map(|raw| read(raw.get())).collect())
}

/// An answer without its list is no answer: an endpoint that says `{}` to everything
/// must not read as "nothing found".
pub fn holds(body: &str, key: &str, operation: &str) -> Result<(), Fault> {
    let keys: Result<HashMap<String, IgnoredAny>, _> = serde_json::from_str(body);
    match keys {
        Ok(keys) if keys.contains_key(key) => Ok(()),
        _ => {
            let what = format!("{operation}: the answer has no `{key}`");
            Err(Fault::new(FaultKind::Unreadable, what))
        }
    }
}

/// A time of the SDK's; none where the calendar has no such time.
pub fn time(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(at.secs()).ok()
}
