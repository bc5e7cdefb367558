//! Whether a statement is about a request.

use super::{
    arn::ArnPattern,
    document::{Policy, Principals, Resources, Statement, TrusteeKind, Trustees},
    pattern::{Holds, Missing},
    request::{CallerKind, Request},
};

/// How a resource-based policy names the caller (IAM user guide, "Policy evaluation logic:
/// how the type of the requesting principal…").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Naming {
    /// Not at all.
    Not,
    /// The account: its own policies must allow as well.
    Account,
    /// The role of the session: boundary and session policies limit it.
    Role,
    /// The very user or session, or everyone: nothing but a deny limits it.
    Directly,
}

impl Statement {
    /// Whether action, resource and conditions are the request's; the principal is
    /// [`Statement::names`]'s.
    pub(super) fn covers(&self, request: &Request, missing: &mut Missing) -> Holds {
        if !self.actions.cover(&request.folded) {
            return Holds::No;
        }
        let before = missing.len();
        let mut holds = self.covers_resource(request, missing);
        for test in &self.conditions {
            if holds == Holds::No {
                break;
            }
            holds = holds.and(test.holds(request, missing));
        }
        if holds != Holds::Maybe {
            missing.truncate(before);
        }
        holds
    }

    fn covers_resource(&self, request: &Request, missing: &mut Missing) -> Holds {
        if request.on_any {
            return self.covers_any(request, missing);
        }
        let any = |patterns: &[ArnPattern], missing: &mut Missing| {
            let mut holds = Holds::No;
            let before = missing.len();
            for pattern in patterns {
                holds = holds.or(pattern.matches(&request.resource.arn, request, missing));
                if holds == Holds::Yes {
                    missing.truncate(before);
                    break;
                }
            }
            holds
        };
        match &self.resources {
            // A trust policy is about its own role.
            None => Holds::Yes,
            Some(Resources::These(these)) => any(&these.items, missing),
            Some(Resources::AllBut(these)) => {
                let arn = &request.resource.arn;
                let each = these.items.iter().map(|p| p.is_comparable(arn, request, missing));
                let comparable = each.fold(Holds::Yes, Holds::and);
                comparable.and(!any(&these.items, missing))
            }
        }
    }

    /// How the statement of a resource-based policy names the caller. One without any
    /// principal names nobody.
    pub(super) fn names(&self, request: &Request) -> Naming {
        match &self.principals {
            None => Naming::Not,
            Some(Principals::These(who)) => named(who, request),
            Some(Principals::AllBut(who)) => match named(who, request) {
                Naming::Not => Naming::Directly,
                _ => Naming::Not,
            },
        }
    }
}

fn named(who: &Trustees, request: &Request) -> Naming {
    let aws = who.iter().filter(|(kind, _)| *kind == TrusteeKind::Aws);
    aws.map(|(_, text)| names(text, request)).max().unwrap_or(Naming::Not)
}

/// How one `AWS` principal names the caller.
fn names(text: &str, request: &Request) -> Naming {
    let caller = &request.caller;
    if text == "*" {
        return Naming::Directly;
    }
    if text == caller.account {
        return Naming::Account;
    }
    if text == caller.arn && caller.is_session() {
        return Naming::Directly;
    }
    if let Some(role) = &caller.role {
        // A session's ARN lacks the path of its role.
        let bare = |arn: &str| {
            arn.split(":role/").nth(1).map(|r| r.rsplit('/').next() == role.rsplit('/').next())
        };
        let whole = text == role;
        let by_name = !role_path(role)
            && bare(text) == Some(true)
            && text.split(':').nth(4) == Some(&*caller.account);
        if whole || by_name {
            return Naming::Role;
        }
    }
    if text == caller.arn {
        return Naming::Directly;
    }
    // A unique id: what a principal's ARN becomes when it is deleted, and what is compared.
    if let Some(id) = &caller.userid {
        if text == id {
            return Naming::Directly;
        }
        if caller.kind == CallerKind::Role && id.split(':').next() == Some(text) {
            return Naming::Role;
        }
    }
    let mut parts = text.splitn(6, ':');
    let account = parts.nth(4);
    if account == Some(&*caller.account) && parts.next() == Some("root") {
        return Naming::Account;
    }
    Naming::Not
}

fn role_path(role: &str) -> bool {
    role.split(":role/").nth(1).is_some_and(|name| name.contains('/'))
}

impl Policy {
    /// A policy that allows all, as `FullAWSAccess` does.
    pub fn allows_all(&self) -> bool {
        self.statements.iter().any(|s| {
            let resource = matches!(&s.resources,
                Some(Resources::These(r)) if r.items.iter().any(|p| p.is_everything()));
            let action = matches!(&s.actions,
                super::document::Actions::These(a) if a.items.iter().any(|p| p.is_everything()));
            s.is_allow() && s.conditions.is_empty() && resource && action
        })
    }
}
