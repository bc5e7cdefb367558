//! What the screen is drawn with: names of every script, production, themes, signs of ASCII.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use halon::{
    app::{Effect, Msg},
    domain::{
        Answer, Query, Source,
        authorization::Authorization,
        event::Event,
        organization::{Member, Organization, Unit, View},
    },
    model::{Paint, Setup},
    store::Found,
    theme::{Borders, Depth, Look, Shelf, ascii},
    ui::words,
};
use ratatui::buffer::Buffer;
use serde_json::{Value, json};

use super::stage::{Stage, guardduty};

const ACCOUNT: &str = "111122223333";
const OTHER: &str = "444455556666";
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 16)];

/// Names as people and attackers choose them: wide, joined, marked, from right to left.
const NAMES: [&str; 10] = [
    "運用チームの鍵",
    "ｆｕｌｌｗｉｄｔｈ",
    "🦀-bot-👍🏽-👩\u{200d}💻-🇨🇭",
    "e\u{301}quipe-a\u{308}\u{323}",
    "שלום-עולם",
    "مرحبا-لا-بأس",
    "नमस्ते-कि",
    "สวัสดี-น้ำ",
    "\u{202e}nimda\u{202c}",
    "한국어-각-운영자-이름이-길어서-잘려야-합니다-계속",
];

/// The names, or as many plain ones.
fn names(plain: bool) -> Vec<String> {
    // The number keeps them in their order.
    let name = |(n, name): (usize, &&str)| format!("{n}{}", if plain { "name" } else { name });
    NAMES.iter().enumerate().map(name).collect()
}

/// Every pane that lists names, with these on it.
fn lists(names: &[String], setup: &Setup, size: (u16, u16)) -> Vec<(&'static str, Stage)> {
    let mut findings = Stage::with(setup.clone(), size, &["us-east-1"]);
    findings.identify();
    let finding = |(n, name): (usize, &String)| {
        let account = if n.is_multiple_of(2) { ACCOUNT } else { OTHER };
        guardduty(
            &format!("f{n}"),
            8.0,
            "Recon:IAMUser/X",
            json!({"accountId": account,
            "resource": {"accessKeyDetails": {"userName": name}}}),
        )
    };
    let list = names.iter().enumerate().map(finding).collect();
    findings.answer("us-east-1", list, Vec::new());

    let mut trail = Stage::with(setup.clone(), size, &["us-east-1"]);
    trail.identify();
    trail.answer("us-east-1", Vec::new(), Vec::new());
    trail.keys("4");
    let serial = trail.effects.iter().rev().find_map(|e| match e {
        Effect::Search { serial, .. } => Some(*serial),
        _ => None,
    });
    let events: Vec<Arc<Event>> = names.iter().enumerate().map(event).collect();
    let found = Found { total: events.len() as u64, events, ..Found::default() };
    let serial = serial.expect("a search");
    trail.tell(Msg::EventsFound { serial, found: Ok(Box::new(found)) });

    let mut iam = Stage::with(setup.clone(), size, &["us-east-1"]);
    iam.identify();
    iam.answer("us-east-1", Vec::new(), Vec::new());
    iam.keys("5");
    let ticket = iam.take(|q| matches!(q, Query::Authorization { .. }));
    let what = Arc::new(Authorization::read(&users(names).to_string()).expect("readable"));
    iam.tell(Msg::Answered(ticket, Answer::Authorization { what, gaps: Vec::new() }));

    let mut organization = Stage::with(setup.clone(), size, &["us-east-1"]);
    organization.identify();
    organization.answer("us-east-1", Vec::new(), Vec::new());
    organization.keys("6");
    let ticket = organization.take(|q| matches!(q, Query::Organization { .. }));
    let what = Arc::new(View::Seen(tree(names)));
    organization.tell(Msg::Answered(ticket, Answer::Organization { what, gaps: Vec::new() }));

    vec![("findings", findings), ("trail", trail), ("iam", iam), ("organization", organization)]
}

fn event((n, name): (usize, &String)) -> Arc<Event> {
    let account = if n.is_multiple_of(2) { ACCOUNT } else { OTHER };
    let event = json!({
        "eventVersion": "1.11", "eventID": format!("e{n}"), "eventName": "ListUsers",
        "eventTime": "2026-03-02T03:01:00Z", "eventSource": "iam.amazonaws.com",
        "awsRegion": "us-east-1", "recipientAccountId": account, "readOnly": true,
        "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.15.0",
        "userIdentity": {"type": "IAMUser", "userName": name, "accountId": account,
            "principalId": "AIDACKCEVSQ6C2EXAMPLE",
            "arn": format!("arn:aws:iam::{account}:user/{name}")},
    });
    Arc::new(Event::read(&event.to_string(), None).expect("an event"))
}

fn users(names: &[String]) -> Value {
    let user = |(n, name): (usize, &String)| {
        json!({"UserName": name, "UserId": format!("AIDAEXAMPLE{n}"), "Path": "/",
            "Arn": format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
            "CreateDate": "2024-05-01T09:00:00Z", "GroupList": [],
            "AttachedManagedPolicies": []})
    };
    let users: Vec<Value> = names.iter().enumerate().map(user).collect();
    json!({"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": [], "Policies": []})
}

/// Every second name is a unit's, the next an account's in it.
fn tree(names: &[String]) -> Organization {
    let mut units = vec![Unit { id: "r-1".into(), name: "Root".into(), parent: None }];
    let mut accounts = Vec::new();
    for (n, pair) in names.chunks(2).enumerate() {
        let id = format!("ou-{n}");
        let parent = Some("r-1".into());
        units.push(Unit { id: id.as_str().into(), name: pair[0].as_str().into(), parent });
        accounts.push(Member {
            id: if n == 0 { ACCOUNT.to_owned() } else { format!("{:012}", 200 + n) }
                .parse()
                .expect("an id"),
            name: pair[1].as_str().into(),
            status: "ACTIVE".into(),
            parent: id.as_str().into(),
        });
    }
    Organization {
        id: "o-exampleorg".into(),
        management: OTHER.parse().expect("an id"),
        enabled: Vec::new(),
        units,
        accounts,
        policies: Vec::new(),
    }
}

fn row(buffer: &Buffer, y: u16) -> String {
    (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect()
}

/// The cell that a heading's word begins in, and its row.
fn heading(buffer: &Buffer, word: &str) -> Option<(u16, u16)> {
    (0..buffer.area.height).find_map(|y| {
        let row = row(buffer, y);
        let at = row.find(&format!(" {word}"))?;
        Some((row[..at].chars().count() as u16 + 1, y))
    })
}

#[test]
fn names_of_every_script_leave_every_column_where_it_is() {
    // The column that follows on the names, where there is one; otherwise their marks alone.
    let next = [("findings", "GD"), ("trail", "WHAT"), ("iam", "POLICIES"), ("organization", "ID")];
    for size in SIZES {
        let wide = lists(&names(false), &Setup::plain(), size);
        let plain = lists(&names(true), &Setup::plain(), size);
        let mut compared = 0;
        for ((name, wide), (_, plain)) in wide.iter().zip(&plain) {
            let (wide, plain) = (wide.buffer(), plain.buffer());
            let word = next.iter().find(|(n, _)| n == name).map_or("", |(_, word)| word);
            let Some((from, top)) = heading(&plain, word) else { continue };
            assert_eq!(heading(&wide, word), Some((from, top)), "{name} {size:?}");
            for y in top..plain.area.height {
                // Beside the list stands the detail, which is about the name.
                let until = (from + 4).min(plain.area.width);
                let cells = |buffer: &Buffer| -> String {
                    (from..until).map(|x| buffer[(x, y)].symbol()).collect()
                };
                let (whole, other) = (row(&wide, y), row(&plain, y));
                assert_eq!(cells(&wide), cells(&plain), "{name} {size:?} {y}\n{whole}\n{other}");
                compared += 1;
            }
        }
        assert!(compared >= 20, "{size:?}: {compared} rows");
    }
}

/// Two accounts, one of them production.
fn painted(look: Look) -> Setup {
    let paint = |account: Option<&str>, colour: &str, production| Paint {
        account: account.map(|id| id.parse().expect("an id")),
        colour: Some(colour.parse().expect("a colour")),
        production,
    };
    let accounts = BTreeMap::from([
        (Arc::from("acme"), paint(None, "red", true)),
        (Arc::from("sandbox"), paint(Some(OTHER), "#2f81f7", false)),
    ]);
    Setup { look: Arc::new(look), accounts, ..Setup::plain() }
}

#[test]
fn production_is_said_in_words_in_the_header_and_in_every_list() {
    for look in ["dark", "mono"] {
        let setup = painted(Look::shipped(look));
        for size in SIZES {
            for (name, stage) in lists(&names(true), &setup, size) {
                let text = stage.text();
                let header = text.lines().next().unwrap_or_default();
                assert!(header.contains(" PRODUCTION "), "{name} {size:?}\n{text}");
                let tagged = text.matches("PROD ").count();
                let wanted = match name {
                    // Every second one, as many as fit.
                    "findings" | "trail" => 3..=5,
                    "iam" => 6..=10,
                    _ => 1..=1,
                };
                assert!(wanted.contains(&tagged), "{name} {size:?}: {tagged}\n{text}");
            }
        }
    }
    // Nobody is told of production where the configuration says nothing.
    for (name, stage) in lists(&names(true), &Setup::plain(), (120, 40)) {
        assert!(!stage.text().contains("PROD"), "{name}");
    }
}

#[test]
fn accounts_have_their_colour_as_far_as_there_are_colours() {
    let colour = |look: Look| {
        let (_, stage) = lists(&names(true), &painted(look), (200, 50)).remove(0);
        let buffer = stage.buffer();
        let at = (0..buffer.area.height).find_map(|y| {
            let row = row(&buffer, y);
            Some((row[..row.find(&format!("{OTHER} "))?].chars().count() as u16, y))
        });
        buffer[at.unwrap_or_else(|| panic!("its account is on\n{}", stage.text()))].fg
    };
    let look = |depth| Look::new(Shelf::shipped().read().0, "dark", depth, Borders::Unicode);
    use ratatui::style::Color;
    assert_eq!(colour(look(Depth::True)), Color::Rgb(0x2f, 0x81, 0xf7));
    assert_eq!(colour(look(Depth::Ansi256)), Color::Indexed(33));
    assert_eq!(colour(look(Depth::Ansi16)), Color::LightBlue);
    assert_eq!(colour(look(Depth::Mono)), Color::Reset);
}

#[test]
fn production_is_said_in_a_findings_detail() {
    let setup = painted(Look::default());
    let (_, mut stage) = lists(&names(true), &setup, (80, 24)).remove(0);
    stage.keys("enter");
    assert!(stage.text().contains("111122223333, PRODUCTION"), "{}", stage.text());
}

#[test]
fn the_next_theme_is_shown_at_once_and_says_the_same() {
    let (_, mut stage) = lists(&names(true), &Setup::plain(), (80, 24)).remove(0);
    let (dark, text) = (stage.buffer(), stage.text());
    let mut seen = vec![dark.clone()];
    for name in ["light", "high-contrast", "colour-blind", "mono"] {
        stage.keys("f2");
        let notice = format!("theme {name}; to keep it: [screen] theme = \"{name}\" in halon.toml");
        assert!(stage.text().contains(&notice), "{}", stage.text());
        stage.keys("f10");
        assert_eq!(stage.text(), text, "{name}");
        let buffer = stage.buffer();
        assert!(!seen.contains(&buffer), "{name} looks like another theme");
        seen.push(buffer);
    }
    stage.keys("f2 f10");
    assert_eq!(stage.buffer(), dark);
    // Without colours there is nothing to choose from.
    let look = Look::new(Shelf::shipped().read().0, "light", Depth::Mono, Borders::Unicode);
    stage.model.setup.look = Arc::new(look);
    stage.keys("f2");
    assert!(stage.text().contains("no other theme"), "{}", stage.text());
}

#[test]
fn painted_themes_leave_no_cell_to_the_terminal() {
    use ratatui::style::Color;
    for name in ["light", "high-contrast", "colour-blind"] {
        for (pane, mut stage) in lists(&names(false), &painted(Look::shipped(name)), (80, 24)) {
            for keys in ["", "?", "esc !"] {
                stage.keys(keys);
                let buffer = stage.buffer();
                // What lies behind a wide character is not written to the terminal.
                let mut hidden = 0;
                for cell in &buffer.content {
                    let bare = cell.fg == Color::Reset || cell.bg == Color::Reset;
                    assert!(hidden > 0 || !bare, "{name} {pane} {keys}: {cell:?}");
                    let behind = words::cells(cell.symbol()).saturating_sub(1);
                    hidden = if hidden > 0 { hidden - 1 } else { behind };
                }
            }
        }
    }
}

#[test]
fn without_other_signs_everything_of_ours_is_ascii() {
    let look = Look::new(Shelf::shipped().read().0, "dark", Depth::True, Borders::Ascii);
    for size in SIZES {
        for (name, mut stage) in lists(&names(true), &painted(look.clone()), size) {
            for keys in ["", "enter", "esc ?", "esc H", "esc L", "esc g", "esc !"] {
                stage.keys(keys);
                let text = stage.text();
                assert!(text.is_ascii(), "{name} {keys} {size:?}\n{text}");
            }
        }
        // An ellipsis that has room is three dots; one that ends a cut text is one sign.
        let mut stage = Stage::with(painted(look.clone()), size, &["us-east-1"]);
        assert!(stage.text().contains("Security Hub ..."), "{}", stage.text());
        stage.identify();
        let long = json!({"resource": {"accessKeyDetails": {"userName": "n".repeat(99)}}});
        let kind = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS";
        stage.page(Source::GuardDuty, "us-east-1", vec![guardduty("f", 8.0, kind, long)]);
        assert!(stage.text().contains("~ "), "{}", stage.text());
        assert!(stage.text().is_ascii(), "{}", stage.text());
    }
}

/// Every sign that the sources write has its form in ASCII; the same holds for the texts that
/// halon is shipped with.
#[test]
fn every_sign_in_the_sources_has_its_ascii_form() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut lines = Vec::new();
    for folder in ["src", "playbooks", "assets/scenarios"] {
        read(&root.join(folder), &mut lines);
    }
    assert!(lines.len() > 20_000, "only {} lines were read", lines.len());
    let strange: Vec<String> = lines
        .iter()
        .flat_map(|(place, line)| {
            let strange = line.chars().filter(|c| !c.is_ascii() && ascii(*c).is_none());
            strange.map(move |c| format!("{place}: {c} ({:04x})", u32::from(c)))
        })
        .collect();
    assert_eq!(strange, [] as [String; 0]);
}

/// Lines of files that are neither comments nor tests, with their place.
fn read(folder: &Path, lines: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            read(&path, lines);
        } else if !["tests.rs", "samples.rs"].contains(&&*name)
            && [".rs", ".toml"].iter().any(|end| name.ends_with(end))
        {
            let text = fs::read_to_string(&path).expect("a text");
            let code = text.lines().take_while(|line| !line.starts_with("mod tests {"));
            let numbered = code.enumerate().filter(|(_, line)| {
                !["//", "#"].iter().any(|sign| line.trim_start().starts_with(sign))
            });
            let place = |n: usize| format!("{}:{}", path.display(), n + 1);
            lines.extend(numbered.map(|(n, line)| (place(n), line.to_owned())));
        }
    }
}
