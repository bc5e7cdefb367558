//! The arguments. Their doc comments are the help.

use std::{net::SocketAddr, path::PathBuf};

use clap::{ArgAction, Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::domain::{AccountId, Band, Region, RoleArn};

/// The console for the person on call when an AWS account is under attack.
///
/// Without a subcommand it opens the console. `halon --range` opens it on a
/// simulated account: nothing is sent anywhere.
#[derive(Debug, Parser)]
#[command(name = "halon", version, max_term_width = 100)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Default, ClapArgs)]
pub struct Global {
    /// Profile of the AWS configuration; may be given several times
    #[arg(long, value_name = "NAME", global = true, action = ArgAction::Append)]
    pub profile: Vec<String>,
    /// Region, or `all` for every region enabled by default; may be given several times
    #[arg(long, value_name = "REGION|all", global = true, action = ArgAction::Append, value_parser = regions)]
    pub region: Vec<Regions>,
    /// Send every request to this URL instead of AWS
    #[arg(long, value_name = "URL", global = true)]
    pub endpoint_url: Option<String>,
    /// Play in the range, a simulated account; without a scenario the default one
    #[arg(
        long, value_name = "SCENARIO", global = true, num_args = 0..=1, require_equals = true,
        default_missing_value = crate::cli::range::DEFAULT_SCENARIO
    )]
    pub range: Option<String>,
    /// Ask nothing of anybody: what is kept on this machine, and files
    #[arg(long, global = true)]
    pub offline: bool,
    /// For the life of the process nothing can be changed
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Answer with one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Configuration file instead of the usual halon.toml
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Folder for what halon keeps, instead of the usual one
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,
    /// What the machine's policy file bounds; it is part of `read_only` already.
    #[arg(skip)]
    pub policy: crate::cli::config::SystemPolicy,
}

impl Global {
    /// Why nothing can be changed, where `read_only` is set.
    pub fn why_read_only(&self) -> String {
        self.policy.forbids_changes().unwrap_or_else(|| {
            "read-only: for the life of this process nothing can be changed; leave out --read-only"
                .to_owned()
        })
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List findings of GuardDuty and Security Hub in one queue
    Findings(FindingsArgs),
    /// What happened, from CloudTrail: looked up, kept, and looked at again
    Trail(TrailArgs),
    /// Who is in an account, what they hold and what they can do
    Iam {
        #[command(subcommand)]
        command: crate::cli::iam::IamCommand,
    },
    /// The organization, and what stands above its accounts
    Org {
        #[command(subcommand)]
        command: crate::cli::org::OrgCommand,
    },
    /// What is kept on this machine
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// An incident's timeline: what was marked, as Markdown or JSON
    Timeline(crate::cli::timeline::TimelineArgs),
    /// Playbooks: list, check, plan and run them
    Playbook {
        #[command(subcommand)]
        command: PlaybookCommand,
    },
    /// The IAM policy language: decide without AWS
    Policy {
        #[command(subcommand)]
        command: crate::cli::policy::PolicyCommand,
    },
    /// Take back what a run changed, as far as there is a way back
    Undo(UndoArgs),
    /// The audit log: what was done, whether it is still what was written, evidence
    Audit {
        #[command(subcommand)]
        command: crate::cli::audit::AuditCommand,
    },
    /// Break-glass and the playbooks: whether they are ready, and practising them
    Drill {
        #[command(subcommand)]
        command: crate::cli::drill::DrillCommand,
    },
    /// The range: scenarios, and a server for other programs
    Range {
        #[command(subcommand)]
        command: RangeCommand,
    },
    /// Check credentials, identity, clock, endpoints, and what is enabled where
    Doctor,
    /// Print the IAM policy that halon needs, made from its own list of calls
    ///
    /// A statement for each purpose, on the narrowest resources and under the conditions that AWS
    /// knows. `docs/ROLES.md` says how to set up roles with these policies.
    Permissions(PermissionsArgs),
    /// The keys and what they do; check a keymap file
    Keys(KeysArgs),
    /// Write what a shell completes, with the playbooks, scenarios and profiles that there are now
    Completions(crate::cli::completions::CompletionsArgs),
    /// Write the manual pages
    Man(crate::cli::man::ManArgs),
    /// Write a picture of the console: over the range, without a terminal, always the same
    Screenshot(crate::cli::screenshot::ScreenshotArgs),
    /// The configuration file
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub struct FindingsArgs {
    #[command(flatten)]
    pub filters: Filters,
    #[command(subcommand)]
    pub command: Option<FindingsCommand>,
}

#[derive(Debug, ClapArgs)]
pub struct Filters {
    /// At least this severity: informational, low, medium, high, critical
    #[arg(long, default_value_t = Band::High)]
    pub severity: Band,
    /// Updated since then: RFC 3339, a date (UTC), or an age such as 90m, 24h, 7d
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only this account's findings
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,
    /// Only what this service says
    #[arg(long, value_enum)]
    pub source: Option<SourceArg>,
    /// By state
    #[arg(long, value_enum, default_value_t = StatusArg::Active)]
    pub status: StatusArg,
}

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub struct TrailArgs {
    #[command(flatten)]
    pub filters: TrailFilters,
    #[command(subcommand)]
    pub command: Option<TrailCommand>,
}

/// CloudTrail looks up by one attribute: of several filters the first of this list that it
/// knows is asked by (it knows no role and no address), the others are applied here.
#[derive(Debug, ClapArgs)]
pub struct TrailFilters {
    /// Only calls made with this access key
    #[arg(long, value_name = "ID")]
    pub key: Option<String>,
    /// Only calls of this user, or of role sessions of this name
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Only calls of this role's sessions, by name or ARN; everything in the window is read
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Only this event, such as AssumeRole
    #[arg(long, value_name = "NAME")]
    pub event: Option<String>,
    /// Only calls about this resource, by name or ARN
    #[arg(long, value_name = "NAME")]
    pub resource: Option<String>,
    /// Only calls to this service, such as iam or iam.amazonaws.com
    #[arg(long, value_name = "SERVICE")]
    pub source: Option<String>,
    /// Only this one event
    #[arg(long, value_name = "ID")]
    pub event_id: Option<String>,
    /// Only calls from this address; everything in the window is read
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<String>,
    /// Only events that have all these words somewhere
    #[arg(long, value_name = "WORDS")]
    pub text: Option<String>,
    /// Only calls that failed
    #[arg(long)]
    pub failed: bool,
    /// Ask AWS for everything again, also for what is kept
    #[arg(long)]
    pub again: bool,
    /// From then on: RFC 3339, a date (UTC), or an age such as 90m, 24h, 7d
    #[arg(long, value_name = "TIME", default_value = "24h")]
    pub since: String,
    /// Until then; without it until now
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum FindingsCommand {
    /// Read findings from files and folders into the store
    Import {
        /// Files or folders: API and CLI answers, EventBridge events, JSON lines, .gz
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

#[derive(Debug, ClapArgs)]
pub struct SessionsArgs {
    /// Events since then: RFC 3339, a date (UTC), or an age such as 90m, 24h, 7d
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Events until then
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum TrailCommand {
    /// Read events from files and folders into the store
    ///
    /// Log files as CloudTrail delivers them (.json.gz, in folders any depth), answers of
    /// the API and the CLI, EventBridge events, JSON lines. What is known already is not
    /// added again; digests of log files are skipped; of what is broken, what can be read
    /// is taken and the rest is named with its place.
    Import {
        /// Files, whatever they are named; or folders, whose .json, .jsonl, .ndjson and .gz are read
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Show whose credentials were in use, and who gave them out: from the store alone
    Sessions(SessionsArgs),
    /// Watch whether somebody's calls still go through, or are refused by now
    ///
    /// Says a line at each change, and everything at the end. Exit code 1 where a call still
    /// goes through, 0 where one was refused, and 5 where no call was seen or not everything
    /// could be searched: CloudTrail shows a call about five minutes after it, and silence
    /// proves nothing.
    Watch(Box<WatchArgs>),
}

#[derive(Debug, ClapArgs)]
pub struct WatchArgs {
    #[command(flatten)]
    pub who: WatchedArgs,
    /// In this account; without it in the ARN's, else in every account signed in to
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,
    /// When their rights were taken: RFC 3339, a date (UTC), or an age such as 10m; else now
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// For so long, from 1s to 24h; 30m where it is not given
    #[arg(long = "for", value_name = "SPAN")]
    pub lasting: Option<String>,
    /// Ask once and say what is known
    #[arg(long)]
    pub once: bool,
    /// End at the first call that is refused
    #[arg(long)]
    pub until_denied: bool,
}

#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub struct WatchedArgs {
    /// Every session of this role, by name or ARN; everything in the window is read
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// This user with every key, by name or ARN
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    /// This access key alone
    #[arg(long, value_name = "ID")]
    pub key: Option<String>,
    /// One session of a role, as ROLE/SESSION or by its ARN
    #[arg(long, value_name = "ROLE/SESSION")]
    pub session: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub struct KeysArgs {
    /// The keymap of this name instead of the one in use: a shipped one, or the file
    /// keymaps/NAME.toml in the configuration folder
    #[arg(long, value_name = "NAME")]
    pub keymap: Option<String>,
    /// Read keymap files and name every mistake; without a file, all of your own
    #[arg(long, value_name = "FILE", num_args = 0.., conflicts_with = "markdown")]
    pub check: Option<Vec<PathBuf>>,
    /// Every shipped keymap as Markdown
    #[arg(long)]
    pub markdown: bool,
}

#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Take out what is old, or everything, and make the file smaller
    Purge {
        /// Only events that happened, and findings kept, before then: RFC 3339, a date (UTC), or an
        /// age such as 90m, 24h, 7d
        #[arg(long, value_name = "TIME")]
        older_than: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum PlaybookCommand {
    /// List every playbook, the broken ones too
    List,
    /// Read playbooks and name every mistake; without a path, all there are
    Check { paths: Vec<PathBuf> },
    /// Show one playbook's steps and inputs
    Show { name: String },
    /// Resolve every step by reads only, and show what a run would do
    Plan {
        name: String,
        #[command(flatten)]
        inputs: InputArgs,
    },
    /// Run a playbook step by step
    Run {
        name: String,
        #[command(flatten)]
        inputs: InputArgs,
        #[command(flatten)]
        consent: ConsentArgs,
        /// Then watch whoever it contained, for 30m or as long as given: whether their calls
        /// are refused. With --json what is seen goes to standard error
        #[arg(long, value_name = "SPAN", num_args = 0..=1, default_missing_value = "30m")]
        watch: Option<String>,
    },
    /// Take up a run that stopped or was cut off, from the audit log
    Resume {
        run_id: String,
        #[command(flatten)]
        consent: ConsentArgs,
    },
}

#[derive(Debug, ClapArgs)]
pub struct InputArgs {
    /// An input; may be given several times
    #[arg(short, long = "input", value_name = "NAME=VALUE", action = ArgAction::Append)]
    pub input: Vec<String>,
    /// Fill inputs in from this finding (GuardDuty id or ASFF Id)
    #[arg(long, value_name = "ID")]
    pub finding: Option<String>,
}

#[derive(Debug, Default, ClapArgs)]
pub struct ConsentArgs {
    /// Answer a step that asks; may be given several times
    #[arg(long, value_name = "STEP=yes|no", action = ArgAction::Append)]
    pub answer: Vec<String>,
    /// The incident's id: without incident, title and reason nothing is changed
    #[arg(long, value_name = "ID")]
    pub incident: Option<String>,
    /// The incident's title
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Why this is done
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Consent to every reversible change; wide and irreversible ones need --confirm
    #[arg(long)]
    pub yes: bool,
    /// Consent to one step's change by the target's own name; may be given several times
    #[arg(long, value_name = "STEP=TARGET", action = ArgAction::Append)]
    pub confirm: Vec<String>,
    /// The code of the MFA device, for a step that assumes a role; `-` reads it from standard input
    #[arg(long, value_name = "CODE")]
    pub mfa_code: Option<String>,
    /// The second person who agrees to assuming a role; or `- ` and why there is none, for review
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub second_person: Option<String>,
    /// Where the audit log was tampered with: keep it, and begin a new one that names it
    #[arg(long)]
    pub new_log: bool,
}

/// How a log is compared with CloudTrail.
#[derive(Debug, ClapArgs)]
pub struct ProofArgs {
    /// Compare the log with CloudTrail, both ways
    #[arg(long)]
    pub cloudtrail: bool,
    /// How long CloudTrail is given to have a call: what is younger is not missing yet
    #[arg(long, value_name = "AGE", default_value = "15m", requires = "cloudtrail")]
    pub delay: String,
    /// Only sessions of the log that began then or later: RFC 3339, a date (UTC), or an age
    #[arg(long, value_name = "TIME", requires = "cloudtrail")]
    pub since: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub struct UndoArgs {
    /// The run, as `playbook run` and `audit show` name it
    pub run_id: String,
    /// Only this step's change: its id, or its number among the run's changes
    #[arg(long, value_name = "N")]
    pub step: Option<String>,
    #[command(flatten)]
    pub consent: ConsentArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SourceArg {
    #[value(name = "guardduty")]
    GuardDuty,
    #[value(name = "securityhub")]
    SecurityHub,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum StatusArg {
    Active,
    Archived,
    All,
}

#[derive(Debug, ClapArgs)]
pub struct PermissionsArgs {
    /// What halon shall be able to do
    #[arg(long, value_enum, default_value_t = PermissionsMode::ReadOnly)]
    pub mode: PermissionsMode,
    /// A break-glass role that may be assumed; else those of halon.toml
    #[arg(long, value_name = "ARN")]
    pub break_glass: Vec<RoleArn>,
    /// A playbook of your own whose needs are added to the shipped ones'
    #[arg(long, value_name = "FILE")]
    pub playbook: Vec<PathBuf>,
    /// The partition of the resources
    #[arg(long, value_enum, default_value_t = Partition::Aws)]
    pub partition: Partition,
    /// Print each action with who needs it, instead of the policy
    #[arg(long)]
    pub why: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PermissionsMode {
    /// Look at everything, plan playbooks, change nothing
    ReadOnly,
    /// Also run every playbook, and take it back
    Respond,
    /// Assume a break-glass role and gather the evidence of a drill
    Drill,
    /// What the break-glass role itself needs
    BreakGlass,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Partition {
    Aws,
    AwsCn,
    AwsUsGov,
}

#[derive(Debug, Subcommand)]
pub enum RangeCommand {
    /// List the scenarios
    List,
    /// Begin a scenario's world anew; without a name, every one
    Reset { scenario: Option<String> },
    /// Answer AWS's protocols on this machine, for any AWS client
    Serve {
        /// The scenario
        #[arg(long, default_value = crate::cli::range::DEFAULT_SCENARIO)]
        scenario: String,
        /// Address to listen on; only loopback is taken
        #[arg(long, default_value = "127.0.0.1:4599", value_name = "ADDRESS")]
        listen: SocketAddr,
        /// How the world's time passes: frozen, real, or xN for N times as fast
        #[arg(long, default_value = "real", value_parser = clock)]
        clock: ClockArg,
        /// Write a JSON line for each request to this file
        #[arg(long, value_name = "FILE")]
        log: Option<PathBuf>,
        /// Faults to inject, as a TOML file of [[faults]]
        #[arg(long, value_name = "FILE")]
        faults: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write a halon.toml with every setting explained, and the profiles found as suggestions
    Init {
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Read every file that people write for halon, and name every mistake in it
    Check,
    /// Show every setting as it holds now, and where that comes from
    Show,
}

#[derive(Clone, Copy, Debug)]
pub enum ClockArg {
    Frozen,
    Real,
    Times(f64),
}

/// One `--region`.
#[derive(Clone, Debug)]
pub enum Regions {
    All,
    One(Region),
}

fn regions(text: &str) -> Result<Regions, String> {
    match text {
        "all" => Ok(Regions::All),
        one => one.parse().map(Regions::One),
    }
}

fn clock(text: &str) -> Result<ClockArg, String> {
    match text {
        "frozen" => Ok(ClockArg::Frozen),
        "real" => Ok(ClockArg::Real),
        _ => text
            .strip_prefix('x')
            .and_then(|n| n.parse().ok())
            .filter(|n: &f64| n.is_finite() && *n > 0.0)
            .map(ClockArg::Times)
            .ok_or_else(|| "expected frozen, real, or x and a number such as x60".to_owned()),
    }
}
