//! A Go function becomes a program of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use alyx_yaml::{Diagnostic, Span};
use tokio::process::Command;

use super::{BuildError, copy::SourceFile, start};
use crate::{Function, Runtime, discover::shown, embedded, worker::StartError};

/// What the program starts with.
const MAIN: &str = include_str!("../../../../runtimes/go/template/main.go.txt");
/// The file of it; no function can be called so.
const MAIN_FILE: &str = "alyx.main.go";
const MODULE: &str = "module function\n\ngo 1.21\n";
/// The end of what the compiler printed that is kept, in bytes.
const KEPT_OUTPUT: usize = 4000;

/// Compiles the function into `function/program` of the draft.
pub(super) async fn build(
    function: &Function,
    files: &[SourceFile],
    draft: &Path,
    versions: &Path,
) -> Result<(), BuildError> {
    let source = draft.join("source");
    let library = draft.join("library");
    embedded::write(Runtime::Go, &library).map_err(|error| start("writing", &library, error))?;
    lay_out(function, files, &source)?;
    let cache = versions.with_file_name("cache");
    let program = draft.join("function/program");
    let go = |words: &[&str]| {
        let mut command = Command::new("go");
        command.args(words).current_dir(&source).stdin(Stdio::null()).kill_on_drop(true);
        command.env("CGO_ENABLED", "0").env("GOTOOLCHAIN", "local").env("GOWORK", "off");
        // The compiler keeps its cache with its user's other caches, where there is a place for them.
        if ["GOCACHE", "XDG_CACHE_HOME", "HOME"].iter().all(|name| std::env::var_os(name).is_none()) {
            command.env("GOCACHE", &cache);
        }
        command.env("GOFLAGS", "-mod=mod");
        if function.dependencies.is_none() {
            command.env("GOPROXY", "off");
        }
        command
    };
    let edit = ["mod", "edit", "-require=alyx.dev/functions@v0.0.0", "-replace=alyx.dev/functions=../library"];
    run(go(&edit), function).await?;
    let program = program.to_string_lossy();
    run(go(&["build", "-trimpath", "-ldflags", "-s -w", "-o", &program, "."]), function).await?;
    for folder in [&source, &library] {
        fs::remove_dir_all(folder).map_err(|error| start("removing", folder, error))?;
    }
    Ok(())
}

/// The function's files at the top of a module, what is shared below `shared`.
fn lay_out(function: &Function, files: &[SourceFile], source: &Path) -> Result<(), BuildError> {
    let own = function.entry.parent().unwrap_or(Path::new(""));
    let mut all: Vec<(PathBuf, &[u8])> = Vec::new();
    for file in files {
        let path = match (file.path.strip_prefix("_shared"), file.path.strip_prefix(own)) {
            (Ok(below), _) => Path::new("shared").join(below),
            (_, Ok(below)) => below.to_owned(),
            _ => continue,
        };
        all.push((path, &file.bytes));
    }
    all.push((PathBuf::from(MAIN_FILE), MAIN.as_bytes()));
    let module = function.dependencies.as_ref().map_or(MODULE, |dependencies| &dependencies.text);
    all.push((PathBuf::from("go.mod"), module.as_bytes()));
    if let Some((name, text)) = function.dependencies.as_ref().and_then(|dependencies| dependencies.lock.as_ref()) {
        all.push((PathBuf::from(name), text.as_bytes()));
    }
    for (path, bytes) in all {
        let path = source.join(path);
        let parent = path.parent().unwrap_or(source);
        fs::create_dir_all(parent).map_err(|error| start("making", parent, error))?;
        fs::write(&path, bytes).map_err(|error| start("writing", &path, error))?;
    }
    Ok(())
}

async fn run(mut command: Command, function: &Function) -> Result<(), BuildError> {
    let done = command.output().await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            BuildError::Start(StartError::NoProgram { program: "go", runtime: Runtime::Go })
        }
        _ => start("starting", Path::new("go"), error),
    })?;
    if done.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    let faults: Vec<Diagnostic> = output.lines().filter_map(|line| fault(line, function)).collect();
    if !faults.is_empty() {
        return Err(BuildError::Faults(faults));
    }
    let from = output.len().saturating_sub(KEPT_OUTPUT);
    let output = output.get(from..).unwrap_or(&output).trim().to_owned();
    Err(BuildError::Start(StartError::Build { doing: "go build".to_owned(), output }))
}

/// A line of the compiler such as `./post.go:12:5: undefined: x`.
fn fault(line: &str, function: &Function) -> Option<Diagnostic> {
    let (path, rest) = line.trim_start_matches("./").split_once(".go:")?;
    let mut parts = rest.splitn(3, ':');
    let span = Span { line: parts.next()?.parse().ok()?, column: parts.next()?.parse().ok()? };
    let message = parts.next()?.trim();
    if format!("{path}.go") == MAIN_FILE {
        let hint = Some("declare it: var Function = functions.Define(handler)".to_owned());
        let message = "there is no variable Function that functions.Define made";
        return Some(Diagnostic::error("function_compile", &shown(&function.entry), START, message).with_hint(hint));
    }
    let below = format!("{path}.go");
    let file = match below.strip_prefix("shared/") {
        Some(below) => Path::new("_shared").join(below),
        None => function.entry.parent().unwrap_or(Path::new("")).join(below),
    };
    Some(Diagnostic::error("function_compile", &shown(&file), span, message))
}

const START: Span = Span { line: 1, column: 1 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_compiler_says_has_its_place_in_the_project() {
        let function = Function {
            name: "post".to_owned(),
            runtime: Runtime::Go,
            entry: PathBuf::from("post/main.go"),
            manifest_file: None,
            manifest: crate::Manifest::default(),
            dependencies: None,
        };
        let found = fault("./main.go:12:5: undefined: x", &function).unwrap();
        assert_eq!(
            (found.file.as_str(), found.span.line, found.message.as_str()),
            ("functions/post/main.go", 12, "undefined: x")
        );
        assert_eq!(fault("shared/a.go:1:2: no", &function).unwrap().file, "functions/_shared/a.go");
        assert!(fault("# function", &function).is_none());
        assert!(fault("alyx.main.go:5:42: undefined: Function", &function).unwrap().hint.is_some());
    }
}
