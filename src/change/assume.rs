//! `sts:AssumeRole`: a session of a role for emergencies; and its end, which AWS hears nothing of.
//!
//! Playbooks say `assume = "break-glass"`. The credentials are `cloud`'s alone; what is known
//! here is that a session is open, whose it is and until when.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::{Arg, Args, Asked, Facts, Risk, Scope, Spec, ValueType};
use crate::domain::{Assume, Change, Glass, RoleArn, State, Subject, Verb, time::rfc3339};

pub const ASSUME: Spec = Spec {
    name: "sts.assume_role",
    service: "STS",
    operation: "AssumeRole",
    action: "sts:AssumeRole",
    summary: "Assume a break-glass role.",
    args: &[Arg::optional("role", ValueType::BreakGlassRole)],
    risk: Risk::Reversible,
    wide_where: Some("the role is no configured break-glass role"),
    pitfalls: &[
        "One attempt: a code of the MFA device is good once, so a second one needs the next code.",
        "Whoever is told when break-glass is used is told now.",
        "Ending it here drops the credentials; AWS lets them live until they expire, unless the \
         role's sessions are revoked.",
    ],
    scope: Scope::Iam,
    subject: no_subject,
    verbs: no_verbs,
};

pub const END: Spec = Spec {
    name: "halon.end_session",
    service: "halon",
    operation: "EndSession",
    action: "",
    summary: "Drop the credentials of a break-glass session.",
    args: &[],
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: &[],
    scope: Scope::Iam,
    subject: no_subject,
    verbs: no_verbs,
};

// Made by the plan of an `assume` step, which knows the caller.
fn no_subject(_: &Args, _: &[String]) -> Subject {
    unreachable!("INVARIANT: no playbook names these verbs")
}

fn no_verbs(_: &Args, _: &State) -> Result<Vec<Verb>, String> {
    Err("a role is assumed by an `assume` step".to_owned())
}

pub struct Assuming<'v> {
    pub assume: &'v Assume,
}

pub struct Ending<'v> {
    pub role: &'v RoleArn,
}

impl Facts for Assuming<'_> {
    fn spec(&self) -> &'static Spec {
        &ASSUME
    }

    fn subject(&self) -> Subject {
        Subject::Glass(self.assume.role.clone())
    }

    fn target(&self) -> String {
        self.assume.role.to_string()
    }

    fn params(&self) -> Json {
        let Assume { role, seconds, mfa, source_identity, policy, tags, second_person } =
            self.assume;
        let mut params = Map::new();
        params.insert("RoleArn".into(), json!(role));
        params.insert("DurationSeconds".into(), json!(seconds));
        let mut some = |key: &str, value: Json| {
            if !value.is_null() {
                params.insert(key.to_owned(), value);
            }
        };
        some("SerialNumber", json!(mfa));
        some("SourceIdentity", json!(source_identity));
        some("Policy", json!(policy));
        some(
            "Tags",
            if *tags { json!(["halon-incident", "BreakGlass", "halon-head"]) } else { Json::Null },
        );
        some("SecondPerson", if *second_person { json!(true) } else { Json::Null });
        Json::Object(params)
    }

    fn asks(&self, _: &Change, _: &State) -> Asked {
        let source = self.assume.source_identity.as_deref();
        Asked::new(ASSUME.action, self.assume.role.as_str()).with_any("sts:SourceIdentity", source)
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Glass(state) = &mut after {
            state.session = Glass::Expected { seconds: self.assume.seconds };
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        counts(state)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let mut lines = lines(state);
        if let State::Glass(glass) = state
            && let Glass::Expected { .. } = glass.session
        {
            let Assume { mfa, source_identity, policy, tags, .. } = self.assume;
            if let Some(source) = source_identity {
                lines.push(format!("source identity {source}"));
            }
            if *tags {
                lines.push("tags halon-incident, BreakGlass, halon-head".to_owned());
            }
            lines.extend(policy.as_ref().map(|text| {
                let digest = Sha256::digest(text);
                let short: String = digest[..4].iter().map(|b| format!("{b:02x}")).collect();
                format!("session policy, {} characters, sha256 {short}…", text.chars().count())
            }));
            lines.push(match mfa {
                Some(device) => format!("MFA {device}"),
                None => "no MFA device is known: no code is sent".to_owned(),
            });
        }
        lines
    }

    fn inverse(&self, _: &State) -> Vec<Verb> {
        vec![Verb::EndSession { role: self.assume.role.clone() }]
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn affected(&self, before: &State) -> Vec<String> {
        let untold = before.glass().and_then(|g| g.untold.as_ref());
        untold
            .map(|why| vec![format!("Which MFA device there is could not be read: {why}")])
            .unwrap_or_default()
    }
}

impl Facts for Ending<'_> {
    fn spec(&self) -> &'static Spec {
        &END
    }

    fn subject(&self) -> Subject {
        Subject::Glass(self.role.clone())
    }

    fn target(&self) -> String {
        self.role.to_string()
    }

    fn params(&self) -> Json {
        json!({"RoleArn": self.role})
    }

    fn asks(&self, _: &Change, _: &State) -> Asked {
        Asked::new(END.action, self.role.as_str())
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Glass(state) = &mut after {
            state.session = Glass::Closed;
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        counts(state)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        lines(state)
    }

    fn inverse(&self, _: &State) -> Vec<Verb> {
        Vec::new()
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        vec!["A session that was ended does not come back: the role is assumed again.".to_owned()]
    }

    fn affected(&self, _: &State) -> Vec<String> {
        Vec::new()
    }
}

/// Which role, and whether a session of it is open.
fn counts(state: &State) -> Json {
    state.glass().map_or(Json::Null, |g| json!([g.role, g.session != Glass::Closed]))
}

fn lines(state: &State) -> Vec<String> {
    let Some(glass) = state.glass() else { return Vec::new() };
    vec![match &glass.session {
        Glass::Closed => format!("no session of {}", glass.role),
        Glass::Expected { seconds } => {
            format!("a session of {} for {}", glass.role, length(*seconds))
        }
        Glass::Open(open) => {
            format!("session {} until {}", open.access_key, rfc3339(open.expires))
        }
    }]
}

/// `1h`, `45m`, `90s`.
fn length(seconds: i32) -> String {
    match seconds {
        s if s % 3600 == 0 => format!("{}h", s / 3600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        change::Prepared,
        domain::{GlassState, OpenSession, Place},
    };

    fn role() -> RoleArn {
        "arn:aws:iam::123456789012:role/ir/break-glass".parse().expect("a role")
    }

    fn state(session: Glass) -> State {
        State::Glass(GlassState { role: role(), session, devices: Vec::new(), untold: None })
    }

    fn open() -> State {
        state(Glass::Open(OpenSession {
            role: role(),
            target: "break-glass@123456789012".into(),
            account: "123456789012".parse().expect("an account"),
            arn: "arn:aws:sts::123456789012:assumed-role/break-glass/INC-1".to_owned(),
            access_key: "ASIAIOSFODNN7EXAMPLE".parse().expect("a key"),
            begun: "2026-03-02T03:10:00Z".parse().expect("a time"),
            expires: "2026-03-02T04:10:00Z".parse().expect("a time"),
            source_identity: None,
            provider: "the range".to_owned(),
            packed: None,
        }))
    }

    #[test]
    fn it_is_done_when_a_session_is_open_and_taken_back_by_ending_it() {
        let verb = Verb::AssumeRole(Assume {
            role: role(),
            seconds: 3600,
            mfa: Some("arn:aws:iam::111122223333:mfa/oncall".parse().expect("a serial")),
            source_identity: Some("oncall".to_owned()),
            policy: None,
            tags: true,
            second_person: false,
        });
        let place = Place { target: "t".into(), region: "us-east-1".parse().expect("a region") };
        let account = "111122223333".parse().expect("an account");
        let change = Change { place, account, verb };
        let prepared = Prepared { change, before: state(Glass::Closed) };
        assert!(prepared.holds(&open()) && !prepared.holds(&state(Glass::Closed)));
        let lines = prepared.facts().lines(&prepared.after());
        assert!(lines[0].ends_with("for 1h"), "{lines:?}");
        assert!(lines.iter().any(|l| l == "MFA arn:aws:iam::111122223333:mfa/oncall"), "{lines:?}");
        let back = Prepared { change: prepared.inverse()[0].clone(), before: open() };
        assert!(back.holds(&state(Glass::Closed)) && !back.holds(&open()));
        assert!(!prepared.params().to_string().contains("SecondPerson"), "not asked for");
    }
}
