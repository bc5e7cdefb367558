//! `halon iam root`: the root user of every account signed in to, and the credential report.

use serde_json::{Value, json};

use super::{
    print::{second, used, when_used},
    source,
};
use crate::{
    cli::{
        Output,
        answer::{self, Code, Document, write_json},
        args::Global,
        looking::{Looking, told},
    },
    domain::{
        AccountId, Service,
        credentials::{CredentialReport, CredentialRow, ReportedKey, Root},
        time::rfc3339,
        untrusted::display_in,
    },
};

pub fn run(global: &Global, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let mut looking = Looking::open(global, Service::Iam)?;
    let places = looking.accounts();
    for (target, _) in &places {
        looking.case.look_at_root(target, false);
    }
    looking.look();
    let (mut found, mut gaps) = (Vec::new(), looking.gaps.clone());
    for (target, account) in places {
        let Some(look) = looking.case.inspection.roots.get(&target) else { continue };
        match &look.known {
            Some(known) => {
                gaps.extend(known.gaps.iter().cloned());
                found.push((account, known.what.clone()));
            }
            None => gaps.push(source::unread(&target, look.fault.clone())),
        }
    }
    if let (Some(gap), true) = (gaps.first(), found.is_empty()) {
        return Err(answer::aws(&gap.why));
    }
    if global.json {
        let items: Vec<Value> = found.iter().map(|(account, root)| item(account, root)).collect();
        write_json(output, &Document::new("halon.iam-root/1", looking.now(), &gaps, &items))?;
    } else {
        for (account, root) in &found {
            for line in lines(account, root) {
                writeln!(output.out, "{line}")?;
            }
        }
    }
    told(&gaps, output)
}

fn item(account: &AccountId, root: &Root) -> Value {
    let summary = root.summary.as_ref().map(|s| {
        json!({
            "mfa": s.mfa,
            "access_keys": s.access_keys,
            "password": s.password,
            "certificates": s.certificates,
        })
    });
    let report = root.report.as_ref();
    let users = report.map(|r| {
        let users = r.rows.iter().filter(|row| row.user.raw() != CredentialReport::ROOT);
        users.map(row).collect::<Vec<_>>()
    });
    json!({
        "account": account,
        "mfa": root.mfa(),
        "summary": summary,
        "root": report.and_then(CredentialReport::root).map(row),
        "users": users,
        "reported": report.and_then(|r| r.generated).map(rfc3339),
    })
}

fn row(row: &CredentialRow) -> Value {
    let key = |key: &ReportedKey| {
        json!({
            "number": key.number,
            "active": key.active,
            "rotated": key.rotated.map(rfc3339),
            "last_used": used(key.last_used.as_ref()),
        })
    };
    json!({
        "user": row.user,
        "arn": row.arn,
        "created": row.created.map(rfc3339),
        "password": row.password,
        "password_last_used": row.password_last_used.map(rfc3339),
        "password_last_changed": row.password_last_changed.map(rfc3339),
        "mfa": row.mfa,
        "access_keys": row.keys.iter().map(key).collect::<Vec<_>>(),
        "certificates": row.certificates,
    })
}

fn lines(account: &AccountId, root: &Root) -> Vec<String> {
    let says = |flag: Option<bool>, yes: &str, no: &str| {
        flag.map_or("not known", |f| if f { yes } else { no }).to_owned()
    };
    let summary = root.summary.clone().unwrap_or_default();
    let mut out = vec![
        format!("root of {account}"),
        format!("  mfa          {}", says(root.mfa(), "yes", "NONE")),
        format!("  access keys  {}", says(summary.access_keys, "THERE ARE", "none")),
    ];
    let Some(report) = &root.report else { return out };
    if let Some(root) = report.root() {
        let last = root.password_last_used.map_or_else(|| "not known".to_owned(), second);
        out.push(format!("  last sign-in {last}"));
        out.extend(root.keys.iter().map(|key| format!("  {}", reported(key))));
    }
    let made = report.generated.map_or_else(|| "some time ago".to_owned(), second);
    out.push(format!("users, as reported at {made}"));
    for user in report.rows.iter().filter(|row| row.user.raw() != CredentialReport::ROOT) {
        let mut line = format!("  {}", display_in(user.user.raw(), 80));
        if user.password == Some(true) {
            let last = user.password_last_used.map(|at| format!(", last used {}", second(at)));
            line += &format!("  password{}", last.unwrap_or_default());
            line += if user.mfa == Some(false) { ", NO MFA" } else { "" };
        }
        for key in &user.keys {
            line += &format!("  {}", reported(key));
        }
        out.push(line);
    }
    out
}

fn reported(key: &ReportedKey) -> String {
    let state = if key.active { "active" } else { "inactive" };
    let used = key
        .last_used
        .as_ref()
        .map_or_else(|| "never used".to_owned(), |used| format!("last used {}", when_used(used)));
    format!("key {} {state}, {used}", key.number)
}
