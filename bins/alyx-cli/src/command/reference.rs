//! `reference`: `docs/cli.md`, made from the table of arguments.

use std::{fmt::Write, process::ExitCode};

use clap::{Arg, Command, CommandFactory};

use crate::{arguments::Arguments, output::Session};

const HEAD: &str = "\
# alyx-cli

Made from the program's own table of arguments: `alyx-cli help COMMAND` says the same.
";

/// Print this reference as Markdown
#[derive(Debug, clap::Args)]
pub(crate) struct Reference {}

impl Reference {
    pub(crate) fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let mut root = Arguments::command();
        root.build();
        let mut text = HEAD.to_owned();
        describe_options(&root, &mut text);
        if let Some(after) = root.get_after_help() {
            let _ = writeln!(text, "\n{after}");
        }
        for command in visible(&root) {
            describe(command, "alyx-cli", 2, &mut text);
        }
        session.say(text.trim_end());
        Ok(ExitCode::SUCCESS)
    }
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|each| !each.is_hide_set() && each.get_name() != "help")
}

fn describe(command: &Command, parent: &str, level: usize, text: &mut String) {
    let name = format!("{parent} {}", command.get_name());
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(text, "\n{} `{name}`\n\n{about}.", "#".repeat(level));
    if visible(command).next().is_none() {
        let mut command = command.clone();
        let usage = command.render_usage().to_string();
        let _ = writeln!(text, "\n```text\n{}\n```", usage.trim_start_matches("Usage: "));
    }
    describe_options(command, text);
    if let Some(after) = command.get_after_help() {
        let _ = writeln!(text, "\n{after}");
    }
    for below in visible(command) {
        describe(below, &name, level + 1, text);
    }
}

fn describe_options(command: &Command, text: &mut String) {
    let root = command.get_name() == "alyx-cli";
    let own = |argument: &&Arg| {
        !argument.is_hide_set()
            && !["help", "version"].contains(&argument.get_id().as_str())
            && argument.is_global_set() == root
    };
    let arguments: Vec<&Arg> = command.get_arguments().filter(own).collect();
    if arguments.is_empty() {
        return;
    }
    text.push_str(if root { "\nEverywhere:\n\n" } else { "\n" });
    for argument in arguments {
        let _ = writeln!(text, "- `{}`: {}", spelling(argument), meaning(argument));
    }
}

fn spelling(argument: &Arg) -> String {
    let takes_value = argument.get_action().takes_values();
    let value = argument.get_value_names().and_then(|names| names.first()).map(ToString::to_string).unwrap_or_default();
    if argument.is_positional() {
        return if argument.is_required_set() { value } else { format!("[{value}]") };
    }
    let short = argument.get_short().map(|letter| format!("-{letter}, ")).unwrap_or_default();
    let long = argument.get_long().unwrap_or_default();
    if takes_value { format!("{short}--{long} {value}") } else { format!("{short}--{long}") }
}

fn meaning(argument: &Arg) -> String {
    let mut meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let values: Vec<String> =
        argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if argument.get_action().takes_values() && !values.is_empty() {
        meaning.push_str(&format!(" ({})", values.join(", ")));
    }
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if argument.get_action().takes_values() && !defaults.is_empty() {
        meaning.push_str(&format!("; default `{}`", defaults.join(",")));
    }
    meaning
}
