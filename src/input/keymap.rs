//! Keymap files: `[scope]` tables of `"key" = "command"`.

use std::collections::HashMap;

use super::{Command, Key, Scope};
use crate::domain::document::{self, Broken, suggest};

/// Which key means which command, by scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    bound: HashMap<(Scope, Key), Command>,
}

impl Keymap {
    /// The keymap that halon is shipped with.
    pub fn shipped() -> Keymap {
        Self::read("keymaps/default.toml", include_str!("../../keymaps/default.toml"))
            .expect("INVARIANT: the shipped keymap is read by a test")
    }

    /// Reads a keymap file. Unknown scopes, keys and commands and a key bound twice
    /// in one scope are mistakes, all reported at once.
    pub fn read(file: &str, text: &str) -> Result<Keymap, Broken> {
        document::read(file, text, document::MAX_BYTES, |root| {
            let mut bound = HashMap::new();
            for scope in Scope::ALL {
                let Some(table) = root.table(scope.name()) else { continue };
                for (key, name) in table.free_strings() {
                    let command = Command::named(name.value);
                    if command.is_none() {
                        let names = Command::ALL.iter().map(|c| c.info().name);
                        let hint = suggest(name.value, names);
                        table.mistake(&name, format!("no such command{hint}"));
                    }
                    let parsed = table.parse::<Key>("key", &key);
                    if let (Some(command), Some(parsed)) = (command, parsed)
                        && bound.insert((scope, parsed.value), command).is_some()
                    {
                        table.mistake(&key, format!("`{}` is bound twice", parsed.value));
                    }
                }
            }
            Some(Keymap { bound })
        })
    }

    /// This keymap with `over`'s bindings laid over it.
    pub fn with(mut self, over: Keymap) -> Keymap {
        self.bound.extend(over.bound);
        self
    }

    /// What `key` means where `scopes` are active, the innermost first.
    pub fn command(&self, scopes: &[Scope], key: Key) -> Option<Command> {
        scopes.iter().find_map(|scope| self.bound.get(&(*scope, key)).copied())
    }

    /// The keys of a command in these scopes, shortest name first.
    pub fn keys(&self, scopes: &[Scope], command: Command) -> Vec<Key> {
        let mut keys: Vec<Key> = self
            .bound
            .iter()
            .filter(|((scope, key), c)| {
                **c == command
                    && scopes.contains(scope)
                    && self.command(scopes, *key) == Some(command)
            })
            .map(|((_, key), _)| *key)
            .collect();
        keys.sort_by_key(|k| (k.to_string().len(), *k));
        keys.dedup();
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_keymap_reaches_every_command() {
        let keymap = Keymap::shipped();
        for command in Command::ALL {
            let reachable = Scope::ALL
                .iter()
                .any(|s| keymap.bound.iter().any(|((scope, _), c)| scope == s && c == command));
            assert!(reachable, "{command:?} has no key");
        }
    }

    #[test]
    fn mistakes_are_placed() {
        let text = "[findings]\n\"j\" = \"donw\"\n\"ctrl-\" = \"up\"\n[finding]\n\"x\" = \"up\"\n";
        let broken = Keymap::read("my.toml", text).expect_err("three mistakes");
        let lines: Vec<String> = broken.to_string().lines().map(ToOwned::to_owned).collect();
        assert_eq!(lines[0], "my.toml:2:7: no such command; did you mean `down`?");
        assert!(lines[1].starts_with("my.toml:3:1: `key` = \"ctrl-\": not a key"), "{lines:?}");
        assert_eq!(lines[2], "my.toml:4:2: unknown key `finding`; did you mean `findings`?");
    }

    #[test]
    fn the_inner_scope_wins_and_a_user_file_lies_over() {
        let base = Keymap::read("a", "[global]\n\"x\" = \"quit\"\n[findings]\n\"x\" = \"down\"")
            .expect("good");
        let scopes = [Scope::Findings, Scope::Global];
        assert_eq!(base.command(&scopes, Key::char('x')), Some(Command::Down));
        assert_eq!(base.keys(&scopes, Command::Quit), []);
        let over = Keymap::read("b", "[findings]\n\"x\" = \"up\"").expect("good");
        assert_eq!(base.with(over).command(&scopes, Key::char('x')), Some(Command::Up));
    }
}
