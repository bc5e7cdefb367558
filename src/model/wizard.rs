//! The first steps: what is asked of somebody who has no halon.toml, and the file made of it.

use std::path::PathBuf;

use serde_json::Value;
use tui_input::Input;

use crate::{
    case::RoleAt,
    domain::Region,
    input::{DEFAULT, SHIPPED},
};

/// A profile of the AWS configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub region: Option<Region>,
}

/// The name of a profile as an alias: a word.
pub fn alias_of(profile: &str) -> String {
    profile.split_whitespace().collect::<Vec<_>>().join("-")
}

/// A console that nobody has configured yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconfigured {
    /// Where halon.toml would be.
    pub file: PathBuf,
    /// The same, ready to show.
    pub shown: String,
    /// The themes there are, the usual one first.
    pub themes: Vec<String>,
    /// The first steps are shown by themselves.
    pub at_once: bool,
}

/// One page of the first steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    #[default]
    Welcome,
    Accounts,
    Regions,
    Production,
    Glass,
    Keymap,
    Theme,
    Summary,
}

impl Step {
    pub const ALL: [Step; 8] = [
        Step::Welcome,
        Step::Accounts,
        Step::Regions,
        Step::Production,
        Step::Glass,
        Step::Keymap,
        Step::Theme,
        Step::Summary,
    ];

    /// From 1.
    pub fn number(self) -> usize {
        Step::ALL.iter().position(|step| *step == self).unwrap_or(0) + 1
    }

    /// Something is typed on this page.
    pub fn is_typed(self) -> bool {
        matches!(self, Step::Regions | Step::Glass)
    }
}

/// A profile that was found, and what the operator says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub profile: Profile,
    pub chosen: bool,
    pub production: bool,
}

#[derive(Clone, Debug)]
pub struct Wizard {
    pub about: Unconfigured,
    pub step: Step,
    /// None while they are being read.
    pub profiles: Option<Vec<Found>>,
    /// The line under the cursor, on pages that are lists.
    pub cursor: usize,
    pub regions: Input,
    pub glass: Input,
    pub keymap: usize,
    pub theme: usize,
    /// What is wrong with what was typed, or why the file could not be written.
    pub trouble: Option<String>,
    /// The file is on its way to the disk.
    pub writing: bool,
}

impl Wizard {
    pub fn new(about: Unconfigured) -> Self {
        Self {
            about,
            step: Step::default(),
            profiles: None,
            cursor: 0,
            regions: Input::default(),
            glass: Input::default(),
            keymap: 0,
            theme: 0,
            trouble: None,
            writing: false,
        }
    }

    pub fn keymaps() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    pub fn keymap_name(&self) -> &'static str {
        Self::keymaps().nth(self.keymap).unwrap_or(DEFAULT)
    }

    pub fn theme_name(&self) -> Option<&str> {
        self.about.themes.get(self.theme).map(String::as_str)
    }

    pub fn chosen(&self) -> impl Iterator<Item = &Found> {
        self.profiles.iter().flatten().filter(|found| found.chosen)
    }

    /// The lines of a page that is a list.
    pub fn rows(&self) -> usize {
        match self.step {
            Step::Accounts => self.profiles.as_ref().map_or(0, Vec::len),
            Step::Production => self.chosen().count(),
            Step::Keymap => SHIPPED.len(),
            Step::Theme => self.about.themes.len(),
            Step::Welcome | Step::Regions | Step::Glass | Step::Summary => 0,
        }
    }

    /// Marks the line under the cursor, or takes the mark away.
    pub fn toggle(&mut self) {
        let (at, step) = (self.cursor, self.step);
        let profiles = self.profiles.iter_mut().flatten();
        match step {
            Step::Accounts => {
                if let Some(found) = { profiles }.nth(at) {
                    found.chosen = !found.chosen;
                    found.production &= found.chosen;
                }
            }
            Step::Production => {
                if let Some(found) = { profiles }.filter(|found| found.chosen).nth(at) {
                    found.production = !found.production;
                }
            }
            _ => {}
        }
    }

    /// The regions typed.
    ///
    /// # Errors
    /// The first word that is none.
    pub fn regions(&self) -> Result<Vec<Region>, String> {
        let mut regions: Vec<Region> = Vec::new();
        for word in words(&self.regions) {
            let region = word.parse().map_err(|why| format!("{}: {why}", shown(word)))?;
            if !regions.contains(&region) {
                regions.push(region);
            }
        }
        Ok(regions)
    }

    /// The ARNs of the roles for emergencies that were typed.
    ///
    /// # Errors
    /// The first one that is none.
    pub fn glass(&self) -> Result<Vec<String>, String> {
        let mut roles: Vec<String> = Vec::new();
        for word in words(&self.glass) {
            let is_role = |word: &str| word.parse::<RoleAt>().is_ok_and(|r| r.arn.raw() == word);
            if !is_role(word) {
                let example = "a role looks like arn:aws:iam::111122223333:role/NAME";
                return Err(format!("{}: {example}", shown(word)));
            }
            if !roles.iter().any(|known| known == word) {
                roles.push(word.to_owned());
            }
        }
        Ok(roles)
    }

    /// The very file that is written; what is wrong is left out, and cannot be: no page is left
    /// with it.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# Written by halon's first steps. Every setting: halon config show, docs/CONFIGURATION.md.\n",
        );
        let regions = self.regions().unwrap_or_default();
        if !regions.is_empty() {
            let names: Vec<String> = regions.iter().map(|r| quoted(r.as_str())).collect();
            text += &format!("regions = [{}]\n", names.join(", "));
        }
        let glass = self.glass().unwrap_or_default();
        if !glass.is_empty() {
            let arns: Vec<String> = glass.iter().map(|arn| quoted(arn)).collect();
            text += &format!("break_glass = [{}]\n", arns.join(", "));
        }
        let mut aliases: Vec<String> = Vec::new();
        for found in self.chosen() {
            let name = &found.profile.name;
            let mut alias = alias_of(name);
            while aliases.contains(&alias) {
                alias.push('-');
            }
            text += &format!(
                "\n[[accounts]]\nalias = {}\nprofile = {}\n",
                quoted(&alias),
                quoted(name)
            );
            if found.production {
                text += "production = true\n";
            }
            aliases.push(alias);
        }
        let keymap =
            (self.keymap > 0).then(|| format!("keymap = {}\n", quoted(self.keymap_name())));
        let theme = self.theme_name().filter(|_| self.theme > 0);
        let theme = theme.map(|theme| format!("theme = {}\n", quoted(theme)));
        if keymap.is_some() || theme.is_some() {
            text += "\n[screen]\n";
            text.extend([keymap, theme].into_iter().flatten());
        }
        text
    }
}

fn words(input: &Input) -> impl Iterator<Item = &str> {
    input.value().split([',', ' ']).filter(|word| !word.is_empty())
}

fn shown(word: &str) -> String {
    crate::domain::untrusted::display_in(word, 40)
}

/// A TOML string: JSON's escapes are among TOML's.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
