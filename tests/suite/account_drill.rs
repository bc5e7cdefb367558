//! A drill in an account: refused before anything is asked, unless the configuration opens the
//! account to drills and requests go where they were meant to.

use std::fs;

use super::machine::{Machine, Ran, Served};

const ROLE: &str = "arn:aws:iam::123456789012:role/break-glass";

/// A machine that could ask the range for everything: whatever it asks is seen there.
fn machine(served: &Served, config: &str) -> Machine {
    let machine = Machine::new(served);
    let folder = machine.home.path().join(".config/halon");
    fs::create_dir_all(&folder).expect("made");
    fs::write(folder.join("halon.toml"), config).expect("written");
    machine
}

/// `halon drill run break-glass`, with no endpoint but what the environment says.
fn drill(machine: &Machine, more: &[&str]) -> Ran {
    let mut command = machine.program(env!("CARGO_BIN_EXE_halon"));
    command.args(["drill", "run", "break-glass"]).args(more);
    Ran::of(command.output().expect("runs"))
}

#[track_caller]
fn refused(served: &Served, ran: Ran, code: i32, says: &str) {
    let ran = ran.expect(code);
    assert!(ran.err.contains(says), "{says:?} is not in {}", ran.err);
    assert!(ran.out.is_empty(), "{}", ran.out);
    assert!(served.requests().is_empty(), "something was asked: {:?}", served.requests());
}

#[test]
fn an_account_that_is_not_opened_to_drills_is_not_asked_anything() {
    let served = Served::scenario("scp-lockout", None, "");
    let roles = format!("break_glass = [\"{ROLE}\"]\n");
    let closed = machine(&served, &roles);
    refused(&served, drill(&closed, &[]), 3, "123456789012 is not named as one to be drilled on");
    refused(&served, drill(&closed, &["--role", ROLE]), 3, "is not named");
    // Another account being open opens no other.
    let other = machine(
        &served,
        &format!("{roles}[drill]\naccounts = [\"444455556666\"]\ncanary = \"halon-canary\"\n"),
    );
    refused(&served, drill(&other, &[]), 3, "123456789012 is not named");
    let nobody = machine(&served, "[drill]\naccounts = [\"123456789012\"]\n");
    refused(&served, drill(&nobody, &[]), 2, "no break-glass role is known");
    let without = machine(&served, &format!("{roles}[drill]\naccounts = [\"123456789012\"]\n"));
    refused(&served, drill(&without, &[]), 2, "[drill] canary");
    let open =
        format!("{roles}[drill]\naccounts = [\"123456789012\"]\ncanary = \"halon-canary\"\n");
    let mut open = machine(&served, &open);
    refused(&served, drill(&open, &["--solution"]), 2, "drilled by a person");
    refused(&served, drill(&open, &["--read-only"]), 3, "read-only");
    // Nobody drills without a screen.
    refused(&served, drill(&open, &[]), 2, "needs a terminal");
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"] {
        open.environment.push((name.to_owned(), served.url.clone()));
        refused(&served, drill(&open, &[]), 3, &format!("{name} sends requests elsewhere"));
        open.environment.pop();
    }
    assert!(!open.log().exists(), "nothing was begun");
}
