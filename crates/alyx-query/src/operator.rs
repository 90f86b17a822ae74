//! The table of operators: what each is called and which types take it.

use alyx_schema::FieldType;

/// What a condition does with its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Equal; null is a value.
    Eq,
    /// Not equal; null is a value.
    Ne,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Fits a pattern of `%` and `_`.
    Like,
    /// Equal to one of a list.
    In,
    /// Equal to none of a list; in JSON only.
    NotIn,
    /// Has a substring, or an item.
    Contains,
    /// Is null.
    IsNull,
    /// Is not null.
    NotNull,
}

impl Operator {
    /// The operators of `filter=field:operator:value`.
    pub const TEXT: [Self; 11] = [
        Self::Eq,
        Self::Ne,
        Self::Gt,
        Self::Gte,
        Self::Lt,
        Self::Lte,
        Self::Like,
        Self::In,
        Self::Contains,
        Self::IsNull,
        Self::NotNull,
    ];

    /// The operators of the JSON form, where each name starts with `$`.
    pub const JSON: [Self; 12] = [
        Self::Eq,
        Self::Ne,
        Self::Gt,
        Self::Gte,
        Self::Lt,
        Self::Lte,
        Self::Like,
        Self::In,
        Self::NotIn,
        Self::Contains,
        Self::IsNull,
        Self::NotNull,
    ];

    /// Its name; in JSON with `$` before it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Like => "like",
            Self::In => "in",
            Self::NotIn => "nin",
            Self::Contains => "contains",
            Self::IsNull => "is_null",
            Self::NotNull => "not_null",
        }
    }

    /// Whether fields with values of this type take it.
    #[must_use]
    pub fn is_for(self, value_type: FieldType) -> bool {
        match self {
            Self::Eq | Self::Ne | Self::In | Self::NotIn | Self::IsNull | Self::NotNull => true,
            Self::Gt | Self::Gte | Self::Lt | Self::Lte => has_order(value_type),
            Self::Like => value_type.is_textual(),
            Self::Contains => value_type.is_textual() || value_type == FieldType::Json,
        }
    }
}

/// Whether values of this type can be compared by size.
pub(crate) fn has_order(value_type: FieldType) -> bool {
    !matches!(value_type, FieldType::Bool | FieldType::Json | FieldType::Blob)
}
