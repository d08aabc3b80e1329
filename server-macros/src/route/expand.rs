//! What a route becomes. The handler itself stays as it is.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::arguments::{Argument, Source, unclaimed_message};
use super::model::{Judged, Marker, Route};
use crate::function::{blame, hygienic, located};
use crate::lifetimes;
use crate::pattern::Piece;

/// For an item that is no function: itself and the message.
pub(crate) fn refusal(item: &TokenStream, error: &syn::Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}

/// The function, its struct, and what the struct can do.
pub(crate) fn expand(judged: &Judged) -> TokenStream {
    let Judged { function, marker, outcome } = judged;
    let errors = outcome.as_ref().err().map(syn::Error::to_compile_error);
    let marker = marker.as_ref().map(|marker| {
        let structure = structure(marker);
        let behaviour = match outcome {
            Ok(route) => behaviour(marker, route),
            Err(_) => stub(marker),
        };
        quote!(#structure #behaviour)
    });
    quote!(#function #errors #marker)
}

fn structure(marker: &Marker) -> TokenStream {
    let Marker { name, visibility, cfgs, title, .. } = marker;
    let uri = marker.pieces.as_ref().map(|pieces| uri(marker, pieces));
    quote! {
        #(#cfgs)*
        #[doc = #title]
        #[allow(non_camel_case_types)]
        #visibility struct #name {}

        #uri
    }
}

fn uri(marker: &Marker, pieces: &[Piece]) -> TokenStream {
    let Marker { name, visibility, cfgs, krate, .. } = marker;
    let parameters: Vec<_> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Parameter(name) | Piece::CatchAll(name) => Some(hygienic_raw(name)),
        })
        .collect();
    let pieces = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => quote!(Text(#text)),
        Piece::Parameter(_) => quote!(Param),
        Piece::CatchAll(_) => quote!(CatchAll),
    });
    // Of another hygiene than the parameters, one of which may have the same name.
    let routes = Ident::new("routes", Span::call_site());
    quote! {
        #(#cfgs)*
        impl #name {
            /// The route's path with these parameters, percent-encoded; with the prefix it is mounted under among
            /// `routes`, such as an app's.
            ///
            /// # Errors
            ///
            /// It is not among them, or under several prefixes, or under one with parameters.
            #visibility fn uri_in<'__a>(
                #routes: impl ::core::iter::IntoIterator<Item = &'__a #krate::Route>,
                #(#parameters: impl ::core::fmt::Display),*
            ) -> ::core::result::Result<::std::string::String, #krate::Error> {
                #krate::__private::uri_in(
                    &<Self as #krate::__private::Route>::INFO,
                    #routes,
                    &Self::uri(#(#parameters),*),
                )
            }

            /// The route's path with these parameters, percent-encoded; without the prefixes it is mounted under.
            #visibility fn uri(#(#parameters: impl ::core::fmt::Display),*) -> ::std::string::String {
                #krate::__private::uri(
                    &[#(#krate::__private::Piece::#pieces),*],
                    &[#(&#parameters as &dyn ::core::fmt::Display),*],
                )
            }
        }
    }
}

/// A parameter's name as an argument of ours: raw, since it may be a keyword.
fn hygienic_raw(name: &str) -> Ident {
    if syn::parse_str::<Ident>(name).is_ok() {
        Ident::new(name, Span::mixed_site())
    } else {
        Ident::new_raw(name, Span::mixed_site())
    }
}

/// `Mounted::INFO`, blamed at the handler's name, which is where `line!()` then is.
fn mounted(marker: &Marker, methods: &TokenStream, path: &str) -> TokenStream {
    let Marker { name, cfgs, krate, .. } = marker;
    let title = format!("::{}", name.unraw());
    let here = quote_spanned!(name.span()=> ::core::concat!(::core::module_path!(), #title), ::core::file!(), ::core::line!());
    quote! {
        #(#cfgs)*
        #[automatically_derived]
        impl #krate::__private::Route for #name {
            const INFO: #krate::__private::RouteInfo = #krate::__private::RouteInfo::new(#methods, #path, #here);
        }
    }
}

/// `Endpoint`, whatever its `call` does.
fn endpoint(marker: &Marker, bounds: &TokenStream, body: &TokenStream) -> TokenStream {
    let Marker { name, cfgs, krate, .. } = marker;
    let (request, scope, slot) = (hygienic("request"), hygienic("scope"), hygienic("slot"));
    // The future's faults, such as not being `Send`, are the handler's.
    let here = located(krate, name.span());
    let call = quote_spanned! {blame(name.span())=>
        async fn call<'__a>(
            &'__a self,
            #request: &'__a mut #here::__private::Request,
            #scope: #here::__private::Scope<'__a, __WaypostS>,
            #slot: &'__a mut #here::__private::Slot,
        ) -> ()
    };
    quote! {
        #(#cfgs)*
        #[automatically_derived]
        #[allow(deprecated)]
        impl<__WaypostS> #krate::__private::Endpoint<__WaypostS> for #name
        where
            __WaypostS: ::core::marker::Send + ::core::marker::Sync + 'static,
            #bounds
        {
            #call { #body }
        }
    }
}

/// After a fault: enough for `routes![]` to have nothing to add.
fn stub(marker: &Marker) -> TokenStream {
    let krate = &marker.krate;
    let mounted = mounted(marker, &quote!(#krate::__private::MethodSet::EMPTY), "");
    let (request, scope, slot) = (hygienic("request"), hygienic("scope"), hygienic("slot"));
    let body = quote! {
        let _ = (#request, #scope);
        #slot.fill(#krate::__private::no_such_route());
    };
    let endpoint = endpoint(marker, &TokenStream::new(), &body);
    quote!(#mounted #endpoint)
}

fn behaviour(marker: &Marker, route: &Route) -> TokenStream {
    let krate = &marker.krate;
    let methods = route
        .methods
        .iter()
        .map(|method| quote!(#krate::__private::MethodSet::#method))
        .reduce(|all, method| quote!(#all.union(#method)));
    let mounted = mounted(marker, &quote!(#methods), &route.path);

    let lifetime = request_lifetime();
    let bounds: TokenStream = route
        .extractors()
        .map(|argument| {
            let ty = &argument.ty.bound;
            let krate = located(krate, ty.span());
            quote_spanned! {blame(ty.span())=>
                for<#lifetime> #ty: #krate::__private::FromRequest<#lifetime, __WaypostS>,
            }
        })
        .collect();
    let mut body = call(marker, route);
    if route.boxed {
        body = quote!(::std::boxed::Box::pin(async move { #body }).await);
    }
    let endpoint = endpoint(marker, &bounds, &body);
    let early_checks = early_checks(marker, route);
    let probes = probes(marker, route);
    quote!(#mounted #endpoint #early_checks #probes)
}

/// Blames an extractor's type for what is known of it without the state.
fn probes(marker: &Marker, route: &Route) -> TokenStream {
    let Marker { cfgs, krate, .. } = marker;
    let probes = route.extractors().map(|argument| {
        let ty = &argument.ty.fixed;
        let here = located(krate, ty.span());
        quote_spanned! {blame(ty.span())=>
            #(#cfgs)*
            const _: fn() = || {
                #[allow(unused_imports)]
                use #here::__private::Unknown as _;
                #here::__private::Probe::<#ty>::new().extractor();
            };
        }
    });
    quote!(#(#probes)*)
}

fn request_lifetime() -> syn::Lifetime {
    syn::Lifetime::new(lifetimes::REQUEST, Span::mixed_site())
}

/// The body of `call`: checks, arguments, the handler, its response.
fn call(marker: &Marker, route: &Route) -> TokenStream {
    let Marker { name, krate, .. } = marker;
    let checks = checks(marker, route);
    let input = input(marker, route);
    let slot = hygienic("slot");
    let names: Vec<_> = (0..route.arguments.len()).map(variable).collect();
    let named =
        route.arguments.iter().zip(&names).map(|(argument, variable)| parameter(marker, argument, variable));
    let extracted = extraction(marker, route, &names);

    let awaited = route.is_async.then(|| quote!(.await));
    let output = Ident::new("__output", blame(route.returned));
    let here = located(krate, route.returned);
    let left = quote_spanned!(blame(route.returned)=> #here::__private::IntoResponse::leave(#output, #slot););
    // The parentheses are at the name, too, so that all of the call has one origin.
    let handled = quote_spanned!(name.span()=> (#(#names),*));
    let called = quote_spanned!(blame(route.returned)=> let #output = #name #handled #awaited;);
    let status = route.status.map(|status| quote!(#krate::__private::with_status(#slot, #status);));
    quote! {
        #checks
        #input
        #(#named)*
        #extracted
        #called
        #left
        #status
    }
}

fn variable(index: usize) -> Ident {
    format_ident!("__argument_{}", index, span = Span::mixed_site())
}

/// What is known for certain once the state is: who takes the body, and who takes what is left of the path.
fn checks(marker: &Marker, route: &Route) -> TokenStream {
    let krate = &marker.krate;
    let checks =
        judgements(marker, route, |ty| quote!(<#ty as #krate::__private::FromRequest<'static, __WaypostS>>));
    quote!(#(const { #checks };)*)
}

/// The same where the handler is written, as far as it can be known there: for extractors that ask nothing of the state.
/// Any other one is taken to leave the body alone and to take the path, until the state is known.
fn early_checks(marker: &Marker, route: &Route) -> TokenStream {
    let Marker { cfgs, krate, .. } = marker;
    let checks = judgements(marker, route, |ty| quote!(<__WaypostProbe<#ty>>));
    if checks.is_empty() {
        return TokenStream::new();
    }
    // An inherent constant, where its bound holds, goes before a trait's.
    quote! {
        #(#cfgs)*
        const _: () = {
            struct __WaypostProbe<__WaypostT>(::core::marker::PhantomData<__WaypostT>);
            #[allow(dead_code)]
            impl<__WaypostT: #krate::__private::FromRequest<'static, ()>> __WaypostProbe<__WaypostT> {
                const BODY: #krate::__private::BodyUse = <__WaypostT as #krate::__private::FromRequest<'static, ()>>::BODY;
                const TAKES_PATH: bool = <__WaypostT as #krate::__private::FromRequest<'static, ()>>::TAKES_PATH;
            }
            #[allow(dead_code)]
            trait __WaypostUnknown {
                const BODY: #krate::__private::BodyUse = #krate::__private::BodyUse::Unused;
                const TAKES_PATH: bool = true;
            }
            impl<__WaypostT> __WaypostUnknown for __WaypostProbe<__WaypostT> {}
            #(#checks;)*
        };
    }
}

/// The checks there are, with an extractor's constants found at `of` its type.
fn judgements(marker: &Marker, route: &Route, of: impl Fn(&syn::Type) -> TokenStream) -> Vec<TokenStream> {
    let krate = &marker.krate;
    let (labels, found): (Vec<_>, Vec<_>) =
        route.extractors().map(|argument| (&argument.label, of(&argument.ty.fixed))).unzip();
    let mut checks = Vec::new();
    if found.len() > 1 {
        let here = located(krate, marker.name.span());
        checks.push(quote_spanned! {blame(marker.name.span())=>
            #here::__private::one_body(&[#((#labels, #found::BODY)),*])
        });
    }
    let bodiless = route.body_limit.is_none()
        && !route.methods.is_empty()
        && route.methods.iter().all(|method| method == "GET" || method == "HEAD");
    if bodiless {
        checks.extend(route.extractors().zip(&found).map(|(argument, found)| {
            let (label, span) = (&argument.label, argument.ty.fixed.span());
            let here = located(krate, span);
            quote_spanned!(blame(span)=> #here::__private::no_body(#label, #found::BODY))
        }));
    }
    checks.extend(route.unclaimed.iter().map(|parameter| {
        let message = unclaimed_message(parameter);
        let here = located(krate, route.pattern_span);
        quote_spanned! {blame(route.pattern_span)=>
            #here::__private::takes_path(#(#found::TAKES_PATH)||*, #message)
        }
    }));
    checks
}

fn input(marker: &Marker, route: &Route) -> TokenStream {
    let krate = &marker.krate;
    let (request, scope, input) = (hygienic("request"), hygienic("scope"), hygienic("input"));
    if route.arguments.is_empty() && route.body_limit.is_none() {
        return quote!(let _ = (#request, #scope););
    }
    let changes = route.body_limit.is_some() || route.extractors().next().is_some();
    let mutability = changes.then(|| quote!(mut));
    let parameters = route.parameters;
    let body_limit = route.body_limit.as_ref().map(|bytes| quote!(#input.body_limit(#bytes);));
    // What does not live long enough is blamed here.
    let here = located(krate, marker.name.span());
    let new = quote_spanned!(blame(marker.name.span())=> #here::__private::Input::new(#request, #scope, #parameters));
    let queries: Vec<_> = route.arguments.iter().filter_map(query_name).collect();
    let queries = (!queries.is_empty()).then(|| {
        let values: Vec<_> = queries.iter().map(|name| query_values(name)).collect();
        let all = hygienic("queries");
        quote! {
            let mut #all = [#(#input.sought(#queries)),*];
            #input.search(&mut #all);
            let [#(#values),*] = #all;
        }
    });
    quote! {
        let #mutability #input = #new;
        #body_limit
        #queries
    }
}

fn query_name(argument: &Argument) -> Option<&str> {
    match &argument.source {
        Source::Query { name, .. } => Some(name),
        _ => None,
    }
}

/// What was found in the query under a name.
fn query_values(name: &str) -> Ident {
    format_ident!("__query_{}", name, span = Span::mixed_site())
}

/// An argument that is a single value. Its type is to blame for what goes wrong.
fn parameter(marker: &Marker, argument: &Argument, variable: &Ident) -> TokenStream {
    let (input, slot) = (hygienic("input"), hygienic("slot"));
    let ty = &argument.ty.inferred;
    let krate = located(&marker.krate, ty.span());
    let span = blame(ty.span());
    let (ask, name, default) = match &argument.source {
        Source::Path { index, name } => {
            return quote_spanned! {span=>
                let #variable: #ty = #krate::__private::attempt!(#slot, #input.param::<#ty>(#index, #name));
            };
        }
        Source::Query { name, default } => {
            let values = query_values(name);
            ("query", quote!(#values), default)
        }
        Source::Header { name, default } => ("header", quote!(#name), default),
        Source::Extractor => return TokenStream::new(),
    };
    match default {
        None => {
            let ask = Ident::new(ask, span);
            quote_spanned! {span=>
                let #variable: #ty = #krate::__private::attempt!(#slot, #input.#ask::<#ty>(#name));
            }
        }
        Some(default) => {
            let ask = format_ident!("given_{ask}", span = span);
            quote_spanned! {span=>
                let #variable: #ty = match #krate::__private::attempt!(#slot, #input.#ask::<#ty>(#name)) {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => #default,
                };
            }
        }
    }
}

/// The extractors, in two passes: all that concerns the head is settled before the body is read.
fn extraction(marker: &Marker, route: &Route, names: &[Ident]) -> TokenStream {
    let krate = &marker.krate;
    let (input, slot) = (hygienic("input"), hygienic("slot"));
    let arguments: Vec<_> = route
        .arguments
        .iter()
        .zip(names)
        .filter(|(argument, _)| matches!(argument.source, Source::Extractor))
        .map(|(argument, variable)| (&argument.ty, variable))
        .collect();
    let Some(body) = arguments
        .iter()
        .map(|(ty, _)| {
            let ty = &ty.fixed;
            quote!(<#ty as #krate::__private::FromRequest<'static, __WaypostS>>::BODY)
        })
        .reduce(|one, other| quote!(#one.or(#other)))
    else {
        return TokenStream::new();
    };
    let read = quote! {
        if const { #body.is_used() } {
            #input.read(const { #body }).await;
        }
    };
    if let [(ty, variable)] = &arguments[..] {
        let ty = &ty.inferred;
        return quote! {
            #read
            let #variable = #krate::__private::attempt!(#slot, #input.late::<#ty>().await);
        };
    }
    let early = arguments.iter().map(|(ty, variable)| {
        let ty = &ty.inferred;
        quote!(let #variable = #krate::__private::attempt!(#slot, #input.early::<#ty>().await);)
    });
    let late = arguments.iter().map(|(ty, variable)| {
        let ty = &ty.inferred;
        quote! {
            let #variable = match #variable {
                ::core::option::Option::Some(__value) => __value,
                ::core::option::Option::None => #krate::__private::attempt!(#slot, #input.late::<#ty>().await),
            };
        }
    });
    quote!(#(#early)* #read #(#late)*)
}
