//! The judge: an `async fn` from a request and what comes next to a response.

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    AngleBracketedGenericArguments, Attribute, FnArg, GenericArgument, Path, PathArguments, PathSegment,
    Token, Type, parse_quote,
};

use crate::argument::ArgumentType;
use crate::faults::Faults;
use crate::function::Function;
use crate::helpers;
use crate::lifetimes;
use crate::options::{self, RawOptions};

/// What the attribute makes of its function.
pub(crate) struct Judged {
    /// Its last argument's type completed, what goes on the struct taken off.
    pub(crate) function: Function,
    /// Documentation and conditions: what goes on the struct.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) krate: Path,
    /// The types between the request and what comes next.
    pub(crate) states: syn::Result<Vec<ArgumentType>>,
}

pub(crate) fn judge(options: RawOptions, mut function: Function, mut faults: Faults) -> Judged {
    let krate = options::only_crate(options, &mut faults);
    function.judge("a middleware", &mut faults);
    helpers::refuse(&mut function, ATTRIBUTES, &mut faults);
    if !function.is_async() {
        let message = "a middleware is an `async fn`, since what comes next is awaited";
        faults.at(function.signature.fn_token.span, message);
    }
    let own = lifetimes::declared(&function.signature.generics);
    let arguments: Vec<_> = function.arguments().cloned().collect();
    let mut states = Vec::new();
    match &arguments[..] {
        [request, between @ .., _] => {
            if !matches!(lifetimes::bare(&request.ty), Type::Reference(reference) if reference.mutability.is_some())
            {
                faults
                    .on(&request.ty, "a middleware's first argument is the request: `request: &mut Request`");
            }
            states = between.iter().map(|argument| ArgumentType::new(&argument.ty, &own)).collect();
        }
        // A method's arguments are another matter.
        _ if function.is_method() => {}
        _ => faults.on(&function.signature.ident, USAGE),
    }
    complete_next(&mut function, &krate, &mut faults);
    let states = faults.finish().map(|()| states);
    if states.is_err() {
        complete_others(&mut function, &krate);
    }

    let cfgs = function.cfgs();
    let mut attributes = std::mem::take(&mut function.attributes);
    if !function.is_method() {
        (attributes, function.attributes) = attributes.into_iter().partition(|attribute| {
            ["doc", "cfg", "deprecated"].iter().any(|name| attribute.path().is_ident(name))
        });
    }
    Judged { function, attributes, cfgs, krate, states }
}

const USAGE: &str = "a middleware takes the request and what comes next: \
                     `async fn name(request: &mut Request, next: Next<'_>) -> Response`";

const ATTRIBUTES: &str = "a middleware takes `State<&T>`s, and reads everything else from the request";

/// `Next<'_>` becomes `Next<'_, impl Chain>`: it is called statically.
fn complete_next(function: &mut Function, krate: &Path, faults: &mut Faults) {
    if function.signature.inputs.len() < 2 {
        return;
    }
    let Some(FnArg::Typed(next)) = function.signature.inputs.last_mut() else { return };
    let Type::Path(ty) = &mut *next.ty else {
        faults.on(&next.ty, "a middleware's last argument is what comes next: `next: Next<'_>`");
        return;
    };
    // A path has a segment.
    let Some(last) = ty.path.segments.last_mut() else { return };
    if lifetimes::first_argument(&last.arguments).is_some() {
        faults.on(
            &next.ty,
            "a middleware's last argument is what comes next, without a type: `next: Next<'_>`",
        );
        return;
    }
    complete(last, krate);
}

/// After a fault: what stands elsewhere and is called `Next` gets its type, too, so that nothing more is said of it.
fn complete_others(function: &mut Function, krate: &Path) {
    struct Complete<'a>(&'a Path);
    impl VisitMut for Complete<'_> {
        fn visit_path_segment_mut(&mut self, segment: &mut PathSegment) {
            visit_mut::visit_path_segment_mut(self, segment);
            if segment.ident == "Next" && lifetimes::first_argument(&segment.arguments).is_none() {
                complete(segment, self.0);
            }
        }
    }
    for argument in &mut function.signature.inputs {
        Complete(krate).visit_fn_arg_mut(argument);
    }
}

/// Adds the type to `Next<'_>`.
fn complete(next: &mut PathSegment, krate: &Path) {
    let mut arguments = match &next.arguments {
        PathArguments::AngleBracketed(written) => written.args.clone(),
        _ => Punctuated::new(),
    };
    if arguments.is_empty() {
        arguments.push(parse_quote!('_));
    }
    arguments.push(GenericArgument::Type(parse_quote!(impl #krate::__private::Chain)));
    next.arguments = PathArguments::AngleBracketed(AngleBracketedGenericArguments {
        colon2_token: None,
        lt_token: Token![<](Span::call_site()),
        args: arguments,
        gt_token: Token![>](Span::call_site()),
    });
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;
    use crate::faults::tests::messages;

    fn middleware(text: &str) -> Judged {
        judge(RawOptions::default(), syn::parse_str(text).unwrap(), Faults::default())
    }

    #[test]
    fn next_is_completed() {
        let found = middleware(
            "/// Doc.\n #[allow(x)] async fn f(r: &mut Request, State(db): State<&Db>, n: Next<'_>) -> R {}",
        );
        assert_eq!(found.states.map(|states| states.len()).ok(), Some(1));
        assert_eq!((found.attributes.len(), found.function.attributes.len()), (1, 1));
        let last = found.function.arguments().last().unwrap().ty.to_token_stream().to_string();
        assert_eq!(last, "Next < '_ , impl :: waypost :: __private :: Chain >");
        assert!(middleware("async fn f<'a>(_: &'a mut Request, next: waypost::Next) {}").states.is_ok());
    }

    #[test]
    fn faults() {
        for (text, begin) in [
            ("async fn f() {}", "a middleware takes the request and what comes next"),
            ("async fn f(next: Next<'_>) {}", "a middleware takes the request and what comes next"),
            ("fn f(r: &mut Request, next: Next<'_>) {}", "a middleware is an `async fn`"),
            ("async fn f(r: Request, next: Next<'_>) {}", "a middleware's first argument is the request"),
            (
                "async fn f(r: &mut Request, next: &Next) {}",
                "a middleware's last argument is what comes next:",
            ),
            (
                "async fn f(r: &mut Request, next: Next<'_, C>) {}",
                "a middleware's last argument is what comes next, w",
            ),
            (
                "async fn f<T>(r: &mut Request, next: Next<'_>) {}",
                "a middleware cannot be generic over a type",
            ),
        ] {
            let Err(error) = middleware(text).states else { panic!("{text}") };
            let found = messages(error);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].starts_with(begin), "{text}: {found:?}");
        }
    }
}
