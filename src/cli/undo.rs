//! `halon undo`: the way back of a run, from the audit log.

use super::{
    Output,
    act::Session,
    answer::{self, Code},
    args::{Global, UndoArgs},
    playbook::{carry_out, started},
};
use crate::{case::PlanSource, domain::untrusted::display, playbook::done_changes};

pub fn run(global: &Global, args: &UndoArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let mut session = Session::armed(global, &args.consent)?;
    let records = session.records()?;
    started(&records, &args.run_id)?;
    let mut done = done_changes(&records, &args.run_id).map_err(|f| answer::refused(&f))?;
    if let Some(step) = &args.step {
        let numbered =
            step.parse::<usize>().ok().and_then(|n| done.get(n.checked_sub(1)?)).cloned();
        done.retain(|d| d.step == *step);
        if done.is_empty() {
            done.extend(numbered);
        }
        if done.is_empty() {
            let why = format!("run {} changed nothing in step {}", args.run_id, display(step));
            return Err(answer::usage(why));
        }
    }
    if done.is_empty() {
        return Err(answer::usage(format!("run {} changed nothing", args.run_id)));
    }
    session.identify(output)?;
    let draft = session.plan(PlanSource::Undo { run: args.run_id.clone(), done }, None);
    carry_out(global, session, &draft, None, None, &args.consent, output)
}
