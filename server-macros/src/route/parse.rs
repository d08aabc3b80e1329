//! What the user wrote: the attribute's tokens and the function, in types that promise nothing yet.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use crate::options::{self, RawOptions};

/// Which attribute it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `#[get("/path", ..)]` and its like, with the method's name.
    Method(&'static str),
    /// `#[route(GET | HEAD, "/path", ..)]`.
    Route,
    /// `#[fallback(..)]`.
    Fallback,
}

impl Kind {
    /// How to write it, for messages.
    pub(crate) fn usage(self) -> String {
        match self {
            Self::Method(method) => format!("#[{}(\"/path\")]", method.to_lowercase()),
            Self::Route => "#[route(GET | HEAD, \"/path\")]".to_owned(),
            Self::Fallback => "#[fallback]".to_owned(),
        }
    }
}

/// `GET | HEAD, "/path", option, option = value`, whatever of it the attribute has.
pub(crate) struct RawRoute {
    pub(crate) methods: Vec<Ident>,
    /// Whatever stands where the path should.
    pub(crate) path: Option<Expr>,
    pub(crate) options: RawOptions,
}

impl RawRoute {
    pub(crate) fn parse(kind: Kind, input: ParseStream<'_>) -> syn::Result<Self> {
        let mut route = Self { methods: Vec::new(), path: None, options: RawOptions::default() };
        if kind == Kind::Route && input.peek(Ident::peek_any) && !input.peek2(Token![=]) {
            route.methods =
                Punctuated::<Ident, Token![|]>::parse_separated_nonempty_with(input, Ident::parse_any)?
                    .into_iter()
                    .collect();
            separator(input)?;
        }
        if kind != Kind::Fallback && !input.is_empty() && !at_option(input) {
            route.path = Some(options::expression(input)?);
            separator(input)?;
        }
        route.options = RawOptions::parse(input)?;
        Ok(route)
    }
}

/// A comma, unless that was all.
fn separator(input: ParseStream<'_>) -> syn::Result<()> {
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(())
}

/// Whether an option comes, so that the path is missing.
fn at_option(input: ParseStream<'_>) -> bool {
    let next = input.fork();
    next.call(Ident::parse_any).is_ok_and(|name| next.peek(Token![=]) || name == "boxed")
}
