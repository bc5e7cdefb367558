//! Whether a principal may make a call: what is asked, and what the policies that were read
//! answer.

use tui_input::Input;

use crate::{
    domain::{Untrusted, simulation::Simulation},
    policy::{Context, Decision, Standing, actions},
};

/// A line to be filled in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CanField {
    #[default]
    Action,
    Resource,
    Context,
}

impl CanField {
    pub const ALL: [CanField; 3] = [CanField::Action, CanField::Resource, CanField::Context];

    pub fn name(self) -> &'static str {
        match self {
            CanField::Action => "action",
            CanField::Resource => "resource",
            CanField::Context => "context",
        }
    }

    pub fn help(self) -> &'static str {
        match self {
            CanField::Action => "service:Action, such as s3:PutObject",
            CanField::Resource => "an ARN; * for an action that takes none",
            CanField::Context => "key=value key=a,b; key= for one that is absent; nothing: unknown",
        }
    }
}

/// What was asked, and the answer.
#[derive(Clone, Debug, Default)]
pub struct Can {
    pub action: Input,
    pub resource: Input,
    pub context: Input,
    /// The line that is being filled in.
    pub at: CanField,
    /// Of the principal whose page it is; why there is none.
    pub answer: Option<Result<Decision, String>>,
    /// The refusal that this was asked from.
    pub refused: Option<Refused>,
}

/// What AWS said when it refused a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The event; none where a message was decoded.
    pub event: Option<Untrusted>,
    /// AWS's own words.
    pub said: Option<Untrusted>,
    /// Nothing says which action it was: its name is the event's.
    pub guessed: bool,
}

impl Can {
    pub fn input(&self, field: CanField) -> &Input {
        match field {
            CanField::Action => &self.action,
            CanField::Resource => &self.resource,
            CanField::Context => &self.context,
        }
    }

    pub fn input_mut(&mut self) -> &mut Input {
        match self.at {
            CanField::Action => &mut self.action,
            CanField::Resource => &mut self.resource,
            CanField::Context => &mut self.context,
        }
    }

    /// Decides anew, by the policies of the principal whose page it is.
    pub fn decide(&mut self, standing: Option<&Standing>) {
        self.answer = self.decided(standing);
    }

    fn decided(&self, standing: Option<&Standing>) -> Option<Result<Decision, String>> {
        let (action, resource) = (self.action.value().trim(), self.resource.value().trim());
        if action.is_empty() {
            return None;
        }
        let Some(standing) = standing else {
            return Some(Err("a group calls nothing: ask it of one of its users".to_owned()));
        };
        if action.contains(['*', '?']) {
            return Some(Err("a call is of one action: no wildcards".to_owned()));
        }
        let named = |(service, name): (&str, &str)| !service.is_empty() && !name.is_empty();
        if !action.split_once(':').is_some_and(named) {
            return Some(Err("an action is service:Action, such as s3:PutObject".to_owned()));
        }
        let resource = if resource.is_empty() { "*" } else { resource };
        let keys = match keys(self.context.value()) {
            Ok(keys) => keys,
            Err(why) => return Some(Err(why)),
        };
        let mut context = Context::default();
        for (key, values) in keys {
            context.set(&key, Some(values).filter(|v| !v.is_empty()));
        }
        Some(Ok(standing.decide(action, resource, context)))
    }

    /// The same for AWS's simulator; none while it is not a call.
    pub fn simulation(&self, principal: &Untrusted) -> Option<Simulation> {
        self.answer.as_ref()?.as_ref().ok()?;
        let resource = self.resource.value().trim();
        Some(Simulation {
            principal: principal.clone(),
            action: self.action.value().trim().to_owned(),
            resource: if resource.is_empty() { "*" } else { resource }.to_owned(),
            context: keys(self.context.value())
                .ok()?
                .into_iter()
                .filter(|k| !k.1.is_empty())
                .collect(),
        })
    }

    /// Known actions that what is typed may become; at most so many.
    pub fn candidates(&self, most: usize) -> Vec<String> {
        let typed = self.action.value().trim();
        if !typed.contains(':') || typed.contains(['*', '?']) || actions::find(typed).is_some() {
            return Vec::new();
        }
        let all = actions::expand(&format!("{typed}*"));
        all.take(most).map(|action| format!("{}:{}", action.service, action.name)).collect()
    }
}

/// `aws:SourceIp=192.0.2.1 aws:TagKeys=a,b aws:MultiFactorAuthPresent=`: keys with their
/// values; one without any is known to be absent.
fn keys(text: &str) -> Result<Vec<(String, Vec<String>)>, String> {
    let key = |word: &str| {
        let Some((key, values)) = word.split_once('=').filter(|(key, _)| key.contains(':')) else {
            let word = crate::domain::untrusted::display_in(word, 40);
            return Err(format!("{word}: a context key is service:Key=value"));
        };
        let values = values.split(',').filter(|v| !v.is_empty()).map(ToOwned::to_owned);
        Ok((key.to_owned(), values.collect()))
    };
    text.split_whitespace().map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_keys_are_read() {
        let read = keys(" aws:SourceIp=192.0.2.1 aws:TagKeys=a,b  aws:X= ").expect("readable");
        let read: Vec<(&str, usize)> = read.iter().map(|(k, v)| (&**k, v.len())).collect();
        assert_eq!(read, [("aws:SourceIp", 1), ("aws:TagKeys", 2), ("aws:X", 0)]);
        assert_eq!(keys(""), Ok(Vec::new()));
        assert!(keys("sourceip=1").is_err_and(|why| why.contains("service:Key=value")));
    }
}
