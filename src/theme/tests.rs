use proptest::prelude::*;
use ratatui::style::{Color, Modifier};

use super::{
    colour::{Rgb, contrast, distance, linear},
    depth::rgb,
    *,
};

/// The themes that there are with these files, and every mistake in them.
fn read(files: &[(&str, &str)]) -> (Vec<Theme>, Vec<String>) {
    let source = |(name, text): &(&str, &str)| Source {
        name: (*name).to_owned(),
        file: format!("{name}.toml"),
        text: (*text).to_owned(),
    };
    let shelf = Shelf::shipped().with(files.iter().map(source).collect());
    let (themes, broken) = shelf.read();
    let lines: Vec<String> = broken.iter().map(ToString::to_string).collect();
    (themes, lines.iter().flat_map(|text| text.lines()).map(ToOwned::to_owned).collect())
}

fn theme(files: &[(&str, &str)], name: &str) -> Theme {
    let (themes, broken) = read(files);
    assert_eq!(broken, [] as [String; 0]);
    themes.into_iter().find(|t| t.name == name).expect("a theme")
}

fn mistakes(file: &str) -> Vec<String> {
    read(&[("mine", file)]).1
}

#[test]
fn every_shipped_theme_reads() {
    let (themes, broken) = Shelf::shipped().read();
    assert_eq!(broken, []);
    let names: Vec<&str> = themes.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["dark", "light", "high-contrast", "colour-blind", "mono"]);
    let plain: Vec<bool> = themes.iter().map(Theme::is_plain).collect();
    assert_eq!(plain, [false, false, false, false, true]);
}

#[test]
fn a_file_names_only_what_differs() {
    let files = [
        (
            "mine",
            "inherits = \"light\"\n[palette]\nred = \"#aa0000\"\n[roles]\nkey = \"paper on red italic\"\n",
        ),
        ("dark", "inherits = \"dark\"\n[roles]\ndim = \"grey\"\n"),
        ("plainest", "[roles]\nheader = \"plain\"\n"),
    ];
    let (light, mine) = (theme(&[], "light"), theme(&files, "mine"));
    let red = Color::Rgb(0xaa, 0, 0);
    assert_eq!((mine.key.fg, mine.key.bg), (light.screen.bg, Some(red)));
    assert_eq!(mine.key.add_modifier, Modifier::ITALIC);
    // The name has another colour for what is inherited too.
    assert_eq!((mine.armed.bg, mine.armed.fg), (Some(red), light.armed.fg));
    assert_eq!(mine.label, light.label);
    // A shipped one is taken further under its own name, and then serves whoever inherits it.
    let dark = theme(&files, "dark");
    assert_eq!((dark.dim.fg, dark.key), (Some(Color::Gray), theme(&[], "dark").key));
    assert_eq!(theme(&files, "plainest").header, Style::new());
    assert_eq!(theme(&files, "plainest").key, theme(&[], "dark").key);
}

#[test]
fn every_mistake_is_placed() {
    let file = "inherit = \"light\"\ncontrast = 30\n[palette]\nsky = \"#12345\"\n\"on\" = \"red\"\n\
        ink = \"blak\"\n[roles]\nkeys = \"red\"\nkey = \"gren\"\ndim = \"red blue\"\nnew = \"red on\"\n\
        good = \"\"\nlabel = \"bold on bold\"\nmode = 3\n[rules]\n";
    let wanted = [
        "mine.toml:1:1: unknown key `inherit`; did you mean `inherits`?",
        "mine.toml:2:12: `contrast` is a ratio from 1 to 21",
        "mine.toml:4:7: `colour` = \"#12345\": an exact colour is # and six hexadecimal digits",
        "mine.toml:5:1: `on` means something else in a role",
        "mine.toml:6:7: `colour` = \"blak\": a colour is one of the sixteen (red, light-red …) or \
         #rrggbb; did you mean `black`?",
        "mine.toml:8:1: no such role; did you mean `key`?",
        "mine.toml:9:7: `gren` is no colour of the palette or the sixteen, and no style; did you \
         mean `green`?",
        "mine.toml:10:7: two colours for the same thing: write `red on white`",
        "mine.toml:11:7: `on` needs a colour after it",
        "mine.toml:12:8: nothing is said",
        "mine.toml:13:9: `bold` is no colour",
        "mine.toml:14:8: `mode` must be a string, not integer",
        "mine.toml:15:2: unknown key `rules`; did you mean `roles`?",
    ];
    let found = mistakes(file);
    let found: Vec<&String> = found.iter().filter(|m| !m.contains("its contrast is")).collect();
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.starts_with(wanted), "{found}\n{wanted}");
    }
}

#[test]
fn what_cannot_be_inherited_is_told_where_it_is_asked_for() {
    assert_eq!(mistakes("inherits = \"mine\""), ["mine.toml:1:12: a theme cannot inherit itself"]);
    let unknown = "mine.toml:1:12: no such theme; did you mean `light`?";
    assert_eq!(mistakes("inherits = \"lihgt\""), [unknown]);
    let (themes, broken) =
        read(&[("a", "inherits = \"b\""), ("b", "\ninherits = \"c\""), ("c", "inherits = \"a\"")]);
    assert_eq!(themes.len(), 5);
    assert_eq!(
        broken[0],
        "a.toml:1:12: this theme cannot be read: b.toml:2:12: this theme cannot be read: \
         c.toml:1:12: `inherits` goes round: a, then b, then c, then a"
    );
    assert_eq!(broken.len(), 3);
    // Two that take shipped ones further cannot take each other further.
    let (_, broken) = read(&[("dark", "inherits = \"light\""), ("light", "inherits = \"dark\"")]);
    assert!(broken[0].contains("`inherits` goes round: dark, then light, then dark"), "{broken:?}");
}

#[test]
fn the_contrast_that_a_file_states_is_kept() {
    let grey = "inherits = \"light\"\n[roles]\ndim = \"#999999\"\n";
    let found = mistakes(grey);
    let wanted = "mine.toml:3:7: the contrast is 2.84, less than the 4.5 that this file states";
    assert_eq!(found, [wanted]);
    assert_eq!(mistakes(&format!("contrast = 2.8\n{grey}")), [] as [String; 0]);
    // An inherited role that a new colour spoils is told too.
    let found = mistakes("inherits = \"light\"\n[palette]\ngrey = \"#999999\"\n");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("mine.toml:1:1: role `"), "{found:?}");
    // What the terminal makes of its own colours is nobody's to promise.
    let found = mistakes(
        "inherits = \"light\"\n[roles]\nkey = \"blue\"\ngood = \"red dim\"\nnew = \"cyan\"",
    );
    assert_eq!(found.len(), 1, "the palette's own blue and cyan are exact: {found:?}");
    assert!(mistakes("contrast = 3").iter().all(|m| m.contains("its contrast is unknown")));
    // Nothing is lost on the line under the cursor.
    let line = "inherits = \"light\"\n[roles]\nselected = \"on #0550ae\"\n";
    assert!(mistakes(line).iter().any(|m| m.contains("role `dim`: the contrast is 1.")));
}

#[test]
fn terminals_are_told_apart() {
    let depth = |set: &[(&str, &str)]| {
        let set: Vec<(String, String)> =
            set.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Depth::detected(|name| set.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()))
    };
    assert_eq!(depth(&[("TERM", "xterm")]), Depth::Ansi16);
    assert_eq!(depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Depth::Ansi256);
    assert_eq!(depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
    assert_eq!(depth(&[("TERM", "xterm-kitty")]), Depth::True);
    assert_eq!(depth(&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")]), Depth::Mono);
    assert_eq!(depth(&[("TERM", "dumb"), ("COLORTERM", "truecolor")]), Depth::Mono);
    let signs =
        |name, value: &'static str| Borders::detected(|n| (n == name).then(|| value.to_owned()));
    assert_eq!(signs("NOTHING", ""), Borders::Unicode);
    assert_eq!(signs("LANG", "de_CH.UTF-8"), Borders::Unicode);
    assert_eq!(signs("LC_CTYPE", "C.utf8"), Borders::Unicode);
    assert_eq!(signs("LC_ALL", "POSIX"), Borders::Ascii);
}

#[test]
fn fewer_colours_stay_near_and_can_be_read() {
    assert_eq!(Depth::Ansi256.reduce(Color::Rgb(255, 135, 0)), Some(Color::Indexed(208)));
    assert_eq!(Depth::Ansi256.reduce(Color::Rgb(8, 8, 8)), Some(Color::Indexed(232)));
    assert_eq!(Depth::Ansi16.reduce(Color::Rgb(250, 5, 5)), Some(Color::LightRed));
    assert_eq!(Depth::Ansi16.reduce(Color::Red), Some(Color::Red));
    assert_eq!(Depth::Mono.reduce(Color::Red), None);
    let (themes, _) = Shelf::shipped().read();
    for depth in [Depth::True, Depth::Ansi256, Depth::Ansi16] {
        for theme in themes.iter().filter(|t| t.screen.bg.is_some()).map(|t| depth.reduced(t)) {
            for (role, style) in theme.roles() {
                let fg = style.fg.or(theme.screen.fg).and_then(rgb).expect("a colour");
                let bg = style.bg.or(theme.screen.bg).and_then(rgb).expect("a colour");
                assert!(contrast(fg, bg) >= 3.0, "{depth:?} {} {role}", theme.name);
            }
        }
    }
}

#[test]
fn without_colours_only_themes_without_any_are_shown() {
    let (themes, _) = read(&[("paper", "inherits = \"mono\"\n[roles]\ndim = \"italic\"\n")]);
    let look = Look::new(themes.clone(), "light", Depth::Mono, Borders::Unicode);
    assert_eq!(look.theme().name, "mono");
    let look = look.next().expect("another one");
    assert_eq!(look.theme().name, "paper");
    assert_eq!(look.next().expect("round").theme().name, "mono");
    assert_eq!(look.ink(Colour(Color::Red)), Style::new());
    // All the same no colour comes out of one that has them.
    let reduced = Depth::Mono.reduced(&themes[1]);
    assert!(reduced.is_plain() && reduced.armed.add_modifier.contains(Modifier::REVERSED));
    let all: Vec<String> = std::iter::successors(Some(Look::default()), |look| {
        look.next().filter(|next| next.theme().name != "dark")
    })
    .map(|look| look.theme().name.clone())
    .collect();
    assert_eq!(all, ["dark", "light", "high-contrast", "colour-blind", "mono"]);
}

/// What somebody without one kind of cones sees (Machado, Oliveira and Fernandes, "A
/// Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1).
const BLIND: [(&str, [[f64; 3]; 3]); 3] = [
    (
        "red",
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
    ),
    (
        "green",
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
    ),
    (
        "blue",
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ),
];

fn seen(matrix: &[[f64; 3]; 3], (r, g, b): Rgb) -> Rgb {
    let light = [linear(r), linear(g), linear(b)];
    let value = |row: &[f64; 3]| {
        let v: f64 = row.iter().zip(light).map(|(m, l)| m * l).sum::<f64>().clamp(0.0, 1.0);
        let v = if v <= 0.0031308 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
        (v * 255.0).round() as u8
    };
    (value(&matrix[0]), value(&matrix[1]), value(&matrix[2]))
}

#[test]
fn the_colour_blind_theme_keeps_apart_what_means_something_else() {
    let theme = theme(&[], "colour-blind");
    let apart = [
        [theme.severity[1], theme.severity[2], theme.severity[3]].to_vec(),
        [theme.good, theme.warning, theme.trouble].to_vec(),
        [theme.mode, theme.armed, theme.range, theme.production].to_vec(),
    ];
    for (kind, matrix) in &BLIND {
        for styles in &apart {
            for (at, one) in styles.iter().enumerate() {
                for other in &styles[at + 1..] {
                    let colour = |s: &Style| s.bg.or(s.fg).and_then(rgb).expect("a colour");
                    let (a, b) = (seen(matrix, colour(one)), seen(matrix, colour(other)));
                    // Neighbours of the 256 colours' cube are 40 steps apart on one axis.
                    assert!(distance(a, b) > 4 * 40 * 40, "no {kind} cones: {a:?} {b:?}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_fall(text in "(inherits|contrast|\\[palette\\]|\\[roles\\]|key|dim|=|\"|#|[a-z0-9 \\n]){0,30}") {
        _ = mistakes(&text);
    }

    #[test]
    fn the_nearest_of_256_is_no_further_than_any_other(r: u8, g: u8, b: u8, n in 16u8..) {
        let Some(near) = Depth::Ansi256.reduce(Color::Rgb(r, g, b)).and_then(rgb) else {
            return Err(TestCaseError::fail("no colour"));
        };
        let other = rgb(Color::Indexed(n)).expect("a colour");
        prop_assert!(distance(near, (r, g, b)) <= distance(other, (r, g, b)));
    }
}
