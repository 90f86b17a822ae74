//! What a password must have, counted in characters.

use std::fmt;

use alyx_config::section::Password as Settings;
use alyx_schema::FieldFault;

use crate::{Error, Result};

/// Longest password in bytes: hashing more only helps who wants to keep the server busy.
pub(super) const LONGEST: usize = 1024;

/// A rule that a password breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordFault {
    /// It has fewer characters than this.
    Short(u32),
    /// It has more than 1024 bytes.
    Long,
    /// It has no capital letter.
    NoUppercase,
    /// It has no digit.
    NoNumber,
    /// It has no character that is neither letter nor digit.
    NoSpecial,
}

impl PasswordFault {
    /// The stable word for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Short(_) => "MIN_LENGTH",
            Self::Long => "MAX_LENGTH",
            Self::NoUppercase => "NO_UPPERCASE",
            Self::NoNumber => "NO_NUMBER",
            Self::NoSpecial => "NO_SPECIAL",
        }
    }

    /// The same as a fault of the field that held the password.
    #[must_use]
    pub fn in_field(self, field: &str) -> FieldFault {
        FieldFault { field: field.to_owned(), code: self.code(), message: self.to_string() }
    }
}

impl fmt::Display for PasswordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(1) => f.write_str("must not be empty"),
            Self::Short(least) => write!(f, "must have at least {least} characters"),
            Self::Long => write!(f, "must have at most {LONGEST} bytes"),
            Self::NoUppercase => f.write_str("must have a capital letter"),
            Self::NoNumber => f.write_str("must have a digit"),
            Self::NoSpecial => f.write_str("must have a character that is neither letter nor digit"),
        }
    }
}

/// The rules of a project.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    min_length: u32,
    uppercase: bool,
    number: bool,
    special: bool,
}

impl Policy {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            min_length: settings.min_length.get(),
            uppercase: settings.require_uppercase,
            number: settings.require_number,
            special: settings.require_special,
        }
    }

    /// Every rule that the password breaks.
    pub(crate) fn faults(&self, password: &str) -> Vec<PasswordFault> {
        let length = u32::try_from(password.chars().count()).unwrap_or(u32::MAX);
        let has = |test: fn(char) -> bool| password.chars().any(test);
        let rules = [
            (length < self.min_length, PasswordFault::Short(self.min_length)),
            (password.len() > LONGEST, PasswordFault::Long),
            (self.uppercase && !has(char::is_uppercase), PasswordFault::NoUppercase),
            (self.number && !has(char::is_numeric), PasswordFault::NoNumber),
            (self.special && !has(|c| !c.is_alphanumeric()), PasswordFault::NoSpecial),
        ];
        rules.into_iter().filter(|(broken, _)| *broken).map(|(_, fault)| fault).collect()
    }

    pub(crate) fn check(&self, password: &str) -> Result<()> {
        let faults = self.faults(password);
        if faults.is_empty() { Ok(()) } else { Err(Error::WeakPassword { faults }) }
    }
}

#[cfg(test)]
mod tests {
    use super::{PasswordFault, Policy};

    #[track_caller]
    fn check(policy: Policy, password: &str, expected: &[PasswordFault]) {
        assert_eq!(policy.faults(password), expected, "{password:?}");
    }

    const EASY: Policy = Policy { min_length: 8, uppercase: false, number: false, special: false };
    const STRICT: Policy = Policy { min_length: 8, uppercase: true, number: true, special: true };

    #[test]
    fn characters_are_counted_and_not_bytes() {
        check(EASY, "żółwżółw", &[]);
        check(EASY, "żółwżół", &[PasswordFault::Short(8)]);
        check(EASY, "", &[PasswordFault::Short(8)]);
        check(EASY, &"a".repeat(1024), &[]);
        check(EASY, &"a".repeat(1025), &[PasswordFault::Long]);
        check(EASY, &"ż".repeat(513), &[PasswordFault::Long]);
    }

    #[test]
    fn every_broken_rule_is_told_at_once() {
        use PasswordFault::{NoNumber, NoSpecial, NoUppercase, Short};
        check(STRICT, "abc", &[Short(8), NoUppercase, NoNumber, NoSpecial]);
        check(STRICT, "Abcdefg1!", &[]);
        check(STRICT, "Ärger und 1", &[]);
        check(STRICT, "Abcdefgh1", &[NoSpecial]);
    }
}
