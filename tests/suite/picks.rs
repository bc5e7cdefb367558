//! Several findings at once, filters under a name, and the way that one came.

use halon::{
    app::{Effect, Msg},
    case::View,
    domain::Band,
    model::{Model, Notice, Overlay, Pane, Purpose, SavedFilter, Setup},
    playbook::{Loaded, Playbook, shipped},
    ui::crumbs::crumbs,
};
use serde_json::json;

use super::stage::{Stage, guardduty};

fn filled(mut stage: Stage) -> Stage {
    stage.identify();
    let finding = |id: &str, severity, user: &str, account: &str| {
        guardduty(
            id,
            severity,
            "UnauthorizedAccess:IAMUser/TorIPCaller",
            json!({"accountId": account,
                "resource": {"accessKeyDetails": {"userName": user}}}),
        )
    };
    stage.answer(
        "us-east-1",
        vec![
            finding("f1", 8.3, "ci-deploy", "111122223333"),
            finding("f2", 8.2, "ci-deploy", "111122223333"),
            finding("f3", 8.1, "somebody", "444455556666"),
            finding("f4", 5.0, "ci-deploy", "111122223333"),
        ],
        vec![],
    );
    stage
}

fn stage() -> Stage {
    filled(Stage::new((80, 24), &["us-east-1"]))
}

fn ids(model: &Model) -> Vec<&str> {
    model.chosen().into_iter().map(|f| f.main().id.raw()).collect()
}

fn summary(stage: &Stage) -> String {
    stage.text().lines().nth(1).unwrap_or_default().to_owned()
}

fn field(stage: &Stage, name: &str) -> String {
    match &stage.model.overlay {
        Some(Overlay::Form(form)) => {
            let field = form.fields.iter().find(|f| f.name == name);
            field.unwrap_or_else(|| panic!("no {name}")).input.value().to_owned()
        }
        other => panic!("no form but {other:?}"),
    }
}

fn with_playbooks(stage: &mut Stage) {
    let read = |(id, text): &(&str, &str)| Loaded {
        id: (*id).to_owned(),
        file: format!("{id}.toml"),
        path: None,
        playbook: Playbook::read(id, text).map(Into::into),
    };
    stage.tell(Msg::PlaybooksLoaded(shipped().iter().map(read).collect()));
}

#[test]
fn space_picks_and_goes_on_and_the_summary_counts() {
    let mut stage = stage();
    assert_eq!(ids(&stage.model), ["f1"], "without a pick the one under the cursor");
    stage.keys("space");
    assert_eq!((ids(&stage.model), stage.model.cursor), (vec!["f1"], 1));
    stage.keys("j space");
    assert_eq!(ids(&stage.model), ["f1", "f3"]);
    assert!(summary(&stage).contains("2 PICKED"), "{}", summary(&stage));
    let rows: Vec<String> = stage.text().lines().map(ToOwned::to_owned).collect();
    let picked = rows.iter().filter(|row| row.starts_with('✓')).count();
    assert_eq!(picked, 2, "{rows:#?}");
    stage.keys("space");
    assert_eq!(ids(&stage.model), ["f1"], "the same key takes it back");
    stage.keys("ctrl-a");
    assert_eq!(ids(&stage.model), ["f1", "f2", "f3"]);
    stage.keys("U");
    assert_eq!(ids(&stage.model), ["f3"]);
    assert!(!stage.text().contains('✓') && !summary(&stage).contains("PICKED"));
    stage.keys("U");
    assert_eq!(stage.model.notice, Some(Notice::Done("pick none: nothing is picked".to_owned())));
}

#[test]
fn what_is_picked_stays_picked_behind_a_filter_and_that_is_said() {
    let mut stage = stage();
    stage.keys("ctrl-a /");
    stage.typed("somebody");
    stage.keys("enter");
    assert_eq!(ids(&stage.model), ["f3", "f1", "f2"]);
    assert!(summary(&stage).contains("3 PICKED, 2 of them not shown"), "{}", summary(&stage));
    // Who looks into one means that one.
    stage.keys("enter");
    assert_eq!(ids(&stage.model), ["f3"]);
}

#[test]
fn the_new_mark_is_taken_off_all_of_them_at_once() {
    let mut stage = stage();
    stage.keys("space space m");
    let seen = stage.effects.iter().rev().find_map(|e| match e {
        Effect::MarkSeen(marks) => Some(marks.len()),
        _ => None,
    });
    assert_eq!(seen, Some(2));
    let new: Vec<bool> = stage
        .model
        .list
        .rows
        .iter()
        .map(|row| stage.model.is_new(stage.model.finding(*row)))
        .collect();
    assert_eq!(new, [false, false, true]);
}

#[test]
fn all_of_them_are_marked_for_the_timeline_with_one_note() {
    let mut stage = stage();
    stage.keys("ctrl-a n");
    assert!(stage.text().contains("3 findings"), "{}", stage.text());
    stage.typed("together");
    stage.keys("enter");
    let marks = stage.effects.iter().find_map(|e| match e {
        Effect::Mark(marks) => Some(marks),
        _ => None,
    });
    let marks = marks.expect("marked");
    assert_eq!(marks.len(), 3);
    assert!(marks.iter().all(|mark| mark.note == "together"));
}

#[test]
fn a_playbook_is_filled_in_from_all_of_them() {
    let mut stage = stage();
    with_playbooks(&mut stage);
    stage.keys("ctrl-a :");
    stage.typed("archive-findings");
    stage.keys("enter");
    assert_eq!(field(&stage, "findings"), "f1,f2,f3");
    assert!(stage.text().contains("3 findings are picked"), "{}", stage.text());
    // What only some of them say is nobody's guess.
    stage.keys("esc :");
    stage.typed("contain-user");
    stage.keys("enter");
    assert_eq!(field(&stage, "user"), "");
    stage.keys("esc 1 U home space space :");
    assert_eq!(stage.model.chosen().len(), 2);
    stage.typed("contain-user");
    stage.keys("enter");
    assert_eq!(field(&stage, "user"), "ci-deploy");
}

#[test]
fn a_filter_is_saved_recalled_and_dropped() {
    let mut stage = stage();
    stage.keys("F");
    assert!(matches!(&stage.model.notice, Some(Notice::Done(w)) if w.contains("no filter")));
    stage.keys("s r /");
    stage.typed("deploy");
    stage.keys("enter S");
    let view = stage.model.view.clone();
    stage.typed("the usual");
    stage.keys("enter");
    let saved = vec![SavedFilter { name: "the usual".to_owned(), view: view.clone() }];
    let kept = |stage: &Stage| {
        stage.effects.iter().rev().find_map(|e| match e {
            Effect::KeepFilters(saved) => Some(saved.clone()),
            _ => None,
        })
    };
    assert_eq!(kept(&stage), Some(saved));
    stage.keys("x esc 4 g s");
    assert!(stage.text().contains("the usual") && stage.text().contains("medium or above"));
    stage.keys("enter");
    assert_eq!((stage.model.pane, &stage.model.view), (Pane::Findings, &view));
    assert!(stage.model.overlay.is_none());
    // From the palette too.
    stage.keys("x :");
    stage.typed("the usual");
    stage.keys("enter");
    assert_eq!(stage.model.view, view);
    stage.keys("F x");
    assert_eq!(kept(&stage), Some(Vec::new()));
    assert!(stage.model.overlay.is_none() && stage.model.saved.is_empty());
}

#[test]
fn a_name_is_one_line_and_a_filter_of_the_same_name_is_replaced() {
    let mut stage = stage();
    stage.keys("S");
    stage.typed(" ");
    stage.keys("enter");
    assert!(matches!(&stage.model.overlay, Some(Overlay::Form(f)) if f.trouble.is_some()));
    stage.keys("ctrl-u");
    stage.typed("mine");
    stage.keys("enter s S");
    stage.typed("mine");
    stage.keys("enter");
    assert_eq!(stage.model.saved.len(), 1);
    assert_eq!(stage.model.saved[0].view.filter.at_least, Band::Medium);
}

#[test]
fn filters_of_earlier_times_are_there() {
    let saved = vec![SavedFilter { name: "old".to_owned(), view: View::default() }];
    let setup = Setup { saved: saved.clone(), ..Setup::plain() };
    let mut stage = filled(Stage::with(setup, (80, 24), &["us-east-1"]));
    assert_eq!(stage.model.saved, saved);
    stage.keys("F");
    insta::assert_snapshot!(stage.text());
}

#[test]
fn the_way_that_one_came_stands_before_the_summary() {
    let mut stage = stage();
    assert!(crumbs(&stage.model, 80).is_empty(), "nothing led to the start");
    // What the trail was asked stands first where there is little room.
    stage.keys("e");
    assert!(summary(&stage).starts_with(" key AKIA"), "{}", summary(&stage));
    stage.model.size = (140, 28);
    assert!(summary(&stage).starts_with(" findings › trail ·"), "{}", summary(&stage));
    stage.keys("i");
    stage.keys("5");
    assert!(summary(&stage).starts_with(" findings › trail › iam ·"), "{}", summary(&stage));
    stage.keys("esc");
    assert!(summary(&stage).starts_with(" findings › trail ·"), "{}", summary(&stage));
    stage.keys("esc enter");
    assert!(summary(&stage).starts_with(" findings › finding ·"), "{}", summary(&stage));
}

#[test]
fn a_long_way_is_cut_at_its_beginning() {
    let mut stage = stage();
    stage.model.size = (60, 16);
    stage.keys("2 3 4 5 6");
    let line = summary(&stage);
    assert!(line.starts_with(" … › iam › organization ·"), "{line}");
    let all = crumbs(&stage.model, 240);
    assert_eq!(all.len(), 6);
    assert_eq!((all[0].pane, all[0].x), (Some(Pane::Findings), 1));
    assert_eq!(all[1].x, 1 + "findings › ".chars().count() as u16);
    stage.model.size = (24, 8);
    assert!(stage.text().contains("organization"));
}

#[test]
fn the_form_of_several_marks_is_about_them() {
    let mut stage = stage();
    stage.keys("space space n");
    match &stage.model.overlay {
        Some(Overlay::Form(form)) => {
            assert!(matches!(&form.purpose, Purpose::Mark(marks) if marks.len() == 2));
        }
        other => panic!("no form but {other:?}"),
    }
}
