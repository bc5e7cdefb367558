//! Principals that may do everything, or may give themselves whatever they lack.

use super::{
    Finding, Judged,
    breadth::{Breadth, Reach},
    grants::{Grant, Held},
    narrowed::{Narrowed, listed},
    watch::Watch,
};
use crate::{
    domain::{Band, untrusted::display_in},
    policy::{Actions, Statement},
};

/// The actions that write permissions and make identities. Who has all of them on everything
/// has everything, whatever else he has.
pub const DECISIVE: &[&str] = &[
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:UpdateAssumeRolePolicy",
];

/// Whether the principal is as good as an administrator; what follows from that is not told
/// one by one.
pub fn judge<'a>(held: &Held<'a>, out: &mut Vec<Judged<'a>>) -> bool {
    let watch = Watch::get();
    let grants: Option<Vec<Grant<'a>>> = DECISIVE
        .iter()
        .map(|action| held.grant(watch.id(action)?).filter(|g| g.breadth.is_wide()))
        .collect();
    let Some(grants) = grants else { return false };
    // The one that is narrowed decides: all are needed.
    let Some(decides) = grants.iter().max_by_key(|g| g.narrowed.is_narrowed()) else {
        return false;
    };
    let mut statements: Vec<&Grant<'a>> = Vec::new();
    for grant in &grants {
        if !statements.iter().any(|known| known.same_statement(grant)) {
            statements.push(grant);
        }
    }
    let what = match statements[..] {
        [one] => alone(one.statement()),
        _ => format!(
            "may give itself any permission, by {} statements together: {}",
            statements.len(),
            {
                let named: Vec<String> = statements.iter().map(|g| g.place()).collect();
                listed(&named, " and ")
            }
        ),
    };
    let suggestion = match decides.document.source.name.raw() {
        "AdministratorAccess" | "IAMFullAccess" => {
            "attach a policy with what is needed, and keep this one for a break-glass role".to_owned()
        }
        _ => "allow the actions that are needed by name, and put a permissions boundary on what makes principals".to_owned(),
    };
    out.push(Judged {
        document: decides.document,
        finding: Finding {
            statement: Some(decides.statement),
            severity: decides.narrowed.lowered(Band::Critical),
            rule: "administrator",
            sentence: format!("{what}{}", decides.narrowed.words()),
            suggestion,
        },
    });
    // What else there is, is under the same conditions then.
    grants.iter().all(|g| g.narrowed == decides.narrowed)
}

/// In words what one statement that is enough allows.
fn alone(statement: &Statement) -> String {
    match &statement.actions {
        Actions::AllBut(but) => {
            let but: Vec<String> = but.items.iter().map(|p| display_in(p.text(), 40)).collect();
            format!("may do everything but {}, and so give itself the rest", listed(&but, " and "))
        }
        Actions::These(these) if these.items.iter().any(|p| p.is_everything()) => {
            "may do everything".to_owned()
        }
        Actions::These(_) => {
            "may change IAM without limit, and so give itself any permission".to_owned()
        }
    }
}

/// Whether a statement allows everything on everything, under no condition that counts: what
/// the other rules say of its parts says no more.
pub fn is_everything(statement: &Statement) -> bool {
    let all = match &statement.actions {
        Actions::These(these) => these.items.iter().any(|p| p.is_everything()),
        Actions::AllBut(_) => false,
    };
    statement.is_allow()
        && all
        && Reach::of(statement).breadth(None) == Some(Breadth::Everything)
        && !Narrowed::of(statement).is_narrowed()
}
