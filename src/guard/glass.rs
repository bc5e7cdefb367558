//! The way in for emergencies: no change may shut it.

use crate::{
    change::{Prepared, organization::lays},
    domain::AccountId,
    policy::exempt::{Subject, lockout},
};

/// What a change would do to the break-glass roles of the accounts that it binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Glass {
    /// It binds no account anew, or each account's role gets through.
    Open,
    /// A role would be locked out.
    Shut { why: Vec<String>, exemptions: Vec<String> },
    /// Nobody can tell: no role is known for an account, or what exempts it is not.
    Unknown(Vec<String>),
}

/// Tries the policies that the change would put above accounts on their break-glass roles
/// (ARNs, of whatever accounts).
pub fn glass(prepared: &Prepared, roles: &[String]) -> Glass {
    let Some((newly, accounts)) = lays(&prepared.change.verb, &prepared.before) else {
        return Glass::Open;
    };
    let (mut why, mut exemptions, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for account in accounts {
        let own: Vec<&String> = roles.iter().filter(|arn| is_of(arn, account)).collect();
        if own.is_empty() {
            unknown.push(format!(
                "no break-glass role is configured for account {account}: whether anybody gets \
                 back in is not known"
            ));
        }
        for arn in own {
            let lockout = lockout(&newly, &Subject { arn: arn.clone(), tags: None });
            if lockout.is_certain() {
                why.extend(lockout.obstacles());
                exemptions.extend(lockout.exemptions());
            } else if lockout.is_possible() {
                unknown.extend(lockout.obstacles());
            }
        }
    }
    if !why.is_empty() {
        return Glass::Shut { why, exemptions };
    }
    if unknown.is_empty() { Glass::Open } else { Glass::Unknown(unknown) }
}

fn is_of(arn: &str, account: &AccountId) -> bool {
    arn.split(':').nth(4) == Some(account.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AttachedScps, Change, Place, Scp, State, Verb};

    const ROLE: &str = "arn:aws:iam::123456789012:role/ir/break-glass";

    fn attaching(document: &str) -> Prepared {
        let (scp, target) = ("p-deny0001", "123456789012");
        let (scp, target) = (scp.parse().expect("an id"), target.parse().expect("a target"));
        let verb = Verb::AttachScp { scp, target };
        let Verb::AttachScp { scp, target } = verb.clone() else { unreachable!() };
        Prepared {
            change: Change {
                place: Place { target: "t".into(), region: "us-east-1".parse().expect("a region") },
                account: "111122223333".parse().expect("an account"),
                verb,
            },
            before: State::Scp(AttachedScps {
                organization: "o-example".into(),
                management: "111122223333".parse().expect("an account"),
                target,
                target_name: "prod".into(),
                scp: Scp { id: scp, name: "emergency".into(), document: document.into() },
                attached: Vec::new(),
                accounts: vec![("123456789012".parse().expect("an account"), "prod".into())],
            }),
        }
    }

    fn deny(condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Stop","Effect":"Deny","Action":"*","Resource":"*"{condition}}}]}}"#
        )
    }

    #[test]
    fn the_way_in_stays_open() {
        let roles = [ROLE.to_owned()];
        let Glass::Shut { why, exemptions } = glass(&attaching(&deny("")), &roles) else {
            panic!("it is shut")
        };
        assert!(why[0].contains("would lock out") && why[0].contains(ROLE), "{why:?}");
        assert!(exemptions[0].contains(ROLE), "{exemptions:?}");
        let exempt = format!(r#","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"{ROLE}"}}}}"#);
        assert_eq!(glass(&attaching(&deny(&exempt)), &roles), Glass::Open);
        // Somebody else's exemption is none of ours.
        let other = exempt.replace("break-glass", "other");
        assert!(matches!(glass(&attaching(&deny(&other)), &roles), Glass::Shut { .. }));
    }

    #[test]
    fn where_no_role_is_known_nobody_can_tell() {
        let other = ["arn:aws:iam::444455556666:role/break-glass".to_owned()];
        assert!(matches!(glass(&attaching(&deny("")), &other), Glass::Unknown(_)));
        let by_tag = r#","Condition":{"StringNotEquals":{"aws:PrincipalTag/BreakGlass":"true"}}"#;
        let unknown = glass(&attaching(&deny(by_tag)), &[ROLE.to_owned()]);
        assert!(
            matches!(&unknown, Glass::Unknown(why) if why[0].contains("may lock out")),
            "{unknown:?}"
        );
    }
}
