//! What a state becomes: one `Provide` per field.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::model::State;
use crate::function::{blame, located};

pub(crate) fn expand(state: &State) -> TokenStream {
    let State { name, generics, krate, provided } = state;
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let fields = provided.iter().map(|field| {
        let (member, ty, cfgs) = (&field.member, &field.ty, &field.cfgs);
        let krate = located(krate, ty.span());
        quote_spanned! {blame(ty.span())=>
            #(#cfgs)*
            #[automatically_derived]
            impl #parameters #krate::Provide<#ty> for #name #arguments #conditions {
                #[inline]
                fn provide(&self) -> &#ty {
                    &self.#member
                }
            }
        }
    });
    quote!(#(#fields)*)
}
