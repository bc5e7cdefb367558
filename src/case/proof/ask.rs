//! What CloudTrail is asked for a proof: of whom, when, in which accounts and regions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{AROUND, Clocks, Logged, LoggedCall, LoggedSession, Terms};
use crate::{
    case::HISTORY,
    domain::{
        AccountId, Region,
        event::{By, Window, assumed_role},
    },
};

/// Windows that are this close are asked for at once: CloudTrail takes two questions a second.
const NEAR: SignedDuration = SignedDuration::from_hours(1);

/// Services whose calls are recorded in one region of the partition, wherever they were made
/// (CloudTrail user guide, "Global service events").
const GLOBAL: [&str; 2] = ["iam", "organizations"];

/// One question to the event history of one account, in all of its regions.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    pub account: AccountId,
    pub by: By,
    pub window: Window,
}

/// A question as it was really asked in one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Searched {
    pub account: AccountId,
    /// Absent where it is not known, for nobody is signed in to the account.
    pub region: Option<Region>,
    pub by: By,
    pub window: Window,
    /// Why the answer is not whole; absent where it is.
    pub lacking: Option<String>,
}

impl Searched {
    /// Whether a call would be among the answers, were they whole.
    fn is_of(&self, call: &LoggedCall, terms: &Terms) -> bool {
        let region = recorded_in(&call.service, &call.region);
        let of_whom = match &self.by {
            By::User(name) => {
                let caller = call.caller.as_deref();
                caller
                    .and_then(home)
                    .is_some_and(|(account, user)| account == self.account && user == *name)
            }
            By::Event(name) => self.account == call.account && *name == call.operation,
            _ => false,
        };
        let then = matches!(terms.clocks, Clocks::Apart(_)) || self.window.contains(call.at);
        of_whom && then && self.region.as_ref().is_none_or(|r| *r == region)
    }
}

/// What the searches say of the place where a call would be: `Ok` where one of them was whole.
pub fn covers(searched: &[Searched], call: &LoggedCall, terms: &Terms) -> Result<(), String> {
    let of_it: Vec<&Searched> = searched.iter().filter(|s| s.is_of(call, terms)).collect();
    if of_it.iter().any(|s| s.lacking.is_none()) {
        return Ok(());
    }
    let why = of_it.iter().find_map(|s| s.lacking.clone());
    Err(why.unwrap_or_else(|| match terms.now.duration_since(call.at) > HISTORY {
        true => "the event history reaches 90 days back".to_owned(),
        false => "it was not asked for where it would be".to_owned(),
    }))
}

/// Where CloudTrail records a call of a service.
pub fn recorded_in(service: &str, region: &Region) -> Region {
    match GLOBAL.contains(&service) {
        true => region.of_global_services(),
        false => region.clone(),
    }
}

/// The account of a caller, and what CloudTrail calls its `Username`: the user, the name of the
/// role's session, `root`.
pub fn home(arn: &str) -> Option<(AccountId, String)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, _, _, account, what] = parts[..] else { return None };
    let user = match what.split_once('/') {
        None if what == "root" => "root",
        Some(("assumed-role", _)) => assumed_role(arn)?.1,
        Some(("user", path)) => path.rsplit('/').next()?,
        Some(("federated-user", name)) => name,
        _ => return None,
    };
    Some((account.parse().ok()?, user.to_owned()))
}

impl Logged {
    /// What is to be asked, few questions for much time. A window before the event history
    /// begins is not asked for.
    pub fn lookups(&self, terms: &Terms) -> Vec<Lookup> {
        let mut windows: BTreeMap<(AccountId, String), (By, Vec<Window>)> = BTreeMap::new();
        let mut add = |account: AccountId, by: By, window: Window| {
            let window = match terms.clocks {
                Clocks::Same => within_history(window, terms),
                Clocks::Apart(whole) => whole,
            };
            if !window.is_empty() {
                let key = (account, by.to_string());
                windows.entry(key).or_insert_with(|| (by, Vec::new())).1.push(window);
            }
        };
        for session in &self.sessions {
            let window = session.window();
            for (account, user) in session.callers.iter().filter_map(|arn| home(arn)) {
                add(account, By::User(user), window);
            }
        }
        for call in self.calls.iter().filter(|call| !call.is_under_its_caller()) {
            // Whose it is is not known, or it went to another account: what was done is.
            let window = around(call.at, call.at);
            add(call.account.clone(), By::Event(call.operation.clone()), window);
        }
        let joined = windows.into_iter().flat_map(|((account, _), (by, windows))| {
            join(windows).into_iter().map(move |window| Lookup {
                account: account.clone(),
                by: by.clone(),
                window,
            })
        });
        joined.collect()
    }

    /// The regions in which the log's calls to an account, and those of its callers, are
    /// recorded. The partition's region of global services is always one.
    pub fn regions(&self, account: &AccountId) -> BTreeSet<Region> {
        let concerns = |call: &&LoggedCall| {
            let caller = call.caller.as_deref().and_then(home);
            call.account == *account || caller.is_some_and(|(of, _)| of == *account)
        };
        let own = self.calls.iter().filter(concerns);
        let mut regions: BTreeSet<Region> =
            own.map(|call| recorded_in(&call.service, &call.region)).collect();
        regions.extend(regions.iter().map(Region::of_global_services).collect::<Vec<_>>());
        regions
    }

    /// Callers by ARN whose calls cannot be looked up: their ARN is of no form that we know.
    pub fn unasked_callers(&self) -> BTreeSet<&str> {
        let all = self.sessions.iter().flat_map(|s| &s.callers);
        all.filter(|arn| home(arn).is_none()).map(String::as_str).collect()
    }
}

impl LoggedCall {
    /// Whether asking for its caller's calls, in the caller's account, finds it.
    fn is_under_its_caller(&self) -> bool {
        let caller = self.caller.as_deref().and_then(home);
        caller.is_some_and(|(account, _)| account == self.account)
    }
}

impl LoggedSession {
    /// The time in which what is done with its credentials belongs to it.
    pub fn window(&self) -> Window {
        around(self.from, self.to)
    }
}

/// A log may say any time: one that the calendar does not have is its end.
fn around(from: Timestamp, to: Timestamp) -> Window {
    let from = from.checked_sub(AROUND).unwrap_or(Timestamp::MIN);
    Window::new(from, to.checked_add(AROUND).unwrap_or(Timestamp::MAX))
}

fn within_history(window: Window, terms: &Terms) -> Window {
    let first = terms.now.checked_sub(HISTORY - AROUND).unwrap_or(Timestamp::MIN);
    window.within(Window::new(first, terms.now))
}

/// Windows that overlap or are near each other made one, in the order of time.
fn join(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_by_key(|w| w.from);
    let mut out: Vec<Window> = Vec::new();
    for window in windows {
        match out.last_mut().filter(|last| window.from.duration_since(last.to) <= NEAR) {
            Some(last) => last.to = last.to.max(window.to),
            None => out.push(window),
        }
    }
    out
}
