//! `halon range`: scenarios, and the server.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    sync::mpsc,
};

use serde::Serialize;

use super::{
    Output,
    answer::{self, Code, Document, write_json},
    args::{ClockArg, Global, RangeCommand},
    context,
};
use crate::{
    domain::untrusted::{display, json_ascii},
    range::{self, FaultRule, Pace, Scenario},
    runtime,
};

/// The scenario of a bare `--range`.
pub const DEFAULT_SCENARIO: &str = "leaked-key";

pub fn run(
    global: &Global,
    command: RangeCommand,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    match command {
        RangeCommand::List => list(global, output),
        RangeCommand::Reset { scenario } => reset(global, scenario, output),
        RangeCommand::Serve { scenario, listen, clock, log, faults } => {
            if !listen.ip().is_loopback() {
                return Err(answer::usage(format!(
                    "--listen {listen}: the range answers on loopback only (127.0.0.1 or [::1])"
                )));
            }
            let pace = match clock {
                ClockArg::Frozen => Pace::Frozen,
                ClockArg::Real => Pace::Real,
                ClockArg::Times(n) => Pace::Times(n),
            };
            let scenario = find(&scenario, context::config_dir().as_deref())?;
            let data = context::need_data_dir(global)?;
            let mut range =
                runtime::open_range(scenario, pace, &data).map_err(|f| answer::usage(&f))?;
            if let Some(path) = faults {
                let name = display(&path.to_string_lossy());
                let text = fs::read_to_string(&path)
                    .map_err(|e| answer::usage(format!("--faults {name}: {e}")))?;
                let rules = FaultRule::read_file(&name, &text).map_err(answer::usage)?;
                range = range.with_faults(rules);
            }
            if let Some(path) = log {
                log_to(&range, &path)?;
            }
            serve(range, listen, output)
        }
    }
}

#[derive(Serialize)]
struct Item {
    id: String,
    title: String,
    valid: bool,
    mistakes: Vec<String>,
}

fn list(global: &Global, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let mut items = Vec::new();
    for (id, file, text) in texts(context::config_dir().as_deref()) {
        items.push(match Scenario::read(&file, &text) {
            Ok(s) => Item { id, title: display(&s.title), valid: true, mistakes: Vec::new() },
            Err(broken) => Item {
                id,
                title: "broken".to_owned(),
                valid: false,
                mistakes: broken.to_string().lines().map(ToOwned::to_owned).collect(),
            },
        });
    }
    if global.json {
        write_json(
            output,
            &Document::new("halon.scenarios/1", runtime::wall_clock(), &[], &items),
        )?;
    } else {
        for item in &items {
            writeln!(output.out, "{:<16} {}", item.id, item.title)?;
        }
    }
    for mistake in items.iter().flat_map(|i| &i.mistakes) {
        writeln!(output.err, "halon: {mistake}")?;
    }
    Ok(if items.iter().all(|i| i.valid) { Code::Done } else { Code::Incomplete })
}

fn reset(
    global: &Global,
    scenario: Option<String>,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let data = context::need_data_dir(global)?;
    let ids: Vec<String> = match scenario {
        Some(id) => vec![find(&id, context::config_dir().as_deref())?.id],
        None => texts(context::config_dir().as_deref()).into_iter().map(|(id, ..)| id).collect(),
    };
    let mut items = Vec::new();
    for id in ids {
        let was = runtime::reset_range(&id, &data).map_err(|f| anyhow::anyhow!(f))?;
        if was && !global.json {
            writeln!(output.err, "halon: the world of {id} begins anew")?;
        }
        items.push(serde_json::json!({"scenario": id, "begun": was}));
    }
    if global.json {
        let document = Document::new("halon.range-reset/1", runtime::wall_clock(), &[], &items);
        write_json(output, &document)?;
    }
    Ok(Code::Done)
}

/// The scenarios: the user's own come before the shipped ones of the same id.
/// Each with its id, the name of its file for messages, and its text.
pub fn texts(config: Option<&Path>) -> Vec<(String, String, String)> {
    let mut found: Vec<(String, String, String)> = Vec::new();
    let folder = config.map(|c| c.join("scenarios"));
    let entries = folder.and_then(|f| fs::read_dir(f).ok()).into_iter().flatten().flatten();
    for path in entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "toml")) {
        let name = display(&path.to_string_lossy());
        let id = path.file_stem().map(|s| display(&s.to_string_lossy())).unwrap_or_default();
        // One that cannot be read is listed as broken, not left out.
        found.push((id, name, fs::read_to_string(&path).unwrap_or_default()));
    }
    found.sort();
    for (id, text) in range::shipped() {
        if !found.iter().any(|(own, ..)| own == id) {
            found.push((
                (*id).to_owned(),
                format!("assets/scenarios/{id}.toml"),
                (*text).to_owned(),
            ));
        }
    }
    found
}

/// The names of every scenario's accounts.
pub fn aliases(config: Option<&Path>) -> Vec<String> {
    let read = |(_, file, text): &(String, String, String)| Scenario::read(file, text).ok();
    texts(config).iter().filter_map(read).flat_map(|s| s.account_names()).collect()
}

/// A scenario by its id.
pub fn find(id: &str, config: Option<&Path>) -> anyhow::Result<Scenario> {
    let (file, text) = text_of(id, config)?;
    Scenario::read(&file, &text).map_err(answer::usage)
}

/// The file's name for messages, and the text of a scenario.
pub fn text_of(id: &str, config: Option<&Path>) -> anyhow::Result<(String, String)> {
    let all = texts(config);
    let Some((_, file, text)) = all.iter().find(|(own, ..)| own == id) else {
        let known: Vec<&str> = all.iter().map(|(id, ..)| id.as_str()).collect();
        let shown = display(id);
        return Err(answer::usage(format!(
            "no scenario `{shown}`; there are {}",
            known.join(", ")
        )));
    };
    Ok((file.clone(), text.clone()))
}

/// A line for each request, written by a thread of its own.
fn log_to(range: &range::Range, path: &Path) -> anyhow::Result<()> {
    let shown = display(&path.to_string_lossy());
    let file = File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|e| answer::usage(format!("--log {shown}: {e}")))?;
    let (sender, lines) = mpsc::channel::<String>();
    std::thread::spawn(move || {
        let mut file = BufWriter::new(file);
        for line in lines {
            // A full disk must not stop the world; the log then ends early.
            if writeln!(file, "{}", json_ascii(&line)).and_then(|()| file.flush()).is_err() {
                return;
            }
        }
    });
    range.set_log(Box::new(move |logged| {
        if let Ok(line) = serde_json::to_string(logged) {
            let _ = sender.send(line);
        }
    }));
    Ok(())
}

fn serve(
    range: range::Range,
    listen: std::net::SocketAddr,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    runtime::tasks()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .map_err(|e| answer::usage(format!("--listen {listen}: {e}")))?;
        let at = listener.local_addr()?;
        let (id, secret) = range::OPERATOR_KEY;
        writeln!(
            output.err,
            "halon: the range \"{}\" answers at http://{at}",
            display(range.title())
        )?;
        writeln!(output.err, "halon: AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY={secret}")?;
        range::serve(range, listener, runtime::asked_to_end()).await?;
        Ok(Code::Done)
    })
}
