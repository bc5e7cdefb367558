//! The stretch of time that a question is about, as the operator puts it: by itself
//! (`24h`), from one time to another, or around one.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::domain::{event::Window, time::parse_span};

/// Kept apart from the [`Window`] it means now: `24h` means another one an hour later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Back from now.
    Last(SignedDuration),
    Between(Timestamp, Timestamp),
    /// As much before a time as after it.
    Around(Timestamp, SignedDuration),
}

/// What a question is about where nothing else was asked for.
pub const DEFAULT: When = When::Last(SignedDuration::from_hours(1));

const SHORTEST: SignedDuration = SignedDuration::from_mins(1);
/// Files may hold more than the event history does; nobody looks at more than this.
const LONGEST: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);

impl When {
    /// Reads `24h`, `A..B`, `A..` and `±1h@A`, a time being RFC 3339 or a date.
    pub fn parse(text: &str, now: Timestamp) -> Result<When, String> {
        let text = text.trim();
        let wrong = || {
            format!("`{text}` is no window: 24h, 2026-03-02T02:00Z..2026-03-02T04:00Z or ±1h@TIME")
        };
        if let Some((each, at)) = text.split_once('@') {
            let each = each.trim_start_matches('±').trim_start_matches("+-");
            let each = parse_span(each).filter(|e| !e.is_zero()).ok_or_else(wrong)?;
            return Ok(When::Around(time(at, now)?, each.min(LONGEST)));
        }
        if let Some((from, to)) = text.split_once("..") {
            let from = time(from, now)?;
            let to = if to.is_empty() { now } else { time(to, now)? };
            if from >= to {
                return Err("the window ends before it begins".to_owned());
            }
            return Ok(When::Between(from, to));
        }
        let span = parse_span(text).filter(|s| !s.is_zero()).ok_or_else(wrong)?;
        Ok(When::Last(span.min(LONGEST)))
    }

    pub fn window(self, now: Timestamp) -> Window {
        let (from, to) = self.ends(now);
        Window::new(from, to)
    }

    fn ends(self, now: Timestamp) -> (Timestamp, Timestamp) {
        match self {
            When::Last(span) => (before(now, span), now),
            When::Between(from, to) => (from, to),
            When::Around(at, each) => (before(at, each), after(at, each)),
        }
    }

    fn length(self, now: Timestamp) -> SignedDuration {
        let (from, to) = self.ends(now);
        to.duration_since(from)
    }

    /// Twice as long: backwards where it ends now, else on both sides.
    pub fn wider(self, now: Timestamp) -> When {
        match self {
            When::Last(span) => When::Last((span * 2).min(LONGEST)),
            When::Around(at, each) => When::Around(at, (each * 2).min(LONGEST)),
            When::Between(from, to) if self.length(now) < LONGEST => {
                let more = self.length(now) / 2;
                When::Between(before(from, more), after(to, more))
            }
            When::Between(..) => self,
        }
    }

    /// Half as long.
    pub fn narrower(self, now: Timestamp) -> When {
        match self {
            When::Last(span) => When::Last((span / 2).max(SHORTEST)),
            When::Around(at, each) => When::Around(at, (each / 2).max(SHORTEST)),
            When::Between(from, to) if self.length(now) > SHORTEST * 2 => {
                let less = self.length(now) / 4;
                When::Between(after(from, less), before(to, less))
            }
            When::Between(..) => self,
        }
    }

    /// By its own length into the past.
    pub fn earlier(self, now: Timestamp) -> When {
        self.moved(now, before)
    }

    /// By its own length towards now, and not beyond.
    pub fn later(self, now: Timestamp) -> When {
        match self {
            When::Last(_) => self,
            _ if self.ends(now).1 >= now => self,
            _ => match self.moved(now, after) {
                When::Between(from, to) if to >= now => When::Last(to.duration_since(from)),
                moved => moved,
            },
        }
    }

    fn moved(self, now: Timestamp, by: impl Fn(Timestamp, SignedDuration) -> Timestamp) -> When {
        let length = self.length(now);
        match self {
            When::Around(at, each) => When::Around(by(at, length), each),
            _ => {
                let (from, to) = self.ends(now);
                When::Between(by(from, length), by(to, length))
            }
        }
    }

    /// As it is typed.
    pub fn typed(self) -> String {
        match self {
            When::Last(length) => span(length),
            When::Between(from, to) => format!("{from:.0}..{to:.0}"),
            When::Around(at, each) => format!("±{}@{at:.0}", span(each)),
        }
    }

    /// For the query bar, with the offset of the zone that is shown.
    pub fn words(self, zone: &TimeZone) -> String {
        let at = |t: Timestamp| t.to_zoned_datetime(zone.clone());
        let offset = if *zone == TimeZone::UTC { "UTC" } else { "%:z" };
        match self {
            When::Last(length) => format!("last {}", span(length)),
            When::Around(t, each) => {
                let time = at(t).strftime(&format!("%Y-%m-%d %H:%M:%S {offset}")).to_string();
                format!("±{} around {time}", span(each))
            }
            When::Between(from, to) => {
                let (from, to) = (at(from), at(to));
                let day = if from.date() == to.date() { "" } else { "%Y-%m-%d " };
                let until = to.strftime(&format!("{day}%H:%M {offset}")).to_string();
                format!("{} – {until}", from.strftime("%Y-%m-%d %H:%M"))
            }
        }
    }
}

fn before(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::UNIX_EPOCH).max(Timestamp::UNIX_EPOCH)
}

fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(at)
}

fn time(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    crate::domain::time::parse_when(text.trim(), now)
}

/// In the largest unit that says it exactly.
fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    // Up to two days in hours: that is how people ask.
    match seconds {
        s if s % 86_400 == 0 && s > 2 * 86_400 => format!("{}d", s / 86_400),
        s if s % 3600 == 0 => format!("{}h", s / 3600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn now() -> Timestamp {
        at("2026-03-02T03:10:00Z")
    }

    #[test]
    fn what_is_typed_is_read_and_written_alike() {
        for text in ["1h", "24h", "7d", "90m", "45s", "2026-03-02T02:00:00Z..2026-03-02T04:00:00Z"]
        {
            assert_eq!(When::parse(text, now()).map(When::typed).as_deref(), Ok(text));
        }
        let around = When::Around(at("2026-03-02T02:00:00Z"), SignedDuration::from_hours(1));
        for text in ["±1h@2026-03-02T02:00Z", "+-1h@2026-03-02T02:00:00Z", "1h@2026-03-02T02:00Z"]
        {
            assert_eq!(When::parse(text, now()), Ok(around), "{text}");
        }
        let open = When::parse("2026-03-02T02:00Z..", now());
        assert_eq!(open, Ok(When::Between(at("2026-03-02T02:00:00Z"), now())));
        for bad in ["", "0h", "soon", "2026-03-02..2026-03-01", "@", "1h@", "±@2026-03-02", ".."] {
            assert!(When::parse(bad, now()).is_err(), "{bad}");
        }
    }

    #[test]
    fn windows_grow_shrink_and_move_by_themselves() {
        let day = When::parse("24h", now()).expect("a window");
        assert_eq!(day.wider(now()).typed(), "48h");
        assert_eq!(day.narrower(now()).typed(), "12h");
        let before = day.earlier(now());
        assert_eq!(before.typed(), "2026-02-28T03:10:00Z..2026-03-01T03:10:00Z");
        assert_eq!(before.later(now()), day, "back to now it is by itself again");
        assert_eq!(day.later(now()), day);
        let hour = When::parse("2026-03-02T02:00Z..2026-03-02T03:00Z", now()).expect("a window");
        assert_eq!(hour.wider(now()).typed(), "2026-03-02T01:30:00Z..2026-03-02T03:30:00Z");
        assert_eq!(hour.wider(now()).narrower(now()), hour);
        let around = When::parse("±1h@2026-03-01T02:00Z", now()).expect("a window");
        assert_eq!(around.earlier(now()).typed(), "±1h@2026-03-01T00:00:00Z");
    }

    #[test]
    fn no_key_pressed_often_leaves_the_calendar() {
        for text in ["1h", "2026-03-02T02:00Z..2026-03-02T04:00Z", "±1h@2026-03-02T02:00Z"] {
            for step in [When::wider, When::narrower, When::earlier, When::later] {
                let mut when = When::parse(text, now()).expect("a window");
                for _ in 0..2000 {
                    when = step(when, now());
                    assert!(!when.window(now()).is_empty(), "{when:?}");
                }
            }
        }
    }
}
