//! `halon config init`.

use super::keys::{KEYS, Key};
use crate::{
    cli::{
        Output,
        answer::{self, Code},
        args::Global,
        context,
    },
    domain::untrusted::display,
    model::{Profile, alias_of},
    runtime,
};

pub fn run(global: &Global, force: bool, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let Some(path) = context::config_path(global) else {
        return Err(answer::usage("there is no home folder; name the file with --config"));
    };
    let shown = display(&path.to_string_lossy());
    let text = template(&runtime::aws_profiles());
    match runtime::write_private(&path, &text, force) {
        Ok(()) => {
            writeln!(output.out, "{shown}")?;
            writeln!(
                output.err,
                "halon: written; every setting in it is a comment with its default. Take the # off what shall be otherwise, then: halon config check"
            )?;
            Ok(Code::Done)
        }
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(answer::usage(format!("{shown} is there already; --force writes over it")))
        }
        Err(e) => Err(anyhow::anyhow!("{shown}: {e}")),
    }
}

/// The whole file: every setting as a comment, the accounts with the profiles found.
fn template(profiles: &[Profile]) -> String {
    let mut text = String::from(
        "# halon.toml. Every setting is here as a comment, with its default; what has none shows an\n\
         # example. Check with: halon config check. What holds now: halon config show.\n",
    );
    let mut table = "";
    for key in KEYS {
        let (of, name) = key.split();
        if of != table {
            table = of;
            if of == "accounts[]" {
                accounts(&mut text, profiles);
                continue;
            }
            text += &format!("\n#[{of}]\n");
        } else if of == "accounts[]" {
            continue;
        }
        setting(&mut text, key, name);
    }
    text
}

fn setting(text: &mut String, key: &Key, name: &str) {
    let options = textwrap::Options::new(96).initial_indent("# ").subsequent_indent("# ");
    *text += &textwrap::fill(&format!("{} ({})", key.meaning, key.kind), options);
    let default = key.default().filter(|d| d != "[]");
    let value = default.unwrap_or_else(|| key.example.to_owned());
    *text += &format!("\n#{name} = {value}\n");
}

fn accounts(text: &mut String, profiles: &[Profile]) {
    *text += "\n# One table for each account. Without any, the environment's own credentials are used.\n";
    for key in KEYS.iter().filter(|key| key.split().0 == "accounts[]") {
        let options = textwrap::Options::new(96).initial_indent("#   ").subsequent_indent("#     ");
        let line = format!("{}: {} ({})", key.split().1, key.meaning, key.kind);
        *text += &textwrap::fill(&line, options);
        text.push('\n');
    }
    let example = [Profile { name: "prod-readonly".to_owned(), region: None }];
    let (found, say) = match profiles {
        [] => (&example[..], "# An example:\n"),
        found => (found, "# These profiles are in your AWS configuration:\n"),
    };
    *text += say;
    for profile in found {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        *text += &format!(
            "#[[accounts]]\n#alias = {}\n#profile = {}\n",
            quoted(&alias_of(&profile.name)),
            quoted(&profile.name)
        );
        if let Some(region) = &profile.region {
            *text += &format!("#regions = [\"{region}\"]\n");
        }
        *text += "#production = false\n";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::config::Config;

    #[test]
    fn what_is_written_reads_as_it_is_and_without_its_comment_signs() {
        let profiles = [
            Profile { name: "prod \"x\"".to_owned(), region: "eu-west-1".parse().ok() },
            Profile { name: "dev".to_owned(), region: None },
        ];
        let text = template(&profiles);
        let nothing = Config::read("halon.toml", &text).expect("comments");
        let plain = Config { places: nothing.places.clone(), ..Config::default() };
        assert_eq!(nothing, plain);
        let lines = text.lines().map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest,
            _ => line,
        });
        let all: Vec<&str> = lines.filter(|line| !line.starts_with("policy =")).collect();
        let config = Config::read("halon.toml", &all.join("\n")).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(config.accounts.len(), 2);
        assert_eq!(config.accounts[0].alias, "prod-\"x\"");
        assert_eq!(config.accounts[0].profile.as_deref(), Some("prod \"x\""));
        assert_eq!(config.limits, crate::cloud::Limits::default());
        for key in KEYS.iter().filter(|key| key.split().0 != "accounts[]") {
            assert!(text.contains(&format!("\n#{} = ", key.split().1)), "{}", key.name);
        }
    }
}
