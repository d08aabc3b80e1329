//! `#[middleware]`.

mod expand;
mod model;

use proc_macro2::{Span, TokenStream};

use crate::faults::Faults;
use crate::function::Function;
use crate::options::RawOptions;

/// Parse, judge, expand.
pub(crate) fn attribute(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(_) => {
            return expand::refusal(
                &item,
                &syn::Error::new(Span::call_site(), "`#[middleware]` goes on a function"),
            );
        }
    };
    let mut faults = Faults::default();
    let options = faults.take(syn::parse2::<RawOptions>(attribute)).unwrap_or_default();
    expand::expand(&model::judge(options, function, faults))
}
