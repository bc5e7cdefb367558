//! A state that was read, in lines; everything sanitised.

use jiff::Timestamp;

use crate::{
    change::document::lines as lines_of,
    domain::{
        DetectorState, InlineState, KeyState, MemberState, PrincipalState, RoleSession,
        SessionsState, State, Untrusted, time::rfc3339, untrusted::display_in,
    },
};

pub fn lines(state: &State) -> Vec<String> {
    match state {
        State::AccessKey(key) => key_lines(key),
        State::AccessKeys(keys) if keys.keys.is_empty() => {
            vec![format!("user {} has no access key", keys.user)]
        }
        State::AccessKeys(keys) => {
            let alone = |k: &KeyState| KeyState { others: Vec::new(), ..k.clone() };
            keys.keys.iter().flat_map(|k| key_lines(&alone(k))).collect()
        }
        State::Principal(principal) => principal_lines(principal),
        State::Attachment(attachment) => {
            let is = if attachment.is_attached() { "attached" } else { "not attached" };
            let mut lines = principal_lines(&attachment.principal);
            let version = display_in(attachment.version.raw(), 12);
            lines.push(format!("{} {version}: {is}", attachment.policy));
            lines
        }
        State::Inline(inline) => inline_lines(inline),
        State::Glass(glass) => {
            let mut lines = match glass.open() {
                Some(open) => vec![
                    format!("session of {}, until {}", glass.role, rfc3339(open.expires)),
                    format!("as {}", display_in(&open.arn, 200)),
                ],
                None => vec![format!("no session of {} is open here", glass.role)],
            };
            lines.extend(glass.devices.iter().map(|d| format!("MFA {d}")));
            lines
        }
        State::Trust(trust) => {
            let mut lines = vec![format!("role {} trusts:", trust.role)];
            lines.extend(document(trust.document.raw()));
            lines
        }
        State::Policy(policy) => policy
            .versions
            .iter()
            .map(|v| {
                let made = v.created.map(|at| format!(", made {}", rfc3339(at)));
                let is = if v.id == policy.default { ", the default" } else { "" };
                let id = display_in(v.id.raw(), 12);
                format!("{} {id}{is}{}", policy.policy.name(), made.unwrap_or_default())
            })
            .collect(),
        State::Login(login) => {
            let password = match &login.profile {
                Some(profile) => match profile.created {
                    Some(at) => format!("console password, set {}", rfc3339(at)),
                    None => "console password".to_owned(),
                },
                None => "no console password".to_owned(),
            };
            let devices = login.mfa_devices.iter().map(|d| display_in(d.raw(), 120));
            let mut lines = vec![format!("user {}: {password}", login.user)];
            lines.extend(devices.map(|d| format!("MFA {d}")));
            lines
        }
        State::Tags(tags) => {
            let tag = |(k, v): &(Untrusted, Untrusted)| {
                format!("{} = {}", display_in(k.raw(), 128), display_in(v.raw(), 128))
            };
            let mut lines = vec![format!("{}:", tags.principal.principal)];
            lines.extend(tags.tags.iter().map(tag));
            lines
        }
        State::GuardDuty(guardduty) => guardduty
            .findings
            .iter()
            .map(|f| {
                let word = if f.archived { "archived" } else { "active" };
                let feedback =
                    f.feedback.as_ref().map(|w| format!(", {}", display_in(w.raw(), 20)));
                format!("{}: {word}{}", display_in(&f.id, 64), feedback.unwrap_or_default())
            })
            .collect(),
        State::SecurityHub(findings) => findings
            .iter()
            .map(|f| {
                let status = f.status.map_or("no status", |s| s.word());
                format!("{}: {status}", display_in(f.title.raw(), 80))
            })
            .collect(),
        State::Trail(trail) => {
            let is = if trail.is_logging { "records" } else { "is STOPPED" };
            let mut lines = vec![format!("trail {} {is}", trail.trail.name())];
            lines.extend(trail.selectors.lines().iter().map(|line| display_in(line, 200)));
            lines
        }
        State::Detector(DetectorState { detector: None, .. }) => {
            vec!["GuardDuty has no detector here".to_owned()]
        }
        State::Detector(DetectorState { detector: Some(id), enabled }) => {
            let is = if *enabled { "on" } else { "suspended" };
            vec![format!("GuardDuty is {is} (detector {})", display_in(id, 64))]
        }
        State::Hub(hub) => {
            vec![format!("Security Hub is {}", if hub.enabled { "on" } else { "off" })]
        }
        State::Scp(state) => {
            let is = if state.is_attached() { "attached" } else { "not attached" };
            let name = |text: &Untrusted| display_in(text.raw(), 128);
            let mut lines = vec![format!(
                "SCP {} is {is} to {} {}",
                name(&state.scp.name),
                name(&state.target_name),
                state.target
            )];
            lines.extend(document(state.scp.document.raw()));
            let accounts = state.accounts.iter();
            lines.extend(accounts.map(|(id, n)| format!("beneath: account {id} {}", name(n))));
            lines
        }
        State::Member(member) => member_lines(member),
    }
}

fn key_lines(key: &KeyState) -> Vec<String> {
    let used = key.last_used.as_ref();
    let word = |t: Option<&Untrusted>| t.map_or("?".to_owned(), |t| display_in(t.raw(), 40));
    let mut lines = vec![
        format!("{} of user {}: {}", key.key, key.user, key.status.word()),
        format!(
            "last used {} ({} in {})",
            when(used.and_then(|u| u.at)),
            word(used.and_then(|u| u.service.as_ref())),
            word(used.and_then(|u| u.region.as_ref()))
        ),
    ];
    let others = key.others.iter();
    lines.extend(others.map(|(id, status)| format!("another key {id}: {}", status.word())));
    lines
}

fn when(at: Option<Timestamp>) -> String {
    at.map_or("never, as far as IAM knows".to_owned(), rfc3339)
}

fn principal_lines(principal: &PrincipalState) -> Vec<String> {
    let mut lines =
        vec![format!("{}: last used {}", principal.principal, when(principal.last_used))];
    lines.extend(principal.attached.iter().map(|policy| format!("managed {policy}")));
    let inline = principal.inline.iter();
    lines.extend(inline.map(|name| format!("inline {}", display_in(name.raw(), 128))));
    if let Some(boundary) = &principal.boundary {
        lines.push(format!("boundary {}", display_in(boundary.raw(), 200)));
    }
    lines
}

fn inline_lines(inline: &InlineState) -> Vec<String> {
    let mut lines = principal_lines(&inline.principal);
    if let Some(sessions) = &inline.sessions {
        // Who uses the role is what was asked; what its policies say is one key away.
        lines.extend(session_lines(sessions));
        return lines;
    }
    for policy in &inline.policies {
        lines.push(format!("inline {}:", display_in(policy.name.raw(), 128)));
        lines.extend(document(policy.document.raw()));
    }
    lines
}

fn session_lines(sessions: &SessionsState) -> Vec<String> {
    let line = |session: &RoleSession| {
        let cell =
            |t: &Option<Untrusted>| t.as_ref().map_or("?".to_owned(), |t| display_in(t.raw(), 80));
        let key = session.access_key.as_ref().map_or("?".to_owned(), ToString::to_string);
        let who = match &session.source_identity {
            Some(who) => format!(", source identity {}", display_in(who.raw(), 64)),
            None => String::new(),
        };
        format!(
            "session {} with {key}, begun {} by {} from {}{who}",
            display_in(session.id.raw(), 120),
            rfc3339(session.begun),
            display_in(session.by.raw(), 120),
            cell(&session.address)
        )
    };
    let mut lines: Vec<String> = sessions.sessions.iter().map(line).collect();
    if lines.is_empty() {
        lines.push("no session is known that may be alive".to_owned());
    }
    let regions: Vec<&str> = sessions.regions.iter().map(|r| r.as_str()).collect();
    lines.push(format!(
        "as CloudTrail tells in {}; sessions of the last minutes may be missing",
        regions.join(" and ")
    ));
    lines.extend(sessions.faults.iter().map(|why| format!("not asked: {why}")));
    lines
}

fn member_lines(member: &MemberState) -> Vec<String> {
    let name = |text: &Untrusted| display_in(text.raw(), 128);
    let mut lines = vec![format!(
        "account {} {} is in {} {}",
        member.account,
        name(&member.name),
        name(&member.parent_name),
        member.parent
    )];
    let to = name(&member.to_name);
    lines.extend(member.gains.iter().map(|p| format!("{to} would put {} above it", name(&p.name))));
    lines.extend(member.loses.iter().map(|p| format!("it would lose {}", name(&p.name))));
    lines
}

fn document(text: &str) -> impl Iterator<Item = String> {
    lines_of(text).into_iter().map(|line| format!("  {line}"))
}
