//! The scenario's events told one by one, and the sessions that its roles gave out.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    super::{
        iam::{Iam, Identity},
        merge,
    },
    Event, Origin, Places, body,
    identity::{Session, Who, session_arn},
    recorded_in, sorted,
};
use crate::range::{
    access::encode,
    scenario::{self, By, Kind, Noise, Scenario},
    seed,
};

/// What a role's session without a written key lives on: its keys change this often.
pub const ROTATED: i64 = 6 * 3_600_000;

/// What the scenario says of the past. It is kept as said until somebody looks.
pub struct Beginning {
    pub seed: u64,
    /// Epoch milliseconds.
    pub start: i64,
    /// The accounts' ids.
    pub accounts: Vec<String>,
    iam: Iam,
    /// Users by their keys: account and name.
    users: HashMap<String, (usize, String)>,
    sessions: Vec<scenario::Session>,
    events: Vec<scenario::Event>,
    pub noise: Vec<Noise>,
}

impl Beginning {
    pub fn new(scenario: &Scenario, iam: &Iam) -> Self {
        let mut users = HashMap::new();
        for principal in &scenario.principals {
            if let Kind::User { keys, .. } = &principal.kind {
                let owner = (principal.account, principal.name.clone());
                users.extend(keys.iter().map(|key| (key.id.clone(), owner.clone())));
            }
        }
        Beginning {
            seed: scenario.seed,
            start: scenario.start.as_millisecond(),
            accounts: scenario.accounts.iter().map(|a| a.id.as_str().to_owned()).collect(),
            iam: iam.clone(),
            users,
            sessions: scenario.sessions.clone(),
            events: scenario.events.clone(),
            noise: scenario.noise.clone(),
        }
    }

    /// How many numbers the scenario's events take: an event one, a session two, since
    /// another account's caller makes two events of it.
    pub fn count(&self) -> u32 {
        let told = self.events.len() + 2 * self.sessions.len();
        let drawn: u32 = self.noise.iter().map(|noise| noise.count).sum();
        drawn.saturating_add(told.try_into().unwrap_or(u32::MAX))
    }

    /// When the last event happens, at the latest: epoch milliseconds.
    pub fn last(&self) -> i64 {
        let told = self.events.iter().map(|event| event.at);
        let given = self.sessions.iter().map(|session| session.at);
        let drawn = self.noise.iter().map(|noise| noise.to);
        self.start + told.chain(given).chain(drawn).max().unwrap_or(i64::MIN / 2)
    }

    /// Whether the key is one that the scenario gave a user.
    pub fn is_of_user(&self, key: &str) -> bool {
        self.users.contains_key(key)
    }

    pub fn places(&self) -> Places {
        let mut places = Places::new();
        let mut number = 0;
        for event in &self.events {
            self.add(&mut places, number, event, self.who(event.account, &event.by, event.at).0);
            number += 1;
        }
        for session in &self.sessions {
            self.add_session(&mut places, number, session);
            number += 2;
        }
        for (recipe, noise) in self.noise.iter().enumerate() {
            self.add_drawn(&mut places, number, recipe, noise);
            number += noise.count;
        }
        sorted(places)
    }

    /// The number of a recipe's first event.
    pub fn first_of(&self, recipe: usize) -> u32 {
        let told = self.events.len() + 2 * self.sessions.len();
        self.noise[..recipe].iter().map(|n| n.count).sum::<u32>() + told as u32
    }

    /// Who `by` is at a time relative to the start, and the account they belong to.
    pub fn who(&self, account: usize, by: &By, at: i64) -> (Who, usize) {
        let id = |account: usize| self.accounts[account].as_str();
        let home = |account: usize| self.iam.home(account);
        let unknown = || (Who::written(&Value::Null), account);
        match by {
            By::Root => (Who::root(id(account)), account),
            By::Service(host) => (Who::service(host), account),
            By::Written(body) => (Who::written(body), account),
            By::User(name) => home(account)
                .user(name)
                .map_or_else(unknown, |u| (Who::user(id(account), &u.identity, ""), account)),
            By::Role { name, session } => home(account).role(name).map_or_else(unknown, |role| {
                let since = (self.start + at).div_euclid(ROTATED) * ROTATED;
                let parts = ["session", id(account), name, session, &since.to_string()];
                let key = &seed::unique_id("ASIA", self.seed, &parts)[..13];
                let session = Session {
                    account: id(account),
                    role: &role.identity,
                    name: session,
                    key: &format!("{key}EXAMPLE"),
                    since,
                    mfa: false,
                    source_identity: None,
                    of_instance: session.starts_with("i-"),
                };
                (Who::session(&session), account)
            }),
            By::Key(key) => {
                if let Some((owner, name)) = self.users.get(key)
                    && let Some(user) = home(*owner).user(name)
                {
                    return (Who::user(id(*owner), &user.identity, key), *owner);
                }
                let session = self.sessions.iter().find(|s| s.key == *key);
                let Some(session) = session else { return unknown() };
                let Some(role) = home(session.account).role(&session.role) else {
                    return unknown();
                };
                let session = Session {
                    account: id(session.account),
                    role: &role.identity,
                    name: &session.name,
                    key,
                    since: self.start + session.at,
                    mfa: session.mfa,
                    source_identity: session.source_identity.as_deref(),
                    of_instance: matches!(&session.by, By::Service(host) if host == "ec2.amazonaws.com"),
                };
                (Who::session(&session), self.account_of(session.account))
            }
        }
    }

    fn account_of(&self, id: &str) -> usize {
        self.accounts.iter().position(|known| known == id).unwrap_or(0)
    }

    /// A request id: derived, as everything that the file does not say.
    pub fn request_id(&self, number: u32) -> String {
        seed::uuid(seed::digest(self.seed, &["request", &number.to_string()]))
    }

    fn add(&self, places: &mut Places, number: u32, told: &scenario::Event, who: Who) {
        let resources = match told.resources.as_slice() {
            [] => body::resources(&told.source, &told.request, &told.response),
            written => written.to_vec(),
        };
        let mut event = Event {
            at: self.start + told.at,
            number,
            name: told.name.as_str().into(),
            source: told.source.as_str().into(),
            username: who.username,
            key: who.key,
            read_only: told.read_only,
            resources: resources.into(),
            origin: Origin::Drawn(0),
        };
        let account = &self.accounts[told.account];
        let denied = told.error.as_ref().map(|(code, message)| {
            let (_, usual) = body::denial(&told.source, &told.name, &who.body);
            let encoded = self.encoded(told, &who.body);
            (code.clone(), message.clone().unwrap_or(usual) + &encoded)
        });
        let mut members = body::frame(&event, told.region.as_str(), who.body);
        members.insert("sourceIPAddress".into(), told.ip.as_str().into());
        members.insert("userAgent".into(), told.agent.as_str().into());
        if let Some((code, message)) = denied {
            members.insert("errorCode".into(), code.into());
            members.insert("errorMessage".into(), message.into());
        }
        members.insert("requestParameters".into(), told.request.clone());
        members.insert("responseElements".into(), told.response.clone());
        members.insert("requestID".into(), self.request_id(number).into());
        members.insert("eventID".into(), Value::Null);
        body::close(&mut members, &event, body::kind(&told.source, &told.name), account);
        let mut value = Value::Object(members);
        merge(&mut value, told.body.clone());
        // LookupEvents knows no data events.
        if value["managementEvent"] == false {
            return;
        }
        event.origin = Origin::Told(Box::new(value));
        places.entry((told.account, told.region.as_str().to_owned())).or_default().push(event);
    }

    /// What is appended to a refusal that has an encoded message: what the file says of the
    /// decision, and what follows from the event (STS: DecodeAuthorizationMessage).
    fn encoded(&self, told: &scenario::Event, who: &Value) -> String {
        if told.authorization.is_null() {
            return String::new();
        }
        let service = told.source.trim_end_matches(".amazonaws.com");
        let mut message = json!({
            "allowed": false,
            "explicitDeny": false,
            "matchedStatements": {"items": []},
            "failures": {"items": []},
            "context": {
                "principal": {"id": who["principalId"], "arn": who["arn"]},
                "action": format!("{service}:{}", told.name),
                "resource": "*",
                "conditions": {"items": [
                    {"key": "aws:Region", "values": {"items": [{"value": told.region.as_str()}]}},
                ]},
            },
        });
        merge(&mut message, told.authorization.clone());
        let message = encode(self.seed, &message.to_string());
        format!(" Encoded authorization failure message: {message}")
    }

    /// The call that gave the session out, as the caller's account has it and, where that is
    /// another one, as the role's account has it too.
    fn add_session(&self, places: &mut Places, number: u32, session: &scenario::Session) {
        let Some(role) = self.iam.home(session.account).role(&session.role) else { return };
        let (who, caller) = self.who(session.account, &session.by, session.at);
        let mut told = self.assumed(session, &role.identity, caller);
        if caller == session.account {
            self.add(places, number, &told, who);
            return;
        }
        let shared = seed::digest(self.seed, &["shared", &number.to_string()]);
        merge(&mut told.body, json!({"sharedEventID": seed::uuid(shared)}));
        let principal = who.body["principalId"].as_str().unwrap_or_default();
        let foreign = Who::foreign(&self.accounts[caller], principal);
        self.add(places, number, &scenario::Event { account: caller, ..told.clone() }, who);
        self.add(
            places,
            number + 1,
            &scenario::Event { account: session.account, ..told },
            foreign,
        );
    }

    fn assumed(
        &self,
        session: &scenario::Session,
        role: &Identity,
        caller: usize,
    ) -> scenario::Event {
        let account = &self.accounts[session.account];
        let mut request = json!({
            "roleArn": role.arn,
            "roleSessionName": session.name,
            "durationSeconds": session.seconds,
        });
        let mut response = json!({
            "credentials": {
                "accessKeyId": session.key,
                "sessionToken": decoy_token(self.seed, &session.key),
                "expiration": body::spoken(self.start + session.at + session.seconds * 1000),
            },
            "assumedRoleUser": {
                "assumedRoleId": format!("{}:{}", role.id, session.name),
                "arn": session_arn(account, role, &session.name),
            },
        });
        if let Some(source) = &session.source_identity {
            request["sourceIdentity"] = source.as_str().into();
            response["sourceIdentity"] = source.as_str().into();
        }
        let resource = json!([{"accountId": account, "type": "AWS::IAM::Role", "ARN": role.arn}]);
        scenario::Event {
            at: session.at,
            account: caller,
            region: session.region.clone(),
            by: session.by.clone(),
            name: "AssumeRole".into(),
            source: "sts.amazonaws.com".into(),
            ip: session.ip.clone(),
            agent: session.agent.clone(),
            error: None,
            authorization: Value::Null,
            read_only: true,
            request,
            response,
            resources: Vec::new(),
            body: json!({"resources": resource}),
        }
    }

    /// The account of the session with this key, by its id.
    pub fn account_of_key(&self, key: &str) -> Option<&str> {
        let session = self.sessions.iter().find(|s| s.key == key)?;
        self.accounts.get(session.account).map(String::as_str)
    }

    /// The Region in which a service's call in `region` is recorded.
    pub fn region<'r>(&self, source: &str, region: &'r str) -> &'r str {
        recorded_in(source, region)
    }
}

/// CloudTrail logs a session's token whole. Anybody sees that this one is none.
pub fn decoy_token(seed: u64, key: &str) -> String {
    let digits = [1, 2, 3].map(|n| seed::id32(seed, &["token", key, &n.to_string()]));
    format!("IQoJb3JpZ2luX2VjE{}EXAMPLE", digits.concat())
}
