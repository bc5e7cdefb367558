//! Whether what happens in a place is being recorded: its trails, as CloudTrail says.

use jiff::Timestamp;
use serde::Serialize;

use super::{Fault, Place, Untrusted};

/// Every trail that records in one place: its own, and those of other regions and of the
/// organization that reach into it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Logging {
    pub place: Place,
    pub trails: Vec<TrailState>,
}

/// One trail, as it is seen from a place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrailState {
    pub name: Untrusted,
    pub arn: Untrusted,
    pub home_region: Option<Untrusted>,
    pub multi_region: bool,
    pub organization: bool,
    /// Whether events of global services are in it.
    pub global_services: bool,
    /// Whether digests are made, by which log files can be proven unchanged.
    pub validation: bool,
    pub bucket: Option<Untrusted>,
    pub status: Result<TrailStatus, Fault>,
    pub selectors: Result<Selectors, Fault>,
}

/// `GetTrailStatus`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TrailStatus {
    pub is_logging: bool,
    pub latest_delivery: Option<Timestamp>,
    /// What S3 said when log files could not be delivered.
    pub delivery_error: Option<Untrusted>,
    pub latest_digest: Option<Timestamp>,
    pub digest_error: Option<Untrusted>,
    pub started: Option<Timestamp>,
    pub stopped: Option<Timestamp>,
}

/// `GetEventSelectors`: what a trail records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Selectors {
    /// Management events that read; that write.
    pub reads: bool,
    pub writes: bool,
    /// Resource types whose data events are recorded, such as `AWS::S3::Object`; some of
    /// them perhaps in part.
    pub data: Vec<Untrusted>,
}

impl TrailState {
    /// Records management events now and delivers them, as far as is known.
    pub fn is_healthy(&self) -> bool {
        let status = self.status.as_ref();
        let records = self.selectors.as_ref().map_or(true, |s| s.writes);
        status.is_ok_and(|s| s.is_logging && s.delivery_error.is_none()) && records
    }
}

impl Logging {
    /// What is wrong, the worst first; nothing where all is well.
    pub fn troubles(&self) -> Vec<String> {
        use super::untrusted::display_in;
        if self.trails.is_empty() {
            return vec!["no trail records here: only the event history of 90 days does".into()];
        }
        let mut troubles = Vec::new();
        if !self.trails.iter().any(TrailState::is_healthy) {
            troubles.push("no trail that is known to work records here".to_owned());
        }
        for trail in &self.trails {
            let name = display_in(trail.name.raw(), 60);
            match &trail.status {
                Err(why) => troubles.push(format!("{name}: its state cannot be read: {why}")),
                Ok(status) if !status.is_logging => {
                    let when = status.stopped.map(|at| format!(" at {at:.0}")).unwrap_or_default();
                    troubles.push(format!("{name}: logging was STOPPED{when}"));
                }
                Ok(status) => {
                    let errors = [&status.delivery_error, &status.digest_error];
                    for (what, error) in ["delivery", "digest delivery"].into_iter().zip(errors) {
                        if let Some(error) = error {
                            let error = display_in(error.raw(), 80);
                            troubles.push(format!("{name}: {what} fails: {error}"));
                        }
                    }
                }
            }
            match &trail.selectors {
                Ok(s) if !s.writes => {
                    troubles.push(format!("{name}: management events that write are not recorded"));
                }
                Ok(_) => {}
                Err(why) => troubles.push(format!("{name}: what it records cannot be read: {why}")),
            }
        }
        troubles
    }

    /// What is not as strong as it could be.
    pub fn weaknesses(&self) -> Vec<String> {
        use super::untrusted::display_in;
        let unproven = self.trails.iter().filter(|t| !t.validation);
        let mut weak: Vec<String> = unproven
            .map(|t| {
                let name = display_in(t.name.raw(), 60);
                format!("{name}: log file validation is off: its files prove nothing")
            })
            .collect();
        let data = self.data_events();
        weak.push(match data.is_empty() {
            true => "no data events are recorded: who read which object is unseen by nature".into(),
            false => {
                let names: Vec<String> = data.iter().map(|d| display_in(d.raw(), 40)).collect();
                format!("data events of {} are in its files, and in no lookup", names.join(", "))
            }
        });
        weak
    }

    /// How many trails there are and how many of them work.
    pub fn in_short(&self) -> String {
        let working = self.trails.iter().filter(|t| t.is_healthy()).count();
        match self.trails.len() {
            0 => "no trail".to_owned(),
            1 if working == 1 => "1 trail records".to_owned(),
            n => format!("{working} of {n} trails record"),
        }
    }

    /// The resource types whose data events a working trail records; no lookup can show them.
    pub fn data_events(&self) -> Vec<&Untrusted> {
        let trails = self.trails.iter().filter(|t| t.is_healthy());
        let mut all: Vec<&Untrusted> =
            trails.flat_map(|t| t.selectors.iter().flat_map(|s| &s.data)).collect();
        all.sort();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{FaultKind, Region};

    fn trail() -> TrailState {
        TrailState {
            name: "org-trail".into(),
            arn: "arn:aws:cloudtrail:us-east-1:111122223333:trail/org-trail".into(),
            home_region: Some("us-east-1".into()),
            multi_region: true,
            organization: true,
            global_services: true,
            validation: true,
            bucket: Some("logs".into()),
            status: Ok(TrailStatus { is_logging: true, ..TrailStatus::default() }),
            selectors: Ok(Selectors { reads: true, writes: true, data: Vec::new() }),
        }
    }

    fn seen(trails: Vec<TrailState>) -> Logging {
        let place = Place { target: "prod".into(), region: Region::us_east_1() };
        Logging { place, trails }
    }

    #[test]
    fn a_healthy_trail_is_no_trouble_and_what_it_cannot_see_is_said() {
        let logging = seen(vec![trail()]);
        assert_eq!(logging.troubles(), Vec::<String>::new());
        assert_eq!(logging.in_short(), "1 trail records");
        assert!(logging.weaknesses()[0].contains("unseen by nature"));
        let data =
            Selectors { data: vec!["AWS::S3::Object".into()], ..trail().selectors.expect("good") };
        let logging = seen(vec![TrailState { validation: false, selectors: Ok(data), ..trail() }]);
        let weak = logging.weaknesses().join("; ");
        assert!(weak.contains("validation is off") && weak.contains("AWS::S3::Object"), "{weak}");
    }

    #[test]
    fn whatever_an_attacker_switches_off_is_trouble() {
        let stopped = "2026-03-02T02:28:00Z".parse().ok();
        let off = TrailStatus { is_logging: false, stopped, ..TrailStatus::default() };
        let deaf = TrailStatus {
            is_logging: true,
            delivery_error: Some("NoSuchBucket\u{1b}[31m".into()),
            ..TrailStatus::default()
        };
        let denied = || Fault::new(FaultKind::Denied, "GetTrailStatus: no");
        for (trails, said) in [
            (vec![], "no trail records here"),
            (
                vec![TrailState { status: Ok(off.clone()), ..trail() }],
                "STOPPED at 2026-03-02T02:28:00Z",
            ),
            (vec![trail(), TrailState { status: Ok(off), ..trail() }], "STOPPED"),
            (vec![TrailState { status: Ok(deaf), ..trail() }], "delivery fails: NoSuchBucket␛[31m"),
            (vec![TrailState { status: Err(denied()), ..trail() }], "state cannot be read"),
            (
                vec![TrailState { selectors: Err(denied()), ..trail() }],
                "what it records cannot be read",
            ),
            (
                vec![TrailState { selectors: Ok(Selectors::default()), ..trail() }],
                "events that write are not recorded",
            ),
        ] {
            let troubles = seen(trails).troubles().join("; ");
            assert!(troubles.contains(said), "{said} not in: {troubles}");
        }
    }
}
