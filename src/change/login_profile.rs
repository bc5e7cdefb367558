//! `iam:DeleteLoginProfile`: a user's console password goes, for good.

use serde_json::{Value as Json, json};

use super::{Arg, Args, Asked, Facts, Risk, Scope, Spec, ValueType, asked};
use crate::domain::{Change, Principal, State, Subject, UserName, Verb, time::rfc3339};

pub const SPEC: Spec = Spec {
    name: "iam.delete_login_profile",
    service: "IAM",
    operation: "DeleteLoginProfile",
    action: "iam:DeleteLoginProfile",
    summary: "Delete a user's console password. The old one cannot come back.",
    args: &[Arg::needed("user", ValueType::UserName)],
    risk: Risk::Irreversible,
    wide_where: None,
    pitfalls: &[
        "A console session that is open goes on: deny everything to the user first.",
        "Access keys are not touched by it.",
    ],
    scope: Scope::Iam,
    subject,
    verbs,
};

fn subject(args: &Args, _: &[String]) -> Subject {
    Subject::Login(args.user().cloned().expect("INVARIANT: a required argument"))
}

fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = state.login().ok_or("this is no user")?;
    let user = args.user().cloned().ok_or("a user is needed")?;
    Ok(state.profile.as_ref().map(|_| vec![Verb::DeleteLoginProfile { user }]).unwrap_or_default())
}

pub struct Deleting<'v> {
    pub user: &'v UserName,
}

impl Facts for Deleting<'_> {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn subject(&self) -> Subject {
        Subject::Login(self.user.clone())
    }

    fn target(&self) -> String {
        self.user.to_string()
    }

    fn params(&self) -> Json {
        json!({"UserName": self.user.as_str()})
    }

    fn asks(&self, change: &Change, _: &State) -> Asked {
        let user = asked::principal(change, &Principal::User(self.user.clone()));
        Asked::new(SPEC.action, user)
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Login(state) = &mut after {
            state.profile = None;
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        state.login().map_or(Json::Null, |l| json!([l.user, l.profile]))
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let Some(login) = state.login() else { return Vec::new() };
        vec![match &login.profile {
            Some(profile) => match profile.created {
                Some(at) => format!("console password, set {}", rfc3339(at)),
                None => "console password".to_owned(),
            },
            None => "no console password".to_owned(),
        }]
    }

    fn inverse(&self, _: &State) -> Vec<Verb> {
        Vec::new()
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        vec![
            "LoginProfile: nobody knows the old password; whoever needs one is given a new one by \
             hand, to be changed at the first sign-in."
                .to_owned(),
        ]
    }

    fn affected(&self, before: &State) -> Vec<String> {
        let Some(login) = before.login() else { return Vec::new() };
        vec![match login.mfa_devices.len() {
            0 => format!("User {} has no MFA device.", login.user),
            n => format!("User {} keeps {n} MFA devices: are they all the user's own?", login.user),
        }]
    }
}
