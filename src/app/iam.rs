//! The IAM pane: who is in the accounts, and one principal after the other.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{Effect, panes, trail};
use crate::{
    case::{Held, Sought, Survey, SurveySort, SurveyView, Surveyed, basis},
    domain::{event::By, untrusted::display_in},
    input::Command,
    model::{Asked, Focus, Model, Notice, Pane, When},
    ui,
};

/// What a principal did is looked for in this window first.
const LAST_DAY: When = When::Last(SignedDuration::from_hours(24));

pub fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    use Command as C;
    match command {
        C::Iam => open(model),
        C::PrincipalOf => of_selected(model),
        C::EventsOf => events_of(model, effects),
        C::FindingsOf => findings_of(model),
        C::Refresh => ask(model, true),
        C::ClearFilters => model.iam.view.text.clear(),
        C::Sort => {
            let at = SurveySort::ALL.iter().position(|s| *s == model.iam.view.sort).unwrap_or(0);
            model.iam.view.sort = SurveySort::ALL[(at + 1) % SurveySort::ALL.len()];
        }
        C::Reverse => model.iam.view.reverse = !model.iam.view.reverse,
        C::NextTab => turn(model, 1),
        C::PreviousTab => turn(model, crate::model::Tab::ALL.len() - 1),
        C::Focus | C::Open => switch_focus(model, command),
        _ => {}
    }
}

fn open(model: &mut Model) {
    model.iam.wanted = true;
    panes::go(model, Pane::Iam);
}

fn turn(model: &mut Model, places: usize) {
    model.iam.tab = model.iam.tab.after(places);
    model.iam.scroll = 0;
}

fn switch_focus(model: &mut Model, command: Command) {
    let to = match (command, model.iam.focus) {
        (Command::Open, _) | (_, Focus::List) => Focus::Detail,
        (_, Focus::Detail) => Focus::List,
    };
    model.iam.focus = to;
    if to == Focus::Detail {
        model.iam.selected = model.iam.arn().cloned();
    }
}

/// From a finding or an event to who is behind it.
fn of_selected(model: &mut Model) {
    let sought = match model.pane {
        Pane::Trail => model.trail.current().and_then(|e| Sought::of_event(e)),
        _ => model.current().and_then(|f| Sought::of_finding(f)),
    };
    let Some(sought) = sought else { return };
    open(model);
    go_to(model, sought);
}

/// To a principal: at once where it is in the list, else as soon as it is.
fn go_to(model: &mut Model, sought: Sought) {
    let iam = &mut model.iam;
    // What the list is filtered by may hide it.
    iam.view.text.clear();
    iam.sought = Some(sought);
    iam.focus = Focus::Detail;
    iam.scroll = 0;
    arrive(model);
}

/// The principal that is being gone to, once it is known whether it is in the list.
fn arrive(model: &mut Model) {
    let Some(sought) = model.iam.sought.clone() else { return };
    let iam = &mut model.iam;
    if let Some(at) = iam.survey.find(&sought) {
        let arn = iam.survey.holder(&iam.survey.holdings[at]).arn.clone();
        (iam.selected, iam.sought) = (Some(arn), None);
        iam.follow();
    } else if is_all_known(model) {
        let iam = &mut model.iam;
        (iam.sought, iam.focus) = (None, Focus::List);
        let what = display_in(sought.words().raw(), 120);
        let what = format!("{what} is in no account that was looked at, or is gone");
        model.notice = Some(Notice::Done(what));
    }
}

/// Every account has said what it will say, and the survey is made of that.
fn is_all_known(model: &Model) -> bool {
    let accounts = &model.case.inspection.accounts;
    let signing_in = model
        .case
        .identities()
        .any(|(_, load)| matches!(load, crate::case::Load::Idle | crate::case::Load::Loading));
    !signing_in
        && accounts.values().all(|look| !look.is_asking)
        && model.iam.survey.basis() == basis(&sources(model))
}

/// To what the principal called.
fn events_of(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(by) = model.iam.current().and_then(|(_, held)| calls_of(held)) else { return };
    model.iam.selected = model.iam.arn().cloned();
    trail::ask(model, Asked::new(vec![by], LAST_DAY, model.now), effects);
    panes::go(model, Pane::Trail);
}

/// What events are asked by to see what a principal called. A group calls nothing.
pub fn calls_of(held: Held<'_>) -> Option<By> {
    match held {
        Held::User(user) => Some(By::User(user.holder.name.raw().to_owned())),
        Held::Role(role) => Some(By::Role(role.holder.arn.raw().to_owned())),
        Held::Group(_) => None,
    }
}

/// To the findings that name the principal.
fn findings_of(model: &mut Model) {
    let Some((_, held)) = model.iam.current() else { return };
    let (name, arn) = (held.holder().name.raw().to_owned(), held.holder().arn.clone());
    model.iam.selected = Some(arn);
    model.view.filter.text = name;
    model.focus = Focus::List;
    panes::go(model, Pane::Findings);
}

/// Moves the cursor, or scrolls the page.
pub fn travel(model: &mut Model, command: Command) {
    let (most, page) = ui::scroll_bounds(model);
    let moved = |at: usize, last: usize| super::browse::moved(at, command, page, last);
    let iam = &mut model.iam;
    if iam.focus == Focus::Detail {
        iam.scroll = moved(iam.scroll.min(most), most);
        return;
    }
    let to = moved(iam.cursor, iam.rows.len().saturating_sub(1));
    if to != iam.cursor {
        iam.cursor = to;
        iam.scroll = 0;
    }
    iam.selected = iam.arn().cloned();
}

/// Closes the principal, drops the text, goes back to whence the pane was gone to.
pub fn back(model: &mut Model) {
    let iam = &mut model.iam;
    iam.sought = None;
    if iam.focus == Focus::Detail {
        iam.focus = Focus::List;
    } else if !iam.view.text.is_empty() {
        iam.view.text.clear();
    } else {
        panes::back(model);
    }
}

/// Has every account that is signed in looked at, once; all of them `again` when wanted.
pub fn ask(model: &mut Model, again: bool) {
    if !model.iam.wanted || model.setup.offline {
        return;
    }
    for (target, _) in model.case.accounts() {
        if model.iam.asked.insert(target.clone()) || again {
            model.case.look_at_account(&target, again);
            model.case.look_at_organization(&target, again);
        }
    }
}

/// What a survey would be made of now.
fn sources(model: &Model) -> Vec<Surveyed> {
    let accounts = model.case.inspection.accounts.iter();
    let known = accounts.filter_map(|(target, look)| {
        let known = look.known.as_ref()?;
        Some(Surveyed { target: target.clone(), authorization: known.what.clone(), at: known.at })
    });
    known.collect()
}

/// The survey that was on its way.
pub fn surveyed(model: &mut Model, survey: Arc<Survey>) {
    model.iam.surveying = None;
    model.iam.survey = survey;
}

/// The lines in a view, of a survey that may not be the present one any more.
pub fn arranged(model: &mut Model, survey: &Arc<Survey>, view: SurveyView, rows: Vec<usize>) {
    let iam = &mut model.iam;
    iam.arranging = false;
    if !Arc::ptr_eq(survey, &iam.survey) {
        return;
    }
    iam.rows = rows;
    iam.arranged = Some((survey.basis(), view));
    iam.follow();
}

/// What follows from any message: a survey or a list that is behind, a principal that is
/// being gone to, a cursor that must be seen.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    if !model.iam.wanted {
        return;
    }
    if model.iam.surveying.is_none() {
        let sources = sources(model);
        let wanted = basis(&sources);
        if wanted != model.iam.survey.basis() {
            model.iam.surveying = Some(wanted);
            effects.push(Effect::Survey(sources));
        }
    }
    let iam = &mut model.iam;
    let wanted = (iam.survey.basis(), iam.view.clone());
    if !iam.arranging && iam.arranged.as_ref() != Some(&wanted) {
        iam.arranging = true;
        effects.push(Effect::ArrangeSurvey { survey: iam.survey.clone(), view: wanted.1 });
    }
    arrive(model);
    if model.pane == Pane::Iam {
        let page = ui::page_rows(model).max(1);
        let iam = &mut model.iam;
        let least = (iam.cursor + 1).saturating_sub(page);
        let most = iam.rows.len().saturating_sub(page).max(least);
        iam.top = iam.top.clamp(least, iam.cursor.max(least)).min(most);
    }
}
