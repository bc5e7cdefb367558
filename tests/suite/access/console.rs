//! The console without a terminal: keys in, the genuine SDK, the range in process, screens out.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use halon::{
    app::{self, Effect, Msg},
    case::{Case, Filter, Intervals, View},
    cloud::{Cloud, Limits, Settings, TargetSettings, World},
    domain::{Ask, Source, Target},
    input::{Key, Keymap},
    model::{Model, Setup},
    range::Range,
    runtime::{self, Clock, Local, Performer},
    ui,
};
use ratatui::{Terminal, backend::TestBackend};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Far longer than anything here takes: a wait that ends by it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Desk {
    model: Model,
    performer: Performer,
    messages: UnboundedReceiver<Msg>,
    tasks: tokio::runtime::Runtime,
    waiting: Vec<Effect>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// One request that reached the range.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `service:Operation`, as IAM names it.
    pub action: String,
    pub status: u16,
}

impl Desk {
    /// In this world, with every account that it names an operator for, and nothing asked twice.
    pub fn open(range: &Range) -> Desk {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        range.set_log(Box::new(move |line| {
            let action = format!("{}:{}", line.service, line.operation);
            log.lock().expect("a lock").push(Asked { action, status: line.status });
        }));
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
        let (sender, messages) = unbounded_channel();
        let performer = Performer::new(cloud, Local::Memory, clock, sender);
        let filter = Filter::default();
        let ask = Ask { at_least: filter.at_least, status: filter.status, updated_since: None };
        let sources = Source::ALL.to_vec();
        let intervals = Intervals { logging: Intervals::default().logging, ..Intervals::once() };
        let mut case = Case::new(vec![(target, range.regions())], sources, ask, intervals);
        others.into_iter().for_each(|other| case.act_with(other));
        let setup = Setup { range: Some(range.title().into()), ..Setup::plain() };
        let view = View { filter, ..View::default() };
        let mut model = Model::new(setup, case, Keymap::shipped(), view, now);
        model.size = (160, 60);
        let waiting = app::start(&mut model);
        let tasks = runtime::tasks().expect("threads");
        let mut desk = Desk { model, performer, messages, tasks, waiting, asked };
        desk.settle();
        desk
    }

    fn tell(&mut self, msg: Msg) {
        let effects = app::update(&mut self.model, msg);
        self.waiting.extend(effects);
        self.perform();
    }

    fn perform(&mut self) {
        let _context = self.tasks.enter();
        std::mem::take(&mut self.waiting).into_iter().for_each(|e| {
            self.performer.perform(e);
        });
    }

    /// Until nothing is on its way.
    fn settle(&mut self) {
        self.perform();
        while !self.model.is_idle() {
            let next = self
                .tasks
                .block_on(async { tokio::time::timeout(PATIENCE, self.messages.recv()).await });
            let Ok(Some(msg)) = next else {
                panic!("nothing comes; the screen:\n{}", self.screen())
            };
            self.tell(msg);
        }
    }

    /// Keys by their names, apart by blanks; what stands in quotes is typed. What each key asks
    /// for is waited for.
    pub fn keys(&mut self, keys: &str) {
        for (at, part) in keys.split('"').enumerate() {
            if at % 2 == 1 {
                part.chars().for_each(|c| self.tell(Msg::KeyPressed(Key::char(c))));
                self.settle();
                continue;
            }
            for key in part.split_whitespace() {
                self.tell(Msg::KeyPressed(key.parse().expect("a key")));
                self.settle();
            }
        }
    }

    /// Everything that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a lock").clone()
    }

    pub fn screen(&self) -> String {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal.draw(|frame| ui::draw(&self.model, frame)).expect("drawn");
        let buffer = terminal.backend().buffer();
        let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..height).map(|y| row(y).trim_end().to_owned() + "\n").collect()
    }
}
