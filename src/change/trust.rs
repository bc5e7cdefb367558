//! Who may assume a role: `iam:UpdateAssumeRolePolicy`, with a document as given or with one
//! principal taken out of the one that is there.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{Arg, Args, Asked, Facts, Risk, Scope, Spec, ValueType, asked, document};
use crate::{
    domain::{
        Change, Principal, RoleName, State, Subject, TrustState, Verb, untrusted::display_in,
    },
    policy::{Policy, Principals},
};

/// Characters of a trust policy unless the quota was raised (IAM user guide, "IAM and AWS STS
/// quotas"); blanks do not count.
pub const LIMIT: usize = 2_048;
/// What the quota can be raised to.
const RAISED: usize = 4_096;

pub const SET: Spec = Spec {
    name: "iam.set_trust_policy",
    service: "IAM",
    operation: "UpdateAssumeRolePolicy",
    action: "iam:UpdateAssumeRolePolicy",
    summary: "Set who may assume a role; the document that was there is kept for the way back.",
    args: &[
        Arg::needed("role", ValueType::RoleName),
        Arg::needed("document", ValueType::PolicyDocument),
    ],
    risk: Risk::Reversible,
    wide_where: Some("anybody is trusted that was not before"),
    pitfalls: PITFALLS,
    scope: Scope::Iam,
    subject,
    verbs: set,
};

pub const REMOVE: Spec = Spec {
    name: "iam.remove_trusted_principal",
    summary: "Take one principal out of a role's trust policy wherever it allows it.",
    args: &[
        Arg::needed("role", ValueType::RoleName),
        Arg::needed("principal", ValueType::TrustedPrincipal),
    ],
    verbs: remove,
    ..SET
};

const PITFALLS: &[&str] = &[
    "It stops new sessions only: those that are alive go on until they are revoked.",
    "Whoever used the role by right loses it too, where the document does not name them.",
    "It takes a few minutes to be everywhere.",
];

fn subject(args: &Args, _: &[String]) -> Subject {
    Subject::Trust(args.role().cloned().expect("INVARIANT: a required argument"))
}

fn trust(state: &State) -> Result<&TrustState, String> {
    state.trust().ok_or_else(|| "this is no role".to_owned())
}

fn set(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = trust(state)?;
    let document = args.document().ok_or("a document is needed")?;
    if document::meaning(document) == document::meaning(state.document.raw()) {
        return Ok(Vec::new());
    }
    Ok(vec![Verb::SetTrust { role: state.role.clone(), document: document.to_owned() }])
}

fn remove(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = trust(state)?;
    let who = args.trusted().ok_or("a principal is needed")?;
    Policy::parse(state.document.raw())
        .map_err(|why| format!("the trust policy cannot be read: {why}"))?;
    let mut document = document::meaning(state.document.raw());
    if !without(&mut document, who) {
        return Ok(Vec::new());
    }
    Ok(vec![Verb::SetTrust { role: state.role.clone(), document: document.to_string() }])
}

/// Takes a principal out of every statement that allows; whether there was anything to take.
/// A statement that names nobody any more goes; where none is left nobody may assume the role.
fn without(document: &mut Json, who: &str) -> bool {
    let mut found = false;
    let whole = document["Statement"].take();
    let mut statements = match whole {
        Json::Array(all) => all,
        one => vec![one],
    };
    statements.retain_mut(|statement| {
        if statement["Effect"] != "Allow" {
            return true;
        }
        let taken = taken_out(statement, who);
        found |= taken;
        !(taken && names_nobody(&statement["Principal"]))
    });
    if statements.is_empty() {
        statements.push(json!({
            "Sid": "NobodyMayAssume",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "sts:AssumeRole",
        }));
    }
    document["Statement"] = statements.into();
    found
}

/// Takes it out of one statement's `Principal`.
fn taken_out(statement: &mut Json, who: &str) -> bool {
    let Some(principal) = statement.get_mut("Principal") else { return false };
    if principal.as_str() == Some(who) {
        *principal = json!({});
        return true;
    }
    let Some(kinds) = principal.as_object_mut() else { return false };
    let mut found = false;
    for (kind, named) in kinds.iter_mut() {
        let is = |v: &Json| v.as_str().is_some_and(|text| same(kind, text, who));
        if is(named) {
            (*named, found) = (json!([]), true);
        } else if let Some(all) = named.as_array_mut() {
            let before = all.len();
            all.retain(|v| !is(v));
            found |= all.len() != before;
        }
    }
    kinds.retain(|_, named| !named.as_array().is_some_and(Vec::is_empty));
    found
}

/// An account is named by its id or by its root's ARN, which mean the same (IAM user guide,
/// "AWS account principals").
fn same(kind: &str, text: &str, who: &str) -> bool {
    let account = |s: &str| {
        let digits = |s: &str| s.len() == 12 && s.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = s.splitn(6, ':').collect();
        match parts.as_slice() {
            [one] if digits(one) => Some((*one).to_owned()),
            ["arn", _, "iam", "", id, "root"] if digits(id) => Some((*id).to_owned()),
            _ => None,
        }
    };
    text == who || kind == "AWS" && account(text).is_some() && account(text) == account(who)
}

fn names_nobody(principal: &Json) -> bool {
    principal.as_object().is_some_and(serde_json::Map::is_empty)
}

/// Whom a trust policy allows, with the kind; `None` where it cannot be told.
fn trusted(document: &str) -> Option<BTreeSet<(&'static str, String)>> {
    let policy = Policy::parse(document).ok()?;
    let mut all = BTreeSet::new();
    for statement in policy.statements.iter().filter(|s| s.is_allow()) {
        match statement.principals.as_ref()? {
            Principals::These(who) => {
                all.extend(who.iter().map(|(kind, who)| (kind.word(), who.to_owned())));
            }
            // Everybody but these.
            Principals::AllBut(_) => return None,
        }
    }
    Some(all)
}

pub struct Trusting<'v> {
    pub role: &'v RoleName,
    pub document: &'v str,
}

impl Facts for Trusting<'_> {
    fn spec(&self) -> &'static Spec {
        &SET
    }

    fn subject(&self) -> Subject {
        Subject::Trust(self.role.clone())
    }

    fn target(&self) -> String {
        self.role.to_string()
    }

    fn params(&self) -> Json {
        json!({"RoleName": self.role.as_str(), "PolicyDocument": self.document})
    }

    fn asks(&self, change: &Change, before: &State) -> Asked {
        let role = Principal::Role(self.role.clone());
        asked::of(SET.action, change, &role, before.principal())
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Trust(state) = &mut after {
            state.document = self.document.into();
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        let Some(state) = state.trust() else { return Json::Null };
        json!([state.principal.arn, document::meaning(state.document.raw())])
    }

    fn is_done(&self, _: &State, now: &State) -> bool {
        let now = now.trust().map(|t| document::meaning(t.document.raw()));
        now == Some(document::meaning(self.document))
    }

    fn lines(&self, state: &State) -> Vec<String> {
        state.trust().map(|t| document::lines(t.document.raw())).unwrap_or_default()
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let Some(was) = before.trust().map(|t| t.document.raw().to_owned()) else {
            return Vec::new();
        };
        if document::meaning(&was) == document::meaning(self.document) {
            return Vec::new();
        }
        vec![Verb::SetTrust { role: self.role.clone(), document: was }]
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    /// Wide where anybody is trusted afterwards who was not before.
    fn risk(&self, before: &State) -> Risk {
        let was = before.trust().and_then(|t| trusted(t.document.raw()));
        match (was, trusted(self.document)) {
            (Some(was), Some(is)) if is.is_subset(&was) => Risk::Reversible,
            _ => Risk::Wide,
        }
    }

    fn affected(&self, before: &State) -> Vec<String> {
        let said = |who: &BTreeSet<(&str, String)>| {
            let names: Vec<String> =
                who.iter().map(|(kind, who)| format!("{kind} {}", display_in(who, 120))).collect();
            names.join(", ")
        };
        let was = before.trust().and_then(|t| trusted(t.document.raw()));
        let (Some(was), Some(is)) = (was, trusted(self.document)) else {
            return vec!["Whom the documents trust cannot be told one by one.".to_owned()];
        };
        let gone: BTreeSet<_> = was.difference(&is).cloned().collect();
        let new: BTreeSet<_> = is.difference(&was).cloned().collect();
        let mut lines = Vec::new();
        if !gone.is_empty() {
            lines.push(format!("Trusted no more: {}.", said(&gone)));
        }
        if !new.is_empty() {
            lines.push(format!("Newly trusted: {}.", said(&new)));
        }
        lines
    }

    fn impossible(&self, before: &State) -> Option<String> {
        let size = document::size(self.document);
        let too_big = || {
            (size > RAISED).then(|| {
                format!("a trust policy has at most {LIMIT} characters ({RAISED} where the quota was raised); this one has {size}")
            })
        };
        before.trust()?.principal.unmodifiable().or_else(too_big)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(document: &str, who: &str) -> Option<Json> {
        let mut document = document::meaning(document);
        without(&mut document, who).then_some(document)
    }

    #[test]
    fn one_principal_goes_and_the_others_stay() {
        let both = r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{"AWS":["arn:aws:iam::444455556666:root","arn:aws:iam::111122223333:role/ci"],
                         "Service":"ec2.amazonaws.com"}}]}"#;
        let left = taken(both, "444455556666").expect("it was there");
        let principal = &left["Statement"][0]["Principal"];
        assert_eq!(principal["AWS"], json!(["arn:aws:iam::111122223333:role/ci"]));
        assert_eq!(principal["Service"], "ec2.amazonaws.com");
        assert_eq!(taken(both, "777788889999"), None);
        let left = taken(both, "ec2.amazonaws.com").expect("it was there");
        assert!(left["Statement"][0]["Principal"].get("Service").is_none());
    }

    #[test]
    fn where_nobody_is_left_nobody_may() {
        let open = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}}"#;
        let left = taken(open, "*").expect("it was there");
        assert_eq!(left["Statement"][0]["Effect"], "Deny");
        assert!(trusted(&left.to_string()).expect("plain").is_empty());
        Policy::parse(&left.to_string()).expect("still a policy");
    }

    #[test]
    fn opening_is_wide() {
        let state = |document: &str| {
            let role: RoleName = "ci".parse().expect("good");
            State::Trust(TrustState {
                role: role.clone(),
                principal: crate::change::tests::role("ci"),
                document: document.into(),
            })
        };
        let trust = |who: &str| {
            format!(
                r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{who}"}}}}}}"#
            )
        };
        let role = "ci".parse().expect("good");
        let (narrow, other) = (trust("111122223333"), trust("444455556666"));
        let facts = |document| Trusting { role: &role, document };
        assert_eq!(facts(&narrow).risk(&state(&narrow)), Risk::Reversible);
        assert_eq!(facts(&other).risk(&state(&narrow)), Risk::Wide);
        let all_but = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","NotPrincipal":{"AWS":"111122223333"}}}"#;
        assert_eq!(facts(all_but).risk(&state(&narrow)), Risk::Wide);
    }
}
