//! Every pane, with its list and its detail, and everything that may lie over them: at the two
//! sizes that the layout changes between and the smallest one, in four themes.
//!
//! A snapshot holds a screen's text once for each size, for every theme says the same; to the
//! right of a row stand its runs of cells that look alike, by a letter and how many there are.
//! What a letter looks like in each of the themes stands at the end. `.` is the screen's ground.

use std::{fmt::Write as _, sync::Arc};

use halon::{
    app::Msg,
    case::Calls,
    cli::screenshot::{Desk, Screen},
    domain::{Call, FaultKind, Place},
    input::{Command as C, Keys},
    model::{Focus, Model, Overlay, Page, Pane, Setup, Unconfigured, Wizard},
    theme::{Borders, Depth, Look, Shelf},
    ui,
};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, Cell},
    style::{Color, Style},
};
use unicode_width::UnicodeWidthStr;

const SCENARIO: &str = "leaked-key";
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 16)];
const THEMES: [&str; 4] = ["dark", "light", "high-contrast", "mono"];

/// One thing that is done on the way to a scene, after a screen that there are pictures of.
enum Step {
    Give(C),
    Type(&'static str),
    Press(&'static str),
    /// What cannot be come to by keys alone on a desk that waits until all is settled.
    Make(fn(&mut Model)),
}

use Step::{Give, Make, Press, Type};

/// A name, the screen that it begins from, and the rest of the way.
struct Scene(&'static str, &'static str, &'static [Step]);

/// The scene of a pane's list, and of its detail where it has one. A new pane needs one.
fn of_pane(pane: Pane, focus: Focus) -> &'static str {
    match (pane, focus) {
        (Pane::Findings, Focus::List) => "findings",
        (Pane::Findings, Focus::Detail) => "finding",
        (Pane::Trail, Focus::List) => "trail",
        (Pane::Trail, Focus::Detail) => "event",
        (Pane::Iam, Focus::List) => "iam",
        (Pane::Iam, Focus::Detail) => "principal",
        (Pane::Organization, Focus::List) => "organization",
        (Pane::Organization, Focus::Detail) => "attached",
        (Pane::Playbooks, _) => "playbooks",
        (Pane::Plan, _) => "plan",
        (Pane::Run, _) => "run",
        (Pane::Audit, _) => "audit",
        (Pane::Drill, _) => "drill",
    }
}

/// The scene of what lies over the screen. A new overlay needs one.
fn of_overlay(overlay: &Overlay) -> &'static str {
    match overlay {
        Overlay::Filter { .. } => "filter",
        Overlay::Text(page, _) => of_page(*page),
        Overlay::Same(_) => "same",
        Overlay::Watches(_) => "watches",
        Overlay::Saved(_) => "saved",
        Overlay::Form(_) => "inputs",
        Overlay::Wizard(_) => "wizard",
        Overlay::Can => "can",
        Overlay::Confirm(_) => "confirm",
        Overlay::Palette(_) => "palette",
        Overlay::Leave => "leave",
        Overlay::EndDrill { .. } => "end-drill",
    }
}

/// The scene of a text. A new text needs one.
fn of_page(page: Page) -> &'static str {
    match page {
        Page::Help => "help",
        Page::Health => "health",
        Page::Calls => "calls",
        Page::Record => "record",
        Page::Timeline => "timeline",
        Page::Compare => "compare",
        Page::Decoded => "decoded",
        Page::Notices => "notices",
    }
}

/// Long, and without blanks: what AWS gives is so.
const ENCODED: &str = "Abc0123456789-_abcdefghijAbc0123456789-_abcdefghij\
    Abc0123456789-_abcdefghijAbc0123456789-_abcdefghijAbc0123456789-_abcdefghij";

const SCENES: &[Scene] = &[
    Scene("findings", "findings", &[]),
    Scene("finding", "finding", &[]),
    Scene("finding-raw", "raw", &[]),
    Scene("trail", "trail", &[]),
    Scene("event", "event", &[]),
    Scene("sessions", "sessions", &[]),
    Scene("iam", "iam", &[]),
    Scene("principal", "principal", &[]),
    Scene("principal-policies", "principal", &[Give(C::NextTab)]),
    Scene("principal-use", "principal", &[Give(C::NextTab), Give(C::NextTab)]),
    Scene("organization", "organization", &[]),
    Scene("attached", "organization", &[Give(C::Open)]),
    Scene("playbooks", "playbooks", &[]),
    Scene("plan", "plan", &[]),
    Scene("run", "run", &[]),
    Scene("audit", "audit", &[]),
    Scene("drill", "drill", &[]),
    Scene("filter", "filter", &[]),
    Scene("help", "help", &[]),
    Scene("health", "health", &[]),
    Scene("calls", "findings", &[Make(calls), Give(C::Calls)]),
    Scene("record", "audit", &[Give(C::Open)]),
    Scene(
        "timeline",
        "findings",
        &[
            Give(C::Mark),
            Type("seen first by the on-call engineer"),
            Press("enter"),
            Give(C::Timeline),
        ],
    ),
    Scene(
        "compare",
        "principal",
        &[Give(C::Compare), Press("esc"), Give(C::Down), Give(C::Compare)],
    ),
    Scene("decoded", "iam", &[Give(C::Decode), Type(ENCODED), Press("enter")]),
    Scene("same", "same", &[]),
    Scene("watches", "principal", &[Give(C::WatchIt), Give(C::Watches)]),
    Scene(
        "saved",
        "findings",
        &[
            Give(C::SaveFilter),
            Type("the-worst"),
            Press("enter"),
            Press("esc"),
            Give(C::SavedFilters),
        ],
    ),
    Scene("notices", "findings", &[Give(C::Notices)]),
    Scene("inputs", "inputs", &[]),
    Scene("arm", "arm", &[]),
    Scene("wizard", "findings", &[Make(wizard)]),
    Scene("can", "principal", &[Give(C::CanIt)]),
    Scene("confirm", "confirm", &[]),
    Scene("palette", "findings", &[Give(C::Palette), Type("key")]),
    Scene("leave", "findings", &[Make(|model| model.overlay = Some(Overlay::Leave))]),
    Scene("end-drill", "drill", &[Give(C::AbortDrill)]),
    Scene("hint", "hint", &[]),
];

fn wizard(model: &mut Model) {
    let mut wizard = Wizard::new(Unconfigured {
        file: "halon.toml".into(),
        shown: "~/.config/halon/halon.toml".to_owned(),
        themes: THEMES.map(ToOwned::to_owned).into(),
        at_once: true,
    });
    wizard.profiles = Some(Vec::new());
    model.overlay = Some(Overlay::Wizard(Box::new(wizard)));
}

/// Calls that always took the same time.
fn calls(model: &mut Model) {
    model.case.calls = Calls::default();
    let (region, now) = ("us-east-1".parse().expect("a region"), model.now);
    let place = Place { target: "range".into(), region };
    for (operation, attempts, fault) in [
        ("ListFindings", 1, None),
        ("GetFindings", 3, None),
        ("ListDetectors", 1, Some(FaultKind::Denied)),
    ] {
        let call = Call {
            service: "guardduty",
            operation,
            place: place.clone(),
            attempts,
            millis: 120 * u64::from(attempts),
            waited_millis: 100 * u64::from(attempts - 1),
            throttled: attempts - 1,
            bytes: 2_048,
            host: None,
            request_id: None,
            server_time: None,
            fault,
        };
        model.case.calls.put(call, now);
    }
}

/// The console at a scene.
fn reach(Scene(name, screen, steps): &Scene) -> Desk {
    let mut desk = Desk::open(SCENARIO, SIZES[0], Setup::plain()).expect("a desk");
    let way = |what: anyhow::Result<()>| what.unwrap_or_else(|why| panic!("{name}: {why}"));
    way(Screen::named(screen).expect("a screen").reach(&mut desk));
    for step in *steps {
        match step {
            Give(command) => way(desk.give(*command)),
            Type(text) => way(desk.type_text(text)),
            Press(keys) => {
                let keys: Keys = keys.parse().expect("keys");
                keys.as_slice().iter().for_each(|key| way(desk.press(*key)));
            }
            Make(change) => change(&mut desk.model),
        }
    }
    desk
}

/// What every screen is drawn with.
struct Drawers {
    themes: [Arc<Look>; THEMES.len()],
    ascii: Arc<Look>,
}

impl Drawers {
    fn new() -> Self {
        let ascii = Look::new(Shelf::shipped().read().0, "dark", Depth::True, Borders::Ascii);
        Self { themes: THEMES.map(|name| Arc::new(Look::shipped(name))), ascii: Arc::new(ascii) }
    }

    /// How a cell looks that no role colours.
    fn ground(&self) -> Looks {
        self.themes.each_ref().map(|look| {
            let screen = look.theme().screen;
            let cell = Cell::default();
            let (fg, bg) = (screen.fg.unwrap_or(cell.fg), screen.bg.unwrap_or(cell.bg));
            Style::new().fg(fg).bg(bg)
        })
    }
}

fn draw(desk: &mut Desk, look: &Arc<Look>) -> Buffer {
    desk.model.setup.look = look.clone();
    let (width, height) = desk.model.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal.draw(|frame| ui::draw(&desk.model, frame)).expect("drawn");
    terminal.backend().buffer().clone()
}

/// How a cell looks in each of the themes.
type Looks = [Style; THEMES.len()];

/// The scene at each size, and what its letters look like.
fn picture(desk: &mut Desk, drawers: &Drawers) -> String {
    let (mut out, mut legend) = (String::new(), Vec::<Looks>::new());
    for (width, height) in SIZES {
        desk.tell(Msg::Resized(width, height));
        desk.settle().expect("settles");
        let drawn = drawers.themes.each_ref().map(|look| draw(desk, look));
        for (theme, buffer) in THEMES.iter().zip(&drawn) {
            let symbols = |b: &Buffer| -> Vec<String> {
                b.content.iter().map(|cell| cell.symbol().to_owned()).collect()
            };
            assert!(symbols(buffer) == symbols(&drawn[0]), "{theme} says something else");
        }
        let ascii = draw(desk, &drawers.ascii);
        let foreign = ascii.content.iter().find(|cell| !cell.symbol().is_ascii());
        assert_eq!(foreign, None, "{width}x{height}: not ASCII");
        _ = writeln!(out, "{width}x{height}");
        for y in 0..height {
            _ = writeln!(
                out,
                "|{}|{}",
                text(&drawn[0], y),
                runs(&drawn, y, &drawers.ground(), &mut legend)
            );
        }
        out.push('\n');
    }
    for (n, looks) in legend.iter().enumerate() {
        let looks: Vec<String> = looks.iter().map(spelled).collect();
        _ = writeln!(out, "{} {}", letter(n), looks.join(" · "));
    }
    out
}

fn text(buffer: &Buffer, y: u16) -> String {
    let (mut row, mut x) = (String::new(), 0);
    while x < buffer.area.width {
        let symbol = buffer[(x, y)].symbol();
        row.push_str(symbol);
        x += symbol.width().max(1) as u16;
    }
    without_ids(&row)
}

/// Request ids are another one each time: digits of what can be a part of one are noughts.
fn without_ids(row: &str) -> String {
    let part = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c) || c == '-';
    let mut out = String::new();
    let mut rest = row;
    while !rest.is_empty() {
        let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(length);
        let is_id = length >= 4
            && token.contains(|c: char| c.is_ascii_digit())
            && token.contains(|c: char| c.is_ascii_lowercase());
        let nought = |c: char| if c == '-' { c } else { '0' };
        out.extend(token.chars().map(|c| if is_id { nought(c) } else { c }));
        let next = after.chars().next();
        out.extend(next);
        rest = &after[next.map_or(0, char::len_utf8)..];
    }
    out
}

/// `a7 .66 b7`: a letter, and the cells that look like it.
fn runs(drawn: &[Buffer; THEMES.len()], y: u16, ground: &Looks, legend: &mut Vec<Looks>) -> String {
    let mut runs: Vec<(Looks, usize)> = Vec::new();
    for x in 0..drawn[0].area.width {
        let looks = drawn.each_ref().map(|buffer| style(&buffer[(x, y)]));
        match runs.last_mut() {
            Some((last, cells)) if *last == looks => *cells += 1,
            _ => runs.push((looks, 1)),
        }
    }
    if let [(looks, _)] = &runs[..]
        && looks == ground
    {
        return String::new();
    }
    let run = |(looks, cells): (Looks, usize)| {
        if looks == *ground {
            return format!(" .{cells}");
        }
        let known = legend.iter().position(|known| *known == looks);
        let at = known.unwrap_or_else(|| {
            legend.push(looks);
            legend.len() - 1
        });
        format!(" {}{cells}", letter(at))
    };
    runs.into_iter().map(run).collect()
}

/// Colours that are the terminal's own are no colours here.
fn style(cell: &Cell) -> Style {
    Style::new().fg(cell.fg).bg(cell.bg).add_modifier(cell.modifier)
}

fn letter(n: usize) -> char {
    ('a'..='z').chain('A'..='Z').nth(n).expect("no more than 52 looks on one screen")
}

/// `White/Blue B`: text, ground, and the first letters of what else is done to it.
fn spelled(style: &Style) -> String {
    let colour = |colour: Option<Color>| match colour {
        None | Some(Color::Reset) => "-".to_owned(),
        Some(colour) => colour.to_string(),
    };
    let mut out = format!("{}/{}", colour(style.fg), colour(style.bg));
    let modifiers: String = style.add_modifier.iter_names().map(|(name, _)| &name[..1]).collect();
    if !modifiers.is_empty() {
        _ = write!(out, " {modifiers}");
    }
    out
}

/// Each scene, and that it is the one of what it shows.
fn scenes(part: usize, parts: usize) {
    let drawers = Drawers::new();
    for scene in SCENES.iter().skip(part).step_by(parts) {
        let Scene(name, ..) = scene;
        let mut desk = reach(scene);
        let model = &desk.model;
        let shown = match &model.overlay {
            Some(overlay) => of_overlay(overlay),
            None => of_pane(model.pane, model.focus()),
        };
        let known = SCENES.iter().any(|Scene(name, ..)| *name == shown);
        let is_its = SCENES.iter().filter(|Scene(name, ..)| *name == shown).count() == 1;
        assert!(known && is_its, "{name}: no scene {shown}");
        let is_kind = name == &shown || !is_a_kind(name);
        assert!(is_kind, "{name} shows {shown}:\n{}", desk.picture().expect("drawn").text());
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("screen-{name}"), picture(&mut desk, &drawers));
        });
    }
}

/// Whether a scene is there for what it shows, and not for a state of it.
fn is_a_kind(name: &str) -> bool {
    !matches!(
        name,
        "finding-raw" | "sessions" | "principal-policies" | "principal-use" | "arm" | "hint"
    )
}

#[test]
fn every_screen_in_every_theme_first_third() {
    scenes(0, 3);
}

#[test]
fn every_screen_in_every_theme_second_third() {
    scenes(1, 3);
}

#[test]
fn every_screen_in_every_theme_last_third() {
    scenes(2, 3);
}
