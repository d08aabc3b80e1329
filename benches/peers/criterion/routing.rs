//! The lookups of `benches/criterion/routing.rs`, with actix-router beside, which tries one pattern after the other.

#[path = "../../criterion/lookups.rs"]
mod lookups;
#[path = "../../criterion/settings.rs"]
mod settings;
#[path = "../../criterion/tables.rs"]
mod tables;

use std::hint::black_box;

use actix_router::{Path, Router};
use criterion::{criterion_group, criterion_main};
use waypost::{App, Routes};

use lookups::Group;
use settings::Criterion;
use tables::{Question, Table};

fn routing(criterion: &mut Criterion) {
    let github = Table::github();
    table(criterion, &github, &tables::github_app());
    for count in [10, 1_000, 10_000] {
        let generated = Table::generated(count);
        table(criterion, &generated, &generated.dynamic());
    }
}

fn table(criterion: &mut Criterion, table: &Table, app: &App<impl Routes<()>>) {
    let (matchit, actix) = (lookups::matchit_router(table), router(table));
    for question in &table.questions {
        let mut group = lookups::group(criterion, table, question);
        lookups::waypost(&mut group, question, app);
        lookups::matchit(&mut group, question, &matchit);
        look_up(&mut group, question, &actix);
        group.finish();
    }
}

/// Begins at the path, and knows of no methods.
fn look_up(group: &mut Group<'_>, question: &Question, router: &Router<usize, ()>) {
    if question.status == 405 {
        return;
    }
    group.bench_function("actix-router", |bencher| {
        bencher.iter(|| {
            for path in &question.paths {
                let mut path = Path::new(black_box(path.as_str()));
                let found = router.recognize(&mut path);
                assert_eq!(found.is_some(), question.status == 200);
                black_box((found, &path));
            }
        });
    });
}

fn router(table: &Table) -> Router<usize, ()> {
    let mut router = Router::build();
    for (index, pattern) in lookups::patterns(table).into_iter().enumerate() {
        // A parameter is any text without a slash; a catch-all says that it is any text.
        let pattern = match pattern.split_once("{*") {
            Some((before, name)) => format!("{before}{{{}:.+}}", name.trim_end_matches('}')),
            None => pattern.clone(),
        };
        router.path(pattern, index);
    }
    router.finish()
}

criterion_group!(name = benches; config = settings::settings(); targets = routing);
criterion_main!(benches);
