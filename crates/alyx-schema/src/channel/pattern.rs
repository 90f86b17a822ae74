//! Names of channels and patterns of such: parts between colons, fixed or a parameter in braces.

use std::sync::Arc;

/// Most bytes of a channel's name.
pub const MAX_NAME: usize = 200;

/// What rules call the whole name, so that no parameter can.
pub(crate) const WHOLE_NAME: &str = "name";

/// `lobby`, or `room:{room_id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPattern {
    text: Arc<str>,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Fixed(Box<str>),
    Parameter(Box<str>),
}

/// Why a text is no pattern.
pub(crate) struct PatternFault {
    pub(crate) message: String,
    pub(crate) hint: &'static str,
}

impl ChannelPattern {
    /// Reads a pattern.
    pub(crate) fn parse(text: &str) -> Result<Self, PatternFault> {
        if text.len() > MAX_NAME {
            return Err(PatternFault { message: format!("has {} bytes", text.len()), hint: "at most 200" });
        }
        let parts: Vec<_> = text.split(':').map(Part::parse).collect::<Result<_, _>>()?;
        let pattern = Self { text: text.into(), parts };
        let mut seen = vec![WHOLE_NAME];
        for name in pattern.parameters() {
            if seen.contains(&name) {
                let message = format!("has a second meaning for \"{name}\"");
                return Err(PatternFault {
                    message,
                    hint: "each parameter has a name of its own, other than \"name\"",
                });
            }
            seen.push(name);
        }
        Ok(pattern)
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of its parameters.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| if let Part::Parameter(name) = part { Some(&**name) } else { None })
    }

    /// The parameters in a name; `None` where it is no name of this pattern.
    #[must_use]
    pub fn parameters_in<'n>(&self, name: &'n str) -> Option<Vec<&'n str>> {
        if name.len() > MAX_NAME || name.chars().any(char::is_control) {
            return None;
        }
        let mut parts = name.split(':');
        let mut parameters = Vec::new();
        for part in &self.parts {
            match (part, parts.next()?) {
                (Part::Fixed(fixed), given) if **fixed == *given => {}
                (Part::Parameter(_), given) if !given.is_empty() => parameters.push(given),
                _ => return None,
            }
        }
        parts.next().is_none().then_some(parameters)
    }

    /// Whether both have the same names.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.parts.len() == other.parts.len()
            && self.parts.iter().zip(&other.parts).all(|parts| match parts {
                (Part::Fixed(one), Part::Fixed(other)) => one == other,
                (Part::Parameter(_), Part::Parameter(_)) => true,
                _ => false,
            })
    }

    /// Smaller for a pattern that says more.
    pub(super) fn order(&self) -> Vec<bool> {
        self.parts.iter().map(|part| matches!(part, Part::Parameter(_))).collect()
    }

    /// The name that this pattern would have in place of one with as many parts.
    pub(super) fn filled_from(&self, name: &str) -> Option<String> {
        let given: Vec<_> = name.split(':').collect();
        let part = |(part, given): (&Part, &&str)| match part {
            Part::Fixed(fixed) => (**fixed).to_owned(),
            Part::Parameter(_) => (*given).to_owned(),
        };
        let filled = self.parts.iter().zip(&given).map(part).collect::<Vec<_>>().join(":");
        (given.len() == self.parts.len() && self.parameters_in(&filled).is_some()).then_some(filled)
    }
}

impl Part {
    fn parse(text: &str) -> Result<Self, PatternFault> {
        if let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let is_name = !name.is_empty()
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let hint = "letters a-z and A-Z, digits and _, not starting with a digit";
            return if is_name {
                Ok(Self::Parameter(name.into()))
            } else {
                Err(PatternFault { message: format!("has the parameter \"{name}\""), hint })
            };
        }
        let is_fixed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        if text.is_empty() || !text.bytes().all(is_fixed) {
            let hint = "between colons stand letters, digits, _ - and ., or one parameter in braces: room:{room_id}";
            return Err(PatternFault { message: format!("has the part \"{text}\""), hint });
        }
        Ok(Self::Fixed(text.into()))
    }
}
