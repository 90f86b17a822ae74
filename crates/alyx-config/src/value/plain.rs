//! Settings that are a type of the standard library: booleans, numbers, text, paths; and URLs.

use std::{num::NonZeroU32, path::PathBuf};

use serde_json::Value as Json;
use url::Url;

use super::{Value, Wrong};
use crate::Kind;

impl Value for bool {
    fn kind() -> Kind {
        Kind::Bool
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            "yes" | "on" | "1" | "True" | "TRUE" => Err(Wrong::because("write true")),
            "no" | "off" | "0" | "False" | "FALSE" => Err(Wrong::because("write false")),
            _ => Err(Wrong::default()),
        }
    }

    fn redacted(&self) -> Json {
        (*self).into()
    }
}

/// Digits only, so that `+5` and `0x10` are refused everywhere alike.
fn digits<T: std::str::FromStr>(text: &str) -> Result<T, Wrong> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_err(|_| Wrong::default())
    } else {
        Err(Wrong::default())
    }
}

impl Value for u16 {
    fn kind() -> Kind {
        Kind::Integer { min: 0, max: Self::MAX.into() }
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        digits(text)
    }

    fn redacted(&self) -> Json {
        (*self).into()
    }
}

impl Value for u32 {
    fn kind() -> Kind {
        Kind::Integer { min: 0, max: Self::MAX.into() }
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        digits(text)
    }

    fn redacted(&self) -> Json {
        (*self).into()
    }
}

impl Value for NonZeroU32 {
    fn kind() -> Kind {
        Kind::Integer { min: 1, max: u32::MAX.into() }
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        digits(text)
    }

    fn redacted(&self) -> Json {
        self.get().into()
    }
}

impl Value for f64 {
    fn kind() -> Kind {
        Kind::Number
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        text.parse().ok().filter(|number: &Self| numeric && number.is_finite()).ok_or_else(Wrong::default)
    }

    fn redacted(&self) -> Json {
        (*self).into()
    }
}

impl Value for String {
    fn kind() -> Kind {
        Kind::Text
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        Ok(text.to_owned())
    }

    fn redacted(&self) -> Json {
        self.as_str().into()
    }
}

impl Value for PathBuf {
    fn kind() -> Kind {
        Kind::Path
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        if text.is_empty() || text.contains('\0') { Err(Wrong::default()) } else { Ok(Self::from(text)) }
    }

    fn redacted(&self) -> Json {
        self.display().to_string().into()
    }
}

impl Value for Url {
    fn kind() -> Kind {
        Kind::Url
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let url = Self::parse(text)
            .map_err(|_| if text.contains("://") { Wrong::default() } else { Wrong::because("start with https://") })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Wrong::because("only http and https are served"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Wrong::because("leave out the user and the password"));
        }
        Ok(url)
    }

    fn redacted(&self) -> Json {
        self.as_str().into()
    }
}

impl<T: Value> Value for Option<T> {
    fn kind() -> Kind {
        Kind::Optional(Box::new(T::kind()))
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        if text.is_empty() { Ok(None) } else { T::parse(text).map(Some) }
    }

    fn redacted(&self) -> Json {
        self.as_ref().map_or(Json::Null, Value::redacted)
    }
}
