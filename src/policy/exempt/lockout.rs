//! Would a role for emergencies be locked out by service control policies that do not stand
//! above its account yet? Asked before they are attached, and before the account is moved
//! under them.

use super::{
    Analysis, Level, LevelReport, Question, Stack, Standing, StatementReport, Subject, Verdict,
    amend::Fix, analyse, stack::Attached,
};
use crate::domain::{
    Region, Untrusted,
    organization::{OrgPolicy, OrgPolicyKind},
    untrusted::{display_in, json_ascii},
};

/// Calls of the job that are named; the rest is counted.
const NAMED: usize = 4;

/// Policies that would newly stand at one root, unit or account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newly {
    /// Its id.
    pub target: Untrusted,
    pub name: Untrusted,
    /// The name and the document of each.
    pub policies: Vec<(Untrusted, Untrusted)>,
    /// Other policies stand there already and go on to: what these do not allow, those do.
    /// So it is where one more is attached; where an account is moved under a unit, these are
    /// all that stand there.
    pub beside_others: bool,
}

/// What policies that would newly stand above a role's account do to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Lockout {
    /// The role's ARN.
    pub role: String,
    /// What [`analyse`] says of the new policies alone.
    pub analysis: Analysis,
}

/// Tries the job of break-glass on the policies that would newly stand above the role's
/// account. The management account is bound by none: nobody needs to ask for its roles
/// (Organizations user guide, "Tasks and entities not restricted by SCPs").
pub fn lockout(newly: &[Newly], role: &Subject) -> Lockout {
    let levels = newly.iter().enumerate().map(|(at, level)| Level {
        target: level.target.clone(),
        name: level.name.clone(),
        policies: attached(at, level),
    });
    let stack = Stack {
        organization: None,
        enabled: vec![OrgPolicyKind::Scp],
        levels: levels.collect(),
        missing: None,
    };
    let role = role.clone();
    let regions = regions(&role.arn);
    let question = Question { role, stack, is_management: false, regions, others: Vec::new() };
    Lockout { analysis: analyse(&question), role: question.role.arn }
}

fn attached(level: usize, newly: &Newly) -> Vec<Attached> {
    let scp = |id: String, name: &Untrusted, document: Untrusted, aws_managed| {
        Attached::of(&OrgPolicy {
            id: id.into(),
            name: name.clone(),
            kind: OrgPolicyKind::Scp,
            aws_managed,
            document,
            targets: Vec::new(),
        })
    };
    let all = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let others = newly
        .beside_others
        .then(|| scp(format!("others-{level}"), &"the policies there".into(), all.into(), true));
    let new = newly.policies.iter().enumerate().map(|(at, (name, document))| {
        scp(format!("new-{level}-{at}"), name, document.clone(), false)
    });
    others.into_iter().chain(new).collect()
}

/// Where the job is tried: wherever an attacker can go without anybody's leave.
fn regions(role: &str) -> Vec<Region> {
    let global = |name: &str| name.parse().ok();
    match role.split(':').nth(1) {
        Some("aws-cn") => global("cn-north-1").into_iter().collect(),
        Some("aws-us-gov") => global("us-gov-west-1").into_iter().collect(),
        Some("aws-eusc") => global("eusc-de-east-1").into_iter().collect(),
        _ => Region::enabled_by_default(),
    }
}

impl Lockout {
    /// Some call of the job would be denied for certain.
    pub fn is_certain(&self) -> bool {
        self.analysis.verdict == Verdict::NotExempt
    }

    /// Whether any would depends on what is not known, such as the role's tags.
    pub fn is_possible(&self) -> bool {
        self.analysis.verdict == Verdict::Unknown
    }

    /// The statements that deny, or may.
    pub fn statements(&self) -> impl Iterator<Item = &StatementReport> {
        let stands =
            |s: &&StatementReport| matches!(s.standing, Standing::Denies | Standing::Depends);
        self.analysis.statements().map(|(_, statement)| statement).filter(stands)
    }

    /// The best confirmed exemption of each statement that stands in the way, and the Allow of
    /// each level that lacks one: the policy's or level's name with the statement as it would be.
    pub fn fixes(&self) -> Vec<(Untrusted, &Fix)> {
        let statements =
            self.statements().filter_map(|s| Some((s.policy.clone(), s.fixes.first()?)));
        let lacking = |level: &LevelReport| !level.lacking.is_empty();
        let levels = self.analysis.levels.iter().filter(|l| lacking(l));
        let levels = levels.filter_map(|l| Some((l.name.clone(), l.fix.as_ref()?)));
        statements.chain(levels).collect()
    }

    /// What would be denied and what would mend it, a sentence each. Safe to show; nothing
    /// where nothing stands in the way.
    pub fn sentences(&self) -> Vec<String> {
        [self.obstacles(), self.exemptions()].concat()
    }

    /// What would be denied, a sentence each. Safe to show.
    pub fn obstacles(&self) -> Vec<String> {
        let role = display_in(&self.role, 200);
        let verb = if self.is_certain() { "would lock out" } else { "may lock out" };
        let mut out = Vec::new();
        for statement in self.statements() {
            let name = display_in(statement.policy.raw(), 80);
            let sid = statement.statement.sid.as_deref().filter(|sid| !sid.is_empty());
            let sid = sid.map(|sid| format!(" ({})", display_in(sid, 60))).unwrap_or_default();
            let denied = named(statement.breaks.iter().map(|b| b.call.action));
            out.push(format!("statement {} of {name}{sid} {verb} {role}: {denied}", statement.at));
        }
        for level in self.analysis.levels.iter().filter(|l| !l.lacking.is_empty()) {
            let name = display_in(level.name.raw(), 80);
            let denied = named(level.lacking.iter().map(|b| b.call.action));
            out.push(format!("no policy at {name} allows {role} {denied}"));
        }
        for level in &self.analysis.levels {
            for (name, _) in &level.unreadable {
                let name = display_in(name.raw(), 80);
                out.push(format!(
                    "{name} cannot be read: whether it locks out {role} is not known"
                ));
            }
        }
        out
    }

    /// What would mend it, a sentence for each statement. Safe to show.
    pub fn exemptions(&self) -> Vec<String> {
        let one = |(name, fix): (Untrusted, &Fix)| {
            let name = display_in(name.raw(), 80);
            let added = display_in(fix.added.raw(), 400);
            // The statement is foreign text in part, and JSON in ASCII cannot do harm.
            let statement = json_ascii(&fix.statement.to_string());
            format!("{name} with the exemption, {added}: {statement}")
        };
        self.fixes().into_iter().map(one).collect()
    }
}

/// Some actions by name, the rest counted.
fn named<'a>(actions: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<&str> = actions.collect();
    all.sort_unstable();
    all.dedup();
    let more = all.len().saturating_sub(NAMED);
    let first = all.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ROLE: &str = "arn:aws:iam::444455556666:role/ir/break-glass";

    fn role(tags: &[(&str, &str)]) -> Subject {
        let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Subject { arn: ROLE.to_owned(), tags: Some(tags) }
    }

    fn newly(statement: Value, beside_others: bool) -> Newly {
        let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        Newly {
            target: "ou-1-quarantine".into(),
            name: "Quarantine".into(),
            policies: vec![("quarantine".into(), document.into())],
            beside_others,
        }
    }

    fn deny_all(condition: Value) -> Value {
        json!({"Sid": "Quarantine", "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": condition})
    }

    #[test]
    fn a_deny_of_everything_locks_out_and_the_exemption_names_our_role() {
        let out = lockout(&[newly(deny_all(json!({})), true)], &role(&[]));
        assert!(out.is_certain() && !out.is_possible());
        let fixes = out.fixes();
        assert_eq!(fixes.len(), 1);
        let (policy, fix) = &fixes[0];
        assert_eq!(policy.raw(), "quarantine");
        assert_eq!(fix.statement["Condition"], json!({"ArnNotLike": {"aws:PrincipalArn": ROLE}}));
        // What is proposed lets the role through, as evaluation confirms.
        let mended = lockout(&[newly(fix.statement.clone(), true)], &role(&[]));
        assert!(!mended.is_certain() && !mended.is_possible());
        assert_eq!(mended.sentences(), Vec::<String>::new());
        let said = out.sentences().join("\n");
        assert!(said.contains("statement 0 of quarantine (Quarantine) would lock out"), "{said}");
        assert!(said.contains("ArnNotLike"), "{said}");
    }

    #[test]
    fn another_role_that_is_exempt_is_not_ours() {
        let other = json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/other-glass"}});
        let out = lockout(&[newly(deny_all(other), true)], &role(&[]));
        assert!(out.is_certain());
        let fixed = out.fixes()[0].1.statement["Condition"].clone();
        let both = json!(["arn:aws:iam::*:role/other-glass", ROLE]);
        assert_eq!(fixed, json!({"ArnNotLike": {"aws:PrincipalArn": both}}));
        let ours = json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ir/*"}});
        assert!(!lockout(&[newly(deny_all(ours), true)], &role(&[])).is_certain());
    }

    #[test]
    fn a_tag_counts_where_it_is_known() {
        let tag = || json!({"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}});
        let tagged = role(&[("BreakGlass", "true")]);
        assert!(!lockout(&[newly(deny_all(tag()), true)], &tagged).is_certain());
        assert!(lockout(&[newly(deny_all(tag()), true)], &role(&[])).is_certain());
        let unseen = Subject { tags: None, ..role(&[]) };
        let out = lockout(&[newly(deny_all(tag()), true)], &unseen);
        assert!(out.is_possible() && !out.is_certain());
        assert!(out.sentences()[0].contains("may lock out"), "{:?}", out.sentences());
    }

    #[test]
    fn under_a_unit_whose_policies_allow_nothing_nobody_can_do_anything() {
        // Beside FullAWSAccess it takes away little; alone it allows nothing at all.
        let little = json!({"Effect": "Deny", "Action": "lambda:*", "Resource": "*"});
        assert!(!lockout(&[newly(little.clone(), true)], &role(&[])).is_certain());
        let out = lockout(&[newly(little, false)], &role(&[]));
        assert!(out.is_certain());
        assert!(out.sentences()[0].starts_with("no policy at Quarantine allows"));
        let (level, fix) = &out.fixes()[0];
        assert_eq!((level.raw(), &fix.statement["Effect"]), ("Quarantine", &json!("Allow")));
        let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        assert!(!lockout(&[newly(all, false)], &role(&[])).is_certain());
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_harmless() {
        let mut broken = newly(json!({}), true);
        broken.policies[0].1 = "{".into();
        let out = lockout(&[broken], &role(&[]));
        assert!(out.is_possible());
        assert!(out.sentences()[0].contains("cannot be read"), "{:?}", out.sentences());
    }
}
