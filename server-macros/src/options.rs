//! What stands between the parentheses of our attributes: `name = value` and plain `name`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Path, Token, parse_quote};

use crate::faults::Faults;

/// One option, as written.
pub(crate) struct RawOption {
    pub(crate) name: Ident,
    pub(crate) value: Option<Expr>,
}

impl Parse for RawOption {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected an option: `name = value`, or a `name`"));
        }
        let name = input.call(Ident::parse_any)?;
        let value = input.parse::<Option<Token![=]>>()?.map(|_| expression(input)).transpose()?;
        Ok(Self { name, value })
    }
}

/// An expression, out of the invisible delimiters that `macro_rules!` puts around what it passes on.
pub(crate) fn expression(input: ParseStream<'_>) -> syn::Result<Expr> {
    let mut expression = input.parse()?;
    while let Expr::Group(group) = expression {
        expression = *group.expr;
    }
    Ok(expression)
}

/// All options of an attribute, separated by commas.
#[derive(Default)]
pub(crate) struct RawOptions(pub(crate) Vec<RawOption>);

impl Parse for RawOptions {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self(Punctuated::<RawOption, Token![,]>::parse_terminated(input)?.into_iter().collect()))
    }
}

impl RawOptions {
    /// Keeps the first of each known option, and reports those that are repeated or unknown.
    pub(crate) fn known(self, known: &[&str], faults: &mut Faults) -> Vec<RawOption> {
        let mut kept: Vec<RawOption> = Vec::new();
        for option in self.0 {
            if !known.iter().any(|known| option.name == known) {
                let known: Vec<_> = known.iter().map(|known| format!("`{known}`")).collect();
                let known = match &known[..] {
                    [one] => format!("the only option is {one}"),
                    many => format!("there are {}", many.join(", ")),
                };
                faults.at(option.name.span(), format!("unknown option `{}`; {known}", option.name));
            } else if kept.iter().any(|earlier| earlier.name == option.name) {
                faults.at(option.name.span(), format!("the option `{}` is given twice", option.name));
            } else {
                kept.push(option);
            }
        }
        kept
    }
}

/// `crate = path`: what generated code calls Waypost.
pub(crate) fn crate_path(option: &RawOption, faults: &mut Faults) -> Option<Path> {
    match &option.value {
        Some(Expr::Path(path)) if path.qself.is_none() => Some(path.path.clone()),
        _ => {
            faults.at(option.name.span(), "`crate` is the path of Waypost: `crate = ::waypost`");
            None
        }
    }
}

/// Where Waypost is unless an option says otherwise.
pub(crate) fn default_crate() -> Path {
    parse_quote!(::waypost)
}

/// For attributes whose one option is `crate`.
pub(crate) fn only_crate(options: RawOptions, faults: &mut Faults) -> Path {
    let options = options.known(&["crate"], faults);
    options.first().and_then(|option| crate_path(option, faults)).unwrap_or_else(default_crate)
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;
    use crate::faults::tests::messages;

    #[test]
    fn unknown_and_repeated() {
        let options: RawOptions = syn::parse_str("boxed, crate = a::b, boxed, stauts = 3").unwrap();
        let mut faults = Faults::default();
        let kept = options.known(&["boxed", "crate"], &mut faults);
        assert_eq!(kept.len(), 2);
        assert_eq!(crate_path(&kept[1], &mut faults).unwrap().to_token_stream().to_string(), "a :: b");
        assert_eq!(
            messages(faults.finish().unwrap_err()),
            ["the option `boxed` is given twice", "unknown option `stauts`; there are `boxed`, `crate`"]
        );
        let mut faults = Faults::default();
        only_crate(syn::parse_str("krate = a").unwrap(), &mut faults);
        assert_eq!(
            messages(faults.finish().unwrap_err()),
            ["unknown option `krate`; the only option is `crate`"]
        );
    }
}
