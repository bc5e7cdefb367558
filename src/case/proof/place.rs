//! In which places a proof's questions are asked: those of every account of the log that
//! somebody is signed in to.

use std::collections::BTreeSet;

use super::{Logged, Lookup, Searched};
use crate::{
    case::Case,
    domain::{AccountId, Place, Region},
};

/// A question, and every place to ask it in.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub lookup: Lookup,
    pub places: Vec<(Place, AccountId)>,
}

impl Case {
    /// The questions with their places: the regions that are looked at in the account, those
    /// that the log names, and where global services are recorded. What cannot be asked at all
    /// is given as searched in vain.
    pub fn witnesses(&self, logged: &Logged, lookups: Vec<Lookup>) -> (Vec<Asked>, Vec<Searched>) {
        let (places, gaps) = self.histories();
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
