//! AssumeRole (STS API reference; IAM user guide, "Pass session tags in AWS STS").

use serde_json::json;

use super::{device, given_out, invalid, new_key, term};
use crate::range::{
    access::{Assumption, admit, refused},
    paging::Pager,
    service::{
        Call, Outcome,
        documents::{Purpose, well_formed},
        iam::tags::tags_of,
    },
    wire::Refusal,
    world::{Entity, Session, World, iam::Role, same_key, trail},
};

/// In seconds: without a wish, and at most for a session that assumes the next role.
const HOUR: i64 = 3600;

/// "The plaintext that you use for both inline and managed session policies can't exceed
/// 2,048 characters."
const PLAINTEXT: usize = 2048;

pub fn assume_role(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let (account, role) = named(world, call)?;
    let caller = &call.caller;
    let chained = caller.role().is_some();
    duration(call, role, chained)?;
    let tags = tags(call)?;
    let transitive = transitive(call, &tags)?;
    let source_identity = source_identity(call)?;
    let spent = device::code(world, call)?;
    let mfa = spent.is_some() || (!chained && caller.mfa() == Some(true));
    let name = call.text("RoleSessionName");
    let assumption = Assumption {
        account,
        role,
        session_name: name,
        mfa,
        external_id: call.input["ExternalId"].as_str(),
        source_identity: source_identity.as_deref(),
        tags: &tags,
        transitive: &transitive,
    };
    admit(world, call, &assumption)?;
    let (policy, policy_arns) = session_policies(world, call, account)?;
    let size = packed_size(policy.as_deref(), &policy_arns, &tags)?;

    let inherited = caller.transitive_tags();
    let mut passed_on: Vec<String> = inherited.iter().map(|(key, _)| key.clone()).collect();
    passed_on.extend(transitive);
    let (issued, expires) = term(call, HOUR);
    let id = world.accounts[account].id.as_str();
    let mut more = json!({"AssumedRoleUser": {
        "AssumedRoleId": format!("{}:{name}", role.identity.id),
        "Arn": trail::session_arn(id, &role.identity, name),
    }});
    // AWS leaves out what was not asked for.
    if let Some(size) = size {
        more["PackedPolicySize"] = size.into();
    }
    if let Some(source) = &source_identity {
        more["SourceIdentity"] = source.as_str().into();
    }
    let session = Session {
        key: new_key(world, call),
        account: id.to_owned(),
        of: Entity::Role(role.identity.name.clone()),
        name: name.to_owned(),
        issued,
        expires,
        mfa,
        source_identity,
        tags: inherited.into_iter().chain(tags).collect(),
        transitive: passed_on,
        policy,
        policy_arns,
        spent,
        of_instance: false,
    };
    Ok(given_out(world, session, more))
}

/// The role that is asked for, wherever in the organization it is.
fn named<'w>(world: &'w World, call: &Call) -> Result<(usize, &'w Role), Refusal> {
    let arn = call.text("RoleArn");
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let (["arn", _, "iam", "", account, resource], Some(name)) =
        (parts.as_slice(), arn.rsplit('/').next())
    else {
        return Err(invalid(format!("{arn} is invalid")));
    };
    if !resource.starts_with("role/") {
        return Err(invalid(format!("{arn} is invalid")));
    }
    let account = world.account(account);
    let role = account.and_then(|a| Some((a, world.iam_in_force(call.now).home(a).role(name)?)));
    role.filter(|(_, role)| role.identity.arn == arn).ok_or_else(|| refused(call))
}

fn duration(call: &Call, role: &Role, chained: bool) -> Result<(), Refusal> {
    let Some(seconds) = call.input["DurationSeconds"].as_i64() else { return Ok(()) };
    if chained && seconds > HOUR {
        return Err(invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining.",
        ));
    }
    if seconds > role.max_session {
        return Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(())
}

fn tags(call: &Call) -> Result<Vec<(String, String)>, Refusal> {
    let tags = tags_of(call).map_err(wrong_value)?;
    // "You cannot override" what the caller's session passes on.
    let inherited = call.caller.transitive_tags();
    if tags.iter().any(|(key, _)| inherited.iter().any(|(held, _)| same_key(held, key))) {
        return Err(wrong_value(
            "One of the specified transitive tag keys can't be set because it conflicts with a \
             transitive tag key from the calling session.",
        ));
    }
    Ok(tags)
}

fn transitive(call: &Call, tags: &[(String, String)]) -> Result<Vec<String>, Refusal> {
    let keys = call.texts("TransitiveTagKeys");
    if keys.iter().any(|key| !tags.iter().any(|(known, _)| same_key(known, key))) {
        return Err(wrong_value(
            "The specified transitive tag key must be included in the requested tags.",
        ));
    }
    Ok(keys)
}

/// Once set it stays, along the whole chain ("Monitor and control actions taken with
/// assumed roles").
fn source_identity(call: &Call) -> Result<Option<String>, Refusal> {
    let asked = call.input["SourceIdentity"].as_str();
    if asked.is_some_and(|asked| asked.to_ascii_lowercase().starts_with("aws:")) {
        return Err(invalid("SourceIdentity cannot begin with the text aws:"));
    }
    match (call.caller.source_identity(), asked) {
        (Some(held), Some(asked)) if held != asked => {
            let (who, role) = (&call.caller.arn, call.text("RoleArn"));
            Err(super::denied(format!(
                "User: {who} is not authorized to perform: sts:SetSourceIdentity on resource: \
                 {role}"
            )))
        }
        (held, asked) => Ok(held.or(asked).map(str::to_owned)),
    }
}

/// The document and the ARNs of managed policies that narrow the session. "The policies
/// must exist in the same account as the role."
fn session_policies(
    world: &World,
    call: &Call,
    account: usize,
) -> Result<(Option<String>, Vec<String>), Refusal> {
    let policy = call.input["Policy"].as_str();
    policy.map_or(Ok(()), |text| well_formed(text, Purpose::Identity))?;
    let list = call.input["PolicyArns"].as_array().into_iter().flatten();
    let arns: Vec<String> = list.filter_map(|p| p["arn"].as_str().map(str::to_owned)).collect();
    if arns.len() > 10 {
        return Err(invalid("A session has at most 10 managed session policies."));
    }
    let home = world.iam().home(account);
    if let Some(arn) = arns.iter().find(|arn| home.policy(arn).is_none()) {
        return Err(invalid(format!("Policy {arn} does not exist or is not attachable.")));
    }
    Ok((policy.map(str::to_owned), arns))
}

/// How much of what fits into a session's token is used, in percent; `None` where nothing
/// was passed. How AWS packs is not published: here every character counts.
fn packed_size(
    policy: Option<&str>,
    arns: &[String],
    tags: &[(String, String)],
) -> Result<Option<usize>, Refusal> {
    let policies = policy.map_or(0, |text| text.chars().count())
        + arns.iter().map(|arn| arn.chars().count()).sum::<usize>();
    let tagged: usize =
        tags.iter().map(|(key, value)| key.chars().count() + value.chars().count()).sum();
    let percent = ((policies + tagged) * 100).div_ceil(PLAINTEXT);
    if percent > 100 {
        return Err(Refusal::new(
            400,
            "PackedPolicyTooLarge",
            format!(
                "Serialized token too large for session: the session policies and tags take \
                 {percent} percent of the allotted space"
            ),
        ));
    }
    Ok((policies + tagged > 0).then_some(percent))
}

fn wrong_value(why: &str) -> Refusal {
    Refusal::new(400, "InvalidParameterValue", why)
}
