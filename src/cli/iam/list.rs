//! `halon iam list`: every user, group and role, and how many policies each holds.

use serde_json::{Value, json};

use super::source::{self, SourceArgs};
use crate::{
    cli::{
        Output,
        answer::{Code, Document, write_json},
        args::Global,
        looking::told,
    },
    domain::{
        AccountId,
        authorization::{Authorization, Holder},
        time::rfc3339,
        untrusted::display_in,
    },
};

pub fn run(global: &Global, args: &SourceArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let loaded = source::load(global, args)?;
    let rows: Vec<Row<'_>> =
        loaded.accounts.iter().flat_map(|a| rows(a.id.as_ref(), &a.authorization)).collect();
    if global.json {
        let items: Vec<Value> = rows.iter().map(Row::item).collect();
        let document = Document::new("halon.iam-list/1", loaded.as_of, &loaded.gaps, &items);
        write_json(output, &document)?;
    } else {
        for row in &rows {
            writeln!(output.out, "{}", row.line())?;
        }
    }
    told(&loaded.gaps, output)
}

struct Row<'a> {
    account: Option<&'a AccountId>,
    kind: &'static str,
    holder: &'a Holder,
    /// A role's last use, or a user's last sign-in with a password where that is known.
    last_used: Option<jiff::Timestamp>,
}

fn rows<'a>(account: Option<&'a AccountId>, all: &'a Authorization) -> Vec<Row<'a>> {
    let row = |kind, holder, last_used| Row { account, kind, holder, last_used };
    let users = all.users.iter().map(|user| row("user", &user.holder, user.password_last_used));
    let groups = all.groups.iter().map(|group| row("group", &group.holder, None));
    let roles = all
        .roles
        .iter()
        .map(|role| row("role", &role.holder, role.last_used.as_ref().and_then(|used| used.at)));
    users.chain(groups).chain(roles).collect()
}

impl Row<'_> {
    fn item(&self) -> Value {
        let Holder { name, arn, path, created, inline, attached, boundary, .. } = self.holder;
        json!({
            "account": self.account,
            "kind": self.kind,
            "name": name,
            "arn": arn,
            "path": path,
            "created": created.map(rfc3339),
            "last_used": self.last_used.map(rfc3339),
            "attached": attached,
            "inline": inline.iter().map(|policy| &policy.name).collect::<Vec<_>>(),
            "boundary": boundary,
        })
    }

    fn line(&self) -> String {
        let holder = self.holder;
        let account = self.account.map_or("-", AccountId::as_str);
        let policies = match (holder.attached.len(), holder.inline.len()) {
            (0, 0) => "no policies".to_owned(),
            (attached, inline) => format!("{attached} attached, {inline} inline"),
        };
        let bound = if holder.boundary.is_some() { ", bounded" } else { "" };
        let path = display_in(holder.path.raw(), 80);
        let name = display_in(holder.name.raw(), 80);
        format!("{account:<12}  {:<5}  {path}{name}  {policies}{bound}", self.kind)
    }
}
