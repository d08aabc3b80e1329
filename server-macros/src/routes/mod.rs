//! `routes![]`.

mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;

/// Parse, judge, expand.
pub(crate) fn macro_(list: TokenStream) -> TokenStream {
    match syn::parse2(list).and_then(model::judge) {
        Ok(list) => expand::expand(&list),
        Err(error) => expand::refusal(&error),
    }
}
