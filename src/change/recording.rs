//! A trail records again: `cloudtrail:StartLogging`, `cloudtrail:PutEventSelectors`, and
//! their ways back.

use serde_json::{Value as Json, json};

use super::{Arg, Args, Asked, Facts, Risk, Scope, Spec, ValueType};
use crate::domain::{
    BasicSelector, Change, EventSelectors, FieldSelector, State, Subject, TrailArn, TrailSettings,
    Verb, untrusted::display_in,
};

const TRAIL: &[Arg] = &[Arg::needed("trail", ValueType::TrailArn)];

pub const START: Spec = Spec {
    name: "cloudtrail.start_logging",
    service: "CloudTrail",
    operation: "StartLogging",
    action: "cloudtrail:StartLogging",
    summary: "Make a trail record again that was stopped.",
    args: TRAIL,
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: &[
        "What happened while it was stopped is in no file of the trail; the event history of \
             90 days still has its management events.",
        "Look at the bucket as well: its policy and its lifecycle may have been changed.",
    ],
    scope: Scope::Region,
    subject,
    verbs: start,
};

pub const RECORD_MANAGEMENT: Spec = Spec {
    name: "cloudtrail.record_management_events",
    operation: "PutEventSelectors",
    action: "cloudtrail:PutEventSelectors",
    summary: "Make a trail record every management event again; what else it records stays.",
    verbs: record_management,
    pitfalls: &[
        "The call replaces every selector: those that are there go with it as they are.",
        "Data events are only those that the trail was set to record: look what was taken out.",
    ],
    ..START
};

/// Only the way back of [`START`].
pub const STOP: Spec = Spec {
    name: "cloudtrail.stop_logging",
    operation: "StopLogging",
    action: "cloudtrail:StopLogging",
    summary: "Stop a trail: only to take back what started it.",
    verbs: |_, _| Ok(Vec::new()),
    risk: Risk::Wide,
    ..START
};

fn subject(args: &Args, _: &[String]) -> Subject {
    Subject::Trail(args.trail().cloned().expect("INVARIANT: a required argument"))
}

fn trail(state: &State) -> Result<&TrailSettings, String> {
    state.trail().ok_or_else(|| "this is no trail".to_owned())
}

fn start(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = trail(state)?;
    let start = || vec![Verb::StartLogging { trail: state.trail.clone() }];
    Ok(if state.is_logging { Vec::new() } else { start() })
}

fn record_management(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = trail(state)?;
    if state.selectors.record_management() {
        return Ok(Vec::new());
    }
    let selectors = state.selectors.with_management();
    Ok(vec![Verb::SetSelectors { trail: state.trail.clone(), selectors }])
}

/// Starting a trail, or stopping it.
pub struct Logging<'v> {
    pub trail: &'v TrailArn,
    pub on: bool,
}

impl Facts for Logging<'_> {
    fn spec(&self) -> &'static Spec {
        if self.on { &START } else { &STOP }
    }

    fn subject(&self) -> Subject {
        Subject::Trail(self.trail.clone())
    }

    fn target(&self) -> String {
        self.trail.name().to_owned()
    }

    fn params(&self) -> Json {
        json!({"Name": self.trail.as_str()})
    }

    fn asks(&self, _: &Change, _: &State) -> Asked {
        Asked::new(self.spec().action, self.trail.as_str())
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Trail(state) = &mut after {
            state.is_logging = self.on;
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        state.trail().map_or(Json::Null, |t| json!([t.trail, t.is_logging]))
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let Some(state) = state.trail() else { return Vec::new() };
        let how = if state.is_logging { "records" } else { "is STOPPED" };
        vec![format!("trail {} {how}", state.trail.name())]
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let trail = self.trail.clone();
        match (before.trail().map(|t| t.is_logging), self.on) {
            (Some(false), true) => vec![Verb::StopLogging { trail }],
            (Some(true), false) => vec![Verb::StartLogging { trail }],
            _ => Vec::new(),
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn affected(&self, _: &State) -> Vec<String> {
        vec![if self.on {
            "Nobody: it only records.".to_owned()
        } else {
            "Whoever works from the trail's files sees nothing new.".to_owned()
        }]
    }
}

/// Setting what a trail records.
pub struct Selecting<'v> {
    pub trail: &'v TrailArn,
    pub selectors: &'v EventSelectors,
}

impl Facts for Selecting<'_> {
    fn spec(&self) -> &'static Spec {
        &RECORD_MANAGEMENT
    }

    fn subject(&self) -> Subject {
        Subject::Trail(self.trail.clone())
    }

    fn target(&self) -> String {
        self.trail.name().to_owned()
    }

    fn params(&self) -> Json {
        let arn = self.trail.as_str();
        match self.selectors {
            EventSelectors::Basic(all) => {
                let all: Vec<Json> = all.iter().map(basic).collect();
                json!({"TrailName": arn, "EventSelectors": all})
            }
            EventSelectors::Advanced(all) => {
                let all: Vec<Json> = all
                    .iter()
                    .map(|s| {
                        let fields: Vec<Json> = s.fields.iter().map(field).collect();
                        json!({"Name": s.name, "FieldSelectors": fields})
                    })
                    .collect();
                json!({"TrailName": arn, "AdvancedEventSelectors": all})
            }
        }
    }

    fn asks(&self, _: &Change, _: &State) -> Asked {
        Asked::new(self.spec().action, self.trail.as_str())
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Trail(state) = &mut after {
            state.selectors = self.selectors.clone();
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        state.trail().map_or(Json::Null, |t| json!([t.trail, t.selectors]))
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let Some(state) = state.trail() else { return Vec::new() };
        let lines = state.selectors.lines();
        if lines.is_empty() {
            return vec!["nothing is recorded".to_owned()];
        }
        lines.iter().map(|line| display_in(line, 200)).collect()
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        match before.trail() {
            Some(was) if was.selectors != *self.selectors => vec![Verb::SetSelectors {
                trail: self.trail.clone(),
                selectors: was.selectors.clone(),
            }],
            _ => Vec::new(),
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    /// Wide where management events are not all recorded afterwards.
    fn risk(&self, _: &State) -> Risk {
        if self.selectors.record_management() { Risk::Reversible } else { Risk::Wide }
    }

    fn affected(&self, _: &State) -> Vec<String> {
        vec!["A trail's further copies of management events cost money.".to_owned()]
    }
}

fn basic(selector: &BasicSelector) -> Json {
    let data: Vec<Json> = selector
        .data
        .iter()
        .map(|(kind, values)| json!({"Type": kind, "Values": values}))
        .collect();
    json!({
        "ReadWriteType": selector.read_write,
        "IncludeManagementEvents": selector.management,
        "DataResources": data,
        "ExcludeManagementEventSources": selector.excluded,
    })
}

fn field(selector: &FieldSelector) -> Json {
    let mut out = json!({"Field": selector.field});
    let all = [
        ("Equals", &selector.equals),
        ("StartsWith", &selector.starts_with),
        ("EndsWith", &selector.ends_with),
        ("NotEquals", &selector.not_equals),
        ("NotStartsWith", &selector.not_starts_with),
        ("NotEndsWith", &selector.not_ends_with),
    ];
    for (name, values) in all.into_iter().filter(|(_, values)| !values.is_empty()) {
        out[name] = json!(values);
    }
    out
}
