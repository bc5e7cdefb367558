//! What changes above an account are planned on: one policy at one target, one account and
//! where it could go.

use std::collections::VecDeque;

use super::{AT_ONCE, described, described_policy, listed};
use crate::{
    cloud::{
        Report,
        body::holds,
        client::Reach,
        paging::{Paging, several},
        trace::call,
    },
    domain::{
        AccountId, AttachedScps, Fault, FaultKind, MemberState, OrgTarget, Scp, ScpId, State,
        Untrusted,
    },
};
use aws_sdk_organizations::types::{ChildType, PolicyType};

/// An SCP, what else is attached to the target, and the accounts that it would bind.
pub async fn scp(
    reach: &Reach,
    id: &ScpId,
    target: &OrgTarget,
    report: Report<'_>,
) -> Result<State, Fault> {
    let (organization, management) = described(reach, report).await?;
    let (name, document) = described_policy(reach, id.as_str(), report).await?;
    let mut attached = attached(reach, target.as_str(), report).await?;
    attached.sort();
    let mut accounts = beneath(reach, target, report).await?;
    accounts.retain(|(id, _)| *id != management);
    accounts.sort();
    Ok(State::Scp(AttachedScps {
        organization,
        management,
        target: target.clone(),
        target_name: named(reach, target, report).await?,
        scp: Scp { id: id.clone(), name, document },
        attached,
        accounts,
    }))
}

/// An account, where it is, and what a move would put above it and take away.
pub async fn member(
    reach: &Reach,
    account: &AccountId,
    to: &OrgTarget,
    report: Report<'_>,
) -> Result<State, Fault> {
    if to.as_str().parse::<AccountId>().is_ok() {
        let what = format!("{to} is an account: accounts are moved into a unit or the root");
        return Err(Fault::new(FaultKind::BadRequest, what));
    }
    let (organization, management) = described(reach, report).await?;
    let now = way_up(reach, account.as_str(), report).await?;
    let parent = now.first().cloned().ok_or_else(|| {
        Fault::new(
            FaultKind::NotFound,
            format!("account {account} has no place in the organization"),
        )
    })?;
    let mut then = vec![to.clone()];
    then.extend(way_up(reach, to.as_str(), report).await?);
    let newly: Vec<OrgTarget> = then.iter().filter(|t| !now.contains(t)).cloned().collect();
    let now = above(reach, &now, report).await?;
    let then = above(reach, &then, report).await?;
    let mut ahead = Vec::with_capacity(newly.len());
    for level in newly {
        let attached = attached(reach, level.as_str(), report).await?;
        let ids: Vec<ScpId> = attached.into_iter().map(|(id, _)| id).collect();
        ahead.push((level, whole(reach, &ids, report).await?));
    }
    let less = |these: &[(ScpId, Untrusted)], those: &[(ScpId, Untrusted)]| -> Vec<ScpId> {
        let all = these.iter().filter(|(id, _)| !those.iter().any(|(other, _)| other == id));
        all.map(|(id, _)| id.clone()).collect()
    };
    let (gains, loses) = (less(&then, &now), less(&now, &then));
    let as_target: OrgTarget = account.as_str().parse().map_err(unreadable)?;
    Ok(State::Member(MemberState {
        organization,
        management,
        account: account.clone(),
        name: named(reach, &as_target, report).await?,
        parent_name: named(reach, &parent, report).await?,
        parent,
        to: to.clone(),
        to_name: named(reach, to, report).await?,
        ahead,
        gains: whole(reach, &gains, report).await?,
        loses: whole(reach, &loses, report).await?,
    }))
}

async fn whole(reach: &Reach, ids: &[ScpId], report: Report<'_>) -> Result<Vec<Scp>, Fault> {
    let asked = ids.iter().map(|id| async move {
        let (name, document) = described_policy(reach, id.as_str(), report).await?;
        Ok(Scp { id: id.clone(), name, document })
    });
    several(AT_ONCE, asked.collect()).await.into_iter().collect()
}

/// The SCPs that are attached to a target itself.
async fn attached(
    reach: &Reach,
    target: &str,
    report: Report<'_>,
) -> Result<Vec<(ScpId, Untrusted)>, Fault> {
    let request = || {
        let ask = reach.organizations.list_policies_for_target();
        ask.target_id(target).filter(PolicyType::ServiceControlPolicy)
    };
    let listed = listed!(reach, report, "ListPoliciesForTarget", request(), "Policies", policies);
    let mut all = Vec::with_capacity(listed.len());
    for policy in &listed {
        let id = policy.id().unwrap_or_default().parse().map_err(unreadable)?;
        all.push((id, policy.name().unwrap_or_default().into()));
    }
    Ok(all)
}

/// The SCPs of several levels together, each once.
async fn above(
    reach: &Reach,
    levels: &[OrgTarget],
    report: Report<'_>,
) -> Result<Vec<(ScpId, Untrusted)>, Fault> {
    let asked = levels.iter().map(|level| attached(reach, level.as_str(), report)).collect();
    let read: Result<Vec<_>, Fault> = several(AT_ONCE, asked).await.into_iter().collect();
    let mut all: Vec<(ScpId, Untrusted)> = read?.into_iter().flatten().collect();
    all.sort();
    all.dedup();
    Ok(all)
}

/// What stands above, the nearest first, the root last.
async fn way_up(reach: &Reach, child: &str, report: Report<'_>) -> Result<Vec<OrgTarget>, Fault> {
    /// Five levels of units and the root (Organizations user guide, "Quotas").
    const LEVELS: usize = 6;
    let mut way: Vec<OrgTarget> = Vec::new();
    let mut child = child.to_owned();
    while !child.starts_with("r-") && way.len() < LEVELS {
        let ask = reach.organizations.list_parents().child_id(&child).send();
        let (answer, body) =
            call(&reach.place, ("Organizations", "ListParents"), ask, report).await?;
        holds(&body, "Parents", "ListParents")?;
        let Some(id) = answer.parents().first().and_then(|p| p.id()) else { break };
        way.push(id.parse().map_err(unreadable)?);
        id.clone_into(&mut child);
    }
    // Half a way would read as if less stood above than does.
    if !child.starts_with("r-") {
        let what = format!(
            "what stands above {} could not be read up to the root",
            way.last().map_or("it", |t| t.as_str())
        );
        return Err(Fault::new(FaultKind::Unreadable, what));
    }
    Ok(way)
}

/// The accounts at and beneath a target.
async fn beneath(
    reach: &Reach,
    target: &OrgTarget,
    report: Report<'_>,
) -> Result<Vec<(AccountId, Untrusted)>, Fault> {
    if let Ok(account) = target.as_str().parse::<AccountId>() {
        return Ok(vec![(account, named(reach, target, report).await?)]);
    }
    let mut accounts = Vec::new();
    let (mut ahead, mut seen) = (VecDeque::from([target.as_str().to_owned()]), Vec::new());
    while let Some(unit) = ahead.pop_front() {
        // An answer that names a unit twice must not be followed for ever.
        if seen.contains(&unit) {
            continue;
        }
        let request = || reach.organizations.list_accounts_for_parent().parent_id(&unit);
        let listed =
            listed!(reach, report, "ListAccountsForParent", request(), "Accounts", accounts);
        for account in &listed {
            let id = account.id().unwrap_or_default().parse().map_err(unreadable)?;
            accounts.push((id, account.name().unwrap_or_default().into()));
        }
        let request = || {
            let ask = reach.organizations.list_children();
            ask.parent_id(&unit).child_type(ChildType::OrganizationalUnit)
        };
        let units = listed!(reach, report, "ListChildren", request(), "Children", children);
        ahead.extend(units.iter().filter_map(|u| u.id()).map(ToOwned::to_owned));
        seen.push(unit);
    }
    Ok(accounts)
}

/// What the target is called.
async fn named(reach: &Reach, target: &OrgTarget, report: Report<'_>) -> Result<Untrusted, Fault> {
    let (id, place) = (target.as_str(), &reach.place);
    let name = if id.starts_with("r-") {
        return Ok("Root".into());
    } else if id.starts_with("ou-") {
        let ask = reach.organizations.describe_organizational_unit();
        let ask = ask.organizational_unit_id(id).send();
        let name = ("Organizations", "DescribeOrganizationalUnit");
        let (answer, _) = call(place, name, ask, report).await?;
        answer.organizational_unit().and_then(|u| u.name()).map(Untrusted::from)
    } else {
        let ask = reach.organizations.describe_account().account_id(id).send();
        let (answer, _) = call(place, ("Organizations", "DescribeAccount"), ask, report).await?;
        answer.account().and_then(|a| a.name()).map(Untrusted::from)
    };
    Ok(name.unwrap_or_default())
}

fn unreadable(why: String) -> Fault {
    Fault::new(FaultKind::Unreadable, "the organization names something that has no such name")
        .with_cause(&why)
}
