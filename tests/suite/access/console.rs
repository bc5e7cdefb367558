//! The console over a world, with everything that it asked.

use std::sync::{Arc, Mutex};

use halon::{input::Key, range::Range};

use crate::suite::desk::Desk;

/// One request that reached the range.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `service:Operation`, as IAM names it.
    pub action: String,
    pub status: u16,
}

/// What is on the screen after these keys, and all that was asked for it. What stands in quotes
/// is typed; what each key asks for is waited for.
pub fn shown(range: &Range, keys: &str) -> (String, Vec<Asked>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = asked.clone();
    range.set_log(Box::new(move |line| {
        let action = format!("{}:{}", line.service, line.operation);
        log.lock().expect("a lock").push(Asked { action, status: line.status });
    }));
    let home = tempfile::tempdir().expect("a folder");
    let mut desk = Desk::watching_trails(range.clone(), home.path());
    desk.settle();
    for (at, part) in keys.split('"').enumerate() {
        if at % 2 == 1 {
            desk.types(part);
            desk.settle();
            continue;
        }
        for key in part.split_whitespace() {
            desk.press(key.parse::<Key>().expect("a key"));
            desk.settle();
        }
    }
    let screen = desk.screen();
    let asked = asked.lock().expect("a lock").clone();
    (screen, asked)
}
