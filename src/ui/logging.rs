//! Whether what happens is being recorded: an attacker turns this off first.

use ratatui::{style::Style, text::Span};

use super::theme::Theme;
use crate::{
    case::Load,
    domain::{Logging, Place},
    model::Model,
};

/// For the health line: `logging on`, `LOGGING in trouble in 2 of 6 places`.
pub fn summary<'l>(model: &Model, theme: &Theme) -> Vec<Span<'l>> {
    let all = &model.case.logging;
    let count = |what: &dyn Fn(&Load<Logging>) -> bool| all.values().filter(|l| what(l)).count();
    let bad = count(&|l| matches!(l, Load::Ready(logging) if !logging.troubles().is_empty()));
    let unknown = count(&|l| matches!(l, Load::Failed(_)));
    let waiting = count(&|l| matches!(l, Load::Idle | Load::Loading));
    let mut spans = Vec::new();
    let mut say = |text: String, style: Style| {
        if !spans.is_empty() {
            spans.push(Span::raw(" "));
        }
        spans.push(Span::styled(text, style));
    };
    match (all.len(), bad, unknown) {
        (0, ..) => {}
        (1, 1, _) => say("LOGGING in trouble".into(), theme.trouble),
        (n, bad @ 1.., _) => {
            say(format!("LOGGING in trouble in {bad} of {n} places"), theme.trouble)
        }
        (n, _, unknown) if unknown == n => say("logging unknown".into(), theme.warning),
        (n, ..) if waiting == n => say("logging not answered yet".into(), theme.dim),
        (n, _, unknown) if waiting > 0 => {
            let on = n - waiting - unknown;
            say(format!("logging on in {on} of {n}, {waiting} not answered"), theme.warning);
        }
        _ => say("logging on".into(), theme.good),
    }
    if unknown > 0 && unknown < all.len() {
        say(format!("({unknown} unknown)"), theme.warning);
    }
    spans
}

/// For the page of sources: a line for each place and each trouble, with its style.
pub fn lines(model: &Model, theme: &Theme) -> Vec<(Style, usize, String)> {
    let mut lines = Vec::new();
    for (place, load) in &model.case.logging {
        lines.extend(of_place(place, load, theme));
    }
    lines
}

fn of_place(place: &Place, load: &Load<Logging>, theme: &Theme) -> Vec<(Style, usize, String)> {
    let logging = match load {
        Load::Ready(logging) => logging,
        Load::Failed(why) => return vec![(theme.warning, 2, format!("{place}: unknown: {why}"))],
        Load::Idle | Load::Loading => {
            return vec![(theme.dim, 2, format!("{place}: not answered yet"))];
        }
    };
    let troubles = logging.troubles();
    let style = if troubles.is_empty() { theme.good } else { theme.trouble };
    let mut lines = vec![(style, 2, format!("{place}: {}", logging.in_short()))];
    lines.extend(troubles.into_iter().map(|t| (theme.trouble, 4, t)));
    lines.extend(logging.weaknesses().into_iter().map(|w| (theme.dim, 4, w)));
    lines
}
