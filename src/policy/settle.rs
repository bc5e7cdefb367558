//! Whether keys that are not known matter at all.

use super::{
    decision::{Decision, Outcome},
    evaluate::Policies,
    request::Request,
    seen::Seen,
};

/// At most so many assignments of missing keys are tried.
const MOST_TRIED: usize = 512;

/// A value that no policy names.
const ANOTHER: &str = "\0";

/// Tries what the missing keys, in lower case, could be. Where everything that tells their
/// values apart was tried and the outcome is always the same, they do not matter.
pub(super) fn settled(
    request: &Request,
    policies: &Policies,
    missing: &[String],
) -> Option<Decision> {
    let choices: Vec<_> = missing.iter().map(|key| values(policies, key)).collect::<Option<_>>()?;
    let tries = choices.iter().try_fold(1usize, |all, c| all.checked_mul(c.len()))?;
    if tries > MOST_TRIED {
        return None;
    }
    let mut first: Option<Decision> = None;
    for number in 0..tries {
        let mut rest = number;
        let mut assumed = request.clone();
        for (key, values) in missing.iter().zip(&choices) {
            assumed = assumed.assuming(key, values[rest % values.len()].as_deref());
            rest /= values.len();
        }
        let decision = Seen::new(&assumed, policies).decision();
        if decision.outcome == Outcome::Unknown {
            return None;
        }
        match &first {
            Some(known) if known.outcome != decision.outcome => return None,
            Some(_) => {}
            None => first = Some(decision),
        }
    }
    first
}

/// Values of a key that stand for all there are, `None` for none; `None` where no few do.
fn values(policies: &Policies, key: &str) -> Option<Vec<Option<String>>> {
    let mut values = vec![None];
    let mut only_true_or_false = true;
    for statement in policies.statements() {
        let patterns = statement.resources.iter().flat_map(|r| r.patterns());
        if patterns.flat_map(|p| p.variables()).any(|v| v == key) {
            return None;
        }
        for test in &statement.conditions {
            if test.variables().any(|v| v == key) {
                return None;
            }
            if test.folded_key() == key {
                values.extend(test.candidates()?.into_iter().map(|v| Some(v.to_owned())));
                only_true_or_false &= test.operator.base.is_of_truth();
            }
        }
    }
    if only_true_or_false {
        values.extend(["true", "false"].map(|v| Some(v.to_owned())));
    } else {
        values.push(Some(ANOTHER.to_owned()));
    }
    values.sort();
    values.dedup();
    Some(values)
}
