//! What IAM prepares before it can be fetched: credential reports, and when a principal
//! used which service.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use super::change::Entry;

/// After this the world's time alone makes something ready, in milliseconds.
const READY_AFTER: i64 = 2000;

/// How long a credential report is good: "as often as once every four hours".
const GOOD_FOR: i64 = 4 * 3_600_000;

/// Something asked for that is not there at once: it is after it was asked for once more,
/// or two seconds later. So nobody waits for ever in a world whose time stands.
#[derive(Clone)]
struct Work {
    /// Epoch milliseconds.
    begun: i64,
    asked_for: bool,
}

impl Work {
    fn ready(&self, now: i64) -> bool {
        self.asked_for || now - self.begun >= READY_AFTER
    }
}

#[derive(Clone)]
pub struct CredentialReport {
    work: Work,
    /// The CSV.
    pub content: Arc<str>,
}

impl CredentialReport {
    pub fn begun(&self) -> i64 {
        self.work.begun
    }

    pub fn ready(&self, now: i64) -> bool {
        self.work.ready(now)
    }

    pub fn expired(&self, now: i64) -> bool {
        now - self.work.begun >= GOOD_FOR
    }
}

/// When whom used what.
pub struct Job {
    work: Work,
    /// The account and ARN of the user, role or policy.
    pub account: usize,
    pub arn: String,
    /// Actions too, not only services.
    pub actions: bool,
    /// The ARN of the user or role that asked: nobody else is answered.
    pub by: String,
}

impl Job {
    pub fn begun(&self) -> i64 {
        self.work.begun
    }

    pub fn ready(&self, now: i64) -> bool {
        self.work.ready(now)
    }
}

#[derive(Default)]
pub struct Reports {
    credentials: HashMap<usize, CredentialReport>,
    jobs: HashMap<String, Job>,
}

impl Reports {
    pub fn credentials(&self, account: usize) -> Option<&CredentialReport> {
        self.credentials.get(&account)
    }

    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.get(id)
    }

    pub fn begin_credentials(&mut self, account: usize, at: i64, content: String) {
        let work = Work { begun: at, asked_for: false };
        self.credentials.insert(account, CredentialReport { work, content: content.into() });
    }

    pub fn begin_job(
        &mut self,
        id: &str,
        at: i64,
        account: usize,
        arn: &str,
        by: &str,
        actions: bool,
    ) {
        let work = Work { begun: at, asked_for: false };
        let (arn, by) = (arn.to_owned(), by.to_owned());
        self.jobs.insert(id.to_owned(), Job { work, account, arn, actions, by });
    }

    /// Takes in a call of `account` before its change: it may ask for something begun.
    pub fn heard(&mut self, account: usize, entry: &Entry) {
        match entry.operation.as_str() {
            "iam:GetCredentialReport" | "iam:GenerateCredentialReport" => {
                if let Some(report) = self.credentials.get_mut(&account) {
                    report.work.asked_for = true;
                }
            }
            "iam:GetServiceLastAccessedDetails" => {
                let input = entry.input.as_deref();
                let input: Value =
                    input.and_then(|i| serde_json::from_str(i.get()).ok()).unwrap_or_default();
                let job = input["JobId"].as_str().and_then(|id| self.jobs.get_mut(id));
                if let Some(job) = job.filter(|job| job.account == account) {
                    job.work.asked_for = true;
                }
            }
            _ => {}
        }
    }
}
