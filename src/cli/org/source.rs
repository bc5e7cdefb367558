//! The organization, from whichever account may see it.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    cli::{answer, args::Global, looking::Looking},
    domain::{
        Fault, FaultKind, Gap, Service, Target,
        organization::{Organization, View},
    },
};

/// What was to be seen, and what it lacks.
pub struct Loaded {
    pub view: Arc<View>,
    pub gaps: Vec<Gap>,
    pub as_of: Timestamp,
}

impl Loaded {
    pub fn organization(&self) -> Option<&Organization> {
        match &*self.view {
            View::Seen(organization) => Some(organization),
            View::NotVisible { .. } | View::None => None,
        }
    }

    /// The view in a word, for programs.
    pub fn state(&self) -> &'static str {
        match &*self.view {
            View::Seen(_) => "seen",
            View::NotVisible { .. } => "not_visible",
            View::None => "none",
        }
    }
}

pub fn load(global: &Global) -> anyhow::Result<Loaded> {
    ask(&mut Looking::open(global, Service::Organizations)?)
}

/// Looks from one account after the other, until one sees the organization. That none does is
/// a state; which policies there are is then not known, and a gap says so.
///
/// # Errors
/// Organizations answered nobody.
pub fn ask(looking: &mut Looking) -> anyhow::Result<Loaded> {
    let mut unseen: Option<(Target, Arc<View>)> = None;
    let mut gaps = looking.gaps.clone();
    for (target, _) in looking.accounts() {
        looking.case.look_at_organization(&target, false);
        looking.look();
        let Some(look) = looking.case.inspection.organizations.get(&target) else { continue };
        match &look.known {
            Some(known) if matches!(*known.what, View::Seen(_)) => {
                let (view, gaps) = (known.what.clone(), known.gaps.clone());
                return Ok(Loaded { view, gaps, as_of: looking.now() });
            }
            Some(known) => {
                // That an account is in none says less than that another may not see its own.
                let better = unseen.as_ref().is_none_or(|(_, view)| **view == View::None);
                if better {
                    unseen = Some((target, known.what.clone()));
                }
            }
            None => gaps.push(gap(&target, look.fault.clone())),
        }
    }
    let Some((target, view)) = unseen else {
        let why = gaps.first().map(|gap| gap.why.clone());
        return Err(answer::aws(&why.unwrap_or_else(|| gap(&"-".into(), None).why)));
    };
    if let View::NotVisible { why, .. } = &*view {
        gaps.push(gap(&target, Some(why.clone())));
    }
    Ok(Loaded { view, gaps, as_of: looking.now() })
}

fn gap(target: &Target, why: Option<Fault>) -> Gap {
    let why = why.unwrap_or_else(|| Fault::new(FaultKind::Unreadable, "there was no answer"));
    Gap { source: Service::Organizations, account: target.clone(), region: None, page: None, why }
}
