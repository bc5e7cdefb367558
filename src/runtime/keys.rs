//! From the terminal library's events to messages.

use std::{io, sync::mpsc, thread, time::Duration};

use crossterm::event::{
    self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{
    app::Msg,
    input::{Code, Key},
};

/// What happens at the terminal, read by a thread of its own until the terminal is
/// gone or nobody listens. The thread ends with the process.
///
/// One event is read for each [`Typed::go_on`]: while the one before is being answered nobody
/// reads, so that a pager or an editor has the terminal for itself.
pub struct Typed {
    events: UnboundedReceiver<io::Result<Event>>,
    wanted: mpsc::Sender<Wanted>,
}

enum Wanted {
    Next,
    /// What was typed by now was meant for somebody else.
    Afresh,
}

impl Typed {
    pub fn listen() -> Self {
        let (sender, events) = unbounded_channel();
        let (wanted, asked) = mpsc::channel();
        thread::spawn(move || {
            while let Ok(wanted) = asked.recv() {
                while matches!(wanted, Wanted::Afresh)
                    && event::poll(Duration::ZERO).unwrap_or(false)
                {
                    drop(event::read());
                }
                let event = event::read();
                let last = event.is_err();
                if sender.send(event).is_err() || last {
                    return;
                }
            }
        });
        let typed = Self { events, wanted };
        typed.go_on();
        typed
    }

    /// The next event; none once the terminal is gone.
    pub async fn recv(&mut self) -> Option<io::Result<Event>> {
        self.events.recv().await
    }

    /// The event that came last is answered: another one may be read.
    pub fn go_on(&self) {
        // A thread that has ended has said so.
        let _ = self.wanted.send(Wanted::Next);
    }

    /// The same after somebody else had the terminal: what is in it is theirs.
    pub fn go_on_afresh(&self) {
        let _ = self.wanted.send(Wanted::Afresh);
    }
}

/// Whether somebody typed, pasted or clicked it.
pub fn is_typed(event: &Event) -> bool {
    matches!(event, Event::Key(_) | Event::Paste(_) | Event::Mouse(_))
}

pub fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => this(key).map(Msg::KeyPressed),
        Event::Mouse(mouse) => {
            let (x, y) = (mouse.column, mouse.row);
            match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Some(Msg::Clicked { x, y }),
                MouseEventKind::ScrollDown => Some(Msg::Scrolled { x, y, down: true }),
                MouseEventKind::ScrollUp => Some(Msg::Scrolled { x, y, down: false }),
                _ => None,
            }
        }
        Event::Paste(text) => Some(Msg::Pasted(text)),
        Event::Resize(width, height) => Some(Msg::Resized(width, height)),
        _ => None,
    }
}

fn this(event: KeyEvent) -> Option<Key> {
    let code = match event.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::F(n) => Code::F(n),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    let has = |m| event.modifiers.contains(m);
    Some(Key { code, ctrl: has(KeyModifiers::CONTROL), alt: has(KeyModifiers::ALT) })
}
