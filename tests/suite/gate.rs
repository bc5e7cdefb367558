//! The read-only gate, against every operation of every linked client.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use halon::cloud::{allowed::READ_ONLY, gate_check};

/// The clients halon links, with the name their operations carry.
const CLIENTS: &[(&str, &str)] = &[
    ("aws-sdk-cloudtrail", "CloudTrail"),
    ("aws-sdk-guardduty", "GuardDuty"),
    ("aws-sdk-iam", "IAM"),
    ("aws-sdk-organizations", "Organizations"),
    ("aws-sdk-securityhub", "SecurityHub"),
    ("aws-sdk-sts", "STS"),
];

/// Every operation of the linked clients, read from their sources.
fn linked_operations() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (package, folder) in package_folders() {
        let Some((_, service)) = CLIENTS.iter().find(|(name, _)| *name == package) else {
            continue;
        };
        let operations = folder.join("src/operation");
        for entry in fs::read_dir(&operations).expect("the client's operations").flatten() {
            if entry.path().extension().is_none_or(|e| e != "rs") {
                continue;
            }
            let text = fs::read_to_string(entry.path()).expect("a source file");
            let (_, after) = text.split_once("Metadata::new(").expect("an operation's metadata");
            let mut quoted = after.split('"').skip(1).step_by(2);
            let operation = quoted.next().expect("the operation's name");
            assert_eq!(quoted.next(), Some(*service), "in {}", entry.path().display());
            found.insert(((*service).to_owned(), operation.to_owned()));
        }
    }
    found
}

fn package_folders() -> Vec<(String, PathBuf)> {
    // Of this platform alone: what only others need was never downloaded.
    let about = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let about = String::from_utf8_lossy(&about.stdout).into_owned();
    let host = about.lines().find_map(|l| l.strip_prefix("host: ")).expect("a host").to_owned();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", &host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .filter_map(|p| {
            let manifest = Path::new(p["manifest_path"].as_str()?);
            Some((p["name"].as_str()?.to_owned(), manifest.parent()?.to_owned()))
        })
        .collect()
}

#[test]
fn exactly_the_listed_operations_pass() {
    let operations = linked_operations();
    let services: BTreeSet<&str> = operations.iter().map(|(s, _)| s.as_str()).collect();
    assert_eq!(services.len(), CLIENTS.len(), "a client was not found: {services:?}");
    let passing: BTreeSet<(String, String)> = operations
        .iter()
        .filter(|(service, name)| gate_check(Some((service, name))).is_ok())
        .cloned()
        .collect();
    let listed: BTreeSet<(String, String)> =
        READ_ONLY.iter().map(|r| (r.service.to_owned(), r.operation.to_owned())).collect();
    assert_eq!(passing, listed, "a listed operation that no client has never passes");
    assert!(gate_check(None).is_err());
    assert!(gate_check(Some(("guardduty", "ListFindings"))).is_err(), "names are exact");
}

/// The checked-in list is what the conformance run compares with botocore's models.
#[test]
fn the_list_of_operations_is_the_linked_clients_own() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/operations.tsv");
    let text = fs::read_to_string(path).expect("the list");
    let listed: BTreeSet<(String, String)> = text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(s, o)| (s.to_owned(), o.to_owned()))
        .collect();
    let linked = linked_operations();
    let only_linked: Vec<_> = linked.difference(&listed).collect();
    let only_listed: Vec<_> = listed.difference(&linked).collect();
    assert!(
        only_linked.is_empty() && only_listed.is_empty(),
        "linked and not listed: {only_linked:?}; listed and not linked: {only_listed:?}"
    );
}

#[test]
fn every_row_of_the_list_has_its_reason() {
    let mut seen = BTreeMap::new();
    for row in READ_ONLY {
        assert!(row.reason.len() > 10, "{}:{}", row.service, row.operation);
        assert!(row.action.contains(':'), "{}", row.action);
        assert!(seen.insert((row.service, row.operation), ()).is_none(), "listed twice");
    }
}
