//! Waypost's entry for [HttpArena](https://www.http-arena.com): one application for all its profiles, on four ports,
//! in the arena's "production" style: the documented ways of Waypost, with its limits and deadlines on.
//!
//! ```sh
//! cargo run --release -p waypost-arena
//! ```
//!
//! `settings.rs` lists the variables of the environment that it reads. What is in `data/` is the arena's own, under its
//! licence (`data/LICENSE`).

mod cache;
mod certificate;
mod crud;
mod database;
mod echo;
mod grpc;
mod json;
mod servers;
mod settings;
mod state;
mod sums;
mod upload;

use waypost::fs::Directory;
use waypost::{App, Routes, routes};

use servers::Servers;
use settings::Settings;
use state::AppState;

/// Each module has the routes of its profiles; those of static and static-h2 are a folder.
fn application(settings: &Settings) -> impl Routes<AppState> + use<> {
    routes![
        ..sums::routes(),
        ..json::routes(),
        ..upload::routes(),
        ..echo::routes(),
        ..database::routes(),
        "/static" => [..Directory::new(settings.files()).precompressed()],
        "/crud" => [..crud::routes()],
        "/benchmark.BenchmarkService" => [..grpc::routes()],
    ]
}

#[tokio::main]
async fn main() -> waypost::Result<()> {
    let settings = Settings::from_environment()?;
    let app = App::new(application(&settings)).state(AppState::load(&settings)?);
    let servers = Servers::bind(&settings)?;
    servers.announce();
    servers.serve(app).await
}
