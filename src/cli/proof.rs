//! `halon audit verify --cloudtrail`: our log beside AWS's own record.

use std::{io, path::Path};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    Output, answer,
    args::{Global, ProofArgs},
    audit::unreadable,
    context::{self, Context},
};
use crate::{
    audit::{self, Report},
    case::{
        Filter, Intervals,
        proof::{
            Clocks, Finding, Grade, Here, Logged, Proof, Searched, Terms, Verdict, prove as compare,
        },
    },
    domain::{
        event::{Event, Window},
        time::{parse_span, parse_when},
        untrusted::{display, display_in},
    },
    runtime::{self, Witness, wall_clock},
};

/// The range's history is asked to this long after now: its clock may be another process's.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// A proof with what it rests on.
pub struct Proven {
    pub proof: Proof,
    terms: Terms,
}

/// Asks CloudTrail for what the log says, and compares. Only records that verify are taken.
///
/// # Errors
/// Wrong usage; the log cannot be read; a signal.
pub fn prove(
    global: &Global,
    path: &Path,
    report: &Report,
    options: &ProofArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Proven> {
    if global.offline {
        return Err(answer::usage("--cloudtrail asks AWS: leave out --offline"));
    }
    let delay = parse_span(&options.delay)
        .ok_or_else(|| answer::usage("--delay is an age such as 15m or 2h"))?;
    let now = wall_clock();
    let since = options.since.as_deref().map(|text| parse_when(text, now)).transpose();
    let since = since.map_err(|why| answer::usage(format!("--since {}", display(&why))))?;
    let context = Context::new(global, context::config(global).map_err(answer::usage)?)?;
    let records = match report.unreadable {
        Some(_) => Vec::new(),
        None => audit::read(path).map_err(unreadable)?,
    };
    let sure = records.iter().filter(|record| record.line <= report.verified);
    let here = Here { world: context.here(global), endpoint: context.goes_to() };
    let logged = Logged::of(sure, here, since);
    let clocks = match &context.world {
        Some((_, start)) => Clocks::Apart(Window::new(*start, (context.clock)() + AHEAD)),
        None => Clocks::Same,
    };
    let mut terms = Terms { now, delay, clocks };
    let (said, vain) = ask(&context, &logged, &terms)?;
    terms.now = said.server.map_or(now, |server| server.min(now));
    let searched: Vec<Searched> = vain.into_iter().chain(said.searched).collect();
    if !logged.sessions.is_empty() && searched.is_empty() {
        writeln!(output.err, "halon: nobody is named in the log: there is nothing to look up")?;
    }
    Ok(Proven { proof: compare(&logged, &said.events, &searched, &terms), terms })
}

/// Signs in and asks, until all is answered or a signal ends it.
fn ask(
    context: &Context,
    logged: &Logged,
    terms: &Terms,
) -> anyhow::Result<(Witness, Vec<Searched>)> {
    let lookups = logged.lookups(terms);
    if lookups.is_empty() {
        return Ok((Witness::default(), Vec::new()));
    }
    let mut case = context.case(&Filter::default(), Intervals::once());
    let tasks = runtime::tasks()?;
    tasks.block_on(runtime::identify(&mut case, &context.cloud, &context.clock));
    let (asked, vain) = case.witnesses(logged, lookups);
    let (cloud, clock) = (context.cloud.clone(), context.clock.clone());
    // In a task of its own: the SDK's unoptimised parsers want the large stacks.
    let asking =
        tasks.spawn(async move { runtime::witness(&cloud, &clock, &asked, &|_| ()).await });
    let said = tasks.block_on(async {
        let mut ending = runtime::Ending::listen()?;
        tokio::select! {
            biased;
            () = ending.asked() => Err(io::Error::from(io::ErrorKind::Interrupted)),
            said = asking => said.map_err(io::Error::other),
        }
    })?;
    Ok((said.map_err(|fault| anyhow::anyhow!(fault))?, vain))
}

impl Proven {
    /// The part of the JSON answer that is about CloudTrail.
    pub fn put_into(&self, answer: &mut Value) {
        let proof = &self.proof;
        let open = proof.findings.iter().filter(|f| f.verdict.grade() == Grade::Open);
        let gaps: Vec<Value> = open
            .map(|f| {
                let why = f.why.clone().or_else(|| self.words(f));
                json!({"source": "cloudtrail", "why": why, "seq": f.call.as_ref().map(|c| c.seq)})
            })
            .collect();
        if !gaps.is_empty() {
            answer["complete"] = false.into();
            if let Some(incomplete) = answer["incomplete"].as_array_mut() {
                incomplete.extend(gaps);
            }
        }
        let counts: serde_json::Map<String, Value> = Verdict::ALL
            .into_iter()
            .map(|verdict| (verdict.name().to_owned(), proof.count(verdict).into()))
            .collect();
        answer["cloudtrail"] = json!({
            "grade": proof.grade(),
            "now": crate::domain::time::rfc3339(self.terms.now),
            "delay_seconds": self.terms.delay.as_secs(),
            "counts": counts,
            "elsewhere": proof.elsewhere,
            "sessions_before": proof.before,
            "searched": proof.searched.iter().map(searched).collect::<Vec<_>>(),
            "findings": proof.findings.iter().map(finding).collect::<Vec<_>>(),
        });
    }

    /// For people. What agrees is counted, everything else named.
    pub fn say(&self, output: &mut Output<'_>) -> anyhow::Result<()> {
        let proof = &self.proof;
        writeln!(output.out, "the log {}", proof.words())?;
        for line in places(&proof.searched) {
            writeln!(output.out, "  asked: {line}")?;
        }
        for f in &proof.findings {
            if let Some(line) = self.line(f) {
                writeln!(output.out, "  {line}")?;
            }
        }
        writeln!(
            output.err,
            "halon: only calls that change something are compared: what halon reads is not in its log"
        )?;
        if proof.elsewhere > 0 {
            writeln!(
                output.err,
                "halon: {} calls of the log went elsewhere than here and are not compared",
                proof.elsewhere
            )?;
        }
        if proof.before > 0 {
            writeln!(output.err, "halon: {} sessions began before --since", proof.before)?;
        }
        Ok(())
    }

    fn line(&self, f: &Finding) -> Option<String> {
        let words = self.words(f)?;
        let Some(call) = &f.call else { return Some(words) };
        let request = call.request_id.as_deref().map_or_else(
            || "no request id".to_owned(),
            |id| format!("request {}", display_in(id, 60)),
        );
        Some(format!(
            "record {}: {}:{} in {} {} at {:.0}, {request}: {words}",
            call.seq,
            display_in(&call.service, 40),
            display_in(&call.operation, 60),
            call.account,
            call.region,
            call.at,
        ))
    }

    /// What is said of it; nothing of what agrees.
    fn words(&self, f: &Finding) -> Option<String> {
        let why = f.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let event = f.event.as_deref();
        let event = event.map(|e| format!(" {} event {}", when(e), id(e))).unwrap_or_default();
        Some(match f.verdict {
            Verdict::Matched | Verdict::NotSent | Verdict::Unrecorded => return None,
            Verdict::Settled => format!("arrived{why}"),
            Verdict::ThroughService => format!("by a service:{event}{why}"),
            Verdict::Unlogged => format!("NOT LOGGED:{event}{why}"),
            Verdict::TooYoung => {
                format!("too young: CloudTrail may have it until {}", self.until(f))
            }
            Verdict::Unheard => "unknown outcome, and CloudTrail has nothing that fits".to_owned(),
            Verdict::NotSearched => format!("not searched{why}"),
            Verdict::Differs => format!("TOLD OTHERWISE:{event}{why}"),
            Verdict::Missing => "MISSING: CloudTrail does not have it".to_owned(),
        })
    }

    fn until(&self, f: &Finding) -> String {
        let at = f.call.as_ref().map(|call| call.at);
        let until = at.and_then(|at| at.checked_add(self.terms.delay).ok());
        until.map_or_else(|| "later".to_owned(), |at: Timestamp| format!("{at:.0}"))
    }
}

fn when(event: &Event) -> String {
    event.time.map_or_else(|| "at an unknown time".to_owned(), |at| format!("{at:.0}"))
}

fn id(event: &Event) -> String {
    display_in(event.id.raw(), 80)
}

/// Each question once, with the regions in which it was answered.
fn places(searched: &[Searched]) -> Vec<String> {
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for s in searched.iter().filter(|s| s.lacking.is_none()) {
        let Window { from, to } = s.window;
        let what = format!("{} {} from {from:.0} to {to:.0}", s.account, s.by);
        let region = s.region.iter().map(ToString::to_string);
        match lines.iter_mut().find(|(known, _)| *known == what) {
            Some((_, regions)) => regions.extend(region),
            None => lines.push((what, region.collect())),
        }
    }
    lines.into_iter().map(|(what, regions)| format!("{what} in {}", regions.join(", "))).collect()
}

fn searched(s: &Searched) -> Value {
    json!({
        "account": s.account,
        "region": s.region,
        "by": {s.by.name(): s.by.value()},
        "since": s.window.from,
        "until": s.window.to,
        "lacking": s.lacking,
    })
}

fn finding(f: &Finding) -> Value {
    let event = f.event.as_deref().map(|e| {
        json!({
            "event_id": e.id,
            "time": e.time,
            "account": e.account,
            "region": e.region,
            "name": e.name,
            "source": e.source,
            "principal": e.identity.principal(),
            "arn": e.identity.arn,
            "access_key_id": e.access_key(),
            "source_ip": e.source_ip,
            "user_agent": e.user_agent,
            "error_code": e.error_code,
            "request_id": e.request_id(),
            "invoked_by": e.identity.invoked_by,
        })
    });
    json!({"verdict": f.verdict, "call": f.call, "event": event, "why": f.why})
}
