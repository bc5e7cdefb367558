//! Patterns for ARNs: in `Resource`, and in the ARN condition operators.

use super::{
    pattern::{Holds, Missing, Pattern, Piece, Reading, pieces},
    request::{Known, Request},
};

/// A resource's ARN as a policy names it, with wildcards and variables.
///
/// "You can use wildcard characters within any ARN segment (the parts separated by
/// colons)"; one that ends the whole pattern "can expand to match beyond the colon
/// boundaries" (IAM user guide, "Resource").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArnPattern {
    text: Box<str>,
    parts: Parts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Parts {
    Everything,
    /// Each compared with the ARN's own; the last is the resource, colons and all.
    Six(Box<[Pattern; 6]>),
    /// Fewer than six.
    Whole(Pattern),
}

impl ArnPattern {
    /// As an element `Resource` or `NotResource` means it.
    pub fn new(text: &str, reading: Reading) -> Self {
        let cut = pieces(text.trim(), reading);
        let parts = if cut == [Piece::Many] {
            Parts::Everything
        } else {
            match six_patterns(&cut) {
                Some(six) => Parts::Six(six.into()),
                None => Parts::Whole(Pattern::of(cut)),
            }
        };
        Self { text: text.into(), parts }
    }

    /// As a condition operator means it: "Each of the six colon-delimited components of the
    /// ARN is checked separately", so that with fewer, `*` alone included, nothing is equal
    /// (IAM user guide, "Condition operators"). A variable may stand for several of them.
    pub fn in_condition(text: &str, reading: Reading) -> Option<Self> {
        let cut = pieces(text.trim(), reading);
        let parts = match six_patterns(&cut) {
            Some(six) => Parts::Six(six.into()),
            None if cut.iter().any(|p| matches!(p, Piece::Variable(..))) => {
                Parts::Whole(Pattern::of(cut))
            }
            None => return None,
        };
        Some(Self { text: text.into(), parts })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_everything(&self) -> bool {
        self.parts == Parts::Everything
    }

    /// An ARN that stands for what the pattern is about, for this caller: variables have their
    /// values, and wildcards, like values that are not known, are left as signs.
    pub fn sample(&self, request: &Request) -> String {
        if self.variables().next().is_none() {
            return self.text().to_owned();
        }
        let mut out = Vec::new();
        for piece in pieces(self.text.trim(), Reading { wildcards: true, variables: true }) {
            match piece {
                Piece::Byte(byte) => out.push(byte),
                Piece::One => out.push(b'?'),
                Piece::Many => out.push(b'*'),
                Piece::Variable(key, default) => {
                    let known = match request.value(&key) {
                        Known::Value([value]) => Some(&**value),
                        Known::Absent => default.as_deref(),
                        Known::Value(_) | Known::Unknown => None,
                    };
                    out.extend(known.unwrap_or("*").bytes());
                }
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Compares without looking at variables: one stands for any text.
    pub fn may_match(&self, arn: &str) -> bool {
        match &self.parts {
            Parts::Everything => true,
            Parts::Whole(pattern) => pattern.may_match(arn),
            Parts::Six(patterns) => {
                six(arn).is_some_and(|six| patterns.iter().zip(six).all(|(p, s)| p.may_match(s)))
            }
        }
    }

    pub fn matches(&self, arn: &str, request: &Request, missing: &mut Missing) -> Holds {
        match &self.parts {
            Parts::Everything => Holds::Yes,
            Parts::Whole(pattern) => pattern.matches(arn, request, missing),
            Parts::Six(patterns) => {
                let Some(six) = six(arn) else { return Holds::No };
                let mut holds = Holds::Yes;
                let before = missing.len();
                // The resource differs most often.
                for at in [5, 2, 4, 3, 1, 0] {
                    holds = holds.and(patterns[at].matches(six[at], request, missing));
                    if holds == Holds::No {
                        missing.truncate(before);
                        break;
                    }
                }
                holds
            }
        }
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    fn patterns(&self) -> &[Pattern] {
        match &self.parts {
            Parts::Everything => &[],
            Parts::Whole(pattern) => std::slice::from_ref(pattern),
            Parts::Six(patterns) => &patterns[..],
        }
    }

    /// The keys of its variables, in lower case.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.patterns().iter().flat_map(Pattern::variables)
    }

    /// Whether it can be said that the ARN is not this one: a part before the resource
    /// differs, so that no variable is looked at, or every variable has a value.
    pub(super) fn is_comparable(
        &self,
        arn: &str,
        request: &Request,
        missing: &mut Missing,
    ) -> Holds {
        if !self.patterns().iter().any(Pattern::is_template) {
            return Holds::Yes;
        }
        if let Parts::Six(patterns) = &self.parts {
            let before = patterns[..5].iter();
            let differs = six(arn).is_none_or(|six| before.zip(six).any(|(p, s)| !p.may_match(s)));
            if differs {
                return Holds::Yes;
            }
        }
        let each = self.patterns().iter().map(|p| p.resolves(request, missing));
        each.fold(Holds::Yes, Holds::and)
    }
}

/// The six parts, where there are so many; the last may have colons.
fn six_patterns(cut: &[Piece]) -> Option<[Pattern; 6]> {
    let parts = cut.splitn(6, |p| *p == Piece::Byte(b':'));
    let patterns: Vec<Pattern> = parts.map(|part| Pattern::of(part.to_vec())).collect();
    patterns.try_into().ok()
}

/// An ARN's six parts.
pub(super) fn six(arn: &str) -> Option<[&str; 6]> {
    let mut parts = arn.splitn(6, ':');
    let mut out = [""; 6];
    for part in &mut out {
        *part = parts.next()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: Reading = Reading { wildcards: true, variables: true };

    #[test]
    fn arns_are_compared_part_by_part() {
        for (pattern, arn, want) in [
            ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b:c", true),
            ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", false),
            ("arn:aws:s3:::bucket*", "arn:aws:s3:::bucket/a", true),
            ("arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:role/x", true),
            ("arn:*:role/x", "arn:aws:iam::111122223333:role/x", true),
            ("arn:aws:iam::*:x", "arn:aws:iam::111122223333:role:x", false),
            ("arn:aws:ec2:*", "arn:aws:ec2:us-east-1:111122223333:instance/i-1", true),
            ("arn:aws:ec2", "arn:aws:ec2:us-east-1:111122223333:instance/i-1", false),
            ("*", "*", true),
            ("arn:aws:s3:::*", "*", false),
            ("arn:aws:s3:::Bucket", "arn:aws:s3:::bucket", false),
        ] {
            assert_eq!(ArnPattern::new(pattern, BOTH).may_match(arn), want, "{pattern} {arn}");
        }
    }

    #[test]
    fn a_condition_wants_six_parts() {
        let six = |text| ArnPattern::in_condition(text, BOTH);
        for text in ["*", "arn:*", "arn:aws:iam::*", "", "x"] {
            assert_eq!(six(text), None, "{text}");
        }
        let all = six("arn:*:*:*:*:*").expect("six parts");
        assert!(all.may_match("arn:aws:iam::111122223333:role/x:y"));
        assert!(!all.may_match("x"));
        assert!(six("${aws:PrincipalArn}").is_some());
    }
}
