//! From AWS's words and the policies to the causes.

use super::{
    Attempt, Cause, Code, Ground, NotRead, Proof, Why,
    layers::{Layer, Says, Trial, Vary},
    said::{Denied, Said},
};
use crate::{
    domain::{AccountId, Fault, untrusted::display_in},
    policy::{
        Above, Kind, Policy, Principals, Reason, TrusteeKind,
        exempt::{self, Fix, Question, Stack, Subject},
    },
};

/// The kinds of policies in the order in which they are told.
const LAYERS: [Layer; 5] = [Layer::Scp, Layer::Rcp, Layer::Trust, Layer::Own, Layer::Session];
/// Of those whom a trust policy names, at most so many are.
const NAMED: usize = 4;

/// Why the role could not be assumed, the likeliest first; nothing where the fault is no refusal
/// of AWS's, or speaks for itself.
pub fn explain(attempt: &Attempt, fault: &Fault, ground: &Ground) -> Vec<Why> {
    let asked = attempt.assume.seconds;
    let said = |cause| vec![Why::new(attempt, cause, Proof::Said)];
    match Said::of(fault) {
        None => Vec::new(),
        Some(Said::Code) if attempt.code == Code::GivenAgain => said(Cause::SpentCode),
        Some(Said::Code) => said(Cause::WrongCode),
        Some(Said::Device) => said(Cause::WrongDevice),
        Some(Said::HalfACode) => said(Cause::HalfACode),
        Some(Said::RootUser) => said(Cause::RootUser),
        Some(Said::Credentials) => said(Cause::BaseCredentials),
        Some(Said::ChainTooLong) => said(Cause::ChainTooLong { asked }),
        Some(Said::TooLong) => {
            let most = ground.role.as_ref().ok().and_then(|role| role.max_session);
            said(Cause::TooLong { asked, most })
        }
        Some(Said::Denied(denied)) => match Trial::new(attempt, ground) {
            Some(trial) => Refusal { trial, denied }.causes(),
            None => Vec::new(),
        },
    }
}

struct Refusal<'r> {
    trial: Trial<'r>,
    denied: Denied,
}

impl Refusal<'_> {
    fn attempt(&self) -> &Attempt {
        self.trial.attempt
    }

    fn why(&self, cause: Cause, proof: Proof) -> Why {
        Why::new(self.attempt(), cause, proof)
    }

    /// What the call needs, or what of it AWS says was refused.
    fn actions(&self) -> Vec<String> {
        if let Some(action) = &self.denied.action {
            return vec![action.clone()];
        }
        let assume = &self.attempt().assume;
        let mut all = vec!["sts:AssumeRole"];
        all.extend(assume.tags.then_some("sts:TagSession"));
        all.extend(assume.source_identity.as_ref().map(|_| "sts:SetSourceIdentity"));
        all.into_iter().map(ToOwned::to_owned).collect()
    }

    fn causes(&self) -> Vec<Why> {
        if self.trial.ground.role.as_ref().err() == Some(&NotRead::Gone) {
            return vec![self.why(Cause::NoSuchRole, Proof::Read)];
        }
        let mut open = Vec::new();
        for action in self.actions() {
            let said = self
                .layers()
                .map(|layer| (layer, self.trial.says(&action, layer, Vary::default())));
            let mut said: Vec<(Layer, Says)> = said.collect();
            let refusing: Vec<Why> = said
                .iter()
                .filter_map(|(layer, says)| match says {
                    Says::Refuses(by, kind, level) => {
                        let by = (by.as_ref(), *kind, *level);
                        Some(self.why(self.cause(&action, *layer, by), Proof::Read))
                    }
                    _ => None,
                })
                .collect();
            if !refusing.is_empty() {
                return self.with_what_aws_names(&action, refusing, &said);
            }
            said.retain(|(_, says)| *says != Says::Lets);
            open.push((action, said));
        }
        let undecided = open.iter().find(|(_, said)| !said.is_empty()).or(open.first());
        match undecided {
            Some((action, said)) => self.suspicions(action, said),
            None => Vec::new(),
        }
    }

    /// The kind that AWS names first.
    fn layers(&self) -> impl Iterator<Item = Layer> {
        let named = self.denied.layer;
        named.into_iter().chain(LAYERS.into_iter().filter(move |layer| Some(*layer) != named))
    }

    /// What AWS names is said, also where what was read lets it through by now.
    fn with_what_aws_names(
        &self,
        action: &str,
        mut whys: Vec<Why>,
        said: &[(Layer, Says)],
    ) -> Vec<Why> {
        let refuses =
            |layer| said.iter().any(|(l, s)| *l == layer && matches!(s, Says::Refuses(..)));
        if let Some(layer) = self.denied.layer.filter(|layer| !refuses(*layer)) {
            whys.insert(0, self.named(action, layer));
        }
        whys
    }

    fn named(&self, action: &str, layer: Layer) -> Why {
        let (action, policy) = (action.to_owned(), self.denied.policy.clone());
        self.why(Cause::Named { layer, action, policy }, Proof::Said)
    }

    // --- What refuses for certain.

    fn cause(
        &self,
        action: &str,
        layer: Layer,
        by: (Option<&Reason>, Kind, Option<usize>),
    ) -> Cause {
        let no_code = self.attempt().code == Code::NotGiven;
        let with_a_code = Vary { mfa: Some(true), ..Vary::default() };
        if no_code && self.trial.says(action, layer, with_a_code) == Says::Lets {
            return Cause::NoCode { wanted_by: layer };
        }
        let (reason, kind, level) = by;
        match (layer, reason) {
            (Layer::Scp | Layer::Rcp, _) => self.by_organization(action, layer, reason, level),
            (Layer::Trust, Some(reason)) => {
                let role = &self.attempt().assume.role;
                let by = format!("{} of the trust policy of {role}", statement(reason));
                Cause::Denied { action: action.to_owned(), by }
            }
            (_, Some(reason)) => {
                let policy = display_in(&reason.policy, 80);
                let by = format!("{} of {policy}, {},", statement(reason), kind.phrase());
                Cause::Denied { action: action.to_owned(), by }
            }
            (Layer::Trust, None) => self.not_trusted(action),
            (_, None) => match action {
                "sts:SetSourceIdentity" => Cause::NoSetSourceIdentity { lacks: layer },
                "sts:TagSession" => Cause::NoTagSession { lacks: layer },
                _ => Cause::NotAllowed { action: action.to_owned(), by: kind.phrase().to_owned() },
            },
        }
    }

    /// No statement of the trust policy lets the caller in: whether it is for who they are, what
    /// they do, or under which conditions.
    fn not_trusted(&self, action: &str) -> Cause {
        let layer = Layer::Trust;
        let role = self.trial.ground.role.as_ref().ok();
        let policy = role.and_then(|role| Policy::parse(role.trust.raw()).ok());
        let Some(policy) = policy else { return Cause::NotTrusted { names: Vec::new() } };
        let lets = |policy: &Policy| {
            let vary = Vary { trust: Some(policy), ..Vary::default() };
            self.trial.says(action, layer, vary) == Says::Lets
        };
        let unconditional = changed(&policy, |s| s.conditions.clear());
        if !lets(&unconditional) {
            match action {
                "sts:SetSourceIdentity" => return Cause::NoSetSourceIdentity { lacks: layer },
                "sts:TagSession" => return Cause::NoTagSession { lacks: layer },
                _ => {}
            }
            let all = Policy::parse(r#"{"Statement":{"Effect":"Allow","Action":"*"}}"#);
            let actions = all.ok().and_then(|p| p.statements.into_iter().next()).map(|s| s.actions);
            let of_any_action = changed(&unconditional, |s| {
                s.actions.clone_from(actions.as_ref().unwrap_or(&s.actions.clone()));
            });
            return match lets(&of_any_action) {
                true => Cause::NotTrustedTo { action: action.to_owned() },
                false => Cause::NotTrusted { names: names(&policy) },
            };
        }
        if self.attempt().assume.source_identity.is_none() {
            let vary = Vary { source: true, ..Vary::default() };
            if self.trial.says(action, layer, vary) == Says::Lets {
                return Cause::WantsSourceIdentity;
            }
        }
        Cause::Conditions { layer, action: action.to_owned(), keys: unmet(&policy, lets) }
    }

    // --- The organization's policies.

    fn by_organization(
        &self,
        action: &str,
        layer: Layer,
        reason: Option<&Reason>,
        level: Option<usize>,
    ) -> Cause {
        let kind = if layer == Layer::Scp { "SCP" } else { "RCP" };
        let account = match layer {
            Layer::Scp => self.trial.caller().account.parse().ok(),
            _ => Some(self.attempt().assume.role.account()),
        };
        let stack = account.as_ref().and_then(|account| self.stack(account));
        let at = stack.as_ref().zip(level).and_then(|(stack, level)| stack.levels.get(level));
        let at = at.map(|level| {
            let (name, id) = (display_in(level.name.raw(), 80), display_in(level.target.raw(), 80));
            if name == id { name } else { format!("{name} ({id})") }
        });
        let at = at.unwrap_or_else(|| "the organization".to_owned());
        let Some(reason) = reason else {
            let by = format!("no SCP at {at} allows");
            return Cause::Organization { action: action.to_owned(), by, exemption: None };
        };
        let policy = display_in(&reason.policy, 80);
        let by = format!("{} of {kind} {policy} at {at} denies", statement(reason));
        let exemption = stack.zip(level).and_then(|(stack, level)| {
            let question = Question {
                role: self.subject(),
                stack,
                is_management: false,
                regions: vec![self.attempt().place.region.clone()],
                others: Vec::new(),
            };
            let fixes = exempt::fixes(&question, level, &reason.policy, reason.statement);
            let fix = fixes.iter().find(|fix| self.lets_through(action, layer, fix))?;
            let added = display_in(fix.added.raw(), 400);
            // JSON in ASCII cannot do harm.
            let statement = crate::domain::untrusted::json_ascii(&fix.statement.to_string());
            Some(format!("{policy} with the exemption, {added}: {statement}"))
        });
        Cause::Organization { action: action.to_owned(), by, exemption }
    }

    /// Who is to be exempt: the caller, with the tags that are known.
    fn subject(&self) -> Subject {
        let caller = self.trial.caller();
        let own = Some(&self.trial.ground.tags).filter(|tags| !tags.is_empty()).cloned();
        Subject { arn: caller.principal_arn().to_owned(), tags: caller.tags.clone().or(own) }
    }

    fn stack(&self, account: &AccountId) -> Option<Stack> {
        let Above::Seen { organization, missing, .. } = &*self.trial.ground.above else {
            return None;
        };
        let stack = Stack::of(organization, &[], account)?;
        Some(Stack { missing: missing.clone(), ..stack })
    }

    /// Whether the very call is let through by the amended statement.
    fn lets_through(&self, action: &str, layer: Layer, fix: &Fix) -> bool {
        let document = serde_json::json!({"Version": "2012-10-17", "Statement": [fix.statement]});
        let Ok(amended) = Policy::parse(&document.to_string()) else { return false };
        self.trial.alone(action, layer, amended) == Says::Lets
    }

    // --- What may refuse.

    fn suspicions(&self, action: &str, said: &[(Layer, Says)]) -> Vec<Why> {
        if let Some(layer) = self.denied.layer {
            let open = said.iter().find(|(l, _)| *l == layer).map(|(_, says)| says);
            return vec![match open {
                Some(Says::Depends(keys)) => {
                    let cause = self.undecided(action, layer, keys);
                    self.why(cause, Proof::Likely(depends(keys)))
                }
                _ => self.named(action, layer),
            }];
        }
        let session = self.trial.caller().is_session();
        if action == "sts:SetSourceIdentity"
            && session
            && said.iter().all(|(l, _)| *l == Layer::Session)
        {
            let why = "which one it has, no call tells".to_owned();
            return vec![self.why(Cause::OtherSourceIdentity, Proof::Likely(why))];
        }
        let whys = said.iter().filter_map(|(layer, says)| match says {
            Says::Depends(keys) => {
                let cause = self.undecided(action, *layer, keys);
                Some(self.why(cause, Proof::Likely(depends(keys))))
            }
            // Few have one: it is not suspected before anything else.
            Says::Unread(_) if *layer == Layer::Session => None,
            Says::Unread(why) => {
                let cause = Cause::Unread { layer: *layer, action: action.to_owned() };
                Some(self.why(cause, Proof::Likely(why.clone())))
            }
            Says::Lets | Says::Refuses(..) => None,
        });
        let mut whys: Vec<Why> = whys.collect();
        // AWS names the kind of policy, but where another account's trust policy refuses.
        let trust = |why: &Why| matches!(why.cause, Cause::Unread { layer: Layer::Trust, .. });
        if self.trial.is_foreign() {
            whys.sort_by_key(|why| !trust(why));
        }
        if whys.is_empty() {
            let cause = Cause::Unexplained { action: action.to_owned() };
            whys.push(self.why(cause, Proof::Said));
        }
        whys
    }

    /// It depends on keys that are not known: on MFA of the caller's session, or others.
    fn undecided(&self, action: &str, layer: Layer, keys: &[String]) -> Cause {
        let no_code = self.attempt().code == Code::NotGiven;
        let says = |mfa| self.trial.says(action, layer, Vary { mfa: Some(mfa), ..Vary::default() });
        if no_code && says(true) == Says::Lets && matches!(says(false), Says::Refuses(..)) {
            return Cause::NoCode { wanted_by: layer };
        }
        Cause::Conditions { layer, action: action.to_owned(), keys: keys.to_vec() }
    }
}

fn depends(keys: &[String]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| display_in(key, 80)).collect();
    format!("it depends on {}, which is not known here", keys.join(", "))
}

/// `statement 0 (Regions)`.
fn statement(reason: &Reason) -> String {
    let sid = reason.sid.as_deref().filter(|sid| !sid.is_empty());
    let sid = sid.map(|sid| format!(" ({})", display_in(sid, 60))).unwrap_or_default();
    format!("statement {}{sid}", reason.statement)
}

/// The policy with its Allows changed.
fn changed(policy: &Policy, change: impl Fn(&mut crate::policy::Statement)) -> Policy {
    let mut policy = policy.clone();
    policy.statements.iter_mut().filter(|s| s.is_allow()).for_each(change);
    policy
}

/// Whom the Allows of a trust policy name for AssumeRole, a few of them.
fn names(policy: &Policy) -> Vec<String> {
    let allows = policy.statements.iter().filter(|s| s.is_allow());
    let named = allows.filter_map(|s| match &s.principals {
        Some(Principals::These(who)) => Some(who.iter()),
        _ => None,
    });
    // Services come by themselves, and whoever is federated by other calls.
    let named = named.flatten().filter(|(kind, _)| *kind == TrusteeKind::Aws);
    let mut all: Vec<String> = named.map(|(_, text)| display_in(text, 120)).collect();
    all.dedup();
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    all.extend((more > 0).then(|| format!("{more} more")));
    all
}

/// The keys of the conditions that are not met, of the first Allow that would let the caller in
/// without any.
fn unmet(policy: &Policy, lets: impl Fn(&Policy) -> bool) -> Vec<String> {
    let one = |statement: &crate::policy::Statement| Policy {
        statements: vec![statement.clone()],
        ..policy.clone()
    };
    for statement in policy.statements.iter().filter(|s| s.is_allow()) {
        if !lets(&changed(&one(statement), |s| s.conditions.clear())) {
            continue;
        }
        let unmet = statement.conditions.iter().filter(|test| {
            !lets(&changed(&one(statement), |s| s.conditions = vec![(*test).clone()]))
        });
        let mut keys: Vec<String> = unmet.map(|test| test.key.to_string()).collect();
        keys.dedup();
        return keys;
    }
    Vec::new()
}
