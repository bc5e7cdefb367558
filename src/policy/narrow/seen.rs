//! What was seen of a role's use: events as actions with the resources that they name.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::names::{Means, meaning, prefix};
use crate::{
    domain::event::{Event, members},
    policy::actions::{self, Action, Form},
};

/// The calls of one action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    pub events: u64,
    /// The resources that they name, of a type that the action can be limited to.
    pub arns: BTreeSet<String>,
    /// Events that name none.
    pub unnamed: u64,
}

/// What a role's events come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Every event, whatever it means.
    pub events: u64,
    /// Data events among them.
    pub data_events: u64,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// By the region of the event.
    pub regions: BTreeMap<String, u64>,
    /// By action, as the table of actions spells it: calls that were not refused for want of
    /// permission.
    pub calls: BTreeMap<String, Call>,
    /// Calls that were refused, by `service:EventName`: no use of a permission.
    pub refused: BTreeMap<String, u64>,
    /// By the service's prefix and the event's name: calls of which it is not known what they
    /// need.
    pub unmapped: BTreeMap<(String, String), u64>,
    /// Sign-ins, and what services did by themselves.
    pub no_action: u64,
}

impl Seen {
    pub fn of<'e>(events: impl IntoIterator<Item = &'e Event>) -> Self {
        let mut seen = Self::default();
        for event in events {
            seen.event(event);
        }
        seen
    }

    fn event(&mut self, event: &Event) {
        self.events += 1;
        self.data_events += u64::from(event.category.as_ref().is_some_and(|c| c.raw() == "Data"));
        self.first = [self.first, event.time].into_iter().flatten().min();
        self.last = self.last.max(event.time);
        if let Some(region) = &event.region {
            *self.regions.entry(region.raw().to_owned()).or_default() += 1;
        }
        let object = members(&event.raw).ok();
        let kind = object.as_ref().and_then(|o| o.text("eventType")).unwrap_or_default();
        // What a service did by itself needs no permission, nor does signing in (CloudTrail
        // user guide, "CloudTrail record contents": eventType).
        let by_itself = ["AwsServiceEvent", "AwsConsoleSignIn"].contains(&kind.as_str());
        let (source, name) = (event.source.raw(), event.name.raw());
        let (Some(service), false) = (prefix(source), by_itself) else {
            self.no_action += 1;
            return;
        };
        if event.denied() {
            *self.refused.entry(format!("{service}:{name}")).or_default() += 1;
            return;
        }
        match meaning(source, name) {
            Means::Nothing => self.no_action += 1,
            Means::Unknown(service) => {
                *self.unmapped.entry((service, name.to_owned())).or_default() += 1;
            }
            Means::Actions(needed) => {
                let mut arns: Vec<String> = event
                    .resources
                    .iter()
                    .map(|r| r.name.raw().to_owned())
                    .filter(|name| name.starts_with("arn:"))
                    .collect();
                // Amazon S3 names the bucket in the request, and often nowhere else.
                let request = object.as_ref().and_then(|o| o.object("requestParameters"));
                if let Some(bucket) = request.and_then(|r| r.text("bucketName"))
                    && service == "s3"
                {
                    let partition = partition(event);
                    arns.push(match bucket.starts_with("arn:") {
                        true => bucket,
                        false => format!("arn:{partition}:s3:::{bucket}"),
                    });
                }
                for action in needed {
                    self.call(&action, &arns);
                }
            }
        }
    }

    /// One call of an action, and the ARNs that its event names.
    pub fn call(&mut self, action: &str, arns: &[String]) {
        let call = self.calls.entry(action.to_owned()).or_default();
        call.events += 1;
        let forms = actions::find(action).map(limits).unwrap_or_default();
        let before = call.arns.len();
        let fitting = arns.iter().filter(|arn| forms.iter().any(|form| fits(form, arn)));
        let mut any = false;
        // More than anybody would list is not needed to say so.
        for arn in fitting.take(super::MOST_ARNS + 1) {
            any = true;
            if before <= super::MOST_ARNS {
                call.arns.insert(arn.clone());
            }
        }
        call.unnamed += u64::from(!any);
    }

    /// Whether any event here, refused ones too, is of a service.
    pub fn knows(&self, service: &str) -> bool {
        let of = |name: &String| name.split(':').next() == Some(service);
        self.calls.keys().any(of)
            || self.refused.keys().any(of)
            || self.unmapped.keys().any(|(known, _)| known == service)
    }
}

/// The forms of the resources that tell which one a call was about; none where a call is
/// about several at once, or about one that cannot be told.
fn limits(action: &'static Action) -> Vec<&'static Form> {
    let forms = action.forms();
    match action.sole_type() {
        Some(sole) => forms.iter().filter(|f| f.kind == sole).collect(),
        // A bucket or an access point to it, never both.
        None if action.service == "s3" => forms.iter().collect(),
        None => Vec::new(),
    }
}

/// Whether an ARN has a form. Variables stand for any text; a bucket's has no `/`.
fn fits(form: &Form, arn: &str) -> bool {
    let mut glob = String::new();
    let mut rest = form.text;
    while let Some((before, after)) = rest.split_once("${") {
        glob += before;
        glob.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    glob += rest;
    let bucket = glob.ends_with(":s3:::*");
    actions::matches(&glob, arn) && !(bucket && arn.contains('/'))
}

fn partition(event: &Event) -> &str {
    let issuer = event.identity.issuer.as_ref().and_then(|i| i.arn.as_ref());
    let arn = issuer.or(event.identity.arn.as_ref()).map(|a| a.raw());
    arn.and_then(|arn| arn.split(':').nth(1)).filter(|p| !p.is_empty()).unwrap_or("aws")
}
