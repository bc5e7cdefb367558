//! Security Hub's findings: copies of GuardDuty's, its own, and imported ones.
//!
//! A copy is a state of its own: "Archiving or unarchiving a GuardDuty finding
//! will not update the finding in Security Hub" (user guide, GuardDuty integration).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{COPY_DELAY, Entry, PARTITION, World, asff, iso, merge};
use crate::range::{scenario::Seeded, seed};

/// One finding of one hub, known by Id and ProductArn.
pub struct HubRow {
    pub id: Box<str>,
    pub product_arn: Box<str>,
    pub account: u16,
    pub region: u16,
    /// When it arrived, in epoch milliseconds.
    pub at: i64,
    pub origin: Origin,
    /// What BatchUpdateFindings laid over it. Does not move `UpdatedAt`.
    pub fields: Option<Box<Map<String, Value>>>,
}

pub enum Origin {
    /// Of the GuardDuty row with this number.
    Copy(u32),
    /// Given in ASFF; each version holds from its time on.
    Own(Vec<(i64, Arc<Value>)>),
}

impl HubRow {
    fn key(id: &str, product_arn: &str) -> Box<str> {
        format!("{product_arn} {id}").into()
    }
}

impl World {
    pub(super) fn add_hub(&mut self, row: HubRow) {
        let number = self.hub.len() as u32;
        self.hub_by_id.insert(HubRow::key(&row.id, &row.product_arn), number);
        self.hub.push(row);
    }

    /// Whether the hub of `account` in `region` shows the row: its own Region, and
    /// the linked Regions in the home Region; every member's to the administrator.
    pub fn hub_shows(&self, account: usize, region: &str, row: &HubRow, now: i64) -> bool {
        let there = match &row.origin {
            // It is as far behind as the hub is.
            Origin::Copy(number) => {
                self.version(&self.rows[*number as usize], now - COPY_DELAY).is_some()
            }
            Origin::Own(_) => row.at <= now,
        };
        if !there || !self.hub_listened((row.account, row.region), row.at) {
            return false;
        }
        let administrator = self.is_administrator(account);
        if !administrator && usize::from(row.account) != account {
            return false;
        }
        let own = self.region_name(row.region) == region;
        own || self.home(account).is_some_and(|home| home == region)
    }

    /// The home Region that holds for this account: the administrator's, else its own.
    pub fn home(&self, account: usize) -> Option<&str> {
        let decides = if self.is_member(account) { self.administrator()? } else { account };
        self.accounts[decides].hub_home.as_ref().map(|r| r.as_str())
    }

    pub fn hub_row(&self, id: &str, product_arn: &str) -> Option<u32> {
        self.hub_by_id.get(&HubRow::key(id, product_arn)).copied()
    }

    /// The finding in ASFF as it is at `now`.
    pub fn render_hub(&self, row: &HubRow, now: i64) -> Value {
        let mut value = match &row.origin {
            Origin::Copy(number) => {
                let finding = &self.rows[*number as usize];
                // The hub is as far behind with later occurrences as with the first.
                let version = self.version(finding, now - COPY_DELAY).unwrap_or(&finding.first);
                asff::copy_of(self, row, finding, version)
            }
            Origin::Own(versions) => {
                let held = versions.iter().rev().find(|(at, _)| *at <= now);
                held.or(versions.first()).map_or(Value::Null, |(_, v)| Value::clone(v))
            }
        };
        if let Some(fields) = &row.fields {
            for (key, over) in fields.iter() {
                if let Some(object) = value.as_object_mut() {
                    // A new severity or note replaces the old one's members.
                    merge(object.entry(key.as_str()).or_insert(Value::Null), over.clone());
                }
            }
        }
        value
    }

    /// What the hub fills in around a body of ASFF.
    fn hub_frame(&self, account: usize, region: &str, id: &str, at: i64) -> Value {
        let owner = &self.accounts[account];
        let time = iso(at);
        let product = format!("arn:{PARTITION}:securityhub:{region}::product/aws/securityhub");
        json!({
            "SchemaVersion": "2018-10-08",
            "Id": id,
            "ProductArn": product,
            "ProductName": "Security Hub",
            "CompanyName": "AWS",
            "Region": region,
            "GeneratorId": "security-control",
            "AwsAccountId": owner.id.as_str(),
            "AwsAccountName": owner.name,
            "FirstObservedAt": time,
            "LastObservedAt": time,
            "CreatedAt": time,
            "UpdatedAt": time,
            "WorkflowState": "NEW",
            "Workflow": {"Status": "NEW"},
            "RecordState": "ACTIVE",
        })
    }

    /// A finding of the file with `service = "securityhub"`.
    pub(super) fn add_own(&mut self, index: usize, seeded: Seeded) {
        let region = self.region_number(&seeded.region);
        let name = seeded.region.as_str();
        let owner = self.accounts[seeded.account].id.clone();
        let id = seeded.id.unwrap_or_else(|| {
            let unique = seed::uuid(seed::digest(self.seed, &["hub", &index.to_string()]));
            format!("arn:{PARTITION}:securityhub:{name}:{owner}:security-control/finding/{unique}")
        });
        let at = self.start + seeded.at;
        let mut body = self.hub_frame(seeded.account, name, &id, at);
        merge(&mut body, seeded.body);
        if seeded.archived {
            body["RecordState"] = "ARCHIVED".into();
        }
        asff::complete_severity(&mut body);
        let mut versions = vec![(at, Arc::new(body.clone()))];
        for (offset, update) in seeded.updates {
            let at = self.start + offset;
            body["UpdatedAt"] = iso(at).into();
            body["LastObservedAt"] = iso(at).into();
            merge(&mut body, update);
            asff::complete_severity(&mut body);
            versions.push((at, Arc::new(body.clone())));
        }
        self.add_hub(HubRow {
            product_arn: body["ProductArn"].as_str().unwrap_or_default().into(),
            id: body["Id"].as_str().unwrap_or(&id).into(),
            account: Self::account_number(seeded.account),
            region,
            at,
            origin: Origin::Own(versions),
            fields: None,
        });
    }

    /// Findings that passed BatchImportFindings' checks.
    pub(super) fn import(&mut self, entry: &Entry, findings: &[Value], at: i64) {
        let (Some(account), Ok(region)) = (self.account(&entry.account), entry.region.parse())
        else {
            return;
        };
        let number = self.region_number(&region);
        for finding in findings {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            let (id, product_arn) = (text("Id"), text("ProductArn"));
            let mut body = self.hub_frame(account, region.as_str(), &id, at);
            body["ProductName"] = "Default".into();
            body["CompanyName"] = "Personal".into();
            merge(&mut body, finding.clone());
            body["ProcessedAt"] = iso(at).into();
            asff::complete_severity(&mut body);
            match self.hub_row(&id, &product_arn) {
                Some(known) => self.hub[known as usize].replaced_by(at, body),
                None => self.add_hub(HubRow {
                    id: id.into(),
                    product_arn: product_arn.into(),
                    account: Self::account_number(account),
                    region: number,
                    at,
                    origin: Origin::Own(vec![(at, Arc::new(body))]),
                    fields: None,
                }),
            }
        }
    }

    pub(super) fn update_hub(&mut self, targets: &[String], fields: &Map<String, Value>) {
        for target in targets {
            let Some(number) = self.hub_by_id.get(target.as_str()) else { continue };
            let laid = self.hub[*number as usize].fields.get_or_insert_default();
            for (key, value) in fields {
                laid.insert(key.clone(), value.clone());
            }
        }
    }

    /// The key of a row as [`super::Change::HubUpdate`] names it.
    pub fn hub_key(&self, number: u32) -> String {
        let row = &self.hub[number as usize];
        HubRow::key(&row.id, &row.product_arn).into()
    }
}

impl HubRow {
    /// The provider sent the finding again. NOTIFIED and RESOLVED fall back to NEW
    /// where it becomes active again (finding-workflow-status.html).
    fn replaced_by(&mut self, at: i64, body: Value) {
        let Origin::Own(versions) = &mut self.origin else { return };
        let was_archived = versions.last().is_some_and(|(_, v)| v["RecordState"] == "ARCHIVED");
        if was_archived
            && body["RecordState"] == "ACTIVE"
            && let Some(fields) = &mut self.fields
            && fields.get("Workflow").is_some_and(|w| w["Status"] != "SUPPRESSED")
        {
            fields.remove("Workflow");
        }
        versions.push((at, Arc::new(body)));
    }
}
