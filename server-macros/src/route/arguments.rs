//! The judge of a handler's arguments: which of them is filled from where, and which parameters nobody takes.

use proc_macro2::Span;
use syn::Expr;
use syn::ext::IdentExt;

use crate::argument::ArgumentType;
use crate::faults::Faults;
use crate::function::{self, Function};
use crate::helpers::Helpers;
use crate::lifetimes;
use crate::pattern::Pattern;

/// One argument of the handler, and where it comes from.
pub(crate) struct Argument {
    /// What messages call it.
    pub(crate) label: String,
    pub(crate) ty: ArgumentType,
    pub(crate) source: Source,
}

pub(crate) enum Source {
    Path { index: usize, name: String },
    Query { name: String, default: Option<Expr> },
    Header { name: String, default: Option<Expr> },
    Extractor,
}

pub(super) fn judge_arguments(
    function: &Function,
    helpers: Vec<Helpers>,
    pattern: Option<&Pattern>,
    faults: &mut Faults,
) -> Vec<Argument> {
    let own = lifetimes::declared(&function.signature.generics);
    let variables: Vec<_> = function
        .arguments()
        .map(|argument| function::variable(&argument.pat).map(|name| name.unraw().to_string()))
        .collect();
    // `_id` takes `{id}`, unless an `id` does.
    let named = |variable: &Option<String>, name: &str| {
        variable.as_deref().is_some_and(|variable| {
            variable == name
                || variable.strip_prefix('_') == Some(name)
                    && !variables.iter().flatten().any(|other| other == name)
        })
    };
    let sources = variables.iter().zip(helpers).map(|(variable, helpers)| {
        if let Some(name) = helpers.header {
            return Source::Header { name, default: helpers.default.map(|(_, value)| value) };
        }
        // Of an argument whose place is not known for a fault in the pattern, nothing more is said.
        let Some(pattern) = pattern else { return Source::Extractor };
        let path = pattern.parameters().enumerate().find(|(_, name)| named(variable, name));
        if let Some((index, name)) = path {
            if let Some((attribute, _)) = helpers.default {
                let message = format!("the path parameter `{{{name}}}` is always there and needs no default");
                faults.on(attribute, message);
            }
            return Source::Path { index, name: name.to_owned() };
        }
        if let Some(name) = pattern.query.iter().find(|name| named(variable, name)) {
            return Source::Query { name: name.clone(), default: helpers.default.map(|(_, value)| value) };
        }
        if let Some((attribute, _)) = helpers.default {
            faults.on(attribute, "only a query parameter or a `#[header(..)]` can have a default");
        }
        Source::Extractor
    });
    let sources: Vec<_> = sources.collect();
    let arguments = function.arguments().enumerate().zip(sources);
    arguments
        .map(|((index, argument), source)| Argument {
            label: function::label(argument, index),
            ty: ArgumentType::new(&argument.ty, &own),
            source,
        })
        .collect()
}

/// The path's parameters that no argument is named after; an extractor may take them.
pub(super) fn judge_claims(
    pattern: &Pattern,
    span: Span,
    arguments: &[Argument],
    faults: &mut Faults,
) -> Vec<String> {
    let unclaimed: Vec<String> = pattern
        .parameters()
        .enumerate()
        .filter(|&(parameter, _)| {
            !arguments
                .iter()
                .any(|argument| matches!(argument.source, Source::Path { index, .. } if index == parameter))
        })
        .map(|(_, name)| name.to_owned())
        .collect();
    if !arguments.iter().any(|argument| matches!(argument.source, Source::Extractor)) {
        for name in &unclaimed {
            faults.at(span, unclaimed_message(name));
        }
    }
    for parameter in &pattern.query {
        let claimed = arguments
            .iter()
            .any(|argument| matches!(&argument.source, Source::Query { name, .. } if name == parameter));
        if !claimed {
            faults.at(span, format!("query parameter `{{{parameter}}}` is taken by no argument"));
        }
    }
    unclaimed
}

pub(crate) fn unclaimed_message(name: &str) -> String {
    format!("path parameter `{{{name}}}` is taken by no argument")
}
