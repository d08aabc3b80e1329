//! Waypost inside a larger program: on the program's own runtime, two servers at once, ended when the program says so.
#![allow(clippy::print_stdout)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use waypost::{App, Server, State, get, post, routes};

#[derive(State)]
struct Shared {
    ticks: Arc<AtomicU64>,
}

#[get("/ticks")]
async fn ticks(State(ticks): State<&Arc<AtomicU64>>) -> String {
    ticks.load(Ordering::Relaxed).to_string()
}

#[derive(State)]
struct Control {
    stop: tokio::sync::mpsc::Sender<()>,
}

#[post("/stop")]
async fn stop(State(stop): State<&tokio::sync::mpsc::Sender<()>>) -> &'static str {
    // Only an end that was asked for before can be in the way.
    let _ = stop.try_send(());
    "stopping"
}

fn main() -> waypost::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(program())
}

async fn program() -> waypost::Result<()> {
    let count = Arc::new(AtomicU64::new(0));
    let (ask, mut asked) = tokio::sync::mpsc::channel(1);

    let public = waypost_examples::bind().await?;
    let control = Server::bind("127.0.0.1:0").await?;
    println!("control: http://{}", control.addr());

    let public = public.serve(App::new(routes![ticks]).state(Shared { ticks: Arc::clone(&count) }));
    let control = control.serve(App::new(routes![stop]).state(Control { stop: ask }));
    let work = async {
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            count.fetch_add(1, Ordering::Relaxed);
        }
    };
    tokio::select! {
        ended = public => ended,
        ended = control => ended,
        () = work => Ok(()),
        _ = asked.recv() => {
            println!("asked to stop");
            Ok(())
        }
    }
}
