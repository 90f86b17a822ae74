//! From a text to the parser's tree. The text is looked over first: what the parser would fail on in words of its
//! own, or with its stack, is told here.

mod message;
mod scan;
mod token;

use cel_parser::{
    Env, IdedExpr,
    common::ast::{Expr, SourceInfo, operators},
    parser::Parser,
};

use crate::{
    fault::Fault,
    limits::{MAX_NODES, MAX_TEXT},
};

/// The parser's tree and where its parts stand in the text.
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    pub(crate) tree: IdedExpr,
    places: SourceInfo,
}

/// Reads a rule.
pub(crate) fn parse(text: &str) -> Result<Source<'_>, Fault> {
    if text.len() > MAX_TEXT {
        let message = format!("the rule has {} bytes; {MAX_TEXT} is the limit", text.len());
        return Err(Fault::new(MAX_TEXT, "rule_too_long", message).hinted("split it, or move data into a collection"));
    }
    let tokens = scan::scan(text)?;
    // More words than the limit on nodes allows would only cost time in the parser.
    if tokens.len() > MAX_NODES * 2 {
        return Err(too_large());
    }
    match parser().parse_with_source_info(text) {
        Ok((tree, places)) => Ok(Source { text, tree, places }),
        Err(errors) => Err(message::readable(text, &tokens, &errors.errors)),
    }
}

/// Without macros: calls of them stay calls, and `check` reads them.
fn parser() -> Parser {
    Env::default().parser().enable_optional_syntax(true).enable_ident_escape_syntax(true)
}

/// The rule has more parts than it may have.
pub(crate) fn too_large() -> Fault {
    Fault::new(0, "rule_too_large", format!("the rule has more than {MAX_NODES} parts"))
        .hinted("split it, or move data into a collection")
}

impl Source<'_> {
    /// The byte at which a part's own token stands: an operator, the bracket of a call, a literal.
    pub(crate) fn token(&self, part: &IdedExpr) -> usize {
        let offset = self.places.offset_for(part.id).map_or(0, |(start, _)| start);
        usize::try_from(offset).unwrap_or(0).min(self.text.len())
    }

    /// The byte at which a part begins.
    pub(crate) fn start(&self, part: &IdedExpr) -> usize {
        let own = self.token(part);
        match &part.expr {
            Expr::Call(call) => match (&call.target, call.args.first()) {
                (Some(target), _) => self.start(target),
                (None, Some(first)) if is_operator(&call.func_name) => own.min(self.start(first)),
                _ if is_operator(&call.func_name) => own,
                _ => self.word_before(own),
            },
            Expr::Select(select) => self.start(&select.operand),
            // A negative number's token is that of its digits.
            Expr::Literal(_) if self.text[..own].ends_with('-') && !self.is_binary_minus(own - 1) => own - 1,
            _ => own,
        }
    }

    /// The byte at which the name of a call or selection stands.
    pub(crate) fn name(&self, part: &IdedExpr) -> usize {
        let own = self.token(part);
        match &part.expr {
            Expr::Call(call) if !is_operator(&call.func_name) => self.word_before(own),
            Expr::Select(_) => {
                let skipped = |letter: char| letter.is_whitespace() || matches!(letter, '.' | '?');
                let rest = &self.text[own..];
                own + (rest.len() - rest.trim_start_matches(skipped).len())
            }
            _ => own,
        }
    }

    /// Where the word before a bracket begins.
    fn word_before(&self, bracket: usize) -> usize {
        let before = self.text[..bracket].trim_end();
        before.trim_end_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_').len()
    }

    fn is_binary_minus(&self, at: usize) -> bool {
        let before = self.text[..at].trim_end();
        before.ends_with(|letter: char| {
            letter.is_ascii_alphanumeric() || matches!(letter, '_' | ')' | ']' | '}' | '\'' | '"')
        })
    }
}

/// Operators are calls too; their names are no identifiers.
fn is_operator(name: &str) -> bool {
    matches!(name.as_bytes(), [b'!' | b'@' | b'-', _, ..]) || (name.starts_with('_') && OPERATORS.contains(&name))
}

const OPERATORS: [&str; 16] = [
    operators::ADD,
    operators::SUBSTRACT,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::CONDITIONAL,
    operators::INDEX,
    operators::OPT_INDEX,
];
