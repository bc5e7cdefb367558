//! Which events a trail logs (CloudTrail API reference, "PutEventSelectors").

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::range::scenario;

/// Quotas (InvalidEventSelectorsException).
const SELECTORS: usize = 5;
const DATA_RESOURCES: usize = 250;
const CONDITIONS: usize = 500;

/// What basic selectors may be about.
const TYPES: [&str; 3] = ["AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::S3::Object"];
/// What they may leave out.
const EXCLUDABLE: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];
/// Of a trail.
const CATEGORIES: [&str; 3] = ["Management", "Data", "NetworkActivity"];
/// What advanced selectors may ask about (AdvancedFieldSelector).
const FIELDS: [&str; 11] = [
    "errorCode",
    "eventCategory",
    "eventName",
    "eventSource",
    "eventType",
    "readOnly",
    "resources.ARN",
    "resources.type",
    "sessionCredentialFromConsole",
    "userIdentity.arn",
    "vpcEndpointId",
];
const OPERATORS: [&str; 6] =
    ["Equals", "NotEquals", "StartsWith", "NotStartsWith", "EndsWith", "NotEndsWith"];

/// The selectors of one trail, by the members of the API. Both kinds at once there are not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selectors {
    Basic(Vec<Value>),
    Advanced(Vec<Value>),
}

impl Selectors {
    /// All management events, and no data events: what every trail logs at first.
    fn usual() -> Selectors {
        Selectors::Basic(vec![basic(&json!({}))])
    }

    pub fn seeded(said: &scenario::Trail) -> Selectors {
        let kind = |arn: &str| if arn.contains(":lambda") { TYPES[1] } else { TYPES[2] };
        let data = said.data.iter().map(|arn| json!({"Type": kind(arn), "Values": [arn]}));
        Selectors::Basic(vec![basic(&json!({
            "ReadWriteType": said.management.as_deref().unwrap_or("All"),
            "IncludeManagementEvents": said.management.is_some(),
            "DataResources": data.collect::<Vec<_>>(),
            "ExcludeManagementEventSources": said.exclude,
        }))])
    }

    /// Those of a request, or what is wrong with them.
    pub fn read(input: &Value) -> Result<Selectors, String> {
        match (&input["EventSelectors"], &input["AdvancedEventSelectors"]) {
            (Value::Array(list), Value::Null) => read_basic(list),
            (Value::Null, Value::Array(list)) => read_advanced(list),
            _ => Err("Specify either EventSelectors or AdvancedEventSelectors.".to_owned()),
        }
    }

    pub fn are_custom(&self) -> bool {
        *self != Selectors::usual()
    }

    /// The member of answers and its value.
    pub fn shown(&self) -> (&'static str, Value) {
        match self {
            Selectors::Basic(list) => ("EventSelectors", list.clone().into()),
            Selectors::Advanced(list) => ("AdvancedEventSelectors", list.clone().into()),
        }
    }
}

/// A basic selector with what it does not say.
fn basic(said: &Value) -> Value {
    let or = |member: &str, usual: Value| match &said[member] {
        Value::Null => usual,
        value => value.clone(),
    };
    json!({
        "ReadWriteType": or("ReadWriteType", json!("All")),
        "IncludeManagementEvents": or("IncludeManagementEvents", json!(true)),
        "DataResources": or("DataResources", json!([])),
        "ExcludeManagementEventSources": or("ExcludeManagementEventSources", json!([])),
    })
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn read_basic(list: &[Value]) -> Result<Selectors, String> {
    if !(1..=SELECTORS).contains(&list.len()) {
        return Err(format!("A trail has 1 to {SELECTORS} event selectors."));
    }
    let mut resources = 0;
    for selector in list {
        for data in items(&selector["DataResources"]) {
            let kind = data["Type"].as_str().unwrap_or_default();
            if !TYPES.contains(&kind) {
                return Err(format!("The data resource type {kind} is not valid."));
            }
            resources += items(&data["Values"]).count();
        }
        let excluded = items(&selector["ExcludeManagementEventSources"]);
        if let Some(other) = excluded.filter_map(Value::as_str).find(|s| !EXCLUDABLE.contains(s)) {
            return Err(format!("Events of {other} cannot be excluded."));
        }
    }
    if resources > DATA_RESOURCES {
        return Err(format!("A trail has at most {DATA_RESOURCES} data resources."));
    }
    Ok(Selectors::Basic(list.iter().map(basic).collect()))
}

fn read_advanced(list: &[Value]) -> Result<Selectors, String> {
    if list.is_empty() {
        return Err("At least one advanced event selector is needed.".to_owned());
    }
    let mut conditions = 0;
    for selector in list {
        let fields = || items(&selector["FieldSelectors"]);
        let of = |name: &str| fields().find(|field| field["Field"] == name);
        for field in fields() {
            let name = field["Field"].as_str().unwrap_or_default();
            if !FIELDS.contains(&name) {
                return Err(format!("The field {name} is not valid."));
            }
            let values: usize = OPERATORS.iter().map(|o| items(&field[*o]).count()).sum();
            if values == 0 {
                return Err(format!("The field {name} has no condition."));
            }
            if fields().filter(|other| other["Field"] == name).count() > 1 {
                return Err(format!("The field {name} is given twice."));
            }
            conditions += values;
        }
        let category = of("eventCategory").map(|field| &field["Equals"]);
        let category = category.and_then(Value::as_array).map(Vec::as_slice);
        let Some([Value::String(category)]) = category else {
            return Err("Each selector has one eventCategory, with Equals.".to_owned());
        };
        if !CATEGORIES.contains(&category.as_str()) {
            return Err(format!("The event category {category} is not valid for a trail."));
        }
        if category == "Data" && of("resources.type").is_none_or(|f| f["Equals"].is_null()) {
            return Err("A selector of data events has a resources.type, with Equals.".to_owned());
        }
    }
    if conditions > CONDITIONS {
        return Err(format!("A trail has at most {CONDITIONS} values in all conditions."));
    }
    Ok(Selectors::Advanced(list.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_usual_and_mistakes_are_named() {
        let read = |input: Value| Selectors::read(&input);
        assert_eq!(read(json!({"EventSelectors": [{}]})), Ok(Selectors::usual()));
        let field = |name: &str, value: &str| json!({"Field": name, "Equals": [value]});
        let advanced =
            |fields: Value| json!({"AdvancedEventSelectors": [{"FieldSelectors": fields}]});
        let management = field("eventCategory", "Management");
        let taken = read(advanced(json!([management])));
        assert!(taken.is_ok_and(|s| s.are_custom() && s.shown().0 == "AdvancedEventSelectors"));
        let many: Vec<String> = (0..501).map(|n| n.to_string()).collect();
        let buckets: Vec<String> = (0..251).map(|n| format!("arn:aws:s3:::{n}/")).collect();
        for (input, part) in [
            (json!({}), "either"),
            (json!({"EventSelectors": [{}], "AdvancedEventSelectors": []}), "either"),
            (json!({"EventSelectors": []}), "1 to 5"),
            (json!({"EventSelectors": [{}, {}, {}, {}, {}, {}]}), "1 to 5"),
            (
                json!({"EventSelectors": [{"DataResources": [{"Type": "AWS::EC2::Instance"}]}]}),
                "type",
            ),
            (
                json!({"EventSelectors": [{"DataResources": [{"Type": TYPES[2], "Values": buckets}]}]}),
                "250",
            ),
            (
                json!({"EventSelectors": [{"ExcludeManagementEventSources": ["iam.amazonaws.com"]}]}),
                "excluded",
            ),
            (json!({"AdvancedEventSelectors": []}), "At least one"),
            (advanced(json!([field("eventName", "x")])), "one eventCategory"),
            (advanced(json!([field("eventCategory", "Insight")])), "Insight"),
            (advanced(json!([field("eventCategory", "Data")])), "resources.type"),
            (advanced(json!([management, {"Field": "readOnly"}])), "no condition"),
            (advanced(json!([management, management])), "twice"),
            (advanced(json!([management, field("userAgent", "x")])), "userAgent"),
            (advanced(json!([management, {"Field": "eventName", "Equals": many}])), "500"),
        ] {
            let why = read(input.clone()).expect_err("refused");
            assert!(why.contains(part), "{input}: {why}");
        }
    }
}
