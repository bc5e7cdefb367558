//! `halon org tree`.

use serde::Serialize;
use serde_json::{Value, json};

use super::source;
use crate::{
    cli::{
        Output,
        answer::{Code, Document, write_json},
        args::Global,
        looking::told,
    },
    domain::{
        Untrusted,
        organization::{OrgPolicy, OrgPolicyKind, Organization, View},
        untrusted::display_in,
    },
};

/// The document with what it says of the organization as a whole.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    document: Document<'a, Value>,
    state: &'static str,
    organization: Value,
    policies: Vec<Value>,
}

pub fn run(global: &Global, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let loaded = source::load(global)?;
    let nodes = loaded.organization().map(nodes).unwrap_or_default();
    if global.json {
        let organization = match &*loaded.view {
            View::Seen(o) => json!({"id": o.id, "management": o.management, "enabled": o.enabled}),
            View::NotVisible { id, management, .. } => json!({"id": id, "management": management}),
            View::None => Value::Null,
        };
        let items: Vec<Value> = nodes.iter().map(Node::item).collect();
        let document = Document::new("halon.org-tree/1", loaded.as_of, &loaded.gaps, &items);
        let policies = loaded.organization().iter().flat_map(|o| &o.policies).map(policy).collect();
        write_json(output, &Answer { document, state: loaded.state(), organization, policies })?;
    } else {
        match &*loaded.view {
            View::Seen(o) => {
                let id = display_in(o.id.raw(), 60);
                writeln!(output.out, "{id}, management account {}", o.management)?;
                for line in lines(&nodes) {
                    writeln!(output.out, "{line}")?;
                }
                for kind in OrgPolicyKind::ALL.iter().filter(|kind| !o.enabled.contains(kind)) {
                    let kind = kind.name().to_uppercase();
                    writeln!(output.err, "halon: {kind}s are not switched on for the root")?;
                }
            }
            View::NotVisible { .. } => {
                writeln!(output.err, "halon: the organization is not to be seen from here")?;
            }
            View::None => writeln!(output.err, "halon: the account is in no organization")?,
        }
    }
    told(&loaded.gaps, output)
}

fn policy(policy: &OrgPolicy) -> Value {
    json!({
        "id": policy.id,
        "name": policy.name,
        "kind": policy.kind,
        "aws_managed": policy.aws_managed,
        "document": policy.document,
    })
}

/// A root, a unit or an account.
struct Node<'o> {
    kind: &'static str,
    id: &'o str,
    name: &'o Untrusted,
    parent: Option<&'o Untrusted>,
    status: Option<&'o Untrusted>,
    management: bool,
    policies: Vec<&'o OrgPolicy>,
    depth: usize,
    /// For each level down to this one, whether it is the last of its siblings there.
    last: Vec<bool>,
}

impl Node<'_> {
    fn policies(&self, kind: OrgPolicyKind) -> impl Iterator<Item = &OrgPolicy> {
        self.policies.iter().copied().filter(move |p| p.kind == kind)
    }

    fn item(&self) -> Value {
        let of = |kind| {
            let each = self.policies(kind).map(|p| json!({"id": p.id, "name": p.name}));
            each.collect::<Vec<_>>()
        };
        json!({
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "parent": self.parent,
            "depth": self.depth,
            "status": self.status,
            "management": self.management,
            "scps": of(OrgPolicyKind::Scp),
            "rcps": of(OrgPolicyKind::Rcp),
        })
    }
}

/// The roots and everything below them, each before what is below it.
fn nodes(organization: &Organization) -> Vec<Node<'_>> {
    let mut nodes = Vec::new();
    let mut roots = organization.units.iter().filter(|unit| unit.parent.is_none()).peekable();
    while let Some(root) = roots.next() {
        below(organization, &root.id, vec![roots.peek().is_none()], &mut nodes);
    }
    nodes
}

fn below<'o>(o: &'o Organization, id: &'o Untrusted, last: Vec<bool>, nodes: &mut Vec<Node<'o>>) {
    let Some(unit) = o.unit(id.raw()) else { return };
    let depth = last.len() - 1;
    let at = |target: &str| -> Vec<&'o OrgPolicy> {
        o.policies.iter().filter(|p| p.targets.iter().any(|t| t.raw() == target)).collect()
    };
    nodes.push(Node {
        kind: if unit.parent.is_none() { "root" } else { "unit" },
        id: unit.id.raw(),
        name: &unit.name,
        parent: unit.parent.as_ref(),
        status: None,
        management: false,
        policies: at(unit.id.raw()),
        depth,
        last: last.clone(),
    });
    // INVARIANT: units were read downwards, each once, so there are no circles.
    let units: Vec<_> = o.units.iter().filter(|u| u.parent.as_ref() == Some(id)).collect();
    let accounts: Vec<_> = o.accounts.iter().filter(|a| a.parent == *id).collect();
    let children = units.len() + accounts.len();
    let deeper = |n: usize| [&last[..], &[n + 1 == children]].concat();
    for (n, account) in accounts.iter().enumerate() {
        nodes.push(Node {
            kind: "account",
            id: account.id.as_str(),
            name: &account.name,
            parent: Some(&account.parent),
            status: Some(&account.status),
            management: account.id == o.management,
            policies: at(account.id.as_str()),
            depth: depth + 1,
            last: deeper(n),
        });
    }
    for (n, unit) in units.iter().enumerate() {
        below(o, &unit.id, deeper(accounts.len() + n), nodes);
    }
}

fn lines(nodes: &[Node<'_>]) -> Vec<String> {
    let line = |node: &Node<'_>| {
        let mut line = String::new();
        for (level, last) in node.last.iter().enumerate().skip(1) {
            line += match (level + 1 == node.last.len(), last) {
                (true, true) => "└─ ",
                (true, false) => "├─ ",
                (false, true) => "   ",
                (false, false) => "│  ",
            };
        }
        line += &format!("{} {}", display_in(node.id, 40), display_in(node.name.raw(), 60));
        if let Some(status) = node.status.filter(|s| s.raw() != "ACTIVE") {
            line += &format!("  {}", display_in(status.raw(), 30));
        }
        if node.management {
            line += "  management: no SCP applies to it";
        }
        for kind in OrgPolicyKind::ALL {
            let names: Vec<String> =
                node.policies(kind).map(|p| display_in(p.name.raw(), 60)).collect();
            if !names.is_empty() {
                line += &format!("  {}: {}", kind.name(), names.join(", "));
            }
        }
        line
    };
    nodes.iter().map(line).collect()
}
