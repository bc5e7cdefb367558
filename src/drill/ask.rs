//! What people are asked for, and how an answer is read: as one text for a whole item
//! (`ticket = CHG-7; approver = Dana; at = 2026-03-02T03:00:00Z`) or field by field.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Item;
use crate::domain::time::parse_when;

/// One question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in an answer of several fields, and in the evidence's value.
    pub key: &'static str,
    pub question: &'static str,
    pub kind: FieldKind,
    /// Whether the item lacks something without it.
    pub needed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    /// RFC 3339, a date, or an age counted back from now.
    Time,
    Date,
    YesNo,
    /// With commas between; `none` for nobody.
    Names,
    OneOf(&'static [&'static str]),
    /// `none`, or one after the other with `;` between: `what | owner | 2026-04-30`.
    Actions,
    /// One for each action carried over, with `;` between: `1 closed; 2 open: why`.
    Decisions,
}

/// Something to be done about a deviation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    pub what: String,
    pub owner: String,
    pub due: Date,
}

/// An action of an earlier drill, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    #[serde(flatten)]
    pub action: Action,
    pub closed: bool,
    /// Why it is open.
    #[serde(default)]
    pub reason: String,
}

const fn field(key: &'static str, question: &'static str, kind: FieldKind) -> Field {
    Field { key, question, kind, needed: true }
}

const fn optional(key: &'static str, question: &'static str, kind: FieldKind) -> Field {
    Field { key, question, kind, needed: false }
}

const AUTHORISATION: &[Field] = &[
    field("ticket", "The ticket that authorises this drill", FieldKind::Text),
    field("approver", "Who approved it; not the operator", FieldKind::Text),
    field("at", "When it was approved", FieldKind::Time),
];
const MONITORING: &[Field] = &[
    field(
        "told",
        "Who of the monitoring team was told, or who knew of a blind drill",
        FieldKind::Text,
    ),
    optional("at", "When they were told", FieldKind::Time),
];
const ROSTER: &[Field] = &[
    field("people", "Who may use the role: names or ARNs as in its trust policy", FieldKind::Names),
    field("reviewed", "When the roster was last reviewed", FieldKind::Date),
    field("leavers", "Who was removed since the drill before", FieldKind::Names),
];
const ROLE: &[Field] =
    &[optional("explained", "Why the role is not as it was at the drill before", FieldKind::Text)];
const ALERT: &[Field] = &[
    field("rule", "The rule that fired; `none` where none did", FieldKind::Text),
    field("alert", "The id of the alert", FieldKind::Text),
    field("fired", "When it fired", FieldKind::Time),
    field("acknowledged", "Who acknowledged it", FieldKind::Text),
];
const HYGIENE: &[Field] = &[
    field(
        "retrieval",
        "The number of the retrieval in the vault's or the seal's log",
        FieldKind::Text,
    ),
    field("resealed", "Rotated, or sealed again, afterwards", FieldKind::YesNo),
    field("device", "The MFA device that was tested", FieldKind::Text),
    field("backup", "Its backup is there", FieldKind::YesNo),
];
const DEVIATIONS: &[Field] = &[field(
    "deviations",
    "Deviations, failed steps, near misses: `what | owner | date`, with `;` between, or `none`",
    FieldKind::Actions,
)];
const CARRIED_OVER: &[Field] = &[field(
    "actions",
    "What became of each action carried over: `1 closed; 2 open: why`",
    FieldKind::Decisions,
)];
const RESULT: &[Field] = &[
    field(
        "classification",
        "What this use was",
        FieldKind::OneOf(&["drill", "emergency", "misuse"]),
    ),
    field("reviewer", "Who reviewed it; not the operator", FieldKind::Text),
    field("reviewed", "When", FieldKind::Date),
    field("owner", "Who owns the control and accepted it", FieldKind::Text),
    field("accepted", "When", FieldKind::Date),
];

impl Item {
    /// What people are asked for it.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Item::Authorisation => AUTHORISATION,
            Item::Monitoring => MONITORING,
            Item::Roster => ROSTER,
            Item::Role => ROLE,
            Item::Alert => ALERT,
            Item::Hygiene => HYGIENE,
            Item::Deviations => DEVIATIONS,
            Item::CarriedOver => CARRIED_OVER,
            Item::Result => RESULT,
            _ => &[],
        }
    }

    /// Reads an answer to all of an item's fields in one text. `carried` are the actions that
    /// decisions are about.
    ///
    /// # Errors
    /// Which field is wrong or missing, and how it looks when it is right.
    pub fn read(
        self,
        text: &str,
        now: Timestamp,
        carried: &[Action],
    ) -> Result<Map<String, Value>, String> {
        let mut values = Map::new();
        if let [only] = self.fields() {
            values.insert(only.key.to_owned(), only.read(text, now, carried)?);
            return Ok(values);
        }
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let known = part.split_once('=').and_then(|(key, value)| {
                let field = self.fields().iter().find(|field| field.key == key.trim())?;
                Some((field, value))
            });
            let Some((field, value)) = known else {
                let keys: Vec<&str> = self.fields().iter().map(|field| field.key).collect();
                return Err(format!("`{part}` is not `KEY = VALUE` of {}", keys.join(", ")));
            };
            let value = field.read(value, now, carried)?;
            if values.insert(field.key.to_owned(), value).is_some() {
                return Err(format!("{} is given twice", field.key));
            }
        }
        let missing = self.fields().iter().find(|f| f.needed && !values.contains_key(f.key));
        match missing {
            Some(field) => Err(format!("{} is missing: {}", field.key, field.question)),
            None => Ok(values),
        }
    }
}

impl Field {
    /// Reads one answer.
    ///
    /// # Errors
    /// How it looks when it is right.
    pub fn read(&self, text: &str, now: Timestamp, carried: &[Action]) -> Result<Value, String> {
        let text = text.trim();
        let wrong = |how: &str| format!("{}: {how}", self.key);
        if text.is_empty() {
            return Err(wrong("it is blank"));
        }
        match self.kind {
            FieldKind::Text => Ok(text.into()),
            FieldKind::Time => {
                let at = parse_when(text, now).map_err(|why| wrong(&why))?;
                Ok(at.to_string().into())
            }
            FieldKind::Date => match text.parse::<Date>() {
                Ok(date) => Ok(date.to_string().into()),
                Err(_) => Err(wrong("a date looks like 2026-03-31")),
            },
            FieldKind::YesNo => match text.to_ascii_lowercase().as_str() {
                "yes" | "y" => Ok(true.into()),
                "no" | "n" => Ok(false.into()),
                _ => Err(wrong("yes or no")),
            },
            FieldKind::Names if text.eq_ignore_ascii_case("none") => Ok(Vec::<Value>::new().into()),
            FieldKind::Names => {
                let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
                Ok(names.map(Value::from).collect::<Vec<_>>().into())
            }
            FieldKind::OneOf(words) => match words.contains(&text) {
                true => Ok(text.into()),
                false => Err(wrong(&format!("one of {}", words.join(", ")))),
            },
            FieldKind::Actions if text.eq_ignore_ascii_case("none") => {
                Ok(Vec::<Value>::new().into())
            }
            FieldKind::Actions => {
                let actions: Option<Vec<Value>> = parts(text).map(action).collect();
                let actions = actions.filter(|actions| !actions.is_empty());
                let how = "each as `what | owner | 2026-04-30`, or `none`";
                Ok(actions.ok_or_else(|| wrong(how))?.into())
            }
            FieldKind::Decisions => decisions(text, carried).map(Into::into).ok_or_else(|| {
                wrong(&format!("one for each of {}: `1 closed; 2 open: why`", carried.len()))
            }),
        }
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

fn action(text: &str) -> Option<Value> {
    let fields: Vec<&str> = text.split('|').map(str::trim).collect();
    let [what, owner, due] = fields[..] else { return None };
    let action = Action { what: what.into(), owner: owner.into(), due: due.parse().ok()? };
    (!what.is_empty() && !owner.is_empty()).then(|| serde_json::to_value(action).ok()).flatten()
}

/// Every action once, in their order.
fn decisions(text: &str, carried: &[Action]) -> Option<Vec<Value>> {
    let mut decided: Vec<Option<Decision>> = vec![None; carried.len()];
    if carried.is_empty() && text.eq_ignore_ascii_case("none") {
        return Some(Vec::new());
    }
    for part in parts(text) {
        let (number, rest) = part.split_once(char::is_whitespace)?;
        let place = number.parse::<usize>().ok()?.checked_sub(1)?;
        let (word, reason) = rest.trim().split_once(':').unwrap_or((rest.trim(), ""));
        let closed = match word.trim() {
            "closed" => true,
            "open" => false,
            _ => return None,
        };
        let action = carried.get(place)?.clone();
        let decision = Decision { action, closed, reason: reason.trim().to_owned() };
        if decided[place].replace(decision).is_some() {
            return None;
        }
    }
    let decided: Option<Vec<Decision>> = decided.into_iter().collect();
    decided?.into_iter().map(|decision| serde_json::to_value(decision).ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> Timestamp {
        "2026-03-02T03:10:00Z".parse().expect("a time")
    }

    fn read(item: Item, text: &str) -> Result<Value, String> {
        let carried =
            [action("Rotate the seal | Kim | 2026-02-01"), action("Teach | Lee | 2026-05-01")];
        let carried = carried.map(|a| serde_json::from_value(a.expect("an action")).expect("one"));
        item.read(text, now(), &carried).map(Value::Object)
    }

    #[test]
    fn a_text_answers_every_field() {
        assert_eq!(
            read(Item::Authorisation, "ticket = CHG-7; approver=Dana ;at = 10m"),
            Ok(json!({"ticket": "CHG-7", "approver": "Dana", "at": "2026-03-02T03:00:00Z"})),
        );
        assert_eq!(
            read(
                Item::Roster,
                "people = ada, arn:aws:iam::111122223333:user/lee; reviewed = 2026-02-01; leavers = none"
            ),
            Ok(json!({
                "people": ["ada", "arn:aws:iam::111122223333:user/lee"],
                "reviewed": "2026-02-01",
                "leavers": [],
            })),
        );
        assert_eq!(
            read(Item::Deviations, "The code came late | Kim | 2026-04-30"),
            Ok(
                json!({"deviations": [{"what": "The code came late", "owner": "Kim", "due": "2026-04-30"}]})
            ),
        );
        assert_eq!(read(Item::Deviations, "none"), Ok(json!({"deviations": []})));
        assert_eq!(
            read(Item::CarriedOver, "2 open: next month; 1 closed"),
            Ok(json!({"actions": [
                {"what": "Rotate the seal", "owner": "Kim", "due": "2026-02-01", "closed": true, "reason": ""},
                {"what": "Teach", "owner": "Lee", "due": "2026-05-01", "closed": false, "reason": "next month"},
            ]})),
        );
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (item, text, says) in [
            (Item::Authorisation, "ticket = CHG-7; approver = Dana", "at is missing"),
            (Item::Authorisation, "ticket = CHG-7; approver = ; at = 1m", "approver: it is blank"),
            (Item::Authorisation, "ticket = 1; ticket = 2", "ticket is given twice"),
            (Item::Authorisation, "signed by Dana", "not `KEY = VALUE`"),
            (Item::Hygiene, "resealed = perhaps", "yes or no"),
            (Item::Result, "classification = fun", "one of drill, emergency, misuse"),
            (Item::Deviations, "", "it is blank"),
            (Item::Deviations, "late | Kim", "what | owner"),
            (Item::CarriedOver, "1 closed", "one for each of 2"),
            (Item::CarriedOver, "1 closed; 1 closed; 2 closed", "one for each of 2"),
        ] {
            let why = read(item, text).expect_err(text);
            assert!(why.contains(says), "{text}: {why}");
        }
    }
}
