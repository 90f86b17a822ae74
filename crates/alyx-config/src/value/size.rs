//! Sizes: bytes, or a number with a decimal (`256MB`) or binary (`10MiB`) unit.

use std::fmt;

use serde_json::Value as Json;

use super::{Value, Wrong};
use crate::Kind;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

const UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

impl ByteSize {
    /// The number of bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl Value for ByteSize {
    fn kind() -> Kind {
        Kind::Size
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let number: u64 = number.parse().map_err(|_| Wrong::default())?;
        let unit = unit.strip_prefix(' ').unwrap_or(unit);
        let size = UNITS.iter().find(|(name, _)| unit.is_empty() || matches_unit(name, unit));
        let (_, size) = size.ok_or_else(|| Wrong::because("the units are KB, MB, GB, TB and KiB, MiB, GiB, TiB"))?;
        number.checked_mul(*size).map(Self).ok_or_else(|| Wrong::because("that is more than any machine has"))
    }

    fn redacted(&self) -> Json {
        self.to_string().into()
    }
}

/// Case does not matter and the `B` may be left out: `512mb`, `10Mi`.
fn matches_unit(name: &str, unit: &str) -> bool {
    name.eq_ignore_ascii_case(unit) || (name.len() > 1 && name[..name.len() - 1].eq_ignore_ascii_case(unit))
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = UNITS.iter().filter(|(_, size)| self.0 > 0 && self.0.is_multiple_of(*size));
        let (unit, size) = fits.min_by_key(|(_, size)| self.0 / size).unwrap_or(&UNITS[0]);
        write!(f, "{}{unit}", self.0 / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_printed_reads_back(bytes: u64) {
            proptest::prop_assert_eq!(ByteSize::parse(&ByteSize(bytes).to_string()), Ok(ByteSize(bytes)));
        }

        #[test]
        fn so_many_units_print_and_read_as_so_many(number in 1u64..100_000, unit in 0usize..UNITS.len()) {
            let (name, size) = UNITS[unit];
            let bytes = ByteSize(number * size);
            proptest::prop_assert_eq!(ByteSize::parse(&format!("{number}{}", name.to_lowercase())), Ok(bytes));
            proptest::prop_assert_eq!(ByteSize::parse(&bytes.to_string()), Ok(bytes));
        }
    }

    #[test]
    fn decimal_and_binary_units_differ_and_bytes_need_none() {
        let read = |text| ByteSize::parse(text).unwrap().bytes();
        assert_eq!((read("1MB"), read("1MiB"), read("512mb")), (1_000_000, 1_048_576, 512_000_000));
        assert_eq!((read("1024"), read("10 KiB"), read("3Gi")), (1024, 10_240, 3 << 30));
        assert_eq!((ByteSize(524_288).to_string(), ByteSize(64_000_000).to_string()), ("512KiB".into(), "64MB".into()));
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "MB", "1.5MB", "-1", "1MBs", "1 000", "20000000TiB", "99999999999999999999"] {
            assert!(ByteSize::parse(text).is_err(), "{text}");
        }
    }
}
