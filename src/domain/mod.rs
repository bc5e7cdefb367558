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
mod mfa;
pub mod organization;
mod outcome;
mod query;
mod session;
mod severity;
pub mod simulation;
mod state;
pub mod time;
pub mod timeline;
mod trail;
pub mod untrusted;

pub use account::{AccountId, Identity, Place, Region, Target};
pub use change::{Assume, Change, HubId, Note, Usefulness, Verb, Workflow};
pub use fault::{Fault, FaultKind};
pub use iam::{
    AccessKeyId, InlineName, KeyStatus, MfaSerial, PolicyArn, Principal, RoleArn, RoleName,
    UserName, VersionId,
};
pub use logging::{Logging, Selectors, TrailState, TrailStatus};
pub use mfa::MfaCode;
pub use organization::{OrgTarget, ScpId};
pub use outcome::{Applied, Outcome};
pub use query::{Answer, Ask, Call, Gap, Query, Service, Source, Status};
pub use session::SessionId;
pub use severity::{Band, Severity};
pub use state::{
    AttachedScps, AttachmentState, DetectorState, FindingState, Glass, GlassState, GuardDutyState,
    HubState, HubSwitch, InlineState, KeyState, KeysState, LastUsed, LoginProfile, LoginState,
    MemberState, OpenSession, PolicyState, PolicyVersion, PrincipalState, RoleSession, Scp,
    SessionsState, State, Subject, TagState, TrailSettings, TrustState,
};
pub use trail::{AdvancedSelector, BasicSelector, EventSelectors, FieldSelector, TrailArn};
pub use untrusted::Untrusted;
