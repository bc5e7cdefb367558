//! How much is written to the terminal: nothing while nothing happens, little for a moved
//! cursor. Over ssh each byte is waited for.

use std::{
    thread,
    time::{Duration, Instant},
};

use portable_pty::CommandBuilder;

use super::terminal::Terminal;

/// What a moved cursor may cost.
const MOVE: usize = 2_000;
/// Nothing was written for so long: the frame is over.
const STILL: Duration = Duration::from_millis(400);

fn console(size: (u16, u16)) -> Terminal {
    let home = tempfile::tempdir().expect("a folder");
    let mut command = CommandBuilder::new("/usr/bin/env");
    command.args(["COLORTERM=truecolor", env!("CARGO_BIN_EXE_halon"), "--range"]);
    let mut t = Terminal::at_home(home, command, size);
    t.shows("AttackSequence:IAM");
    // All that is asked at the start is answered.
    t.shows("LOGGING in trouble");
    t
}

/// Waits until nothing has been written for a while; gives all that was.
fn still(t: &Terminal, for_long: Duration) -> usize {
    let (mut bytes, mut since) = (t.bytes().len(), Instant::now());
    while since.elapsed() < for_long {
        thread::sleep(Duration::from_millis(20));
        if t.bytes().len() != bytes {
            (bytes, since) = (t.bytes().len(), Instant::now());
        }
    }
    bytes
}

fn minute() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("after 1970").as_secs() / 60
}

#[test]
fn an_idle_console_writes_nothing() {
    for size in [(80, 24), (200, 50)] {
        let t = console(size);
        // The clock shows minutes: a stretch within one of them is looked for.
        let mut tries = 0;
        loop {
            let before = still(&t, Duration::from_secs(2));
            let begun = minute();
            thread::sleep(Duration::from_secs(5));
            let written = t.bytes().len() - before;
            if minute() == begun {
                let tail = String::from_utf8_lossy(&t.bytes()[before..]).into_owned();
                assert_eq!(written, 0, "{size:?}: {tail:?}");
                break;
            }
            tries += 1;
            assert!(tries < 10, "every stretch of seven seconds is in two minutes");
        }
    }
}

#[test]
fn a_moved_cursor_writes_little() {
    for size in [(80, 24), (200, 50)] {
        for (pane, is_there) in
            [("1", "SEVERITY"), ("2", "PLAYBOOK"), ("4", "WHO"), ("5", "KIND"), ("6", "STATUS")]
        {
            let mut t = console(size);
            t.types(pane.as_bytes());
            t.shows(is_there);
            // What the pane asks for is on the screen: a word that only its answer brings.
            still(&t, Duration::from_secs(2));
            let mut most = 0;
            for key in ["j", "j", "j", "k", "j", "j"] {
                let before = still(&t, STILL);
                t.step(key.as_bytes());
                most = most.max(still(&t, STILL) - before);
            }
            eprintln!("{size:?} pane {pane}: {most} bytes at most");
            assert!(most < MOVE, "{size:?} pane {pane}: {most} bytes\n{}", t.screen());
        }
    }
}
