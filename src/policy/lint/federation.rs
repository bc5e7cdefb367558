//! Trust in identity providers that speak OpenID Connect: whose tokens will do.
//!
//! IAM user guide, "Create a role for OpenID Connect federation" ("Configuring a role for
//! GitHub OIDC identity provider"), "Available keys for AWS OIDC federation"; EKS user guide,
//! "IAM roles for service accounts". SAML providers belong to one company: nothing is said.

use super::{
    narrowed::{holds_back, listed, values},
    trust::Say,
};
use crate::{
    domain::{Band, untrusted::display_in},
    policy::{Base, Statement, Test},
};

/// A provider that many share.
struct Shared {
    host: &'static str,
    /// The claims that say whose token it is; one of them must be asked for.
    claims: &'static [&'static str],
    /// Who gets in where none is.
    whoever: &'static str,
    /// What to ask for.
    ask: &'static str,
}

const SHARED: &[Shared] = &[
    Shared {
        host: "token.actions.githubusercontent.com",
        claims: &["sub", "job_workflow_ref", "repository", "repository_id", "repository_owner_id"],
        whoever: "every workflow on GitHub",
        ask: "repo:ORG/REPO:ref:refs/heads/main",
    },
    Shared {
        host: "gitlab.com",
        claims: &["sub"],
        whoever: "every pipeline on gitlab.com",
        ask: "project_path:GROUP/PROJECT:ref_type:branch:ref:main",
    },
    Shared {
        host: "app.terraform.io",
        claims: &["sub"],
        whoever: "every run on HCP Terraform",
        ask: "organization:ORG:project:PROJECT:workspace:WORKSPACE:run_phase:apply",
    },
    Shared {
        host: "agent.buildkite.com",
        claims: &["sub"],
        whoever: "every job on Buildkite",
        ask: "organization:ORG:pipeline:PIPELINE:ref:refs/heads/main:*",
    },
    Shared {
        host: "api.pulumi.com/oidc",
        claims: &["sub", "aud"],
        whoever: "every organization on Pulumi Cloud",
        ask: "pulumi:deploy:org:ORG:*",
    },
    Shared {
        host: "accounts.google.com",
        claims: &["sub", "aud", "oaud"],
        whoever: "everybody with a Google account",
        ask: "the account's number",
    },
    Shared {
        host: "graph.facebook.com",
        claims: &["app_id", "id"],
        whoever: "everybody with a Facebook account",
        ask: "your application's id",
    },
    Shared {
        host: "www.amazon.com",
        claims: &["app_id", "user_id"],
        whoever: "everybody with an Amazon account",
        ask: "your application's id",
    },
    Shared {
        host: "cognito-identity.amazonaws.com",
        claims: &["aud", "sub"],
        whoever: "every identity pool of anybody",
        ask: "your identity pool's id",
    },
];

pub fn judge(who: &str, statement: &Statement, say: Say<'_>) {
    if who.contains(":saml-provider/") {
        return;
    }
    let host = who.split_once("oidc-provider/").map_or(who, |(_, host)| host);
    let shared = SHARED.iter().find(|s| host.eq_ignore_ascii_case(s.host));
    let claims = shared.map_or(&["sub"][..], |s| s.claims);
    let shown = display_in(host, 80);
    let asked: Vec<&Test> = statement
        .conditions
        .iter()
        .filter(|t| claims.iter().any(|c| is_claim(&t.key, host, c)) && holds_back(t))
        .collect();
    if asked.is_empty() {
        let (severity, whoever) = match shared {
            Some(shared) => (Band::Critical, shared.whoever.to_owned()),
            None => (Band::High, format!("everybody with a token of {shown}")),
        };
        let ask = shared.map_or("the subjects that are meant", |s| s.ask);
        say(
            severity,
            "trust-oidc-anybody",
            format!("{whoever} may assume the role: no condition on {shown}:{}", claims[0]),
            &format!("add the condition {shown}:{} with {ask}", claims[0]),
        );
        return;
    }
    for test in &asked {
        wildcard(test, shared, &shown, say);
    }
    let has = |claim: &str| statement.conditions.iter().any(|t| is_claim(&t.key, host, claim));
    if host == "cognito-identity.amazonaws.com" && !has("amr") {
        say(
            Band::Medium,
            "trust-oidc-anybody",
            "guests of the identity pool may assume the role: no condition on cognito-identity.amazonaws.com:amr".to_owned(),
            "add the condition cognito-identity.amazonaws.com:amr with authenticated",
        );
    } else if !has("aud") && !claims.contains(&"app_id") {
        say(
            Band::Informational,
            "trust-oidc-audience",
            format!("a token of {shown} that was made for any client of the provider will do"),
            &format!("add the condition {shown}:aud with sts.amazonaws.com, or the client's id"),
        );
    }
}

fn is_claim(key: &str, host: &str, claim: &str) -> bool {
    key.len() == host.len() + 1 + claim.len()
        && key.is_char_boundary(host.len())
        && key[..host.len()].eq_ignore_ascii_case(host)
        && key[host.len()..].strip_prefix(':').is_some_and(|c| c.eq_ignore_ascii_case(claim))
}

/// Subjects by wildcard: how many they let in.
fn wildcard(test: &Test, shared: Option<&Shared>, shown: &str, say: Say<'_>) {
    if !matches!(test.operator.base, Base::StringLike | Base::Arn) {
        return;
    }
    let mut worst = Band::Informational;
    let mut found: Vec<String> = Vec::new();
    for value in values(test) {
        if let Some(severity) = openness(value, shared.is_some()) {
            worst = worst.max(severity);
            found.push(display_in(value, 80));
        }
    }
    if found.is_empty() {
        return;
    }
    let many = match worst {
        Band::Critical => shared.map_or("everybody with a token", |s| s.whoever),
        Band::High => "everybody with a token of the provider",
        Band::Medium => "everything of that owner",
        _ => "every branch, tag and pull request",
    };
    let ask = shared.map_or("the subjects that are meant", |s| s.ask);
    say(
        worst,
        "trust-oidc-wildcard",
        format!(
            "{many} may assume the role: {} is like {}",
            display_in(&test.key, 80),
            listed(&found, " or ")
        ),
        &format!("ask {shown} for {ask}"),
    );
}

/// How bad a wildcard in a subject is: before anybody is named, after an owner, or after what
/// the owner has.
fn openness(subject: &str, shared: bool) -> Option<Band> {
    let at = subject.find(['*', '?'])?;
    let before = &subject[..at];
    let everybody = if shared { Band::Critical } else { Band::High };
    // `repo:`, `project_path:`, `organization:` are not yet a name.
    let Some((_, named)) = before.split_once(':') else { return Some(everybody) };
    match named.find(['/', ':']) {
        None => Some(everybody),
        Some(end) if end + 1 == named.len() => Some(Band::Medium),
        Some(_) => Some(Band::Low),
    }
}
