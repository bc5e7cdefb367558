//! What a refused call was: its action and its resource, as AWS's own message names them, or
//! as far as the event tells.

use super::Event;

/// The call that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `service:Action`
    pub action: String,
    /// `None`: neither the message nor the event names one.
    pub resource: Option<String>,
    /// AWS's message names the action; else it is made of the event's name, which is not
    /// always the action's (`ListObjects` needs `s3:ListBucket`).
    pub certain: bool,
    /// An encoded message stands in what AWS said.
    pub encoded: Option<String>,
}

/// The words that stand before an encoded message (EC2).
const ENCODED: &str = "Encoded authorization failure message:";

impl Event {
    /// The call that was refused; none where it was not, or where nothing tells which it was.
    pub fn refusal(&self) -> Option<Refusal> {
        if !self.denied() {
            return None;
        }
        let said = self.error_message.as_ref().map_or("", |m| m.raw());
        let encoded = encoded(said).map(ToOwned::to_owned);
        let told = after(said, "is not authorized to perform: ").filter(|a| a.contains(':'));
        let resource = after(said, "on resource: ").filter(|r| r.starts_with("arn:"));
        let resource = resource.map(ToOwned::to_owned).or_else(|| {
            let arn = self.resources.iter().map(|r| r.name.raw()).find(|n| n.starts_with("arn:"));
            arn.map(ToOwned::to_owned)
        });
        let certain = told.is_some();
        let action = match told {
            Some(action) => action.to_owned(),
            None if self.name.is_empty() => return None,
            None => format!("{}:{}", self.service(), self.name.raw()),
        };
        Some(Refusal { action, resource, certain, encoded })
    }
}

/// The encoded message in a text, or the whole text where it is one.
pub fn encoded(text: &str) -> Option<&str> {
    let text = text.trim();
    let after = text.split_once(ENCODED).map(|(_, rest)| rest.trim());
    let word = after.unwrap_or(text).split_whitespace().next()?;
    let is = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '/' | '=');
    // Shorter ones are words.
    (word.len() >= 40 && word.chars().all(is)).then_some(word)
}

/// The word after some words.
fn after<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(words)?;
    let word = rest.split_whitespace().next()?;
    Some(word.trim_matches(['"', '\'', '.', ',']))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn refusal(more: Value) -> Option<Refusal> {
        let mut event = json!({"eventID": "e", "eventName": "ListObjects",
            "eventSource": "s3.amazonaws.com", "errorCode": "AccessDenied"});
        for (key, value) in more.as_object().expect("an object") {
            event[key] = value.clone();
        }
        Event::read(&event.to_string(), None).expect("an event").refusal()
    }

    #[test]
    fn the_message_says_which_call_it_was() {
        let said = "User: arn:aws:sts::111122223333:assumed-role/ci/build is not authorized to \
                    perform: s3:ListBucket on resource: \"arn:aws:s3:::reports\" because no \
                    identity-based policy allows the s3:ListBucket action";
        let told = refusal(json!({"errorMessage": said})).expect("refused");
        assert_eq!((told.action.as_str(), told.certain), ("s3:ListBucket", true));
        assert_eq!(told.resource.as_deref(), Some("arn:aws:s3:::reports"));
        assert_eq!(told.encoded, None);
    }

    #[test]
    fn without_one_the_event_does() {
        let told = refusal(json!({"errorMessage": "Access Denied",
            "resources": [{"ARN": "arn:aws:s3:::reports", "type": "AWS::S3::Bucket"}]}));
        let told = told.expect("refused");
        assert_eq!((told.action.as_str(), told.certain), ("s3:ListObjects", false));
        assert_eq!(told.resource.as_deref(), Some("arn:aws:s3:::reports"));
        assert_eq!(refusal(json!({"errorCode": "NoSuchBucket"})), None);
        assert_eq!(refusal(json!({"errorCode": null})), None);
    }

    #[test]
    fn encoded_messages_are_found() {
        let message = "Zm9v".repeat(20);
        let said = format!(
            "You are not authorized to perform this operation. Encoded authorization failure \
             message: {message}"
        );
        let told = refusal(json!({"errorCode": "Client.UnauthorizedOperation",
            "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",
            "errorMessage": said}));
        assert_eq!(told.expect("refused").encoded, Some(message.clone()));
        assert_eq!(encoded(&format!("  {message}\n")), Some(&*message));
        assert_eq!(encoded("no such thing"), None);
        assert_eq!(encoded(""), None);
    }
}
