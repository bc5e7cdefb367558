//! `halon iam key`: whose an access key is.

use clap::Args as ClapArgs;
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
    domain::{AccessKeyId, AccountId, FaultKind, KeyState, Service, time::rfc3339},
};

#[derive(Debug, ClapArgs)]
pub struct KeyArgs {
    /// The key's id, such as AKIAIOSFODNN7EXAMPLE
    pub id: String,
}

pub fn run(global: &Global, args: &KeyArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let id: AccessKeyId = args.id.parse().map_err(answer::usage)?;
    if id.is_temporary() {
        return Err(answer::usage(format!(
            "{id} is a temporary key: it belongs to a session, not to a user; halon trail sessions knows those of the events kept here"
        )));
    }
    let mut looking = Looking::open(global, Service::Iam)?;
    let places = looking.accounts();
    for (target, _) in &places {
        looking.case.look_at_key(target, &id, false);
    }
    looking.look();
    let (mut found, mut gaps) = (Vec::new(), looking.gaps.clone());
    for (target, account) in places {
        let Some(look) = looking.case.inspection.keys.get(&(target.clone(), id.clone())) else {
            continue;
        };
        match (&look.known, &look.fault) {
            (Some(known), _) => found.push((account, known.what.clone())),
            (None, Some(fault)) if fault.kind == FaultKind::NotFound => {}
            (None, fault) => gaps.push(source::unread(&target, fault.clone())),
        }
    }
    // A key has one owner: once it is found, who else could not be asked does not matter.
    if !found.is_empty() {
        gaps.clear();
    }
    match gaps.first() {
        Some(gap) if found.is_empty() => return Err(answer::aws(&gap.why)),
        None if found.is_empty() => anyhow::bail!("no account that is signed in to knows key {id}"),
        _ => {}
    }
    if global.json {
        let items: Vec<Value> = found.iter().map(|(account, key)| item(account, key)).collect();
        write_json(output, &Document::new("halon.iam-key/1", looking.now(), &gaps, &items))?;
    } else {
        for (account, key) in &found {
            for line in lines(account, key) {
                writeln!(output.out, "{line}")?;
            }
        }
    }
    told(&gaps, output)
}

fn item(account: &AccountId, key: &KeyState) -> Value {
    let others = key.others.iter().map(|(id, status)| json!({"id": id, "status": status.word()}));
    json!({
        "account": account,
        "user": key.user,
        "id": key.key,
        "status": key.status.word(),
        "created": key.created.map(rfc3339),
        "last_used": used(key.last_used.as_ref().filter(|used| used.at.is_some())),
        "others": others.collect::<Vec<_>>(),
    })
}

fn lines(account: &AccountId, key: &KeyState) -> Vec<String> {
    let made = key.created.map(|at| format!(", created {}", second(at))).unwrap_or_default();
    let last = match key.last_used.as_ref().filter(|used| used.at.is_some()) {
        Some(used) => format!("last used {}", when_used(used)),
        None => "never used, as far as IAM knows".to_owned(),
    };
    let mut out = vec![
        format!("key {} of user {} in {account}", key.key, key.user),
        format!("  {}{made}, {last}", key.status.word()),
    ];
    let others = key.others.iter();
    out.extend(
        others.map(|(id, status)| format!("  the user's other key: {id} {}", status.word())),
    );
    out
}
