//! The judge: a struct whose fields have types of their own.

use std::collections::HashMap;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Attribute, Data, DeriveInput, Field, Generics, Member, Path, Type};

use crate::faults::Faults;
use crate::options::{self, RawOptions};

/// A sound state.
pub(crate) struct State {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) krate: Path,
    pub(crate) provided: Vec<Provided>,
}

/// A field that is provided by its type.
pub(crate) struct Provided {
    pub(crate) member: Member,
    pub(crate) ty: Type,
    pub(crate) cfgs: Vec<Attribute>,
}

pub(crate) fn judge(input: DeriveInput) -> syn::Result<State> {
    let mut faults = Faults::default();
    let krate = options::only_crate(written(&input.attrs, &mut faults), &mut faults);
    let mut provided = Vec::new();
    match &input.data {
        Data::Struct(data) => {
            for (field, member) in data.fields.iter().zip(data.fields.members()) {
                if !is_skipped(field, &mut faults) {
                    provided.push(Provided { member, ty: field.ty.clone(), cfgs: cfgs(field) });
                }
            }
        }
        Data::Enum(_) => {
            faults.on(&input.ident, "a state is a struct: an enum has no fields that are always there")
        }
        Data::Union(_) => faults.on(&input.ident, "a state is a struct, not a union"),
    }
    judge_types(&provided, &mut faults);
    faults.finish().map(|()| State { name: input.ident, generics: input.generics, krate, provided })
}

fn written(attributes: &[Attribute], faults: &mut Faults) -> RawOptions {
    let ours = attributes.iter().filter(|attribute| attribute.path().is_ident("state"));
    let parsed = ours.filter_map(|attribute| faults.take(attribute.parse_args::<RawOptions>()));
    RawOptions(parsed.flat_map(|options| options.0).collect())
}

fn is_skipped(field: &Field, faults: &mut Faults) -> bool {
    let options = written(&field.attrs, faults).known(&["skip"], faults);
    if let Some(value) = options.first().and_then(|option| option.value.as_ref()) {
        faults.on(value, "`skip` has no value");
    }
    !options.is_empty()
}

fn cfgs(field: &Field) -> Vec<Attribute> {
    field.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect()
}

/// Values are told apart by their types, as far as can be seen here.
fn judge_types(provided: &[Provided], faults: &mut Faults) {
    let mut seen = HashMap::new();
    for field in provided.iter().filter(|field| field.cfgs.is_empty()) {
        let ty = field.ty.to_token_stream().to_string();
        let name = |member: &Member| member.to_token_stream().to_string();
        if let Some(earlier) = seen.get(&ty) {
            let message = format!(
                "`{earlier}` and `{}` have the same type, so `State<&{}>` could be either: give one a type of its \
                 own, or mark it `#[state(skip)]`",
                name(&field.member),
                ty.replace(' ', "")
            );
            faults.on(&field.ty, message);
        } else {
            seen.insert(ty, name(&field.member));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::tests::messages;

    fn state(text: &str) -> Result<Vec<String>, Vec<String>> {
        let name = |field: Provided| field.member.to_token_stream().to_string();
        syn::parse_str(text)
            .and_then(judge)
            .map(|state| state.provided.into_iter().map(name).collect())
            .map_err(messages)
    }

    #[test]
    fn fields() {
        assert_eq!(state("struct S { a: A, #[state(skip)] b: A, c: Vec<C> }").unwrap(), ["a", "c"]);
        assert_eq!(state("struct S<T>(A, #[state(skip)] B, T);").unwrap(), ["0", "2"]);
        assert_eq!(state("struct S;").unwrap(), [""; 0]);
        assert!(state("struct S { #[cfg(x)] a: A, #[cfg(not(x))] b: A }").is_ok());
    }

    #[test]
    fn faults() {
        assert_eq!(
            state("struct S { a: Vec<A>, b: Vec<A>, #[state(jump)] c: C }").unwrap_err(),
            [
                "unknown option `jump`; there are `skip`",
                "`a` and `b` have the same type, so `State<&Vec<A>>` could be either: give one a type of its own, or \
                 mark it `#[state(skip)]`"
            ]
        );
        assert_eq!(state("enum S { A }").unwrap_err().len(), 1);
        assert_eq!(state("union S { a: u8 }").unwrap_err().len(), 1);
    }
}
