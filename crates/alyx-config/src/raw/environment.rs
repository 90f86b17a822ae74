//! `ALYX_*` variables: each sets a setting, and one that does not is a slip.

use std::collections::BTreeMap;

use alyx_yaml::{Span, did_you_mean};

use super::{Place, Settings, scalar};
use crate::table::table;

/// Takes the variables that set something; reports those that look as if they did.
pub(super) fn collect(variables: &BTreeMap<String, String>, is_known: &dyn Fn(&str) -> bool, settings: &mut Settings) {
    let by_name: BTreeMap<String, _> =
        table().settings().into_iter().map(|setting| (setting.variable(), setting)).collect();
    for (name, value) in variables.iter().filter(|(name, _)| name.starts_with("ALYX_")) {
        let place = Place { source: name.clone(), span: Span::default() };
        if let Some(setting) = by_name.get(name) {
            settings.take(setting, scalar(value, place));
        } else if !is_known(name) {
            let fault = place.fault("config_unknown_variable", "this variable sets nothing");
            let hint = did_you_mean(name, by_name.keys().map(String::as_str));
            settings.report(fault.with_hint(hint));
        }
    }
}
