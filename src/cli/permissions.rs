//! `halon permissions`: the IAM policy made from halon's own list of calls.

use super::{
    Output,
    answer::{Code, write_json},
    args::PermissionsMode,
};
use crate::cloud::allowed;

pub fn run(mode: PermissionsMode, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let PermissionsMode::ReadOnly = mode;
    write_json(output, &allowed::policy())?;
    Ok(Code::Done)
}
