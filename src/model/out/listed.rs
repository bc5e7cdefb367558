//! The list that is on the screen, with its filters and in its order, to be written to a file.
//! Taking hold of it is cheap; the table is made of it away from the event loop.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Table;
use crate::{
    case::{Held, Session, Survey, TimelineItem},
    domain::{
        Gap,
        event::Event,
        finding::{Finding, State},
        organization::Organization,
        time::rfc3339,
        timeline::Entry,
    },
    model::{DrillRow, Focus, Model, Node, Overlay, Page, Pane, Why},
};

/// What is listed.
#[derive(Clone, Debug, PartialEq)]
pub enum Listed {
    Findings {
        findings: Vec<Arc<Finding>>,
        gaps: Vec<Gap>,
    },
    Events {
        events: Vec<Arc<Event>>,
        total: u64,
        gaps: Vec<Gap>,
    },
    Sessions {
        sessions: Vec<Session>,
        gaps: Vec<Gap>,
    },
    Timeline(Vec<Entry>),
    Principals {
        survey: Arc<Survey>,
        rows: Vec<usize>,
        gaps: Vec<Gap>,
    },
    /// A list that is never long.
    Short(Table),
}

/// The list that the operator looks at.
///
/// # Errors
/// There is none here, or nothing is in it.
pub fn listed(model: &Model) -> Result<Listed, Why> {
    let listed = match model.overlay {
        Some(Overlay::Text(Page::Timeline, _)) => Listed::Timeline(model.timeline.clone()),
        Some(Overlay::Text(Page::Calls, _)) => Listed::Short(calls(model)),
        Some(_) => return Err("this is a text and no list"),
        None => of_pane(model)?,
    };
    if listed.is_empty() { Err("nothing is listed") } else { Ok(listed) }
}

/// Whether there is one, without taking hold of it.
///
/// # Errors
/// [`listed`]'s.
pub fn is_listed(model: &Model) -> Result<(), Why> {
    let text = Err("this is a text and no list");
    let lines = match (&model.overlay, model.pane) {
        (Some(Overlay::Text(Page::Timeline, _)), _) => model.timeline.len(),
        (Some(Overlay::Text(Page::Calls, _)), _) => model.case.calls.len(),
        (Some(_), _) | (None, Pane::Plan | Pane::Run) => return text,
        (None, Pane::Findings) => model.list.rows.len(),
        (None, Pane::Trail) => match &model.trail.sight.tree {
            Some(tree) => tree.rows.len(),
            None => model.trail.len(),
        },
        (None, Pane::Iam) => model.iam.rows.len(),
        (None, Pane::Organization) => model.organization.rows.len(),
        (None, Pane::Playbooks) => model.shelf.all.len(),
        (None, Pane::Audit) => model.ledger.rows.len(),
        (None, Pane::Drill) => model.drill_rows().len(),
    };
    if lines == 0 { Err("nothing is listed") } else { Ok(()) }
}

fn of_pane(model: &Model) -> Result<Listed, Why> {
    Ok(match model.pane {
        // Where some are picked these; else the list.
        Pane::Findings => {
            let rows = || model.list.rows.iter().map(|row| model.finding(*row).clone()).collect();
            let picked = !model.picked.keys.is_empty() && model.focus == Focus::List;
            let findings = match picked {
                true => model.chosen().into_iter().cloned().collect(),
                false => rows(),
            };
            Listed::Findings { findings, gaps: model.case.gaps() }
        }
        Pane::Trail => of_trail(model),
        Pane::Iam => {
            let accounts = model.case.inspection.accounts.values();
            let gaps = accounts.filter_map(|look| look.known.as_ref()).flat_map(|k| k.gaps.clone());
            Listed::Principals {
                survey: model.iam.survey.clone(),
                rows: model.iam.rows.clone(),
                gaps: gaps.collect(),
            }
        }
        Pane::Organization => {
            let organization =
                model.organization.organization().ok_or("the organization is not known")?;
            Listed::Short(of_organization(organization, &model.organization.rows))
        }
        Pane::Playbooks => Listed::Short(playbooks(model)),
        Pane::Audit => Listed::Short(records(model)),
        Pane::Drill => Listed::Short(drill(model)),
        Pane::Plan | Pane::Run => return Err("this is a text and no list"),
    })
}

fn of_trail(model: &Model) -> Listed {
    let sight = &model.trail.sight;
    let gaps = model.case.inquiry.as_ref().map(|i| i.gaps()).unwrap_or_default();
    match &sight.tree {
        Some(tree) => {
            let sessions = (0..tree.rows.len()).filter_map(|line| tree.session(line).cloned());
            Listed::Sessions { sessions: sessions.collect(), gaps }
        }
        None => {
            let events = (0..model.trail.len()).filter_map(|line| model.trail.at(line).cloned());
            Listed::Events { events: events.collect(), total: sight.found.total, gaps }
        }
    }
}

impl Listed {
    pub fn name(&self) -> &'static str {
        match self {
            Listed::Findings { .. } => "findings",
            Listed::Events { .. } => "events",
            Listed::Sessions { .. } => "sessions",
            Listed::Timeline(_) => "timeline",
            Listed::Principals { .. } => "principals",
            Listed::Short(table) => table.name,
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Listed::Findings { findings, .. } => findings.len(),
            Listed::Events { events, .. } => events.len(),
            Listed::Sessions { sessions, .. } => sessions.len(),
            Listed::Timeline(entries) => entries.len(),
            Listed::Principals { rows, .. } => rows.len(),
            Listed::Short(table) => table.rows.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn table(&self) -> Table {
        match self {
            Listed::Findings { findings, gaps } => of_findings(findings, gaps),
            Listed::Events { events, total, gaps } => of_events(events, *total, gaps),
            Listed::Sessions { sessions, gaps } => of_sessions(sessions, gaps),
            Listed::Timeline(entries) => of_timeline(entries),
            Listed::Principals { survey, rows, gaps } => of_principals(survey, rows, gaps),
            Listed::Short(table) => table.clone(),
        }
    }
}

/// A text that may not be known.
fn text(value: Option<impl ToString>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

fn raw(value: Option<&crate::domain::Untrusted>) -> String {
    value.map(|v| v.raw().to_owned()).unwrap_or_default()
}

fn time(at: Option<Timestamp>) -> String {
    at.map(rfc3339).unwrap_or_default()
}

/// A value in the shape of a JSON answer; what cannot be written is not there.
fn item(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn of_findings(findings: &[Arc<Finding>], gaps: &[Gap]) -> Table {
    let row = |finding: &Arc<Finding>| {
        let main = finding.main();
        let guardduty = finding.guardduty().map(|r| match &r.state {
            State::GuardDuty(state) if state.archived == Some(true) => "archived",
            _ => "active",
        });
        let workflow = finding.securityhub().and_then(|r| match &r.state {
            State::SecurityHub(hub) => hub.workflow.as_ref(),
            State::GuardDuty(_) => None,
        });
        vec![
            main.severity.band.name().to_owned(),
            main.severity.value.to_string(),
            main.kind.raw().to_owned(),
            main.title.raw().to_owned(),
            text(main.account.as_ref()),
            text(main.region.as_ref().map(|r| r.as_str())),
            main.resource.raw().to_owned(),
            main.actor.raw().to_owned(),
            time(main.first_seen),
            time(main.last_seen),
            text(main.count),
            text(guardduty),
            raw(workflow),
            main.id.raw().to_owned(),
            raw(main.arn.as_ref()),
        ]
    };
    Table {
        name: "findings",
        schema: "halon.findings/1",
        columns: vec![
            "band",
            "severity",
            "type",
            "title",
            "account",
            "region",
            "resource",
            "actor",
            "first_seen",
            "last_seen",
            "count",
            "guardduty",
            "securityhub",
            "id",
            "arn",
        ],
        rows: findings.iter().map(row).collect(),
        items: findings.iter().map(|f| item(&**f)).collect(),
        gaps: gaps.to_vec(),
        lacking: None,
    }
}

fn of_events(events: &[Arc<Event>], total: u64, gaps: &[Gap]) -> Table {
    let row = |event: &Arc<Event>| {
        vec![
            time(event.time),
            text(event.account.as_ref()),
            raw(event.region.as_ref()),
            event.name.raw().to_owned(),
            event.source.raw().to_owned(),
            event.identity.principal().raw().to_owned(),
            raw(event.access_key()),
            raw(event.source_ip.as_ref()),
            raw(event.user_agent.as_ref()),
            event.result().map_or_else(|| "ok".to_owned(), |r| r.raw().to_owned()),
            event.id.raw().to_owned(),
        ]
    };
    let listed = events.len() as u64;
    Table {
        name: "events",
        schema: "halon.events/1",
        columns: vec![
            "time",
            "account",
            "region",
            "name",
            "source",
            "principal",
            "access_key_id",
            "source_ip",
            "user_agent",
            "result",
            "event_id",
        ],
        rows: events.iter().map(row).collect(),
        items: events.iter().map(|e| item(&**e)).collect(),
        gaps: gaps.to_vec(),
        lacking: (total > listed).then(|| format!("{listed} of {total} events, as the list has")),
    }
}

fn of_sessions(sessions: &[Session], gaps: &[Gap]) -> Table {
    let items: Vec<Value> = sessions.iter().map(item).collect();
    let columns = vec![
        "kind",
        "principal",
        "account",
        "role",
        "source_identity",
        "assumed_by_principal",
        "origin",
        "first_seen",
        "last_seen",
        "events",
        "failed",
        "id",
    ];
    of_items("sessions", "halon.sessions/1", columns, items, gaps)
}

fn of_timeline(entries: &[Entry]) -> Table {
    let items: Vec<Value> = entries.iter().map(|e| item(&TimelineItem::of(e))).collect();
    let columns = vec![
        "at",
        "what",
        "name",
        "principal",
        "address",
        "account",
        "region",
        "result",
        "note",
        "incident",
        "marked_by",
        "id",
    ];
    of_items("timeline", "halon.timeline/1", columns, items, &[])
}

/// A table whose cells are members of its items.
fn of_items(
    name: &'static str,
    schema: &'static str,
    columns: Vec<&'static str>,
    items: Vec<Value>,
    gaps: &[Gap],
) -> Table {
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let words = all.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), Into::into));
            words.collect::<Vec<String>>().join(" ")
        }
        other => other.to_string(),
    };
    let row = |item: &Value| columns.iter().map(|column| cell(&item[*column])).collect();
    let rows = items.iter().map(row).collect();
    Table { name, schema, columns, rows, items, gaps: gaps.to_vec(), lacking: None }
}

/// `halon.iam-list/1`, with what the survey says of each.
fn of_principals(survey: &Survey, rows: &[usize], gaps: &[Gap]) -> Table {
    let holdings = rows.iter().filter_map(|at| survey.holdings.get(*at));
    let items = holdings.map(|holding| {
        let held = survey.of(holding);
        let holder = held.holder();
        let account = &survey.accounts[holding.account].authorization.account;
        let last_used = match held {
            Held::Group(_) => None,
            Held::User(_) | Held::Role(_) => holding.last_used,
        };
        json!({
            "account": account,
            "kind": holding.kind.word(),
            "name": holder.name,
            "arn": holder.arn,
            "path": holder.path,
            "created": holder.created.map(rfc3339),
            "last_used": last_used.map(rfc3339),
            "attached": holder.attached,
            "inline": holder.inline.iter().map(|policy| &policy.name).collect::<Vec<_>>(),
            "boundary": holder.boundary,
            "risk": holding.worst.map(|band| band.name()),
        })
    });
    let columns = vec![
        "risk",
        "kind",
        "name",
        "account",
        "arn",
        "created",
        "last_used",
        "attached",
        "inline",
        "boundary",
    ];
    of_items("principals", "halon.iam-list/1", columns, items.collect(), gaps)
}

fn of_organization(organization: &Organization, rows: &[(usize, Node)]) -> Table {
    let attached = |id: &str| -> Vec<&str> {
        let here = organization.policies.iter().filter(|p| p.targets.iter().any(|t| t.raw() == id));
        here.map(|policy| policy.name.raw()).collect()
    };
    let items = rows.iter().filter_map(|(depth, node)| match node {
        Node::Unit(at) => organization.units.get(*at).map(|unit| {
            let kind = if unit.parent.is_some() { "unit" } else { "root" };
            json!({"kind": kind, "id": unit.id, "name": unit.name, "parent": unit.parent,
                "depth": depth, "status": null, "policies": attached(unit.id.raw())})
        }),
        Node::Account(at) => organization.accounts.get(*at).map(|account| {
            json!({"kind": "account", "id": account.id, "name": account.name,
                "parent": account.parent, "depth": depth, "status": account.status,
                "policies": attached(account.id.as_str())})
        }),
    });
    let columns = vec!["kind", "id", "name", "parent", "status", "policies"];
    of_items("organization", "halon.organization-list/1", columns, items.collect(), &[])
}

fn playbooks(model: &Model) -> Table {
    let items: Vec<Value> = model.shelf.all.iter().map(|loaded| loaded.shape()).collect();
    let columns = vec!["id", "title", "summary", "risk", "answers", "valid", "mistakes", "file"];
    of_items("playbooks", "halon.playbooks/1", columns, items, &[])
}

fn records(model: &Model) -> Table {
    let ledger = &model.ledger;
    let shown: Vec<_> = (0..ledger.rows.len()).filter_map(|line| ledger.at(line)).collect();
    let row = |record: &&crate::audit::Record| {
        let text = |key: &str| record.text(key).unwrap_or_default().to_owned();
        let op = &record.value["op"];
        let call = match (op["service"].as_str(), op["name"].as_str()) {
            (Some(service), Some(name)) => format!("{service}:{name}"),
            _ => String::new(),
        };
        vec![
            record.seq.to_string(),
            text("ts_utc"),
            text("kind"),
            text("run"),
            text("step"),
            record.incident().unwrap_or_default().to_owned(),
            call,
            op["account"].as_str().unwrap_or_default().to_owned(),
            text("state"),
            text("why"),
            record.h.clone(),
        ]
    };
    let item = |record: &&crate::audit::Record| json!({"line": record.line, "seq": record.seq, "h": record.h, "record": record.value});
    Table {
        name: "audit",
        schema: "halon.audit/1",
        columns: vec![
            "seq", "time", "kind", "run", "step", "incident", "call", "account", "state", "why",
            "h",
        ],
        rows: shown.iter().map(row).collect(),
        items: shown.iter().map(item).collect(),
        gaps: Vec::new(),
        lacking: None,
    }
}

fn drill(model: &Model) -> Table {
    let going = model.drill.going.as_ref();
    let script = model.setup.drill.as_ref().map(|p| &p.script);
    let items = model.drill_rows().into_iter().filter_map(|row| match row {
        DrillRow::Objective(at) => script.and_then(|s| s.objectives.get(at)).map(|objective| {
            let met = going.and_then(|going| going.met.get(&objective.id));
            json!({"kind": "objective", "name": objective.title, "phase": objective.phase.name(),
                "state": if met.is_some() { "met" } else { "open" },
                "at": met.map(|at| rfc3339(*at)), "text": null})
        }),
        DrillRow::Evidence(evidence) => {
            let state = going.map(|going| going.state(evidence).words());
            let said = going.and_then(|g| g.evidence.get(&evidence)).map(|e| e.text.as_str());
            Some(json!({"kind": "evidence", "name": evidence.name(), "phase": null,
                "state": state.unwrap_or("not answered"), "at": null, "text": said}))
        }
    });
    let columns = vec!["kind", "phase", "name", "state", "at", "text"];
    of_items("drill", "halon.drill-list/1", columns, items.collect(), &[])
}

fn calls(model: &Model) -> Table {
    let items = model.case.calls.newest().map(|logged| {
        let call = &logged.call;
        json!({"service": call.service, "operation": call.operation,
            "target": &*call.place.target, "region": call.place.region.as_str(),
            "requests": call.attempts, "milliseconds": call.millis, "host": call.host,
            "request_id": call.request_id, "server_time": call.server_time.map(rfc3339),
            "error": call.fault.map(|kind| format!("{kind:?}"))})
    });
    let columns = vec![
        "service",
        "operation",
        "target",
        "region",
        "requests",
        "milliseconds",
        "error",
        "host",
        "request_id",
        "server_time",
    ];
    of_items("calls", "halon.calls/1", columns, items.collect(), &[])
}
