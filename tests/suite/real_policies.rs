//! Policies that others wrote, beside the project in `../shared/data` or wherever
//! `HALON_REAL_DATA` says: all of them are read and given back as they were, but for the one
//! that was published broken. Without the folder there is nothing to check; the reader's own
//! tests have every quirk of these files.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use halon::{domain::authorization::Authorization, policy::Policy};
use serde_json::Value;

/// Not JSON as it was published: a comma is missing.
const BROKEN: &str =
    "Service-specific-controls_AWS-IAM_deny-service-specific-credential-by-type.json";

fn data(folder: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = std::env::var_os("HALON_REAL_DATA").map_or_else(beside, PathBuf::from).join(folder);
    data.is_dir().then_some(data)
}

#[track_caller]
fn round_trips(name: &str, text: &str) {
    let policy = Policy::parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
    let written: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(policy.to_json(), written, "{name}");
    let again = Policy::parse(&policy.to_json().to_string()).expect("what was given back");
    assert_eq!(again.to_json(), written, "{name}");
}

#[test]
fn managed_policies() {
    let Some(folder) = data("iam") else { return };
    let file = std::fs::File::open(folder.join("aws-managed-policies-half.ndjson.gz"));
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file.expect("the file"))
        .read_to_string(&mut text)
        .expect("gzip");
    let mut count = 0;
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        round_trips(row["name"].as_str().expect("a name"), &row["document"].to_string());
        count += 1;
    }
    assert_eq!(count, 821);
}

#[test]
fn an_account() {
    let Some(folder) = data("iam") else { return };
    let file = folder.join("account-authorization-details.json");
    let text = std::fs::read_to_string(file).expect("the file");
    let account = Authorization::read(&text).unwrap_or_else(|e| panic!("{e:?}"));
    let mut count = 0;
    let mut check = |name: &str, document: &str| {
        round_trips(name, document);
        count += 1;
    };
    for holder in account.holders() {
        holder.inline.iter().for_each(|inline| check(inline.name.raw(), inline.document.raw()));
    }
    account.roles.iter().for_each(|role| check(role.holder.name.raw(), role.trust.raw()));
    for policy in &account.policies {
        policy.versions.iter().for_each(|v| check(policy.name.raw(), v.document.raw()));
    }
    assert!(count > 20, "{count} documents");
}

#[test]
fn service_control_policies() {
    let Some(folder) = data("scp/aws-samples") else { return };
    let mut refused = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        count += 1;
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("text");
        match Policy::parse(&text) {
            Ok(_) => round_trips(&name, text.trim_start_matches('\u{feff}')),
            Err(malformed) => refused.push((name, malformed.to_string())),
        }
    }
    assert_eq!(count, 57);
    let [(name, why)] = &refused[..] else { panic!("{refused:?}") };
    assert_eq!(name, BROKEN);
    assert!(why.starts_with("15:13: this is not JSON: "), "{why}");
}
