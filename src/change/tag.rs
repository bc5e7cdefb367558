//! `iam:TagRole`, `iam:TagUser` and their `Untag`: a mark that others see, and that policies
//! can ask for.

use serde_json::{Value as Json, json};

use super::{Arg, Args, Asked, Facts, Risk, Scope, Spec, ValueType, asked};
use crate::domain::{Change, Principal, State, Subject, TagState, Verb, untrusted::display_in};

/// Tags of a user or role (IAM user guide, "Tags for IAM resources").
const MOST: usize = 50;

pub const TAG_ROLE: Spec = Spec {
    name: "iam.tag_role",
    service: "IAM",
    operation: "TagRole",
    action: "iam:TagRole",
    summary: "Tag a role, as quarantined say; the value that was there comes back with the undo.",
    args: &[
        Arg::needed("role", ValueType::RoleName),
        Arg::needed("key", ValueType::Text),
        Arg::needed("value", ValueType::Text),
    ],
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: &["A tag alone stops nobody, unless a policy asks for it."],
    scope: Scope::Iam,
    subject,
    verbs: tag,
};

pub const TAG_USER: Spec = Spec {
    name: "iam.tag_user",
    operation: "TagUser",
    action: "iam:TagUser",
    summary: "Tag a user, as quarantined say; the value that was there comes back with the undo.",
    args: &[
        Arg::needed("user", ValueType::UserName),
        Arg::needed("key", ValueType::Text),
        Arg::needed("value", ValueType::Text),
    ],
    ..TAG_ROLE
};

pub const UNTAG_ROLE: Spec = Spec {
    name: "iam.untag_role",
    operation: "UntagRole",
    action: "iam:UntagRole",
    summary: "Take a tag off a role.",
    args: &[Arg::needed("role", ValueType::RoleName), Arg::needed("key", ValueType::Text)],
    verbs: untag,
    ..TAG_ROLE
};

pub const UNTAG_USER: Spec = Spec {
    name: "iam.untag_user",
    operation: "UntagUser",
    action: "iam:UntagUser",
    summary: "Take a tag off a user.",
    args: &[Arg::needed("user", ValueType::UserName), Arg::needed("key", ValueType::Text)],
    ..UNTAG_ROLE
};

fn subject(args: &Args, _: &[String]) -> Subject {
    Subject::Tags(args.principal().expect("INVARIANT: a required argument"))
}

fn tags(state: &State) -> Result<&TagState, String> {
    state.tags().ok_or_else(|| "this is no user or role".to_owned())
}

/// IAM's own rule for keys and values (IAM, tagKeyType and tagValueType; `aws:` is AWS's).
fn text(args: &Args, name: &str, longest: usize) -> Result<String, String> {
    let text = args.text(name).ok_or_else(|| format!("a {name} is needed"))?;
    let good = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    if text.chars().count() > longest || !text.chars().all(good) {
        return Err(format!(
            "a tag's {name} is at most {longest} letters, digits, blanks and _.:/=+-@"
        ));
    }
    if text.to_lowercase().starts_with("aws:") {
        return Err("tags that begin with aws: are AWS's own".to_owned());
    }
    Ok(text.to_owned())
}

/// The key as it is written where it is there already: to IAM `Team` and `team` are one (IAM
/// user guide, "Tags for IAM resources").
fn key(args: &Args, state: &TagState) -> Result<String, String> {
    let key = text(args, "key", 128)?;
    let mut keys = state.tags.iter().map(|(k, _)| k.raw());
    let there = keys.find(|k| k.to_lowercase() == key.to_lowercase());
    Ok(there.map_or(key, ToOwned::to_owned))
}

fn tag(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = tags(state)?;
    let (key, value) = (key(args, state)?, text(args, "value", 256)?);
    if state.value(&key).is_some_and(|now| now.raw() == value) {
        return Ok(Vec::new());
    }
    Ok(vec![Verb::Tag { to: state.principal.principal.clone(), key, value }])
}

fn untag(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = tags(state)?;
    let key = key(args, state)?;
    let of = state.principal.principal.clone();
    Ok(state.value(&key).map(|_| vec![Verb::Untag { of, key }]).unwrap_or_default())
}

/// Setting a tag, or taking it off.
pub struct Tagging<'v> {
    pub who: &'v Principal,
    pub key: &'v str,
    pub value: Option<&'v str>,
}

impl Tagging<'_> {
    fn now<'s>(&self, state: &'s State) -> Option<&'s str> {
        state.tags()?.value(self.key).map(|v| v.raw())
    }
}

impl Facts for Tagging<'_> {
    fn spec(&self) -> &'static Spec {
        match (self.who, self.value) {
            (Principal::Role(_), Some(_)) => &TAG_ROLE,
            (Principal::User(_), Some(_)) => &TAG_USER,
            (Principal::Role(_), None) => &UNTAG_ROLE,
            (Principal::User(_), None) => &UNTAG_USER,
        }
    }

    fn subject(&self) -> Subject {
        Subject::Tags(self.who.clone())
    }

    fn target(&self) -> String {
        self.who.name().to_owned()
    }

    fn params(&self) -> Json {
        let name = match self.who {
            Principal::User(_) => "UserName",
            Principal::Role(_) => "RoleName",
        };
        match self.value {
            Some(value) => {
                json!({name: self.who.name(), "Tags": [{"Key": self.key, "Value": value}]})
            }
            None => json!({name: self.who.name(), "TagKeys": [self.key]}),
        }
    }

    fn asks(&self, change: &Change, before: &State) -> Asked {
        let asked = asked::of(self.spec().action, change, self.who, before.principal());
        let asked = asked.with("aws:TagKeys", self.key);
        match self.value {
            Some(value) => asked.with(format!("aws:RequestTag/{}", self.key), value),
            None => asked,
        }
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Tags(state) = &mut after {
            state.tags.retain(|(key, _)| key.raw() != self.key);
            state.tags.extend(self.value.map(|value| (self.key.into(), value.into())));
            state.tags.sort();
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        let Some(tags) = state.tags() else { return Json::Null };
        json!([tags.principal.arn, self.now(state)])
    }

    fn is_done(&self, _: &State, now: &State) -> bool {
        now.tags().is_some() && self.now(now) == self.value
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let Some(state) = state.tags() else { return Vec::new() };
        if state.tags.is_empty() {
            return vec!["no tag".to_owned()];
        }
        let tags = state.tags.iter();
        tags.map(|(k, v)| format!("{} = {}", display_in(k.raw(), 128), display_in(v.raw(), 128)))
            .collect()
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let (who, key) = (self.who.clone(), self.key.to_owned());
        match self.now(before) {
            was if was == self.value => Vec::new(),
            Some(was) => vec![Verb::Tag { to: who, key, value: was.to_owned() }],
            None => vec![Verb::Untag { of: who, key }],
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn affected(&self, _: &State) -> Vec<String> {
        vec!["Policies may allow or deny by tags (aws:PrincipalTag, iam:ResourceTag).".to_owned()]
    }

    fn impossible(&self, before: &State) -> Option<String> {
        let state = before.tags()?;
        let full = self.value.is_some() && self.now(before).is_none() && state.tags.len() >= MOST;
        let full = full.then(|| format!("{} has {MOST} tags, and IAM takes no more", self.who));
        state.principal.unmodifiable().or(full)
    }
}
