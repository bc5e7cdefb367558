//! What the verbs' tests share.

use crate::domain::{Principal, PrincipalState};

/// A role of this name that nothing else is known of.
pub fn role(name: &str) -> PrincipalState {
    PrincipalState {
        principal: Principal::Role(name.parse().expect("a name")),
        arn: format!("arn:aws:iam::111122223333:role/{name}").as_str().into(),
        service_linked: false,
        created: None,
        last_used: None,
        boundary: None,
        attached: Vec::new(),
        inline: Vec::new(),
    }
}
