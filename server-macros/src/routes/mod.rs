//! `routes![]`.

mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;

use crate::faults::Faults;
use crate::options;
use parse::RawRoutes;

/// Parse, judge, expand.
pub(crate) fn macro_(list: TokenStream) -> TokenStream {
    let mut faults = Faults::default();
    let raw = faults.take(syn::parse2::<RawRoutes>(list)).unwrap_or_default();
    let krate = raw.option.and_then(|option| options::crate_path(&option, &mut faults));
    let krate = krate.unwrap_or_else(options::default_crate);
    let list = faults.take(syn::parse2(raw.list).and_then(model::judge)).unwrap_or_default();
    match faults.finish() {
        Ok(()) => expand::expand(&krate, &list),
        Err(error) => expand::refusal(&krate, &error),
    }
}
