//! A deserializer around another, for the second look at a document that failed.
//!
//! It differs from the one within in two ways: text that the format had to make (a string with escapes) is kept in the
//! request's scratch space and handed on as borrowed, so that a `&str` takes it; and when something fails, it knows where.
//! Both cost too much for documents that are read at the first attempt, which is nearly all.
//!
//! The place is put together while the error travels outwards: each array and object it passes adds its own step. So
//! nothing is recorded while all goes well, and what a visitor tries and drops leaves no trace.

mod access;
mod fault;
mod visitor;

use std::{cell::Cell, cell::RefCell, fmt::Write as _};

use serde::de::{DeserializeSeed, Deserializer, Visitor};

pub(crate) use fault::Fault;
use visitor::{BoolKey, TrackedVisitor};

use crate::scratch::Scratch;

/// Where in a document an error occurred, and where the document's decoded text is kept.
pub(crate) struct Track<'de> {
    scratch: &'de Scratch,
    /// From the value at fault outwards.
    steps: RefCell<Vec<Step<'de>>>,
    /// Whether there may be steps.
    is_off: Cell<bool>,
}

impl<'de> Track<'de> {
    /// Nothing has gone wrong yet.
    pub(crate) fn new(scratch: &'de Scratch) -> Self {
        Self { scratch, steps: RefCell::default(), is_off: Cell::new(false) }
    }

    /// The place of the last error as a JSON Pointer (RFC 6901): `/items/3/name`; empty for the document itself. Keys are
    /// a client's and of any length: a pointer that would become too long ends at an outer value.
    pub(crate) fn pointer(&self) -> String {
        const LONGEST: usize = 512;
        let mut pointer = String::new();
        for step in self.steps.borrow().iter().rev() {
            let outer = pointer.len();
            pointer.push('/');
            match step {
                // Writing to a string does not fail.
                Step::Index(index) => drop(write!(pointer, "{index}")),
                Step::Name(name) => push_escaped(&mut pointer, name),
                Step::Made(name) => push_escaped(&mut pointer, name),
            }
            if pointer.len() > LONGEST {
                pointer.truncate(outer);
                break;
            }
        }
        pointer
    }

    /// Notes that an error passed `step` on its way out, or that one was overcome.
    #[inline]
    fn passed<T, E>(&self, result: Result<T, E>, step: impl FnOnce() -> Option<Step<'de>>) -> Result<T, E> {
        match &result {
            Err(_) => self.fail(step()),
            Ok(_) if self.is_off.get() => self.recover(),
            Ok(_) => {}
        }
        result
    }

    #[cold]
    fn fail(&self, step: Option<Step<'de>>) {
        self.is_off.set(true);
        self.steps.borrow_mut().extend(step);
    }

    #[cold]
    fn recover(&self) {
        self.is_off.set(false);
        self.steps.borrow_mut().clear();
    }
}

/// A token of a JSON Pointer: `~` and `/` are written `~0` and `~1`.
fn push_escaped(pointer: &mut String, name: &str) {
    for letter in name.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            letter => pointer.push(letter),
        }
    }
}

/// One step from a value to a value within.
enum Step<'de> {
    Index(usize),
    Name(&'de str),
    /// A key that the format read as something other than text.
    Made(String),
}

/// Where a key's deserializer leaves the key's text for the value that follows.
type KeySlot<'de> = Cell<Option<Step<'de>>>;

/// `inner`, tracked.
pub(crate) struct Tracked<'t, 'de, D> {
    inner: D,
    track: &'t Track<'de>,
    key: Option<&'t KeySlot<'de>>,
}

impl<'t, 'de, D> Tracked<'t, 'de, D> {
    /// Wraps `inner`.
    pub(crate) fn new(inner: D, track: &'t Track<'de>) -> Self {
        Self { inner, track, key: None }
    }

    fn visitor<V>(&self, visitor: V) -> TrackedVisitor<'t, 'de, V> {
        TrackedVisitor { inner: visitor, track: self.track, key: self.key }
    }
}

macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Self::Error> {
            let visitor = self.visitor(visitor);
            self.inner.$method($($argument,)* visitor).map_err(Fault::Inner)
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Tracked<'_, 'de, D> {
    type Error = Fault<D::Error>;

    forward! {
        deserialize_any() deserialize_ignored_any() deserialize_identifier() deserialize_option()
        deserialize_char() deserialize_f32() deserialize_f64()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
        deserialize_unit() deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(len: usize) deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map() deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    /// A key that should be a boolean is asked for as text: `serde_json` 1.0.154 mishandles it otherwise, see `json`.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let visitor = self.visitor(visitor);
        match self.key {
            Some(_) => self.inner.deserialize_str(BoolKey(visitor)),
            None => self.inner.deserialize_bool(visitor),
        }
        .map_err(Fault::Inner)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// A seed that is given the deserializer tracked.
struct TrackedSeed<'t, 'de, S> {
    inner: S,
    track: &'t Track<'de>,
    /// Emptied when the key begins. An error before that is in what separates it from the value before, whose key the
    /// slot still has: such a value ended sooner than it should (`serde_json` takes 1 from 1.5 for a `u128`).
    key: Option<&'t KeySlot<'de>>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for TrackedSeed<'_, 'de, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        if let Some(key) = self.key {
            key.set(None);
        }
        let tracked = Tracked { inner, track: self.track, key: self.key };
        self.inner.deserialize(tracked).map_err(Fault::into_inner)
    }
}
