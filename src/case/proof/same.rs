//! Whether an event of CloudTrail is the call that the log tells of.

use serde_json::Value;

use super::{LoggedCall, Stated};
use crate::domain::{Untrusted, event::Event, untrusted::display_in};

/// Longest foreign text in a sentence, in terminal cells.
const CELLS: usize = 120;

/// The same operation of the same service.
pub fn same_operation(call: &LoggedCall, event: &Event) -> bool {
    event.service() == call.service && event.name.raw() == call.operation
}

/// Whether an event may be a call of which the log has no request id: the same operation in
/// the same account, by the same caller, with the same parameters.
pub fn fits(call: &LoggedCall, event: &Event) -> bool {
    same_operation(call, event)
        && event.account.as_ref().is_none_or(|a| *a == call.account)
        && caller_differs(call, event).is_none()
        && params_differ(call, event).is_none()
}

/// Everything that the event with the call's request id says otherwise, each in a sentence.
/// What one of the two does not say is no difference.
pub fn differences(call: &LoggedCall, event: &Event) -> Vec<String> {
    let mut out = Vec::new();
    if !same_operation(call, event) {
        out.push(format!("it is {}", named(event)));
    }
    let home = call.caller.as_deref().and_then(super::ask::home).map(|(account, _)| account);
    if let Some(account) = &event.account
        && *account != call.account
        && Some(account) != home.as_ref()
    {
        out.push(format!("it is of account {account}"));
    }
    out.extend(caller_differs(call, event));
    match (call.stated, event.result()) {
        (Stated::Done, Some(code)) => {
            out.push(format!("AWS refused it ({})", display_in(code.raw(), CELLS)));
        }
        (Stated::Refused, None) => out.push("it went through, and the log says not".to_owned()),
        _ => {}
    }
    out.extend(params_differ(call, event));
    out.extend(head_differs(call, event));
    out
}

/// The name of a session that halon began carries the beginning of its intent's own hash
/// (`guard::Badge`): a log whose records were all made anew has another one.
fn head_differs(call: &LoggedCall, event: &Event) -> Option<String> {
    if call.operation != "AssumeRole" {
        return None;
    }
    let body: Value = serde_json::from_str(&event.raw).ok()?;
    let name = body["requestParameters"]["roleSessionName"].as_str()?;
    let (_, carried) = name.rsplit_once('-')?;
    let is_head = carried.len() == 16 && carried.bytes().all(|b| b.is_ascii_hexdigit());
    (is_head && !call.h.starts_with(carried)).then(|| {
        let carried = display_in(carried, 16);
        format!("its session carries {carried}, which is not the beginning of the record's hash")
    })
}

/// `iam:UpdateAccessKey` of an event, to be shown.
pub fn named(event: &Event) -> String {
    format!("{}:{}", display_in(event.service(), 40), display_in(event.name.raw(), CELLS))
}

fn caller_differs(call: &LoggedCall, event: &Event) -> Option<String> {
    let arn = event.identity.arn.as_ref()?;
    let caller = call.caller.as_deref()?;
    (arn.raw() != caller).then(|| format!("it was made by {}", display_in(arn.raw(), CELLS)))
}

/// The texts among the parameters, by the names that CloudTrail gives them: the wire's with a
/// small first letter. Documents are left out, which it may write in another form.
fn params_differ(call: &LoggedCall, event: &Event) -> Option<String> {
    let body: Value = serde_json::from_str(&event.raw).ok()?;
    let asked = body["requestParameters"].as_object()?;
    let texts = call.params.as_object()?.iter().filter_map(|(k, v)| Some((k, v.as_str()?)));
    for (key, ours) in texts.filter(|(key, _)| !key.ends_with("Document")) {
        let theirs = asked.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v);
        let Some(theirs) = theirs.and_then(Value::as_str) else { continue };
        // What CloudTrail does not tell is no difference.
        let hidden = theirs.starts_with("HIDDEN_")
            || theirs.starts_with("<redacted ")
            || theirs.chars().all(|c| c == '*');
        if theirs != ours && !hidden {
            return Some(format!(
                "its {} is {}, and the log says {}",
                display_in(key, 40),
                display_in(theirs, CELLS),
                display_in(ours, CELLS)
            ));
        }
    }
    None
}

/// Whose call it was, to be shown.
pub fn shown(text: Option<&Untrusted>) -> String {
    text.map_or_else(|| "-".to_owned(), |t| display_in(t.raw(), CELLS))
}
