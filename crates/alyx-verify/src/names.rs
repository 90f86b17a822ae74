//! Names that everything agrees on: the ids of people and teams.

/// People who call; those after them only write documents, and may be deleted.
pub(crate) const CALLERS: usize = 6;
/// All people.
pub(crate) const PEOPLE: usize = 9;
/// All teams that come and go.
pub(crate) const TEAMS: usize = 5;

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) fn person(number: usize) -> String {
    format!("01960000-0000-7000-8000-{number:012x}")
}

pub(crate) fn email(number: usize) -> String {
    format!("p{number}@example.com")
}

pub(crate) fn team(number: usize) -> String {
    format!("t{number}")
}
