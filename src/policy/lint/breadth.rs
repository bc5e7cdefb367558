//! How much of a kind of resource a statement reaches.

use crate::policy::{Resources, actions::Action};

/// From the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breadth {
    /// What is the caller's own: `user/${aws:username}`.
    Own,
    /// Some: named, or by a part of their names.
    Some,
    /// Every one of the kind, as with `arn:aws:iam::*:role/*`; or all but some.
    Kind,
    /// `*`.
    Everything,
}

impl Breadth {
    /// What a statement's resources come to for an action; nothing where none of them is
    /// anything that the action is about.
    pub fn of(resources: Option<&Resources>, action: Option<&Action>) -> Option<Breadth> {
        let patterns = match resources {
            // In a trust policy the resource is the role.
            None => return Some(Breadth::Some),
            Some(Resources::AllBut(_)) => return Some(Breadth::Kind),
            Some(Resources::These(these)) => &these.items,
        };
        patterns.iter().filter_map(|p| one(p.text().trim(), action)).max()
    }

    pub fn is_wide(self) -> bool {
        self >= Breadth::Kind
    }
}

fn one(pattern: &str, action: Option<&Action>) -> Option<Breadth> {
    if only_stars(pattern) {
        return Some(Breadth::Everything);
    }
    if is_own(pattern) {
        return Some(Breadth::Own);
    }
    let Some(action) = action else {
        return Some(if is_whole(pattern, "") { Breadth::Kind } else { Breadth::Some });
    };
    // An action that cannot be limited is allowed on `*` only.
    let kinds = action.arns().filter(|form| same_kind(pattern, form));
    kinds
        .map(
            |form| {
                if is_whole(pattern, fixed_resource(form)) { Breadth::Kind } else { Breadth::Some }
            },
        )
        .max()
}

fn only_stars(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b == b'*')
}

/// Names the caller by a policy variable.
fn is_own(pattern: &str) -> bool {
    let folded = pattern.to_ascii_lowercase();
    ["${aws:username}", "${aws:userid}"].iter().any(|v| folded.contains(v))
}

/// The text of the part `at` of an ARN (0 to 5); the last has colons of its own.
fn part(arn: &str, at: usize) -> &str {
    arn.splitn(6, ':').nth(at).unwrap_or("*")
}

/// The resource of an ARN's form up to its first variable: `role/`.
fn fixed_resource(form: &str) -> &str {
    let resource = part(form, 5);
    &resource[..resource.find("${").unwrap_or(resource.len())]
}

/// Whether the pattern may name a resource of this form.
fn same_kind(pattern: &str, form: &str) -> bool {
    let (service, wanted) = (part(pattern, 2), part(form, 2));
    let agree = |pattern: &str, fixed: &str| {
        let literal = &pattern[..pattern.find(['*', '?', '$']).unwrap_or(pattern.len())];
        if literal.len() == pattern.len() {
            literal.starts_with(fixed)
        } else {
            literal.starts_with(fixed) || fixed.starts_with(literal)
        }
    };
    let service = match service.find(['*', '?', '$']) {
        None => service.eq_ignore_ascii_case(wanted),
        Some(at) => wanted.starts_with(&service[..at]),
    };
    service && agree(part(pattern, 5), fixed_resource(form))
}

/// Whether the pattern leaves nothing of the kind out: after what is fixed only wildcards.
fn is_whole(pattern: &str, fixed: &str) -> bool {
    let resource = part(pattern, 5);
    let rest = resource.strip_prefix(fixed).unwrap_or(resource);
    rest.contains('*') && rest.bytes().all(|b| b"*/:".contains(&b))
}
