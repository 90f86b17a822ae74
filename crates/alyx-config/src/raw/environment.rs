//! `ALYX_*` variables: each sets a setting, and one that does not is a slip.

use std::collections::BTreeMap;

use alyx_yaml::{Span, did_you_mean};

use super::{Place, Settings, scalar};
use crate::{
    Section, Setting,
    table::{NAME, is_name, table},
};

/// Takes the variables that set something; reports those that look as if they did.
pub(super) fn collect(variables: &BTreeMap<String, String>, is_known: &dyn Fn(&str) -> bool, settings: &mut Settings) {
    let by_name: BTreeMap<String, _> =
        table().settings().into_iter().map(|setting| (setting.variable(), setting)).collect();
    for (name, value) in variables.iter().filter(|(name, _)| name.starts_with("ALYX_")) {
        let place = Place { source: name.clone(), span: Span::default() };
        if let Some(setting) = by_name.get(name) {
            settings.take(setting, scalar(value, place));
        } else if let Some((section, setting)) = named(name) {
            settings.name(&section, &place);
            settings.take(&setting, scalar(value, place));
        } else if !is_known(name) {
            let fault = place.fault("config_unknown_variable", "this variable sets nothing");
            let near = || did_you_mean(name, by_name.keys().map(String::as_str));
            settings.report(fault.with_hint(keys_of_named(name).or_else(near)));
        }
    }
}

/// The section and the setting that a variable with a name of the project's choosing sets.
fn named(variable: &str) -> Option<(String, Setting)> {
    let sections = table().named().into_iter();
    let mut settings =
        sections.flat_map(|section| section.settings().into_iter().map(move |setting| (section, setting)));
    settings.find_map(|(section, setting)| {
        let section = section.with_name(&name_in(variable, setting)?);
        let own = section.settings().into_iter().find(|own| own.key() == setting.key())?.clone();
        Some((section.path, own))
    })
}

/// The name that stands in the variable where the setting's own has [`NAME`].
fn name_in(variable: &str, setting: &Setting) -> Option<String> {
    let pattern = setting.variable();
    let (before, after) = pattern.split_once(NAME)?;
    let name = variable.strip_prefix(before)?.strip_suffix(after)?.to_ascii_lowercase();
    is_name(&name).then_some(name)
}

/// What may stand behind the name, for a variable that gets so far.
fn keys_of_named(variable: &str) -> Option<String> {
    let begins = |section: &&Section| {
        let path = section.path.trim_end_matches(NAME).replace('.', "_").to_uppercase();
        variable.starts_with(&format!("ALYX_{path}"))
    };
    let section = table().named().into_iter().find(begins)?;
    let patterns: Vec<String> = section.settings().into_iter().map(Setting::variable).collect();
    Some(format!("it is one of {}", patterns.join(", ")))
}
