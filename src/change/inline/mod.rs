//! What every verb on an inline policy shares: `PutRolePolicy`, `PutUserPolicy` and their
//! `Delete`. A put overwrites a policy of the same name, whose text is then the way back.

mod delete;
mod deny_all;
mod deny_session;
mod put;
mod revoke_sessions;

use std::borrow::Cow;

use serde_json::{Value as Json, json};

use super::{Args, Asked, Contained, Facts, Risk, Spec, asked, document};
use crate::domain::{
    Change, InlineName, InlineState, Principal, SessionId, State, Subject, Verb,
    authorization::Inline, time::rfc3339, untrusted::display_in,
};

pub use deny_session::OneSession;

pub(super) use delete::{ROLE as DELETE_ROLE, USER as DELETE_USER};
pub(super) use deny_all::{ROLE as DENY_ROLE, USER as DENY_USER};
pub(super) use deny_session::SPEC as DENY_SESSION;
pub(super) use put::{ROLE as PUT_ROLE, USER as PUT_USER};
pub(super) use revoke_sessions::{ROLE as REVOKE_ROLE, USER as REVOKE_USER};

/// Characters that all inline policies of a role or of a user have together at most
/// (IAM user guide, "IAM and AWS STS quotas"); blanks do not count.
pub const ROLE_LIMIT: usize = 10_240;
pub const USER_LIMIT: usize = 2_048;

fn limit(of: &Principal) -> usize {
    match of {
        Principal::Role(_) => ROLE_LIMIT,
        Principal::User(_) => USER_LIMIT,
    }
}

/// The policy that a verb puts or takes away, with its text as it shall stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<'v> {
    pub of: Cow<'v, Principal>,
    pub name: InlineName,
    /// None: gone.
    pub document: Option<Cow<'v, str>>,
}

impl<'v> Wanted<'v> {
    /// What the verb makes of an inline policy; none where it is about something else.
    pub fn of(verb: &'v Verb) -> Option<Wanted<'v>> {
        let name = |s: &str| s.parse().expect("INVARIANT: a good name");
        Some(match verb {
            Verb::PutInline { to, name, document } => Wanted {
                of: Cow::Borrowed(to),
                name: name.clone(),
                document: Some(Cow::Borrowed(document)),
            },
            Verb::DeleteInline { of, name } => {
                Wanted { of: Cow::Borrowed(of), name: name.clone(), document: None }
            }
            Verb::DenyAll { to } => Wanted {
                of: Cow::Borrowed(to),
                name: name(deny_all::NAME),
                document: Some(Cow::Owned(deny_all::document())),
            },
            Verb::RevokeSessions { of, issued_before } => Wanted {
                of: Cow::Borrowed(of),
                name: name(revoke_sessions::NAME),
                document: Some(Cow::Owned(revoke_sessions::document(*issued_before))),
            },
            Verb::DenySession { role, session } => Wanted {
                of: Cow::Owned(Principal::Role(role.clone())),
                name: deny_session::name(session),
                document: Some(Cow::Owned(deny_session::document(session))),
            },
            _ => return None,
        })
    }
}

/// The user or role that the arguments name.
fn who(args: &Args) -> Principal {
    args.principal().expect("INVARIANT: a required argument")
}

fn subject(args: &Args, _: &[String]) -> Subject {
    Subject::Inline { of: who(args), sessions: false }
}

fn subject_with_sessions(args: &Args, _: &[String]) -> Subject {
    Subject::Inline { of: who(args), sessions: true }
}

fn inline(state: &State) -> Result<&InlineState, String> {
    state.inline().ok_or_else(|| "this is no user or role".to_owned())
}

/// The verb, unless what it wants is there already.
fn unless_so(verb: Verb, state: &InlineState) -> Vec<Verb> {
    let wanted = Wanted::of(&verb).expect("INVARIANT: an inline policy's verb");
    let now = text(state, &wanted.name).map(document::meaning);
    let so = now == wanted.document.as_deref().map(document::meaning);
    if so { Vec::new() } else { vec![verb] }
}

fn text<'s>(state: &'s InlineState, name: &InlineName) -> Option<&'s str> {
    let found = state.policies.iter().find(|p| p.name.raw() == name.as_str());
    found.map(|p| p.document.raw())
}

/// Why the policy does not fit beside the others.
pub fn no_room(state: &InlineState, name: &str, text: &str) -> Option<String> {
    let of = &state.principal.principal;
    let others = state.policies.iter().filter(|p| p.name.raw() != name);
    let used: usize = others.map(|p| document::size(p.document.raw())).sum();
    let (needed, limit) = (document::size(text), limit(of));
    (used + needed > limit).then(|| {
        format!(
            "the inline policies of {of} may have {limit} characters; {used} are taken and this \
             one needs {needed}: attach a managed policy such as AWSDenyAll instead"
        )
    })
}

/// Whether a deny-all fits: what a playbook asks before it tries.
pub fn takes_deny(state: &InlineState) -> Result<(), String> {
    no_room(state, deny_all::NAME, &deny_all::document()).map_or(Ok(()), Err)
}

/// One of the verbs, with what only it says.
pub struct Inlining<'v> {
    pub verb: &'v Verb,
    wanted: Wanted<'v>,
    role: &'static Spec,
    user: &'static Spec,
    /// The target's own name, where that is not the principal's.
    target: Option<String>,
    with_sessions: bool,
}

impl<'v> Inlining<'v> {
    /// Of a verb on an inline policy.
    pub fn new(verb: &'v Verb) -> Self {
        let wanted = Wanted::of(verb).expect("INVARIANT: an inline policy's verb");
        let (role, user) = match verb {
            Verb::DeleteInline { .. } => (&delete::ROLE, &delete::USER),
            Verb::DenyAll { .. } => (&deny_all::ROLE, &deny_all::USER),
            Verb::RevokeSessions { .. } => (&revoke_sessions::ROLE, &revoke_sessions::USER),
            Verb::DenySession { .. } => (&deny_session::SPEC, &deny_session::SPEC),
            _ => (&put::ROLE, &put::USER),
        };
        let target = match verb {
            Verb::DenySession { session, .. } => Some(session.to_string()),
            _ => None,
        };
        let with_sessions = matches!(
            verb,
            Verb::RevokeSessions { of: Principal::Role(_), .. } | Verb::DenySession { .. }
        );
        Self { verb, wanted, role, user, target, with_sessions }
    }

    fn was<'s>(&self, before: &'s State) -> Option<&'s str> {
        text(before.inline()?, &self.wanted.name)
    }
}

impl Facts for Inlining<'_> {
    fn spec(&self) -> &'static Spec {
        match &*self.wanted.of {
            Principal::Role(_) => self.role,
            Principal::User(_) => self.user,
        }
    }

    fn subject(&self) -> Subject {
        Subject::Inline { of: (*self.wanted.of).clone(), sessions: self.with_sessions }
    }

    fn target(&self) -> String {
        self.target.clone().unwrap_or_else(|| self.wanted.of.name().to_owned())
    }

    fn params(&self) -> Json {
        let key = match &*self.wanted.of {
            Principal::User(_) => "UserName",
            Principal::Role(_) => "RoleName",
        };
        let mut params =
            json!({key: self.wanted.of.name(), "PolicyName": self.wanted.name.as_str()});
        if let Some(document) = &self.wanted.document {
            params["PolicyDocument"] = json!(document);
        }
        params
    }

    fn asks(&self, change: &Change, before: &State) -> Asked {
        asked::of(self.spec().action, change, &self.wanted.of, before.principal())
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Inline(state) = &mut after {
            let name = self.wanted.name.as_str();
            state.policies.retain(|p| p.name.raw() != name);
            state.principal.inline.retain(|n| n.raw() != name);
            if let Some(document) = &self.wanted.document {
                let (name, document) = (name.into(), document.as_ref().into());
                state.policies.push(Inline { name, document });
                state.principal.inline.push(self.wanted.name.as_str().into());
            }
            state.policies.sort_by(|a, b| a.name.cmp(&b.name));
            state.principal.inline.sort();
        }
        after
    }

    /// What the policy of this name says, and whose it is: the id, for a role may be made anew.
    fn counts(&self, state: &State) -> Json {
        let Some(inline) = state.inline() else { return Json::Null };
        json!([inline.id, text(inline, &self.wanted.name).map(document::meaning)])
    }

    fn is_done(&self, _: &State, now: &State) -> bool {
        let wanted = self.wanted.document.as_deref().map(document::meaning);
        let is = now.inline().map(|s| text(s, &self.wanted.name).map(document::meaning));
        is == Some(wanted)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let Some(inline) = state.inline() else { return Vec::new() };
        let name = self.wanted.name.as_str();
        let others = inline.policies.iter().filter(|p| p.name.raw() != name);
        let mut lines: Vec<String> =
            others.map(|p| format!("inline policy {}", display_in(p.name.raw(), 128))).collect();
        match text(inline, &self.wanted.name) {
            Some(text) => {
                lines.push(format!("inline policy {name}:"));
                lines.extend(document::lines(text));
            }
            None => lines.push(format!("no inline policy {name}")),
        }
        lines
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let (of, name) = ((*self.wanted.of).clone(), self.wanted.name.clone());
        if before.inline().is_none() {
            return Vec::new();
        }
        match (self.was(before), &self.wanted.document) {
            (Some(was), Some(wanted)) if document::meaning(was) == document::meaning(wanted) => {
                Vec::new()
            }
            (Some(was), _) => vec![Verb::PutInline { to: of, name, document: was.to_owned() }],
            (None, Some(_)) => vec![Verb::DeleteInline { of, name }],
            (None, None) => Vec::new(),
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    /// Who lifts a deny, or allows something, may be doing the attacker's work.
    fn risk(&self, before: &State) -> Risk {
        let lifts = self.was(before).is_some_and(document::denies);
        let wide = match self.verb {
            Verb::PutInline { document, .. } => lifts || document::allows(document),
            Verb::DeleteInline { .. } => lifts,
            _ => false,
        };
        if wide { Risk::Wide } else { self.spec().risk }
    }

    fn affected(&self, before: &State) -> Vec<String> {
        let Some(inline) = before.inline() else { return Vec::new() };
        let who = &inline.principal;
        let mut affected = vec![match who.last_used {
            Some(at) => format!("{} was last used {}.", who.principal, rfc3339(at)),
            None => format!("IAM knows of no use of {}.", who.principal),
        }];
        if self.was(before).is_some() && self.wanted.document.is_some() {
            affected.push(format!("It replaces the policy {} that is there.", self.wanted.name));
        }
        if let (Some(sessions), Verb::RevokeSessions { issued_before, .. }) =
            (&inline.sessions, self.verb)
        {
            affected.extend(revoke_sessions::affected(sessions, *issued_before));
        }
        if let (Some(sessions), Verb::DenySession { session, .. }) = (&inline.sessions, self.verb) {
            affected.extend(deny_session::affected(sessions, session));
        }
        affected
    }

    fn contains(&self, before: &State) -> Option<Contained> {
        match self.verb {
            Verb::DenyAll { to } => Some(Contained::wholly(to)),
            Verb::RevokeSessions { of, issued_before } => {
                Some(Contained::Older { of: of.clone(), issued_before: *issued_before })
            }
            Verb::DenySession { role, session } => Some(match session {
                SessionId::UserId { .. } => {
                    Contained::Session { role: role.clone(), user_id: session.to_string() }
                }
                SessionId::SourceIdentity(name) => {
                    Contained::SourceIdentity { role: role.clone(), name: name.to_string() }
                }
            }),
            Verb::PutInline { to, document, .. } if document::denies_everything(document) => {
                Some(Contained::wholly(to))
            }
            Verb::PutInline { to, document, .. } if !document::allows(document) => {
                Some(Contained::partly(to))
            }
            // What a policy gave goes with it; what it denied comes back.
            Verb::DeleteInline { of, .. } => self
                .was(before)
                .is_some_and(|was| !document::denies(was))
                .then(|| Contained::partly(of)),
            _ => None,
        }
    }

    fn impossible(&self, before: &State) -> Option<String> {
        let inline = before.inline()?;
        inline.principal.unmodifiable().or_else(|| {
            let document = self.wanted.document.as_deref()?;
            no_room(inline, self.wanted.name.as_str(), document)
        })
    }
}
