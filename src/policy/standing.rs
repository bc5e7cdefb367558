//! Where a principal stands: every policy that applies to it, from what was read of its
//! account and its organization.

use std::{collections::HashMap, sync::Arc};

use super::{
    above::Above,
    decision::{Decision, Kind, Outcome},
    document::Policy,
    evaluate::{Named, Policies, evaluate},
    parse::Malformed,
    request::{Caller, CallerKind, Context, Request, Resource},
};
use crate::domain::{
    AccountId, Untrusted,
    authorization::{Authorization, Holder, Inline},
};

/// A policy that applies and could not be read: what it says is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub policy: String,
    /// `None`: it is not among what was listed.
    pub why: Option<Malformed>,
}

/// Reads a document; what is empty was never told.
pub(super) fn read(name: &str, document: &str) -> Result<Arc<Policy>, Unread> {
    let unread = |why| Unread { policy: name.to_owned(), why };
    if document.is_empty() {
        return Err(unread(None));
    }
    Policy::parse(document).map(Arc::new).map_err(|why| unread(Some(why)))
}

/// An account with every document read once.
#[derive(Clone, Debug)]
pub struct Account {
    pub authorization: Arc<Authorization>,
    /// By ARN.
    managed: HashMap<String, Result<Arc<Policy>, Unread>>,
}

/// A principal with the policies that apply to it.
#[derive(Clone, Debug)]
pub struct Standing {
    pub caller: Caller,
    pub policies: Policies,
    /// What applies too and could not be read.
    pub unread: Vec<Unread>,
    /// What else applies, or may, and could not be read, each in a sentence.
    pub lacks: Vec<String>,
    /// What is to be known beside each decision, in sentences.
    pub caveats: Vec<String>,
    /// Why the organization's policies are not known, or not all of them, where they are not.
    pub unseen: Option<String>,
    account: Account,
    above: Arc<Above>,
}

impl Account {
    pub fn new(authorization: Arc<Authorization>) -> Self {
        let managed = authorization.policies.iter().map(|policy| {
            let document = policy.document().map_or("", Untrusted::raw);
            (policy.arn.raw().to_owned(), read(policy.name.raw(), document))
        });
        Self { managed: managed.collect(), authorization }
    }

    /// A managed policy that is listed, by its ARN.
    pub fn managed(&self, arn: &str) -> Option<&Result<Arc<Policy>, Unread>> {
        self.managed.get(arn)
    }

    fn attached(&self, arn: &str) -> Result<Named, Unread> {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        match self.managed.get(arn) {
            Some(Ok(policy)) => Ok(Named { name: name.into(), policy: policy.clone() }),
            Some(Err(unread)) => Err(unread.clone()),
            None => Err(Unread { policy: arn.to_owned(), why: None }),
        }
    }

    /// The policies that a user, group or role holds itself, in the order listed: managed
    /// ones, then inline ones.
    pub fn held(&self, holder: &Holder) -> Vec<Result<Named, Unread>> {
        let inline = |inline: &Inline| {
            let name = inline.name.raw();
            read(name, inline.document.raw()).map(|policy| Named { name: name.into(), policy })
        };
        let attached = holder.attached.iter().map(|arn| self.attached(arn.raw()));
        attached.chain(holder.inline.iter().map(inline)).collect()
    }

    /// A user or role of the account with everything that applies to it; `None` where there
    /// is none of this ARN.
    pub fn standing(&self, arn: &str, above: &Arc<Above>) -> Option<Standing> {
        let authorization = &*self.authorization;
        let user = authorization.users.iter().find(|u| u.holder.arn.raw() == arn);
        let role = authorization.roles.iter().find(|r| r.holder.arn.raw() == arn);
        let holder = user.map(|u| &u.holder).or(role.map(|r| &r.holder));
        let mut caller = Caller::new(arn)?;
        // No policy can be attached to the root user, and nothing is to be read of it.
        if holder.is_none() && caller.kind != CallerKind::Root {
            return None;
        }
        let tags = holder.iter().flat_map(|holder| &holder.tags);
        caller.tags = Some(tags.map(|(k, v)| (k.raw().to_owned(), v.raw().to_owned())).collect());
        if let Some(user) = user {
            let id = user.holder.id.raw();
            caller.userid = Some(id.to_owned()).filter(|id| !id.is_empty());
        }
        let mut standing = Standing {
            policies: Policies::default(),
            unread: Vec::new(),
            lacks: Vec::new(),
            caveats: Vec::new(),
            unseen: None,
            account: self.clone(),
            above: above.clone(),
            caller,
        };
        let groups = user.into_iter().flat_map(|u| authorization.groups_of(u));
        for holder in holder.into_iter().chain(groups.map(|g| &g.holder)) {
            for held in self.held(holder) {
                match held {
                    Ok(named) => standing.policies.identity.push(named),
                    Err(unread) => standing.unread.push(unread),
                }
            }
        }
        for name in user.iter().flat_map(|u| &u.groups) {
            if authorization.group(name.raw()).is_none() {
                let policy = format!("group {}", name.raw());
                standing.unread.push(Unread { policy, why: None });
            }
        }
        if let Some(boundary) = holder.and_then(|holder| holder.boundary.as_ref()) {
            match self.attached(boundary.raw()) {
                Ok(named) => standing.policies.boundary = Some(named),
                Err(unread) => standing.unread.push(unread),
            }
        }
        if let Ok(account) = standing.caller.account.parse::<AccountId>() {
            match above.levels(&account) {
                Ok(levels) => {
                    standing.policies.scps = levels.scps;
                    standing.unread.extend(levels.unread);
                    standing.unseen = levels.missing;
                }
                Err(why) => standing.unseen = Some(why),
            }
        }
        Some(standing)
    }
}

impl Standing {
    /// Decides one call. What is not known of the policies makes the answer unknown, unless
    /// a statement that was read denies.
    pub fn decide(&self, action: &str, resource: &str, context: Context) -> Decision {
        let target = Resource { arn: resource.to_owned(), account: None };
        self.decide_request(Request::new(self.caller.clone(), action, target, context))
    }

    /// The same of a call about any resource that an ARN with stars describes. Where it
    /// depends on which, [`THE_RESOURCE`](super::THE_RESOURCE) is among what is missing.
    pub fn decide_on_any(&self, action: &str, open: &str, context: Context) -> Decision {
        let target = Resource { arn: open.to_owned(), account: None };
        self.decide_request(Request::new(self.caller.clone(), action, target, context).on_any())
    }

    fn decide_request(&self, request: Request) -> Decision {
        let mut policies = self.policies.clone();
        let mut unread = self.unread.clone();
        let mut unseen = self.unseen.clone();
        if let Ok(owner) = request.resource_account().parse::<AccountId>() {
            match self.above.levels(&owner) {
                Ok(levels) => {
                    policies.rcps = levels.rcps;
                    if let Some(why) = levels.missing {
                        unseen.get_or_insert(why);
                    }
                }
                // An account outside of the organization has policies of its own.
                Err(why) => _ = unseen.get_or_insert(why),
            }
        }
        if let Some(trust) = self.trust(&request.resource.arn) {
            match trust {
                Ok(named) => policies.resource = Some(named),
                Err(why) => unread.push(why),
            }
        }
        let unsaid = policies.resource.is_none();
        let foreign = unsaid && request.is_cross_account();
        let unsaid = unsaid && (foreign || request.needs_resource_policy());
        let mut decision = evaluate(&request, &policies);
        let lacks = !unread.is_empty() || !self.lacks.is_empty();
        let doubtful = match decision.outcome {
            Outcome::Allowed => lacks || unseen.is_some(),
            // The organization's policies, and other accounts', can only take away; but where
            // not all of them are seen, the one that allows at a level may be among the others.
            // A resource's own must allow, and may.
            Outcome::ImplicitDeny => {
                let open = |kind| match kind {
                    Kind::Resource => unsaid,
                    Kind::Scp | Kind::Rcp => unseen.is_some(),
                    Kind::Identity | Kind::Boundary | Kind::Session => false,
                };
                lacks || decision.lacking.iter().all(|l| open(l.kind))
            }
            Outcome::ExplicitDeny | Outcome::Unknown => false,
        };
        if doubtful {
            decision.outcome = Outcome::Unknown;
        }
        // What was not read may allow what nothing else does.
        decision.refused_anyway &= !lacks && unseen.is_none();
        if foreign {
            let owner = request.resource_account();
            decision.notes.push(format!("account {owner} must allow it too, which is not known"));
        }
        for Unread { policy, why } in &unread {
            decision.notes.push(match why {
                Some(_) => format!("policy {policy} cannot be read"),
                None => format!("{policy} is not among what was listed"),
            });
        }
        decision.notes.extend(self.lacks.iter().cloned().chain(unseen));
        decision.notes.extend(self.caveats.iter().cloned());
        decision
    }

    /// The trust policy, where the resource is a role of this account.
    fn trust(&self, resource: &str) -> Option<Result<Named, Unread>> {
        let roles = &self.account.authorization.roles;
        let role = roles.iter().find(|r| r.holder.arn.raw() == resource)?;
        let name = format!("trust policy of {}", role.holder.name.raw());
        Some(read(&name, role.trust.raw()).map(|policy| Named { name: name.into(), policy }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Fault, FaultKind, Gap, Service,
        organization::{Member, OrgPolicy, OrgPolicyKind, Organization, Unit, View},
    };

    const ROLE: &str = "arn:aws:iam::111122223333:role/Deploy";

    /// An account with one role, whose policies are given as JSON.
    fn account(attached: &[(&str, &str)], trust: &str) -> Account {
        let policies: Vec<serde_json::Value> = attached
            .iter()
            .filter(|(_, document)| !document.is_empty())
            .map(|(name, document)| {
                serde_json::json!({"PolicyName": name, "DefaultVersionId": "v1",
                    "Arn": format!("arn:aws:iam::111122223333:policy/{name}"),
                    "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true,
                        "Document": document}]})
            })
            .collect();
        let arns: Vec<serde_json::Value> = attached
            .iter()
            .map(|(name, _)| {
                let arn = format!("arn:aws:iam::111122223333:policy/{name}");
                serde_json::json!({"PolicyName": name, "PolicyArn": arn})
            })
            .collect();
        let file = serde_json::json!({"UserDetailList": [], "GroupDetailList": [],
            "RoleDetailList": [{"RoleName": "Deploy", "Path": "/", "RoleId": "AROAEXAMPLE",
                "Arn": ROLE, "AssumeRolePolicyDocument": trust, "RolePolicyList": [],
                "AttachedManagedPolicies": arns, "InstanceProfileList": [],
                "Tags": [{"Key": "team", "Value": "red"}]}],
            "Policies": policies});
        let read = Authorization::read(&file.to_string());
        Account::new(Arc::new(read.unwrap_or_else(|e| panic!("{e:?}"))))
    }

    fn decided(account: &Account, above: Above, action: &str, resource: &str) -> Outcome {
        let standing = account.standing(ROLE, &Arc::new(above)).expect("the role is there");
        standing.decide(action, resource, Context::default()).outcome
    }

    const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}}"#;
    const S3: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:*","sts:AssumeRole"],"Resource":"*"}}"#;
    const BUCKET: &str = "arn:aws:s3:::reports/a.csv";

    /// An organization above the account, of which a policy's targets were not told.
    fn in_part(full_access_on: &[&str], gaps: &[Gap]) -> Above {
        let policy = |id: &str, statement: &str, targets: &[&str]| OrgPolicy {
            id: id.into(),
            name: id.into(),
            kind: OrgPolicyKind::Scp,
            aws_managed: false,
            document: format!(r#"{{"Statement": {statement}}}"#).as_str().into(),
            targets: targets.iter().map(|t| (*t).into()).collect(),
        };
        let all = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
        let deny = |what: &str| format!(r#"{{"Effect":"Deny","Action":"{what}","Resource":"*"}}"#);
        let seen = View::Seen(Organization {
            id: "o-exampleorg".into(),
            management: "444455556666".parse().expect("an id"),
            enabled: vec![OrgPolicyKind::Scp],
            units: vec![Unit { id: "r-1".into(), name: "Root".into(), parent: None }],
            accounts: vec![Member {
                id: "111122223333".parse().expect("an id"),
                name: "prod".into(),
                status: "ACTIVE".into(),
                parent: "r-1".into(),
            }],
            policies: vec![
                policy("p-FullAWSAccess", all, full_access_on),
                policy("p-known", &deny("s3:DeleteBucket"), &["r-1"]),
                policy("p-somewhere", &deny("s3:*"), &[]),
            ],
        });
        Above::new(&seen, gaps)
    }

    #[test]
    fn an_organization_that_was_read_in_part_leaves_open_what_it_lets_through() {
        let account = account(&[("S3", S3)], TRUST);
        let gap = Gap {
            source: Service::Organizations,
            account: "prod".into(),
            region: None,
            page: None,
            why: Fault::new(FaultKind::Throttled, "ListTargetsForPolicy was throttled"),
        };
        let both = ["r-1", "111122223333"];
        let whole = || in_part(&both, &[]);
        let part = || in_part(&both, std::slice::from_ref(&gap));
        assert_eq!(decided(&account, whole(), "s3:GetObject", BUCKET), Outcome::Allowed);
        assert_eq!(decided(&account, part(), "s3:GetObject", BUCKET), Outcome::Unknown);
        // What was read and denies still does; what the principal itself lacks it lacks.
        let bucket = "arn:aws:s3:::reports";
        assert_eq!(decided(&account, part(), "s3:DeleteBucket", bucket), Outcome::ExplicitDeny);
        assert_eq!(decided(&account, part(), "iam:CreateUser", "*"), Outcome::ImplicitDeny);
        // The policy that allows at a level may be the one whose targets were not told.
        let none = || in_part(&["r-1"], std::slice::from_ref(&gap));
        assert_eq!(decided(&account, none(), "s3:GetObject", BUCKET), Outcome::Unknown);
        let certain = in_part(&["r-1"], &[]);
        assert_eq!(decided(&account, certain, "s3:GetObject", BUCKET), Outcome::ImplicitDeny);
        let standing = account.standing(ROLE, &Arc::new(part())).expect("a role");
        let notes = standing.decide("s3:GetObject", BUCKET, Context::default()).notes;
        assert!(
            notes.iter().any(|n| n.contains("ListTargetsForPolicy was throttled")),
            "{notes:?}"
        );
    }

    #[test]
    fn what_was_read_decides() {
        let account = account(&[("S3", S3)], TRUST);
        assert_eq!(decided(&account, Above::NotAsked, "s3:GetObject", BUCKET), Outcome::Allowed);
        assert_eq!(decided(&account, Above::Nothing, "s3:GetObject", BUCKET), Outcome::Allowed);
        let denied = decided(&account, Above::Nothing, "iam:CreateUser", "*");
        assert_eq!(denied, Outcome::ImplicitDeny);
        // The role's own trust policy is looked at.
        assert_eq!(decided(&account, Above::Nothing, "sts:AssumeRole", ROLE), Outcome::Allowed);
    }

    #[test]
    fn what_could_not_be_read_leaves_the_answer_open() {
        let why = crate::domain::Fault::new(crate::domain::FaultKind::Denied, "not allowed");
        let hidden =
            || Above::new(&View::NotVisible { why: why.clone(), id: None, management: None }, &[]);
        let whole = account(&[("S3", S3)], TRUST);
        assert_eq!(decided(&whole, hidden(), "s3:GetObject", BUCKET), Outcome::Unknown);
        // What stands above can only take away.
        assert_eq!(decided(&whole, hidden(), "iam:CreateUser", "*"), Outcome::ImplicitDeny);
        for broken in ["", "{", "{\"Statement\": 1}"] {
            let part = account(&[("S3", S3), ("Other", broken)], TRUST);
            assert_eq!(decided(&part, Above::Nothing, "s3:GetObject", BUCKET), Outcome::Unknown);
            assert_eq!(decided(&part, Above::Nothing, "iam:CreateUser", "*"), Outcome::Unknown);
            let standing = part.standing(ROLE, &Arc::new(Above::Nothing)).expect("a role");
            assert_eq!(standing.unread.len(), 1);
        }
        // Another account has its own word to say.
        let other = "arn:aws:iam::444455556666:role/Audit";
        assert_eq!(decided(&whole, Above::Nothing, "sts:AssumeRole", other), Outcome::Unknown);
        assert_eq!(decided(&whole, Above::Nothing, "sts:TagSession", other), Outcome::ImplicitDeny);
    }
}
