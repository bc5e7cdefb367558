//! The table of IAM actions: access levels, and the types of resource that each action can
//! be limited to.
//!
//! `assets/iam/actions.txt`, which says its source and date; AWS's own page is the service
//! authorization reference. The table is never all there is: an action that is not in it is
//! *unknown*, not wrong. Names are compared without regard to case, as IAM does.
//!
//! Nothing is parsed before it is asked for: a service's lines are read when the service is
//! named for the first time.

use std::{cmp::Ordering, ops::Range, sync::OnceLock};

/// What an action does, as AWS classes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    List,
    Read,
    Write,
    Permissions,
    Tagging,
}

impl AccessLevel {
    /// AWS's name of it.
    pub fn name(self) -> &'static str {
        match self {
            AccessLevel::List => "List",
            AccessLevel::Read => "Read",
            AccessLevel::Write => "Write",
            AccessLevel::Permissions => "Permissions management",
            AccessLevel::Tagging => "Tagging",
        }
    }

    /// Whether the action only looks.
    pub fn reads(self) -> bool {
        matches!(self, AccessLevel::List | AccessLevel::Read)
    }
}

/// One action of the table.
#[derive(Debug)]
pub struct Action {
    /// The prefix, such as `s3`.
    pub service: &'static str,
    /// Such as `GetObject`, spelt as AWS spells it.
    pub name: &'static str,
    pub level: AccessLevel,
    /// Types of resource, separated by commas, with a `*` behind those of every request.
    types: &'static str,
    /// Looked up when they are asked for.
    forms: OnceLock<Box<[Form]>>,
}

/// The form of the ARNs of a type of resource.
#[derive(Debug)]
pub struct Form {
    /// Such as `arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}`.
    pub text: &'static str,
    /// The service in it: not always the action's.
    pub service: &'static str,
    /// The resource in it, up to its first variable: `role/`.
    pub fixed: &'static str,
}

impl Form {
    fn new(text: &'static str) -> Self {
        let resource = text.splitn(6, ':').nth(5).unwrap_or_default();
        let fixed = &resource[..resource.find("${").unwrap_or(resource.len())];
        Form { text, service: text.split(':').nth(2).unwrap_or_default(), fixed }
    }
}

impl Action {
    /// Whether there is nothing to limit the action to: it is allowed on `*` or not at all.
    pub fn only_on_everything(&self) -> bool {
        self.types.is_empty()
    }

    /// The types of resource that it can be limited to, such as `object`; those that every
    /// request has come first.
    pub fn resource_types(&self) -> impl Iterator<Item = &'static str> + use<> {
        let types = |all: &'static str| all.split(',').filter(|t| !t.is_empty());
        let required = types(self.types).filter_map(|t| t.strip_suffix('*'));
        required.chain(types(self.types).filter(|t| !t.ends_with('*')))
    }

    /// The forms of those resources' ARNs.
    pub fn forms(&self) -> &[Form] {
        self.forms.get_or_init(|| {
            let types =
                service(self.service).map(|s| s.read().types.as_slice()).unwrap_or_default();
            self.resource_types()
                .filter_map(|wanted| types.iter().find(|(name, _)| *name == wanted))
                .flat_map(|(_, arns)| spaced(arns))
                .map(Form::new)
                .collect()
        })
    }
}

/// `${…}` has no blank followed by `arn:`, but names in it may have blanks.
fn spaced(arns: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = Some(arns);
    std::iter::from_fn(move || {
        let text = rest?;
        match text.find(" arn:") {
            Some(at) => {
                rest = Some(&text[at + 1..]);
                Some(&text[..at])
            }
            None => rest.take(),
        }
    })
}

/// The action of this name, `service:Action`.
pub fn find(action: &str) -> Option<&'static Action> {
    let (prefix, name) = action.split_once(':')?;
    let actions = &service(prefix)?.read().actions;
    let at = actions.binary_search_by(|a| compare(a.name, name)).ok()?;
    actions.get(at)
}

/// The access level of `service:Action`; none where the action is unknown.
pub fn access_level(action: &str) -> Option<AccessLevel> {
    find(action).map(|a| a.level)
}

/// Whether the table knows any action of this prefix.
pub fn knows_service(prefix: &str) -> bool {
    service(prefix).is_some()
}

/// Every known action that a pattern of a policy names: `*`, `s3:Get*`, `ec2:*Snapshot?`. In
/// order of service and name. A pattern that names none gives none.
pub fn expand(pattern: &str) -> impl Iterator<Item = &'static Action> + use<> {
    let (prefix, name) = match pattern.split_once(':') {
        Some(parts) => parts,
        None if !pattern.is_empty() && pattern.bytes().all(|b| b == b'*') => ("*", "*"),
        None => ("", ""),
    };
    let wild = prefix.contains(['*', '?']);
    let (prefix, name) = (prefix.to_owned(), name.to_owned());
    let chosen: &'static [Service] = match service_at(&prefix) {
        _ if wild => services(),
        Ok(at) => &services()[at..=at],
        Err(_) => &[],
    };
    chosen
        .iter()
        .filter(move |s| !wild || matches(&prefix, s.name))
        .flat_map(move |s| s.matching(&name))
}

/// `*` stands for any text, `?` for one character, the rest for itself in any case.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go on after the last `*` if what follows it does not fit here.
    let mut again: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                again = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == b'?' || c.eq_ignore_ascii_case(&text[t]) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after, from)) = again else { return false };
                again = Some((after, from + 1));
                p = after;
                t = from + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

struct Service {
    name: &'static str,
    lines: &'static str,
    read: OnceLock<Read>,
}

struct Read {
    /// Name and ARNs.
    types: Vec<(&'static str, &'static str)>,
    /// In the order of [`compare`].
    actions: Vec<Action>,
}

impl Service {
    fn read(&'static self) -> &'static Read {
        self.read.get_or_init(|| {
            let mut read = Read { types: Vec::new(), actions: Vec::new() };
            for line in self.lines.lines() {
                if let Some(kind) = line.strip_prefix(' ') {
                    read.types.extend(kind.split_once('\t'));
                } else if let Some(action) = action(self.name, line) {
                    read.actions.push(action);
                }
            }
            read
        })
    }

    fn matching(&'static self, pattern: &str) -> impl Iterator<Item = &'static Action> + use<> {
        let actions = &self.read().actions;
        let fixed = pattern.find(['*', '?']).unwrap_or(pattern.len());
        let Range { start, end } = beginning_with(actions, &pattern[..fixed]);
        let pattern = pattern.to_owned();
        // What follows a beginning is most often `*` alone, or nothing.
        let whole = pattern[fixed..] == *"*";
        actions[start..end].iter().filter(move |a| whole || matches(&pattern, a.name))
    }
}

fn action(service: &'static str, line: &'static str) -> Option<Action> {
    let (level, rest) = line.split_once(' ')?;
    let (name, types) = rest.split_once(' ').unwrap_or((rest, ""));
    let level = match level {
        "L" => AccessLevel::List,
        "R" => AccessLevel::Read,
        "W" => AccessLevel::Write,
        "P" => AccessLevel::Permissions,
        "T" => AccessLevel::Tagging,
        _ => return None,
    };
    Some(Action { service, name, level, types, forms: OnceLock::new() })
}

/// The stretch of actions whose names begin with this text, in any case.
fn beginning_with(actions: &[Action], text: &str) -> Range<usize> {
    let head = |a: &Action| {
        let n = a.name.len().min(text.len());
        // Action names are ASCII, and so any place in them is a boundary.
        compare(&a.name[..n], text)
    };
    let start = actions.partition_point(|a| head(a) == Ordering::Less);
    let end = start + actions[start..].partition_point(|a| head(a) == Ordering::Equal);
    start..end
}

/// The order of the table.
fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    for at in 0..a.len().min(b.len()) {
        let (x, y) = (a[at].to_ascii_lowercase(), b[at].to_ascii_lowercase());
        if x != y {
            return x.cmp(&y);
        }
    }
    a.len().cmp(&b.len())
}

fn services() -> &'static [Service] {
    static SERVICES: OnceLock<Vec<Service>> = OnceLock::new();
    SERVICES.get_or_init(|| {
        let text = include_str!("../../assets/iam/actions.txt");
        let mut parts = text.split("\n=");
        parts.next();
        let service = |part: &'static str| {
            let (name, lines) = part.split_once('\n').unwrap_or((part, ""));
            Service { name, lines, read: OnceLock::new() }
        };
        parts.map(service).collect()
    })
}

fn service_at(prefix: &str) -> Result<usize, usize> {
    services().binary_search_by(|s| compare(s.name, prefix))
}

fn service(prefix: &str) -> Option<&'static Service> {
    service_at(prefix).ok().map(|at| &services()[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pattern: &str) -> Vec<String> {
        expand(pattern).map(|a| format!("{}:{}", a.service, a.name)).collect()
    }

    #[test]
    fn the_table_is_whole_and_in_order() {
        assert_eq!(expand("*").count(), 22_321);
        assert!(services().is_sorted_by(|a, b| compare(a.name, b.name) == Ordering::Less));
        for service in services() {
            let read = service.read();
            let sorted = read.actions.is_sorted_by(|a, b| compare(a.name, b.name).is_lt());
            assert!(sorted && !read.actions.is_empty(), "{}", service.name);
            let lines = read.types.len() + read.actions.len();
            assert_eq!(
                lines,
                service.lines.lines().count(),
                "{}: a line was not read",
                service.name
            );
            for action in &read.actions {
                assert!(action.name.is_ascii());
                for kind in action.resource_types() {
                    assert!(read.types.iter().any(|(k, _)| *k == kind), "{} {kind}", action.name);
                }
            }
        }
    }

    #[test]
    fn case_does_not_matter_and_what_is_not_known_is_not_found() {
        assert_eq!(access_level("S3:getobject"), Some(AccessLevel::Read));
        assert_eq!(access_level("s3:PutBucketPolicy"), Some(AccessLevel::Permissions));
        assert_eq!(access_level("iam:TagRole"), Some(AccessLevel::Tagging));
        assert_eq!(access_level("iam:ListRoles"), Some(AccessLevel::List));
        assert_eq!(access_level("iam:PassRole"), Some(AccessLevel::Write));
        for unknown in ["s3:GetObjects", "s4:GetObject", "s3", "", "s3:", ":GetObject", "s3:Get*"] {
            assert!(find(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn patterns_name_what_iam_says_they_name() {
        assert_eq!(names("iam:passrole"), ["iam:PassRole"]);
        assert_eq!(names("iam:Create*Version"), ["iam:CreatePolicyVersion"]);
        assert_eq!(names("IAM:?assRole"), ["iam:PassRole"]);
        assert_eq!(
            names("iam:*AccessKey"),
            ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateAccessKey"]
        );
        assert_eq!(
            names("sts:AssumeRole*"),
            ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
        );
        for none in ["", "iam", "iam:", "nosuch:*", "iam:PassRole?", "iam:PassRole "] {
            assert!(names(none).is_empty(), "{none:?}");
        }
        assert_eq!(names("*:*").len(), names("*").len());
        assert_eq!(names("*:PassRole"), ["iam:PassRole"]);
    }

    #[test]
    fn expanding_is_the_same_as_matching_each() {
        for pattern in
            ["s3:*", "s3:Get*", "s3:*Object", "s3:G?tObject*", "S3:*e*c*", "s3:**", "s3:*?"]
        {
            let (_, name) = pattern.split_once(':').expect("a colon");
            let each: Vec<_> =
                expand("s3:*").filter(|a| matches(name, a.name)).map(|a| a.name).collect();
            let expanded: Vec<_> = expand(pattern).map(|a| a.name).collect();
            assert_eq!(expanded, each, "{pattern}");
            assert!(!each.is_empty(), "{pattern}");
        }
    }

    #[test]
    fn an_action_says_what_it_can_be_limited_to() {
        let get = find("s3:GetObject").expect("known");
        let pass = find("iam:PassRole").expect("known").forms();
        assert_eq!((pass.len(), pass[0].service, pass[0].fixed), (1, "iam", "role/"));
        let run = find("ec2:RunInstances").expect("known");
        assert_eq!(run.resource_types().next(), Some("image"), "what every request has is first");
        assert!(
            get.forms()
                .iter()
                .any(|f| f.text == "arn:${Partition}:s3:::${BucketName}/${ObjectName}")
        );
        assert!(find("s3:ListAllMyBuckets").expect("known").only_on_everything());
        assert_eq!(find("lex:DeleteBotReplica").expect("known").forms().len(), 2);
    }
}
