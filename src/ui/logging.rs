//! Whether what happens is being recorded: an attacker turns this off first.

use std::collections::BTreeMap;

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

/// For the page of sources: a line for each place and each trouble, those in trouble first;
/// then what is not as strong as it could be, once for all places. With style and indent.
pub fn lines(model: &Model, theme: &Theme) -> Vec<(Style, usize, String)> {
    let mut places: Vec<_> = model.case.logging.iter().collect();
    places.sort_by_key(|(_, load)| match load {
        Load::Ready(logging) if logging.troubles().is_empty() => 2,
        Load::Ready(_) => 0,
        Load::Failed(_) | Load::Idle | Load::Loading => 1,
    });
    let mut lines: Vec<_> = places.iter().flat_map(|(p, load)| of_place(p, load, theme)).collect();
    let mut weak: BTreeMap<String, usize> = BTreeMap::new();
    let known = places.iter().filter_map(|(_, load)| match load {
        Load::Ready(logging) => Some(logging),
        _ => None,
    });
    for weakness in known.flat_map(Logging::weaknesses) {
        *weak.entry(weakness).or_default() += 1;
    }
    for (weakness, count) in weak {
        let places = if count == 1 { "1 place".to_owned() } else { format!("{count} places") };
        lines.push((theme.dim, 2, format!("{weakness} ({places})")));
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
    lines
}
