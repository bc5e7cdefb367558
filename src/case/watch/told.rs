//! A watch in halon's JSON answers (`halon.watch/1`), and one call in a line.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{Over, Seen, Verdict, Watch};
use crate::domain::untrusted::display_in;

/// One call: when, what, where, from where, by whom, and how it was refused; sanitised.
pub fn call_line(call: &Seen, when: &dyn Fn(Timestamp) -> String) -> String {
    let mut out = format!(
        "{} {}:{}",
        when(call.at),
        display_in(&call.service, 30),
        display_in(call.name.raw(), 60)
    );
    if let Some(region) = &call.region {
        out += &format!(" in {}", display_in(region.raw(), 20));
    }
    if let Some(address) = &call.address {
        out += &format!(" from {}", display_in(address.raw(), 40));
    }
    if let Verdict::Denied(code) = &call.verdict {
        out += &format!(" ({})", display_in(code.raw(), 40));
    }
    out
}

impl Seen {
    fn to_json(&self) -> Json {
        let error = match &self.verdict {
            Verdict::Denied(code) | Verdict::Failed(code) => Some(code),
            Verdict::Allowed | Verdict::Free => None,
        };
        json!({
            "event_id": self.id,
            "time": self.at,
            "service": self.service,
            "name": self.name,
            "region": self.region,
            "source_ip": self.address,
            "principal": self.principal,
            "access_key_id": self.key,
            "error_code": error,
        })
    }
}

impl Watch {
    /// Its shape in `halon.watch/1`.
    pub fn to_json(&self) -> Json {
        let tally = self.tally();
        let searched = self.places.iter().map(|(place, searched)| {
            let why: Vec<String> = searched.gaps.iter().map(|g| g.why.to_string()).collect();
            json!({"region": place.region, "until": searched.until, "lacks": why})
        });
        let by = self.by_whom().into_iter().map(|by| {
            json!({
                "principal": by.principal,
                "access_key_id": by.key,
                "allowed": by.allowed,
                "denied": by.denied,
            })
        });
        json!({
            "who": self.who.to_string(),
            "account": self.account,
            "since": self.since,
            "until": self.until,
            "run_id": self.run,
            "state": self.standing().name(),
            "over": match &self.over {
                None => Json::Null,
                Some(Over::Time) => json!("its time is up"),
                Some(Over::Stopped(why)) => json!(why),
            },
            "last_allowed": self.last_allowed().map(Seen::to_json),
            "first_denied": self.first_denied().map(Seen::to_json),
            "last_through": self.last_through().map(Seen::to_json),
            "since_then": {
                "allowed": tally.allowed,
                "denied": tally.denied,
                "failed": tally.failed,
                "beyond_policies": tally.free,
                "in_the_same_second": tally.same_second,
            },
            "by": by.collect::<Vec<_>>(),
            "searched": searched.collect::<Vec<_>>(),
            "searched_until": self.searched_until(),
            "remarks": self.remarks(),
        })
    }
}
