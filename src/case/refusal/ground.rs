//! What an explanation rests on: what was read of the caller, the role and the organization.

use std::sync::Arc;

use super::{Attempt, Code, Why, explain};
use crate::{
    case::{
        Case, Load, Look, Seen,
        preflight::{holder_of, principal, says_of_policies},
    },
    change::Prepared,
    domain::{
        AccountId, Assume, Fault, FaultKind, Principal, Query, Target, Verb,
        authorization::{Authorization, Inspected, Role},
    },
    policy::{Above, Account, Caller, CallerKind, Context, Standing},
};

/// What is known of both sides.
pub struct Ground {
    /// The caller with their policies, or why they are not known.
    pub caller: Result<Standing, String>,
    /// The tags of the caller's role, whose session may bring others.
    pub tags: Vec<(String, String)>,
    pub role: Result<Role, NotRead>,
    pub above: Arc<Above>,
}

/// Why the role is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// Its account was asked, and there is none.
    Gone,
    Why(String),
}

impl Ground {
    /// `aws:PrincipalOrgID` and its like, as far as the organization is seen.
    pub(super) fn place_in_organization(
        &self,
        caller: &Caller,
        role: &AccountId,
        context: &mut Context,
    ) {
        let own = caller.account.parse::<AccountId>();
        for (whose, account) in [("Principal", own.as_ref().ok()), ("Resource", Some(role))] {
            let (id, path) = (format!("aws:{whose}OrgID"), format!("aws:{whose}OrgPaths"));
            match (&*self.above, account) {
                (Above::Seen { organization, .. }, Some(account)) => {
                    if let Some(way) = organization.path(account) {
                        context.set_one(&id, organization.id.raw());
                        context.set_one(&path, way);
                    }
                }
                (Above::Nothing, Some(account)) if own.as_ref() == Ok(account) => {
                    context.set(&id, None);
                    context.set(&path, None);
                }
                _ => {}
            }
        }
    }
}

impl Attempt {
    /// What is to be read to explain it: the caller, the role, the organization. `role` is whose
    /// credentials look at the role's account, where there are any.
    pub fn needs(&self, role: Option<&Target>) -> Vec<Query> {
        let place = &self.place;
        let role = role.map(|target| {
            let place = crate::domain::Place { target: target.clone(), ..place.clone() };
            Query::Principal { place, who: Principal::Role(self.assume.role.name()) }
        });
        let caller = principal(&self.caller);
        let caller = caller.map(|who| Query::Principal { place: place.clone(), who });
        let organization = Query::Organization { place: place.clone() };
        caller.into_iter().chain(role).chain([organization]).collect()
    }
}

impl Case {
    /// The attempt that a change was; `None` where it assumes no role, or who made it is not
    /// known.
    pub fn attempted(
        &self,
        prepared: &Prepared,
        code: Code,
        at: jiff::Timestamp,
    ) -> Option<Attempt> {
        let Verb::AssumeRole(assume) = &prepared.change.verb else { return None };
        let assume: Assume = assume.clone();
        let place = prepared.change.place.clone();
        let Some(Load::Ready(identity)) = self.callers.get(&place.target) else { return None };
        let (caller, key) = (identity.arn.raw().to_owned(), identity.access_key.clone());
        Some(Attempt { place, caller, key, assume, code, at })
    }

    /// Has everything looked at that explains why an attempt was refused; asked for until it
    /// says that all of it was. What could not be read is not asked for again.
    pub fn look_into(&mut self, attempt: &Attempt) -> bool {
        let role = self.target_of(&attempt.assume.role.account());
        for query in attempt.needs(role.as_ref()) {
            match query {
                Query::Principal { place, who } => {
                    let at = (place.target.clone(), who.clone());
                    let look = self.inspection.principals.get(&at);
                    if look.is_none_or(|look| look.known.is_none() && look.fault.is_none()) {
                        self.look_at(&place.target, &who, false);
                    }
                }
                _ => self.look_at_organization_anywhere(&attempt.place.target),
            }
        }
        let asking = self.inspection.principals.values().any(|look| look.is_asking)
            || self.inspection.organizations.values().any(|look| look.is_asking);
        !asking
    }

    /// From the caller's account, and where that does not see it from one after the other.
    fn look_at_organization_anywhere(&mut self, target: &Target) {
        match self.inspection.organizations.get(target) {
            None => self.look_at_organization(target, false),
            Some(look) if look.is_asking => {}
            Some(_) => {
                let looks = &self.inspection.organizations;
                let seen = self.inspection.organization().is_some();
                let next = self.accounts().into_iter().find(|(t, _)| !looks.contains_key(t));
                if let Some((next, _)) = next.filter(|_| !seen) {
                    self.look_at_organization(&next, false);
                }
            }
        }
    }

    /// Why an attempt was refused, the likeliest first; nothing where the fault is no refusal or
    /// speaks for itself.
    pub fn explained(&self, attempt: &Attempt, fault: &Fault) -> Vec<Why> {
        explain(attempt, fault, &self.refusal_ground(attempt))
    }

    fn refusal_ground(&self, attempt: &Attempt) -> Ground {
        let target = &attempt.place.target;
        let role = &attempt.assume.role;
        let caller = Caller::new(&attempt.caller);
        let account = caller.as_ref().and_then(|c| c.account.parse::<AccountId>().ok());
        let seen = self.above(target, account.as_ref());
        let above = Arc::new(match &seen {
            Seen::View(view, gaps, _) => Above::new(view, gaps),
            Seen::No(why) => Above::NotVisible(why.clone()),
        });
        let mut tags = Vec::new();
        let standing = caller
            .ok_or_else(|| "whose ARN the caller's is, is not known".to_owned())
            .and_then(|caller| self.caller_stands(target, caller, &above, &mut tags));
        Ground { caller: standing, tags, role: self.role_read(role), above }
    }

    fn caller_stands(
        &self,
        target: &Target,
        caller: Caller,
        above: &Arc<Above>,
        tags: &mut Vec<(String, String)>,
    ) -> Result<Standing, String> {
        if caller.kind == CallerKind::Root {
            let nothing = Account::new(Arc::new(Authorization::default()));
            let standing = nothing.standing(&caller.arn, above);
            return standing.ok_or_else(|| "the root user is nobody's".to_owned());
        }
        let who = principal(&caller.arn).ok_or("the caller is neither user nor role")?;
        let look = self.inspection.principals.get(&(target.clone(), who.clone()));
        let (inspected, gaps) = known(look, &who)?;
        let holder = holder_of(&inspected.authorization, &who)
            .ok_or_else(|| format!("{who} is not in IAM's answer"))?;
        let mut standing = Account::new(Arc::new(inspected.authorization.clone()))
            .standing(holder.arn.raw(), above)
            .ok_or_else(|| format!("the ARN of {who} is none"))?;
        standing.lacks.extend(gaps);
        if caller.kind == CallerKind::Role {
            // A session may bring tags of its own.
            *tags = standing.caller.tags.take().unwrap_or_default();
            if caller.is_session() {
                standing.caller.arn = caller.arn;
            }
        }
        Ok(standing)
    }

    fn role_read(&self, role: &crate::domain::RoleArn) -> Result<Role, NotRead> {
        let account = role.account();
        let Some(target) = self.target_of(&account) else {
            let why = format!("halon is not signed in to account {account}");
            return Err(NotRead::Why(why));
        };
        let who = Principal::Role(role.name());
        let look = self.inspection.principals.get(&(target, who.clone()));
        let fault = look.and_then(|look| look.fault.as_ref());
        if fault.is_some_and(|fault| fault.kind == FaultKind::NotFound) {
            return Err(NotRead::Gone);
        }
        let (inspected, _) = known(look, &who).map_err(NotRead::Why)?;
        let read = inspected.authorization.role(role.name().as_str());
        let read = read.ok_or_else(|| NotRead::Why(format!("{who} is not in IAM's answer")))?;
        // A role of another path is another role.
        match read.holder.arn.raw() == role.as_str() {
            true => Ok(read.clone()),
            false => Err(NotRead::Gone),
        }
    }
}

/// What was read of a principal, with what it lacks.
fn known<'k>(
    look: Option<&'k Look<Inspected>>,
    who: &Principal,
) -> Result<(&'k Inspected, Vec<String>), String> {
    let look = look.ok_or_else(|| format!("{who} was not looked at"))?;
    let Some(known) = &look.known else {
        return Err(match &look.fault {
            Some(fault) => format!("{who} could not be read: {fault}"),
            None => format!("{who} is being read"),
        });
    };
    let gaps = known.gaps.iter().filter(says_of_policies);
    let gaps = gaps.map(|gap| format!("not all of {who} could be read: {}", gap.why));
    Ok((&known.what, gaps.collect()))
}
