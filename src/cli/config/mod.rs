//! `halon.toml`, and `halon config`. One file for each table; what is read here is only what
//! the file says.

mod account;
mod assume;
mod check;
mod drill;
mod init;
mod keys;
mod limits;
mod notify;
pub mod screen;
mod show;
mod system;
#[cfg(test)]
mod tests;

use std::{fs, path::Path};

use jiff::SignedDuration;

use super::{
    Output,
    answer::Code,
    args::{ConfigCommand, Global},
};
use crate::{
    case::{Intervals, RoleAt},
    cloud::Limits,
    domain::{
        Region,
        document::{self, Asked, Broken, Mistake, Table},
        event::Network,
        untrusted::display_in,
    },
    model::Notify,
    playbook::HowToAssume,
};

pub use account::Account;
pub use check::beside;
pub use drill::DrillSettings;
pub use keys::documented;
pub use screen::Screen;
pub use system::{PATH as POLICY, SystemPolicy};

/// What the configuration file says; what it does not say has its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    pub accounts: Vec<Account>,
    /// Regions of every account that names none itself.
    pub regions: Vec<Region>,
    /// Where the operator's own people and machines call from.
    pub own_addresses: Vec<Network>,
    pub screen: Screen,
    pub notify: Notify,
    pub limits: Limits,
    pub intervals: Intervals,
    /// The ARNs of the roles for emergencies, each of its account.
    pub break_glass: Vec<String>,
    /// How they are assumed.
    pub how: HowToAssume,
    pub drill: DrillSettings,
    /// How long armed lasts without a change; the guard's own time where not said.
    pub lapse: Option<SignedDuration>,
    /// Where in which file each setting stands that is there.
    pub places: Places,
}

/// Where the settings of a file stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The file's name, ready to show.
    pub file: String,
    pub keys: Vec<Asked>,
}

impl Places {
    /// Line and column of a setting, where the file has it.
    pub fn of(&self, key: &str) -> Option<(usize, usize)> {
        self.keys.iter().find(|asked| asked.key == key)?.at
    }

    /// A mistake that is found later than the file was read: the value of `key` is wrong.
    pub fn broken(&self, key: &str, what: String) -> Broken {
        let (line, column) = self.of(key).unwrap_or((1, 1));
        Broken { file: self.file.clone(), mistakes: vec![Mistake { line, column, what }] }
    }
}

impl Config {
    /// Reads the file; one that is not there is an empty one, unless it was asked for.
    pub fn load(path: &Path, asked_for: bool) -> Result<Config, Broken> {
        let name = path.to_string_lossy();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !asked_for => {
                return Ok(Config::default());
            }
            Err(e) => return Err(Broken::unreadable(&name, &e)),
        };
        Config::read(&name, &text)
    }

    pub fn read(file: &str, text: &str) -> Result<Config, Broken> {
        let mut keys = Vec::new();
        let read = |root: &Table<'_>| {
            let mut config = Config {
                regions: regions(root),
                own_addresses: own_addresses(root),
                break_glass: break_glass(root),
                ..Config::default()
            };
            for table in root.tables("accounts") {
                if let Some(account) = account::read(&table, &config.accounts) {
                    config.accounts.push(account);
                }
                table.finish();
            }
            let table = |key, read: &mut dyn FnMut(&Table<'_>)| {
                if let Some(table) = root.table(key) {
                    read(&table);
                    table.finish();
                }
            };
            table("screen", &mut |t| screen::read(t, &mut config.screen));
            table("notify", &mut |t| notify::read(t, &mut config.notify));
            table("limits", &mut |t| limits::limits(t, &mut config.limits));
            table("polling", &mut |t| limits::polling(t, &mut config.intervals));
            table("assume", &mut |t| assume::read(t, Path::new(file).parent(), &mut config.how));
            table("drill", &mut |t| drill::read(t, &mut config.drill));
            table("armed", &mut |t| config.lapse = limits::lapse(t));
            Some(config)
        };
        let config = document::read_keys(file, text, document::MAX_BYTES, Some(&mut keys), read)?;
        let places = Places { file: display_in(file, 200), keys };
        Ok(Config { places, ..config })
    }
}

fn regions(table: &Table<'_>) -> Vec<Region> {
    let names = table.strings("regions");
    names.iter().filter_map(|name| Some(table.parse("regions", name)?.value)).collect()
}

fn own_addresses(table: &Table<'_>) -> Vec<Network> {
    let texts = table.strings("own_addresses");
    texts.iter().filter_map(|text| Some(table.parse("own_addresses", text)?.value)).collect()
}

/// Role ARNs, as IAM gives them: with their path, and not those of sessions.
fn break_glass(table: &Table<'_>) -> Vec<String> {
    const KEY: &str = "break_glass";
    let mut roles: Vec<String> = Vec::new();
    for text in table.strings(KEY) {
        let of_role = |text: &str| text.parse::<RoleAt>().ok().filter(|r| r.arn.raw() == text);
        if of_role(text.value).is_none() {
            table.mistake(&text, "`break_glass` names roles: arn:aws:iam::111122223333:role/NAME");
        } else if roles.iter().any(|known| known == text.value) {
            table.mistake(&text, "this role is named already");
        } else {
            roles.push(text.value.to_owned());
        }
    }
    roles
}

pub fn run(
    global: &Global,
    command: ConfigCommand,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    match command {
        ConfigCommand::Init { force } => init::run(global, force, output),
        ConfigCommand::Check => check::run(global, output),
        ConfigCommand::Show => show::run(global, output),
    }
}
