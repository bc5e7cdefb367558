//! How the operator wants to be told of a new finding.

use jiff::civil;

use crate::domain::Band;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// The terminal's bell.
    pub bell: bool,
    /// A notification of the desktop's, by the terminal (OSC 9).
    pub desktop: bool,
    /// How many are new, in the terminal's title.
    pub title: bool,
    /// Findings of less than this are not told of.
    pub at_least: Band,
    /// When neither rings nor pops up; the title changes all the same.
    pub quiet: Option<Quiet>,
}

impl Default for Notify {
    fn default() -> Self {
        Self { bell: true, desktop: false, title: true, at_least: Band::High, quiet: None }
    }
}

/// A stretch of each day by this machine's clock, which may go over midnight; its end is not
/// part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    pub from: civil::Time,
    pub to: civil::Time,
}

impl Quiet {
    pub fn covers(&self, at: civil::Time) -> bool {
        match self.from <= self.to {
            true => (self.from..self.to).contains(&at),
            false => at >= self.from || at < self.to,
        }
    }
}

impl std::fmt::Display for Quiet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.from.strftime("%H:%M"), self.to.strftime("%H:%M"))
    }
}

impl std::str::FromStr for Quiet {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = |text: &str| civil::Time::strptime("%H:%M", text.trim()).ok();
        text.split_once('-')
            .and_then(|(from, to)| Some(Self { from: time(from)?, to: time(to)? }))
            .filter(|quiet| quiet.from != quiet.to)
            .ok_or("two times of the day, such as 22:00-07:00")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_goes_over_midnight() {
        let time = |text: &str| text.parse::<civil::Time>().expect("a time");
        let night: Quiet = "22:00-07:00".parse().expect("it reads");
        for (at, quiet) in
            [("22:00", true), ("03:00", true), ("06:59", true), ("07:00", false), ("12:00", false)]
        {
            assert_eq!(night.covers(time(at)), quiet, "{at}");
        }
        let noon: Quiet = "12:00-13:30".parse().expect("it reads");
        assert!(noon.covers(time("13:29")) && !noon.covers(time("13:30")));
        assert_eq!(noon.to_string(), "12:00-13:30");
        for bad in ["", "22:00", "22-07", "25:00-07:00", "07:00-07:00", "22:00-07:00-08:00"] {
            assert!(bad.parse::<Quiet>().is_err(), "{bad}");
        }
    }
}
