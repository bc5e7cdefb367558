//! A principal in short: who it is, what it holds, when it was used.

use ratatui::style::Style;

use super::{account, iam::ago, page::Page, words};
use crate::{
    case::{Held, Holding, Survey},
    domain::{
        Untrusted,
        authorization::{Authorization, Group, Holder, Role, User},
        untrusted::{display_in, is_suspicious},
    },
};

/// Cells of a name or a value.
const WORD: usize = 200;
/// Names told of each kind; the rest is counted.
const NAMED: usize = 50;

pub fn page(page: &mut Page<'_, '_>, holding: &Holding, held: Held<'_>) {
    let survey = page.model.iam.survey.clone();
    let surveyed = &survey.accounts[holding.account];
    let all = &surveyed.authorization;
    let holder = held.holder();
    page.wrapped(&holder.name, page.theme.heading);
    if is_suspicious(holder.name.raw()) || is_suspicious(holder.path.raw()) {
        let what = "! This principal's name holds hidden or misleading characters; they are \
                    shown as <U+…> or as pictures.";
        page.wrapped(&what.into(), page.theme.trouble);
    }
    page.blank();
    page.foreign("arn", &holder.arn);
    page.foreign("id", &holder.id);
    if let Some(account) = &all.account {
        page.text("account", account::words(page.model, account));
    }
    page.time("created", holder.created);
    match held {
        Held::User(user) => of_user(page, user, all),
        Held::Role(role) => of_role(page, role),
        Held::Group(group) => of_group(page, group, all),
    }
    risks(page, &survey, holding);
    policies(page, holder, all);
    if !holder.tags.is_empty() {
        page.heading("Tags");
        for (key, value) in holder.tags.iter().take(NAMED) {
            let text =
                format!("{} = {}", display_in(key.raw(), WORD), display_in(value.raw(), WORD));
            let bad = is_suspicious(key.raw()) || is_suspicious(value.raw());
            page.styled("", text, if bad { page.theme.trouble } else { Style::new() });
        }
    }
    page.blank();
    let as_of = format!("as IAM told {}", ago(page.model.now, surveyed.at));
    page.styled("", as_of, page.theme.dim);
}

fn of_user(page: &mut Page<'_, '_>, user: &User, all: &Authorization) {
    let label = "password";
    match user.password_last_used {
        Some(_) => page.time(label, user.password_last_used),
        None => page.text(label, "none, never used, or not since IAM keeps count".to_owned()),
    }
    if user.groups.is_empty() {
        page.text("groups", "none".to_owned());
    }
    for (at, name) in user.groups.iter().take(NAMED).enumerate() {
        let known = all.group(name.raw()).map(|g| g.holder.inline.len() + g.holder.attached.len());
        let holds = match known {
            Some(1) => "1 policy".to_owned(),
            Some(n) => format!("{n} policies"),
            None => "not listed".to_owned(),
        };
        let label = if at == 0 { "groups" } else { "" };
        page.text(label, format!("{} ({holds})", display_in(name.raw(), WORD)));
    }
}

fn of_role(page: &mut Page<'_, '_>, role: &Role) {
    if let Some(description) = &role.description {
        page.foreign("for", description);
    }
    match role.last_used.as_ref().and_then(|used| used.at) {
        Some(at) => page.time("last used", Some(at)),
        // The tracking period: IAM API reference, "RoleLastUsed".
        None => page.text("last used", "not within the 400 days that IAM looks back".to_owned()),
    }
    if let Some(region) = role.last_used.as_ref().and_then(|used| used.region.as_ref()) {
        page.foreign("in", region);
    }
    if let Some(seconds) = role.max_session {
        page.text("session", format!("{} at most", hours(seconds)));
    }
    for (at, profile) in role.instance_profiles.iter().take(NAMED).enumerate() {
        page.foreign(if at == 0 { "instances" } else { "" }, profile);
    }
    if role.is_service_linked() {
        let what = "service-linked: only its service uses or changes it, and no service control \
                    policy binds it";
        page.text("kind", what.to_owned());
    }
}

fn hours(seconds: u32) -> String {
    match (seconds / 3600, seconds % 3600 / 60) {
        (hours, 0) => format!("{hours}h"),
        (0, minutes) => format!("{minutes}m"),
        (hours, minutes) => format!("{hours}h {minutes}m"),
    }
}

fn of_group(page: &mut Page<'_, '_>, group: &Group, all: &Authorization) {
    let is_in = |user: &&User| user.groups.contains(&group.holder.name);
    let users: Vec<&Untrusted> = all.users.iter().filter(is_in).map(|u| &u.holder.name).collect();
    if users.is_empty() {
        page.text("users", "none".to_owned());
    }
    for (at, name) in users.iter().take(NAMED).enumerate() {
        page.foreign(if at == 0 { "users" } else { "" }, name);
    }
    more(page, users.len());
}

/// What it holds itself, by name; what is in them is a page of its own.
fn policies(page: &mut Page<'_, '_>, holder: &Holder, all: &Authorization) {
    page.heading("Policies");
    if holder.inline.is_empty() && holder.attached.is_empty() {
        page.text("", "none of its own".to_owned());
    }
    for inline in holder.inline.iter().take(NAMED) {
        page.foreign("inline", &inline.name);
    }
    more(page, holder.inline.len());
    for arn in holder.attached.iter().take(NAMED) {
        let by = match all.policy(arn.raw()) {
            Some(policy) if policy.is_aws_managed() => "AWS's",
            Some(_) => "managed",
            None => "not listed",
        };
        page.foreign(by, arn);
    }
    more(page, holder.attached.len());
    match &holder.boundary {
        Some(arn) => page.foreign("boundary", arn),
        None => page.text("boundary", "none".to_owned()),
    }
}

fn more(page: &mut Page<'_, '_>, all: usize) {
    if all > NAMED {
        page.text("", format!("and {} more", all - NAMED));
    }
}

/// What was found about it, the worst first; the statements are on the other pages.
fn risks(page: &mut Page<'_, '_>, survey: &Survey, holding: &Holding) {
    page.heading("Found in its policies");
    if holding.lints.is_empty() {
        page.styled("", "nothing".to_owned(), page.theme.good);
    }
    for lint in survey.lints(holding).take(NAMED) {
        let style = page.theme.band(lint.severity);
        let policy = display_in(lint.policy.name.raw(), WORD);
        let what = format!("{}: {} ({policy})", lint.rule, lint.sentence);
        page.labelled(&format!("▲ {}", words::band(lint.severity)), style, what, Style::new());
    }
    more(page, holding.lints.len());
}
