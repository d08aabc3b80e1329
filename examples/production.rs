//! A server as it goes to production: settings in one place, threads of its own, routes for load balancers, and an end
//! that loses nothing.
#![allow(clippy::print_stdout)]

use std::time::Duration;

use waypost::config::Config;
use waypost::{App, Server, Shutdown, get, health, routes, termination};

/// Waits for news, for as long as the server goes on.
#[get("/news")]
async fn news(shutdown: Shutdown) -> &'static str {
    tokio::select! {
        () = shutdown.requested() => "no more news",
        () = tokio::time::sleep(Duration::from_secs(30)) => "nothing new",
    }
}

#[get("/")]
async fn index() -> &'static str {
    "hello"
}

fn main() -> waypost::Result<()> {
    let port: u16 = match std::env::var("PORT") {
        Ok(port) => port.parse()?,
        Err(_) => 3000,
    };
    // All of it has defaults; a program would rather read it from a file (`Config` is `serde::Deserialize`).
    let mut config = Config::default();
    config.workers.threads = 2.try_into().ok();
    config.limits.connections = 1_000;
    config.timeouts.handler = Some(Duration::from_secs(60));
    config.drain.deadline = Duration::from_secs(10);

    let server = Server::builder().config(config).tcp(("127.0.0.1", port)).bind()?;
    println!("http://{}", server.addr());
    let handle = server.handle();
    // SIGTERM and ctrl-c begin the end: not ready, then nothing new, then out.
    server.shutdown_on(termination()).run(App::new(routes![index, news, ..health()]))?;
    println!("{} requests were served", handle.stats().requests());
    Ok(())
}
