//! Each kind of policy tried by itself, the others letting everything through.

use std::sync::Arc;

use super::{Attempt, Code, Ground, NotRead};
use crate::{
    domain::AccountId,
    policy::{
        Caller, CallerKind, Context, Decision, Kind, Levels, Named, Outcome, Policies, Policy,
        Reason, Request, Resource, evaluate,
    },
};

/// How often a decision is made anew with keys that turned out to be known.
const ROUNDS: usize = 4;

/// A kind of policy that can refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Service control policies, over the caller's account.
    Scp,
    /// Resource control policies, over the role's account.
    Rcp,
    /// The role's trust policy.
    Trust,
    /// The caller's own, and their boundary.
    Own,
    /// What the caller's session was limited to when it was begun. Nobody can read it.
    Session,
}

/// What a kind of policy says of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    Lets,
    /// By a statement, or for want of one.
    Refuses(Option<Reason>, Kind, Option<usize>),
    /// On keys that are not known.
    Depends(Vec<String>),
    Unread(String),
}

/// What is tried otherwise than it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vary<'v> {
    /// With a code of an MFA device, or as if none had ever been given.
    pub mfa: Option<bool>,
    /// With a source identity.
    pub source: bool,
    /// With this trust policy.
    pub trust: Option<&'v Policy>,
}

/// Which keys of the call an action has for certain. That the others have them all is nowhere
/// said, and seen not to be so (Service Authorization Reference, "AWS STS").
struct Keys {
    session: bool,
    tags: bool,
    source: bool,
}

impl Keys {
    fn of(action: &str) -> Self {
        let is = |name: &str| action.eq_ignore_ascii_case(name);
        let session = is("sts:AssumeRole");
        let tags = session || is("sts:TagSession");
        Self { session, tags, source: session || is("sts:SetSourceIdentity") }
    }
}

/// Names a kind of policy in a sentence.
pub struct Whose {
    it: String,
    many: bool,
    /// Of Scp and Rcp.
    denies: Option<String>,
}

impl Layer {
    pub fn whose(self, role: &str, caller: &str) -> Whose {
        let above = |kind: &str, of: &str| Whose {
            it: format!("the {kind} policies above {of}"),
            many: true,
            denies: Some(format!("a {kind} policy above {of} denies")),
        };
        let plain = |it: String, many| Whose { it, many, denies: None };
        match self {
            Layer::Scp => above("service control", caller),
            Layer::Rcp => above("resource control", role),
            Layer::Trust => plain(format!("the trust policy of {role}"), false),
            Layer::Own => plain(format!("the policies of {caller}"), true),
            Layer::Session => plain(format!("the session policy of {caller}"), false),
        }
    }

    /// As AWS names it.
    pub fn a_kind(self) -> &'static str {
        match self {
            Layer::Scp => "a service control policy",
            Layer::Rcp => "a resource control policy",
            Layer::Trust => "the role's trust policy",
            Layer::Own => "a policy of the caller",
            Layer::Session => "the session policy of the caller",
        }
    }

    fn kinds(self) -> &'static [Kind] {
        match self {
            Layer::Scp => &[Kind::Scp],
            Layer::Rcp => &[Kind::Rcp],
            Layer::Trust => &[Kind::Resource],
            Layer::Own => &[Kind::Identity, Kind::Boundary],
            Layer::Session => &[Kind::Session],
        }
    }
}

impl Whose {
    fn with(&self, one: &str, many: &str) -> String {
        format!("{} {}", self.it, if self.many { many } else { one })
    }

    pub fn asks(&self) -> String {
        self.with("asks", "ask")
    }

    pub fn allows(&self) -> String {
        self.with("allows", "allow")
    }

    pub fn does_not_allow(&self) -> String {
        self.with("does not allow", "do not allow")
    }

    /// Where nothing was read of it.
    pub fn does_not_let(&self) -> String {
        self.denies.clone().unwrap_or_else(|| self.does_not_allow())
    }
}

/// The call, and the policies that it is tried on.
pub struct Trial<'t> {
    pub attempt: &'t Attempt,
    pub ground: &'t Ground,
    caller: Caller,
}

impl<'t> Trial<'t> {
    /// `None`: whose ARN the caller's is, is not known.
    pub fn new(attempt: &'t Attempt, ground: &'t Ground) -> Option<Self> {
        let known = ground.caller.as_ref().ok().map(|standing| standing.caller.clone());
        let caller = known.or_else(|| Caller::new(&attempt.caller))?;
        Some(Self { attempt, ground, caller })
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub fn is_foreign(&self) -> bool {
        self.attempt.assume.role.account().as_str() != self.caller.account
    }

    /// What a kind of policy says of the action.
    pub fn says(&self, action: &str, layer: Layer, vary: Vary<'_>) -> Says {
        match layer {
            Layer::Scp | Layer::Rcp => self.organization(action, layer, vary),
            Layer::Trust => match self.trust(vary) {
                Ok(trust) => {
                    let policies = Policies {
                        identity: vec![everything()],
                        resource: Some(trust),
                        ..Policies::default()
                    };
                    self.read_off(action, layer, &policies, vary)
                }
                Err(why) => Says::Unread(why),
            },
            Layer::Own => self.own(action, vary),
            Layer::Session if self.caller.is_session() => {
                Says::Unread("no session's own policy can be read".to_owned())
            }
            Layer::Session => Says::Lets,
        }
    }

    fn organization(&self, action: &str, layer: Layer, vary: Vary<'_>) -> Says {
        let account = match layer {
            Layer::Scp => self.caller.account.parse::<AccountId>().ok(),
            _ => Some(self.attempt.assume.role.account()),
        };
        let Some(account) = account else { return Says::Lets };
        let levels = match self.ground.above.levels(&account) {
            Ok(levels) => levels,
            Err(why) => return Says::Unread(why),
        };
        let Levels { scps, rcps, unread, missing } = levels;
        let policies = organization(if layer == Layer::Scp { scps } else { rcps }, layer);
        let lacks = missing.or_else(|| {
            let policy = &unread.first()?.policy;
            Some(format!("policy {policy} of the organization cannot be read"))
        });
        match (self.read_off(action, layer, &policies, vary), lacks) {
            // What was not told may deny, or be what allows.
            (Says::Lets | Says::Refuses(None, ..), Some(why)) => Says::Unread(why),
            (says, _) => says,
        }
    }

    /// What one policy of the organization says alone, beside one that allows everything.
    pub fn alone(&self, action: &str, layer: Layer, policy: Policy) -> Says {
        let level = vec![vec![everything(), Named::new("", policy)]];
        let policies = organization(level, layer);
        self.read_off(action, layer, &policies, Vary::default())
    }

    fn own(&self, action: &str, vary: Vary<'_>) -> Says {
        if self.caller.kind == CallerKind::FederatedUser {
            return Says::Unread("what a federated user may do cannot be read".to_owned());
        }
        let standing = match &self.ground.caller {
            Ok(standing) => standing,
            Err(why) => return Says::Unread(why.clone()),
        };
        // A trust policy that names the very user is enough within an account (IAM user guide,
        // "Policy evaluation logic"); one that refuses is not asked here.
        let lets = self.says(action, Layer::Trust, vary) == Says::Lets;
        let trust = self.trust(vary).ok().filter(|_| lets);
        let unread = trust.is_none() && self.ground.role.is_err();
        let policies = Policies {
            identity: standing.policies.identity.clone(),
            boundary: standing.policies.boundary.clone(),
            resource: Some(trust.unwrap_or_else(|| by_account(&self.caller.account))),
            ..Policies::default()
        };
        let lacks = standing.lacks.first().cloned().or_else(|| {
            let policy = &standing.unread.first()?.policy;
            Some(format!("policy {policy} cannot be read"))
        });
        match (self.read_off(action, Layer::Own, &policies, vary), lacks) {
            (Says::Lets | Says::Refuses(None, ..), Some(why)) => Says::Unread(why),
            // The trust policy may do without.
            (Says::Refuses(None, ..), None) if unread && !self.is_foreign() => {
                let why = "whether the trust policy alone is enough is not known";
                Says::Unread(why.to_owned())
            }
            (says, _) => says,
        }
    }

    fn trust(&self, vary: Vary<'_>) -> Result<Named, String> {
        let name = format!("trust policy of {}", self.attempt.assume.role.name());
        if let Some(policy) = vary.trust {
            return Ok(Named::new(name, policy.clone()));
        }
        match &self.ground.role {
            Ok(role) => Policy::parse(role.trust.raw())
                .map(|policy| Named::new(name, policy))
                .map_err(|_| "the trust policy is none that can be read".to_owned()),
            Err(NotRead::Gone) => Err("there is no such role".to_owned()),
            Err(NotRead::Why(why)) => Err(why.clone()),
        }
    }

    fn read_off(&self, action: &str, layer: Layer, policies: &Policies, vary: Vary<'_>) -> Says {
        let decision = self.decided(action, policies, vary);
        let of = |kind: &Kind| layer.kinds().contains(kind);
        let denying = decision.by.iter().find(|r| of(&r.kind) && r.effect.word() == "Deny");
        let lacking = decision.lacking.iter().find(|l| of(&l.kind));
        match (decision.outcome, denying, lacking) {
            (Outcome::ExplicitDeny, Some(reason), _) => {
                Says::Refuses(Some(reason.clone()), reason.kind, reason.level)
            }
            (Outcome::ImplicitDeny, _, Some(lacking)) => {
                Says::Refuses(None, lacking.kind, lacking.level)
            }
            (Outcome::Unknown, ..) => Says::Depends(decision.missing),
            _ => Says::Lets,
        }
    }

    /// Decides; keys are looked up once they are asked for.
    fn decided(&self, action: &str, policies: &Policies, vary: Vary<'_>) -> Decision {
        let role = &self.attempt.assume.role;
        let mut context = self.context(action, vary);
        let resource =
            || Resource { arn: role.to_string(), account: Some(role.account().to_string()) };
        let decide = |context: &Context| {
            evaluate(
                &Request::new(self.caller.clone(), action, resource(), context.clone()),
                policies,
            )
        };
        let mut decision = decide(&context);
        for _ in 0..ROUNDS {
            let known: Vec<_> = decision
                .missing
                .iter()
                .filter_map(|key| Some((key.clone(), self.value_of(action, key)?)))
                .collect();
            if known.is_empty() {
                break;
            }
            for (key, value) in known {
                context.set(&key, value.map(|value| vec![value]));
            }
            decision = decide(&context);
        }
        decision
    }

    /// What the request has under a key, where that is known; `Some(None)`: nothing.
    fn value_of(&self, action: &str, key: &str) -> Option<Option<String>> {
        let key = key.to_ascii_lowercase();
        let tagged = self.attempt.assume.tags;
        let keys = Keys::of(action);
        if let Some(tag) = key.strip_prefix("aws:requesttag/").filter(|_| keys.tags) {
            return match tag {
                "breakglass" if tagged => Some(Some("true".to_owned())),
                // They are the incident and the log's head, which nobody tells here.
                "halon-incident" | "halon-head" if tagged => None,
                _ => Some(None),
            };
        }
        let of_role = ["aws:resourcetag/", "iam:resourcetag/"];
        if let Some(tag) = of_role.iter().find_map(|prefix| key.strip_prefix(prefix)) {
            let role = self.ground.role.as_ref().ok()?;
            let mut tags = role.holder.tags.iter();
            return Some(
                tags.find(|(k, _)| k.raw().eq_ignore_ascii_case(tag))
                    .map(|(_, value)| value.raw().to_owned()),
            );
        }
        // halon sends no external id and passes no tag on.
        let none = keys.session && key.starts_with("sts:") && key != "sts:rolesessionname";
        none.then_some(None)
    }

    fn context(&self, action: &str, vary: Vary<'_>) -> Context {
        let Attempt { place, key, assume, code, at, .. } = self.attempt;
        let mut context = Context::of_direct_call();
        context.set_one("aws:RequestedRegion", place.region.as_str());
        context.set_one("aws:CurrentTime", at.to_string());
        context.set_one("aws:EpochTime", at.as_second().to_string());
        self.ground.place_in_organization(&self.caller, &assume.role.account(), &mut context);
        for (tag, value) in &self.ground.tags {
            context.set_one(&format!("aws:PrincipalTag/{tag}"), value.as_str());
        }
        let source = assume.source_identity.as_deref().or(vary.source.then_some("halon"));
        let own = Keys::of(action);
        if own.source {
            context.set("sts:SourceIdentity", source.map(|s| vec![s.to_owned()]));
        }
        let keys = ["halon-incident", "BreakGlass", "halon-head"].map(ToOwned::to_owned).to_vec();
        if own.tags {
            context.set("aws:TagKeys", assume.tags.then_some(keys));
        }
        let long_term = self.caller.kind == CallerKind::User
            && key.as_ref().is_some_and(|key| !key.is_temporary());
        if long_term {
            // "The key is not present in … long-term credentials" (IAM user guide, "AWS global
            // condition context keys").
            for key in ["aws:TokenIssueTime", "aws:SourceIdentity", "aws:FederatedProvider"] {
                context.set(key, None);
            }
        }
        let given = *code != Code::NotGiven;
        let mfa = vary.mfa.or(given.then_some(true)).or(long_term.then_some(false));
        if let Some(mfa) = mfa {
            context.set("aws:MultiFactorAuthPresent", mfa.then(|| vec!["true".to_owned()]));
            context.set("aws:MultiFactorAuthAge", mfa.then(|| vec!["0".to_owned()]));
        }
        context
    }
}

fn policy(text: &str) -> Named {
    Named { name: "".into(), policy: Arc::new(Policy::parse(text).expect("INVARIANT: tested")) }
}

/// The organization's policies of one kind, level by level, and nothing else that refuses.
fn organization(levels: Vec<Vec<Named>>, layer: Layer) -> Policies {
    let mut policies = Policies {
        identity: vec![everything()],
        resource: Some(everybody()),
        ..Policies::default()
    };
    match layer {
        Layer::Scp => policies.scps = levels,
        _ => policies.rcps = levels,
    }
    policies
}

/// Lets its holder do everything.
fn everything() -> Named {
    policy(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#)
}

/// Lets everybody in.
fn everybody() -> Named {
    policy(r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#)
}

/// Lets in whom the account's own policies let.
fn by_account(account: &str) -> Named {
    // INVARIANT: an account is twelve digits, which `Caller` has checked.
    policy(&format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},"Action":"*","Resource":"*"}}}}"#
    ))
}
