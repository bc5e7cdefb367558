//! Detection switched on again in a region: `guardduty:UpdateDetector`,
//! `guardduty:CreateDetector`, `securityhub:EnableSecurityHub`, and their ways back.

use serde_json::{Value as Json, json};

use super::{Arg, Args, Asked, Facts, Risk, Scope, Spec, ValueType, asked};
use crate::domain::{Change, State, Subject, Verb, untrusted::display_in};

const REGION: &[Arg] = &[Arg::needed("region", ValueType::Region)];

pub const ENABLE_DETECTOR: Spec = Spec {
    name: "guardduty.enable",
    service: "GuardDuty",
    operation: "UpdateDetector",
    action: "guardduty:UpdateDetector",
    summary: "Switch a suspended GuardDuty detector on again.",
    args: REGION,
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: &[
        "What happened while it was off is not looked at afterwards: ask CloudTrail.",
        "Protection plans and members are settings of their own: look whether they were \
             changed as well.",
    ],
    scope: Scope::Region,
    subject: |_, _| Subject::Detector,
    verbs: enable_detector,
};

pub const CREATE_DETECTOR: Spec = Spec {
    name: "guardduty.create_detector",
    operation: "CreateDetector",
    action: "guardduty:CreateDetector",
    summary: "Make a GuardDuty detector where the region has none any more.",
    verbs: create_detector,
    ..ENABLE_DETECTOR
};

/// Only the way back of [`ENABLE_DETECTOR`].
pub const DISABLE_DETECTOR: Spec = Spec {
    name: "guardduty.disable",
    summary: "Suspend a GuardDuty detector: only to take back what switched it on.",
    verbs: |_, _| Ok(Vec::new()),
    risk: Risk::Wide,
    ..ENABLE_DETECTOR
};

pub const ENABLE_HUB: Spec = Spec {
    name: "securityhub.enable",
    service: "SecurityHub",
    operation: "EnableSecurityHub",
    action: "securityhub:EnableSecurityHub",
    summary: "Switch Security Hub on again, with its default standards.",
    args: REGION,
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: &[
        "Standards and controls that were chosen before are not remembered: the default ones \
             are enabled.",
        "AWS Config must be on for most controls.",
    ],
    scope: Scope::Region,
    subject: |_, _| Subject::Hub,
    verbs: enable_hub,
};

/// Only the way back of [`ENABLE_HUB`].
pub const DISABLE_HUB: Spec = Spec {
    name: "securityhub.disable",
    operation: "DisableSecurityHub",
    action: "securityhub:DisableSecurityHub",
    summary: "Switch Security Hub off: only to take back what switched it on.",
    verbs: |_, _| Ok(Vec::new()),
    risk: Risk::Wide,
    ..ENABLE_HUB
};

fn enable_detector(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = state.detector().ok_or("this is no detector")?;
    match &state.detector {
        Some(detector) if !state.enabled => {
            Ok(vec![Verb::SetDetector { detector: detector.clone(), enable: true }])
        }
        _ => Ok(Vec::new()),
    }
}

fn create_detector(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = state.detector().ok_or("this is no detector")?;
    Ok(if state.detector.is_none() { vec![Verb::CreateDetector] } else { Vec::new() })
}

fn enable_hub(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let on = state.hub_is_on().ok_or("this is no hub")?;
    Ok(if on { Vec::new() } else { vec![Verb::EnableHub] })
}

/// A detector on, off, or made.
pub struct Detecting<'v> {
    /// None: made anew.
    pub detector: Option<&'v str>,
    pub enable: bool,
}

impl Facts for Detecting<'_> {
    fn spec(&self) -> &'static Spec {
        match (self.detector, self.enable) {
            (None, _) => &CREATE_DETECTOR,
            (Some(_), true) => &ENABLE_DETECTOR,
            (Some(_), false) => &DISABLE_DETECTOR,
        }
    }

    fn subject(&self) -> Subject {
        Subject::Detector
    }

    fn target(&self) -> String {
        self.detector.map_or("detector".to_owned(), |id| display_in(id, 64))
    }

    fn params(&self) -> Json {
        match self.detector {
            Some(id) => json!({"DetectorId": id, "Enable": self.enable}),
            None => json!({"Enable": true}),
        }
    }

    fn asks(&self, change: &Change, _: &State) -> Asked {
        let resource = match self.detector {
            Some(id) => asked::regional(change, "guardduty", &format!("detector/{id}")),
            None => "*".to_owned(),
        };
        Asked::new(self.spec().action, resource)
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Detector(state) = &mut after {
            state.enabled = self.enable;
            state.detector.get_or_insert_with(|| "(new)".to_owned());
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        state.detector().map_or(Json::Null, |d| json!([d.detector, d.enabled]))
    }

    fn is_done(&self, _: &State, now: &State) -> bool {
        now.detector().is_some_and(|now| match self.detector {
            Some(id) => now.detector.as_deref() == Some(id) && now.enabled == self.enable,
            None => now.detector.is_some() && now.enabled,
        })
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let Some(state) = state.detector() else { return Vec::new() };
        vec![match &state.detector {
            Some(id) => {
                let how = if state.enabled { "on" } else { "suspended" };
                format!("detector {}: {how}", display_in(id, 64))
            }
            None => "no detector".to_owned(),
        }]
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let was = before.detector().and_then(|d| d.detector.clone().map(|id| (id, d.enabled)));
        match was {
            Some((detector, enabled)) if enabled != self.enable => {
                vec![Verb::SetDetector { detector, enable: enabled }]
            }
            _ => Vec::new(),
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        match self.detector {
            Some(_) => Vec::new(),
            None => vec![
                "Detector: the new one stays; deleting it would delete its findings with it."
                    .to_owned(),
            ],
        }
    }

    fn affected(&self, _: &State) -> Vec<String> {
        vec![if self.enable {
            "GuardDuty costs by what it looks through.".to_owned()
        } else {
            "Nothing is detected here any more.".to_owned()
        }]
    }
}

/// Security Hub on, or off.
pub struct Hub {
    pub enable: bool,
}

impl Facts for Hub {
    fn spec(&self) -> &'static Spec {
        if self.enable { &ENABLE_HUB } else { &DISABLE_HUB }
    }

    fn subject(&self) -> Subject {
        Subject::Hub
    }

    fn target(&self) -> String {
        "hub".to_owned()
    }

    fn params(&self) -> Json {
        if self.enable { json!({"EnableDefaultStandards": true}) } else { json!({}) }
    }

    fn asks(&self, change: &Change, _: &State) -> Asked {
        Asked::new(self.spec().action, asked::regional(change, "securityhub", "hub/default"))
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Hub(hub) = &mut after {
            hub.enabled = self.enable;
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        json!(state.hub_is_on())
    }

    fn lines(&self, state: &State) -> Vec<String> {
        state
            .hub_is_on()
            .map(|on| format!("Security Hub is {}", if on { "on" } else { "off" }))
            .into_iter()
            .collect()
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        match before.hub_is_on() {
            Some(false) if self.enable => vec![Verb::DisableHub],
            Some(true) if !self.enable => vec![Verb::EnableHub],
            _ => Vec::new(),
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        if self.enable {
            Vec::new()
        } else {
            vec![
                "Standards: those that were chosen are lost; the default ones come back."
                    .to_owned(),
            ]
        }
    }

    fn affected(&self, _: &State) -> Vec<String> {
        vec![if self.enable {
            "Security Hub costs by its checks; findings come in within minutes to hours.".to_owned()
        } else {
            "Findings of this region are gathered nowhere any more.".to_owned()
        }]
    }
}
