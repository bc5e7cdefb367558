//! What leaves the console by the operator's hand: copied, written to a file, looked at in the
//! AWS console. What is meant is what is under the cursor, or the list as it is shown.

mod aws_cli;
mod console_page;
mod item;
mod listed;
mod shell;
mod table;

pub use item::{Copied, Item, What, chosen};
pub use listed::{Listed, is_listed, listed};
pub use table::{Format, Table, Written};

use super::{Model, ShelfRow, Why};
use crate::input::Command as C;

/// Whether one of these commands can be given now; `None` for any other.
pub fn available(command: C, model: &Model) -> Option<Result<(), Why>> {
    let each = |can: fn(&Item<'_>) -> Result<(), Why>| {
        chosen(model).and_then(|items| items.iter().try_for_each(can))
    };
    Some(match command {
        C::CopyId | C::CopyJson | C::CopyCommand => each(|_| Ok(())),
        C::CopyArn => each(|item| item.copied(What::Arn, None).map(drop)),
        C::Browse => each(|item| item.page().map(drop)),
        C::Export => is_listed(model),
        C::Edit => match model.shelf_rows().get(model.shelf.cursor) {
            Some(ShelfRow::Playbook(..)) => Ok(()),
            Some(ShelfRow::Run(_)) => Err("a run has no file"),
            None => Err("there is no playbook"),
        },
        _ => return None,
    })
}
