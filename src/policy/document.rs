//! A policy document: what was written, and the same made ready for comparing.
//!
//! IAM user guide, "Grammar of the IAM JSON policy language". Everything that a document
//! says is kept as it was written, so that [`Policy::to_json`] gives it back.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{arn::ArnPattern, condition::Test, pattern::ActionPattern};

/// `Version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// The older language, which is also meant where none is given: no policy variables.
    V2008,
    V2012,
}

impl Version {
    pub fn word(self) -> &'static str {
        match self {
            Version::V2008 => "2008-10-17",
            Version::V2012 => "2012-10-17",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    Allow,
    Deny,
}

impl Effect {
    pub fn word(self) -> &'static str {
        match self {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        }
    }
}

/// A text, or a value that JSON has another kind for.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    Text(Box<str>),
    /// With the text that it is compared by.
    Other(Value, Box<str>),
}

impl Scalar {
    pub fn text(&self) -> &str {
        match self {
            Scalar::Text(text) | Scalar::Other(_, text) => text,
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Scalar::Text(text) => (**text).into(),
            Scalar::Other(value, _) => value.clone(),
        }
    }
}

/// One or more of something: a list, or a single one outside of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Several<T> {
    pub items: Vec<T>,
    pub listed: bool,
}

impl<T> Several<T> {
    fn to_json(&self, item: impl Fn(&T) -> Value) -> Value {
        match &self.items[..] {
            [one] if !self.listed => item(one),
            items => items.iter().map(item).collect(),
        }
    }
}

/// `Action` or `NotAction`.
#[derive(Clone, Debug, PartialEq)]
pub enum Actions {
    These(Several<ActionPattern>),
    AllBut(Several<ActionPattern>),
}

impl Actions {
    /// `action` is in lower case.
    pub fn cover(&self, action: &str) -> bool {
        match self {
            Actions::These(these) => these.items.iter().any(|p| p.matches(action)),
            Actions::AllBut(these) => !these.items.iter().any(|p| p.matches(action)),
        }
    }

    pub fn patterns(&self) -> &[ActionPattern] {
        let (Actions::These(these) | Actions::AllBut(these)) = self;
        &these.items
    }
}

/// `Resource` or `NotResource`.
#[derive(Clone, Debug, PartialEq)]
pub enum Resources {
    These(Several<ArnPattern>),
    AllBut(Several<ArnPattern>),
}

impl Resources {
    pub fn patterns(&self) -> &[ArnPattern] {
        let (Resources::These(these) | Resources::AllBut(these)) = self;
        &these.items
    }
}

/// What kind of principal is named (IAM user guide, "Principal").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrusteeKind {
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

impl TrusteeKind {
    pub const ALL: [TrusteeKind; 4] = [
        TrusteeKind::Aws,
        TrusteeKind::Service,
        TrusteeKind::Federated,
        TrusteeKind::CanonicalUser,
    ];

    pub fn word(self) -> &'static str {
        match self {
            TrusteeKind::Aws => "AWS",
            TrusteeKind::Service => "Service",
            TrusteeKind::Federated => "Federated",
            TrusteeKind::CanonicalUser => "CanonicalUser",
        }
    }
}

/// Who is named.
#[derive(Clone, Debug, PartialEq)]
pub enum Trustees {
    /// `"*"`, without a kind.
    Everyone,
    /// By kind, in the order of the document.
    Named(Vec<(TrusteeKind, Several<Box<str>>)>),
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq)]
pub enum Principals {
    These(Trustees),
    AllBut(Trustees),
}

impl Trustees {
    /// Everyone who is named, with the kind; `*` without a kind counts as AWS.
    pub fn iter(&self) -> impl Iterator<Item = (TrusteeKind, &str)> {
        let (everyone, named) = match self {
            Trustees::Everyone => (Some((TrusteeKind::Aws, "*")), &[][..]),
            Trustees::Named(named) => (None, &named[..]),
        };
        let named = named.iter().flat_map(|(kind, who)| who.items.iter().map(|w| (*kind, &**w)));
        everyone.into_iter().chain(named)
    }

    fn to_json(&self) -> Value {
        match self {
            Trustees::Everyone => "*".into(),
            Trustees::Named(named) => named
                .iter()
                .map(|(kind, who)| (kind.word().to_owned(), who.to_json(|w| (**w).into())))
                .collect::<Map<_, _>>()
                .into(),
        }
    }
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub sid: Option<Arc<str>>,
    pub effect: Effect,
    pub principals: Option<Principals>,
    pub actions: Actions,
    /// A trust policy has none.
    pub resources: Option<Resources>,
    /// All of them must hold.
    pub conditions: Vec<Test>,
    /// `Condition` was written, although it may be empty.
    pub has_condition: bool,
    /// Operators that were written with nothing to compare.
    pub idle_operators: Vec<Box<str>>,
    /// Where it begins in the document, from 1; columns in characters.
    pub line: usize,
    pub column: usize,
}

impl Statement {
    pub fn is_allow(&self) -> bool {
        self.effect == Effect::Allow
    }

    /// Every action on every resource, in the plain words `*` (or `*:*`) and `*`.
    pub fn is_of_everything(&self) -> bool {
        let actions = matches!(&self.actions, Actions::These(these)
            if these.items.iter().any(|a| ["*", "*:*"].contains(&a.text())));
        let resources = matches!(&self.resources, Some(Resources::These(these))
            if these.items.iter().any(|r| r.text() == "*"));
        actions && resources
    }

    /// As it was written, but for blanks and the members' order.
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
        if let Some(sid) = &self.sid {
            put("Sid", (**sid).into());
        }
        put("Effect", self.effect.word().into());
        match &self.principals {
            Some(Principals::These(who)) => put("Principal", who.to_json()),
            Some(Principals::AllBut(who)) => put("NotPrincipal", who.to_json()),
            None => None,
        };
        match &self.actions {
            Actions::These(these) => put("Action", these.to_json(|p| p.text().into())),
            Actions::AllBut(these) => put("NotAction", these.to_json(|p| p.text().into())),
        };
        match &self.resources {
            Some(Resources::These(these)) => put("Resource", these.to_json(|p| p.text().into())),
            Some(Resources::AllBut(these)) => {
                put("NotResource", these.to_json(|p| p.text().into()))
            }
            None => None,
        };
        if self.has_condition {
            let idle = self.idle_operators.iter();
            let mut operators: Map<_, _> =
                idle.map(|operator| ((**operator).into(), json!({}))).collect();
            for test in &self.conditions {
                let keys = operators.entry(&*test.operator_text).or_insert_with(|| json!({}));
                let values = match &test.values[..] {
                    [one] if !test.listed => one.to_json(),
                    values => values.iter().map(Scalar::to_json).collect(),
                };
                keys[&*test.key] = values;
            }
            put("Condition", operators.into());
        }
        out.into()
    }
}

/// A policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub version: Option<Version>,
    pub id: Option<Box<str>>,
    pub statements: Vec<Statement>,
    /// `Statement` was written as a list.
    pub listed: bool,
}

impl Policy {
    /// As it was written, but for blanks and the members' order.
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        if let Some(version) = self.version {
            out.insert("Version".into(), version.word().into());
        }
        if let Some(id) = &self.id {
            out.insert("Id".into(), (**id).into());
        }
        let statements = match &self.statements[..] {
            [one] if !self.listed => one.to_json(),
            statements => statements.iter().map(Statement::to_json).collect(),
        };
        out.insert("Statement".into(), statements);
        out.into()
    }
}
