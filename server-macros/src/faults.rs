//! Every fault of one invocation, so that they are reported together.

use std::fmt::Display;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Error, Result};

/// The faults found so far; empty to begin with.
#[derive(Default)]
pub(crate) struct Faults(Option<Error>);

impl Faults {
    /// A fault at one place.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.add(Error::new(span, message));
    }

    /// A fault that takes in all of `tokens`.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add(Error::new_spanned(tokens, message));
    }

    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// The value, or its error kept for later.
    pub(crate) fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// `Ok` where there was none.
    pub(crate) fn finish(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Every message of an error, in order.
    pub(crate) fn messages(error: Error) -> Vec<String> {
        error.into_iter().map(|error| error.to_string()).collect()
    }

    #[test]
    fn faults_are_kept_in_order() {
        let mut faults = Faults::default();
        faults.at(Span::call_site(), "one");
        assert_eq!(faults.take::<()>(Err(Error::new(Span::call_site(), "two"))), None);
        assert_eq!(messages(faults.finish().unwrap_err()), ["one", "two"]);
        assert!(Faults::default().finish().is_ok());
    }
}
