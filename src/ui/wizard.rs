//! The first steps, a page at a time.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::Block,
};
use tui_input::Input;

use super::{boxed, draw_lines, theme::Theme, words::pad};
use crate::{
    domain::untrusted::display_in,
    model::{Step, Wizard},
};

/// Gives the cursor's cell where something is typed.
pub fn draw(wizard: &Wizard, theme: &Theme, screen: Rect, buf: &mut Buffer) -> Option<Position> {
    let (step, of) = (wizard.step.number(), Step::ALL.len());
    let title = format!(" first steps, {step} of {of}: {} ", name(wizard.step));
    let block = Block::bordered().border_style(theme.key).title(title);
    let width = screen.width.saturating_sub(4).min(90);
    let height = screen.height.saturating_sub(2).min(18);
    let inner = boxed(block, width, height, screen, buf);
    let room = usize::from(inner.width).saturating_sub(2).max(10);
    let mut lines = Vec::new();
    for part in textwrap::wrap(&says(wizard), room) {
        lines.push(Line::raw(format!(" {part}")));
    }
    lines.push(Line::default());
    let end = usize::from(inner.height).saturating_sub(2);
    let mut cursor = None;
    match wizard.step {
        Step::Regions | Step::Glass => {
            let input = if wizard.step == Step::Glass { &wizard.glass } else { &wizard.regions };
            let y = inner.y + u16::try_from(lines.len()).unwrap_or(0).min(inner.height - 1);
            cursor = Some(Position::new(inner.x + 1 + typed(input, theme, room, &mut lines), y));
        }
        Step::Summary => {
            for line in wizard.text().lines() {
                lines.push(Line::styled(format!("  {}", display_in(line, room)), theme.label));
            }
        }
        _ => {
            let page = end.saturating_sub(lines.len()).max(1);
            let top = (wizard.cursor + 1).saturating_sub(page);
            let rows = rows(wizard).into_iter().enumerate().skip(top).take(page);
            lines.extend(rows.map(|(at, text)| {
                let style = if at == wizard.cursor { theme.selected } else { Style::new() };
                Line::styled(format!(" {}", pad(&display_in(&text, room), room)), style)
            }));
        }
    }
    lines.truncate(end);
    lines.resize(end, Line::default());
    lines.push(match &wizard.trouble {
        Some(why) => Line::styled(format!(" {}", display_in(why, room)), theme.trouble),
        None => Line::default(),
    });
    lines.push(Line::styled(format!(" {}", keys(wizard)), theme.dim));
    draw_lines(&lines, 0, inner, buf);
    cursor
}

/// Adds the line that is typed in; gives the cursor's column in it.
fn typed<'l>(input: &Input, theme: &Theme, room: usize, lines: &mut Vec<Line<'l>>) -> u16 {
    let scroll = input.visual_scroll(room.saturating_sub(1));
    let shown: String = input.value().chars().skip(scroll).collect();
    lines.push(Line::from(vec![Span::raw(" "), Span::styled(pad(&shown, room), theme.selected)]));
    u16::try_from(input.visual_cursor().saturating_sub(scroll)).unwrap_or(0)
}

fn name(step: Step) -> &'static str {
    match step {
        Step::Welcome => "welcome",
        Step::Accounts => "accounts",
        Step::Regions => "regions",
        Step::Production => "production",
        Step::Glass => "break-glass",
        Step::Keymap => "keys",
        Step::Theme => "colours",
        Step::Summary => "the file",
    }
}

fn says(wizard: &Wizard) -> String {
    let found = wizard.profiles.as_ref().map(Vec::len);
    match wizard.step {
        Step::Welcome => format!(
            "There is no {} yet. A few questions make one; every page can be skipped, and nothing is \
             written before you have seen it. halon only looks until you arm it. To try it without \
             an AWS account: halon --range",
            wizard.about.shown
        ),
        Step::Accounts => match found {
            None => "The profiles of your AWS configuration are being read.".to_owned(),
            Some(0) => {
                "There is no profile in ~/.aws/config: the environment's own credentials are \
                        used. Sign in with aws configure sso, aws login or aws configure."
                    .to_owned()
            }
            Some(_) => "Which of these profiles of your AWS configuration shall halon look at? \
                        Without a mark, the environment's own credentials."
                .to_owned(),
        },
        Step::Regions => "Which regions shall be looked at, in every account? Such as us-east-1 \
                          eu-west-1. Left empty: each profile's own."
            .to_owned(),
        Step::Production => "Which of them are production, what customers use? They are shown so \
                             that they cannot be taken for another one."
            .to_owned(),
        Step::Glass => "Is there a role for emergencies (break-glass)? Its ARN, as \
                        arn:aws:iam::111122223333:role/BreakGlass; several with blanks between."
            .to_owned(),
        Step::Keymap => "Which keys do your fingers know? ? shows all of them anywhere.".to_owned(),
        Step::Theme => "Which colours? The terminal decides how many there are.".to_owned(),
        Step::Summary => format!("This is written to {}:", wizard.about.shown),
    }
}

fn rows(wizard: &Wizard) -> Vec<String> {
    let mark = |is: bool| if is { "[x]" } else { "[ ]" };
    let dot = |is: bool| if is { "(x)" } else { "( )" };
    match wizard.step {
        Step::Accounts => {
            let line = |found: &crate::model::Found| {
                let region = found.profile.region.as_ref().map(|r| format!("  {r}"));
                let (mark, name) = (mark(found.chosen), &found.profile.name);
                format!("{mark} {name}{}", region.unwrap_or_default())
            };
            wizard.profiles.iter().flatten().map(line).collect()
        }
        Step::Production => wizard
            .chosen()
            .map(|found| format!("{} {}", mark(found.production), found.profile.name))
            .collect(),
        Step::Keymap => Wizard::keymaps()
            .enumerate()
            .map(|(at, name)| format!("{} {name}", dot(at == wizard.keymap)))
            .collect(),
        Step::Theme => wizard
            .about
            .themes
            .iter()
            .enumerate()
            .map(|(at, name)| format!("{} {name}", dot(at == wizard.theme)))
            .collect(),
        Step::Welcome | Step::Regions | Step::Glass | Step::Summary => Vec::new(),
    }
}

fn keys(wizard: &Wizard) -> &'static str {
    match wizard.step {
        Step::Welcome => "enter goes on · esc leaves",
        Step::Accounts | Step::Production => {
            "space marks · enter goes on · tab skips · shift-tab back · esc leaves"
        }
        Step::Regions | Step::Glass | Step::Keymap | Step::Theme => {
            "enter goes on · tab skips · shift-tab back · esc leaves"
        }
        Step::Summary if wizard.writing => "being written …",
        Step::Summary => "enter writes it · shift-tab back · esc leaves, nothing is written",
    }
}
