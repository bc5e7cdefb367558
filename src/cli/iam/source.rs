//! Where the commands of this group get an account's authorization details from: a file, or
//! every account that is signed in.

use std::{fs, path::Path, path::PathBuf, sync::Arc};

use clap::Args as ClapArgs;
use jiff::Timestamp;

use crate::{
    cli::{answer, args::Global, looking::Looking},
    domain::{
        AccountId, Fault, FaultKind, Gap, Service, Target, authorization::Authorization,
        untrusted::display,
    },
    runtime::wall_clock,
};

/// The largest file read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

#[derive(Clone, Debug, Default, ClapArgs)]
pub struct SourceArgs {
    /// Read this file and ask nobody: what `aws iam get-account-authorization-details` prints
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Authorization details, and what they lack.
pub struct Loaded {
    pub accounts: Vec<Account>,
    pub gaps: Vec<Gap>,
    /// When this was true: now, or when the file was written.
    pub as_of: Timestamp,
}

pub struct Account {
    /// Absent where nothing in a file names it.
    pub id: Option<AccountId>,
    pub authorization: Arc<Authorization>,
}

/// Everything, from the file or from every account signed in to.
///
/// # Errors
/// A bad file, or no account could be read at all.
pub fn load(global: &Global, args: &SourceArgs) -> anyhow::Result<Loaded> {
    match &args.file {
        Some(path) => {
            let (authorization, as_of) = read(path)?;
            let id = authorization.account.clone();
            let account = Account { id, authorization: Arc::new(authorization) };
            Ok(Loaded { accounts: vec![account], gaps: Vec::new(), as_of })
        }
        None => ask(&mut Looking::open(global, Service::Iam)?),
    }
}

/// Every account that `looking` is signed in to.
///
/// # Errors
/// No account could be read at all.
pub fn ask(looking: &mut Looking) -> anyhow::Result<Loaded> {
    let places = looking.accounts();
    for (target, _) in &places {
        looking.case.look_at_account(target, false);
    }
    looking.look();
    let mut gaps = looking.gaps.clone();
    let mut accounts = Vec::new();
    for (target, id) in places {
        let Some(look) = looking.case.inspection.accounts.get(&target) else { continue };
        if let Some(known) = &look.known {
            gaps.extend(known.gaps.iter().cloned());
            let authorization = known.what.clone();
            accounts.push(Account { id: Some(id), authorization });
        } else {
            gaps.push(unread(&target, look.fault.clone()));
        }
    }
    match gaps.first() {
        Some(gap) if accounts.is_empty() => Err(answer::aws(&gap.why)),
        _ => Ok(Loaded { accounts, gaps, as_of: looking.now() }),
    }
}

/// A gap for a whole account.
pub fn unread(target: &Target, why: Option<Fault>) -> Gap {
    let why = why.unwrap_or_else(|| Fault::new(FaultKind::Unreadable, "there was no answer"));
    Gap { source: Service::Iam, account: target.clone(), region: None, page: None, why }
}

/// Reads a file, with the time that it was written.
pub fn read(path: &Path) -> anyhow::Result<(Authorization, Timestamp)> {
    let shown = display(&path.to_string_lossy());
    let bad = |why: String| answer::usage(format!("{shown}: {why}"));
    let about = fs::metadata(path).map_err(|e| bad(e.to_string()))?;
    if about.len() > MAX_BYTES {
        return Err(bad(format!("larger than {} MiB", MAX_BYTES >> 20)));
    }
    let bytes = fs::read(path).map_err(|e| bad(e.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| bad("not UTF-8".to_owned()))?;
    let authorization = Authorization::read(&text).map_err(|wrong| {
        let lines: Vec<String> =
            wrong.to_string().lines().map(|l| format!("{shown}: {l}")).collect();
        answer::usage(lines.join("\n"))
    })?;
    let written = about.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
    // To the second: what a file says is not true to the nanosecond.
    let written = written.and_then(|at| Timestamp::from_second(at.as_second()).ok());
    Ok((authorization, written.unwrap_or_else(wall_clock)))
}
