//! Signed in everywhere, and ready to look at accounts and the organization: what the `iam`
//! and `org` commands share.

use jiff::Timestamp;

use super::{
    Output,
    answer::{self, Code},
    args::Global,
    context::{self, Context},
};
use crate::{
    case::{Case, Filter, Intervals, Load},
    domain::{AccountId, Gap, Service, Target},
    runtime,
};

pub struct Looking {
    pub context: Context,
    pub case: Case,
    /// Targets that could not be signed in to, for the service that is looked at.
    pub gaps: Vec<Gap>,
    tasks: tokio::runtime::Runtime,
}

impl Looking {
    /// Signs in everywhere.
    ///
    /// # Errors
    /// `--offline`, or nobody could be signed in.
    pub fn open(global: &Global, at: Service) -> anyhow::Result<Self> {
        if global.offline {
            return Err(answer::usage(format!(
                "nothing of {} is kept on this machine: leave out --offline, or name a file where one is taken",
                at.name()
            )));
        }
        let context = Context::new(global, context::config(global).map_err(answer::usage)?)?;
        let mut case = context.case(&Filter::default(), Intervals::once());
        let tasks = runtime::tasks()?;
        tasks.block_on(runtime::identify(&mut case, &context.cloud, &context.clock));
        let failed = case.identities().filter_map(|(target, load)| match load {
            Load::Failed(why) => Some((target, why)),
            _ => None,
        });
        let gap = |target: &Target, why: &crate::domain::Fault| Gap {
            source: at,
            account: target.clone(),
            region: None,
            page: None,
            why: why.clone(),
        };
        let gaps: Vec<Gap> = failed.map(|(target, why)| gap(target, why)).collect();
        match gaps.first() {
            Some(gap) if case.accounts().is_empty() => Err(answer::aws(&gap.why)),
            _ => Ok(Self { context, case, gaps, tasks }),
        }
    }

    /// The accounts signed in to, each once.
    pub fn accounts(&self) -> Vec<(Target, AccountId)> {
        self.case.accounts()
    }

    /// Asks what the case was told to look at, to the end.
    pub fn look(&mut self) {
        let Self { context, case, tasks, .. } = self;
        tasks.block_on(runtime::draft(case, &context.cloud, &context.clock));
    }

    pub fn now(&self) -> Timestamp {
        (self.context.clock)()
    }
}

/// Says what is missing, and gives the exit code for it.
pub fn told(gaps: &[Gap], output: &mut Output<'_>) -> anyhow::Result<Code> {
    for gap in gaps {
        writeln!(output.err, "halon: incomplete: {}: {}", gap.place(), gap.why)?;
    }
    Ok(if gaps.is_empty() { Code::Done } else { Code::Incomplete })
}
