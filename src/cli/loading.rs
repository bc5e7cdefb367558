//! What the console is opened with, out of the files that people write. A broken one is told
//! with its place, and has its default: the console opens all the same.

use std::path::Path;

use super::{args::Global, config::Config, context, keymaps, look};
use crate::{
    domain::{Fault, FaultKind, document::Broken, untrusted::display},
    input::Keymap,
    theme::Look,
};

/// The files as far as they could be read.
pub struct Loaded {
    pub config: Config,
    pub keymap: Keymap,
    pub look: Look,
    /// halon.toml was not used.
    pub unconfigured: bool,
    /// What has to be told, the worst first: one for each file.
    pub troubles: Vec<Fault>,
}

pub fn load(global: &Global, folder: Option<&Path>) -> Loaded {
    let mut troubles: Vec<Fault> = Vec::new();
    if let Some(trouble) = global.policy.trouble() {
        troubles.push(Fault::new(FaultKind::Local, trouble));
    }
    let read = context::config(global);
    let unconfigured = read.is_err();
    let config = read.unwrap_or_else(|broken| {
        troubles.push(told(&broken, "every setting has its default until it is mended"));
        let mut config = Config::default();
        // What the machine bounds holds all the more.
        global.policy.bind(&mut config);
        config
    });
    let keymaps = folder.map(|folder| folder.join("keymaps"));
    let (keymap, broken) = keymaps::load(&config, keymaps.as_deref());
    troubles.extend(broken.map(|broken| told(&broken, "the shipped keys are used until then")));
    let wanted = look::Wanted {
        theme: config.screen.theme.clone(),
        borders: config.screen.borders,
        depth: config.screen.colours,
    };
    let (look, broken) = look::look(&wanted, folder);
    let unknown = no_theme(&config, folder);
    let meanwhile = "another theme is used until then; F2 shows those that are good";
    troubles.extend(unknown.iter().chain(&broken).map(|broken| told(broken, meanwhile)));
    Loaded { config, keymap, look, unconfigured, troubles }
}

/// halon.toml names a theme that there is not.
pub fn no_theme(config: &Config, folder: Option<&Path>) -> Option<Broken> {
    let why = look::unknown(config.screen.theme.as_deref()?, folder)?;
    Some(config.places.broken("screen.theme", why))
}

/// One message of a broken file: its first mistake, and how to see the others.
pub fn told(broken: &Broken, meanwhile: &str) -> Fault {
    let first = broken.mistakes.first().map(ToString::to_string).unwrap_or_default();
    let more = match broken.mistakes.len() {
        0 | 1 => String::new(),
        n => format!(" (and {} more: halon config check)", n - 1),
    };
    let what = format!("{}:{first}{more}", from_home(&broken.file));
    Fault::new(FaultKind::Local, what).with_hint(format!("mend it; {meanwhile}"))
}

/// A path as people write it: the home folder is `~`.
pub fn from_home(path: &str) -> String {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    let below = home.and_then(|home| Path::new(path).strip_prefix(home).ok().map(Path::to_owned));
    below.map_or_else(|| path.to_owned(), |rest| format!("~/{}", display(&rest.to_string_lossy())))
}
