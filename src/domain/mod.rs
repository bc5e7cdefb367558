//! The nouns. No I/O, no clock, nothing of ours to the left of this folder.

mod account;
pub mod authorization;
mod change;
pub mod credentials;
pub mod document;
pub mod event;
mod fault;
pub mod finding;
mod iam;
mod logging;
pub mod organization;
mod outcome;
mod query;
mod severity;
pub mod simulation;
mod state;
pub mod time;
pub mod timeline;
pub mod untrusted;

pub use account::{AccountId, Identity, Place, Region, Target};
pub use change::{Change, HubId, Note, Verb, Workflow};
pub use fault::{Fault, FaultKind};
pub use iam::{AccessKeyId, KeyStatus, PolicyArn, Principal, RoleName, UserName};
pub use logging::{Logging, Selectors, TrailState, TrailStatus};
pub use outcome::{Applied, Outcome};
pub use query::{Answer, Ask, Call, Gap, Query, Service, Source, Status};
pub use severity::{Band, Severity};
pub use state::{
    AttachmentState, FindingState, GuardDutyState, HubState, KeyState, LastUsed, PrincipalState,
    State, Subject,
};
pub use untrusted::Untrusted;
