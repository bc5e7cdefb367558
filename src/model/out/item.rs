//! What is under the cursor, by its id, its ARN, its JSON, its command, its page.

use serde::Serialize;
use serde_json::{Value, json};

use super::{aws_cli, console_page};
use crate::{
    audit::{Kind, Record},
    case::{Held, RoleAt},
    domain::{
        event::Event,
        finding::Finding,
        organization::{OrgPolicyKind, Organization},
        untrusted::{is_suspicious, json_ascii},
    },
    model::{Model, Pane, ShelfRow, StandRow, Why},
    playbook::{Item as Step, Loaded},
};

/// In which form something is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Id,
    Arn,
    /// As it came.
    Json,
    /// The AWS CLI's command that shows the same again.
    Command,
}

/// A text for the clipboard, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// What it is, such as `finding's ARN`.
    pub what: String,
    pub text: String,
    /// What whoever pastes it should know.
    pub mind: Option<&'static str>,
}

/// Something that the cursor can be on.
pub enum Item<'m> {
    Finding(&'m Finding),
    Event(&'m Event),
    Principal(Held<'m>),
    /// Of the organization: the root, a unit, an account, or a policy; by its id.
    Organization {
        id: String,
        organization: Option<&'m Organization>,
    },
    /// A role that is looked at in the organization; on one of its lines the id there.
    Role {
        role: &'m RoleAt,
        id: Option<String>,
        organization: Option<&'m Organization>,
    },
    Record(&'m Record),
    /// A plan that is not run, or a run.
    Steps {
        id: String,
        steps: &'m [Step],
        run: bool,
    },
    Playbook(&'m Loaded),
}

/// What is meant by a command that copies, opens or exports one thing: several where several
/// are chosen.
///
/// # Errors
/// Nothing is under the cursor.
pub fn chosen(model: &Model) -> Result<Vec<Item<'_>>, Why> {
    let one = match model.pane {
        Pane::Findings => {
            let chosen = model.chosen();
            let items: Vec<_> = chosen.into_iter().map(|f| Item::Finding(f)).collect();
            return if items.is_empty() { Err("no finding is selected") } else { Ok(items) };
        }
        Pane::Trail => Item::Event(model.trail.current().ok_or("no event is selected")?),
        Pane::Iam => {
            let (_, held) = model.iam.current().ok_or("no principal is selected")?;
            Item::Principal(held)
        }
        Pane::Organization => in_organization(model)?,
        Pane::Audit => Item::Record(model.ledger.current().ok_or("the log is empty")?),
        Pane::Plan => {
            let draft = model.case.draft.as_ref().ok_or("there is no plan")?;
            let plan = draft.plan().ok_or("the plan is not made yet")?;
            let id = draft.playbook().map(|p| p.id.clone()).unwrap_or_else(|| draft.title());
            Item::Steps { id, steps: &plan.items, run: false }
        }
        Pane::Run => {
            let run = model.shown_run().ok_or("there is no run")?;
            Item::Steps { id: run.id.clone(), steps: &run.items, run: true }
        }
        Pane::Playbooks => match model.shelf_rows().get(model.shelf.cursor) {
            Some(ShelfRow::Playbook(at, _)) => Item::Playbook(&model.shelf.all[*at]),
            Some(ShelfRow::Run(at)) => {
                let run = &model.case.runs[*at];
                Item::Steps { id: run.id.clone(), steps: &run.items, run: true }
            }
            None => return Err("there is no playbook"),
        },
        Pane::Drill => return Err("there is nothing here that has an id"),
    };
    Ok(vec![one])
}

fn in_organization(model: &Model) -> Result<Item<'_>, Why> {
    let pane = &model.organization;
    let organization = pane.organization();
    let Some(stand) = &pane.stand else {
        let id = pane.id(pane.cursor).ok_or("nothing is selected")?;
        return Ok(Item::Organization { id, organization });
    };
    let id = stand.rows().get(stand.cursor).map(|row| match row {
        StandRow::Statement(statement) => statement.policy_id.raw().to_owned(),
        StandRow::Level(level) => level.target.raw().to_owned(),
    });
    Ok(Item::Role { role: &stand.role, id, organization })
}

impl Item<'_> {
    /// Its text in a form, with the words for the notice.
    ///
    /// # Errors
    /// It has nothing of the kind, and why.
    pub fn copied(&self, what: What, endpoint: Option<&str>) -> Result<Copied, Why> {
        let (word, text) = match what {
            What::Id => ("id", self.id()?),
            What::Arn => ("ARN", self.arn()?),
            What::Json => ("JSON", self.json()?),
            What::Command => ("AWS CLI command", self.command(endpoint)?),
        };
        let noun = match (self, what) {
            (Item::Event(_), What::Arn) => "caller",
            (Item::Role { id: Some(id), .. }, What::Id | What::Json) if id.starts_with("p-") => {
                "policy"
            }
            _ => self.noun(),
        };
        let changes = what == What::Command && self.changes();
        let mind = match changes {
            true => Some("it changes AWS, without halon's guard and log"),
            false if what != What::Json && is_suspicious(&text) => {
                Some("it has signs in it that are not shown: mind where you paste it")
            }
            false => None,
        };
        Ok(Copied { what: format!("{noun}'s {word}"), text, mind })
    }

    fn noun(&self) -> &'static str {
        match self {
            Item::Finding(_) => "finding",
            Item::Event(_) => "event",
            Item::Principal(Held::User(_)) => "user",
            Item::Principal(Held::Role(_)) | Item::Role { .. } => "role",
            Item::Principal(Held::Group(_)) => "group",
            Item::Organization { id, .. } => match id.split_once('-') {
                Some(("r", _)) => "root",
                Some(("ou", _)) => "unit",
                _ => "account",
            },
            Item::Record(_) => "record",
            Item::Steps { run: true, .. } => "run",
            Item::Steps { run: false, .. } => "plan",
            Item::Playbook(_) => "playbook",
        }
    }

    /// Whether its command would change something.
    fn changes(&self) -> bool {
        matches!(self, Item::Record(_) | Item::Steps { .. })
    }

    fn id(&self) -> Result<String, Why> {
        Ok(match self {
            Item::Finding(finding) => finding.main().id.raw().to_owned(),
            Item::Event(event) => event.id.raw().to_owned(),
            Item::Principal(held) => held.holder().id.raw().to_owned(),
            Item::Organization { id, .. } | Item::Steps { id, .. } => id.clone(),
            Item::Role { id, .. } => id.clone().ok_or("no line is selected")?,
            Item::Record(record) => record.h.clone(),
            Item::Playbook(loaded) => loaded.id.clone(),
        })
    }

    fn arn(&self) -> Result<String, Why> {
        let arn = match self {
            Item::Finding(finding) => {
                finding.main().arn.as_ref().ok_or("this finding has no ARN")?.raw()
            }
            Item::Event(event) => {
                event.identity.arn.as_ref().ok_or("this event does not say who called")?.raw()
            }
            Item::Principal(held) => held.holder().arn.raw(),
            Item::Role { role, .. } => role.arn.raw(),
            Item::Organization { .. } => return Err("units and accounts have no ARN here"),
            _ => return Err("it has no ARN"),
        };
        Ok(arn.to_owned())
    }

    fn json(&self) -> Result<String, Why> {
        match self {
            Item::Finding(finding) => Ok(finding.main().raw.to_string()),
            Item::Event(event) => Ok(event.raw.to_string()),
            Item::Principal(Held::User(user)) => Ok(ours(user)),
            Item::Principal(Held::Role(role)) => Ok(ours(role)),
            Item::Principal(Held::Group(group)) => Ok(ours(group)),
            Item::Organization { id, organization } => of_organization(id, *organization),
            Item::Role { id, organization, .. } => {
                of_organization(id.as_deref().ok_or("no line is selected")?, *organization)
            }
            Item::Record(record) => Ok(record.raw.clone()),
            Item::Steps { id, steps, run } => Ok(of_steps(id, steps, *run)),
            Item::Playbook(_) => Err("a playbook is a TOML file"),
        }
    }

    fn command(&self, endpoint: Option<&str>) -> Result<String, Why> {
        match self {
            Item::Finding(finding) => aws_cli::finding(finding, endpoint),
            Item::Event(event) => aws_cli::event(event, endpoint),
            Item::Principal(held) => Ok(aws_cli::principal(*held, endpoint)),
            Item::Organization { id, .. } => Ok(aws_cli::in_organization(id, endpoint)),
            Item::Role { id: Some(id), .. } => Ok(aws_cli::in_organization(id, endpoint)),
            Item::Role { role, id: None, .. } => {
                Ok(aws_cli::role(role_name(role).ok_or("the role has no name")?, endpoint))
            }
            Item::Record(record) => of_record(record, endpoint),
            Item::Steps { steps, .. } => {
                let calls = steps.iter().filter_map(Step::prepared);
                let lines: Vec<String> = calls
                    .map(|change| aws_cli::change(change, endpoint))
                    .collect::<Result<_, _>>()?;
                if lines.is_empty() {
                    Err("there is no change in it")
                } else {
                    Ok(lines.join("\n"))
                }
            }
            Item::Playbook(_) => Err("a playbook has no command before it is planned"),
        }
    }

    /// Its page in the AWS console.
    ///
    /// # Errors
    /// It has none, and why.
    pub fn page(&self) -> Result<String, Why> {
        match self {
            Item::Finding(finding) => console_page::finding(finding),
            Item::Event(event) => console_page::event(event),
            Item::Principal(held) => console_page::principal(*held),
            Item::Organization { id, organization } => page_of(id, *organization, "aws"),
            Item::Role { role, id: Some(id), organization } => {
                let partition = role.arn.raw().split(':').nth(1).unwrap_or_default();
                page_of(id, *organization, partition)
            }
            Item::Role { role, id: None, .. } => {
                let name = role_name(role).ok_or("the role has no name")?;
                console_page::iam(role.arn.raw(), "roles", name)
            }
            _ => Err("the AWS console has no page for it"),
        }
    }
}

fn role_name(role: &RoleAt) -> Option<&str> {
    role.arn.raw().rsplit('/').next().filter(|name| !name.is_empty())
}

fn ours(value: &impl Serialize) -> String {
    json_ascii(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// The organization says nothing of its partition; its management account's region would.
fn page_of(id: &str, organization: Option<&Organization>, partition: &str) -> Result<String, Why> {
    let policy = organization.and_then(|o| o.policies.iter().find(|p| p.id.raw() == id));
    let rcp = policy.is_some_and(|p| p.kind == OrgPolicyKind::Rcp);
    console_page::in_organization(id, partition, rcp)
}

fn of_organization(id: &str, organization: Option<&Organization>) -> Result<String, Why> {
    let organization = organization.ok_or("the organization is not known")?;
    let account = organization.accounts.iter().find(|a| a.id.as_str() == id).map(ours);
    let unit = organization.units.iter().find(|u| u.id.raw() == id).map(ours);
    let policy = organization.policies.iter().find(|p| p.id.raw() == id).map(ours);
    account.or(unit).or(policy).ok_or("it is not in the organization as it is known")
}

/// The call of an intent; other records are about none.
fn of_record(record: &Record, endpoint: Option<&str>) -> Result<String, Why> {
    if record.kind() != Some(Kind::Intent) {
        return Err("only an intent has a call; this is another kind of record");
    }
    let op = &record.value["op"];
    let text = |key: &str| op[key].as_str().ok_or("the record does not say which call it was");
    let service = text("service")?.to_lowercase();
    aws_cli::call(&service, text("name")?, text("region")?, &op["params"], endpoint)
}

fn of_steps(id: &str, steps: &[Step], run: bool) -> String {
    let steps: Vec<Value> = steps
        .iter()
        .map(|step| {
            let change = step.prepared().map(|prepared| {
                json!({
                    "call": prepared.call(),
                    "account": prepared.change.account,
                    "region": prepared.change.place.region,
                    "params": prepared.params(),
                    "before": prepared.before,
                    "after": prepared.after(),
                })
            });
            json!({"id": step.id, "kind": step.kind_word(), "state": step.state.word(),
                "what": step.headline(), "request_id": step.request_id, "change": change})
        })
        .collect();
    let name = if run { "run" } else { "plan" };
    ours(&json!({name: id, "steps": steps}))
}
