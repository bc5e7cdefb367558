//! Asking CloudTrail for a proof. Nothing that was kept before counts: a file on this machine
//! is no witness, so the store is one in memory, begun for this.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;

use super::{
    inquire::{Inquirer, News},
    performer::Clock,
};
use crate::{
    case::{
        Step,
        proof::{Asked, Searched},
    },
    cloud::Cloud,
    domain::{
        Call, Fault, Gap, Place,
        event::{Event, Question},
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
