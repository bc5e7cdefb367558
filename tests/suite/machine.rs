//! The program in processes of its own: a machine with an empty environment and home,
//! and a range that is served beside it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use halon::audit::{Kind, Record};
use serde_json::Value;

/// The longest that anything here may take on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What consents to every reversible change.
pub const CONSENT: [&str; 7] =
    ["--incident", "INC-7", "--title", "A leaked key", "--reason", "a test", "--yes"];

/// The key that leaked, and the user whose it is.
pub const KEY: &str = "AKIAI44QH8DHBEXAMPLE";
pub const OTHER_KEY: &str = "AKIAI55BACKUPEXAMPLE";

/// The operator of the account where they are.
const OPERATOR: (&str, &str) = ("AKIAI66PRODUCEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY");

pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what} never came");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Says something past the test harness, which keeps what passing tests print.
pub fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

/// `halon range serve` on a port of its own, until dropped.
pub struct Served {
    child: Child,
    pub url: String,
    folder: tempfile::TempDir,
    /// Held open: what is written to a closed pipe ends the program that writes.
    _lines: std::io::Lines<BufReader<ChildStderr>>,
}

/// A change that was accepted.
#[derive(Clone, Debug)]
pub struct Change {
    pub at: jiff::Timestamp,
    /// As the SDK names it.
    pub operation: String,
    /// Names and values in it, sorted.
    pub words: Vec<String>,
}

impl Served {
    pub fn new(faults: &str) -> Self {
        Self::scenario("leaked-key", None, faults)
    }

    /// A scenario, shipped or with this text.
    pub fn scenario(id: &str, text: Option<&str>, faults: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path();
        if let Some(text) = text {
            let scenarios = home.join(".config/halon/scenarios");
            fs::create_dir_all(&scenarios).expect("made");
            fs::write(scenarios.join(format!("{id}.toml")), text).expect("written");
        }
        fs::write(home.join("faults.toml"), faults).expect("written");
        let mut child = Command::new(env!("CARGO_BIN_EXE_halon"))
            .env_clear()
            .env("HOME", home)
            .args(["range", "serve", "--listen", "127.0.0.1:0", "--scenario", id])
            .arg("--data-dir")
            .arg(home)
            .arg("--log")
            .arg(home.join("requests.jsonl"))
            .arg("--faults")
            .arg(home.join("faults.toml"))
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let first = lines.next().expect("a line").expect("text");
        let at = first.find("http://").unwrap_or_else(|| panic!("{first}"));
        Self { url: first[at..].to_owned(), child, folder, _lines: lines }
    }

    /// Every request so far that would change something, answered or not.
    pub fn mutating(&self) -> Vec<Value> {
        // The log is written by a thread of its own, in order: a request that nobody signs
        // marks its end.
        let marks = || {
            let mut all = self.requests();
            all.retain(|r| r["service"] == "");
            all.len()
        };
        let before = marks();
        let address = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("connects");
        write!(stream, "GET /mark HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")
            .expect("sent");
        stream.read_to_end(&mut Vec::new()).expect("answered");
        until("the mark", || marks() > before);
        let mut all = self.requests();
        all.retain(|r| r["mutating"] == true);
        all
    }

    pub fn requests(&self) -> Vec<Value> {
        lines(&self.folder.path().join("requests.jsonl"))
    }

    /// How many changes the world has accepted; it is on disk before the answer is sent.
    pub fn accepted(&self) -> usize {
        self.journal().len()
    }

    /// Where its worlds are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file of a scenario's world.
    pub fn world(&self, scenario: &str) -> PathBuf {
        self.folder.path().join("range").join(format!("{scenario}.jsonl"))
    }

    fn journal(&self) -> Vec<Value> {
        let worlds = fs::read_dir(self.folder.path().join("range")).expect("a folder");
        let world = worlds.flatten().next().expect("one world").path();
        lines(&world).into_iter().filter(|l| l.get("do").is_some()).collect()
    }

    /// The accepted changes: when from the log of requests, what from the world's journal.
    pub fn changes(&self) -> Vec<Change> {
        let logged = self.mutating();
        let answered: Vec<&Value> = logged.iter().filter(|l| l["status"] == 200).collect();
        let journal = self.journal();
        assert_eq!(answered.len(), journal.len(), "each accepted change stands in both");
        let change = |(logged, entry): (&&Value, &Value)| {
            let operation = logged["operation"].as_str().expect("a name").to_owned();
            let named = entry["operation"].as_str().expect("a name");
            assert!(named.ends_with(&format!(":{operation}")), "{named} is {operation}");
            let at = logged["at"].as_str().expect("a time").parse().expect("a time");
            Change { at, operation, words: words(&entry["do"]) }
        };
        answered.iter().zip(&journal).map(change).collect()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    // The last one may be being written.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
}

/// Every string in a value, sorted.
pub fn words(value: &Value) -> Vec<String> {
    fn walk(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::String(text) => into.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|v| walk(v, into)),
            Value::Object(map) => map.values().for_each(|v| walk(v, into)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, &mut found);
    found.sort();
    found
}

/// A machine with an operator who is signed in by the environment.
pub struct Machine {
    pub home: tempfile::TempDir,
    pub url: String,
    pub environment: Vec<(String, String)>,
}

pub struct Ran {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: std::process::Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self { status: output.status, out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        let Ran { status, out, err } = &self;
        assert_eq!(status.code(), Some(code), "standard output:\n{out}\nstandard error:\n{err}");
        self
    }

    /// The id of the run that it says it began.
    pub fn run_id(&self) -> &str {
        let id = self.out.strip_prefix("run ").and_then(|t| t.split(' ').next());
        id.unwrap_or_else(|| panic!("no run in {} / {}", self.out, self.err))
    }
}

impl Machine {
    pub fn new(served: &Served) -> Self {
        let environment = [
            ("AWS_ACCESS_KEY_ID", OPERATOR.0),
            ("AWS_SECRET_ACCESS_KEY", OPERATOR.1),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        ];
        Self {
            home: tempfile::tempdir().expect("a folder"),
            url: served.url.clone(),
            environment: environment.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec(),
        }
    }

    /// A program with nothing in its environment but the machine's own.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env_clear().env("HOME", self.home.path()).envs(self.environment.iter().cloned());
        command.current_dir(self.home.path()).stdin(Stdio::null());
        command
    }

    /// What halon is started with everywhere.
    pub fn arguments(&self) -> Vec<String> {
        ["--endpoint-url", &self.url, "--region", "us-east-1"].map(ToOwned::to_owned).to_vec()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_halon"));
        command.args(self.arguments()).args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("runs"))
    }

    /// Starts it with both of its outputs kept.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts")
    }

    /// Switches a key off.
    pub fn deactivate(&self, key: &str) -> Vec<String> {
        let input = format!("key={key}");
        let words = ["playbook", "run", "leaked-access-key", "-i", &input];
        words.iter().chain(&CONSENT).map(|s| (*s).to_owned()).collect()
    }

    /// Takes a run back.
    pub fn undo(&self, run: &str, key: &str) -> Ran {
        let confirm = format!("deactivate={key}");
        let mut words = vec!["undo", run, "--confirm", &confirm];
        words.extend(CONSENT);
        self.run(&words)
    }

    pub fn playbook(&self, id: &str, text: &str) {
        let folder = self.home.path().join(".config/halon/playbooks");
        fs::create_dir_all(&folder).expect("made");
        fs::write(folder.join(format!("{id}.toml")), text).expect("written");
    }

    pub fn data(&self) -> PathBuf {
        self.home.path().join(".local/share/halon")
    }

    pub fn log(&self) -> PathBuf {
        self.data().join("audit.jsonl")
    }

    /// The audit log so far; empty where there is none.
    pub fn records(&self) -> Vec<Record> {
        if self.log().exists() {
            halon::audit::read(&self.log()).expect("readable")
        } else {
            vec![]
        }
    }

    /// Whether the log verifies: intact, or with a torn tail that was recovered.
    #[track_caller]
    pub fn verifies(&self) -> halon::audit::Report {
        let state = halon::audit::state_path(&self.log());
        let report = halon::audit::verify(&self.log(), None, Some(&state));
        assert!([0, 11].contains(&report.exit_code()), "{report:?}");
        report
    }
}

pub fn refs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

pub fn of_kind(records: &[Record], kind: Kind) -> Vec<&Record> {
    records.iter().filter(|r| r.kind() == Some(kind)).collect()
}

/// When a record was written.
pub fn at(record: &Record) -> jiff::Timestamp {
    record.text("ts_utc").expect("a time").parse().expect("a time")
}
