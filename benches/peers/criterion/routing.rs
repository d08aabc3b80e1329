//! `benches/criterion/routing.rs`, with the routers beside that peers have as libraries of their own. actix-router tries one
//! pattern after the other.

#[path = "../../criterion/answers.rs"]
mod answers;
#[path = "../../criterion/handlers.rs"]
mod handlers;
#[path = "../../criterion/lookups.rs"]
mod lookups;
#[path = "../../criterion/settings.rs"]
mod settings;
#[path = "../../criterion/tables.rs"]
mod tables;

use criterion::{criterion_group, criterion_main};
use waypost::{App, Routes};

use settings::Criterion;
use tables::Table;

fn routing(criterion: &mut Criterion) {
    let github = Table::github();
    table(criterion, &github, &tables::github_app());
    for count in [10, 1_000, 10_000] {
        let generated = Table::generated(count);
        table(criterion, &generated, &generated.dynamic());
    }
}

fn table(criterion: &mut Criterion, table: &Table, app: &App<impl Routes<()>>) {
    let (actix, ntex, xitca) = (actix(table), ntex(table), xitca(table));
    let axum = handlers::Axum::new(table);
    for question in &table.questions {
        let mut group = lookups::group(criterion, table, question);
        lookups::waypost(&mut group, question, app);
        lookups::matchit(&mut group, question, table);
        let find = |path| {
            let mut path = actix_router::Path::new(path);
            let found = actix.recognize(&mut path).map(|(pattern, _)| *pattern);
            (path, found)
        };
        lookups::by_path(&mut group, "actix-router", question, find, |(_, found)| found);
        let find = |path| {
            let mut path = ntex_router::Path::new(path);
            let found = ntex.recognize(&mut path).map(|(pattern, _)| *pattern);
            (path, found)
        };
        lookups::by_path(&mut group, "ntex-router", question, find, |(_, found)| found);
        let find = |path| xitca.at(path).ok().map(|found| (*found.value, found.params));
        lookups::by_path(&mut group, "xitca-router", question, find, |found| found.map(|(found, _)| found));
        group.finish();

        let mut group = handlers::group(criterion, table, question);
        handlers::waypost(&mut group, question, app);
        axum.time(&mut group, question);
        group.finish();
    }
}

/// A parameter is any text without a slash; a catch-all says that it is any text.
fn actix(table: &Table) -> actix_router::Router<&str, ()> {
    let mut router = actix_router::Router::build();
    for pattern in lookups::patterns(table) {
        router.path(with_catch_all(pattern, |name| format!("{{{name}:.+}}")), pattern);
    }
    router.finish()
}

fn ntex(table: &Table) -> ntex_router::Router<&str> {
    let mut router = ntex_router::Router::builder();
    for pattern in lookups::patterns(table) {
        router.path(with_catch_all(pattern, |name| format!("{{{name}}}*")), pattern);
    }
    router.build()
}

/// A fork of matchit.
fn xitca(table: &Table) -> xitca_router::Router<&str> {
    let mut router = xitca_router::Router::new();
    for pattern in lookups::patterns(table) {
        router.insert(pattern, pattern).expect("no clash");
    }
    router
}

/// The pattern, its catch-all written in another way.
fn with_catch_all(pattern: &str, written: impl Fn(&str) -> String) -> String {
    match pattern.split_once("{*") {
        Some((before, name)) => before.to_owned() + &written(name.trim_end_matches('}')),
        None => pattern.to_owned(),
    }
}

criterion_group!(name = benches; config = settings::settings(); targets = routing);
criterion_main!(benches);
