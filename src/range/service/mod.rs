//! The services, one file each: what an operation answers. A handler reads the
//! world; a mutating one gives back the [`Change`] that the journal then takes.

pub mod cloudtrail;
mod documents;
pub mod guardduty;
pub mod iam;
pub mod organizations;
pub mod securityhub;
pub mod sts;

use serde_json::Value;

use super::{
    faults::Twist,
    paging::{Ask, Page, Pager, query_text},
    wire::Refusal,
    world::{Caller, Change, World},
};

pub type Handler = fn(&World, &mut Pager, &Call) -> Result<Outcome, Refusal>;

/// A request that was understood, authenticated and checked.
pub struct Call {
    pub service: &'static str,
    pub operation: &'static str,
    /// The caller's account, as a position in the world's list.
    pub account: usize,
    pub caller: Caller,
    /// The answer's id, unlike any other's.
    pub request_id: String,
    pub region: String,
    /// Where the request came from, and with which agent.
    pub address: String,
    pub agent: String,
    /// Members by wire name, from path, query and body alike.
    pub input: Value,
    /// The world's time in epoch milliseconds.
    pub now: i64,
    pub twist: Option<Twist>,
}

/// What a handler answers.
pub struct Outcome {
    pub body: Value,
    /// What CloudTrail has of the answer, where the whole of it holds a secret.
    pub told: Option<Value>,
    pub change: Option<Change>,
}

impl From<Value> for Outcome {
    fn from(body: Value) -> Self {
        Outcome::new(body, None)
    }
}

impl Outcome {
    pub fn new(body: Value, change: Option<Change>) -> Outcome {
        Outcome { body, told: None, change }
    }
}

impl Call {
    /// A text member; `""` where it is absent.
    pub fn text(&self, name: &str) -> &str {
        self.input[name].as_str().unwrap_or_default()
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let list = self.input[name].as_array();
        list.into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    }

    /// One page of the rows that `find` gives for the query's time.
    fn page(
        &self,
        world: &World,
        pager: &mut Pager,
        (token, size, usual): (&str, &str, u64),
        refusal: Refusal,
        find: impl FnOnce(i64) -> Vec<u32>,
    ) -> Result<Page, Refusal> {
        let query = query_text(&self.input);
        pager.page(&self.ask(world, &query, (token, size, usual)), find).map_err(|_| refusal)
    }

    /// `query` is the text of what is asked for, but for token and size, which are the
    /// members of these names; the last is the usual size.
    fn ask<'a>(
        &'a self,
        world: &'a World,
        query: &'a str,
        (token, size, usual): (&str, &str, u64),
    ) -> Ask<'a> {
        Ask {
            seed: world.seed,
            query: vec![
                self.service,
                self.operation,
                world.accounts[self.account].id.as_str(),
                &self.region,
                query,
            ],
            token: self.input[token].as_str(),
            size: self.input[size].as_u64().unwrap_or(usual) as usize,
            now: self.now,
            twist: self.twist,
        }
    }
}
