//! Asking CloudTrail for a proof. Nothing that was kept before counts: a file on this machine
//! is no witness, so the store is one in memory, begun for this.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{
    inquire::{Inquirer, News},
    performer::Clock,
    wall_clock,
};
use crate::{
    case::{
        Step,
        proof::{Asked, Clocks, Histories, Logged, Proof, Searched, Terms, prove as compare},
    },
    cloud::Cloud,
    domain::{
        Call, Fault, Gap, Place,
        event::{Event, Question, Window},
    },
    store::Store,
};

/// What CloudTrail said.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    pub events: Vec<Arc<Event>>,
    /// Each question in each place, with what its answer lacks.
    pub searched: Vec<Searched>,
    /// The service's clock, where it was earlier than this machine's.
    pub server: Option<Timestamp>,
}

/// The range's history is asked to this long after now: its clock may be another process's.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// How the log's clock and CloudTrail's go together here.
fn clocks(cloud: &Cloud, clock: &Clock) -> Clocks {
    match cloud.range() {
        Some(range) => Clocks::Apart(Window::new(range.start(), clock() + AHEAD)),
        None => Clocks::Same,
    }
}

/// Asks CloudTrail for what a log says, and compares. Calls that are younger than `delay` are
/// not missing yet.
///
/// # Errors
/// There is no memory for what it says.
pub async fn prove(
    cloud: &Cloud,
    clock: &Clock,
    logged: &Logged,
    histories: &Histories,
    delay: SignedDuration,
    calls: &(dyn Fn(Call) + Send + Sync),
) -> Result<Proof, Fault> {
    // The log's times are the machine's, also in the range.
    let mut terms = Terms { now: wall_clock(), delay, clocks: clocks(cloud, clock) };
    let (asked, vain) = histories.of(logged, logged.lookups(&terms));
    let said = witness(cloud, clock, &asked, calls).await?;
    terms.now = said.server.map_or(terms.now, |server| server.min(terms.now));
    let searched: Vec<Searched> = vain.into_iter().chain(said.searched).collect();
    Ok(compare(logged, &said.events, &searched, &terms))
}

/// Asks every question in all of its places, one question after the other.
///
/// # Errors
/// There is no memory for a store.
pub async fn witness(
    cloud: &Cloud,
    clock: &Clock,
    asked: &[Asked],
    calls: &(dyn Fn(Call) + Send + Sync),
) -> Result<Witness, Fault> {
    let store = Store::in_memory()?;
    let inquirer = Inquirer { cloud: cloud.clone(), store: store.clone(), clock: clock.clone() };
    let mut said = Witness::default();
    for Asked { lookup, places } in asked {
        let question = Question::new(vec![lookup.by.clone()], lookup.window);
        let told = Mutex::new((BTreeMap::<Place, Vec<Gap>>::new(), Vec::<Fault>::new(), None));
        inquirer
            .ask(&question, places, true, &|news| {
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                match news {
                    News::Step(place, Step::Ended(gaps)) => drop(told.0.insert(place, gaps)),
                    News::Step(..) => {}
                    News::Hurt(fault) => told.1.push(fault),
                    News::Called(call) => {
                        told.2 = told.2.into_iter().chain(call.server_time).min();
                        calls(call);
                    }
                }
            })
            .await;
        let (ended, hurt, server) = told.into_inner().unwrap_or_else(PoisonError::into_inner);
        said.server = said.server.into_iter().chain(server).min();
        let found = store.search(&question, usize::MAX, 0)?;
        let lost = (found.unreadable > 0).then(|| "an event could not be kept".to_owned());
        said.events.extend(found.events);
        for (place, account) in places {
            let gaps = ended.get(place);
            let why = match gaps {
                None => Some("it was stopped before its end".to_owned()),
                Some(gaps) => gaps.first().map(|gap| gap.why.to_string()),
            };
            let why =
                why.or_else(|| hurt.first().map(ToString::to_string)).or_else(|| lost.clone());
            said.searched.push(Searched {
                account: account.clone(),
                region: Some(place.region.clone()),
                by: lookup.by.clone(),
                window: lookup.window,
                lacking: why,
            });
        }
    }
    Ok(said)
}
