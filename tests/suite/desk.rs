//! The console over the range, without a terminal: the genuine SDK, the range in process, the
//! audit log on disk. Keys in, screens out; what is asked is answered by the range.

use std::{path::Path, sync::Arc, time::Duration};

use halon::{
    app::{self, Effect, Msg},
    case::{Case, Filter, Intervals, View},
    cloud::{Cloud, Limits, Settings, TargetSettings, World},
    domain::{Ask, Source, Target},
    drill::{Begun, DrillId, Planned, Quarter, Script, Window, stranger},
    input::{Key, Keymap, Keys},
    model::{Model, Prospect, Setup},
    playbook::Task,
    range::{Range, shipped},
    runtime::{self, Actor, Auditor, Clock, Local, Performer},
    ui,
};
use jiff::SignedDuration;
use ratatui::{Terminal, backend::TestBackend};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Far longer than anything here takes: a wait that ends by it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The id of every drill here.
pub const DRILL: &str = "DRILL-2026Q1-0a1b2c3d";

/// A console without a terminal, in the world of a scenario.
pub struct Desk {
    pub model: Model,
    pub performer: Performer,
    pub actor: Actor,
    pub range: Range,
    pub tasks: tokio::runtime::Runtime,
    messages: UnboundedReceiver<Msg>,
    /// Effects not performed yet.
    pub waiting: Vec<Effect>,
    /// Changes are not sent while this is set.
    pub holding: bool,
    pub left: bool,
    /// Questions about the world that are not answered yet.
    judging: usize,
}

/// The text of a shipped scenario.
pub fn scenario(id: &str) -> &'static str {
    shipped().iter().find(|(known, _)| *known == id).expect("shipped").1
}

impl Desk {
    /// At 80×24 and with the shipped keys. The audit log is kept in `home`.
    pub fn open(range: Range, home: &Path) -> Desk {
        Desk::with(range, home, (80, 24), Keymap::shipped(), None)
    }

    /// One in which the drill of a shipped scenario can be begun.
    pub fn drilling(id: &str, range: Range, home: &Path, size: (u16, u16), keymap: Keymap) -> Desk {
        let script = Script::read(id, scenario(id)).expect("good").expect("a drill");
        Desk::with(range, home, size, keymap, Some((id, script)))
    }

    fn with(
        range: Range,
        home: &Path,
        size: (u16, u16),
        keymap: Keymap,
        drill: Option<(&str, Script)>,
    ) -> Desk {
        let target: Target = Arc::from("range");
        let others: Vec<Target> =
            range.operators().iter().skip(1).map(|o| Arc::from(o.alias.as_str())).collect();
        let named = |name: &Target| TargetSettings::of(name.clone(), None);
        let settings = Settings {
            targets: std::iter::once(&target).chain(&others).map(named).collect(),
            endpoint_url: None,
            limits: Limits {
                securityhub_per_second: 1_000,
                cloudtrail_per_second: 1_000,
                ..Limits::default()
            },
        };
        let clock: Clock = {
            let range = range.clone();
            Arc::new(move || range.now())
        };
        let now = range.now();
        let cloud = Cloud::new(settings, World::Range(range.clone()));
        if let Some((_, script)) = &drill {
            let mut outsider = TargetSettings::of(stranger(), None);
            outsider.access_key = script.stranger.clone();
            cloud.add_target(outsider);
        }
        let path = home.join("audit-range.jsonl");
        let auditor = Auditor::new(path, "range", None, Vec::new());
        let actor = Actor::new(cloud.clone(), true, auditor, clock.clone());
        let (sender, messages) = unbounded_channel();
        let performer =
            Performer::new(cloud, Local::Memory, clock, sender).acting(Some(actor.clone()), None);
        let filter = Filter::default();
        let ask = Ask { at_least: filter.at_least, status: filter.status, updated_since: None };
        let mut case = Case::new(
            vec![(target, range.regions())],
            Source::ALL.to_vec(),
            ask,
            Intervals::once(),
        );
        others.into_iter().for_each(|other| case.act_with(other));
        if drill.is_some() {
            case.break_glass = range.break_glass();
        }
        let setup = Setup {
            session: actor.audit.session().to_owned(),
            range: Some(range.title().into()),
            drill: drill.map(|(id, script)| Arc::new(prospect(id, script, &range))),
            ..Setup::plain()
        };
        let view = View { filter, ..View::default() };
        let mut model = Model::new(setup, case, keymap, view, now);
        model.size = size;
        Desk {
            waiting: app::start(&mut model),
            model,
            performer,
            actor,
            range,
            messages,
            tasks: runtime::tasks().expect("threads"),
            holding: false,
            left: false,
            judging: 0,
        }
    }

    pub fn tell(&mut self, msg: Msg) {
        if matches!(msg, Msg::FactsJudged(_)) {
            self.judging -= 1;
        }
        let effects = app::update(&mut self.model, msg);
        self.waiting.extend(effects);
        self.perform();
    }

    pub fn perform(&mut self) {
        let _context = self.tasks.enter();
        for effect in std::mem::take(&mut self.waiting) {
            let effect = match effect {
                Effect::Do { task: Task::Apply { .. }, .. } if self.holding => {
                    self.waiting.push(effect);
                    continue;
                }
                // Answered always, so that it can be waited for.
                Effect::JudgeFacts { facts, since, .. } => {
                    self.judging += 1;
                    Effect::JudgeFacts { facts, since, known: None }
                }
                Effect::ShowDevice { serial, .. } => {
                    let shows = self.range.mfa_code(serial.as_str());
                    let effects = app::update(&mut self.model, Msg::DeviceShown(shows));
                    assert!(effects.iter().all(Effect::is_quiet), "{effects:?}");
                    continue;
                }
                other => other,
            };
            if let Some(Effect::Quit) = self.performer.perform(effect) {
                self.left = true;
            }
        }
    }

    /// Takes in the next message, if anything is on its way.
    pub fn step(&mut self, what: &str) {
        self.perform();
        let next = self
            .tasks
            .block_on(async { tokio::time::timeout(PATIENCE, self.messages.recv()).await });
        let Ok(Some(msg)) = next else {
            panic!("{what} never came; the screen:\n{}", self.screen())
        };
        self.tell(msg);
    }

    pub fn until(&mut self, what: &str, done: impl Fn(&Model) -> bool) {
        self.perform();
        while !done(&self.model) {
            self.step(what);
        }
    }

    /// Until nothing is on its way.
    pub fn settle(&mut self) {
        self.perform();
        let all_there =
            |m: &Model| !m.shelf.all.is_empty() && (m.setup.drill.is_none() || m.drill.known);
        while !(self.model.is_idle() && all_there(&self.model) && self.judging == 0) {
            self.step("what is on its way");
        }
    }

    pub fn press(&mut self, key: Key) {
        self.tell(Msg::KeyPressed(key));
    }

    /// Keys by their names, apart by spaces.
    pub fn keys(&mut self, keys: &str) {
        let keys: Keys = keys.parse().expect("keys");
        keys.as_slice().iter().for_each(|key| self.press(*key));
    }

    pub fn types(&mut self, text: &str) {
        text.chars().for_each(|c| self.press(Key::char(c)));
    }

    pub fn screen(&self) -> String {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal.draw(|frame| ui::draw(&self.model, frame)).expect("drawn");
        let buffer = terminal.backend().buffer();
        let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..height).map(|y| row(y).trim_end().to_owned() + "\n").collect()
    }

    /// The end of its session is written down.
    pub fn end(&self) {
        self.tasks.block_on(self.performer.settle());
        let head = self.tasks.block_on(self.performer.end("the operator left"));
        head.expect("a session was begun").expect("its end is written");
    }
}

fn prospect(scenario: &str, script: Script, range: &Range) -> Prospect {
    let now = range.now();
    let quarter: Quarter = "2026Q1".parse().expect("a quarter");
    let begun = Begun {
        scenario: scenario.into(),
        title: range.title().into(),
        scripted: false,
        quarter,
        accounts: vec![script.role.account()],
        roles: vec![script.role.clone()],
        window: Window { from: now, until: now + SignedDuration::from_hours(4) },
        operator: "somebody".into(),
        world_start: Some(range.began()),
        objectives: script.objectives.iter().map(Planned::of).collect(),
        tool: "halon".into(),
        binary_sha256: None,
    };
    let id: DrillId = DRILL.parse().expect("an id");
    Prospect { id, begun, script, at_once: true, stranger: true, idp_down: true }
}
