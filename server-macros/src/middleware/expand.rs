//! What a middleware becomes: a unit struct of its name, the function inside.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ReturnType;
use syn::spanned::Spanned;

use super::model::Judged;
use crate::argument::ArgumentType;
use crate::function::{blame, hygienic, located};
use crate::lifetimes;

/// For an item that is no function: itself and the message.
pub(crate) fn refusal(item: &TokenStream, error: &syn::Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}

pub(crate) fn expand(judged: &Judged) -> TokenStream {
    let Judged { function, attributes, cfgs, krate, states } = judged;
    if function.is_method() {
        let error = states.as_ref().err().map(syn::Error::to_compile_error);
        return quote!(#(#attributes)* #function #error);
    }
    let name = &function.signature.ident;
    let visibility = &function.visibility;
    let mut inner = function.clone();
    inner.visibility = syn::Visibility::Inherited;

    let (bounds, body) = match states {
        Ok(states) => (bounds(judged, states), call(judged, states)),
        Err(error) => (TokenStream::new(), stub(judged, error)),
    };
    let (request, state, next) = (hygienic("request"), hygienic("state"), hygienic("next"));
    // The future's faults, such as not being `Send`, are the function's.
    let here = located(krate, name.span());
    let arguments = quote_spanned! {blame(name.span())=>
        &'__a self,
        #request: &'__a mut #here::__private::Request,
        #state: &'__a __WaypostS,
        #next: #here::__private::Next<'__a, __WaypostC>,
    };
    let handle = quote_spanned! {blame(name.span())=>
        fn handle<'__a, __WaypostC: #here::__private::Chain + '__a>(
            #arguments
        ) -> impl ::core::future::Future<Output = #here::__private::Response> + ::core::marker::Send + '__a {
            #here::__private::taken(#here::__private::Middleware::pass(self, #request, #state, #next))
        }
    };
    let pass = quote_spanned! {blame(name.span())=>
        fn pass<'__a, __WaypostC: #here::__private::Chain + '__a>(
            #arguments
        ) -> impl ::core::future::Future<Output = #here::__private::Answered<'__a>> + ::core::marker::Send + '__a
    };
    // All of it at the user's name, so that one that wraps nothing is reported as never used.
    let structure = quote_spanned!(name.span()=> #visibility struct #name;);
    // That it is old is for others to hear. Neither does the compiler speak of what an old function uses.
    let is_deprecated = attributes.iter().any(|attribute| attribute.path().is_ident("deprecated"));
    let hushed = is_deprecated.then(|| quote!(#[allow(deprecated)]));
    quote! {
        #(#attributes)*
        #[allow(non_camel_case_types)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #structure

        #(#cfgs)*
        #[automatically_derived]
        #hushed
        impl<__WaypostS> #krate::__private::Middleware<__WaypostS> for #name
        where
            __WaypostS: ::core::marker::Send + ::core::marker::Sync + 'static,
            #bounds
        {
            #handle

            #pass {
                #inner
                #body
            }
        }
    }
}

fn bounds(judged: &Judged, states: &[ArgumentType]) -> TokenStream {
    let krate = &judged.krate;
    let lifetime = syn::Lifetime::new(lifetimes::REQUEST, Span::mixed_site());
    let bounds = states.iter().map(|ty| {
        let ty = &ty.bound;
        let krate = located(krate, ty.span());
        quote_spanned!(blame(ty.span())=> for<#lifetime> #ty: #krate::__private::FromState<#lifetime, __WaypostS>,)
    });
    quote!(#(#bounds)*)
}

fn call(judged: &Judged, states: &[ArgumentType]) -> TokenStream {
    let Judged { function, krate, .. } = judged;
    let name = &function.signature.ident;
    let (request, state, next) = (hygienic("request"), hygienic("state"), hygienic("next"));
    let arguments = states.iter().map(|ty| {
        let ty = &ty.inferred;
        quote!(<#ty as #krate::__private::FromState<'_, __WaypostS>>::from_state(#state))
    });
    let returned = match &function.signature.output {
        ReturnType::Default => name.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let here = located(krate, returned);
    let output = Ident::new("__output", blame(returned));
    let leave = quote_spanned!(blame(returned)=> |#output| #here::__private::Answered::made(#output));
    quote! {
        #krate::__private::made(
            move || {
                let _ = #state;
                #name(#request, #(#arguments,)* #next)
            },
            #leave,
        )
    }
}

/// After a fault: the function is still compiled, and `wrap` takes the struct.
fn stub(judged: &Judged, error: &syn::Error) -> TokenStream {
    let krate = &judged.krate;
    let error = error.to_compile_error();
    let (request, state, next) = (hygienic("request"), hygienic("state"), hygienic("next"));
    quote! {
        #error
        #krate::__private::made(
            async move || {
                let _ = (#request, #state, #next);
                #krate::__private::no_such_route()
            },
            #krate::__private::Answered::made,
        )
    }
}
