//! What a call asks IAM for: the action, the resource, and the context keys that the call
//! itself fills (Service Authorization Reference, "Actions, resources, and condition keys",
//! of each service). What follows from who calls, and from where, is not said here.

use crate::domain::{Change, Principal, PrincipalState, Untrusted};

/// One call as policies see it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    /// `service:Action`.
    pub action: &'static str,
    /// The ARN of what it is about; `*` for an action that takes no resource.
    pub resource: String,
    /// Context keys with their values; without any the key is known to be absent.
    pub context: Vec<(String, Vec<String>)>,
}

impl Asked {
    pub fn new(action: &'static str, resource: impl Into<String>) -> Self {
        Self { action, resource: resource.into(), context: Vec::new() }
    }

    /// With a key that the call fills.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.context.push((key.into(), vec![value.into()]));
        self
    }

    /// With a key that is there only where there is something to say.
    pub fn with_any(mut self, key: impl Into<String>, value: Option<&str>) -> Self {
        self.context.push((key.into(), value.map(str::to_owned).into_iter().collect()));
        self
    }
}

/// The ARN of something that lives in the change's region and account: `detector/…`.
pub fn regional(change: &Change, service: &str, what: &str) -> String {
    let region = &change.place.region;
    format!("arn:{}:{service}:{region}:{}:{what}", region.partition(), change.account)
}

/// The ARN of a user or role that only its name is known of: one with a path has another,
/// which whoever asks has to look up.
pub fn principal(change: &Change, who: &Principal) -> String {
    let kind = match who {
        Principal::User(_) => "user",
        Principal::Role(_) => "role",
    };
    let partition = change.place.region.partition();
    format!("arn:{partition}:iam::{}:{kind}/{}", change.account, who.name())
}

/// What is asked of a user or role as it was read, else of its name alone.
pub fn of(
    action: &'static str,
    change: &Change,
    who: &Principal,
    state: Option<&PrincipalState>,
) -> Asked {
    let arn = state.map(|s| s.arn.raw().to_owned()).filter(|arn| !arn.is_empty());
    let asked = Asked::new(action, arn.unwrap_or_else(|| principal(change, who)));
    match state {
        Some(state) => {
            let boundary = state.boundary.as_ref().map(Untrusted::raw);
            asked.with_any("iam:PermissionsBoundary", boundary)
        }
        None => asked,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        change::facts,
        domain::{AttachmentState, HubId, Note, Place, PrincipalState, State, Verb, Workflow},
    };

    fn change(region: &str, verb: Verb) -> Change {
        let place = Place { target: "t".into(), region: region.parse().expect("a region") };
        Change { place, account: "111122223333".parse().expect("an account"), verb }
    }

    fn asked(change: &Change, before: &State) -> serde_json::Value {
        let asked = facts(&change.verb).asks(change, before);
        let context: serde_json::Map<_, _> =
            asked.context.into_iter().map(|(key, values)| (key, json!(values))).collect();
        json!([asked.action, asked.resource, context])
    }

    #[test]
    fn findings_are_a_detectors_and_a_hubs() {
        let verb = Verb::ArchiveFindings { detector: "d1".to_owned(), ids: vec!["f".to_owned()] };
        let change = change("us-gov-west-1", verb);
        let before = State::SecurityHub(Vec::new());
        let detector = "arn:aws-us-gov:guardduty:us-gov-west-1:111122223333:detector/d1";
        assert_eq!(asked(&change, &before), json!(["guardduty:ArchiveFindings", detector, {}]));
        let id = HubId { id: "f".to_owned(), product_arn: "p".to_owned() };
        let note = Note { text: "mine".to_owned(), by: "ann".to_owned() };
        let status = Workflow::Notified;
        let verb = Verb::SetWorkflow { findings: vec![id], status, note: Some(note) };
        let change = self::change("eu-west-1", verb);
        assert_eq!(
            asked(&change, &before),
            json!(["securityhub:BatchUpdateFindings",
                "arn:aws:securityhub:eu-west-1:111122223333:hub/default", {
                    "securityhub:ASFFSyntaxPath/Workflow.Status": ["NOTIFIED"],
                    "securityhub:ASFFSyntaxPath/Note.Text": ["mine"],
                    "securityhub:ASFFSyntaxPath/Note.UpdatedBy": ["ann"]}])
        );
    }

    #[test]
    fn a_policy_is_attached_to_a_principal_by_its_own_arn() {
        let role: Principal = Principal::Role("deploy".parse().expect("a name"));
        let policy: crate::domain::PolicyArn =
            "arn:aws:iam::aws:policy/ReadOnlyAccess".parse().expect("an ARN");
        let arn = "arn:aws:iam::111122223333:role/ci/deploy";
        let state = |boundary: Option<&str>| {
            State::Attachment(AttachmentState {
                principal: PrincipalState {
                    principal: role.clone(),
                    arn: arn.into(),
                    service_linked: false,
                    created: None,
                    last_used: None,
                    boundary: boundary.map(Into::into),
                    attached: Vec::new(),
                    inline: Vec::new(),
                },
                policy: policy.clone(),
                version: "v1".into(),
                document: "{}".into(),
                attachments: 0,
            })
        };
        let verb = Verb::AttachPolicy { to: role.clone(), policy: policy.clone() };
        let attach = change("us-east-1", verb);
        let own = json!(["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
        assert_eq!(
            asked(&attach, &state(None)),
            json!(["iam:AttachRolePolicy", arn,
                {"iam:PolicyARN": own, "iam:PermissionsBoundary": []}])
        );
        let bound = "arn:aws:iam::111122223333:policy/limits";
        let verb = Verb::DetachPolicy { from: role.clone(), policy: policy.clone() };
        assert_eq!(
            asked(&change("us-east-1", verb), &state(Some(bound))),
            json!(["iam:DetachRolePolicy", arn,
                {"iam:PolicyARN": own, "iam:PermissionsBoundary": [bound]}])
        );
    }

    #[test]
    fn a_key_is_its_users() {
        let verb = Verb::DeactivateAccessKey {
            user: "ci".parse().expect("a name"),
            key: "AKIAIOSFODNN7EXAMPLE".parse().expect("an id"),
        };
        assert_eq!(
            asked(&change("us-east-1", verb), &State::SecurityHub(Vec::new())),
            json!(["iam:UpdateAccessKey", "arn:aws:iam::111122223333:user/ci", {}])
        );
    }
}
