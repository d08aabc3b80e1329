//! Routing, over tables as large as GitHub's and of 10, 1,000 and 10,000 routes.
//!
//! - `lookup`: from a path to a route and its captured parameters, nothing else ([`lookups`]).
//! - `route`: a request to a handler that does nothing, and its empty answer ([`handlers`]).
#![allow(missing_docs)]

mod answers;
mod handlers;
mod lookups;
mod settings;
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
    let axum = handlers::Axum::new(table);
    for question in &table.questions {
        let mut group = lookups::group(criterion, table, question);
        lookups::waypost(&mut group, question, app);
        lookups::matchit(&mut group, question, table);
        group.finish();

        let mut group = handlers::group(criterion, table, question);
        handlers::waypost(&mut group, question, app);
        axum.time(&mut group, question);
        group.finish();
    }
}

criterion_group!(name = benches; config = settings::settings(); targets = routing);
criterion_main!(benches);
