//! Named text values as serde reads them: the parameters of a path, a query string, a form.
//!
//! One deserializer serves all three, over pairs of name and value that are decoded already ([`parse_pairs`]):
//!
//! - structs and maps go by name; a struct ignores names it does not know unless it says `deny_unknown_fields`;
//! - a name given more than once fills a sequence (`Vec<T>`, a set, a tuple), and one given once fills a sequence of one;
//!   for any other field it is an error, because neither the first nor the last is what the client meant by both;
//! - `Option<T>` is `Some` when the name is given, and `None` only when it is not: an empty value that is no value of its
//!   type (`?page=` for a number) is an error;
//! - numbers are what [`str::parse`] takes, booleans are `true` and `false`, enums are read by the name of a unit variant;
//! - what does not say which type it wants (`#[serde(flatten)]`, untagged enums) is given strings, since text has no other
//!   types. That is serde's known limit: a number in a flattened struct needs `#[serde(deserialize_with)]`, and a sequence
//!   there is only recognised when its name is repeated.

mod error;
mod group;
mod text;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};

pub(crate) use error::Error;
use group::{Group, Groups};
use text::Text;

use crate::percent::{NotUtf8, decode_form};
use crate::scratch::Scratch;

/// A name and its value, decoded.
pub(crate) type Pair<'r> = (&'r str, &'r str);

/// How many pairs a query string or a form may hold unless the application says otherwise.
pub(crate) const MAX_PAIRS: usize = 1_000;

/// Splits `application/x-www-form-urlencoded` text (a query string, the body of a form) into its pairs, in order, as the
/// WHATWG URL standard has it: pairs are separated by `&`, empty ones are skipped, a pair without `=` has an empty value.
///
/// # Errors
///
/// [`PairsError`]: more than `max` pairs, or escapes that are not UTF-8.
pub(crate) fn parse_pairs<'r>(
    raw: &'r str,
    scratch: &'r Scratch,
    max: usize,
) -> Result<Vec<Pair<'r>>, PairsError> {
    let mut pairs = Vec::new();
    for part in raw.split('&').filter(|part| !part.is_empty()) {
        if pairs.len() == max {
            return Err(PairsError::TooMany { max });
        }
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = decode_form(name, scratch).map_err(|NotUtf8| PairsError::NameNotUtf8)?;
        let value = decode_form(value, scratch)
            .map_err(|NotUtf8| PairsError::ValueNotUtf8 { name: error::quotable(name) })?;
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// Why text could not be split into pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PairsError {
    /// There are more pairs than the limit.
    TooMany {
        /// The limit.
        max: usize,
    },
    /// A name's escapes are not UTF-8.
    NameNotUtf8,
    /// A value's escapes are not UTF-8.
    ValueNotUtf8 {
        /// Whose value it is.
        name: String,
    },
}

impl std::fmt::Display for PairsError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooMany { max } => write!(formatter, "more than {max} parameters"),
            Self::NameNotUtf8 => write!(formatter, "a parameter's name: {NotUtf8}"),
            Self::ValueNotUtf8 { name } => write!(formatter, "{name}: {NotUtf8}"),
        }
    }
}

impl std::error::Error for PairsError {}

/// Reads a query string's or a form's pairs into a struct or a map, or into a list of all pairs in order
/// (`Vec<(&str, &str)>`).
///
/// # Errors
///
/// [`Error`] names the parameter at fault.
pub(crate) fn from_pairs<'r, T: Deserialize<'r>>(pairs: &[Pair<'r>]) -> Result<T, Error> {
    T::deserialize(Pairs { pairs, positional: false })
}

/// Reads a path's parameters: into a struct or a map by name, into a tuple or a list of their values in order, or, when
/// there is exactly one, into the type of its value.
///
/// # Errors
///
/// [`Error`] names the parameter at fault.
pub(crate) fn from_path<'r, T: Deserialize<'r>>(pairs: &[Pair<'r>]) -> Result<T, Error> {
    T::deserialize(Pairs { pairs, positional: true })
}

/// All pairs, as the top level of what is read.
struct Pairs<'p, 'r> {
    pairs: &'p [Pair<'r>],
    /// Values may be taken by their place, as a path's can: it fixes how many there are and in which order.
    positional: bool,
}

impl<'p, 'r> Pairs<'p, 'r> {
    fn by_name<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        let groups = Groups::new(self.pairs);
        visitor.visit_map(Names { groups: &groups, next: 0, value: None })
    }

    fn in_order<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut entries = Entries { rest: self.pairs.iter(), positional: self.positional };
        let value = visitor.visit_seq(&mut entries)?;
        match entries.rest.len() {
            0 => Ok(value),
            rest => {
                let taken = format!("{} parameters", self.pairs.len() - rest);
                Err(Error::invalid_length(self.pairs.len(), &&taken[..]))
            }
        }
    }

    /// The value of the one pair there is.
    fn single(&self, expected: &dyn serde::de::Expected) -> Result<&'p Pair<'r>, Error> {
        match self.pairs {
            [pair] if self.positional => Ok(pair),
            _ if self.positional => Err(Error::invalid_length(self.pairs.len(), &"exactly one parameter")),
            _ => Err(Error::invalid_type(Unexpected::Other("named parameters"), expected)),
        }
    }
}

macro_rules! single {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
            let &(name, value) = self.single(&visitor)?;
            Text(value).$method(visitor).map_err(|error| error.of(name))
        }
    )*};
}

impl<'r> Deserializer<'r> for Pairs<'_, 'r> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        self.by_name(visitor)
    }

    fn deserialize_map<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        self.by_name(visitor)
    }

    fn deserialize_struct<V: Visitor<'r>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.by_name(visitor)
    }

    fn deserialize_seq<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        self.in_order(visitor)
    }

    fn deserialize_tuple<V: Visitor<'r>>(self, _len: usize, visitor: V) -> Result<V::Value, Error> {
        self.in_order(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'r>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.in_order(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'r>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// No pair at all is no value.
    fn deserialize_option<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.pairs.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'r>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'r>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let &(parameter, value) = self.single(&visitor)?;
        Text(value).deserialize_enum(name, variants, visitor).map_err(|error| error.of(parameter))
    }

    single! {
        deserialize_bool deserialize_char deserialize_f32 deserialize_f64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_identifier
    }
}

/// The different names, in order of their first appearance, each with all its values.
struct Names<'g, 'p, 'r> {
    groups: &'g Groups<'p, 'r>,
    next: usize,
    value: Option<Group<'g, 'p, 'r>>,
}

impl<'r> MapAccess<'r> for Names<'_, '_, 'r> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'r>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(first) = self.groups.first_of_name(self.next) else { return Ok(None) };
        self.next = first + 1;
        let group = Group::new(self.groups, first);
        let name = group.name();
        self.value = Some(group);
        seed.deserialize(Text(name)).map(Some).map_err(|error| error.of(name))
    }

    fn next_value_seed<V: DeserializeSeed<'r>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some(group) = self.value.take() else {
            return Err(Error::custom("a value was asked for before its name"));
        };
        let name = group.name();
        seed.deserialize(group).map_err(|error| error.of(name))
    }
}

/// Every pair in its place: the value alone, or the name with it.
struct Entries<'p, 'r> {
    rest: std::slice::Iter<'p, Pair<'r>>,
    positional: bool,
}

impl<'r> SeqAccess<'r> for Entries<'_, 'r> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'r>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(&(name, value)) = self.rest.next() else { return Ok(None) };
        let element = if self.positional {
            seed.deserialize(Text(value))
        } else {
            seed.deserialize(Named(name, value))
        };
        element.map(Some).map_err(|error| error.of(name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// A pair as a tuple of two.
struct Named<'r>(&'r str, &'r str);

impl<'r> Deserializer<'r> for Named<'r> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut both = serde::de::value::SeqDeserializer::new([Text(self.0), Text(self.1)].into_iter());
        let value = visitor.visit_seq(&mut both)?;
        both.end()?;
        Ok(value)
    }

    fn deserialize_newtype_struct<V: Visitor<'r>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'r>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'r> IntoDeserializer<'r, Error> for Text<'r> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
