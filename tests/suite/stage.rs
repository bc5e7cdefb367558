//! The console without a terminal, a network or a clock: keys and answers in,
//! screens out. Arranging is done at once; questions wait until a test answers them.

use std::sync::Arc;

use halon::{
    app::{self, Effect, Msg},
    case::{Case, Filter, Intervals, Survey, Ticket, View, arrange, compare, look_up},
    domain::{
        Answer, Ask, Gap, Identity, Query, Region, Source,
        finding::{Record, read_asff, read_guardduty},
    },
    input::{Key, Keymap},
    model::{Model, Setup},
    ui,
};
use jiff::{Timestamp, tz::TimeZone};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, style::Style};

pub const NOW: &str = "2026-03-02T03:10:00Z";

pub struct Stage {
    pub model: Model,
    /// Questions that nobody has answered yet.
    pub asked: Vec<(Ticket, Query)>,
    /// Effects other than questions and arranging, in order.
    pub effects: Vec<Effect>,
}

impl Stage {
    /// A console over both services in these regions.
    pub fn new(size: (u16, u16), regions: &[&str]) -> Self {
        let local_zone = TimeZone::fixed(jiff::tz::offset(2));
        Self::with(Setup { local_zone, ..Setup::plain() }, size, regions)
    }

    /// One that is set up otherwise.
    pub fn with(setup: Setup, size: (u16, u16), regions: &[&str]) -> Self {
        // Whether trails record is asked where a test is about that.
        Self::at_intervals(
            Intervals { logging: None, ..Intervals::default() },
            setup,
            size,
            regions,
        )
    }

    /// One that also asks whether trails still record.
    pub fn watching_trails(size: (u16, u16), regions: &[&str]) -> Self {
        Self::at_intervals(Intervals::default(), Setup::plain(), size, regions)
    }

    fn at_intervals(
        intervals: Intervals,
        setup: Setup,
        size: (u16, u16),
        regions: &[&str],
    ) -> Self {
        let filter = Filter::default();
        let ask = Ask { at_least: filter.at_least, status: filter.status, updated_since: None };
        let regions = regions.iter().map(|r| r.parse().expect("a region")).collect();
        let targets = vec![(Arc::from("acme"), regions)];
        let case = Case::new(targets, Source::ALL.to_vec(), ask, intervals);
        let view = View { filter, ..View::default() };
        let mut model = Model::new(setup, case, Keymap::shipped(), view, at(NOW));
        model.size = size;
        let mut stage = Self { model, asked: Vec::new(), effects: Vec::new() };
        let effects = app::start(&mut stage.model);
        stage.perform(effects);
        stage.tell(Msg::Loaded { records: Vec::new(), seen: Default::default() });
        stage
    }

    pub fn tell(&mut self, msg: Msg) {
        let effects = app::update(&mut self.model, msg);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(ticket, query) => self.asked.push((ticket, query)),
                Effect::Arrange { revision, findings, view } => {
                    let list = Box::new(arrange(&findings, &view));
                    self.tell(Msg::Arranged { revision, view, list });
                }
                Effect::LookUp { text, findings, survey } => {
                    let found = look_up(&text, &findings, &survey);
                    self.tell(Msg::LookedUp { text, found });
                }
                Effect::Survey(accounts) => {
                    self.tell(Msg::Surveyed(Arc::new(Survey::new(accounts))));
                }
                Effect::Compare(pairs) => self.tell(Msg::Compared(compare(&pairs))),
                Effect::ArrangeSurvey { survey, view } => {
                    let rows = survey.arrange(&view);
                    self.tell(Msg::SurveyArranged { survey, view, rows });
                }
                other => self.effects.push(other),
            }
        }
    }

    /// Keys by their names, apart by spaces.
    pub fn keys(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.tell(Msg::KeyPressed(key.parse::<Key>().expect("a key")));
        }
    }

    /// Text typed key by key.
    pub fn typed(&mut self, text: &str) {
        for c in text.chars() {
            self.tell(Msg::KeyPressed(Key::char(c)));
        }
    }

    pub fn ticked(&mut self, now: &str) {
        self.tell(Msg::Ticked(at(now)));
    }

    /// The caller answers who we are.
    pub fn identify(&mut self) {
        let ticket = self.take(|q| matches!(q, Query::Caller(_)));
        let identity = Identity {
            account: "111122223333".parse().expect("an account"),
            arn: "arn:aws:iam::111122223333:user/oncall".into(),
            alias: Some("acme-security".into()),
            region: None,
            access_key: None,
        };
        self.tell(Msg::Answered(ticket, Answer::Identity(identity)));
    }

    /// One page of a source in a region; the question stays open.
    pub fn page(&mut self, source: Source, region: &str, records: Vec<Record>) {
        let ticket = self.open(|q| is_list(q, source, region));
        self.tell(Msg::Answered(ticket, Answer::Page { records }));
    }

    /// The end of a list, with its gaps.
    pub fn done(&mut self, source: Source, region: &str, gaps: Vec<Gap>) {
        let ticket = self.take(|q| is_list(q, source, region));
        self.tell(Msg::Answered(ticket, Answer::Done { gaps }));
    }

    pub fn failed(&mut self, source: Source, region: &str, fault: halon::domain::Fault) {
        let ticket = self.take(|q| is_list(q, source, region));
        self.tell(Msg::Answered(ticket, Answer::Failed(fault)));
    }

    /// Both services answer a region: these findings, nothing missing.
    pub fn answer(&mut self, region: &str, guardduty: Vec<Record>, securityhub: Vec<Record>) {
        self.page(Source::GuardDuty, region, guardduty);
        self.done(Source::GuardDuty, region, Vec::new());
        self.page(Source::SecurityHub, region, securityhub);
        self.done(Source::SecurityHub, region, Vec::new());
    }

    /// The ticket of an open question, which is answered with this.
    pub fn take(&mut self, which: impl Fn(&Query) -> bool) -> Ticket {
        let at = self.asked.iter().position(|(_, q)| which(q));
        let at = at.unwrap_or_else(|| panic!("no such question among {:?}", self.asked));
        self.asked.remove(at).0
    }

    fn open(&self, which: impl Fn(&Query) -> bool) -> Ticket {
        let found = self.asked.iter().find(|(_, q)| which(q));
        found.unwrap_or_else(|| panic!("no such question among {:?}", self.asked)).0
    }

    pub fn buffer(&self) -> Buffer {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal.draw(|frame| ui::draw(&self.model, frame)).expect("drawn");
        terminal.backend().buffer().clone()
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        let buffer = self.buffer();
        rows(&buffer).iter().map(|row| row.trim_end().to_owned() + "\n").collect()
    }

    /// The screen as text, and below it each run of cells with a style of its own.
    pub fn picture(&self) -> String {
        let buffer = self.buffer();
        let mut out: String = rows(&buffer).iter().map(|row| format!("|{}|\n", row)).collect();
        out.push('\n');
        for y in 0..buffer.area.height {
            let mut runs: Vec<(u16, u16, Style)> = Vec::new();
            for x in 0..buffer.area.width {
                let style = buffer[(x, y)].style();
                match runs.last_mut() {
                    Some((_, end, last)) if *last == style => *end = x,
                    _ => runs.push((x, x, style)),
                }
            }
            let plain = ratatui::buffer::Cell::default().style();
            for (from, to, style) in runs.into_iter().filter(|(_, _, s)| *s != plain) {
                let fg = style.fg.map(|c| c.to_string()).unwrap_or_default();
                let bg = style.bg.map(|c| c.to_string()).unwrap_or_default();
                out += &format!("{y:>2}:{from}-{to} {fg} on {bg} {:?}\n", style.add_modifier);
            }
        }
        out
    }
}

fn rows(buffer: &Buffer) -> Vec<String> {
    (0..buffer.area.height)
        .map(|y| {
            let mut skip = 0usize;
            let mut row = String::new();
            for x in 0..buffer.area.width {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buffer[(x, y)].symbol();
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                row += symbol;
            }
            row
        })
        .collect()
}

fn is_list(query: &Query, source: Source, region: &str) -> bool {
    matches!(query, Query::Findings { source: s, place, .. }
        if *s == source && place.region.as_str() == region)
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

pub fn region(name: &str) -> Region {
    name.parse().expect("a region")
}

/// A GuardDuty finding in us-east-1, with what `more` says over it (JSON).
pub fn guardduty(id: &str, severity: f64, kind: &str, more: serde_json::Value) -> Record {
    let mut finding = serde_json::json!({
        "id": id, "type": kind, "severity": severity, "title": format!("Title of {id}"),
        "description": "What happened, in a sentence that is long enough to be wrapped once or twice.",
        "arn": format!("arn:aws:guardduty:us-east-1:111122223333:detector/d0/finding/{id}"),
        "accountId": "111122223333", "region": "us-east-1",
        "createdAt": "2026-03-02T02:00:00Z", "updatedAt": "2026-03-02T03:00:00Z",
        "resource": {"resourceType": "AccessKey", "accessKeyDetails": {
            "accessKeyId": "AKIAI44QH8DHBEXAMPLE", "userName": "ci-deploy", "userType": "IAMUser"}},
        "service": {"archived": false, "count": 3, "detectorId": "d0",
            "eventFirstSeen": "2026-03-02T01:40:00Z", "eventLastSeen": "2026-03-02T02:58:00Z",
            "action": {"awsApiCallAction": {"remoteIpDetails": {"ipAddressV4": "203.0.113.7",
                "country": {"countryName": "Nowhere"}}}}},
    });
    merge(&mut finding, more);
    read_guardduty(&finding.to_string(), Some(&region("us-east-1"))).expect("a finding")
}

/// Security Hub's copy of the GuardDuty finding `id`.
pub fn copy_of(id: &str, severity: &str, more: serde_json::Value) -> Record {
    let mut finding = serde_json::json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("arn:aws:guardduty:us-east-1:111122223333:detector/d0/finding/{id}"),
        "ProductArn": "arn:aws:securityhub:us-east-1::product/aws/guardduty",
        "AwsAccountId": "111122223333", "Region": "us-east-1", "Title": format!("Title of {id}"),
        "Types": ["TTPs/Initial Access"], "Severity": {"Label": severity},
        "Workflow": {"Status": "NEW"}, "RecordState": "ACTIVE",
        "UpdatedAt": "2026-03-02T03:01:00Z",
    });
    merge(&mut finding, more);
    read_asff(&finding.to_string()).expect("a finding")
}

pub fn merge(into: &mut serde_json::Value, more: serde_json::Value) {
    match (into, more) {
        (serde_json::Value::Object(into), serde_json::Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key).or_insert(serde_json::Value::Null), value);
            }
        }
        (into, more) if !more.is_null() => *into = more,
        _ => {}
    }
}
