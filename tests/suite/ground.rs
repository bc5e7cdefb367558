//! A world to change things in: the range in process behind the genuine SDK, a case, an
//! audit log, and the driver that the headless commands have too. What the world is like
//! is asked beside it, by requests made here and signed by hand, so that nothing under
//! test vouches for itself.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use bytes::Bytes;
use futures_util::FutureExt;
use halon::{
    audit::{Kind, Record},
    case::{Case, Draft, Intervals, PlanSource},
    cloud::{Cloud, Limits, Settings, TargetSettings, World},
    domain::{Ask, Band, Call, Region, Source, Status},
    guard::{Arming, Incident, LAPSE, Mode, Review},
    playbook::{Next, Outlook, Playbook, Run, RunState, Task, Told, Where, done_changes},
    range::{Clock, FaultRule, Logged, NoJournal, Operator, Pace, Range, Scenario, shipped},
    runtime::{self, Actor, Auditor, By},
};
use hmac::{Hmac, Mac};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::stage::{NOW, at};

/// Runs a test on a thread of its own whose clock jumps whenever there is only waiting to
/// be done. Its stack is as large as those of halon's own threads.
pub fn paused<T: Send>(test: impl AsyncFnOnce() -> T + Send) -> T {
    let run = || {
        let mut tasks = tokio::runtime::Builder::new_current_thread();
        tasks.enable_all().start_paused(true).build().expect("a runtime").block_on(test())
    };
    thread::scope(|threads| {
        let thread = thread::Builder::new().stack_size(32 << 20).spawn_scoped(threads, run);
        match thread.expect("a thread").join() {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

pub struct Ground {
    pub range: Range,
    pub cloud: Cloud,
    pub case: Case,
    pub actor: Actor,
    pub mode: Mode,
    pub place: Where,
    clock: runtime::Clock,
    log: Arc<Mutex<Vec<Logged>>>,
    _home: tempfile::TempDir,
}

/// The world of a shipped scenario.
pub fn world(scenario: &str) -> Range {
    let (_, text) = shipped().iter().find(|(id, _)| *id == scenario).expect("a scenario");
    world_of(text)
}

/// The world of a scenario's text, standing still at its start.
pub fn world_of(text: &str) -> Range {
    let scenario = Scenario::read("a.toml", text).unwrap_or_else(|b| panic!("{b}\n{text}"));
    let clock = Clock { pace: Pace::Frozen, wall: Arc::new(|| at(NOW)) };
    Range::open(scenario, clock, Box::new(NoJournal)).expect("opens")
}

pub fn incident() -> Incident {
    Incident::new("INC-7", "A leaked key", "found on a public repository").expect("well formed")
}

/// A playbook of one step that makes this change.
pub fn one_step(change: &str, with: &[(&str, &str)]) -> String {
    let with: Vec<String> = with.iter().map(|(k, v)| format!("{k} = {}", quoted(v))).collect();
    format!(
        "schema = 1\nid = \"one-step\"\ntitle = \"One step\"\nsummary = \"One change alone\"\n\
         risk = \"reversible\"\nanswers = [\"*\"]\n[[steps]]\nid = \"change\"\n\
         change = \"{change}\"\nwith = {{ {} }}\nverify = {{ within = \"30s\" }}\n",
        with.join(", ")
    )
}

pub fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Ground {
    /// Every operator of the world acts, the first one looks at findings: as `--range` does.
    pub async fn new(range: Range) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let log = home.path().join("audit.jsonl");
        Self::with(range, &log, true, None, home).await
    }

    /// With the audit log of somebody else's folder.
    pub async fn logging_to(range: Range, log: &Path) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        Self::with(range, log, true, None, home).await
    }

    /// Without a writer.
    pub async fn read_only(range: Range) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let log = home.path().join("audit.jsonl");
        Self::with(range, &log, false, None, home).await
    }

    /// Signed in to this account alone.
    pub async fn signed_in_to(range: Range, alias: &str) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let log = home.path().join("audit.jsonl");
        Self::with(range, &log, true, Some(alias), home).await
    }

    async fn with(
        range: Range,
        log: &Path,
        writes: bool,
        alone: Option<&str>,
        home: tempfile::TempDir,
    ) -> Self {
        let named = range.operators().into_iter().skip(1).map(|o| Arc::from(o.alias.as_str()));
        let targets: Vec<Arc<str>> = match alone {
            Some(alias) => vec![Arc::from(alias)],
            None => std::iter::once(Arc::from("range")).chain(named).collect(),
        };
        let settings = Settings {
            targets: targets.iter().map(|name| TargetSettings::of(name.clone(), None)).collect(),
            endpoint_url: None,
            limits: Limits {
                securityhub_per_second: 1_000,
                cloudtrail_per_second: 1_000,
                ..Limits::default()
            },
        };
        let requests = Arc::new(Mutex::new(Vec::new()));
        let lines = requests.clone();
        range.set_log(Box::new(move |l| lines.lock().expect("a lock").push(l.clone())));
        let cloud = Cloud::new(settings, World::Range(range.clone()));
        let ask = Ask { at_least: Band::Informational, status: Status::All, updated_since: None };
        let first = vec![(targets[0].clone(), range.regions())];
        let mut case = Case::new(first, Source::ALL.to_vec(), ask, Intervals::default());
        for target in targets.into_iter().skip(1) {
            case.act_with(target);
        }
        let clock: runtime::Clock = {
            let range = range.clone();
            Arc::new(move || range.now())
        };
        let auditor = Auditor::new(log.to_owned(), "range", None, Vec::new());
        let actor = Actor::new(cloud.clone(), writes, auditor, clock.clone());
        runtime::identify(&mut case, &cloud, &clock).boxed_local().await;
        let place = case.place(None);
        let mode = Mode::Armed(Arming::new(incident(), range.now(), LAPSE));
        Self { range, cloud, case, actor, mode, place, clock, log: requests, _home: home }
    }

    pub fn faults(&self, rules: &str) {
        let rules = FaultRule::read_file("faults.toml", rules).unwrap_or_else(|b| panic!("{b}"));
        drop(self.range.clone().with_faults(rules));
    }

    /// The requests so far, but for those made by hand.
    pub fn requests(&self) -> Vec<Logged> {
        self.log.lock().expect("a lock").clone()
    }

    /// Those of them that change something, by operation and status.
    pub fn changes(&self) -> Vec<(String, u16)> {
        let lines = self.requests();
        lines.into_iter().filter(|l| l.mutating).map(|l| (l.operation, l.status)).collect()
    }

    pub fn forget_requests(&self) {
        self.log.lock().expect("a lock").clear();
    }

    // --- Planning and running, as the headless commands do.

    pub async fn draft(&mut self, text: &str, inputs: &[(&str, &str)]) -> Draft {
        let playbook = Playbook::read("a.toml", text).unwrap_or_else(|b| panic!("{b}\n{text}"));
        let inputs: BTreeMap<_, _> = inputs
            .iter()
            .map(|(name, value)| {
                let kind = playbook.inputs[*name].kind;
                ((*name).to_owned(), kind.parse(value).expect("a good value"))
            })
            .collect();
        self.drafted(PlanSource::Playbook { playbook: Arc::new(playbook), inputs }).await
    }

    /// The way back of a run, from the audit log.
    pub async fn undo(&mut self, run: &str) -> Draft {
        let done = done_changes(&self.records().await, run).expect("readable records");
        self.drafted(PlanSource::Undo { run: run.to_owned(), done }).await
    }

    async fn drafted(&mut self, source: PlanSource) -> Draft {
        self.case.draft = Some(Draft::new(source, self.place.clone()));
        runtime::draft(&mut self.case, &self.cloud, &self.clock).boxed_local().await;
        self.case.draft.take().expect("put there above")
    }

    pub fn run(&self, id: &str, draft: &Draft) -> Run {
        draft.run(id.to_owned(), incident()).expect("the plan is made")
    }

    pub async fn records(&self) -> Vec<Record> {
        self.actor.audit.records().await.expect("a readable log")
    }

    pub fn outlook(&self) -> Outlook<'_> {
        Outlook { mode: &self.mode, now: self.range.now(), place: &self.place }
    }

    fn by(&self, run: &Run) -> By {
        By { mode: self.mode.name(), caller_arn: self.case.caller_arn(run.account()) }
    }

    pub async fn perform(&self, run: &mut Run, task: Task) {
        let by = self.by(run);
        run.told(self.actor.perform(task, by, &quiet).boxed_local().await);
    }

    /// What becomes of a task that the run is not told of.
    pub async fn told(&self, task: Task) -> Told {
        let by = By { mode: self.mode.name(), caller_arn: None };
        self.actor.perform(task, by, &quiet).boxed_local().await
    }

    /// Carries the run on until somebody is needed. With `before_call`, also until a call
    /// is next: it is then given back as the task that it is.
    async fn carried(&self, run: &mut Run, before_call: bool) -> Next {
        loop {
            match run.next(self.outlook()) {
                Next::Do(task @ Task::Apply { .. }) if before_call => return Next::Do(task),
                Next::Do(task) => self.perform(run, task).await,
                other => return other,
            }
        }
    }

    pub async fn on(&self, run: &mut Run) -> Next {
        self.carried(run, false).await
    }

    /// The review of the change that is asked for now.
    pub async fn asked(&self, run: &mut Run) -> (Review, bool) {
        match self.on(run).await {
            Next::Confirm(prompt) => (prompt.review, prompt.changed),
            other => panic!("not asked: {other:?}, at {:?}", run.current()),
        }
    }

    /// Says yes to everything, with the words that are asked for, until the run stops, is
    /// refused or is over.
    pub async fn through(&self, run: &mut Run) -> RunState {
        loop {
            match self.on(run).await {
                Next::Ask => run.answer(true),
                Next::Confirm(prompt) => run.consent(yes(&prompt.review)),
                _ => return run.state(),
            }
        }
    }

    /// The same until a call is next.
    pub async fn until_call(&self, run: &mut Run) -> Task {
        loop {
            match self.carried(run, true).await {
                Next::Do(task) => return task,
                Next::Ask => run.answer(true),
                Next::Confirm(prompt) => run.consent(yes(&prompt.review)),
                other => panic!("no call: {other:?}"),
            }
        }
    }

    // --- Requests made by hand.

    /// Status and body of one request. It does not appear in [`Ground::requests`].
    pub fn raw(&self, who: &Operator, to: (&str, &str), call: (&str, &str), body: &str) -> Answer {
        self.raw_with((&who.access_key, &who.secret, None), to, call, body)
    }

    /// The same with any credentials: key, secret and a session's token.
    pub fn raw_with(
        &self,
        (key, secret, token): (&str, &str, Option<&str>),
        to: (&str, &str),
        call: (&str, &str),
        body: &str,
    ) -> Answer {
        self.answered(signed((key, secret), to, call, body, token.unwrap_or_default()))
    }

    fn answered(&self, request: http::Request<Bytes>) -> Answer {
        let before = self.log.lock().expect("a lock").len();
        let answer = self.range.answer(request).now_or_never().expect("no slow faults here");
        let answer = answer.unwrap_or_else(|cut| panic!("{cut:?}"));
        self.log.lock().expect("a lock").truncate(before);
        let text = String::from_utf8(answer.body().to_vec()).expect("UTF-8");
        Answer { status: answer.status().as_u16(), text }
    }

    /// One call of IAM in the operator's account.
    pub fn iam(&self, who: &Operator, action: &str, parameters: &[(&str, &str)]) -> String {
        let answer = self.answer_of_iam(who, action, parameters);
        assert!(!answer.contains("<ErrorResponse"), "{action} {parameters:?}: {answer}");
        answer
    }

    /// The same, be it an answer or a refusal.
    fn answer_of_iam(&self, who: &Operator, action: &str, parameters: &[(&str, &str)]) -> String {
        let mut form = format!("Action={action}&Version=2010-05-08");
        for (name, value) in parameters {
            let set = percent_encoding::NON_ALPHANUMERIC;
            let value = percent_encoding::utf8_percent_encode(value, set);
            form.push_str(&format!("&{name}={value}"));
        }
        let answer = self.raw(who, ("iam", "us-east-1"), ("POST", "/"), &form);
        let id = answer.text.find("<RequestId>").unwrap_or(answer.text.len());
        answer.text[..id].to_owned()
    }

    pub fn json(&self, who: &Operator, to: (&str, &str), call: (&str, &str), body: Json) -> Json {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.raw(who, to, call, &text);
        assert_eq!(answer.status, 200, "{call:?}: {}", answer.text);
        serde_json::from_str(&answer.text).expect("JSON")
    }

    /// The operator whose account this is.
    pub fn operator(&self, account: &str) -> Operator {
        let mut all = self.range.operators().into_iter();
        all.find(|o| o.account.as_str() == account).expect("an operator")
    }

    /// Every GuardDuty finding that the operator sees in a region, by id.
    pub fn guardduty(&self, who: &Operator, region: &Region) -> BTreeMap<String, Json> {
        let to = ("guardduty", region.as_str());
        let detectors = self.json(who, to, ("GET", "/detector"), Json::Null);
        let Some(detector) = detectors["detectorIds"][0].as_str() else { return BTreeMap::new() };
        let path = |tail: &str| format!("/detector/{detector}/findings{tail}");
        let mut all = BTreeMap::new();
        let mut body = json!({"maxResults": 50});
        loop {
            let page = self.json(who, to, ("POST", &path("")), body.clone());
            let ids = &page["findingIds"];
            if ids.as_array().is_some_and(|ids| !ids.is_empty()) {
                let these = json!({"findingIds": ids});
                let got = self.json(who, to, ("POST", &path("/get")), these);
                for finding in got["findings"].as_array().expect("findings") {
                    all.insert(finding["id"].as_str().expect("an id").to_owned(), finding.clone());
                }
            }
            match page["nextToken"].as_str() {
                Some(token) if !token.is_empty() => body["nextToken"] = json!(token),
                _ => return all,
            }
        }
    }

    /// Every Security Hub finding that the operator sees in a region, by its ASFF Id.
    pub fn hub(&self, who: &Operator, region: &Region) -> BTreeMap<String, Json> {
        let to = ("securityhub", region.as_str());
        let mut all = BTreeMap::new();
        let mut body = json!({"MaxResults": 100});
        loop {
            let answer = self.raw(who, to, ("POST", "/findings"), &body.to_string());
            if answer.status != 200 {
                assert!(answer.text.contains("not subscribed"), "{}", answer.text);
                return all;
            }
            let page: Json = serde_json::from_str(&answer.text).expect("JSON");
            for finding in page["Findings"].as_array().expect("findings") {
                all.insert(finding["Id"].as_str().expect("an id").to_owned(), finding.clone());
            }
            match &page["NextToken"] {
                Json::String(token) => body["NextToken"] = json!(token),
                _ => return all,
            }
        }
    }

    /// All that can be seen of the world: IAM of every account, every finding of both
    /// services in every region, as each operator sees it.
    pub fn dump(&self) -> BTreeMap<String, Json> {
        let mut all = BTreeMap::new();
        for who in self.range.operators() {
            let account = who.account.as_str();
            if !self.dump_iam(&who, &mut all) {
                continue;
            }
            // Also a region where nothing is on.
            let mut regions = self.range.regions();
            regions.push(super::stage::region("sa-east-1"));
            regions.dedup();
            for region in regions {
                // An SCP may shut a region.
                let to = ("guardduty", region.as_str());
                if self.raw(&who, to, ("GET", "/detector"), "").status == 403 {
                    continue;
                }
                for (id, finding) in self.guardduty(&who, &region) {
                    all.insert(format!("{account} {region} guardduty {id}"), finding);
                }
                for (id, finding) in self.hub(&who, &region) {
                    all.insert(format!("{account} {region} securityhub {id}"), finding);
                }
                self.dump_region(&who, &region, &mut all);
            }
        }
        let operators = self.range.operators();
        operators.iter().for_each(|who| self.dump_organization(who, &mut all));
        all
    }

    /// Whether the account lets anybody look: one in quarantine does not.
    fn dump_iam(&self, who: &Operator, all: &mut BTreeMap<String, Json>) -> bool {
        let account = who.account.as_str();
        let mut all_profiles = Vec::new();
        let mut ask = |action: &str, parameters: &[(&str, &str)]| {
            let text = self.answer_of_iam(who, action, parameters);
            let denied = text.contains("<Code>AccessDenied</Code>");
            assert!(denied || !text.contains("<ErrorResponse"), "{action} {parameters:?}: {text}");
            assert!(!text.contains("<IsTruncated>true"), "{action}: the world is too large");
            all.insert(format!("{account} iam {action} {parameters:?}"), json!(tags_sorted(&text)));
            text
        };
        let users = ask("ListUsers", &[]);
        if users.contains("<Code>AccessDenied</Code>") {
            return false;
        }
        for name in texts(&users, "UserName") {
            let user = [("UserName", name)];
            for action in ["GetUser", "ListAttachedUserPolicies", "ListMFADevices"] {
                ask(action, &user);
            }
            for policy in texts(&ask("ListUserPolicies", &user), "member") {
                ask("GetUserPolicy", &[user[0], ("PolicyName", policy)]);
            }
            // A user without a password has no profile to get.
            let profile = self.answer_of_iam(who, "GetLoginProfile", &user);
            all_profiles.push((name.to_owned(), profile));
            for key in texts(&ask("ListAccessKeys", &user), "AccessKeyId") {
                ask("GetAccessKeyLastUsed", &[("AccessKeyId", key)]);
            }
        }
        let roles = ask("ListRoles", &[]);
        for name in texts(&roles, "RoleName") {
            let role = [("RoleName", name)];
            for action in ["GetRole", "ListAttachedRolePolicies"] {
                ask(action, &role);
            }
            for policy in texts(&ask("ListRolePolicies", &role), "member") {
                ask("GetRolePolicy", &[role[0], ("PolicyName", policy)]);
            }
        }
        let policies = ask("ListPolicies", &[("MaxItems", "1000")]);
        let own = format!("::{account}:");
        for arn in texts(&policies, "Arn") {
            let policy = ("PolicyArn", arn);
            ask("ListEntitiesForPolicy", &[policy]);
            if arn.contains(&own) {
                for version in texts(&ask("ListPolicyVersions", &[policy]), "VersionId") {
                    ask("GetPolicyVersion", &[policy, ("VersionId", version)]);
                }
            }
        }
        for (name, profile) in all_profiles {
            all.insert(format!("{account} iam GetLoginProfile {name}"), json!(profile));
        }
        true
    }

    /// Detectors, hubs and trails.
    fn dump_region(&self, who: &Operator, region: &Region, all: &mut BTreeMap<String, Json>) {
        let (account, at) = (who.account.as_str(), region.as_str());
        let detectors = self.json(who, ("guardduty", at), ("GET", "/detector"), Json::Null);
        for id in detectors["detectorIds"].as_array().expect("a list") {
            let path = format!("/detector/{}", id.as_str().expect("an id"));
            let mut detector = self.json(who, ("guardduty", at), ("GET", &path), Json::Null);
            detector.as_object_mut().map(|d| d.remove("updatedAt"));
            all.insert(format!("{account} {at} detector {id}"), detector);
        }
        all.insert(format!("{account} {at} detectors"), detectors);
        let hub = self.raw(who, ("securityhub", at), ("GET", "/accounts"), "");
        all.insert(format!("{account} {at} hub is on"), json!(hub.status == 200));
        let trails = self.cloudtrail(who, region, "DescribeTrails", json!({}));
        for trail in trails["trailList"].as_array().expect("a list") {
            if trail["HomeRegion"] != at {
                continue;
            }
            let arn = &trail["TrailARN"];
            let status = self.cloudtrail(who, region, "GetTrailStatus", json!({"Name": arn}));
            let selectors =
                self.cloudtrail(who, region, "GetEventSelectors", json!({"TrailName": arn}));
            let now = json!([status["IsLogging"], selectors]);
            all.insert(format!("{account} {at} trail {arn}"), now);
        }
    }

    /// Where accounts stand, and what is attached where; nothing outside of an organization.
    fn dump_organization(&self, who: &Operator, all: &mut BTreeMap<String, Json>) {
        let body = json!({});
        let target = "AWSOrganizationsV20161128.ListRoots";
        if self.targeted(who, ("organizations", "us-east-1"), target, &body).status != 200 {
            return;
        }
        let root = self.organizations(who, "ListRoots", body)["Roots"][0]["Id"].clone();
        let units =
            self.organizations(who, "ListOrganizationalUnitsForParent", json!({"ParentId": root}));
        let units = units["OrganizationalUnits"].as_array().expect("a list").clone();
        for place in std::iter::once(root).chain(units.iter().map(|u| u["Id"].clone())) {
            let accounts =
                self.organizations(who, "ListAccountsForParent", json!({"ParentId": place}));
            all.insert(format!("organization accounts of {place}"), accounts);
            let body = json!({"TargetId": place, "Filter": "SERVICE_CONTROL_POLICY"});
            let mut policies = self.organizations(who, "ListPoliciesForTarget", body);
            if let Some(all) = policies["Policies"].as_array_mut() {
                all.sort_by_key(|p| p["Id"].to_string());
            }
            all.insert(format!("organization policies of {place}"), policies);
        }
    }

    /// The operator of the organization's management account.
    fn manager(&self) -> Operator {
        let operators = self.range.operators();
        let may = |who: &&Operator| {
            let target = "AWSOrganizationsV20161128.ListRoots";
            let to = ("organizations", "us-east-1");
            self.targeted(who, to, target, &json!({})).status == 200
        };
        operators.iter().find(may).expect("a management account").clone()
    }

    /// The id of an SCP by its name.
    pub fn scp(&self, name: &str) -> String {
        let body = json!({"Filter": "SERVICE_CONTROL_POLICY"});
        let listed = self.organizations(&self.manager(), "ListPolicies", body);
        id_of(&listed["Policies"], name)
    }

    /// The id of a unit beneath the root by its name.
    pub fn unit(&self, name: &str) -> String {
        let who = self.manager();
        let root = self.organizations(&who, "ListRoots", json!({}))["Roots"][0]["Id"].clone();
        let body = json!({"ParentId": root});
        let listed = self.organizations(&who, "ListOrganizationalUnitsForParent", body);
        id_of(&listed["OrganizationalUnits"], name)
    }

    pub fn organizations(&self, who: &Operator, operation: &str, body: Json) -> Json {
        let target = format!("AWSOrganizationsV20161128.{operation}");
        self.read(who, ("organizations", "us-east-1"), &target, &body)
    }

    /// `MoveAccount` answers with nothing.
    pub fn moved(&self, who: &Operator, body: &Json) {
        let target = "AWSOrganizationsV20161128.MoveAccount";
        let answer = self.targeted(who, ("organizations", "us-east-1"), target, body);
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    pub fn cloudtrail(&self, who: &Operator, region: &Region, operation: &str, body: Json) -> Json {
        let target = format!("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.{operation}");
        self.read(who, ("cloudtrail", region.as_str()), &target, &body)
    }

    fn read(&self, who: &Operator, to: (&str, &str), target: &str, body: &Json) -> Json {
        let answer = self.targeted(who, to, target, body);
        assert_eq!(answer.status, 200, "{target}: {}", answer.text);
        serde_json::from_str(&answer.text).expect("JSON")
    }

    /// A request whose operation a header names.
    fn targeted(&self, who: &Operator, to: (&str, &str), target: &str, body: &Json) -> Answer {
        let key = (who.access_key.as_str(), who.secret.as_str());
        let mut request = signed(key, to, ("POST", "/"), &body.to_string(), "");
        let target = target.parse().expect("a header's value");
        request.headers_mut().insert("x-amz-target", target);
        self.answered(request)
    }

    /// The account that IAM's and a region's things are looked for in.
    pub fn look_in(&mut self, account: Option<&str>) {
        self.place.account = account.map(|id| id.parse().expect("an account"));
    }
}

/// The id of what bears the name in a list of Organizations.
fn id_of(list: &Json, name: &str) -> String {
    let found = list.as_array().expect("a list").iter().find(|one| one["Name"] == name);
    found.expect("it is there")["Id"].as_str().expect("an id").to_owned()
}

/// Tags are a set: their order says nothing.
fn tags_sorted(answer: &str) -> String {
    let Some((head, rest)) = answer.split_once("<Tags>") else { return answer.to_owned() };
    let (tags, tail) = rest.split_once("</Tags>").expect("closed");
    let mut tags: Vec<&str> = tags.split_inclusive("</member>").collect();
    tags.sort_unstable();
    format!("{head}<Tags>{}</Tags>{tail}", tags.concat())
}

pub struct Answer {
    pub status: u16,
    pub text: String,
}

fn quiet(_: Call) {}

/// The consent with the words that the review asks for.
pub fn yes(review: &Review) -> halon::guard::Consent {
    review.consent(review.ceremony.words()).expect("its own words")
}

/// The texts of every element of this name.
pub fn texts<'t>(xml: &'t str, element: &str) -> Vec<&'t str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    xml.split(&open).skip(1).filter_map(|rest| rest.split(&close).next()).collect()
}

/// Of a run's records of this kind, the values at a JSON pointer.
pub fn said(records: &[Record], run: &str, kind: Kind, pointer: &str) -> Vec<String> {
    let of_it = |r: &&Record| r.kind() == Some(kind) && r.text("run") == Some(run);
    let value = |r: &Record| r.value.pointer(pointer).cloned().unwrap_or_default();
    let text = |v: Json| v.as_str().map_or_else(|| v.to_string(), ToOwned::to_owned);
    records.iter().filter(of_it).map(|r| text(value(r))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A request signed by AWS's description of Signature Version 4. Its paths and headers
/// need no encoding; its time is nobody's. Without a token the key is a user's own.
pub fn signed(
    (key, secret): (&str, &str),
    (service, region): (&str, &str),
    (method, path): (&str, &str),
    body: &str,
    token: &str,
) -> http::Request<Bytes> {
    const TIME: &str = "20260302T031000Z";
    let day = &TIME[..8];
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let host = format!("{service}.{region}.amazonaws.com");
    let (more, names) = match token {
        "" => (String::new(), "host;x-amz-date"),
        token => {
            let names = "host;x-amz-date;x-amz-security-token";
            (format!("x-amz-security-token:{token}\n"), names)
        }
    };
    let canonical = format!(
        "{method}\n{path}\n\nhost:{host}\nx-amz-date:{TIME}\n{more}\n{names}\n{}",
        hex(&Sha256::digest(body))
    );
    let to_sign = format!("AWS4-HMAC-SHA256\n{TIME}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let mut derived = mac(format!("AWS4{secret}").as_bytes(), day);
    for part in [region, service, "aws4_request"] {
        derived = mac(&derived, part);
    }
    let form = body.starts_with("Action=");
    let kind = if form { "application/x-www-form-urlencoded" } else { "application/json" };
    let request = http::Request::builder();
    let request = match token {
        "" => request,
        token => request.header("x-amz-security-token", token),
    };
    request
        .method(method)
        .uri(format!("https://{host}{path}"))
        .header("host", host)
        .header("content-type", kind)
        .header("x-amz-date", TIME)
        .header(
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={}",
                hex(&mac(&derived, &to_sign))
            ),
        )
        .body(Bytes::from(body.to_owned()))
        .expect("a request")
}
