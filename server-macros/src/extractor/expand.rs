//! What an extractor becomes: `FromRequest` for what it returns. The function itself stays as it is.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::model::{Extractor, Judged};
use crate::function::{blame, hygienic, located};
use crate::lifetimes;

/// For an item that is no function: itself and the message.
pub(crate) fn refusal(item: &TokenStream, error: &syn::Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}

pub(crate) fn expand(judged: &Judged) -> TokenStream {
    let function = &judged.function;
    match &judged.outcome {
        Ok(extractor) => {
            let implementation = implementation(judged, extractor);
            quote!(#function #implementation)
        }
        Err(error) => {
            let stub = judged.value.as_ref().map(|value| stub(judged, value));
            refusal(&quote!(#function #stub), error)
        }
    }
}

/// After a fault: enough for a handler that takes the value to have nothing to add.
fn stub(judged: &Judged, value: &Type) -> TokenStream {
    let Judged { cfgs, krate, .. } = judged;
    let lifetime = syn::Lifetime::new(lifetimes::REQUEST, Span::mixed_site());
    let context = hygienic("context");
    quote! {
        #(#cfgs)*
        #[automatically_derived]
        #[allow(deprecated)]
        impl<#lifetime, __WaypostS> #krate::__private::FromRequest<#lifetime, __WaypostS> for #value {
            const TAKES_PATH: bool = true;

            fn from_request(
                #context: #krate::__private::Context<#lifetime, __WaypostS>,
            ) -> #krate::__private::Extraction<#lifetime, Self> {
                let _ = #context;
                #krate::__private::Extraction::ready(::core::result::Result::Err(#krate::Error::not_found()))
            }
        }
    }
}

fn implementation(judged: &Judged, extractor: &Extractor) -> TokenStream {
    let Judged { cfgs, krate, .. } = judged;
    let lifetime = syn::Lifetime::new(lifetimes::REQUEST, Span::mixed_site());
    let value = &extractor.value;
    let (labels, types): (Vec<_>, Vec<_>) =
        extractor.arguments.iter().map(|(label, ty)| (label, &ty.bound)).unzip();
    let bounds = types.iter().map(|ty| {
        let krate = located(krate, ty.span());
        quote_spanned!(blame(ty.span())=> #ty: #krate::__private::FromRequest<#lifetime, __WaypostS>,)
    });
    let takes: Vec<_> = types
        .iter()
        .map(|ty| quote!(<#ty as #krate::__private::FromRequest<#lifetime, __WaypostS>>))
        .collect();
    let context = hygienic("context");
    let body = body(judged, extractor, &takes);
    // Someone else's type, or one that has the trait already, is the return type's fault.
    let here = located(krate, extractor.value_span);
    let head = quote_spanned! {blame(extractor.value_span)=>
        impl<#lifetime, __WaypostS> #here::__private::FromRequest<#lifetime, __WaypostS> for #value
    };
    quote! {
        #(#cfgs)*
        #[automatically_derived]
        #[allow(deprecated)]
        #head
        where
            __WaypostS: ::core::marker::Send + ::core::marker::Sync + 'static,
            #(#bounds)*
        {
            const BODY: #krate::__private::BodyUse = {
                #krate::__private::one_body(&[#((#labels, #takes::BODY)),*]);
                #krate::__private::BodyUse::Unused #(.or(#takes::BODY))*
            };
            const TAKES_PATH: bool = false #(|| #takes::TAKES_PATH)*;

            fn from_request(
                #context: #krate::__private::Context<#lifetime, __WaypostS>,
            ) -> #krate::__private::Extraction<#lifetime, Self> {
                #body
            }
        }
    }
}

/// The arguments' extractions, all begun before the first is awaited, and then the function.
fn body(judged: &Judged, extractor: &Extractor, takes: &[TokenStream]) -> TokenStream {
    let krate = &judged.krate;
    let (context, head, whole) = (hygienic("context"), hygienic("head"), hygienic("whole"));
    let names: Vec<_> = (0..takes.len())
        .map(|index| format_ident!("argument_{}", index, span = Span::mixed_site()))
        .collect();
    let begun = quote! {
        let #head = #context.head_only();
        let mut #whole = ::core::option::Option::Some(#context);
        #(
            let #names = #takes::from_request(::core::option::Option::unwrap_or_else(
                if const { #takes::BODY.is_used() } { #whole.take() } else { ::core::option::Option::None },
                || #head.head_only(),
            ));
        )*
    };
    let function = &judged.function.signature.ident;
    let called = called(judged, extractor, &quote!(#function(#(#names),*)));
    match &names[..] {
        [] if !extractor.is_async => quote! {
            let _ = #context;
            #krate::__private::Extraction::ready({ #called })
        },
        // One that is there at once stays so.
        [one] if !extractor.is_async => quote! {
            #begun
            #one.then(|#one| {
                let #one = #one?;
                #called
            })
        },
        _ => quote! {
            #begun
            #krate::__private::Extraction::future(async move {
                #(let #names = #names.await?;)*
                #called
            })
        },
    }
}

/// What the function returns, as a `Result<_, waypost::Error>`.
fn called(judged: &Judged, extractor: &Extractor, call: &TokenStream) -> TokenStream {
    let krate = &judged.krate;
    let awaited = extractor.is_async.then(|| quote!(.await));
    let output = Ident::new("output", blame(extractor.value_span));
    let result = if extractor.fallible {
        let here = located(krate, extractor.value_span);
        quote_spanned! {blame(extractor.value_span)=>
            ::core::result::Result::map_err(#output, |error| ::core::convert::Into::<#here::Error>::into(error))
        }
    } else {
        quote!(::core::result::Result::Ok(#output))
    };
    quote! {
        let #output = #call #awaited;
        #result
    }
}
