//! Finding types, and the findings that CreateSampleFindings makes.

use std::sync::OnceLock;

use serde_json::json;

use super::{Entry, Row, Version, World, bulk::resource, finding::Body, iso, merge};
use crate::range::seed;

/// What AWS says of a type (GuardDuty user guide, finding types).
pub struct FindingType {
    pub name: &'static str,
    /// The usual severity; 5 where AWS says "variable".
    pub severity: f64,
    /// `resource.resourceType`.
    pub resource: &'static str,
}

/// Every type that sample findings are made of.
pub fn finding_types() -> &'static [FindingType] {
    static TYPES: OnceLock<Vec<FindingType>> = OnceLock::new();
    TYPES.get_or_init(|| {
        include_str!("../../../assets/models/guardduty-finding-types.tsv")
            .lines()
            .filter_map(|line| {
                let mut cells = line.split('\t');
                let name = cells.next()?;
                let severity = match cells.next()? {
                    "Critical" => 9.0,
                    "High" => 8.0,
                    "Low" => 2.0,
                    _ => 5.0,
                };
                Some(FindingType { name, severity, resource: cells.next()? })
            })
            .collect()
    })
}

pub fn finding_type(name: &str) -> Option<&'static FindingType> {
    finding_types().iter().find(|t| t.name == name)
}

impl World {
    /// One finding per type; a type that the detector has a sample of already
    /// occurs once more. No types means all of them.
    pub(super) fn add_samples(&mut self, entry: &Entry, types: &[String], at: i64) {
        let (Some(account), Ok(region)) = (self.account(&entry.account), entry.region.parse())
        else {
            return;
        };
        let region = self.region_number(&region);
        let chosen: Vec<&FindingType> = if types.is_empty() {
            finding_types().iter().collect()
        } else {
            types.iter().filter_map(|t| finding_type(t)).collect()
        };
        for kind in chosen {
            let id = seed::id32(self.seed, &["sample", &entry.account, &entry.region, kind.name]);
            if let Some(number) = self.rows_by_id.get(id.as_str()) {
                self.rows[*number as usize].occur_again(at);
                continue;
            }
            let account = Self::account_number(account);
            let mut body = self.frame(account, region, &id, at);
            merge(
                &mut body,
                json!({
                    "type": kind.name,
                    "severity": kind.severity,
                    "title": format!("[SAMPLE] {}", kind.name),
                    "description": "A sample finding, made with CreateSampleFindings.",
                    "resource": resource(kind.name, "i-99999999", "GeneratedFindingUserName"),
                    "service": {
                        "resourceRole": "TARGET",
                        "additionalInfo": {"value": "{\"sample\":true}", "type": "default"},
                    },
                }),
            );
            let first = Version::written(at, body);
            let row = Row {
                id: id.into(),
                account,
                region,
                first,
                later: Vec::new(),
                archived_at: None,
                feedback: None,
            };
            self.add_row(row, true);
        }
    }
}

impl Row {
    fn occur_again(&mut self, at: i64) {
        let last = self.later.last().unwrap_or(&self.first);
        let Body::Written(body) = &last.body else { return };
        let mut body = serde_json::Value::clone(body);
        let count = body["service"]["count"].as_i64().unwrap_or(1) + 1;
        body["service"]["count"] = count.into();
        body["service"]["eventLastSeen"] = iso(at).into();
        body["updatedAt"] = iso(at).into();
        // Strictly later than an archiving in the same millisecond.
        self.archived_at = None;
        self.later.push(Version::written(at, body));
    }
}
