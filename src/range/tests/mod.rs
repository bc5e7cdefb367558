//! The whole range, driven by signed requests.

mod access;
mod authentication;
mod cloudtrail;
mod cut_off;
mod faults;
mod findings;
mod hub;
mod iam;
mod iam_changes;
mod iam_reports;
mod iam_world;
mod invoke;
mod journal;
mod limits;
mod organizations;
mod proof;
mod ready;
mod scenarios;
mod services;
mod sessions;
mod truth;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use bytes::Bytes;
use http::{Method, Request, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    Clock, Cut, FaultRule, Journal, NoJournal, OPERATOR_KEY, Pace, Range, Scenario, shipped, wire,
};

/// A member account's key in the scenario `leaked-key`.
const MEMBER_KEY: (&str, &str) =
    ("AKIAI66PRODUCEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY");

/// A world whose wall clock stands until the test moves it.
struct Bench {
    range: Range,
    wall: Arc<AtomicI64>,
    key: (&'static str, &'static str),
    region: &'static str,
}

fn scenario(id: &str) -> Scenario {
    let (_, text) = shipped().iter().find(|(known, _)| *known == id).expect("shipped");
    Scenario::read(id, text).unwrap_or_else(|broken| panic!("{broken}"))
}

/// 2026-07-01T00:00:00Z: not the time of any scenario.
const WALL: i64 = 1_782_864_000_000;

fn clock() -> (Clock, Arc<AtomicI64>) {
    let wall = Arc::new(AtomicI64::new(WALL));
    let read = Arc::clone(&wall);
    let now = move || Timestamp::from_millisecond(read.load(Ordering::Relaxed)).expect("a time");
    (Clock { pace: Pace::Real, wall: Arc::new(now) }, wall)
}

impl Bench {
    fn new(id: &str) -> Bench {
        Bench::of(scenario(id), Box::new(NoJournal))
    }

    fn of(scenario: Scenario, journal: Box<dyn Journal>) -> Bench {
        let (clock, wall) = clock();
        let range = Range::open(scenario, clock, journal).expect("opens");
        Bench { range, wall, key: OPERATOR_KEY, region: "us-east-1" }
    }

    fn with_faults(mut self, rules: &str) -> Bench {
        let rules = FaultRule::read_file("f.toml", rules).expect("valid rules");
        self.range = self.range.with_faults(rules);
        self
    }

    fn pass(&self, minutes: i64) {
        self.wall.fetch_add(minutes * 60_000, Ordering::Relaxed);
    }

    fn request(&self, service: &str, method: &str, path: &str, body: &str) -> Request<Bytes> {
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).expect("a method"))
            .uri(format!("https://{service}.{}.amazonaws.com{path}", self.region))
            .body(Bytes::from(body.to_owned()))
            .expect("a request");
        if body.starts_with("Action=") {
            let kind = "application/x-www-form-urlencoded".parse().expect("a value");
            request.headers_mut().insert("content-type", kind);
        }
        wire::sign(&mut request, self.key, service, self.region);
        request
    }

    /// Every wait in the range is a fault's, so a request without one is ready at once.
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Cut> {
        use futures_util::FutureExt;
        self.range.answer(request).now_or_never().expect("no waiting without a slow fault")
    }

    /// Status and JSON body of an answer that arrives.
    fn call(&self, service: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.send(self.request(service, method, path, &text)).expect("an answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
    }

    /// The body of a GuardDuty operation below the detector; must succeed.
    fn guardduty(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.try_guardduty(path, body);
        assert_eq!(status, 200, "{answer}");
        answer
    }

    fn try_guardduty(&self, path: &str, body: Value) -> (u16, Value) {
        let (_, detectors) = self.call("guardduty", "GET", "/detector", Value::Null);
        let detector = detectors["detectorIds"][0].as_str().expect("enabled");
        self.call("guardduty", "POST", &format!("/detector/{detector}/findings{path}"), body)
    }

    fn ids(&self, criterion: Value) -> Vec<String> {
        let input = serde_json::json!({"findingCriteria": {"criterion": criterion}});
        texts(&self.guardduty("", input)["findingIds"])
    }

    fn hub(&self, filters: Value) -> Vec<Value> {
        let input = serde_json::json!({"Filters": filters});
        let (status, answer) = self.call("securityhub", "POST", "/findings", input);
        assert_eq!(status, 200, "{answer}");
        answer["Findings"].as_array().expect("a list").clone()
    }
}

impl Bench {
    /// Status and JSON body of an operation of CloudTrail.
    fn try_cloudtrail(&self, operation: &str, body: Value) -> (u16, Value) {
        let mut request = self.request("cloudtrail", "POST", "/", &body.to_string());
        let target = format!("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.{operation}");
        request.headers_mut().insert("x-amz-target", target.parse().expect("a value"));
        let answer = self.send(request).expect("an answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(answer.body()).expect("JSON"))
    }

    /// The body of an operation of CloudTrail; must succeed.
    fn cloudtrail(&self, operation: &str, body: Value) -> Value {
        let (status, answer) = self.try_cloudtrail(operation, body);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// Every event that a lookup finds, page by page.
    fn events(&self, mut ask: Value) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let page = self.cloudtrail("LookupEvents", ask.clone());
            all.extend(page["Events"].as_array().expect("a list").clone());
            match page.get("NextToken") {
                Some(token) => ask["NextToken"] = token.clone(),
                None => return all,
            }
        }
    }
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|v| v.as_str().expect("text").to_owned()).collect()
}
