//! GetAccountAuthorizationDetails: users, roles and policies with all their documents.

use serde_json::{Map, Value, json};

use super::{
    Call, Outcome, described, described_further, encoded, is_local, place, profiles::profile,
    roles::last_used, versions,
};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{
        World,
        iam::{Home, Identity, Policy, Role, User},
    },
};

/// The answer's lists, in the order in which pages go through them.
const LISTS: [&str; 4] = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

pub fn get_account_authorization_details(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let home = call.home(world);
    let filter = call.texts("Filter");
    let wanted = |kind: &str| filter.is_empty() || filter.iter().any(|f| f == kind);
    let mut rows: Vec<(String, (usize, Value))> = Vec::new();
    let mut add = |list: usize, key: &str, item| rows.push((format!("{list}{key}"), (list, item)));
    if wanted("User") {
        home.users.iter().for_each(|user| add(0, &user.identity.name, of_user(home, user)));
    }
    if wanted("Role") {
        let account = &call.caller.account_id;
        home.roles.iter().for_each(|r| add(2, &r.identity.name, of_role(home, account, r)));
    }
    for (row, policy) in home.policies.iter().enumerate() {
        // Of AWS's own policies those that are in use.
        let in_use = || home.attachments(&policy.arn) + home.bounded_by(&policy.arn) > 0;
        let listed = match is_local(policy) {
            true => wanted("LocalManagedPolicy"),
            false => wanted("AWSManagedPolicy") && in_use(),
        };
        if listed {
            add(3, &place(row), of_policy(home, policy));
        }
    }
    let (page, mut body) = call.marked(world, rows)?;
    let mut lists = LISTS.map(|_| Vec::new());
    for (list, item) in page {
        lists[list].push(item);
    }
    body.extend(LISTS.iter().zip(lists).map(|(name, list)| ((*name).to_owned(), list.into())));
    Ok(Value::Object(body).into())
}

/// What users and roles have alike; `kind` is `User` or `Role`.
fn detail(home: &Home, kind: &str, identity: &Identity) -> Map<String, Value> {
    let mut out = described(kind, identity);
    described_further(identity, &mut out);
    let mut inline: Vec<&(String, String)> = identity.inline.iter().collect();
    inline.sort();
    let inline = inline
        .into_iter()
        .map(|(name, text)| json!({"PolicyName": name, "PolicyDocument": encoded(text)}));
    out.insert(format!("{kind}PolicyList"), inline.collect());
    let attached = identity.attached.iter().filter_map(|arn| home.policy(arn));
    let attached = attached.map(|p| json!({"PolicyName": p.name, "PolicyArn": p.arn}));
    out.insert("AttachedManagedPolicies".into(), attached.collect());
    out
}

fn of_user(home: &Home, user: &User) -> Value {
    let mut out = detail(home, "User", &user.identity);
    out.insert("GroupList".into(), json!([]));
    out.into()
}

fn of_role(home: &Home, account: &str, role: &Role) -> Value {
    let mut out = detail(home, "Role", &role.identity);
    out.insert("AssumeRolePolicyDocument".into(), encoded(&role.trust).into());
    out.insert("InstanceProfileList".into(), profile(account, role).into_iter().collect());
    out.insert("RoleLastUsed".into(), last_used(role));
    out.into()
}

fn of_policy(home: &Home, policy: &Policy) -> Value {
    let mut out = super::policies::shown(home, policy);
    if let Some(text) = &policy.description {
        out.insert("Description".into(), text.as_str().into());
    }
    let versions = policy.versions.iter().rev().map(|version| {
        let mut shown = versions::shown(version, version.number == policy.default);
        shown.insert("Document".into(), encoded(&version.document).into());
        Value::Object(shown)
    });
    out.insert("PolicyVersionList".into(), versions.collect());
    out.into()
}
