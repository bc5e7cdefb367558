//! The prompt for one change: drawn by halon alone, in a frame that nothing from outside
//! can make. Foreign text stands only behind labels, sanitised.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, BorderType, Clear, Widget},
};

use super::{draw_lines, layout::stage, organization, preflight, standing, theme::Theme, words};
use crate::{
    change::{Diff, Prepared},
    domain::untrusted::display_in,
    guard::Ceremony,
    model::{Ask, Confirm, Model},
    playbook::Item,
};

/// The lines that must be seen for an answer to count, and those that may be scrolled.
struct Text<'l> {
    fixed: Vec<Line<'l>>,
    scrolled: Vec<Line<'l>>,
    foot: Vec<Line<'l>>,
}

pub fn draw(model: &Model, theme: &Theme, confirm: &Confirm, screen: Rect, buf: &mut Buffer) {
    let area = area(screen);
    Clear.render(area, buf);
    let block = Block::bordered()
        .border_type(BorderType::Double)
        .border_style(theme.trouble)
        .title(" halon asks: change AWS? ");
    let inner = block.inner(area);
    block.render(area, buf);
    let Some(text) = text(model, theme, confirm, inner) else { return };
    if !fits(&text, inner) {
        let lines = [
            Line::styled(" The change is not fully visible.", theme.trouble),
            Line::raw(" Make the terminal larger, or press esc."),
        ];
        return draw_lines(&lines, 0, inner, buf);
    }
    let head = text.fixed.len() as u16;
    let foot = text.foot.len() as u16;
    let middle = inner.height - head - foot;
    draw_lines(&text.fixed, 0, Rect { height: head, ..inner }, buf);
    let most = text.scrolled.len().saturating_sub(middle.into());
    let body = Rect { y: inner.y + head, height: middle, ..inner };
    draw_lines(&text.scrolled, confirm.scroll.min(most), body, buf);
    if most > 0 {
        let hint = format!(" {} more lines: ↑ ↓ ", most - confirm.scroll.min(most));
        let width = words::cells(&hint) as u16;
        let at =
            Rect { x: body.right().saturating_sub(width), y: body.bottom() - 1, width, height: 1 };
        Line::styled(hint, theme.range).render(at, buf);
    }
    let at = Rect { y: inner.bottom() - foot, height: foot, ..inner };
    draw_lines(&text.foot, 0, at, buf);
}

/// INVARIANT: a prompt whose target is not fully visible cannot be answered.
pub fn is_visible(model: &Model, confirm: &Confirm) -> bool {
    let inner = Block::bordered().inner(area(stage(model)));
    text(model, model.setup.look.theme(), confirm, inner).is_some_and(|t| fits(&t, inner))
}

/// Lines that can be scrolled, and lines of a page.
pub fn extent(model: &Model, confirm: &Confirm) -> (usize, usize) {
    let inner = Block::bordered().inner(area(stage(model)));
    match text(model, model.setup.look.theme(), confirm, inner) {
        Some(text) => {
            let page = usize::from(inner.height).saturating_sub(text.fixed.len() + text.foot.len());
            (text.scrolled.len(), page)
        }
        None => (0, 1),
    }
}

fn fits(text: &Text<'_>, inner: Rect) -> bool {
    // At least two lines of the diff beside what must be seen.
    inner.width >= 40 && text.fixed.len() + text.foot.len() + 2 <= usize::from(inner.height)
}

fn area(screen: Rect) -> Rect {
    let dx = if screen.width > 110 { screen.width / 10 } else { 0 };
    Rect {
        x: screen.x + dx,
        y: screen.y + 1,
        width: screen.width.saturating_sub(2 * dx),
        height: screen.height.saturating_sub(2),
    }
}

/// Everything in full; where that does not fit, what only explains is cut, and stands in full
/// among what is scrolled.
fn text<'l>(model: &Model, theme: &Theme, confirm: &Confirm, inner: Rect) -> Option<Text<'l>> {
    let width = inner.width.into();
    let whole = laid_out(model, theme, confirm, width, false)?;
    match fits(&whole, inner) {
        true => Some(whole),
        false => laid_out(model, theme, confirm, width, true),
    }
}

fn laid_out<'l>(
    model: &Model,
    theme: &Theme,
    confirm: &Confirm,
    width: usize,
    brief: bool,
) -> Option<Text<'l>> {
    let run = model.case.runs.iter().find(|r| r.id == confirm.run)?;
    let item = run.current()?;
    let prepared = item.prepared()?;
    let mut page = Page { theme, width, lines: Vec::new() };
    page.head(model, confirm, prepared, brief);
    if !brief {
        page.why(item);
    }
    let fixed = std::mem::take(&mut page.lines);
    if brief {
        page.why(item);
    }
    page.body(prepared);
    page.foreseen(model, prepared);
    let scrolled = std::mem::take(&mut page.lines);
    page.foot(confirm);
    Some(Text { fixed, scrolled, foot: page.lines })
}

struct Page<'t, 'l> {
    theme: &'t Theme,
    width: usize,
    lines: Vec<Line<'l>>,
}

const LABEL: usize = 9;

impl Page<'_, '_> {
    fn head(&mut self, model: &Model, confirm: &Confirm, prepared: &Prepared, brief: bool) {
        let facts = prepared.facts();
        let change = &prepared.change;
        let alias = model.case.alias(&change.account).map(|a| format!("{a} ")).unwrap_or_default();
        let production = model.is_production(&change.account);
        let (word, style) = match production {
            true => ("PRODUCTION ", self.theme.production),
            false => ("", self.theme.heading),
        };
        let account = format!("{word}{alias}{}", change.account);
        match brief {
            true => {
                let at = format!("{account} {}", change.place.region);
                self.say("account", &at, style);
            }
            false => {
                self.say("account", &account, style);
                self.say("region", change.place.region.as_str(), Style::new());
            }
        }
        self.say("call", &prepared.call(), self.theme.heading);
        for (name, value) in facts.params().as_object().into_iter().flatten() {
            let value = match value {
                // Its text is below, line by line.
                serde_json::Value::String(text) if name.ends_with("PolicyDocument") => {
                    format!("{} characters, as below", text.chars().count())
                }
                serde_json::Value::String(text) => display_in(text, 400),
                serde_json::Value::Array(many) if many.len() > 3 => {
                    format!("{} of them", many.len())
                }
                other => display_in(&other.to_string(), 400),
            };
            self.say("", &format!("{name} = {value}"), Style::new());
        }
        let risk = confirm.prompt.review.risk;
        self.say("risk", &format!("{}; {}", risk.name(), prepared.way_back()), Style::new());
        if let Some(lockout) = &confirm.prompt.review.lockout {
            self.say("LOCKOUT", lockout, self.theme.trouble);
        }
        // That it is denied is seen before anything is typed; the rest may be below.
        if let Some(why) = preflight::denied(model.case.foreseen(prepared)) {
            let room = if brief { self.width.saturating_sub(LABEL + 2) } else { usize::MAX };
            self.say("DENIED", &display_in(&why, room), self.theme.trouble);
        }
        if confirm.prompt.changed {
            let what = "what was there has changed since you last saw it: look again";
            self.say("CHANGED", what, self.theme.trouble);
        }
    }

    fn why(&mut self, item: &Item) {
        if let Some(why) = &item.why {
            self.say("why", why, Style::new());
        }
    }

    fn body(&mut self, prepared: &Prepared) {
        let facts = prepared.facts();
        self.sentences("also affected", &facts.affected(&prepared.before));
        self.lines.push(Line::styled(" before → after", self.theme.label));
        for line in prepared.diff() {
            let (sign, text, style) = match line {
                Diff::Same(text) => (' ', text, Style::new()),
                Diff::Gone(text) => ('-', text, self.theme.trouble),
                Diff::New(text) => ('+', text, self.theme.good),
            };
            for (i, part) in wrap(&text, self.width.saturating_sub(4)).into_iter().enumerate() {
                let sign = if i == 0 { sign } else { ' ' };
                self.lines.push(Line::styled(format!(" {sign} {part}"), style));
            }
        }
        self.sentences("not restored by an undo", &facts.not_restored(&prepared.before));
        let pitfalls: Vec<String> = facts.pitfalls().iter().map(|p| (*p).to_owned()).collect();
        self.sentences("know that", &pitfalls);
    }

    fn foreseen(&mut self, model: &Model, prepared: &Prepared) {
        let said = preflight::lines(model.case.foreseen(prepared), model.now);
        if said.is_empty() {
            return;
        }
        self.lines.push(Line::styled(" would it be allowed?", self.theme.label));
        for said in said {
            let style = organization::style(said.tone, self.theme);
            for line in standing::wrapped(&said, 3, self.width.saturating_sub(1)) {
                self.lines.push(Line::styled(line, style));
            }
        }
    }

    fn foot(&mut self, confirm: &Confirm) {
        let review = &confirm.prompt.review;
        let words = review.ceremony.words().to_owned();
        let ask = match &review.ceremony {
            Ceremony::Yes => format!("type {words} and press enter"),
            Ceremony::TypeBack(_) => {
                format!("type the target's own name, {words}, and press enter")
            }
            Ceremony::Override(_) => format!("to do it all the same type: {words}"),
        };
        let ask = match &confirm.wrong {
            Some(why) => format!("{why}; {ask}"),
            None => ask,
        };
        let style = if confirm.wrong.is_some() { self.theme.trouble } else { self.theme.label };
        for part in wrap(&format!("{ask}; esc sets it aside"), self.width.saturating_sub(2)) {
            self.lines.push(Line::styled(format!(" {part}"), style));
        }
        let asks = confirm.asks();
        for ask in &asks {
            let (here, value) = (*ask == confirm.at, confirm.typed(*ask).value());
            let label = match ask {
                Ask::Words if asks.len() == 1 => "",
                Ask::Words => "consent ",
                Ask::Code => "MFA code ",
                Ask::Second => "second person, or - and why there is none ",
            };
            let room = self.width.saturating_sub(5 + label.len());
            let typed = match ask {
                Ask::Code => "•".repeat(value.chars().count().min(room)),
                Ask::Words | Ask::Second => display_in(value, room),
            };
            self.lines.push(Line::from(vec![
                Span::styled(if here { " > " } else { "   " }, self.theme.key),
                Span::styled(label, self.theme.dim),
                Span::raw(typed),
                Span::styled(if here { "▏" } else { "" }, self.theme.key),
            ]));
        }
    }

    fn say(&mut self, label: &str, value: &str, style: Style) {
        let room = self.width.saturating_sub(LABEL + 2);
        for (i, part) in wrap(value, room).into_iter().enumerate() {
            let label = if i == 0 { label } else { "" };
            self.lines.push(Line::from(vec![
                Span::styled(format!(" {}", words::pad(label, LABEL)), self.theme.dim),
                Span::styled(part, style),
            ]));
        }
    }

    fn sentences(&mut self, title: &str, sentences: &[String]) {
        if sentences.is_empty() {
            return;
        }
        self.lines.push(Line::styled(format!(" {title}"), self.theme.label));
        for sentence in sentences {
            for part in wrap(sentence, self.width.saturating_sub(4)) {
                self.lines.push(Line::raw(format!("   {part}")));
            }
        }
    }
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let parts = textwrap::wrap(text, width.max(10));
    parts.into_iter().map(|p| p.into_owned()).collect()
}
