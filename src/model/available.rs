//! Which command can be given now, and why not.

use super::{
    Focus, Model, Pane,
    same::{same, why_not},
};
use crate::{guard::Mode, input::Command, playbook::Run};

/// Why a command cannot be given; shown beside it.
pub type Why = &'static str;

/// The one place that decides it: the help, the footer and `app` all ask here.
pub fn available(command: Command, model: &Model) -> Result<(), Why> {
    use Command as C;
    // The list of filters lies over whatever pane it was asked for in.
    if command == C::Open && model.saved_under_cursor().is_some() {
        return Ok(());
    }
    if let Some(answer) = on_the_trail(command, model) {
        return answer;
    }
    if let Some(answer) = super::drill::available(command, model) {
        return answer;
    }
    if let Some(answer) = super::watch::available(command, model) {
        return answer;
    }
    if let Some(answer) = super::organization::available(command, model) {
        return answer;
    }
    if let Some(answer) = super::iam::available(command, model) {
        return answer;
    }
    match command {
        C::Arm => match (&model.mode, &model.setup.unarmable) {
            (Mode::ReadOnly, _) => Err("read-only: for the life of this process"),
            (_, Some(_)) => Err("the endpoint is the environment's: give it as --endpoint-url"),
            (_, None) if model.setup.offline => Err("offline: nothing is asked"),
            (Mode::Armed(_), None) => Err("armed already; disarm first"),
            (Mode::Safe, None) => Ok(()),
        },
        C::Search if model.text_place().is_none() => Err("there is no text here to search"),
        C::Choose if model.shelf_rows().is_empty() && !model.shelf.text.is_empty() => {
            Err("no playbook matches the filter")
        }
        C::PickAll if model.list.rows.is_empty() => Err("the list is empty"),
        C::DropPicks if model.picked.keys.is_empty() => Err("nothing is picked"),
        C::SavedFilters if model.saved.is_empty() => Err("no filter was saved yet"),
        C::DropFilter if model.saved_under_cursor().is_none() => Err("no filter is selected"),
        C::SetUp if model.setup.unconfigured.is_none() => {
            Err("halon.toml is there, another file was named, or this is the range")
        }
        C::Disarm if model.mode.armed().is_none() => Err("not armed"),
        C::EndGlass if model.case.glass.is_empty() => Err("no break-glass session is open"),
        C::Start => start(model),
        C::Choose if model.shelf_rows().is_empty() => Err("there is no playbook"),
        C::Yes | C::No => run(model, |r| r.is_asking(), "no question is asked"),
        C::Decide => run(model, |r| r.is_confirming(), "the run waits for nothing"),
        C::Retry => run(model, |r| r.may_decide() && !r.is_confirming(), "nothing has failed"),
        C::Skip => run(model, |r| r.may_decide(), "the step is not to be decided on"),
        C::Abandon => {
            run(model, |r| !r.ended() && !r.in_flight(), "a change is on its way, or all is over")
        }
        C::RollBack => run(
            model,
            |r| !r.in_flight() && r.has_changed(),
            "nothing was changed, or a change is on its way",
        ),
        C::Open | C::ShowRun if model.pane == Pane::Audit => {
            model.ledger.current().map(|_| ()).ok_or("the log is empty")
        }
        C::Undo => match model.ledger.current().and_then(|r| r.text("run")) {
            Some(_) => Ok(()),
            None => Err("this record belongs to no run"),
        },
        C::Prove if model.setup.offline => Err("offline: nothing is asked"),
        C::Prove if model.ledger.records.is_empty() => Err("the log is empty"),
        C::ReadBack if model.ledger.unknown.is_empty() => Err("every outcome is known"),
        C::Pick if model.current().is_none() => Err("no finding is selected"),
        C::Open | C::CopyId | C::MarkSeen | C::SameType | C::Events | C::Mark => {
            model.current().map(|_| ()).ok_or("no finding is selected")
        }
        C::Raw if model.current().is_none() => Err("no finding is selected"),
        C::CopyArn => match model.current() {
            None => Err("no finding is selected"),
            Some(f) if f.main().arn.is_none() => Err("this finding has no ARN"),
            Some(_) => Ok(()),
        },
        C::Focus if model.focus == Focus::List && model.current().is_none() => {
            Err("no finding is selected")
        }
        C::Refresh if model.setup.offline => Err("offline: nothing is asked"),
        C::MarkAllSeen if model.list.rows.is_empty() => Err("the list is empty"),
        C::Account if model.list.accounts.is_empty() => Err("no account is known yet"),
        C::Region if model.list.regions.is_empty() => Err("no region is known yet"),
        _ => Ok(()),
    }
}

/// What the trail's own pane decides.
fn on_the_trail(command: Command, model: &Model) -> Option<Result<(), Why>> {
    use Command as C;
    if model.pane != Pane::Trail {
        return None;
    }
    let trail = &model.trail;
    let asked = || trail.sight.asked.as_ref().ok_or("nothing is asked yet");
    let event = || trail.current().ok_or("no event is selected");
    Some(match command {
        C::Filter | C::FailedOnly | C::Focus | C::Reverse if trail.sight.tree.is_some() => {
            Err("the sessions are shown, and not their events")
        }
        C::Filter | C::FailedOnly | C::Wider | C::Narrower => asked().map(|_| ()),
        C::Earlier | C::Later | C::ClearFilters => asked().map(|_| ()),
        C::Refresh if !model.setup.offline => asked().map(|_| ()),
        C::JumpBack if trail.earlier.is_empty() => Err("this is the first question"),
        C::StopAsking => match &model.case.inquiry {
            Some(inquiry) if !inquiry.is_over() => Ok(()),
            _ => Err("nothing is being asked"),
        },
        C::Open if trail.sight.tree.is_some() => {
            let session = trail.sight.tree.as_ref().and_then(|t| t.current());
            session.map(|_| ()).ok_or("no session is selected")
        }
        C::Sessions => asked().map(|_| ()),
        C::Open | C::Raw | C::CopyId | C::Same | C::Mark => event().map(|_| ()),
        C::Focus if trail.sight.focus == Focus::List => event().map(|_| ()),
        C::CopyArn => event().and_then(|e| match e.identity.arn {
            Some(_) => Ok(()),
            None => Err("this event does not say who called"),
        }),
        C::FindingsOf => event().and_then(|e| match e.access_key().or(e.username.as_ref()) {
            Some(_) => Ok(()),
            None => Err("this event names neither key nor user"),
        }),
        C::SameKey
        | C::SameAddress
        | C::SameAgent
        | C::SameRole
        | C::SameUser
        | C::SameResource
        | C::SameName
        | C::SameService
        | C::GivenKey
        | C::SameTime => event().and_then(|e| {
            let found = same(e).into_iter().any(|(c, _)| c == command);
            if found { Ok(()) } else { Err(why_not(command)) }
        }),
        _ => return None,
    })
}

fn run(model: &Model, can: impl Fn(&Run) -> bool, why: Why) -> Result<(), Why> {
    match model.shown_run() {
        Some(run) if can(run) => Ok(()),
        _ => Err(why),
    }
}

/// A plan is run where it is made, can be run, and halon may be armed.
fn start(model: &Model) -> Result<(), Why> {
    let Some(plan) = model.case.draft.as_ref().and_then(|d| d.plan()) else {
        return Err("the plan is not made yet");
    };
    plan.runnable()?;
    if model.starting {
        return Err("the playbook is being looked at");
    }
    match model.mode {
        Mode::Armed(_) => Ok(()),
        Mode::ReadOnly | Mode::Safe => available(Command::Arm, model),
    }
}
