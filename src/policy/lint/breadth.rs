//! How much of a kind of resource a statement reaches.

use crate::policy::{
    Resources, Statement,
    actions::{Action, Form},
};

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
    pub fn is_wide(self) -> bool {
        self >= Breadth::Kind
    }
}

/// A statement's resources, made ready for asking.
pub enum Reach<'s> {
    /// The same for every action.
    Same(Breadth),
    These(Vec<Pattern<'s>>),
}

/// A pattern of an ARN.
pub struct Pattern<'s> {
    own: bool,
    service: &'s str,
    resource: &'s str,
}

impl<'s> Reach<'s> {
    pub fn of(statement: &'s Statement) -> Self {
        let patterns = match &statement.resources {
            // In a trust policy the resource is the role.
            None => return Reach::Same(Breadth::Some),
            Some(Resources::AllBut(_)) => return Reach::Same(Breadth::Kind),
            Some(Resources::These(these)) => &these.items,
        };
        if patterns.iter().any(|p| p.is_everything()) {
            return Reach::Same(Breadth::Everything);
        }
        Reach::These(patterns.iter().map(|p| Pattern::new(p.text().trim())).collect())
    }

    /// What it comes to for an action; nothing where none of the resources is anything that
    /// the action is about, or where the action is allowed on `*` only.
    pub fn breadth(&self, action: Option<&Action>) -> Option<Breadth> {
        match self {
            Reach::Same(breadth) => Some(*breadth),
            Reach::These(patterns) => {
                let forms = action.map(Action::forms);
                patterns.iter().filter_map(|p| p.breadth(forms)).max()
            }
        }
    }
}

impl<'s> Pattern<'s> {
    fn new(text: &'s str) -> Self {
        // Names the caller by a policy variable.
        let folded = text.to_ascii_lowercase();
        let own = ["${aws:username}", "${aws:userid}"].iter().any(|v| folded.contains(v));
        let part = |at: usize| text.splitn(6, ':').nth(at).unwrap_or("*");
        Pattern { own, service: part(2), resource: part(5) }
    }

    fn breadth(&self, forms: Option<&[Form]>) -> Option<Breadth> {
        let whole = |fixed: &str| if self.is_whole(fixed) { Breadth::Kind } else { Breadth::Some };
        let breadth = match forms {
            None => whole(""),
            Some(forms) => {
                forms.iter().filter(|f| self.may_name(f)).map(|f| whole(f.fixed)).max()?
            }
        };
        Some(if self.own { Breadth::Own } else { breadth })
    }

    /// Whether it may name a resource of this form.
    fn may_name(&self, form: &Form) -> bool {
        let fixed_part =
            |pattern: &'s str| &pattern[..pattern.find(['*', '?', '$']).unwrap_or(pattern.len())];
        let service = fixed_part(self.service);
        let same_service = match service.len() == self.service.len() {
            true => service.eq_ignore_ascii_case(form.service),
            false => form.service.starts_with(service),
        };
        if !same_service {
            return false;
        }
        let resource = fixed_part(self.resource);
        let open = resource.len() < self.resource.len();
        resource.starts_with(form.fixed) || open && form.fixed.starts_with(resource)
    }

    /// Whether it leaves nothing of the kind out: after what is fixed only wildcards.
    fn is_whole(&self, fixed: &str) -> bool {
        let rest = self.resource.strip_prefix(fixed).unwrap_or(self.resource);
        rest.contains('*') && rest.bytes().all(|b| b"*/:".contains(&b))
    }
}
