//! The mouse: what is drawn in a cell is what a click there hits, and no click on any cell
//! consents, arms, or changes anything about a run.

use halon::{
    app::{Effect, Msg},
    domain::KeyStatus,
    input::Command,
    model::{Focus, Model, Overlay, Page, Pane, Tab},
    ui::{self, Button, Hit},
};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, style::Modifier};
use serde_json::json;

use super::{
    desk,
    keyboard::Keyboard as Desk,
    stage::{Stage, guardduty},
};

fn drawn(model: &Model) -> Buffer {
    let (width, height) = model.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal.draw(|frame| ui::draw(model, frame)).expect("drawn");
    terminal.backend().buffer().clone()
}

fn cells(model: &Model) -> impl Iterator<Item = (u16, u16)> + use<> {
    let (width, height) = model.size;
    (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)))
}

/// The text from a cell on, as far as it is hit alike.
fn hit_text(model: &Model, (x, y): (u16, u16)) -> String {
    let buffer = drawn(model);
    let hit = ui::hit(model, x, y);
    let alike = |x: &u16| ui::hit(model, *x, y) == hit;
    (x..model.size.0).take_while(alike).map(|x| buffer[(x, y)].symbol()).collect()
}

fn find(model: &Model, wanted: Hit) -> Option<(u16, u16)> {
    cells(model).find(|(x, y)| ui::hit(model, *x, *y) == Some(wanted))
}

/// Twelve findings, in the order of the list.
fn stage(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(size, &["us-east-1"]);
    stage.identify();
    let findings = (0..40).map(|n| {
        let severity = 8.9 - f64::from(n) / 50.0;
        guardduty(&format!("f{n:02}"), severity, "Recon:IAMUser/TorIPCaller", json!({}))
    });
    stage.answer("us-east-1", findings.collect(), vec![]);
    stage
}

fn click(stage: &mut Stage, wanted: Hit) {
    let Some((x, y)) = find(&stage.model, wanted) else {
        panic!("nowhere on the screen: {wanted:?}\n{}", stage.text())
    };
    stage.tell(Msg::Clicked { x, y });
}

#[test]
fn a_command_in_the_footer_is_its_own_words_and_nothing_else() {
    for size in [(80, 24), (120, 40), (60, 16), (24, 8)] {
        let stage = stage(size);
        let mut seen = Vec::new();
        for cell in cells(&stage.model) {
            let Some(Hit::Command(command)) = ui::hit(&stage.model, cell.0, cell.1) else {
                continue;
            };
            if seen.contains(&(command, cell.1)) {
                continue;
            }
            seen.push((command, cell.1));
            let text = hit_text(&stage.model, cell);
            let key = stage.model.keymap.keys(stage.model.scopes(), command).remove(0);
            let short = command.info().short;
            assert_eq!(text.trim(), format!("{key} {short}"), "{command:?} at {cell:?}");
        }
        assert!(seen.iter().any(|(c, _)| *c == Command::Open), "{size:?}: {seen:?}");
        let tabs = [Command::Iam, Command::Trail];
        let shown = tabs.iter().all(|tab| seen.iter().any(|(c, y)| c == tab && *y == 1));
        assert_eq!(shown, size.1 >= 30, "{size:?}: {seen:?}");
    }
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let mut stage = stage((80, 24));
    click(&mut stage, Hit::List(Some(3)));
    assert_eq!((stage.model.cursor, stage.model.focus), (3, Focus::List));
    click(&mut stage, Hit::List(Some(3)));
    assert_eq!(stage.model.focus, Focus::Detail);
    assert!(stage.text().contains("Title of f03"), "{}", stage.text());
    stage.keys("esc");
    // The wheel takes the cursor along, and the list with it.
    let (x, y) = find(&stage.model, Hit::List(Some(5))).expect("on the screen");
    for _ in 0..10 {
        stage.tell(Msg::Scrolled { x, y, down: true });
    }
    assert_eq!(stage.model.cursor, 33);
    assert!(find(&stage.model, Hit::List(Some(0))).is_none());
    stage.tell(Msg::Scrolled { x, y, down: false });
    assert_eq!(stage.model.cursor, 30);
    // Beside the list the detail is scrolled by the wheel over it alone.
    stage.tell(Msg::Resized(120, 20));
    let (x, y) = find(&stage.model, Hit::Detail).expect("it stands beside the list");
    stage.tell(Msg::Scrolled { x, y, down: true });
    assert_eq!((stage.model.cursor, stage.model.detail.scroll), (30, 3));
    assert_eq!(stage.model.focus, Focus::List);
    stage.tell(Msg::Clicked { x, y });
    assert_eq!(stage.model.focus, Focus::Detail);
    click(&mut stage, Hit::List(Some(30)));
    assert_eq!(stage.model.focus, Focus::List, "back, and nothing opened");
    let text = hit_text(&stage.model, (0, 0));
    assert_eq!(ui::hit(&stage.model, 0, 0), None, "{text}");
}

#[test]
fn what_lies_under_an_overlay_is_not_hit() {
    let mut stage = stage((80, 24));
    click(&mut stage, Hit::Command(Command::Help));
    assert!(matches!(stage.model.overlay, Some(Overlay::Text(Page::Help, 0))));
    let under = |h: Option<Hit>| matches!(h, Some(Hit::List(_) | Hit::Detail | Hit::Tab(_)));
    assert!(cells(&stage.model).all(|(x, y)| !under(ui::hit(&stage.model, x, y))));
    let (x, y) = find(&stage.model, Hit::Text).expect("the help");
    stage.tell(Msg::Scrolled { x, y, down: true });
    assert!(matches!(stage.model.overlay, Some(Overlay::Text(Page::Help, 3))));
    click(&mut stage, Hit::Command(Command::Back));
    assert!(stage.model.overlay.is_none());
}

#[test]
fn forms_have_buttons_and_fields_and_the_one_that_arms_has_no_ok() {
    let mut stage = stage((80, 24));
    stage.keys("4 b");
    click(&mut stage, Hit::Field(1));
    let Some(Overlay::Form(form)) = &stage.model.overlay else { panic!("no form") };
    assert_eq!(form.at, 1);
    click(&mut stage, Hit::Button(Button::Cancel));
    assert!(stage.model.overlay.is_none());
    stage.keys("b");
    let cell = find(&stage.model, Hit::Button(Button::Ok)).expect("a button");
    assert_eq!(hit_text(&stage.model, cell), "[ OK ]");
    click(&mut stage, Hit::Button(Button::Ok));
    assert!(stage.model.overlay.is_none(), "asked:\n{}", stage.text());

    stage.keys("!");
    stage.typed("INC-1");
    stage.keys("enter");
    stage.typed("a title");
    stage.keys("enter");
    stage.typed("a reason");
    assert!(find(&stage.model, Hit::Button(Button::Ok)).is_none());
    for (x, y) in cells(&stage.model) {
        if ui::hit(&stage.model, x, y) == Some(Hit::Button(Button::Cancel)) {
            continue;
        }
        stage.tell(Msg::Clicked { x, y });
        assert!(matches!(stage.model.overlay, Some(Overlay::Form(_))), "at {x},{y}");
    }
    assert!(!stage.model.arming && !stage.effects.iter().any(|e| matches!(e, Effect::Arm(..))));
    click(&mut stage, Hit::Button(Button::Cancel));
    assert!(stage.model.overlay.is_none());
}

#[test]
fn the_menu_of_an_event_and_the_pages_of_a_principal_are_clicked() {
    let mut desk = Desk::new();
    desk.tell(Msg::Resized(140, 40));
    let (x, y) = find(&desk.model, Hit::Command(Command::Iam)).expect("a tab");
    desk.tell(Msg::Clicked { x, y });
    desk.until("the principals", |m| m.is_idle() && !m.iam.rows.is_empty());
    let (x, y) = find(&desk.model, Hit::Tab(Tab::Trust)).expect("the pages beside the list");
    assert_eq!(hit_text(&desk.model, (x, y)), "Trust");
    desk.tell(Msg::Clicked { x, y });
    assert_eq!(desk.model.iam.tab, Tab::Trust);
    // Each line that a list has on the screen: what is clicked is what is then marked.
    for pane in ["1", "2", "3", "4", "5", "6"] {
        for size in [(80, 24), (140, 40)] {
            desk.keys(pane);
            desk.tell(Msg::Resized(size.0, size.1));
            desk.until("the pane", |m| m.is_idle());
            desk.model.set_focus(Focus::List);
            // A page down first: the list does not begin with its first line.
            desk.keys("ctrl-d k");
            let marked = |m: &Model, y: u16| {
                drawn(m)[(4, y)].style().add_modifier.contains(Modifier::REVERSED)
            };
            let mut lines = 0;
            for y in 0..size.1 {
                let Some(Hit::List(Some(_))) = ui::hit(&desk.model, 4, y) else { continue };
                lines += 1;
                if marked(&desk.model, y) {
                    continue;
                }
                desk.tell(Msg::Clicked { x: 4, y });
                assert!(marked(&desk.model, y), "{pane} {size:?} {y}:\n{}", desk.screen());
            }
            assert!(lines > 1 || pane == "3", "{pane} {size:?}:\n{}", desk.screen());
        }
    }
    // The menu of what an event has in common.
    desk.keys("4 s");
    let (x, y) = find(&desk.model, Hit::Choice(Some(1))).expect("a line of the menu");
    desk.tell(Msg::Clicked { x, y });
    assert!(matches!(desk.model.overlay, Some(Overlay::Same(1))));
    desk.tell(Msg::Clicked { x, y });
    assert!(desk.model.overlay.is_none(), "the question is asked");
}

/// Everything about the runs, the mode and what is on its way.
fn standing(desk: &Desk) -> String {
    let Desk { desk, .. } = desk;
    let desk::Desk { model, waiting, .. } = desk;
    format!("{:?} {:?} {:?} {waiting:?}", model.case.runs, model.mode, model.case.draft)
}

#[test]
fn no_click_on_any_cell_consents_or_changes_a_run() {
    let mut desk = Desk::new();
    desk.plan();
    // A plan is not begun by a click, wherever it is.
    let before = standing(&desk);
    for (x, y) in cells(&desk.model) {
        let (pane, overlay) = (desk.model.pane, desk.model.overlay.clone());
        desk.tell(Msg::Clicked { x, y });
        let begun = desk.waiting.iter().any(|e| {
            matches!(
                e,
                Effect::Arm(..) | Effect::CheckPlaybook(_) | Effect::Do { .. } | Effect::Quit
            )
        });
        assert!(!begun && !desk.model.starting && desk.model.case.runs.is_empty(), "at {x},{y}");
        desk.waiting.clear();
        (desk.model.pane, desk.model.overlay) = (pane, overlay);
    }
    assert_eq!(standing(&desk), before);
    desk.arm();
    desk.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    desk.until("the answers", |m| m.is_idle());
    // All that is asked for is typed: only enter is lacking.
    desk.types("yes");
    for size in [(80, 24), (120, 40), (200, 50), (60, 16)] {
        desk.tell(Msg::Resized(size.0, size.1));
        let before = standing(&desk);
        for (x, y) in cells(&desk.model) {
            desk.tell(Msg::Clicked { x, y });
            desk.tell(Msg::Scrolled { x, y, down: y % 2 == 0 });
            let Some(Overlay::Confirm(confirm)) = &desk.model.overlay else {
                panic!("closed at {x},{y}")
            };
            assert_eq!(confirm.input.value(), "yes", "at {x},{y}");
        }
        assert_eq!(standing(&desk), before, "{size:?}");
    }
    // The prompt set aside: the run's own pane, with all its commands in the footer.
    desk.keys("esc");
    assert_eq!(desk.model.pane, Pane::Run);
    for size in [(80, 24), (120, 40), (200, 50)] {
        desk.tell(Msg::Resized(size.0, size.1));
        let before = standing(&desk);
        let mut commands = Vec::new();
        for (x, y) in cells(&desk.model) {
            if let Some(Hit::Command(command)) = ui::hit(&desk.model, x, y) {
                commands.push(command);
            }
            desk.tell(Msg::Clicked { x, y });
            // To another pane and back again is no change.
            desk.waiting.retain(|e| !matches!(e, Effect::LoadPlaybooks | Effect::ReadLog(None)));
            desk.waiting.retain(|e| !matches!(e, Effect::Ask(..) | Effect::Survey(_)));
            desk.model.pane = Pane::Run;
            desk.model.overlay = None;
            assert!(desk.model.set_aside || !desk.model.quitting, "at {x},{y}");
            desk.model.set_aside = true;
        }
        assert!(commands.contains(&Command::Abandon) && commands.contains(&Command::Decide));
        desk.waiting.clear();
        assert_eq!(standing(&desk), before, "{size:?}");
    }
    assert_eq!(desk.key_status(), KeyStatus::Active);
    // It is still there to be answered by the keys.
    desk.keys("enter");
    assert!(matches!(desk.model.overlay, Some(Overlay::Confirm(_))), "{}", desk.screen());
}
