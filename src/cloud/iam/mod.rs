//! IAM: what changes are planned on, one principal completely, the whole account, the root
//! user and everybody's credentials.

mod account;
mod credentials;
mod policies;
mod principal;
mod simulate;
mod state;

use aws_sdk_iam::types::{
    AccessKeyLastUsed, AttachedPermissionsBoundary, PolicyDetail, RoleLastUsed, Tag,
};

use super::{body::time, client::Reach};
use crate::domain::{
    Fault, FaultKind, Gap, LastUsed, Service, Untrusted,
    authorization::{Inline, decoded},
};

pub use account::authorization;
pub use credentials::root;
pub use principal::inspected;
pub use simulate::{services_used, simulated};
pub use state::tags as tag_state;
pub use state::{access_key, access_keys, attachment, inline, login, policy, principal, trust};

/// Everything that a listing of IAM's gives, page by page.
macro_rules! listed {
    ($reach:expr, $report:expr, $operation:literal, $request:expr, $items:ident) => {{
        let mut all = Vec::new();
        let mut paging = crate::cloud::paging::Paging::new($reach.limits.pages);
        loop {
            let ask = $request.set_marker(paging.token.clone()).send();
            let name = ("IAM", $operation);
            let (page, _) = crate::cloud::trace::call(&$reach.place, name, ask, $report).await?;
            all.extend(page.$items().iter().cloned());
            if !paging.advance(page.marker().filter(|_| page.is_truncated()))? {
                break;
            }
        }
        all
    }};
}
use listed;

/// What an answer lacks, while it is put together.
struct Lacks<'r> {
    reach: &'r Reach,
    gaps: Vec<Gap>,
}

impl<'r> Lacks<'r> {
    fn new(reach: &'r Reach) -> Self {
        Self { reach, gaps: Vec::new() }
    }

    fn gap(&mut self, page: Option<u32>, why: Fault) {
        self.gaps.push(Gap {
            source: Service::Iam,
            account: self.reach.place.target.clone(),
            region: Some(self.reach.place.region.clone()),
            page,
            why,
        });
    }

    /// The value; where there is none, a gap and nothing.
    fn or_gap<T>(&mut self, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|why| self.gap(None, why)).ok()
    }

    /// A document, decoded. One that cannot be is a gap and stands as it came, which nobody
    /// takes for a policy: a blank would read as one that says nothing.
    fn document(&mut self, page: Option<u32>, text: Option<&str>, of: &str) -> Untrusted {
        let text = text.unwrap_or_default();
        document(text, of).unwrap_or_else(|why| {
            self.gap(page, why);
            Untrusted::from(text)
        })
    }

    fn inline(&mut self, page: Option<u32>, policies: &[PolicyDetail], of: &str) -> Vec<Inline> {
        let inline = policies.iter().map(|policy| {
            let name = policy.policy_name().unwrap_or_default();
            let of = format!("policy {name} in {of}");
            Inline {
                name: name.into(),
                document: self.document(page, policy.policy_document(), &of),
            }
        });
        inline.collect()
    }
}

/// IAM sends documents percent-encoded (RFC 3986), and the SDK leaves them so. `of` may hold
/// names that somebody else chose.
fn document(text: &str, of: &str) -> Result<Untrusted, Fault> {
    decoded(text).map(Untrusted::from).map_err(|why| {
        Fault::new(FaultKind::Unreadable, format!("a policy's document {why}")).with_cause(of)
    })
}

fn boundary(boundary: Option<&AttachedPermissionsBoundary>) -> Option<Untrusted> {
    boundary.and_then(|b| b.permissions_boundary_arn()).map(Untrusted::from)
}

fn tags(tags: &[Tag]) -> Vec<(Untrusted, Untrusted)> {
    tags.iter().map(|tag| (tag.key().into(), tag.value().into())).collect()
}

/// A key's last use. IAM says `N/A` for nothing.
fn used(used: &AccessKeyLastUsed) -> Option<LastUsed> {
    let word = |text: &str| Some(text).filter(|t| !["", "N/A"].contains(t)).map(Untrusted::from);
    Some(LastUsed {
        at: used.last_used_date().and_then(time),
        service: word(used.service_name()),
        region: word(used.region()),
    })
}

/// A role's last use; an empty one says that there was none.
fn role_used(used: Option<&RoleLastUsed>) -> Option<LastUsed> {
    let at = used?.last_used_date().and_then(time)?;
    let region = used?.region().map(Untrusted::from);
    Some(LastUsed { at: Some(at), service: None, region })
}

fn empty(operation: &str) -> Fault {
    Fault::new(FaultKind::Unreadable, format!("{operation}: the answer is empty"))
}
