//! A type as the user wrote it, with other lifetimes in it.
//!
//! An argument's type is written in three places of the expansion: in a bound under `for<'__r>`, in a function's body,
//! where the compiler finds the lifetimes by itself, and in constants, where they are `'static`.

use proc_macro2::{Ident, Span};
use syn::visit_mut::{self, VisitMut};
use syn::{
    BoundLifetimes, GenericArgument, GenericParam, Generics, Lifetime, ParenthesizedGenericArguments,
    PathArguments, PathSegment, TraitBound, Type, TypeFnPtr, TypeImplTrait, TypeReference,
};

/// The lifetime of the request in generated bounds. No user's type can contain it, except under a `for<'__r>`.
pub(crate) const REQUEST: &str = "'__r";

/// The lifetimes a function declares.
pub(crate) fn declared(generics: &Generics) -> Vec<Ident> {
    generics.lifetimes().map(|parameter| parameter.lifetime.ident.clone()).collect()
}

/// `ty` with every lifetime that stands for the request's, elided, `'_` or one of `own`, replaced by `lifetime`.
///
/// `'static` stays, and so does what is elided within a function pointer or `Fn(..)`, where it means another thing.
pub(crate) fn replaced(ty: &Type, own: &[Ident], lifetime: &str) -> Type {
    let mut ty = ty.clone();
    Replace { own, lifetime, shadowed: Vec::new(), in_function: 0 }.visit_type_mut(&mut ty);
    ty
}

struct Replace<'a> {
    own: &'a [Ident],
    lifetime: &'a str,
    /// Declared by a `for<..>` around the place we are at.
    shadowed: Vec<Ident>,
    in_function: usize,
}

impl Replace<'_> {
    fn at(&self, span: Span) -> Lifetime {
        Lifetime::new(self.lifetime, span)
    }

    fn under(&mut self, binder: Option<&BoundLifetimes>, visit: impl FnOnce(&mut Self)) {
        let outside = self.shadowed.len();
        for parameter in binder.iter().flat_map(|binder| &binder.lifetimes) {
            if let GenericParam::Lifetime(parameter) = parameter {
                self.shadowed.push(parameter.lifetime.ident.clone());
            }
        }
        visit(self);
        self.shadowed.truncate(outside);
    }
}

impl VisitMut for Replace<'_> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        let name = &lifetime.ident;
        let stands_for_request = if name == "_" {
            self.in_function == 0
        } else {
            self.own.contains(name) && !self.shadowed.contains(name)
        };
        if stands_for_request {
            *lifetime = self.at(lifetime.span());
        }
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() && self.in_function == 0 {
            reference.lifetime = Some(self.at(reference.and_token.span));
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_type_fn_ptr_mut(&mut self, pointer: &mut TypeFnPtr) {
        let binder = pointer.lifetimes.clone();
        self.in_function += 1;
        self.under(binder.as_ref(), |replace| visit_mut::visit_type_fn_ptr_mut(replace, pointer));
        self.in_function -= 1;
    }

    fn visit_parenthesized_generic_arguments_mut(&mut self, arguments: &mut ParenthesizedGenericArguments) {
        self.in_function += 1;
        visit_mut::visit_parenthesized_generic_arguments_mut(self, arguments);
        self.in_function -= 1;
    }

    fn visit_trait_bound_mut(&mut self, bound: &mut TraitBound) {
        let binder = bound.lifetimes.clone();
        self.under(binder.as_ref(), |replace| visit_mut::visit_trait_bound_mut(replace, bound));
    }
}

/// Where `impl Trait` stands in a type, if anywhere.
pub(crate) fn impl_trait(ty: &Type) -> Option<TypeImplTrait> {
    struct Find(Option<TypeImplTrait>);
    impl VisitMut for Find {
        fn visit_type_impl_trait_mut(&mut self, found: &mut TypeImplTrait) {
            self.0.get_or_insert_with(|| found.clone());
        }
    }
    let mut find = Find(None);
    find.visit_type_mut(&mut ty.clone());
    find.0
}

/// A reference for `'static` to what can only be the request's or the application's: text and bytes, and what a `State`
/// or an `Extension` lends.
///
/// Other types may be found in a static by an implementation of the user's, and what is behind another reference is
/// none of the request's. A type of the user's that does have text of the program's in it can be given as an alias.
pub(crate) fn kept_forever(ty: &Type) -> Option<TypeReference> {
    struct Find {
        found: Option<TypeReference>,
        lent: bool,
    }
    impl VisitMut for Find {
        fn visit_path_segment_mut(&mut self, segment: &mut PathSegment) {
            let outside = self.lent;
            self.lent = segment.ident == "State" || segment.ident == "Extension";
            visit_mut::visit_path_segment_mut(self, segment);
            self.lent = outside;
        }

        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            let is_static = reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
            let is_text = match bare(&reference.elem) {
                Type::Path(path) => path.path.is_ident("str"),
                Type::Slice(slice) => {
                    matches!(bare(&slice.elem), Type::Path(path) if path.path.is_ident("u8"))
                }
                _ => false,
            };
            if is_static && (is_text || self.lent) {
                self.found.get_or_insert_with(|| reference.clone());
            }
        }

        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

        fn visit_trait_bound_mut(&mut self, _: &mut TraitBound) {}
    }
    let mut find = Find { found: None, lent: false };
    find.visit_type_mut(&mut ty.clone());
    find.found
}

/// A type, out of the invisible delimiters that `macro_rules!` puts around what it passes on.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        _ => ty,
    }
}

/// The first type among the generic arguments of a type's last path segment: the `T` of `Result<T, E>`.
pub(crate) fn first_argument(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};
    use syn::parse_quote;

    use super::*;

    fn check(ty: Type, expected: Type) {
        let own = [Ident::new("a", Span::call_site())];
        let found = replaced(&ty, &own, "'r").into_token_stream().to_string();
        assert_eq!(found, quote!(#expected).to_string());
    }

    #[test]
    fn elided_and_own_lifetimes_become_the_requests() {
        check(parse_quote!(State<&Db>), parse_quote!(State<&'r Db>));
        check(parse_quote!(Json<New<'_, 'a, 'static>>), parse_quote!(Json<New<'r, 'r, 'static>>));
        check(parse_quote!(&'a [&str]), parse_quote!(&'r [&'r str]));
        check(parse_quote!(&mut T), parse_quote!(&'r mut T));
        check(parse_quote!(Box<dyn Any + '_>), parse_quote!(Box<dyn Any + 'r>));
    }

    #[test]
    fn functions_keep_what_they_elide() {
        check(parse_quote!(Call<fn(&str, X<'_>) -> &str>), parse_quote!(Call<fn(&str, X<'_>) -> &str>));
        check(parse_quote!(Call<fn(&'a str)>), parse_quote!(Call<fn(&'r str)>));
        check(parse_quote!(Call<for<'a> fn(&'a str)>), parse_quote!(Call<for<'a> fn(&'a str)>));
        check(parse_quote!(&dyn Fn(&str) -> &str), parse_quote!(&'r dyn Fn(&str) -> &str));
        check(parse_quote!(Box<dyn for<'a> Of<'a>>), parse_quote!(Box<dyn for<'a> Of<'a>>));
    }

    #[test]
    fn what_cannot_be_kept_forever() {
        for ty in [
            "&'static str",
            "Option<&'static str>",
            "Path<(u8, &'static [u8])>",
            "waypost::State<&'static Db>",
        ] {
            assert!(kept_forever(&syn::parse_str(ty).unwrap()).is_some(), "{ty}");
        }
        for ty in [
            "&str",
            "&'static Country",
            "Option<&'static Country>",
            "State<&Vec<&'static str>>",
            "Extension<&&'static str>",
            "Call<fn(&'static str)>",
            "Box<dyn Of<&'static str>>",
        ] {
            assert!(kept_forever(&syn::parse_str(ty).unwrap()).is_none(), "{ty}");
        }
    }

    #[test]
    fn impl_trait_is_found_inside() {
        assert!(impl_trait(&parse_quote!(Option<impl Copy>)).is_some());
        assert!(impl_trait(&parse_quote!(Option<u8>)).is_none());
    }
}
