//! Asking for whoever is watched: like any question about events, and after each place that
//! has answered, what the store has of them by then.

use futures_util::future::join_all;

use super::inquire::{Inquirer, News, gap};
use crate::{
    case::WatchAsk,
    domain::{Call, Fault, Gap, Place},
    store::Found,
};

/// What a question for a watch tells while it runs.
#[derive(Clone, Debug, PartialEq)]
pub enum WatchTold {
    /// A place has answered, with what that answer lacks; and what the store has now.
    Place {
        place: Place,
        gaps: Vec<Gap>,
        found: Result<Box<Found>, Fault>,
    },
    Called(Call),
    /// The store could not keep something.
    Hurt(Fault),
}

/// Events of one watch that are looked at, at most; the newest.
const LOOKED_AT: usize = 20_000;

impl Inquirer {
    /// Asks every place of the question, side by side: one that hangs holds up no other.
    pub async fn watch(&self, ask: &WatchAsk, tell: &(dyn Fn(WatchTold) + Send + Sync)) {
        let lookup = crate::domain::event::Lookup { window: ask.window, ..ask.question.lookup() };
        let asked = ask.places.iter().map(|(place, account)| async {
            let on = |news| match news {
                // How far it has come is not shown: the next answer is a minute away.
                News::Step(..) => {}
                News::Called(call) => tell(WatchTold::Called(call)),
                News::Hurt(fault) => tell(WatchTold::Hurt(fault)),
            };
            let gaps = match self.place(&lookup, place, account, ask.again, &on).await {
                Ok(gaps) => gaps,
                Err(why) => vec![gap(place, why)],
            };
            let question = ask.question.clone();
            let found = self.with_store(move |store| store.search(&question, LOOKED_AT, 0)).await;
            tell(WatchTold::Place { place: place.clone(), gaps, found: found.map(Box::new) });
        });
        join_all(asked).await;
    }
}
