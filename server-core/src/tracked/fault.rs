//! The error of a tracked deserializer: the one within, or a visitor's verdict in plain words.

use std::{error, fmt};

use serde::de::{self, Expected, Unexpected};

use crate::words;

/// An error on its way out.
#[derive(Debug)]
pub(crate) enum Fault<E> {
    /// The format's own error.
    Inner(E),
    /// What a visitor had against a value. It is put here first, and not at once into the format's own error, so that
    /// what it says is ours to word.
    Verdict(Box<str>),
}

impl<E: de::Error> Fault<E> {
    /// The format's own error, which is what can travel through the format.
    pub(crate) fn into_inner(self) -> E {
        match self {
            Self::Inner(error) => error,
            Self::Verdict(detail) => E::custom(detail),
        }
    }
}

impl<E: fmt::Display> fmt::Display for Fault<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inner(error) => error.fmt(formatter),
            Self::Verdict(detail) => formatter.write_str(detail),
        }
    }
}

impl<E: error::Error> error::Error for Fault<E> {}

impl<E: de::Error> de::Error for Fault<E> {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Verdict(message.to_string().into())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = words::expected(expected);
        match unexpected {
            Unexpected::Unit => Self::custom(format_args!("invalid type: null, expected {expected}")),
            unexpected => Self::custom(format_args!("invalid type: {unexpected}, expected {expected}")),
        }
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid value: {unexpected}, expected {}", words::expected(expected)))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid length {length}, expected {}", words::expected(expected)))
    }
}
