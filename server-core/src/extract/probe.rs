//! What can be asked of an extractor's type where the handler is written, before the state is known.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;

use crate::error::Error;
use crate::extract::{FromHeader, FromRequest, Header, Path, Query};

/// Holds a type that an argument is extracted as. Calling its `extractor` method compiles unless the type is known to be
/// no extractor, whatever the state: the inherent methods go before the trait's, which every type has.
#[doc(hidden)]
pub struct Probe<T>(PhantomData<T>);

impl<T> Probe<T> {
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> fmt::Debug for Probe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Probe")
    }
}

/// Of most types nothing is known before the state is.
#[doc(hidden)]
pub trait Unknown {
    fn extractor(&self) {}
}

impl<T> Unknown for Probe<T> {}

/// Values that only a parameter can be made into: an argument of such a type that is named like none is a mistake.
#[doc(hidden)]
pub trait Plain {}

macro_rules! plain {
    ($($value:ty)*) => { $(
        impl Plain for $value {}
    )* };
}

plain! { i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 bool char }

impl<T: Plain> Plain for Option<T> {}

impl<T: Plain> Probe<T> {
    pub fn extractor(&self)
    where
        T: FromRequest<'static, ()>,
    {
    }
}

/// `Deserialize`, in words of our own.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a request: it does not implement `serde::Deserialize`",
    label = "serde cannot make a value of this type",
    note = "put `#[derive(serde::Deserialize)]` on the type, and on every type of your own that it is made of"
)]
pub trait Readable<'r> {}

#[diagnostic::do_not_recommend]
impl<'r, T: Deserialize<'r>> Readable<'r> for T {}

macro_rules! bounded {
    ($($(#[$feature:meta])? $extractor:ident: $($bound:ident)::+;)*) => { $(
        $(#[$feature])?
        impl<T> Probe<$extractor<T>> {
            pub fn extractor(&self)
            where
                T: $($bound)::+<'static>,
            {
            }
        }

        $(#[$feature])?
        impl<T> Probe<Option<$extractor<T>>> {
            pub fn extractor(&self)
            where
                T: $($bound)::+<'static>,
            {
            }
        }

        $(#[$feature])?
        impl<T> Probe<Result<$extractor<T>, Error>> {
            pub fn extractor(&self)
            where
                T: $($bound)::+<'static>,
            {
            }
        }
    )* };
}

#[cfg(feature = "form")]
use crate::extract::Form;
#[cfg(feature = "json")]
use crate::extract::Json;

bounded! {
    #[cfg(feature = "json")] Json: Readable;
    #[cfg(feature = "form")] Form: Readable;
    Query: Readable;
    Path: Readable;
    Header: FromHeader;
}
