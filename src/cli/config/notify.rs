//! `[notify]`: how the operator wants to be told of a new finding.

use crate::{domain::document::Table, model::Notify};

pub fn read(table: &Table<'_>, notify: &mut Notify) {
    let flag = |key, flag: &mut bool| {
        if let Some(given) = table.boolean(key) {
            *flag = given.value;
        }
    };
    flag("bell", &mut notify.bell);
    flag("desktop", &mut notify.desktop);
    flag("title", &mut notify.title);
    if let Some(band) = table.parsed("at_least") {
        notify.at_least = band.value;
    }
    if let Some(quiet) = table.parsed("quiet") {
        notify.quiet = Some(quiet.value);
    }
}
