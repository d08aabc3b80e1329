//! What a list becomes: a block that declares one set per group of handlers and composes them into a value.
//!
//! Every item is declared in the one outermost block, so that a constant there can see the whole table.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Meta, Path};

use super::model::{List, Part, PartKind};
use crate::function::{blame, located};

/// The most arms of one `match`.
const LARGEST: usize = 64;

/// After a fault: the messages, and a value that nothing else can be said against.
pub(crate) fn refusal(krate: &Path, error: &syn::Error) -> TokenStream {
    let error = error.to_compile_error();
    quote! {{
        #error
        #krate::__private::set(#krate::__private::Empty)
    }}
}

pub(crate) fn expand(krate: &Path, list: &List) -> TokenStream {
    let mut items = Items { krate, declarations: TokenStream::new(), count: 0 };
    let Composed { value, table } = items.list(list, &[]);
    let declarations = items.declarations;
    let mut whole = quote!(#krate::__private::set(#value));
    let mut judge = TokenStream::new();
    if list.has_spread() {
        // What a spread set holds is known by its type alone. Judged here and not where the app is made, so that a
        // conflict is told of the list in which it arises.
        judge = quote! {
            fn __judged<__WaypostR: #krate::__private::RouteTable>(routes: __WaypostR) -> __WaypostR {
                const { #krate::__private::check_list(__WaypostR::TABLE) }
                routes
            }
        };
        whole = quote!(__judged(#whole));
    }
    quote! {{
        #declarations
        const _: () = #krate::__private::check_list(&#table);
        #judge
        #whole
    }}
}

/// The declarations so far, and numbers for their names.
struct Items<'a> {
    /// The path of Waypost.
    krate: &'a Path,
    declarations: TokenStream,
    count: usize,
}

/// A set, as an expression, and what is known of its table here.
struct Composed {
    value: TokenStream,
    table: TokenStream,
}

impl Items<'_> {
    /// `around` are the conditions of the lists this one is nested in.
    fn list(&mut self, list: &List, around: &[Attribute]) -> Composed {
        let krate = self.krate;
        let mut values = Vec::new();
        let mut tables = Vec::new();
        for part in &list.parts {
            let (value, table) = self.part(part, around);
            values.push(conditional(krate, &part.cfgs, value));
            if let Some(table) = table {
                let cfgs = &part.cfgs;
                tables.push(quote!(#(#cfgs)* &#table));
            }
        }
        Composed {
            value: merged(krate, &values),
            table: quote!(#krate::__private::Table::Merge(&[#(#tables),*])),
        }
    }

    fn part(&mut self, part: &Part, around: &[Attribute]) -> (TokenStream, Option<TokenStream>) {
        let krate = self.krate;
        let cfgs = [around, &part.cfgs].concat();
        match &part.kind {
            PartKind::Handlers(paths) if paths.len() > LARGEST => {
                let (name, table) = self.groups(paths, &cfgs);
                (name.into_token_stream(), Some(table))
            }
            PartKind::Handlers(paths) => {
                let (name, table) = self.handlers(paths, &cfgs, Kind::Leaves);
                (name.into_token_stream(), Some(table))
            }
            PartKind::Fallback(path) => {
                let (name, table) = self.handlers(std::slice::from_ref(path), &cfgs, Kind::Fallback);
                (name.into_token_stream(), Some(table))
            }
            PartKind::Spread(set) => (set.to_token_stream(), None),
            PartKind::Nest { host, prefix, list } => {
                let inner = self.list(list, &cfgs);
                let (name, table) = self.prefix(host.as_deref(), prefix, &inner.table, &cfgs);
                let value = inner.value;
                (quote!(#krate::__private::Nest::<#name, _>::new(#value)), Some(table))
            }
        }
    }

    fn name(&mut self, what: &str) -> Ident {
        self.count += 1;
        format_ident!("__Waypost{}{}", what, self.count, span = Span::mixed_site())
    }

    /// A set of handlers, dispatched by a `match`.
    fn handlers(&mut self, paths: &[Path], cfgs: &[Attribute], kind: Kind) -> (Ident, TokenStream) {
        let krate = self.krate;
        let name = self.name("Routes");
        // Each path is written once, as an alias, so that a fault in it is reported once.
        let aliases: Vec<_> = paths.iter().map(|path| self.alias(path, cfgs)).collect();
        let infos: Vec<_> = aliases
            .iter()
            .map(|alias| {
                let span = alias.span();
                let krate = located(krate, span);
                quote_spanned!(span=> &<#alias as #krate::__private::Route>::INFO)
            })
            .collect();
        let table = match kind {
            Kind::Leaves => quote!(#krate::__private::Table::Leaves(&[#(#infos),*])),
            Kind::Fallback => quote!(#krate::__private::Table::Fallback(#(#infos)*)),
        };
        let bounds = aliases.iter().map(|alias| {
            let span = alias.span();
            let krate = located(krate, span);
            quote_spanned!(span=> #alias: #krate::__private::Endpoint<__WaypostS>,)
        });
        let arms = aliases.iter().enumerate().map(|(index, alias)| {
            quote! {
                #index => <#alias as #krate::__private::Endpoint<__WaypostS>>::call(
                    &#alias {},
                    __request,
                    __scope,
                    &mut *__slot,
                ).await,
            }
        });
        self.set(&name, cfgs, &table, &quote!(#(#bounds)*), &quote!(__route), &quote!(#(#arms)*));
        let table = table_of(krate, &name);
        (name, table)
    }

    /// A set of many handlers, dispatched in two steps: the compiler's work for one `match` grows faster than its arms.
    fn groups(&mut self, paths: &[Path], cfgs: &[Attribute]) -> (Ident, TokenStream) {
        let krate = self.krate;
        let (groups, tables): (Vec<_>, Vec<_>) =
            paths.chunks(LARGEST).map(|paths| self.handlers(paths, cfgs, Kind::Leaves)).unzip();
        let name = self.name("Routes");
        let table = quote!(#krate::__private::Table::Merge(&[#(&#tables),*]));
        let bounds = quote!(#(#groups: #krate::__private::Routes<__WaypostS>,)*);
        let arms = groups.iter().enumerate().map(|(index, group)| {
            quote! {
                #index => return <#group as #krate::__private::Routes<__WaypostS>>::dispatch(
                    &#group,
                    __route % #LARGEST,
                    __request,
                    __scope,
                    __slot,
                ).await,
            }
        });
        self.set(&name, cfgs, &table, &bounds, &quote!(__route / #LARGEST), &quote!(#(#arms)*));
        let table = table_of(krate, &name);
        (name, table)
    }

    /// A struct that dispatches by a `match` over `on`.
    fn set(
        &mut self,
        name: &Ident,
        cfgs: &[Attribute],
        table: &TokenStream,
        bounds: &TokenStream,
        on: &TokenStream,
        arms: &TokenStream,
    ) {
        let krate = self.krate;
        self.declarations.extend(quote! {
            #(#cfgs)*
            struct #name;
            #(#cfgs)*
            impl #krate::__private::RouteTable for #name {
                const TABLE: &'static #krate::__private::Table = &#table;
            }
            #(#cfgs)*
            impl<__WaypostS> #krate::__private::Routes<__WaypostS> for #name
            where
                __WaypostS: ::core::marker::Send + ::core::marker::Sync + 'static,
                #bounds
            {
                async fn dispatch<'__a>(
                    &'__a self,
                    __route: usize,
                    __request: &'__a mut #krate::__private::Request,
                    __scope: #krate::__private::Scope<'__a, __WaypostS>,
                    __slot: &'__a mut #krate::__private::Slot,
                ) -> #krate::__private::Answered<'__a> {
                    if !#krate::__private::missed(__request, __slot) {
                        match #on {
                            #arms
                            _ => __slot.fill(#krate::__private::no_such_route()),
                        }
                    }
                    #krate::__private::Answered::Left(__slot)
                }
            }
        });
    }

    fn alias(&mut self, path: &Path, cfgs: &[Attribute]) -> Ident {
        let mut alias = self.name("Route");
        alias.set_span(blame(path.span()));
        self.declarations.extend(quote! {
            #(#cfgs)*
            type #alias = #path;
        });
        alias
    }

    fn prefix(
        &mut self,
        host: Option<&str>,
        prefix: &str,
        inner: &TokenStream,
        cfgs: &[Attribute],
    ) -> (Ident, TokenStream) {
        let krate = self.krate;
        let name = self.name("Prefix");
        let bound = match host {
            Some(host) => quote!(::core::option::Option::Some(#host)),
            None => quote!(::core::option::Option::None),
        };
        self.declarations.extend(quote! {
            #(#cfgs)*
            struct #name;
            #(#cfgs)*
            impl #krate::__private::Prefix for #name {
                const PREFIX: &'static str = #prefix;
                const HOST: ::core::option::Option<&'static str> = #bound;
            }
        });
        let mut table = if prefix.is_empty() {
            inner.clone()
        } else {
            quote!(#krate::__private::Table::Nest(#prefix, &#inner))
        };
        if let Some(host) = host {
            table = quote!(#krate::__private::Table::Host(#host, &#table));
        }
        (name, table)
    }
}

fn table_of(krate: &Path, name: &Ident) -> TokenStream {
    quote!(*<#name as #krate::__private::RouteTable>::TABLE)
}

#[derive(Clone, Copy)]
enum Kind {
    Leaves,
    Fallback,
}

/// The value where its conditions hold, and otherwise no routes.
fn conditional(krate: &Path, cfgs: &[Attribute], value: TokenStream) -> TokenStream {
    if cfgs.is_empty() {
        return value;
    }
    let conditions = cfgs.iter().filter_map(|attribute| match &attribute.meta {
        Meta::List(list) => Some(&list.tokens),
        _ => None,
    });
    let all = quote!(all(#(#conditions),*));
    quote! {{
        #[cfg(#all)]
        let __part = #value;
        #[cfg(not(#all))]
        let __part = #krate::__private::Empty;
        __part
    }}
}

/// A balanced tree of pairs: what a request costs on its way down grows with the logarithm.
fn merged(krate: &Path, values: &[TokenStream]) -> TokenStream {
    match values {
        [] => quote!(#krate::__private::Empty),
        [one] => one.clone(),
        _ => {
            let (left, right) = values.split_at(values.len() / 2);
            let (left, right) = (merged(krate, left), merged(krate, right));
            quote!(#krate::__private::Merge(#left, #right))
        }
    }
}
