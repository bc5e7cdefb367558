//! The credential report (IAM user guide, "Get credential reports"), as CSV.

use jiff::Timestamp;

use super::{AccessKey, Home, KeyStatus, User};
use crate::range::scenario::{Account, Root};

const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
    password_last_changed,password_next_rotation,mfa_active,\
    access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
    access_key_1_last_used_region,access_key_1_last_used_service,\
    access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
    access_key_2_last_used_region,access_key_2_last_used_service,\
    cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

const NONE: &str = "N/A";

/// A key as the report tells of it: active, made, and last use by time, Region, service.
type Told = (bool, i64, Option<(i64, String, String)>);

/// The report of an account; `start` is the world's, in epoch milliseconds.
pub fn credential_report(home: &Home, account: &Account, start: i64) -> String {
    let mut lines = vec![COLUMNS.to_owned(), of_root(home, account, start)];
    lines.extend(home.users.iter().map(of_user));
    lines.join("\n")
}

fn of_root(home: &Home, account: &Account, start: i64) -> String {
    let Root { mfa, password_used, keys } = &account.root;
    // An account is older than whoever is in it.
    let oldest = home.identities().map(|i| i.created).min().unwrap_or(start);
    let keys = keys.iter().map(|(created, used)| {
        let used = used.as_ref().map(|u| (start + u.at, u.region.clone(), u.service.clone()));
        (true, created.map_or(oldest, |at| start + at), used)
    });
    let mut fields = vec![
        "<root_account>".to_owned(),
        format!("arn:aws:iam::{}:root", account.id),
        time(oldest),
        "not_supported".to_owned(),
        password_used.map_or_else(|| "no_information".to_owned(), |at| time(start + at)),
        "not_supported".to_owned(),
        "not_supported".to_owned(),
        mfa.to_string(),
    ];
    told(&mut fields, keys);
    fields.join(",")
}

fn of_user(user: &User) -> String {
    let identity = &user.identity;
    let (used, changed) = match (&user.login, user.password_used) {
        (None, _) => (NONE.to_owned(), NONE.to_owned()),
        (Some(login), None) => ("no_information".to_owned(), time(login.created)),
        (Some(login), Some(at)) => (time(at), time(login.created)),
    };
    let keys = user.keys.iter().map(|key: &AccessKey| {
        let used = key.used.as_ref().map(|u| (u.at, u.region.clone(), u.service.clone()));
        (key.status == KeyStatus::Active, key.created, used)
    });
    let mut fields = vec![
        field(&identity.name),
        field(&identity.arn),
        time(identity.created),
        user.login.is_some().to_string(),
        used,
        changed,
        NONE.to_owned(),
        user.mfa.is_some().to_string(),
    ];
    told(&mut fields, keys);
    fields.join(",")
}

/// Both keys, and the two signing certificates that nobody has.
fn told(fields: &mut Vec<String>, keys: impl Iterator<Item = Told>) {
    let mut keys = keys.fuse();
    for _ in 0..2 {
        let none = || NONE.to_owned();
        match keys.next() {
            Some((active, made, used)) => {
                fields.extend([active.to_string(), time(made)]);
                match used {
                    Some((at, region, service)) => fields.extend([time(at), region, service]),
                    None => fields.extend([none(), none(), none()]),
                }
            }
            None => fields.extend(["false".to_owned(), none(), none(), none(), none()]),
        }
    }
    for _ in 0..2 {
        fields.extend(["false".to_owned(), NONE.to_owned()]);
    }
}

/// `2026-03-02T03:10:00+00:00`.
fn time(ms: i64) -> String {
    let at = Timestamp::from_millisecond(ms).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// A user's name may have a comma.
fn field(text: &str) -> String {
    if text.contains(',') { format!("\"{text}\"") } else { text.to_owned() }
}
