//! Short names of places, for whoever types where to go: `:t` and enter.

use super::Command;

/// The commands that go to a place, each with what may be typed for it.
pub const ALIASES: &[(Command, &[&str])] = &[
    (Command::Findings, &["f", "find", "findings"]),
    (Command::Trail, &["t", "tr", "trail", "events", "ct"]),
    (Command::Playbooks, &["p", "pb", "playbooks", "runs"]),
    (Command::Audit, &["a", "au", "audit", "log"]),
    (Command::Iam, &["i", "iam", "principals", "roles", "users"]),
    (Command::Organization, &["o", "org", "organization", "accounts", "scp"]),
    (Command::Drill, &["d", "dr", "drill"]),
    (Command::Timeline, &["l", "tl", "timeline"]),
    (Command::Watches, &["w", "watches"]),
    (Command::Health, &["h", "health", "sources"]),
    (Command::Calls, &["c", "calls"]),
    (Command::Help, &["?", "help"]),
];

/// What may be typed for a command that goes to a place; empty for every other one.
pub fn aliases(command: Command) -> &'static [&'static str] {
    ALIASES.iter().find(|(c, _)| *c == command).map_or(&[], |(_, names)| names)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_name_means_one_place() {
        let all: Vec<&str> = ALIASES.iter().flat_map(|(_, names)| *names).copied().collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "{all:?}");
        for (command, names) in ALIASES {
            let name = command.info().name;
            assert!(names.contains(&name), "{name} is no name of itself");
        }
    }
}
