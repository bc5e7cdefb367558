//! The help: every command of the place that it was asked for in, by what it is for; those of
//! other places at the end.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{theme::Theme, words};
use crate::{
    input::{Command, Group, Scope},
    model::{Model, Pane, available},
};

/// Columns for the keys of a command.
const KEYS: usize = 18;

pub fn lines<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let here = model.help.scopes;
    let mut page = Page { theme, width, lines: Vec::new() };
    let usable = || Command::ALL.iter().copied().filter(|c| c.works_among(here));
    for group in Group::ALL {
        let commands: Vec<Command> = usable().filter(|c| c.group() == group).collect();
        if commands.is_empty() {
            continue;
        }
        let title = match group {
            Group::Here => format!("{} ({})", group.title(), here[0].name()),
            _ => group.title().to_owned(),
        };
        page.heading(&title);
        for command in commands {
            let keys = model.keymap.keys(here, command);
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            let why = available(command, model).err();
            let not = why.map(|why| format!(" (not now: {why})")).unwrap_or_default();
            let style = if why.is_some() { theme.dim } else { Style::new() };
            page.command(command, &keys.join(" "), &not, style);
        }
    }
    page.heading("Signs in the list");
    for (sign, meaning) in signs(model.pane) {
        page.row(sign, meaning, Style::new());
    }
    page.lines.push(Line::default());
    page.heading("Elsewhere");
    for command in Command::ALL.iter().filter(|c| !c.works_among(here)) {
        let there = [command.info().scopes[0], Scope::Global];
        let key = model.keymap.keys(&there, *command).first().map(ToString::to_string);
        let not = format!(" (works {})", command.places());
        page.command(*command, &key.unwrap_or_default(), &not, theme.dim);
    }
    page.lines
}

struct Page<'t, 'l> {
    theme: &'t Theme,
    width: usize,
    lines: Vec<Line<'l>>,
}

impl Page<'_, '_> {
    fn heading(&mut self, title: &str) {
        if !self.lines.is_empty() && self.lines.last().is_some_and(|l| l.width() > 0) {
            self.lines.push(Line::default());
        }
        self.lines.push(Line::styled(format!(" {title}"), self.theme.label));
    }

    /// What has no key is found by its name.
    fn command(&mut self, command: Command, keys: &str, not: &str, style: Style) {
        let info = command.info();
        let name = format!(":{}", info.name);
        let keys = if keys.is_empty() { &name } else { keys };
        self.row(keys, &format!("{}{not}", info.help), style);
    }

    fn row(&mut self, left: &str, text: &str, style: Style) {
        let room = self.width.saturating_sub(KEYS + 3).max(10);
        for (i, part) in textwrap::wrap(text, room).into_iter().enumerate() {
            let left = if i == 0 { left } else { "" };
            self.lines.push(Line::from(vec![
                Span::styled(format!("  {}", words::pad(left, KEYS)), self.theme.key),
                Span::styled(part.into_owned(), style),
            ]));
        }
    }
}

fn signs(pane: Pane) -> &'static [(&'static str, &'static str)] {
    match pane {
        Pane::Trail => &[
            ("◆", "marked for the timeline"),
            ("!", "its text holds hidden or misleading characters"),
            ("?", "the event itself cannot be parsed: what CloudTrail said beside it is shown"),
            ("▲", "a call that matters in an incident, whoever makes it; the detail says why"),
            ("ours", "from an address of yours, by own_addresses in halon.toml"),
            ("DENIED", "refused for want of permission; other failures stand with their code"),
            ("ROOT", "the root user of an account"),
        ],
        Pane::Organization => &[
            ("◆", "an account that is signed in to"),
            ("!", "its name holds hidden or misleading characters"),
            ("manages", "the management account: no policy of the organization binds it"),
            ("SCP RCP", "service and resource control policies attached right there"),
            ("exempt", "a condition on who asks takes the role out of the statement"),
            ("spares it", "the statement denies nothing that the job of break-glass needs"),
            ("DENIES", "it does; the detail says what, where, and what would fix it"),
            ("depends", "it may, depending on what is not known"),
            ("LACKS", "no statement of that level allows all of the job"),
        ],
        Pane::Iam => &[
            ("CRIT HIGH …", "the worst that was found in its policies; the detail says what"),
            ("!", "its name holds hidden or misleading characters"),
            ("-", "none; of a use: none that IAM tells of"),
        ],
        _ => &[
            ("✓", "picked, for what is done to several at once"),
            ("●", "new, or updated since you last looked at it"),
            ("!", "its text holds hidden or misleading characters"),
            ("~", "from this machine's store; not heard of since"),
            ("26h!", "active, high or above, and older than a day"),
            ("└", "a signal of the attack sequence above it"),
            ("act arch", "GuardDuty: active, archived"),
            ("new ntfd rslv supp", "Security Hub: new, notified, resolved, suppressed"),
            ("@name", "Security Hub: notified, with a note by whoever has it"),
        ],
    }
}
