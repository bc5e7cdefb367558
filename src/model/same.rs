//! What an event has in common with others: where the trail can go from it.

use jiff::SignedDuration;

use super::When;
use crate::{
    domain::{
        Untrusted,
        event::{By, Event},
    },
    input::Command,
};

/// One way to go on from an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Same {
    /// Everything of this, in the same window.
    By(By),
    /// Everything in another window.
    When(When),
}

/// Resources offered of one event.
const RESOURCES: usize = 8;
/// How far around an event counts as the same time.
const AROUND: SignedDuration = SignedDuration::from_mins(15);

/// Every way to go on, in the order of the menu, each with its command. A resource after
/// the first has the same command: a key takes the first of them.
pub fn same(event: &Event) -> Vec<(Command, Same)> {
    let mut out = Vec::new();
    let mut by = |command, value: Option<&Untrusted>, of: fn(String) -> By| {
        let value = value.filter(|v| !v.is_empty());
        out.extend(value.map(|v| (command, Same::By(of(v.raw().to_owned())))));
    };
    by(Command::SameKey, event.access_key(), By::Key);
    by(Command::SameAddress, event.source_ip.as_ref(), By::Address);
    by(Command::SameAgent, event.user_agent.as_ref(), By::Agent);
    by(Command::SameRole, role(event).as_ref(), By::Role);
    by(Command::SameUser, event.username.as_ref(), By::User);
    for resource in event.resources.iter().take(RESOURCES) {
        by(Command::SameResource, Some(&resource.name), By::Resource);
    }
    by(Command::SameName, Some(&event.name), By::Event);
    by(Command::SameService, Some(&event.source), By::Source);
    by(Command::GivenKey, event.issued.as_ref().map(|i| &i.access_key), By::Key);
    if let Some(at) = event.time {
        out.push((Command::SameTime, Same::When(When::Around(at, AROUND))));
    }
    out
}

/// The role whose session called: by ARN, where the event has it, for names are not unique
/// among accounts.
fn role(event: &Event) -> Option<Untrusted> {
    let name = event.identity.role()?;
    let arn = event.identity.issuer.as_ref().and_then(|i| i.arn.clone());
    Some(arn.unwrap_or(name))
}

/// Why a command of the menu cannot be given.
pub fn why_not(command: Command) -> &'static str {
    match command {
        Command::SameKey => "this event names no access key",
        Command::SameAddress => "this event names no address",
        Command::SameAgent => "this event names no user agent",
        Command::SameRole => "no session of a role made this call",
        Command::SameUser => "this event names no user",
        Command::SameResource => "this event names no resource",
        Command::GivenKey => "this call gave out no key",
        _ => "this event does not say",
    }
}
