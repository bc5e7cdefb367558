//! Service control policies: whether break-glass gets through, and who else does.
//!
//! Organizations user guide, "Service control policies"; IAM user guide, "aws:PrincipalTag"
//! and "Controlling access … using tags". An exemption by a tag is worth what protects the
//! tag; one by a role's name what protects the name.

use super::{
    Finding, Lint,
    breadth::{Breadth, Reach},
    document::{Document, Kind, Source},
    narrowed::{listed, values},
    sort,
};
use crate::{
    domain::{
        AccountId, Band,
        organization::{OrgPolicy, OrgPolicyKind, Organization},
        untrusted::display_in,
    },
    policy::{Actions, Base, Statement, Test, actions::matches},
};

/// Services that an incident is answered with.
const RESPONSE: &[&str] = &[
    "cloudtrail",
    "ec2",
    "guardduty",
    "iam",
    "kms",
    "lambda",
    "organizations",
    "s3",
    "securityhub",
    "ssm",
    "sts",
];

/// What sets a principal's tags.
const TAGS: &[&str] = &["iam:TagRole", "iam:TagUser", "sts:TagSession"];

/// What takes a role's name, or gets into the role that has it.
const NAMES: &[&str] = &["iam:CreateRole", "iam:UpdateAssumeRolePolicy"];

/// The findings of an organization's policies, the worst first.
pub fn organization(organization: &Organization) -> Vec<Lint> {
    let documents: Vec<(&OrgPolicy, Document)> = organization
        .policies
        .iter()
        .filter(|p| !p.aws_managed && !p.document.is_empty())
        .map(|p| (p, Document::read(source(p), &p.document)))
        .collect();
    let mut lints = Vec::new();
    for (policy, document) in &documents {
        let targets = || policy.targets.clone();
        if let Err(wrong) = &document.policy {
            lints.push(document.malformed(wrong, targets()));
            continue;
        }
        if policy.kind != OrgPolicyKind::Scp || policy.targets.is_empty() {
            continue;
        }
        let above = Above::of(organization, policy, &documents);
        for (at, statement) in document.statements().iter().enumerate() {
            if statement.is_allow() {
                continue;
            }
            let mut findings = Vec::new();
            denial(at, statement, &above, &mut findings);
            lints.extend(findings.into_iter().map(|f| document.lint(f, targets())));
        }
    }
    sort(&mut lints);
    lints
}

fn source(policy: &OrgPolicy) -> Source {
    let kind = match policy.kind {
        OrgPolicyKind::Scp => Kind::Scp,
        OrgPolicyKind::Rcp => Kind::Rcp,
    };
    Source { kind, name: policy.name.clone(), arn: Some(policy.id.clone()) }
}

/// For each account that a policy stands above, every denial that stands above it.
struct Above<'d> {
    accounts: Vec<(&'d AccountId, Vec<&'d Statement>)>,
}

impl<'d> Above<'d> {
    fn of(
        organization: &'d Organization,
        policy: &OrgPolicy,
        documents: &'d [(&OrgPolicy, Document)],
    ) -> Self {
        let members = organization.accounts.iter().filter(|a| a.id != organization.management);
        let accounts = members.filter_map(|member| {
            let levels = organization.levels(&member.id);
            let mut ids = levels.iter().flat_map(|l| &l.scps).map(|p| &p.id);
            if !ids.any(|id| *id == policy.id) {
                return None;
            }
            let stand = |id: &crate::domain::Untrusted| {
                levels.iter().any(|l| l.scps.iter().any(|p| p.id == *id))
            };
            let denials = documents
                .iter()
                .filter(|(p, _)| stand(&p.id))
                .flat_map(|(_, d)| d.statements())
                .filter(|s| !s.is_allow());
            Some((&member.id, denials.collect()))
        });
        Above { accounts: accounts.collect() }
    }

    /// Those of the actions that nothing denies in some account, with how many accounts.
    fn unprotected(
        &self,
        actions: &[&'static str],
        protects: impl Fn(&Statement) -> bool,
    ) -> (Vec<&'static str>, usize) {
        let mut open: Vec<&'static str> = Vec::new();
        let mut accounts = 0;
        for (_, denials) in &self.accounts {
            let left: Vec<&'static str> = actions
                .iter()
                .filter(|a| {
                    let folded = a.to_ascii_lowercase();
                    !denials.iter().any(|d| d.actions.cover(&folded) && protects(d))
                })
                .copied()
                .collect();
            accounts += usize::from(!left.is_empty());
            for action in left {
                if !open.contains(&action) {
                    open.push(action);
                }
            }
        }
        (open, accounts)
    }
}

fn denial(at: usize, statement: &Statement, above: &Above<'_>, out: &mut Vec<Finding>) {
    let about_principals = |t: &&Test| principal_key(&t.key);
    let tests = || statement.conditions.iter().filter(about_principals);
    // It concerns only some principals: root users, say.
    if tests().any(|t| !t.operator.negated && t.operator.base != Base::Null) {
        return;
    }
    let exemptions: Vec<&Test> = tests().filter(|t| t.operator.negated || absent(t)).collect();
    if exemptions.is_empty() {
        out.push(no_exemption(at, statement));
    }
    for test in exemptions {
        let folded = test.key.to_ascii_lowercase();
        if let Some(tag) = folded.strip_prefix("aws:principaltag/") {
            out.extend(by_tag(at, tag, test, above));
        } else if folded == "aws:principalarn" {
            out.extend(by_name(at, test, above));
        }
    }
}

/// Keys that say who the principal is.
fn principal_key(key: &str) -> bool {
    let folded = key.to_ascii_lowercase();
    folded.starts_with("aws:principaltag/")
        || [
            "aws:principalarn",
            "aws:userid",
            "aws:username",
            "aws:principalaccount",
            "aws:principaltype",
        ]
        .contains(&&*folded)
}

/// `Null aws:PrincipalTag/X true`: denied where the tag is not there.
fn absent(test: &Test) -> bool {
    test.operator.base == Base::Null && values(test).any(|v| v.eq_ignore_ascii_case("true"))
}

fn no_exemption(at: usize, statement: &Statement) -> Finding {
    let patterns = statement.actions.patterns();
    let shown: Vec<String> = patterns.iter().map(|p| display_in(p.text(), 40)).collect();
    let (severity, what) = match &statement.actions {
        Actions::AllBut(_) => (Band::High, format!("every action but {}", listed(&shown, " and "))),
        Actions::These(_) if patterns.iter().any(|p| p.is_everything()) => {
            (Band::High, "every action".to_owned())
        }
        Actions::These(_) => {
            let wide = patterns.iter().any(|p| {
                let (service, name) = p.text().split_once(':').unwrap_or((p.text(), ""));
                name.contains('*') && RESPONSE.iter().any(|r| service.eq_ignore_ascii_case(r))
            });
            (if wide { Band::Medium } else { Band::Low }, listed(&shown, " and "))
        }
    };
    let everywhere = Reach::of(statement).breadth(None).is_none_or(Breadth::is_wide);
    let reach = if everywhere { "" } else { " on the resources that it names" };
    let conditions: Vec<String> = super::narrowed::all(statement);
    let under = match conditions.is_empty() {
        true => String::new(),
        false => format!(" where {}", listed(&conditions, " and ")),
    };
    Finding {
        statement: Some(at),
        severity,
        rule: "scp-no-exemption",
        sentence: format!("denies {what}{reach}{under}, to break-glass as to anybody"),
        suggestion: "if break-glass must be able to: \"ArnNotLike\": {\"aws:PrincipalArn\": \"arn:aws:iam::*:role/BREAK-GLASS\"} in the Condition, and a denial of iam:* on that role for others".to_owned(),
    }
}

fn by_tag(at: usize, tag: &str, test: &Test, above: &Above<'_>) -> Option<Finding> {
    let protects = |denial: &Statement| {
        let tag_tests: Vec<&Test> =
            denial.conditions.iter().filter(|t| !principal_key(&t.key)).collect();
        let wide = Reach::of(denial).breadth(None).is_none_or(Breadth::is_wide);
        wide && tag_tests.iter().all(|t| {
            let folded = t.key.to_ascii_lowercase();
            let keys = folded == "aws:tagkeys"
                && !t.operator.negated
                && values(t).any(|v| matches(v, tag));
            let value = folded.strip_prefix("aws:requesttag/") == Some(tag)
                && (!t.operator.negated || !values(t).any(|v| v.contains('*')));
            keys || value
        })
    };
    let (open, accounts) = above.unprotected(TAGS, protects);
    if open.is_empty() {
        return None;
    }
    let key = display_in(&test.key, 80);
    Some(Finding {
        statement: Some(at),
        severity: Band::High,
        rule: "scp-exemption-tag",
        sentence: format!(
            "whoever has the tag that {key} asks for is exempt, and in {accounts} account{} nothing stops {} from setting it",
            if accounts == 1 { "" } else { "s" },
            listed(&open, " and "),
        ),
        suggestion: format!(
            "deny {} where aws:TagKeys has {}, except to those who manage it",
            listed(&open, " and "),
            display_in(key.split_once('/').map_or("the tag", |(_, tag)| tag), 60)
        ),
    })
}

fn by_name(at: usize, test: &Test, above: &Above<'_>) -> Option<Finding> {
    let names: Vec<&str> = values(test)
        .filter(|v| {
            v.contains(":role/")
                && !v.contains(":role/aws-reserved/")
                && !v.contains(":role/aws-service-role/")
        })
        .collect();
    let open: Vec<(&str, Vec<&'static str>, usize)> = names
        .into_iter()
        .filter_map(|name| {
            let protects = |denial: &Statement| {
                let on = match &denial.resources {
                    None => true,
                    Some(resources) => resources.patterns().iter().any(|p| {
                        p.is_everything()
                            || p.text() == name
                            || p.may_match(&name.replace('*', "x"))
                    }),
                };
                on && denial.conditions.iter().all(|t| principal_key(&t.key))
            };
            let (open, accounts) = above.unprotected(NAMES, protects);
            (!open.is_empty()).then_some((name, open, accounts))
        })
        .collect();
    let (_, actions, accounts) = open.first()?;
    let shown: Vec<String> = open.iter().map(|(name, ..)| display_in(name, 80)).collect();
    Some(Finding {
        statement: Some(at),
        severity: Band::Medium,
        rule: "scp-exemption-name",
        sentence: format!(
            "{} is exempt by name, and in {accounts} account{} nothing stops {} from giving that name away",
            listed(&shown, " and "),
            if *accounts == 1 { "" } else { "s" },
            listed(actions, " and "),
        ),
        suggestion: format!(
            "deny {} on {} to everybody but those who manage it",
            listed(actions, " and "),
            listed(&shown, " and ")
        ),
    })
}
