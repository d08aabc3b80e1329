//! A visitor around another: what it is given, it hands on, transient text as borrowed text.

use std::fmt;

use serde::de::{Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, Visitor};

use super::{
    Fault, KeySlot, Step, Track, Tracked,
    access::{TrackedEnum, TrackedMap, TrackedSeq},
};
use crate::words;

pub(super) struct TrackedVisitor<'t, 'de, V> {
    pub(super) inner: V,
    pub(super) track: &'t Track<'de>,
    pub(super) key: Option<&'t KeySlot<'de>>,
}

impl<'de, V: Visitor<'de>> TrackedVisitor<'_, 'de, V> {
    fn note_key(&self, step: impl FnOnce() -> Step<'de>) {
        if let Some(key) = self.key {
            key.set(Some(step()));
        }
    }
}

macro_rules! forward {
    ($($method:ident($type:ty))*) => {$(
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.note_key(|| Step::Made(value.to_string()));
            self.inner.$method(value).map_err(Fault::into_inner)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for TrackedVisitor<'_, 'de, V> {
    type Value = V::Value;

    /// Formats put this into their own errors, which never come by [`Fault`].
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&words::expected(&self.inner))
    }

    forward! {
        visit_bool(bool) visit_char(char)
        visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128)
        visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64) visit_u128(u128)
    }

    // A floating point number can be written in many ways; as a key, it is no step to be named.

    fn visit_f32<E: Error>(self, value: f32) -> Result<V::Value, E> {
        self.inner.visit_f32(value).map_err(Fault::into_inner)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        self.inner.visit_f64(value).map_err(Fault::into_inner)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<V::Value, E> {
        self.note_key(|| Step::Name(text));
        self.inner.visit_borrowed_str(text).map_err(Fault::into_inner)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<V::Value, E> {
        let text = self.track.scratch.keep(text);
        self.visit_borrowed_str(text)
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<V::Value, E> {
        self.inner.visit_borrowed_bytes(bytes).map_err(Fault::into_inner)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<V::Value, E> {
        self.visit_byte_buf(bytes.to_owned())
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<V::Value, E> {
        let bytes = self.track.scratch.keep_bytes(bytes);
        self.visit_borrowed_bytes(bytes)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none().map_err(Fault::into_inner)
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit().map_err(Fault::into_inner)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let tracked = Tracked { inner, track: self.track, key: self.key };
        self.inner.visit_some(tracked).map_err(Fault::into_inner)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let tracked = Tracked { inner, track: self.track, key: self.key };
        self.inner.visit_newtype_struct(tracked).map_err(Fault::into_inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let tracked = TrackedSeq { inner, track: self.track, index: 0 };
        self.inner.visit_seq(tracked).map_err(Fault::into_inner)
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let tracked = TrackedMap { inner, track: self.track, key: KeySlot::default() };
        self.inner.visit_map(tracked).map_err(Fault::into_inner)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner
            .visit_enum(TrackedEnum { inner, track: self.track, key: self.key })
            .map_err(Fault::into_inner)
    }
}

/// Takes text for a boolean.
pub(super) struct BoolKey<V>(pub(super) V);

impl<'de, V: Visitor<'de>> Visitor<'de> for BoolKey<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        match text {
            "true" => self.0.visit_bool(true),
            "false" => self.0.visit_bool(false),
            other => Err(E::invalid_type(Unexpected::Str(other), &self)),
        }
    }
}
