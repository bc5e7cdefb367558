//! Checks a request against AWS's published shapes: required members, types,
//! lengths, ranges, patterns and enumerations.
//!
//! The shapes are facts taken from botocore's models by `assets/models/extract.py`.
//! Members that the shape does not name are passed over, as AWS does.

use std::{
    collections::{BTreeSet, HashMap},
    sync::OnceLock,
};

use regex_lite::Regex;
use serde_json::{Map, Value};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::wire::Refusal;

/// The model of a service.
pub fn model(service: &str) -> Option<&'static Value> {
    static MODELS: OnceLock<HashMap<&'static str, Value>> = OnceLock::new();
    MODELS
        .get_or_init(|| {
            [
                ("cloudtrail", include_str!("../../assets/models/cloudtrail.json")),
                ("guardduty", include_str!("../../assets/models/guardduty.json")),
                ("iam", include_str!("../../assets/models/iam.json")),
                ("organizations", include_str!("../../assets/models/organizations.json")),
                ("securityhub", include_str!("../../assets/models/securityhub.json")),
                ("sts", include_str!("../../assets/models/sts.json")),
            ]
            .into_iter()
            .filter_map(|(name, text)| Some((name, serde_json::from_str(text).ok()?)))
            .collect()
        })
        .get(service)
}

/// Brings query-string and form parameters, which are all text, into the types
/// that the operation's members have; unknown names are dropped.
pub fn parameters(
    service: &str,
    operation: &str,
    pairs: &[(String, String)],
) -> Result<Map<String, Value>, Refusal> {
    match input_of(service, operation) {
        Some((shapes, input)) => typed_members(shapes, input, "", pairs),
        None => Ok(Map::new()),
    }
}

fn typed_members(
    shapes: &Value,
    structure: &Value,
    prefix: &str,
    pairs: &[(String, String)],
) -> Result<Map<String, Value>, Refusal> {
    let mut out = Map::new();
    for (member, entry) in structure["members"].as_object().into_iter().flatten() {
        let wire = entry["locationName"].as_str().unwrap_or(member);
        let shape = &shapes[entry["shape"].as_str().unwrap_or_default()];
        if let Some(value) = typed(shapes, shape, &format!("{prefix}{wire}"), pairs)? {
            out.insert(wire.to_owned(), value);
        }
    }
    Ok(out)
}

/// One member. awsQuery spells lists and structures as names with dots:
/// `Tags.member.1.Key=team` (AWS Query protocol, "Query key resolution").
fn typed(
    shapes: &Value,
    shape: &Value,
    name: &str,
    pairs: &[(String, String)],
) -> Result<Option<Value>, Refusal> {
    let written = pairs.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
    let below = |prefix: &str| pairs.iter().any(|(known, _)| known.starts_with(prefix));
    let value = match (shape["type"].as_str().unwrap_or_default(), written) {
        ("structure", _) if below(&format!("{name}.")) => {
            Some(typed_members(shapes, shape, &format!("{name}."), pairs)?.into())
        }
        ("list", Some("")) => Some(Value::Array(Vec::new())),
        ("list", _) => {
            let prefix = format!("{name}.member.");
            let numbers = pairs.iter().filter_map(|(known, _)| {
                known.strip_prefix(&prefix)?.split('.').next()?.parse::<u32>().ok()
            });
            let mut items = Vec::new();
            for number in numbers.collect::<BTreeSet<u32>>() {
                let member = &shapes[shape["member"].as_str().unwrap_or_default()];
                items.extend(typed(shapes, member, &format!("{prefix}{number}"), pairs)?);
            }
            (!items.is_empty()).then_some(Value::Array(items))
        }
        (_, None) | ("structure", _) => None,
        (kind, Some(text)) => {
            let value = match kind {
                "integer" | "long" => text.parse::<i64>().ok().map(Value::from),
                "boolean" => text.parse::<bool>().ok().map(Value::from),
                _ => Some(Value::from(text)),
            };
            let wrong = || serialization("STRING_VALUE can not be converted to the member's type");
            Some(value.ok_or_else(wrong)?)
        }
    };
    Ok(value)
}

/// Checks the whole input of an operation.
pub fn check(service: &str, operation: &str, input: &Value) -> Result<(), Refusal> {
    let Some((shapes, shape)) = input_of(service, operation) else { return Ok(()) };
    let mut check = Check { shapes, wrong: Vec::new() };
    check.value(shape, "", input)?;
    match check.wrong.as_slice() {
        [] => Ok(()),
        wrong => Err(refusal(service, wrong)),
    }
}

fn input_of(service: &str, operation: &str) -> Option<(&'static Value, &'static Value)> {
    let model = model(service)?;
    let name = model["operations"][operation]["input"].as_str()?;
    Some((&model["shapes"], &model["shapes"][name]))
}

/// The service's own error for a request that breaks its shapes.
fn refusal(service: &str, wrong: &[String]) -> Refusal {
    let detected = format!(
        "{} validation error{} detected: {}",
        wrong.len(),
        if wrong.len() == 1 { "" } else { "s" },
        wrong.join("; ")
    );
    match service {
        "guardduty" => Refusal::new(
            400,
            "BadRequestException",
            format!(
                "The request is rejected because an invalid or out-of-range value is specified \
                 as an input parameter. {detected}"
            ),
        ),
        "securityhub" => Refusal::new(400, "InvalidInputException", detected),
        "organizations" => Refusal::new(400, "InvalidInputException", detected),
        // Its errors are named after the member that is wrong.
        "cloudtrail" => {
            let about = |member: &str| detected.contains(&format!("at '{member}"));
            let code = if about("MaxResults") {
                "InvalidMaxResultsException"
            } else if about("LookupAttributes") {
                "InvalidLookupAttributesException"
            } else if about("EventCategory") {
                "InvalidEventCategoryException"
            } else if about("EventSelectors") || about("AdvancedEventSelectors") {
                "InvalidEventSelectorsException"
            } else {
                "ValidationException"
            };
            Refusal::new(400, code, detected)
        }
        _ => Refusal::new(400, "ValidationError", detected),
    }
}

pub fn serialization(message: &str) -> Refusal {
    Refusal::new(400, "SerializationException", message)
}

struct Check {
    shapes: &'static Value,
    wrong: Vec<String>,
}

impl Check {
    fn fail(&mut self, path: &str, shown: &str, rule: &str) {
        self.wrong.push(format!(
            "Value {shown} at '{path}' failed to satisfy constraint: Member must {rule}"
        ));
    }

    fn named(&mut self, name: &Value, path: &str, value: &Value) -> Result<(), Refusal> {
        let shapes = self.shapes;
        self.value(&shapes[name.as_str().unwrap_or_default()], path, value)
    }

    fn value(&mut self, shape: &'static Value, path: &str, value: &Value) -> Result<(), Refusal> {
        let kind = shape["type"].as_str().unwrap_or_default();
        match (kind, value) {
            ("structure", Value::Object(object)) => self.structure(shape, path, object),
            ("list", Value::Array(items)) => {
                self.size(shape, path, items.len());
                for (index, item) in items.iter().enumerate() {
                    self.named(&shape["member"], &format!("{path}.{}.member", index + 1), item)?;
                }
                Ok(())
            }
            ("map", Value::Object(object)) => {
                for (key, item) in object {
                    self.named(&shape["value"], &format!("{path}.{key}.member"), item)?;
                }
                Ok(())
            }
            ("string", Value::String(text)) => {
                self.text(shape, path, text);
                Ok(())
            }
            ("boolean", Value::Bool(_)) | ("", _) => Ok(()),
            ("integer" | "long", Value::Number(n)) if n.is_i64() || n.is_u64() => {
                self.number(shape, path, n);
                Ok(())
            }
            ("double" | "float", Value::Number(n)) => {
                self.number(shape, path, n);
                Ok(())
            }
            ("timestamp", Value::Number(_) | Value::String(_)) => Ok(()),
            (kind, value) => Err(serialization(&format!(
                "{} can not be converted to {}{}",
                token(value),
                java(kind),
                if path.is_empty() { String::new() } else { format!(" at '{path}'") }
            ))),
        }
    }

    fn structure(
        &mut self,
        shape: &'static Value,
        path: &str,
        object: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        let wire = |member: &str| -> String {
            let entry = &shape["members"][member];
            entry["locationName"].as_str().unwrap_or(member).to_owned()
        };
        let at =
            |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        for member in shape["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let name = wire(member);
            if object.get(&name).is_none_or(Value::is_null) {
                self.fail(&at(&name), "null", "not be null");
            }
        }
        for (member, entry) in shape["members"].as_object().into_iter().flatten() {
            let name = wire(member);
            if let Some(value) = object.get(&name).filter(|v| !v.is_null()) {
                self.named(&entry["shape"], &at(&name), value)?;
            }
        }
        Ok(())
    }

    fn size(&mut self, shape: &Value, path: &str, size: usize) {
        let size = size as u64;
        if let Some(max) = shape["max"].as_u64().filter(|max| size > *max) {
            self.fail(path, "''", &format!("have length less than or equal to {max}"));
        }
        if let Some(min) = shape["min"].as_u64().filter(|min| size < *min) {
            self.fail(path, "''", &format!("have length greater than or equal to {min}"));
        }
    }

    fn text(&mut self, shape: &Value, path: &str, text: &str) {
        self.size(shape, path, text.chars().count());
        let shown = format!("'{}'", text.chars().take(200).collect::<String>());
        if let Some(values) = shape["enum"].as_array()
            && !values.iter().any(|v| v == text)
        {
            let names: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            let rule = format!("satisfy enum value set: [{}]", names.join(", "));
            self.fail(path, &shown, &rule);
        }
        if let Some(pattern) = shape["pattern"].as_str()
            && !matches(pattern, text)
        {
            self.fail(path, &shown, &format!("satisfy regular expression pattern: {pattern}"));
        }
    }

    fn number(&mut self, shape: &Value, path: &str, number: &serde_json::Number) {
        let value = number.as_f64().unwrap_or(f64::NAN);
        if let Some(max) = shape["max"].as_f64().filter(|max| value > *max) {
            let rule = format!("have value less than or equal to {max}");
            self.fail(path, &format!("'{number}'"), &rule);
        }
        if let Some(min) = shape["min"].as_f64().filter(|min| value < *min) {
            let rule = format!("have value greater than or equal to {min}");
            self.fail(path, &format!("'{number}'"), &rule);
        }
    }
}

/// Whether the whole text matches. Compiled anew, since patterns are few and short,
/// but for the one that every text of Security Hub has.
fn matches(pattern: &str, text: &str) -> bool {
    if pattern == r".*\S.*" {
        return !text.trim().is_empty();
    }
    let fits = |pattern: &str, text: &str| {
        Regex::new(&format!("(?s)^(?:{pattern})$")).is_ok_and(|regex| regex.is_match(text))
    };
    if !pattern.contains(r"\p{") {
        return fits(pattern, text);
    }
    // Tags may have letters, numbers and blanks of every script. The matcher knows no such
    // classes, so that one of ASCII's stands for each.
    let pattern =
        pattern.replace(r"\p{L}", "a-zA-Z").replace(r"\p{N}", "0-9").replace(r"\p{Z}", " ");
    let stand_in = |c: char| match c.general_category_group() {
        _ if c.is_ascii() => c,
        GeneralCategoryGroup::Letter => 'a',
        GeneralCategoryGroup::Number => '0',
        GeneralCategoryGroup::Separator => ' ',
        _ => c,
    };
    fits(&pattern, &text.chars().map(stand_in).collect::<String>())
}

fn token(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(n) if n.is_f64() => "DECIMAL_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "Start of list",
        Value::Object(_) => "Start of structure or map",
    }
}

fn java(kind: &str) -> &'static str {
    match kind {
        "string" => "a String",
        "integer" => "an Integer",
        "long" => "a Long",
        "double" | "float" => "a Double",
        "boolean" => "a Boolean",
        "list" => "a list",
        _ => "a structure",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn list(input: Value) -> Option<(&'static str, String)> {
        check("guardduty", "ListFindings", &input).err().map(|r| (r.code, r.message))
    }

    #[test]
    fn limits_are_those_of_the_model() {
        assert_eq!(list(json!({"DetectorId": "d", "maxResults": 50, "foreign": 1})), None);
        for (input, member, rule) in [
            (
                json!({"DetectorId": "d", "maxResults": 51}),
                "'maxResults'",
                "less than or equal to 50",
            ),
            (
                json!({"DetectorId": "d", "maxResults": 0}),
                "'maxResults'",
                "greater than or equal to 1",
            ),
            (json!({}), "'DetectorId'", "not be null"),
            (
                json!({"DetectorId": "d", "sortCriteria": {"orderBy": "UP"}}),
                "'sortCriteria.orderBy'",
                "[ASC, DESC]",
            ),
        ] {
            let (code, message) = list(input).expect("refused");
            assert_eq!(code, "BadRequestException");
            assert!(message.contains(member) && message.contains(rule), "{message}");
        }
    }

    #[test]
    fn wrong_json_types_are_refused() {
        for input in [
            json!({"DetectorId": "d", "maxResults": "5"}),
            json!({"DetectorId": "d", "findingCriteria": {"criterion": {"severity": {"gte": 8.9}}}}),
            json!({"DetectorId": "d", "findingCriteria": {"criterion": {"id": {"eq": "x"}}}}),
            json!([]),
        ] {
            let (code, _) = list(input).expect("refused");
            assert_eq!(code, "SerializationException");
        }
    }

    #[test]
    fn lists_patterns_and_nested_members() {
        let ids: Vec<String> = (0..51).map(|n| n.to_string()).collect();
        let input = json!({"DetectorId": "d", "findingIds": ids});
        let refusal = check("guardduty", "GetFindings", &input).expect_err("refused");
        assert!(refusal.message.contains("'findingIds'"), "{}", refusal.message);
        let input = json!({"Filters": {"SeverityLabel": [{"Value": " ", "Comparison": "IS"}]}});
        let refusal = check("securityhub", "GetFindings", &input).expect_err("refused");
        assert_eq!(refusal.code, "InvalidInputException");
        assert!(refusal.message.starts_with("2 validation errors"), "{}", refusal.message);
    }

    #[test]
    fn query_strings_get_their_types() {
        let pair = |v: &str| vec![("maxResults".to_owned(), v.to_owned())];
        let typed = parameters("guardduty", "ListDetectors", &pair("7")).expect("typed");
        assert_eq!(typed["maxResults"], 7);
        assert!(parameters("guardduty", "ListDetectors", &pair("x")).is_err());
    }

    #[test]
    fn patterns_know_every_script() {
        let pattern = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+";
        for (text, fits) in [
            ("Team-1", true),
            ("größe 2\u{3000}名", true),
            ("a;b", false),
            ("a\tb", false),
            ("", false),
            ("☃", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{text}");
        }
    }

    /// One that does not compile would refuse everything.
    #[test]
    fn every_pattern_of_the_models_is_understood() {
        fn patterns<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
            match value {
                Value::Object(object) => object.values().for_each(|v| patterns(v, out)),
                _ => return,
            }
            out.extend(value["pattern"].as_str());
        }
        let mut all = Vec::new();
        for service in ["cloudtrail", "guardduty", "iam", "organizations", "securityhub", "sts"] {
            patterns(model(service).expect("a model"), &mut all);
        }
        assert!(all.len() > 20, "{}", all.len());
        for pattern in all {
            let plain =
                pattern.replace(r"\p{L}", "a").replace(r"\p{N}", "0").replace(r"\p{Z}", " ");
            assert!(Regex::new(&format!("(?s)^(?:{plain})$")).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn forms_have_lists_and_structures() {
        let pairs = [
            ("Tags.member.10.Key", "last"),
            ("Tags.member.2.Value", "b=c"),
            ("Tags.member.2.Key", "a"),
            ("TransitiveTagKeys.member.1", "a"),
            ("PolicyArns", ""),
            ("DurationSeconds", "900"),
            ("Unknown.member.1", "x"),
        ];
        let pairs = pairs.map(|(n, v)| (n.to_owned(), v.to_owned()));
        let typed = parameters("sts", "AssumeRole", &pairs).expect("typed");
        let want = json!({
            "PolicyArns": [],
            "DurationSeconds": 900,
            "Tags": [{"Key": "a", "Value": "b=c"}, {"Key": "last"}],
            "TransitiveTagKeys": ["a"],
        });
        assert_eq!(Value::Object(typed), want);
    }
}
