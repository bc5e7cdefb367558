//! Keymap files: `[scope]` tables of `"keys" = "command"`. Keys are one key, or several one
//! after the other (`"g f"`); `none` takes away what the keymap below binds.

use std::{
    collections::{BTreeMap, btree_map},
    ops::Bound,
};

use super::{Command, Key, Keys, Scope};
use crate::domain::document::{self, Broken, Placed, Table, suggest};

/// The keymap that every other one lies over.
pub const DEFAULT: &str = "default";

/// What stands in a file where a key shall do nothing.
const NOTHING: &str = "none";

/// The keymaps that halon is shipped with: name and file.
pub const SHIPPED: [(&str, &str); 3] = [
    (DEFAULT, include_str!("../../keymaps/default.toml")),
    ("vim", include_str!("../../keymaps/vim.toml")),
    ("emacs", include_str!("../../keymaps/emacs.toml")),
];

/// Which keys mean which command, by scope. Sorted, so that what begins with the same keys
/// stands together: a trie that is read by prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    bound: BTreeMap<(Scope, Vec<Key>), Option<Command>>,
}

/// What keys mean where some scopes are active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Command(Command),
    /// More keys must follow.
    Begins,
    Nothing,
}

impl Keymap {
    /// The default keymap that halon is shipped with.
    pub fn shipped() -> Keymap {
        Self::of(DEFAULT).expect("INVARIANT: the default keymap is among the shipped ones")
    }

    /// A shipped keymap by its name, over the default.
    pub fn of(name: &str) -> Option<Keymap> {
        let read = |(name, text): &(&str, &str)| {
            Self::read(&format!("keymaps/{name}.toml"), text)
                .expect("INVARIANT: the shipped keymaps are read by a test")
        };
        let own = SHIPPED.iter().find(|(n, _)| *n == name).map(read)?;
        if name == DEFAULT { Some(own) } else { Some(Self::shipped().with(own)) }
    }

    /// Reads a keymap file. Unknown scopes, keys and commands, a command where it does not
    /// work, keys bound twice in one scope and keys that begin others there are mistakes,
    /// all reported at once.
    pub fn read(file: &str, text: &str) -> Result<Keymap, Broken> {
        document::read(file, text, document::MAX_BYTES, |root| {
            let mut keymap = Keymap::default();
            for scope in Scope::ALL {
                let Some(table) = root.table(scope.name()) else { continue };
                let mut places = Vec::new();
                for (key, name) in table.free_strings() {
                    let command = command(&table, scope, &name);
                    let keys = table.parse::<Keys>("key", &key);
                    if let (Some(command), Some(keys)) = (command, keys) {
                        let keys = keys.value;
                        let at = (scope, keys.as_slice().to_vec());
                        if keymap.bound.insert(at, command).is_some() {
                            table.mistake(&key, format!("`{keys}` is bound twice"));
                        }
                        places.push((key, keys));
                    }
                }
                for (key, keys) in places {
                    if let Some(longer) = keymap.first_after(scope, keys.as_slice()) {
                        let what = format!("`{keys}` is bound, and begins `{longer}` as well");
                        table.mistake(&key, what);
                    }
                }
            }
            Some(keymap)
        })
    }

    /// This keymap with `over`'s bindings laid over it. Keys that begin others, or that others
    /// begin with, take their place.
    pub fn with(mut self, over: Keymap) -> Keymap {
        for ((scope, keys), command) in over.bound {
            self.bound
                .retain(|(s, k), _| *s != scope || !(k.starts_with(&keys) || keys.starts_with(k)));
            self.bound.insert((scope, keys), command);
        }
        self
    }

    /// What `keys` mean where `scopes` are active, the innermost first.
    pub fn meaning(&self, scopes: &[Scope], keys: &[Key]) -> Meaning {
        let here = |scope: &Scope| {
            if let Some(bound) = self.bound.get(&(*scope, keys.to_vec())) {
                return Some(bound.map_or(Meaning::Nothing, Meaning::Command));
            }
            self.first_after(*scope, keys).map(|_| Meaning::Begins)
        };
        scopes.iter().find_map(here).unwrap_or(Meaning::Nothing)
    }

    /// What may follow on `begun` where `scopes` are active: the keys that are still to be
    /// pressed, and what they mean.
    pub fn follows(&self, scopes: &[Scope], begun: &[Key]) -> Vec<(Keys, Command)> {
        let mut found: Vec<(Keys, Command)> = scopes
            .iter()
            .flat_map(|scope| self.after(*scope, begun))
            .filter(|(keys, command)| self.meaning(scopes, keys) == Meaning::Command(*command))
            .filter_map(|(keys, command)| Some((Keys::of(&keys[begun.len()..])?, command)))
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// The keys of a command in these scopes, those of the shortest name first.
    pub fn keys(&self, scopes: &[Scope], command: Command) -> Vec<Keys> {
        let mut keys: Vec<Keys> = self
            .bound
            .iter()
            .filter(|((scope, keys), bound)| {
                **bound == Some(command)
                    && scopes.contains(scope)
                    && self.is_reached(scopes, keys, command)
            })
            .filter_map(|((_, keys), _)| Keys::of(keys))
            .collect();
        keys.sort_by_key(|k| (k.to_string().len(), k.clone()));
        keys.dedup();
        keys
    }

    /// Whether no scope further in takes the keys, or what they begin with.
    fn is_reached(&self, scopes: &[Scope], keys: &[Key], command: Command) -> bool {
        let begins = |n| self.meaning(scopes, &keys[..n]) == Meaning::Begins;
        (1..keys.len()).all(begins) && self.meaning(scopes, keys) == Meaning::Command(command)
    }

    /// What is bound in a scope to keys that begin with `begun` and are more.
    fn after(&self, scope: Scope, begun: &[Key]) -> impl Iterator<Item = (Vec<Key>, Command)> {
        self.range(scope, begun)
            .take_while(move |((s, keys), _)| *s == scope && keys.starts_with(begun))
            .filter_map(|((_, keys), command)| Some((keys.clone(), (*command)?)))
    }

    fn first_after(&self, scope: Scope, begun: &[Key]) -> Option<Keys> {
        self.after(scope, begun).next().and_then(|(keys, _)| Keys::of(&keys))
    }

    fn range(
        &self,
        scope: Scope,
        begun: &[Key],
    ) -> btree_map::Range<'_, (Scope, Vec<Key>), Option<Command>> {
        self.bound.range((Bound::Excluded((scope, begun.to_vec())), Bound::Unbounded))
    }
}

/// The command that a file names for a scope; `Some(None)` where a key shall do nothing.
fn command(table: &Table<'_>, scope: Scope, name: &Placed<&str>) -> Option<Option<Command>> {
    if name.value == NOTHING {
        return Some(None);
    }
    let Some(command) = Command::named(name.value) else {
        let names = Command::ALL.iter().map(|c| c.info().name);
        let hint = suggest(name.value, names);
        table.mistake(name, format!("no such command{hint}"));
        return None;
    };
    if !command.works_in(scope) {
        let places: Vec<String> =
            command.info().scopes.iter().map(|s| format!("[{}]", s.name())).collect();
        let what = format!(
            "`{}` does not work in [{}]; it does in {}",
            name.value,
            scope.name(),
            places.join(", ")
        );
        table.mistake(name, what);
        return None;
    }
    Some(Some(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &str) -> Vec<Key> {
        names.parse::<Keys>().expect("keys").as_slice().to_vec()
    }

    fn keymap(text: &str) -> Keymap {
        Keymap::read("my.toml", text).expect("a good keymap")
    }

    #[test]
    fn every_shipped_keymap_reaches_every_command() {
        for (name, _) in SHIPPED {
            let keymap = Keymap::of(name).expect("shipped");
            for command in Command::ALL {
                let reachable = Scope::ALL.iter().any(|scope| {
                    !keymap.keys(&[*scope], *command).is_empty() && command.works_in(*scope)
                });
                assert!(reachable, "{name}: {command:?} has no key");
            }
        }
    }

    #[test]
    fn mistakes_are_placed() {
        let text = "[findings]\n\"j\" = \"donw\"\n\"ctrl-\" = \"up\"\n\"b\" = \"query\"\n\
            \"g\" = \"first\"\n\"g e\" = \"last\"\n[finding]\n\"x\" = \"up\"\n";
        let broken = Keymap::read("my.toml", text).expect_err("five mistakes");
        let lines: Vec<String> = broken.to_string().lines().map(ToOwned::to_owned).collect();
        assert_eq!(lines[0], "my.toml:2:7: no such command; did you mean `down`?");
        assert!(lines[1].starts_with("my.toml:3:1: `key` = \"ctrl-\": not a key"), "{lines:?}");
        assert_eq!(
            lines[2],
            "my.toml:4:7: `query` does not work in [findings]; it does in [trail]"
        );
        assert_eq!(lines[3], "my.toml:5:1: `g` is bound, and begins `g e` as well");
        assert_eq!(lines[4], "my.toml:7:2: unknown key `finding`; did you mean `findings`?");
        assert_eq!(lines.len(), 5);
    }

    #[test]
    fn the_inner_scope_wins_and_a_user_file_lies_over() {
        let base = keymap("[global]\n\"x\" = \"quit\"\n[findings]\n\"x\" = \"down\"");
        let scopes = [Scope::Findings, Scope::Global];
        assert_eq!(base.meaning(&scopes, &keys("x")), Meaning::Command(Command::Down));
        assert_eq!(base.keys(&scopes, Command::Quit), []);
        let over = base.with(keymap("[findings]\n\"x\" = \"up\""));
        assert_eq!(over.meaning(&scopes, &keys("x")), Meaning::Command(Command::Up));
        let gone = over.with(keymap("[findings]\n\"x\" = \"none\""));
        assert_eq!(gone.meaning(&scopes, &keys("x")), Meaning::Nothing);
        assert_eq!(gone.keys(&scopes, Command::Quit), []);
    }

    #[test]
    fn keys_that_begin_others_wait_and_show_what_follows() {
        let base = keymap(
            "[global]\n\"g f\" = \"findings\"\n\"g x\" = \"quit\"\n\"a\" = \"arm\"\n\
             [findings]\n\"g g\" = \"first\"\n\"g x\" = \"last\"",
        );
        let scopes = [Scope::Findings, Scope::Global];
        assert_eq!(base.meaning(&scopes, &keys("g")), Meaning::Begins);
        assert_eq!(base.meaning(&scopes, &keys("g g")), Meaning::Command(Command::First));
        assert_eq!(base.meaning(&scopes, &keys("g f")), Meaning::Command(Command::Findings));
        assert_eq!(base.meaning(&scopes, &keys("g z")), Meaning::Nothing);
        let follows: Vec<(String, Command)> = base
            .follows(&scopes, &keys("g"))
            .into_iter()
            .map(|(k, c)| (k.to_string(), c))
            .collect();
        assert_eq!(
            follows,
            [
                ("f".to_owned(), Command::Findings),
                ("g".to_owned(), Command::First),
                ("x".to_owned(), Command::Last),
            ]
        );
        // What the inner scope binds hides what begins with it further out, and the other way.
        let hidden = base.clone().with(keymap("[findings]\n\"g\" = \"down\""));
        assert_eq!(hidden.keys(&scopes, Command::Findings), []);
        assert_eq!(hidden.keys(&scopes, Command::First), []);
        assert_eq!(hidden.keys(&[Scope::Global], Command::Findings).len(), 1);
        let longer = base.with(keymap("[global]\n\"a b\" = \"quit\""));
        assert_eq!(longer.meaning(&scopes, &keys("a")), Meaning::Begins);
        assert_eq!(longer.keys(&scopes, Command::Arm), []);
    }
}
