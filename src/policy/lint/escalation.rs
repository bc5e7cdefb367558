//! The published ways to more permissions, for a principal with all its policies together.

use super::{
    Finding, Judged,
    breadth::Breadth,
    grants::{Grant, Held},
    narrowed::{Narrowed, listed, lower, values},
    paths::{PATHS, Path, Way},
    watch::Watch,
};
use crate::{domain::Band, policy::Statement};

impl Way {
    pub(super) fn rule(self) -> &'static str {
        match self {
            Way::Writes => "privilege-escalation-policy",
            Way::Becomes => "privilege-escalation-identity",
            Way::Passes => "privilege-escalation-pass-role",
            Way::TakesOver => "privilege-escalation-existing-role",
        }
    }

    fn severity(self) -> Band {
        match self {
            Way::Writes | Way::Becomes => Band::Critical,
            Way::Passes => Band::High,
            Way::TakesOver => Band::Medium,
        }
    }

    fn suggestion(self) -> &'static str {
        match self {
            Way::Writes => {
                "leave these actions to those who manage IAM; else name the resources, and require a boundary with the condition iam:PermissionsBoundary"
            }
            Way::Becomes => {
                "name the users and roles that are meant, such as arn:aws:iam::*:user/${aws:username} for one's own keys"
            }
            Way::Passes => {
                "name the roles that may be passed, and the service with the condition iam:PassedToService"
            }
            Way::TakesOver => {
                "name the resources that are meant, or require a tag with the condition aws:ResourceTag"
            }
        }
    }
}

/// A way that is open, by the grant that decides how far it goes.
struct Open<'a> {
    path: &'static Path,
    grant: Grant<'a>,
    with: Vec<Grant<'a>>,
}

pub fn judge<'a>(held: &Held<'a>, out: &mut Vec<Judged<'a>>) {
    let mut open: Vec<Open<'a>> = PATHS.iter().filter_map(|path| walk(held, path)).collect();
    while let Some(first) = open.first() {
        let (way, grant) = (first.path.way, first.grant.clone());
        let (same, rest) = open.into_iter().partition(|o| {
            o.path.way == way && o.grant.breadth == grant.breadth && o.grant.same_as(&grant)
        });
        open = rest;
        out.push(finding(way, &grant, same));
    }
}

/// The way, if every permission that it needs is there.
fn walk<'a>(held: &Held<'a>, path: &'static Path) -> Option<Open<'a>> {
    let watch = Watch::get();
    let mut grants = Vec::with_capacity(path.needs.len());
    for action in path.needs {
        let id = watch.id(action)?;
        let grant = match *action {
            "iam:PassRole" => passed(held.grants(id), path.service)?,
            _ => held.grant(id)?,
        };
        grants.push(grant);
    }
    if !path.own && grants.iter().any(|g| g.breadth == Breadth::Own) {
        return None;
    }
    // The narrowest decides; of the new resources that a role is passed to, any will do.
    let decisive = match path.way {
        Way::Passes => 0,
        _ => {
            let rank = |g: &Grant<'_>| (g.breadth, !g.narrowed.is_narrowed());
            (0..grants.len()).min_by_key(|at| rank(&grants[*at]))?
        }
    };
    let mut grant = grants.remove(decisive);
    for other in &grants {
        for by in &other.narrowed.by {
            if !grant.narrowed.by.contains(by) {
                grant.narrowed.by.push(by.clone());
            }
        }
    }
    Some(Open { path, grant, with: grants })
}

/// The widest grant of iam:PassRole that lets a role be passed to this service. That it may
/// be passed to no other does not narrow it.
fn passed<'a>(grants: Vec<Grant<'a>>, service: &str) -> Option<Grant<'a>> {
    const KEY: &str = "iam:PassedToService";
    let fits = grants.into_iter().filter_map(|mut grant| {
        let statement: &Statement = grant.statement();
        let mut tests = statement.conditions.iter();
        let mine = tests.find(|t| t.key.eq_ignore_ascii_case(KEY) && !t.operator.negated);
        if let Some(test) = mine {
            if !values(test).any(|v| crate::policy::actions::matches(v, service)) {
                return None;
            }
            let own = Narrowed::of(statement);
            let rest = Narrowed::without(statement, KEY);
            let gone: Vec<String> = own.by.into_iter().filter(|w| !rest.by.contains(w)).collect();
            grant.narrowed.by.retain(|w| !gone.contains(w));
        }
        Some(grant)
    });
    fits.max_by_key(|g| (g.breadth, !g.narrowed.is_narrowed()))
}

fn finding<'a>(way: Way, grant: &Grant<'a>, open: Vec<Open<'a>>) -> Judged<'a> {
    let does: Vec<&str> = open.iter().map(|o| o.path.does).collect();
    let mut ids: Vec<&str> = open.iter().flat_map(|o| o.path.ids.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    let actions: Vec<&str> = {
        let mut needs: Vec<&str> = open.iter().flat_map(|o| o.path.needs.iter().copied()).collect();
        needs.retain(|n| *n != "iam:PassRole");
        needs.sort_unstable();
        needs.dedup();
        needs
    };
    let does = listed(&does, " or ");
    let (passed, reach) = match grant.breadth {
        Breadth::Everything | Breadth::Kind => ("any role", ""),
        Breadth::Some => ("the roles that it names", ", on the resources that it names"),
        Breadth::Own => ("its own role", ", on itself"),
    };
    let can = match way {
        Way::Writes => format!("can {does} and so give itself permissions{reach}"),
        Way::Becomes => format!("can {does} and so get somebody else's permissions{reach}"),
        Way::Passes => format!("can act with {passed} by passing it to a service: {does}"),
        Way::TakesOver => format!("can {does} and so act with the role that is there{reach}"),
    };
    let elsewhere: Vec<String> = {
        let mut places: Vec<String> = open
            .iter()
            .flat_map(|o| &o.with)
            .filter(|g| !g.same_statement(grant))
            .map(|g| g.place())
            .collect();
        places.sort();
        places.dedup();
        places
    };
    let with = match elsewhere.is_empty() {
        true => String::new(),
        false => format!(", together with {}", listed(&elsewhere, " and ")),
    };
    let sentence = format!(
        "{can}{with}{} ({}; {})",
        grant.narrowed.words(),
        listed(&actions, ", "),
        listed(&ids, ", "),
    );
    let severity = match grant.breadth {
        // A role that is named may be passed on purpose; who it is decides.
        Breadth::Some => lower(lower(way.severity())),
        _ => way.severity(),
    };
    Judged {
        document: grant.document,
        finding: Finding {
            statement: Some(grant.statement),
            severity: grant.narrowed.lowered(severity),
            rule: way.rule(),
            sentence,
            suggestion: way.suggestion().to_owned(),
        },
    }
}
