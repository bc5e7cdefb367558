//! Taking the terminal and giving it back whole, whatever happens in between.

use std::{
    fmt,
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
    Command,
    cursor::Show,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
    terminal::{
        Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
        enable_raw_mode,
    },
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend, buffer::Buffer, layout::Rect};

use super::between::Between;
use crate::{domain::untrusted::display_in, model::Ring};

/// Exit code of a bug.
const BUG: i32 = 70;

/// Held while the terminal is written to, so that a panic in another thread does not
/// restore it in the middle of a frame.
static WRITING: Mutex<()> = Mutex::new(());
/// Whether there is anything to restore.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether the terminal's title is ours, and the one before is to come back.
static ENTITLED: AtomicBool = AtomicBool::new(false);
/// Cells of a title or of what the desktop is told.
const TOLD: usize = 200;

/// Clicks and the wheel are told, with coordinates in decimal (xterm's modes 1000 and 1006).
/// Not by crossterm's own command, which also asks for every movement of the pointer.
struct TellMouse;
struct KeepMouse;

impl Command for TellMouse {
    fn write_ansi(&self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str("\x1b[?1000h\x1b[?1006h")
    }
}

impl Command for KeepMouse {
    fn write_ansi(&self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str("\x1b[?1006l\x1b[?1000l")
    }
}

pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: bool,
    /// What is on the screen.
    drawn: Option<Buffer>,
    title: Option<String>,
}

impl Screen {
    /// Raw mode, the alternate screen, bracketed paste, and the mouse where it is wanted.
    pub fn take(mouse: bool) -> io::Result<Self> {
        enter(mouse)?;
        match Terminal::new(CrosstermBackend::new(io::stdout())) {
            Ok(terminal) => Ok(Self { terminal, mouse, drawn: None, title: None }),
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

    /// Draws a frame; a part that is kept stays as it is on the screen.
    pub fn draw(
        &mut self,
        kept: Option<Rect>,
        draw: impl FnOnce(&mut Frame<'_>),
    ) -> io::Result<()> {
        let _writing = WRITING.lock();
        let before = self.drawn.take();
        let done = self.terminal.draw(|frame| {
            draw(frame);
            let buf = frame.buffer_mut();
            let before = before.as_ref().filter(|before| before.area == buf.area);
            if let (Some(kept), Some(before)) = (kept, before) {
                for place in kept.intersection(buf.area).positions() {
                    buf[place] = before[place].clone();
                }
            }
        })?;
        self.drawn = Some(done.buffer.clone());
        Ok(())
    }

    /// Forgets what is on the screen, so that the next frame is written whole. Not by
    /// `Terminal::clear`, which asks the terminal where its cursor is and waits for an
    /// answer that may never come.
    pub fn forget(&mut self) -> io::Result<()> {
        let _writing = WRITING.lock();
        execute!(io::stdout(), Clear(ClearType::All))?;
        self.terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        self.drawn = None;
        Ok(())
    }

    /// Text for the clipboard of the operator's terminal.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let _writing = WRITING.lock();
        let mut stdout = io::stdout();
        stdout.write_all(Between::here().clipboard(text).as_bytes())?;
        stdout.flush()
    }

    /// Rings the bell, and has the terminal tell the desktop something (OSC 9).
    pub fn ring(&mut self, ring: &Ring) -> io::Result<()> {
        let _writing = WRITING.lock();
        let mut out = io::stdout();
        if ring.bell {
            out.write_all(b"\x07")?;
        }
        if let Some(text) = &ring.desktop {
            let told = format!("\x1b]9;{}\x07", display_in(text, TOLD));
            out.write_all(Between::here().wrapped(&told).as_bytes())?;
        }
        out.flush()
    }

    /// Sets the terminal's title (OSC 2); the one before comes back with the terminal, where
    /// it keeps titles (xterm's CSI 22 t and 23 t).
    pub fn entitle(&mut self, text: &str) -> io::Result<()> {
        let _writing = WRITING.lock();
        let mut out = io::stdout();
        if !ENTITLED.swap(true, Ordering::SeqCst) {
            out.write_all(b"\x1b[22;2t")?;
        }
        write!(out, "\x1b]2;{}\x07", display_in(text, TOLD))?;
        self.title = Some(text.to_owned());
        out.flush()
    }

    /// Gives the terminal to the shell, without the alternate screen's contents.
    pub fn leave(&mut self) {
        restore();
    }

    /// Takes it back after [`Screen::leave`] or after the process was stopped.
    pub fn come_back(&mut self) -> io::Result<()> {
        enter(self.mouse)?;
        if let Some(title) = self.title.take() {
            self.entitle(&title)?;
        }
        self.forget()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    let _writing = WRITING.lock();
    TAKEN.store(true, Ordering::SeqCst);
    let entered = enable_raw_mode()
        .and_then(|()| execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste))
        .and_then(|()| if mouse { execute!(io::stdout(), TellMouse) } else { Ok(()) });
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
        let mut out = io::stdout();
        if ENTITLED.swap(false, Ordering::SeqCst) {
            let _ = out.write_all(b"\x1b[23;2t");
        }
        let _ = execute!(out, KeepMouse, DisableBracketedPaste, LeaveAlternateScreen, Show);
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
