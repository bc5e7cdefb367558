//! How an account is told from the others: production in a word, each in its own colour.

use ratatui::{style::Style, text::Span};

use super::theme::Theme;
use crate::{domain::AccountId, model::Model};

/// The word in lists.
const PROD: &str = "PROD";

/// The cells that the word takes up in a list; none where no account is production.
pub fn column(model: &Model) -> usize {
    let any = model.setup.accounts.values().any(|paint| paint.production);
    if any { PROD.len() + 1 } else { 0 }
}

/// The word, where the account is production, in [`column`]'s cells.
pub fn tag<'l>(model: &Model, theme: &Theme, account: Option<&AccountId>) -> Vec<Span<'l>> {
    match column(model) {
        0 => Vec::new(),
        _ if account.is_some_and(|a| model.is_production(a)) => {
            vec![Span::styled(PROD, theme.production), Span::raw(" ")]
        }
        cells => vec![Span::raw(" ".repeat(cells))],
    }
}

/// Text in the account's colour; otherwise as `usual`.
pub fn ink(model: &Model, account: Option<&AccountId>, usual: Style) -> Style {
    let colour = account.and_then(|a| model.paint(a)).and_then(|paint| paint.colour);
    colour.map_or(usual, |colour| usual.patch(model.setup.look.ink(colour)))
}

/// The account's id and alias in a sentence, and that it is production.
pub fn words(model: &Model, account: &AccountId) -> String {
    let alias = model.case.alias(account).map(|alias| format!(" {alias}")).unwrap_or_default();
    format!("{account}{alias}{}", production(model, account))
}

/// What follows on an account's name in a sentence.
pub fn production(model: &Model, account: &AccountId) -> &'static str {
    if model.is_production(account) { ", PRODUCTION" } else { "" }
}
