//! Faults on demand.

use serde_json::json;

use super::*;

fn struck(op: &str, kind: &str) -> Bench {
    Bench::new("leaked-key")
        .with_faults(&format!("[[faults]]\nop = \"{op}\"\nkind = \"{kind}\"\nnth = 1\n"))
}

fn list(bench: &Bench) -> Result<Response<Bytes>, Cut> {
    bench.send(bench.request("guardduty", "GET", "/detector", ""))
}

#[test]
fn each_service_is_throttled_in_its_own_words() {
    let (status, answer) = struck("guardduty:ListDetectors", "throttle").call(
        "guardduty",
        "GET",
        "/detector",
        Value::Null,
    );
    assert_eq!((status, &answer["__type"]), (429, &"TooManyRequestsException".into()));
    let (status, answer) = struck("securityhub:GetFindings", "throttle").call(
        "securityhub",
        "POST",
        "/findings",
        json!({}),
    );
    assert_eq!((status, &answer["__type"]), (429, &"LimitExceededException".into()));
}

#[test]
fn only_the_nth_request_is_struck() {
    let bench = struck("guardduty:ListDetectors", "status:503");
    assert_eq!(list(&bench).expect("an answer").status(), 503);
    assert_eq!(list(&bench).expect("an answer").status(), 200);
}

#[test]
fn answers_of_the_wrong_kind() {
    let op = "guardduty:ListDetectors";
    let html = list(&struck(op, "html")).expect("an answer");
    assert_eq!(html.status(), 200);
    assert!(html.body().starts_with(b"<!doctype html>"));
    let garbage = list(&struck(op, "garbage")).expect("an answer");
    assert!(serde_json::from_slice::<Value>(garbage.body()).is_err());
    let expired = list(&struck(op, "expired")).expect("an answer");
    assert_eq!(expired.headers()["x-amzn-errortype"], "ExpiredTokenException");
    match list(&struck(op, "truncate")) {
        Err(Cut::Truncated(response, sent)) => {
            assert!(sent > 0 && sent < response.body().len());
            assert_eq!(response.headers()["content-length"], response.body().len().to_string());
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(list(&struck(op, "hang")), Err(Cut::Hang)));
    assert!(matches!(list(&struck(op, "reset")), Err(Cut::Reset)));
}

#[test]
fn an_answer_is_cut_where_the_rule_says() {
    let op = "guardduty:ListDetectors";
    let whole = list(&Bench::new("leaked-key")).expect("an answer").body().len();
    for (kind, sent) in [
        ("truncate", whole / 2),
        ("truncate:0", 0),
        ("truncate:7", 7),
        ("truncate:10%", whole / 10),
        ("truncate:99999", whole - 1),
    ] {
        match list(&struck(op, kind)) {
            Err(Cut::Truncated(response, at)) => {
                assert_eq!((response.body().len(), at), (whole, sent), "{kind}");
            }
            other => panic!("{kind}: {other:?}"),
        }
    }
}

#[test]
fn one_member_says_something_else() {
    use super::{iam::all, sessions::*};
    let (_, answer) = struck("guardduty:GetFindings", "garble:severity=<high>").call(
        "guardduty",
        "GET",
        "/detector",
        Value::Null,
    );
    assert!(answer["detectorIds"].is_array(), "only what it is about: {answer}");
    let bench = struck("guardduty:GetFindings", "garble:severity=<high>");
    let ids = bench.ids(json!({"severity": {"gte": 8}}));
    let got = bench.guardduty("/get", json!({"findingIds": ids}));
    assert_eq!(got["findings"][0]["severity"], "<high>");
    assert!(got["findings"][1]["severity"].is_number(), "{got}");
    // XML: the session is given out, whatever the answer says of it.
    let session = |kind: &str| {
        let bench = struck("sts:AssumeRole", kind);
        let (status, text) = own(CI).form(&bench, "sts", &assume(RUNNER, "sync", ""));
        assert_eq!(status, 200, "{text}");
        let given = Given::read(&text);
        (given.form(&bench, "sts", super::authentication::IDENTITY).0, text)
    };
    let (status, text) = session("garble:Expiration");
    assert_eq!(status, 200);
    assert_eq!(all(&text, "Expiration"), ["&amp;\u{fffd} no such thing"]);
    let (_, text) = session("garble:Expiration=2020-01-01T00:00:00Z");
    assert_eq!(all(&text, "Expiration"), ["2020-01-01T00:00:00Z"]);
    let (status, text) = session("garble:AccessKeyId=AKIAIOSFODNN7EXAMPLE");
    assert_eq!((status, all(&text, "AccessKeyId")), (403, vec!["AKIAIOSFODNN7EXAMPLE"]));
    let (_, text) = session("garble:NoSuchMember");
    assert!(!text.contains("no such thing"), "{text}");
}

#[test]
fn a_reset_before_changes_nothing_and_one_after_does() {
    for (kind, changed) in
        [("reset", false), ("hang", false), ("reset-after", true), ("truncate", true)]
    {
        let bench = struck("guardduty:ArchiveFindings", kind);
        let ids = bench.ids(json!({"severity": {"gte": 9}}));
        let (_, detectors) = bench.call("guardduty", "GET", "/detector", Value::Null);
        let detector = detectors["detectorIds"][0].as_str().expect("enabled");
        let path = format!("/detector/{detector}/findings/archive");
        let body = json!({"findingIds": ids}).to_string();
        assert!(bench.send(bench.request("guardduty", "POST", &path, &body)).is_err());
        let answer = bench.guardduty("/get", json!({"findingIds": ids}));
        assert_eq!(answer["findings"][0]["service"]["archived"], changed, "{kind}");
    }
}

#[test]
fn pages_go_wrong_without_losing_anything() {
    let list = "guardduty:ListFindings";
    let bench = struck(list, "empty-page");
    let page = bench.guardduty("", json!({}));
    assert_eq!(page["findingIds"], json!([]));
    let token = page["nextToken"].as_str().expect("a token");
    let next = bench.guardduty("", json!({"nextToken": token}));
    assert_eq!(next["findingIds"], Bench::new("leaked-key").guardduty("", json!({}))["findingIds"]);

    let bench = Bench::new("leaked-key")
        .with_faults(&format!("[[faults]]\nop = \"{list}\"\nkind = \"repeat-token\"\nnth = 2\n"));
    let first = bench.guardduty("", json!({"maxResults": 5}));
    let second = bench.guardduty("", json!({"maxResults": 5, "nextToken": first["nextToken"]}));
    assert_eq!(second["nextToken"], first["nextToken"]);
    assert_ne!(second["findingIds"], first["findingIds"]);

    let bench = struck("guardduty:GetFindings", "missing-id");
    let ids = bench.ids(json!({"severity": {"gte": 8}}));
    let got = bench.guardduty("/get", json!({"findingIds": ids}));
    assert_eq!(got["findings"].as_array().map(Vec::len), Some(ids.len() - 1));
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_the_right_one() {
    let bench = struck("guardduty:ListDetectors", "slow");
    let before = tokio::time::Instant::now();
    let answer = bench.range.answer(bench.request("guardduty", "GET", "/detector", "")).await;
    assert_eq!(answer.expect("an answer").status(), 200);
    assert_eq!(before.elapsed().as_secs(), 5);
}

#[test]
fn an_untold_call_is_made_and_cloudtrail_never_has_it() {
    let bench = struck("iam:UpdateAccessKey", "untold");
    let send = |body: &str| {
        let answer = bench.send(bench.request("iam", "POST", "/", body)).expect("an answer");
        assert_eq!(answer.status(), 200);
        String::from_utf8_lossy(answer.body()).into_owned()
    };
    let set = |status: &str| {
        send(&format!(
            "Action=UpdateAccessKey&Version=2010-05-08&UserName=siem-exporter\
             &AccessKeyId=AKIAI99SIEMEXEXAMPLE&Status={status}"
        ));
        let keys = send("Action=ListAccessKeys&Version=2010-05-08&UserName=siem-exporter");
        assert!(keys.contains(&format!("<Status>{status}</Status>")), "{keys}");
        let by = json!({"LookupAttributes":
            [{"AttributeKey": "EventName", "AttributeValue": "UpdateAccessKey"}]});
        bench.events(by).iter().filter(|e| e["Username"] == "oncall").count()
    };
    assert_eq!((set("Inactive"), set("Active")), (0, 1));
}
