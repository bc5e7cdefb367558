//! What holds for all policies: a deny more or an allow less never widens, and no order
//! matters.

use std::sync::Arc;

use proptest::prelude::*;

use super::{
    strategy::{Kinds, Said, call, context, document, policies, said},
    *,
};

/// Whether the request may come through: surely not, perhaps, surely.
fn width(decision: &Decision) -> u8 {
    match decision.outcome {
        Outcome::Allowed => 2,
        Outcome::Unknown if !decision.refused_anyway => 1,
        _ => 0,
    }
}

fn decided(call: &Asking, said: &Said, policies: &Policies) -> Decision {
    Asking { context: context(said), policies: policies.clone(), ..call.clone() }.decide()
}

/// Every policy that there is, to be changed; boundary and resource's only where they are.
fn every(policies: &mut Policies) -> Vec<&mut Named> {
    let levels = policies.scps.iter_mut().chain(&mut policies.rcps).flatten();
    let session = policies.session.iter_mut().flatten();
    let single = policies.boundary.iter_mut().chain(&mut policies.resource);
    policies.identity.iter_mut().chain(single).chain(session).chain(levels).collect()
}

fn edit(named: &mut Named, how: impl FnOnce(&mut Policy)) {
    how(Arc::make_mut(&mut named.policy));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_deny_more_never_widens(
        call in call(),
        said in said(0),
        policies in policies(Kinds::All),
        more in document(Kinds::All, true),
        which in any::<prop::sample::Index>(),
    ) {
        let before = decided(&call, &said, &policies);
        let mut changed = policies.clone();
        let mut all = every(&mut changed);
        prop_assume!(!all.is_empty());
        let at = which.index(all.len());
        let denies = policy("more", &more).policy.statements.clone();
        edit(all[at], |policy| {
            let denies = denies.into_iter().map(|s| super::super::Statement { effect: super::super::Effect::Deny, ..s });
            policy.statements.splice(0..0, denies);
        });
        let after = decided(&call, &said, &changed);
        prop_assert!(width(&after) <= width(&before), "{before:?} {after:?}");
    }

    #[test]
    fn an_allow_less_never_widens(
        call in call(),
        said in said(0),
        policies in policies(Kinds::All),
        which in any::<prop::sample::Index>(),
        statement in any::<prop::sample::Index>(),
    ) {
        let before = decided(&call, &said, &policies);
        let mut changed = policies.clone();
        let mut all = every(&mut changed);
        prop_assume!(!all.is_empty());
        let at = which.index(all.len());
        edit(all[at], |policy| {
            let allows: Vec<usize> = (0..policy.statements.len()).filter(|n| policy.statements[*n].is_allow()).collect();
            if !allows.is_empty() {
                policy.statements.remove(allows[statement.index(allows.len())]);
            }
        });
        let after = decided(&call, &said, &changed);
        prop_assert!(width(&after) <= width(&before), "{before:?} {after:?}");
    }

    /// With keys that are not known, at least nothing becomes surely allowed.
    #[test]
    fn nor_where_keys_are_not_known(
        call in call(),
        said in said(3),
        policies in policies(Kinds::All),
        more in document(Kinds::All, true),
        which in any::<prop::sample::Index>(),
    ) {
        let before = decided(&call, &said, &policies);
        let mut changed = policies.clone();
        let mut all = every(&mut changed);
        prop_assume!(!all.is_empty());
        let at = which.index(all.len());
        edit(all[at], |old| {
            let denies = policy("more", &more).policy.statements.clone();
            let denies = denies.into_iter().map(|s| super::super::Statement { effect: super::super::Effect::Deny, ..s });
            old.statements.extend(denies);
        });
        let after = decided(&call, &said, &changed);
        prop_assert!(after.outcome != Outcome::Allowed || before.outcome == Outcome::Allowed);
    }

    #[test]
    fn no_order_matters(
        call in call(),
        said in said(2),
        policies in policies(Kinds::All),
        by in 0..5usize,
    ) {
        let before = decided(&call, &said, &policies);
        let mut changed = policies.clone();
        for named in every(&mut changed) {
            edit(named, |policy| {
                policy.statements.reverse();
                let by = by.min(policy.statements.len());
                policy.statements.rotate_left(by);
            });
        }
        changed.identity.reverse();
        changed.session.iter_mut().for_each(|list| list.reverse());
        for level in changed.scps.iter_mut().chain(&mut changed.rcps) {
            level.reverse();
        }
        changed.rcps.reverse();
        changed.scps.reverse();
        let after = decided(&call, &said, &changed);
        prop_assert_eq!(before.outcome, after.outcome);
        let sorted = |mut keys: Vec<String>| {
            keys.iter_mut().for_each(|k| k.make_ascii_lowercase());
            keys.sort();
            keys
        };
        prop_assert_eq!(sorted(before.missing), sorted(after.missing));
    }
}
