//! What the console remembers from one time to the next, apart from its configuration: how it
//! was left. Nothing depends on it.

use serde::{Deserialize, Serialize};

use super::{Model, Pane};
use crate::{
    case::{Filter, Sort, View},
    domain::{AccountId, Band, Region, Source, Status, Untrusted},
};

/// In words, so that another version reads what it knows and passes over the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    pub pane: String,
    pub view: Seen,
    /// Times were shown in this machine's zone, or in UTC; where not said, as configured.
    pub local_time: Option<bool>,
    /// The theme that was shown; one in the configuration comes first.
    pub theme: Option<String>,
    /// The chart over time was hidden.
    pub no_chart: bool,
    /// The first steps were left: they do not come by themselves again.
    pub declined: bool,
}

/// What the list of findings was filtered by, and its order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    pub at_least: String,
    pub status: String,
    pub source: String,
    pub account: String,
    pub region: String,
    pub kind: String,
    pub text: String,
    pub sort: String,
    pub reverse: bool,
}

/// The panes that are gone back to; a plan or a run is not taken up by opening the console.
const PANES: [(Pane, &str); 6] = [
    (Pane::Findings, "findings"),
    (Pane::Trail, "trail"),
    (Pane::Playbooks, "playbooks"),
    (Pane::Audit, "audit"),
    (Pane::Iam, "iam"),
    (Pane::Organization, "organization"),
];

impl Remembered {
    pub fn of(model: &Model) -> Self {
        let pane = PANES.iter().find(|(pane, _)| *pane == model.pane);
        let local = model.zone == model.setup.local_zone;
        // As configured is not remembered: the configuration may change its mind.
        let local_time = (local != model.setup.local_time).then_some(local);
        Self {
            pane: pane.map_or("findings", |(_, name)| name).to_owned(),
            view: Seen::of(&model.view),
            local_time,
            theme: Some(model.setup.look.theme().name.clone()),
            no_chart: !model.chart,
            declined: model.declined,
        }
    }

    pub fn pane(&self) -> Option<Pane> {
        PANES.iter().find(|(_, name)| *name == self.pane).map(|(pane, _)| *pane)
    }
}

impl Seen {
    fn of(view: &View) -> Self {
        let filter = &view.filter;
        let text = |value: Option<String>| value.unwrap_or_default();
        Self {
            at_least: filter.at_least.name().to_owned(),
            status: filter.status.name().to_owned(),
            source: text(filter.source.map(|s| s.name().to_owned())),
            account: text(filter.account.as_ref().map(ToString::to_string)),
            region: text(filter.region.as_ref().map(ToString::to_string)),
            kind: text(filter.kind.as_ref().map(|k| k.raw().to_owned())),
            text: filter.text.clone(),
            sort: view.sort.name().to_owned(),
            reverse: view.reverse,
        }
    }

    /// The view; what is not known any more has its default.
    pub fn view(&self) -> View {
        let usual = Filter::default();
        let account: Option<AccountId> = self.account.parse().ok();
        let region: Option<Region> = self.region.parse().ok();
        let kind = (!self.kind.is_empty()).then(|| Untrusted::from(self.kind.as_str()));
        let at_least = self.at_least.parse::<Band>().unwrap_or(usual.at_least);
        let status = Status::ALL.into_iter().find(|s| s.name() == self.status);
        let sort = Sort::ALL.into_iter().find(|s| s.name() == self.sort);
        let filter = Filter {
            at_least,
            status: status.unwrap_or(usual.status),
            source: Source::ALL.into_iter().find(|s| s.name() == self.source),
            account,
            region,
            kind,
            text: self.text.clone(),
            updated_since: None,
        };
        View { filter, sort: sort.unwrap_or_default(), reverse: self.reverse }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_comes_back_as_it_was() {
        let filter = Filter {
            at_least: Band::Low,
            status: Status::All,
            source: Some(Source::SecurityHub),
            account: "111122223333".parse().ok(),
            region: "eu-west-1".parse().ok(),
            kind: Some(Untrusted::from("Policy:IAMUser/RootCredentialUsage")),
            text: "root 203".to_owned(),
            updated_since: None,
        };
        let view = View { filter, sort: Sort::FirstSeen, reverse: true };
        let seen = Seen::of(&view);
        let text = serde_json::to_string(&seen).expect("it is written");
        assert_eq!(serde_json::from_str::<Seen>(&text).expect("it is read").view(), view);
        // What another version wrote is read as far as it is known.
        let other = r#"{"sort": "moon", "at_least": 3}"#;
        assert!(serde_json::from_str::<Seen>(other).is_err());
        let other = r#"{"sort": "moon", "at_least": "worst", "new": [1]}"#;
        let seen: Seen = serde_json::from_str(other).expect("it is read");
        assert_eq!(seen.view(), View::default());
    }
}
