//! In which places a proof's questions are asked: those of every account of the log that
//! somebody is signed in to.

use std::collections::BTreeSet;

use super::{Logged, Lookup, Searched};
use crate::domain::{AccountId, Gap, Place, Region};

/// A question, and every place to ask it in.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub lookup: Lookup,
    pub places: Vec<(Place, AccountId)>,
}

/// Where the event history can be asked, and the accounts where it cannot, as
/// [`crate::case::Case::histories`] tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histories {
    pub places: Vec<(Place, AccountId)>,
    pub gaps: Vec<Gap>,
}

impl Histories {
    /// The questions with their places: the regions that are looked at in the account, those
    /// that the log names, and where global services are recorded. What cannot be asked at all
    /// is given as searched in vain.
    pub fn of(&self, logged: &Logged, lookups: Vec<Lookup>) -> (Vec<Asked>, Vec<Searched>) {
        let Histories { places, gaps } = self;
        let (mut asked, mut vain) = (Vec::new(), Vec::new());
        for lookup in lookups {
            let own = places.iter().filter(|(_, account)| *account == lookup.account);
            let Some((first, _)) = own.clone().next() else {
                let why = gaps.iter().map(|gap| format!("; {}: {}", gap.account, gap.why));
                vain.push(Searched {
                    account: lookup.account,
                    region: None,
                    by: lookup.by,
                    window: lookup.window,
                    lacking: Some(format!(
                        "nobody is signed in to the account{}",
                        why.collect::<String>()
                    )),
                });
                continue;
            };
            let mut regions: BTreeSet<Region> =
                own.map(|(place, _)| place.region.clone()).collect();
            regions.extend(logged.regions(&lookup.account));
            let at = |region| {
                let place = Place { target: first.target.clone(), region };
                (place, lookup.account.clone())
            };
            let places = regions.into_iter().map(at).collect();
            asked.push(Asked { lookup, places });
        }
        (asked, vain)
    }
}
