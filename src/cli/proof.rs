//! `halon audit verify --cloudtrail`: our log beside AWS's own record.

use std::{io, path::Path};

use jiff::SignedDuration;
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
        proof::{Finding, Grade, Here, Logged, Proof, Searched, Verdict},
    },
    domain::{
        time::{parse_span, parse_when},
        untrusted::display,
    },
    runtime::{self, wall_clock},
};

/// A proof, to be told.
pub struct Proven {
    pub proof: Proof,
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
    Ok(Proven { proof: ask(&context, logged, delay)? })
}

/// Signs in and asks, until all is answered or a signal ends it.
fn ask(context: &Context, logged: Logged, delay: SignedDuration) -> anyhow::Result<Proof> {
    let mut case = context.case(&Filter::default(), Intervals::once());
    let tasks = runtime::tasks()?;
    if !logged.sessions.is_empty() {
        tasks.block_on(runtime::identify(&mut case, &context.cloud, &context.clock));
    }
    let histories = case.witnesses();
    let (cloud, clock) = (context.cloud.clone(), context.clock.clone());
    // In a task of its own: the SDK's unoptimised parsers want the large stacks.
    let asking = tasks.spawn(async move {
        runtime::prove(&cloud, &clock, &logged, &histories, delay, &|_| ()).await
    });
    let proof = tasks.block_on(async {
        let mut ending = runtime::Ending::listen()?;
        tokio::select! {
            biased;
            () = ending.asked() => Err(io::Error::from(io::ErrorKind::Interrupted)),
            proof = asking => proof.map_err(io::Error::other),
        }
    })?;
    proof.map_err(|fault| anyhow::anyhow!(fault))
}

impl Proven {
    /// The part of the JSON answer that is about CloudTrail.
    pub fn put_into(&self, answer: &mut Value) {
        let proof = &self.proof;
        let open = proof.findings.iter().filter(|f| f.verdict.grade() == Grade::Open);
        let gaps: Vec<Value> = open
            .map(|f| {
                let why = f.why.clone().or_else(|| proof.said(f));
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
            "now": crate::domain::time::rfc3339(proof.terms.now),
            "delay_seconds": proof.terms.delay.as_secs(),
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
        for line in proof.places() {
            writeln!(output.out, "  asked: {line}")?;
        }
        for line in proof.lines() {
            writeln!(output.out, "  {line}")?;
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
