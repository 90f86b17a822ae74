//! Colours for terminals, and none anywhere else.

use std::io::{IsTerminal, stderr, stdout};

use owo_colors::{OwoColorize, Style as Colour};

/// Whether and how text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text as it is.
    Plain,
    /// ANSI colours.
    Coloured,
}

impl Style {
    /// Colours where standard error is a terminal and `NO_COLOR` is unset.
    #[must_use]
    pub fn of_stderr() -> Self {
        Self::when(stderr().is_terminal())
    }

    /// Colours where standard output is a terminal and `NO_COLOR` is unset.
    #[must_use]
    pub fn of_stdout() -> Self {
        Self::when(stdout().is_terminal())
    }

    /// For what went wrong.
    #[must_use]
    pub fn red(self, text: &str) -> String {
        self.paint(text, Colour::new().red().bold())
    }

    /// For what deserves a second look.
    #[must_use]
    pub fn yellow(self, text: &str) -> String {
        self.paint(text, Colour::new().yellow().bold())
    }

    /// For what went well.
    #[must_use]
    pub fn green(self, text: &str) -> String {
        self.paint(text, Colour::new().green())
    }

    /// For places and frames.
    #[must_use]
    pub fn blue(self, text: &str) -> String {
        self.paint(text, Colour::new().blue())
    }

    /// For what the eye should find first.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.paint(text, Colour::new().bold())
    }

    /// For what may be skipped.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.paint(text, Colour::new().dimmed())
    }

    fn when(terminal: bool) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if terminal && !refused { Self::Coloured } else { Self::Plain }
    }

    fn paint(self, text: &str, colour: Colour) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => text.style(colour).to_string(),
        }
    }
}
