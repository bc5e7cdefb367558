//! What AWS itself says of a call that was not made: its policy simulator, an encoded
//! refusal, and which services a principal was seen to use.

use jiff::Timestamp;
use serde::Serialize;

use super::Untrusted;

/// One call to be simulated (IAM API reference, "SimulatePrincipalPolicy").
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Simulation {
    /// The ARN of a user, group or role.
    pub principal: Untrusted,
    /// `service:Action`
    pub action: String,
    pub resource: String,
    /// Context keys with their values.
    pub context: Vec<(String, Vec<String>)>,
}

/// What the simulator made of it. Simulated, not proof: it knows no resource policies but
/// those given to it, and evaluates no service control policy that has conditions on global
/// keys (IAM user guide, "Testing IAM policies").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulated {
    /// `allowed`, `explicitDeny` or `implicitDeny`; the set is open.
    pub decision: Untrusted,
    /// The policies whose statements matched.
    pub matched: Vec<Untrusted>,
    /// Context keys that the policies ask for and nobody gave.
    pub missing: Vec<Untrusted>,
    /// What the organization's policies say of it, where the simulator looked at them.
    pub by_organization: Option<bool>,
    pub by_boundary: Option<bool>,
}

/// One service that a principal may use, and when it last did (IAM API reference,
/// "GetServiceLastAccessedDetails").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceUse {
    /// Its prefix, such as `s3`.
    pub service: Untrusted,
    pub name: Untrusted,
    /// Absent where no use was seen within the 400 days that IAM looks back.
    pub last: Option<Timestamp>,
    pub region: Option<Untrusted>,
}

/// What an encoded refusal says (STS API reference, "DecodeAuthorizationMessage").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// A statement denies it; else nothing allows it.
    pub explicit: bool,
    /// The ARN of whoever called.
    pub principal: Option<Untrusted>,
    pub action: Option<Untrusted>,
    pub resource: Option<Untrusted>,
    /// The request's context keys with their values.
    pub context: Vec<(Untrusted, Vec<Untrusted>)>,
}

impl Decoded {
    /// Reads the JSON; `None` where it is none.
    pub fn read(json: &str) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_str(json).ok()?;
        let text = |value: &serde_json::Value| value.as_str().map(Untrusted::from);
        let items = |value: &serde_json::Value| value["items"].as_array().cloned();
        let context = &value["context"];
        let keys = items(&context["conditions"]).unwrap_or_default();
        let key = |item: &serde_json::Value| {
            let values = items(&item["values"]).unwrap_or_default();
            Some((text(&item["key"])?, values.iter().filter_map(|v| text(&v["value"])).collect()))
        };
        Some(Self {
            explicit: value["explicitDeny"].as_bool()?,
            principal: text(&context["principal"]["arn"]),
            action: text(&context["action"]),
            resource: text(&context["resource"]),
            context: keys.iter().filter_map(key).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoded_refusal_says_who_what_and_where() {
        let json = serde_json::json!({"allowed": false, "explicitDeny": true,
            "matchedStatements": {"items": []}, "failures": {"items": []},
            "context": {"principal": {"id": "AIDAEXAMPLE", "name": "ann",
                    "arn": "arn:aws:iam::111122223333:user/ann"},
                "action": "ec2:RunInstances",
                "resource": "arn:aws:ec2:us-east-1:111122223333:instance/*",
                "conditions": {"items": [{"key": "ec2:Region",
                    "values": {"items": [{"value": "us-east-1"}]}}]}}});
        let decoded = Decoded::read(&json.to_string()).expect("a message");
        assert!(decoded.explicit);
        assert_eq!(decoded.action.as_ref().map(Untrusted::raw), Some("ec2:RunInstances"));
        assert_eq!(decoded.context, [("ec2:Region".into(), vec!["us-east-1".into()])]);
        assert_eq!(Decoded::read("{}"), None);
        assert_eq!(Decoded::read("<html>"), None);
    }
}
