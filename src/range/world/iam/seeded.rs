//! IAM as a scenario begins it.

use std::sync::Arc;

use super::{
    AccessKey, Home, Iam, Identity, Login, Policy, PolicyVersion, Role, Used, User,
    managed::managed_policies,
};
use crate::range::{
    scenario::{self, Account, Kind, Principal, Scenario},
    seed,
    world::PARTITION,
};

/// How long before the start something was made of which the file does not say when.
const LONG_AGO: i64 = 400 * 86_400_000;

/// Roles that services make for themselves: service, role, policy.
const LINKED: [(&str, &str, &str); 2] = [
    (
        "guardduty.amazonaws.com",
        "AWSServiceRoleForAmazonGuardDuty",
        "AmazonGuardDutyServiceRolePolicy",
    ),
    (
        "securityhub.amazonaws.com",
        "AWSServiceRoleForSecurityHub",
        "AWSSecurityHubServiceRolePolicy",
    ),
];

/// What everything of one account is made with.
struct Maker<'s> {
    seed: u64,
    start: i64,
    account: &'s Account,
}

impl Iam {
    pub fn seeded(scenario: &Scenario) -> Iam {
        let managed = managed_policies();
        let homes = scenario.accounts.iter().enumerate().map(|(number, account)| {
            let start = scenario.start.as_millisecond();
            let maker = Maker { seed: scenario.seed, start, account };
            let mut home = Home { policies: managed.clone(), ..Home::default() };
            for policy in scenario.policies.iter().filter(|p| p.account == number) {
                home.policies.push(maker.policy(policy));
            }
            for principal in scenario.principals.iter().filter(|p| p.account == number) {
                maker.principal(principal, &mut home);
            }
            for ((service, role, policy), enabled) in
                LINKED.into_iter().zip([&account.guardduty, &account.securityhub])
            {
                if !enabled.is_empty() && home.role(role).is_none() {
                    maker.principal(&linked(number, service, role, policy), &mut home);
                }
            }
            // The order of AWS's lists.
            home.users.sort_by(|a, b| a.identity.name.cmp(&b.identity.name));
            home.roles.sort_by(|a, b| a.identity.name.cmp(&b.identity.name));
            Arc::new(home)
        });
        Iam { seed: scenario.seed, homes: homes.collect() }
    }
}

impl Maker<'_> {
    fn at(&self, offset: Option<i64>) -> i64 {
        self.start + offset.unwrap_or(-LONG_AGO)
    }

    fn used(&self, used: &scenario::Used) -> Used {
        Used {
            at: self.start + used.at,
            service: used.service.clone(),
            region: used.region.clone(),
        }
    }

    fn identity(&self, kind: &str, prefix: &str, p: &Principal) -> Identity {
        let account = self.account.id.as_str();
        let derived = || seed::unique_id(prefix, self.seed, &[kind, account, &p.name]);
        Identity {
            id: p.id.clone().unwrap_or_else(derived),
            arn: format!("arn:{PARTITION}:iam::{account}:{kind}{}{}", p.path, p.name),
            name: p.name.clone(),
            path: p.path.clone(),
            created: self.at(p.created),
            attached: p.attached.clone(),
            inline: p.inline.clone(),
            boundary: p.boundary.clone(),
            tags: p.tags.clone(),
        }
    }

    fn principal(&self, p: &Principal, home: &mut Home) {
        match &p.kind {
            Kind::User { keys, password, password_used, mfa, .. } => {
                let identity = self.identity("user", "AIDA", p);
                let keys = (0..).zip(keys).map(|(number, key)| AccessKey {
                    number,
                    id: key.id.clone(),
                    secret: key.secret.clone(),
                    status: key.status,
                    created: key.created.map_or(identity.created, |at| self.start + at),
                    used: key.used.as_ref().map(|used| self.used(used)),
                });
                home.users.push(User {
                    keys: keys.collect(),
                    password_used: password_used.map(|at| self.start + at),
                    login: (*password || password_used.is_some())
                        .then_some(Login { created: identity.created, reset: false }),
                    mfa: mfa.clone(),
                    identity,
                });
            }
            Kind::Role { trust, description, max_session, used, instance_profile, .. } => {
                home.roles.push(Role {
                    identity: self.identity("role", "AROA", p),
                    trust: trust.clone(),
                    description: description.clone(),
                    max_session: *max_session,
                    used: used.as_ref().map(|used| self.used(used)),
                    instance_profile: instance_profile.clone(),
                });
            }
        }
    }

    fn policy(&self, p: &scenario::Policy) -> Policy {
        let account = self.account.id.as_str();
        let versions: Vec<PolicyVersion> = (1..)
            .zip(&p.versions)
            .map(|(number, (document, at))| PolicyVersion {
                number,
                document: document.as_str().into(),
                created: self.at(*at),
            })
            .collect();
        let created = |version: Option<&PolicyVersion>| version.map_or(self.start, |v| v.created);
        Policy {
            id: seed::unique_id("ANPA", self.seed, &["policy", account, &p.name]),
            name: p.name.clone(),
            path: p.path.clone(),
            arn: p.arn.clone(),
            description: p.description.clone(),
            created: created(versions.first()),
            updated: created(versions.last()),
            default: p.default as u32 + 1,
            newest: versions.len() as u32,
            versions,
        }
    }
}

/// A role that a service made for itself.
fn linked(account: usize, service: &str, name: &str, policy: &str) -> Principal {
    let trust = serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }]});
    Principal {
        account,
        kind: Kind::Role {
            trust: trust.to_string(),
            description: None,
            max_session: 3600,
            used: None,
            instance_profile: None,
            break_glass: false,
        },
        name: name.to_owned(),
        path: format!("/aws-service-role/{service}/"),
        id: None,
        created: None,
        attached: vec![format!("arn:{PARTITION}:iam::aws:policy/aws-service-role/{policy}")],
        inline: Vec::new(),
        boundary: None,
        tags: Vec::new(),
    }
}
