//! TypeScript without its types, as the language's own rules have it, and syntax errors with their places.

use std::path::Path;

use alyx_yaml::{Diagnostic, Span};
use oxc::{
    allocator::Allocator,
    codegen::{Codegen, CodegenOptions},
    diagnostics::OxcDiagnostic,
    parser::Parser,
    semantic::SemanticBuilder,
    span::SourceType,
    transformer::{RewriteExtensionsMode, TransformOptions, Transformer, TypeScriptOptions},
};

/// The JavaScript of a TypeScript file, with a map back to it at its end. `shown` is the file as people see it.
///
/// # Errors
/// What is wrong with its syntax.
pub(crate) fn strip(path: &Path, text: &str, shown: &str) -> Result<String, Vec<Diagnostic>> {
    let allocator = Allocator::default();
    let source_type = SourceType::from_path(path).unwrap_or_else(|_| SourceType::ts());
    let parsed = Parser::new(&allocator, text, source_type).parse();
    if !parsed.diagnostics.is_empty() {
        return Err(faults(&parsed.diagnostics, text, shown));
    }
    let mut program = parsed.program;
    let scoping = SemanticBuilder::new().with_enum_eval(true).build(&program).semantic.into_scoping();
    let options = TransformOptions {
        typescript: TypeScriptOptions {
            rewrite_import_extensions: Some(RewriteExtensionsMode::Rewrite),
            ..TypeScriptOptions::default()
        },
        ..TransformOptions::default()
    };
    let done = Transformer::new(&allocator, path, &options).build_with_scoping(scoping, &mut program);
    if !done.diagnostics.is_empty() {
        return Err(faults(&done.diagnostics, text, shown));
    }
    let name = path.file_name().map(|name| Path::new(name).to_owned());
    let printed = Codegen::new()
        .with_options(CodegenOptions { source_map_path: name, ..CodegenOptions::default() })
        .build(&program);
    let map = printed.map.map(|map| format!("//# sourceMappingURL={}\n", map.to_data_url()));
    Ok(printed.code + map.as_deref().unwrap_or_default())
}

/// The relative files that a module imports, as it writes them.
pub(crate) fn imports(path: &Path, text: &str) -> Vec<String> {
    let allocator = Allocator::default();
    let source_type = SourceType::from_path(path).unwrap_or_else(|_| SourceType::mjs());
    let parsed = Parser::new(&allocator, text, source_type).parse();
    let named = parsed.module_record.requested_modules.keys().map(ToString::to_string);
    named.filter(|name| name.starts_with('.')).collect()
}

/// Whether a JavaScript file is written in the manner of CommonJS, as `module.exports = …`.
pub(crate) fn is_common_js(text: &str) -> bool {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::mjs()).parse();
    !parsed.module_record.has_module_syntax && (text.contains("module.exports") || text.contains("exports."))
}

/// What is wrong with the syntax of a JavaScript file.
pub(crate) fn check(path: &Path, text: &str, shown: &str) -> Result<(), Vec<Diagnostic>> {
    let allocator = Allocator::default();
    let source_type = SourceType::from_path(path).unwrap_or_else(|_| SourceType::mjs());
    // Whether a `.js` file is a module is not for the name to say.
    let as_module = Parser::new(&allocator, text, source_type).parse();
    if as_module.diagnostics.is_empty()
        || Parser::new(&allocator, text, SourceType::cjs()).parse().diagnostics.is_empty()
    {
        return Ok(());
    }
    Err(faults(&as_module.diagnostics, text, shown))
}

fn faults<'d>(found: impl IntoIterator<Item = &'d OxcDiagnostic>, text: &str, shown: &str) -> Vec<Diagnostic> {
    let one = |fault: &OxcDiagnostic| {
        let offset = fault.labels.as_ref().first().map_or(0, |label| label.offset());
        let hint = fault.help.as_ref().map(ToString::to_string);
        Diagnostic::error(
            "function_syntax",
            shown,
            place(text, usize::try_from(offset).unwrap_or_default()),
            fault.message.to_string(),
        )
        .with_hint(hint)
    };
    found.into_iter().take(10).map(one).collect()
}

/// Line and column of a byte.
fn place(text: &str, offset: usize) -> Span {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Span { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_go_and_what_runs_stays() {
        let text = "import type { A } from './a.ts';\nimport { b } from './b.ts';\nenum Color { Red, Green }\nexport default (x: number): A => b(x as any, Color.Green);\n";
        let stripped = strip(Path::new("x.ts"), text, "functions/x.ts").unwrap();
        assert!(!stripped.contains(": number") && !stripped.contains("a.ts"), "{stripped}");
        assert!(stripped.contains("./b.js") && stripped.contains("sourceMappingURL=data:"), "{stripped}");
    }

    #[test]
    fn relative_imports_are_found() {
        let text = "import a from './_shared/a.ts';\nimport 'x';\nexport { b } from '../b.js';\n";
        let mut found = imports(Path::new("x.ts"), text);
        found.sort();
        assert_eq!(found, ["../b.js", "./_shared/a.ts"]);
    }

    #[test]
    fn the_manner_of_common_js_is_told_from_modules() {
        assert!(is_common_js("const { x } = require('x');\nmodule.exports = () => x;\n"));
        assert!(!is_common_js("import x from 'x';\nexport default () => 'module.exports';\n"));
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let faults = strip(Path::new("x.ts"), "const a = 1;\nconst b: = 2;\n", "functions/x.ts").unwrap_err();
        assert_eq!((faults[0].file.as_str(), faults[0].span.line), ("functions/x.ts", 2));
        let faults = check(Path::new("x.js"), "\n\nfunction (\n", "functions/x.js").unwrap_err();
        assert_eq!(faults[0].span.line, 3, "{faults:?}");
        check(Path::new("x.js"), "module.exports = async () => 1;\nreturn;\n", "x").unwrap();
    }
}
