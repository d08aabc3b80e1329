//! Servers with threads of their own.

use super::*;

fn ask(address: SocketAddr) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

fn runs(builder: Builder) {
    let server = builder.tcp("127.0.0.1:0").bind().unwrap();
    let handle = server.handle();
    let thread = thread::spawn(move || server.run(Site::default()));
    for _ in 0..50 {
        assert!(ask(port(&handle)).ends_with("hello"));
    }
    assert_eq!(handle.stats().connections_accepted, 50);
    drop(handle.shutdown(PATIENCE));
    thread.join().unwrap().unwrap();
    assert!(std::net::TcpStream::connect(port(&handle)).is_err());
}

#[test]
fn shared() {
    runs(configured(|config| config.workers.threads = 2.try_into().ok()));
}

#[test]
fn per_core() {
    runs(configured(|config| {
        config.workers.per_core = true;
        config.workers.threads = 3.try_into().ok();
    }));
}

#[test]
fn pinned() {
    runs(configured(|config| {
        config.workers.per_core = true;
        config.workers.pin = true;
    }));
}

#[test]
fn a_socket_handed_down_serves_all_threads() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = configured(|config| {
        config.workers.per_core = true;
        config.workers.threads = 2.try_into().ok();
    });
    let server = server.tcp_socket(socket).bind().unwrap();
    let handle = server.handle();
    let thread = thread::spawn(move || server.run(Site::default()));
    for _ in 0..20 {
        assert!(ask(port(&handle)).ends_with("hello"));
    }
    drop(handle.shutdown(PATIENCE));
    thread.join().unwrap().unwrap();
}

#[test]
fn a_thread_to_which_nobody_comes_keeps_no_room_from_others() {
    let server = configured(|config| {
        config.workers.per_core = true;
        config.workers.threads = 3.try_into().ok();
        config.limits.connections = 1;
    });
    let server = server.tcp("127.0.0.1:0").bind().unwrap();
    let handle = server.handle();
    let thread = thread::spawn(move || server.run(Site::default()));
    for _ in 0..20 {
        assert!(ask(port(&handle)).ends_with("hello"));
    }
    drop(handle.shutdown(PATIENCE));
    thread.join().unwrap().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn what_blocks_is_not_bound_to_a_core() {
    fn cores() -> String {
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        status.lines().find(|line| line.starts_with("Cpus_allowed:")).unwrap().to_owned()
    }

    #[get("/")]
    async fn both() -> String {
        let beside = tokio::task::spawn_blocking(cores).await.unwrap();
        format!("{}|{beside}", cores())
    }

    let server = configured(|config| {
        config.workers.per_core = true;
        config.workers.pin = true;
        config.workers.threads = 1.try_into().ok();
    });
    let server = server.tcp("127.0.0.1:0").bind().unwrap();
    let handle = server.handle();
    let thread = thread::spawn(move || server.run(App::new(routes![both])));
    let reply = ask(port(&handle));
    let (own, beside) = reply.rsplit_once("\r\n\r\n").unwrap().1.split_once('|').unwrap();
    assert_eq!(beside, cores());
    let mask = own.split_once(':').unwrap().1;
    assert_eq!(mask.chars().filter_map(|digit| digit.to_digit(16)).map(u32::count_ones).sum::<u32>(), 1);
    drop(handle.shutdown(PATIENCE));
    thread.join().unwrap().unwrap();
}

/// Neither the signal nor the deadline is theirs to hold up.
#[test]
fn handlers_that_block_are_left_to_themselves() {
    use std::sync::{Mutex, mpsc};

    static HELD: Mutex<()> = Mutex::new(());

    #[get("/here")]
    async fn here() {
        drop(HELD.lock());
    }

    #[get("/beside")]
    async fn beside() {
        tokio::task::spawn_blocking(|| drop(HELD.lock())).await.unwrap();
    }

    let held = HELD.lock().unwrap();
    for (per_core, path) in [(false, "/here"), (false, "/beside"), (true, "/here"), (true, "/beside")] {
        let (stop, asked) = oneshot::channel::<()>();
        let server = configured(|config| {
            config.workers.per_core = per_core;
            config.workers.threads = 1.try_into().ok();
            config.drain.deadline = Duration::from_millis(20);
        });
        let server = server.tcp("127.0.0.1:0").bind().unwrap().shutdown_on(async {
            let _ = asked.await;
        });
        let handle = server.handle();
        let (ended, end) = mpsc::channel();
        thread::spawn(move || ended.send(server.run(App::new(routes![here, beside]))));
        let mut stream = std::net::TcpStream::connect(port(&handle)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        while handle.stats().requests_open == 0 {
            thread::sleep(Duration::from_millis(1));
        }
        stop.send(()).unwrap();
        end.recv_timeout(PATIENCE).expect("in time").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let drained = runtime.block_on(soon(handle.ended()));
        assert_eq!((drained.connections, drained.requests), (1, 1), "{per_core} {path}");
    }
    drop(held);
}

#[test]
fn a_signal_of_the_programs_own_ends_every_thread() {
    let (stop, asked) = oneshot::channel::<()>();
    let server = configured(|config| {
        config.workers.per_core = true;
        config.workers.threads = 2.try_into().ok();
    });
    let server = server.tcp("127.0.0.1:0").bind().unwrap().shutdown_on(async {
        let _ = asked.await;
    });
    let handle = server.handle();
    let thread = thread::spawn(move || server.run(Site::default()));
    assert!(ask(port(&handle)).ends_with("hello"));
    stop.send(()).unwrap();
    thread.join().unwrap().unwrap();
}
