//! The console over a world of its own, without a terminal: keys in, a screen out. The same
//! model, `update`, performer and drawing as at a terminal; only the clock stands still.

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ratatui::{Terminal, backend::TestBackend};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::picture::Picture;
use crate::{
    app::{self, Effect, Msg},
    case::{Filter, Intervals, View},
    cli::{answer, args::Global, config::Config, context::Context, drill, range},
    cloud::Cloud,
    domain::Answer,
    drill::{DrillId, Quarter, Script},
    input::{Command, Key, Keymap},
    model::{Model, Prospect, Setup, available},
    playbook::Told,
    range::Pace,
    runtime::{self, Actor, Auditor, Performer},
    ui,
};

/// Far longer than anything takes here: the range is in this process.
const PATIENCE: Duration = Duration::from_secs(60);
/// The random part of the drill's id.
const DRILL: u32 = 0x0a1b_2c3d;

pub struct Desk {
    pub model: Model,
    cloud: Cloud,
    performer: Performer,
    sender: UnboundedSender<Msg>,
    messages: UnboundedReceiver<Msg>,
    tasks: tokio::runtime::Runtime,
    waiting: Vec<Effect>,
    /// Questions about the world, and readings of the log, that are not answered yet.
    open: usize,
    /// Where the audit log is; gone with the desk.
    _home: Home,
}

impl Desk {
    /// The console as it starts in the world of a scenario.
    pub fn open(id: &str, size: (u16, u16), setup: Setup) -> anyhow::Result<Desk> {
        // The shipped scenarios, whatever the operator has: a picture is the same everywhere.
        let world = runtime::open_range_in_memory(range::find(id, None)?, Pace::Frozen)
            .map_err(answer::usage)?;
        let global = Global { range: Some(id.to_owned()), ..Global::default() };
        let home = Home::new()?;
        let data = Some(home.0.clone());
        let context = Context::over(&global, Config::default(), id, world, data);
        let auditor = Auditor::new(
            home.0.join("audit-range.jsonl"),
            context.here(&global),
            context.goes_to().map(ToOwned::to_owned),
            Vec::new(),
        );
        let auditor = auditor.staged(context.clock.clone());
        let actor = Actor::new(context.cloud.clone(), true, auditor, context.clock.clone());
        let now = (context.clock)();
        let filter = Filter::default();
        let case = context.case(&filter, Intervals::default());
        let setup = Setup {
            drill: prospect(&context, id)?.map(Arc::new),
            session: actor.audit.session().to_owned(),
            range: context.range.clone(),
            ..setup
        };
        let view = View { filter, ..View::default() };
        let mut model = Model::new(setup, case, Keymap::shipped(), view, now);
        model.size = size;
        let (sender, messages) = unbounded_channel();
        let cloud = context.cloud.clone();
        let performer = Performer::new(context.cloud, context.local, context.clock, sender.clone())
            .acting(Some(actor), None);
        let waiting = app::start(&mut model);
        let tasks = runtime::tasks()?;
        let (open, _home) = (0, home);
        let mut desk =
            Desk { model, cloud, performer, sender, messages, tasks, waiting, open, _home };
        desk.settle()?;
        Ok(desk)
    }

    pub fn tell(&mut self, mut msg: Msg) {
        steady(&mut msg);
        if matches!(msg, Msg::FactsJudged(_) | Msg::LogRead(..)) {
            self.open = self.open.saturating_sub(1);
        }
        let effects = app::update(&mut self.model, msg);
        self.waiting.extend(effects);
        self.perform();
    }

    fn perform(&mut self) {
        for effect in std::mem::take(&mut self.waiting) {
            let effect = match effect {
                // One question after the other: request ids then follow from the way alone.
                Effect::Ask(ticket, query) => {
                    let (cloud, sender) = (self.cloud.clone(), self.sender.clone());
                    let asked = self.tasks.spawn(async move {
                        // The other end is this very desk.
                        let tell = |answer| drop(sender.send(Msg::Answered(ticket, answer)));
                        cloud.ask(&query, &tell).await;
                    });
                    // A panic in there has ended the process already.
                    let _ = self.tasks.block_on(asked);
                    continue;
                }
                // Answered always, so that it can be waited for.
                Effect::JudgeFacts { facts, since, .. } => {
                    self.open += 1;
                    Effect::JudgeFacts { facts, since, known: None }
                }
                // What is gathered tells of this machine and its clock.
                Effect::Probe { .. } => {
                    drop(self.sender.send(Msg::Probed(Ok(Vec::new()))));
                    continue;
                }
                Effect::ReadLog(_) => {
                    self.open += 1;
                    effect
                }
                other => other,
            };
            let _context = self.tasks.enter();
            self.performer.perform(effect);
        }
    }

    /// Waits until nothing is on its way.
    ///
    /// # Errors
    /// It never comes to rest.
    pub fn settle(&mut self) -> anyhow::Result<()> {
        self.perform();
        while !self.is_settled() {
            let next = self
                .tasks
                .block_on(async { tokio::time::timeout(PATIENCE, self.messages.recv()).await });
            let Ok(Some(msg)) = next else {
                anyhow::bail!("the console does not come to rest; the screen:\n{}", self.text()?)
            };
            self.tell(msg);
        }
        Ok(())
    }

    fn is_settled(&self) -> bool {
        let model = &self.model;
        let loaded = model.seen_loaded && !model.shelf.all.is_empty();
        let drill = model.setup.drill.is_none() || model.drill.known;
        model.is_idle() && loaded && drill && self.open == 0
    }

    /// Presses a key, and waits for what follows.
    ///
    /// # Errors
    /// [`Desk::settle`]'s.
    pub fn press(&mut self, key: Key) -> anyhow::Result<()> {
        self.tell(Msg::KeyPressed(key));
        self.settle()
    }

    /// Types a text.
    ///
    /// # Errors
    /// [`Desk::settle`]'s.
    pub fn type_text(&mut self, text: &str) -> anyhow::Result<()> {
        text.chars().try_for_each(|c| self.press(Key::char(c)))
    }

    /// Gives a command by its keys.
    ///
    /// # Errors
    /// No key is bound to it here, or it cannot be done; [`Desk::settle`]'s.
    pub fn give(&mut self, command: Command) -> anyhow::Result<()> {
        if let Err(why) = available(command, &self.model) {
            anyhow::bail!("{}: {why}", command.info().name)
        }
        let keys = self.model.keymap.keys(self.model.scopes(), command);
        let Some(keys) = keys.first() else {
            anyhow::bail!("no key for `{}` here:\n{}", command.info().name, self.text()?)
        };
        keys.as_slice().to_vec().into_iter().try_for_each(|key| self.press(key))
    }

    /// What is on the screen now.
    ///
    /// # Errors
    /// There is none: nothing is written to.
    pub fn picture(&self) -> anyhow::Result<Picture> {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height))?;
        terminal.draw(|frame| ui::draw(&self.model, frame))?;
        Ok(Picture::of(terminal.backend().buffer().clone(), self.model.setup.look.theme().screen))
    }

    fn text(&self) -> anyhow::Result<String> {
        Ok(self.picture()?.text())
    }
}

/// The id of every request here: the range numbers its answers in the order in which they were
/// asked for, and that is another one each time.
const REQUEST: &str = "00000000-0000-4000-8000-000000000000";

/// Takes out what is another each time.
fn steady(msg: &mut Msg) {
    let same = |id: &mut Option<String>| {
        if let Some(id) = id {
            REQUEST.clone_into(id);
        }
    };
    match msg {
        Msg::Answered(_, Answer::Failed(fault)) => same(&mut fault.request_id),
        Msg::Answered(_, Answer::Called(call)) | Msg::Called(call) => same(&mut call.request_id),
        Msg::Did { told: Told::Applied { result: Ok(applied), .. }, .. } => {
            same(&mut applied.request_id);
        }
        Msg::LogRead(Ok((records, _)), _) => {
            for record in records {
                if let Some(id) = record.value.pointer_mut("/result/request_id") {
                    *id = REQUEST.into();
                }
            }
        }
        _ => {}
    }
}

/// The drill of the scenario, in a quarter and with an id that are always the same.
fn prospect(context: &Context, id: &str) -> anyhow::Result<Option<Prospect>> {
    let (file, text) = range::text_of(id, None)?;
    let Some(script) = Script::read(&file, &text).map_err(answer::usage)? else {
        return Ok(None);
    };
    let drill = DrillId::new(Quarter::of((context.clock)()), DRILL);
    let prospect = drill::prospect_of(context, id, script, drill, false);
    Ok(prospect.map(|mut prospect| {
        prospect.begun.operator = "oncall".to_owned();
        prospect.begun.binary_sha256 = None;
        prospect
    }))
}

/// A folder of this process's own, which ends with it.
struct Home(PathBuf);

impl Home {
    fn new() -> std::io::Result<Home> {
        let name = format!("halon-{}-{:08x}", std::process::id(), runtime::random_number());
        let path = std::env::temp_dir().join(name);
        // Not one that is there already: somebody else's.
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Home(path))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // What cannot be removed is in the folder for what is temporary.
        let _ = std::fs::remove_dir_all(Path::new(&self.0));
    }
}
