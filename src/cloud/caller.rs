//! Who are we: `sts:GetCallerIdentity`, and the account's alias where it may be read.

use super::{
    Report,
    client::{Chain, Reach},
    trace::call,
};
use crate::domain::{Answer, Fault, FaultKind, Identity, Untrusted};

pub async fn identity(reach: &Reach, chain: &Chain, report: Report<'_>) -> Result<Answer, Fault> {
    let ask = reach.sts.get_caller_identity().send();
    let (caller, _) = call(&reach.place, ("STS", "GetCallerIdentity"), ask, report).await?;
    let account = caller.account().unwrap_or_default().parse().map_err(|why: String| {
        Fault::new(FaultKind::Unreadable, "GetCallerIdentity named no account").with_cause(&why)
    })?;
    let ask = reach.iam.list_account_aliases().send();
    // An alias is a comfort: without permission or support for it the id stands alone.
    let alias = call(&reach.place, ("IAM", "ListAccountAliases"), ask, report).await.ok().and_then(
        |(aliases, _)| aliases.account_aliases().first().map(|a| Untrusted::from(a.as_str())),
    );
    let arn = Untrusted::from(caller.arn().unwrap_or_default());
    let (region, access_key) = (chain.region.clone(), chain.access_key.clone());
    Ok(Answer::Identity(Identity { account, arn, alias, region, access_key }))
}
