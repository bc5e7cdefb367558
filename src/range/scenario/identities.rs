//! Principals of a scenario file: users and roles.

use super::{
    Account, Key, Kind, Policy, Principal,
    accounts::account,
    keys::{keys, past, used, well_formed_name, well_formed_path},
    policies::{document_text, named_policy, required_document},
};
use crate::{
    domain::document::{Table, suggest},
    range::{
        engine::OPERATOR_KEY,
        world::{
            iam::{ATTACHED_QUOTA, KeyStatus},
            mfa::{Device, base32},
        },
    },
};

/// What the default operator may do.
const RESPOND: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Respond","Effect":"Allow","Action":["cloudtrail:*","guardduty:*","iam:*","organizations:Describe*","organizations:List*","securityhub:*","sts:*"],"Resource":"*"}]}"#;

/// `[[principals]]`, and the default operator where none of them takes its place.
pub fn principals(
    t: &Table<'_>,
    accounts: &[Account],
    aliases: &[String],
    policies: &[Policy],
    seed: u64,
) -> Vec<Principal> {
    let (mut out, mut places) = (Vec::<Principal>::new(), Vec::new());
    for p in t.tables("principals") {
        let Some(read) = principal(&p, aliases, policies, seed) else { continue };
        let known = out.iter().filter(|o| o.account == read.account);
        if known.clone().any(|o| o.is_user() == read.is_user() && same(&o.name, &read.name)) {
            p.mistake_here("the account has another one of this kind and name");
        }
        if read.is_operator() && known.clone().any(Principal::is_operator) {
            p.mistake_here("an account has one operator");
        }
        for key in read.keys() {
            if out.iter().flat_map(Principal::keys).any(|k| k.id == key.id) {
                p.mistake_here("an access key belongs to one user");
            }
        }
        out.push(read);
        places.push(p);
    }
    if !out.iter().flat_map(Principal::keys).any(|k| k.id == OPERATOR_KEY.0) {
        let operator = default_operator(accounts);
        for (p, place) in out.iter().zip(&places).filter(|(p, _)| p.account == operator.account) {
            if p.is_operator() || p.is_user() && same(&p.name, &operator.name) {
                place.mistake_here(format!(
                    "the operator of this account is `{}`, but for a user with the key {}",
                    operator.name, OPERATOR_KEY.0
                ));
            }
        }
        out.insert(0, operator);
    }
    out
}

/// IAM user guide, "IAM object identifiers": case makes no other name.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// `oncall`, in the account from which an organization's security is looked after.
fn default_operator(accounts: &[Account]) -> Principal {
    let account = accounts
        .iter()
        .position(|a| a.security_admin)
        .or_else(|| accounts.iter().position(|a| a.management));
    let key = Key {
        id: OPERATOR_KEY.0.into(),
        secret: OPERATOR_KEY.1.into(),
        status: KeyStatus::Active,
        created: None,
        used: None,
    };
    Principal {
        account: account.unwrap_or(0),
        kind: Kind::User {
            keys: vec![key],
            password: false,
            password_used: None,
            mfa: None,
            operator: true,
        },
        name: "oncall".into(),
        path: "/".into(),
        id: None,
        created: None,
        attached: Vec::new(),
        inline: vec![("respond".into(), RESPOND.into())],
        boundary: None,
        tags: Vec::new(),
    }
}

fn principal(
    t: &Table<'_>,
    aliases: &[String],
    policies: &[Policy],
    seed: u64,
) -> Option<Principal> {
    let account = account(t, aliases);
    let kind_text = t.required("kind");
    let kind = kind_text.as_ref().and_then(|kind| match kind.value {
        "user" => Some(user(t, seed)),
        "role" => Some(role(t)),
        other => {
            let hint = suggest(other, ["user", "role"]);
            t.mistake(kind, format!("`kind` must be \"user\" or \"role\"{hint}"));
            None
        }
    });
    let name = well_formed_name(t, 64);
    let path = well_formed_path(t);
    let id = t.string("id").map(|id| id.value.to_owned());
    let created = past(t, "created");
    let words = t.strings("policies");
    if words.len() > ATTACHED_QUOTA {
        t.mistake_here(format!("at most {ATTACHED_QUOTA} managed policies can be attached"));
    }
    let attached = words.iter().filter_map(|w| named_policy(t, w, account, policies)).collect();
    let boundary = t.string("boundary").and_then(|w| named_policy(t, &w, account, policies));
    let mut inline = Vec::new();
    if let Some(table) = t.table("inline") {
        for (name, written) in table.free_values() {
            let text = document_text(&table, &written);
            inline.extend(text.map(|text| (name.value.to_owned(), text)));
        }
    }
    let tags = t.table("tags").map_or_else(Vec::new, |table| {
        let pairs = table.free_strings().into_iter();
        pairs.map(|(k, v)| (k.value.to_owned(), v.value.to_owned())).collect()
    });
    if kind.is_some() {
        t.finish();
    }
    Some(Principal {
        account: account?,
        kind: kind??,
        name: name?,
        path,
        id,
        created,
        attached,
        inline,
        boundary,
        tags,
    })
}

fn user(t: &Table<'_>, seed: u64) -> Option<Kind> {
    let keys = keys(t, seed);
    let password = t.boolean("password").is_some_and(|p| p.value);
    let password_used = past(t, "password_last_used");
    let flag = t.boolean("operator");
    let has_key = |id: &str| keys.iter().any(|k| k.id == id);
    let operator = has_key(OPERATOR_KEY.0) || flag.as_ref().is_some_and(|o| o.value);
    if let Some(flag) = flag.filter(|o| o.value)
        && !keys.iter().any(|k| k.status == KeyStatus::Active)
    {
        t.mistake(&flag, "an operator has an active access key");
    }
    let mfa = t.table("mfa").and_then(|m| device(&m));
    Some(Kind::User { keys, password, password_used, mfa, operator })
}

/// `mfa = { serial = "arn:aws:iam::…:mfa/name", seed = "BASE32" }`.
fn device(t: &Table<'_>) -> Option<Device> {
    let serial = t.required("serial");
    if let Some(serial) = &serial
        // IAM: serialNumberType.
        && !((9..=256).contains(&serial.value.len())
            && serial.value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&b)))
    {
        t.mistake(serial, "`serial` is 9 to 256 letters, digits and _+=/:,.@-");
    }
    let written = t.required("seed");
    let seed = written.as_ref().and_then(|text| base32(text.value));
    if let (Some(written), None) = (&written, &seed) {
        t.mistake(written, "`seed` is base 32: letters and the digits 2 to 7");
    }
    t.finish();
    Some(Device { serial: serial?.value.to_owned(), seed: seed? })
}

fn role(t: &Table<'_>) -> Option<Kind> {
    let trust = required_document(t, "trust");
    let description = t.string("description").map(|d| d.value.to_owned());
    let max_session = t.integer("max_session");
    if let Some(seconds) = &max_session
        // IAM: roleMaxSessionDurationType.
        && !(3600..=43_200).contains(&seconds.value)
    {
        t.mistake(seconds, "`max_session` is 3600 to 43200 seconds");
    }
    let used = used(t, false);
    let instance_profile = t.string("instance_profile").map(|id| id.value.to_owned());
    let break_glass = t.boolean("break_glass").is_some_and(|b| b.value);
    Some(Kind::Role {
        trust: trust?,
        description,
        max_session: max_session.map_or(3600, |s| s.value),
        used,
        instance_profile,
        break_glass,
    })
}

impl Principal {
    fn is_user(&self) -> bool {
        matches!(self.kind, Kind::User { .. })
    }

    fn is_operator(&self) -> bool {
        matches!(self.kind, Kind::User { operator: true, .. })
    }

    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        let keys = match &self.kind {
            Kind::User { keys, .. } => keys.as_slice(),
            Kind::Role { .. } => &[],
        };
        keys.iter()
    }
}
