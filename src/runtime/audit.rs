//! The audit log of this process: opened at the first record, held by one writer at a time.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Instant,
};

use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::wall_clock;
use crate::{
    audit::{About, Actor, Entry, Head, Log, Record, Report, Stamp},
    case::proof::{Here, Logged},
    domain::{Fault, FaultKind},
    guard::By,
};

/// A binary larger than this (a debug build) is not hashed: the record says null.
const HASHED: u64 = 128 << 20;

/// The log's place in this process. Clones share it.
#[derive(Clone)]
pub struct Auditor {
    path: PathBuf,
    about: About,
    log: Arc<Mutex<Option<Log>>>,
    /// Where the times of records come from.
    stamp: Arc<dyn Fn() -> Stamp + Send + Sync>,
}

/// The log, for as long as nobody else of this process may write.
pub type Held = OwnedMutexGuard<Option<Log>>;

impl Auditor {
    /// `world` is `aws`, `range` or `endpoint`. Nothing is opened yet.
    pub fn new(
        path: PathBuf,
        world: &'static str,
        endpoint: Option<String>,
        environment: Vec<String>,
    ) -> Self {
        let about = About {
            world,
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            os_user: os_user(),
            tool: format!("halon {}", env!("CARGO_PKG_VERSION")),
            boot_id: read_line(Path::new("/proc/sys/kernel/random/boot_id")),
            session: random(),
            binary_sha256: None,
            config_sha256: None,
            endpoint,
            environment,
            policy: None,
        };
        Self { path, about, log: Arc::default(), stamp: Arc::new(stamp) }
    }

    /// With nothing of this machine, this process and its clocks in it: what is written at the
    /// same `at` is always the same, but for the log's own id.
    pub fn staged(self, at: super::Clock) -> Self {
        let about = About {
            host: "example".to_owned(),
            os_user: "oncall".to_owned(),
            boot_id: String::new(),
            session: "0".repeat(16),
            ..self.about
        };
        Self { about, stamp: Arc::new(move || Stamp { utc: at(), mono_ms: 0 }), ..self }
    }

    /// The time, as a record has it.
    pub fn stamp(&self) -> Stamp {
        (self.stamp)()
    }

    /// With what the machine's policy file bounds, for the start of the session.
    pub fn under(mut self, policy: Option<String>) -> Self {
        self.about.policy = policy;
        self
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Random, one for each process: makes the ids of its runs its own.
    pub fn session(&self) -> &str {
        &self.about.session
    }

    /// Everything in the log so far; empty where there is none yet.
    pub async fn records(&self) -> Result<Vec<Record>, Fault> {
        let path = self.path.clone();
        blocking(move || match path.exists() {
            true => crate::audit::read(&path).map_err(Into::into),
            false => Ok(Vec::new()),
        })
        .await
    }

    /// Writes one record and waits until it is on disk.
    pub async fn append(&self, by: By, entry: Entry) -> Result<Head, Fault> {
        let held = self.hold().await;
        let stamp = self.stamp.clone();
        self.with(held, move |log| {
            log.set(by.mode, actor(by.caller_arn));
            log.hold()?;
            // After the wait for others: the time is when it was written.
            let written = log.append(entry, stamp()).map_err(Into::into);
            log.release();
            written
        })
        .await
        .1
    }

    /// Verifies the whole log; what that says in a line, and whether it is good.
    pub async fn verified(&self) -> (String, bool) {
        let path = self.path.clone();
        let report = blocking(move || {
            let state = crate::audit::state_path(&path);
            Ok(crate::audit::verify(&path, None, Some(&state)))
        });
        match report.await {
            Ok(report) => (in_a_line(&report), matches!(report.exit_code(), 0 | 10 | 11)),
            Err(fault) => (fault.to_string(), false),
        }
    }

    /// What the records that verify say was done, as far as it went where this process's
    /// requests go.
    pub async fn logged(&self) -> Result<Logged, Fault> {
        let (path, about) = (self.path.clone(), self.about.clone());
        blocking(move || {
            let state = crate::audit::state_path(&path);
            let sure = crate::audit::verify(&path, None, Some(&state)).verified;
            let records = crate::audit::read(&path)?;
            let here = Here { world: about.world, endpoint: about.endpoint.as_deref() };
            Ok(Logged::of(records.iter().filter(|record| record.line <= sure), here, None))
        })
        .await
    }

    /// What the records of a drill's own sessions say was done, where they verify.
    pub async fn logged_of(&self, incident: &str) -> Result<Logged, Fault> {
        let (path, about) = (self.path.clone(), self.about.clone());
        let incident = incident.to_owned();
        blocking(move || {
            let state = crate::audit::state_path(&path);
            let sure = crate::audit::verify(&path, None, Some(&state)).verified;
            let records = crate::audit::read(&path)?;
            let mine = records.iter().filter(|r| r.incident() == Some(&incident));
            let sessions: std::collections::BTreeSet<&str> =
                mine.filter_map(|r| r.text("sess")).collect();
            let of = |r: &&Record| {
                r.line <= sure && r.text("sess").is_some_and(|s| sessions.contains(s))
            };
            let here = Here { world: about.world, endpoint: about.endpoint.as_deref() };
            Ok(Logged::of(records.iter().filter(of), here, None))
        })
        .await
    }

    /// What verifying the whole log finds.
    pub async fn report(&self) -> Result<Report, Fault> {
        let path = self.path.clone();
        blocking(move || {
            let state = crate::audit::state_path(&path);
            Ok(crate::audit::verify(&path, None, Some(&state)))
        })
        .await
    }

    /// Where this process's requests go: `aws`, `range` or `endpoint`, and which.
    pub fn world(&self) -> (&'static str, &str) {
        (self.about.world, self.about.endpoint.as_deref().unwrap_or("aws"))
    }

    pub async fn hold(&self) -> Held {
        self.log.clone().lock_owned().await
    }

    /// Runs `act` with the log where it may block, and gives the log back.
    pub async fn with<T: Send + 'static>(
        &self,
        mut held: Held,
        act: impl FnOnce(&mut Log) -> Result<T, Fault> + Send + 'static,
    ) -> (Option<Held>, Result<T, Fault>) {
        let this = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let result = this.opened(&mut held).and_then(act);
            (held, result)
        });
        match done.await {
            Ok((held, result)) => (Some(held), result),
            Err(_) => (None, Err(Fault::new(FaultKind::Local, "halon is ending"))),
        }
    }

    /// Sets a log that is broken aside, unaltered, and begins a new one that names it.
    pub async fn begin_new(&self) -> Result<(), Fault> {
        let mut held = self.hold().await;
        let (path, about, stamp) = (self.path.clone(), self.about.clone(), self.stamp());
        let log = blocking(move || {
            crate::audit::begin_new(&path, about, "safe", Actor::default(), stamp)
                .map_err(Into::into)
        });
        *held = Some(log.await?);
        Ok(())
    }

    fn opened<'h>(&self, held: &'h mut Held) -> Result<&'h mut Log, Fault> {
        if held.is_none() {
            let about = About { binary_sha256: binary_sha256(), ..self.about.clone() };
            **held = Some(Log::open(&self.path, about, self.stamp())?);
        }
        held.as_mut().ok_or_else(|| Fault::new(FaultKind::Local, "the audit log is not open"))
    }

    /// Ends the session in the log, if one was begun; gives the last hash, to be kept.
    pub async fn end(&self, why: &'static str) -> Option<Result<Head, Fault>> {
        let mut held = self.hold().await;
        let log = held.take()?;
        let stamp = self.stamp();
        let ended = blocking(move || log.end(why, stamp).map_err(Into::into)).await;
        Some(ended)
    }
}

fn in_a_line(report: &Report) -> String {
    if let Some(why) = &report.unreadable {
        return format!("the log cannot be read: {why}");
    }
    let head = report.head.as_ref().map(|h| format!("; head {h}")).unwrap_or_default();
    let torn = match report.recovered.len() {
        0 => String::new(),
        n => format!("; {n} torn tails were recovered"),
    };
    match report.problems.first() {
        Some(problem) => format!("TAMPERED: line {}: {}", problem.line, problem.why),
        None => format!("{} records verified{torn}{head}", report.verified),
    }
}

pub fn actor(caller_arn: Option<String>) -> Actor {
    Actor { caller_arn, source_identity: None }
}

/// Both clocks: the monotonic one counts from this process's start.
fn stamp() -> Stamp {
    static START: OnceLock<Instant> = OnceLock::new();
    let start = START.get_or_init(Instant::now);
    Stamp {
        utc: wall_clock(),
        mono_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(act).await {
        Ok(result) => result,
        // A panic in there has ended the process already.
        Err(_) => Err(Fault::new(FaultKind::Local, "halon is ending")),
    }
}

fn read_line(path: &Path) -> String {
    std::fs::read_to_string(path).map(|s| s.trim().to_owned()).unwrap_or_default()
}

/// The user that the kernel knows, by name where the environment gives one for it.
pub fn os_user() -> String {
    let uid = rustix::process::getuid().as_raw();
    match std::env::var("USER").or_else(|_| std::env::var("LOGNAME")) {
        Ok(name) if !name.is_empty() => {
            format!("{} (uid {uid})", crate::domain::untrusted::display_in(&name, 64))
        }
        _ => format!("uid {uid}"),
    }
}

/// A number of the system's randomness.
pub fn random_number() -> u32 {
    u32::from_str_radix(&random()[..8], 16).unwrap_or(0)
}

/// Sixteen hex digits of the system's randomness.
fn random() -> String {
    let mut bytes = [0u8; 8];
    if getrandom::fill(&mut bytes).is_err() {
        // No randomness: the time still tells one session from the next.
        bytes = wall_clock().as_nanosecond().to_le_bytes()[..8].try_into().unwrap_or_default();
    }
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub fn binary_sha256() -> Option<String> {
    let mut file = File::open(std::env::current_exe().ok()?).ok()?;
    if file.metadata().ok()?.len() > HASHED {
        return None;
    }
    let (mut hash, mut buffer) = (Sha256::new(), vec![0u8; 1 << 20]);
    loop {
        match file.read(&mut buffer).ok()? {
            0 => break,
            n => hash.update(&buffer[..n]),
        }
    }
    Some(hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
}
