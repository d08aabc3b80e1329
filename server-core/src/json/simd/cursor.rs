//! `serde_json`'s deserializer, over simd-json's tape.

use std::{fmt, slice};

use serde::{
    Deserialize,
    de::{
        self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
        value::BorrowedStrDeserializer,
    },
};
use simd_json::{Node, StaticNode};

/// The next node to be read.
pub(super) struct Cursor<'t, 'de> {
    nodes: slice::Iter<'t, Node<'de>>,
    body: &'t [u8],
    /// Something was refused. A visitor may get over that and end well, but after a refusal nothing is sure.
    refused: bool,
    /// Whether the document has any escape; looked up when first asked for.
    escapes: Option<bool>,
}

/// Why does not matter: `serde_json` will say.
#[derive(Debug)]
pub(super) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("refused")
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }

    fn invalid_type(_unexpected: de::Unexpected<'_>, _expected: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_unexpected: de::Unexpected<'_>, _expected: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_length: usize, _expected: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_variant: &str, _expected: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_field: &str, _expected: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_field: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_field: &'static str) -> Self {
        Self
    }
}

type Result<T> = std::result::Result<T, Refused>;

impl<'t, 'de> Cursor<'t, 'de> {
    pub(super) fn new(nodes: &'t [Node<'de>], body: &'t [u8]) -> Self {
        Self { nodes: nodes.iter(), body, refused: false, escapes: None }
    }

    pub(super) fn read<T: Deserialize<'de>>(mut self) -> Option<T> {
        let value = T::deserialize(&mut self).ok()?;
        (!self.refused && self.nodes.as_slice().is_empty()).then_some(value)
    }

    fn next(&mut self) -> Result<Node<'de>> {
        match self.nodes.next() {
            Some(node) => Ok(*node),
            None => self.refuse(),
        }
    }

    #[cold]
    fn refuse<T>(&mut self) -> Result<T> {
        self.refused = true;
        Err(Refused)
    }

    fn checked<T>(&mut self, result: Result<T>) -> Result<T> {
        self.refused |= result.is_err();
        result
    }

    /// Passes over `count` nodes.
    fn skip(&mut self, count: usize) -> Result<()> {
        match self.nodes.as_slice().get(count..) {
            Some(rest) => {
                self.nodes = rest.iter();
                Ok(())
            }
            None => self.refuse(),
        }
    }

    /// Has `visit` read a container of `count` nodes, exactly.
    fn container<T>(&mut self, count: usize, visit: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = self.nodes.len();
        let value = visit(self);
        let value = self.checked(value)?;
        if self.nodes.len() + count == before { Ok(value) } else { self.refuse() }
    }

    fn array<V: Visitor<'de>>(&mut self, len: usize, count: usize, visitor: V) -> Result<V::Value> {
        self.container(count, |cursor| visitor.visit_seq(Elements { cursor, left: len }))
    }

    fn object<V: Visitor<'de>>(&mut self, len: usize, count: usize, visitor: V) -> Result<V::Value> {
        self.container(count, |cursor| visitor.visit_map(Members { cursor, left: len }))
    }

    fn number<V: Visitor<'de>>(&mut self, number: StaticNode, visitor: V) -> Result<V::Value> {
        let value = match number {
            StaticNode::U64(number) => visitor.visit_u64(number),
            // simd-json has I64 only for what begins with a minus, and `serde_json` takes minus nought for a float.
            StaticNode::I64(0) => visitor.visit_f64(-0.0),
            StaticNode::I64(number) => visitor.visit_i64(number),
            StaticNode::F64(number) => visitor.visit_f64(number),
            _ => return self.refuse(),
        };
        self.checked(value)
    }

    fn any_number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.next()? {
            Node::Static(number) => self.number(number, visitor),
            _ => self.refuse(),
        }
    }

    fn string<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.next()? {
            Node::String(text) => {
                let value = visitor.visit_borrowed_str(text);
                self.checked(value)
            }
            _ => self.refuse(),
        }
    }

    fn has_escapes(&mut self) -> bool {
        *self.escapes.get_or_insert_with(|| self.body.contains(&b'\\'))
    }
}

/// The `f32` that text has which was rounded to `number` first, or none where that is not certain: rounding twice goes
/// wrong if the first stop is just halfway between two `f32`.
fn single(number: f64) -> Option<f32> {
    const BELOW: u64 = (1 << 29) - 1;
    const HALFWAY: u64 = 1 << 28;
    let rounded = number as f32;
    let certain = number.to_bits() & BELOW != HALFWAY
        && rounded.is_finite()
        // Subnormal numbers have their halves elsewhere.
        && (number == 0.0 || number.abs() > f64::from(f32::MIN_POSITIVE));
    certain.then_some(rounded)
}

macro_rules! forward {
    ($($method:ident)* => $to:ident) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.$to(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Cursor<'_, 'de> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let value = match self.next()? {
            Node::String(text) => visitor.visit_borrowed_str(text),
            Node::Static(StaticNode::Null) => visitor.visit_unit(),
            Node::Static(StaticNode::Bool(value)) => visitor.visit_bool(value),
            Node::Static(number) => return self.number(number, visitor),
            Node::Array { len, count } => return self.array(len, count, visitor),
            Node::Object { len, count } => return self.object(len, count, visitor),
        };
        self.checked(value)
    }

    forward! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f64 => any_number
    }

    forward! { deserialize_str deserialize_string deserialize_char deserialize_identifier => string }

    forward! { deserialize_byte_buf => deserialize_bytes }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.next()? {
            Node::Static(StaticNode::Bool(value)) => {
                let value = visitor.visit_bool(value);
                self.checked(value)
            }
            _ => self.refuse(),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.next()? {
            Node::Static(StaticNode::F64(number)) => match single(number) {
                Some(number) => {
                    let value = visitor.visit_f64(number.into());
                    self.checked(value)
                }
                None => self.refuse(),
            },
            Node::Static(number) => self.number(number, visitor),
            _ => self.refuse(),
        }
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let value = match self.next()? {
            Node::Static(StaticNode::U64(number)) => visitor.visit_i128(number.into()),
            Node::Static(StaticNode::I64(number)) => visitor.visit_i128(number.into()),
            _ => return self.refuse(),
        };
        self.checked(value)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.next()? {
            Node::Static(StaticNode::U64(number)) => {
                let value = visitor.visit_u128(number.into());
                self.checked(value)
            }
            _ => self.refuse(),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.next()? {
            Node::String(text) => {
                let value = visitor.visit_borrowed_bytes(text.as_bytes());
                self.checked(value)
            }
            Node::Array { len, count } => self.array(len, count, visitor),
            _ => self.refuse(),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let value = match self.nodes.as_slice().first() {
            Some(Node::Static(StaticNode::Null)) => {
                self.skip(1)?;
                visitor.visit_none()
            }
            _ => visitor.visit_some(&mut *self),
        };
        self.checked(value)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.next()? {
            Node::Static(StaticNode::Null) => {
                let value = visitor.visit_unit();
                self.checked(value)
            }
            _ => self.refuse(),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        // `serde_json::value::RawValue` comes by here too. It then wants a map, gets none, and `serde_json` reads it.
        let value = visitor.visit_newtype_struct(&mut *self);
        self.checked(value)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.next()? {
            Node::Array { len, count } => self.array(len, count, visitor),
            _ => self.refuse(),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.next()? {
            Node::Object { len, count } => self.object(len, count, visitor),
            _ => self.refuse(),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.next()? {
            Node::Object { len, count } => self.object(len, count, visitor),
            Node::Array { len, count } => self.array(len, count, visitor),
            _ => self.refuse(),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.next()? {
            Node::Object { len: 1, count } => {
                self.container(count, |cursor| visitor.visit_enum(Variant { cursor }))
            }
            Node::String(text) => {
                let value = visitor.visit_enum(BorrowedStrDeserializer::new(text));
                self.checked(value)
            }
            _ => self.refuse(),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if let Node::Array { count, .. } | Node::Object { count, .. } = self.next()? {
            self.skip(count)?;
        }
        let value = visitor.visit_unit();
        self.checked(value)
    }
}

struct Elements<'c, 't, 'de> {
    cursor: &'c mut Cursor<'t, 'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_, '_, 'de> {
    type Error = Refused;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.cursor).map(Some)
    }
}

struct Members<'c, 't, 'de> {
    cursor: &'c mut Cursor<'t, 'de>,
    left: usize,
}

impl<'de> MapAccess<'de> for Members<'_, '_, 'de> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(Key { cursor: self.cursor }).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        seed.deserialize(&mut *self.cursor)
    }
}

/// A key is text, which may be a number's.
struct Key<'c, 't, 'de> {
    cursor: &'c mut Cursor<'t, 'de>,
}

impl<'de> Key<'_, '_, 'de> {
    fn integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let Node::String(text) = self.cursor.next()? else { return self.cursor.refuse() };
        // `serde_json` reads the key as it is written, before escapes are undone; on the tape they are undone.
        if self.cursor.has_escapes() {
            return self.cursor.refuse();
        }
        let canonical = matches!(text.as_bytes(), [b'0'] | [b'1'..=b'9', ..] | [b'-', b'1'..=b'9', ..]);
        let value = match (canonical, text.parse::<u64>(), text.parse::<i64>()) {
            (true, Ok(number), _) => visitor.visit_u64(number),
            (true, _, Ok(number)) => visitor.visit_i64(number),
            _ => return self.cursor.refuse(),
        };
        self.cursor.checked(value)
    }

    /// Keys that are rare, and have rules of their own.
    fn refuse<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value> {
        self.cursor.refuse()
    }
}

impl<'de> Deserializer<'de> for Key<'_, '_, 'de> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.cursor.string(visitor)
    }

    forward! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 => integer
    }

    forward! { deserialize_bool deserialize_f32 deserialize_f64 deserialize_i128 deserialize_u128 => refuse }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.cursor.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.cursor.deserialize_bytes(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.cursor.deserialize_bytes(visitor)
    }

    serde::forward_to_deserialize_any! {
        char str string unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A variant with its content: an object of one member.
struct Variant<'c, 't, 'de> {
    cursor: &'c mut Cursor<'t, 'de>,
}

impl<'de> EnumAccess<'de> for Variant<'_, '_, 'de> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self)> {
        let variant = seed.deserialize(&mut *self.cursor)?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_, 'de> {
    type Error = Refused;

    fn unit_variant(self) -> Result<()> {
        <()>::deserialize(self.cursor)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        seed.deserialize(self.cursor)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        self.cursor.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.cursor.deserialize_struct("", fields, visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_once_or_not_at_all() {
        assert_eq!(single(1.5), Some(1.5));
        assert_eq!(single(-0.1), Some(-0.1));
        assert_eq!(single(0.0), Some(0.0));
        // Halfway between 1 and the next `f32`; too large; too small to be sure.
        assert_eq!(single(1.0 + f64::from(f32::EPSILON) / 2.0), None);
        assert_eq!(single(1e39), None);
        assert_eq!(single(1e-40), None);
    }
}
