//! Servers that start and stop leave nothing behind: counted in a process of its own, one test after the other.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use waypost::config::Config;
use waypost::{App, Routes, Server, get, routes};

const PATIENCE: Duration = Duration::from_secs(60);

#[get("/")]
async fn index() -> &'static str {
    "hello"
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![index])
}

/// What a process has.
#[derive(Debug)]
struct Held {
    files: usize,
    threads: u64,
}

impl Held {
    fn now() -> Self {
        Self { files: std::fs::read_dir("/proc/self/fd").unwrap().count(), threads: status("Threads") }
    }
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Waits until there is no more than this. A thread that was joined may be listed for a moment; and a runtime's threads
/// for blocking work end in their own time, so there may be less.
fn settles_at(held: &Held) {
    let start = Instant::now();
    loop {
        let now = Held::now();
        if now.files <= held.files && now.threads <= held.threads {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{now:?} instead of {held:?}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// A connection that is kept open after a request.
fn ask(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut answer = [0; 1024];
    let read = stream.read(&mut answer).unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 200 "));
    stream
}

#[test]
fn nothing_is_left_behind() {
    spawned();
    with_threads_of_their_own();
}

/// A thousand in one runtime, one after the other.
fn spawned() {
    const TIMES: u32 = 1000;
    const WARM: u32 = 100;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let round = || {
        let drained = runtime.block_on(async {
            let handle = Server::bind("127.0.0.1:0").await.unwrap().spawn(app()).unwrap();
            let address = handle.addr().tcp().unwrap();
            let open = tokio::task::spawn_blocking(move || ask(address)).await.unwrap();
            let drained = tokio::time::timeout(PATIENCE, handle.shutdown(PATIENCE)).await.unwrap();
            assert_eq!(handle.stats().connections_open, 0);
            drop(open);
            drained
        });
        assert_eq!((drained.connections, drained.requests), (0, 0));
    };
    (0..WARM).for_each(|_| round());
    let held = Held::now();
    let memory = status("VmRSS");
    let start = Instant::now();
    (WARM..TIMES).for_each(|_| round());
    let took = start.elapsed();
    settles_at(&held);
    let start = Instant::now();
    while runtime.metrics().num_alive_tasks() > 0 {
        assert!(start.elapsed() < PATIENCE, "{} tasks are left", runtime.metrics().num_alive_tasks());
        thread::sleep(Duration::from_millis(1));
    }
    let grown = status("VmRSS").saturating_sub(memory);
    println!("{TIMES} servers, the last {} in {took:?}: {held:?}, no task, {grown} KiB more", TIMES - WARM);
    assert!(grown < 4096, "{grown} KiB more");
}

fn with_threads_of_their_own() {
    const TIMES: u32 = 50;
    let round = |per_core: bool| {
        let mut config = Config::default();
        config.workers.per_core = per_core;
        config.workers.threads = 2.try_into().ok();
        let server = Server::builder().config(config).tcp("127.0.0.1:0").bind().unwrap();
        let handle = server.handle();
        let runs = thread::spawn(move || server.run(app()));
        let _open: Vec<_> = (0..4).map(|_| ask(handle.addr().tcp().unwrap())).collect();
        drop(handle.shutdown(PATIENCE));
        runs.join().unwrap().unwrap();
    };
    for per_core in [false, true] {
        round(per_core);
        let held = Held::now();
        let start = Instant::now();
        (0..TIMES).for_each(|_| round(per_core));
        let took = start.elapsed();
        settles_at(&held);
        println!("{TIMES} servers with threads of their own (a core each: {per_core}) in {took:?}: {held:?}");
    }
}
