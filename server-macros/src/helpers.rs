//! Attributes on arguments: `#[header(..)]` and `#[default(..)]`.

use syn::{Attribute, Expr, FnArg, LitStr};

use crate::faults::Faults;
use crate::function::Function;

/// Those of one argument.
#[derive(Default)]
pub(crate) struct Helpers {
    /// The attribute, to be blamed, and its value.
    pub(crate) default: Option<(Attribute, Expr)>,
    /// A field's name in lower case.
    pub(crate) header: Option<String>,
}

/// Takes them off the function. `instead` says what is done instead of those that one might think of.
pub(crate) fn take(function: &mut Function, instead: &str, faults: &mut Faults) -> Vec<Helpers> {
    let mut all = Vec::new();
    for argument in &mut function.signature.inputs {
        let FnArg::Typed(argument) = argument else { continue };
        let mut helpers = Helpers::default();
        argument.attrs.retain(|attribute| {
            if attribute.path().is_ident("default") {
                if helpers.default.is_some() {
                    faults.on(attribute, "an argument has one `#[default(..)]`");
                } else if let Some(value) = faults.take(attribute.parse_args::<Expr>()) {
                    helpers.default = Some((attribute.clone(), value));
                }
                false
            } else if attribute.path().is_ident("header") {
                if helpers.header.is_some() {
                    faults.on(attribute, "an argument has one `#[header(..)]`");
                } else {
                    // One with a fault is one nevertheless, so that its default is not at fault, too.
                    let name = faults.take(attribute.parse_args::<LitStr>());
                    helpers.header = Some(name.map_or_else(String::new, |name| judge_header(&name, faults)));
                }
                false
            } else {
                !refused(attribute, &["path", "query"], instead, faults)
            }
        });
        all.push(helpers);
    }
    all
}

/// For functions whose arguments have none. `instead` says what is done instead.
pub(crate) fn refuse(function: &mut Function, instead: &str, faults: &mut Faults) {
    for argument in &mut function.signature.inputs {
        let FnArg::Typed(argument) = argument else { continue };
        argument.attrs.retain(|attribute| {
            !refused(attribute, &["default", "header", "path", "query"], instead, faults)
        });
    }
}

/// Whether it is one of `names`, which is a fault. Any other is somebody else's.
fn refused(attribute: &Attribute, names: &[&str], instead: &str, faults: &mut Faults) -> bool {
    let found = names.iter().find(|name| attribute.path().is_ident(name));
    if let Some(name) = found {
        faults.on(attribute, format!("there is no `#[{name}]` here: {instead}"));
    }
    found.is_some()
}

/// A field name (RFC 9110 section 5.1), in lower case.
fn judge_header(name: &LitStr, faults: &mut Faults) -> String {
    let text = name.value();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_token) {
        faults.at(name.span(), format!("`{text}` is not a header field's name"));
    }
    text.to_ascii_lowercase()
}
