//! What leaves the console by its own keys: copied, exported, opened elsewhere.

use halon::{
    app::{Effect, Msg},
    domain::{Fault, FaultKind, Source},
    model::out::{Format, Listed},
};
use serde_json::json;

use super::stage::{Stage, guardduty};

/// What somebody else named: a formula, an escape, a quote.
const HOSTILE: &str = "=cmd('\u{1b}]0;x\u{7}')";

fn stage(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(size, &["us-east-1"]);
    stage.identify();
    stage.answer(
        "us-east-1",
        vec![
            guardduty("f1", 8.5, "UnauthorizedAccess:IAMUser/TorIPCaller", json!({})),
            guardduty(
                "f2",
                8.0,
                "Persistence:IAMUser/AnomalousBehavior",
                json!({"title": HOSTILE}),
            ),
        ],
        vec![],
    );
    stage
}

fn copied(stage: &Stage) -> &str {
    match stage.effects.last() {
        Some(Effect::Copy(text)) => text,
        other => panic!("not copied: {other:?}; {}", stage.text()),
    }
}

#[test]
fn y_begins_and_the_box_says_what_can_follow() {
    let mut stage = stage((80, 24));
    stage.keys("y");
    let text = stage.text();
    for said in ["Copy the id", "Copy the ARN", "Copy the JSON", "Copy the text", "AWS CLI command"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!stage.effects.iter().any(|e| matches!(e, Effect::Copy(_))));
}

#[test]
fn a_finding_is_copied_in_every_form_and_the_notice_says_which() {
    let mut stage = stage((100, 30));
    stage.keys("y y");
    assert_eq!(copied(&stage), "f1");
    assert!(stage.text().contains("finding's id sent to the terminal's clipboard"));
    stage.keys("y a");
    let arn = "arn:aws:guardduty:us-east-1:111122223333:detector/d0/finding/f1";
    assert_eq!(copied(&stage), arn);
    stage.keys("y j");
    let read: serde_json::Value = serde_json::from_str(copied(&stage)).expect("JSON");
    assert_eq!(read["id"], json!("f1"));
    stage.keys("y c");
    assert_eq!(
        copied(&stage),
        "aws guardduty get-findings --region us-east-1 --detector-id d0 --finding-ids f1"
    );
    stage.keys("y t");
    let text = copied(&stage).to_owned();
    assert!(text.contains("Title of f1") && text.contains("severity    HIGH 8.5"), "{text}");
    assert!(stage.text().contains("text sent to"));
}

#[test]
fn picked_findings_are_copied_line_by_line_and_exported_alone() {
    let mut stage = stage((100, 30));
    stage.keys("space j space y y");
    assert_eq!(copied(&stage), "f1\nf2");
    assert!(stage.text().contains("finding's id, 2 lines, sent to"), "{}", stage.text());
    stage.keys("y c");
    assert_eq!(copied(&stage).lines().count(), 2);
}

#[test]
fn what_others_wrote_is_copied_as_text_through_the_sanitiser() {
    let mut stage = stage((80, 24));
    stage.keys("j y t");
    assert!(copied(&stage).contains("␛]0;x␇") && !copied(&stage).contains('\u{1b}'));
}

#[test]
fn what_is_too_long_for_terminals_says_so() {
    let mut stage = Stage::new((80, 24), &["us-east-1"]);
    stage.identify();
    let long = json!({"description": "x".repeat(80_000)});
    stage.answer("us-east-1", vec![guardduty("f1", 8.0, "A:B/C", long)], vec![]);
    stage.keys("y j");
    assert!(copied(&stage).len() > 80_000);
    let notice = stage.text();
    assert!(notice.contains("bytes: terminals may cut it at 74994"), "{notice}");
}

#[test]
fn the_list_on_the_screen_is_exported_with_its_filter() {
    let mut stage = stage((80, 24));
    stage.keys("/");
    stage.typed("persistence");
    stage.keys("enter ctrl-e");
    let form = stage.text();
    assert!(form.contains("Write the list to a file: findings, 1 lines"), "{form}");
    assert!(form.contains("halon-findings-20260302T031000Z"), "{form}");
    // A format that there is not; then one that there is.
    stage.typed("x");
    stage.keys("enter enter");
    assert!(stage.text().contains("expected csv, json or markdown"), "{}", stage.text());
    stage.keys("backspace enter enter");
    let Some(Effect::Export { listed, format, file, as_of }) = stage.effects.last() else {
        panic!("not exported: {:?}", stage.effects.last())
    };
    assert_eq!((*format, file.as_str()), (Format::Csv, "halon-findings-20260302T031000Z.csv"));
    assert_eq!(listed.len(), 1);
    let written = listed.table().write(*format, *as_of);
    assert_eq!(written.neutralised, 1, "{}", written.text);
    assert!(written.text.contains("'=cmd('␛]0;x␇')"), "{}", written.text);
    assert_eq!(written.text.lines().count(), 2, "{}", written.text);
    let table = listed.table();
    assert_eq!((table.schema, &table.items[0]["id"]), ("halon.findings/1", &json!("f2")));
    stage.tell(Msg::Exported(Ok("findings written to x.csv: 1 lines".to_owned())));
    assert!(stage.text().contains("written to x.csv"));
    let fault =
        Fault::new(FaultKind::Local, "not written: x.csv").with_cause("it is there already");
    stage.tell(Msg::Exported(Err(fault)));
    assert!(stage.text().contains("it is there already"));
}

#[test]
fn an_incomplete_list_is_exported_as_one() {
    let mut stage = Stage::new((80, 24), &["us-east-1"]);
    stage.identify();
    stage.page(Source::GuardDuty, "us-east-1", vec![guardduty("f1", 8.0, "A:B/C", json!({}))]);
    let fault = Fault::new(FaultKind::Local, "a page was lost");
    stage.failed(Source::SecurityHub, "us-east-1", fault);
    stage.done(Source::GuardDuty, "us-east-1", vec![]);
    stage.keys("ctrl-e enter enter");
    let Some(Effect::Export { listed, .. }) = stage.effects.last() else { panic!("not exported") };
    let table = listed.table();
    assert!(!table.is_complete() && matches!(**listed, Listed::Findings { .. }));
    let json = table.write(Format::Json, stage.model.now).text;
    assert!(json.contains("\"complete\": false") && json.contains("a page was lost"), "{json}");
}

#[test]
fn an_empty_list_and_a_text_are_not_exported() {
    let mut stage = Stage::new((80, 24), &["us-east-1"]);
    stage.keys("ctrl-e");
    assert!(stage.text().contains("nothing is listed"), "{}", stage.text());
    stage.keys("? ctrl-e");
    assert!(stage.text().contains("this is a text and no list"), "{}", stage.text());
}

#[test]
fn the_page_in_the_aws_console_is_opened_or_its_address_copied() {
    let mut stage = stage((200, 24));
    stage.keys("ctrl-o");
    let url =
        "https://console.aws.amazon.com/guardduty/home?region=us-east-1#/findings?search=id%3Df1";
    assert_eq!(stage.effects.last(), Some(&Effect::Browse(url.to_owned())));
    stage.tell(Msg::Browsed { url: url.to_owned(), failed: None });
    assert!(stage.text().contains("opened in the browser"), "{}", stage.text());
    let failed = Some("no browser over ssh".to_owned());
    stage.tell(Msg::Browsed { url: url.to_owned(), failed });
    assert_eq!(copied(&stage), url);
    assert!(
        stage.text().contains("no browser over ssh") && stage.text().contains("search=id%3Df1")
    );
}

#[test]
fn a_text_is_read_in_the_pager_and_a_playbook_edited() {
    let mut stage = stage((100, 30));
    stage.keys("w |");
    let Some(Effect::Page(text)) = stage.effects.last() else { panic!("not shown") };
    assert!(text.contains("\"id\": \"f1\"") && !text.contains('\u{1b}'), "{text}");
    let all = halon::runtime::load_playbooks(None);
    stage.keys("g p");
    stage.tell(Msg::PlaybooksLoaded(all));
    stage.keys("E");
    let form = stage.text();
    assert!(form.contains("is shipped with halon: edit a copy of your own"), "{form}");
    stage.keys("enter");
    let Some(Effect::Edit(loaded)) = stage.effects.last() else { panic!("{}", stage.text()) };
    assert!(loaded.path.is_none());
    stage.tell(Msg::CameBack(Ok(Some("mine.toml".to_owned()))));
    assert_eq!(stage.effects.last(), Some(&Effect::LoadPlaybooks));
    assert!(stage.text().contains("read again: mine.toml"), "{}", stage.text());
}
