//! From arguments, configuration and environment to a cloud, a case and a clock.

use std::{env, path::PathBuf, sync::Arc};

use directories::ProjectDirs;

use super::{
    answer,
    args::{Filters, Global, Regions, SourceArg, StatusArg},
    config::{Account, Config},
    range,
};
use crate::{
    case::{Case, Filter, Intervals},
    cloud::{self, Cloud, Settings, TargetSettings, World},
    domain::{
        Ask, Region, Source, Status, Target,
        document::Broken,
        time::{parse_when, rfc3339},
    },
    range::{Pace, Range},
    runtime::{self, Actor, Auditor, Clock, Local},
};

/// Everything a command needs to ask.
pub struct Context {
    pub cloud: Cloud,
    pub clock: Clock,
    pub targets: Vec<(Target, Vec<Region>)>,
    /// Targets that are acted with and not looked at for findings.
    pub also: Vec<Target>,
    /// The ARNs of the roles for emergencies: the configuration's, or the scenario's.
    pub break_glass: Vec<String>,
    pub config: Config,
    pub local: Local,
    /// The scenario's title.
    pub range: Option<String>,
    /// Which of the range's worlds it is.
    pub world: Option<String>,
    pub endpoint: Option<String>,
    pub environment: Vec<String>,
    /// Where the audit log lies; none where there is no folder to keep it in.
    pub audit: Option<PathBuf>,
    /// An endpoint that the environment names and no flag does: it serves reading only.
    pub unmeant: Option<String>,
}

impl Context {
    pub fn new(global: &Global, config: Config) -> anyhow::Result<Context> {
        if let Some(url) = &global.endpoint_url {
            check_endpoint(url)?;
        }
        if global.policy.aws_only && global.range.is_none() {
            no_other_endpoint(global)?;
        }
        let data = data_dir(global);
        let environment = environment();
        match &global.range {
            Some(id) => Self::in_range(global, config, id, data),
            None => Ok(Self::in_aws(global, config, data, environment)),
        }
    }

    fn in_range(
        global: &Global,
        config: Config,
        id: &str,
        data: Option<PathBuf>,
    ) -> anyhow::Result<Context> {
        let scenario = range::find(id, config_dir().as_deref())?;
        let range = match &data {
            Some(data) => runtime::open_range(scenario, Pace::Real, data),
            None => runtime::open_range_in_memory(scenario, Pace::Real),
        }
        .map_err(|fault| answer::usage(&fault))?;
        Ok(Self::over(global, config, id, range, data))
    }

    /// In an open world of a scenario; what is written down lies in `data`.
    pub fn over(
        global: &Global,
        config: Config,
        id: &str,
        range: Range,
        data: Option<PathBuf>,
    ) -> Context {
        let title = range.title().to_owned();
        let regions = match chosen_regions(global) {
            regions if regions.is_empty() => range.regions(),
            regions => regions,
        };
        let target: Target = Arc::from("range");
        // The default operator looks at all; the others act in their own accounts.
        let also: Vec<Target> =
            range.operators().iter().skip(1).map(|o| Arc::from(o.alias.as_str())).collect();
        let named = |name: &Target| TargetSettings::of(name.clone(), None);
        let settings = Settings {
            targets: std::iter::once(&target).chain(&also).map(named).collect(),
            endpoint_url: None,
            // The range has no neighbours to be considerate of.
            limits: crate::cloud::Limits {
                securityhub_per_second: 1_000,
                cloudtrail_per_second: 1_000,
                ..config.limits
            },
        };
        // A world begun anew is another one: what was done in the one before is not in it.
        let world = format!("range {id}, begun {}", rfc3339(range.began()));
        let mut glass = range.break_glass();
        glass.extend(
            config.break_glass.iter().filter(|r| !glass.contains(r)).cloned().collect::<Vec<_>>(),
        );
        let clock: Clock = {
            let range = range.clone();
            Arc::new(move || range.now())
        };
        Context {
            cloud: Cloud::new(settings, World::Range(range)),
            clock,
            targets: vec![(target, regions)],
            also,
            // What the scenario names stands for what a halon.toml would.
            break_glass: glass,
            config,
            // The range's findings must not mix with real ones.
            local: Local::Memory,
            range: Some(title),
            world: Some(world),
            endpoint: None,
            environment: Vec::new(),
            audit: data.map(|d| d.join("audit-range.jsonl")),
            unmeant: None,
        }
    }

    fn in_aws(
        global: &Global,
        config: Config,
        data: Option<PathBuf>,
        environment: Vec<String>,
    ) -> Context {
        let flagged = chosen_regions(global);
        let regions_of = |own: &[Region]| {
            [&flagged, own, &config.regions]
                .into_iter()
                .find(|r| !r.is_empty())
                .map(<[Region]>::to_vec)
                .unwrap_or_default()
        };
        let mut chosen: Vec<(TargetSettings, Vec<Region>)> = Vec::new();
        let target = |name: &str, profile: Option<&str>| {
            // Shown in many places; the profile itself is looked up as it was typed.
            let name = Arc::from(crate::domain::untrusted::display(name));
            TargetSettings::of(name, profile.map(ToOwned::to_owned))
        };
        for profile in &global.profile {
            // An account that is signed in to through a role is not the profile's own.
            let own = |a: &&Account| a.profile.as_ref() == Some(profile) && a.role.is_none();
            let account = config.accounts.iter().find(own);
            let own = account.map(|a| a.regions.as_slice()).unwrap_or_default();
            chosen.push((target(profile, Some(profile)), regions_of(own)));
        }
        if chosen.is_empty() {
            for account in &config.accounts {
                let target = target(&account.alias, account.profile.as_deref());
                let target = TargetSettings { role: account.role.clone(), ..target };
                chosen.push((target, regions_of(&account.regions)));
            }
        }
        if chosen.is_empty() {
            chosen.push((target("default", None), regions_of(&[])));
        }
        chosen.dedup_by(|a, b| a.0.name == b.0.name);
        let settings = Settings {
            targets: chosen.iter().map(|(t, _)| t.clone()).collect(),
            endpoint_url: global.endpoint_url.clone(),
            limits: config.limits,
        };
        let endpoint = global.endpoint_url.clone().or_else(|| env::var("AWS_ENDPOINT_URL").ok());
        Context {
            cloud: Cloud::within(global.policy.bounds(), settings, World::Aws),
            clock: Arc::new(runtime::wall_clock),
            targets: chosen.into_iter().map(|(t, regions)| (t.name, regions)).collect(),
            break_glass: config.break_glass.clone(),
            config,
            also: Vec::new(),
            audit: data.as_ref().map(|d| d.join("audit.jsonl")),
            local: data.map_or(Local::Memory, Local::Folder),
            unmeant: unmeant(global.endpoint_url.as_deref()),
            range: None,
            world: None,
            endpoint: endpoint.as_deref().map(cloud::shown_endpoint),
            environment,
        }
    }

    /// A case that asks for what the filters show.
    pub fn case(&self, filter: &Filter, intervals: Intervals) -> Case {
        let sources = filter.source.map_or_else(|| Source::ALL.to_vec(), |s| vec![s]);
        let ask = Ask {
            at_least: filter.at_least,
            status: filter.status,
            updated_since: filter.updated_since,
        };
        let mut case = Case::new(self.targets.clone(), sources, ask, intervals);
        case.break_glass = self.break_glass.clone();
        case.how = self.config.how.clone();
        for target in &self.also {
            case.act_with(target.clone());
        }
        case
    }

    /// What carries out changes, with the audit log they are written to.
    ///
    /// # Errors
    /// There is no folder for the log: nothing can be changed then.
    pub fn actor(&self, global: &Global) -> anyhow::Result<Actor> {
        let Some(path) = self.audit.clone() else {
            return Err(answer::refused(
                "there is no home folder for the audit log, so nothing can be changed; name one with --data-dir",
            ));
        };
        let (here, to) = (self.here(global), self.goes_to().map(ToOwned::to_owned));
        let audit =
            Auditor::new(path, here, to, self.environment.clone()).under(global.policy.in_a_line());
        Ok(Actor::new(self.cloud.clone(), !global.read_only, audit, self.clock.clone()))
    }

    /// The word of the audit log for where requests go.
    pub fn here(&self, global: &Global) -> &'static str {
        match (&self.range, &global.endpoint_url) {
            (Some(_), _) => "range",
            (None, Some(_)) => "endpoint",
            (None, None) => "aws",
        }
    }

    /// Where requests go where that is not AWS, as the audit log's sessions say it.
    pub fn goes_to(&self) -> Option<&str> {
        self.world.as_deref().or(self.endpoint.as_deref())
    }

    /// The filters as typed, times counted from this context's clock.
    pub fn filter(&self, filters: &Filters) -> anyhow::Result<Filter> {
        let since = filters.since.as_deref();
        let updated_since =
            since.map(|text| parse_when(text, (self.clock)())).transpose().map_err(|why| {
                answer::usage(format!("--since {}", crate::domain::untrusted::display(&why)))
            })?;
        Ok(Filter {
            at_least: filters.severity,
            status: match filters.status {
                StatusArg::Active => Status::Active,
                StatusArg::Archived => Status::Archived,
                StatusArg::All => Status::All,
            },
            source: filters.source.map(|s| match s {
                SourceArg::GuardDuty => Source::GuardDuty,
                SourceArg::SecurityHub => Source::SecurityHub,
            }),
            account: filters.account.clone(),
            updated_since,
            ..Filter::default()
        })
    }
}

/// The variable that names an endpoint which no flag names.
pub fn unmeant(flag: Option<&str>) -> Option<String> {
    let mut named: Vec<String> = env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let names_one = name.starts_with("AWS_ENDPOINT_URL") && !value.is_empty();
            (names_one && value.to_str() != flag).then_some(name)
        })
        .collect();
    named.sort();
    named.into_iter().next()
}

/// Not the argument parser's business: it would repeat the URL, and a password in it.
fn check_endpoint(url: &str) -> anyhow::Result<()> {
    let refuse = |why: &str| Err(answer::usage(format!("--endpoint-url: {why}")));
    let Ok(uri) = url.parse::<http::Uri>() else { return refuse("not a URL") };
    match (uri.scheme_str(), uri.authority()) {
        (_, Some(authority)) if authority.as_str().contains('@') => {
            refuse("a URL with a user or password in it is not taken")
        }
        (Some("http" | "https"), Some(_)) => Ok(()),
        _ => refuse("expected http://host:port or https://host"),
    }
}

fn chosen_regions(global: &Global) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    for region in &global.region {
        match region {
            Regions::All => regions.extend(Region::enabled_by_default()),
            Regions::One(region) => regions.push(region.clone()),
        }
    }
    let mut seen = std::collections::HashSet::new();
    regions.retain(|r| seen.insert(r.clone()));
    regions
}

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "halon")
}

pub fn config_dir() -> Option<PathBuf> {
    project().map(|p| p.config_dir().to_owned())
}

pub fn config_path(global: &Global) -> Option<PathBuf> {
    global.config.clone().or_else(|| Some(config_dir()?.join("halon.toml")))
}

pub fn data_dir(global: &Global) -> Option<PathBuf> {
    global.data_dir.clone().or_else(|| project().map(|p| p.data_dir().to_owned()))
}

/// The data folder of a command that cannot do without one.
pub fn need_data_dir(global: &Global) -> anyhow::Result<PathBuf> {
    data_dir(global)
        .ok_or_else(|| answer::usage("there is no home folder; name one with --data-dir"))
}

/// The configuration, from the file named or the usual one, as far as the machine's policy
/// lets it be.
pub fn config(global: &Global) -> Result<Config, Broken> {
    let mut config = match config_path(global) {
        Some(path) => Config::load(&path, global.config.is_some())?,
        None => Config::default(),
    };
    global.policy.bind(&mut config);
    Ok(config)
}

fn no_other_endpoint(global: &Global) -> anyhow::Result<()> {
    let file = global.policy.file.as_deref().unwrap_or_default();
    let named = match &global.endpoint_url {
        Some(_) => Some("--endpoint-url".to_owned()),
        None => unmeant(None),
    };
    match named {
        Some(named) => Err(answer::refused(format!(
            "{named}: {file} allows no endpoint but AWS's own on this machine"
        ))),
        None => Ok(()),
    }
}

/// Settings of the environment that send requests elsewhere or through somebody.
fn environment() -> Vec<String> {
    let mut found: Vec<String> = env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let redirects = name.starts_with("AWS_ENDPOINT_URL_")
                || ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"]
                    .contains(&name.to_uppercase().as_str());
            (redirects && !value.is_empty()).then_some(name)
        })
        .collect();
    found.sort();
    found
}
