//! The machine's policy file, by whoever looks after the machine: what no flag, file or
//! variable of the operator's takes back.
//!
//! It fails closed: a file that is there and cannot be read, or is broken, makes halon
//! read-only. In the range, which sends nothing anywhere, only what it says of accounts and
//! endpoints does not matter.

use std::{fs, path::Path};

use jiff::SignedDuration;

use super::{Config, limits};
use crate::{
    cloud::Bounds,
    domain::{
        AccountId,
        document::{self, Broken, Table},
        time::span,
        untrusted::display_in,
    },
    guard::LAPSE,
};

/// Where it lies; on purpose not to be set by anybody.
pub const PATH: &str = "/etc/halon/policy.toml";

/// What the machine bounds; without a file nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SystemPolicy {
    /// The file, where there is one.
    pub file: Option<String>,
    pub read_only: bool,
    /// Only these accounts are looked at and acted in.
    pub accounts: Option<Vec<AccountId>>,
    /// Requests go to AWS's own endpoints only.
    pub aws_only: bool,
    /// Armed lasts no longer than this without a change.
    pub lapse: Option<SignedDuration>,
    /// A second person agrees to every use of break-glass.
    pub second_person: bool,
    /// Why the file counts as *read-only* and no more.
    pub broken: Option<Broken>,
}

impl SystemPolicy {
    pub fn load(path: &Path) -> SystemPolicy {
        let name = path.to_string_lossy();
        let read = match fs::read_to_string(path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Self::default(),
            Err(e) => Err(Broken::unreadable(&name, &e)),
            Ok(text) => Self::read(&name, &text),
        };
        let file = Some(display_in(&name, 200));
        match read {
            Ok(policy) => Self { file, ..policy },
            Err(broken) => Self { file, read_only: true, broken: Some(broken), ..Self::default() },
        }
    }

    pub fn read(file: &str, text: &str) -> Result<SystemPolicy, Broken> {
        document::read(file, text, document::MAX_BYTES, |root| {
            let flag = |key, usual| root.boolean(key).map_or(usual, |given| given.value);
            Some(SystemPolicy {
                file: None,
                read_only: flag("read_only", false),
                accounts: accounts(root),
                aws_only: !flag("endpoints", true),
                lapse: limits::lapse(root),
                second_person: flag("second_person", false),
                broken: None,
            })
        })
    }

    /// Lays itself over what the operator's own file says.
    pub fn bind(&self, config: &mut Config) {
        config.how.second_person |= self.second_person;
        if let Some(most) = self.lapse {
            config.lapse = Some(config.lapse.unwrap_or(LAPSE).min(most));
        }
    }

    pub fn bounds(&self) -> Bounds {
        Bounds {
            accounts: self.accounts.clone(),
            endpoints: !self.aws_only,
            file: self.file.clone().unwrap_or_default(),
        }
    }

    /// Everything it bounds, one sentence each.
    pub fn says(&self) -> Vec<String> {
        let accounts = self.accounts.as_ref().map(|allowed| {
            let ids: Vec<&str> = allowed.iter().map(AccountId::as_str).collect();
            format!("accounts: only {}", ids.join(", "))
        });
        let lapse = self.lapse.map(|most| format!("armed lapses after {} at most", span(most)));
        let is = |flag: bool, says: &str| flag.then(|| says.to_owned());
        [
            is(self.broken.is_some(), "the file is broken"),
            is(self.read_only, "read-only"),
            accounts,
            is(self.aws_only, "AWS's own endpoints only"),
            lapse,
            is(self.second_person, "a second person agrees to break-glass"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// In a line, with the file's name; nothing where there is none.
    pub fn in_a_line(&self) -> Option<String> {
        let says = self.says();
        let says = if says.is_empty() { "bounds nothing".to_owned() } else { says.join("; ") };
        self.file.as_ref().map(|file| format!("{file}: {says}"))
    }

    /// What has to be told for as long as the file is broken.
    pub fn trouble(&self) -> Option<String> {
        let broken = self.broken.as_ref()?.to_string().replace('\n', "; ");
        Some(format!(
            "{broken}: until whoever looks after this machine mends it, halon is read-only"
        ))
    }

    /// Why nothing can be changed, where that is the machine's doing.
    pub fn forbids_changes(&self) -> Option<String> {
        let file = self.file.as_ref().filter(|_| self.read_only)?;
        Some(match &self.broken {
            Some(_) => format!("read-only: {file} is broken, and counts as read-only"),
            None => format!("read-only: {file} says so for this machine"),
        })
    }
}

fn accounts(root: &Table<'_>) -> Option<Vec<AccountId>> {
    let ids = root.has("accounts").then(|| root.strings("accounts"))?;
    Some(ids.iter().filter_map(|id| Some(root.parse("accounts", id)?.value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_binds_what_the_operator_says() {
        let text = "read_only = true\naccounts = [\"111122223333\"]\nendpoints = false\n\
            lapse = \"15m\"\nsecond_person = true\n";
        let policy = SystemPolicy::read("policy.toml", text).expect("it reads");
        let mut config = Config::read("halon.toml", "[armed]\nlapse = \"2h\"\n").expect("it reads");
        policy.bind(&mut config);
        assert_eq!(config.lapse, Some(SignedDuration::from_mins(15)));
        assert!(config.how.second_person);
        let mut config = Config::read("halon.toml", "[armed]\nlapse = \"5m\"\n").expect("it reads");
        policy.bind(&mut config);
        assert_eq!(config.lapse, Some(SignedDuration::from_mins(5)));
        let bounds = policy.bounds();
        assert!(!bounds.endpoints);
        assert!(bounds.check(&"111122223333".parse().expect("an id")).is_ok());
        assert!(bounds.check(&"444455556666".parse().expect("an id")).is_err());
        assert_eq!(policy.says().len(), 5);
        // An empty list allows nobody; no list allows everybody.
        let none = SystemPolicy::read("policy.toml", "accounts = []\n").expect("it reads");
        assert!(none.bounds().check(&"111122223333".parse().expect("an id")).is_err());
        let all = SystemPolicy::read("policy.toml", "").expect("it reads");
        assert!(all.bounds().check(&"111122223333".parse().expect("an id")).is_ok());
    }

    #[test]
    fn it_fails_closed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("policy.toml");
        assert_eq!(SystemPolicy::load(&path), SystemPolicy::default());
        for text in ["read_only = \"no\"\n", "read_onyl = false\n", "read_only = \n"] {
            fs::write(&path, text).expect("written");
            let policy = SystemPolicy::load(&path);
            assert!(policy.read_only && policy.broken.is_some(), "{text}");
            let trouble = policy.trouble().expect("it is told");
            assert!(trouble.contains("policy.toml:1:"), "{trouble}");
            assert!(policy.forbids_changes().is_some_and(|why| why.contains("broken")));
        }
        // Not a file, or behind something that is no folder: it is there, and it is not read.
        fs::remove_file(&path).expect("removed");
        fs::create_dir(&path).expect("made");
        assert!(SystemPolicy::load(&path).read_only);
        fs::write(folder.path().join("halon"), "").expect("written");
        assert!(SystemPolicy::load(&folder.path().join("halon/policy.toml")).read_only);
    }
}
