//! The judge: a struct whose fields have types of their own.

use std::collections::HashMap;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Attribute, Data, DeriveInput, Field, Generics, Member, Path, Type};

use crate::faults::Faults;
use crate::options::{self, RawOptions};

/// A state, and what is wrong with it. What it provides is sound in any case, so that a handler that takes it has
/// nothing to add.
pub(crate) struct State {
    pub(crate) faults: syn::Result<()>,
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

pub(crate) fn judge(input: DeriveInput) -> State {
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
    let provided = judge_types(provided, &mut faults);
    State { faults: faults.finish(), name: input.ident, generics: input.generics, krate, provided }
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

/// Values are told apart by their types, as far as can be seen here; the first of each type stays.
fn judge_types(mut provided: Vec<Provided>, faults: &mut Faults) -> Vec<Provided> {
    let mut seen = HashMap::new();
    provided.retain(|field| {
        if !field.cfgs.is_empty() {
            return true;
        }
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
            false
        } else {
            seen.insert(ty, name(&field.member));
            true
        }
    });
    provided
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::tests::messages;

    fn state(text: &str) -> Result<Vec<String>, Vec<String>> {
        let name = |field: Provided| field.member.to_token_stream().to_string();
        let state = judge(syn::parse_str(text).unwrap());
        state.faults.map(|()| state.provided.into_iter().map(name).collect()).map_err(messages)
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
                "unknown option `jump`; the only option is `skip`",
                "`a` and `b` have the same type, so `State<&Vec<A>>` could be either: give one a type of its own, or \
                 mark it `#[state(skip)]`"
            ]
        );
        assert_eq!(state("enum S { A }").unwrap_err().len(), 1);
        assert_eq!(state("union S { a: u8 }").unwrap_err().len(), 1);
        assert_eq!(judge(syn::parse_str("struct S { a: A, b: A, c: C }").unwrap()).provided.len(), 2);
    }
}
