//! A query from the parameters of a REST request: which there are, and how they fit together.

mod json;

use std::{borrow::Cow, sync::Arc};

use alyx_schema::{Collection, Schema, strict_json};

use crate::{
    Cursor, ErrorCode, Expand, FieldRef, Predicate, Projection, Query, QueryError,
    condition::{Conditions, visible_field},
    error::quoted,
    expand, filter,
    limits::{DEFAULT_LIMIT, MAX_FAULTS, MAX_LIMIT, MAX_OFFSET},
    sort, where_json,
};

/// Parameters that may be given once.
const SINGLE: [&str; 8] = ["where", "sort", "limit", "offset", "cursor", "fields", "expand", "total"];
/// Parameters of a request for one document.
const PROJECTION: [&str; 2] = ["fields", "expand"];

impl Query {
    /// Reads the parameters of a list request, and answers with every fault at once.
    pub fn from_parameters(
        schema: &Schema,
        collection: Arc<Collection>,
        pairs: &[(String, String)],
    ) -> Result<Self, Vec<QueryError>> {
        let mut faults = Faults::default();
        let (filters, once) = sorted_out(pairs, &SINGLE, true, &mut faults);
        let [json, sort, limit, offset, cursor, fields, expand, total] = once;
        if cursor.is_some() && offset.is_some() {
            let message = "cursor and offset exclude each other";
            faults.push(QueryError::new("cursor", ErrorCode::ConflictingParameters, "offset", message));
        }
        let predicate = faults.take(predicate(&collection, &filters, json));
        let sort = faults.take(order(&collection, sort));
        let cursor = sort
            .as_deref()
            .zip(cursor)
            .and_then(|(sort, cursor)| faults.take_one(Cursor::decode(cursor, &collection, sort)));
        let limit = limit.map_or(Some(DEFAULT_LIMIT), |text| faults.take_one(read_limit(text)));
        let offset = offset.map_or(Some(0), |text| faults.take_one(read_offset(text)));
        let total = total.map_or(Some(true), |text| faults.take_one(read_total(text)));
        let projection = faults.projection(schema, &collection, fields, expand);
        let whole = (|| {
            let Projection { fields, expand } = projection?;
            let (predicate, sort, limit, offset, total) = (predicate?, sort?, limit?, offset?, total?);
            Some(Self { collection, predicate, sort, limit, offset, cursor, fields, expand, total })
        })();
        faults.finish(whole)
    }
}

impl Projection {
    /// Reads the parameters of a request for one document: `fields` and `expand`.
    pub fn from_parameters(
        schema: &Schema,
        collection: &Arc<Collection>,
        pairs: &[(String, String)],
    ) -> Result<Self, Vec<QueryError>> {
        let mut faults = Faults::default();
        let (_, [fields, expand]) = sorted_out(pairs, &PROJECTION, false, &mut faults);
        let projection = faults.projection(schema, collection, fields, expand);
        faults.finish(projection)
    }
}

/// The filters, and the values of the parameters that may be given once.
fn sorted_out<'a, const N: usize>(
    pairs: &'a [(String, String)],
    single: &[&'static str; N],
    with_filters: bool,
    faults: &mut Faults,
) -> (Vec<&'a str>, [Option<&'a str>; N]) {
    let (mut filters, mut once) = (Vec::new(), [None; N]);
    for (name, value) in pairs {
        if with_filters && name == "filter" {
            filters.push(value.as_str());
            continue;
        }
        let Some(place) = single.iter().position(|known| known == name) else {
            faults.push(unknown(name, single.iter().copied().chain(with_filters.then_some("filter"))));
            continue;
        };
        if once[place].replace(value.as_str()).is_some() {
            let message = format!("{name} is given more than once");
            faults.push(QueryError::new(single[place], ErrorCode::DuplicateParameter, value, message));
        }
    }
    (filters, once)
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> QueryError {
    let message = format!("there is no parameter {}", quoted(name));
    let parameter = Cow::Owned(quoted(name).trim_matches('"').to_owned());
    QueryError::new(parameter, ErrorCode::UnknownParameter, name, message).suggesting(name, known)
}

fn predicate(collection: &Collection, filters: &[&str], json: Option<&str>) -> Result<Predicate, Vec<QueryError>> {
    let mut conditions = Conditions::new(collection, "filter");
    let mut predicates = filter::read_all(&mut conditions, filters);
    if let Some(text) = json {
        conditions.go_on_with("where");
        match strict_json::parse(text.as_bytes()) {
            Ok(json) => predicates.push(where_json::read(&mut conditions, &json)),
            Err(fault) => {
                let error = conditions.error(ErrorCode::InvalidFilter, text, format!("this is no valid JSON: {fault}"));
                conditions.fault(error);
            }
        }
    }
    conditions.finish(Predicate::all(predicates))
}

fn order(collection: &Collection, text: Option<&str>) -> Result<Vec<crate::SortKey>, Vec<QueryError>> {
    match text {
        Some(text) => sort::parse(collection, &comma_list(text)),
        None => Ok(sort::default(collection)),
    }
}

fn comma_list(text: &str) -> Vec<&str> {
    text.split(',').collect()
}

fn read_limit(text: &str) -> Result<u32, QueryError> {
    whole_number(text).and_then(|number| u32::try_from(number).ok()).filter(is_limit).ok_or_else(|| bad_limit(text))
}

fn is_limit(limit: &u32) -> bool {
    (1..=MAX_LIMIT).contains(limit)
}

fn bad_limit(text: &str) -> QueryError {
    let message = format!("limit must be a whole number from 1 to {MAX_LIMIT}, not {}", quoted(text));
    QueryError::new("limit", ErrorCode::InvalidLimit, text, message)
}

fn read_offset(text: &str) -> Result<u64, QueryError> {
    whole_number(text).filter(|offset| *offset <= MAX_OFFSET).ok_or_else(|| {
        let message = format!("offset must be a whole number from 0 to {MAX_OFFSET}, not {}", quoted(text));
        QueryError::new("offset", ErrorCode::InvalidOffset, text, message)
    })
}

fn read_total(text: &str) -> Result<bool, QueryError> {
    text.parse().map_err(|_| {
        let message = format!("total must be true or false, not {}", quoted(text));
        QueryError::new("total", ErrorCode::InvalidValue, text, message)
    })
}

/// Digits alone: no sign, no space.
fn whole_number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The fields asked for and the primary key, in the collection's order.
fn projected(collection: &Collection, names: &[&str]) -> Result<Vec<FieldRef>, Vec<QueryError>> {
    let mut fields = vec![FieldRef::primary(collection)];
    let mut errors = Vec::new();
    for name in names {
        match visible_field(collection, name, "fields") {
            Ok(field) => fields.push(field),
            Err(error) => errors.push(error),
        }
    }
    fields.sort_unstable_by_key(|field| field.index);
    fields.dedup();
    if errors.is_empty() { Ok(fields) } else { Err(errors) }
}

/// The faults found so far.
#[derive(Default)]
struct Faults(Vec<QueryError>);

impl Faults {
    fn push(&mut self, error: QueryError) {
        if self.0.len() < MAX_FAULTS {
            self.0.push(error);
        }
    }

    fn take<T>(&mut self, result: Result<T, Vec<QueryError>>) -> Option<T> {
        result.map_err(|errors| errors.into_iter().for_each(|error| self.push(error))).ok()
    }

    fn take_one<T>(&mut self, result: Result<T, QueryError>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    fn projection(
        &mut self,
        schema: &Schema,
        collection: &Arc<Collection>,
        fields: Option<&str>,
        paths: Option<&str>,
    ) -> Option<Projection> {
        let fields = fields.map(|names| self.take(projected(collection, &comma_list(names))));
        let expand = paths.map(|paths| self.take(expand::parse(schema, collection, &comma_list(paths))));
        let expand: Vec<Expand> = expand.unwrap_or_else(|| Some(Vec::new()))?;
        Some(Projection { fields: fields.map_or(Some(None), |fields| fields.map(Some))?, expand })
    }

    /// The whole, if there were no faults.
    fn finish<T>(self, whole: Option<T>) -> Result<T, Vec<QueryError>> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            _ => Err(self.0),
        }
    }
}
