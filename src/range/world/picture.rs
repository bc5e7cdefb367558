//! A picture of the world: what somebody may have changed in it, to be compared with another.
//!
//! Nothing that comes and goes with time is in it: no findings that appear, no events, no
//! sessions, no times. Nor is what cannot be unsaid: the feedback given of a finding, the note
//! that lies over one in Security Hub.

use std::collections::BTreeMap;

use super::{
    World,
    iam::{Home, Identity, KeyStatus, is_managed},
    organization::Place,
};
use crate::domain::Region;

/// What is so in the world, by what it is so of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture(BTreeMap<String, String>);

/// Something that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `123456789012 user ci-deployer key AKIA…`.
    pub what: String,
    /// `None` where there was nothing, or is nothing any more.
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Picture {
    /// What is in `after` otherwise than here.
    pub fn differences(&self, after: &Picture) -> Vec<Difference> {
        let names = self.0.keys().chain(after.0.keys().filter(|k| !self.0.contains_key(*k)));
        let differing = names.filter(|name| self.0.get(*name) != after.0.get(*name));
        let difference = |name: &String| Difference {
            what: name.clone(),
            before: self.0.get(name).cloned(),
            after: after.0.get(name).cloned(),
        };
        let mut out: Vec<Difference> = differing.map(difference).collect();
        out.sort_by(|a, b| a.what.cmp(&b.what));
        out
    }

    fn put(&mut self, what: String, how: impl Into<String>) {
        self.0.insert(what, how.into());
    }
}

impl World {
    pub fn picture(&self) -> Picture {
        let mut picture = Picture::default();
        for (number, account) in self.accounts.iter().enumerate() {
            let id = account.id.as_str();
            of_iam(&mut picture, id, self.iam.home(number));
            for region in self.regions.iter().map(Region::as_str) {
                if let Some(detector) = self.detector_in(number, region) {
                    let on = if detector.suspended.is_some() { "suspended" } else { "enabled" };
                    let how = format!("{on}, {}", detector.frequency);
                    picture.put(format!("{id} {region} detector"), how);
                }
                if self.hub_since(number, region).is_some() {
                    picture.put(format!("{id} {region} hub"), "enabled");
                }
            }
        }
        self.of_organization(&mut picture);
        for trail in &self.trails {
            let how = if trail.logging { "logging" } else { "stopped" };
            picture.put(format!("{} state", trail.arn), how);
            let selectors = serde_json::to_string(&trail.selectors).unwrap_or_default();
            picture.put(format!("{} selectors", trail.arn), selectors);
        }
        // A finding is there or not by the time alone: only what was done to it counts.
        for row in self.rows.iter().filter(|row| row.archived_at.is_some()) {
            picture.put(format!("finding {}", row.id), "archived");
        }
        for row in &self.hub {
            let fields = row.fields.iter().flat_map(|f| f.iter());
            for (name, value) in fields.filter(|(name, _)| *name != "Note") {
                // What is as every finding begins is as if nobody had said it.
                if !(name == "Workflow" && value["Status"] == "NEW") {
                    picture.put(format!("finding {} {name}", row.id), value.to_string());
                }
            }
        }
        picture
    }

    fn of_organization(&self, picture: &mut Picture) {
        let Some(organization) = &self.organization else { return };
        for target in organization.targets.iter().filter(|t| t.place != Place::Root) {
            let parent = &organization.targets[target.parent];
            picture.put(format!("{} parent", target.id), parent.id.as_str());
        }
        for policy in &organization.policies {
            let name = format!("{} {}", policy.kind.word(), policy.id);
            picture.put(format!("{name} name"), policy.name.as_str());
            picture.put(format!("{name} document"), policy.document.as_str());
            for target in &policy.attached {
                picture.put(format!("{name} at {}", organization.targets[*target].id), "attached");
            }
        }
    }
}

fn of_iam(picture: &mut Picture, account: &str, home: &Home) {
    for user in &home.users {
        let name = format!("{account} user {}", user.identity.name);
        of_identity(picture, &name, &user.identity);
        for key in &user.keys {
            let how = if key.status == KeyStatus::Active { "active" } else { "inactive" };
            picture.put(format!("{name} key {}", key.id), how);
        }
        if user.login.is_some() {
            picture.put(format!("{name} password"), "set");
        }
    }
    for role in &home.roles {
        let name = format!("{account} role {}", role.identity.name);
        of_identity(picture, &name, &role.identity);
        picture.put(format!("{name} trust"), role.trust.as_str());
    }
    for policy in home.policies.iter().filter(|policy| !is_managed(&policy.arn)) {
        picture.put(format!("{} default", policy.arn), format!("v{}", policy.default));
        for version in &policy.versions {
            picture.put(format!("{} {}", policy.arn, version.id()), version.document.as_ref());
        }
    }
}

fn of_identity(picture: &mut Picture, name: &str, identity: &Identity) {
    for policy in &identity.attached {
        picture.put(format!("{name} policy {policy}"), "attached");
    }
    for (policy, document) in &identity.inline {
        picture.put(format!("{name} inline {policy}"), document.as_str());
    }
    if let Some(boundary) = &identity.boundary {
        picture.put(format!("{name} boundary"), boundary.as_str());
    }
    for (key, value) in &identity.tags {
        picture.put(format!("{name} tag {key}"), value.as_str());
    }
}
