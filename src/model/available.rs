//! Which command can be given now, and why not.

use super::{Focus, Model};
use crate::input::Command;

/// Why a command cannot be given; shown beside it.
pub type Why = &'static str;

/// The one place that decides it: the help, the footer and `app` all ask here.
pub fn available(command: Command, model: &Model) -> Result<(), Why> {
    use Command as C;
    match command {
        C::Open | C::CopyId | C::MarkSeen | C::SameType => {
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
