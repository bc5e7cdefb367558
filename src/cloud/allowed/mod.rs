//! The exact list of AWS operations that may be called without a permit, and the IAM policies
//! that halon asks for, made from it.
//!
//! By pair, never by prefix: `sts:GetSessionToken` reads like a read and mints
//! credentials. A row is added when a screen needs it, with the reason.

mod list;
mod needs;
mod statements;

pub use list::READ_ONLY;
pub use needs::{By, Wanted, wanted};
pub use statements::{MOST, policy, size};

use crate::change::{ASSUME, KINDS, Spec, WAYS_BACK};

/// One operation that only reads.
pub struct Row {
    /// The service as the SDK's metadata names it.
    pub service: &'static str,
    pub operation: &'static str,
    /// The IAM action that allows it (Service Authorization Reference).
    pub action: &'static str,
    /// What shows less without it.
    pub screens: &'static [Screen],
    pub reason: &'static str,
}

/// A part of the program that asks AWS something by itself, and shows a gap where it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Screen {
    Header,
    Findings,
    Health,
    Doctor,
    Trail,
    Inspection,
    Used,
    Account,
    Root,
    Simulator,
    WhyDenied,
    Organization,
    Preconditions,
    Drill,
    RoleDefinition,
}

impl Screen {
    pub const ALL: [Screen; 15] = [
        Screen::Header,
        Screen::Findings,
        Screen::Health,
        Screen::Doctor,
        Screen::Trail,
        Screen::Inspection,
        Screen::Used,
        Screen::Account,
        Screen::Root,
        Screen::Simulator,
        Screen::WhyDenied,
        Screen::Organization,
        Screen::Preconditions,
        Screen::Drill,
        Screen::RoleDefinition,
    ];

    /// Its name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Screen::Header => "the header",
            Screen::Findings => "findings",
            Screen::Health => "health",
            Screen::Doctor => "`halon doctor`",
            Screen::Trail => "trail",
            Screen::Inspection => "pre-flight, `halon iam user` and `role`",
            Screen::Used => "IAM: what was used, `halon iam narrow`",
            Screen::Account => "IAM",
            Screen::Root => "`halon iam root`",
            Screen::Simulator => "IAM: can it",
            Screen::WhyDenied => "trail: why denied",
            Screen::Organization => "organization",
            Screen::Preconditions => "drill: what stands before it",
            Screen::Drill => "drill: evidence",
            Screen::RoleDefinition => "drill: the role's definition",
        }
    }

    /// The `Sid` of the statement that allows what it reads.
    pub fn sid(self) -> &'static str {
        match self {
            Screen::Header => "HalonHeader",
            Screen::Findings => "HalonFindings",
            Screen::Health => "HalonHealth",
            Screen::Doctor => "HalonDoctor",
            Screen::Trail => "HalonTrail",
            Screen::Inspection => "HalonInspection",
            Screen::Used => "HalonServicesUsed",
            Screen::Account => "HalonAccount",
            Screen::Root => "HalonRootAndCredentials",
            Screen::Simulator => "HalonSimulator",
            Screen::WhyDenied => "HalonWhyDenied",
            Screen::Organization => "HalonOrganization",
            Screen::Preconditions => "HalonPreconditions",
            Screen::Drill => "HalonDrill",
            Screen::RoleDefinition => "HalonRoleDefinition",
        }
    }
}

/// Whom a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Looks at everything and plans playbooks.
    ReadOnly,
    /// Also runs every playbook and takes it back.
    Respond,
    /// Assumes a break-glass role, and gathers the evidence of a drill.
    Drill,
    /// The break-glass role itself: runs every playbook.
    BreakGlass,
}

impl Access {
    pub const ALL: [Access; 4] =
        [Access::ReadOnly, Access::Respond, Access::Drill, Access::BreakGlass];

    /// As `--mode` has it.
    pub fn name(self) -> &'static str {
        match self {
            Access::ReadOnly => "read-only",
            Access::Respond => "respond",
            Access::Drill => "drill",
            Access::BreakGlass => "break-glass",
        }
    }
}

/// What the writer may send, each only with a permit: the verbs' own calls.
pub fn writes() -> impl Iterator<Item = &'static Spec> {
    KINDS.iter().chain(WAYS_BACK).copied().chain([ASSUME])
}
