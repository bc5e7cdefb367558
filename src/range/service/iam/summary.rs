//! GetAccountSummary, and what else is said of the account as a whole.

use serde_json::{Value, json};

use super::{Call, Outcome, absent, is_local};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{
        World,
        iam::{
            ATTACHED_QUOTA, KEYS_QUOTA, POLICY_SIZE_QUOTA, ROLE_INLINE_QUOTA, TRUST_SIZE_QUOTA,
            USER_INLINE_QUOTA, VERSIONS_QUOTA,
        },
    },
};

pub fn list_account_aliases(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    // An account has at most one alias.
    let alias = &world.accounts[call.account].alias;
    Ok(json!({"AccountAliases": [alias], "IsTruncated": false}).into())
}

pub fn get_account_summary(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let home = call.home(world);
    let root = &world.accounts[call.account].root;
    let local = || home.policies.iter().filter(|p| is_local(p));
    let devices = home.users.iter().filter(|u| u.mfa.is_some()).count();
    let counts = [
        ("Users", home.users.len()),
        ("UsersQuota", 5000),
        ("Groups", 0),
        ("GroupsQuota", 300),
        ("GroupsPerUserQuota", 10),
        ("Roles", home.roles.len()),
        ("RolesQuota", 1000),
        ("InstanceProfiles", home.roles.iter().filter(|r| r.instance_profile.is_some()).count()),
        ("InstanceProfilesQuota", 1000),
        ("Policies", local().count()),
        ("PoliciesQuota", 1500),
        ("PolicyVersionsInUse", local().map(|p| p.versions.len()).sum()),
        ("PolicyVersionsInUseQuota", 10_000),
        ("VersionsPerPolicyQuota", VERSIONS_QUOTA),
        ("PolicySizeQuota", POLICY_SIZE_QUOTA),
        ("UserPolicySizeQuota", USER_INLINE_QUOTA),
        ("GroupPolicySizeQuota", 5120),
        ("RolePolicySizeQuota", ROLE_INLINE_QUOTA),
        ("AssumeRolePolicySizeQuota", TRUST_SIZE_QUOTA),
        ("AttachedPoliciesPerUserQuota", ATTACHED_QUOTA),
        ("AttachedPoliciesPerGroupQuota", ATTACHED_QUOTA),
        ("AttachedPoliciesPerRoleQuota", ATTACHED_QUOTA),
        ("AccessKeysPerUserQuota", KEYS_QUOTA),
        ("SigningCertificatesPerUserQuota", 2),
        ("ServerCertificates", 0),
        ("ServerCertificatesQuota", 20),
        ("Providers", 0),
        ("MFADevices", devices),
        ("MFADevicesInUse", devices),
        ("GlobalEndpointTokenVersion", 1),
        // The root user's, yes or no.
        ("AccountMFAEnabled", usize::from(root.mfa)),
        ("AccountAccessKeysPresent", usize::from(!root.keys.is_empty())),
        ("AccountPasswordPresent", 1),
        ("AccountSigningCertificatesPresent", 0),
    ];
    let entries: Vec<Value> =
        counts.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    Ok(json!({"SummaryMap": {"entry": entries}}).into())
}

/// There are no groups here.
pub fn list_groups(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    call.listed(world, "Groups", [])
}

pub fn get_group(_: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    Err(absent(format!("The group with name {}", call.text("GroupName"))))
}
