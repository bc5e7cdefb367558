//! Any operation by name and input, as whoever has credentials.

use super::{
    iam::all,
    sessions::{Given, own},
    *,
};
use crate::range::operations::{OPERATIONS, Operation, Route};

/// What a call was answered with.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub request_id: String,
    /// The body, XML or JSON.
    pub text: String,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// The code of a refusal.
    pub fn code(&self) -> String {
        if self.text.starts_with('<') {
            return all(&self.text, "Code").concat();
        }
        self.json()["__type"].as_str().unwrap_or_default().to_owned()
    }

    /// The message of a refusal.
    pub fn message(&self) -> String {
        if self.text.starts_with('<') {
            return all(&self.text, "Message").concat().replace("&quot;", "\"");
        }
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub fn ok(self) -> Answered {
        assert_eq!(self.status, 200, "{}", self.text);
        self
    }

    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Answered {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.text);
        self
    }
}

impl Bench {
    /// As the key of this bench.
    pub fn invoke(&self, operation: &str, input: Value) -> Answered {
        self.invoke_as(&own(self.key), operation, input)
    }

    /// `operation` is `service:Name`; members have their wire names, those of the path too.
    pub fn invoke_as(&self, who: &Given, operation: &str, input: Value) -> Answered {
        let known = |o: &&Operation| operation == format!("{}:{}", o.service, o.name);
        let served = OPERATIONS.iter().find(known);
        let served = served.unwrap_or_else(|| panic!("{operation} is not served"));
        let request = match served.route {
            Route::Query { namespace } => {
                let version = namespace.split('/').rev().nth(1).expect("a version");
                let mut form = format!("Action={}&Version={version}", served.name);
                flatten("", &input, &mut form);
                self.request(served.service, "POST", "/", &form)
            }
            Route::Target { prefix } => {
                let mut request = self.request(served.service, "POST", "/", &input.to_string());
                let target = format!("{prefix}.{}", served.name).parse().expect("a value");
                request.headers_mut().insert("x-amz-target", target);
                request
            }
            Route::Rest { method, path } => {
                let (mut input, mut path) = (input, path.to_owned());
                let members = input.as_object_mut().expect("members");
                members.retain(|name, value| {
                    let label = format!("{{{name}}}");
                    let there = path.contains(&label);
                    path = path.replace(&label, value.as_str().unwrap_or_default());
                    !there
                });
                let body = if members.is_empty() { String::new() } else { input.to_string() };
                self.request(served.service, method, &path, &body)
            }
        };
        let answer = self.send(who.signed(self, request, served.service)).expect("an answer");
        let id = answer.headers()["x-amzn-requestid"].to_str().expect("ASCII").to_owned();
        let text = String::from_utf8(answer.body().to_vec()).expect("UTF-8");
        if text.starts_with('<') {
            assert_eq!(all(&text, "RequestId"), [id.as_str()], "{text}");
        }
        Answered { status: answer.status().as_u16(), request_id: id, text }
    }

    /// The events that an attribute finds in the Region of this bench, the newest first.
    pub fn told(&self, who: &Given, attribute: &str, value: &str) -> Vec<Value> {
        let mut out = Vec::new();
        let ask = serde_json::json!([{"AttributeKey": attribute, "AttributeValue": value}]);
        let mut input = serde_json::json!({"LookupAttributes": ask});
        loop {
            let page = self.invoke_as(who, "cloudtrail:LookupEvents", input.clone()).ok().json();
            for event in page["Events"].as_array().expect("a list") {
                let text = event["CloudTrailEvent"].as_str().expect("text");
                let body: Value = serde_json::from_str(text).expect("JSON");
                assert_eq!(body["eventID"], event["EventId"]);
                out.push(body);
            }
            match page.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => return out,
            }
        }
    }
}

/// `Tags.member.1.Key=…`, as awsQuery writes lists and structures.
fn flatten(prefix: &str, value: &Value, form: &mut String) {
    let below = |name: &str| {
        if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
    };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| flatten(&below(name), value, form));
        }
        Value::Array(items) => {
            for (number, item) in (1..).zip(items) {
                flatten(&below(&format!("member.{number}")), item, form);
            }
        }
        plain => {
            let text = plain.as_str().map_or_else(|| plain.to_string(), str::to_owned);
            let set = percent_encoding::NON_ALPHANUMERIC;
            form.push_str(&format!(
                "&{prefix}={}",
                percent_encoding::utf8_percent_encode(&text, set)
            ));
        }
    }
}
