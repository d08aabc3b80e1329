//! `#[get]` and its like, `#[route]` and `#[fallback]`.

mod arguments;
mod expand;
mod model;
mod parse;

use proc_macro2::{Span, TokenStream};
use syn::parse::Parser;

use crate::faults::Faults;
use crate::function::Function;

pub(crate) use parse::Kind;

/// Parse, judge, expand.
pub(crate) fn attribute(kind: Kind, attribute: TokenStream, item: TokenStream) -> TokenStream {
    let function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(_) => {
            let message = format!("`{}` goes on a function", kind.usage());
            return expand::refusal(&item, &syn::Error::new(Span::call_site(), message));
        }
    };
    let mut faults = Faults::default();
    let raw = faults.take(Parser::parse2(
        |input: syn::parse::ParseStream<'_>| parse::RawRoute::parse(kind, input),
        attribute,
    ));
    expand::expand(&model::judge(kind, raw, function, faults))
}
