//! That "unknown" is honest: every way to fill in the keys is tried.

use proptest::prelude::*;

use super::{
    strategy::{KEYS, Kinds, LIST, Said, call, context, policies, said},
    *,
};

/// Every way in which a key can be filled in, over the few values that policies name.
fn fillings(key: &str) -> Vec<Option<Vec<String>>> {
    let one = |value: &&str| Some(vec![(*value).to_owned()]);
    let mut out = vec![None];
    if key == LIST {
        let lists: [&[&str]; 5] = [&[], &["a"], &["ann"], &["a", "b"], &["x", "y"]];
        out.extend(lists.map(|list| Some(list.iter().map(|v| (*v).to_owned()).collect())));
        return out;
    }
    let known = KEYS.iter().find(|k| k.name == key).expect("one of the keys");
    out.extend(known.values.iter().map(one));
    let named = ["b", "a*", "?", "2", "2026-01-01", "203.0.113.9", "another"];
    if key != "k:truth" {
        out.extend(named.iter().map(one));
    }
    out
}

/// The outcomes of all ways to fill in what is not said.
fn outcomes(call: &Asking, said: &Said, policies: &Policies) -> Vec<Outcome> {
    let open: Vec<usize> = (0..said.len()).filter(|n| said[*n].1.is_none()).collect();
    let choices: Vec<_> = open.iter().map(|n| fillings(said[*n].0)).collect();
    let mut found = Vec::new();
    for number in 0..choices.iter().map(Vec::len).product::<usize>() {
        let (mut rest, mut whole) = (number, said.clone());
        for (n, choice) in open.iter().zip(&choices) {
            whole[*n].1 = Some(choice[rest % choice.len()].clone());
            rest /= choice.len();
        }
        let mut context = context(&whole);
        context.complete = true;
        let decision = Asking { context, policies: policies.clone(), ..call.clone() }.decide();
        if !found.contains(&decision.outcome) {
            found.push(decision.outcome);
        }
    }
    found
}

fn decided(call: &Asking, said: &Said, policies: &Policies) -> Decision {
    let mut context = context(said);
    for (key, values) in said {
        if values.is_none() {
            assert_eq!(context.value(key), super::super::Known::Unknown);
        }
    }
    // What no policy of these names is of no interest.
    context.set("aws:userid", None);
    Asking { context, policies: policies.clone(), ..call.clone() }.decide()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Whatever the keys turn out to be, a decision that was sure stands; with nothing left
    /// open nothing is unknown.
    #[test]
    fn what_is_sure_stays(call in call(), said in said(3), policies in policies(Kinds::All)) {
        let decision = decided(&call, &said, &policies);
        let outcomes = outcomes(&call, &said, &policies);
        prop_assert!(!outcomes.contains(&Outcome::Unknown));
        if decision.outcome != Outcome::Unknown {
            prop_assert_eq!(outcomes, vec![decision.outcome]);
        } else if decision.refused_anyway {
            prop_assert!(!outcomes.contains(&Outcome::Allowed));
        }
    }

    /// And what is unknown really is: two ways to fill in the keys differ.
    #[test]
    fn what_is_unknown_depends(call in call(), said in said(3), policies in policies(Kinds::Plain)) {
        let decision = decided(&call, &said, &policies);
        if decision.outcome == Outcome::Unknown {
            let outcomes = outcomes(&call, &said, &policies);
            prop_assert!(outcomes.len() > 1, "{decision:?} is always {outcomes:?}");
            prop_assert!(!decision.missing.is_empty());
            let known: Vec<&str> = said.iter().filter(|s| s.1.is_some()).map(|s| s.0).collect();
            for key in &decision.missing {
                prop_assert!(!known.contains(&&*key.to_lowercase()), "{key} is known");
            }
        }
    }
}
