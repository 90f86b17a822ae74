//! `math.…`: largest and smallest, rounding, signs, bits.

use std::cmp::Ordering;

use super::{Definition, no_overload};
use crate::{
    error::{Error, Result},
    value::Value,
};

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition(
        &[
            "math.greatest(int...): int",
            "math.greatest(double...): double",
            "math.greatest(uint...): uint",
            "math.greatest(number...): dyn",
            "math.greatest(list(number)): dyn",
        ],
        |arguments| extreme(arguments, Ordering::Greater),
    ),
    Definition(
        &[
            "math.least(int...): int",
            "math.least(double...): double",
            "math.least(uint...): uint",
            "math.least(number...): dyn",
            "math.least(list(number)): dyn",
        ],
        |arguments| extreme(arguments, Ordering::Less),
    ),
    Definition(&["math.ceil(double): double"], |arguments| of_double(arguments, f64::ceil)),
    Definition(&["math.floor(double): double"], |arguments| of_double(arguments, f64::floor)),
    Definition(&["math.round(double): double"], |arguments| of_double(arguments, f64::round)),
    Definition(&["math.trunc(double): double"], |arguments| of_double(arguments, f64::trunc)),
    Definition(&["math.sqrt(number): double"], square_root),
    Definition(&["math.abs(int): int", "math.abs(uint): uint", "math.abs(double): double"], absolute),
    Definition(&["math.sign(int): int", "math.sign(uint): uint", "math.sign(double): double"], sign),
    Definition(&["math.isNaN(double): bool"], |arguments| ask(arguments, f64::is_nan)),
    Definition(&["math.isInf(double): bool"], |arguments| ask(arguments, f64::is_infinite)),
    Definition(&["math.isFinite(double): bool"], |arguments| ask(arguments, f64::is_finite)),
    Definition(&["math.bitAnd(int, int): int", "math.bitAnd(uint, uint): uint"], |arguments| {
        of_bits(arguments, |left, right| left & right)
    }),
    Definition(&["math.bitOr(int, int): int", "math.bitOr(uint, uint): uint"], |arguments| {
        of_bits(arguments, |left, right| left | right)
    }),
    Definition(&["math.bitXor(int, int): int", "math.bitXor(uint, uint): uint"], |arguments| {
        of_bits(arguments, |left, right| left ^ right)
    }),
    Definition(&["math.bitNot(int): int", "math.bitNot(uint): uint"], |arguments| match arguments {
        [Value::Int(number)] => Ok(Value::Int(!number)),
        [Value::Uint(number)] => Ok(Value::Uint(!number)),
        _ => no_overload(),
    }),
    Definition(&["math.bitShiftLeft(int, int): int", "math.bitShiftLeft(uint, int): uint"], |arguments| {
        shift(arguments, u64::checked_shl)
    }),
    Definition(&["math.bitShiftRight(int, int): int", "math.bitShiftRight(uint, int): uint"], |arguments| {
        shift(arguments, u64::checked_shr)
    }),
];

/// The first of the arguments, or of the items of a list, that none of the others exceeds in that direction.
fn extreme(arguments: &[Value], direction: Ordering) -> Result<Value> {
    let values = match arguments {
        [Value::List(items)] => items.as_slice(),
        values => values,
    };
    let (first, rest) = values.split_first().ok_or(Error::Argument("an empty list has no largest item"))?;
    let mut best = number(first)?;
    for value in rest {
        if number(value)?.order(best)? == direction {
            best = value;
        }
    }
    Ok(best.clone())
}

fn number(value: &Value) -> Result<&Value> {
    match value {
        Value::Int(_) | Value::Uint(_) | Value::Double(_) => Ok(value),
        _ => Err(Error::NoOverload),
    }
}

fn of_double(arguments: &[Value], run: fn(f64) -> f64) -> Result<Value> {
    match arguments {
        [Value::Double(number)] => Ok(Value::Double(run(*number))),
        _ => no_overload(),
    }
}

fn ask(arguments: &[Value], test: fn(f64) -> bool) -> Result<Value> {
    match arguments {
        [Value::Double(number)] => Ok(Value::Bool(test(*number))),
        _ => no_overload(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a root is rounded anyway")]
fn square_root(arguments: &[Value]) -> Result<Value> {
    let number = match arguments {
        [Value::Int(number)] => *number as f64,
        [Value::Uint(number)] => *number as f64,
        [Value::Double(number)] => *number,
        _ => return no_overload(),
    };
    Ok(Value::Double(number.sqrt()))
}

fn absolute(arguments: &[Value]) -> Result<Value> {
    match arguments {
        [Value::Int(number)] => number.checked_abs().map(Value::Int).ok_or(Error::Overflow),
        [Value::Uint(number)] => Ok(Value::Uint(*number)),
        [Value::Double(number)] => Ok(Value::Double(number.abs())),
        _ => no_overload(),
    }
}

fn sign(arguments: &[Value]) -> Result<Value> {
    match arguments {
        [Value::Int(number)] => Ok(Value::Int(number.signum())),
        [Value::Uint(number)] => Ok(Value::Uint(u64::from(*number > 0))),
        [Value::Double(number)] if *number == 0.0 || number.is_nan() => Ok(Value::Double(*number)),
        [Value::Double(number)] => Ok(Value::Double(number.signum())),
        _ => no_overload(),
    }
}

fn of_bits(arguments: &[Value], run: fn(u64, u64) -> u64) -> Result<Value> {
    match arguments {
        [Value::Int(left), Value::Int(right)] => {
            Ok(Value::Int(run(left.cast_unsigned(), right.cast_unsigned()).cast_signed()))
        }
        [Value::Uint(left), Value::Uint(right)] => Ok(Value::Uint(run(*left, *right))),
        _ => no_overload(),
    }
}

/// Shifts move bits, not numbers: 0 comes in on both sides, and 64 places leave nothing.
fn shift(arguments: &[Value], run: fn(u64, u32) -> Option<u64>) -> Result<Value> {
    let places = match arguments {
        [_, Value::Int(places)] if *places < 0 => return Err(Error::Argument("a shift is by 0 places or more")),
        [_, Value::Int(places)] => u32::try_from(*places).unwrap_or(u32::MAX),
        _ => return no_overload(),
    };
    match &arguments[0] {
        Value::Int(number) => Ok(Value::Int(run(number.cast_unsigned(), places).unwrap_or(0).cast_signed())),
        Value::Uint(number) => Ok(Value::Uint(run(*number, places).unwrap_or(0))),
        _ => no_overload(),
    }
}
