//! What a parameter's type becomes: `FromParam`, by its one field or by its variants' words.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Lifetime, LifetimeParam, Member, Type, parse_quote};

use super::model::{Kind, Param, Variant};
use crate::function::{blame, hygienic};
use crate::lifetimes;

pub(crate) fn expand(param: &Param) -> TokenStream {
    match &param.kind {
        Ok(Kind::Newtype { member, ty, lifetime }) => newtype(param, member, ty, lifetime.as_ref()),
        Ok(Kind::Words(variants)) => words(param, variants),
        Err(error) => stub(param, error),
    }
}

/// After a fault: the message, and enough for a handler that takes the type to have nothing to add.
fn stub(param: &Param, error: &syn::Error) -> TokenStream {
    let krate = &param.krate;
    let error = error.to_compile_error();
    let value = hygienic("value");
    let body = quote! {
        let _ = #value;
        ::core::result::Result::Err(#krate::__private::ParamError::new(""))
    };
    let implementation = implementation(param, &request_lifetime(), None, &body);
    quote!(#error #implementation)
}

fn newtype(param: &Param, member: &Member, ty: &Type, lifetime: Option<&Lifetime>) -> TokenStream {
    let Param { krate, generics, .. } = param;
    let value = hygienic("value");
    let lifetime = lifetime.cloned().unwrap_or_else(request_lifetime);
    let inner = quote_spanned!(blame(ty.span())=> <#ty as #krate::__private::FromParam<#lifetime>>::from_param(#value));
    // Without type parameters the bound holds or not, and the call says so better.
    let bound =
        generics.type_params().next().map(|_| parse_quote!(#ty: #krate::__private::FromParam<#lifetime>));
    let body = quote! {
        ::core::result::Result::map(#inner, |__value| Self { #member: __value })
    };
    implementation(param, &lifetime, bound, &body)
}

fn words(param: &Param, variants: &[Variant]) -> TokenStream {
    let krate = &param.krate;
    let value = hygienic("value");
    let arms = variants.iter().map(
        |Variant { name, word, cfgs }| quote!(#(#cfgs)* #word => ::core::result::Result::Ok(Self::#name),),
    );
    let words: Vec<_> = variants.iter().map(|variant| format!("`{}`", variant.word)).collect();
    let detail = match &words[..] {
        [one] => format!("must be {one}"),
        many => format!("must be one of {}", many.join(", ")),
    };
    let body = quote! {
        match #value {
            #(#arms)*
            _ => ::core::result::Result::Err(#krate::__private::ParamError::new(#detail)),
        }
    };
    implementation(param, &request_lifetime(), None, &body)
}

fn implementation(
    param: &Param,
    lifetime: &Lifetime,
    bound: Option<syn::WherePredicate>,
    body: &TokenStream,
) -> TokenStream {
    let Param { name, generics, krate, .. } = param;
    let value = hygienic("value");
    let mut extended = generics.clone();
    if !generics.lifetimes().any(|parameter| parameter.lifetime == *lifetime) {
        extended.params.insert(0, GenericParam::Lifetime(LifetimeParam::new(lifetime.clone())));
    }
    if let Some(bound) = bound {
        extended.make_where_clause().predicates.push(bound);
    }
    let (parameters, _, conditions) = extended.split_for_impl();
    let (_, arguments, _) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #parameters #krate::__private::FromParam<#lifetime> for #name #arguments #conditions {
            #[inline]
            fn from_param(
                #value: &#lifetime ::core::primitive::str,
            ) -> ::core::result::Result<Self, #krate::__private::ParamError> {
                #body
            }
        }
    }
}

fn request_lifetime() -> Lifetime {
    Lifetime::new(lifetimes::REQUEST, Span::mixed_site())
}
