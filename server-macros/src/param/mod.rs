//! `#[derive(FromParam)]`.

mod case;
mod expand;
mod model;

use proc_macro2::TokenStream;

/// Parse, judge, expand. (A derive's input is parsed by syn.)
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    match syn::parse2(item).and_then(model::judge) {
        Ok(param) => expand::expand(&param),
        Err(error) => error.to_compile_error(),
    }
}
