//! Asking for events: only what the store does not know. A page and what it settles go into
//! the store together, and what comes after a page that could not be kept settles nothing.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use futures_util::future::join_all;
use tokio::sync::mpsc;

use super::performer::Clock;
use crate::{
    case::{Step, settled},
    cloud::{Cloud, shown_endpoint},
    domain::{
        AccountId, Answer, Call, Fault, FaultKind, Gap, Place, Query, Service,
        event::{Event, Lookup, Question, Scope, Window},
    },
    store::{Added, EventOrigin, Store},
};

/// What an inquiry tells while it runs.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    Step(Place, Step),
    Called(Call),
    /// The store could not keep something.
    Hurt(Fault),
}

/// What is needed to ask for events.
#[derive(Clone)]
pub struct Inquirer {
    pub cloud: Cloud,
    pub store: Store,
    pub clock: Clock,
}

impl Inquirer {
    /// Asks everywhere, side by side, until every place has ended; `again` for what is known
    /// too, since nobody promises when an event arrives. Dropped half-way it
    /// leaves the store as true as it was: a page and what it covers are kept together.
    pub async fn ask(
        &self,
        question: &Question,
        places: &[(Place, AccountId)],
        again: bool,
        tell: &(dyn Fn(News) + Send + Sync),
    ) {
        let lookup = question.lookup();
        let asked = places.iter().map(|(place, account)| async {
            let gaps = match self.place(&lookup, place, account, again, tell).await {
                Ok(gaps) => gaps,
                Err(why) => vec![gap(place, why)],
            };
            tell(News::Step(place.clone(), Step::Ended(gaps)));
        });
        join_all(asked).await;
    }

    pub(super) async fn place(
        &self,
        lookup: &Lookup,
        place: &Place,
        account: &AccountId,
        again: bool,
        tell: &(dyn Fn(News) + Send + Sync),
    ) -> Result<Vec<Gap>, Fault> {
        let chain = self.cloud.chain(&place.target).await?;
        let scope = Scope {
            endpoint: chain.endpoint.map(|endpoint| shown_endpoint(&endpoint.url)),
            account: account.clone(),
            region: place.region.clone(),
            attribute: lookup.attribute.clone(),
        };
        let window = lookup.window;
        let known = {
            let scope = scope.clone();
            self.with_store(move |store| store.missing(&scope, window)).await
        };
        let missing = if again { Ok(vec![window]) } else { known };
        let missing = missing.unwrap_or_else(|fault| {
            tell(News::Hurt(fault));
            vec![window]
        });
        tell(News::Step(place.clone(), Step::Missing(missing.clone())));
        let mut gaps = Vec::new();
        for window in missing {
            let lookup = Lookup { attribute: lookup.attribute.clone(), window };
            match self.window(lookup, place, &scope, tell).await {
                Ok(found) => gaps.extend(found),
                Err(why) => {
                    // The next window would fare no better.
                    let for_good = matches!(
                        why.kind,
                        FaultKind::Expired | FaultKind::NoCredentials | FaultKind::Denied
                    );
                    gaps.push(gap(place, why));
                    if for_good {
                        break;
                    }
                }
            }
        }
        Ok(gaps)
    }

    /// One window that is missing: every page is kept while the next is on its way.
    async fn window(
        &self,
        lookup: Lookup,
        place: &Place,
        scope: &Scope,
        tell: &(dyn Fn(News) + Send + Sync),
    ) -> Result<Vec<Gap>, Fault> {
        // A machine whose clock is ahead must not hold for settled what still arrives.
        let now = Mutex::new((self.clock)());
        let (pages, mut kept) = mpsc::unbounded_channel::<(Vec<Event>, Option<Window>)>();
        let last = Mutex::new(None);
        // One service's endpoint can also be set where the chain does not see it.
        let elsewhere = AtomicBool::new(false);
        let asking = async {
            let query = Query::Events { place: place.clone(), lookup };
            let report = |answer: Answer| match answer {
                Answer::Called(call) => {
                    if call.fault == Some(FaultKind::Throttled) {
                        tell(News::Step(place.clone(), Step::Throttled));
                    }
                    if scope.endpoint.is_none() && call.host.as_deref().is_some_and(|h| !is_aws(h))
                    {
                        elsewhere.store(true, Ordering::Relaxed);
                    }
                    if let Some(there) = call.server_time {
                        let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
                        *now = there.min(*now);
                    }
                    tell(News::Called(call));
                }
                // The receiver lives as long as this future.
                Answer::Events { events, covered } => drop(pages.send((events, covered))),
                other => *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(other),
            };
            self.cloud.ask(&query, &report).await;
            drop(pages);
        };
        let keeping = async {
            let mut lost = None;
            while let Some((events, covered)) = kept.recv().await {
                let now = *now.lock().unwrap_or_else(PoisonError::into_inner);
                let covered = covered.and_then(|window| settled(window, now));
                // INVARIANT: once a page could not be kept, nothing older than it counts.
                let sure = lost.is_none() && !elsewhere.load(Ordering::Relaxed);
                let covered = covered.filter(|_| sure);
                let back_to = events.iter().filter_map(|e| e.time).min();
                let added = self.keep(events, scope.clone(), covered).await;
                let new = match added {
                    Ok(added) => {
                        if let Some(fault) = added.fault {
                            tell(News::Hurt(fault));
                        }
                        added.new
                    }
                    Err(fault) => {
                        lost = Some(fault);
                        0
                    }
                };
                tell(News::Step(place.clone(), Step::Kept { new, back_to }));
            }
            lost
        };
        let ((), lost) = futures_util::future::join(asking, keeping).await;
        let lost = lost.map(|why| gap(place, why));
        match last.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(Answer::Done { mut gaps }) => {
                gaps.extend(lost);
                Ok(gaps)
            }
            Some(Answer::Failed(fault)) => Err(fault),
            _ => Err(Fault::new(FaultKind::Unreadable, "LookupEvents: an answer without an end")),
        }
    }

    async fn keep(
        &self,
        events: Vec<Event>,
        scope: Scope,
        covered: Option<Window>,
    ) -> Result<Added, Fault> {
        let now = (self.clock)();
        self.with_store(move |store| {
            let events: Vec<_> =
                events.into_iter().map(|e| (std::sync::Arc::new(e), EventOrigin::Aws)).collect();
            let covered = covered.map(|window| (&scope, window));
            store.keep_events(&events, covered, now)
        })
        .await
    }

    pub(super) async fn with_store<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Store) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || act(&store)).await {
            Ok(done) => done,
            // A panic in there has ended the process already.
            Err(e) => Err(Fault::new(FaultKind::Local, "the store was left in the middle")
                .with_cause(&e.to_string())),
        }
    }
}

/// A host of AWS's, in any partition. What another one says covers nothing of AWS.
fn is_aws(host: &str) -> bool {
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws"]
        .iter()
        .any(|domain| host.ends_with(domain))
}

pub(super) fn gap(place: &Place, why: Fault) -> Gap {
    Gap {
        source: Service::CloudTrail,
        account: place.target.clone(),
        region: Some(place.region.clone()),
        page: None,
        why,
    }
}
