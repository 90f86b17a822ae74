//! `sort=-created_at,title`: an order that always ends with the primary key.

use alyx_schema::{Collection, Order};

use crate::{
    ErrorCode, FieldRef, QueryError, SortKey, condition::visible_field, error::quoted, limits::MAX_SORT_KEYS,
    operator::has_order,
};

/// Reads the keys of a sort; the primary key follows in the direction of the last of them, so that
/// every document has a place of its own. Keys after the primary key decide nothing and are left out.
pub(crate) fn parse(collection: &Collection, keys: &[&str]) -> Result<Vec<SortKey>, Vec<QueryError>> {
    if keys.len() > MAX_SORT_KEYS {
        let message = format!("a sort has at most {MAX_SORT_KEYS} fields");
        return Err(vec![QueryError::new("sort", ErrorCode::TooComplex, "", message)]);
    }
    let (mut sort, mut errors) = (Vec::with_capacity(keys.len() + 1), Vec::new());
    for key in keys {
        match read(collection, key, &sort) {
            Ok(key) => sort.push(key),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(ending_with_primary(collection, sort)) } else { Err(errors) }
}

/// The order of a query that asks for none.
pub(crate) fn default(collection: &Collection) -> Vec<SortKey> {
    ending_with_primary(collection, Vec::new())
}

fn read(collection: &Collection, key: &str, before: &[SortKey]) -> Result<SortKey, QueryError> {
    let (name, order) = match key.strip_prefix('-') {
        Some(name) => (name, Order::Descending),
        None => (key, Order::Ascending),
    };
    let field = visible_field(collection, name, "sort")?;
    let refused = |message| Err(QueryError::new("sort", ErrorCode::InvalidSort, key, message));
    let value_type = field.field(collection).value_type;
    if !has_order(value_type) && value_type != alyx_schema::FieldType::Bool {
        return refused(format!("{} has no order, since it is {}", quoted(name), value_type.name()));
    }
    if before.iter().any(|other| other.field == field) {
        return refused(format!("{} stands in the sort twice", quoted(name)));
    }
    Ok(SortKey { field, order })
}

fn ending_with_primary(collection: &Collection, mut sort: Vec<SortKey>) -> Vec<SortKey> {
    match sort.iter().position(|key| key.field.index == collection.primary) {
        Some(position) => sort.truncate(position + 1),
        None => {
            let order = sort.last().map_or(Order::Ascending, |key| key.order);
            sort.push(SortKey { field: FieldRef::primary(collection), order });
        }
    }
    sort
}
