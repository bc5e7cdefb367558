//! The theme files that there are, by name, and what each inherits.

use super::{Theme, sheet::Sheet};
use crate::domain::{
    document::{self, Broken, Mistake, Placed, Table, suggest},
    untrusted::display_in,
};

/// The theme that every other one lies over.
pub const DEFAULT: &str = "dark";

/// The themes that halon is shipped with.
pub const SHIPPED: [(&str, &str); 5] = [
    (DEFAULT, include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.toml")),
    ("colour-blind", include_str!("../../assets/themes/colour-blind.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
];

/// A theme file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file's name without `.toml`.
    pub name: String,
    /// The file as messages name it.
    pub file: String,
    pub text: String,
}

/// Theme files, of which a later one takes the place of an earlier one of its name. It may
/// inherit that one all the same.
#[derive(Clone, Debug)]
pub struct Shelf {
    sources: Vec<Source>,
}

/// Their names.
pub fn shipped_names() -> [&'static str; SHIPPED.len()] {
    SHIPPED.map(|(name, _)| name)
}

impl Shelf {
    pub fn shipped() -> Shelf {
        let source = |(name, text): (&str, &str)| Source {
            name: name.to_owned(),
            file: format!("themes/{name}.toml"),
            text: text.to_owned(),
        };
        Shelf { sources: SHIPPED.map(source).into() }
    }

    /// With the operator's own files.
    pub fn with(mut self, own: Vec<Source>) -> Shelf {
        self.sources.extend(own);
        self
    }

    /// The names that a theme can be asked for by: the shipped ones, then the operator's.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for source in &self.sources {
            if !names.contains(&source.name.as_str()) {
                names.push(&source.name);
            }
        }
        names
    }

    /// Every theme that can be read, and what is wrong with the others.
    pub fn read(&self) -> (Vec<Theme>, Vec<Broken>) {
        let (mut themes, mut broken) = (Vec::new(), Vec::new());
        for name in self.names() {
            let Some(at) = self.position(name) else { continue };
            match self.sheet(at, &[]) {
                Ok(sheet) => themes.push(sheet.theme(name)),
                Err(why) => {
                    broken.push(why);
                    // The shipped one of its name is still good.
                    let shipped = self.before(name, at).map(|below| self.sheet(below, &[]));
                    themes.extend(shipped.and_then(Result::ok).map(|s| s.theme(name)));
                }
            }
        }
        (themes, broken)
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.sources.iter().rposition(|s| s.name == name)
    }

    fn before(&self, name: &str, at: usize) -> Option<usize> {
        self.sources[..at].iter().rposition(|s| s.name == name)
    }

    /// Reads a file over what it inherits. `heirs` are the files that this one is read for.
    fn sheet(&self, at: usize, heirs: &[usize]) -> Result<Sheet, Broken> {
        let source = &self.sources[at];
        document::read(&source.file, &source.text, document::MAX_BYTES, |root| {
            root.refuse_hidden();
            let mut sheet = match root.string("inherits") {
                Some(parent) => self.inherited(root, &parent, at, heirs)?,
                // Whatever a file leaves out is the default's.
                None if at == 0 => Sheet::default(),
                None => self.sheet(0, &[]).ok()?,
            };
            sheet.read(root);
            Some(sheet)
        })
    }

    fn inherited(
        &self,
        root: &Table<'_>,
        parent: &Placed<&str>,
        at: usize,
        heirs: &[usize],
    ) -> Option<Sheet> {
        let name = &self.sources[at].name;
        let found = match parent.value == name {
            true => self.before(name, at),
            false => self.position(parent.value),
        };
        let Some(found) = found else {
            let names = self.names().into_iter().filter(|n| n != name);
            let what = match parent.value == name {
                true => "a theme cannot inherit itself".to_owned(),
                false => format!("no such theme{}", suggest(parent.value, names)),
            };
            root.mistake(parent, what);
            return None;
        };
        let path = [heirs, &[at]].concat();
        if let Some(begin) = path.iter().position(|heir| *heir == found) {
            let names = path[begin..].iter().map(|heir| self.sources[*heir].name.as_str());
            let names: Vec<&str> = names.chain([parent.value]).collect();
            root.mistake(parent, format!("`inherits` goes round: {}", names.join(", then ")));
            return None;
        }
        match self.sheet(found, &path) {
            Ok(sheet) => Some(sheet),
            Err(broken) => {
                let Mistake { line, column, what } = broken.mistakes.first()?;
                let file = display_in(&broken.file, 200);
                let what = format!("this theme cannot be read: {file}:{line}:{column}: {what}");
                root.mistake(parent, what);
                None
            }
        }
    }
}
