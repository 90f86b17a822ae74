//! What the sources say, before it means anything: text by path, each with its place. All of it is optional.

mod environment;
mod file;
mod substitution;

use std::collections::{BTreeMap, BTreeSet};

use alyx_yaml::{Diagnostic, Span, did_you_mean};

use crate::{Kind, Setting, Sources, table::table, value::Wrong};

/// Puts `${NAME}` and `${NAME:-default}` into a text of another file than `alyx.yaml`, as they are put in there.
///
/// # Errors
/// Each that cannot be put in: where it starts in characters, what is wrong, and what to write.
pub fn substitute(text: &str, variables: &BTreeMap<String, String>) -> Result<String, Vec<(usize, String, String)>> {
    let done = substitution::substitute(text, variables, &mut BTreeSet::new());
    let faults = |faults: Vec<substitution::Unusable>| {
        faults.into_iter().map(|fault| (fault.offset, fault.message, fault.hint)).collect()
    };
    done.map(|done| done.text).map_err(faults)
}

/// Where a value was given: a place in a file, a variable or a flag.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub(crate) source: String,
    pub(crate) span: Span,
}

impl Place {
    pub(crate) fn fault(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, &self.source, self.span, message)
    }
}

/// A value as it was given.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) shape: Shape,
    pub(crate) place: Place,
    /// How messages show it.
    pub(crate) shown: String,
}

/// One text or several.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Scalar(String),
    List(Vec<RawItem>),
}

/// An item of a list.
#[derive(Clone, Debug)]
pub(crate) struct RawItem {
    pub(crate) text: String,
    pub(crate) place: Place,
    pub(crate) shown: String,
}

/// The values that are right, and everything that is wrong.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    values: BTreeMap<String, Raw>,
    /// Sections whose names the project chose, and where each was first given.
    named: BTreeMap<String, Place>,
    wrong: BTreeSet<String>,
    faults: Vec<Diagnostic>,
    /// What messages call the file, for faults that no value is to blame for.
    file: String,
}

impl Settings {
    pub(crate) fn get(&self, path: &str) -> Option<&Raw> {
        self.values.get(path)
    }

    pub(crate) fn report(&mut self, fault: Diagnostic) {
        self.faults.push(fault);
    }

    /// Whether a value at or below `path` was given and is wrong.
    pub(crate) fn is_wrong(&self, path: &str) -> bool {
        self.wrong.contains(path)
    }

    /// Where the setting was given; without that, the section whose name the project chose, or the file as a whole.
    pub(crate) fn place(&self, path: &str) -> Place {
        let whole = || Place { source: self.file.clone(), span: Span::default() };
        let section = || self.named.iter().find(|(name, _)| is_below(path, name)).map(|(_, place)| place.clone());
        self.get(path).map(|raw| raw.place.clone()).or_else(section).unwrap_or_else(whole)
    }

    /// The names that the project chose for sections below `path`.
    pub(crate) fn names(&self, path: &str) -> Vec<&str> {
        let below = self.named.keys().filter(|section| is_below(section, path));
        below.map(|section| &section[path.len() + 1..]).collect()
    }

    /// Remembers a section whose name the project chose.
    fn name(&mut self, path: &str, place: &Place) {
        self.named.entry(path.to_owned()).or_insert_with(|| place.clone());
    }

    pub(crate) fn into_faults(mut self) -> Vec<Diagnostic> {
        let file = self.file;
        // Faults of the file by place, then the others as they came.
        self.faults.sort_by_key(|fault| (fault.file != file, (fault.file == file).then_some(fault.span)));
        self.faults
    }

    /// Takes a value if it is of the setting's kind, and says what is wrong if it is not.
    fn take(&mut self, setting: &Setting, raw: Raw) {
        let wrong = (setting.check)(&raw);
        if wrong.is_empty() {
            self.values.insert(setting.path.clone(), raw);
            return;
        }
        self.wrong.insert(setting.path.clone());
        for (index, why) in wrong {
            let fault = match (&raw.shape, index) {
                (Shape::List(items), Some(index)) => item_fault(setting, &items[index], why),
                _ => fault(&setting.path, &setting.kind, &raw.place, &raw.shown, why),
            };
            self.faults.push(fault);
        }
    }
}

fn is_below(path: &str, section: &str) -> bool {
    path.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
}

fn item_fault(setting: &Setting, item: &RawItem, why: Wrong) -> Diagnostic {
    let kind = match &setting.kind {
        Kind::List(kind) => kind,
        other => other,
    };
    fault(&format!("an item of {}", setting.path), kind, &item.place, &item.shown, why)
}

fn fault(name: &str, kind: &Kind, place: &Place, shown: &str, why: Wrong) -> Diagnostic {
    // A URL with a user in it has a password in it.
    let hidden = kind.is_secret() || (shown.contains("://") && shown.contains('@'));
    let shown = if hidden { "this" } else { shown };
    let hint = why.hint.or_else(|| did_you_mean(shown.trim_matches('"'), kind.words()));
    place.fault("config_value", format!("{name} must be {}, not {shown}", kind.expected())).with_hint(hint)
}

/// Reads every source into `settings`, the strongest last.
pub(crate) fn collect(sources: &Sources<'_>, settings: &mut Settings) {
    settings.file = sources.file.map_or("alyx.yaml", |file| file.name).to_owned();
    let none = BTreeMap::new();
    let variables = sources.variables.unwrap_or(&none);
    let mut used = BTreeSet::new();
    if let Some(file) = sources.file {
        used = file::collect(file, variables, settings);
    }
    environment::collect(variables, &|name| used.contains(name) || sources.known_variables.contains(&name), settings);
    for flag in sources.flags {
        let place = Place { source: flag.name.to_owned(), span: Span::default() };
        match table().settings().into_iter().find(|setting| setting.path == flag.path) {
            Some(setting) => settings.take(setting, scalar(flag.value, place)),
            None => {
                settings.report(place.fault("config_unknown_setting", format!("there is no setting {}", flag.path)));
            }
        }
    }
}

fn scalar(text: &str, place: Place) -> Raw {
    Raw { shape: Shape::Scalar(text.to_owned()), place, shown: quoted(text) }
}

fn quoted(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { format!("\"{}\"", text.escape_debug()) }
}
