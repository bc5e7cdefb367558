//! The palette, from the keyboard.

use halon::{
    app::{Effect, Msg},
    case::{Filter, look_up},
    domain::{Band, Status, event::Event},
    input::{Command, Keymap, SHIPPED},
    model::{Focus, Goal, Model, Notice, Overlay, Palette, Pane, Purpose, Setup},
    playbook::{Loaded, Playbook, shipped},
};
use serde_json::json;

use super::stage::{Stage, guardduty};

fn stage(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(size, &["us-east-1"]);
    stage.identify();
    let finding = |id: &str, severity, kind: &str, account: &str| {
        guardduty(id, severity, kind, json!({"accountId": account, "title": format!("About {id}")}))
    };
    stage.answer(
        "us-east-1",
        vec![
            finding("f1", 8.0, "UnauthorizedAccess:IAMUser/TorIPCaller", "111122223333"),
            finding("f2", 8.5, "Persistence:IAMUser/AnomalousBehavior", "444455556666"),
            finding("f3", 2.0, "Recon:EC2/Portscan", "444455556666"),
        ],
        vec![],
    );
    stage
}

fn palette(stage: &Stage) -> &Palette {
    match &stage.model.overlay {
        Some(Overlay::Palette(palette)) => palette,
        other => panic!("no palette but {other:?}"),
    }
}

fn names(stage: &Stage) -> Vec<&str> {
    palette(stage).rows.iter().map(|row| row.name.as_str()).collect()
}

fn done(model: &Model) -> &str {
    match &model.notice {
        Some(Notice::Done(what)) => what,
        other => panic!("no such notice: {other:?}"),
    }
}

#[test]
fn every_command_is_in_it_the_usable_ones_first_and_the_others_say_why() {
    let mut stage = stage((80, 24));
    stage.keys(":");
    let rows = &palette(&stage).rows;
    for command in Command::ALL.iter().filter(|c| **c != Command::Palette) {
        let found = rows
            .iter()
            .find(|row| matches!(&row.goal, Goal::Command(c) | Goal::Place(c) if c == command));
        let row = found.unwrap_or_else(|| panic!("{command:?} is not in it"));
        assert!(row.why.is_some() || !row.keys.is_empty(), "{command:?} shows no key");
    }
    let first_unusable = rows.iter().position(|row| row.why.is_some()).expect("some are not");
    assert!(rows[first_unusable..].iter().all(|row| row.why.is_some()));
    let why = |name: &str| rows.iter().find(|r| r.name == name).and_then(|r| r.why.as_deref());
    assert_eq!(why("same-key"), Some("works on the trail or in the menu of what is the same"));
    assert_eq!(why("disarm"), Some("not armed"));
    assert_eq!(why("severity"), None);
}

#[test]
fn a_place_is_gone_to_by_its_alias() {
    let mut stage = stage((80, 24));
    for (typed, pane) in [
        ("t", Pane::Trail),
        ("iam", Pane::Iam),
        ("p", Pane::Playbooks),
        ("org", Pane::Organization),
        (":a", Pane::Audit),
        ("f", Pane::Findings),
    ] {
        stage.keys("ctrl-p");
        stage.typed(typed);
        stage.keys("enter");
        assert_eq!(stage.model.pane, pane, "{typed}");
        assert!(stage.model.overlay.is_none(), "{typed}");
    }
}

#[test]
fn a_command_is_done_and_one_of_elsewhere_says_where_it_works() {
    let mut stage = stage((80, 24));
    stage.keys(":");
    stage.typed("severity");
    stage.keys("enter");
    assert_eq!(stage.model.view.filter.at_least, Band::Medium);
    stage.keys(":");
    stage.typed("same-key");
    stage.keys("enter");
    assert!(stage.model.overlay.is_none());
    assert!(done(&stage.model).starts_with("same-key: works on the trail"));
    stage.keys(":");
    stage.typed("disarm");
    stage.keys("enter");
    assert_eq!(done(&stage.model), "disarm: not armed");
}

#[test]
fn what_it_lies_over_comes_back_so_that_its_commands_can_be_given() {
    let mut stage = stage((80, 24));
    stage.model.overlay = Some(Overlay::Leave);
    stage.keys(":");
    assert!(matches!(stage.model.overlay_below(), Some(Overlay::Leave)));
    stage.keys("esc");
    assert!(matches!(stage.model.overlay, Some(Overlay::Leave)), "as it was");
    stage.keys("ctrl-p");
    stage.typed("wait");
    stage.keys("enter");
    assert!(stage.model.overlay.is_none(), "the operator waits");

    stage.keys("H");
    stage.keys(":");
    assert!(matches!(stage.model.overlay_below(), Some(Overlay::Text(..))));
    stage.typed("back");
    stage.keys("enter");
    assert!(stage.model.overlay.is_none(), "the text was closed, and not the finding behind it");
}

#[test]
fn the_menu_of_what_is_the_same_is_reached() {
    let mut stage = stage((80, 24));
    stage.keys("e");
    assert_eq!(stage.model.pane, Pane::Trail);
    let event = r#"{"eventID":"11111111-2222-3333-4444-555555555555","eventName":"GetUser",
        "eventSource":"iam.amazonaws.com","eventTime":"2026-03-02T03:00:00Z",
        "awsRegion":"us-east-1","recipientAccountId":"111122223333","userIdentity":{
        "type":"IAMUser","userName":"ci-deploy","accessKeyId":"AKIAI44QH8DHBEXAMPLE"}}"#;
    let event = Event::read(event, None).expect("an event");
    stage.model.trail.sight.found.events = vec![event.into()];
    stage.keys("s ctrl-p");
    stage.typed("same-user");
    stage.keys("enter");
    let asked = stage.model.trail.sight.asked.as_ref().expect("a question");
    assert_eq!(asked.by, [halon::domain::event::By::User("ci-deploy".to_owned())]);
    assert!(stage.model.overlay.is_none());
}

#[test]
fn a_finding_is_found_whatever_hides_it_and_opened() {
    let mut stage = stage((80, 24));
    stage.keys("/");
    stage.typed("nothing like it");
    stage.keys("enter :");
    stage.typed("portscan");
    assert_eq!(names(&stage)[0], "Recon:EC2/Portscan");
    stage.keys("enter");
    assert_eq!((stage.model.pane, stage.model.focus), (Pane::Findings, Focus::Detail));
    assert_eq!(stage.model.current().map(|f| f.main().id.raw()), Some("f3"));
    assert_eq!(stage.model.view.filter.at_least, Band::Low);
    assert_eq!(stage.model.view.filter.status, Status::All);
    // One that is shown already leaves the filter as it is.
    stage.model.view.filter = Filter::default();
    stage.keys("esc :");
    stage.typed("about f2");
    stage.keys("enter");
    assert_eq!(stage.model.current().map(|f| f.main().id.raw()), Some("f2"));
    assert_eq!(stage.model.view.filter, Filter::default());
}

#[test]
fn an_account_shows_its_findings() {
    let mut stage = stage((80, 24));
    stage.keys(":");
    stage.typed("444455556666");
    assert_eq!(palette(&stage).rows[0].goal, Goal::Account("444455556666".parse().expect("an id")));
    stage.keys("enter");
    let shown: Vec<&str> =
        stage.model.list.rows.iter().map(|r| stage.model.finding(*r).main().id.raw()).collect();
    assert_eq!(shown, ["f2"]);
}

#[test]
fn playbooks_ask_for_their_inputs_and_broken_ones_say_what_is_wrong() {
    let mut stage = stage((80, 24));
    let (id, text) = shipped().iter().find(|(id, _)| *id == "archive-findings").expect("shipped");
    let read = |id: &str, text: &str| Loaded {
        id: id.to_owned(),
        file: format!("{id}.toml"),
        path: None,
        playbook: Playbook::read(&format!("{id}.toml"), text).map(Into::into),
    };
    stage.tell(Msg::PlaybooksLoaded(vec![read(id, text), read("mine", "schema = 7\n")]));
    stage.keys(":");
    let broken = palette(&stage).rows.iter().find(|r| r.name == "mine").expect("listed");
    let why = broken.why.as_deref().unwrap_or_default();
    assert!(why.starts_with("broken: ") && why.contains(":1:"), "{why}");
    stage.typed("archive-f");
    stage.keys("enter");
    assert_eq!(stage.model.pane, Pane::Playbooks);
    match &stage.model.overlay {
        Some(Overlay::Form(form)) => {
            assert_eq!(form.purpose, Purpose::Inputs("archive-findings".to_owned()));
        }
        other => panic!("no form but {other:?}"),
    }
    stage.keys("esc :");
    stage.typed("mine");
    stage.keys("enter");
    let told = stage.model.notices.unread().next().expect("it is told");
    assert!(told.notice.text().contains("mine"), "{}", told.notice.text());
}

#[test]
fn enter_waits_for_what_is_being_looked_up() {
    let mut stage = stage((80, 24));
    stage.keys(":");
    // Typed faster than it is looked up: the answer comes after enter.
    let mut waiting = Vec::new();
    for c in "portscan".chars() {
        let key = halon::input::Key::char(c);
        waiting.extend(halon::app::update(&mut stage.model, Msg::KeyPressed(key)));
    }
    assert_eq!(waiting.len(), 1, "one at a time");
    stage.keys("enter");
    assert!(matches!(stage.model.overlay, Some(Overlay::Palette(_))), "nothing was done yet");
    assert!(!stage.model.is_idle());
    for effect in waiting {
        let Effect::LookUp { text, findings, survey } = effect else { panic!("{effect:?}") };
        assert_eq!(text, "p", "what was typed first");
        let found = look_up(&text, &findings, &survey);
        stage.tell(Msg::LookedUp { text, found });
    }
    assert_eq!(stage.model.current().map(|f| f.main().id.raw()), Some("f3"));
}

#[test]
fn what_is_typed_or_named_obeys_no_terminal() {
    let mut stage = Stage::new((60, 16), &["us-east-1"]);
    stage.identify();
    let kind = "Evil\u{1b}[2J\u{202e}Type";
    stage.answer("us-east-1", vec![guardduty("f1", 8.0, kind, json!({}))], vec![]);
    stage.keys("ctrl-p");
    stage.tell(Msg::Pasted("evil\u{1b}[31m\nsecond line".to_owned()));
    assert_eq!(palette(&stage).text(), "evil[31m");
    stage.keys("ctrl-u");
    stage.typed("evil");
    let text = stage.text();
    assert!(text.contains("Evil") && !text.contains('\u{1b}') && !text.contains('\u{202e}'));
}

#[test]
fn it_cannot_be_opened_over_a_line_that_is_typed_in() {
    let mut stage = stage((80, 24));
    stage.keys("/ :");
    assert!(
        matches!(&stage.model.overlay, Some(Overlay::Filter { input, .. }) if input.value() == ":")
    );
    stage.keys("esc ! :");
    assert!(
        matches!(&stage.model.overlay, Some(Overlay::Form(form)) if form.purpose == Purpose::Arm)
    );
}

#[test]
fn every_keymap_opens_it() {
    for (name, _) in SHIPPED {
        let mut stage = Stage::with(Setup::plain(), (80, 24), &["us-east-1"]);
        stage.model.keymap = Keymap::of(name).expect("shipped");
        stage.keys(if name == "emacs" { "alt-x" } else { "ctrl-p" });
        assert!(matches!(stage.model.overlay, Some(Overlay::Palette(_))), "{name}");
    }
}

#[test]
fn it_is_drawn_at_every_size() {
    for size in [(80, 24), (60, 16), (24, 8), (200, 50)] {
        let mut stage = stage(size);
        stage.keys(": a");
        let text = stage.text();
        assert!(text.contains(": a"), "{text}");
        if size == (80, 24) || size == (60, 16) {
            insta::assert_snapshot!(format!("{}x{}", size.0, size.1), text);
        }
    }
}

#[test]
fn a_long_queue_is_looked_up_beside_the_loop_and_only_the_best_are_listed() {
    let mut stage = Stage::new((80, 24), &["us-east-1"]);
    stage.identify();
    let records = (0..2_000)
        .map(|n| guardduty(&format!("f{n:05}"), 8.0, "Recon:EC2/Portscan", json!({"title": "x"})));
    stage.answer("us-east-1", records.collect(), vec![]);
    stage.keys("ctrl-p");
    let key = halon::input::Key::char('f');
    let effects = halon::app::update(&mut stage.model, Msg::KeyPressed(key));
    let [Effect::LookUp { findings, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert!(palette(&stage).rows.iter().all(|row| !matches!(row.goal, Goal::Finding(_))));
    let found = look_up("f01999", findings, &Default::default());
    assert_eq!(found.len(), 1);
    let found = look_up("f0", findings, &Default::default());
    assert_eq!(found.len(), 100, "nobody reads on");
    assert!(found.is_sorted_by_key(|hit| std::cmp::Reverse(hit.score)));
}
