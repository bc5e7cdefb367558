//! From an event's JSON to [`Event`].

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::{
    Event, Issued, Outer, Resource, UserIdentity,
    by::whole,
    members::{MAX_DEPTH, Members, is_too_deep, members},
    redact::{Original, redacted},
};
use crate::domain::{Untrusted, time};

impl Event {
    /// Reads one event. `raw` is its JSON as it came; `outer` what LookupEvents said beside
    /// it. An event that cannot be parsed is made of `outer` alone.
    ///
    /// Fails where there is no event: not JSON, and nothing beside it; or neither name nor
    /// source.
    pub fn read(raw: &str, outer: Option<Outer>) -> Result<Event, String> {
        let (kept, original) = redacted(raw);
        Self::kept(kept, original, outer)
    }

    /// Reads an event again from what [`Event::read`] made of it: its `raw`, `original` and
    /// `outer`. Gives the same event.
    pub fn kept(raw: String, original: Original, outer: Option<Outer>) -> Result<Event, String> {
        let object = match document(&raw) {
            Ok(object) => Some(object),
            Err(_) if outer.is_some() => None,
            Err(why) => return Err(why),
        };
        let mut event = Event {
            id: Untrusted::default(),
            time: None,
            account: None,
            region: None,
            name: Untrusted::default(),
            source: Untrusted::default(),
            identity: UserIdentity::default(),
            username: None,
            source_ip: None,
            user_agent: None,
            error_code: None,
            error_message: None,
            sign_in_failure: None,
            read_only: None,
            category: None,
            resources: Vec::new(),
            issued: None,
            raw: Box::default(),
            original,
            outer: None,
            whole: object.is_some(),
        };
        if let Some(object) = &object {
            event.fill(object);
        }
        if let Some(outer) = outer {
            event.lay_over(outer);
        }
        if event.name.is_empty() && event.source.is_empty() {
            return Err("it has neither eventName nor eventSource".to_owned());
        }
        if event.id.is_empty() {
            event.id = event.made_up_id().into();
        }
        event.raw = raw.into();
        Ok(event)
    }

    /// An id for an event that has none: the same event has the same one every time.
    fn made_up_id(&self) -> String {
        let hash = &self.original.sha256;
        let beside = self.outer.as_ref().filter(|_| self.original.bytes == 0);
        match beside.and_then(|outer| serde_json::to_string(outer).ok()) {
            Some(outer) => format!("sha256:{:x}", Sha256::digest(outer)),
            None => format!("sha256:{hash}"),
        }
    }

    fn fill(&mut self, object: &Members<'_>) {
        let text = |key| object.text(key).map(Untrusted::from);
        self.id = text("eventID").unwrap_or_default();
        self.time = object.text("eventTime").and_then(|t| time::parse_foreign(&t)).map(whole);
        self.region = text("awsRegion");
        self.name = text("eventName").unwrap_or_default();
        self.source = text("eventSource").unwrap_or_default();
        self.identity =
            object.object("userIdentity").map(|i| UserIdentity::read(&i)).unwrap_or_default();
        // It stands beside the identity, in most events.
        let from_console = object.flag("sessionCredentialFromConsole").unwrap_or(false);
        self.identity.from_console |= from_console;
        self.account = object.text("recipientAccountId").and_then(|a| a.parse().ok());
        self.account = self.account.take().or_else(|| self.identity.account.clone());
        self.username = self.derived_username();
        self.source_ip = text("sourceIPAddress");
        self.user_agent = text("userAgent");
        self.error_code = text("errorCode");
        self.error_message = text("errorMessage");
        self.sign_in_failure = sign_in_failure(object);
        self.read_only = object.flag("readOnly");
        self.category = text("eventCategory");
        self.resources = object.items("resources").into_iter().filter_map(resource).collect();
        self.issued = issued(object);
    }

    /// What CloudTrail's own event history shows as the user name.
    fn derived_username(&self) -> Option<Untrusted> {
        if self.by_root() {
            return Some("root".into());
        }
        let identity = &self.identity;
        identity.session().or_else(|| identity.user_name.clone())
    }

    fn lay_over(&mut self, outer: Outer) {
        let or = |mine: &mut Untrusted, theirs: &Option<Untrusted>| {
            if mine.is_empty() {
                *mine = theirs.clone().unwrap_or_default();
            }
        };
        or(&mut self.id, &outer.id);
        or(&mut self.name, &outer.name);
        or(&mut self.source, &outer.source);
        self.time = self.time.or(outer.time.map(whole));
        self.read_only = self.read_only.or(outer.read_only);
        // What it was looked up by.
        self.username = outer.username.clone().or_else(|| self.username.take());
        let mut known: HashSet<_> = self.resources.iter().map(|r| r.name.clone()).collect();
        let more = outer.resources.iter().filter(|r| known.insert(r.name.clone()));
        self.resources.extend(more.cloned());
        self.outer = Some(Box::new(outer));
    }
}

/// An event's own members.
fn document(raw: &str) -> Result<Members<'_>, String> {
    let object = members(raw).map_err(|e| format!("not a JSON object: {e}"))?;
    match is_too_deep(raw) {
        true => Err(format!("nested more than {MAX_DEPTH} deep")),
        false => Ok(object),
    }
}

fn resource(raw: &serde_json::value::RawValue) -> Option<Resource> {
    let object = members(raw.get()).ok()?;
    let name = object.text("ARN").or_else(|| object.text("resourceName"))?;
    let kind = object.text("type").or_else(|| object.text("resourceType"));
    Some(Resource { name: name.into(), kind: kind.map(Untrusted::from) })
}

/// What the console answered to a sign-in, where that is not `Success`. CloudTrail user
/// guide, "AWS Management Console sign-in events": no error code comes with it.
fn sign_in_failure(object: &Members<'_>) -> Option<Untrusted> {
    let response = object.object("responseElements")?;
    let answer = ["ConsoleLogin", "SwitchRole", "CheckMfa", "ExitRole", "RenewRole"]
        .into_iter()
        .filter(|name| object.text("eventName").is_some_and(|n| n == *name))
        .find_map(|name| response.text(name))?;
    answer.eq_ignore_ascii_case("Failure").then(|| answer.into())
}

/// The credentials in `responseElements`.
fn issued(object: &Members<'_>) -> Option<Issued> {
    let response = object.object("responseElements")?;
    let made = response.object("accessKey");
    let credentials = response.object("credentials").or(made)?;
    let assumed = response.object("assumedRoleUser");
    let of_role = |key| assumed.as_ref().and_then(|a| a.text(key)).map(Untrusted::from);
    let expires = credentials.text("expiration");
    Some(Issued {
        access_key: credentials.text("accessKeyId")?.into(),
        // CloudTrail writes `Jul 10, 2023 12:43:59 PM`.
        expires: expires.and_then(|t| time::parse_foreign(&t).or_else(|| spelled(&t))),
        assumed_role: of_role("arn"),
        assumed_role_id: of_role("assumedRoleId"),
        source_identity: response.text("sourceIdentity").map(Untrusted::from),
    })
}

/// A time as Java spells it: `Jul 10, 2023, 12:43:59 PM`, in UTC.
fn spelled(text: &str) -> Option<jiff::Timestamp> {
    // Newer ones have a narrow no-break space before the half of the day.
    let text = text.replace('\u{202f}', " ").replace(',', "");
    let civil = jiff::civil::DateTime::strptime("%b %d %Y %I:%M:%S %p", &text).ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::event::By;

    fn read(value: serde_json::Value) -> Event {
        Event::read(&value.to_string(), None).expect("an event")
    }

    #[test]
    fn what_is_missing_or_of_another_type_is_absent() {
        let event =
            read(json!({"eventName": "N", "eventSource": "s3.amazonaws.com", "eventTime": "soon",
            "readOnly": "true", "resources": null, "responseElements": "text", "userIdentity": null,
            "requestParameters": [], "errorCode": ""}));
        assert_eq!((event.time, event.account.clone(), event.read_only), (None, None, Some(true)));
        assert!(event.id.raw().starts_with("sha256:") && !event.failed() && event.issued.is_none());
        assert_eq!(event.id, read(serde_json::from_str(&event.raw).expect("JSON")).id);
        for bad in ["", "[]", "{}", "null", r#"{"eventName": {}}"#] {
            assert!(Event::read(bad, None).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_in_several_formats_are_whole_seconds() {
        for time in [
            "2026-03-02T03:00:00Z",
            "2026-03-02T03:00:00.9Z",
            "2026-03-02T04:00:00+01:00",
            "1772420400.25",
        ] {
            let event = read(json!({"eventName": "N", "eventTime": time}));
            assert_eq!(
                event.time.map(|t| t.to_string()).as_deref(),
                Some("2026-03-02T03:00:00Z"),
                "{time}"
            );
        }
    }

    #[test]
    fn credentials_given_out_are_known_without_their_secrets() {
        let event = read(json!({"eventName": "AssumeRole", "responseElements": {
            "credentials": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE", "sessionToken": "a token", "expiration": "Jul 10, 2023, 12:43:59\u{202f}PM"},
            "assumedRoleUser": {"arn": "arn:aws:sts::111122223333:assumed-role/r/s", "assumedRoleId": "AROA:s"}}}));
        let issued = event.issued.expect("credentials");
        assert_eq!(issued.access_key.raw(), "ASIAIOSFODNN7EXAMPLE");
        assert_eq!(issued.expires.map(|t| t.to_string()).as_deref(), Some("2023-07-10T12:43:59Z"));
        assert!(!event.raw.contains("a token") && event.original.redacted == 1);
    }

    #[test]
    fn a_sign_in_that_failed_says_so_without_an_error_code() {
        for name in ["ConsoleLogin", "SwitchRole", "CheckMfa"] {
            let of = |answer: &str| {
                read(json!({"eventName": name, "eventSource": "signin.amazonaws.com",
                    "errorMessage": "Failed authentication", "responseElements": {name: answer}}))
            };
            let failed = of("Failure");
            assert!(failed.failed() && failed.error_code.is_none() && !failed.denied());
            assert_eq!(failed.result().map(Untrusted::raw), Some("Failure"));
            assert!(!of("Success").failed() && of("Success").result().is_none());
            let json = serde_json::to_value(&failed).expect("JSON");
            assert_eq!(json["error_code"], json!(null), "what AWS said");
        }
        let denied = read(json!({"eventName": "N", "errorCode": "AccessDenied"}));
        assert_eq!(denied.result(), denied.error_code.as_ref());
    }

    #[test]
    fn many_resources_beside_many_are_laid_over_in_no_time() {
        let named = |n: usize| format!("arn:aws:s3:::bucket-{n}");
        let resources: Vec<_> = (0..50_000).map(|n| json!({"ARN": named(n)})).collect();
        let resource = |n| Resource { name: named(n).into(), kind: None };
        let outer = Outer {
            resources: (49_999..100_000).chain(49_999..50_001).map(resource).collect(),
            ..Outer::default()
        };
        let raw = json!({"eventName": "N", "resources": resources}).to_string();
        let event = Event::read(&raw, Some(outer)).expect("an event");
        assert_eq!(event.resources.len(), 100_000);
    }

    #[test]
    fn what_stands_beside_fills_what_is_missing() {
        let outer = |id: &str| Outer {
            id: Some(id.into()),
            name: Some("N".into()),
            username: Some("shown".into()),
            access_key: Some("AKIAIOSFODNN7EXAMPLE".into()),
            ..Outer::default()
        };
        let event = Event::read("{\"eventID\":\"cut", Some(outer("e"))).expect("an event");
        assert!(!event.is_whole() && event.id.raw() == "e");
        assert!(
            By::User("shown".into()).matches(&event)
                && By::Key("AKIAIOSFODNN7EXAMPLE".into()).matches(&event)
        );
        let whole = Event::read(
            r#"{"eventName":"Mine","userIdentity":{"userName":"u"}}"#,
            Some(outer("e")),
        )
        .expect("an event");
        assert!(whole.is_whole() && whole.name.raw() == "Mine");
        assert!(By::User("u".into()).matches(&whole) && By::User("shown".into()).matches(&whole));
        // Two that have neither text nor id are not one.
        let bare = |name: &str| {
            Event::read("", Some(Outer { name: Some(name.into()), ..Outer::default() }))
                .expect("one")
                .id
        };
        assert!(bare("A") != bare("B") && bare("A") == bare("A"));
    }
}
