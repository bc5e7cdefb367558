//! The first steps, a page at a time.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::Block,
};

use super::{boxed, draw_lines, words::pad};
use crate::{
    domain::untrusted::display_in,
    model::{Found, Step, Wizard},
    theme::Theme,
};

/// Gives the cursor's cell where something is typed.
pub fn draw(wizard: &Wizard, theme: &Theme, screen: Rect, buf: &mut Buffer) -> Option<Position> {
    let (step, of) = (wizard.step.number(), Step::ALL.len());
    let title = format!(" first steps, {step} of {of}: {} ", name(wizard.step));
    let width = screen.width.saturating_sub(4).min(90);
    let room = usize::from(width).saturating_sub(4).max(10);
    let mut lines: Vec<Line<'_>> = textwrap::wrap(&says(wizard), room)
        .into_iter()
        .map(|part| Line::raw(format!(" {part}")))
        .collect();
    lines.push(Line::default());
    let head = lines.len();
    // Frame, trouble and keys; what is chosen from is scrolled in what is left.
    let most = usize::from(screen.height.saturating_sub(2)).saturating_sub(head + 4).max(1);
    let typed_at = typed(wizard, theme, room, &mut lines);
    let body: Vec<Line<'_>> = match wizard.step {
        Step::Summary => {
            let text = wizard.text();
            let line =
                |line: &str| Line::styled(format!("  {}", display_in(line, room)), theme.label);
            text.lines().map(line).collect()
        }
        _ => {
            let line = |(at, text): (usize, String)| {
                let style = if at == wizard.cursor { theme.selected } else { Style::new() };
                Line::styled(format!(" {}", pad(&display_in(&text, room), room)), style)
            };
            rows(wizard).into_iter().enumerate().map(line).collect()
        }
    };
    let top = (wizard.cursor + 1).saturating_sub(most);
    lines.extend(body.into_iter().skip(top).take(most));
    lines.push(match &wizard.trouble {
        Some(why) => Line::styled(format!(" {}", display_in(why, room)), theme.trouble),
        None => Line::default(),
    });
    lines.push(Line::styled(format!(" {}", display_in(keys(wizard), room)), theme.dim));
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(screen.height);
    let block = Block::bordered().border_style(theme.key).title(title);
    let inner = boxed(block, width, height, screen, buf);
    draw_lines(&lines, 0, inner, buf);
    let column = typed_at?;
    let y = inner.y + u16::try_from(head).unwrap_or(0);
    Some(Position::new(inner.x + 1 + column, y.min(inner.bottom().saturating_sub(1))))
}

/// Adds the line that is typed in, on the pages that have one; gives the cursor's column in it.
fn typed(wizard: &Wizard, theme: &Theme, room: usize, lines: &mut Vec<Line<'_>>) -> Option<u16> {
    let input = match wizard.step {
        Step::Regions => &wizard.regions,
        Step::Glass => &wizard.glass,
        _ => return None,
    };
    let scroll = input.visual_scroll(room.saturating_sub(1));
    let shown: String = input.value().chars().skip(scroll).collect();
    lines.push(Line::from(vec![Span::raw(" "), Span::styled(pad(&shown, room), theme.selected)]));
    Some(u16::try_from(input.visual_cursor().saturating_sub(scroll)).unwrap_or(0))
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
            let line = |found: &Found| {
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
