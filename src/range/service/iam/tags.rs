//! Tags on users and roles (IAM user guide, "Tags for IAM resources").

use serde_json::{Value, json};

use super::{Call, Outcome, done, limit};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{
        Change, Entity, World,
        iam::{Identity, TAGS_QUOTA},
        same_key,
    },
};

/// The tags of a request, or of a role's session: keys are no other ones by their case.
pub fn tags_of(call: &Call) -> Result<Vec<(String, String)>, &'static str> {
    let list = call.input["Tags"].as_array().into_iter().flatten();
    let text = |tag: &Value, member: &str| tag[member].as_str().unwrap_or_default().to_owned();
    let tags: Vec<(String, String)> =
        list.map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect();
    for (index, (key, _)) in tags.iter().enumerate() {
        if tags[..index].iter().any(|(other, _)| same_key(other, key)) {
            return Err(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            );
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err("'aws:' prefixed tag key names are not allowed for external use.");
        }
    }
    Ok(tags)
}

pub fn list_user_tags(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    list(world, call, &call.user(call.home(world))?.identity)
}

pub fn list_role_tags(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    list(world, call, &call.role(call.home(world))?.identity)
}

/// "The returned list of tags is sorted by tag key."
fn list(world: &World, call: &Call, identity: &Identity) -> Result<Outcome, Refusal> {
    let tags = identity.tags.iter();
    call.listed(world, "Tags", tags.map(|(k, v)| (k.clone(), json!({"Key": k, "Value": v}))))
}

pub fn tag_user(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = &call.user(world.iam().home(call.account))?.identity;
    tag(call, user, Entity::User(user.name.clone()))
}

pub fn tag_role(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let role = &call.role(world.iam().home(call.account))?.identity;
    tag(call, role, Entity::Role(role.name.clone()))
}

/// A tag with a key that is there already takes that one's place.
fn tag(call: &Call, identity: &Identity, of: Entity) -> Result<Outcome, Refusal> {
    let tags = tags_of(call).map_err(|why| Refusal::new(400, "InvalidInput", why))?;
    let new = tags.iter().filter(|(key, _)| !identity.tags.iter().any(|(k, _)| same_key(k, key)));
    if identity.tags.len() + new.count() > TAGS_QUOTA {
        return Err(limit("The number of tags has reached the maximum limit.".to_owned()));
    }
    let changes = tags.iter().any(|tag| !identity.tags.contains(tag));
    Ok(done(changes.then_some(Change::Tag { of, tags })))
}

pub fn untag_user(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = &call.user(world.iam().home(call.account))?.identity;
    Ok(untag(call, user, Entity::User(user.name.clone())))
}

pub fn untag_role(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let role = &call.role(world.iam().home(call.account))?.identity;
    Ok(untag(call, role, Entity::Role(role.name.clone())))
}

fn untag(call: &Call, identity: &Identity, of: Entity) -> Outcome {
    let keys = call.texts("TagKeys");
    let there = |key: &String| identity.tags.iter().any(|(k, _)| same_key(k, key));
    done(keys.iter().any(there).then_some(Change::Untag { of, keys }))
}
