//! What an operation asks for: the action of IAM and the resource that it is about.
//!
//! Service authorization reference, "Actions, resources, and condition keys", of each
//! service. The action has the operation's name for every operation that is served.

use serde_json::Value;

use crate::range::{
    service::Call,
    world::{
        PARTITION, World,
        iam::{Home, Identity},
    },
};

/// Whether an action needs a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// None, and no policy can take it away.
    Free,
    /// None, but a policy can deny it.
    Unless,
    Needed,
}

/// One action on one resource.
#[derive(Clone, Debug)]
pub struct Asked {
    pub rule: Rule,
    /// `service:Action`.
    pub action: String,
    pub resource: String,
    /// The resource as the service's refusals name it.
    pub shown: String,
    /// The account that owns it, as a position in the world's list.
    pub account: usize,
    /// Context keys of this action.
    pub keys: Vec<(String, Vec<String>)>,
}

/// What an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    /// The action takes no resource.
    All,
    Free,
    Unless,
    /// Roles look at who wants to become them: see `assume`.
    Role,
    User,
    Group,
    InstanceProfile,
    /// The user whose key a member names.
    KeyOwner,
    /// The managed policy that `PolicyArn` names.
    Policy,
    /// One that is about to be made.
    NewPolicy,
    /// Everything of a kind below a path: `user`, `role`, `group`, `policy`.
    Path(&'static str),
    /// What the member names by its ARN.
    Arn(&'static str),
    Trail(&'static str),
    Detector,
    Hub,
    /// The product of each finding that is imported.
    Products,
    /// A root, unit or account of the organization.
    Target(&'static str),
    OrgPolicy,
    /// Decided where the trust policy is known.
    Later,
}

/// By service and resource. Names that the range does not serve yet do no harm.
#[rustfmt::skip]
const TABLE: &[(&str, On, &[&str])] = &[
    ("sts", On::Free, &["GetCallerIdentity"]),
    // "No permissions are required for users to perform this operation", but a deny counts.
    ("sts", On::Unless, &["GetSessionToken"]),
    ("sts", On::Later, &["AssumeRole"]),
    ("sts", On::All, &["GetAccessKeyInfo", "DecodeAuthorizationMessage"]),
    ("iam", On::All, &[
        "ListAccountAliases", "GetAccountSummary", "GetAccountAuthorizationDetails", "GenerateCredentialReport",
        "GetCredentialReport", "GetAccountPasswordPolicy", "ListVirtualMFADevices", "GetServiceLastAccessedDetails",
        "SimulateCustomPolicy",
    ]),
    ("iam", On::User, &[
        "GetUser", "CreateUser", "DeleteUser", "UpdateUser", "ListMFADevices", "ListGroupsForUser", "ListAccessKeys",
        "CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey", "ListUserPolicies", "GetUserPolicy", "PutUserPolicy",
        "DeleteUserPolicy", "ListAttachedUserPolicies", "AttachUserPolicy", "DetachUserPolicy",
        "PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary", "ListUserTags", "TagUser", "UntagUser",
        "GetLoginProfile", "CreateLoginProfile", "UpdateLoginProfile", "DeleteLoginProfile",
    ]),
    ("iam", On::KeyOwner, &["GetAccessKeyLastUsed"]),
    ("iam", On::Role, &[
        "GetRole", "CreateRole", "DeleteRole", "UpdateRole", "UpdateAssumeRolePolicy", "ListInstanceProfilesForRole",
        "ListRolePolicies", "GetRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "ListAttachedRolePolicies",
        "AttachRolePolicy", "DetachRolePolicy", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary",
        "ListRoleTags", "TagRole", "UntagRole",
    ]),
    ("iam", On::Group, &[
        "GetGroup", "CreateGroup", "DeleteGroup", "AddUserToGroup", "RemoveUserFromGroup", "ListGroupPolicies",
        "GetGroupPolicy", "PutGroupPolicy", "DeleteGroupPolicy", "ListAttachedGroupPolicies", "AttachGroupPolicy",
        "DetachGroupPolicy",
    ]),
    ("iam", On::Policy, &[
        "GetPolicy", "DeletePolicy", "ListEntitiesForPolicy", "ListPolicyVersions", "GetPolicyVersion",
        "CreatePolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion", "ListPolicyTags", "TagPolicy",
        "UntagPolicy",
    ]),
    ("iam", On::NewPolicy, &["CreatePolicy"]),
    ("iam", On::InstanceProfile, &["GetInstanceProfile"]),
    ("iam", On::Path("user"), &["ListUsers"]),
    ("iam", On::Path("role"), &["ListRoles"]),
    ("iam", On::Path("group"), &["ListGroups"]),
    ("iam", On::Path("policy"), &["ListPolicies"]),
    ("iam", On::Path("instance-profile"), &["ListInstanceProfiles"]),
    ("iam", On::Arn("Arn"), &["GenerateServiceLastAccessedDetails"]),
    ("iam", On::Arn("PolicySourceArn"), &["SimulatePrincipalPolicy", "GetContextKeysForPrincipalPolicy"]),
    ("organizations", On::All, &[
        "DescribeOrganization", "ListRoots", "ListAccounts", "ListPolicies", "ListDelegatedAdministrators",
        "CreatePolicy",
    ]),
    ("organizations", On::Target("ParentId"), &["ListOrganizationalUnitsForParent", "ListAccountsForParent", "ListChildren"]),
    ("organizations", On::Target("ChildId"), &["ListParents"]),
    ("organizations", On::Target("AccountId"), &["DescribeAccount", "MoveAccount"]),
    ("organizations", On::Target("OrganizationalUnitId"), &["DescribeOrganizationalUnit"]),
    ("organizations", On::Target("TargetId"), &["ListPoliciesForTarget"]),
    ("organizations", On::OrgPolicy, &[
        "DescribePolicy", "ListTargetsForPolicy", "UpdatePolicy", "DeletePolicy", "AttachPolicy", "DetachPolicy",
    ]),
    ("cloudtrail", On::All, &["LookupEvents", "DescribeTrails", "ListTrails"]),
    ("cloudtrail", On::Trail("Name"), &["GetTrail", "GetTrailStatus", "StartLogging", "StopLogging"]),
    ("cloudtrail", On::Trail("TrailName"), &["GetEventSelectors", "PutEventSelectors"]),
    // The reference names no resource for feedback.
    ("guardduty", On::All, &["ListDetectors", "CreateDetector", "UpdateFindingsFeedback"]),
    ("guardduty", On::Detector, &[
        "GetDetector", "UpdateDetector", "GetAdministratorAccount", "ListMembers", "ListFindings", "GetFindings",
        "GetFindingsStatistics", "ArchiveFindings", "UnarchiveFindings", "CreateSampleFindings",
    ]),
    ("securityhub", On::Hub, &[
        "DescribeHub", "EnableSecurityHub", "DisableSecurityHub", "GetFindings", "BatchUpdateFindings",
    ]),
    ("securityhub", On::Products, &["BatchImportFindings"]),
    ("securityhub", On::All, &["ListFindingAggregators"]),
    ("securityhub", On::Arn("FindingAggregatorArn"), &["GetFindingAggregator"]),
];

/// What the operation is about; an operation without a row is about everything.
fn on(service: &str, operation: &str) -> Option<On> {
    let row = TABLE.iter().find(|(s, _, names)| *s == service && names.contains(&operation))?;
    Some(row.1)
}

/// Every action that the call needs.
pub fn by(world: &World, call: &Call) -> Vec<Asked> {
    let ask = Ask { world, call, home: world.iam().home(call.account) };
    match on(call.service, call.operation).unwrap_or(On::All) {
        On::Later => Vec::new(),
        On::All => vec![ask.plain("*")],
        On::Free => vec![Asked { rule: Rule::Free, ..ask.plain("*") }],
        On::Unless => vec![Asked { rule: Rule::Unless, ..ask.plain("*") }],
        // That a role has no user of its own is said before anybody asks for a permission.
        On::User if call.text("UserName").is_empty() && call.caller.user().is_none() => Vec::new(),
        On::User => vec![ask.entity("user", "UserName")],
        On::Role => vec![ask.entity("role", "RoleName")],
        On::Group => vec![ask.entity("group", "GroupName")],
        On::InstanceProfile => vec![ask.entity("instance-profile", "InstanceProfileName")],
        On::KeyOwner => vec![ask.key_owner()],
        On::Policy => {
            let arn = call.text("PolicyArn");
            vec![Asked { shown: format!("policy {arn}"), ..ask.plain(arn) }]
        }
        On::NewPolicy => vec![ask.plain(&ask.arn("iam", "policy", "PolicyName"))],
        On::Path(kind) => {
            let path = match call.text("PathPrefix") {
                "" => "/",
                path => path,
            };
            let shown = format!("{kind} path {path}");
            let asked = ask.plain(&format!("arn:{PARTITION}:iam::{}:{kind}{path}", ask.id()));
            // IAM words its refusal so for policies alone.
            vec![if kind == "policy" { Asked { shown, ..asked } } else { asked }]
        }
        On::Arn(member) => vec![ask.plain(call.text(member))],
        On::Trail(member) => vec![ask.plain(&ask.trail(call.text(member)))],
        On::Detector => {
            vec![ask.plain(
                &ask.regional("guardduty", &format!("detector/{}", call.text("DetectorId"))),
            )]
        }
        On::Hub => vec![ask.plain(&ask.regional("securityhub", "hub/default"))],
        On::Products => ask.products(),
        On::Target(member) => {
            let organization = world.organization();
            let target = organization.and_then(|o| Some(&o.targets[o.target(call.text(member))?]));
            vec![ask.plain(target.map_or("*", |target| &target.arn))]
        }
        On::OrgPolicy => {
            let policy = world.organization().and_then(|o| o.policy(call.text("PolicyId")));
            let mut asked = ask.plain(policy.map_or("*", |policy| &policy.arn));
            asked.keys.extend(
                policy.map(|p| {
                    ("organizations:PolicyType".to_owned(), vec![p.kind.word().to_owned()])
                }),
            );
            vec![asked]
        }
    }
}

impl Asked {
    pub fn account_id<'w>(&self, world: &'w World) -> &'w str {
        world.accounts[self.account].id.as_str()
    }
}

struct Ask<'a> {
    world: &'a World,
    call: &'a Call,
    home: &'a Home,
}

impl Ask<'_> {
    fn id(&self) -> &str {
        self.world.accounts[self.call.account].id.as_str()
    }

    fn plain(&self, resource: &str) -> Asked {
        Asked {
            rule: Rule::Needed,
            action: format!("{}:{}", self.call.service, self.call.operation),
            resource: resource.to_owned(),
            shown: resource.to_owned(),
            account: self.call.account,
            keys: self.tags(),
        }
    }

    fn regional(&self, service: &str, what: &str) -> String {
        format!("arn:{PARTITION}:{service}:{}:{}:{what}", self.call.region, self.id())
    }

    /// The ARN of something that the members name, which need not be there.
    fn arn(&self, service: &str, kind: &str, member: &str) -> String {
        let path = match self.call.text("Path") {
            "" => "/",
            path => path,
        };
        let name = self.call.text(member);
        format!("arn:{PARTITION}:{service}::{}:{kind}{path}{name}", self.id())
    }

    /// A user, role or group by its name. Where none is given it is the caller's own user.
    fn entity(&self, kind: &str, member: &str) -> Asked {
        let own = if kind == "user" { self.call.caller.user() } else { None };
        let name = match self.call.text(member) {
            "" => own.unwrap_or_default(),
            name => name,
        };
        let creates = matches!(self.call.operation, "CreateUser" | "CreateRole" | "CreateGroup");
        let identity: Option<&Identity> = match kind {
            "user" => self.home.user(name).map(|user| &user.identity),
            "role" => self.home.role(name).map(|role| &role.identity),
            _ => None,
        };
        let mut asked = match identity {
            Some(identity) => self.plain(&identity.arn),
            None => self.plain(&self.arn("iam", kind, member)),
        };
        // IAM names by kind and name what it has, and by its ARN what it is to make.
        if !creates && !name.is_empty() {
            asked.shown = format!("{kind} {name}");
        }
        let mut key =
            |key: &str, value: &str| asked.keys.push((key.to_owned(), vec![value.to_owned()]));
        let member = |member: &str| Some(self.call.text(member)).filter(|text| !text.is_empty());
        // "Checks that the specified policy is set as permissions boundary on the IAM
        // principal": the new one where one is set, else the one that there is.
        let boundary = member("PermissionsBoundary");
        if let Some(arn) = boundary.or(identity.and_then(|identity| identity.boundary.as_deref())) {
            key("iam:PermissionsBoundary", arn);
        }
        if let Some(arn) = member("PolicyArn") {
            key("iam:PolicyARN", arn);
        }
        for (tag, value) in identity.into_iter().flat_map(|identity| &identity.tags) {
            key(&format!("aws:ResourceTag/{tag}"), value);
            key(&format!("iam:ResourceTag/{tag}"), value);
        }
        asked
    }

    fn key_owner(&self) -> Asked {
        let id = self.call.text("AccessKeyId");
        let owner = self.home.key(id).map(|(user, _)| self.home.users[user].identity.arn.as_str());
        Asked { shown: format!("access key {id}"), ..self.plain(owner.unwrap_or("*")) }
    }

    fn trail(&self, name: &str) -> String {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        self.regional("cloudtrail", &format!("trail/{name}"))
    }

    fn products(&self) -> Vec<Asked> {
        let findings = self.call.input["Findings"].as_array().into_iter().flatten();
        let mut arns: Vec<&str> = findings.filter_map(|f| f["ProductArn"].as_str()).collect();
        arns.sort_unstable();
        arns.dedup();
        arns.into_iter().map(|arn| self.plain(arn)).collect()
    }

    /// The keys of the tags that the request brings or names.
    fn tags(&self) -> Vec<(String, Vec<String>)> {
        request_tags(&self.call.input)
    }
}

/// `aws:RequestTag/…` and `aws:TagKeys` of a request with `Tags` or `TagKeys`.
pub fn request_tags(input: &Value) -> Vec<(String, Vec<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let tags = input["Tags"].as_array().into_iter().flatten();
    let pairs: Vec<(String, String)> =
        tags.filter_map(|tag| Some((text(&tag["Key"])?, text(&tag["Value"])?))).collect();
    let named = input["TagKeys"].as_array().into_iter().flatten().filter_map(text);
    let names: Vec<String> = pairs.iter().map(|(key, _)| key.clone()).chain(named).collect();
    let mut keys: Vec<(String, Vec<String>)> = pairs
        .into_iter()
        .map(|(key, value)| (format!("aws:RequestTag/{key}"), vec![value]))
        .collect();
    if !names.is_empty() {
        keys.push(("aws:TagKeys".to_owned(), names));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::OPERATIONS;

    #[test]
    fn every_operation_has_one_row() {
        for operation in OPERATIONS {
            let rows = TABLE.iter().filter(|(service, _, names)| {
                *service == operation.service && names.contains(&operation.name)
            });
            assert_eq!(rows.count(), 1, "{}:{} in TABLE", operation.service, operation.name);
        }
    }
}
