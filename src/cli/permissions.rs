//! `halon permissions`: the IAM policy made from halon's own list of calls.

use super::{
    Output,
    answer::{self, Code, write_json},
    args::{Global, Partition, PermissionsArgs, PermissionsMode},
    context, text_file,
};
use crate::{
    cloud::allowed::{self, Access, MOST, Wanted},
    playbook::{Playbook, shipped},
};

pub fn run(
    global: &Global,
    args: &PermissionsArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let access = args.mode.access();
    let mut playbooks = shipped_playbooks();
    for path in &args.playbook {
        let (name, text) = text_file::read_text(path)?;
        playbooks.push(Playbook::read(&name, &text).map_err(answer::usage)?);
    }
    let wanted = allowed::wanted(access, &playbooks);
    if args.why {
        for row in &wanted {
            writeln!(output.out, "{}: {}", row.action, needed_by(row))?;
        }
        return Ok(Code::Done);
    }
    let assumes = wanted.iter().any(|w| w.action == crate::change::ASSUME.action);
    let mut roles: Vec<String> = args.break_glass.iter().map(ToString::to_string).collect();
    if assumes && roles.is_empty() {
        roles = context::config(global).map_err(answer::usage)?.break_glass;
    }
    if assumes && roles.is_empty() {
        writeln!(
            output.err,
            "halon: no break-glass role is known, so none may be assumed with this policy: give \
             --break-glass ARN, or name it in halon.toml"
        )?;
    }
    let policy = allowed::policy(&wanted, &roles, args.partition.name());
    let size = allowed::size(&policy);
    if size > MOST {
        writeln!(
            output.err,
            "halon: {size} characters: a managed policy has room for {MOST}. Make one policy of \
             the statements without Resource \"*\", and another of the rest"
        )?;
    }
    write_json(output, &policy)?;
    Ok(Code::Done)
}

pub(super) fn shipped_playbooks() -> Vec<Playbook> {
    shipped().iter().filter_map(|(id, text)| Playbook::read(id, text).ok()).collect()
}

/// Everybody who needs an action, the screens first.
pub(super) fn needed_by(wanted: &Wanted) -> String {
    let all: Vec<String> = wanted.by.iter().map(allowed::By::words).collect();
    all.join(", ")
}

impl PermissionsMode {
    fn access(self) -> Access {
        match self {
            PermissionsMode::ReadOnly => Access::ReadOnly,
            PermissionsMode::Respond => Access::Respond,
            PermissionsMode::Drill => Access::Drill,
            PermissionsMode::BreakGlass => Access::BreakGlass,
        }
    }
}

impl Partition {
    fn name(self) -> &'static str {
        match self {
            Partition::Aws => "aws",
            Partition::AwsCn => "aws-cn",
            Partition::AwsUsGov => "aws-us-gov",
        }
    }
}
