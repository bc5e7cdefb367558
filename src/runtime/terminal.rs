//! Taking the terminal and giving it back whole, whatever happens in between.

use std::{
    io::{self, Stdout, Write},
    panic::PanicHookInfo,
    sync::{
        Mutex, TryLockError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crossterm::{
    cursor::Show,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
    terminal::{
        Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
        enable_raw_mode,
    },
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend};

use super::clipboard::Between;
use crate::domain::untrusted::display_in;

/// Exit code of a bug.
const BUG: i32 = 70;

/// Held while the terminal is written to, so that a panic in another thread does not
/// restore it in the middle of a frame.
static WRITING: Mutex<()> = Mutex::new(());
/// Whether there is anything to restore.
static TAKEN: AtomicBool = AtomicBool::new(false);

pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Raw mode, the alternate screen, bracketed paste.
    pub fn take() -> io::Result<Self> {
        enter()?;
        match Terminal::new(CrosstermBackend::new(io::stdout())) {
            Ok(terminal) => Ok(Self { terminal }),
            Err(e) => {
                restore();
                Err(e)
            }
        }
    }

    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let _writing = WRITING.lock();
        self.terminal.draw(draw)?;
        Ok(())
    }

    /// Forgets what is on the screen, so that the next frame is written whole. Not by
    /// `Terminal::clear`, which asks the terminal where its cursor is and waits for an
    /// answer that may never come.
    pub fn forget(&mut self) -> io::Result<()> {
        let _writing = WRITING.lock();
        execute!(io::stdout(), Clear(ClearType::All))?;
        self.terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(())
    }

    /// Text for the clipboard of the operator's terminal.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let _writing = WRITING.lock();
        let mut stdout = io::stdout();
        stdout.write_all(Between::here().sequence(text).as_bytes())?;
        stdout.flush()
    }

    /// Gives the terminal to the shell, without the alternate screen's contents.
    pub fn leave(&mut self) {
        restore();
    }

    /// Takes it back after [`Screen::leave`] or after the process was stopped.
    pub fn come_back(&mut self) -> io::Result<()> {
        enter()?;
        self.forget()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn enter() -> io::Result<()> {
    let _writing = WRITING.lock();
    TAKEN.store(true, Ordering::SeqCst);
    let entered = enable_raw_mode()
        .and_then(|()| execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste));
    if entered.is_err() {
        undo();
    }
    entered
}

/// Everything back as it was; harmless when there is nothing to restore. Errors are
/// of no use here: the terminal may be gone.
fn restore() {
    let _writing = WRITING.lock();
    undo();
}

fn undo() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
        let _ = io::stdout().flush();
    }
}

/// A panic in any thread restores the terminal, says where, and ends the process:
/// a console whose worker died would show old data as if it were alive.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|info| {
        // If this very thread was drawing it holds the lock; nobody else writes then.
        for _ in 0..50 {
            match WRITING.try_lock() {
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(2)),
                Ok(_) | Err(TryLockError::Poisoned(_)) => break,
            }
        }
        undo();
        say(info);
        std::process::exit(BUG);
    }));
}

#[expect(clippy::print_stderr, reason = "the terminal is restored; this is the last word")]
fn say(info: &PanicHookInfo<'_>) {
    let what = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    eprintln!("halon: a bug ended the program at {place}: {}", display_in(what, 400));
    eprintln!(
        "halon: a change that was on its way is named and read back at the next start. Please report it."
    );
}
