//! `halon drill ready`: could the break-glass roles do the playbooks' steps today?

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::{
    cli::{
        Output,
        answer::{self, Code},
        args::Global,
    },
    domain::AccountId,
};

#[derive(Debug, ClapArgs)]
pub struct ReadyArgs {
    /// Only this account; may be given several times
    #[arg(long, value_name = "ID", action = clap::ArgAction::Append)]
    pub account: Vec<AccountId>,
    /// Only this playbook; may be given several times
    #[arg(long, value_name = "NAME", action = clap::ArgAction::Append)]
    pub playbook: Vec<String>,
    /// Read an account from what `aws iam get-account-authorization-details` prints, and ask
    /// nobody; may be given several times
    #[arg(long, value_name = "FILE", action = clap::ArgAction::Append)]
    pub file: Vec<PathBuf>,
}

pub fn run(_: &Global, _: &ReadyArgs, _: &mut Output<'_>) -> anyhow::Result<Code> {
    Err(answer::usage("`halon drill ready` cannot answer yet"))
}
