//! Asks for the evidence of a drill: reads, and calls that must be refused. Each of those goes
//! the way of every change, with its intent in the log before it is sent.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    act::{Actor, Calls},
    performer::Clock,
    witness::{prove, witness},
};
use crate::{
    audit::Record,
    case::{
        SETTLED_AFTER,
        proof::{Asked, LoggedCall, Lookup, Verdict},
    },
    change::{Prepared, Risk},
    cloud::Cloud,
    domain::{
        Answer, Assume, Change, Fault, FaultKind, Glass, GlassState, OpenSession, Outcome, Place,
        Principal, Query, State as Known, Verb, event::By as Of,
    },
    drill::{
        Drilling, Evidence, Item, NEGATIVE, Operator, Score, fold,
        probed::{self, Before, Dead, Tried},
        stranger, told,
    },
    guard::{By, Incident, Intent, review},
    playbook::{Task, Told},
};

/// The shortest session that STS gives out, in seconds: what must be refused asks for no more.
const SHORTEST: i32 = 900;

/// The test by somebody whom the role does not trust.
const STRANGER: &str = NEGATIVE[1];

pub struct Prober<'p> {
    pub cloud: &'p Cloud,
    pub actor: &'p Actor,
    pub clock: &'p Clock,
    pub by: By,
    pub incident: Incident,
}

impl Prober<'_> {
    /// The evidence of these items, as far as halon finds it by itself. An item of which nothing
    /// can be said yet is left out.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn probe(
        &self,
        drilling: &Drilling,
        items: &[Item],
        calls: Calls<'_>,
    ) -> Result<Vec<Evidence>, Fault> {
        let (world, _) = self.actor.audit.world();
        let mut found = Vec::new();
        for item in items {
            match item {
                Item::Roster | Item::Role => {
                    found.extend(self.role(drilling, *item, world, calls).await);
                }
                Item::Preconditions => found.push(self.before(drilling, world, calls).await?),
                Item::Negative => {
                    let tried = self.negative(drilling, calls).await?;
                    found.push(probed::negative(&tried, world));
                }
                Item::Assume | Item::Power | Item::Provider => {
                    let records = self.actor.audit.records().await?;
                    found.extend(self.told(drilling, *item, world, &records));
                }
                Item::Ended => found.extend(self.ended(drilling, world, calls).await?),
                Item::CloudTrail => found.push(self.cloudtrail(drilling, world, calls).await?),
                Item::Timings => {
                    let records = self.actor.audit.records().await?;
                    let drills = fold(&records);
                    let mine = drills.iter().find(|d| d.id == drilling.id);
                    found.extend(mine.map(|d| Score::read(d, &records).evidence(world)));
                }
                Item::Integrity => {
                    let records = self.actor.audit.records().await?;
                    let report = self.actor.audit.report().await?;
                    found.push(probed::integrity(&report, &records, &drilling.id, world));
                }
                Item::Completeness => found.push(self.uses(drilling, world, calls).await?),
                // People say it.
                Item::Scope
                | Item::Authorisation
                | Item::Monitoring
                | Item::Alert
                | Item::Hygiene
                | Item::Deviations
                | Item::CarriedOver
                | Item::Result => {}
            }
        }
        Ok(found)
    }

    fn told(
        &self,
        drilling: &Drilling,
        item: Item,
        world: &str,
        records: &[Record],
    ) -> Option<Evidence> {
        let Drilling { id, role, idp_down, .. } = drilling;
        match item {
            Item::Assume => told::assumption(records, id, role, world),
            Item::Power => told::power(records, id, role, world),
            _ => told::provider(records, id, role, world, *idp_down),
        }
    }

    async fn role(
        &self,
        drilling: &Drilling,
        item: Item,
        world: &str,
        calls: Calls<'_>,
    ) -> Option<Evidence> {
        let place = drilling.inside.clone()?;
        let who = Principal::Role(drilling.role.name());
        let mut found = None;
        for answer in self.actor.answers(&Query::Principal { place, who }).await {
            match answer {
                Answer::Called(call) => calls(call),
                // Of a part of it nothing can be said.
                Answer::Inspected { what, gaps } if gaps.is_empty() => found = Some(what),
                _ => {}
            }
        }
        let (all, role) = (found?, &drilling.role);
        match item {
            Item::Roster => probed::roster(&all.authorization, role),
            _ => probed::definition(&all.authorization, role, &drilling.operator.arn, world),
        }
    }

    async fn before(
        &self,
        drilling: &Drilling,
        world: &str,
        calls: Calls<'_>,
    ) -> Result<Evidence, Fault> {
        let operator = &drilling.operator;
        let mut skew = None;
        let asked = super::wall_clock();
        for answer in self.actor.answers(&Query::Caller(operator.place.target.clone())).await {
            if let Answer::Called(call) = answer {
                // A date in a header has whole seconds.
                let off = |at: Timestamp| at.duration_since(asked).as_secs_f64();
                skew = skew.or(call.server_time.map(off));
                calls(call);
            }
        }
        let place = drilling.inside.clone().unwrap_or_else(|| operator.place.clone());
        let mut logging = Err("it was not answered".to_owned());
        for answer in self.actor.answers(&Query::Logging { place }).await {
            match answer {
                Answer::Called(call) => calls(call),
                Answer::Logging(found) => logging = Ok(found),
                Answer::Failed(fault) => logging = Err(fault.to_string()),
                _ => {}
            }
        }
        let report = self.actor.audit.report().await?;
        let before = Before {
            caller: operator.arn.clone(),
            skew,
            logging,
            endpoint: self.actor.audit.world().1.to_owned(),
            head: report.head.as_ref().map(ToString::to_string),
            anchored: report.head.is_some() && report.unanchored == 0,
        };
        Ok(probed::preconditions(&before, world))
    }

    /// What must be refused: without MFA, by somebody else, and out of the role's scope. A session
    /// that is opened all the same is ended at once.
    async fn negative(&self, drilling: &Drilling, calls: Calls<'_>) -> Result<Vec<Tried>, Fault> {
        let operator = &drilling.operator;
        let without = self.assume("without-mfa", drilling, operator, calls).await?;
        let mut tried = vec![without];
        tried.push(match self.stranger(drilling).await {
            Ok(stranger) => self.assume(STRANGER, drilling, &stranger, calls).await?,
            Err(why) => Tried { test: STRANGER, refused: false, said: why, corr: None },
        });
        tried.push(self.out_of_scope(drilling, calls).await);
        Ok(tried)
    }

    async fn stranger(&self, drilling: &Drilling) -> Result<Operator, String> {
        if !drilling.stranger {
            return Err(
                "nobody is known whom the role does not trust: name a profile of somebody \
                        as `[drill] stranger` in halon.toml"
                    .to_owned(),
            );
        }
        let mut found = Err("who the stranger is was not answered".to_owned());
        for answer in self.actor.answers(&Query::Caller(stranger())).await {
            match answer {
                Answer::Identity(identity) => {
                    let region = drilling.operator.place.region.clone();
                    let region = identity.region.unwrap_or(region);
                    let place = Place { target: stranger(), region };
                    let arn = identity.arn.raw().to_owned();
                    found = Ok(Operator { place, account: identity.account, arn });
                }
                Answer::Failed(fault) => found = Err(format!("the stranger: {fault}")),
                _ => {}
            }
        }
        found
    }

    /// One AssumeRole without a code, which must be refused.
    async fn assume(
        &self,
        test: &'static str,
        drilling: &Drilling,
        caller: &Operator,
        calls: Calls<'_>,
    ) -> Result<Tried, Fault> {
        let role = &drilling.role;
        let verb = Verb::AssumeRole(Assume {
            role: role.clone(),
            seconds: SHORTEST,
            mfa: None,
            source_identity: None,
            policy: None,
            tags: false,
            second_person: false,
        });
        let (session, devices, untold) = (Glass::Closed, Vec::new(), None);
        let before = GlassState { role: role.clone(), session, devices, untold };
        let (place, account) = (caller.place.clone(), caller.account.clone());
        let change = Change { place, account, verb };
        let prepared = Prepared { change, before: Known::Glass(before) };
        let glass = [role.to_string()];
        let now = (self.clock)();
        let review = review(&drilling.mode, now, &prepared, Risk::Reversible, None, &glass)
            .map_err(|r| Fault::new(FaultKind::Refused, r.why).with_hint(r.hint))?;
        // That the drill does this was consented to when it was begun.
        let consent = review
            .consent(review.ceremony.words())
            .ok_or_else(|| Fault::new(FaultKind::Refused, "a test without MFA asks for no code"))?;
        let number = self.actor.audit.records().await?.len();
        let corr = format!("{}.{test}.{number}", drilling.id.as_str());
        let intent = Intent {
            prepared,
            incident: self.incident.clone(),
            run: drilling.id.as_str().to_owned(),
            step: test.to_owned(),
            corr: corr.clone(),
            undoes: None,
        };
        let mode = drilling.mode.clone();
        let task = Task::Apply { intent: Box::new(intent), consent, mode };
        let by = By { caller_arn: Some(caller.arn.clone()), ..self.by.clone() };
        let told = self.actor.perform(task, by, calls).await;
        let Told::Applied { result, .. } = told else {
            return Err(Fault::new(FaultKind::Local, "it was not answered"));
        };
        let (refused, said) = match result?.outcome {
            Outcome::Refused(fault) => (fault.kind == FaultKind::Denied, fault.to_string()),
            Outcome::Unknown(fault) => (false, fault.to_string()),
            Outcome::Accepted | Outcome::Partial(_) => {
                self.cloud.end_session(role);
                (false, "AWS let it through; the session was ended at once".to_owned())
            }
        };
        Ok(Tried { test, refused, said, corr: Some(corr) })
    }

    /// Something that no role outside the management account may do: look at the organization's
    /// root. It reads, and changes nothing where it is let through.
    async fn out_of_scope(&self, drilling: &Drilling, calls: Calls<'_>) -> Tried {
        let tried = |refused, said: &str| Tried {
            test: "out-of-scope",
            refused,
            said: said.to_owned(),
            corr: None,
        };
        let Some(open) = &drilling.open else { return tried(false, "no session is open") };
        let region = drilling.operator.place.region.clone();
        let place = Place { target: open.target.clone(), region };
        let mut denied = None;
        let mut failed = None;
        for answer in self.actor.answers(&Query::Organization { place }).await {
            match answer {
                Answer::Called(call) => {
                    if call.fault == Some(FaultKind::Denied) {
                        denied.get_or_insert(call.operation);
                    }
                    calls(call);
                }
                Answer::Failed(fault) => failed = Some(fault.to_string()),
                _ => {}
            }
        }
        match (denied, failed) {
            (Some(operation), _) => tried(true, &format!("organizations:{operation} is refused")),
            (None, Some(why)) => tried(false, &why),
            (None, None) => tried(false, "the role may look at the whole organization"),
        }
    }

    /// Whether the credentials of the session that was ended are refused. `None` where there was
    /// none, or they may still live.
    async fn ended(
        &self,
        drilling: &Drilling,
        world: &str,
        calls: Calls<'_>,
    ) -> Result<Option<Evidence>, Fault> {
        let Some(session) = &drilling.ended else { return Ok(None) };
        let OpenSession { role, expires, access_key, .. } = session;
        let mut passed = false;
        if let Some(range) = self.cloud.range() {
            let left = expires.duration_since(range.now()) + SignedDuration::from_secs(1);
            if left.is_positive() {
                range.pass(left)?;
                passed = true;
            }
        } else if (self.clock)() <= *expires {
            // It lives until then: asked again later.
            return Ok(None);
        }
        let report = |answer| {
            if let Answer::Called(call) = answer {
                calls(call);
            }
        };
        let (refused, said) = match self.cloud.is_dead(role, &report).await {
            Some(Ok(true)) => (Some((self.clock)()), "refused as expired".to_owned()),
            Some(Ok(false)) => (None, "GetCallerIdentity still answers".to_owned()),
            Some(Err(fault)) => (None, fault.to_string()),
            None => {
                let gone = "its credentials are not in this process any more: they cannot be tried";
                (None, gone.to_owned())
            }
        };
        let access_key = access_key.to_string();
        let dead = Dead { access_key, expired: *expires, refused, said, passed };
        Ok(Some(probed::ended(&dead, world)))
    }

    async fn cloudtrail(
        &self,
        drilling: &Drilling,
        world: &str,
        calls: Calls<'_>,
    ) -> Result<Evidence, Fault> {
        let mut logged = self.actor.audit.logged_of(drilling.id.as_str()).await?;
        // The stranger's call is in the history of his own account, which is not ours to look at.
        let is_his = |call: &LoggedCall| call.step.as_deref() == Some(STRANGER);
        let his: Vec<String> =
            logged.calls.iter().filter(|c| is_his(c)).filter_map(|c| c.caller.clone()).collect();
        logged.calls.retain(|call| !is_his(call));
        for session in &mut logged.sessions {
            session.callers.retain(|caller| !his.contains(caller));
        }
        // The range tells at once what its scenario does not hold back.
        let delay = match self.cloud.range() {
            Some(_) => SignedDuration::ZERO,
            None => SETTLED_AFTER,
        };
        let histories = &drilling.histories;
        let mut proof = prove(self.cloud, self.clock, &logged, histories, delay, calls).await?;
        // A service's clock has whole seconds: by it a call of this second is yet to come. Where
        // nothing is delayed the next second tells.
        for _ in 0..2 {
            if !delay.is_zero() || proof.count(Verdict::TooYoung) == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            proof = prove(self.cloud, self.clock, &logged, histories, delay, calls).await?;
        }
        Ok(probed::cloudtrail(&proof, world))
    }

    async fn uses(
        &self,
        drilling: &Drilling,
        world: &str,
        calls: Calls<'_>,
    ) -> Result<Evidence, Fault> {
        let (role, account) = (&drilling.role, drilling.role.account());
        let window = probed::quarter((self.clock)());
        let places = &drilling.histories.places;
        let inside: Vec<_> = places.iter().filter(|(_, a)| *a == account).cloned().collect();
        let outside = || {
            let home = &drilling.operator.account;
            places.iter().filter(|(_, a)| a == home).cloned().collect::<Vec<_>>()
        };
        // Both accounts have the event: the caller's knows no other caller's.
        let mut lacking = Vec::new();
        let places = if inside.is_empty() {
            lacking.push(format!(
                "nobody is signed in to account {account}: uses by others than {} are not seen",
                drilling.operator.account
            ));
            outside()
        } else {
            inside
        };
        let by = Of::Event("AssumeRole".to_owned());
        let asked = [Asked { lookup: Lookup { account, by, window }, places }];
        let said = witness(self.cloud, self.clock, &asked, calls).await?;
        lacking.extend(said.searched.into_iter().filter_map(|s| s.lacking));
        let records = self.actor.audit.records().await?;
        Ok(probed::completeness(&said.events, &records, role, (window, &lacking), world))
    }
}
