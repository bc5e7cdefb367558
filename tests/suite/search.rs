//! Looking for words in what is on the screen, and the help.

use halon::{
    app::Msg,
    model::{Focus, Notice, Overlay, Page, Pane, Purpose},
};
use ratatui::style::Modifier;
use serde_json::json;

use super::stage::{Stage, guardduty};

fn stage(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(size, &["us-east-1"]);
    stage.identify();
    let more = json!({"title": "Żółw 日本 credentials", "service": {"count": 7}});
    let kind = "UnauthorizedAccess:IAMUser/TorIPCaller";
    stage.answer("us-east-1", vec![guardduty("f1", 8.0, kind, more)], vec![]);
    stage
}

/// The last line of the screen.
fn footer(stage: &Stage) -> String {
    stage.text().lines().last().unwrap_or_default().to_owned()
}

/// The texts on the screen that are underlined or, where the line was gone to, reversed.
fn lit(stage: &Stage) -> Vec<String> {
    let buffer = stage.buffer();
    let mut found = Vec::new();
    for y in 2..buffer.area.height - 2 {
        let mut run = String::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let lit = cell.modifier.intersects(Modifier::UNDERLINED | Modifier::REVERSED);
            if lit {
                run += cell.symbol();
            } else if !run.is_empty() {
                found.push(std::mem::take(&mut run));
            }
        }
    }
    found
}

#[test]
fn a_detail_is_searched_while_it_is_typed() {
    let mut stage = stage((80, 24));
    stage.keys("enter /");
    assert!(stage.model.is_typing());
    stage.typed("IAMUSER");
    assert_eq!(lit(&stage)[0], "IAMUser", "whatever the case is");
    assert!(footer(&stage).starts_with(" search: IAMUSER"), "{}", footer(&stage));
    stage.keys("enter");
    assert!(!stage.model.is_typing());
    assert!(footer(&stage).contains("1 of 1 lines · n next"), "{}", footer(&stage));
    // Wide characters before it do not move it.
    stage.keys("/");
    stage.typed("credentials");
    assert_eq!(lit(&stage)[0], "credentials");
    stage.keys("ctrl-u");
    stage.typed("żółw 日");
    assert_eq!(lit(&stage)[0].replace(' ', ""), "Żółw日");
    stage.keys("esc");
    assert!(footer(&stage).contains("“IAMUSER”"), "the search before it is back");
    stage.keys("esc");
    assert_eq!((lit(&stage).len(), stage.model.focus), (0, Focus::Detail), "only the search ended");
    stage.keys("esc");
    assert_eq!(stage.model.focus, Focus::List);
}

#[test]
fn n_goes_on_round_and_round_and_means_its_own_again_afterwards() {
    let mut stage = stage((80, 16));
    stage.keys("enter w /");
    stage.typed("\"");
    stage.keys("enter");
    let line = |stage: &Stage| stage.model.search.as_ref().expect("a search").line;
    let (first, all) = (line(&stage), halon::ui::matches(&stage.model));
    assert!(all.len() > 20, "more than a page: {all:?}");
    stage.keys("n n");
    assert_eq!(line(&stage), all[2]);
    stage.keys("N N N");
    assert_eq!(line(&stage), *all.last().expect("some"), "round and round");
    assert!(stage.model.detail.scroll > 0, "and it is on the screen");
    stage.keys("n");
    assert_eq!((line(&stage), stage.model.detail.scroll), (first, 0));
    stage.keys("esc n");
    assert!(
        matches!(&stage.model.overlay, Some(Overlay::Form(f)) if matches!(f.purpose, Purpose::Mark(_))),
        "n marks for the timeline where nothing is looked for"
    );
}

#[test]
fn what_is_not_there_is_said_and_nothing_moves() {
    let mut stage = stage((80, 16));
    stage.keys("enter w j j /");
    stage.typed("no such thing");
    stage.keys("enter");
    assert_eq!(stage.model.detail.scroll, 2);
    assert!(matches!(&stage.model.notice, Some(Notice::Done(what)) if what.contains("matches")));
    assert!(footer(&stage).contains("0 lines"), "{}", footer(&stage));
    // Nothing typed is nothing looked for.
    stage.keys("esc / enter");
    assert!(stage.model.search.is_none());
    stage.keys("/");
    stage.tell(Msg::Pasted("f1\u{1b}[2J\nmore".to_owned()));
    assert_eq!(stage.model.search.as_ref().map(|s| s.text.as_str()), Some("f1[2J"));
}

#[test]
fn a_text_over_the_screen_is_searched_and_another_one_is_not() {
    let mut stage = stage((80, 24));
    stage.keys("? /");
    stage.typed("clipboard");
    stage.keys("enter");
    assert!(!lit(&stage).is_empty());
    stage.keys("g g n");
    assert!(stage.model.search.is_some());
    stage.keys("esc esc H");
    assert!(stage.model.search.is_none());
    assert!(!lit(&stage).iter().any(|l| l.contains("lipboard")), "{:?}", lit(&stage));
    // A list has no text.
    stage.keys("esc");
    assert_eq!(stage.model.text_place(), None);
}

#[test]
fn a_search_ends_with_its_text() {
    let mut stage = stage((80, 24));
    stage.keys("enter /");
    stage.typed("severity");
    stage.keys("enter 3");
    assert_eq!(stage.model.pane, Pane::Audit);
    assert!(stage.model.search.is_none());
}

#[test]
fn the_help_is_about_where_one_is_and_says_what_does_not_work() {
    let mut stage = stage((120, 200));
    stage.keys("?");
    let text = stage.text();
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} is not in\n{text}"));
    let order = [
        "Here (findings)",
        "What is shown, and in which order",
        "Being armed",
        "Moving about",
        "Places",
        "Halon itself",
        "Signs in the list",
        "Elsewhere",
    ];
    assert!(order.map(place).is_sorted(), "{text}");
    let line = |what: &str| text.lines().find(|l| l.contains(what)).unwrap_or_default();
    assert!(line("Disarm: back to safe").contains("(not now: not armed)"), "{text}");
    assert!(line("Run the plan, step by step").contains("(works on a plan)"), "{text}");
    assert!(place("Ask for the next band") < place("Elsewhere"));
    assert!(place("Run the plan") > place("Elsewhere"));
    stage.keys("esc enter ?");
    assert!(stage.text().contains("Here (detail)"));
}

#[test]
fn the_help_of_a_menu_leads_back_to_it() {
    let mut stage = stage((100, 60));
    stage.model.overlay = Some(Overlay::Watches(0));
    stage.keys("?");
    assert!(matches!(stage.model.overlay, Some(Overlay::Text(Page::Help, _))));
    assert!(stage.text().contains("Here (watches)"), "{}", stage.text());
    stage.keys("? esc");
    assert!(matches!(stage.model.overlay, Some(Overlay::Watches(_))), "{:?}", stage.model.overlay);
}

#[test]
fn playbooks_are_filtered() {
    let mut stage = stage((80, 24));
    let shipped = halon::playbook::shipped().iter().map(|(id, text)| halon::playbook::Loaded {
        id: (*id).to_owned(),
        file: format!("{id}.toml"),
        path: None,
        playbook: halon::playbook::Playbook::read(id, text).map(Into::into),
    });
    let all: Vec<_> = shipped.collect();
    stage.keys("p");
    stage.tell(Msg::PlaybooksLoaded(all));
    let rows = |stage: &Stage| stage.model.shelf_rows().len();
    let before = rows(&stage);
    stage.keys("/");
    stage.typed("archive");
    stage.keys("enter");
    assert!((1..before).contains(&rows(&stage)), "{}", stage.text());
    assert!(stage.text().contains("“archive”"));
    stage.keys("esc");
    assert_eq!((rows(&stage), stage.model.pane), (before, Pane::Playbooks));
    stage.keys("esc");
    assert_eq!(stage.model.pane, Pane::Findings);
}
