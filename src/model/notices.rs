//! What the operator was told and must not miss: it stays until it was read.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::Notice;

/// Older ones make room for newer ones; that is counted.
const MOST: usize = 200;

/// The same told several times is one line.
#[derive(Clone, Debug)]
pub struct Told {
    pub notice: Notice,
    /// When it was told last.
    pub at: Timestamp,
    pub times: usize,
    pub read: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Notices {
    told: VecDeque<Told>,
    /// How many there is no room for any more.
    pub dropped: usize,
}

impl Notices {
    pub fn put(&mut self, notice: Notice, now: Timestamp) {
        let before = self.told.iter().position(|told| told.notice == notice);
        let times = before.and_then(|at| self.told.remove(at)).map_or(0, |told| told.times);
        if self.told.len() == MOST {
            self.told.pop_front();
            self.dropped += 1;
        }
        self.told.push_back(Told { notice, at: now, times: times + 1, read: false });
    }

    /// The newest first.
    pub fn all(&self) -> impl Iterator<Item = &Told> {
        self.told.iter().rev()
    }

    /// The newest first.
    pub fn unread(&self) -> impl Iterator<Item = &Told> {
        self.all().filter(|told| !told.read)
    }

    pub fn read_all(&mut self) {
        self.told.iter_mut().for_each(|told| told.read = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(n: usize) -> Notice {
        Notice::Alarm(format!("alarm {n}"))
    }

    #[test]
    fn the_same_is_one_line_and_unread_again_and_the_oldest_make_room() {
        let now = Timestamp::UNIX_EPOCH;
        let mut notices = Notices::default();
        notices.put(alarm(1), now);
        notices.put(alarm(2), now);
        notices.read_all();
        assert_eq!(notices.unread().count(), 0);
        notices.put(alarm(1), now);
        let shown: Vec<_> = notices.all().map(|t| (&t.notice, t.times, t.read)).collect();
        assert_eq!(shown, [(&alarm(1), 2, false), (&alarm(2), 1, true)]);
        (10..10 + MOST).for_each(|n| notices.put(alarm(n), now));
        assert_eq!((notices.all().count(), notices.dropped), (MOST, 2));
    }
}
