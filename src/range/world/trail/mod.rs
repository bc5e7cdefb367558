//! What CloudTrail has recorded: the scenario's events, told one by one or drawn by
//! recipe, and every call made to the range.
//!
//! An event has a number: the scenario's come first, in an order that the file alone
//! decides, then the calls in the journal's order. So every process knows an event by
//! the same number. What is looked for stands beside it; its JSON is made when asked for.

mod body;
mod drawn;
mod identity;
mod told;

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use serde_json::{Map, Value, value::RawValue};

use self::{body::lower_camel, identity::Who, told::Beginning};
pub use self::{body::spoken, identity::session_arn, told::decoy_token};
use super::{Entry, iam::Iam, session::Sessions};
use crate::range::{OPERATIONS, Operation, scenario::Scenario, seed};

/// How far back a lookup reaches, in milliseconds (CloudTrail: LookupEvents).
pub const KEPT: i64 = 90 * 86_400_000;

/// Where an event's place in time is: epoch milliseconds and number.
pub type Position = (i64, u32);

/// One event, as far as a lookup needs it.
pub struct Event {
    at: i64,
    number: u32,
    pub name: Arc<str>,
    /// `iam.amazonaws.com`.
    pub source: Arc<str>,
    /// Empty where there is none.
    pub username: Arc<str>,
    pub key: Arc<str>,
    pub read_only: bool,
    /// Types and names.
    pub resources: Arc<[(String, String)]>,
    origin: Origin,
}

/// What the event's JSON is made from.
enum Origin {
    Told(Box<Value>),
    /// The position of the recipe.
    Drawn(u32),
    Call(Box<Recorded>),
}

/// A call made to the range.
struct Recorded {
    entry: Arc<Entry>,
    who: Arc<Who>,
    /// Where the same call is another account's event too: the account in whose trail this
    /// one is, and the id that both events bear.
    shared: Option<(String, String)>,
}

/// One call of somebody.
pub struct Use {
    /// As actions of policies begin.
    pub service: String,
    pub action: String,
    pub region: String,
    /// Epoch milliseconds.
    pub at: i64,
}

/// The one attribute that a lookup may ask for, with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute<'a> {
    EventId(&'a str),
    EventName(&'a str),
    ReadOnly(&'a str),
    Username(&'a str),
    ResourceType(&'a str),
    ResourceName(&'a str),
    EventSource(&'a str),
    AccessKeyId(&'a str),
}

/// What is looked for. Seconds are of the epoch and inclusive.
pub struct Lookup<'a> {
    pub account: usize,
    pub region: &'a str,
    pub attribute: Option<Attribute<'a>>,
    pub from: i64,
    pub to: i64,
    /// Only events before this one.
    pub before: Position,
    /// Only events with a smaller number: later ones were recorded since.
    pub known: u32,
}

/// The events of one account and Region, the oldest first.
type Places = HashMap<(usize, String), Vec<Event>>;

pub struct History {
    beginning: Beginning,
    /// Made at the first lookup: most sessions never ask.
    seeded: OnceLock<Places>,
    recorded: Places,
    calls: u32,
    /// By access key.
    callers: HashMap<String, Arc<Who>>,
    /// Name and source, by `service:Operation`.
    operations: HashMap<String, (Arc<str>, Arc<str>)>,
}

impl Event {
    pub fn position(&self) -> Position {
        (self.at, self.number)
    }

    /// Epoch seconds.
    pub fn seconds(&self) -> i64 {
        self.at.div_euclid(1000)
    }

    /// By the scenario: nobody called the range.
    pub fn is_told(&self) -> bool {
        !matches!(self.origin, Origin::Call(_))
    }
}

impl History {
    pub fn new(scenario: &Scenario, iam: &Iam) -> Self {
        History {
            beginning: Beginning::new(scenario, iam),
            seeded: OnceLock::new(),
            recorded: HashMap::new(),
            calls: 0,
            callers: HashMap::new(),
            operations: HashMap::new(),
        }
    }

    /// The number that the next event recorded will have.
    pub fn known(&self) -> u32 {
        self.beginning.count() + self.calls
    }

    /// At most `most` events, the newest first, of those that are `there`.
    pub fn lookup(
        &self,
        ask: &Lookup<'_>,
        most: usize,
        there: impl Fn(&Event) -> bool,
    ) -> Vec<&Event> {
        let seeded = self.seeded.get_or_init(|| self.beginning.places());
        let place = (ask.account, ask.region.to_owned());
        // An id says the number, so that nothing needs to be hashed to compare it.
        let wanted = match ask.attribute {
            Some(Attribute::EventId(id)) => match self.number_of(id) {
                Some(number) => Some(number),
                None => return Vec::new(),
            },
            _ => None,
        };
        let fits = |event: &&Event| {
            event.number < ask.known
                && (ask.from..=ask.to).contains(&event.seconds())
                && wanted.is_none_or(|number| event.number == number)
                && ask.attribute.is_none_or(|attribute| attribute.fits(event))
                && there(event)
        };
        let mut left = [seeded, &self.recorded].map(|places| {
            let events = places.get(&place).map_or(&[][..], Vec::as_slice);
            let end = events.partition_point(|e| e.position() < ask.before);
            let begin = events.partition_point(|e| e.seconds() < ask.from);
            &events[begin.min(end)..end]
        });
        let mut merged = Vec::new();
        while merged.len() < most {
            let newest = left.iter_mut().max_by_key(|side| side.last().map(Event::position));
            let Some(side) = newest else { break };
            let Some((event, older)) = side.split_last() else { break };
            *side = older;
            merged.extend(Some(event).filter(fits));
        }
        merged
    }

    /// The id of the event with this number, in the form of a UUID. Its last eight digits
    /// are the number under a mask, so that an id can be looked up.
    fn id_of(&self, number: u32) -> String {
        let world = self.beginning.seed;
        let mut bytes = seed::digest(world, &["event", &number.to_string()]);
        bytes[12..].copy_from_slice(&(number ^ self.mask()).to_be_bytes());
        seed::uuid(bytes)
    }

    fn number_of(&self, id: &str) -> Option<u32> {
        let digits = id.len().checked_sub(8).and_then(|at| id.get(at..))?;
        let number = u32::from_str_radix(digits, 16).ok()? ^ self.mask();
        (self.id_of(number) == id).then_some(number)
    }

    fn mask(&self) -> u32 {
        let bytes = seed::digest(self.beginning.seed, &["event numbers"]);
        u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    pub fn id(&self, event: &Event) -> String {
        self.id_of(event.number)
    }

    /// The event's JSON, as CloudTrail logs it.
    pub fn body(&self, event: &Event) -> Value {
        let id = self.id(event);
        match &event.origin {
            Origin::Told(told) => {
                let mut body = told.as_ref().clone();
                // A file may say its own, to see what that does.
                if body.get("eventID").is_none_or(Value::is_null) {
                    body["eventID"] = id.into();
                }
                body
            }
            Origin::Drawn(recipe) => self.beginning.drawn_body(*recipe, event, id),
            Origin::Call(call) => call.body(event, id),
        }
    }

    /// The scenario's events after one time and up to another, with account and Region.
    pub fn told_between(
        &self,
        from: i64,
        until: i64,
    ) -> impl Iterator<Item = (usize, &str, &Event)> {
        // Most worlds have none: then nothing is made.
        let any = self.beginning.last() > from;
        let places = any.then(|| self.seeded.get_or_init(|| self.beginning.places()));
        places.into_iter().flatten().flat_map(move |((account, region), events)| {
            let begin = events.partition_point(|event| event.at <= from);
            let due = events[begin..].iter().take_while(move |event| event.at <= until);
            due.map(|event| (*account, region.as_str(), event))
        })
    }

    /// Whether a user of the scenario has this key, or had it.
    pub fn is_of_user(&self, key: &str) -> bool {
        self.beginning.is_of_user(key)
    }

    /// Notes who signs with the key of this call, before the call changes anything.
    pub fn meet(&mut self, entry: &Entry, iam: &Iam, sessions: &Sessions) {
        // A world may have hundreds of thousands of calls: what they share is kept once.
        if !self.callers.contains_key(&entry.access_key) {
            let who = Who::signing(entry, iam, sessions, &self.beginning.accounts);
            self.callers.insert(entry.access_key.clone(), who.into());
        }
    }

    /// Takes in a call made to the range from `account`, whose caller was met. Where it
    /// concerns `other` account too, that one has an event of its own.
    pub fn record(&mut self, account: usize, other: Option<usize>, entry: Entry) {
        let Some(who) = self.callers.get(&entry.access_key).map(Arc::clone) else { return };
        let entry = Arc::new(entry);
        let Some(other) = other else {
            return self.add(account, who.clone(), who.key.clone(), None, entry);
        };
        let id = seed::digest(self.beginning.seed, &["shared", &self.known().to_string()]);
        let shared =
            |account: usize| Some((self.beginning.accounts[account].clone(), seed::uuid(id)));
        let (here, there) = (shared(account), shared(other));
        let principal = who.body["principalId"].as_str().unwrap_or_default();
        let foreign = Arc::new(Who::foreign(&entry.account, principal));
        self.add(account, who.clone(), who.key.clone(), here, Arc::clone(&entry));
        self.add(other, foreign, "".into(), there, entry);
    }

    fn add(
        &mut self,
        account: usize,
        who: Arc<Who>,
        key: Arc<str>,
        shared: Option<(String, String)>,
        entry: Arc<Entry>,
    ) {
        let (service, name) = entry.operation.split_once(':').unwrap_or(("", &entry.operation));
        if !self.operations.contains_key(&entry.operation) {
            let texts = (name.into(), format!("{service}.amazonaws.com").into());
            self.operations.insert(entry.operation.clone(), texts);
        }
        let (called, source) = self.operations[&entry.operation].clone();
        let resources = match service {
            "iam" | "cloudtrail" | "sts" => {
                let said = |text: &Option<Box<RawValue>>| parsed(text.as_deref());
                body::resources(&source, &said(&entry.input), &said(&entry.output))
            }
            // No other service that is served names what it is about.
            _ => Vec::new(),
        };
        let place = (account, recorded_in(service, &entry.region).to_owned());
        let event = Event {
            at: entry.at.as_millisecond(),
            number: self.known(),
            read_only: changes_nothing(service, name),
            name: called,
            source,
            username: Arc::clone(&who.username),
            key,
            resources: resources.into(),
            origin: Origin::Call(Box::new(Recorded { entry, who, shared })),
        };
        self.calls += 1;
        let place = self.recorded.entry(place).or_default();
        // Nearly always the end: another process's clock may be behind.
        let at = place.partition_point(|e| e.position() < event.position());
        place.insert(at, event);
    }

    /// Every call of a user, or of a role's sessions, up to a time in epoch milliseconds.
    pub fn uses(&self, account: usize, arn: &str, until: i64) -> Vec<Use> {
        let seeded = self.seeded.get_or_init(|| self.beginning.places());
        let places = seeded.iter().chain(&self.recorded).filter(|((a, _), _)| *a == account);
        // A key is always the same one's: its first event says whose.
        let mut keys: HashMap<&str, bool> = HashMap::new();
        let mut out = Vec::new();
        for ((_, region), events) in places {
            for event in events.iter().filter(|event| event.at <= until) {
                let meant = || {
                    let who = &self.body(event)["userIdentity"];
                    who["arn"] == arn || who["sessionContext"]["sessionIssuer"]["arn"] == arn
                };
                let theirs = match &*event.key {
                    "" => meant(),
                    key => *keys.entry(key).or_insert_with(meant),
                };
                let service = event.source.trim_end_matches(".amazonaws.com");
                // Signing in is no service that a policy allows.
                if theirs && service != "signin" {
                    // CloudTrail's name is not always that of the actions.
                    let service = if service == "monitoring" { "cloudwatch" } else { service };
                    out.push(Use {
                        service: service.to_owned(),
                        action: event.name.to_string(),
                        region: region.clone(),
                        at: event.at,
                    });
                }
            }
        }
        out
    }

    /// The account of a temporary key that the scenario tells of.
    pub fn account_of_told_key(&self, key: &str) -> Option<&str> {
        self.beginning.account_of_key(key)
    }
}

impl Attribute<'_> {
    fn fits(self, event: &Event) -> bool {
        let mut resources = event.resources.iter();
        match self {
            Attribute::EventId(_) => true,
            Attribute::EventName(name) => *event.name == *name,
            Attribute::ReadOnly(text) => text == if event.read_only { "true" } else { "false" },
            Attribute::Username(name) => *event.username == *name,
            Attribute::ResourceType(kind) => resources.any(|(k, _)| k == kind),
            Attribute::ResourceName(name) => resources.any(|(_, n)| n == name),
            Attribute::EventSource(source) => *event.source == *source,
            Attribute::AccessKeyId(key) => *event.key == *key,
        }
    }
}

impl Recorded {
    fn body(&self, event: &Event, id: String) -> Value {
        let e = &self.entry;
        let region = recorded_in(&event.source, &e.region);
        let mut body = body::frame(event, region, self.who.body.clone());
        body.insert("sourceIPAddress".into(), e.address.as_str().into());
        body.insert("userAgent".into(), e.agent.as_str().into());
        if let Some((code, message)) = &e.error {
            body.insert("errorCode".into(), body::told_code(&event.source, code).into());
            body.insert("errorMessage".into(), message.as_str().into());
        }
        let asked = parsed(e.input.as_deref());
        let resources = body::accessed(&event.source, &asked);
        body.insert("requestParameters".into(), asked);
        body.insert("responseElements".into(), parsed(e.output.as_deref()));
        body.insert("requestID".into(), e.request_id.as_str().into());
        body.insert("eventID".into(), id.into());
        body.extend(resources.map(|resources| ("resources".to_owned(), resources)));
        let account = self.shared.as_ref().map_or(&e.account, |(account, _)| account);
        body::close(&mut body, event, "AwsApiCall", account);
        if let Some((_, id)) = &self.shared {
            body.insert("sharedEventID".into(), id.as_str().into());
        }
        Value::Object(body)
    }
}

/// What a call asked or was answered, with the names that CloudTrail gives the members;
/// null where nothing is kept.
fn parsed(text: Option<&RawValue>) -> Value {
    let value = text.and_then(|text| serde_json::from_str(text.get()).ok());
    value.map_or(Value::Null, lower_camel)
}

/// The Region in which CloudTrail records a service's calls. User guide, "Global service
/// events": since November 2021 those of IAM and of STS's global endpoint, which is
/// us-east-1's, are in us-east-1; so are those of Organizations.
pub fn recorded_in<'r>(service: &str, called: &'r str) -> &'r str {
    let global = ["iam", "organizations", "signin"];
    if global.contains(&service.trim_end_matches(".amazonaws.com")) { "us-east-1" } else { called }
}

fn changes_nothing(service: &str, name: &str) -> bool {
    let called = |o: &&Operation| o.service == service && o.name == name;
    OPERATIONS.iter().find(called).is_some_and(|o| !o.mutating)
}

/// Puts the events of each place into the order of time.
fn sorted(mut places: Places) -> Places {
    for events in places.values_mut() {
        events.sort_by_key(Event::position);
    }
    places
}

type Members = Map<String, Value>;
