//! An argument's type, as each place of the expansions needs it.

use proc_macro2::Ident;
use syn::Type;

use crate::lifetimes::{self, REQUEST};

pub(crate) struct ArgumentType {
    /// Under `for<'__r>`.
    pub(crate) bound: Type,
    /// Where lifetimes are inferred.
    pub(crate) inferred: Type,
    /// In constants.
    pub(crate) fixed: Type,
}

impl ArgumentType {
    /// `own` are the lifetimes the function declares.
    pub(crate) fn new(ty: &Type, own: &[Ident]) -> Self {
        Self {
            bound: lifetimes::replaced(ty, own, REQUEST),
            inferred: lifetimes::replaced(ty, own, "'_"),
            fixed: lifetimes::replaced(ty, own, "'static"),
        }
    }
}
