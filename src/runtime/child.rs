//! Another program in halon's place at the terminal: a pager or an editor. halon's screen is
//! given up for it and taken again, as when it is stopped.

use std::{
    env,
    io::{self, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitOptions, getpid, kill_process, waitpid},
};

use super::terminal::Screen;
use crate::domain::{Fault, FaultKind, untrusted::display_in};

/// Shows a sanitised text in `$PAGER`, which reads it from its standard input.
///
/// # Errors
/// The terminal is gone. That the pager could not be started is the fault inside.
pub fn page(screen: &mut Screen, text: String) -> io::Result<Result<(), Fault>> {
    let words = match words(&["PAGER"], "less") {
        Ok(words) => words,
        Err(fault) => return Ok(Err(fault)),
    };
    run(screen, &words, None, Some(text))
}

/// Opens a file in `$VISUAL` or `$EDITOR`.
///
/// # Errors
/// [`page`]'s.
pub fn edit(screen: &mut Screen, file: &Path) -> io::Result<Result<(), Fault>> {
    let words = match words(&["VISUAL", "EDITOR"], "vi") {
        Ok(words) => words,
        Err(fault) => return Ok(Err(fault)),
    };
    run(screen, &words, Some(file), None)
}

/// The words of the first of these variables that is set, as a shell would split them; nothing
/// in them is expanded or run by one.
fn words(variables: &[&str], otherwise: &str) -> Result<Vec<String>, Fault> {
    let set = variables.iter().find_map(|name| {
        let value = env::var(name).ok()?;
        (!value.trim().is_empty()).then_some((*name, value))
    });
    let (name, value) = set.unwrap_or(("", otherwise.to_owned()));
    split(name, &value)
}

fn split(name: &str, value: &str) -> Result<Vec<String>, Fault> {
    match shlex::split(value) {
        Some(words) if !words.is_empty() => Ok(words),
        _ => {
            let what = format!("${name} is no command: {}", display_in(value, 80));
            Err(Fault::new(FaultKind::Local, what))
        }
    }
}

fn run(
    screen: &mut Screen,
    words: &[String],
    file: Option<&Path>,
    text: Option<String>,
) -> io::Result<Result<(), Fault>> {
    screen.leave();
    let ran = attended(words, file, text);
    screen.come_back()?;
    Ok(ran.map_err(|e| {
        let what = format!("{} could not be run", display_in(&words[0], 60));
        Fault::new(FaultKind::Local, what).with_cause(&e.to_string())
    }))
}

/// Waits until the program is over. Where it is stopped (ctrl-z) halon stops with it, so that
/// the shell has the terminal; `fg` wakes both.
fn attended(words: &[String], file: Option<&Path>, text: Option<String>) -> io::Result<()> {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).args(file);
    if text.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn()?;
    if let (Some(text), Some(mut input)) = (text, child.stdin.take()) {
        // A pager that is left early reads no further: that is no failure.
        thread::spawn(move || drop(input.write_all(text.as_bytes())));
    }
    let pid = Pid::from_child(&child);
    loop {
        match waitpid(Some(pid), WaitOptions::UNTRACED) {
            Ok(Some((_, status))) if status.stopped() => {
                kill_process(getpid(), Signal::STOP)?;
            }
            Ok(Some(_)) => return Ok(()),
            Ok(None) | Err(Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_as_a_shell_would_and_run_by_none() {
        let words = |text| split("PAGER", text).expect("words");
        assert_eq!(words("less -R"), ["less", "-R"]);
        assert_eq!(words("'my pager' -x 'a b'"), ["my pager", "-x", "a b"]);
        assert_eq!(words("less; rm -rf $HOME"), ["less;", "rm", "-rf", "$HOME"]);
        let fault = split("PAGER", "less 'x").expect_err("unbalanced");
        assert!(fault.what.contains("$PAGER is no command"), "{fault:?}");
    }
}
