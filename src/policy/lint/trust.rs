//! Who may become a role: its trust policy.
//!
//! IAM user guide, "Access to AWS accounts owned by third parties" (external ids), "The
//! confused deputy problem", "AWS JSON policy elements: Principal".

use super::{
    Finding, federation,
    narrowed::{Narrowed, lower, values},
};
use crate::{
    domain::{AccountId, Band, organization::Organization, untrusted::display_in},
    policy::{Policy, Principals, Statement, TrusteeKind},
};

/// Services whose own guides ask for aws:SourceAccount or aws:SourceArn in the trust of the
/// roles that they assume, since anybody's resource there could name the role.
const DEPUTIES: &[&str] = &[
    "airflow-env",
    "airflow",
    "bedrock",
    "codebuild",
    "comprehend",
    "datasync",
    "ecs-tasks",
    "firehose",
    "glue",
    "lexv2",
    "logs",
    "pipes",
    "rekognition",
    "sagemaker",
    "scheduler",
    "ssm",
    "states",
    "transcribe",
    "transfer",
];

/// Keys that say for whom a service acts.
const SOURCES: &[&str] =
    &["aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths"];

/// What a role's trust is judged against.
pub struct Home<'a> {
    /// The role's own account, where it is known.
    pub account: Option<&'a AccountId>,
    pub organization: Option<&'a Organization>,
    /// A service-linked role's trust is AWS's own and cannot be changed.
    pub service_linked: bool,
}

pub fn judge(policy: &Policy, home: &Home<'_>, out: &mut Vec<Finding>) {
    for (at, statement) in policy.statements.iter().enumerate() {
        let assumes = ["sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml"];
        if !statement.is_allow() || !assumes.iter().any(|a| statement.actions.cover(a)) {
            continue;
        }
        let mut say = |severity, rule, sentence: String, suggestion: &str| {
            let suggestion = suggestion.to_owned();
            out.push(Finding { statement: Some(at), severity, rule, sentence, suggestion });
        };
        match &statement.principals {
            None => {}
            Some(Principals::AllBut(_)) => say(
                Band::Critical,
                "trust-not-principal",
                format!(
                    "everybody but some may assume the role{}",
                    Narrowed::of(statement).words()
                ),
                "name who is meant with Principal",
            ),
            Some(Principals::These(who)) => {
                for (kind, who) in who.iter() {
                    match kind {
                        TrusteeKind::Aws => aws(who, statement, home, &mut say),
                        TrusteeKind::Service if !home.service_linked => {
                            service(who, statement, &mut say)
                        }
                        TrusteeKind::Federated => federation::judge(who, statement, &mut say),
                        TrusteeKind::Service | TrusteeKind::CanonicalUser => {}
                    }
                }
            }
        }
    }
}

pub type Say<'s> = &'s mut dyn FnMut(Band, &'static str, String, &str);

fn aws(who: &str, statement: &Statement, home: &Home<'_>, say: Say<'_>) {
    let narrowed = Narrowed::of(statement);
    let organized =
        held_to(statement, &["aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID"]);
    if who == "*" || who == "arn:aws:iam::*:root" {
        let severity = match organized {
            true => Band::Low,
            false => narrowed.lowered(Band::Critical),
        };
        say(
            severity,
            "trust-everyone",
            format!("anybody in AWS may assume the role{}", narrowed.words()),
            "name the accounts or principals that are meant, or ask for aws:PrincipalOrgID",
        );
        return;
    }
    let shown = display_in(who, 100);
    let Some(account) = account_of(who) else {
        if ["AROA", "AIDA", "AGPA"].iter().any(|p| who.starts_with(p)) {
            say(
                Band::Low,
                "trust-gone-principal",
                format!("trusts {shown}, who was deleted: an id stands where the name was"),
                "take the id out; whoever gets that name again is somebody else",
            );
        }
        return;
    };
    if home.account.is_none_or(|own| own.as_str() == account) {
        return;
    }
    let ours =
        home.organization.is_some_and(|o| o.accounts.iter().any(|a| a.id.as_str() == account));
    if ours || organized {
        say(
            Band::Informational,
            "trust-external-account",
            format!(
                "{shown}, of another account of the organization, may assume the role{}",
                narrowed.words()
            ),
            "nothing, if that account is meant",
        );
        return;
    }
    let whole = who.len() == 12 || who.ends_with(":root");
    let whoever = if whole {
        format!("whoever account {account} lets, may assume the role")
    } else {
        format!("{shown}, of an account that is not known to be yours, may assume the role")
    };
    if held_to(statement, &["sts:ExternalId"]) {
        say(
            Band::Low,
            "trust-external-account",
            format!("{whoever}, with an external id"),
            "make sure that the account is still meant, and that the external id is its own for you",
        );
    } else {
        let severity = if whole { Band::Medium } else { Band::Low };
        say(
            if narrowed.is_narrowed() { lower(severity) } else { severity },
            "trust-no-external-id",
            format!("{whoever}, without an external id{}", narrowed.words()),
            "if that account serves others too, ask for the condition sts:ExternalId with an id that it gave you",
        );
    }
}

fn service(who: &str, statement: &Statement, say: Say<'_>) {
    let name = who.split('.').next().unwrap_or_default();
    if DEPUTIES.contains(&name) && !held_to(statement, SOURCES) {
        say(
            Band::Low,
            "trust-confused-deputy",
            format!("{} may assume the role for anybody who names it there", display_in(who, 60)),
            "add the condition aws:SourceAccount with your account, or aws:SourceArn with the resource",
        );
    }
}

/// Whether a condition that holds people back is on one of these keys.
fn held_to(statement: &Statement, keys: &[&str]) -> bool {
    statement.conditions.iter().any(|test| {
        keys.iter().any(|key| test.key.eq_ignore_ascii_case(key))
            && super::narrowed::holds_back(test)
            && values(test).any(|v| !v.is_empty())
    })
}

/// The account of a principal: twelve digits, or an ARN's fifth part.
fn account_of(who: &str) -> Option<&str> {
    let account = if who.starts_with("arn:") { who.split(':').nth(4)? } else { who };
    let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    digits.then_some(account)
}
