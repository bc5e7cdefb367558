//! The world behind its lock: routing, authenticating, performing, journalling.

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    Cut, Log, Logged, authenticate, garbled,
    input::{form_of, input_of},
    planned::{internal, planned, refused, stamped, unsigned},
    record,
};
use crate::{
    domain::Fault,
    range::{
        access,
        faults::{FaultRule, Kind, Twist},
        journal::Journal,
        operations::{Operation, namespace_of, protocol_of, route},
        paging::Pager,
        scenario::Scenario,
        seed,
        service::{Call, Outcome},
        validate,
        wire::{self, Claim, Protocol, Refusal},
        world::{Entry, World},
    },
};

/// The operation that a request names, and what its path says.
type Routed = Result<(&'static Operation, Map<String, Value>), Refusal>;

/// What a fault does to a call that arrives.
struct Struck {
    /// The service's own refusal, in place of what it would do.
    said: Option<Refusal>,
    twist: Option<Twist>,
}

/// Everything behind the lock.
pub struct State {
    pub world: World,
    /// What the world began as, and every call that changed it since.
    pub beginning: Scenario,
    pub changes: Vec<Entry>,
    /// Its id and the hash of its text.
    pub scenario: (String, String),
    pub journal: Box<dyn Journal>,
    pager: Pager,
    pub faults: Vec<FaultRule>,
    pub log: Option<Log>,
    requests: u64,
    /// By how much the world's time was let jump ahead of its clock, in milliseconds.
    pub passed: i64,
    /// Why the journal cannot be followed any more; the world then answers nothing.
    pub lost: Option<Fault>,
}

/// A request as far as it was understood, for the log and for the error's shape.
pub struct Known {
    pub protocol: Protocol,
    pub claim: Option<Claim>,
    pub operation: Option<&'static Operation>,
    pub request_id: String,
}

impl Known {
    pub fn service(&self) -> &str {
        self.claim.as_ref().map_or("", |c| c.service.as_str())
    }

    /// The error answer in the protocol's shape.
    pub fn error(&self, refusal: &Refusal) -> Response<Bytes> {
        let namespace = namespace_of(self.service());
        wire::error(self.protocol, namespace, refusal, &self.request_id)
    }
}

impl State {
    /// The scenario's world, before its journal is read.
    pub fn new(scenario: Scenario, journal: Box<dyn Journal>) -> Self {
        State {
            scenario: (scenario.id.clone(), scenario.hash.clone()),
            faults: scenario.faults.clone(),
            beginning: scenario.clone(),
            changes: Vec::new(),
            world: World::new(scenario),
            journal,
            pager: Pager::default(),
            log: None,
            requests: 0,
            passed: 0,
            lost: None,
        }
    }

    /// The answer, and whether it is to be slow. `clock` is the world's time, in epoch
    /// milliseconds, but for what was let pass: that is known once the journal was followed.
    pub fn answer(
        &mut self,
        request: &Request<Bytes>,
        clock: i64,
        wall: Timestamp,
    ) -> (Result<Response<Bytes>, Cut>, bool) {
        self.requests += 1;
        let nanos = wall.as_nanosecond().to_string();
        let unique = seed::digest(self.world.seed, &[&nanos, &self.requests.to_string()]);
        let form = form_of(request);
        let claim = wire::claim(request);
        let service = claim.as_ref().map(|c| c.service.as_str());
        let routed = service.map(|service| {
            let target = request.headers().get("x-amz-target").and_then(|v| v.to_str().ok());
            route(service, request.method(), request.uri().path(), target, &form)
        });
        let known = Known {
            protocol: protocol_of(service, request.headers(), !form.is_empty()),
            operation: routed.as_ref().and_then(|r| r.as_ref().ok()).map(|(o, _)| *o),
            request_id: seed::uuid(unique),
            claim,
        };
        let struck = self.struck(&known);
        let mut slow = false;
        let mut twist = None;
        let early = match struck {
            Some(Kind::Hang) => Some(Err(Cut::Hang)),
            Some(Kind::Reset) => Some(Err(Cut::Reset)),
            Some(Kind::Slow) => {
                slow = true;
                None
            }
            Some(Kind::Twist(kind)) => {
                twist = Some(kind);
                None
            }
            Some(ref kind) => planned(kind, &known).map(Ok),
            None => None,
        };
        let answer = early.unwrap_or_else(|| {
            let said = struck.as_ref().and_then(|kind| refused(kind, &known));
            let arrived = Struck { said, twist };
            let answered = self.dispatch(request, &known, routed, &form, clock, arrived);
            let response = answered.unwrap_or_else(|refusal| known.error(&refusal));
            match struck {
                Some(Kind::ResetAfter) => Err(Cut::Reset),
                Some(Kind::Truncate(part)) => {
                    let sent = part.of(response.body().len());
                    Err(Cut::Truncated(response, sent))
                }
                Some(Kind::Garble { member, text }) => {
                    Ok(garbled::garbled(response, known.protocol, &member, &text))
                }
                _ => Ok(response),
            }
        });
        let answer = match answer {
            Ok(response) => Ok(stamped(response, wall)),
            Err(Cut::Truncated(response, sent)) => {
                Err(Cut::Truncated(stamped(response, wall), sent))
            }
            Err(cut) => Err(cut),
        };
        self.write_log(&known, &answer, wall);
        (answer, slow)
    }

    fn struck(&mut self, known: &Known) -> Option<Kind> {
        let name =
            known.operation.map_or_else(String::new, |o| format!("{}:{}", o.service, o.name));
        let region = known.claim.as_ref().map_or("", |c| c.region.as_str());
        // Every rule counts, also where another one strikes.
        let struck: Vec<Kind> =
            self.faults.iter_mut().filter_map(|rule| rule.strike(&name, region)).collect();
        struck.into_iter().next()
    }

    /// Follows the journal, authenticates, checks, performs, writes down. The journal's
    /// lock is held from the first to the last, so that a key that another process has
    /// just made inactive changes nothing any more, and every process has the calls in
    /// one order.
    fn dispatch(
        &mut self,
        request: &Request<Bytes>,
        known: &Known,
        routed: Option<Routed>,
        form: &[(String, String)],
        clock: i64,
        struck: Struck,
    ) -> Result<Response<Bytes>, Refusal> {
        let (Some(claim), Some(routed)) = (&known.claim, routed) else {
            return Err(unsigned(known.protocol));
        };
        let broken = |_| Refusal::new(500, internal(known), "The range's journal failed");
        self.journal.lock().map_err(broken)?;
        let answered = self.answered(request, known, claim, routed, form, (clock, struck));
        self.journal.unlock().map_err(broken)?;
        answered
    }

    fn answered(
        &mut self,
        request: &Request<Bytes>,
        known: &Known,
        claim: &Claim,
        routed: Routed,
        form: &[(String, String)],
        (clock, struck): (i64, Struck),
    ) -> Result<Response<Bytes>, Refusal> {
        self.catch_up().map_err(|fault| Refusal::new(500, internal(known), fault.what))?;
        let now = clock.saturating_add(self.passed);
        let caller = authenticate::caller(&self.world, request, claim, known.protocol, now)?;
        // What nobody could be named for, or names no operation, is not recorded.
        let (operation, labels) = routed?;
        let (input, unread) = match input_of(operation, request, labels, form) {
            Ok(input) => (input, None),
            Err(refusal) => (Value::Null, Some(refusal)),
        };
        let call = Call {
            service: operation.service,
            operation: operation.name,
            account: caller.account,
            caller,
            request_id: known.request_id.clone(),
            region: claim.region.clone(),
            address: record::address(request),
            agent: record::agent(request),
            input,
            now,
            twist: struck.twist,
        };
        let refused = struck.said.or(unread);
        let performed = refused.map_or_else(|| self.performed(operation, &call), Err);
        let entry = record::entry(&self.world, &call, (claim, known), &performed);
        let outcome = self.write_down(entry, performed, known)?;
        Ok(wire::success(operation, &outcome.body, &known.request_id))
    }

    fn performed(&mut self, operation: &Operation, call: &Call) -> Result<Outcome, Refusal> {
        validate::check(operation.service, operation.name, &call.input)?;
        access::authorize(&self.world, call)?;
        match self.seen_stale(operation, call) {
            // Its rows are not those that pages are kept of.
            Some(world) => (operation.handler)(&world, &mut Pager::default(), call),
            None => (operation.handler)(&self.world, &mut self.pager, call),
        }
    }

    /// Journals a call before the world takes what it changed.
    fn write_down(
        &mut self,
        mut entry: Entry,
        performed: Result<Outcome, Refusal>,
        known: &Known,
    ) -> Result<Outcome, Refusal> {
        let failed = |why: String| Refusal::new(500, internal(known), why);
        let performed = performed.map(|mut outcome| {
            entry.change = outcome.change.take();
            outcome
        });
        let line = serde_json::to_string(&entry).map_err(|e| failed(e.to_string()))?;
        if entry.change.is_some() {
            self.journal
                .append(&line)
                .map_err(|_| failed("The range's journal could not be written".to_owned()))?;
            self.take(entry);
        } else if self.journal.note(&line).is_ok() {
            self.take(entry);
        }
        // A full disk stops no reading. What is then missing from the history is missing in
        // every process; CloudTrail too promises no more than its best.
        performed
    }

    fn write_log(&mut self, known: &Known, answer: &Result<Response<Bytes>, Cut>, wall: Timestamp) {
        let Some(log) = &mut self.log else { return };
        let claim = known.claim.as_ref();
        let field = |f: fn(&Claim) -> &String| claim.map_or_else(String::new, |c| f(c).clone());
        log(&Logged {
            at: wall,
            service: field(|c| &c.service),
            operation: known.operation.map_or_else(String::new, |o| o.name.to_owned()),
            region: field(|c| &c.region),
            access_key_id: field(|c| &c.access_key),
            status: match answer {
                Ok(response) | Err(Cut::Truncated(response, _)) => response.status().as_u16(),
                Err(Cut::Reset | Cut::Hang) => 0,
            },
            mutating: known.operation.is_some_and(|o| o.mutating),
        });
    }
}
