//! What a stored field is to a rule.

use alyx_schema::{Field, FieldType, JsonShape};

use crate::types::Type;

/// What a rule sees of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One value of a type.
    Item(Item),
    /// JSON, of which nothing is known.
    Json,
    /// A JSON array whose items are of a type.
    List(Item),
}

/// A type that a field, or an item of a JSON array, can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Bool,
    Int,
    Double,
    String,
    Bytes,
    Timestamp,
}

impl Shape {
    pub(crate) fn of(field: &Field) -> Self {
        match (field.value_type, &field.json_shape) {
            (FieldType::Json, Some(JsonShape::Items(item))) => Item::of(*item).map_or(Self::Json, Self::List),
            (field_type, _) => Item::of(field_type).map_or(Self::Json, Self::Item),
        }
    }

    pub(crate) fn value_type(self) -> Type {
        match self {
            Self::Item(item) => item.value_type(),
            Self::Json => Type::Dyn,
            Self::List(item) => Type::list(item.value_type()),
        }
    }
}

impl Item {
    fn of(field_type: FieldType) -> Option<Self> {
        match field_type {
            FieldType::Bool => Some(Self::Bool),
            FieldType::Int => Some(Self::Int),
            FieldType::Float => Some(Self::Double),
            FieldType::Blob => Some(Self::Bytes),
            FieldType::Timestamp => Some(Self::Timestamp),
            FieldType::Json => None,
            FieldType::Uuid
            | FieldType::String
            | FieldType::Text
            | FieldType::Id
            | FieldType::Email
            | FieldType::Url
            | FieldType::Date
            | FieldType::Select
            | FieldType::Richtext
            | FieldType::Relation => Some(Self::String),
        }
    }

    fn value_type(self) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Int => Type::Int,
            Self::Double => Type::Double,
            Self::String => Type::String,
            Self::Bytes => Type::Bytes,
            Self::Timestamp => Type::Timestamp,
        }
    }
}
