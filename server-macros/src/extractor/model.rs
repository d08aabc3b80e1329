//! The judge: a function from extractors to a value.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Path, ReturnType, Type};

use crate::argument::ArgumentType;
use crate::faults::Faults;
use crate::function::{self, Function};
use crate::helpers;
use crate::lifetimes::{self, REQUEST};
use crate::options::{self, RawOptions};

/// What the attribute makes of its function.
pub(crate) struct Judged {
    /// As it was written, our attributes on its arguments taken off.
    pub(crate) function: Function,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) krate: Path,
    /// What is extracted, borrowing from the request; none where that cannot be told or not be written beside it.
    pub(crate) value: Option<Type>,
    pub(crate) outcome: syn::Result<Extractor>,
}

/// A sound extractor.
pub(crate) struct Extractor {
    /// What is extracted, borrowing from the request.
    pub(crate) value: Type,
    /// Where it is written.
    pub(crate) value_span: Span,
    /// Whether the function may fail.
    pub(crate) fallible: bool,
    pub(crate) is_async: bool,
    pub(crate) arguments: Vec<Argument>,
}

pub(crate) struct Argument {
    /// What messages call it.
    pub(crate) label: String,
    pub(crate) ty: ArgumentType,
    pub(crate) source: Source,
}

pub(crate) enum Source {
    Header { name: String, default: Option<Expr> },
    Extractor,
}

pub(crate) fn judge(options: RawOptions, mut function: Function, mut faults: Faults) -> Judged {
    let krate = options::only_crate(options, &mut faults);
    function.judge("an extractor", &mut faults);
    let sources = judge_sources(&mut function, &mut faults);
    let signature = &function.signature;
    let own = lifetimes::declared(&signature.generics);
    let returned = match &signature.output {
        ReturnType::Default => {
            let message =
                "an extractor returns what it extracts: `-> CurrentUser` or `-> Result<CurrentUser>`";
            faults.on(&signature.ident, message);
            None
        }
        ReturnType::Type(_, ty) => judge_value(ty, &mut faults),
    };
    // A type that is made of the function's type parameters means nothing outside of it.
    let nameable =
        !function.is_method() && signature.generics.lifetimes().count() == signature.generics.params.len();
    let value = returned.filter(|_| nameable).map(|(value, _)| lifetimes::replaced(value, &own, REQUEST));
    let outcome = faults.finish().and_then(|()| match (&value, returned) {
        (Some(value), Some((written, fallible))) => Ok(Extractor {
            value_span: written.span(),
            value: value.clone(),
            fallible,
            is_async: function.is_async(),
            arguments: function
                .arguments()
                .enumerate()
                .zip(sources)
                .map(|((index, argument), source)| Argument {
                    label: function::label(argument, index),
                    ty: ArgumentType::new(&argument.ty, &own),
                    source,
                })
                .collect(),
        }),
        // It is not missing without a fault.
        _ => Err(syn::Error::new_spanned(&signature.ident, "the extractor could not be read")),
    });
    Judged { cfgs: function.cfgs(), function, krate, value, outcome }
}

fn judge_sources(function: &mut Function, faults: &mut Faults) -> Vec<Source> {
    let instead =
        "an extractor takes parameters as `Path<T>` and `Query<T>`, and header fields by `#[header(..)]`";
    let helpers = helpers::take(function, instead, faults);
    let sources = helpers.into_iter().map(|helpers| match (helpers.header, helpers.default) {
        (Some(name), default) => Source::Header { name, default: default.map(|(_, value)| value) },
        (None, Some((attribute, _))) => {
            faults.on(attribute, "in an extractor only a `#[header(..)]` can have a default");
            Source::Extractor
        }
        (None, None) => Source::Extractor,
    });
    sources.collect()
}

/// The `T` of a `Result<T, ..>`, which is known by its name, or all of it; and which it was.
fn judge_value<'a>(ty: &'a Type, faults: &mut Faults) -> Option<(&'a Type, bool)> {
    let ty = lifetimes::bare(ty);
    let (value, fallible) = match ty {
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "Result" => match lifetimes::first_argument(&last.arguments) {
                Some(value) => (value, true),
                None => {
                    faults.on(ty, "an extractor's `Result` says what it extracts: `Result<CurrentUser>`");
                    return None;
                }
            },
            _ => (ty, false),
        },
        _ => (ty, false),
    };
    if let Type::Path(_) = lifetimes::bare(value) {
        return Some((value, fallible));
    }
    faults.on(value, "an extractor returns a type of your own by its name, such as `CurrentUser<'_>`");
    None
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;
    use crate::faults::tests::messages;

    fn extractor(text: &str) -> Result<(String, bool), Vec<String>> {
        judge(RawOptions::default(), syn::parse_str(text).unwrap(), Faults::default())
            .outcome
            .map(|found| (found.value.to_token_stream().to_string(), found.fallible))
            .map_err(messages)
    }

    #[test]
    fn values() {
        let user = "CurrentUser < '__r >".to_owned();
        assert_eq!(extractor("async fn f(a: A<'_>) -> CurrentUser<'_> {}"), Ok((user.clone(), false)));
        assert_eq!(
            extractor("fn f<'a>(a: &'a A) -> waypost::Result<CurrentUser<'a>> {}"),
            Ok((user.clone(), true))
        );
        assert_eq!(extractor("fn f() -> Result<CurrentUser<'_>, MyError> {}"), Ok((user, true)));
    }

    #[test]
    fn faults() {
        for (text, begin) in [
            ("fn f() {}", "an extractor returns what it extracts"),
            ("fn f() -> Result {}", "an extractor's `Result` says"),
            ("fn f() -> &User {}", "an extractor returns a type of your own"),
            ("fn f() -> Result<(A, B)> {}", "an extractor returns a type of your own"),
            ("fn f() -> impl Copy {}", "an extractor returns a type of your own"),
            ("fn f<T>() -> User {}", "an extractor cannot be generic over a type"),
            ("fn f(&self) -> User {}", "an extractor is a free function"),
        ] {
            let found = extractor(text).unwrap_err();
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].starts_with(begin), "{text}: {found:?}");
        }
    }
}
