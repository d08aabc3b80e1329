//! What a state becomes: one `Provide` per field; and the messages, after a fault.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::model::State;
use crate::function::{blame, located};

pub(crate) fn expand(state: &State) -> TokenStream {
    let State { faults, name, generics, krate, provided } = state;
    let errors = faults.as_ref().err().map(syn::Error::to_compile_error);
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let fields = provided.iter().map(|field| {
        let (member, ty, cfgs) = (&field.member, &field.ty, &field.cfgs);
        let krate = located(krate, ty.span());
        quote_spanned! {blame(ty.span())=>
            #(#cfgs)*
            #[automatically_derived]
            #[allow(deprecated)]
            impl #parameters #krate::Provide<#ty> for #name #arguments #conditions {
                #[inline]
                fn provide(&self) -> &#ty {
                    &self.#member
                }
            }
        }
    });
    quote!(#errors #(#fields)*)
}
