//! What pre-flight foresees of a change, in lines: for the plan, the prompt and headless
//! answers alike.

use jiff::Timestamp;

use super::{
    iam::ago,
    standing::{Said, Tone},
};
use crate::{
    case::{Foreseen, Stage, Witness},
    domain::untrusted::display_in,
    policy::Outcome,
};

/// Cells of a note; what is longer is cut.
const NOTE: usize = 300;

/// All of it: of each identity what is worse first.
pub fn lines(foreseen: &[Foreseen], now: Timestamp) -> Vec<Said> {
    let mut out = Vec::new();
    let mut rest = foreseen;
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|f| f.who == first.who).count();
        let (own, others) = rest.split_at(same);
        identity(own, now, &mut out);
        rest = others;
    }
    out
}

/// What is refused for certain, or may be, of the identity in use: for a prompt, loudly.
pub fn denied(foreseen: &[Foreseen]) -> Option<String> {
    let own = foreseen.iter().find(|f| !f.who.is_break_glass && f.is_denied())?;
    let (who, worth) = (who(own), own.confidence());
    let how = match own.by.iter().find(|c| c.denies()).or(own.by.last()) {
        Some(cause) => format!("denied by {}", cause.phrase()),
        None => {
            let lacks = own.notes.first().map(|note| display_in(note, NOTE));
            format!("denied: {}", lacks.unwrap_or_else(|| "nothing allows it".to_owned()))
        }
    };
    Some(format!("{who} would be {how} ({worth}); it can be tried all the same"))
}

fn identity(own: &[Foreseen], now: Timestamp, out: &mut Vec<Said>) {
    let Some((lead, others)) = own.split_first() else { return };
    out.push(said(0, lead));
    details(lead, 2, out);
    for other in others {
        // Whether the other says the same is all there is to say of it.
        if other.stage == Stage::Answered && class(other) == class(lead) {
            let blind = match other.blind.as_str() {
                "" => String::new(),
                blind => format!("; it does not know {blind}"),
            };
            let text = format!("{} says the same{blind}", witness(other));
            out.push(Said { tone: Tone::Dim, indent: 2, text });
        } else {
            out.push(said(2, other));
            details(other, 4, out);
        }
    }
    if let Some(at) = own.iter().filter_map(|f| f.at).min() {
        let text = format!("as read {}", ago(now, at));
        out.push(Said { tone: Tone::Dim, indent: 2, text });
    }
}

fn class(foreseen: &Foreseen) -> (bool, bool) {
    (foreseen.is_denied(), foreseen.outcome == Outcome::Allowed)
}

/// One answer in a line; below the identity's first one it needs no name.
fn said(indent: usize, foreseen: &Foreseen) -> Said {
    let who = match indent {
        0 => who(foreseen),
        _ => witness(foreseen).to_owned(),
    };
    let worth = match (indent, foreseen.blind.as_str()) {
        (0, _) => format!(" ({})", foreseen.confidence()),
        (_, "") => String::new(),
        (_, blind) => format!("; it does not know {blind}"),
    };
    let (tone, text) = match (foreseen.stage, foreseen.outcome) {
        (Stage::Asking, _) => (Tone::Dim, "asking …".to_owned()),
        (Stage::Unanswered, _) => {
            let why = foreseen.notes.first().map(|n| display_in(n, NOTE)).unwrap_or_default();
            (Tone::Warning, format!("cannot say: {why}"))
        }
        (Stage::Answered, Outcome::Allowed) => (Tone::Good, format!("allowed{worth}")),
        (Stage::Answered, Outcome::Unknown) => (Tone::Warning, format!("NOT KNOWN{worth}")),
        (Stage::Answered, Outcome::ExplicitDeny) => {
            (Tone::Trouble, format!("DENIED by a statement{worth}"))
        }
        (Stage::Answered, Outcome::ImplicitDeny) => {
            (Tone::Trouble, format!("DENIED: nothing allows it{worth}"))
        }
    };
    let text = format!("{who}: {text}");
    Said { tone, indent, text }
}

fn witness(foreseen: &Foreseen) -> &'static str {
    match foreseen.witness {
        Witness::Here => "halon",
        Witness::Simulator => "AWS's simulator",
    }
}

fn who(foreseen: &Foreseen) -> String {
    let arn = &foreseen.who.arn;
    // The account stands beside it; the rest is the name.
    let name = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let name = display_in(name, 80);
    if foreseen.who.is_break_glass { format!("break-glass {name}") } else { name }
}

fn details(foreseen: &Foreseen, indent: usize, out: &mut Vec<Said>) {
    if foreseen.stage != Stage::Answered {
        return;
    }
    let mut say = |tone, text: String| out.push(Said { tone, indent, text });
    let denied = foreseen.is_denied();
    let unknown = foreseen.outcome == Outcome::Unknown;
    // What denies, or may; of what allows, the identity's own statement and not each level's.
    let deciding = foreseen.by.iter().filter(|c| c.denies());
    let mut any = false;
    for cause in deciding {
        let verb = if unknown { "may be denied by" } else { "denied by" };
        let tone = if unknown { Tone::Warning } else { Tone::Trouble };
        say(tone, format!("{verb} {}", cause.phrase()));
        any = true;
    }
    if !any && !denied {
        let own = foreseen.by.iter().rev().find(|c| c.is_own()).or(foreseen.by.last());
        if let Some(cause) = own {
            let verb = if unknown { "may be allowed by" } else { "by" };
            say(Tone::Dim, format!("{verb} {}", cause.phrase()));
        }
    }
    if unknown && !foreseen.missing.is_empty() {
        let keys: Vec<String> = foreseen.missing.iter().map(|k| display_in(k, 80)).collect();
        say(Tone::Warning, format!("depends on {}, not known", keys.join(", ")));
    }
    // Of what is allowed only what makes it less sure.
    let idle =
        |note: &&String| !denied && !unknown && note.starts_with("resource control policies");
    for note in foreseen.notes.iter().filter(|n| !idle(n)) {
        say(if unknown || denied { Tone::Warning } else { Tone::Dim }, display_in(note, NOTE));
    }
}
