//! Base64.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{Definition, no_overload};
use crate::{error::Error, value::Value};

/// Writes padding and does not ask for it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition(&["base64.encode(bytes): string"], |arguments| match arguments {
        [Value::Bytes(bytes)] => Ok(Value::string(BASE64.encode(bytes))),
        _ => no_overload(),
    }),
    Definition(&["base64.decode(string): bytes"], |arguments| match arguments {
        [Value::String(text)] => {
            BASE64.decode(&**text).map(Value::bytes).map_err(|_| Error::Argument("the text is no base64"))
        }
        _ => no_overload(),
    }),
];
