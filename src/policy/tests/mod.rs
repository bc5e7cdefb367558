//! The whole evaluator: AWS's own examples, and properties that hold for all policies.

mod documented;
mod layers;
mod properties;
mod strategy;
mod text;
mod unknown;

use serde_json::{Value, json};

use super::{Caller, Context, Decision, Named, Outcome, Policies, Policy, Request, Resource};

const USER: &str = "arn:aws:iam::111122223333:user/ann";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/s1";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/bob";
const ELSEWHERE: &str = "444455556666";

/// One statement, or a whole policy.
fn policy(name: &str, document: &Value) -> Named {
    let whole = match document.get("Statement") {
        Some(_) => document.clone(),
        None => json!({"Version": "2012-10-17", "Statement": document}),
    };
    let read = Policy::parse(&whole.to_string()).unwrap_or_else(|e| panic!("{whole}: {e}"));
    Named::new(name, read)
}

/// A request being put together; nothing is known of keys that are not named.
#[derive(Clone, Debug)]
struct Asking {
    caller: Caller,
    action: String,
    resource: Resource,
    context: Context,
    policies: Policies,
}

fn asking(caller: &str, action: &str, resource: &str) -> Asking {
    Asking {
        caller: Caller::new(caller).expect("a caller"),
        action: action.to_owned(),
        resource: Resource { arn: resource.to_owned(), account: None },
        context: Context::default(),
        policies: Policies::default(),
    }
}

impl Asking {
    fn identity(mut self, document: Value) -> Self {
        self.policies.identity.push(policy("identity", &document));
        self
    }

    fn boundary(mut self, document: Value) -> Self {
        self.policies.boundary = Some(policy("boundary", &document));
        self
    }

    fn session(mut self, document: Value) -> Self {
        self.policies.session.get_or_insert_default().push(policy("session", &document));
        self
    }

    fn on(mut self, document: Value) -> Self {
        self.policies.resource = Some(policy("resource", &document));
        self
    }

    /// One more level, which also allows all.
    fn scp(mut self, document: Value) -> Self {
        let all = policy("FullAWSAccess", &allow("*", "*"));
        self.policies.scps.push(vec![all, policy("scp", &document)]);
        self
    }

    fn rcp(mut self, document: Value) -> Self {
        self.policies.rcps.push(vec![policy("rcp", &document)]);
        self
    }

    fn owned_by(mut self, account: &str) -> Self {
        self.resource.account = Some(account.to_owned());
        self
    }

    fn key(mut self, key: &str, value: &str) -> Self {
        self.context.set_one(key, value);
        self
    }

    fn keys(mut self, key: &str, values: &[&str]) -> Self {
        self.context.set(key, Some(values.iter().map(|v| (*v).to_owned()).collect()));
        self
    }

    fn absent(mut self, key: &str) -> Self {
        self.context.set(key, None);
        self
    }

    fn tags(mut self, tags: &[(&str, &str)]) -> Self {
        let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        self.caller.tags = Some(tags.collect());
        self
    }

    fn decide(&self) -> Decision {
        let (caller, resource) = (self.caller.clone(), self.resource.clone());
        let request = Request::new(caller, &self.action, resource, self.context.clone());
        super::evaluate(&request, &self.policies)
    }

    #[track_caller]
    fn is(&self, outcome: Outcome) {
        let decision = self.decide();
        assert_eq!(decision.outcome, outcome, "{} {decision:?}", self.action);
    }
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn deny(action: &str, resource: &str) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": resource})
}

fn lets(who: Value, action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Principal": who, "Action": action, "Resource": resource})
}
