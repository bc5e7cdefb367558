//! What CloudTrail knows from before: `[[sessions]]` and `[[events]]`, told one by one or
//! drawn by recipe.

use serde_json::{Value, json};

use super::{
    Account, By, Event, Kind, MAX_BULK, Noise, NoiseCall, Principal, Session,
    accounts::{account, named_account},
    findings::{Offset, object, required_offset},
};
use crate::domain::{
    Region,
    document::{Placed, Table, suggest},
};

/// The deepest `depth`: what a page of 50 such events still carries.
const DEEPEST: i64 = 10_000;

/// What an event's caller may be named by.
pub struct Known<'s> {
    pub accounts: &'s [Account],
    pub aliases: &'s [String],
    pub principals: &'s [Principal],
}

/// Every session, in the file's order; one may be called by those before it.
pub fn sessions(t: &Table<'_>, known: &Known<'_>) -> Vec<Session> {
    let mut out: Vec<Session> = Vec::new();
    for s in t.tables("sessions") {
        if let Some(session) = session(&s, known, &out) {
            if known.owner(&session.key, &out).is_some() {
                s.mistake_here("an access key belongs to one user or session");
            }
            out.push(session);
        }
    }
    out
}

fn session(t: &Table<'_>, known: &Known<'_>, before: &[Session]) -> Option<Session> {
    let key = t.required("key");
    if let Some(key) = &key
        && !(is_key(key.value) && key.value.starts_with("ASIA"))
    {
        t.mistake(key, "`key` is ASIA and 12 to 124 upper-case letters and digits");
    }
    let account = account(t, known.aliases);
    let role = t.required("role");
    if let (Some(account), Some(role)) = (account, &role) {
        known.role(t, account, role, role.value);
    }
    let name = t.required("name");
    // STS: roleSessionNameType, but for its letters: hostile worlds have others.
    if let Some(name) = &name
        && !(2..=64).contains(&name.value.chars().count())
    {
        t.mistake(name, "`name` has 2 to 64 characters");
    }
    let at = required_offset(t);
    let word = t.required("by");
    let by = account
        .zip(word)
        .and_then(|(account, word)| Some(known.caller(t, &word, Some(account), before)?.0));
    let region = region_or_first(t);
    let (ip, agent) = (t.string("ip"), t.string("agent"));
    let seconds = t.integer("seconds");
    // STS: roleDurationSecondsType.
    if let Some(seconds) = &seconds
        && !(900..=43_200).contains(&seconds.value)
    {
        t.mistake(seconds, "`seconds` is 900 to 43200");
    }
    let source_identity = t.string("source_identity").map(|s| s.value.to_owned());
    let mfa = t.boolean("mfa").is_some_and(|b| b.value);
    t.finish();
    let by = by?;
    let (ip, agent) = origin(&by, ip, agent, before);
    Some(Session {
        key: key?.value.to_owned(),
        account: account?,
        role: role?.value.to_owned(),
        name: name?.value.to_owned(),
        at: at?,
        by,
        region: region?,
        ip,
        agent,
        seconds: seconds.map_or(3600, |s| s.value),
        source_identity,
        mfa,
    })
}

/// `[[events]]`: one with a `count` is a recipe.
pub fn events(t: &Table<'_>, known: &Known<'_>, sessions: &[Session]) -> (Vec<Event>, Vec<Noise>) {
    let (mut told, mut noise) = (Vec::new(), Vec::new());
    for e in t.tables("events") {
        if e.has("count") {
            noise.extend(recipe(&e, known, sessions));
        } else {
            told.extend(event(&e, known, sessions));
        }
    }
    (told, noise)
}

fn event(t: &Table<'_>, known: &Known<'_>, sessions: &[Session]) -> Option<Event> {
    let at = required_offset(t);
    let alias = t.string("account");
    let named = alias.as_ref().and_then(|alias| named_account(t, alias, known.aliases));
    let word = t.string("by");
    let identity = t.table("identity").map(|table| By::Written(table.to_json()));
    let caller = match (&word, identity) {
        (Some(word), None) => known.caller(t, word, named, sessions),
        (None, Some(by)) => Some((by, None)),
        (Some(word), Some(_)) => {
            t.mistake(word, "`by` goes without `identity`");
            None
        }
        (None, None) => {
            t.mistake_here("`by` or `identity` says who it was");
            None
        }
    };
    let owner = caller.as_ref().and_then(|(_, owner)| *owner);
    let account = named.or(owner);
    if alias.is_none() && caller.is_some() && owner.is_none() {
        t.mistake_here("`account` is missing: only a key says it by itself");
    }
    let region = region_or_first(t);
    let name = t.required("name");
    let source = t.required("source").map(|s| host(s.value));
    let (ip, agent) = (t.string("ip"), t.string("agent"));
    let error = t.string("error");
    let message = t.string("message");
    if let (Some(message), None) = (&message, &error) {
        t.mistake(message, "`message` goes with `error`");
    }
    let authorization = said(t, "authorization");
    if !authorization.is_null() && error.is_none() {
        t.mistake_here("`authorization` goes with `error`");
    }
    let read_only = t.boolean("read_only").map(|b| b.value);
    let mut request = said(t, "request");
    if let Some(depth) = t.integer("depth") {
        if (1..=DEEPEST).contains(&depth.value) {
            request = (0..depth.value).fold(request, |inner, _| json!({"a": inner}));
        } else {
            t.mistake(&depth, format!("`depth` is 1 to {DEEPEST}"));
        }
    }
    let response = said(t, "response");
    let mut resources = Vec::new();
    for r in t.tables("resources") {
        let (kind, name) = (r.required("type"), r.required("name"));
        r.finish();
        resources.extend(kind.zip(name).map(|(k, n)| (k.value.to_owned(), n.value.to_owned())));
    }
    let body = object(t, "body");
    t.finish();
    let (by, _) = caller?;
    let (ip, agent) = origin(&by, ip, agent, sessions);
    let name = name?.value.to_owned();
    Some(Event {
        at: at?,
        account: account?,
        region: region?,
        by,
        read_only: read_only.unwrap_or_else(|| reads(&name)),
        name,
        source: source?,
        ip,
        agent,
        error: error.map(|e| (e.value.to_owned(), message.map(|m| m.value.to_owned()))),
        authorization,
        request,
        response,
        resources,
        body,
    })
}

fn recipe(t: &Table<'_>, known: &Known<'_>, sessions: &[Session]) -> Option<Noise> {
    let count = t.integer("count");
    if let Some(c) = &count
        && !(1..=i64::from(MAX_BULK)).contains(&c.value)
    {
        t.mistake(c, format!("`count` is 1 to {MAX_BULK}"));
    }
    let account = account(t, known.aliases);
    let offset = |key: &'static str| {
        let text = t.string(key)?;
        t.parse::<Offset>(key, &text).map(|o| o.value.0)
    };
    let (from, to) = (offset("from"), offset("to").unwrap_or(0));
    if from.is_none() && !t.has("from") {
        t.mistake_here("`from` is missing: a time relative to the start, such as -24h");
    }
    if from.is_some_and(|from| from >= to) {
        t.mistake_here("`from` is before `to`");
    }
    let regions: Vec<Region> = t
        .strings("regions")
        .iter()
        .filter_map(|r| t.parse::<Region>("regions", r))
        .map(|r| r.value)
        .collect();
    let words = t.strings("by");
    let by: Vec<By> =
        words.iter().filter_map(|word| Some(known.caller(t, word, account, sessions)?.0)).collect();
    if words.is_empty() {
        t.mistake_here("`by` names at least one caller");
    }
    let mut calls = Vec::new();
    let table = t.table("calls");
    for (name, value) in table.iter().flat_map(Table::free_values) {
        calls.extend(noise_call(t, &name, &value));
    }
    if table.is_none() || calls.is_empty() {
        t.mistake_here("`calls` names at least one call, such as \"ec2:DescribeInstances\" = 5");
    }
    let texts = |key: &'static str, usual: &str| {
        let given: Vec<String> = t.strings(key).iter().map(|s| s.value.to_owned()).collect();
        if given.is_empty() { vec![usual.to_owned()] } else { given }
    };
    let (ips, agents) = (texts("ips", "AWS Internal"), texts("agents", "AWS Internal"));
    let refused = t.integer("refused");
    if let Some(refused) = &refused
        && !(0..=1000).contains(&refused.value)
    {
        t.mistake(refused, "`refused` is 0 to 1000: how many of a thousand are denied");
    }
    t.finish();
    (!by.is_empty() && !calls.is_empty()).then_some(())?;
    Some(Noise {
        count: u32::try_from(count?.value).ok()?,
        from: from?,
        to,
        account: account?,
        regions: if regions.is_empty() { vec![Region::us_east_1()] } else { regions },
        by,
        calls,
        ips,
        agents,
        refused: refused.map_or(0, |r| r.value.clamp(0, 1000) as u32),
    })
}

/// `"iam:ListUsers" = 5`, or a table with `weight` and `request`.
fn noise_call(t: &Table<'_>, name: &Placed<&str>, value: &Placed<Value>) -> Option<NoiseCall> {
    let Some((source, call)) =
        name.value.split_once(':').filter(|(s, c)| !s.is_empty() && !c.is_empty())
    else {
        t.mistake(name, "a call is written service:Name, such as \"ec2:DescribeInstances\"");
        return None;
    };
    let (weight, request) = match &value.value {
        Value::Object(table) => {
            let foreign = table.keys().find(|k| !["weight", "request"].contains(&k.as_str()));
            if foreign.is_some() {
                t.mistake(value, "a call has `weight` and `request`");
            }
            (table.get("weight").cloned(), table.get("request").cloned())
        }
        number => (Some(number.clone()), None),
    };
    let weight = weight.unwrap_or(json!(1)).as_u64().filter(|w| (1..=1000).contains(w));
    if weight.is_none() {
        t.mistake(value, "a weight is 1 to 1000");
    }
    Some(NoiseCall {
        name: call.to_owned(),
        source: host(source),
        weight: weight? as u32,
        read_only: reads(call),
        request: request.unwrap_or(Value::Null),
    })
}

impl Known<'_> {
    /// Whom a word names, and the account that it says by itself.
    fn caller(
        &self,
        t: &Table<'_>,
        word: &Placed<&str>,
        account: Option<usize>,
        sessions: &[Session],
    ) -> Option<(By, Option<usize>)> {
        let text = word.value;
        if text == "root" {
            return Some((By::Root, None));
        }
        if text.ends_with(".amazonaws.com") {
            return Some((By::Service(text.to_owned()), None));
        }
        if let Some(name) = text.strip_prefix("user/") {
            let users = |p: &&Principal| matches!(p.kind, Kind::User { .. });
            self.principal(t, account?, word, name, users)?;
            return Some((By::User(name.to_owned()), None));
        }
        if let Some((name, session)) = text.strip_prefix("role/").and_then(|r| r.split_once('/')) {
            self.role(t, account?, word, name)?;
            let (name, session) = (name.to_owned(), session.to_owned());
            return Some((By::Role { name, session }, None));
        }
        if let Some(owner) = self.owner(text, sessions) {
            return Some((By::Key(text.to_owned()), Some(owner)));
        }
        let keys = sessions.iter().map(|s| s.key.as_str());
        let hint = suggest(text, self.keys().map(|(key, _)| key).chain(keys));
        t.mistake(
            word,
            if is_key(text) {
                format!("no user and no session has this key{hint}")
            } else {
                "a caller is a key, user/NAME, role/NAME/SESSION, root, or a service's host \
                 such as ec2.amazonaws.com"
                    .to_owned()
            },
        );
        None
    }

    fn role(&self, t: &Table<'_>, account: usize, at: &Placed<&str>, name: &str) -> Option<()> {
        self.principal(t, account, at, name, |p| matches!(p.kind, Kind::Role { .. }))
    }

    fn principal(
        &self,
        t: &Table<'_>,
        account: usize,
        at: &Placed<&str>,
        name: &str,
        kind: impl Fn(&&Principal) -> bool,
    ) -> Option<()> {
        let names: Vec<&str> = self
            .principals
            .iter()
            .filter(kind)
            .filter(|p| p.account == account)
            .map(|p| p.name.as_str())
            .collect();
        if names.contains(&name) {
            return Some(());
        }
        let alias = &self.accounts[account].alias;
        t.mistake(at, format!("`{alias}` has no such principal{}", suggest(name, names)));
        None
    }

    fn keys(&self) -> impl Iterator<Item = (&str, usize)> {
        self.principals.iter().flat_map(|p| {
            let keys = match &p.kind {
                Kind::User { keys, .. } => keys.as_slice(),
                Kind::Role { .. } => &[],
            };
            keys.iter().map(|key| (key.id.as_str(), p.account))
        })
    }

    /// The account of the user or session with this key.
    fn owner(&self, key: &str, sessions: &[Session]) -> Option<usize> {
        let of_a_session = || sessions.iter().find(|s| s.key == key).map(|s| s.account);
        let of_a_user = self.keys().find(|(known, _)| *known == key).map(|(_, account)| account);
        of_a_user.or_else(of_a_session)
    }
}

/// `request` or `response`: absent is null, as CloudTrail has it.
fn said(t: &Table<'_>, key: &'static str) -> Value {
    t.table(key).map_or(Value::Null, |table| table.to_json())
}

/// Where a call came from and with what: what is not said is the session's, or a service's
/// own name, or that of the console.
fn origin(
    by: &By,
    ip: Option<Placed<&str>>,
    agent: Option<Placed<&str>>,
    sessions: &[Session],
) -> (String, String) {
    let usual = match by {
        By::Service(host) => (host.clone(), host.clone()),
        By::Key(key) => sessions
            .iter()
            .find(|s| s.key == *key)
            .map_or_else(internal, |s| (s.ip.clone(), s.agent.clone())),
        _ => internal(),
    };
    (
        ip.map_or(usual.0, |ip| ip.value.to_owned()),
        agent.map_or(usual.1, |agent| agent.value.to_owned()),
    )
}

fn internal() -> (String, String) {
    ("AWS Internal".to_owned(), "AWS Internal".to_owned())
}

fn region_or_first(t: &Table<'_>) -> Option<Region> {
    match t.string("region") {
        Some(text) => t.parse::<Region>("region", &text).map(|r| r.value),
        None => Some(Region::us_east_1()),
    }
}

/// `iam` is `iam.amazonaws.com`.
fn host(source: &str) -> String {
    if source.contains('.') { source.to_owned() } else { format!("{source}.amazonaws.com") }
}

fn is_key(text: &str) -> bool {
    (16..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Whether a call of this name only reads; AWS counts the assuming of a role among those.
fn reads(name: &str) -> bool {
    const READS: [&str; 9] =
        ["Get", "List", "Describe", "Lookup", "Head", "BatchGet", "Search", "Assume", "Decrypt"];
    READS.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use crate::range::Scenario;

    const HEAD: &str = r#"
schema = 1
id = "x"
title = "X"
start = "2026-03-02T03:10:00Z"
[[accounts]]
id = "111122223333"
alias = "prod"
regions = ["us-east-1"]
[[accounts]]
id = "444455556666"
alias = "dev"
regions = ["us-east-1"]
[[principals]]
account = "prod"
kind = "user"
name = "alice"
access_key = "AKIAI44ALICEEXAMPLE1"
[[principals]]
account = "dev"
kind = "role"
name = "deploy"
trust = '{"Statement":[]}'
"#;

    fn read(text: &str) -> Result<Scenario, String> {
        Scenario::read("x.toml", &(HEAD.to_owned() + text)).map_err(|broken| broken.to_string())
    }

    #[test]
    fn a_key_says_its_account_and_a_session_its_address() {
        let scenario = read(
            r#"
[[sessions]]
key = "ASIAI44DEPLOYEXAMPLE"
account = "dev"
role = "deploy"
name = "sync"
at = "-5m"
by = "AKIAI44ALICEEXAMPLE1"
ip = "203.0.113.77"
agent = "aws-cli"
[[events]]
at = "-4m"
by = "ASIAI44DEPLOYEXAMPLE"
source = "ec2"
name = "DescribeInstances"
[[events]]
at = "-3m"
account = "prod"
by = "config.amazonaws.com"
source = "sts.amazonaws.com"
name = "AssumeRole"
"#,
        )
        .unwrap_or_else(|broken| panic!("{broken}"));
        let [used, assumed] = &scenario.events[..] else { panic!("two events") };
        assert_eq!((used.account, used.ip.as_str(), used.read_only), (1, "203.0.113.77", true));
        assert_eq!(used.source, "ec2.amazonaws.com");
        assert_eq!((assumed.account, assumed.ip.as_str()), (0, "config.amazonaws.com"));
    }

    #[test]
    fn every_mistake_of_an_event_is_placed() {
        let broken = read(
            r#"
[[sessions]]
key = "AKIAI44ALICEEXAMPLE1"
account = "dev"
role = "deplyo"
name = "s"
at = "-5m"
by = "AKIAI44ALICEEXAMPLE1"
seconds = 60
[[events]]
at = "4m"
by = "AKIAI44ALICEEXAMPLE2"
source = "ec2"
name = "DescribeInstances"
colour = 1
[[events]]
at = "-4m"
by = "root"
source = "iam"
name = "ListUsers"
message = "no"
depth = 0
[[events]]
at = "-4m"
account = "prod"
source = "iam"
name = "ListUsers"
[[events]]
count = 0
account = "prod"
from = "+1h"
by = ["user/alcie", "nobody"]
refused = 1001
[events.calls]
"DescribeInstances" = 5
"ec2:DescribeVolumes" = 0
"ec2:DescribeImages" = { weigth = 1 }
[[trails]]
account = "prod"
name = "x"
home = "us-east-1"
bucket = "b"
organization = true
management = "Some"
"#,
        )
        .expect_err("broken");
        for part in [
            "`key` is ASIA",
            "`dev` has no such principal; did you mean `deploy`?",
            "`name` has 2 to 64",
            "`seconds` is 900",
            "looks like +4m",
            "no user and no session has this key; did you mean `AKIAI44ALICEEXAMPLE1`?",
            "unknown key `colour`",
            "`account` is missing: only a key",
            "`message` goes with `error`",
            "`depth` is 1 to",
            "`by` or `identity` says who",
            "`count` is 1 to",
            "`from` is before `to`",
            "`prod` has no such principal; did you mean `alice`?",
            "a caller is a key, user/NAME",
            "`refused` is 0 to 1000",
            "a call is written service:Name",
            "a weight is 1 to 1000",
            "a call has `weight` and `request`",
            "`name` is letters, digits and ._-, 3",
            "the management account's",
            "`management` is All",
        ] {
            assert!(broken.contains(part), "{part} not in\n{broken}");
        }
    }
}
