//! The log against real files: damage of every kind, and what becomes of it.

mod damage;
mod disk;
mod torn;
mod unknowns;
mod writers;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use tempfile::TempDir;

use super::{About, Entry, Kind, Log, Stamp};

/// A folder with a log's path in it.
pub(in crate::audit) struct Lab {
    _folder: TempDir,
    pub(in crate::audit) path: PathBuf,
}

pub(in crate::audit) fn lab() -> Lab {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data/audit.jsonl");
    Lab { _folder: folder, path }
}

pub(in crate::audit) fn about() -> About {
    About {
        world: "range",
        host: "bastion".into(),
        os_user: "oncall".into(),
        tool: "halon 0.1.0".into(),
        boot_id: "b".into(),
        session: "s".into(),
        environment: vec!["HTTPS_PROXY".into()],
        policy: None,
        ..About::default()
    }
}

pub(in crate::audit) fn at(second: i64) -> Stamp {
    let utc = jiff::Timestamp::from_second(1_772_420_000 + second).expect("a time");
    Stamp { utc, mono_ms: second as u64 * 1000 }
}

fn note(n: u64) -> Entry {
    Entry::new(Kind::Note).with("text", format!("n\u{f6}te {n}\u{7f}\u{202e}"))
}

/// A log with `records` records, closed again.
fn filled(path: &Path, records: u64) {
    let mut log = Log::open(path, about(), at(0)).expect("opens");
    for n in 2..records {
        let entry = match n % 3 {
            0 => Entry::new(Kind::Intent)
                .corr(format!("c{n}"))
                .with("incident", json!({"id": "INC-1"}))
                .with("op", json!({"service": "iam", "name": "DetachRolePolicy"})),
            1 => Entry::new(Kind::Outcome).corr(format!("c{}", n - 1)).with("result", "ok"),
            _ => note(n),
        };
        log.append(entry, at(n as i64)).expect("appends");
    }
    log.end("quit", at(records as i64)).expect("ends");
}

pub(in crate::audit) fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).expect("a log").lines().map(ToOwned::to_owned).collect()
}

fn state(path: &Path) -> PathBuf {
    super::state_path(path)
}
