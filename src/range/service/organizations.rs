//! AWS Organizations.

use serde_json::json;

use super::{Call, Outcome};
use crate::range::{
    paging::Pager,
    seed,
    wire::Refusal,
    world::{PARTITION, World},
};

pub fn describe_organization(world: &World, _: &mut Pager, _: &Call) -> Result<Outcome, Refusal> {
    let Some(master) = world.accounts.iter().find(|a| a.management) else {
        return Err(Refusal::new(
            400,
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        ));
    };
    let id = format!("o-{}", &seed::id32(world.seed, &["organization"])[..10]);
    let account = &master.id;
    Ok(json!({"Organization": {
        "Id": id,
        "Arn": format!("arn:{PARTITION}:organizations::{account}:organization/{id}"),
        "FeatureSet": "ALL",
        "MasterAccountArn": format!("arn:{PARTITION}:organizations::{account}:account/{id}/{account}"),
        "MasterAccountId": account.as_str(),
        "MasterAccountEmail": format!("{}@example.com", master.alias),
        "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    }})
    .into())
}
