//! The real program on a real (pseudo-)terminal: what it writes, and how it leaves.

use std::{
    io::{BufRead, BufReader, Read, Write},
    num::NonZeroU16,
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// The longest that anything here may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program on a pseudo-terminal, with everything that it has written so far.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    input: Box<dyn Write + Send>,
    written: Arc<Mutex<Vec<u8>>>,
    size: (u16, u16),
    pub home: tempfile::TempDir,
}

impl Terminal {
    /// halon with an environment of its own: an empty home and no network to look for.
    fn halon(arguments: &[&str], size: (u16, u16)) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_halon"));
        command.args(arguments);
        Self::run(command, size)
    }

    fn run(command: CommandBuilder, size: (u16, u16)) -> Self {
        Self::at_home(tempfile::tempdir().expect("a folder"), command, size)
    }

    pub fn at_home(home: tempfile::TempDir, mut command: CommandBuilder, size: (u16, u16)) -> Self {
        command.env_clear();
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        let pty = native_pty_system().openpty(pty_size(size)).expect("a pseudo-terminal");
        let child = pty.slave.spawn_command(command).expect("starts");
        let mut output = pty.master.try_clone_reader().expect("a reader");
        let written = Arc::new(Mutex::new(Vec::new()));
        let kept = written.clone();
        thread::spawn(move || {
            let mut buffer = [0u8; 65_536];
            while let Ok(n @ 1..) = output.read(&mut buffer) {
                kept.lock().expect("not poisoned").extend_from_slice(&buffer[..n]);
            }
        });
        let input = pty.master.take_writer().expect("a writer");
        Self { master: pty.master, child, input, written, size, home }
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.written.lock().expect("not poisoned").clone()
    }

    /// The screen as a terminal shows it.
    pub fn screen(&self) -> String {
        let mut parser = vt100::Parser::new(cells(self.size.1), cells(self.size.0), 0);
        parser.process(&self.bytes());
        parser.screen().contents()
    }

    fn until(&mut self, what: &str, holds: impl Fn(&mut Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(
                begun.elapsed() < PATIENCE,
                "{what} never came; the screen:\n{}",
                self.screen()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn shows(&mut self, text: &str) {
        self.until(text, |t| t.screen().contains(text));
    }

    pub fn types(&mut self, keys: &[u8]) {
        self.input.write_all(keys).expect("written");
        self.input.flush().expect("flushed");
    }

    /// One key, and the frame that answers it.
    pub fn step(&mut self, key: &[u8]) {
        let before = self.bytes().len();
        self.types(key);
        self.until("a frame", |t| t.bytes().len() > before);
    }

    fn pid(&self) -> rustix::process::Pid {
        let pid = self.child.process_id().expect("a process id");
        rustix::process::Pid::from_raw(pid as i32).expect("not zero")
    }

    fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).expect("sent");
    }

    /// One letter: R running, S sleeping, T stopped (proc(5)).
    fn state(&self) -> char {
        let path = format!("/proc/{}/stat", self.pid().as_raw_nonzero());
        let stat = std::fs::read_to_string(path).unwrap_or_default();
        stat.rsplit(") ").next().and_then(|s| s.chars().next()).unwrap_or('-')
    }

    pub fn ends(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("waits") {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it never ended; the screen:\n{}", self.screen());
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn resizes(&mut self, size: (u16, u16)) {
        self.master.resize(pty_size(size)).expect("resized");
        self.size = size;
    }

    /// Alternate screen, bracketed paste, mouse and raw mode are off, the cursor is shown.
    fn is_whole(&self) -> bool {
        let bytes = self.bytes();
        let last = |on: &[u8], off: &[u8]| rfind(&bytes, off) > rfind(&bytes, on);
        // ICANON and ECHO as Linux numbers them (termios(3)).
        let cooked = self.master.get_termios().is_some_and(|t| {
            let flags = t.local_flags.bits();
            flags & 0o2 != 0 && flags & 0o10 != 0
        });
        last(b"\x1b[?1049h", b"\x1b[?1049l")
            && last(b"\x1b[?2004h", b"\x1b[?2004l")
            && last(b"\x1b[?1000h", b"\x1b[?1000l")
            && last(b"\x1b[?1006h", b"\x1b[?1006l")
            && rfind(&bytes, b"\x1b[?25h") > rfind(&bytes, b"\x1b[?25l")
            && cooked
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("a screen has cells")
}

fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn rfind(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).rposition(|w| w == needle)
}

#[test]
fn it_opens_quits_and_leaves_the_terminal_whole() {
    let mut t = Terminal::halon(&["--range"], (80, 24));
    t.shows("AttackSequence:IAM");
    assert!(!t.is_whole(), "the check can fail");
    t.types(b"q");
    assert_eq!(t.ends().exit_code(), 0);
    t.until("a whole terminal", |t| t.is_whole());
}

#[test]
fn without_credentials_network_or_home_it_opens_and_says_what_to_do() {
    let mut t = Terminal::halon(&[], (80, 24));
    t.shows("SAFE");
    t.shows("no AWS credentials");
    t.shows("halon --range");
    t.types(b"q");
    assert_eq!(t.ends().exit_code(), 0);
}

#[test]
fn a_broken_store_is_told_and_takes_nothing_down() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    std::fs::create_dir(&data).expect("made");
    std::fs::write(data.join("halon.sqlite"), "not a database\n".repeat(500)).expect("written");
    let served = Served::scenario("leaked-key");
    sign_in(home.path(), &[("default", halon::range::OPERATOR_KEY.0)]);
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_halon"));
    command.args(["--endpoint-url", &served.url, "--region", "us-east-1", "--data-dir"]);
    command.arg(&data);
    let mut t = Terminal::at_home(home, command, (160, 40));
    t.shows("cannot be used");
    t.shows("AttackSequence:IAM");
    t.types(b"q");
    assert_eq!(t.ends().exit_code(), 0);
}

/// `halon range serve` on a port of its own, until dropped.
struct Served {
    child: std::process::Child,
    url: String,
    _data: tempfile::TempDir,
    /// Held open: what is written to a closed pipe ends the program that writes.
    _lines: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Served {
    fn scenario(id: &str) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_halon"))
            .args([
                "range",
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--clock",
                "frozen",
                "--scenario",
                id,
            ])
            .arg("--data-dir")
            .arg(data.path())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let first = lines.next().expect("a line").expect("text");
        let at = first.find("http://").unwrap_or_else(|| panic!("{first}"));
        Self { url: first[at..].to_owned(), child, _data: data, _lines: lines }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sign_in(home: &Path, profiles: &[(&str, &str)]) {
    let secret = halon::range::OPERATOR_KEY.1;
    let text: String = profiles
        .iter()
        .map(|(name, key)| {
            format!("[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
        })
        .collect();
    std::fs::create_dir_all(home.join(".aws")).expect("made");
    std::fs::write(home.join(".aws/credentials"), text).expect("written");
}

#[test]
fn a_new_sign_in_is_taken_up_and_a_dead_profile_stops_nobody() {
    let served = Served::scenario("leaked-key");
    let (good, dead) = (halon::range::OPERATOR_KEY.0, "AKIAUNKNOWNEXAMPLE00");
    let home = tempfile::tempdir().expect("a folder");
    sign_in(home.path(), &[("first", good), ("second", dead)]);
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_halon"));
    command.args(["--endpoint-url", &served.url, "--region", "us-east-1"]);
    command.args(["--profile", "second", "--profile", "first"]);
    let mut t = Terminal::at_home(home, command, (160, 40));
    t.shows("AttackSequence:IAM");
    t.shows("1 not checked");
    t.shows("INCOMPLETE");
    t.shows("second: not signed in +1");
    // The operator signs in; halon is not restarted.
    sign_in(t.home.path(), &[("first", good), ("second", good)]);
    t.types(b"\x12");
    t.shows("guardduty 2 fresh");
    t.shows("example-security 444455556666");
    t.types(b"q");
    assert_eq!(t.ends().exit_code(), 0);
}

#[test]
fn signals_end_it_with_a_whole_terminal() {
    use rustix::process::Signal;
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let mut t = Terminal::halon(&["--range=quiet"], (80, 24));
        t.shows("fresh");
        t.signal(signal);
        assert_eq!(t.ends().exit_code(), code, "{signal:?}");
        t.until("a whole terminal", |t| t.is_whole());
    }
}

#[test]
fn it_stops_and_comes_back_by_key_and_by_signal() {
    use rustix::process::Signal;
    let mut t = Terminal::halon(&["--range"], (80, 24));
    t.shows("AttackSequence:IAM");
    for by_key in [true, false] {
        let before = t.bytes().len();
        if by_key {
            t.types(b"\x1a");
        } else {
            t.signal(Signal::TSTP);
        }
        t.until("a stop", |t| t.state() == 'T');
        t.until("a whole terminal", |t| t.is_whole());
        t.resizes((100, 30));
        t.signal(Signal::CONT);
        t.until("the console again", |t| {
            let since = t.bytes()[before..].to_vec();
            rfind(&since, b"\x1b[?1049h").is_some_and(|at| {
                String::from_utf8_lossy(&since[at..]).contains("AttackSequence:IAM")
            })
        });
        assert!(!t.is_whole());
    }
    t.types(b"q");
    assert_eq!(t.ends().exit_code(), 0);
}

#[test]
fn a_kill_stop_is_survived() {
    use rustix::process::Signal;
    let mut t = Terminal::halon(&["--range"], (80, 24));
    t.shows("AttackSequence:IAM");
    t.signal(Signal::STOP);
    t.until("a stop", |t| t.state() == 'T');
    let before = t.bytes().len();
    t.signal(Signal::CONT);
    t.until("a full frame", |t| {
        String::from_utf8_lossy(&t.bytes()[before..]).contains("AttackSequence:IAM")
    });
    t.types(b"q");
    assert_eq!(t.ends().exit_code(), 0);
}

#[test]
fn a_click_selects_and_the_wheel_scrolls() {
    let mut t = Terminal::halon(&["--range"], (80, 24));
    t.shows("AttackSequence:IAM");
    // A press and its release, as a terminal tells them (xterm's mode 1006).
    let line = |t: &Terminal, text: &str| t.screen().lines().position(|l| l.contains(text));
    let footer = line(&t, "? help").expect("the footer");
    let column = t.screen().lines().nth(footer).and_then(|l| l.find("? help")).expect("its column");
    t.types(format!("\x1b[<0;{0};{1}M\x1b[<0;{0};{1}m", column + 1, footer + 1).as_bytes());
    t.shows("Here (findings)");
    t.types(b"\x1b[<65;40;12M");
    t.until("scrolled", |t| !t.screen().contains("Here (findings)"));
    t.types(b"qq");
    assert_eq!(t.ends().exit_code(), 0);
}

#[test]
fn any_size_and_back() {
    let mut t = Terminal::halon(&["--range"], (80, 24));
    t.shows("AttackSequence:IAM");
    for size in [(1, 1), (2, 40), (200, 3), (500, 200), (1, 1), (60, 16)] {
        t.resizes(size);
        t.types(b"jk");
    }
    t.resizes((80, 24));
    t.shows("AttackSequence:IAM");
    t.types(b"q");
    assert_eq!(t.ends().exit_code(), 0);
    t.until("a whole terminal", |t| t.is_whole());
}

/// What follows an ESC in what halon writes: its renderer's own vocabulary.
fn renderers_own(rest: &str) -> Option<usize> {
    // The terminal's title: the one before is kept, ours set, the one before brought back.
    if let Some(own) = ["[22;2t", "[23;2t"].iter().find(|own| rest.starts_with(**own)) {
        return Some(own.len());
    }
    if let Some(title) = rest.strip_prefix("]2;halon") {
        let end = title.find('\u{7}')?;
        let clean = title[..end].chars().all(|c| !c.is_control());
        return clean.then_some("]2;halon".len() + end + 1);
    }
    let body = rest.strip_prefix('[')?;
    let end = body.find(|c: char| !(c.is_ascii_digit() || c == ';' || c == '?'))?;
    let (parameters, last) = (&body[..end], body[end..].chars().next()?);
    let known = match last {
        'm' => parameters.split(';').all(|p| {
            // Attributes and colours; never blink (5) or conceal (8) as such.
            p.is_empty() || p.parse::<u16>().is_ok_and(|n| n <= 255)
        }),
        'H' => parameters.split(';').count() == 2,
        'J' => ["", "2"].contains(&parameters),
        'h' | 'l' => ["?1049", "?25", "?2004", "?1000", "?1006"].contains(&parameters),
        _ => false,
    };
    known.then_some(1 + end + 1)
}

#[test]
fn hostile_text_emits_no_escape_of_its_own() {
    let mut t = Terminal::halon(&["--range=hostile"], (120, 40));
    t.shows("fresh");
    t.types(b"ssstt");
    t.shows("active and archived");
    // All that is asked at the start has been answered: a frame from now on is a key's.
    t.shows("35 of 35 findings");
    t.shows("LOGGING in trouble");
    // Thirty findings, each in the list, readable and raw: a frame for each of them.
    let mut shown = false;
    for _ in 0..30 {
        t.step(b"\r");
        // On the screen, where what is written in several pieces stands together again.
        shown |= ["␛[2J", "␛]0;"].iter().any(|title| t.screen().contains(title));
        t.step(b"w");
        t.types(b"G");
        t.step(b"w");
        t.step(b"\t");
        t.step(b"j");
    }
    t.types(b"=");
    t.types(b"H");
    t.types(b"\x0c");
    t.shows("sources");
    t.types(b"qq");
    assert_eq!(t.ends().exit_code(), 0);
    t.until("the last of it", |t| t.is_whole());
    let bytes = t.bytes();
    let text = String::from_utf8(bytes).expect("halon writes UTF-8");
    let (mut clears, mut bells) = (0, 0);
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '\u{1b}' {
            let length = renderers_own(rest).unwrap_or_else(|| {
                panic!("an escape that no renderer emits: {:?}", &rest[..rest.len().min(60)])
            });
            clears += usize::from(rest.starts_with("[2J"));
            rest = &rest[length..];
            continue;
        }
        // The bell, for what is new when it opens; no title rings.
        if c == '\u{7}' {
            bells += 1;
            continue;
        }
        assert!(!c.is_control() || "\r\n".contains(c), "U+{:04X} was written", u32::from(c));
        let hidden = matches!(u32::from(c),
            0x200b..=0x200f | 0x202a..=0x202e | 0x2028 | 0x2029 | 0x2060..=0x206f | 0xad | 0x61c
            | 0xfeff | 0xfff9..=0xfffb | 0xfe00..=0xfe0f | 0xe0000..=0xe0fff | 0xe000..=0xf8ff);
        assert!(!hidden, "U+{:04X} was written", u32::from(c));
    }
    // One clear for ctrl-l; a title that says "clear the screen" adds none.
    assert!(clears <= 1, "{clears} clears");
    assert!(bells <= 1, "{bells} bells");
    assert!(shown, "the hostile titles were shown");
}

/// Runs in a child of the test below: a console whose clock breaks.
#[test]
#[ignore = "the other half of a_panic_restores_the_terminal"]
fn broken_console() {
    use halon::{
        case::{Case, Filter, Intervals, View},
        cloud::{Cloud, Limits, Settings, World},
        domain::{Ask, Source},
        input::Keymap,
        model::{Model, Setup},
        runtime,
    };
    use std::sync::atomic::{AtomicU32, Ordering};

    let in_worker = std::env::var_os("HALON_TEST_PANIC_IN_WORKER").is_some();
    let calls = AtomicU32::new(0);
    let main = thread::current().id();
    let clock: runtime::Clock = Arc::new(move || {
        let broken = if in_worker {
            thread::current().id() != main
        } else {
            calls.fetch_add(1, Ordering::SeqCst) > 1
        };
        assert!(!broken, "a broken clock \u{1b}[2J\u{202e}");
        super::stage::at(super::stage::NOW)
    });
    let filter = Filter::default();
    let ask = Ask { at_least: filter.at_least, status: filter.status, updated_since: None };
    let case = Case::new(Vec::new(), Source::ALL.to_vec(), ask, Intervals::default());
    let setup = Setup { offline: true, ..Setup::plain() };
    let model = Model::new(
        setup,
        case,
        Keymap::shipped(),
        View { filter, ..View::default() },
        super::stage::at(super::stage::NOW),
    );
    runtime::install_panic_hook();
    runtime::tasks().expect("threads").block_on(async {
        let (sender, messages) = tokio::sync::mpsc::unbounded_channel();
        let settings =
            Settings { targets: Vec::new(), endpoint_url: None, limits: Limits::default() };
        let cloud = Cloud::new(settings, World::Aws);
        let performer = runtime::Performer::new(cloud, runtime::Local::Memory, clock, sender);
        if in_worker {
            let performer = performer.clone();
            tokio::spawn(async move {
                // Broken once there is something to restore.
                while !crossterm::terminal::is_raw_mode_enabled().expect("a terminal") {
                    tokio::task::yield_now().await;
                }
                performer.now();
            });
        }
        let _ = runtime::console(model, performer, messages).await;
    });
}

#[test]
fn a_panic_restores_the_terminal() {
    for in_worker in [false, true] {
        let suite = std::env::current_exe().expect("this binary");
        let mut command = CommandBuilder::new(suite);
        command.args(["--exact", "suite::terminal::broken_console", "--ignored", "--nocapture"]);
        let mut t = with_variable(command, in_worker);
        assert_eq!(t.ends().exit_code(), 70);
        t.until("a whole terminal", |t| t.is_whole());
        t.until("the last word, harmless", |t| {
            let text = String::from_utf8_lossy(&t.bytes()).into_owned();
            text.contains("a bug ended the program") && text.contains("a broken clock ␛[2J<U+202E>")
        });
    }
}

/// The environment is cleared in [`Terminal::run`], so the choice goes by `env`.
fn with_variable(command: CommandBuilder, in_worker: bool) -> Terminal {
    if !in_worker {
        return Terminal::run(command, (80, 24));
    }
    let mut outer = CommandBuilder::new("/usr/bin/env");
    outer.arg("HALON_TEST_PANIC_IN_WORKER=1");
    outer.args(command.get_argv());
    Terminal::run(outer, (80, 24))
}

#[test]
fn without_a_terminal_the_console_refuses() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_halon"))
        .env_clear()
        .env("HOME", Path::new("/nonexistent"))
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs a terminal"));
    assert!(output.stdout.is_empty());
}
