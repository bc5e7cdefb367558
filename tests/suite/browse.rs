//! The findings pane, from the keyboard.

use halon::{
    app::{Effect, Msg},
    domain::{Answer, Fault, FaultKind, Gap, Query, Source, Status},
    model::Focus,
};
use serde_json::json;

use super::stage::{Stage, copy_of, guardduty, region};

/// Four findings, one of them in both services, one below the default severity.
fn stage(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(size, &["us-east-1"]);
    stage.identify();
    stage.answer(
        "us-east-1",
        vec![
            guardduty("f1", 8.0, "UnauthorizedAccess:IAMUser/TorIPCaller", json!({})),
            guardduty("f2", 9.3, "AttackSequence:IAM/CompromisedCredentials", json!({
                "createdAt": "2026-02-28T02:00:00Z",
                "service": {"eventFirstSeen": "2026-02-28T02:00:00Z",
                    "detection": {"sequence": {"signals": [{"uid": "f3"}]}}}})),
            guardduty("f3", 7.5, "Persistence:IAMUser/AnomalousBehavior", json!({
                "accountId": "444455556666",
                "associatedAttackSequenceArn": "arn:aws:guardduty:us-east-1:111122223333:detector/d0/finding/f2"})),
            guardduty("f4", 5.0, "Recon:EC2/Portscan", json!({})),
        ],
        vec![copy_of("f1", "HIGH", json!({}))],
    );
    stage
}

fn shown(stage: &Stage) -> Vec<&str> {
    stage.model.list.rows.iter().map(|r| stage.model.finding(*r).main().id.raw()).collect()
}

#[test]
fn the_worst_comes_first_and_signals_stand_below_their_sequence() {
    let stage = stage((80, 24));
    assert_eq!(shown(&stage), ["f2", "f3", "f1"]);
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn two_columns_where_there_is_room() {
    insta::assert_snapshot!(stage((120, 40)).picture());
}

#[test]
fn a_finding_in_both_services_is_one_row_with_both_states() {
    let mut stage = stage((120, 40));
    let archived = json!({"service": {"archived": true}, "updatedAt": "2026-03-02T03:05:00Z"});
    stage.ticked("2026-03-02T03:11:00Z");
    stage.page(
        Source::GuardDuty,
        "us-east-1",
        vec![guardduty("f1", 8.0, "UnauthorizedAccess:IAMUser/TorIPCaller", archived)],
    );
    stage.done(Source::GuardDuty, "us-east-1", vec![]);
    assert_eq!(shown(&stage), ["f2", "f3", "f1"]);
    let row = stage.text().lines().find(|l| l.contains("HIGH 8.0")).map(ToOwned::to_owned);
    let row = row.expect("the row is shown");
    assert!(row.contains("arch new"), "{row}");
}

#[test]
fn enter_opens_back_closes_and_the_cursor_stays() {
    let mut stage = stage((80, 24));
    stage.keys("j j enter");
    assert_eq!(stage.model.focus, Focus::Detail);
    insta::assert_snapshot!(stage.text());
    stage.keys("w");
    assert!(
        stage.text().contains("\"awsApiCallAction\"")
            || stage.text().contains("\"accessKeyDetails\"")
    );
    stage.keys("G g g esc");
    assert_eq!(stage.model.focus, Focus::List);
    assert_eq!(stage.model.current().map(|f| f.main().id.raw()), Some("f1"));
}

#[test]
fn the_cursor_follows_its_finding_when_others_arrive() {
    let mut stage = stage((80, 24));
    stage.keys("j j");
    stage.ticked("2026-03-02T03:11:00Z");
    stage.page(
        Source::GuardDuty,
        "us-east-1",
        vec![guardduty("f9", 9.9, "Impact:S3/X", json!({}))],
    );
    assert_eq!(shown(&stage)[0], "f9");
    assert_eq!(stage.model.current().map(|f| f.main().id.raw()), Some("f1"));
}

#[test]
fn the_text_filter_follows_while_typing_and_esc_restores() {
    let mut stage = stage((80, 24));
    stage.keys("/");
    stage.typed("torip zz");
    assert_eq!(shown(&stage), Vec::<&str>::new());
    stage.keys("backspace backspace backspace");
    assert_eq!(shown(&stage), ["f1"]);
    insta::assert_snapshot!(stage.text().lines().take(2).collect::<Vec<_>>().join("\n"));
    stage.keys("enter");
    assert_eq!(shown(&stage), ["f1"]);
    stage.keys("/");
    stage.typed("zzz");
    stage.keys("esc");
    assert_eq!(shown(&stage), ["f1"], "the filter before it is back");
    stage.keys("esc");
    assert_eq!(shown(&stage), ["f2", "f3", "f1"]);
    stage.keys("/");
    stage.tell(Msg::Pasted("persist\nrm -rf /\u{1b}[2J".to_owned()));
    assert_eq!(stage.model.view.filter.text, "persist");
}

#[test]
fn filters_by_account_type_and_service() {
    let mut stage = stage((80, 24));
    stage.keys("a");
    assert_eq!(shown(&stage), ["f2", "f1"]);
    stage.keys("a");
    assert_eq!(shown(&stage), ["f3"]);
    stage.keys("a =");
    assert_eq!(shown(&stage).len(), 1, "only this type");
    stage.keys("x v v");
    assert_eq!(shown(&stage), ["f1"], "only what Security Hub knows");
    stage.keys("x o o o O");
    // By account, reversed; the signal stands below its sequence all the same.
    assert_eq!(shown(&stage), ["f1", "f2", "f3"]);
}

#[test]
fn a_lower_severity_is_asked_for_anew() {
    let mut stage = stage((80, 24));
    assert!(stage.asked.is_empty());
    stage.keys("s");
    assert_eq!(shown(&stage), ["f2", "f3", "f1", "f4"], "what is known shows at once");
    let asks: Vec<_> = stage
        .asked
        .iter()
        .filter_map(|(_, q)| match q {
            Query::Findings { ask, .. } => Some((ask.at_least.name(), ask.updated_since)),
            _ => None,
        })
        .collect();
    assert_eq!(asks, [("medium", None), ("medium", None)]);
    stage.keys("t");
    assert_eq!(stage.model.case.ask.status, Status::Archived);
}

#[test]
fn polling_asks_for_what_changed_since_the_newest_update_in_the_data() {
    let mut stage = stage((80, 24));
    stage.ticked("2026-03-02T03:10:29Z");
    assert!(stage.asked.is_empty());
    stage.ticked("2026-03-02T03:10:31Z");
    let asked: Vec<_> = stage.asked.iter().map(|(_, q)| q).collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    // 03:00 is the newest update seen; ten minutes of overlap.
    assert!(matches!(asked[0], Query::Findings { source: Source::GuardDuty, ask, .. }
        if ask.updated_since == Some(super::stage::at("2026-03-02T02:50:00Z"))));
}

#[test]
fn what_vanished_from_a_whole_list_is_read_again_by_id() {
    let mut stage = stage((80, 24));
    stage.keys("ctrl-r");
    stage.answer(
        "us-east-1",
        vec![guardduty("f1", 8.0, "UnauthorizedAccess:IAMUser/TorIPCaller", json!({}))],
        vec![copy_of("f1", "HIGH", json!({}))],
    );
    let reread = stage.asked.iter().find_map(|(t, q)| match q {
        Query::Reread { source: Source::GuardDuty, ids, .. } => Some((*t, ids.clone())),
        _ => None,
    });
    let (ticket, mut ids) = reread.expect("two findings vanished");
    ids.sort();
    assert_eq!(ids, ["f2".into(), "f3".into()]);
    let gone = guardduty(
        "f3",
        7.5,
        "Persistence:IAMUser/AnomalousBehavior",
        json!({
        "updatedAt": "2026-03-02T03:06:00Z", "service": {"archived": true}}),
    );
    stage.tell(Msg::Answered(ticket, Answer::Page { records: vec![gone] }));
    stage.tell(Msg::Answered(ticket, Answer::Done { gaps: vec![] }));
    assert_eq!(shown(&stage), ["f2", "f1"]);
}

#[test]
fn a_copy_without_its_original_has_the_original_read_by_id() {
    let mut stage = Stage::new((120, 40), &["us-east-1"]);
    stage.answer("us-east-1", vec![], vec![copy_of("f7", "HIGH", json!({}))]);
    let ticket = stage.take(|q| {
        matches!(q, Query::Reread { source: Source::GuardDuty, ids, .. }
        if *ids == ["f7".into()])
    });
    let original = guardduty("f7", 8.0, "Recon:IAMUser/X", json!({"service": {"archived": true}}));
    stage.tell(Msg::Answered(ticket, Answer::Page { records: vec![original] }));
    stage.tell(Msg::Answered(ticket, Answer::Done { gaps: vec![] }));
    assert!(stage.text().contains("arch new"), "{}", stage.text());
}

#[test]
fn four_states_are_four_words() {
    let mut stage = Stage::new((120, 40), &["eu-west-1", "us-east-1"]);
    stage.identify();
    let fault = |kind, what: &str| Fault::new(kind, what);
    stage.failed(
        Source::GuardDuty,
        "eu-west-1",
        fault(FaultKind::NotEnabled, "GuardDuty is not enabled here"),
    );
    stage.failed(
        Source::SecurityHub,
        "eu-west-1",
        fault(FaultKind::Denied, "GetFindings: AccessDenied"),
    );
    stage.page(Source::GuardDuty, "us-east-1", vec![guardduty("f1", 8.0, "A:B/C", json!({}))]);
    let gap = Gap {
        source: Source::GuardDuty.into(),
        account: "acme".into(),
        region: Some(region("us-east-1")),
        page: Some(2),
        why: fault(FaultKind::Service, "ListFindings: the service failed (HTTP 500)"),
    };
    stage.done(Source::GuardDuty, "us-east-1", vec![gap]);
    stage.failed(
        Source::SecurityHub,
        "us-east-1",
        fault(FaultKind::Timeout, "GetFindings: no answer"),
    );
    assert!(stage.text().contains("INCOMPLETE"), "{}", stage.text());
    stage.keys("H");
    let text = stage.text();
    for word in ["not enabled", "no access", "partial", "not checked"] {
        assert!(text.contains(word), "{word} is missing in\n{text}");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_source_that_answered_before_is_stale_and_keeps_its_findings() {
    let mut stage = stage((120, 40));
    stage.ticked("2026-03-02T03:11:00Z");
    stage.failed(Source::GuardDuty, "us-east-1", Fault::new(FaultKind::Network, "not reached"));
    assert!(stage.text().contains("guardduty stale"), "{}", stage.text());
    assert_eq!(shown(&stage).len(), 3);
}

#[test]
fn marks_come_off_what_was_looked_at_and_back_when_it_changes() {
    let mut stage = stage((80, 24));
    let new = |s: &Stage| {
        s.model.list.rows.iter().filter(|r| s.model.is_new(s.model.finding(**r))).count()
    };
    assert_eq!(new(&stage), 3);
    stage.keys("enter esc");
    assert_eq!(new(&stage), 2);
    assert!(stage.effects.iter().any(|e| matches!(e, Effect::MarkSeen(m) if m.len() == 1)));
    stage.keys("M");
    assert_eq!(new(&stage), 0);
    stage.ticked("2026-03-02T03:11:00Z");
    let again = json!({"updatedAt": "2026-03-02T03:10:50Z", "service": {"count": 4}});
    stage.page(
        Source::GuardDuty,
        "us-east-1",
        vec![guardduty("f1", 8.0, "UnauthorizedAccess:IAMUser/TorIPCaller", again)],
    );
    assert_eq!(new(&stage), 1);
}

#[test]
fn copying_sends_the_raw_name_and_says_so() {
    let mut stage = stage((80, 24));
    stage.keys("Y");
    let arn = "arn:aws:guardduty:us-east-1:111122223333:detector/d0/finding/f2";
    assert_eq!(stage.effects.last(), Some(&Effect::Copy(arn.to_owned())));
    assert!(stage.text().contains("clipboard"));
}

#[test]
fn a_command_that_cannot_be_given_says_why() {
    let mut stage = Stage::new((80, 24), &["us-east-1"]);
    stage.keys("y y");
    assert!(stage.text().contains("no finding is selected"), "{}", stage.text());
    assert!(!stage.effects.iter().any(|e| matches!(e, Effect::Copy(_))));
    stage.keys("?");
    insta::assert_snapshot!(stage.text());
}

#[test]
fn an_answer_counts_whatever_is_on_the_screen() {
    let mut stage = Stage::new((80, 24), &["us-east-1"]);
    stage.keys("?");
    stage.page(Source::GuardDuty, "us-east-1", vec![guardduty("f1", 8.0, "A:B/C", json!({}))]);
    stage.keys("esc");
    assert_eq!(shown(&stage), ["f1"]);
}

#[test]
fn a_full_list_scrolls_and_every_size_draws() {
    let mut stage = Stage::new((80, 24), &["us-east-1"]);
    let many = (0..500).map(|i| guardduty(&format!("n{i:03}"), 8.0, "A:B/C", json!({})));
    stage.page(Source::GuardDuty, "us-east-1", many.collect());
    stage.keys("G");
    assert_eq!(stage.model.cursor, 499);
    stage.keys("page-up k g g page-down");
    for size in
        [(1, 1), (0, 0), (10, 3), (24, 8), (60, 16), (99, 20), (100, 20), (200, 50), (500, 200)]
    {
        stage.tell(Msg::Resized(size.0, size.1));
        let buffer = stage.buffer();
        assert_eq!((buffer.area.width, buffer.area.height), size);
        stage.keys("enter j w G esc ? G esc H esc L esc");
        stage.buffer();
    }
    stage.tell(Msg::Resized(80, 24));
    let page = halon::ui::page_rows(&stage.model);
    let (top, cursor) = (stage.model.top, stage.model.cursor);
    assert!((top..top + page).contains(&cursor), "{top} {cursor} {page}");
}

#[test]
fn the_zone_is_always_shown() {
    let mut stage = stage((80, 24));
    assert!(stage.text().contains("03:10 UTC"));
    stage.keys("u");
    assert!(stage.text().contains("05:10 +02:00"), "{}", stage.text());
}

#[test]
fn quitting_asks_nothing_more() {
    let mut stage = stage((80, 24));
    stage.keys("q");
    assert_eq!(stage.effects.last(), Some(&Effect::Quit));
    let before = stage.asked.len();
    stage.ticked("2026-03-02T04:00:00Z");
    assert_eq!(stage.asked.len(), before);
}

#[test]
fn a_source_is_not_fresh_for_a_question_it_has_not_answered() {
    let mut stage = stage((120, 40));
    assert!(stage.text().contains("guardduty fresh"));
    stage.keys("s");
    assert!(stage.text().contains("guardduty loading"), "{}", stage.text());
    stage.answer("us-east-1", vec![], vec![]);
    assert!(stage.text().contains("guardduty fresh"), "{}", stage.text());
    // Changed while the answer to the question before is on its way: that answer ends it not.
    stage.keys("s s");
    stage.answer("us-east-1", vec![], vec![]);
    assert!(stage.text().contains("guardduty loading"), "{}", stage.text());
    stage.answer("us-east-1", vec![], vec![]);
    assert!(stage.text().contains("guardduty fresh"), "{}", stage.text());
}

#[test]
fn a_screen_smaller_than_the_model_knows_does_not_panic() {
    let stage = stage((160, 50));
    for size in [(60, 12), (1, 1), (159, 50)] {
        let mut terminal =
            ratatui::Terminal::new(ratatui::backend::TestBackend::new(size.0, size.1))
                .expect("a terminal");
        terminal.draw(|frame| halon::ui::draw(&stage.model, frame)).expect("drawn");
    }
}

#[test]
fn an_account_that_cannot_say_where_it_lives_is_a_gap() {
    let mut stage = Stage::new((120, 40), &[]);
    assert!(!stage.text().contains("No finding matches"), "{}", stage.text());
    let ticket = stage.take(|q| matches!(q, Query::Caller(_)));
    let fault = Fault::new(FaultKind::NoCredentials, "acme: no AWS credentials were found");
    stage.tell(Msg::Answered(ticket, Answer::Failed(fault)));
    let gaps = stage.model.case.gaps();
    assert_eq!(gaps.len(), 2, "one for each service");
    assert!(gaps.iter().all(|g| g.region.is_none()));
    assert!(stage.text().contains("INCOMPLETE"), "{}", stage.text());
    // It is tried again by itself.
    stage.ticked("2026-03-02T03:10:31Z");
    stage.take(|q| matches!(q, Query::Caller(_)));
}

#[test]
fn what_the_store_knew_is_marked_until_it_is_heard_of() {
    let mut stage = Stage::new((120, 40), &["us-east-1"]);
    let old =
        |id| guardduty(id, 8.0, "Recon:IAMUser/X", json!({"updatedAt": "2099-01-01T00:00:00Z"}));
    let kept_at = super::stage::at("2026-03-01T03:10:00Z");
    let records = ["f1", "f2"].map(|id| (std::sync::Arc::new(old(id)), kept_at)).to_vec();
    stage.tell(Msg::Loaded { records, seen: Default::default() });
    assert_eq!(stage.text().matches("~ HIGH").count(), 2, "{}", stage.text());
    // The copy of f1 is heard of, its original is not: still marked, and asked for.
    stage.answer("us-east-1", vec![], vec![copy_of("f1", "HIGH", json!({}))]);
    assert_eq!(stage.text().matches("~ HIGH").count(), 2, "{}", stage.text());
    let asked: Vec<_> =
        stage.asked.iter().filter(|(_, q)| matches!(q, Query::Reread { .. })).collect();
    assert!(!asked.is_empty());
    // What a service says now beats what was kept, whatever dates it bears.
    let ticket = asked[0].0;
    let archived = guardduty("f1", 8.0, "Recon:IAMUser/X", json!({"service": {"archived": true}}));
    stage.tell(Msg::Answered(ticket, Answer::Page { records: vec![archived] }));
    assert!(stage.text().contains("arch new"), "{}", stage.text());
    assert_eq!(stage.text().matches("~ HIGH").count(), 1, "{}", stage.text());
}

#[test]
fn a_finding_its_service_no_longer_knows_is_marked_old() {
    let mut stage = stage((120, 40));
    stage.keys("ctrl-r");
    stage.answer("us-east-1", vec![], vec![copy_of("f1", "HIGH", json!({}))]);
    let ticket = stage.take(|q| matches!(q, Query::Reread { source: Source::GuardDuty, .. }));
    let back = guardduty("f3", 7.5, "Persistence:IAMUser/AnomalousBehavior", json!({}));
    stage.tell(Msg::Answered(ticket, Answer::Page { records: vec![back] }));
    stage.tell(Msg::Answered(ticket, Answer::Done { gaps: vec![] }));
    let marked = stage.text().lines().filter(|l| l.contains("~ ")).count();
    assert_eq!(marked, 2, "f1 and f2 did not come back\n{}", stage.text());
}

#[test]
fn a_reread_that_fails_leaves_the_list_incomplete() {
    let mut stage = Stage::new((120, 40), &["us-east-1"]);
    stage.answer("us-east-1", vec![], vec![copy_of("f7", "HIGH", json!({}))]);
    let ticket = stage.take(|q| matches!(q, Query::Reread { .. }));
    let fault = Fault::new(FaultKind::Service, "GetFindings: the service failed (HTTP 500)");
    stage.tell(Msg::Answered(ticket, Answer::Failed(fault)));
    assert_eq!(stage.model.case.gaps().len(), 1);
}

#[test]
fn a_date_in_the_next_century_does_not_move_the_cursor() {
    let mut stage = Stage::new((80, 24), &["us-east-1"]);
    let posed = copy_of("f1", "HIGH", json!({"UpdatedAt": "2099-01-01T00:00:00Z"}));
    stage.answer("us-east-1", vec![], vec![posed, copy_of("f2", "HIGH", json!({}))]);
    stage.ticked("2026-03-02T03:11:30Z");
    let ticket_query = stage.asked.iter().find_map(|(_, q)| match q {
        Query::Findings { source: Source::SecurityHub, ask, .. } => Some(ask.updated_since),
        _ => None,
    });
    assert_eq!(ticket_query, Some(Some(super::stage::at("2026-03-02T02:51:00Z"))));
}

#[test]
fn signing_in_as_somebody_else_is_noticed() {
    let mut stage = stage((120, 40));
    stage.ticked("2026-03-02T03:11:00Z");
    stage.failed(Source::GuardDuty, "us-east-1", Fault::new(FaultKind::Expired, "ExpiredToken"));
    stage.take(|q| matches!(q, Query::Caller(_)));
}

#[test]
fn refreshing_keeps_what_is_known_to_be_missing() {
    let mut stage = Stage::new((120, 40), &["us-east-1"]);
    stage.failed(Source::GuardDuty, "us-east-1", Fault::new(FaultKind::Denied, "AccessDenied"));
    stage.keys("ctrl-r");
    assert!(stage.text().contains("INCOMPLETE"), "{}", stage.text());
}

#[test]
fn a_refresh_while_a_poll_is_on_its_way_is_not_lost() {
    let mut stage = stage((120, 40));
    stage.ticked("2026-03-02T03:11:00Z");
    stage.keys("ctrl-r");
    stage.done(Source::GuardDuty, "us-east-1", vec![]);
    let whole = stage.asked.iter().any(|(_, q)| {
        matches!(q, Query::Findings { source: Source::GuardDuty, ask, .. } if ask.updated_since.is_none())
    });
    assert!(whole, "{:?}", stage.asked);
}
