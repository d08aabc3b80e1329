//! A function under an attribute: what is common to handlers, middleware and extractors.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, GenericParam, Pat, PatType, Safety, Signature, Visibility};

use crate::faults::Faults;
use crate::lifetimes;

/// A free function, its body unread: what is in there is the compiler's affair.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: input.parse()?,
        })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attributes);
        self.visibility.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

impl Function {
    /// The `#[cfg]`s, which hold for whatever is generated beside the function.
    pub(crate) fn cfgs(&self) -> Vec<Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect()
    }

    pub(crate) fn is_async(&self) -> bool {
        self.signature.asyncness.is_some()
    }

    /// Whether it has a `self`: then it stands in an `impl`, where nothing can be generated beside it.
    pub(crate) fn is_method(&self) -> bool {
        self.signature.receiver().is_some()
    }

    /// The arguments, `self` left out.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &PatType> {
        self.signature.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        })
    }

    /// Faults no function under one of our attributes may have. `kind` is the word for it, with its article.
    pub(crate) fn judge(&self, kind: &str, faults: &mut Faults) {
        let signature = &self.signature;
        if let Some(receiver) = signature.receiver() {
            let message = format!(
                "{kind} is a free function and has no `self`: move it out of the `impl`, and take what it needs as \
                 `State<&T>`"
            );
            faults.on(receiver, message);
        }
        if let Some(token) = &signature.constness {
            faults.on(token, format!("{kind} cannot be a `const fn`"));
        }
        if let Safety::Unsafe(token) = &signature.safety {
            faults
                .on(token, format!("{kind} cannot be an `unsafe fn`: nobody could promise what it asks for"));
        }
        if let Some(abi) = &signature.abi {
            faults.on(abi, format!("{kind} cannot be an `extern` function"));
        }
        if let Some(variadic) = &signature.variadic {
            faults.on(variadic, format!("{kind} cannot be variadic"));
        }
        for parameter in &signature.generics.params {
            let (name, what) = match parameter {
                GenericParam::Type(parameter) => (&parameter.ident, "type"),
                GenericParam::Const(parameter) => (&parameter.ident, "const"),
                _ => continue,
            };
            let message = format!(
                "{kind} cannot be generic over a {what}: nothing says what `{name}` is when a request comes; \
                 lifetimes are fine"
            );
            faults.on(parameter, message);
        }
        for argument in self.arguments() {
            if let Some(found) = lifetimes::impl_trait(&argument.ty) {
                faults.on(found, format!("{kind} cannot take an `impl Trait` argument: name the type"));
            }
            if let Some(found) = lifetimes::kept_forever(&argument.ty) {
                let elem = found.elem.to_token_stream().to_string().replace(' ', "");
                let own = match &*elem {
                    "str" => ", or take a `String`",
                    "[u8]" => ", or take `Bytes`",
                    _ => "",
                };
                let message = format!(
                    "{kind} borrows its arguments from the request, which does not live for `'static`: write `&{elem}`{own}"
                );
                faults.on(found, message);
            }
            for attribute in &argument.attrs {
                if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
                    faults.on(attribute, "an argument cannot depend on `cfg`: put it on the whole function");
                }
            }
        }
    }
}

/// The one variable an argument's pattern binds as a whole: `name` and `mut name`, not `State(db)`.
pub(crate) fn variable(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(pattern) if pattern.subpat.is_none() => Some(&pattern.ident),
        _ => None,
    }
}

/// The argument, as a message names it.
pub(crate) fn label(argument: &PatType, index: usize) -> String {
    fn innermost(pattern: &Pat) -> Option<&Ident> {
        match pattern {
            Pat::TupleStruct(pattern) if pattern.elems.len() == 1 => innermost(&pattern.elems[0]),
            Pat::Reference(pattern) => innermost(&pattern.pat),
            Pat::Paren(pattern) => innermost(&pattern.pat),
            other => variable(other),
        }
    }
    innermost(&argument.pat).map_or_else(|| format!("argument {}", index + 1), Ident::to_string)
}

/// A generated variable: no user's variable can meet it, whatever its name. An item could, by its name.
pub(crate) fn hygienic(name: &str) -> Ident {
    Ident::new(&format!("__{name}"), Span::mixed_site())
}

/// A place of the user's code for generated code to be blamed at.
pub(crate) fn blame(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// A path's tokens, blamed elsewhere. What is written with them needs this: an expression of mixed origins is blamed on
/// the whole attribute.
pub(crate) fn located(path: &syn::Path, span: Span) -> TokenStream {
    let tokens = path.to_token_stream().into_iter();
    tokens
        .map(|mut token| {
            // `$crate` is the crate of whoever wrote the macro around us: that is known by where it comes from.
            let is_dollar_crate = matches!(&token, TokenTree::Ident(name) if name == "$crate");
            token.set_span(if is_dollar_crate { token.span().located_at(span) } else { blame(span) });
            token
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::tests::messages;

    fn faults(function: &str) -> Vec<String> {
        let function: Function = syn::parse_str(function).unwrap();
        let mut faults = Faults::default();
        function.judge("a handler", &mut faults);
        faults.finish().map_or_else(messages, |()| Vec::new())
    }

    #[test]
    fn sound_signatures() {
        assert!(
            faults("pub(crate) async fn f<'a>(mut a: &'a str, State(b): State<&B>) -> Json<'a> { a }")
                .is_empty()
        );
        assert!(faults("fn r#type() {}").is_empty());
    }

    #[test]
    fn every_fault_is_reported() {
        let found = faults("const unsafe extern \"C\" fn f<T, const N: usize>(self, a: impl Copy) {}");
        let begins = [
            "a handler is a free function and has no `self`",
            "a handler cannot be a `const fn`",
            "a handler cannot be an `unsafe fn`",
            "a handler cannot be an `extern` function",
            "a handler cannot be generic over a type",
            "a handler cannot be generic over a const",
            "a handler cannot take an `impl Trait` argument",
        ];
        assert_eq!(found.len(), begins.len(), "{found:#?}");
        for (message, begin) in found.iter().zip(begins) {
            assert!(message.starts_with(begin), "{message}");
        }
    }

    #[test]
    fn labels() {
        let function: Function =
            syn::parse_str("fn f(mut a: A, State(b): B, (c, d): C, Json(New { e }): D) {}").unwrap();
        let labels: Vec<_> =
            function.arguments().enumerate().map(|(index, argument)| label(argument, index)).collect();
        assert_eq!(labels, ["a", "b", "argument 3", "argument 4"]);
    }
}
