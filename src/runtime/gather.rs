//! The same case as the console's, driven to its end once: for the headless commands.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::performer::Clock;
use crate::{
    case::{Case, Ticket},
    cloud::Cloud,
    domain::{Fault, FaultKind, Query, finding::Record},
};

/// Asks everything that is due until nothing is on its way any more. Every page of
/// records is also given to `keep`.
pub async fn gather(
    case: &mut Case,
    cloud: &Cloud,
    clock: &Clock,
    keep: impl FnMut(&[Arc<Record>]),
) {
    ask_all(case, cloud, clock, Case::due, keep).await;
}

/// Asks who we are, everywhere, and nothing else.
pub async fn identify(case: &mut Case, cloud: &Cloud, clock: &Clock) {
    ask_all(case, cloud, clock, |case, _| case.due_callers(), |_| ()).await;
}

/// Asks what the plan being made still lacks, what was sought by id, and what is to be
/// looked at.
pub async fn draft(case: &mut Case, cloud: &Cloud, clock: &Clock) {
    ask_all(case, cloud, clock, |case, _| case.due_plan(), |_| ()).await;
}

/// Asks what pre-flight rests on, for so long: what was not answered by then stays open, and
/// says so. Nobody waits for an endpoint that hangs before a step is taken.
pub async fn preflight(case: &mut Case, cloud: &Cloud, clock: &Clock, most: Duration) {
    let asked = ask_all(case, cloud, clock, |case, _| case.due_plan(), |_| ());
    if tokio::time::timeout(most, asked).await.is_err() {
        let what = format!("no answer within {} s", most.as_secs());
        case.give_up(&Fault::new(FaultKind::Timeout, what), clock());
    }
}

async fn ask_all(
    case: &mut Case,
    cloud: &Cloud,
    clock: &Clock,
    mut due: impl FnMut(&mut Case, Timestamp) -> Vec<(Ticket, Query)>,
    mut keep: impl FnMut(&[Arc<Record>]),
) {
    let (sender, mut answers) = mpsc::unbounded_channel();
    loop {
        for (ticket, query) in due(case, clock()) {
            let (cloud, sender) = (cloud.clone(), sender.clone());
            tokio::spawn(async move {
                let report = |answer| {
                    // The receiver lives as long as anything is on its way.
                    let _ = sender.send((ticket, answer));
                };
                cloud.ask(&query, &report).await;
            });
        }
        if case.is_idle() {
            return;
        }
        let Some((ticket, answer)) = answers.recv().await else { return };
        if let Some(records) = case.answered(ticket, answer, clock()) {
            keep(&records);
        }
    }
}
