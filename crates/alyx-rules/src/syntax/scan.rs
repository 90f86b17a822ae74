//! The look over a text before it is parsed: stray characters, brackets, depth.

use super::token::{Stray, Token, tokens};
use crate::{
    fault::Fault,
    limits::{MAX_BRACKETS, MAX_CHAIN},
};

/// The words of a text that the parser can be trusted with.
pub(super) fn scan(text: &str) -> Result<Vec<Token<'_>>, Fault> {
    let (tokens, stray) = tokens(text);
    if let Some((at, stray)) = stray {
        return Err(stray_fault(at, stray));
    }
    let mut depth = Depth { open: Vec::new(), outer: 0, chain: 0 };
    for (index, token) in tokens.iter().enumerate() {
        depth.pass(token, index > 0 && tokens[index - 1].ends_value())?;
    }
    match depth.open.last() {
        Some((open, _)) => Err(Fault::new(open.at, "rule_syntax", format!("\"{}\" is never closed", open.text))
            .hinted(format!("add \"{}\" where it should end", closing(open.text)))),
        None => Ok(tokens),
    }
}

fn stray_fault(at: usize, stray: Stray) -> Fault {
    let fault = |message: String| Fault::new(at, "rule_syntax", message);
    match stray {
        Stray::OpenText => fault("the text in quotes never ends".to_owned()).hinted("add the closing quote"),
        Stray::Escape(letter) => fault(format!("\"\\{letter}\" is no escape")).hinted("write \\\\ for a backslash"),
        Stray::Character(letter) => {
            let fault = fault(format!("unexpected character \"{letter}\""));
            match letter {
                '=' => fault.hinted("write == to compare"),
                '&' => fault.hinted("write && for \"and\""),
                '|' => fault.hinted("write || for \"or\""),
                '“' | '”' | '„' | '‘' | '’' => fault.hinted("write straight quotes, ' or \""),
                ';' => fault.hinted("a rule is one expression; join conditions with && or ||"),
                '$' | '@' | '#' => fault.hinted("variables are written without a sign: auth, doc, request"),
                _ => fault,
            }
        }
    }
}

/// How deep the parser's tree can become, counted from above: brackets, and rows of operators in each.
struct Depth<'a> {
    open: Vec<(Token<'a>, usize)>,
    /// Links of the chains around the innermost bracket.
    outer: usize,
    chain: usize,
}

impl<'a> Depth<'a> {
    fn pass(&mut self, token: &Token<'a>, follows_value: bool) -> Result<(), Fault> {
        match token.text {
            "(" | "[" | "{" => self.open(token, follows_value)?,
            ")" | "]" | "}" => self.close(token)?,
            "," | "&&" | "||" => self.chain = 0,
            "." | "+" | "-" | "*" | "/" | "%" | "?" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" => {
                self.link(token)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, token: &Token<'a>, follows_value: bool) -> Result<(), Fault> {
        if follows_value {
            self.link(token)?;
        }
        self.open.push((*token, self.chain));
        self.outer += self.chain;
        self.chain = 0;
        if self.open.len() > MAX_BRACKETS {
            let message = format!("brackets are nested more than {MAX_BRACKETS} deep");
            return Err(Fault::new(token.at, "rule_too_deep", message));
        }
        Ok(())
    }

    fn close(&mut self, token: &Token<'a>) -> Result<(), Fault> {
        let Some((open, chain)) = self.open.pop() else {
            return Err(Fault::new(token.at, "rule_syntax", format!("\"{}\" closes nothing", token.text)));
        };
        if closing(open.text) != token.text {
            let message = format!("expected \"{}\", found \"{}\"", closing(open.text), token.text);
            return Err(Fault::new(token.at, "rule_syntax", message));
        }
        self.outer -= chain;
        self.chain = chain;
        Ok(())
    }

    fn link(&mut self, token: &Token<'a>) -> Result<(), Fault> {
        self.chain += 1;
        if self.outer + self.chain > MAX_CHAIN {
            let message = format!("more than {MAX_CHAIN} operators stand in a row");
            return Err(Fault::new(token.at, "rule_too_deep", message));
        }
        Ok(())
    }
}

fn closing(open: &str) -> &'static str {
    match open {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}
