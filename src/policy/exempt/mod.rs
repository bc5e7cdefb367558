//! Is a role exempt from what the organization's policies deny, statement by statement, and
//! what breaks where it is not? The exemption that would fix it is confirmed by evaluating the
//! amended statement.
//!
//! Organizations user guide, "SCP evaluation": at every level from the root to the account one
//! statement must allow, and no statement anywhere may deny. "SCPs don't affect users or roles
//! in the management account. They affect only the member accounts", and no service-linked
//! role. A break-glass role is meant to be exempt; whether it is, is not to be found out in an
//! incident.

mod amend;
mod exemption;
mod job;
mod lockout;
mod stack;
#[cfg(test)]
mod tests;

mod trial;

use crate::{
    domain::{Region, Untrusted, organization::OrgPolicyKind},
    policy::{Actions, Caller, Malformed, Policy, Statement},
};
use amend::Mender;

pub use amend::{Fix, Way, is_for_emergencies};
pub use exemption::{Exemption, TagRisk, Taken};
pub use job::{Call, JOB};
pub use lockout::{Lockout, Newly, lockout};
pub use stack::{Attached, Level, Stack};
pub use trial::{Breaks, Subject};

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub role: Subject,
    /// What stands above the role's account.
    pub stack: Stack,
    /// The account is the organization's management account.
    pub is_management: bool,
    /// Where the job is tried.
    pub regions: Vec<Region>,
    /// Other principals of the account, to say whom an exemption lets through besides.
    pub others: Vec<Subject>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    pub verdict: Verdict,
    /// The root's first.
    pub levels: Vec<LevelReport>,
    /// What of the job all of them together refuse, or may refuse.
    pub refused: Vec<Breaks>,
    /// Whether the whole job is let through once the first fix of each is made; absent where
    /// nothing is to be fixed.
    pub repaired: Option<bool>,
    /// Why policies may stand there that were not told of, where they may.
    pub missing: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No such policy applies to the role.
    NotBound(Unbound),
    /// Nothing stands in the way of the job.
    Exempt,
    /// Something does.
    NotExempt,
    /// It depends on what is not known.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unbound {
    Management,
    ServiceLinked,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LevelReport {
    /// The id of the root, the unit or the account.
    pub target: Untrusted,
    pub name: Untrusted,
    pub statements: Vec<StatementReport>,
    /// What of the job no statement of this level allows.
    pub lacking: Vec<Breaks>,
    /// The statement that would allow it.
    pub fix: Option<Fix>,
    /// Policies that cannot be read, with why.
    pub unreadable: Vec<(Untrusted, Malformed)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StatementReport {
    /// The policy's name and id.
    pub policy: Untrusted,
    pub policy_id: Untrusted,
    pub kind: OrgPolicyKind,
    /// Its place in the policy, from 0.
    pub at: usize,
    /// With its place in the document's text.
    pub statement: Statement,
    pub standing: Standing,
    /// What of the job it denies, or may deny.
    pub breaks: Vec<Breaks>,
    pub exemptions: Vec<Exemption>,
    /// Confirmed ones, the best first.
    pub fixes: Vec<Fix>,
}

/// How a statement stands to the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// An Allow.
    Allows,
    /// A condition on who asks takes the role out of the Deny.
    Exempt,
    /// It is about other things than the job.
    Spares(Spared),
    /// It denies calls of the job.
    Denies,
    /// It may: that depends on what is not known.
    Depends,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spared {
    /// The calls of the job are on its `NotAction` list.
    NotAction,
    /// It is about other actions.
    Action,
    /// Resource or conditions: other resources, another region.
    Elsewhere,
}

impl Verdict {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::NotBound(_) => "not_bound",
            Verdict::Exempt => "exempt",
            Verdict::NotExempt => "not_exempt",
            Verdict::Unknown => "unknown",
        }
    }

    pub fn sentence(self) -> &'static str {
        match self {
            Verdict::NotBound(Unbound::Management) => {
                "No policy of the organization binds the management account's own principals."
            }
            Verdict::NotBound(Unbound::ServiceLinked) => {
                "No policy of the organization binds a service-linked role."
            }
            Verdict::Exempt => "No policy of the organization stands in the way of the job.",
            Verdict::NotExempt => "The organization's policies deny this role what the job needs.",
            Verdict::Unknown => "Whether the role is exempt depends on what is not known.",
        }
    }
}

impl Standing {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Allows => "allows",
            Standing::Exempt => "exempt",
            Standing::Spares(_) => "spares",
            Standing::Denies => "denies",
            Standing::Depends => "depends",
        }
    }
}

impl Spared {
    pub fn sentence(self) -> &'static str {
        match self {
            Spared::NotAction => "what the job needs is on its NotAction list",
            Spared::Action => "it is about other actions than the job's",
            Spared::Elsewhere => "it denies the job nothing in the regions tried",
        }
    }
}

impl StatementReport {
    /// An Allow of everything, as `FullAWSAccess` has: nothing is to be said of it.
    pub fn allows_all(&self) -> bool {
        let statements = vec![self.statement.clone()];
        Policy { version: None, id: None, statements, listed: true }.allows_all()
    }
}

impl Analysis {
    pub fn statements(&self) -> impl Iterator<Item = (usize, &StatementReport)> {
        let levels = self.levels.iter().enumerate();
        levels.flat_map(|(level, report)| report.statements.iter().map(move |s| (level, s)))
    }
}

/// Answers.
pub fn analyse(question: &Question) -> Analysis {
    let Question { role, stack, is_management, regions, others } = question;
    let unbound = |why| Analysis {
        verdict: Verdict::NotBound(why),
        levels: Vec::new(),
        refused: Vec::new(),
        repaired: None,
        missing: None,
    };
    let Some(caller) = trial::caller(role) else {
        return Analysis { verdict: Verdict::Unknown, ..unbound(Unbound::Management) };
    };
    if *is_management {
        return unbound(Unbound::Management);
    }
    if caller.is_service_linked() {
        return unbound(Unbound::ServiceLinked);
    }
    let account = caller.account.clone();
    let trial = trial::Trial::new(&account, regions, stack);
    let mender = Mender::new(&trial, stack, role, &caller);
    let looker = Looker { mender: &mender, caller: &caller, others };
    let levels: Vec<LevelReport> = stack.levels.iter().map(|level| looker.level(level)).collect();
    let refused = trial.lacking(&caller, &trial::unhindered(stack.policies()));
    let verdict = verdict(&levels, stack.missing.is_some());
    let repaired = (verdict == Verdict::NotExempt).then(|| looker.repaired(stack, &levels));
    // What is not known cannot be shown to be mended.
    let repaired = repaired.filter(|_| stack.missing.is_none());
    Analysis { verdict, levels, refused, repaired, missing: stack.missing.clone() }
}

/// The confirmed exemptions of the role from one Deny, the best first: the one at `at` among
/// the statements of the policy of this name, attached at a level of the stack. For a Deny
/// that hinders something else than the job. Nothing where no policy binds the role.
pub fn fixes(question: &Question, level: usize, policy: &str, at: usize) -> Vec<Fix> {
    let Question { role, stack, is_management, regions, .. } = question;
    let Some(caller) = trial::caller(role).filter(|c| !is_management && !c.is_service_linked())
    else {
        return Vec::new();
    };
    let account = caller.account.clone();
    let trial = trial::Trial::new(&account, regions, stack);
    let policies = stack.levels.get(level).map(|l| &l.policies[..]).unwrap_or_default();
    let attached = policies.iter().find(|p| p.name.raw() == policy);
    let denies = |attached: &&Attached| {
        let statement = attached.read.as_ref().ok().and_then(|p| p.statements.get(at));
        statement.is_some_and(|s| !s.is_allow())
    };
    match attached.filter(denies) {
        Some(attached) => Mender::new(&trial, stack, role, &caller).fixes(attached, at),
        None => Vec::new(),
    }
}

/// `open`: policies may stand there that were not told of.
fn verdict(levels: &[LevelReport], open: bool) -> Verdict {
    let stands = |standing: Standing| {
        levels.iter().flat_map(|l| &l.statements).any(|s| s.standing == standing)
    };
    let lacking = |certain: bool| {
        levels.iter().flat_map(|l| &l.lacking).any(|b| b.depends_on.is_empty() == certain)
    };
    let unreadable = open || levels.iter().any(|l| !l.unreadable.is_empty());
    // Where a policy cannot be read, an Allow that is missing may be in it.
    if stands(Standing::Denies) || lacking(true) && !unreadable {
        Verdict::NotExempt
    } else if stands(Standing::Depends) || lacking(false) || unreadable {
        Verdict::Unknown
    } else {
        Verdict::Exempt
    }
}

struct Looker<'l> {
    mender: &'l Mender<'l>,
    caller: &'l Caller,
    others: &'l [Subject],
}

impl Looker<'_> {
    fn level(&self, level: &Level) -> LevelReport {
        let statements = level.policies.iter().flat_map(|p| self.policy(p)).collect();
        // Where service control policies are switched off nothing has to allow.
        let lacking = match self.mender.stack.enabled.contains(&OrgPolicyKind::Scp) {
            true => {
                let allows = amend::allows(&level.policies);
                self.mender.trial.lacking(self.caller, &amend::layer(allows))
            }
            false => Vec::new(),
        };
        let unreadable = level
            .policies
            .iter()
            .filter_map(|policy| Some((policy.name.clone(), policy.read.as_ref().err()?.clone())));
        let fix = match lacking.is_empty() {
            true => None,
            false => self.mender.allowing(&level.policies, &lacking),
        };
        LevelReport {
            target: level.target.clone(),
            name: level.name.clone(),
            statements,
            lacking,
            fix,
            unreadable: unreadable.collect(),
        }
    }

    fn policy(&self, attached: &Attached) -> Vec<StatementReport> {
        let Ok(policy) = &attached.read else { return Vec::new() };
        (0..policy.statements.len()).map(|at| self.statement(attached, at, policy)).collect()
    }

    fn statement(&self, attached: &Attached, at: usize, policy: &Policy) -> StatementReport {
        let statement = &policy.statements[at];
        let Mender { trial, stack, .. } = self.mender;
        let mut report = StatementReport {
            policy: attached.name.clone(),
            policy_id: attached.id.clone(),
            kind: attached.kind,
            at,
            statement: statement.clone(),
            standing: Standing::Allows,
            breaks: Vec::new(),
            exemptions: Vec::new(),
            fixes: Vec::new(),
        };
        if statement.is_allow() {
            return report;
        }
        report.exemptions =
            exemption::exemptions(trial, stack, self.caller, self.others, statement);
        report.breaks = trial.breaks(self.caller, statement, attached.kind);
        report.standing = if report.exemptions.iter().any(|e| e.role == Taken::Out) {
            Standing::Exempt
        } else if report.breaks.iter().any(|b| b.depends_on.is_empty()) {
            Standing::Denies
        } else if !report.breaks.is_empty() {
            Standing::Depends
        } else {
            Standing::Spares(spared(statement))
        };
        if matches!(report.standing, Standing::Denies | Standing::Depends) {
            report.fixes = self.mender.fixes(attached, at);
        }
        report
    }

    fn repaired(&self, stack: &Stack, levels: &[LevelReport]) -> bool {
        let stands =
            |s: &StatementReport| matches!(s.standing, Standing::Denies | Standing::Depends);
        let unfixed = levels.iter().any(|level| {
            !level.lacking.is_empty() && level.fix.is_none()
                || level.statements.iter().any(|s| stands(s) && s.fixes.is_empty())
        });
        if unfixed {
            return false;
        }
        let mut fixes = Vec::new();
        let mut allows = Vec::new();
        for (level, report) in levels.iter().enumerate() {
            for statement in &report.statements {
                let policies = &stack.levels[level].policies;
                let policy = policies.iter().position(|p| p.id == statement.policy_id);
                if let (Some(policy), Some(fix)) = (policy, statement.fixes.first()) {
                    fixes.push((level, policy, statement.at, fix));
                }
            }
            allows.extend(report.fix.as_ref().map(|fix| (level, fix)));
        }
        self.mender.repaired(&fixes, &allows)
    }
}

fn spared(statement: &Statement) -> Spared {
    let about = JOB.iter().any(|c| statement.actions.cover(&c.action.to_ascii_lowercase()));
    match (&statement.actions, about) {
        (_, true) => Spared::Elsewhere,
        (Actions::AllBut(_), false) => Spared::NotAction,
        (Actions::These(_), false) => Spared::Action,
    }
}
