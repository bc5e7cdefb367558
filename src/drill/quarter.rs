//! Quarters of the calendar, and the ids of drills, which begin with one.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A quarter of a year, by UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quarter {
    year: i16,
    /// 1 to 4
    number: i8,
}

impl Quarter {
    pub fn of(at: Timestamp) -> Quarter {
        let date = TimeZone::UTC.to_datetime(at).date();
        Quarter { year: date.year(), number: (date.month() - 1) / 3 + 1 }
    }

    /// Its first moment.
    pub fn begins(self) -> Timestamp {
        // INVARIANT: the first day of a month of a year that was read from a date or as four
        // digits is a date, and its midnight in UTC a time.
        let day = Date::new(self.year, self.number * 3 - 2, 1).unwrap_or(Date::ZERO);
        TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
    }

    /// The first moment after it.
    pub fn ends(self) -> Timestamp {
        self.next().begins()
    }

    pub fn next(self) -> Quarter {
        match self.number {
            4 => Quarter { year: self.year + 1, number: 1 },
            n => Quarter { number: n + 1, ..self },
        }
    }

    pub fn before(self) -> Quarter {
        match self.number {
            1 => Quarter { year: self.year - 1, number: 4 },
            n => Quarter { number: n - 1, ..self },
        }
    }
}

/// `2026Q1`
impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}Q{}", self.year, self.number)
    }
}

impl FromStr for Quarter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (year, number) = text.split_once('Q')?;
            let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
            let quarter = Quarter { year: year.parse().ok()?, number: number.parse().ok()? };
            let good = year.len() == 4 && number.len() == 1 && plain(year) && plain(number);
            (good && quarter.year > 0 && (1..=4).contains(&quarter.number)).then_some(quarter)
        };
        read().ok_or_else(|| "a quarter is a year and a number, such as 2026Q1".to_owned())
    }
}

impl TryFrom<String> for Quarter {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Quarter> for String {
    fn from(quarter: Quarter) -> String {
        quarter.to_string()
    }
}

/// `DRILL-2026Q1-1a2b3c4d`: also the id of the incident that halon is armed for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DrillId(Box<str>);

impl DrillId {
    /// `random` makes the ids of one quarter differ.
    pub fn new(quarter: Quarter, random: u32) -> DrillId {
        DrillId(format!("DRILL-{quarter}-{random:08x}").into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DrillId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for DrillId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (quarter, random) = text.strip_prefix("DRILL-")?.split_once('-')?;
            quarter.parse::<Quarter>().ok()?;
            let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            (random.len() == 8 && random.bytes().all(is_hex)).then(|| DrillId(text.into()))
        };
        read().ok_or_else(|| "a drill's id looks like DRILL-2026Q1-1a2b3c4d".to_owned())
    }
}

impl TryFrom<String> for DrillId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<DrillId> for String {
    fn from(id: DrillId) -> String {
        id.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_quarter_has_its_bounds() {
        let quarter = Quarter::of(at("2026-03-31T23:59:59.999Z"));
        assert_eq!(quarter.to_string(), "2026Q1");
        assert_eq!(quarter.begins(), at("2026-01-01T00:00:00Z"));
        assert_eq!(quarter.ends(), at("2026-04-01T00:00:00Z"));
        assert_eq!(quarter.before().to_string(), "2025Q4");
        assert_eq!(quarter.before().next(), quarter);
        assert_eq!(Quarter::of(quarter.ends()).to_string(), "2026Q2");
        assert_eq!("2026Q4".parse(), Ok(Quarter::of(at("2026-10-01T00:00:00Z"))));
        for bad in ["", "2026", "2026Q0", "2026Q5", "26Q1", "2026Q+1", "2026Q11", "0000Q1", "q"] {
            assert!(bad.parse::<Quarter>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_is_read_back() {
        let id = DrillId::new(Quarter::of(at("2026-03-02T03:10:00Z")), 0x1a2b);
        assert_eq!(id.as_str(), "DRILL-2026Q1-00001a2b");
        assert_eq!(id.as_str().parse(), Ok(id));
        for bad in ["", "DRILL-2026Q1", "DRILL-2026Q1-00001A2B", "DRILL-2026Q9-00001a2b", "INC-1"] {
            assert!(bad.parse::<DrillId>().is_err(), "{bad}");
        }
    }
}
