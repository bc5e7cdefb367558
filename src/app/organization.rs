//! The organization pane: from unit to account, and from a role to what stands above it.

use std::sync::Arc;

use super::{Effect, panes};
use crate::{
    case::{Exemptible, Held, Load, Look, RoleAt},
    domain::{
        Principal,
        authorization::{Authorization, Inspected},
        organization::View,
        untrusted::display_in,
    },
    input::Command,
    model::{
        Answered, Field, Focus, Form, Ground, Model, Notice, Overlay, Pane, Purpose, Stand,
        StandRow,
    },
    policy::exempt::{Analysis, is_for_emergencies},
    ui,
};

pub fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    use Command as C;
    match command {
        C::Organization => open(model),
        C::Exempt => exempt(model),
        C::Refresh => ask(model, true),
        C::Raw => {
            model.organization.raw = !model.organization.raw;
            model.organization.scroll = 0;
        }
        C::Focus | C::Open => switch_focus(model, command),
        C::CopyId | C::CopyArn => copy(model, command, effects),
        _ => {}
    }
}

fn open(model: &mut Model) {
    model.organization.wanted = true;
    panes::go(model, Pane::Organization);
}

fn switch_focus(model: &mut Model, command: Command) {
    let pane = &mut model.organization;
    pane.focus = match (command, pane.focus) {
        (Command::Open, _) | (_, Focus::List) => Focus::Detail,
        (_, Focus::Detail) => Focus::List,
    };
}

/// From the role that is looked at in the IAM pane at once; else its ARN is asked for.
fn exempt(model: &mut Model) {
    if model.pane == Pane::Iam {
        let Some((_, Held::Role(role))) = model.iam.current() else { return };
        match role.holder.arn.raw().parse() {
            Ok(role) => look_at(model, role),
            Err(why) => model.notice = Some(Notice::Done(why)),
        }
        return;
    }
    let fields = vec![Field::new("role", "its ARN, or that of a session", &suggested(model))];
    let title = "Is a role exempt from what stands above it?".to_owned();
    let form = Form { purpose: Purpose::Exempt, title, fields, at: 0, trouble: None };
    model.overlay = Some(Overlay::Form(form));
}

/// The role looked at last; else one for emergencies in the account under the cursor, where
/// its roles are known.
fn suggested(model: &Model) -> String {
    let pane = &model.organization;
    if let Some(stand) = &pane.stand {
        return display_in(stand.role.arn.raw(), 200);
    }
    let known = model
        .case
        .accounts()
        .into_iter()
        .filter(|(_, id)| pane.account().is_none_or(|account| account == id));
    let roles = known.flat_map(|(target, _)| {
        let look = model.case.inspection.accounts.get(&target);
        let known = look.and_then(|look| look.known.as_ref());
        known.into_iter().flat_map(|known| &known.what.roles)
    });
    let mut roles = roles.map(|role| &role.holder).filter(|holder| {
        let mut tags = holder.tags.iter();
        is_for_emergencies(holder.name.raw(), "true")
            || tags.any(|(key, value)| is_for_emergencies(key.raw(), value.raw()))
    });
    match (roles.next(), pane.account()) {
        (Some(holder), _) => display_in(holder.arn.raw(), 200),
        (None, Some(account)) => format!("arn:aws:iam::{account}:role/"),
        (None, None) => String::new(),
    }
}

/// The field that is wrong, and why.
pub fn submit(model: &mut Model, text: &str) -> Result<(), (usize, String)> {
    let role: RoleAt = text.parse().map_err(|why| (0, why))?;
    model.overlay = None;
    look_at(model, role);
    Ok(())
}

/// Shows how what stands above a role stands to it; asked for where it is not known.
pub fn look_at(model: &mut Model, role: RoleAt) {
    model.organization.stand = Some(Stand::of(role));
    (model.organization.focus, model.organization.scroll) = (Focus::List, 0);
    open(model);
}

/// Has looked at what the pane shows, each once; all of it `again` when wanted.
pub fn ask(model: &mut Model, again: bool) {
    if !model.organization.wanted || model.setup.offline {
        return;
    }
    let seen = model.case.inspection.organization().is_some();
    for (target, _) in model.case.accounts() {
        if !seen && model.organization.asked.insert(target.clone()) || again {
            model.case.look_at_organization(&target, again);
        }
    }
    let Some(stand) = &model.organization.stand else { return };
    let role = stand.role.clone();
    if model.case.target_of(&role.account).is_some()
        && (model.organization.asked_roles.insert(role.arn.clone()) || again)
    {
        model.case.look_at_role(&role, again);
    }
}

fn copy(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    let pane = &model.organization;
    let (what, text) = match (&pane.stand, command) {
        (Some(stand), Command::CopyArn) => ("role's ARN", Some(stand.role.arn.raw().to_owned())),
        (Some(stand), _) => match stand.rows().get(stand.cursor) {
            Some(StandRow::Statement(s)) => ("policy's id", Some(s.policy_id.raw().to_owned())),
            Some(StandRow::Level(level)) => ("id", Some(level.target.raw().to_owned())),
            None => ("id", None),
        },
        (None, _) => ("id", pane.id(pane.cursor)),
    };
    let Some(text) = text else { return };
    model.notice = Some(Notice::Done(format!("{what} sent to the terminal's clipboard")));
    effects.push(Effect::Copy(text));
}

/// Moves the cursor, or scrolls the detail.
pub fn travel(model: &mut Model, command: Command) {
    let (most, page) = ui::scroll_bounds(model);
    let moved = |at: usize, last: usize| super::browse::moved(at, command, page, last);
    let pane = &mut model.organization;
    if pane.focus == Focus::Detail {
        pane.scroll = moved(pane.scroll.min(most), most);
        return;
    }
    let to = match &pane.stand {
        Some(stand) => moved(stand.cursor, stand.rows().len().saturating_sub(1)),
        None => moved(pane.cursor, pane.rows.len().saturating_sub(1)),
    };
    go_to(model, to);
}

/// Puts the cursor onto a line of the list.
pub fn go_to(model: &mut Model, to: usize) {
    let pane = &mut model.organization;
    pane.scroll = 0;
    match &mut pane.stand {
        Some(stand) => stand.cursor = to,
        None => {
            pane.cursor = to;
            pane.selected = pane.id(pane.cursor).map(Into::into);
        }
    }
}

/// Closes the detail, then the role, then goes back to whence the pane was gone to.
pub fn back(model: &mut Model) {
    let pane = &mut model.organization;
    pane.scroll = 0;
    if pane.focus == Focus::Detail {
        pane.focus = Focus::List;
    } else if pane.stand.take().is_some() {
        // A role that was chosen elsewhere leads back there.
        if model.came_from.last() == Some(&Pane::Iam) {
            panes::back(model);
        }
    } else if !pane.text.is_empty() {
        pane.filter(String::new());
    } else {
        panes::back(model);
    }
}

/// The answer about a role. Where another one is looked at by now, or on other ground, it is
/// dropped.
pub fn analysed(model: &mut Model, role: &RoleAt, known: Exemptible, analysis: Analysis) {
    let Some(stand) = &mut model.organization.stand else { return };
    if stand.role != *role || !stand.asking {
        return;
    }
    stand.asking = false;
    let first = stand.answered().is_none();
    stand.load = Load::Ready(Arc::new(Answered { known, analysis }));
    if first {
        // What stands in the way is what the operator came for.
        stand.cursor = stand.first_trouble().unwrap_or(0);
    }
    stand.cursor = stand.cursor.min(stand.rows().len().saturating_sub(1));
}

/// What follows from any message: an organization that was looked at, an answer that stands on
/// what is not so any more, a cursor that must be seen.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    if !model.organization.wanted {
        return;
    }
    let view = view(model);
    let same = match (&view, &model.organization.shown) {
        (Some(now), Some(shown)) => Arc::ptr_eq(now, shown),
        (None, None) => true,
        _ => false,
    };
    if !same {
        model.organization.show(view);
    }
    stand(model, effects);
    if model.pane == Pane::Organization {
        let page = ui::page_rows(model);
        // The detail stands in the list's place: where the list was is not to be lost.
        if page == 0 {
            return;
        }
        let pane = &mut model.organization;
        let (top, cursor) = match &mut pane.stand {
            Some(stand) => (&mut stand.top, stand.cursor),
            None => (&mut pane.top, pane.cursor),
        };
        *top = (*top).clamp((cursor + 1).saturating_sub(page), cursor);
    }
}

/// The organization as it is seen from somewhere; else why it is not.
fn view(model: &Model) -> Option<Arc<View>> {
    let inspection = &model.case.inspection;
    if let Some((_, known)) = inspection.organization() {
        return Some(known.what.clone());
    }
    let views = inspection.organizations.values().filter_map(|look| look.known.as_ref());
    // That an account is in none says less than that another may not see its own.
    let mut views: Vec<_> = views.map(|known| &known.what).collect();
    views.sort_by_key(|view| matches!(***view, View::None));
    views.first().map(|view| (*view).clone())
}

/// Asks anew about the role where what is known of it, or of what stands above it, is new.
fn stand(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(stand) = &model.organization.stand else { return };
    let ground = ground(model, &stand.role);
    if stand.asking || stand.ground.as_ref() == Some(&ground) || is_looking(model) {
        return;
    }
    let role = stand.role.clone();
    let known = model.case.exemptible(&role);
    let Some(stand) = &mut model.organization.stand else { return };
    stand.ground = Some(ground);
    match known {
        Ok(known) => {
            (stand.asking, stand.why) = (true, None);
            effects.push(Effect::Analyse { role, known: Box::new(known) });
        }
        Err(why) => (stand.load, stand.why) = (Load::Idle, Some(why)),
    }
}

/// Something that the answer needs is on its way, and nothing is known of it yet.
fn is_looking(model: &Model) -> bool {
    let inspection = &model.case.inspection;
    let organization = inspection.organization().is_none()
        && inspection.organizations.values().any(|look| look.is_asking);
    let Some(stand) = &model.organization.stand else { return organization };
    let first = |asking: bool, known: bool| asking && !known;
    let (alone, listed) = looks(model, &stand.role);
    organization
        || alone.is_some_and(|look| first(look.is_asking, look.known.is_some()))
        || listed.is_some_and(|look| first(look.is_asking, look.known.is_some()))
        || model.case.identities().any(|(_, load)| matches!(load, Load::Idle | Load::Loading))
}

type Looks<'m> = (Option<&'m Look<Inspected>>, Option<&'m Look<Authorization>>);

/// At the role by itself, and at all of its account.
fn looks<'m>(model: &'m Model, role: &RoleAt) -> Looks<'m> {
    let inspection = &model.case.inspection;
    let Some(target) = model.case.target_of(&role.account) else { return (None, None) };
    let who = (target.clone(), Principal::Role(role.name.clone()));
    (inspection.principals.get(&who), inspection.accounts.get(&target))
}

fn ground(model: &Model, role: &RoleAt) -> Ground {
    let organizations = model.case.inspection.organizations.values();
    let (alone, listed) = looks(model, role);
    Ground {
        organization: organizations.filter_map(|look| Some(look.known.as_ref()?.at)).max(),
        role: alone.and_then(|look| Some(look.known.as_ref()?.at)),
        account: listed.and_then(|look| Some(look.known.as_ref()?.at)),
        places: model.case.feeds.len(),
    }
}
