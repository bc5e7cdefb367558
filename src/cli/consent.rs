//! What the flags consent to: the incident, answers to questions, consents to changes, the MFA
//! code and the second person. Nothing prompts; what is missing is named.

use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::{
    act::{Session, blocked},
    answer,
    args::{ConsentArgs, Global},
};
use crate::{
    case::Draft,
    domain::MfaCode,
    guard::{self, Ceremony, Consent, Given, Incident, Review, SecondPerson},
    playbook::{Item, ItemKind, StepState},
};

/// The incident that the flags name.
pub fn incident(global: &Global, flags: &ConsentArgs) -> anyhow::Result<Incident> {
    if global.read_only {
        return Err(answer::refused(global.why_read_only()));
    }
    let missing: Vec<&str> =
        [("--incident", &flags.incident), ("--title", &flags.title), ("--reason", &flags.reason)]
            .into_iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name)
            .collect();
    match (&flags.incident, &flags.title, &flags.reason) {
        (Some(id), Some(title), Some(reason)) => {
            Incident::new(id, title, reason).map_err(answer::usage)
        }
        _ => Err(answer::refused(format!(
            "not armed: nothing is changed without an incident; missing: {}",
            missing.join(", ")
        ))),
    }
}

/// `STEP=VALUE` of a flag that may stand several times.
fn of<'f>(flags: &'f [String], step: &str) -> Option<&'f str> {
    flags.iter().filter_map(|f| f.split_once('=')).find(|(s, _)| *s == step).map(|(_, v)| v)
}

pub fn answered(flags: &ConsentArgs, item: &Item) -> Option<bool> {
    match of(&flags.answer, &item.id)? {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// The consent that the flags give to one change, or what is missing.
pub fn consent(flags: &ConsentArgs, item: &Item, review: &Review) -> Result<Consent, String> {
    // A run that was taken up may have two changes under one step's id: each names its own.
    let words = review.ceremony.words();
    let step = &item.id;
    let given = flags.confirm.iter().filter_map(|flag| flag.split_once('='));
    let named = given.into_iter().any(|(flag, typed)| flag == *step && typed == words);
    let typed = match &review.ceremony {
        _ if named => Some(words),
        Ceremony::Yes if flags.yes => Some("yes"),
        _ => None,
    };
    let Some(typed) = typed else {
        return Err(match &review.ceremony {
            Ceremony::Yes => format!("no consent to step {step}: give --yes"),
            Ceremony::TypeBack(_) => format!(
                "step {step} is {} and --yes does not answer it: give --confirm '{step}={words}'",
                review.risk.name()
            ),
            Ceremony::Override(_) => format!(
                "step {step}: {}: give --confirm '{step}={words}' if you mean it",
                review.lockout.as_deref().unwrap_or_default()
            ),
        });
    };
    let code = match (&review.device, &flags.mfa_code) {
        (None, _) => None,
        (Some(_), Some(code)) => Some(mfa_code(code).map_err(|why| format!("--mfa-code: {why}"))?),
        (Some(device), None) => {
            return Err(format!("step {step} needs a code of {device}: give --mfa-code CODE"));
        }
    };
    let second = match (review.second_person, &flags.second_person) {
        (false, _) => None,
        (true, Some(text)) => {
            let second = SecondPerson::parse(text);
            Some(second.map_err(|why| format!("--second-person: {why}"))?)
        }
        (true, None) => {
            return Err(format!(
                "step {step} needs a second person: give --second-person NAME, or '- why there is none'"
            ));
        }
    };
    let consent = review.consent_with(typed, Given { code, second });
    consent.ok_or_else(|| format!("no consent to step {step}"))
}

/// The code as given, or the line on standard input for `-`: what stands on a command line can be
/// read by others.
fn mfa_code(flag: &str) -> Result<MfaCode, String> {
    // Read once, however often it is asked for.
    static READ: OnceLock<Result<MfaCode, String>> = OnceLock::new();
    if flag != "-" {
        return flag.parse();
    }
    let read = || {
        let mut line = Zeroizing::new(String::new());
        match std::io::stdin().read_line(&mut line) {
            Ok(_) => line.parse(),
            Err(e) => Err(format!("standard input: {e}")),
        }
    };
    READ.get_or_init(read).clone()
}

/// Before anything begins: whether every step that will ask is answered by the flags.
///
/// # Errors
/// Exit code 3, naming what is missing.
pub fn all_answered(session: &Session, draft: &Draft, flags: &ConsentArgs) -> anyhow::Result<()> {
    let Some(plan) = draft.plan() else { return Err(answer::refused("there is no plan")) };
    if let Some((item, fault)) = plan.blocked() {
        return Err(blocked(item, fault));
    }
    let floor = draft.playbook().map_or(crate::change::Risk::Reversible, |p| p.risk);
    let mut missing = Vec::new();
    for item in plan.items.iter().filter(|i| matches!(i.state, StepState::Waiting)) {
        match &item.kind {
            ItemKind::Ask { .. } if answered(flags, item).is_none() => {
                missing
                    .push(format!("step {} asks: give --answer {}=yes or =no", item.id, item.id));
            }
            ItemKind::Change { prepared, .. } if !left_out(flags, item, &plan.items) => {
                let caller = draft.place.caller_of(&prepared.change.account);
                match guard::review(
                    &session.mode,
                    session.now(),
                    prepared,
                    floor,
                    caller,
                    &session.case.break_glass,
                ) {
                    Err(refusal) => {
                        missing
                            .push(format!("step {}: {}; {}", item.id, refusal.why, refusal.hint));
                    }
                    Ok(review) => missing.extend(consent(flags, item, &review).err()),
                }
            }
            _ => {}
        }
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(answer::refused(missing.join("\n"))),
    }
}

/// Whether the flags' own answer leaves the step out.
fn left_out(flags: &ConsentArgs, item: &Item, items: &[Item]) -> bool {
    let Some(when) = &item.when else { return false };
    let decides = items.iter().find(|i| i.id == when.step);
    decides.and_then(|i| answered(flags, i)).is_some_and(|yes| yes != when.holds)
}
