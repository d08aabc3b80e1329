//! The judge: a struct round one value, or an enum of plain variants.

use std::collections::HashSet;

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{
    Attribute, Data, DataEnum, DataStruct, DeriveInput, Expr, ExprLit, Fields, Generics, Lifetime, Lit,
    LitStr, Member, Path, Type,
};

use super::case::Case;
use crate::faults::Faults;
use crate::options::{self, RawOption, RawOptions};

/// A parameter's type.
pub(crate) struct Param {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) krate: Path,
    /// What it is, if it is sound.
    pub(crate) kind: syn::Result<Kind>,
}

pub(crate) enum Kind {
    /// A struct round one value, and the lifetime it borrows for, if it has one.
    Newtype { member: Member, ty: Box<Type>, lifetime: Option<Lifetime> },
    /// One of several words.
    Words(Vec<Variant>),
}

pub(crate) struct Variant {
    pub(crate) name: Ident,
    pub(crate) word: String,
    pub(crate) cfgs: Vec<Attribute>,
}

pub(crate) fn judge(input: DeriveInput) -> Param {
    let mut faults = Faults::default();
    let mut krate = options::default_crate();
    let mut case = None;
    for option in written(&input.attrs, &mut faults).known(&["rename_all", "crate"], &mut faults) {
        if option.name == "crate" {
            krate = options::crate_path(&option, &mut faults).unwrap_or(krate);
        } else if !matches!(input.data, Data::Enum(_)) {
            faults.at(option.name.span(), "`rename_all` is for the variants of an enum");
        } else {
            case = judge_case(&option, &mut faults);
        }
    }
    let kind = match input.data {
        Data::Struct(data) => judge_newtype(&input.ident, &input.generics, data, &mut faults),
        Data::Enum(data) => Some(judge_words(&input.ident, data, case, &mut faults)),
        _ => {
            faults.on(
                &input.ident,
                "a parameter's type is a struct round one value, or an enum of plain variants",
            );
            None
        }
    };
    // It is not missing without a fault.
    let missing = || syn::Error::new_spanned(&input.ident, "the parameter's type could not be read");
    let kind = faults.finish().and_then(|()| kind.ok_or_else(missing));
    Param { name: input.ident, generics: input.generics, krate, kind }
}

fn written(attributes: &[Attribute], faults: &mut Faults) -> RawOptions {
    let ours = attributes.iter().filter(|attribute| attribute.path().is_ident("param"));
    let parsed = ours.filter_map(|attribute| faults.take(attribute.parse_args::<RawOptions>()));
    RawOptions(parsed.flat_map(|options| options.0).collect())
}

/// The text of `name = "text"`.
fn text(option: &RawOption, faults: &mut Faults) -> Option<LitStr> {
    if let Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) = &option.value {
        return Some(text.clone());
    }
    let name = &option.name;
    faults.at(name.span(), format!("`{name}` is a string: `{name} = \"..\"`"));
    None
}

fn judge_case(option: &RawOption, faults: &mut Faults) -> Option<Case> {
    let text = text(option, faults)?;
    let case = Case::named(&text.value());
    if case.is_none() {
        faults.at(text.span(), format!("`{}` is not a spelling; there are {}", text.value(), Case::names()));
    }
    case
}

fn judge_newtype(name: &Ident, generics: &Generics, data: DataStruct, faults: &mut Faults) -> Option<Kind> {
    let mut lifetimes = generics.lifetimes();
    let lifetime = lifetimes.next().map(|parameter| parameter.lifetime.clone());
    if let Some(second) = lifetimes.next() {
        faults.on(second, "a parameter's type borrows from the request alone: one lifetime is enough");
    }
    let mut fields = data.fields.members().zip(data.fields.iter());
    match (fields.next(), fields.next()) {
        (Some((member, field)), None) => {
            judge_no_options(&field.attrs, faults);
            Some(Kind::Newtype { member, ty: Box::new(field.ty.clone()), lifetime })
        }
        _ => {
            faults.on(name, "a struct that is a parameter has one field, and is made as that is made");
            None
        }
    }
}

fn judge_no_options(attributes: &[Attribute], faults: &mut Faults) {
    for option in written(attributes, faults).0 {
        faults.at(option.name.span(), "there are no options for a field");
    }
}

fn judge_words(name: &Ident, data: DataEnum, case: Option<Case>, faults: &mut Faults) -> Kind {
    if data.variants.is_empty() {
        faults.on(name, "an enum without variants can be made from no text");
    }
    let mut seen = HashSet::new();
    let mut variants = Vec::new();
    for variant in data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            faults.on(&variant.fields, "a variant that stands for a word has no fields");
        }
        let options = written(&variant.attrs, faults).known(&["rename"], faults);
        let renamed = options.first().and_then(|option| text(option, faults)).map(|text| text.value());
        let word = renamed.unwrap_or_else(|| {
            let name = variant.ident.unraw().to_string();
            case.map_or(name.clone(), |case| case.apply(&name))
        });
        let cfgs: Vec<_> =
            variant.attrs.into_iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
        if cfgs.is_empty() && !seen.insert(word.clone()) {
            faults.on(&variant.ident, format!("another variant stands for `{word}` already"));
        }
        variants.push(Variant { name: variant.ident, word, cfgs });
    }
    Kind::Words(variants)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::tests::messages;

    fn param(text: &str) -> Result<Vec<String>, Vec<String>> {
        let words = |kind: Kind| match kind {
            Kind::Newtype { lifetime, .. } => {
                vec![format!("newtype {}", lifetime.map_or(String::new(), |found| found.to_string()))]
            }
            Kind::Words(variants) => variants.into_iter().map(|variant| variant.word).collect(),
        };
        judge(syn::parse_str(text).unwrap()).kind.map(words).map_err(messages)
    }

    #[test]
    fn sound_types() {
        assert_eq!(param("struct Id(u64);").unwrap(), ["newtype "]);
        assert_eq!(param("struct Name<'a> { text: &'a str }").unwrap(), ["newtype 'a"]);
        assert_eq!(param("enum E { A, #[param(rename = \"b\")] B, r#C }").unwrap(), ["A", "b", "C"]);
        assert_eq!(
            param("#[param(rename_all = \"kebab-case\")] enum E { MostRecent, A }").unwrap(),
            ["most-recent", "a"]
        );
    }

    #[test]
    fn faults() {
        for (text, begin) in [
            ("struct S;", "a struct that is a parameter has one field"),
            ("struct S(A, B);", "a struct that is a parameter has one field"),
            ("struct S<'a, 'b>(A<'a, 'b>);", "a parameter's type borrows from the request alone"),
            ("union U { a: u8 }", "a parameter's type is a struct"),
            ("enum E {}", "an enum without variants"),
            ("enum E { A(u8) }", "a variant that stands for a word has no fields"),
            ("enum E { A, #[param(rename = \"A\")] B }", "another variant stands for `A`"),
            ("enum E { #[param(rename = 1)] A }", "`rename` is a string"),
            ("#[param(rename_all = \"x\")] enum E { A }", "`x` is not a spelling"),
            ("#[param(rename_all = \"lowercase\")] struct S(A);", "`rename_all` is for the variants"),
            ("enum E { #[param(name = \"a\")] A }", "unknown option `name`; the only option is `rename`"),
        ] {
            let found = param(text).unwrap_err();
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].starts_with(begin), "{text}: {found:?}");
        }
    }
}
