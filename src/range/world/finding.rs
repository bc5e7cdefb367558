//! GuardDuty findings: a few indexed fields and what the JSON is made from.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{COPY_DELAY, HubRow, Origin, PARTITION, World, iso, merge};
use crate::range::{scenario::Seeded, seed};

/// One finding of one detector.
pub struct Row {
    pub id: Box<str>,
    pub account: u16,
    pub region: u16,
    pub first: Version,
    /// Later occurrences in order of time.
    pub later: Vec<Version>,
    /// When it was archived, in epoch milliseconds. A later occurrence puts a
    /// finding archived by hand back on the current list (guardduty_findings.html).
    pub archived_at: Option<i64>,
    /// What somebody said of it last: useful, or not.
    pub feedback: Option<bool>,
}

/// The finding as it is from `at` on. Times are epoch milliseconds.
#[derive(Clone)]
pub struct Version {
    pub at: i64,
    pub updated: i64,
    pub severity: f64,
    pub kind: Arc<str>,
    pub body: Body,
}

#[derive(Clone)]
pub enum Body {
    Written(Arc<Value>),
    /// Made on demand: what is not looked at costs nothing.
    Recipe {
        recipe: u16,
        index: u32,
    },
}

impl Row {
    /// The version that holds at `now`; `None` before the finding's time.
    pub(super) fn version(&self, now: i64) -> Option<&Version> {
        self.later.iter().rev().chain([&self.first]).find(|v| v.at <= now)
    }

    pub fn archived(&self, version: &Version) -> bool {
        self.archived_at.is_some_and(|at| version.at <= at)
    }
}

impl World {
    /// The rows that a detector shows: its account's, and every member's to the
    /// administrator.
    pub fn rows_of(&self, account: usize, region: &str) -> impl Iterator<Item = u32> + '_ {
        let everything = self.is_administrator(account);
        let rows = self.known_region(region).and_then(|r| self.rows_by_region.get(&r));
        rows.into_iter().flatten().copied().filter(move |row| {
            everything || usize::from(self.rows[*row as usize].account) == account
        })
    }

    /// The row with this id as this detector sees it at `now`.
    pub fn row(&self, account: usize, region: &str, id: &str, now: i64) -> Option<u32> {
        let number = *self.rows_by_id.get(id)?;
        let row = &self.rows[number as usize];
        let seen = self.known_region(region) == Some(row.region)
            && (self.is_administrator(account) || usize::from(row.account) == account)
            && self.version(row, now).is_some();
        seen.then_some(number)
    }

    /// The finding's wire JSON.
    pub fn render(&self, row: &Row, version: &Version) -> Value {
        let mut value = match &version.body {
            Body::Written(value) => Value::clone(value),
            Body::Recipe { recipe, index } => self.render_bulk(row, version, *recipe, *index),
        };
        if let Some(service) = value.get_mut("service").and_then(Value::as_object_mut) {
            service.insert("archived".into(), row.archived(version).into());
            if let Some(useful) = row.feedback {
                let word = if useful { "USEFUL" } else { "NOT_USEFUL" };
                service.insert("userFeedback".into(), word.into());
            }
        }
        value
    }

    /// `arn:aws:guardduty:…:detector/…/finding/…`
    pub fn finding_arn(&self, account: u16, region: u16, id: &str) -> String {
        let region = self.region_name(region);
        let detector = self.detector(usize::from(account), region).unwrap_or_default();
        let account = &self.accounts[usize::from(account)];
        format!(
            "arn:{PARTITION}:guardduty:{region}:{}:detector/{detector}/finding/{id}",
            account.id
        )
    }

    /// What every finding has; a body is merged over it.
    pub(super) fn frame(&self, account: u16, region: u16, id: &str, at: i64) -> Value {
        let owner = &self.accounts[usize::from(account)];
        let name = self.region_name(region);
        let time = iso(at);
        json!({
            "schemaVersion": "2.0",
            "accountId": owner.id.as_str(),
            "region": name,
            "partition": PARTITION,
            "id": id,
            "arn": self.finding_arn(account, region, id),
            "type": "",
            "resource": {},
            "service": {
                "serviceName": "guardduty",
                "detectorId": self.detector(usize::from(account), name),
                "count": 1,
                "archived": false,
                "eventFirstSeen": time,
                "eventLastSeen": time,
            },
            "severity": 5,
            "createdAt": time,
            "updatedAt": time,
        })
    }

    pub(super) fn add_seeded(&mut self, index: usize, seeded: Seeded) {
        let region = self.region_number(&seeded.region);
        let account = Self::account_number(seeded.account);
        let id =
            seeded.id.unwrap_or_else(|| seed::id32(self.seed, &["finding", &index.to_string()]));
        let at = self.start + seeded.at;
        let mut body = self.frame(account, region, &id, at);
        merge(&mut body, seeded.body);
        let mut versions = vec![Version::written(at, body.clone())];
        for (offset, update) in seeded.updates {
            let at = self.start + offset;
            let count = body["service"]["count"].as_i64().unwrap_or(1) + 1;
            body["service"]["count"] = count.into();
            body["service"]["eventLastSeen"] = iso(at).into();
            body["updatedAt"] = iso(at).into();
            merge(&mut body, update);
            versions.push(Version::written(at, body.clone()));
        }
        let first = versions.remove(0);
        let archived_at = seeded.archived.then_some(at);
        let row = Row {
            id: id.into(),
            account,
            region,
            first,
            later: versions,
            archived_at,
            feedback: None,
        };
        self.add_row(row, seeded.copy);
    }

    /// Adds a row and its copy in the hub, which shows it if it is enabled by then.
    pub(super) fn add_row(&mut self, row: Row, copy: bool) -> u32 {
        let number = self.rows.len() as u32;
        let region = self.region_name(row.region).to_owned();
        if copy {
            let arn = self.finding_arn(row.account, row.region, &row.id);
            self.add_hub(HubRow {
                product_arn: format!("arn:{PARTITION}:securityhub:{region}::product/aws/guardduty")
                    .into(),
                account: row.account,
                region: row.region,
                at: row.first.at + COPY_DELAY,
                origin: Origin::Copy(number),
                fields: None,
                id: arn.into(),
            });
        }
        self.rows_by_region.entry(row.region).or_default().push(number);
        self.rows_by_id.insert(row.id.clone(), number);
        self.rows.push(row);
        number
    }

    pub(super) fn set_feedback(&mut self, region: &str, ids: &[String], useful: bool) {
        let region = self.known_region(region);
        for id in ids {
            let Some(number) = self.rows_by_id.get(id.as_str()) else { continue };
            let row = &mut self.rows[*number as usize];
            if Some(row.region) == region {
                row.feedback = Some(useful);
            }
        }
    }

    pub(super) fn set_archived(&mut self, region: &str, ids: &[String], at: Option<i64>) {
        let region = self.known_region(region);
        for id in ids {
            let Some(number) = self.rows_by_id.get(id.as_str()) else { continue };
            let row = &mut self.rows[*number as usize];
            if Some(row.region) == region {
                row.archived_at = at;
            }
        }
    }
}

impl Version {
    /// The indexed fields are read from the body, so that they cannot differ from it.
    pub(super) fn written(at: i64, body: Value) -> Self {
        let updated = body["updatedAt"]
            .as_str()
            .and_then(crate::domain::time::parse_foreign)
            .map_or(at, |t| t.as_millisecond());
        Version {
            at,
            updated,
            severity: body["severity"].as_f64().unwrap_or(0.0),
            kind: body["type"].as_str().unwrap_or_default().into(),
            body: Body::Written(Arc::new(body)),
        }
    }
}
