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
    service: Part<'s>,
    resource: Part<'s>,
}

/// A part of a pattern: the whole, and how far it has no wildcard and no variable.
struct Part<'s> {
    whole: &'s str,
    fixed: &'s str,
}

impl<'s> Part<'s> {
    fn new(pattern: &'s str, at: usize) -> Self {
        let whole = pattern.splitn(6, ':').nth(at).unwrap_or("*");
        let end = whole.bytes().position(|b| b"*?$".contains(&b));
        Part { whole, fixed: &whole[..end.unwrap_or(whole.len())] }
    }

    fn is_open(&self) -> bool {
        self.fixed.len() < self.whole.len()
    }
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
        Pattern { own, service: Part::new(text, 2), resource: Part::new(text, 5) }
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
        let service = match self.service.is_open() {
            true => form.service.starts_with(self.service.fixed),
            false => self.service.fixed.eq_ignore_ascii_case(form.service),
        };
        let fixed = self.resource.fixed;
        let open = self.resource.is_open();
        service && (fixed.starts_with(form.fixed) || open && form.fixed.starts_with(fixed))
    }

    /// Whether it leaves nothing of the kind out: after what is fixed only wildcards.
    fn is_whole(&self, fixed: &str) -> bool {
        let resource = self.resource.whole;
        let rest = resource.strip_prefix(fixed).unwrap_or(resource);
        rest.contains('*') && rest.bytes().all(|b| b"*/:".contains(&b))
    }
}
