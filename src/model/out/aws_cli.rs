//! The AWS CLI's command that shows a thing again, or makes a change: the same call, asked
//! for by the operator's own credentials and profile.

use serde_json::{Value, json};

use super::shell;
use crate::{
    case::Held,
    change::Prepared,
    domain::{
        Source,
        event::Event,
        finding::{Finding, Record},
        untrusted::json_ascii,
    },
    model::Why,
};

/// A command being put together; `words` are quoted at its end.
struct Cli(Vec<String>);

impl Cli {
    fn of(service: &str, operation: &str) -> Self {
        Self(vec!["aws".into(), service.into(), operation.into()])
    }

    fn with(mut self, option: &str, value: impl Into<String>) -> Self {
        self.0.extend([option.to_owned(), value.into()]);
        self
    }

    /// A value as JSON, in plain ASCII: no form of the CLI's shorthand is guessed at.
    fn json(self, option: &str, value: &Value) -> Self {
        self.with(option, json_ascii(&value.to_string()))
    }

    fn line(self, endpoint: Option<&str>) -> String {
        let whole = match endpoint {
            Some(url) => self.with("--endpoint-url", url),
            None => self,
        };
        shell::line(whole.0.iter().map(String::as_str))
    }
}

/// The service's own record is asked for; of what both have GuardDuty's.
pub fn finding(finding: &Finding, endpoint: Option<&str>) -> Result<String, Why> {
    let record: &Record = finding.main();
    let region = record.detector_region.as_ref().or(record.region.as_ref());
    let region = region.ok_or("this finding does not say its region")?;
    match record.source {
        Source::GuardDuty => {
            let detector = record.detector.as_ref().ok_or("this finding names no detector")?;
            let cli = Cli::of("guardduty", "get-findings")
                .with("--region", region.as_str())
                .with("--detector-id", detector.raw())
                .with("--finding-ids", record.id.raw());
            Ok(cli.line(endpoint))
        }
        Source::SecurityHub => {
            let filters = json!({"Id": [{"Value": record.id, "Comparison": "EQUALS"}]});
            let cli = Cli::of("securityhub", "get-findings")
                .with("--region", region.as_str())
                .json("--filters", &filters);
            Ok(cli.line(endpoint))
        }
    }
}

/// LookupEvents knows management events of 90 days, and an event by its id.
pub fn event(event: &Event, endpoint: Option<&str>) -> Result<String, Why> {
    if event.id.raw().starts_with("sha256:") {
        return Err("this event has no id");
    }
    if event.category.as_ref().is_some_and(|c| c.raw() != "Management") {
        return Err("CloudTrail looks up management events only");
    }
    let region = event.region.as_ref().ok_or("this event does not say its region")?;
    let attribute = json!([{"AttributeKey": "EventId", "AttributeValue": event.id}]);
    let cli = Cli::of("cloudtrail", "lookup-events")
        .with("--region", region.raw())
        .json("--lookup-attributes", &attribute);
    Ok(cli.line(endpoint))
}

pub fn principal(held: Held<'_>, endpoint: Option<&str>) -> String {
    let name = held.holder().name.raw();
    let (operation, option) = match held {
        Held::User(_) => ("get-user", "--user-name"),
        Held::Role(_) => ("get-role", "--role-name"),
        Held::Group(_) => ("get-group", "--group-name"),
    };
    Cli::of("iam", operation).with(option, name).line(endpoint)
}

/// A role that is known by its name alone.
pub fn role(name: &str, endpoint: Option<&str>) -> String {
    Cli::of("iam", "get-role").with("--role-name", name).line(endpoint)
}

/// The root, a unit, an account or a policy of the organization, by the form of its id.
pub fn in_organization(id: &str, endpoint: Option<&str>) -> String {
    let cli = |operation| Cli::of("organizations", operation);
    let cli = match id.split_once('-') {
        Some(("r", _)) => cli("list-roots"),
        Some(("ou", _)) => cli("describe-organizational-unit").with("--organizational-unit-id", id),
        Some(_) => cli("describe-policy").with("--policy-id", id),
        None => cli("describe-account").with("--account-id", id),
    };
    cli.line(endpoint)
}

/// The call of a change. It is sent by nobody here: whoever pastes it has neither guard nor log.
pub fn change(prepared: &Prepared, endpoint: Option<&str>) -> Result<String, Why> {
    let facts = prepared.facts();
    let spec = facts.spec();
    let region = prepared.change.place.region.as_str();
    call(&spec.service.to_lowercase(), spec.operation, region, &facts.params(), endpoint)
}

/// Any call by its service, operation and parameters as AWS names them.
pub fn call(
    service: &str,
    operation: &str,
    region: &str,
    params: &Value,
    endpoint: Option<&str>,
) -> Result<String, Why> {
    if service == "sts" {
        return Err("a role is assumed with a code, which no command can repeat");
    }
    let cli = Cli::of(service, &kebab(operation)).with("--region", region);
    let cli = match params.as_object().is_none_or(serde_json::Map::is_empty) {
        true => cli,
        false => cli.json("--cli-input-json", params),
    };
    Ok(cli.line(endpoint))
}

/// `DetachRolePolicy` as the CLI has it: `detach-role-policy`.
fn kebab(operation: &str) -> String {
    let mut out = String::new();
    for (at, c) in operation.char_indices() {
        if c.is_ascii_uppercase() && at > 0 {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_the_clis() {
        assert_eq!(role("a b;reboot", None), "aws iam get-role --role-name 'a b;reboot'");
        assert_eq!(
            in_organization("111122223333", Some("http://127.0.0.1:4599")),
            "aws organizations describe-account --account-id 111122223333 \
             --endpoint-url http://127.0.0.1:4599"
        );
        assert_eq!(
            in_organization("ou-ab12-cd", None),
            "aws organizations describe-organizational-unit --organizational-unit-id ou-ab12-cd"
        );
        let params = json!({"RoleName": "x'\u{1b}", "PolicyArn": "arn:aws:iam::aws:policy/A"});
        assert_eq!(
            call("iam", "DetachRolePolicy", "us-east-1", &params, None),
            Ok(r#"aws iam detach-role-policy --region us-east-1 --cli-input-json '{"RoleName":"x'\''\u001b","PolicyArn":"arn:aws:iam::aws:policy/A"}'"#.to_owned())
        );
        let nothing = call("securityhub", "EnableSecurityHub", "eu-west-1", &json!({}), None);
        assert_eq!(
            nothing,
            Ok("aws securityhub enable-security-hub --region eu-west-1".to_owned())
        );
        assert!(call("sts", "AssumeRole", "us-east-1", &json!({}), None).is_err());
    }
}
