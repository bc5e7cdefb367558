//! Access keys.

use serde_json::json;

use super::{Call, Outcome, absent, denied, done, limit, place};
use crate::range::{
    paging::Pager,
    seed,
    wire::Refusal,
    world::{
        Change, World,
        iam::{AccessKey, KEYS_QUOTA, KeyStatus, Used},
        iso_seconds,
    },
};

fn status_name(key: &AccessKey) -> &'static str {
    match key.status {
        KeyStatus::Active => "Active",
        KeyStatus::Inactive => "Inactive",
    }
}

fn no_such_key(id: &str) -> Refusal {
    // Unlike the others, this message has no full stop.
    let Refusal { status, code, message } = absent(format!("The Access Key with id {id}"));
    Refusal::new(status, code, message.trim_end_matches('.'))
}

pub fn list_access_keys(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(call.home(world))?;
    let rows = user.keys.iter().map(|key| {
        let shown = json!({
            "UserName": user.identity.name,
            "AccessKeyId": key.id,
            "Status": status_name(key),
            "CreateDate": iso_seconds(key.created),
        });
        (place(key.number as usize), shown)
    });
    call.listed(world, "AccessKeyMetadata", rows)
}

/// "If the UserName is not specified, it is determined implicitly based on the access
/// key ID used to sign the request."
pub fn update_access_key(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(world.iam().home(call.account))?;
    let id = call.text("AccessKeyId");
    let status = match call.text("Status") {
        "Active" => KeyStatus::Active,
        "Inactive" => KeyStatus::Inactive,
        // The third of the shape's values is IAM's to give.
        other => {
            let why = format!("{other} is not a status that a key can be given");
            return Err(Refusal::new(400, "ValidationError", why));
        }
    };
    let key = user.keys.iter().find(|k| k.id == id).ok_or_else(|| no_such_key(id))?;
    let change =
        Change::AccessKeyStatus { user: user.identity.name.clone(), key: key.id.clone(), status };
    Ok(done((key.status != status).then_some(change)))
}

/// The only answer that ever has the secret. Without a name the key is the caller's own.
pub fn create_access_key(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(world.iam().home(call.account))?;
    if user.keys.len() >= KEYS_QUOTA {
        return Err(limit(format!("Cannot exceed quota for AccessKeysPerUser: {KEYS_QUOTA}")));
    }
    let name = &user.identity.name;
    let id = seed::key_id("AKIA", world.seed, &["access key", &call.request_id]);
    let told = json!({"AccessKey": {
        "UserName": name,
        "AccessKeyId": id,
        "Status": "Active",
        "CreateDate": iso_seconds(call.now),
    }});
    let mut body = told.clone();
    body["AccessKey"]["SecretAccessKey"] = world.iam().derived_secret(&id).into();
    let change = Change::CreateAccessKey { user: name.clone(), key: id };
    Ok(Outcome { told: Some(told), ..Outcome::new(body, Some(change)) })
}

pub fn delete_access_key(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(world.iam().home(call.account))?;
    let id = call.text("AccessKeyId");
    let key = user.keys.iter().find(|k| k.id == id).ok_or_else(|| no_such_key(id))?;
    let user = user.identity.name.clone();
    Ok(done(Some(Change::DeleteAccessKey { user, key: key.id.clone() })))
}

pub fn get_access_key_last_used(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let id = call.text("AccessKeyId");
    let home = call.home(world);
    let Some((user, key)) = home.key(id) else {
        return Err(match world.iam().key(id) {
            Some(_) => denied(call, &format!("access key {id}")),
            None => no_such_key(id),
        });
    };
    let last = match &key.used {
        Some(Used { at, service, region }) => json!({
            "LastUsedDate": iso_seconds(*at),
            "ServiceName": service,
            "Region": region,
        }),
        None => json!({"ServiceName": "N/A", "Region": "N/A"}),
    };
    let user = &home.users[user].identity.name;
    Ok(json!({"UserName": user, "AccessKeyLastUsed": last}).into())
}
