//! Who are we: `sts:GetCallerIdentity`, and the account's alias where it may be read.

use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;

use super::{
    Report,
    client::{Chain, Reach},
    trace::call,
};
use crate::domain::{AccountId, Answer, Fault, FaultKind, Identity, Untrusted};

/// Whose credentials these are, and nothing else.
pub async fn account(reach: &Reach, report: Report<'_>) -> Result<AccountId, Fault> {
    account_of(&caller(reach, report).await?)
}

async fn caller(reach: &Reach, report: Report<'_>) -> Result<GetCallerIdentityOutput, Fault> {
    let ask = reach.sts.get_caller_identity().send();
    Ok(call(&reach.place, ("STS", "GetCallerIdentity"), ask, report).await?.0)
}

fn account_of(caller: &GetCallerIdentityOutput) -> Result<AccountId, Fault> {
    caller.account().unwrap_or_default().parse().map_err(|why: String| {
        Fault::new(FaultKind::Unreadable, "GetCallerIdentity named no account").with_cause(&why)
    })
}

pub async fn identity(reach: &Reach, chain: &Chain, report: Report<'_>) -> Result<Answer, Fault> {
    let caller = caller(reach, report).await?;
    let account = account_of(&caller)?;
    let ask = reach.iam.list_account_aliases().send();
    // An alias is a comfort: without permission or support for it the id stands alone.
    let alias = call(&reach.place, ("IAM", "ListAccountAliases"), ask, report).await.ok().and_then(
        |(aliases, _)| aliases.account_aliases().first().map(|a| Untrusted::from(a.as_str())),
    );
    let arn = Untrusted::from(caller.arn().unwrap_or_default());
    let (region, access_key) = (chain.region.clone(), chain.access_key.clone());
    Ok(Answer::Identity(Identity { account, arn, alias, region, access_key }))
}
