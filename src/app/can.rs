//! Whether a principal may make a call: typed, asked of AWS's simulator, or taken from a
//! refusal.

use tui_input::Input;

use super::{
    filter::{paste, request},
    iam,
};
use crate::{
    case::{Load, Sought},
    domain::{
        AccountId, Target, Untrusted,
        event::{Event, Refusal, encoded},
        simulation::Decoded,
    },
    input::{Code, Command, Key},
    model::{CanField, Field, Focus, Form, Model, Notice, Overlay, Page, Purpose, Refused, Tab},
};

/// The longest encoded refusal (STS API reference).
const LONGEST: usize = 10_240;

pub fn perform(model: &mut Model, command: Command) {
    match command {
        Command::CanIt => {
            (model.iam.tab, model.iam.focus, model.iam.scroll) = (Tab::Can, Focus::Detail, 0);
            model.overlay = Some(Overlay::Can);
        }
        Command::AskAws => ask_aws(model),
        Command::Decode => ask_message(model),
        Command::WhyDenied => why_denied(model),
        _ => {}
    }
}

/// Decides anew: something was typed, or it is about another principal.
pub fn decide(model: &mut Model) {
    let standing = model.iam.dossier.as_ref().and_then(|d| d.standing.as_ref());
    model.iam.can.decide(standing);
}

/// A key in the lines of the call.
pub fn typed(model: &mut Model, key: Key) {
    let can = &mut model.iam.can;
    let at = CanField::ALL.iter().position(|field| *field == can.at).unwrap_or(0);
    let last = CanField::ALL.len() - 1;
    match (key.code, key.ctrl) {
        (Code::Esc | Code::Enter, _) | (Code::Char('c'), true) => model.overlay = None,
        (Code::Down | Code::Tab, _) => can.at = CanField::ALL[(at + 1).min(last)],
        (Code::Up | Code::BackTab, _) => can.at = CanField::ALL[at.saturating_sub(1)],
        _ => {
            if let Some(request) = request(key) {
                can.input_mut().handle(request);
                decide(model);
            }
        }
    }
}

pub fn pasted(model: &mut Model, text: &str) {
    paste(model.iam.can.input_mut(), text);
    decide(model);
}

/// What AWS itself says: of the call, or of the services that the principal used.
fn ask_aws(model: &mut Model) {
    let Some((holding, held)) = model.iam.current() else { return };
    let target = model.iam.survey.accounts[holding.account].target.clone();
    let arn = held.holder().arn.clone();
    if model.iam.tab == Tab::Use {
        return model.case.services_used(&target, &arn, true);
    }
    if let Some(simulation) = model.iam.can.simulation(&arn) {
        model.case.simulate(&target, simulation);
    }
}

fn ask_message(model: &mut Model) {
    let help =
        "what stands behind `Encoded authorization failure message:`; a paste is taken whole";
    let fields = vec![Field::new("message", help, "")];
    let title = "Decode a refusal".to_owned();
    let form = Form { purpose: Purpose::Decode, title, fields, at: 0, trouble: None };
    model.overlay = Some(Overlay::Form(form));
}

/// A message may come in several lines.
pub fn paste_message(input: &mut Input, text: &str) {
    let typed: String = text.chars().filter(|c| !c.is_control()).collect();
    let all: String = input.value().chars().chain(typed.chars()).take(2 * LONGEST).collect();
    *input = Input::new(all);
}

pub fn submit(model: &mut Model, text: &str) -> Result<(), (usize, String)> {
    let Some(message) = encoded(text).filter(|m| m.len() <= LONGEST) else {
        return Err((0, "this is no encoded message: they are long and hold no blanks".to_owned()));
    };
    let Some(target) = account(model, None) else {
        return Err((0, "nobody is signed in".to_owned()));
    };
    decode(model, &target, message.to_owned());
    Ok(())
}

fn decode(model: &mut Model, target: &Target, message: String) {
    model.iam.decoding = Some(message.clone());
    model.case.decode(target, message);
    model.overlay = Some(Overlay::Text(Page::Decoded, 0));
}

/// The credentials that speak in an account; without one, or where none do, the first.
fn account(model: &Model, account: Option<&AccountId>) -> Option<Target> {
    let accounts = model.case.accounts();
    let own = accounts.iter().find(|(_, id)| Some(id) == account);
    own.or(accounts.first()).map(|(target, _)| target.clone())
}

/// From a refused call to what refused it.
fn why_denied(model: &mut Model) {
    let Some(event) = model.trail.current().cloned() else { return };
    let Some(refusal) = event.refusal() else { return };
    let Some(sought) = Sought::of_event(&event) else { return };
    ask(model, &refusal.action, refusal.resource.as_deref(), &of_request(&event));
    model.iam.can.refused = Some(Refused {
        event: Some(event.id.clone()),
        said: event.error_message.clone(),
        guessed: !refusal.certain,
    });
    go(model, sought);
    if let Refusal { encoded: Some(message), .. } = refusal {
        match account(model, event.account.as_ref()) {
            Some(target) if !model.setup.offline => decode(model, &target, message),
            _ => {}
        }
    }
}

/// What the event tells of the request's context. What it does not tell stays unknown.
fn of_request(event: &Event) -> Vec<(String, Vec<String>)> {
    let mut keys = Vec::new();
    let mut put = |key: &str, value: Option<&str>| {
        // A value with a blank or a comma could not be told from several.
        if let Some(value) = value.filter(|v| !v.is_empty() && !v.contains([' ', ',', '='])) {
            keys.push((key.to_owned(), vec![value.to_owned()]));
        }
    };
    let address = event.source_ip.as_ref().map(Untrusted::raw);
    put("aws:SourceIp", address.filter(|a| a.parse::<std::net::IpAddr>().is_ok()));
    put("aws:RequestedRegion", event.region.as_ref().map(Untrusted::raw));
    let mfa = event.identity.mfa.map(|mfa| if mfa { "true" } else { "false" });
    put("aws:MultiFactorAuthPresent", mfa);
    put("aws:CurrentTime", event.time.map(|at| at.to_string()).as_deref());
    let source = event.identity.source_identity.as_ref().map(Untrusted::raw);
    put("aws:SourceIdentity", source);
    keys
}

fn ask(model: &mut Model, action: &str, resource: Option<&str>, keys: &[(String, Vec<String>)]) {
    let can = &mut model.iam.can;
    can.action = Input::new(action.to_owned());
    can.resource = Input::new(resource.unwrap_or("*").to_owned());
    let keys: Vec<String> = keys.iter().map(|(k, v)| format!("{k}={}", v.join(","))).collect();
    can.context = Input::new(keys.join(" "));
    (can.at, can.answer) = (CanField::Action, None);
}

fn go(model: &mut Model, sought: Sought) {
    model.iam.tab = Tab::Can;
    iam::open(model);
    iam::go_to(model, sought);
    decide(model);
}

/// A message that was decoded meanwhile: to whoever was refused, with the very call.
pub fn settle(model: &mut Model) {
    let Some(message) = &model.iam.decoding else { return };
    let text = match &model.case.inspection.decoded {
        Some((asked, Load::Ready(text))) if asked == message => text.clone(),
        Some((asked, Load::Loading)) if asked == message => return,
        _ => {
            model.iam.decoding = None;
            return;
        }
    };
    model.iam.decoding = None;
    let Some(decoded) = Decoded::read(text.raw()) else { return };
    let raw = |text: &Option<Untrusted>| text.as_ref().map(|t| t.raw().to_owned());
    let (Some(action), Some(arn)) = (raw(&decoded.action), raw(&decoded.principal)) else { return };
    let plain = |v: &str| !v.is_empty() && !v.contains([' ', ',', '=']);
    let keys: Vec<(String, Vec<String>)> = decoded
        .context
        .iter()
        .map(|(key, values)| {
            (key.raw().to_owned(), values.iter().map(|v| v.raw().to_owned()).collect::<Vec<_>>())
        })
        .filter(|(key, values)| {
            key.contains(':') && plain(key) && !values.is_empty() && values.iter().all(|v| plain(v))
        })
        .collect();
    ask(model, &action, raw(&decoded.resource).as_deref(), &keys);
    let said = model.iam.can.refused.take();
    model.iam.can.refused = Some(Refused {
        event: said.as_ref().and_then(|r| r.event.clone()),
        said: said.and_then(|r| r.said),
        guessed: false,
    });
    match Sought::of_arn(&arn) {
        Some(sought) => go(model, sought),
        None => {
            let what = "whoever was refused is neither a user nor a session of a role";
            model.notice = Some(Notice::Done(what.to_owned()));
        }
    }
}
