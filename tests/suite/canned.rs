//! An endpoint that says what it is told to, for answers that no sane service gives: pages
//! that repeat, documents that cannot be decoded, reports that are not made yet.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{Arc, Mutex},
    thread,
};

use serde_json::Value;

/// What is said to each operation: one answer after the other, the last one for ever.
type Said = Arc<Mutex<HashMap<String, Vec<(u16, String)>>>>;

/// Listens until the process ends.
pub struct Canned {
    url: String,
    said: Said,
    home: tempfile::TempDir,
}

pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}: {} / {}", self.out, self.err))
    }

    /// `(source, page)` of what is incomplete, and the reasons in one text.
    pub fn incomplete(&self) -> (Vec<(String, Option<u64>)>, String) {
        let json = self.json();
        let all = json["incomplete"].as_array().expect("a list");
        let why: Vec<&str> = all.iter().map(|i| i["why"].as_str().expect("why")).collect();
        let places = all
            .iter()
            .map(|i| (i["source"].as_str().expect("a source").to_owned(), i["page"].as_u64()));
        (places.collect(), why.join("\n"))
    }
}

impl Canned {
    /// Knows who is asking, and nothing else.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let said = Said::default();
        let saying = said.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let saying = saying.clone();
                thread::spawn(move || serve(stream, &saying));
            }
        });
        let canned = Self { url, said, home: tempfile::tempdir().expect("a folder") };
        canned.query(
            "GetCallerIdentity",
            "<Arn>arn:aws:iam::111122223333:user/oncall</Arn><UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account>",
        );
        canned
    }

    /// The next answer to an operation of IAM or STS: what stands in its result.
    pub fn query(&self, operation: &str, result: &str) {
        let body = format!(
            "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
        );
        self.say(operation, 200, body);
    }

    /// An error in IAM's form.
    pub fn query_error(&self, operation: &str, status: u16, code: &str) {
        let body = format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
        );
        self.say(operation, status, body);
    }

    /// The next answer to an operation of Organizations.
    pub fn json(&self, operation: &str, answer: Value) {
        self.say(operation, 200, answer.to_string());
    }

    pub fn json_error(&self, operation: &str, code: &str) {
        let body = serde_json::json!({"__type": code, "Message": "no"});
        self.say(operation, 400, body.to_string());
    }

    fn say(&self, operation: &str, status: u16, body: String) {
        let mut said = self.said.lock().expect("a lock");
        said.entry(operation.to_owned()).or_default().push((status, body));
    }

    /// halon against this endpoint, with `--json`.
    pub fn halon(&self, arguments: &[&str]) -> Ran {
        let done = Command::new(env!("CARGO_BIN_EXE_halon"))
            .env_clear()
            .env("HOME", self.home.path())
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .args(["--endpoint-url", &self.url, "--region", "us-east-1", "--json", "--data-dir"])
            .arg(self.home.path())
            .args(arguments)
            .output()
            .expect("runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ran { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
    }
}

/// Answers requests until the other side hangs up.
fn serve(stream: TcpStream, said: &Said) -> Option<()> {
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut target) = (0, None);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().expect("a length"),
                // AWSOrganizationsV20161128.ListRoots
                "x-amz-target" => target = value.rsplit('.').next().map(|o| o.trim().to_owned()),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body = String::from_utf8_lossy(&body).into_owned();
        let action = body.split('&').find_map(|field| field.strip_prefix("Action="));
        let operation = target.or(action.map(str::to_owned)).unwrap_or_default();
        let answer = {
            let mut said = said.lock().expect("a lock");
            match said.get_mut(&operation) {
                Some(answers) if answers.len() > 1 => answers.remove(0),
                Some(answers) => answers[0].clone(),
                None => (404, String::new()),
            }
        };
        let (status, text) = answer;
        write!(
            writer,
            "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nx-amzn-requestid: r-1\r\n\r\n{text}",
            text.len()
        )
        .ok()?;
    }
}
