//! The command palette: whatever can be given, gone to or opened, found by typing.

use std::cmp::Reverse;

use tui_input::Input;

use super::{Model, Overlay, available};
use crate::{
    case::{Hit, Load, Sought, Thing, Words},
    domain::{
        AccountId,
        finding::{Finding, Key as FindingKey},
        untrusted::display_in,
    },
    input::{Command, Scope, aliases},
};

/// What a line of the palette does.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// Goes to a pane, or lays a text over the screen.
    Place(Command),
    Command(Command),
    /// By its id.
    Playbook(String),
    Principal(Sought),
    /// A filter that was saved, by its name.
    Saved(String),
    /// The findings of an account.
    Account(AccountId),
    Finding(FindingKey),
}

impl Goal {
    pub fn word(&self) -> &'static str {
        match self {
            Goal::Place(_) => "go to",
            Goal::Command(_) => "do",
            Goal::Playbook(_) => "playbook",
            Goal::Principal(_) => "principal",
            Goal::Saved(_) => "filter",
            Goal::Account(_) => "account",
            Goal::Finding(_) => "finding",
        }
    }

    /// Among equals, what comes first.
    fn order(&self) -> u8 {
        match self {
            Goal::Place(_) => 0,
            Goal::Command(_) => 1,
            Goal::Saved(_) => 2,
            Goal::Playbook(_) => 3,
            Goal::Principal(_) => 4,
            Goal::Account(_) => 5,
            Goal::Finding(_) => 6,
        }
    }
}

/// A line of the palette; every text of it is sanitised.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub goal: Goal,
    pub name: String,
    pub about: String,
    /// The key that does the same, or what may be typed here for a place.
    pub keys: String,
    /// Why it cannot be done now.
    pub why: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Palette {
    pub input: Input,
    /// What it lies over, which comes back before anything is done.
    pub under: Option<Box<Overlay>>,
    /// Everything but findings and principals, as it was when the palette was opened.
    choices: Vec<Choice>,
    /// Findings and principals, and the text that they match.
    found: Vec<Hit>,
    found_for: String,
    /// The text that is being looked up.
    pub looking: Option<String>,
    /// The lines shown, the best first.
    pub rows: Vec<Choice>,
    pub cursor: usize,
    /// Enter was pressed before everything was looked up.
    pub entered: bool,
}

/// Columns of a name, and of what is said about it.
const NAME: usize = 120;
const ABOUT: usize = 200;

impl Palette {
    /// Over what lies over the screen now.
    pub fn open(model: &Model) -> Self {
        let under = model.overlay.clone().map(Box::new);
        let mut palette = Self { under, choices: choices(model), ..Self::default() };
        palette.rank();
        palette
    }

    /// What is looked for. The colon of whoever is used to type one is not part of it.
    pub fn text(&self) -> &str {
        let text = self.input.value().trim();
        text.strip_prefix(':').unwrap_or(text)
    }

    /// Whether findings and principals are behind what is typed.
    pub fn is_behind(&self) -> bool {
        self.text() != self.found_for
    }

    pub fn current(&self) -> Option<&Choice> {
        self.rows.get(self.cursor)
    }

    /// What matches a text, which may not be the present one any more.
    pub fn found(&mut self, text: String, found: Vec<Hit>) {
        self.looking = None;
        if text == self.text() {
            (self.found_for, self.found) = (text, found);
            self.rank();
        }
    }

    /// Something else is typed.
    pub fn retyped(&mut self) {
        self.cursor = 0;
        self.entered = false;
        if self.text().is_empty() {
            (self.found_for, self.found) = (String::new(), Vec::new());
        }
        self.rank();
    }

    /// The lines anew: by how well they match, then by their kind. The cursor stays on what it
    /// was moved to.
    fn rank(&mut self) {
        let kept = self.current().filter(|_| self.cursor > 0).map(|c| c.goal.clone());
        let text = self.text();
        let words = Words::new(text);
        let few = self.choices.iter().filter_map(|choice| {
            let names = match choice.goal {
                Goal::Place(command) => aliases(command),
                _ => &[],
            };
            if !text.is_empty() && (choice.name == text || names.contains(&text)) {
                return Some((i64::MAX, choice.clone()));
            }
            let short = match choice.goal {
                Goal::Command(command) => command.info().short,
                _ => "",
            };
            // Who types part of a name means that; what is said about it comes after.
            let named = words.score(&[&choice.name, short]).map(|score| score * 2);
            let score = named.max(words.score(&[&choice.name, short, &choice.about]))?;
            Some((score, choice.clone()))
        });
        // What was found for another text is no answer to this one.
        let found = self.found.iter().filter(|_| self.found_for == text);
        let many = found.map(|hit| (hit.score, of_hit(hit)));
        let mut rows: Vec<(i64, Choice)> = few.chain(many).collect();
        // What cannot be done comes after what can, but where its very name was typed.
        rows.sort_by_key(|(score, choice)| {
            let unusable = choice.why.is_some() && *score != i64::MAX;
            (unusable, Reverse(*score), choice.why.is_some(), choice.goal.order())
        });
        self.rows = rows.into_iter().map(|(_, choice)| choice).collect();
        let at = kept.and_then(|goal| self.rows.iter().position(|row| row.goal == goal));
        self.cursor = at.unwrap_or(0);
    }
}

impl Model {
    /// What lies over the screen, below the palette.
    pub fn overlay_below(&self) -> Option<&Overlay> {
        match &self.overlay {
            Some(Overlay::Palette(palette)) => palette.under.as_deref(),
            other => other.as_ref(),
        }
    }
}

/// Everything that does not need to be looked up.
fn choices(model: &Model) -> Vec<Choice> {
    let mut choices: Vec<Choice> =
        Command::ALL.iter().filter_map(|command| of_command(model, *command)).collect();
    choices.extend(model.saved.iter().map(|saved| Choice {
        goal: Goal::Saved(saved.name.clone()),
        name: display_in(&saved.name, NAME),
        about: "the findings by this filter".to_owned(),
        keys: String::new(),
        why: None,
    }));
    choices.extend(playbooks(model));
    choices.extend(accounts(model));
    choices
}

fn of_command(model: &Model, command: Command) -> Option<Choice> {
    let info = command.info();
    let here = model.scopes();
    let usable = command.works_among(here);
    let why = match usable {
        true => available(command, model).err().map(ToOwned::to_owned),
        false => Some(format!("works {}", command.places())),
    };
    let names = aliases(command);
    let keys = match usable {
        true => model.keymap.keys(here, command),
        false => {
            let there = [info.scopes.first().copied().unwrap_or(Scope::Global), Scope::Global];
            model.keymap.keys(&there, command)
        }
    };
    let keys = keys.first().map(ToString::to_string).unwrap_or_default();
    let (goal, keys) = match names.first() {
        _ if command == Command::Palette => return None,
        Some(alias) => (Goal::Place(command), format!(":{alias}  {keys}")),
        None => (Goal::Command(command), keys),
    };
    Some(Choice { goal, name: info.name.to_owned(), about: info.help.to_owned(), keys, why })
}

/// The broken ones too: a playbook is never silently absent.
fn playbooks(model: &Model) -> impl Iterator<Item = Choice> {
    model.shelf.all.iter().map(|loaded| {
        let (about, why) = match &loaded.playbook {
            Ok(playbook) => (playbook.title.as_str(), None),
            Err(broken) => {
                let first = broken.mistakes.first().map(ToString::to_string).unwrap_or_default();
                ("", Some(format!("broken: {}", display_in(&first, ABOUT))))
            }
        };
        Choice {
            goal: Goal::Playbook(loaded.id.clone()),
            name: display_in(&loaded.id, NAME),
            about: display_in(about, ABOUT),
            keys: String::new(),
            why,
        }
    })
}

/// Accounts that findings come from, that are signed in to, or that are in the organization.
fn accounts(model: &Model) -> Vec<Choice> {
    let mut all: Vec<(AccountId, String)> = Vec::new();
    let mut add = |id: &AccountId, name: &str| match all.iter_mut().find(|(i, _)| i == id) {
        Some((_, known)) if known.is_empty() => *known = display_in(name, ABOUT),
        Some(_) => {}
        None => all.push((id.clone(), display_in(name, ABOUT))),
    };
    for (target, load) in model.case.identities() {
        if let Load::Ready(identity) = load {
            let alias = identity.alias.as_ref().map_or(&**target, |alias| alias.raw());
            add(&identity.account, alias);
        }
    }
    if let Some((organization, _)) = model.case.inspection.organization() {
        organization.accounts.iter().for_each(|member| add(&member.id, member.name.raw()));
    }
    model.list.accounts.iter().for_each(|id| add(id, ""));
    let choice = |(id, name): (AccountId, String)| {
        let about = match name.is_empty() {
            true => "its findings".to_owned(),
            false => format!("{name}: its findings"),
        };
        let name = id.to_string();
        Choice { goal: Goal::Account(id), name, about, keys: String::new(), why: None }
    };
    all.into_iter().map(choice).collect()
}

fn of_hit(hit: &Hit) -> Choice {
    let (goal, name, about) = match &hit.thing {
        Thing::Finding(finding) => {
            (Goal::Finding(finding.key().clone()), of_finding(finding), where_it_is(finding))
        }
        Thing::Principal { arn, kind, name, account } => {
            let of = account.as_ref().map(|a| format!(" of {a}")).unwrap_or_default();
            let goal = Goal::Principal(Sought::Arn(arn.clone()));
            (goal, display_in(name.raw(), NAME), format!("{}{of}", kind.word()))
        }
    };
    Choice { goal, name, about, keys: String::new(), why: None }
}

fn of_finding(finding: &Finding) -> String {
    display_in(finding.main().headline().raw(), NAME)
}

fn where_it_is(finding: &Finding) -> String {
    let main = finding.main();
    let account = main.account.as_ref().map_or("", AccountId::as_str);
    let texts = [account, main.resource.raw(), main.title.raw()];
    let parts: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    display_in(&parts.join(" · "), ABOUT)
}
