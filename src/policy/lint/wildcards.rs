//! Wildcards in actions and resources, with what NotAction, NotResource and conditions make
//! of them. What a wildcard comes to is counted by the table of actions.

use super::{
    Finding, administrator,
    breadth::{Breadth, Reach},
    census::{Census, count, levels},
    narrowed::{MOST, Narrowed, first_of, listed},
};
use crate::{
    domain::{Band, untrusted::display_in},
    policy::{
        Actions, Policy, Resources, Statement,
        actions::{AccessLevel, Action},
    },
};

/// The findings of each statement of an identity policy by itself.
pub fn judge(policy: &Policy, out: &mut Vec<Finding>) {
    for (at, statement) in policy.statements.iter().enumerate() {
        if !statement.is_allow() {
            continue;
        }
        let narrowed = Narrowed::of(statement);
        let mut say = |rule, severity: Band, sentence: String, suggestion: String| {
            out.push(Finding {
                statement: Some(at),
                severity: narrowed.lowered(severity),
                rule,
                sentence: format!("{sentence}{}", narrowed.words()),
                suggestion,
            });
        };
        if administrator::is_everything(statement) {
            continue;
        }
        let reach = Reach::of(statement);
        let wide = reach.breadth(None).is_some_and(Breadth::is_wide);
        let Some(census) = Census::of(statement) else {
            every_action(statement, wide, &mut say);
            not_resource(statement, &[], &mut say);
            continue;
        };
        wild_actions(&census, wide, &mut say);
        wild_resources(statement, &reach, &census, &mut say);
        not_resource(statement, &census.all, &mut say);
        unknown(&census, at, out);
    }
}

type Say<'s> = &'s mut dyn FnMut(&'static str, Band, String, String);

/// `Action: *` on something, and NotAction.
fn every_action(statement: &Statement, wide: bool, say: Say<'_>) {
    match &statement.actions {
        Actions::AllBut(but) => {
            let but: Vec<String> = but.items.iter().map(|p| display_in(p.text(), 40)).collect();
            say(
                "not-action",
                if wide { Band::High } else { Band::Medium },
                format!("allows every action but {}, also those that AWS will add", listed(&but, " and ")),
                "allow the actions that are needed by name; deny the others in a statement of their own".to_owned(),
            );
        }
        Actions::These(_) => say(
            "action-everything",
            if wide { Band::Critical } else { Band::High },
            format!("allows every action on {}", resources_in_words(statement)),
            "name the actions that are needed".to_owned(),
        ),
    }
}

fn wild_actions(census: &Census, wide: bool, say: Say<'_>) {
    if census.wild.is_empty() {
        return;
    }
    let named = &census.by_wildcard;
    let severity =
        match (count(named, AccessLevel::Permissions), named.iter().all(|a| a.level.reads())) {
            (1.., _) if wide => Band::High,
            (1.., _) => Band::Medium,
            (0, true) => Band::Informational,
            (0, false) if wide => Band::Medium,
            (0, false) => Band::Low,
        };
    let levels = levels(named);
    let among =
        if levels.is_empty() { ", which only look".to_owned() } else { format!(": {levels}") };
    let wild: Vec<String> = census.wild.iter().map(|w| display_in(w, 40)).collect();
    say(
        "action-wildcard",
        severity,
        format!(
            "{} {} {} actions{among}",
            listed(&wild, " and "),
            if wild.len() == 1 { "is" } else { "are" },
            named.len()
        ),
        match worst(named) {
            Some(action) => format!(
                "name the actions that are needed; {}:{} is hardly one of them",
                action.service, action.name
            ),
            None => "name the actions that are needed".to_owned(),
        },
    );
}

/// The first that manages permissions, else none.
fn worst(actions: &[&'static Action]) -> Option<&'static Action> {
    actions.iter().find(|a| a.level == AccessLevel::Permissions).copied()
}

/// `Resource: *`, and patterns that leave nothing of a kind out, for actions that could be
/// limited.
fn wild_resources(statement: &Statement, reach: &Reach<'_>, census: &Census, say: Say<'_>) {
    let Some(Resources::These(_)) = &statement.resources else { return };
    let reached: Vec<&'static Action> = census
        .all
        .iter()
        .filter(|a| !a.only_on_everything())
        .filter(|a| reach.breadth(Some(a)).is_some_and(Breadth::is_wide))
        .copied()
        .collect();
    if reached.is_empty() {
        return;
    }
    let severity = if count(&reached, AccessLevel::Permissions) > 0 {
        Band::High
    } else if count(&reached, AccessLevel::Write) > 0 {
        Band::Medium
    } else if count(&reached, AccessLevel::Tagging) > 0 {
        Band::Low
    } else {
        Band::Informational
    };
    let mut by_level = reached.clone();
    by_level.sort_by_key(|a| weight(a.level));
    let first = by_level.iter().take(MOST);
    let names: Vec<String> = first.map(|a| format!("{}:{}", a.service, a.name)).collect();
    let levels = levels(&reached);
    let levels = if levels.is_empty() { String::new() } else { format!(" ({levels})") };
    let forms = super::forms_of(&by_level);
    let everywhere = resources_in_words(statement);
    let sentence = match &names[..] {
        [one] => format!("{one} is allowed on {everywhere}, and could be limited{levels}"),
        _ => format!(
            "{} actions are allowed on {everywhere}, and could be limited{levels}: {}",
            reached.len(),
            first_of(&names, reached.len(), ", ")
        ),
    };
    say("resource-wildcard", severity, sentence, format!("\"Resource\": [{}]", quoted(&forms)));
}

fn weight(level: AccessLevel) -> u8 {
    match level {
        AccessLevel::Permissions => 0,
        AccessLevel::Write => 1,
        AccessLevel::Tagging => 2,
        AccessLevel::Read => 3,
        AccessLevel::List => 4,
    }
}

fn quoted(forms: &[String]) -> String {
    let quoted: Vec<String> = forms.iter().take(4).map(|f| format!("\"{f}\"")).collect();
    let more = if forms.len() > 4 { ", …" } else { "" };
    format!("{}{more}", quoted.join(", "))
}

fn not_resource(statement: &Statement, named: &[&Action], say: Say<'_>) {
    let Some(Resources::AllBut(but)) = &statement.resources else { return };
    let but: Vec<String> = but.items.iter().map(|p| display_in(p.text(), 60)).collect();
    let looks = !named.is_empty() && named.iter().all(|a| a.level.reads());
    say(
        "not-resource",
        if looks { Band::Low } else { Band::High },
        format!("allowed on everything but {}, also on what will be made", listed(&but, " and ")),
        "name the resources that are meant; deny the others in a statement of their own".to_owned(),
    );
}

fn unknown(census: &Census, at: usize, out: &mut Vec<Finding>) {
    if census.unknown.is_empty() {
        return;
    }
    let names: Vec<String> = census.unknown.iter().map(|w| display_in(w, 60)).collect();
    out.push(Finding {
        statement: Some(at),
        severity: Band::Informational,
        rule: "action-unknown",
        sentence: format!("no action is known that is named {}", listed(&names, " or ")),
        suggestion: "check the spelling; it may also be newer than halon's table".to_owned(),
    });
}

/// The resources of a statement for a sentence.
fn resources_in_words(statement: &Statement) -> String {
    let patterns = match &statement.resources {
        None => return "what it is attached to".to_owned(),
        Some(resources) => resources.patterns(),
    };
    if patterns.iter().any(|p| p.is_everything()) {
        return "every resource".to_owned();
    }
    let shown: Vec<String> = patterns.iter().map(|p| display_in(p.text(), 60)).collect();
    listed(&shown, " and ")
}
