//! The shapes of access rules, and how they are written. What they allow is said once more in `model/judge.rs`, without
//! asking the server.

/// A rule. None of them is ever made true by something that is unknown, so that unknown can count as false.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    Always,
    SignedIn,
    Moderator,
    /// The field holds the caller's id.
    Owner(String),
    /// The field, a bool, is this.
    Flag(String, bool),
    /// The field, an int, is at least this.
    AtLeast(String, i64),
    /// The caller's id is in the list of the field.
    Shared(String),
    /// The caller is a member of the team of the field, or is not.
    Member(String, bool),
    /// A bool of the document that the foreign key points at is this.
    Through(String, String, bool),
    All(Vec<Rule>),
    Any(Vec<Rule>),
}

impl Rule {
    /// The rule in CEL about a document of this name.
    pub(crate) fn text(&self, doc: &str) -> String {
        match self {
            Self::Always => "true".to_owned(),
            Self::SignedIn => "auth.id != null".to_owned(),
            Self::Moderator => "auth.role == 'moderator'".to_owned(),
            Self::Owner(field) => format!("auth.id == {doc}.{field}"),
            Self::Flag(field, wanted) => format!("{}{doc}.{field}", if *wanted { "" } else { "!" }),
            Self::AtLeast(field, least) => format!("{doc}.{field} >= {least}"),
            Self::Shared(field) => format!("auth.id in {doc}.{field}"),
            Self::Member(field, wanted) => {
                let member = format!("exists_in(\"members\", m, m.team_id == {doc}.{field} && m.user_id == auth.id)");
                if *wanted { member } else { format!("(auth.id != null && !{member})") }
            }
            Self::Through(key, field, wanted) => {
                let name = key.strip_suffix("_id").unwrap_or(key);
                format!("{}{doc}.{name}.{field}", if *wanted { "" } else { "!" })
            }
            Self::All(rules) => joined(rules, " && ", doc),
            Self::Any(rules) => joined(rules, " || ", doc),
        }
    }
}

fn joined(rules: &[Rule], operator: &str, doc: &str) -> String {
    let parts: Vec<String> = rules.iter().map(|rule| rule.text(doc)).collect();
    format!("({})", parts.join(operator))
}
