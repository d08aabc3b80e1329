//! The judge: what was written becomes a route that cannot be wrong, or every fault in it.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Lit, Path, ReturnType, Visibility};

use super::arguments::{Argument, Source, judge_arguments, judge_claims};
use super::parse::{Kind, RawRoute};
use crate::faults::Faults;
use crate::function::Function;
use crate::helpers;
use crate::options;
use crate::pattern::{Pattern, Piece};

/// What the attribute makes of its function.
pub(crate) struct Judged {
    /// As it was written, our attributes on its arguments taken off.
    pub(crate) function: Function,
    /// The struct beside it; none where nothing can stand beside it.
    pub(crate) marker: Option<Marker>,
    pub(crate) outcome: syn::Result<Route>,
}

/// The struct that stands for the handler in `routes![]`. It is there even if the route is at fault, so that one
/// mistake gives one message.
pub(crate) struct Marker {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) cfgs: Vec<Attribute>,
    /// The path of Waypost.
    pub(crate) krate: Path,
    /// For the documentation.
    pub(crate) title: String,
    /// The path, as `uri` builds it.
    pub(crate) pieces: Option<Vec<Piece>>,
}

/// A sound route.
pub(crate) struct Route {
    /// Constants of `MethodSet`.
    pub(crate) methods: Vec<Ident>,
    /// In normal form, without the query.
    pub(crate) path: String,
    /// How many parameters the path has.
    pub(crate) parameters: usize,
    /// Those that only an extractor can take.
    pub(crate) unclaimed: Vec<String>,
    /// Where the pattern is written.
    pub(crate) pattern_span: Span,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) is_async: bool,
    pub(crate) returned: Span,
    pub(crate) status: Option<u16>,
    pub(crate) body_limit: Option<Expr>,
    pub(crate) boxed: bool,
}

impl Route {
    /// The types of the arguments that are extractors.
    pub(crate) fn extractors(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| matches!(argument.source, Source::Extractor))
    }
}

/// `raw` is none where the attribute could not be read, which is among the faults already.
pub(crate) fn judge(kind: Kind, raw: Option<RawRoute>, mut function: Function, mut faults: Faults) -> Judged {
    function.judge("a handler", &mut faults);
    second_attribute(&function, &mut faults);
    let instead = "an argument is made from the parameter of the route's pattern that it is named after";
    let helpers = helpers::take(&mut function, instead, &mut faults);

    let mut krate = options::default_crate();
    let mut settings = Settings::default();
    let mut methods = Some(Vec::new());
    let mut pattern = None;
    let mut pattern_span = Span::call_site();
    if let Some(raw) = raw {
        methods = judge_methods(kind, &raw.methods, &mut faults);
        pattern_span = raw.path.as_ref().map_or(pattern_span, Spanned::span);
        pattern = judge_path(kind, raw.path, &mut faults);
        settings = judge_options(raw.options, &mut krate, &mut faults);
    }

    let arguments = judge_arguments(&function, helpers, pattern.as_ref(), &mut faults);
    let unclaimed = pattern
        .as_ref()
        .map_or_else(Vec::new, |pattern| judge_claims(pattern, pattern_span, &arguments, &mut faults));

    let marker = (!function.is_method()).then(|| Marker {
        name: function.signature.ident.clone(),
        visibility: function.visibility.clone(),
        cfgs: function.cfgs(),
        krate,
        title: title(kind, methods.as_deref(), pattern.as_ref()),
        pieces: pattern.as_ref().filter(|_| kind != Kind::Fallback).map(|pattern| pattern.pieces.clone()),
    });
    let outcome = faults.finish().and_then(|()| {
        // Neither is missing without a fault.
        let (Some(methods), Some(pattern)) = (methods, pattern) else {
            return Err(syn::Error::new(Span::call_site(), "the route could not be read"));
        };
        Ok(Route {
            methods,
            parameters: pattern.parameters().count(),
            path: pattern.path,
            unclaimed,
            pattern_span,
            arguments,
            is_async: function.is_async(),
            returned: match &function.signature.output {
                ReturnType::Default => function.signature.ident.span(),
                ReturnType::Type(_, ty) => ty.span(),
            },
            status: settings.status,
            body_limit: settings.body_limit,
            boxed: settings.boxed,
        })
    });
    Judged { function, marker, outcome }
}

const ATTRIBUTES: [&str; 9] =
    ["get", "post", "put", "patch", "delete", "head", "options", "route", "fallback"];

fn second_attribute(function: &Function, faults: &mut Faults) {
    for attribute in &function.attributes {
        let path = attribute.path();
        let ours =
            path.segments.len() == 1 || path.segments.first().is_some_and(|first| first.ident == "waypost");
        let last = path.segments.last();
        if ours && last.is_some_and(|last| ATTRIBUTES.iter().any(|name| last.ident == name)) {
            let message = "a function has one route attribute; for several methods, write \
                           `#[route(GET | POST, \"/path\")]`";
            faults.on(attribute, message);
        }
    }
}

// --------------------------------------------------------------------------------------------- the attribute

const METHODS: [&str; 10] =
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", "ANY"];

fn judge_methods(kind: Kind, written: &[Ident], faults: &mut Faults) -> Option<Vec<Ident>> {
    match kind {
        Kind::Fallback => return Some(vec![Ident::new("ANY", Span::call_site())]),
        Kind::Method(method) => return Some(vec![Ident::new(method, Span::call_site())]),
        Kind::Route => {}
    }
    if written.is_empty() {
        faults.at(Span::call_site(), "`#[route]` begins with its methods: `#[route(GET | HEAD, \"/path\")]`");
        return None;
    }
    let mut methods: Vec<Ident> = Vec::new();
    for method in written {
        let name = method.to_string();
        if !METHODS.contains(&&*name) {
            let upper = name.to_uppercase();
            let message = if METHODS.contains(&&*upper) {
                format!("methods are written in upper case: `{upper}`")
            } else {
                format!(
                    "`{name}` is not a method; there are {}",
                    METHODS.map(|name| format!("`{name}`")).join(", ")
                )
            };
            faults.at(method.span(), message);
        } else if methods.contains(method) {
            faults.at(method.span(), format!("the method `{name}` is given twice"));
        } else {
            methods.push(Ident::new(&name, Span::call_site()));
        }
    }
    Some(methods)
}

fn judge_path(kind: Kind, path: Option<Expr>, faults: &mut Faults) -> Option<Pattern> {
    if kind == Kind::Fallback {
        return Some(Pattern::default());
    }
    let Some(path) = path else {
        faults.at(Span::call_site(), format!("the route's path is missing: `{}`", kind.usage()));
        return None;
    };
    let Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) = &path else {
        let message = format!("the path is a string literal, so that it can be checked: `{}`", kind.usage());
        faults.on(&path, message);
        return None;
    };
    match Pattern::parse(&literal.value()) {
        Ok(pattern) => Some(pattern),
        Err(all) => {
            for message in all {
                faults.at(literal.span(), message);
            }
            None
        }
    }
}

#[derive(Default)]
struct Settings {
    status: Option<u16>,
    body_limit: Option<Expr>,
    boxed: bool,
}

fn judge_options(options: options::RawOptions, krate: &mut Path, faults: &mut Faults) -> Settings {
    let mut settings = Settings::default();
    for option in options.known(&["status", "body_limit", "boxed", "crate"], faults) {
        let span = option.name.span();
        match &*option.name.to_string() {
            "status" => settings.status = judge_status(option.value, span, faults),
            "boxed" => match option.value {
                None => settings.boxed = true,
                Some(value) => faults.on(value, "`boxed` has no value"),
            },
            "crate" => {
                if let Some(path) = options::crate_path(&option, faults) {
                    *krate = path;
                }
            }
            _ => match option.value {
                Some(bytes) => settings.body_limit = Some(bytes),
                None => faults.at(span, "`body_limit` is a number of bytes: `body_limit = 65_536`"),
            },
        }
    }
    settings
}

fn judge_status(value: Option<Expr>, span: Span, faults: &mut Faults) -> Option<u16> {
    let status = match &value {
        Some(Expr::Lit(ExprLit { lit: Lit::Int(number), .. })) => number.base10_parse().ok(),
        _ => None,
    };
    let status = status.filter(|status| (100..=999).contains(status));
    if status.is_none() {
        let span = value.map_or(span, |value| value.span());
        faults.at(span, "`status` is a number from 100 to 999: `status = 201`");
    }
    status
}

fn title(kind: Kind, methods: Option<&[Ident]>, pattern: Option<&Pattern>) -> String {
    let (Some(methods), Some(pattern)) = (methods, pattern) else {
        return "A route with a fault.".to_owned();
    };
    if kind == Kind::Fallback {
        return "A fallback handler, for `routes![]`.".to_owned();
    }
    let methods: Vec<_> = methods.iter().map(Ident::to_string).collect();
    format!("The route `{} {}`, for `routes![]`.", methods.join("|"), pattern.path)
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;
    use syn::parse::Parser;

    use super::*;
    use crate::faults::tests::messages;

    fn judged(kind: Kind, attribute: &str, function: &str) -> Judged {
        let mut faults = Faults::default();
        let raw = faults
            .take((|input: syn::parse::ParseStream<'_>| RawRoute::parse(kind, input)).parse_str(attribute));
        judge(kind, raw, syn::parse_str(function).unwrap(), faults)
    }

    fn get(attribute: &str, function: &str) -> Route {
        judged(Kind::Method("GET"), attribute, function).outcome.unwrap_or_else(|error| panic!("{error}"))
    }

    fn faults(attribute: &str, function: &str) -> Vec<String> {
        match judged(Kind::Method("GET"), attribute, function).outcome {
            Ok(_) => Vec::new(),
            Err(error) => messages(error),
        }
    }

    fn sources(route: &Route) -> Vec<String> {
        let describe = |argument: &Argument| match &argument.source {
            Source::Path { index, name } => format!("path {index} {name}"),
            Source::Query { name, default } => {
                format!("query {name}{}", if default.is_some() { " or" } else { "" })
            }
            Source::Header { name, default } => {
                format!("header {name}{}", if default.is_some() { " or" } else { "" })
            }
            Source::Extractor => "extractor".to_owned(),
        };
        route.arguments.iter().map(describe).collect()
    }

    #[test]
    fn arguments_find_their_sources() {
        let route = get(
            r#""/users/{id}/{type}?{page}&{tag}", status = 201, boxed, body_limit = 4 * 1024"#,
            r#"async fn show(mut page: Option<u32>, r#type: &str, _id: u64, State(db): State<&Db>,
                #[header("X-Tenant")] #[default("none")] tenant: &str, #[default(vec![])] tag: Vec<&str>) {}"#,
        );
        assert_eq!(
            sources(&route),
            ["query page", "path 1 type", "path 0 id", "extractor", "header x-tenant or", "query tag or"]
        );
        assert_eq!((route.status, route.boxed, route.body_limit.is_some()), (Some(201), true, true));
        assert_eq!((route.path.as_str(), route.parameters), ("/users/{id}/{type}", 2));
    }

    #[test]
    fn an_underscore_gives_way_to_the_exact_name() {
        let route = get(r#""/{id}/{_x}""#, "fn f(_id: A, id: B, _x: C) {}");
        assert_eq!(sources(&route), ["extractor", "path 0 id", "path 1 _x"]);
    }

    #[test]
    fn parameters_nobody_takes() {
        assert_eq!(
            faults(r#""/{id}/{name}?{page}""#, "fn f(id: u8) {}"),
            [
                "path parameter `{name}` is taken by no argument",
                "query parameter `{page}` is taken by no argument"
            ]
        );
        let route = get(r#""/{id}""#, "fn f(Path(id): Path<u8>) {}");
        assert_eq!(route.unclaimed, ["id"]);
    }

    #[test]
    fn every_fault_of_the_attribute_is_reported() {
        assert_eq!(
            faults(r#""users", status = 99, stauts = 1, boxed = 1, boxed, body_limit"#, "fn f<T>() {}"),
            [
                "a handler cannot be generic over a type: nothing says what `T` is when a request comes; \
                 lifetimes are fine",
                "a path must start with `/`",
                "unknown option `stauts`; there are `status`, `body_limit`, `boxed`, `crate`",
                "the option `boxed` is given twice",
                "`status` is a number from 100 to 999: `status = 201`",
                "`boxed` has no value",
                "`body_limit` is a number of bytes: `body_limit = 65_536`",
            ]
        );
    }

    #[test]
    fn a_missing_or_strange_path() {
        assert_eq!(faults("", "fn f() {}"), ["the route's path is missing: `#[get(\"/path\")]`"]);
        assert_eq!(faults("status = 201", "fn f() {}"), ["the route's path is missing: `#[get(\"/path\")]`"]);
        let strange = ["the path is a string literal, so that it can be checked: `#[get(\"/path\")]`"];
        assert_eq!(faults("PATH, boxed", "fn f() {}"), strange);
        assert_eq!(faults("concat!(\"/a\", \"b\")", "fn f() {}"), strange);
    }

    #[test]
    fn helper_attributes() {
        assert_eq!(
            faults(
                r#""/{id}""#,
                r#"fn f(#[default(1)] id: u8, #[default(2)] State(x): State<&X>, #[header("a b")] a: &str,
                    #[header("a")] #[header("b")] b: &str) {}"#
            ),
            [
                "`a b` is not a header field's name",
                "an argument has one `#[header(..)]`",
                "the path parameter `{id}` is always there and needs no default",
                "only a query parameter or a `#[header(..)]` can have a default",
            ]
        );
    }

    #[test]
    fn methods() {
        let route = |attribute| match judged(Kind::Route, attribute, "fn f() {}").outcome {
            Ok(route) => Ok(route.methods.iter().map(Ident::to_string).collect::<Vec<_>>()),
            Err(error) => Err(messages(error)),
        };
        assert_eq!(route(r#"GET | HEAD, "/x""#), Ok(vec!["GET".to_owned(), "HEAD".to_owned()]));
        assert_eq!(
            route(r#"GET | get | GET | LINK, "/x""#),
            Err(vec![
                "methods are written in upper case: `GET`".to_owned(),
                "the method `GET` is given twice".to_owned(),
                "`LINK` is not a method; there are `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `HEAD`, `OPTIONS`, \
                 `CONNECT`, `TRACE`, `ANY`"
                    .to_owned(),
            ])
        );
        assert_eq!(
            route(r#""/x""#),
            Err(vec!["`#[route]` begins with its methods: `#[route(GET | HEAD, \"/path\")]`".to_owned()])
        );
    }

    #[test]
    fn two_attributes() {
        assert_eq!(
            faults(r#""/x""#, "#[post(\"/y\")] fn f() {}"),
            [
                "a function has one route attribute; for several methods, write `#[route(GET | POST, \"/path\")]`"
            ]
        );
    }

    #[test]
    fn a_faulty_route_keeps_its_item_and_its_struct() {
        let found = judged(Kind::Method("GET"), r#""/{id}""#, "pub fn f(#[default(1)] x: u8) {}");
        assert!(found.outcome.is_err());
        assert_eq!(found.function.to_token_stream().to_string(), "pub fn f (x : u8) { }");
        assert!(found.marker.is_some_and(|marker| marker.pieces.is_some()));
        assert!(judged(Kind::Method("GET"), r#""/""#, "fn f(&self) {}").marker.is_none());
    }
}
