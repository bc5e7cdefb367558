//! A request as policies see it: who, what, on which resource, under which conditions.

use std::{borrow::Cow, cmp::Ordering};

/// What is known of a context key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known<T> {
    Value(T),
    /// The request has no such key.
    Absent,
    /// The request may have it, with whatever value.
    Unknown,
}

type Values = Box<[Box<str>]>;

/// The context keys of a request (IAM user guide, "AWS global condition context keys").
/// Their names have no case.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// By name in lower case, in [`order`]; `None` is known to be absent.
    keys: Vec<(Box<str>, Option<Values>)>,
    /// A key that is not here is absent; else nothing is known of it.
    pub complete: bool,
}

impl Context {
    /// A context that names every key which the request has.
    pub fn complete() -> Self {
        Context { complete: true, ..Context::default() }
    }

    /// What is known of every request that somebody makes directly and over TLS, as each of
    /// halon's is: the rest may be there or not.
    pub fn of_direct_call() -> Self {
        let mut context = Context::default();
        context.set_one("aws:SecureTransport", "true");
        context.set_one("aws:ViaAWSService", "false");
        // What only requests of services, or sessions of another kind, have.
        for key in [
            "aws:CalledVia",
            "aws:CalledViaFirst",
            "aws:CalledViaLast",
            "aws:SourceAccount",
            "aws:SourceArn",
            "aws:SourceOrgID",
            "aws:SourceOrgPaths",
            "aws:PrincipalServiceName",
            "aws:PrincipalServiceNamesList",
            "aws:AssumedRoot",
        ] {
            context.set(key, None);
        }
        context
    }

    /// Puts a key's values in place of earlier ones; `None` says that it is absent.
    pub fn set(&mut self, key: &str, values: Option<Vec<String>>) {
        let key = key.to_ascii_lowercase();
        let values = values.map(|v| v.into_iter().map(String::into_boxed_str).collect());
        match self.keys.binary_search_by(|(known, _)| order(known, &key)) {
            Ok(at) => self.keys[at].1 = values,
            Err(at) => self.keys.insert(at, (key.into(), values)),
        }
    }

    /// A key's values as they stand in JSON: one or a list of texts, numbers and truth
    /// values; `null` says that the key is absent.
    pub fn values(value: &serde_json::Value) -> Result<Option<Vec<String>>, String> {
        use serde_json::Value;
        let one = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
            _ => Err("a value is a text, a number, true or false".to_owned()),
        };
        Ok(match value {
            Value::Null => None,
            Value::Array(list) => Some(list.iter().map(one).collect::<Result<_, _>>()?),
            single => Some(vec![one(single)?]),
        })
    }

    pub fn set_one(&mut self, key: &str, value: impl Into<String>) {
        self.set(key, Some(vec![value.into()]));
    }

    fn set_default(&mut self, key: &str, value: Option<Cow<'_, str>>) {
        if !self.has(key) {
            self.set(key, value.map(|v| vec![v.into_owned()]));
        }
    }

    /// Whether anything is said of the key; it is in lower case.
    fn has(&self, key: &str) -> bool {
        self.keys.binary_search_by(|(known, _)| order(known, key)).is_ok()
    }

    /// What is known of a key, which is in lower case.
    pub fn value(&self, key: &str) -> Known<&[Box<str>]> {
        match self.keys.binary_search_by(|(known, _)| order(known, key)) {
            Ok(at) => match &self.keys[at].1 {
                Some(values) => Known::Value(values),
                None => Known::Absent,
            },
            Err(_) if self.complete => Known::Absent,
            Err(_) => Known::Unknown,
        }
    }
}

/// Shorter ones first: most keys begin alike, and few are of the same length.
fn order(one: &str, other: &str) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// What kind of principal asks (IAM user guide, "aws:PrincipalType").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallerKind {
    User,
    /// A role's session, or the role itself where no session is known.
    Role,
    /// `arn:aws:sts::ACCOUNT:federated-user/NAME`
    FederatedUser,
    /// The account's root user.
    Root,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Caller {
    /// As `GetCallerIdentity` gives it: a user's, a role session's, … A role's own ARN
    /// stands for any session of it.
    pub arn: String,
    /// Twelve digits.
    pub account: String,
    /// The role's ARN with its path, where the caller is a session of it.
    pub role: Option<String>,
    /// All tags of the principal and its session; `None` where they are not known.
    pub tags: Option<Vec<(String, String)>>,
    /// `AIDA…`, or `AROA…:session`: what `aws:userid` is.
    pub userid: Option<String>,
    pub kind: CallerKind,
}

impl Caller {
    /// Reads an ARN; `None` where it names no user, role, session or root.
    pub fn new(arn: &str) -> Option<Caller> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, partition, service, _, account, resource] = parts[..] else { return None };
        let mut role = None;
        let (kind, name) = match (service, resource.split_once('/')) {
            ("iam", None) if resource == "root" => (CallerKind::Root, "root"),
            ("iam", Some(("user", name))) => (CallerKind::User, name),
            ("iam", Some(("role", name))) => {
                role = Some(arn.to_owned());
                (CallerKind::Role, name)
            }
            ("sts", Some(("assumed-role", session))) => {
                let (name, session) = session.split_once('/')?;
                // The path of the role is not in a session's ARN.
                role = Some(format!("arn:{partition}:iam::{account}:role/{name}"));
                (CallerKind::Role, session)
            }
            ("sts", Some(("federated-user", name))) => (CallerKind::FederatedUser, name),
            _ => return None,
        };
        let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        if !parts[0].eq("arn") || name.is_empty() || !digits {
            return None;
        }
        Some(Caller {
            arn: arn.to_owned(),
            account: account.to_owned(),
            role,
            tags: None,
            userid: None,
            kind,
        })
    }

    /// Made by an AWS service for itself: service control policies do not bind it
    /// (Organizations user guide, "Tasks and entities not restricted by SCPs").
    pub fn is_service_linked(&self) -> bool {
        self.role.as_ref().is_some_and(|role| role.contains(":role/aws-service-role/"))
    }

    /// A session of a role, not just the role.
    pub fn is_session(&self) -> bool {
        self.arn.contains(":assumed-role/")
    }

    /// `aws:PrincipalArn`: the role's for a session, else its own.
    pub fn principal_arn(&self) -> &str {
        self.role.as_deref().unwrap_or(&self.arn)
    }

    /// The last part of the name.
    fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }
}

/// What is acted upon.
#[derive(Clone, Debug)]
pub struct Resource {
    /// `*` for an action that takes no resource.
    pub arn: String,
    /// The account that owns it; `None` where it is the caller's own or nobody's.
    pub account: Option<String>,
}

/// A request, with the keys that follow from caller and resource.
#[derive(Clone, Debug)]
pub struct Request {
    pub caller: Caller,
    /// `service:Action` as it was given.
    pub action: String,
    /// In lower case, for comparing.
    pub(super) folded: String,
    pub resource: Resource,
    pub(super) context: Context,
    /// The resource's ARN is open: its stars stand for anything.
    pub(super) on_any: bool,
}

impl Request {
    pub fn new(caller: Caller, action: &str, resource: Resource, mut context: Context) -> Self {
        derive(&caller, &resource, &mut context);
        Request {
            folded: action.to_ascii_lowercase(),
            action: action.to_owned(),
            caller,
            resource,
            context,
            on_any: false,
        }
    }

    /// The same request, about any resource that its ARN describes: see `open.rs`.
    pub fn on_any(self) -> Self {
        Request { on_any: self.resource.arn.contains(':'), ..self }
    }

    /// The same request for another action.
    pub fn with_action(&self, action: &str) -> Self {
        let folded = action.to_ascii_lowercase();
        Request { action: action.to_owned(), folded, ..self.clone() }
    }

    /// The same request with one more key known.
    pub fn with_value(&self, key: &str, value: &str) -> Self {
        self.assuming(key, Some(value))
    }

    /// What is known of a context key, which is in lower case.
    pub fn value(&self, key: &str) -> Known<&[Box<str>]> {
        match self.context.value(key) {
            Known::Unknown if key.starts_with(TAG) && self.caller.tags.is_some() => Known::Absent,
            known => known,
        }
    }

    /// The service's prefix, in lower case.
    pub fn service(&self) -> &str {
        self.folded.split(':').next().unwrap_or_default()
    }

    /// The account that owns the resource: the one given, else its ARN's, else the caller's.
    pub fn resource_account(&self) -> &str {
        owner(&self.caller, &self.resource)
    }

    pub fn is_cross_account(&self) -> bool {
        self.resource_account() != self.caller.account
    }

    /// A role's trust policy and a key's policy must allow even within the account (IAM user
    /// guide, "Policy evaluation logic"; KMS developer guide, "Key policies").
    pub(super) fn needs_resource_policy(&self) -> bool {
        match self.folded.split_once(':') {
            Some(("kms", _)) => self.resource.arn.contains(":key/"),
            Some(("sts", name)) => {
                let assumes = name.starts_with("assumerole")
                    || name == "tagsession"
                    || name == "setsourceidentity";
                assumes && self.resource.arn.contains(":role/")
            }
            _ => false,
        }
    }

    /// The same request with one more key known.
    pub(super) fn assuming(&self, key: &str, value: Option<&str>) -> Self {
        let mut assumed = self.clone();
        assumed.context.set(key, value.map(|v| vec![v.to_owned()]));
        assumed
    }
}

const TAG: &str = "aws:principaltag/";

fn owner<'r>(caller: &'r Caller, resource: &'r Resource) -> &'r str {
    let of_arn = || {
        let account = resource.arn.split(':').nth(4)?;
        let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        digits.then_some(account)
    };
    resource.account.as_deref().or_else(of_arn).unwrap_or(&caller.account)
}

/// Fills in what follows from the caller and the resource (IAM user guide, "AWS global
/// condition context keys"), but for what the context says itself.
fn derive(caller: &Caller, resource: &Resource, context: &mut Context) {
    let kind = match caller.kind {
        CallerKind::User => "User",
        CallerKind::Role => "AssumedRole",
        CallerKind::FederatedUser => "FederatedUser",
        CallerKind::Root => "Account",
    };
    context.set_default("aws:principaltype", Some(kind.into()));
    context.set_default("aws:principalarn", Some(caller.principal_arn().into()));
    context.set_default("aws:principalaccount", Some(caller.account.as_str().into()));
    // "This key is … true if the call … is being made by an AWS service principal."
    context.set_default("aws:principalisawsservice", Some("false".into()));
    let username = (caller.kind == CallerKind::User).then(|| caller.name().into());
    context.set_default("aws:username", username);
    let userid = match (caller.kind, &caller.userid) {
        (_, Some(id)) => Some(Cow::from(id.as_str())),
        (CallerKind::Root, None) => Some(Cow::from(caller.account.as_str())),
        (CallerKind::FederatedUser, None) => {
            Some(Cow::from(format!("{}:{}", caller.account, caller.name())))
        }
        // It holds the unique id, which the ARN does not.
        _ => None,
    };
    if userid.is_some() {
        context.set_default("aws:userid", userid);
    }
    context.set_default("aws:resourceaccount", Some(owner(caller, resource).into()));
    for (key, value) in caller.tags.iter().flatten() {
        let key = format!("{TAG}{}", key.to_ascii_lowercase());
        context.set_default(&key, Some(value.as_str().into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(arn: &str, tags: Option<Vec<(String, String)>>, context: Context) -> Request {
        let caller = Caller { tags, ..Caller::new(arn).expect("a caller") };
        let resource = Resource { arn: "arn:aws:s3:::b/k".into(), account: None };
        Request::new(caller, "s3:GetObject", resource, context)
    }

    fn one<'r>(request: &'r Request, key: &str) -> Option<&'r str> {
        match request.value(key) {
            Known::Value([value]) => Some(value),
            _ => None,
        }
    }

    #[test]
    fn keys_follow_from_the_caller() {
        let session = "arn:aws:sts::111122223333:assumed-role/Deploy/ci-7";
        let r = request(session, None, Context::default());
        assert_eq!(one(&r, "aws:principalarn"), Some("arn:aws:iam::111122223333:role/Deploy"));
        assert_eq!(one(&r, "aws:principaltype"), Some("AssumedRole"));
        assert_eq!(one(&r, "aws:resourceaccount"), Some("111122223333"));
        assert_eq!(r.value("aws:username"), Known::Absent);
        assert_eq!(r.value("aws:userid"), Known::Unknown);
        assert_eq!(r.value("aws:principaltag/team"), Known::Unknown);
        let r = request("arn:aws:iam::111122223333:user/team/ann", None, Context::default());
        assert_eq!(one(&r, "aws:username"), Some("ann"));
    }

    #[test]
    fn tags_that_are_given_are_all_tags() {
        let tags = vec![("Team".to_owned(), "red".to_owned())];
        let user = "arn:aws:iam::111122223333:user/ann";
        let r = request(user, Some(tags), Context::default());
        assert_eq!(one(&r, "aws:principaltag/team"), Some("red"));
        assert_eq!(r.value("aws:principaltag/breakglass"), Known::Absent);
        assert_eq!(r.value("aws:sourceip"), Known::Unknown);
    }

    #[test]
    fn what_the_context_says_is_not_derived() {
        let mut context = Context::complete();
        context.set("AWS:UserName", Some(vec!["other".into()]));
        context.set("aws:PrincipalArn", None);
        let r = request("arn:aws:iam::111122223333:user/ann", None, context);
        assert_eq!(one(&r, "aws:username"), Some("other"));
        assert_eq!(r.value("aws:principalarn"), Known::Absent);
        assert_eq!(r.value("aws:sourceip"), Known::Absent);
    }

    #[test]
    fn only_principals_that_can_ask_are_callers() {
        for bad in ["", "*", "arn:aws:s3:::b", "arn:aws:iam::1:user/a", "arn:aws:iam::aws:user/a"] {
            assert!(Caller::new(bad).is_none(), "{bad}");
        }
        let linked =
            "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
        assert!(Caller::new(linked).is_some_and(|c| c.is_service_linked()));
    }
}
