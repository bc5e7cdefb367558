//! `halon screenshot`: a picture of the console as it is, over the range and at a clock that
//! stands still. Of the same screen it is always the same picture.

mod desk;
mod picture;
mod screens;
mod svg;

use std::{fs, path::PathBuf, sync::Arc};

use clap::{Args as ClapArgs, ValueEnum, builder::PossibleValuesParser};
use serde_json::json;

pub use desk::Desk;
pub use picture::Picture;
pub use screens::{SCREENS, Screen};

use super::{
    Output,
    answer::{self, Code, Document, write_json},
    args::Global,
    range,
};
use crate::{
    domain::untrusted::display,
    model::Setup,
    runtime::wall_clock,
    theme::{self, Look, shipped_names},
};

/// A terminal as most are opened.
const SIZE: &str = "80x24";
/// Columns and rows at most: more is a mistake in typing.
const MOST: u16 = 500;

#[derive(Debug, ClapArgs)]
pub struct ScreenshotArgs {
    /// The screen
    #[arg(value_name = "SCREEN", value_parser = PossibleValuesParser::new(SCREENS.iter().map(|s| s.name)))]
    pub screen: String,
    /// Columns and rows
    #[arg(long, value_name = "WxH", default_value = SIZE, value_parser = size)]
    pub size: (u16, u16),
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Svg)]
    pub format: Format,
    /// The colours
    #[arg(long, value_name = "NAME", default_value = theme::DEFAULT, value_parser = PossibleValuesParser::new(shipped_names()))]
    pub theme: String,
    /// A file to write to, instead of standard output; one that is there is written over
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Svg,
    Text,
}

pub fn run(
    global: &Global,
    args: &ScreenshotArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let scenario = global.range.as_deref().unwrap_or(range::DEFAULT_SCENARIO);
    let picture = take(&args.screen, scenario, args.size, &args.theme)?;
    let text = match args.format {
        Format::Svg => picture.svg(),
        Format::Text => picture.text(),
    };
    if global.json {
        let ((columns, rows), theme) = (args.size, &args.theme);
        let items = [json!({"screen": args.screen, "scenario": scenario, "columns": columns,
            "rows": rows, "theme": theme, "picture": text})];
        let document = Document::new("halon.screenshot/1", wall_clock(), &[], &items);
        write_json(output, &document)?;
        return Ok(Code::Done);
    }
    match &args.output {
        None => output.out.write_all(text.as_bytes())?,
        Some(path) => fs::write(path, text).map_err(|e| {
            let shown = display(&path.to_string_lossy());
            answer::usage(format!("--output {shown}: {e}"))
        })?,
    }
    Ok(Code::Done)
}

/// A picture of a screen, by its name, as `halon screenshot` takes it.
///
/// # Errors
/// There is no such screen or scenario; the scenario does not lead to the screen.
pub fn take(
    screen: &str,
    scenario: &str,
    size: (u16, u16),
    theme: &str,
) -> anyhow::Result<Picture> {
    let Some(screen) = Screen::named(screen) else {
        return Err(answer::usage(format!("there is no screen `{}`", display(screen))));
    };
    let setup = Setup { look: Arc::new(Look::shipped(theme)), ..Setup::plain() };
    let mut desk = Desk::open(scenario, size, setup)?;
    screen.reach(&mut desk)?;
    desk.picture()
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let (width, height) = text.split_once('x').ok_or("expected columns x rows, such as 80x24")?;
    let number = |text: &str| {
        let number = text.parse::<u16>().ok().filter(|n| (1..=MOST).contains(n));
        number.ok_or_else(|| format!("expected numbers from 1 to {MOST}, such as 80x24"))
    };
    Ok((number(width)?, number(height)?))
}
