//! The judgement: each step's calls, in each seat, in each region.

use std::{collections::HashMap, sync::Arc};

use super::{
    Answer, Attached, Cause, Cell, Column, Obstacle, Question, Readiness, Role, Row, Seat, Why,
};
use crate::{
    change::Scope,
    domain::{AccountId, Region, Untrusted},
    guard::Badge,
    playbook::{HowToAssume, Needs, Playbook},
    policy::{
        Above, Context, Decision, Effect, Kind, Lacking, Named, Outcome, Policy, Reason, Standing,
        THE_RESOURCE, Unread,
        actions::{self, AccessLevel},
        exempt::{self, Fix, Stack, Subject},
    },
};

/// What one call comes to in one region.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    answer: Answer,
    why: Why,
}

pub(super) fn judged(question: &Question<'_>) -> Readiness {
    let mut judges: Vec<Judge<'_>> =
        question.seats.iter().map(|seat| Judge::new(question, seat)).collect();
    let row = |loaded: &crate::playbook::Loaded| Row {
        playbook: loaded.id.clone(),
        cells: judges.iter_mut().map(|judge| judge.cell(loaded)).collect(),
    };
    let rows = question.playbooks.iter().map(row).collect();
    let columns = question.seats.iter().map(|seat| Column {
        account: seat.account.clone(),
        name: seat.name.clone(),
        role: seat.role.arn().map(Untrusted::from),
        regions: seat.regions.clone(),
    });
    Readiness { at: question.now, columns: columns.collect(), rows }
}

impl Role {
    fn arn(&self) -> Option<&str> {
        match self {
            Role::None => None,
            Role::Unread { arn, .. } => Some(arn),
            Role::Read(standing) => Some(standing.caller.principal_arn()),
        }
    }
}

/// Everything that one seat's answers rest on. A call is judged once in each region, however
/// many steps make it.
struct Judge<'q> {
    question: &'q Question<'q>,
    seat: &'q Seat,
    /// The levels above the account, the root's first.
    levels: Vec<Attached>,
    /// The role as a session of it, where it was read.
    session: Option<Session>,
    found: HashMap<(&'static str, Region), Arc<Found>>,
    fixes: HashMap<(usize, Arc<str>, usize), Option<Fix>>,
}

impl<'q> Judge<'q> {
    fn new(question: &'q Question<'q>, seat: &'q Seat) -> Self {
        let levels = match &*question.above {
            Above::Seen { organization, .. } => organization.levels(&seat.account),
            Above::Nothing | Above::NotAsked | Above::NotVisible(_) => Vec::new(),
        };
        let levels = levels.into_iter().enumerate().map(|(level, at)| Attached {
            level,
            target: at.target.into(),
            name: at.name.clone(),
        });
        let levels = levels.collect();
        let session = match &seat.role {
            Role::Read(standing) => Some(Session::of(standing, question.how)),
            Role::None | Role::Unread { .. } => None,
        };
        Self { question, seat, levels, session, found: HashMap::new(), fixes: HashMap::new() }
    }

    fn cell(&mut self, loaded: &crate::playbook::Loaded) -> Cell {
        let whole = |answer, note: String| Cell {
            answer,
            obstacles: vec![Obstacle {
                step: None,
                action: None,
                regions: Vec::new(),
                answer,
                why: Why { note: Some(note.into()), ..Why::default() },
            }],
        };
        let Ok(playbook) = &loaded.playbook else {
            return whole(Answer::No, "the file cannot be read: see `halon playbook check`".into());
        };
        let here = match self.here(playbook) {
            Ok(here) => here,
            Err(why) => return whole(Answer::Unknown, why),
        };
        let seat = self.seat;
        let without = matches!(seat.role, Role::None) && playbook.needs_break_glass();
        if here.is_empty() && !without {
            return Cell { answer: Answer::Nothing, obstacles: Vec::new() };
        }
        match &seat.role {
            Role::None => {
                let account = &seat.account;
                whole(Answer::No, format!("no break-glass role is configured for {account}"))
            }
            Role::Unread { why, .. } => whole(Answer::Unknown, why.clone()),
            Role::Read(_) => {
                let mut obstacles = Vec::new();
                for (step, needs) in &here {
                    for action in &needs.actions {
                        obstacles.extend(self.obstacles(step, needs, action));
                    }
                }
                let worst = obstacles.iter().map(|o| o.answer).max();
                Cell { answer: worst.unwrap_or(Answer::Yes), obstacles }
            }
        }
    }

    /// The steps that would be taken in this account, with what they need. What is the
    /// organization's is changed by its management account, unless it delegated that.
    ///
    /// # Errors
    /// Which account that is, is not known.
    fn here(&self, playbook: &Playbook) -> Result<Vec<(String, Needs)>, String> {
        let mut here = Vec::new();
        for step in &playbook.steps {
            let Some(needs) = step.needs(&playbook.inputs) else { continue };
            if needs.scope == Scope::Organization {
                match (&self.question.management, &*self.question.above) {
                    (Some(management), _) if *management != self.seat.account => continue,
                    (Some(_), _) => {}
                    (None, Above::Nothing) => continue,
                    (None, _) => {
                        let why = "which account manages the organization is not known";
                        return Err(why.to_owned());
                    }
                }
            }
            here.push((step.id.clone(), needs));
        }
        Ok(here)
    }

    /// One action of one step, in every region that it may be made in: what is the same in
    /// several is said once.
    fn obstacles(&mut self, step: &str, needs: &Needs, action: &'static str) -> Vec<Obstacle> {
        let global = is_global(action);
        let mut regions = match &needs.region {
            Some(one) => vec![one.clone()],
            None => self.seat.regions.clone(),
        };
        if global {
            regions = regions.iter().map(Region::of_global_services).collect();
        }
        regions.sort();
        regions.dedup();
        let mut out: Vec<(Arc<Found>, Vec<Region>)> = Vec::new();
        for region in &regions {
            let found = self.found(action, region);
            match out.iter_mut().find(|(known, _)| *known == found) {
                Some((_, at)) => at.push(region.clone()),
                None => out.push((found, vec![region.clone()])),
            }
        }
        out.retain(|(found, _)| found.answer > Answer::Yes);
        let everywhere = |at: &[Region]| at.len() > 1 && at.len() == regions.len();
        let obstacle = |(found, at): (Arc<Found>, Vec<Region>)| Obstacle {
            step: Some(step.to_owned()),
            action: Some(action),
            regions: if global || everywhere(&at) { Vec::new() } else { at },
            answer: found.answer,
            why: found.why.clone(),
        };
        out.into_iter().map(obstacle).collect()
    }

    fn found(&mut self, action: &'static str, region: &Region) -> Arc<Found> {
        if let Some(known) = self.found.get(&(action, region.clone())) {
            return known.clone();
        }
        let Some(session) = self.session.take() else {
            return Arc::new(Found { answer: Answer::Unknown, why: Why::default() });
        };
        let context = self.context(&session, action, region);
        let each = resources(action, region, &self.seat.account);
        let each: Vec<Found> = each
            .iter()
            .map(|on| {
                let decision = session.standing.decide_on_any(action, on, context.clone());
                self.read(&session, &decision)
            })
            .collect();
        self.session = Some(session);
        let found = Arc::new(together(each));
        self.found.insert((action, region.clone()), found.clone());
        found
    }

    /// What is known of every call that halon makes itself, as the role.
    fn context(&self, session: &Session, action: &str, region: &Region) -> Context {
        let mut context = Context::of_direct_call();
        context.set_one("aws:RequestedRegion", region.as_str());
        context.set_one("aws:CurrentTime", self.question.now.to_string());
        context.set_one("aws:EpochTime", self.question.now.as_second().to_string());
        match &*self.question.above {
            Above::Seen { organization, .. } => {
                for whose in ["Principal", "Resource"] {
                    if let Some(path) = organization.path(&self.seat.account) {
                        context.set_one(&format!("aws:{whose}OrgID"), organization.id.raw());
                        context.set_one(&format!("aws:{whose}OrgPaths"), path);
                    }
                }
            }
            Above::Nothing => {
                for key in
                    ["PrincipalOrgID", "PrincipalOrgPaths", "ResourceOrgID", "ResourceOrgPaths"]
                {
                    context.set(&format!("aws:{key}"), None);
                }
            }
            Above::NotAsked | Above::NotVisible(_) => {}
        }
        // Whatever halon makes, it makes without tags; which tags it sets, only the call tells.
        if actions::access_level(action) != Some(AccessLevel::Tagging) {
            context.set("aws:TagKeys", None);
        }
        if session.mfa {
            context.set_one("aws:MultiFactorAuthPresent", "true");
        }
        for (key, value) in &session.tags {
            context.set_one(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        context
    }

    fn read(&mut self, session: &Session, decision: &Decision) -> Found {
        if decision.is_allowed() {
            return Found { answer: Answer::Yes, why: Why::default() };
        }
        let mut why = Why::default();
        for reason in &decision.by {
            // What allows is in the way of nothing, but where it only may.
            let open = decision.outcome == Outcome::Unknown && !decision.missing.is_empty();
            if reason.effect == Effect::Deny || open {
                why.causes.push(self.cause(session, reason));
            }
        }
        let lacks = decision.lacking.iter().map(|lacking| self.lack(&session.standing, lacking));
        why.causes.extend(lacks);
        if decision.is_denied() {
            return Found { answer: Answer::No, why };
        }
        why.depends_on.clone_from(&decision.missing);
        let blind = blind(&session.standing);
        let answer = match (&blind, why.depends_on.is_empty()) {
            (None, false) => Answer::Depends,
            _ => Answer::Unknown,
        };
        why.note = blind.or_else(|| decision.notes.first().cloned()).map(Into::into);
        why.note = why.note.filter(|_| answer == Answer::Unknown);
        Found { answer, why }
    }

    fn cause(&mut self, session: &Session, reason: &Reason) -> Cause {
        let place = reason.level.and_then(|level| self.levels.get(level)).cloned();
        let fix = match (reason.kind, reason.level, reason.effect) {
            (Kind::Scp | Kind::Rcp, Some(level), Effect::Deny) => {
                let key = (level, reason.policy.clone(), reason.statement);
                if !self.fixes.contains_key(&key) {
                    let fix = self.fix(session, level, reason);
                    self.fixes.insert(key.clone(), fix);
                }
                self.fixes.get(&key).cloned().flatten()
            }
            _ => None,
        };
        Cause {
            kind: reason.kind,
            policy: Some((&*reason.policy).into()),
            statement: Some(reason.statement),
            sid: reason.sid.as_deref().map(Untrusted::from),
            effect: reason.effect,
            place,
            fix,
        }
    }

    fn lack(&self, standing: &Standing, lacking: &Lacking) -> Cause {
        let bound = || Some(Untrusted::from(&*standing.policies.boundary.as_ref()?.name));
        Cause {
            kind: lacking.kind,
            policy: if lacking.kind == Kind::Boundary { bound() } else { None },
            statement: None,
            sid: None,
            effect: Effect::Deny,
            place: lacking.level.and_then(|level| self.levels.get(level)).cloned(),
            fix: None,
        }
    }

    /// The exemption of the role from one statement of the organization's.
    fn fix(&self, session: &Session, level: usize, reason: &Reason) -> Option<Fix> {
        let Above::Seen { organization, missing, .. } = &*self.question.above else { return None };
        let mut stack = Stack::of(organization, &[], &self.seat.account)?;
        stack.missing.clone_from(missing);
        let role = Subject {
            arn: session.standing.caller.principal_arn().to_owned(),
            tags: Some(session.tags.clone()),
        };
        let question = exempt::Question {
            role,
            stack,
            is_management: organization.management == self.seat.account,
            regions: self.seat.regions.clone(),
            others: Vec::new(),
        };
        exempt::fixes(&question, level, &reason.policy, reason.statement).into_iter().next()
    }
}

/// A session of the role, as halon begins one.
struct Session {
    standing: Standing,
    /// The tags that it has for certain: it may bring others along from an earlier session.
    tags: Vec<(String, String)>,
    /// It is begun with a code.
    mfa: bool,
}

impl Session {
    fn of(standing: &Standing, how: &HowToAssume) -> Self {
        let mut standing = standing.clone();
        let mut tags = standing.caller.tags.take().unwrap_or_default();
        if how.tags {
            // A session tag takes the place of the role's of the same key (IAM user guide, "Pass
            // session tags in AWS STS").
            let (key, value) = Badge::TAG;
            tags.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
            tags.push((key.to_owned(), value.to_owned()));
        }
        if let Some(text) = &how.policy {
            let name = "assume.policy";
            match Policy::parse(text) {
                Ok(policy) => standing.policies.session = Some(vec![Named::new(name, policy)]),
                Err(why) => {
                    standing.unread.push(Unread { policy: name.to_owned(), why: Some(why) });
                }
            }
        }
        Self { standing, tags, mfa: how.mfa.is_some() }
    }
}

/// Its service has one endpoint, whose region `aws:RequestedRegion` is (IAM user guide,
/// "aws:RequestedRegion").
fn is_global(action: &str) -> bool {
    ["iam:", "organizations:"].iter().any(|service| action.starts_with(service))
}

/// What a call may be about, as ARNs with stars: one for each type of resource that the
/// action can be limited to.
fn resources(action: &str, region: &Region, account: &AccountId) -> Vec<String> {
    let partition = region.partition();
    let known = actions::find(action);
    let forms = known.map(|action| action.forms()).unwrap_or_default();
    if forms.is_empty() {
        // It takes no resource, as far as the table knows. Where a policy that names resources
        // would tell them apart, the answer is not certain.
        let service = action.split(':').next().unwrap_or_default();
        return vec!["*".to_owned(), format!("arn:{partition}:{service}:*:{account}:*")];
    }
    let reads = known.is_some_and(|action| action.level.reads());
    let filled = |form: &actions::Form| {
        // AWS's own policies are read like the account's.
        let own = !(reads && form.kind == "policy");
        let mut out = String::new();
        let mut rest = form.text;
        while let Some((before, inner)) = rest.split_once("${") {
            let (name, after) = inner.split_once('}').unwrap_or((inner, ""));
            out += before;
            out += match name {
                "Partition" => partition,
                "Region" => region.as_str(),
                "Account" if own => account.as_str(),
                _ => "*",
            };
            rest = after;
        }
        out + rest
    };
    forms.iter().map(filled).collect()
}

/// One answer of those for each type of resource: the same, or it depends on the resource.
fn together(each: Vec<Found>) -> Found {
    let mut each = each.into_iter();
    let Some(mut all) = each.next() else {
        return Found { answer: Answer::Yes, why: Why::default() };
    };
    for one in each {
        if one.answer != all.answer {
            let unknown = [one.answer, all.answer].contains(&Answer::Unknown);
            all.answer = if unknown { Answer::Unknown } else { Answer::Depends };
            if !unknown && !all.why.depends_on.iter().any(|key| key == THE_RESOURCE) {
                all.why.depends_on.push(THE_RESOURCE.to_owned());
            }
        }
        for cause in one.why.causes {
            if !all.why.causes.contains(&cause) {
                all.why.causes.push(cause);
            }
        }
        for key in one.why.depends_on {
            if !all.why.depends_on.contains(&key) {
                all.why.depends_on.push(key);
            }
        }
        all.why.note = all.why.note.or(one.why.note);
    }
    all
}

/// What of the policies that apply is not known, in words.
fn blind(standing: &Standing) -> Option<String> {
    let unread = standing.unread.first().map(|unread| match &unread.why {
        Some(_) => format!("policy {} cannot be read", unread.policy),
        None => format!("{} is not among what was listed", unread.policy),
    });
    standing.unseen.clone().or(unread).or_else(|| standing.lacks.first().cloned())
}
