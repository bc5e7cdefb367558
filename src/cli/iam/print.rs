//! A principal in words and as JSON.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::inspect::Found;
use crate::{
    case::Session,
    domain::{
        LastUsed, Untrusted,
        authorization::{Authorization, Group, Holder, Inspected, ManagedPolicy, Role, User},
        credentials::{Password, SignIn},
        time::rfc3339,
        untrusted::display_in,
    },
    ui::statement,
};

/// Cells of a name or an ARN.
const NAME: usize = 200;
/// Sessions listed in words; the rest is counted.
const SESSIONS: usize = 20;

/// As JSON: what a role or user is and holds.
pub fn item(found: &Found) -> Value {
    let Inspected { authorization: all, sign_in } = &*found.inspected;
    let mut item = Map::new();
    item.insert("account".into(), json!(found.account));
    if let Some(role) = all.roles.first() {
        holder(&role.holder, all, &mut item);
        item.insert("description".into(), json!(role.description));
        item.insert("max_session_seconds".into(), json!(role.max_session));
        item.insert("last_used".into(), used(role.last_used.as_ref()));
        item.insert("instance_profiles".into(), json!(role.instance_profiles));
        item.insert("trust".into(), document(&role.trust));
        item.insert("sessions".into(), json!(found.sessions));
    } else if let Some(user) = all.users.first() {
        holder(&user.holder, all, &mut item);
        let groups = all.groups_of(user).map(|group| {
            let mut item = Map::new();
            holder(&group.holder, all, &mut item);
            Value::from(item)
        });
        item.insert("password_last_used".into(), json!(user.password_last_used.map(rfc3339)));
        item.insert("group_names".into(), json!(user.groups));
        item.insert("groups".into(), groups.collect());
        item.insert("sign_in".into(), sign_in.as_ref().map_or(Value::Null, signing));
    }
    item.into()
}

fn holder(holder: &Holder, all: &Authorization, item: &mut Map<String, Value>) {
    let managed = |arn: &Untrusted| match all.policy(arn.raw()) {
        Some(policy) => json!({
            "arn": policy.arn,
            "name": policy.name,
            "version": policy.default_version,
            "document": policy.document().map(document),
        }),
        // Its document is a gap.
        None => json!({"arn": arn, "name": null, "version": null, "document": null}),
    };
    let inline = holder
        .inline
        .iter()
        .map(|policy| json!({"name": policy.name, "document": document(&policy.document)}));
    let tags: Vec<Value> =
        holder.tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    let members = [
        ("name", json!(holder.name)),
        ("arn", json!(holder.arn)),
        ("id", json!(holder.id)),
        ("path", json!(holder.path)),
        ("created", json!(holder.created.map(rfc3339))),
        ("tags", json!(tags)),
        ("boundary", holder.boundary.as_ref().map_or(Value::Null, managed)),
        ("attached", holder.attached.iter().map(managed).collect()),
        ("inline", inline.collect()),
    ];
    item.extend(members.map(|(key, value)| (key.to_owned(), value)));
}

/// The document as the JSON that it is; a text where it is none.
pub fn document(text: &Untrusted) -> Value {
    serde_json::from_str(text.raw()).unwrap_or_else(|_| json!(text))
}

pub fn used(used: Option<&LastUsed>) -> Value {
    used.map_or(
        Value::Null,
        |used| json!({"at": used.at.map(rfc3339), "service": used.service, "region": used.region}),
    )
}

fn signing(sign_in: &SignIn) -> Value {
    let keys = sign_in.keys.iter().map(|key| {
        json!({
            "id": key.id,
            "status": key.status.word(),
            "created": key.created.map(rfc3339),
            "last_used": used(key.last_used.as_ref()),
        })
    });
    let password = match &sign_in.password {
        Password::Set { created } => json!({"set": true, "created": created.map(rfc3339)}),
        Password::None => json!({"set": false, "created": null}),
        Password::Unknown => Value::Null,
    };
    json!({"password": password, "mfa": sign_in.mfa, "access_keys": keys.collect::<Vec<_>>()})
}

/// In words, everything sanitised.
pub fn lines(found: &Found) -> Vec<String> {
    let Inspected { authorization: all, sign_in } = &*found.inspected;
    let mut out = Vec::new();
    if let Some(role) = all.roles.first() {
        about_role(role, &mut out);
        held(&role.holder, all, "", &mut out);
        match &found.sessions {
            Some(sessions) => seen(sessions, &mut out),
            None => out.push("sessions: not known, no events are kept here".to_owned()),
        }
    } else if let Some(user) = all.users.first() {
        about_user(user, sign_in.as_ref(), &mut out);
        held(&user.holder, all, "", &mut out);
        for group in all.groups_of(user) {
            of_group(group, all, &mut out);
        }
    }
    out
}

fn about_role(role: &Role, out: &mut Vec<String>) {
    head("role", &role.holder, out);
    if let Some(text) = &role.description {
        out.push(format!("  description  {}", shown(text)));
    }
    let last = role
        .last_used
        .as_ref()
        .map_or_else(|| "not within the 400 days that IAM looks back".to_owned(), when_used);
    out.push(format!("  last used    {last}"));
    if let Some(seconds) = role.max_session {
        out.push(format!("  session      at most {} min", seconds / 60));
    }
    tagged(&role.holder, out);
    if !role.instance_profiles.is_empty() {
        out.push(format!("  profiles     {}", joined(&role.instance_profiles)));
    }
    out.push("trust".to_owned());
    said(&role.trust, "  ", out);
}

fn about_user(user: &User, sign_in: Option<&SignIn>, out: &mut Vec<String>) {
    head("user", &user.holder, out);
    tagged(&user.holder, out);
    if !user.groups.is_empty() {
        out.push(format!("  groups       {}", joined(&user.groups)));
    }
    let Some(sign_in) = sign_in else { return };
    let last = user.password_last_used.map(|at| format!(", last used {}", second(at)));
    out.push(match &sign_in.password {
        Password::Set { .. } => format!("  password     set{}", last.unwrap_or_default()),
        Password::None => "  password     none".to_owned(),
        Password::Unknown => "  password     not known".to_owned(),
    });
    out.push(match &sign_in.mfa {
        None => "  mfa          not known".to_owned(),
        Some(devices) if devices.is_empty() => "  mfa          NONE".to_owned(),
        Some(devices) => format!("  mfa          {}", joined(devices)),
    });
    for key in &sign_in.keys {
        let used = key.last_used.as_ref().map_or_else(
            || "never used".to_owned(),
            |used| format!("last used {}", when_used(used)),
        );
        let made = key.created.map(|at| format!("created {}, ", second(at))).unwrap_or_default();
        out.push(format!("  key          {} {}, {made}{used}", key.id, key.status.word()));
    }
}

fn of_group(group: &Group, all: &Authorization, out: &mut Vec<String>) {
    out.push(format!("group {}", shown(&group.holder.arn)));
    held(&group.holder, all, "  ", out);
}

fn head(kind: &str, holder: &Holder, out: &mut Vec<String>) {
    out.push(format!("{kind} {}", shown(&holder.arn)));
    let made = holder.created.map(|at| format!(", created {}", second(at))).unwrap_or_default();
    out.push(format!("  id           {}{made}", shown(&holder.id)));
}

fn tagged(holder: &Holder, out: &mut Vec<String>) {
    if !holder.tags.is_empty() {
        let tags =
            holder.tags.iter().map(|(key, value)| format!("{}={}", shown(key), shown(value)));
        out.push(format!("  tags         {}", tags.collect::<Vec<_>>().join(", ")));
    }
}

/// What is attached, inline policies, and the boundary, each with its statements.
fn held(holder: &Holder, all: &Authorization, indent: &str, out: &mut Vec<String>) {
    let deeper = format!("{indent}  ");
    let managed = |word: &str, arn: &Untrusted, out: &mut Vec<String>| {
        let policy = all.policy(arn.raw());
        let version = policy.map_or("", |p| p.default_version.raw());
        out.push(
            format!("{indent}{word} {} {}", shown(arn), display_in(version, 20))
                .trim_end()
                .to_owned(),
        );
        match policy.and_then(ManagedPolicy::document) {
            Some(document) => said(document, &deeper, out),
            None => out.push(format!("{deeper}its document could not be read")),
        }
    };
    for arn in &holder.attached {
        managed("attached", arn, out);
    }
    for policy in &holder.inline {
        out.push(format!("{indent}inline {}", shown(&policy.name)));
        said(&policy.document, &deeper, out);
    }
    if holder.attached.is_empty() && holder.inline.is_empty() {
        out.push(format!("{indent}no policies of its own"));
    }
    if let Some(arn) = &holder.boundary {
        managed("boundary", arn, out);
    }
}

fn said(document: &Untrusted, indent: &str, out: &mut Vec<String>) {
    let (Ok(lines) | Err(lines)) = statement::lines(document.raw());
    out.extend(lines.into_iter().map(|line| format!("{indent}{line}")));
}

fn seen(sessions: &[Session], out: &mut Vec<String>) {
    if sessions.is_empty() {
        out.push("sessions: none in the events kept here".to_owned());
        return;
    }
    out.push(format!("sessions in the events kept here: {}", sessions.len()));
    // The last ones matter most.
    for session in sessions.iter().rev().take(SESSIONS) {
        let when = match (session.first_seen, session.last_seen) {
            (Some(from), Some(to)) => format!("{} to {}", second(from), second(to)),
            _ => "not seen in use".to_owned(),
        };
        let by = session
            .assumed_by_principal
            .as_ref()
            .map(|by| format!(", assumed by {}", shown(by)))
            .unwrap_or_default();
        let (who, events) = (shown(&session.principal), session.events);
        out.push(format!("  {who}  {when}, {events} events, {} failed{by}", session.failed));
    }
    if sessions.len() > SESSIONS {
        out.push(format!("  and {} earlier ones", sessions.len() - SESSIONS));
    }
}

pub fn when_used(used: &LastUsed) -> String {
    let word = |text: &Option<Untrusted>, before: &str| {
        text.as_ref().map(|t| format!("{before}{}", display_in(t.raw(), 40))).unwrap_or_default()
    };
    let at = used.at.map_or_else(|| "at an unknown time".to_owned(), second);
    format!("{at}{}{}", word(&used.service, " for "), word(&used.region, " in "))
}

pub fn second(at: Timestamp) -> String {
    format!("{at:.0}")
}

fn shown(text: &Untrusted) -> String {
    display_in(text.raw(), NAME)
}

fn joined(texts: &[Untrusted]) -> String {
    texts.iter().map(shown).collect::<Vec<_>>().join(", ")
}
