//! Severity as a number and a band.
//!
//! GuardDuty: Low 1.0–3.9, Medium 4.0–6.9, High 7.0–8.9, Critical 9.0–10.0
//! (guardduty_findings-severity.html). Security Hub: Normalized 0, 1–39, 40–69,
//! 70–89, 90–100, or a Label alone (ASFF).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Band {
    #[default]
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl Band {
    pub const ALL: [Band; 5] =
        [Band::Informational, Band::Low, Band::Medium, Band::High, Band::Critical];

    pub fn name(self) -> &'static str {
        match self {
            Band::Informational => "informational",
            Band::Low => "low",
            Band::Medium => "medium",
            Band::High => "high",
            Band::Critical => "critical",
        }
    }

    /// The least GuardDuty number of the band. Numeric criteria of ListFindings
    /// compare integers, which all of these are.
    pub fn guardduty_floor(self) -> i64 {
        match self {
            Band::Informational => 0,
            Band::Low => 1,
            Band::Medium => 4,
            Band::High => 7,
            Band::Critical => 9,
        }
    }

    /// The least ASFF `Normalized` of the band.
    pub fn normalized_floor(self) -> i64 {
        match self {
            Band::Informational => 0,
            Band::Low => 1,
            Band::Medium => 40,
            Band::High => 70,
            Band::Critical => 90,
        }
    }

    /// The ASFF label.
    pub fn label(self) -> &'static str {
        match self {
            Band::Informational => "INFORMATIONAL",
            Band::Low => "LOW",
            Band::Medium => "MEDIUM",
            Band::High => "HIGH",
            Band::Critical => "CRITICAL",
        }
    }

    fn highest_with(floor: impl Fn(Band) -> f64, value: f64) -> Band {
        Band::ALL.into_iter().rev().find(|b| value >= floor(*b)).unwrap_or_default()
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Band {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Band::ALL
            .into_iter()
            .find(|b| b.name().eq_ignore_ascii_case(s))
            .ok_or_else(|| "expected informational, low, medium, high or critical".to_owned())
    }
}

/// What a service says of a finding's weight. `value` is on the scale of the
/// service that sent it: 0–10 for GuardDuty, 0–100 for Security Hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Severity {
    pub value: f64,
    pub band: Band,
}

impl Severity {
    /// From GuardDuty's number, 0–10.
    pub fn guardduty(value: f64) -> Self {
        Self { value, band: Band::highest_with(|b| b.guardduty_floor() as f64, value) }
    }

    /// From ASFF's `Normalized`, 0–100.
    pub fn normalized(value: f64) -> Self {
        Self { value, band: Band::highest_with(|b| b.normalized_floor() as f64, value) }
    }

    /// From ASFF's `Label`, with `Normalized` where it was sent. The label decides
    /// the band; AWS derives the number from it when it is absent.
    pub fn labelled(band: Band, normalized: Option<f64>) -> Self {
        Self { value: normalized.unwrap_or(band.normalized_floor() as f64), band }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_is_critical_and_not_high() {
        for (value, band) in [
            (0.5, Band::Informational),
            (1.0, Band::Low),
            (3.9, Band::Low),
            (4.0, Band::Medium),
            (6.99, Band::Medium),
            (7.0, Band::High),
            (8.9, Band::High),
            (9.0, Band::Critical),
            (10.0, Band::Critical),
        ] {
            assert_eq!(Severity::guardduty(value).band, band, "{value}");
        }
        assert_eq!(Severity::normalized(69.0).band, Band::Medium);
        assert_eq!(Severity::normalized(90.0).band, Band::Critical);
        assert_eq!(Severity::labelled(Band::High, None).value, 70.0);
    }
}
