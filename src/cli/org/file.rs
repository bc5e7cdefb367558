//! The organization as `halon org tree --json` printed it, wherever that was.

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use serde::Deserialize;

use super::source::Loaded;
use crate::{
    cli::{
        answer::usage,
        text_file::{read_text, without_place},
    },
    domain::{
        AccountId, Fault, FaultKind, Gap, Service, Untrusted,
        organization::{Member, OrgPolicy, OrgPolicyKind, Organization, Unit, View},
    },
};

const SCHEMA: &str = "halon.org-tree/1";

#[derive(Deserialize)]
struct Tree {
    schema: String,
    as_of: Timestamp,
    complete: bool,
    state: String,
    organization: Option<About>,
    items: Vec<Node>,
    policies: Option<Vec<Policy>>,
}

#[derive(Deserialize)]
struct About {
    id: Option<Untrusted>,
    management: Option<AccountId>,
    #[serde(default)]
    enabled: Vec<OrgPolicyKind>,
}

#[derive(Deserialize)]
struct Node {
    id: Untrusted,
    kind: String,
    name: Untrusted,
    parent: Option<Untrusted>,
    status: Option<Untrusted>,
    scps: Vec<Named>,
    rcps: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: Untrusted,
}

#[derive(Deserialize)]
struct Policy {
    id: Untrusted,
    name: Untrusted,
    kind: OrgPolicyKind,
    aws_managed: bool,
    document: Untrusted,
}

/// What the file says was to be seen.
///
/// # Errors
/// It cannot be read, or is none of these.
pub fn read(path: &Path) -> anyhow::Result<Loaded> {
    let (name, text) = read_text(path)?;
    let tree: Tree = serde_json::from_str(&text).map_err(|e| {
        let why = without_place(&e);
        usage(format!(
            "{name}:{}:{}: not what `halon org tree --json` prints: {why}",
            e.line(),
            e.column()
        ))
    })?;
    loaded(tree).map_err(|why| usage(format!("{name}: {why}")))
}

fn loaded(tree: Tree) -> Result<Loaded, String> {
    if tree.schema != SCHEMA {
        return Err(format!("its schema is not {SCHEMA}"));
    }
    let gap = || Gap {
        source: Service::Organizations,
        account: "file".into(),
        region: None,
        page: None,
        why: Fault::new(FaultKind::Unreadable, "not all of it could be read when it was made"),
    };
    let gaps: Vec<Gap> = (!tree.complete).then(gap).into_iter().collect();
    let as_of = tree.as_of;
    let view = match (tree.state.as_str(), &tree.organization) {
        ("seen", Some(_)) => View::Seen(organization(tree)?),
        ("not_visible", about) => View::NotVisible {
            why: Fault::new(FaultKind::Denied, "whoever made the file could not see it"),
            id: about.as_ref().and_then(|a| a.id.clone()),
            management: about.as_ref().and_then(|a| a.management.clone()),
        },
        ("none", _) => View::None,
        _ => return Err("its state is neither seen, not_visible nor none".to_owned()),
    };
    Ok(Loaded { view: Arc::new(view), gaps, as_of })
}

fn organization(tree: Tree) -> Result<Organization, String> {
    let lacks = |what: &str| format!("it does not say {what}: an older halon made it");
    let about = tree.organization.ok_or_else(|| lacks("which organization it is"))?;
    let mut policies: Vec<OrgPolicy> = tree
        .policies
        .ok_or_else(|| lacks("what the policies say"))?
        .into_iter()
        .map(|p| OrgPolicy {
            id: p.id,
            name: p.name,
            kind: p.kind,
            aws_managed: p.aws_managed,
            document: p.document,
            targets: Vec::new(),
        })
        .collect();
    let (mut units, mut accounts) = (Vec::new(), Vec::new());
    for node in tree.items {
        for attached in node.scps.iter().chain(&node.rcps) {
            let policy = policies.iter_mut().find(|p| p.id == attached.id);
            let policy = policy.ok_or_else(|| lacks("what every attached policy says"))?;
            policy.targets.push(node.id.clone());
        }
        match node.kind.as_str() {
            "account" => accounts.push(Member {
                id: node.id.raw().parse()?,
                name: node.name,
                status: node.status.unwrap_or_default(),
                parent: node.parent.ok_or("an account of it is nowhere")?,
            }),
            _ => units.push(Unit { id: node.id, name: node.name, parent: node.parent }),
        }
    }
    Ok(Organization {
        id: about.id.ok_or_else(|| lacks("the organization's id"))?,
        management: about.management.ok_or_else(|| lacks("its management account"))?,
        enabled: about.enabled,
        units,
        accounts,
        policies,
    })
}
