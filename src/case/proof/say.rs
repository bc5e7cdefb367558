//! A proof in words. Foreign text goes through the sanitiser.

use jiff::Timestamp;

use super::{Finding, Grade, Proof, Searched, Verdict};
use crate::domain::{
    event::{Event, Window},
    untrusted::display_in,
};

impl Proof {
    /// One sentence for people.
    pub fn words(&self) -> String {
        let calls = self.findings.iter().filter(|f| f.call.is_some()).count();
        let calls = match calls {
            0 => "no call is logged".to_owned(),
            1 => "1 call is logged".to_owned(),
            n => format!("{n} calls are logged"),
        };
        let parts: Vec<String> = Verdict::ALL
            .into_iter()
            .filter_map(|verdict| {
                let count = self.count(verdict);
                let words = match verdict {
                    Verdict::Matched => "found by request id",
                    Verdict::Settled => "found without one",
                    Verdict::Unrecorded => "refused and not recorded",
                    Verdict::NotSent => "not sent",
                    Verdict::ThroughService => "made by a service in our name",
                    Verdict::TooYoung => "too young to be missed",
                    Verdict::Unheard => "of unknown outcome and not found",
                    Verdict::NotSearched => "not searched",
                    Verdict::Differs => "told otherwise",
                    Verdict::Missing => "missing",
                    Verdict::Unlogged => "not logged",
                };
                (count > 0).then(|| format!("{count} {words}"))
            })
            .collect();
        let head = match self.grade() {
            Grade::Clean => "agrees with CloudTrail",
            Grade::Open => "agrees with CloudTrail as far as was seen",
            Grade::Broken => "does not agree with CloudTrail",
        };
        match parts.is_empty() {
            true => format!("{head}: {calls}"),
            false => format!("{head}: {calls}; {}", parts.join(", ")),
        }
    }

    /// What is not counted but named, each in a line: all that does not simply agree.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.findings.iter().filter_map(|finding| self.line(finding))
    }

    /// Each question once, with the regions in which it was answered.
    pub fn places(&self) -> Vec<String> {
        let mut lines: Vec<(String, Vec<String>)> = Vec::new();
        for s in self.searched.iter().filter(|s| s.lacking.is_none()) {
            let Searched { account, by, window: Window { from, to }, region, .. } = s;
            let what = format!("{account} {by} from {from:.0} to {to:.0}");
            let region = region.iter().map(ToString::to_string);
            match lines.iter_mut().find(|(known, _)| *known == what) {
                Some((_, regions)) => regions.extend(region),
                None => lines.push((what, region.collect())),
            }
        }
        let line =
            |(what, regions): (String, Vec<String>)| format!("{what} in {}", regions.join(", "));
        lines.into_iter().map(line).collect()
    }

    /// One finding with the call that it is about; nothing of what agrees.
    pub fn line(&self, f: &Finding) -> Option<String> {
        let words = self.said(f)?;
        let Some(call) = &f.call else { return Some(words) };
        let request = call.request_id.as_deref().map_or_else(
            || "no request id".to_owned(),
            |id| format!("request {}", display_in(id, 60)),
        );
        Some(format!(
            "record {}: {}:{} in {} {} at {:.0}, {request}: {words}",
            call.seq,
            display_in(&call.service, 40),
            display_in(&call.operation, 60),
            call.account,
            call.region,
            call.at,
        ))
    }

    /// What is said of it; nothing of what agrees.
    pub fn said(&self, f: &Finding) -> Option<String> {
        let why = f.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let event = f.event.as_deref();
        let event = event.map(|e| format!(" {} event {}", when(e), id(e))).unwrap_or_default();
        Some(match f.verdict {
            Verdict::Matched | Verdict::NotSent | Verdict::Unrecorded => return None,
            Verdict::Settled => format!("arrived{why}"),
            Verdict::ThroughService => format!("by a service:{event}{why}"),
            Verdict::Unlogged => format!("NOT LOGGED:{event}{why}"),
            Verdict::TooYoung => {
                format!("too young: CloudTrail may have it until {}", self.until(f))
            }
            Verdict::Unheard => "unknown outcome, and CloudTrail has nothing that fits".to_owned(),
            Verdict::NotSearched => format!("not searched{why}"),
            Verdict::Differs => format!("TOLD OTHERWISE:{event}{why}"),
            Verdict::Missing => "MISSING: CloudTrail does not have it".to_owned(),
        })
    }

    fn until(&self, f: &Finding) -> String {
        let at = f.call.as_ref().map(|call| call.at);
        let until = at.and_then(|at| at.checked_add(self.terms.delay).ok());
        until.map_or_else(|| "later".to_owned(), |at: Timestamp| format!("{at:.0}"))
    }
}

fn when(event: &Event) -> String {
    event.time.map_or_else(|| "at an unknown time".to_owned(), |at| format!("{at:.0}"))
}

fn id(event: &Event) -> String {
    display_in(event.id.raw(), 80)
}
