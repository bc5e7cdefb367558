//! The IAM pane: who is in the accounts, and one principal after the other.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{Effect, panes, trail};
use crate::{
    case::{
        Dossier, HISTORY, Held, Sought, Survey, SurveySort, SurveyView, Used, basis, principals,
        versions as of_versions,
    },
    domain::{
        Fault, Target, Untrusted,
        event::{By, Question, Window},
        untrusted::display_in,
    },
    input::Command,
    model::{Asked, Calls, Focus, Model, Notice, Overlay, Page, Pane, Tab, When},
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
        C::PreviousTab => turn(model, Tab::ALL.len() - 1),
        C::Compare => compare(model, effects),
        C::Versions => versions(model, effects),
        C::Focus | C::Open => switch_focus(model, command),
        _ => {}
    }
}

pub fn open(model: &mut Model) {
    model.iam.wanted = true;
    panes::go(model, Pane::Iam);
}

fn turn(model: &mut Model, places: usize) {
    turn_to(model, model.iam.tab.after(places));
}

/// Opens a page about the principal.
pub fn turn_to(model: &mut Model, tab: Tab) {
    model.iam.tab = tab;
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
pub fn go_to(model: &mut Model, sought: Sought) {
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
    let told = |target: &Target| {
        let look = accounts.get(target);
        look.is_some_and(|l| !l.is_asking && (l.known.is_some() || l.fault.is_some()))
    };
    let all_told = model.case.accounts().iter().all(|(target, _)| told(target));
    !signing_in
        && (model.setup.offline || all_told)
        && model.iam.survey.basis() == basis(&model.case.surveyed())
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
    select(model, to);
}

/// Puts the cursor onto a line of the list.
pub fn select(model: &mut Model, to: usize) {
    let iam = &mut model.iam;
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
        let accounts = model.case.surveyed();
        let wanted = basis(&accounts);
        if wanted != model.iam.survey.basis() {
            model.iam.surveying = Some(wanted);
            effects.push(Effect::Survey(accounts));
        }
    }
    let iam = &mut model.iam;
    let wanted = (iam.survey.basis(), iam.view.clone());
    if !iam.arranging && iam.arranged.as_ref() != Some(&wanted) {
        iam.arranging = true;
        effects.push(Effect::ArrangeSurvey { survey: iam.survey.clone(), view: wanted.1 });
    }
    arrive(model);
    read(model);
    seek(model, effects);
    if model.pane == Pane::Iam {
        let page = ui::page_rows(model).max(1);
        let iam = &mut model.iam;
        let least = (iam.cursor + 1).saturating_sub(page);
        let most = iam.rows.len().saturating_sub(page).max(least);
        iam.top = iam.top.clamp(least, iam.cursor.max(least)).min(most);
    }
}

/// The dossier follows the cursor. One principal's own policies are read well within 5 ms:
/// IAM bounds what one may hold.
fn read(model: &mut Model) {
    let iam = &mut model.iam;
    let at = iam.rows.get(iam.cursor).copied();
    let is_read = |dossier: &Dossier| Arc::ptr_eq(&dossier.survey, &iam.survey);
    let read = iam.dossier.as_ref().filter(|d| is_read(d)).map(|d| d.at);
    if at != read {
        iam.dossier = at.and_then(|at| Dossier::new(&iam.survey, at));
        super::can::decide(model);
    }
}

/// The first time the principal is held, the second time another one is compared with it.
fn compare(model: &mut Model, effects: &mut Vec<Effect>) {
    let iam = &mut model.iam;
    let Some(dossier) = &iam.dossier else { return };
    let held = iam.held.take().filter(|held| held.arn != dossier.arn);
    match held {
        None => {
            iam.held = Some(dossier.clone());
            let what = "held: go to another principal, and the same key compares the two";
            model.notice = Some(Notice::Done(what.to_owned()));
        }
        Some(held) => {
            effects.push(Effect::Compare(principals(&held, dossier)));
            iam.compared = None;
            model.overlay = Some(Overlay::Text(Page::Compare, 0));
        }
    }
}

/// What changed in the policies that the principal holds, or that bound it.
fn versions(model: &mut Model, effects: &mut Vec<Effect>) {
    let iam = &mut model.iam;
    let (Some(dossier), Some((holding, _))) = (&iam.dossier, iam.current()) else { return };
    let all = &iam.survey.accounts[holding.account].authorization;
    let mut pairs = Vec::new();
    let mut arns: Vec<_> = dossier
        .held
        .iter()
        .chain(&dossier.boundary)
        .filter_map(|document| document.source.arn.as_ref())
        .collect();
    arns.dedup();
    for arn in arns {
        pairs.extend(all.policy(arn.raw()).into_iter().flat_map(of_versions));
    }
    effects.push(Effect::Compare(pairs));
    iam.compared = None;
    model.overlay = Some(Overlay::Text(Page::Compare, 0));
}

/// What the store had of a principal's calls.
pub fn found(model: &mut Model, arn: Untrusted, news: u64, used: Result<Arc<Used>, Fault>) {
    model.iam.seeking = None;
    model.iam.calls = Some(Calls { arn, news, used });
}

/// Looks for the calls of the principal whose use is shown, and again where events came.
fn seek(model: &mut Model, effects: &mut Vec<Effect>) {
    let iam = &mut model.iam;
    if model.pane != Pane::Iam || iam.tab != Tab::Use || iam.seeking.is_some() {
        return;
    }
    let Some((_, held)) = iam.current() else { return };
    let (arn, news) = (held.holder().arn.clone(), model.trail.news);
    let known = |calls: &Calls| calls.arn == arn && calls.news == news;
    let Some(by) = calls_of(held).filter(|_| !iam.calls.as_ref().is_some_and(known)) else {
        return;
    };
    let from = model.now.checked_sub(HISTORY).unwrap_or(model.now);
    let question = Question::new(vec![by], Window::new(from, model.now));
    iam.seeking = Some((arn.clone(), news));
    effects.push(Effect::FindCalls { arn, news, question });
}
