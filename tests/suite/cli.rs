//! The headless commands, in process, with captured output. Every call names its own
//! data folder and configuration: nothing of the developer's is read.

use std::{fs, path::PathBuf};

use serde_json::Value;

pub struct Machine {
    home: tempfile::TempDir,
}

pub struct Ran {
    pub code: u8,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        assert!(self.out.is_ascii(), "JSON answers are ASCII");
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}: {} / {}", self.out, self.err))
    }

    fn ids(&self) -> Vec<String> {
        let items = self.json()["items"].as_array().expect("items").clone();
        items.iter().map(|i| i["id"].as_str().expect("an id").to_owned()).collect()
    }
}

impl Machine {
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        fs::write(home.path().join("halon.toml"), "").expect("written");
        Self { home }
    }

    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(&path, text).expect("written");
        path.to_string_lossy().into_owned()
    }

    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        let config = self.home.path().join("halon.toml");
        let own = [
            "halon",
            "--data-dir",
            &self.data().to_string_lossy(),
            "--config",
            &config.to_string_lossy(),
        ]
        .map(Into::into);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut output = halon::cli::Output { out: &mut out, err: &mut err };
        let code =
            halon::cli::run(own.into_iter().chain(arguments.iter().map(Into::into)), &mut output);
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ran { code, out: text(out), err: text(err) }
    }
}

const FINDING: &str = r#"{"id": "f1", "type": "Recon:EC2/Portscan", "severity": 8, "region": "us-east-1",
    "accountId": "111122223333", "updatedAt": "2026-03-02T03:00:00Z", "title": "a\u202eb\u001b[2J", "service": {"archived": false}}"#;

#[test]
fn the_answer_has_the_shape_that_others_rely_on() {
    let machine = Machine::new();
    let ran = machine.run(&["--range", "findings", "--json", "--region", "us-east-1"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let answer = ran.json();
    assert_eq!(answer["schema"], "halon.findings/1");
    assert_eq!(answer["complete"], true);
    assert_eq!(answer["incomplete"], Value::Array(vec![]));
    assert!(answer["as_of"].as_str().is_some_and(|t| t.ends_with('Z')));
    let items = answer["items"].as_array().expect("items");
    assert!(items.len() >= 10);
    for item in items {
        let keys: Vec<&str> =
            item.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "id",
                "arn",
                "account",
                "region",
                "detector_region",
                "severity",
                "type",
                "title",
                "first_seen",
                "last_seen",
                "count",
                "resource",
                "actor",
                "guardduty",
                "securityhub"
            ]
        );
        assert!(["high", "critical"].contains(&item["severity"]["band"].as_str().expect("a band")));
    }
    assert!(items.iter().any(|i| !i["guardduty"].is_null() && !i["securityhub"].is_null()));
    assert!(items.iter().any(|i| i["guardduty"].is_null()));
}

#[test]
fn filters_narrow_and_options_stand_before_or_after() {
    let machine = Machine::new();
    let all = machine
        .run(&["findings", "--range", "--json", "--severity", "informational", "--status", "all"])
        .ids();
    let high = machine.run(&["--json", "--range", "findings"]).ids();
    let guardduty = machine.run(&["--range", "findings", "--source", "guardduty", "--json"]);
    let account = machine.run(&["--range", "findings", "--account", "123456789012", "--json"]);
    let none = machine.run(&["--range", "findings", "--since", "2026-03-03", "--json"]);
    assert!(all.len() > high.len() && high.iter().all(|id| all.contains(id)));
    assert!(
        guardduty.json()["items"]
            .as_array()
            .expect("items")
            .iter()
            .all(|i| !i["guardduty"].is_null())
    );
    assert!(
        account.json()["items"]
            .as_array()
            .expect("items")
            .iter()
            .all(|i| i["account"] == "123456789012")
    );
    assert_eq!(none.ids(), Vec::<String>::new());
}

#[test]
fn wrong_use_is_exit_code_2_with_a_reason_and_no_answer() {
    let machine = Machine::new();
    for (arguments, word) in [
        (&["findings", "--severity", "huge"][..], "expected informational"),
        (&["findings", "--since", "yesterday"], "not a time"),
        (&["findings", "--region", "mars"], "us-east-1"),
        (&["findings", "--account", "12"], "12 digits"),
        (&["--endpoint-url", "ftp://x", "findings"], "http"),
        (&["--endpoint-url", "http://me:secret@127.0.0.1", "findings"], "not taken"),
        (&["--range=nowhere", "findings"], "leaked-key"),
        (&["range", "serve", "--listen", "0.0.0.0:4599"], "loopback"),
        (&["doctor", "--offline"], "offline"),
        (&["findings", "--offline", "--range"], "range"),
        (&["findings", "import", "/nonexistent/x.json"], "No such file"),
        (&["nonsense"], "unrecognized"),
    ] {
        let ran = machine.run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(word), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(!ran.err.contains("secret@"), "{}", ran.err);
    }
    let ran = machine.run(&["findings", "--severity", "\u{1b}[2J\u{202e}"]);
    assert!(!ran.err.contains(['\u{1b}', '\u{202e}']), "{:?}", ran.err);
}

#[test]
fn imported_findings_are_there_offline_and_hostile_text_is_harmless() {
    let machine = Machine::new();
    let folder = machine.file("in/a.json", &format!("[{FINDING}]"));
    machine
        .file("in/deep/b.jsonl", &format!("{}\n", FINDING.replace("f1", "f2").replace('\n', " ")));
    machine.file("in/notes.txt", "not looked at");
    let folder =
        std::path::Path::new(&folder).parent().expect("a folder").to_string_lossy().into_owned();
    let ran = machine.run(&["findings", "import", &folder, "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let files: Vec<_> = ran.json()["files"]
        .as_array()
        .expect("files")
        .iter()
        .map(|f| (f["findings"].as_u64(), f["rejected"].as_u64()))
        .collect();
    assert_eq!(files, [(Some(1), Some(0)), (Some(1), Some(0))]);
    let ran = machine.run(&["findings", "--offline", "--json"]);
    assert_eq!(ran.code, 0);
    let mut ids = ran.ids();
    ids.sort();
    assert_eq!(ids, ["f1", "f2"]);
    assert_eq!(ran.json()["items"][0]["title"], "a\u{202e}b\u{1b}[2J", "the value itself is kept");
    let ran = machine.run(&["findings", "--offline"]);
    assert!(ran.out.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", ran.out);
}

#[test]
fn what_cannot_be_imported_is_named() {
    let machine = Machine::new();
    let bad = machine.file("bad.json", &format!("{FINDING}\n{{\"id\": \"f2\", \"type\": \"T\", \"service\": {{}}, \"resource\": {{}}}}\n{{oops"));
    let ran = machine.run(&["findings", "import", &bad, "--json"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert_eq!(ran.json()["complete"], false);
    assert_eq!(ran.json()["files"][0]["rejected"], 2);
    assert!(ran.err.contains("severity") && ran.err.contains("not JSON"), "{}", ran.err);
    assert_eq!(ran.ids(), ["f1"], "what could be read is kept");
}

#[test]
fn the_range_is_listed_reset_and_looked_over() {
    let machine = Machine::new();
    let ran = machine.run(&["range", "list", "--json"]);
    let ids = ran.ids();
    assert!(
        ["leaked-key", "flood", "hostile", "quiet", "locked-out", "stolen-session", "tampered"]
            .iter()
            .all(|id| ids.iter().any(|i| i == id)),
        "{ids:?}"
    );
    let ran = machine.run(&["--range", "doctor", "--json"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let answer = ran.json();
    let checks = answer["items"].as_array().expect("items");
    assert_eq!(checks.iter().filter(|c| c["check"] == "identity").count(), 4, "every account's");
    // The attacker stopped the trail of one account, and nothing else is wrong.
    let wrong: Vec<_> = checks.iter().filter(|c| c["state"] == "problem").collect();
    assert!(
        !wrong.is_empty()
            && wrong.iter().all(|c| c["check"] == "cloudtrail" && c["target"] == "example-prod"),
        "{wrong:?}"
    );
    assert!(machine.data().join("range/leaked-key.jsonl").exists());
    assert_eq!(machine.run(&["range", "reset", "leaked-key"]).code, 0);
    assert!(!machine.data().join("range/leaked-key.jsonl").exists());
}

#[test]
fn a_policy_has_a_statement_for_each_purpose_and_names_each_action() {
    let machine = Machine::new();
    let glass = "arn:aws-us-gov:iam::123456789012:role/ir/glass";
    let gov = ["--partition", "aws-us-gov"];
    for (mode, statements, more) in
        [("read-only", 8, &[][..]), ("respond", 15, &["--break-glass", glass]), ("drill", 2, &[])]
    {
        let ran = machine.run(&[&["permissions", "--mode", mode][..], more, &gov].concat());
        let policy = ran.json();
        let all = policy["Statement"].as_array().expect("statements");
        assert!(all.len() >= statements, "{mode}: {policy}");
        for statement in all {
            let actions = statement["Action"].as_array().expect("actions");
            assert!(
                actions.iter().all(|a| !a.as_str().expect("text").contains('*')),
                "{statement}"
            );
        }
        let text = policy.to_string();
        assert!(!text.contains("iam:PassRole") && !text.contains("arn:aws:iam::*"), "{mode}");
        let assumes = all.iter().find(|s| s["Sid"] == "HalonBreakGlass");
        match mode {
            "respond" => assert_eq!(assumes.expect("a statement")["Resource"][0], glass),
            // No role is named: none may be assumed, and that is said.
            "drill" => {
                assert!(assumes.is_none() && ran.err.contains("no break-glass role is known"))
            }
            _ => assert!(assumes.is_none() && ran.err.is_empty(), "{}", ran.err),
        }
    }
    machine.file("halon.toml", &format!("break_glass = [\"{glass}\"]\n"));
    let ran = machine.run(&["permissions", "--mode", "drill"]);
    assert!(ran.out.contains(glass) && ran.err.is_empty(), "{}", ran.err);
    let why = machine.run(&["permissions", "--mode", "respond", "--why"]).out;
    let line = why.lines().find(|l| l.starts_with("iam:UpdateAccessKey: ")).expect("a line");
    assert!(line.contains("playbook leaked-access-key") && line.contains("undo of"), "{line}");
    assert_eq!(machine.run(&["permissions", "--mode", "drill", "--break-glass", "x"]).code, 2);
}

#[test]
fn a_broken_configuration_is_refused_with_every_place() {
    let machine = Machine::new();
    machine.file("halon.toml", "regoins = []\n[limits]\npages = -1\n");
    let ran = machine.run(&["findings"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("halon.toml:1:1") && ran.err.contains("halon.toml:3:9"),
        "{}",
        ran.err
    );
    assert_eq!(machine.run(&["config", "check"]).code, 2);
    machine.file("halon.toml", "regions = [\"us-east-1\"]\n");
    assert_eq!(machine.run(&["config", "check"]).code, 0);
}
