//! The organization: its units, accounts and the policies above them, as far as this account
//! may see them. Most member accounts may not, and that is a normal state.

mod states;

use std::{collections::VecDeque, sync::Arc};

use aws_sdk_organizations::types::{PolicyType, PolicyTypeStatus, Root};

use super::{
    Report,
    body::holds,
    client::Reach,
    paging::{Paging, several},
    trace::call,
};
use crate::domain::{
    AccountId, Answer, Fault, FaultKind, Gap, Service, Untrusted,
    organization::{Member, OrgPolicy, OrgPolicyKind, Organization, Unit, View},
};

pub use states::{member, scp};

/// Policies read at once: Organizations answers only a few requests a second.
const AT_ONCE: usize = 2;

/// Everything that a listing gives, page by page. A page may be empty and not the last
/// (Organizations API reference: "Always check the NextToken response parameter").
macro_rules! listed {
    ($reach:expr, $report:expr, $operation:literal, $request:expr, $key:literal, $items:ident) => {{
        let mut all = Vec::new();
        let mut paging = Paging::new($reach.limits.pages);
        loop {
            let ask = $request.set_next_token(paging.token.clone()).send();
            let name = ("Organizations", $operation);
            let (page, body) = call(&$reach.place, name, ask, $report).await?;
            holds(&body, $key, $operation)?;
            all.extend(page.$items().iter().cloned());
            if !paging.advance(page.next_token())? {
                break;
            }
        }
        all
    }};
}
use listed;

pub async fn organization(reach: &Reach, report: Report<'_>) -> Result<Answer, Fault> {
    let mut gaps = Vec::new();
    let what = match described(reach, report).await {
        Err(fault) if fault.kind == FaultKind::NotEnabled => View::None,
        Err(fault) if fault.kind == FaultKind::Denied => {
            View::NotVisible { why: fault, id: None, management: None }
        }
        Err(fault) => return Err(fault),
        Ok((id, management)) => match roots(reach, report).await {
            // `DescribeOrganization` is for every member; what lists is not.
            Err(why) if why.kind == FaultKind::Denied => {
                View::NotVisible { why, id: Some(id), management: Some(management) }
            }
            Err(fault) => return Err(fault),
            Ok(roots) => {
                let mut whole = Whole { reach, report, gaps: &mut gaps };
                View::Seen(whole.organization(id, management, &roots).await)
            }
        },
    };
    Ok(Answer::Organization { what: Arc::new(what), gaps })
}

async fn described(reach: &Reach, report: Report<'_>) -> Result<(Untrusted, AccountId), Fault> {
    let ask = reach.organizations.describe_organization().send();
    let name = ("Organizations", "DescribeOrganization");
    let (answer, body) = call(&reach.place, name, ask, report).await?;
    holds(&body, "Organization", "DescribeOrganization")?;
    let about = answer.organization();
    let management = about.and_then(|o| o.master_account_id()).unwrap_or_default();
    let management = management.parse().map_err(|why: String| {
        Fault::new(FaultKind::Unreadable, "DescribeOrganization names no management account")
            .with_cause(&why)
    })?;
    Ok((text(about.and_then(|o| o.id())), management))
}

async fn roots(reach: &Reach, report: Report<'_>) -> Result<Vec<Root>, Fault> {
    let request = || reach.organizations.list_roots();
    Ok(listed!(reach, report, "ListRoots", request(), "Roots", roots))
}

/// What is read of an organization that may be seen; each part that cannot be is a gap.
struct Whole<'w> {
    reach: &'w Reach,
    report: Report<'w>,
    gaps: &'w mut Vec<Gap>,
}

impl Whole<'_> {
    async fn organization(
        &mut self,
        id: Untrusted,
        management: AccountId,
        roots: &[Root],
    ) -> Organization {
        let (mut units, mut accounts) = (Vec::new(), Vec::new());
        let mut ahead: VecDeque<Unit> = roots
            .iter()
            .map(|root| Unit { id: text(root.id()), name: text(root.name()), parent: None })
            .collect();
        while let Some(unit) = ahead.pop_front() {
            // An answer that names a unit twice must not be followed for ever.
            if units.iter().any(|known: &Unit| known.id == unit.id) {
                continue;
            }
            let below = self.units(&unit.id).await;
            ahead.extend(self.or_gap(below).unwrap_or_default());
            let members = self.accounts(&unit.id).await;
            accounts.extend(self.or_gap(members).unwrap_or_default());
            units.push(unit);
        }
        let enabled = enabled(roots);
        let mut policies = Vec::new();
        for kind in &enabled {
            let listed = self.policies(*kind).await;
            policies.extend(self.or_gap(listed).unwrap_or_default());
        }
        Organization { id, management, enabled, units, accounts, policies }
    }

    async fn units(&mut self, parent: &Untrusted) -> Result<Vec<Unit>, Fault> {
        let (reach, report) = (self.reach, self.report);
        let client = &reach.organizations;
        let request = || client.list_organizational_units_for_parent().parent_id(parent.raw());
        let units = listed!(
            reach,
            report,
            "ListOrganizationalUnitsForParent",
            request(),
            "OrganizationalUnits",
            organizational_units
        );
        let unit = |id, name| Unit { id: text(id), name: text(name), parent: Some(parent.clone()) };
        Ok(units.iter().map(|u| unit(u.id(), u.name())).collect())
    }

    async fn accounts(&mut self, parent: &Untrusted) -> Result<Vec<Member>, Fault> {
        let (reach, report) = (self.reach, self.report);
        let request = || reach.organizations.list_accounts_for_parent().parent_id(parent.raw());
        let accounts =
            listed!(reach, report, "ListAccountsForParent", request(), "Accounts", accounts);
        let mut members = Vec::with_capacity(accounts.len());
        for account in &accounts {
            let id = account.id().unwrap_or_default().parse().map_err(|why: String| {
                Fault::new(FaultKind::Unreadable, "an account's id cannot be read").with_cause(&why)
            });
            let Some(id) = self.or_gap(id) else { continue };
            // `State` came later and says more.
            let state = account.state().map(|s| s.as_str());
            members.push(Member {
                id,
                name: text(account.name()),
                status: text(state.or(account.status().map(|s| s.as_str()))),
                parent: parent.clone(),
            });
        }
        Ok(members)
    }

    /// Every policy of a kind, with its document and where it is attached.
    async fn policies(&mut self, kind: OrgPolicyKind) -> Result<Vec<OrgPolicy>, Fault> {
        let (reach, report) = (self.reach, self.report);
        let request = || reach.organizations.list_policies().filter(named(kind));
        let listed = listed!(reach, report, "ListPolicies", request(), "Policies", policies);
        let asked = listed.iter().map(|p| read(reach, p.id().unwrap_or_default(), report));
        let read = several(AT_ONCE, asked.collect()).await;
        let mut policies = Vec::with_capacity(read.len());
        for (policy, (document, targets)) in listed.iter().zip(read) {
            // Which policy it was is part of why.
            let of = |fault: Fault| fault.with_cause(policy.name().unwrap_or_default());
            policies.push(OrgPolicy {
                id: text(policy.id()),
                name: text(policy.name()),
                kind,
                aws_managed: policy.aws_managed(),
                document: self.or_gap(document.map_err(of)).unwrap_or_default(),
                targets: self.or_gap(targets.map_err(of)).unwrap_or_default(),
            });
        }
        Ok(policies)
    }

    fn or_gap<T>(&mut self, result: Result<T, Fault>) -> Option<T> {
        let gap = |why| Gap {
            source: Service::Organizations,
            account: self.reach.place.target.clone(),
            region: Some(self.reach.place.region.clone()),
            page: None,
            why,
        };
        result.map_err(|why| self.gaps.push(gap(why))).ok()
    }
}

/// A policy's document, and what it is attached to.
async fn read(
    reach: &Reach,
    id: &str,
    report: Report<'_>,
) -> (Result<Untrusted, Fault>, Result<Vec<Untrusted>, Fault>) {
    let document = described_policy(reach, id, report).await.map(|(_, document)| document);
    (document, targets(reach, id, report).await)
}

/// A policy's name and its document.
async fn described_policy(
    reach: &Reach,
    id: &str,
    report: Report<'_>,
) -> Result<(Untrusted, Untrusted), Fault> {
    let ask = reach.organizations.describe_policy().policy_id(id).send();
    let name = ("Organizations", "DescribePolicy");
    let (answer, _) = call(&reach.place, name, ask, report).await?;
    let policy = answer.policy();
    let name = policy.and_then(|p| p.policy_summary()).and_then(|s| s.name());
    let content = policy.and_then(|policy| policy.content());
    match content.filter(|text| !text.trim().is_empty()) {
        Some(content) => Ok((text(name), content.into())),
        None => Err(Fault::new(FaultKind::Unreadable, "DescribePolicy: the answer is empty")),
    }
}

async fn targets(reach: &Reach, id: &str, report: Report<'_>) -> Result<Vec<Untrusted>, Fault> {
    let request = || reach.organizations.list_targets_for_policy().policy_id(id);
    let targets = listed!(reach, report, "ListTargetsForPolicy", request(), "Targets", targets);
    Ok(targets.iter().filter_map(|t| t.target_id()).map(Untrusted::from).collect())
}

/// The kinds of policies that are switched on for the root.
fn enabled(roots: &[Root]) -> Vec<OrgPolicyKind> {
    let types: Vec<_> = roots.iter().flat_map(|root| root.policy_types()).collect();
    let on = |kind: &OrgPolicyKind| {
        let (kind, enabled) = (named(*kind), PolicyTypeStatus::Enabled);
        types.iter().any(|t| t.r#type() == Some(&kind) && t.status() == Some(&enabled))
    };
    OrgPolicyKind::ALL.into_iter().filter(on).collect()
}

fn named(kind: OrgPolicyKind) -> PolicyType {
    match kind {
        OrgPolicyKind::Scp => PolicyType::ServiceControlPolicy,
        OrgPolicyKind::Rcp => PolicyType::ResourceControlPolicy,
    }
}

fn text(said: Option<&str>) -> Untrusted {
    said.unwrap_or_default().into()
}
