//! `halon permissions`: the IAM policy made from halon's own list of calls.

use super::{
    Output,
    answer::{Code, write_json},
    args::PermissionsMode,
};
use crate::cloud::allowed;

pub fn run(mode: PermissionsMode, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let policy = match mode {
        PermissionsMode::ReadOnly => allowed::policy(),
        PermissionsMode::Respond => allowed::respond_policy(),
    };
    write_json(output, &policy)?;
    Ok(Code::Done)
}
