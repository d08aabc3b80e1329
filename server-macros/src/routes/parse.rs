//! The list as written.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, LitStr, Path, Token, bracketed};

use crate::options::RawOption;

/// All of `routes![crate = path, ..]`. The list stays as it is, so that a fault in it does not hide where Waypost is.
#[derive(Default)]
pub(crate) struct RawRoutes {
    /// `crate = path`
    pub(crate) option: Option<RawOption>,
    pub(crate) list: TokenStream,
}

impl Parse for RawRoutes {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut option = None;
        if input.peek(Token![crate]) && input.peek2(Token![=]) {
            option = Some(input.parse()?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(Self { option, list: input.parse()? })
    }
}

/// The items between the brackets of `routes![..]`, or of a list nested in it.
pub(crate) struct RawList(pub(crate) Vec<RawItem>);

pub(crate) struct RawItem {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) kind: RawKind,
}

pub(crate) enum RawKind {
    /// `users::show`
    Handler(Path),
    /// `"/prefix" => [..]`
    Nest(LitStr, RawList),
    /// `..set`
    Spread(Expr),
    /// `_ => not_found`
    Fallback(Span, Path),
}

impl Parse for RawList {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let items = Punctuated::<RawItem, Token![,]>::parse_terminated(input)?;
        Ok(Self(items.into_iter().collect()))
    }
}

impl Parse for RawItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let kind = if input.peek(LitStr) {
            let prefix = input.parse()?;
            if !input.peek(Token![=>]) {
                return Err(input.error("a prefix is followed by its routes: `\"/prefix\" => [..]`"));
            }
            input.parse::<Token![=>]>()?;
            if !input.peek(syn::token::Bracket) {
                let message = "a prefix has a list of routes: `\"/prefix\" => [..]`; for a set made elsewhere, write \
                               `\"/prefix\" => [..set]`";
                return Err(input.error(message));
            }
            let list;
            bracketed!(list in input);
            RawKind::Nest(prefix, list.parse()?)
        } else if input.peek(Token![..]) {
            input.parse::<Token![..]>()?;
            RawKind::Spread(input.parse()?)
        } else if input.peek(Token![_]) {
            let underscore: Token![_] = input.parse()?;
            input.parse::<Token![=>]>()?;
            RawKind::Fallback(underscore.span, input.parse()?)
        } else if at_path(input) {
            RawKind::Handler(input.parse()?)
        } else {
            let message =
                "expected a handler's path, `\"/prefix\" => [..]`, `..set`, or `_ => fallback_handler`";
            return Err(input.error(message));
        };
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(after(input, &kind));
        }
        Ok(Self { attributes, kind })
    }
}

fn at_path(input: ParseStream<'_>) -> bool {
    input.peek(syn::Ident)
        || input.peek(Token![::])
        || input.peek(Token![crate])
        || input.peek(Token![self])
        || input.peek(Token![super])
}

/// What is wrong with something that is no comma.
fn after(input: ParseStream<'_>, kind: &RawKind) -> syn::Error {
    match kind {
        RawKind::Handler(path) if input.peek(syn::token::Paren) => {
            let path = compact(path);
            input.error(format!("`{path}` is named, not called; a set of routes is spread: `..{path}()`"))
        }
        RawKind::Handler(path) if input.peek(Token![=>]) => {
            let path = compact(path);
            input.error(format!(
                "a route's path is in its attribute; a prefix is a string: `\"/{path}\" => [..]`"
            ))
        }
        RawKind::Handler(path) if path.is_ident("crate") && input.peek(Token![=]) => {
            input.error("where Waypost is stands first: `routes![crate = path, ..]`")
        }
        _ => input.error("expected `,`"),
    }
}

/// A path, without the spaces that tokens are printed with.
pub(crate) fn compact(path: &Path) -> String {
    let tokens: TokenStream = path.to_token_stream();
    tokens.to_string().split_whitespace().collect()
}
