//! `halon doctor`: is everything in order to look at this account?

use std::sync::Mutex;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Output,
    answer::{self, Code, Document, write_json},
    args::Global,
    config,
    context::{self, Context},
};
use crate::{
    cloud::{self, Cloud},
    domain::{
        Answer, Call, Fault, FaultKind, Logging, Place, Query, Region, Source, Target,
        untrusted::display_in,
    },
};

/// Clocks further apart than this make a record hard to compare (seconds).
const SKEW: i64 = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Good,
    /// Off, and known to be off: not a problem of halon's.
    Off,
    Problem,
}

#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    target: Target,
    region: Option<Region>,
    state: State,
    detail: String,
}

pub fn run(global: &Global, output: &mut Output<'_>) -> anyhow::Result<Code> {
    if global.offline {
        return Err(answer::usage("doctor asks AWS: it cannot be used with --offline"));
    }
    let context = Context::new(global, context::config(global).map_err(answer::usage)?)?;
    let mut checks = Vec::new();
    for name in &context.environment {
        let target = context.targets[0].0.clone();
        let detail = format!("{name} is set: requests go elsewhere or through somebody");
        checks.push(Check {
            check: "environment",
            target,
            region: None,
            state: State::Good,
            detail,
        });
    }
    checks.extend(files(global, &context));
    crate::runtime::tasks()?.block_on(async {
        // Those that only act are looked over where the first one looks.
        let regions = &context.targets[0].1;
        let also = context.also.iter().map(|target| (target, regions));
        let targets = context.targets.iter().map(|(target, regions)| (target, regions));
        let asked = targets.chain(also).map(|(target, regions)| examine(&context, target, regions));
        for found in futures_util::future::join_all(asked).await {
            checks.extend(found);
        }
    });
    if global.json {
        let document = Document::new("halon.doctor/1", (context.clock)(), &[], &checks);
        write_json(output, &document)?;
    } else {
        for check in &checks {
            let sign = match check.state {
                State::Good => "ok     ",
                State::Off => "off    ",
                State::Problem => "PROBLEM",
            };
            let place = check.region.as_ref().map(|r| format!(" {r}")).unwrap_or_default();
            writeln!(
                output.out,
                "{sign} {:<12} {}{place}: {}",
                check.check, check.target, check.detail
            )?;
        }
    }
    let well = checks.iter().all(|c| c.state != State::Problem);
    Ok(if well { Code::Done } else { Code::Failed })
}

/// The files that hold here, and whether they can be used.
fn files(global: &Global, context: &Context) -> Vec<Check> {
    let check = |check, state, detail| Check {
        check,
        target: context.targets[0].0.clone(),
        region: None,
        state,
        detail,
    };
    let mut checks = Vec::new();
    if let Some(path) = context::config_path(global) {
        let shown = display_in(&path.to_string_lossy(), 200);
        let detail = match path.exists() {
            true => shown,
            false => format!("{shown} is not there: every setting has its default"),
        };
        checks.push(check("config", State::Good, detail));
    }
    if let Some(line) = global.policy.in_a_line() {
        let state = if global.policy.broken.is_some() { State::Problem } else { State::Good };
        checks.push(check("policy", state, global.policy.trouble().unwrap_or(line)));
    }
    for beside in config::beside(context::config_dir().as_deref(), Some(&context.config)) {
        let state = if beside.is_good() { State::Good } else { State::Problem };
        checks.push(check(beside.kind, state, beside.to_string()));
    }
    checks
}

async fn examine(context: &Context, target: &Target, regions: &[Region]) -> Vec<Check> {
    let check = |check, region: Option<&Region>, state, detail| Check {
        check,
        target: target.clone(),
        region: region.cloned(),
        state,
        detail,
    };
    let chain = match context.cloud.chain(target).await {
        Ok(chain) => chain,
        Err(fault) => return vec![check("credentials", None, State::Problem, fault.to_string())],
    };
    let mut checks =
        vec![check("credentials", None, State::Good, format!("from {}", chain.provider))];
    if let Some(endpoint) = &chain.endpoint {
        let from = if endpoint.from_flag { "--endpoint-url" } else { "the environment or profile" };
        let detail = format!("{} (from {from})", cloud::shown_endpoint(&endpoint.url));
        checks.push(check("endpoint", None, State::Good, detail));
    }
    let (answer, calls) = ask(&context.cloud, &Query::Caller(target.clone())).await;
    match answer {
        Answer::Identity(identity) => {
            let detail = display_in(identity.arn.raw(), 200);
            checks.push(check("identity", None, State::Good, detail));
        }
        other => checks.push(check("identity", None, State::Problem, why(other).to_string())),
    }
    // AWS's clock: the range's world may be in another year, its wire is not.
    if let Some(there) = calls.iter().find_map(|c| c.server_time) {
        checks.push(clock(target, there));
    }
    let own = chain.region.clone().into_iter().collect::<Vec<_>>();
    let regions = if regions.is_empty() { &own } else { regions };
    if regions.is_empty() {
        let detail = "none is configured: use --region, halon.toml or the profile".to_owned();
        checks.push(check("region", None, State::Problem, detail));
    }
    let trails = regions.iter().map(|region| async move {
        let place = Place { target: target.clone(), region: region.clone() };
        (region, ask(&context.cloud, &Query::Logging { place }).await.0)
    });
    for (region, answer) in futures_util::future::join_all(trails).await {
        let (state, detail) = match answer {
            Answer::Logging(logging) => trails_of(&logging),
            other => (State::Problem, why(other).to_string()),
        };
        checks.push(check("cloudtrail", Some(region), state, detail));
    }
    let questions = regions.iter().flat_map(|region| {
        Source::ALL.map(|source| async move {
            let place = Place { target: target.clone(), region: region.clone() };
            let (answer, _) = ask(&context.cloud, &Query::Enabled { source, place }).await;
            (source, region, answer)
        })
    });
    for (source, region, answer) in futures_util::future::join_all(questions).await {
        let (state, detail) = match answer {
            Answer::Enabled(line) => (State::Good, line),
            other => {
                let fault = why(other);
                let off = fault.kind == FaultKind::NotEnabled;
                (if off { State::Off } else { State::Problem }, fault.to_string())
            }
        };
        checks.push(check(source.name(), Some(region), state, detail));
    }
    checks
}

/// Whether what happens in a place is being recorded, and what of it is not.
fn trails_of(logging: &Logging) -> (State, String) {
    let troubles = logging.troubles();
    let state = if troubles.is_empty() { State::Good } else { State::Problem };
    let said = std::iter::once(logging.in_short()).chain(troubles).chain(logging.weaknesses());
    (state, said.collect::<Vec<_>>().join("; "))
}

fn clock(target: &Target, there: Timestamp) -> Check {
    let here = crate::runtime::wall_clock();
    let apart = here.duration_since(there).as_secs();
    let state = if apart.abs() > SKEW { State::Problem } else { State::Good };
    let detail = match apart {
        -2..=2 => "agrees with the service's".to_owned(),
        3.. => format!("{apart} s ahead of the service's"),
        _ => format!("{} s behind the service's", -apart),
    };
    Check { check: "clock", target: target.clone(), region: None, state, detail }
}

/// Asks one question to its end; the calls made, and the final part.
async fn ask(cloud: &Cloud, query: &Query) -> (Answer, Vec<Call>) {
    let parts = Mutex::new((None, Vec::new()));
    let report = |answer: Answer| {
        let mut parts = parts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match answer {
            Answer::Called(call) => parts.1.push(call),
            last if last.is_final() => parts.0 = Some(last),
            _ => {}
        }
    };
    cloud.ask(query, &report).await;
    let (last, calls) = parts.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    (last.expect("INVARIANT: the last part of an answer is final"), calls)
}

fn why(answer: Answer) -> Fault {
    match answer {
        Answer::Failed(fault) => fault,
        _ => Fault::new(FaultKind::Unreadable, "an answer to another question"),
    }
}
