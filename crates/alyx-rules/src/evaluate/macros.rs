//! List macros: their bodies run once an item.

use super::{Evaluation, construct::known};
use crate::{
    error::{Error, Result},
    limits::MAX_LENGTH,
    tree::{Macro, MacroKind},
    value::{Key, Map, Operators, Value},
};

impl Evaluation<'_> {
    pub(super) fn run_macro(&mut self, inner: &Macro) -> Result<Value> {
        let range = self.evaluate(&inner.range)?;
        match inner.kind {
            MacroKind::OptMap | MacroKind::OptFlatMap => return self.of_optional(inner, range),
            _ => self.work_on(range.weight())?,
        }
        let rounds = rounds(range, inner.variables.len())?;
        let result = match inner.kind {
            MacroKind::All => self.quantify(inner, rounds, false),
            MacroKind::Exists => self.quantify(inner, rounds, true),
            MacroKind::ExistsOne => self.exists_one(inner, rounds),
            MacroKind::TransformMap | MacroKind::TransformMapEntry => self.make_map(inner, rounds),
            _ => self.make_list(inner, rounds),
        };
        inner.variables.iter().for_each(|variable| self.bind(variable.slot, None));
        result
    }

    fn enter(&mut self, inner: &Macro, round: &Round) {
        for (variable, value) in inner.variables.iter().zip([&round.first, &round.second]) {
            self.bind(variable.slot, value.clone());
        }
    }

    /// `all` and `exists`: errors are absorbed as by `&&` and `||`.
    fn quantify(&mut self, inner: &Macro, rounds: Vec<Round>, deciding: bool) -> Result<Value> {
        let mut result = Ok(Value::Bool(!deciding));
        for round in rounds {
            self.enter(inner, &round);
            match self.condition(&inner.body) {
                Ok(holds) if holds == deciding => return Ok(Value::Bool(deciding)),
                Ok(_) => {}
                Err(Error::Steps) => return Err(Error::Steps),
                Err(error) => result = Err(error),
            }
        }
        result
    }

    fn exists_one(&mut self, inner: &Macro, rounds: Vec<Round>) -> Result<Value> {
        let mut count = 0;
        for round in rounds {
            self.enter(inner, &round);
            count += u32::from(self.condition(&inner.body)?);
        }
        Ok(Value::Bool(count == 1))
    }

    fn make_list(&mut self, inner: &Macro, rounds: Vec<Round>) -> Result<Value> {
        let mut list = Vec::new();
        for round in rounds {
            self.enter(inner, &round);
            if !self.counts(inner)? {
                continue;
            }
            if inner.kind == MacroKind::Filter {
                list.extend(self.condition(&inner.body)?.then_some(round.first).flatten());
            } else {
                list.push(known(self.evaluate(&inner.body)?)?);
            }
            if list.len() > MAX_LENGTH {
                return Err(Error::Length);
            }
        }
        Ok(Value::list(list))
    }

    fn make_map(&mut self, inner: &Macro, rounds: Vec<Round>) -> Result<Value> {
        let mut map = Map::default();
        for round in rounds {
            self.enter(inner, &round);
            if !self.counts(inner)? {
                continue;
            }
            let value = known(self.evaluate(&inner.body)?)?;
            match (inner.kind, value) {
                (MacroKind::TransformMap, value) => {
                    map.insert(Key::to_insert(round.first.as_ref().unwrap_or(&Value::Null))?, value)?;
                }
                (_, Value::Map(entries)) => {
                    for (key, value) in entries.iter() {
                        map.insert(key.clone(), value.clone())?;
                    }
                }
                _ => return Err(Error::NoOverload),
            }
        }
        Ok(Value::map(map))
    }

    fn counts(&mut self, inner: &Macro) -> Result<bool> {
        inner.filter.as_ref().map_or(Ok(true), |filter| self.condition(filter))
    }

    fn of_optional(&mut self, inner: &Macro, range: Value) -> Result<Value> {
        let Value::Optional(value) = range else { return Err(Error::NoOverload) };
        let Some(value) = value else { return Ok(Value::NONE) };
        self.bind(inner.variables[0].slot, Some((*value).clone()));
        let result = self.evaluate(&inner.body);
        self.bind(inner.variables[0].slot, None);
        match (inner.kind, result?) {
            (MacroKind::OptMap, result) => Ok(Value::some(result)),
            (_, result @ Value::Optional(_)) => Ok(result),
            _ => Err(Error::NoOverload),
        }
    }
}

/// What the variables of a macro are in one round.
pub(crate) struct Round {
    pub(crate) first: Option<Value>,
    pub(crate) second: Option<Value>,
}

/// Items or keys for one variable; for two, positions and items, or keys and values.
pub(crate) fn rounds(range: Value, variables: usize) -> Result<Vec<Round>> {
    let pair = variables == 2;
    match range {
        Value::List(items) => Ok(items
            .iter()
            .zip(0_i64..)
            .map(|(item, index)| match pair {
                true => Round { first: Some(Value::Int(index)), second: Some(item.clone()) },
                false => Round { first: Some(item.clone()), second: None },
            })
            .collect()),
        Value::Map(map) if map.operators() == Operators::Itself => Err(Error::Unknown),
        Value::Map(map) => Ok(map
            .iter()
            .map(|(key, value)| Round { first: Some(key.value()), second: pair.then(|| value.clone()) })
            .collect()),
        _ => Err(Error::NoOverload),
    }
}
