//! What an extractor becomes: `FromRequest` for what it returns. The function itself stays as it is.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Type};

use super::model::{Argument, Extractor, Judged, Source};
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
    let (labels, types): (Vec<_>, Vec<_>) = extractor
        .arguments
        .iter()
        .filter(|argument| matches!(argument.source, Source::Extractor))
        .map(|argument| (&argument.label, &argument.ty.bound))
        .unzip();
    let bounds = types.iter().map(|ty| {
        let krate = located(krate, ty.span());
        quote_spanned!(blame(ty.span())=> #ty: #krate::__private::FromRequest<#lifetime, __WaypostS>,)
    });
    let takes: Vec<_> = types.iter().map(|ty| as_extractor(judged, ty)).collect();
    let context = hygienic("context");
    let body = body(judged, extractor);
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

fn as_extractor(judged: &Judged, ty: &Type) -> TokenStream {
    let krate = &judged.krate;
    let lifetime = syn::Lifetime::new(lifetimes::REQUEST, Span::mixed_site());
    quote!(<#ty as #krate::__private::FromRequest<#lifetime, __WaypostS>>)
}

/// The arguments' extractions, all begun before the first is awaited, and then the function.
fn body(judged: &Judged, extractor: &Extractor) -> TokenStream {
    let krate = &judged.krate;
    let (context, head, whole, fields) =
        (hygienic("context"), hygienic("head"), hygienic("whole"), hygienic("fields"));
    let names: Vec<_> = (0..extractor.arguments.len())
        .map(|index| format_ident!("__argument_{}", index, span = Span::mixed_site()))
        .collect();
    let arguments = || extractor.arguments.iter().zip(&names);
    let extracted: Vec<_> =
        arguments().filter(|(argument, _)| matches!(argument.source, Source::Extractor)).collect();
    let begun = extracted.iter().map(|(argument, name)| {
        let ty = as_extractor(judged, &argument.ty.bound);
        quote! {
            let #name = #ty::from_request(::core::option::Option::unwrap_or_else(
                if const { #ty::BODY.is_used() } { #whole.take() } else { ::core::option::Option::None },
                || #head.head_only(),
            ));
        }
    });
    let kept = (extracted.len() < names.len()).then(|| quote!(let #fields = #context.head();));
    let begun = quote! {
        #kept
        let #head = #context.head_only();
        let mut #whole = ::core::option::Option::Some(#context);
        #(#begun)*
    };
    // In the arguments' order, so that the first fault is told.
    let finished = |awaited: &TokenStream| -> TokenStream {
        let each = arguments().map(|(argument, name)| match &argument.source {
            Source::Extractor => quote!(let #name = #name #awaited?;),
            Source::Header { name: field, default } => {
                header(judged, argument, name, &quote!(#fields, #field), default.as_ref())
            }
        });
        each.collect()
    };
    let function = &judged.function.signature.ident;
    let called = called(judged, extractor, &quote!(#function(#(#names),*)));
    match &extracted[..] {
        [] if !extractor.is_async => {
            let finished = finished(&TokenStream::new());
            quote! {
                #kept
                let _ = #context;
                #krate::__private::Extraction::ready(::core::result::Result::Ok(())).then(move |_| {
                    #finished
                    #called
                })
            }
        }
        // One that is there at once stays so.
        [(_, one)] if !extractor.is_async => {
            let finished = finished(&TokenStream::new());
            quote! {
                #begun
                #one.then(move |#one| {
                    #finished
                    #called
                })
            }
        }
        _ => {
            let finished = finished(&quote!(.await));
            quote! {
                #begun
                #krate::__private::Extraction::future(async move {
                    #finished
                    #called
                })
            }
        }
    }
}

/// An argument that is a header field. Its type is to blame for what goes wrong.
fn header(
    judged: &Judged,
    argument: &Argument,
    variable: &Ident,
    asked: &TokenStream,
    default: Option<&Expr>,
) -> TokenStream {
    let ty = &argument.ty.bound;
    let span = blame(ty.span());
    let krate = located(&judged.krate, ty.span());
    match default {
        None => quote_spanned!(span=> let #variable = #krate::__private::header::<#ty>(#asked)?;),
        Some(default) => quote_spanned! {span=>
            let #variable: #ty = match #krate::__private::given_header::<#ty>(#asked)? {
                ::core::option::Option::Some(__value) => __value,
                ::core::option::Option::None => #default,
            };
        },
    }
}

/// What the function returns, as a `Result<_, waypost::Error>`.
fn called(judged: &Judged, extractor: &Extractor, call: &TokenStream) -> TokenStream {
    let krate = &judged.krate;
    let awaited = extractor.is_async.then(|| quote!(.await));
    let output = Ident::new("__output", blame(extractor.value_span));
    let result = if extractor.fallible {
        let here = located(krate, extractor.value_span);
        quote_spanned! {blame(extractor.value_span)=>
            ::core::result::Result::map_err(#output, |__error| ::core::convert::Into::<#here::Error>::into(__error))
        }
    } else {
        quote!(::core::result::Result::Ok(#output))
    };
    quote! {
        let #output = #call #awaited;
        #result
    }
}
