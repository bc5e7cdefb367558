//! `halon config show`: every setting as it holds now, and where that comes from.

use std::{env, fmt};

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Config,
    keys::{KEYS, Of, written},
};
use crate::{
    cli::{
        Output,
        answer::{self, Code, Document, write_json},
        args::{Global, Regions},
        context,
    },
    domain::untrusted::display,
    runtime,
};

/// One setting as it holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    pub key: String,
    /// Null where it is not set.
    pub value: Value,
    pub from: From,
}

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum From {
    Default,
    File {
        file: String,
        line: usize,
    },
    /// The machine's policy file.
    Policy {
        file: String,
    },
    Flag {
        name: &'static str,
    },
    Environment {
        name: &'static str,
    },
}

impl fmt::Display for From {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            From::Default => f.write_str("default"),
            From::File { file, line } => write!(f, "{file}:{line}"),
            From::Policy { file } => write!(f, "policy {file}"),
            From::Flag { name } => write!(f, "flag {name}"),
            From::Environment { name } => write!(f, "environment {name}"),
        }
    }
}

pub fn run(global: &Global, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let config = context::config(global).map_err(answer::usage)?;
    let settings = settings(global, &config);
    if global.json {
        let document = Document::new("halon.config/1", runtime::wall_clock(), &[], &settings);
        write_json(output, &document)?;
        return Ok(Code::Done);
    }
    let shown = |value: &Value| display(&written(value).unwrap_or_else(|| "not set".to_owned()));
    let rows: Vec<(String, String, String)> =
        settings.iter().map(|s| (s.key.clone(), shown(&s.value), s.from.to_string())).collect();
    // One long list would push every origin off the screen.
    let wide = |of: fn(&(String, String, String)) -> &String, most: usize| {
        rows.iter().map(|row| of(row).chars().count()).max().unwrap_or(0).min(most)
    };
    let (keys, values) = (wide(|r| &r.0, 32), wide(|r| &r.1, 40));
    for (key, value, from) in &rows {
        writeln!(output.out, "{key:keys$}  {value:values$}  {from}")?;
    }
    Ok(Code::Done)
}

/// All of them: what the run is told, then what halon.toml may say.
fn settings(global: &Global, config: &Config) -> Vec<Setting> {
    let mut all = of_the_run(global, config);
    for key in KEYS {
        match key.of {
            Of::Config(of) => {
                let mut setting = in_file(config, key.name.to_owned(), of(config));
                overruled(global, config, &mut setting);
                all.push(setting);
            }
            // In the order of the accounts, below.
            Of::Account(_) => {}
        }
    }
    for (index, account) in config.accounts.iter().enumerate() {
        for key in KEYS {
            if let Of::Account(of) = key.of {
                let name = format!("accounts[{}].{}", index + 1, key.split().1);
                all.push(in_file(config, name, of(account)));
            }
        }
    }
    all
}

fn in_file(config: &Config, key: String, value: Value) -> Setting {
    let from = match config.places.of(&key) {
        Some((line, _)) => From::File { file: config.places.file.clone(), line },
        None => From::Default,
    };
    Setting { key, value, from }
}

/// What stands above halon.toml.
fn overruled(global: &Global, config: &Config, setting: &mut Setting) {
    let policy = &global.policy;
    let by_policy = || From::Policy { file: policy.file.clone().unwrap_or_default() };
    match setting.key.as_str() {
        "regions" if !global.region.is_empty() => {
            let named = global.region.iter().map(|region| match region {
                Regions::All => "all".to_owned(),
                Regions::One(region) => region.to_string(),
            });
            setting.value = named.collect();
            setting.from = From::Flag { name: "--region" };
        }
        "armed.lapse" if policy.lapse.is_some() && policy.lapse == config.lapse => {
            setting.from = by_policy();
        }
        "assume.second_person" if policy.second_person => setting.from = by_policy(),
        "screen.colours" if setting.value == "auto" => {
            let name = "NO_COLOR";
            if env::var_os(name).is_some_and(|v| !v.is_empty()) {
                setting.value = "none".into();
                setting.from = From::Environment { name };
            }
        }
        _ => {}
    }
}

/// What only flags, the environment and the policy say.
fn of_the_run(global: &Global, config: &Config) -> Vec<Setting> {
    let policy = &global.policy;
    let by_policy = || From::Policy { file: policy.file.clone().unwrap_or_default() };
    let flag = |name, given: bool| if given { From::Flag { name } } else { From::Default };
    let folder =
        |path: Option<std::path::PathBuf>| json!(path.map(|path| display(&path.to_string_lossy())));
    let setting = |key: &str, value: Value, from| Setting { key: key.to_owned(), value, from };
    let variable = |name: &'static str| {
        let value = env::var(name).ok().filter(|value| !value.is_empty())?;
        Some((value, From::Environment { name }))
    };
    let profile = match (&global.profile[..], variable("AWS_PROFILE")) {
        ([], Some((name, from))) if config.accounts.is_empty() => (json!([display(&name)]), from),
        (named, _) => (json!(named), flag("--profile", !named.is_empty())),
    };
    let endpoint = match (&global.endpoint_url, variable("AWS_ENDPOINT_URL")) {
        (Some(url), _) => (crate::cloud::shown_endpoint(url).into(), flag("--endpoint-url", true)),
        (None, Some((url, from))) => (crate::cloud::shown_endpoint(&url).into(), from),
        (None, None) => (Value::Null, From::Default),
    };
    let read_only = match policy.read_only {
        true => by_policy(),
        false => flag("--read-only", global.read_only),
    };
    let allowed = policy.accounts.as_ref();
    let bounded = |is: bool| if is { by_policy() } else { From::Default };
    vec![
        setting(
            "config_file",
            folder(context::config_path(global)),
            flag("--config", global.config.is_some()),
        ),
        setting("config_folder", folder(context::config_dir()), From::Default),
        setting(
            "data_folder",
            folder(context::data_dir(global)),
            flag("--data-dir", global.data_dir.is_some()),
        ),
        setting("range", json!(global.range), flag("--range", global.range.is_some())),
        setting("offline", global.offline.into(), flag("--offline", global.offline)),
        setting("read_only", global.read_only.into(), read_only),
        setting("profiles", profile.0, profile.1),
        setting("endpoint", endpoint.0, endpoint.1),
        setting("allowed_accounts", json!(allowed), bounded(allowed.is_some())),
        setting(
            "allowed_endpoints",
            if policy.aws_only { "aws" } else { "any" }.into(),
            bounded(policy.aws_only),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{args::Args, config::SystemPolicy};

    fn shown(arguments: &[&str], policy: &str, text: &str) -> impl Fn(&str) -> (String, String) {
        let args = std::iter::once("halon").chain(arguments.iter().copied());
        let mut global = Args::try_parse_from(args).expect("it parses").global;
        let policy = SystemPolicy::read("policy.toml", policy).expect("it reads");
        global.read_only |= policy.read_only;
        global.policy = SystemPolicy { file: Some("policy.toml".to_owned()), ..policy };
        let mut config = Config::read("halon.toml", text).expect("it reads");
        global.policy.bind(&mut config);
        let all = settings(&global, &config);
        move |key| {
            let setting = all.iter().find(|s| s.key == key).unwrap_or_else(|| panic!("{key}"));
            (setting.value.to_string(), setting.from.to_string())
        }
    }

    #[test]
    fn every_setting_says_where_it_comes_from() {
        let text = "regions = [\"us-east-1\"]\n[armed]\nlapse = \"2h\"\n[limits]\npages = 7\n\
            [[accounts]]\nalias = \"prod\"\nproduction = true\n";
        let says = |all: &dyn Fn(&str) -> (String, String), key: &str, value: &str, from: &str| {
            assert_eq!(all(key), (value.to_owned(), from.to_owned()), "{key}");
        };
        let plain = shown(&["config", "show"], "", text);
        says(&plain, "regions", "[\"us-east-1\"]", "halon.toml:1");
        says(&plain, "armed.lapse", "\"2h\"", "halon.toml:3");
        says(&plain, "limits.pages", "7", "halon.toml:5");
        says(&plain, "polling.guardduty", "\"30s\"", "default");
        says(&plain, "accounts[1].production", "true", "halon.toml:8");
        says(&plain, "accounts[1].profile", "null", "default");
        says(&plain, "read_only", "false", "default");
        let bound = shown(
            &["config", "show", "--region", "eu-west-1", "--read-only"],
            "lapse = \"10m\"\nsecond_person = true\nread_only = true\naccounts = [\"111122223333\"]\n",
            text,
        );
        says(&bound, "regions", "[\"eu-west-1\"]", "flag --region");
        says(&bound, "armed.lapse", "\"10m\"", "policy policy.toml");
        says(&bound, "assume.second_person", "true", "policy policy.toml");
        says(&bound, "read_only", "true", "policy policy.toml");
        says(&bound, "allowed_accounts", "[\"111122223333\"]", "policy policy.toml");
    }
}
