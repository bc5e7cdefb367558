//! The event loop: one message after the other, a frame when something changed.

use std::io;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc::UnboundedReceiver,
    time::{Duration, Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{keys, performer::Performer, terminal::Screen};
use crate::{
    app::{self, Effect, Msg},
    model::Model,
    ui,
};

/// At most this often is a frame drawn while messages pour in.
const FRAME: Duration = Duration::from_millis(16);
/// Messages taken in before keys are looked at again.
const BATCH: usize = 64;

/// For how long keys are not heard after a prompt was laid over the screen: what is typed
/// then was meant for what was there before.
const DEAF: Duration = Duration::from_millis(500);

/// How the console ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    ByOperator,
    /// A signal, by its number.
    BySignal(i32),
}

/// Runs the console until it ends. The terminal is whole again afterwards.
pub async fn console(
    mut model: Model,
    performer: Performer,
    mut messages: UnboundedReceiver<Msg>,
) -> io::Result<Ended> {
    let ended = attend(&mut model, &performer, &mut messages).await;
    // A terminal that is gone says nothing any more; runs and records end in order all the
    // same.
    let mut waiting = match model.left {
        true => Vec::new(),
        false => app::update(&mut model, Msg::Terminated),
    };
    loop {
        for effect in std::mem::take(&mut waiting) {
            performer.perform(effect);
        }
        if model.left {
            break;
        }
        match tokio::time::timeout(LAST_WORDS, messages.recv()).await {
            Ok(Some(msg)) => waiting = app::update(&mut model, msg),
            Ok(None) | Err(_) => break,
        }
    }
    performer.settle().await;
    ended
}

/// How long a console without a terminal waits for what was begun.
const LAST_WORDS: Duration = Duration::from_secs(30);

/// The loop itself; the terminal is whole again when it ends.
async fn attend(
    model: &mut Model,
    performer: &Performer,
    messages: &mut UnboundedReceiver<Msg>,
) -> io::Result<Ended> {
    // Listened for before there is anything to restore.
    let mut signals = Signals::listen()?;
    let mut screen = Screen::take(model.setup.mouse)?;
    let mut events = keys::events();
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    model.size = screen.size()?;
    model.now = performer.now();

    let mut waiting = app::start(model);
    let mut stale = true;
    let mut drawn = Instant::now() - FRAME;
    let mut ended = Ended::ByOperator;
    let mut deaf_until = Instant::now();
    loop {
        // The screen may have changed before the event that says so: a frame is drawn for
        // the size there is.
        let (width, height) = screen.size()?;
        if stale && (width, height) != model.size {
            waiting.extend(app::update(model, Msg::Resized(width, height)));
        }
        for effect in std::mem::take(&mut waiting) {
            match performer.perform(effect) {
                Some(Effect::Quit) => return Ok(ended),
                Some(Effect::Ring(ring)) => screen.ring(&ring)?,
                Some(Effect::Title(title)) => screen.entitle(&title)?,
                Some(Effect::Copy(text)) => screen.copy(&text)?,
                Some(Effect::Redraw) => screen.forget()?,
                Some(Effect::Suspend) => suspend(&mut screen)?,
                Some(Effect::Deafen) => {
                    // From the frame on that shows the prompt.
                    screen.draw(|frame| ui::draw(model, frame))?;
                    (stale, drawn) = (false, Instant::now());
                    deaf_until = Instant::now() + DEAF;
                }
                _ => {}
            }
        }
        if stale && drawn.elapsed() >= FRAME {
            screen.draw(|frame| ui::draw(model, frame))?;
            (stale, drawn) = (false, Instant::now());
        }
        // Keys come first: they are answered in the next frame, whatever pours in.
        tokio::select! {
            biased;
            event = events.recv() => match event {
                Some(Ok(event)) if Instant::now() < deaf_until && keys::is_typed(&event) => {}
                Some(Ok(event)) => {
                    if let Some(msg) = keys::message(event) {
                        waiting.extend(app::update(model, msg));
                        stale = true;
                    }
                }
                Some(Err(e)) => return Err(e),
                // The terminal is gone.
                None => return Ok(ended),
            },
            what = signals.next() => match what {
                Caught::End(number) => {
                    ended = Ended::BySignal(number);
                    waiting.extend(app::update(model, Msg::Terminated));
                }
                Caught::Stop => suspend(&mut screen)?,
                Caught::Continue => {
                    screen.come_back()?;
                    let (width, height) = screen.size()?;
                    waiting.extend(app::update(model, Msg::Resized(width, height)));
                    stale = true;
                }
            },
            Some(msg) = messages.recv() => {
                waiting.extend(app::update(model, msg));
                for _ in 1..BATCH {
                    let Ok(msg) = messages.try_recv() else { break };
                    waiting.extend(app::update(model, msg));
                }
                stale = true;
            }
            _ = tick.tick() => {
                let now = performer.now();
                // Nothing on the screen is finer than a minute.
                stale |= now.as_second() / 60 != model.now.as_second() / 60;
                // But how long somebody waits, which is counted while they do.
                stale |= !model.on_its_way.is_empty();
                waiting.extend(app::update(model, Msg::Ticked(now)));
                stale |= waiting.iter().any(|effect| !effect.is_quiet());
            }
            () = sleep_until(drawn + FRAME), if stale => {}
        }
    }
}

/// Stops this process as the shell's job control expects, and comes back whole.
fn suspend(screen: &mut Screen) -> io::Result<()> {
    screen.leave();
    let me = rustix::process::getpid();
    // Returns when somebody has sent SIGCONT, which also arrives as a message.
    rustix::process::kill_process(me, rustix::process::Signal::STOP)?;
    screen.come_back()
}

/// Ends when a signal asks the process to: for commands that serve until then.
pub async fn asked_to_end() {
    let Ok(mut signals) = Signals::listen() else {
        // Without handlers the signals end the process by themselves.
        return std::future::pending().await;
    };
    loop {
        if let Caught::End(_) = signals.next().await {
            return;
        }
    }
}

enum Caught {
    End(i32),
    Stop,
    Continue,
}

/// The signals that ask a process to end. While this is listened to they do not end it by
/// themselves.
pub struct Ending {
    terminate: Signal,
    hangup: Signal,
    interrupt: Signal,
    number: Option<i32>,
}

impl Ending {
    pub fn listen() -> io::Result<Self> {
        // A file that may not grow (ulimit -f) is then an error of the write, which the log
        // answers by refusing, and not the end of the process. Listening is enough.
        drop(signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?);
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            number: None,
        })
    }

    /// Waits for one of them, unless one has come already.
    pub async fn asked(&mut self) {
        if self.number.is_none() {
            self.number = Some(self.next().await);
        }
    }

    /// The number of the one that came, also where nobody waited for it.
    pub async fn number(&mut self) -> Option<i32> {
        tokio::select! {
            biased;
            () = self.asked() => {}
            () = std::future::ready(()) => {}
        }
        self.number
    }

    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate().as_raw_value(),
            _ = self.hangup.recv() => SignalKind::hangup().as_raw_value(),
            _ = self.interrupt.recv() => SignalKind::interrupt().as_raw_value(),
        }
    }
}

struct Signals {
    ending: Ending,
    stop: Signal,
    go_on: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let of = |s: rustix::process::Signal| signal(SignalKind::from_raw(s.as_raw()));
        Ok(Self {
            ending: Ending::listen()?,
            stop: of(rustix::process::Signal::TSTP)?,
            go_on: of(rustix::process::Signal::CONT)?,
        })
    }

    async fn next(&mut self) -> Caught {
        tokio::select! {
            number = self.ending.next() => Caught::End(number),
            _ = self.stop.recv() => Caught::Stop,
            _ = self.go_on.recv() => Caught::Continue,
        }
    }
}
