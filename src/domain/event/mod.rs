//! A CloudTrail event as halon knows it, whoever wrapped it.
//!
//! CloudTrail user guide, "CloudTrail record contents". Everything in an event but the
//! names of its fields may have been chosen by an attacker: the user agent is on every call.

mod by;
mod container;
mod identity;
mod members;
mod own;
mod read;
mod redact;
mod refusal;
mod risk;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, ser::SerializeStruct};

use super::{AccountId, Untrusted};

pub use by::{Attribute, By, Lookup, Question, Scope, Window, full_source};
pub use container::{Contents, MAX_BYTES, Unread, read_events};
pub use identity::{Issuer, UserIdentity, assumed_role};
pub use members::{MAX_DEPTH, Members, is_too_deep, members};
pub use own::{Network, is_own};
pub use redact::{Original, redacted};
pub use refusal::{Refusal, encoded};
pub use risk::{Risk, RiskKind, risk};

/// One event. Absent values are absent: nothing is made up.
#[derive(Clone, PartialEq)]
pub struct Event {
    /// `eventID`; where the event has none, `sha256:` and the hash of its text.
    pub id: Untrusted,
    /// `eventTime`, to the second.
    pub time: Option<Timestamp>,
    /// Whose trail it is in: `recipientAccountId`, else the account of the identity.
    pub account: Option<AccountId>,
    /// `awsRegion`. Not checked: it may name a region that nobody knows.
    pub region: Option<Untrusted>,
    /// `eventName`.
    pub name: Untrusted,
    /// `eventSource`, such as `iam.amazonaws.com`.
    pub source: Untrusted,
    pub identity: UserIdentity,
    /// What LookupEvents calls `Username`: the user, or the name of the role's session.
    pub username: Option<Untrusted>,
    /// `sourceIPAddress`: an address, a host name of a service, `AWS Internal`.
    pub source_ip: Option<Untrusted>,
    pub user_agent: Option<Untrusted>,
    /// `errorCode`. Absent where the call went through; a failed sign-in has none either: see
    /// [`Event::result`].
    pub error_code: Option<Untrusted>,
    pub error_message: Option<Untrusted>,
    /// What the console answered to a sign-in that failed: it gives no error code.
    pub(super) sign_in_failure: Option<Untrusted>,
    pub read_only: Option<bool>,
    /// `eventCategory`: `Management`, `Data`, `Insight`, `NetworkActivity`.
    pub category: Option<Untrusted>,
    pub resources: Vec<Resource>,
    /// Credentials that this call gave out.
    pub issued: Option<Issued>,
    /// The event's JSON as it came, but for secrets: see [`redacted`].
    pub raw: Box<str>,
    /// What the JSON was before secrets were taken out of it.
    pub original: Original,
    /// What LookupEvents said about the event beside it.
    pub outer: Option<Box<Outer>>,
    /// The JSON could be read.
    whole: bool,
}

/// Something that a call was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// An ARN or a name.
    pub name: Untrusted,
    /// Such as `AWS::IAM::Role`.
    pub kind: Option<Untrusted>,
}

/// Credentials that a call gave out: AssumeRole and its kin, GetSessionToken,
/// GetFederationToken, CreateAccessKey. No secrets: those are not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    pub access_key: Untrusted,
    pub expires: Option<Timestamp>,
    /// `arn:aws:sts::111122223333:assumed-role/ROLE/SESSION`, where a role was assumed.
    pub assumed_role: Option<Untrusted>,
    /// `AROA…:SESSION`.
    pub assumed_role_id: Option<Untrusted>,
    pub source_identity: Option<Untrusted>,
}

/// The fields that LookupEvents puts beside the event. They outlive an event that cannot
/// be parsed, and name resources that the event itself does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outer {
    pub id: Option<Untrusted>,
    pub name: Option<Untrusted>,
    pub source: Option<Untrusted>,
    pub time: Option<Timestamp>,
    pub username: Option<Untrusted>,
    pub access_key: Option<Untrusted>,
    pub read_only: Option<bool>,
    pub resources: Vec<Resource>,
}

impl Event {
    /// The caller's access key. Root's sign-in has an empty one, which is none.
    pub fn access_key(&self) -> Option<&Untrusted> {
        let outer = self.outer.as_ref().and_then(|o| o.access_key.as_ref());
        self.identity.access_key.as_ref().or(outer)
    }

    /// Whether the event itself could be read, and not only what stood beside it.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The call was refused, or failed.
    pub fn failed(&self) -> bool {
        self.result().is_some()
    }

    /// How the call failed: the error code, or `Failure` of a console sign-in, which has
    /// none. Absent where it went through.
    pub fn result(&self) -> Option<&Untrusted> {
        self.error_code.as_ref().or(self.sign_in_failure.as_ref())
    }

    /// The call was refused for want of permission. Services word it differently
    /// (IAM: `AccessDenied`, EC2: `Client.UnauthorizedOperation`, VPC endpoints).
    pub fn denied(&self) -> bool {
        let code = self.error_code.as_ref().map(Untrusted::raw).unwrap_or_default();
        let code = code.strip_prefix("Client.").unwrap_or(code);
        code.starts_with("AccessDenied")
            || ["UnauthorizedOperation", "UnauthorizedAccess", "VpceAccessDenied", "Forbidden"]
                .contains(&code)
    }

    /// `requestID`, which the service gave the caller too: what a log of one's own calls is
    /// compared by. Read from the event each time.
    pub fn request_id(&self) -> Option<Untrusted> {
        members(&self.raw).ok()?.text("requestID").map(Untrusted::from)
    }

    pub fn by_root(&self) -> bool {
        self.identity.kind.as_ref().is_some_and(|k| k.raw() == "Root")
    }

    /// `iam` of `iam.amazonaws.com`.
    pub fn service(&self) -> &str {
        let source = self.source.raw();
        source.strip_suffix(".amazonaws.com").unwrap_or(source)
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id)
            .field("time", &self.time)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The shape of an event in halon's JSON answers (`halon.events/1`). `raw` is the event's
/// JSON, or a string where it cannot be read as JSON.
impl Serialize for Event {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut s = serializer.serialize_struct("Event", 11)?;
        s.serialize_field("event_id", &self.id)?;
        s.serialize_field("time", &self.time)?;
        s.serialize_field("account", &self.account)?;
        s.serialize_field("region", &self.region)?;
        s.serialize_field("name", &self.name)?;
        s.serialize_field("source", &self.source)?;
        s.serialize_field("principal", &self.identity.principal())?;
        s.serialize_field("access_key_id", &self.access_key())?;
        s.serialize_field("source_ip", &self.source_ip)?;
        s.serialize_field("error_code", &self.error_code)?;
        match serde_json::from_str::<serde_json::Value>(&self.raw) {
            Ok(value) => s.serialize_field("raw", &value)?,
            Err(_) => s.serialize_field("raw", &self.raw)?,
        }
        s.end()
    }
}
