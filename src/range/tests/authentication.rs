//! Who is let in, and how refusals look in each protocol.

use serde_json::Value;

use super::*;

fn body(answer: &Response<Bytes>) -> String {
    String::from_utf8(answer.body().to_vec()).expect("UTF-8")
}

pub const IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

#[test]
fn the_operator_is_a_user_of_the_security_account() {
    let bench = Bench::new("leaked-key");
    let answer = bench.send(bench.request("sts", "POST", "/", IDENTITY)).expect("an answer");
    let text = body(&answer);
    assert!(text.contains("<Arn>arn:aws:iam::444455556666:user/oncall</Arn>"), "{text}");
    assert_eq!(answer.headers()["content-type"], "text/xml");
    assert_eq!(answer.headers()["date"], "Wed, 01 Jul 2026 00:00:00 GMT");
    assert_eq!(answer.headers()["x-amzn-requestid"].len(), 36);
}

#[test]
fn strangers_and_wrong_secrets_are_refused_in_the_protocols_words() {
    let mut bench = Bench::new("leaked-key");
    for (key, query, json) in [
        (("AKIAUNKNOWNKEYUNKNOW", "x"), "InvalidClientTokenId", "UnrecognizedClientException"),
        ((OPERATOR_KEY.0, "x"), "SignatureDoesNotMatch", "InvalidSignatureException"),
    ] {
        bench.key = key;
        let answer = bench.send(bench.request("sts", "POST", "/", IDENTITY)).expect("an answer");
        assert_eq!(answer.status(), 403);
        assert!(body(&answer).contains(&format!("<Code>{query}</Code>")), "{}", body(&answer));
        let answer = bench.send(bench.request("guardduty", "GET", "/detector", "")).expect("one");
        assert_eq!(answer.status(), 403);
        assert_eq!(answer.headers()["x-amzn-errortype"], json);
    }
}

#[test]
fn an_unsigned_request_and_a_session_token_are_refused() {
    let bench = Bench::new("leaked-key");
    let mut request = bench.request("guardduty", "GET", "/detector", "");
    request.headers_mut().remove("authorization");
    let answer = bench.send(request).expect("an answer");
    assert_eq!(answer.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
    let mut request = bench.request("guardduty", "GET", "/detector", "");
    request.headers_mut().insert("x-amz-security-token", "x".parse().expect("a value"));
    let answer = bench.send(request).expect("an answer");
    assert_eq!(answer.headers()["x-amzn-errortype"], "UnrecognizedClientException");
}

#[test]
fn an_operation_not_served_is_an_error_of_its_protocol() {
    let bench = Bench::new("leaked-key");
    let answer = bench
        .send(bench.request("iam", "POST", "/", "Action=DeleteUser&Version=2010-05-08"))
        .expect("an answer");
    assert!(body(&answer).contains("<Code>InvalidAction</Code>"));
    let (status, answer) = bench.call("guardduty", "GET", "/invitation", Value::Null);
    assert_eq!((status, &answer["__type"]), (404, &"UnknownOperationException".into()));
    let mut request = bench.request("cloudtrail", "POST", "/", "{}");
    let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DeleteTrail";
    request.headers_mut().insert("x-amz-target", target.parse().expect("a value"));
    let answer = bench.send(request).expect("an answer");
    assert_eq!(answer.headers()["content-type"], "application/x-amz-json-1.1");
    assert!(body(&answer).contains("UnknownOperationException"));
}

#[test]
fn organizations_speaks_json_1_1() {
    let bench = Bench::new("leaked-key");
    let mut request = bench.request("organizations", "POST", "/", "{}");
    let target = "AWSOrganizationsV20161128.DescribeOrganization";
    request.headers_mut().insert("x-amz-target", target.parse().expect("a value"));
    let answer = bench.send(request).expect("an answer");
    let value: Value = serde_json::from_slice(answer.body()).expect("JSON");
    assert_eq!(value["Organization"]["MasterAccountId"], "111122223333");
}

#[test]
fn every_request_leaves_one_line_in_the_log() {
    use std::sync::Mutex;
    let bench = Bench::new("leaked-key");
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    bench.range.set_log(Box::new(move |logged| {
        sink.lock().expect("no panic").push(serde_json::to_value(logged).expect("JSON"));
    }));
    bench.try_guardduty("/archive", serde_json::json!({"findingIds": ["none"]}));
    let lines = lines.lock().expect("no panic");
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["operation"], "ArchiveFindings");
    assert_eq!(lines[1]["status"], 400);
    assert_eq!(lines[1]["mutating"], true);
    assert_eq!(lines[1]["access_key_id"], OPERATOR_KEY.0);
}
