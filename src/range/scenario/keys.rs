//! Access keys, and the small values that principals and policies share.

use super::{Key, Used, findings::Offset};
use crate::{
    domain::{
        Region,
        document::{Placed, Table},
    },
    range::{
        seed,
        world::iam::{KEYS_QUOTA, KeyStatus},
    },
};

/// A user's keys: `keys`, or the short form `access_key` and `secret`.
pub fn keys(t: &Table<'_>, seed: u64) -> Vec<Key> {
    let mut out = Vec::new();
    if let Some(id) = t.string("access_key") {
        let secret = t.string("secret");
        out.extend(key(t, "access_key", &id, secret.as_ref(), seed));
    } else if let Some(secret) = t.string("secret") {
        t.mistake(&secret, "`secret` goes with `access_key`");
    }
    for k in &t.tables("keys") {
        let id = k.required("id");
        let secret = k.string("secret");
        let status = k.string("status").and_then(|status| key_status(k, &status));
        let created = past(k, "created");
        let used = used(k, true);
        k.finish();
        let Some(id) = id else { continue };
        out.extend(key(k, "id", &id, secret.as_ref(), seed).map(|plain| Key {
            status: status.unwrap_or(KeyStatus::Active),
            created,
            used,
            ..plain
        }));
    }
    if out.len() > KEYS_QUOTA {
        t.mistake_here(format!("a user has at most {KEYS_QUOTA} access keys"));
    }
    out
}

fn key(
    t: &Table<'_>,
    member: &str,
    id: &Placed<&str>,
    secret: Option<&Placed<&str>>,
    seed: u64,
) -> Option<Key> {
    // The length that IAM gives for accessKeyIdType.
    let shaped = (16..=128).contains(&id.value.len())
        && id.value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !shaped {
        t.mistake(id, format!("`{member}` is 16 to 128 upper-case letters and digits"));
        return None;
    }
    let derived = || seed::hex(&seed::digest(seed, &["secret", id.value])) + "EXAMPLE";
    Some(Key {
        id: id.value.to_owned(),
        secret: secret.map_or_else(derived, |s| s.value.to_owned()),
        status: KeyStatus::Active,
        created: None,
        used: None,
    })
}

fn key_status(t: &Table<'_>, status: &Placed<&str>) -> Option<KeyStatus> {
    match status.value {
        "Active" => return Some(KeyStatus::Active),
        "Inactive" => return Some(KeyStatus::Inactive),
        _ => {}
    }
    t.mistake(status, "`status` is \"Active\" or \"Inactive\"");
    None
}

/// `last_used = { at = "-4m", region = "us-east-1" }`, with a `service` where it is a key's.
pub fn used(t: &Table<'_>, of_a_key: bool) -> Option<Used> {
    let u = t.table("last_used")?;
    let at = past(&u, "at");
    if at.is_none() {
        u.mistake_here("`at` is missing or wrong");
    }
    let region = u.required("region").and_then(|r| u.parse::<Region>("region", &r));
    let service = if of_a_key { u.required("service") } else { None };
    u.finish();
    Some(Used {
        at: at?,
        service: service.map_or_else(String::new, |s| s.value.to_owned()),
        region: region?.value.as_str().to_owned(),
    })
}

/// A time before the start, such as `-400d`, in milliseconds relative to it.
pub fn past(t: &Table<'_>, key: &'static str) -> Option<i64> {
    let text = t.string(key)?;
    let offset = t.parse::<Offset>(key, &text)?;
    if offset.value.0 > 0 {
        t.mistake(&text, format!("`{key}` is before the start"));
    }
    Some(offset.value.0)
}

/// The required `name`: letters, digits and `+=,.@-_` (IAM: userNameType).
pub fn well_formed_name(t: &Table<'_>, longest: usize) -> Option<String> {
    let name = t.required("name")?;
    let shaped = (1..=longest).contains(&name.value.len())
        && name.value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b));
    if !shaped {
        t.mistake(&name, format!("`name` is letters, digits and _+=,.@-, at most {longest}"));
    }
    Some(name.value.to_owned())
}

/// `path`, by default `/` (IAM: pathType).
pub fn well_formed_path(t: &Table<'_>) -> String {
    let Some(path) = t.string("path") else { return "/".to_owned() };
    let shaped = path.value.len() <= 512
        && path.value.bytes().all(|b| b.is_ascii_graphic())
        && path.value.starts_with('/')
        && path.value.ends_with('/');
    if !shaped {
        t.mistake(&path, "`path` begins and ends with /, without blanks");
    }
    path.value.to_owned()
}
