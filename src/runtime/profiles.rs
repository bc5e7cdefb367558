//! The profiles of the AWS configuration, by their names and regions. Nothing else of these
//! files is kept: there are secrets in them.

use std::{env, fs, path::PathBuf};

use crate::model::Profile;

/// In the order of the files, `~/.aws/config` first. A file that cannot be read has none: the
/// SDK says why when it is asked for credentials.
pub fn aws_profiles() -> Vec<Profile> {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().join(".aws"));
    let file = |variable: &str, name: &str| -> Option<PathBuf> {
        let named = env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from);
        named.or_else(|| Some(home.as_ref()?.join(name)))
    };
    let read = |path: Option<PathBuf>| {
        path.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default()
    };
    let config = read(file("AWS_CONFIG_FILE", "config"));
    let credentials = read(file("AWS_SHARED_CREDENTIALS_FILE", "credentials"));
    profiles(&config, &credentials)
}

fn profiles(config: &str, credentials: &str) -> Vec<Profile> {
    let mut found: Vec<Profile> = Vec::new();
    for (text, is_config) in [(config, true), (credentials, false)] {
        let mut here = None;
        for line in text.lines() {
            // What is indented belongs to the line above it.
            if let Some(section) = line.strip_prefix('[') {
                here = name(section, is_config).map(|name| of(&mut found, name));
            } else if let (Some(at), Some((key, value))) = (here, line.split_once('='))
                && key.trim_end() == "region"
            {
                found[at].region = value.trim().parse().ok();
            }
        }
    }
    found
}

/// Where in the list the profile of this name is.
fn of(found: &mut Vec<Profile>, name: String) -> usize {
    found.iter().position(|known| known.name == name).unwrap_or_else(|| {
        found.push(Profile { name, region: None });
        found.len() - 1
    })
}

/// `default`, `profile NAME`; of the credentials' file the name alone. Other sections are no
/// profiles, and a name that could not be shown or written is passed over.
fn name(section: &str, is_config: bool) -> Option<String> {
    let inside = section.split(']').next()?.trim();
    let name = match inside.strip_prefix("profile ") {
        _ if !is_config || inside == "default" => inside,
        Some(name) => name.trim(),
        None => return None,
    };
    let name = name.trim_matches(|c| matches!(c, '"' | '\''));
    let shown = crate::domain::untrusted::display_in(name, 64);
    (!name.is_empty() && shown == name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_regions_and_nothing_else() {
        let config = "[default]\nregion = us-east-1\n[profile prod]\nregion=eu-west-1\n\
            s3 =\n  region = nowhere\n[sso-session corp]\nregion = us-east-2\n\
            [profile \"with blank\"]\n[profile bad\u{1b}[2J]\n# [profile no]\n";
        let credentials = "[prod]\naws_secret_access_key = x\n[keys]\naws_access_key_id = y\n";
        let found = profiles(config, credentials);
        let told: Vec<(&str, Option<&str>)> = found
            .iter()
            .map(|p| (p.name.as_str(), p.region.as_ref().map(|r| r.as_str())))
            .collect();
        assert_eq!(
            told,
            [
                ("default", Some("us-east-1")),
                ("prod", Some("eu-west-1")),
                ("with blank", None),
                ("keys", None),
            ]
        );
    }
}
