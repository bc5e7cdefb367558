//! The file form: one JSON object with the four lists of the answer.

use std::{collections::HashSet, fmt};

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::{
    Authorization, Group, Holder, Inline, ManagedPolicy, Role, User, Version, document::decoded,
};
use crate::domain::{
    LastUsed, Untrusted,
    event::{Members, members},
    time::parse_foreign,
    untrusted::display_in,
};

/// Mistakes told; further ones are counted.
const MOST_TOLD: usize = 100;

/// One thing in a file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where it stands, such as `RoleDetailList[3].RolePolicyList[0].PolicyDocument`; empty for
    /// the file as a whole.
    pub place: String,
    pub what: String,
}

/// Why a file is no account's authorization details: every mistake in it, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub mistakes: Vec<Mistake>,
    /// Further mistakes, counted and not named.
    pub more: usize,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.place {
            "" => f.write_str(&self.what),
            place => write!(f, "{place}: {}", self.what),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.mistakes.iter().map(Mistake::to_string).collect();
        f.write_str(&lines.join("\n"))?;
        if self.more > 0 {
            write!(f, "\nand {} more mistakes", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for Unreadable {}

pub fn read(text: &str) -> Result<Authorization, Unreadable> {
    let mut reader = Reader::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = reader.file(text);
    match reader.mistakes.is_empty() {
        true => Ok(read.unwrap_or_default().with_account()),
        false => {
            let more = reader.mistakes.len().saturating_sub(MOST_TOLD);
            reader.mistakes.truncate(MOST_TOLD);
            Err(Unreadable { mistakes: reader.mistakes, more })
        }
    }
}

/// An object of the file and where it stands.
struct At<'t> {
    place: String,
    object: Members<'t>,
}

impl At<'_> {
    fn path(&self, member: &str) -> String {
        match &*self.place {
            "" => member.to_owned(),
            place => format!("{place}.{member}"),
        }
    }
}

#[derive(Default)]
struct Reader {
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn file(&mut self, text: &str) -> Option<Authorization> {
        const LISTS: [&str; 4] =
            ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];
        let object = match members(text) {
            Ok(object) => object,
            Err(e) => {
                let whole = serde_json::from_str::<&RawValue>(text);
                let what = match whole {
                    Err(e) => format!("not JSON: {e}"),
                    Ok(_) => format!("not a JSON object: {e}"),
                };
                // The error may quote the file.
                self.mistake(String::new(), &display_in(&what, 200));
                return None;
            }
        };
        if LISTS.iter().all(|list| !object.iter().any(|(key, _)| key.eq_ignore_ascii_case(list))) {
            let what = format!("none of {} is in it", LISTS.join(", "));
            self.mistake(String::new(), &what);
            return None;
        }
        let at = At { place: String::new(), object };
        let [users, groups, roles, policies] = LISTS.map(|list| self.objects(&at, list));
        let mut read = Authorization {
            account: None,
            users: users.iter().map(|at| self.user(at)).collect(),
            groups: groups.iter().map(|at| self.group(at)).collect(),
            roles: roles.iter().map(|at| self.role(at)).collect(),
            policies: policies.iter().map(|at| self.policy(at)).collect(),
        };
        // Pages that were put together by hand may overlap.
        fn once<T>(list: &mut Vec<T>, arn: impl Fn(&T) -> &Untrusted) {
            let mut seen = HashSet::new();
            list.retain(|item| seen.insert(arn(item).clone()));
        }
        once(&mut read.users, |user| &user.holder.arn);
        once(&mut read.groups, |group| &group.holder.arn);
        once(&mut read.roles, |role| &role.holder.arn);
        once(&mut read.policies, |policy| &policy.arn);
        Some(read)
    }

    fn user(&mut self, at: &At<'_>) -> User {
        User {
            holder: self.holder(at, "User"),
            groups: self.texts(at, "GroupList"),
            password_last_used: self.time(at, "PasswordLastUsed"),
        }
    }

    fn group(&mut self, at: &At<'_>) -> Group {
        Group { holder: self.holder(at, "Group") }
    }

    fn role(&mut self, at: &At<'_>) -> Role {
        let used = at.object.object("RoleLastUsed");
        let last_used = used.and_then(|used| {
            let used = At { place: at.path("RoleLastUsed"), object: used };
            let when = self.time(&used, "LastUsedDate")?;
            let region = used.object.text("Region").map(Untrusted::from);
            Some(LastUsed { at: Some(when), service: None, region })
        });
        let profiles = self.objects(at, "InstanceProfileList");
        Role {
            holder: self.holder(at, "Role"),
            trust: self.document(at, "AssumeRolePolicyDocument"),
            description: at.object.text("Description").map(Untrusted::from),
            max_session: at.object.text("MaxSessionDuration").and_then(|n| n.parse().ok()),
            last_used,
            instance_profiles: profiles
                .iter()
                .map(|p| self.text(p, "InstanceProfileName"))
                .collect(),
        }
    }

    fn policy(&mut self, at: &At<'_>) -> ManagedPolicy {
        let versions = self.objects(at, "PolicyVersionList");
        let version = |at: &At<'_>, reader: &mut Self| Version {
            id: reader.text(at, "VersionId"),
            document: reader.document(at, "Document"),
            created: reader.time(at, "CreateDate"),
        };
        let arn = self.text(at, "Arn");
        let name = at.object.text("PolicyName").map(Untrusted::from);
        ManagedPolicy {
            name: name.unwrap_or_else(|| ManagedPolicy::name_in(arn.raw())),
            arn,
            default_version: self.text(at, "DefaultVersionId"),
            versions: versions.iter().map(|at| version(at, self)).collect(),
            attachments: at.object.text("AttachmentCount").and_then(|n| n.parse().ok()),
        }
    }

    /// `kind` is how the names of its members begin: `UserName`, `RolePolicyList`.
    fn holder(&mut self, at: &At<'_>, kind: &str) -> Holder {
        let optional = |key: &str| at.object.text(key).map(Untrusted::from).unwrap_or_default();
        let inline = self.objects(at, &format!("{kind}PolicyList"));
        let attached = self.objects(at, "AttachedManagedPolicies");
        let tags = self.objects(at, "Tags");
        let boundary = at.object.object("PermissionsBoundary").map(|object| {
            let at = At { place: at.path("PermissionsBoundary"), object };
            self.text(&at, "PermissionsBoundaryArn")
        });
        Holder {
            name: self.text(at, &format!("{kind}Name")),
            path: optional("Path"),
            id: optional(&format!("{kind}Id")),
            arn: self.text(at, "Arn"),
            created: self.time(at, "CreateDate"),
            inline: inline
                .iter()
                .map(|at| Inline {
                    name: self.text(at, "PolicyName"),
                    document: self.document(at, "PolicyDocument"),
                })
                .collect(),
            attached: attached.iter().map(|at| self.text(at, "PolicyArn")).collect(),
            boundary,
            tags: tags
                .iter()
                // A tag's value may be empty, its key may not.
                .map(|at| {
                    let value = at.object.text("Value").map(Untrusted::from).unwrap_or_default();
                    (self.text(at, "Key"), value)
                })
                .collect(),
        }
    }

    /// The objects of a list; none where it is absent or `null`.
    fn objects<'t>(&mut self, at: &At<'t>, member: &str) -> Vec<At<'t>> {
        let Some(raw) = at.object.get(member) else { return Vec::new() };
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
            self.mistake(at.path(member), "is not a list");
            return Vec::new();
        };
        let mut objects = Vec::with_capacity(items.len());
        for (n, item) in items.into_iter().enumerate() {
            let place = format!("{}[{n}]", at.path(member));
            match members(item.get()) {
                Ok(object) => objects.push(At { place, object }),
                Err(_) if item.get() == "null" => {}
                Err(_) => self.mistake(place, "is not an object"),
            }
        }
        objects
    }

    fn texts(&mut self, at: &At<'_>, member: &str) -> Vec<Untrusted> {
        let Some(raw) = at.object.get(member) else { return Vec::new() };
        match serde_json::from_str::<Vec<Option<String>>>(raw.get()) {
            Ok(texts) => texts.into_iter().flatten().map(Untrusted::from).collect(),
            Err(_) => {
                self.mistake(at.path(member), "is not a list of texts");
                Vec::new()
            }
        }
    }

    /// A text that must be there.
    fn text(&mut self, at: &At<'_>, member: &str) -> Untrusted {
        match at.object.text(member) {
            Some(text) => text.into(),
            None => {
                self.mistake(at.path(member), "is missing");
                Untrusted::default()
            }
        }
    }

    fn time(&mut self, at: &At<'_>, member: &str) -> Option<Timestamp> {
        let text = at.object.text(member)?;
        let time = parse_foreign(&text);
        if time.is_none() {
            self.mistake(at.path(member), "is not a time");
        }
        time
    }

    /// A document that must be there: an object, byte for byte as it stands, or a text.
    fn document(&mut self, at: &At<'_>, member: &str) -> Untrusted {
        let document = match at.object.get(member).map(RawValue::get) {
            None => Err("is missing".to_owned()),
            Some(raw) if raw.starts_with('{') => Ok(raw.to_owned()),
            Some(raw) => match serde_json::from_str::<String>(raw) {
                Ok(text) => decoded(&text),
                Err(_) => Err("is neither an object nor a text".to_owned()),
            },
        };
        match document {
            Ok(document) => document.into(),
            Err(why) => {
                self.mistake(at.path(member), &why);
                Untrusted::default()
            }
        }
    }

    fn mistake(&mut self, place: String, what: &str) {
        self.mistakes.push(Mistake { place, what: what.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{
        "UserDetailList": [{
            "Path": "/", "UserName": "dana", "UserId": "AIDAEXAMPLE", "Arn": "arn:aws:iam::111122223333:user/dana",
            "CreateDate": "2019-12-18 19:10:08+00:00", "GroupList": ["ops"],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": "%7B%22Version%22%3A%222012-10-17%22%7D"}],
            "AttachedManagedPolicies": null,
            "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/edge"},
            "Tags": [{"Key": "team", "Value": ""}], "SomethingNew": {"x": [1]}
        }],
        "GroupDetailList": [{"GroupName": "ops", "Arn": "arn:aws:iam::111122223333:group/ops", "GroupPolicyList": [], "AttachedManagedPolicies": []}],
        "RoleDetailList": [{
            "Path": "/", "RoleName": "ci", "RoleId": "AROAEXAMPLE", "Arn": "arn:aws:iam::111122223333:role/ci",
            "AssumeRolePolicyDocument": {"Version":  "2012-10-17" , "Statement": [ ]},
            "InstanceProfileList": [{"InstanceProfileName": "ci-hosts", "Roles": []}],
            "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": {"Statement" : {"Action":"\u0073:*"}}}],
            "AttachedManagedPolicies": [{"PolicyName": "Deploy", "PolicyArn": "arn:aws:iam::111122223333:policy/Deploy"}],
            "RoleLastUsed": {"LastUsedDate": "2026-03-01T10:00:00Z", "Region": "eu-west-1"}
        }],
        "Policies": [{
            "PolicyName": "Deploy", "Arn": "arn:aws:iam::111122223333:policy/Deploy", "DefaultVersionId": "v2", "AttachmentCount": 1,
            "PolicyVersionList": [
                {"VersionId": "v2", "IsDefaultVersion": true, "Document": {"b": 1}, "CreateDate": 1589241600},
                {"VersionId": "v1", "IsDefaultVersion": false, "Document": {"a": 1}}]
        }],
        "IsTruncated": false
    }"#;

    fn mistakes(text: &str) -> Vec<String> {
        let wrong = Authorization::read(text).expect_err("not readable");
        wrong.mistakes.iter().map(Mistake::to_string).collect()
    }

    #[test]
    fn a_file_is_read_and_documents_are_kept_byte_for_byte() {
        let read = Authorization::read(FILE).expect("readable");
        assert_eq!(read.account.as_ref().map(|a| a.as_str()), Some("111122223333"));
        let dana = read.user("dana").expect("listed");
        assert_eq!(dana.holder.inline[0].document.raw(), r#"{"Version":"2012-10-17"}"#);
        assert_eq!(
            dana.holder.created.map(|at| at.to_string()).as_deref(),
            Some("2019-12-18T19:10:08Z")
        );
        assert_eq!(dana.holder.tags, [("team".into(), "".into())]);
        assert!(dana.holder.attached.is_empty());
        assert_eq!(
            dana.holder.boundary.as_ref().map(Untrusted::raw),
            Some("arn:aws:iam::111122223333:policy/edge")
        );
        assert_eq!(read.groups_of(dana).count(), 1);
        let ci = read.role("arn:aws:iam::111122223333:role/ci").expect("by ARN");
        assert_eq!(ci.trust.raw(), r#"{"Version":  "2012-10-17" , "Statement": [ ]}"#);
        assert_eq!(ci.holder.inline[0].document.raw(), r#"{"Statement" : {"Action":"\u0073:*"}}"#);
        assert_eq!(ci.instance_profiles, ["ci-hosts".into()]);
        assert_eq!(ci.last_used.as_ref().and_then(|u| u.region.clone()), Some("eu-west-1".into()));
        let deploy = read.policy("arn:aws:iam::111122223333:policy/Deploy").expect("listed");
        assert_eq!(deploy.document().map(Untrusted::raw), Some(r#"{"b": 1}"#));
        assert!(!deploy.is_aws_managed());
        assert_eq!(read.holders().count(), 3);
    }

    #[test]
    fn what_stands_twice_counts_once_and_the_last_of_two_keys_wins() {
        let user =
            r#"{"UserName": "a", "UserName": "b", "Arn": "arn:aws:iam::111122223333:user/b"}"#;
        let read = Authorization::read(&format!(r#"{{"UserDetailList": [{user}, null, {user}]}}"#));
        let read = read.expect("readable");
        assert_eq!(read.users.len(), 1);
        assert_eq!(read.users[0].holder.name.raw(), "b");
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let text = r#"{"RoleDetailList": [
            {"RoleName": "a", "Arn": "arn:aws:iam::111122223333:role/a", "AssumeRolePolicyDocument": {}},
            {"RoleName": "b", "Arn": "arn:aws:iam::111122223333:role/b", "AssumeRolePolicyDocument": null,
             "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": "%7B%FF%7D"}, 3], "Tags": "none"},
            {"Arn": "x", "AssumeRolePolicyDocument": [], "CreateDate": "soon"}],
            "Policies": [{"PolicyName": "q", "Arn": "y", "DefaultVersionId": "v1", "PolicyVersionList": [{"VersionId": "v1", "Document": "v1"}]}]}"#;
        assert_eq!(
            mistakes(text),
            [
                "RoleDetailList[1].RolePolicyList[1]: is not an object",
                "RoleDetailList[1].Tags: is not a list",
                "RoleDetailList[1].RolePolicyList[0].PolicyDocument: is not UTF-8 once it is percent-decoded",
                "RoleDetailList[1].AssumeRolePolicyDocument: is missing",
                "RoleDetailList[2].RoleName: is missing",
                "RoleDetailList[2].CreateDate: is not a time",
                "RoleDetailList[2].AssumeRolePolicyDocument: is neither an object nor a text",
                "Policies[0].PolicyVersionList[0].Document: is neither a JSON object nor one that is percent-encoded",
            ]
        );
    }

    #[test]
    fn what_is_no_such_file_is_refused_as_a_whole() {
        for (text, part) in [
            ("", "not JSON"),
            ("{\"UserDetailList\": [", "not JSON"),
            ("[1]", "not a JSON object"),
            ("{\"Roles\": []}", "none of UserDetailList"),
            ("\"\u{1b}[2J\"", "not JSON"),
        ] {
            let found = mistakes(text);
            assert!(found.len() == 1 && found[0].starts_with(part), "{text}: {found:?}");
            assert!(!found[0].contains('\u{1b}'));
        }
        let many = format!(r#"{{"UserDetailList": [{}{{}}]}}"#, "{},".repeat(500));
        let wrong = Authorization::read(&many).expect_err("no names");
        assert_eq!((wrong.mistakes.len(), wrong.more), (MOST_TOLD, 1002 - MOST_TOLD));
        assert!(wrong.to_string().ends_with("and 902 more mistakes"));
    }

    #[test]
    fn a_policy_without_a_name_has_that_of_its_arn() {
        let text = r#"{"Policies": [{"Arn": "arn:aws:iam::111122223333:policy/team/Deploy", "DefaultVersionId": "v1"}]}"#;
        let read = Authorization::read(text).expect("readable");
        assert_eq!(read.policies[0].name.raw(), "Deploy");
    }

    #[test]
    fn an_account_without_anybody_is_read() {
        let read = Authorization::read("\u{feff}{\"UserDetailList\": [], \"Policies\": null}");
        assert_eq!(read, Ok(Authorization::default()));
    }
}
