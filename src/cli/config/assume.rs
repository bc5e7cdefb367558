//! `[assume]`: how the roles for emergencies are assumed.

use std::{fs, path::Path};

use jiff::SignedDuration;

use crate::{
    change::ValueType,
    domain::{document::Table, time::parse_span, untrusted::display_in},
    playbook::HowToAssume,
};

/// Paths in the table are taken from the folder `beside` it.
pub fn read(table: &Table<'_>, beside: Option<&Path>, how: &mut HowToAssume) {
    // STS: roleDurationSecondsType; the role's own maximum may be less.
    let (least, most) = (SignedDuration::from_mins(15), SignedDuration::from_hours(12));
    how.mfa =
        table.string("mfa_serial").and_then(|text| Some(table.parse("mfa_serial", &text)?.value));
    if let Some(text) = table.string("duration") {
        match parse_span(text.value).filter(|s| (least..=most).contains(s)) {
            Some(span) => how.seconds = i32::try_from(span.as_secs()).unwrap_or(i32::MAX),
            None => table.mistake(&text, "`duration` is a time from 15m to 12h, such as 1h"),
        }
    }
    if let Some(text) = table.string("policy") {
        let path = beside.map_or_else(|| text.value.into(), |folder| folder.join(text.value));
        match session_policy(&path) {
            Ok(policy) => how.policy = Some(policy),
            Err(why) => table.mistake(&text, format!("`policy`: {why}")),
        }
    }
    let flag = |key, flag: &mut bool| {
        if let Some(given) = table.boolean(key) {
            *flag = given.value;
        }
    };
    flag("source_identity", &mut how.source_identity);
    flag("tags", &mut how.tags);
    flag("second_person", &mut how.second_person);
}

/// The text of a session policy's file, once it is known to be one that STS takes.
fn session_policy(path: &Path) -> Result<String, String> {
    // "The plaintext … can't exceed 2,048 characters" (STS, AssumeRole, Policy).
    const MOST: usize = 2_048;
    let shown = display_in(&path.to_string_lossy(), 120);
    let text = fs::read_to_string(path).map_err(|e| format!("{shown}: {e}"))?;
    let policy = ValueType::PolicyDocument.parse(&text).map_err(|why| format!("{shown}: {why}"))?;
    let text = policy.to_string();
    match text.chars().count() {
        0..=MOST => Ok(text),
        n => Err(format!(
            "{shown}: a session policy has at most {MOST} characters, and this has {n}"
        )),
    }
}
