//! The reasons of a proposal in sentences. Names in them are as they came: whoever shows them
//! sanitises.

use super::{Beside, Unlogged, Why};

impl Why {
    /// The word in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Why::Unlogged(Unlogged::Data) => "data_events",
            Why::Unlogged(Unlogged::Never) => "never_logged",
            Why::Beside(..) => "beside",
            Why::Accessed(_) => "last_accessed",
            Why::Unmapped(_) => "unmapped",
            Why::Unknown => "not_in_table",
        }
    }

    /// Why it stays, as the end of a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Why::Unlogged(Unlogged::Data) => {
                "logged only as data events, which the event history lacks, and no imported data \
                 events cover these resources: not seen says nothing"
                    .to_owned()
            }
            Why::Unlogged(Unlogged::Never) => {
                "CloudTrail does not log it: not seen says nothing".to_owned()
            }
            Why::Beside(Beside::Pass, seen) => format!(
                "passing a role is never logged, and {seen}, which was seen, may hand one on"
            ),
            Why::Beside(Beside::Tag, seen) => format!(
                "tags given with {seen}, which was seen, are checked as this and not logged as it"
            ),
            Why::Beside(Beside::Same, seen) => {
                format!("checked together with {seen}, which was seen, and not logged as it")
            }
            Why::Accessed(at) => format!(
                "IAM says that the role used this service, last at {at:.0}, and no event of it is \
                 here"
            ),
            Why::Unmapped(names) => {
                let more = names.len().saturating_sub(3);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let names: Vec<&str> = names.iter().take(3).map(String::as_str).collect();
                format!(
                    "events that are not known to need any action: {}{more}; so the service is \
                     kept",
                    names.join(", ")
                )
            }
            Why::Unknown => {
                "no action that is known has such a name: it stays as it is written".to_owned()
            }
        }
    }
}
