//! Security Hub's `AwsSecurityFindingFilters` over ASFF.
//!
//! API reference, GetFindings, StringFilter, DateFilter, NumberFilter, MapFilter:
//! positive values of one attribute join with OR, negative ones with AND;
//! attributes join with AND; at most 10 attributes with 20 values each.

use jiff::Timestamp;
use serde_json::Value;

use super::at_path;
use crate::domain::time::parse_foreign;

const MAX_ATTRIBUTES: usize = 10;
const MAX_VALUES: usize = 20;

pub struct Filters(Vec<(&'static str, Vec<Test>)>);

enum Test {
    Text { comparison: String, value: String },
    Time { from: Option<Timestamp>, to: Option<Timestamp> },
    Number { low: Option<(f64, bool)>, high: Option<(f64, bool)>, equal: Option<f64> },
    Map { key: String, comparison: String, value: String },
    Truth(bool),
}

/// Attribute → path in ASFF. `None`: not supported here.
fn path(attribute: &str) -> Option<&'static str> {
    Some(match attribute {
        "Type" => "Types",
        "SeverityLabel" => "Severity.Label",
        "SeverityNormalized" => "Severity.Normalized",
        "SeverityProduct" => "Severity.Product",
        "WorkflowStatus" => "Workflow.Status",
        "ComplianceStatus" => "Compliance.Status",
        "ComplianceSecurityControlId" => "Compliance.SecurityControlId",
        "ComplianceAssociatedStandardsId" => "Compliance.AssociatedStandards.StandardsId",
        "ResourceId" => "Resources.Id",
        "ResourceType" => "Resources.Type",
        "ResourceRegion" => "Resources.Region",
        "ResourcePartition" => "Resources.Partition",
        "ResourceTags" => "Resources.Tags",
        "ResourceAwsIamAccessKeyPrincipalName" => "Resources.Details.AwsIamAccessKey.PrincipalName",
        "ResourceAwsEc2InstanceType" => "Resources.Details.AwsEc2Instance.Type",
        "ResourceAwsEc2InstanceImageId" => "Resources.Details.AwsEc2Instance.ImageId",
        "NoteText" => "Note.Text",
        "NoteUpdatedAt" => "Note.UpdatedAt",
        "NoteUpdatedBy" => "Note.UpdatedBy",
        "RelatedFindingsId" => "RelatedFindings.Id",
        "RelatedFindingsProductArn" => "RelatedFindings.ProductArn",
        "RecommendationText" => "Remediation.Recommendation.Text",
        "AwsAccountId" => "AwsAccountId",
        "AwsAccountName" => "AwsAccountName",
        "CompanyName" => "CompanyName",
        "Confidence" => "Confidence",
        "CreatedAt" => "CreatedAt",
        "Criticality" => "Criticality",
        "Description" => "Description",
        "FirstObservedAt" => "FirstObservedAt",
        "GeneratorId" => "GeneratorId",
        "Id" => "Id",
        "LastObservedAt" => "LastObservedAt",
        "ProductArn" => "ProductArn",
        "ProductFields" => "ProductFields",
        "ProductName" => "ProductName",
        "RecordState" => "RecordState",
        "Region" => "Region",
        "Sample" => "Sample",
        "SourceUrl" => "SourceUrl",
        "Title" => "Title",
        "UpdatedAt" => "UpdatedAt",
        "UserDefinedFields" => "UserDefinedFields",
        "VerificationState" => "VerificationState",
        "WorkflowState" => "WorkflowState",
        _ => return None,
    })
}

/// The path that a sort field means: an attribute's name or a path itself.
pub fn sort_path(field: &str) -> &str {
    path(field).unwrap_or(field)
}

impl Filters {
    /// Reads `Filters`, whose types were checked. `now` is the world's time, which
    /// `DateRange` counts back from.
    pub fn read(input: &Value, now: Timestamp) -> Result<Self, String> {
        let mut out = Vec::new();
        for (attribute, tests) in input.as_object().into_iter().flatten() {
            let list = tests.as_array().map(Vec::as_slice).unwrap_or_default();
            if list.is_empty() {
                continue;
            }
            let path = path(attribute)
                .ok_or_else(|| format!("The filter attribute {attribute} is not supported here"))?;
            if list.len() > MAX_VALUES {
                return Err(format!("{attribute} has more than {MAX_VALUES} values"));
            }
            let tests: Result<Vec<Test>, String> = list
                .iter()
                .map(|t| {
                    Test::read(t, now).map_err(|why| format!("Invalid filter {attribute}: {why}"))
                })
                .collect();
            out.push((path, tests?));
        }
        if out.len() > MAX_ATTRIBUTES {
            return Err(format!("A filter has at most {MAX_ATTRIBUTES} attributes"));
        }
        Ok(Self(out))
    }

    pub fn accept(&self, finding: &Value) -> bool {
        self.0.iter().all(|(path, tests)| {
            let values = at_path(finding, path);
            let (negative, positive): (Vec<_>, Vec<_>) = tests.iter().partition(|t| t.negative());
            (positive.is_empty() || positive.iter().any(|t| t.holds(&values)))
                && negative.iter().all(|t| t.holds(&values))
        })
    }
}

impl Test {
    fn read(t: &Value, now: Timestamp) -> Result<Self, String> {
        let text = |key: &str| t[key].as_str().map(str::to_owned);
        let need =
            |what: Option<String>, name: &str| what.ok_or_else(|| format!("{name} is missing"));
        if t.get("Key").is_some() {
            return Ok(Test::Map {
                key: need(text("Key"), "Key")?,
                comparison: need(text("Comparison"), "Comparison")?,
                value: need(text("Value"), "Value")?,
            });
        }
        if let Some(truth) = t["Value"].as_bool() {
            return Ok(Test::Truth(truth));
        }
        if ["Start", "End", "DateRange"].iter().any(|k| !t[*k].is_null()) {
            return Self::read_time(t, now);
        }
        if ["Eq", "Gt", "Gte", "Lt", "Lte"].iter().any(|k| !t[*k].is_null()) {
            let number = |key: &str| t[key].as_f64();
            return Ok(Test::Number {
                low: number("Gte").map(|n| (n, true)).or(number("Gt").map(|n| (n, false))),
                high: number("Lte").map(|n| (n, true)).or(number("Lt").map(|n| (n, false))),
                equal: number("Eq"),
            });
        }
        Ok(Test::Text {
            comparison: need(text("Comparison"), "Comparison")?,
            value: need(text("Value"), "Value")?,
        })
    }

    fn read_time(t: &Value, now: Timestamp) -> Result<Self, String> {
        let range = &t["DateRange"];
        if !range.is_null() {
            if !t["Start"].is_null() || !t["End"].is_null() {
                return Err("either DateRange or Start and End".to_owned());
            }
            let days = range["Value"].as_i64().filter(|n| (0..=36_500).contains(n));
            if range["Unit"] != "DAYS" || days.is_none() {
                return Err("DateRange has Unit DAYS and a Value".to_owned());
            }
            let span = jiff::SignedDuration::from_hours(days.unwrap_or(0) * 24);
            let edge = now.checked_sub(span).map_err(|_| "DateRange is too long".to_owned())?;
            return Ok(if range["Comparison"] == "OLDER_THAN" {
                Test::Time { from: None, to: Some(edge) }
            } else {
                Test::Time { from: Some(edge), to: None }
            });
        }
        let time = |key: &str| match t[key].as_str() {
            None => Ok(None),
            Some(text) => match parse_foreign(text).filter(|_| text.contains('T')) {
                Some(at) => Ok(Some(at)),
                None => Err(format!("{key} is not an ISO 8601 time")),
            },
        };
        Ok(Test::Time { from: time("Start")?, to: time("End")? })
    }

    fn negative(&self) -> bool {
        match self {
            Test::Text { comparison, .. } | Test::Map { comparison, .. } => {
                matches!(comparison.as_str(), "NOT_EQUALS" | "PREFIX_NOT_EQUALS" | "NOT_CONTAINS")
            }
            _ => false,
        }
    }

    fn holds(&self, values: &[&Value]) -> bool {
        match self {
            Test::Text { comparison, value } => {
                compare(comparison, value, values.iter().map(|v| plain(v)))
            }
            Test::Map { key, comparison, value } => {
                let texts = values.iter().filter_map(|v| v.get(key)).map(plain);
                compare(comparison, value, texts)
            }
            Test::Time { from, to } => values
                .iter()
                .filter_map(|v| parse_foreign(v.as_str()?))
                .any(|at| from.is_none_or(|f| at >= f) && to.is_none_or(|t| at <= t)),
            Test::Number { low, high, equal } => {
                values.iter().filter_map(|v| v.as_f64()).any(|n| {
                    equal.is_none_or(|e| n == e)
                        && low.is_none_or(|(b, with)| n > b || (with && n == b))
                        && high.is_none_or(|(b, with)| n < b || (with && n == b))
                })
            }
            Test::Truth(truth) => values.iter().any(|v| v.as_bool() == Some(*truth)),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn compare(comparison: &str, wanted: &str, mut values: impl Iterator<Item = String>) -> bool {
    match comparison {
        "EQUALS" => values.any(|v| v == wanted),
        "NOT_EQUALS" => values.all(|v| v != wanted),
        "PREFIX" => values.any(|v| v.starts_with(wanted)),
        "PREFIX_NOT_EQUALS" => values.all(|v| !v.starts_with(wanted)),
        "CONTAINS" => values.any(|v| v.contains(wanted)),
        "NOT_CONTAINS" => values.all(|v| !v.contains(wanted)),
        "CONTAINS_WORD" => {
            values.any(|v| v.split(|c: char| !c.is_alphanumeric()).any(|word| word == wanted))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn accepts(filters: Value) -> bool {
        let now = "2026-03-02T03:10:00Z".parse().expect("a time");
        let finding = json!({
            "Id": "arn:1", "Types": ["TTPs/Discovery/Recon:EC2-Portscan", "Other"],
            "Severity": {"Label": "HIGH", "Normalized": 80},
            "UpdatedAt": "2026-03-01T03:10:00.000Z", "ProductName": "GuardDuty",
            "ProductFields": {"a/b": "x"}, "Sample": false,
        });
        Filters::read(&filters, now).expect("valid").accept(&finding)
    }

    #[test]
    fn each_kind_of_filter() {
        let text = |c: &str, v: &str| json!([{"Comparison": c, "Value": v}]);
        for (filters, want) in [
            (
                json!({"SeverityLabel": [{"Comparison": "EQUALS", "Value": "LOW"}, {"Comparison": "EQUALS", "Value": "HIGH"}]}),
                true,
            ),
            (json!({"SeverityLabel": text("EQUALS", "high")}), false),
            (json!({"Type": text("PREFIX", "TTPs/")}), true),
            (json!({"Type": text("NOT_CONTAINS", "Portscan")}), false),
            (json!({"Type": text("CONTAINS_WORD", "EC2")}), true),
            (json!({"Type": text("CONTAINS_WORD", "EC")}), false),
            (json!({"ProductName": text("PREFIX_NOT_EQUALS", "Guard")}), false),
            (json!({"SeverityNormalized": [{"Gte": 70, "Lt": 80}]}), false),
            (json!({"SeverityNormalized": [{"Gte": 70.5, "Lte": 80}]}), true),
            (json!({"UpdatedAt": [{"DateRange": {"Value": 1, "Unit": "DAYS"}}]}), true),
            (
                json!({"UpdatedAt": [{"DateRange": {"Value": 1, "Unit": "DAYS", "Comparison": "OLDER_THAN"}}]}),
                true,
            ),
            (
                json!({"UpdatedAt": [{"Start": "2026-03-01T04:00:00Z", "End": "2026-03-02T04:00:00Z"}]}),
                false,
            ),
            (
                json!({"ProductFields": [{"Key": "a/b", "Comparison": "EQUALS", "Value": "x"}]}),
                true,
            ),
            (json!({"Sample": [{"Value": true}]}), false),
            (
                json!({"Id": text("EQUALS", "arn:1"), "SeverityLabel": text("NOT_EQUALS", "HIGH")}),
                false,
            ),
            (json!({}), true),
        ] {
            assert_eq!(accepts(filters.clone()), want, "{filters}");
        }
    }

    #[test]
    fn what_is_not_supported_is_said() {
        let read = |f: Value| Filters::read(&f, Timestamp::UNIX_EPOCH).err();
        let one = json!([{"Comparison": "EQUALS", "Value": "x"}]);
        assert!(read(json!({"MalwareName": one})).is_some_and(|e| e.contains("MalwareName")));
        assert!(read(json!({"Title": [{"Value": "x"}]})).is_some());
        assert!(read(json!({"UpdatedAt": [{"Start": "yesterday"}]})).is_some());
        let many: Vec<Value> = (0..21).map(|_| one[0].clone()).collect();
        assert!(read(json!({"Title": many})).is_some());
    }
}
