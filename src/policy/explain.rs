//! A decision in sentences for people. Names in them are as they came: whoever shows them
//! sanitises.

use super::{
    decision::{Decision, Outcome, Reason},
    document::Effect,
};

impl Reason {
    /// `statement 0 (Regions) of service control policy Guardrails at level 1`.
    pub fn phrase(&self) -> String {
        let sid = self.sid.as_ref().map(|sid| format!(" ({sid})")).unwrap_or_default();
        let level = self.level.map(|level| format!(" at level {level}")).unwrap_or_default();
        let (at, kind) = (self.statement, self.kind.phrase());
        format!("statement {at}{sid} of {kind} {}{level}", self.policy)
    }
}

impl Decision {
    /// Why, the deciding first; never empty.
    pub fn sentences(&self) -> Vec<String> {
        let denying = || self.by.iter().filter(|r| r.effect == Effect::Deny);
        let allowing = || self.by.iter().filter(|r| r.effect == Effect::Allow);
        let mut out: Vec<String> = match self.outcome {
            Outcome::Allowed => allowing().map(|r| format!("allowed by {}", r.phrase())).collect(),
            Outcome::ExplicitDeny => {
                denying().map(|r| format!("denied by {}", r.phrase())).collect()
            }
            // What lacks is in the notes.
            Outcome::ImplicitDeny => Vec::new(),
            Outcome::Unknown => {
                let keys = (!self.missing.is_empty())
                    .then(|| format!("depends on {}", self.missing.join(", ")));
                let denied = denying().map(|r| format!("may be denied by {}", r.phrase()));
                let certain = self.missing.is_empty();
                let allowed = allowing().map(|r| {
                    let may = if certain { "" } else { "may be " };
                    format!("{may}allowed by {}", r.phrase())
                });
                keys.into_iter().chain(denied).chain(allowed).collect()
            }
        };
        out.extend(self.notes.iter().cloned());
        if out.is_empty() {
            // Only the root user is allowed without a statement.
            out.push("the account's root user may do all".to_owned());
        }
        out
    }

    /// `allowed`, `denied` or `unknown`.
    pub fn verdict(&self) -> &'static str {
        match self.outcome {
            Outcome::Allowed => "allowed",
            _ if self.is_denied() => "denied",
            _ => "unknown",
        }
    }
}
