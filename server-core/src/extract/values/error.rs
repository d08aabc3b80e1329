//! What was wrong with which parameter.

use std::{borrow::Cow, error, fmt};

use serde::de::{self, Expected, Unexpected};

use crate::words;

/// A parameter that is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    /// The parameter at fault, where one is.
    pub(crate) name: Option<Cow<'static, str>>,
    /// What is wrong with it, in words meant for the client.
    pub(crate) detail: String,
}

impl Error {
    pub(super) fn missing() -> Self {
        Self { name: None, detail: "missing".to_owned() }
    }

    pub(super) fn repeated() -> Self {
        Self { name: None, detail: "given more than once".to_owned() }
    }

    /// Names the parameter, unless the error names one already.
    pub(super) fn of(mut self, name: &str) -> Self {
        if self.name.is_none() {
            self.name = Some(quotable(name).into());
        }
        self
    }
}

/// A client's own word, short enough to be said back.
pub(super) fn quotable(name: &str) -> String {
    words::shorten(name.to_owned())
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(formatter, "{name}: {}", self.detail),
            None => formatter.write_str(&self.detail),
        }
    }
}

impl error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { name: None, detail: words::shorten(message.to_string()) }
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid type: {unexpected}, expected {}", words::expected(expected)))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid value: {unexpected}, expected {}", words::expected(expected)))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid length {length}, expected {}", words::expected(expected)))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let detail = match expected {
            [] => "unknown parameter, none is expected".to_owned(),
            names => format!("unknown parameter, expected one of `{}`", names.join("`, `")),
        };
        Self { name: Some(quotable(field).into()), detail }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { name: Some(field.into()), ..Self::missing() }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self { name: Some(field.into()), ..Self::repeated() }
    }
}
