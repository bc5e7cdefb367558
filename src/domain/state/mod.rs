//! What is read before a change, after it, and by a playbook's own reads: the state of
//! one subject. "Nothing there" is a value, not a failure.

mod findings;
mod glass;
mod iam;
mod place;

use serde::{Deserialize, Serialize};

use super::{
    AccessKeyId, AccountId, OrgTarget, PolicyArn, Principal, RoleArn, RoleName, ScpId, TrailArn,
    UserName,
};

pub use findings::{FindingState, GuardDutyState, HubState};
pub use glass::{Glass, GlassState, OpenSession};
pub use iam::{
    AttachmentState, InlineState, KeyState, KeysState, LastUsed, LoginProfile, LoginState,
    PolicyState, PolicyVersion, PrincipalState, RoleSession, SessionsState, TagState, TrustState,
};
pub use place::{AttachedScps, DetectorState, HubSwitch, MemberState, Scp, TrailSettings};

/// What a state is asked of. IAM's subjects are an account's, the organization's are its
/// management account's, everything else is a region's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    AccessKey(AccessKeyId),
    /// Every access key of a user.
    AccessKeys(UserName),
    /// A user or role with its policies.
    Principal(Principal),
    /// Whether a managed policy is attached to a user or role, and what it says.
    Attachment {
        to: Principal,
        policy: PolicyArn,
    },
    /// What the inline policies of a user or role say; with `sessions` also who may be using
    /// the role.
    Inline {
        of: Principal,
        sessions: bool,
    },
    /// Who may assume a role.
    Trust(RoleName),
    /// A managed policy with its versions.
    Policy(PolicyArn),
    /// Whether a user has a console password.
    Login(UserName),
    /// A user's or role's tags.
    Tags(Principal),
    /// GuardDuty findings by id.
    GuardDuty {
        ids: Vec<String>,
    },
    /// Security Hub findings by their ASFF `Id`.
    SecurityHub {
        ids: Vec<String>,
    },
    Trail(TrailArn),
    /// GuardDuty's detector in the place.
    Detector,
    /// Whether Security Hub is on in the place.
    Hub,
    /// An SCP, and what stands above a target.
    Scp {
        scp: ScpId,
        target: OrgTarget,
    },
    /// Where an account stands in the organization, and what moving it would mean.
    Member {
        account: AccountId,
        to: OrgTarget,
    },
    /// Whether a session of a role for emergencies is open in this process.
    Glass(RoleArn),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    AccessKey(KeyState),
    AccessKeys(KeysState),
    Principal(PrincipalState),
    Attachment(AttachmentState),
    Inline(InlineState),
    Trust(TrustState),
    Policy(PolicyState),
    Login(LoginState),
    Tags(TagState),
    GuardDuty(GuardDutyState),
    SecurityHub(Vec<HubState>),
    Trail(TrailSettings),
    Detector(DetectorState),
    Hub(HubSwitch),
    Scp(AttachedScps),
    Member(MemberState),
    Glass(GlassState),
}

macro_rules! accessors {
    ($($name:ident: $variant:ident -> $of:ty),+ $(,)?) => {
        $(pub fn $name(&self) -> Option<&$of> {
            match self {
                State::$variant(state) => Some(state),
                _ => None,
            }
        })+
    };
}

impl State {
    accessors! {
        key: AccessKey -> KeyState,
        keys: AccessKeys -> KeysState,
        attachment: Attachment -> AttachmentState,
        inline: Inline -> InlineState,
        trust: Trust -> TrustState,
        policy: Policy -> PolicyState,
        login: Login -> LoginState,
        tags: Tags -> TagState,
        guardduty: GuardDuty -> GuardDutyState,
        trail: Trail -> TrailSettings,
        detector: Detector -> DetectorState,
        scp: Scp -> AttachedScps,
        member: Member -> MemberState,
        glass: Glass -> GlassState,
    }

    pub fn hub(&self) -> Option<&[HubState]> {
        match self {
            State::SecurityHub(findings) => Some(findings),
            _ => None,
        }
    }

    /// The management account of the organization that it is about.
    pub fn management(&self) -> Option<&AccountId> {
        match self {
            State::Scp(scp) => Some(&scp.management),
            State::Member(member) => Some(&member.management),
            _ => None,
        }
    }

    /// Whether Security Hub is on.
    pub fn hub_is_on(&self) -> Option<bool> {
        match self {
            State::Hub(hub) => Some(hub.enabled),
            _ => None,
        }
    }

    /// The user or role that it is about, where it is about one.
    pub fn principal(&self) -> Option<&PrincipalState> {
        match self {
            State::Principal(p) => Some(p),
            State::Attachment(a) => Some(&a.principal),
            State::Inline(i) => Some(&i.principal),
            State::Trust(t) => Some(&t.principal),
            State::Tags(t) => Some(&t.principal),
            _ => None,
        }
    }

    /// What asks for this state again.
    pub fn subject(&self) -> Subject {
        match self {
            State::AccessKey(key) => Subject::AccessKey(key.key.clone()),
            State::AccessKeys(keys) => Subject::AccessKeys(keys.user.clone()),
            State::Principal(p) => Subject::Principal(p.principal.clone()),
            State::Attachment(a) => {
                Subject::Attachment { to: a.principal.principal.clone(), policy: a.policy.clone() }
            }
            State::Inline(i) => Subject::Inline {
                of: i.principal.principal.clone(),
                sessions: i.sessions.is_some(),
            },
            State::Trust(t) => Subject::Trust(t.role.clone()),
            State::Policy(p) => Subject::Policy(p.policy.clone()),
            State::Login(l) => Subject::Login(l.user.clone()),
            State::Tags(t) => Subject::Tags(t.principal.principal.clone()),
            State::GuardDuty(g) => {
                Subject::GuardDuty { ids: g.findings.iter().map(|f| f.id.clone()).collect() }
            }
            State::SecurityHub(f) => {
                Subject::SecurityHub { ids: f.iter().map(|f| f.id.id.clone()).collect() }
            }
            State::Trail(t) => Subject::Trail(t.trail.clone()),
            State::Detector(_) => Subject::Detector,
            State::Hub(_) => Subject::Hub,
            State::Scp(s) => Subject::Scp { scp: s.scp.id.clone(), target: s.target.clone() },
            State::Glass(g) => Subject::Glass(g.role.clone()),
            State::Member(m) => Subject::Member { account: m.account.clone(), to: m.to.clone() },
        }
    }
}
