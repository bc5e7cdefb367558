//! A request about any resource of a kind: which one it will be is not known yet.
//!
//! An open ARN is one with stars, each of which stands for one or more characters, such as
//! `arn:aws:iam::111122223333:role/*`. What a statement says of it holds only where it says
//! the same of every ARN that it describes; else it depends on [`THE_RESOURCE`].

use super::{
    arn::{ArnPattern, Parts, six},
    document::{Resources, Statement},
    pattern::{Holds, Missing, Pattern, Piece, Reading},
    request::Request,
};

/// What a decision depends on, named among its missing keys, where it depends on which
/// resource it is about. No context key has such a name.
pub const THE_RESOURCE: &str = "(the resource)";

/// Characters that no policy and no ARN has: two, so that `?` is not taken for a star.
const FILLED: [&str; 2] = ["\u{1}", "\u{2}\u{1}"];

impl Statement {
    /// Whether it is about the resource of a request whose ARN is open.
    pub(super) fn covers_any(&self, request: &Request, missing: &mut Missing) -> Holds {
        let arn = &request.resource.arn;
        let each = |patterns: &[ArnPattern]| {
            patterns.iter().map(|p| p.against(arn)).fold(Holds::No, Holds::or)
        };
        let holds = match &self.resources {
            // A trust policy is about its own role.
            None => Holds::Yes,
            Some(Resources::These(these)) => each(&these.items),
            // A variable without a value makes the whole statement invalid.
            Some(Resources::AllBut(these))
                if these.items.iter().any(|p| p.variables().next().is_some()) =>
            {
                Holds::Maybe
            }
            Some(Resources::AllBut(these)) => !each(&these.items),
        };
        if holds == Holds::Maybe {
            missing.push(THE_RESOURCE.into());
        }
        holds
    }
}

impl ArnPattern {
    /// Whether it matches every ARN that an open one describes, none, or some.
    fn against(&self, open: &str) -> Holds {
        let every = |fill: &str| self.may_match(&open.replace('*', fill));
        if self.variables().next().is_none() && FILLED.into_iter().all(every) {
            return Holds::Yes;
        }
        let reading = Reading { wildcards: true, variables: false };
        let meets = match (self.parts(), six(open)) {
            (Parts::Everything, _) => true,
            (Parts::Six(own), Some(open)) => {
                let open = open.map(|part| Pattern::new(part, reading));
                own.iter().zip(&open).all(|(own, open)| own.meets(open))
            }
            // With fewer than six parts nothing else is equal to an ARN.
            (Parts::Six(_), None) => false,
            (Parts::Whole(own), _) => own.meets(&Pattern::new(open, reading)),
        };
        if meets { Holds::Maybe } else { Holds::No }
    }
}

impl Pattern {
    /// Whether there is a text that both match, a variable standing for any. Where it cannot
    /// be said, there is one.
    fn meets(&self, other: &Pattern) -> bool {
        let (own, other) = (self.opened(), other.opened());
        let plain = |pieces: &[Piece]| {
            pieces.iter().all(|p| matches!(p, Piece::Many | Piece::One | Piece::Byte(0..=0x7f)))
        };
        !plain(&own) || !plain(&other) || meet(&own, &other)
    }
}

/// Whether some text is what both describe. Each state is looked at once: the time is the
/// product of the lengths.
fn meet(one: &[Piece], other: &[Piece]) -> bool {
    let width = other.len() + 1;
    let mut reach = vec![false; (one.len() + 1) * width];
    for i in (0..=one.len()).rev() {
        for j in (0..=other.len()).rev() {
            let at = |i: usize, j: usize| reach.get(i * width + j).copied().unwrap_or(false);
            let holds = match (one.get(i), other.get(j)) {
                (None, None) => true,
                (Some(Piece::Many), Some(Piece::Many)) => at(i + 1, j) || at(i, j + 1),
                (Some(Piece::Many), next) => at(i + 1, j) || next.is_some() && at(i, j + 1),
                (next, Some(Piece::Many)) => at(i, j + 1) || next.is_some() && at(i + 1, j),
                (Some(Piece::Byte(a)), Some(Piece::Byte(b))) => a == b && at(i + 1, j + 1),
                (Some(_), Some(_)) => at(i + 1, j + 1),
                (None, Some(_)) | (Some(_), None) => false,
            };
            reach[i * width + j] = holds;
        }
    }
    reach[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::{Caller, Context, Outcome, Policies, Policy, Resource, evaluate};

    const BOTH: Reading = Reading { wildcards: true, variables: true };
    const ROLES: &str = "arn:aws:iam::111122223333:role/*";

    #[test]
    fn a_pattern_is_about_all_of_a_kind_or_some_or_none() {
        for (pattern, want) in [
            ("*", Holds::Yes),
            ("arn:aws:iam::*:role/*", Holds::Yes),
            ("arn:aws:iam::111122223333:*", Holds::Yes),
            ("arn:*:iam::*:*", Holds::Yes),
            ("arn:aws:iam::111122223333:role/?*", Holds::Yes),
            ("arn:aws:iam::111122223333:role/?", Holds::Maybe),
            ("arn:aws:iam::111122223333:role/ci/*", Holds::Maybe),
            ("arn:aws:iam::*:*deploy", Holds::Maybe),
            ("arn:aws:iam::111122223333:role/${aws:PrincipalTag/team}", Holds::Maybe),
            ("arn:aws:iam::111122223333:user/*", Holds::No),
            ("arn:aws:iam::444455556666:role/*", Holds::No),
            ("arn:aws:s3:::*", Holds::No),
            ("arn:aws:iam::111122223333:user/${aws:username}", Holds::No),
            ("arn:aws:ia?::111122223333:role/*", Holds::Yes),
        ] {
            assert_eq!(ArnPattern::new(pattern, BOTH).against(ROLES), want, "{pattern}");
        }
    }

    fn decided(effect: &str, key: &str, patterns: &[String], arn: &str, any: bool) -> Outcome {
        let statement = serde_json::json!([
            {"Effect": if effect == "Deny" { "Allow" } else { "Deny" }, "Action": "iam:Get*",
                "Resource": if effect == "Deny" { "*" } else { "arn:aws:s3:::none" }},
            {"Effect": effect, "Action": "*", key: patterns},
        ]);
        let document = serde_json::json!({"Version": "2012-10-17", "Statement": statement});
        let policy = Policy::parse(&document.to_string()).expect("a policy");
        let identity = vec![crate::policy::Named::new("p", policy)];
        let policies = Policies { identity, ..Policies::default() };
        let caller = Caller::new("arn:aws:iam::111122223333:role/glass").expect("a caller");
        let resource = Resource { arn: arn.to_owned(), account: None };
        let request = Request::new(caller, "iam:GetRole", resource, Context::complete());
        let request = if any { request.on_any() } else { request };
        evaluate(&request, &policies).outcome
    }

    fn pattern() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("*".to_owned()),
            Just("arn:aws:iam::*:*".to_owned()),
            "arn:aws:iam::(\\*|111122223333|1*):(role|user|r\\*|\\*)/?[ab/?*]{0,4}",
            "arn:aws:iam::111122223333:role/[ab/?*]{0,4}",
        ]
    }

    proptest! {
        /// What is decided of any role is decided of each.
        #[test]
        fn what_holds_of_any_holds_of_each(
            deny in any::<bool>(), but in any::<bool>(),
            patterns in prop::collection::vec(pattern(), 1..4),
            name in "[ab/]{1,5}",
        ) {
            let effect = if deny { "Deny" } else { "Allow" };
            let key = if but { "NotResource" } else { "Resource" };
            let open = decided(effect, key, &patterns, ROLES, true);
            let one = format!("arn:aws:iam::111122223333:role/{name}");
            let concrete = decided(effect, key, &patterns, &one, false);
            prop_assert!(open == Outcome::Unknown || open == concrete, "{open:?} {concrete:?}");
        }
    }
}
