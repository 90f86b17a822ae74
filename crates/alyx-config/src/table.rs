//! The table of settings. A section is declared once with [`section!`]; from that declaration come its struct,
//! the reading of the file, the variables' names, the suggestions, the JSON Schema and the reference.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value as Json;

use crate::{
    Config, Kind,
    raw::{Raw, Settings, Shape},
    value::{Value, Wrong},
};

/// What is wrong with a value: the position of the item, in a list, and why.
pub(crate) type Fault = (Option<usize>, Wrong);

/// One setting, as documents and editors need to know it.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Where it stands in `alyx.yaml`: `server.port`.
    pub path: String,
    /// What it is for.
    pub doc: String,
    /// What it holds.
    pub kind: Kind,
    /// Its default as it would be written; `None` where nothing is set.
    pub default: Option<&'static str>,
    /// Says what is wrong with a value.
    pub(crate) check: fn(&Raw) -> Vec<Fault>,
}

impl Setting {
    /// The last part of its path.
    #[must_use]
    pub fn key(&self) -> &str {
        key_of(&self.path)
    }

    /// The variable that sets it: `ALYX_SERVER_PORT`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("ALYX_{}", self.path.replace('.', "_").to_uppercase())
    }
}

/// A section of settings; the root is one with an empty path.
#[derive(Clone, Debug)]
pub struct Section {
    /// Where it stands in `alyx.yaml`: `server.cors`.
    pub path: String,
    /// What it is about.
    pub doc: String,
    /// Its settings and sections, in the order of the reference.
    pub items: Vec<Item>,
}

impl Section {
    /// The last part of its path.
    #[must_use]
    pub fn key(&self) -> &str {
        key_of(&self.path)
    }

    /// The item of that key.
    pub(crate) fn item(&self, key: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.key() == key)
    }

    /// Every setting in it and below, but for those that stand under names of the project's choosing.
    #[must_use]
    pub fn settings(&self) -> Vec<&Setting> {
        self.items.iter().flat_map(Item::settings).collect()
    }

    /// Sections in it and below whose names the project chooses.
    pub(crate) fn named(&self) -> Vec<&Self> {
        self.items.iter().flat_map(Item::named).collect()
    }

    /// A section with a name in the place of [`NAME`].
    pub(crate) fn with_name(&self, name: &str) -> Self {
        let put = |path: &str| path.replacen(&format!(".{NAME}"), &format!(".{name}"), 1);
        let item = |item: &Item| match item {
            Item::Setting(of) => Item::Setting(Setting { path: put(&of.path), ..of.clone() }),
            Item::Section(below) => Item::Section(below.with_name(name)),
            Item::Named(below) => Item::Named(below.with_name(name)),
        };
        Self { path: put(&self.path), doc: self.doc.clone(), items: self.items.iter().map(item).collect() }
    }
}

/// What stands for a name of the project's choosing in paths and variables.
pub(crate) const NAME: &str = "NAME";

/// Longest name of the project's choosing.
const LONGEST_NAME: usize = 32;

/// Whether a section can be called so: by the same name in a variable, a file and a URL.
pub(crate) fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_short = text.len() <= LONGEST_NAME;
    is_short && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(inner)
}

/// A line of a section.
#[derive(Clone, Debug)]
pub enum Item {
    /// A value.
    Setting(Setting),
    /// More settings under a name.
    Section(Section),
    /// Sections of one kind, each under a name that the project chooses; the path ends in `NAME`.
    Named(Section),
}

impl Item {
    /// The last part of its path.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Setting(setting) => setting.key(),
            Self::Section(section) => section.key(),
            Self::Named(section) => key_of(parent(&section.path)),
        }
    }

    fn settings(&self) -> Vec<&Setting> {
        match self {
            Self::Setting(setting) => vec![setting],
            Self::Section(section) => section.settings(),
            Self::Named(_) => Vec::new(),
        }
    }

    fn named(&self) -> Vec<&Section> {
        match self {
            Self::Setting(_) => Vec::new(),
            Self::Section(section) => section.named(),
            Self::Named(section) => vec![section],
        }
    }
}

/// The whole table: the root section.
#[must_use]
pub fn table() -> &'static Section {
    static TABLE: LazyLock<Section> = LazyLock::new(|| Config::section("", ""));
    &TABLE
}

fn key_of(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn parent(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(parent, _)| parent)
}

pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// What a field of a section's struct can be: a value or a section.
pub(crate) trait Part: Sized {
    /// Its line in the table.
    fn item(path: &str, doc: &str, default: Option<&'static str>) -> Item;
    /// Its value, from settings that were checked.
    fn resolve(settings: &Settings, path: &str, default: Option<&'static str>) -> Self;
    /// For output, without secrets.
    fn show(&self) -> Json;
}

impl<T: Value> Part for T {
    fn item(path: &str, doc: &str, default: Option<&'static str>) -> Item {
        let check = |raw: &Raw| read::<T>(raw).err().unwrap_or_default();
        Item::Setting(Setting { path: path.to_owned(), doc: doc.trim().to_owned(), kind: T::kind(), default, check })
    }

    fn resolve(settings: &Settings, path: &str, default: Option<&'static str>) -> Self {
        let given = settings.get(path).and_then(|raw| read(raw).ok());
        given.unwrap_or_else(|| {
            T::parse(default.unwrap_or_default()).unwrap_or_else(|_| panic!("the default of {path} is of its kind"))
        })
    }

    fn show(&self) -> Json {
        self.redacted()
    }
}

/// Sections of one kind, each under a name that the project chooses.
impl<T: Part> Part for BTreeMap<String, T> {
    fn item(path: &str, doc: &str, _: Option<&'static str>) -> Item {
        match T::item(&join(path, NAME), doc, None) {
            Item::Section(section) => Item::Named(section),
            other => other,
        }
    }

    fn resolve(settings: &Settings, path: &str, _: Option<&'static str>) -> Self {
        let names = settings.names(path).into_iter();
        names.map(|name| (name.to_owned(), T::resolve(settings, &join(path, name), None))).collect()
    }

    fn show(&self) -> Json {
        self.iter().map(|(name, part)| (name.clone(), part.show())).collect::<serde_json::Map<_, _>>().into()
    }
}

fn read<T: Value>(raw: &Raw) -> Result<T, Vec<Fault>> {
    match &raw.shape {
        Shape::Scalar(text) => T::parse(text).map_err(|why| vec![(None, why)]),
        Shape::List(items) => {
            let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
            T::parse_list(&texts).map_err(|wrong| match wrong {
                Some(items) => items.into_iter().map(|(index, why)| (Some(index), why)).collect(),
                None => vec![(None, Wrong::because("one value, not a list"))],
            })
        }
    }
}

/// Declares a section: its struct, and its lines of the table.
macro_rules! section {
    (
        $(#[doc = $section_doc:literal])+
        $name:ident {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty $(= $default:literal)?,)+
        }
    ) => {
        $(#[doc = $section_doc])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $(
                $(#[doc = $doc])+
                $(#[doc = concat!("\n\nDefault: `", $default, "`.")])?
                pub $field: $type,
            )+
        }

        impl $name {
            pub(crate) fn section(path: &str, doc: &str) -> $crate::table::Section {
                let items = vec![$(
                    <$type as $crate::table::Part>::item(
                        &$crate::table::join(path, stringify!($field)),
                        concat!($($doc),+),
                        $crate::table::section!(@default $($default)?),
                    )
                ),+];
                $crate::table::Section { path: path.to_owned(), doc: doc.trim().to_owned(), items }
            }
        }

        impl $crate::table::Part for $name {
            fn item(path: &str, doc: &str, _: Option<&'static str>) -> $crate::table::Item {
                $crate::table::Item::Section(Self::section(path, doc))
            }

            fn resolve(settings: &$crate::raw::Settings, path: &str, _: Option<&'static str>) -> Self {
                Self {$(
                    $field: $crate::table::Part::resolve(
                        settings,
                        &$crate::table::join(path, stringify!($field)),
                        $crate::table::section!(@default $($default)?),
                    )
                ),+}
            }

            fn show(&self) -> serde_json::Value {
                let mut map = serde_json::Map::new();
                $(map.insert(stringify!($field).to_owned(), $crate::table::Part::show(&self.$field));)+
                map.into()
            }
        }
    };
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
}

pub(crate) use section;
