//! The same case as the console's, driven to its end once: for the headless commands.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::performer::Clock;
use crate::{case::Case, cloud::Cloud, domain::finding::Record};

/// Asks everything that is due until nothing is on its way any more. Every page of
/// records is also given to `keep`.
pub async fn gather(
    case: &mut Case,
    cloud: &Cloud,
    clock: &Clock,
    mut keep: impl FnMut(&[Arc<Record>]),
) {
    let (sender, mut answers) = mpsc::unbounded_channel();
    loop {
        for (ticket, query) in case.due(clock()) {
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
