//! `#[derive(State)]`.

mod expand;
mod model;

use proc_macro2::TokenStream;

/// Parse, judge, expand. (A derive's input is parsed by syn.)
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    match syn::parse2(item) {
        Ok(item) => expand::expand(&model::judge(item)),
        Err(error) => error.to_compile_error(),
    }
}
