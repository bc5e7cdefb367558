//! The comparing itself.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::SignedDuration;

use super::{
    Clocks, Finding, Logged, LoggedCall, LoggedSession, Proof, Searched, Stated, Terms, Verdict,
    ask::covers,
    same::{differences, fits, named, same_operation, shown},
};
use crate::{change, cloud::allowed::READ_ONLY, domain::event::Event};

/// How much earlier than its intent a call may seem to have been made: clocks differ.
const EARLY: SignedDuration = SignedDuration::from_mins(1);

/// Compares what the log has with what CloudTrail gave. `events` may hold any others too.
pub fn prove(
    logged: &Logged,
    events: &[Arc<Event>],
    searched: &[Searched],
    terms: &Terms,
) -> Proof {
    let mut trail = Trail::new(events, searched, terms);
    let mut findings: Vec<Finding> =
        logged.calls.iter().map(|call| trail.with_request_id(call)).collect();
    // Only what no request id claimed may stand for a call without one.
    for finding in findings.iter_mut().filter(|f| f.verdict == Verdict::Unheard) {
        if let Some(call) = finding.call.take() {
            *finding = trail.without_request_id(&call);
        }
    }
    let keys = trail.keys(&findings);
    let unlogged = trail.events.iter().enumerate().filter(|(at, event)| {
        !trail.taken.contains(at)
            && is_change(event)
            && trail.is_ours(event, &logged.sessions, &keys)
    });
    let mut unlogged: Vec<Finding> = unlogged.map(|(_, event)| not_logged(event)).collect();
    unlogged.sort_by_key(|f| f.event.as_ref().map(|e| (e.time, e.id.clone())));
    findings.extend(unlogged);
    findings.extend(not_searched(logged, searched));
    Proof {
        terms: *terms,
        findings,
        searched: searched.to_vec(),
        elsewhere: logged.elsewhere,
        before: logged.before,
    }
}

struct Trail<'t> {
    /// Each once, in the order of time.
    events: Vec<Arc<Event>>,
    /// By request id, the events' places.
    by_id: HashMap<String, Vec<usize>>,
    /// Places of those that are calls of the log.
    taken: HashSet<usize>,
    searched: &'t [Searched],
    terms: &'t Terms,
}

impl<'t> Trail<'t> {
    fn new(events: &[Arc<Event>], searched: &'t [Searched], terms: &'t Terms) -> Self {
        let mut seen = HashSet::new();
        let place = |e: &Event| (e.id.clone(), e.account.clone(), e.region.clone());
        let mut events: Vec<Arc<Event>> =
            events.iter().filter(|e| seen.insert(place(e))).cloned().collect();
        events.sort_by_key(|e| (e.time, e.id.clone()));
        let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, event) in events.iter().enumerate() {
            if let Some(id) = event.request_id() {
                by_id.entry(id.raw().to_owned()).or_default().push(at);
            }
        }
        Self { events, by_id, taken: HashSet::new(), searched, terms }
    }

    fn with_request_id(&mut self, call: &LoggedCall) -> Finding {
        let found = |verdict, event, why| Finding { verdict, call: Some(call.clone()), event, why };
        if call.stated == Stated::NotSent {
            return found(Verdict::NotSent, None, None);
        }
        let Some(id) = &call.request_id else { return found(Verdict::Unheard, None, None) };
        let Some(places) = self.by_id.get(id).filter(|places| !places.is_empty()) else {
            return self.absent(call);
        };
        if places.iter().all(|at| self.taken.contains(at)) {
            let why = "another record of the log has the same request id".to_owned();
            return found(Verdict::Differs, Some(self.events[places[0]].clone()), Some(why));
        }
        // A call that concerns two accounts has an event in each, with one request id.
        let best = places.iter().find(|at| same_operation(call, &self.events[**at]));
        let event = self.events[*best.unwrap_or(&places[0])].clone();
        self.taken.extend(places);
        let differences = differences(call, &event);
        match differences.is_empty() {
            true => found(Verdict::Matched, Some(event), None),
            false => found(Verdict::Differs, Some(event), Some(differences.join("; "))),
        }
    }

    /// A call that CloudTrail does not have, although its request id is known.
    fn absent(&self, call: &LoggedCall) -> Finding {
        let found = |verdict, why| Finding { verdict, call: Some(call.clone()), event: None, why };
        // Who cannot be named, or is sent away for asking too often, need not be recorded.
        let at_the_door =
            !matches!(call.code.as_deref(), Some("denied" | "not_found" | "conflict"));
        if call.stated == Stated::Refused && at_the_door {
            return found(Verdict::Unrecorded, None);
        }
        let age = self.terms.now.duration_since(call.at);
        if let Err(why) = covers(self.searched, call, self.terms) {
            return found(Verdict::NotSearched, Some(why));
        }
        match age < self.terms.delay {
            true => found(Verdict::TooYoung, None),
            false => found(Verdict::Missing, None),
        }
    }

    /// A call of which the log has no request id.
    fn without_request_id(&mut self, call: &LoggedCall) -> Finding {
        let found = |verdict, event, why| Finding { verdict, call: Some(call.clone()), event, why };
        let place = (0..self.events.len()).find(|at| {
            let event = &self.events[*at];
            !self.taken.contains(at) && self.could_be_then(call, event) && fits(call, event)
        });
        if let Some(at) = place {
            self.taken.insert(at);
            let event = self.events[at].clone();
            let (verdict, why) = match (event.result(), call.stated) {
                (None, Stated::Refused) => {
                    (Verdict::Differs, "it went through, and the log says not".to_owned())
                }
                (None, _) => (Verdict::Settled, "it went through".to_owned()),
                (code, _) => (Verdict::Settled, format!("AWS refused it ({})", shown(code))),
            };
            return found(verdict, Some(event), Some(why));
        }
        if let Err(why) = covers(self.searched, call, self.terms) {
            return found(Verdict::NotSearched, None, Some(why));
        }
        if self.terms.now.duration_since(call.at) < self.terms.delay {
            return found(Verdict::TooYoung, None, None);
        }
        match (call.stated, call.read_back) {
            (Stated::Done, _) => found(Verdict::Missing, None, None),
            // AWS has no such call, and what was read back agrees: it never arrived.
            (Stated::Refused, _) | (_, Some(false)) => found(Verdict::Unrecorded, None, None),
            _ => found(Verdict::Unheard, None, None),
        }
    }

    fn could_be_then(&self, call: &LoggedCall, event: &Event) -> bool {
        match (self.terms.clocks, event.time) {
            (Clocks::Apart(_), _) | (_, None) => true,
            (Clocks::Same, Some(at)) => {
                let since = at.duration_since(call.at);
                -EARLY <= since && since <= self.terms.delay.max(EARLY)
            }
        }
    }

    /// Access keys that a session of the log was seen to use.
    fn keys(&self, findings: &[Finding]) -> HashSet<(String, String)> {
        let matched =
            findings.iter().filter(|f| matches!(f.verdict, Verdict::Matched | Verdict::Settled));
        let key = |f: &Finding| {
            let key = f.event.as_ref()?.access_key()?.raw().to_owned();
            Some((f.call.as_ref()?.session.clone(), key))
        };
        matched.filter_map(key).collect()
    }

    /// Whether an event is by an identity that the log was written in the name of, then.
    fn is_ours(
        &self,
        event: &Event,
        sessions: &[LoggedSession],
        keys: &HashSet<(String, String)>,
    ) -> bool {
        let arn = event.identity.arn.as_ref().map(|arn| arn.raw());
        let name = event.username.as_ref().map(|name| name.raw());
        let key = event.access_key().map(|key| key.raw().to_owned()).unwrap_or_default();
        sessions.iter().any(|session| {
            let then = match (self.terms.clocks, event.time) {
                (Clocks::Same, Some(at)) => session.window().contains(at),
                (Clocks::Same, None) => true,
                (Clocks::Apart(whole), at) => at.is_none_or(|at| whole.contains(at)),
            };
            let by_arn = match arn {
                Some(arn) => session.callers.contains(arn),
                // An event that cannot be read whole has only the name beside it.
                None => session.callers.iter().filter_map(|c| super::ask::home(c)).any(
                    |(account, user)| {
                        Some(user.as_str()) == name
                            && event.account.as_ref().is_none_or(|a| *a == account)
                    },
                ),
            };
            let by_key = !key.is_empty() && keys.contains(&(session.id.clone(), key.clone()));
            then && (by_arn || by_key)
        })
    }
}

/// Whether a call changes something: what says that it only reads does not, unless it is among
/// the calls that halon makes as changes; nor do calls that halon makes to look, of which
/// CloudTrail calls some a change (`GenerateCredentialReport`).
fn is_change(event: &Event) -> bool {
    let (service, name) = (event.service(), event.name.raw());
    let is = |of: &str, operation: &str| of.eq_ignore_ascii_case(service) && operation == name;
    let ours = change::KINDS.iter().any(|spec| is(spec.service, spec.operation));
    let looks = READ_ONLY.iter().any(|row| is(row.service, row.operation));
    ours || (event.read_only != Some(true) && !looks)
}

fn not_logged(event: &Arc<Event>) -> Finding {
    let verdict = match event.identity.invoked_by {
        // Its own first call is in the log, or it is named itself.
        Some(_) => Verdict::ThroughService,
        None => Verdict::Unlogged,
    };
    let through = event.identity.invoked_by.as_ref();
    let through = through.map(|by| format!(", in its name by {}", shown(Some(by))));
    let result = match event.result() {
        None => String::new(),
        code => format!(", refused ({})", shown(code)),
    };
    let why = format!(
        "{} by {} with key {} from {} with \"{}\"{}{result}",
        named(event),
        shown(event.identity.arn.as_ref().or(event.username.as_ref())),
        shown(event.access_key()),
        shown(event.source_ip.as_ref()),
        shown(event.user_agent.as_ref()),
        through.unwrap_or_default(),
    );
    Finding { verdict, call: None, event: Some(event.clone()), why: Some(why) }
}

/// What is not whole although it was asked for, and what could not even be asked.
fn not_searched(logged: &Logged, searched: &[Searched]) -> Vec<Finding> {
    let finding = |why: String| Finding {
        verdict: Verdict::NotSearched,
        call: None,
        event: None,
        why: Some(why),
    };
    let mut out: Vec<Finding> = Vec::new();
    if logged.sessions.is_empty() {
        out.push(finding("no session of the log is one of here and then".to_owned()));
    }
    for seq in &logged.unreadable {
        out.push(finding(format!("record {seq} does not say which call it is of")));
    }
    for arn in logged.unasked_callers() {
        let arn = crate::domain::untrusted::display_in(arn, 120);
        out.push(finding(format!("calls by {arn} cannot be looked up by name")));
    }
    let has_calls = |s: &&LoggedSession| logged.calls.iter().any(|call| call.session == s.id);
    for session in logged.sessions.iter().filter(|s| s.callers.is_empty()).filter(has_calls) {
        let from = session.from;
        out.push(finding(format!(
            "the session of {from:.0} does not say who called: what it did not log is not looked for"
        )));
    }
    for s in searched {
        let Some(lacking) = &s.lacking else { continue };
        let region = s.region.as_ref().map(|r| format!(" {r}")).unwrap_or_default();
        out.push(finding(format!("{}{region}, {}: {lacking}", s.account, s.by)));
    }
    out
}
