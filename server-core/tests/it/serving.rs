//! The server's faces: how it is bound, served, asked and ended.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use waypost::config::Config;
use waypost::{App, Builder, Handle, Server, Shutdown, get, routes};

use crate::raw::{Site, Wire};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Long enough for anything that is to happen, short enough to fail.
const PATIENCE: Duration = Duration::from_secs(20);

fn spawn(site: &Site) -> Handle {
    spawn_with(Server::builder(), site)
}

fn spawn_with(builder: Builder, site: &Site) -> Handle {
    builder.tcp("127.0.0.1:0").bind().unwrap().spawn(site.clone()).unwrap()
}

fn configured(change: impl FnOnce(&mut Config)) -> Builder {
    let mut config = Config::default();
    change(&mut config);
    Server::builder().config(config)
}

fn port(handle: &Handle) -> SocketAddr {
    handle.addr().tcp().unwrap()
}

async fn connect(handle: &Handle) -> Wire<TcpStream> {
    Wire::new(TcpStream::connect(port(handle)).await.unwrap())
}

/// A connection with a request that was answered.
async fn idle(handle: &Handle) -> Wire<TcpStream> {
    let mut wire = connect(handle).await;
    wire.send(GET).await;
    assert_eq!(wire.reply().await.status, 200);
    wire
}

/// Waits for what is about to happen.
async fn until(what: impl Fn() -> bool) {
    let wait = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("in time");
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("in time")
}

mod addresses {
    use super::*;

    #[tokio::test]
    async fn several_at_once() {
        let server = Server::builder().tcp("127.0.0.1:0").tcp("127.0.0.1:0").bind().unwrap();
        let addresses: Vec<_> = server.addrs().iter().map(|address| address.tcp().unwrap()).collect();
        let handle = server.spawn(Site::default()).unwrap();
        assert_eq!(handle.addrs().len(), 2);
        for address in addresses {
            let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
            wire.send(GET).await;
            assert_eq!(wire.reply().await.text(), "hello");
        }
    }

    #[test]
    fn faults_are_named() {
        let none = Server::builder().bind().unwrap_err();
        assert_eq!(none.to_string(), "the server has nothing to listen on");
        let mute = configured(|config| (config.protocols.http1, config.protocols.http2) = (false, false));
        let mute = mute.tcp("127.0.0.1:0").bind().unwrap_err();
        assert_eq!(mute.to_string(), "the server has no protocol to speak");
        let unknown = Server::builder().tcp("no-such-host.invalid:80").bind().unwrap_err();
        assert!(unknown.to_string().starts_with("cannot resolve"), "{unknown}");
        let taken = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
        let again = Server::builder().tcp(taken.addr().tcp().unwrap()).bind().unwrap_err();
        assert!(again.to_string().starts_with(&format!("cannot listen on {}: ", taken.addr())), "{again}");
    }

    #[tokio::test]
    async fn a_port_can_be_shared_when_asked() {
        let sharing = || configured(|config| config.tcp.reuse_port = true);
        let first = sharing().tcp("127.0.0.1:0").bind().unwrap();
        let address = first.addr().tcp().unwrap();
        let second = sharing().tcp(address).bind().unwrap();
        drop(first);
        let handle = second.spawn(Site::default()).unwrap();
        idle(&handle).await;
    }
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};

    use tokio::net::UnixStream;

    use super::*;

    /// A folder of the test's own, which goes with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("waypost-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn socket(&self) -> PathBuf {
            self.0.join("http.sock")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    async fn ask(path: &Path) -> String {
        let mut wire = Wire::new(UnixStream::connect(path).await.unwrap());
        wire.send(GET).await;
        wire.reply().await.text().to_owned()
    }

    #[tokio::test]
    async fn has_its_permissions_and_takes_its_file_along() {
        let folder = Folder::new("permissions");
        let path = folder.socket();
        let server = Server::builder().unix(&path, Some(0o600)).bind().unwrap();
        assert_eq!(server.addr().to_string(), format!("unix:{}", path.display()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let handle = server.spawn(Site::default()).unwrap();
        assert_eq!(ask(&path).await, "hello");
        soon(handle.shutdown(PATIENCE)).await;
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn replaces_what_a_killed_program_left() {
        let folder = Folder::new("stale");
        let path = folder.socket();
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let _handle = Server::builder().unix(&path, None).bind().unwrap().spawn(Site::default()).unwrap();
        assert_eq!(ask(&path).await, "hello");
    }

    #[test]
    fn leaves_alone_what_is_not_its_own() {
        let folder = Folder::new("others");
        let path = folder.socket();
        let others = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let error = Server::builder().unix(&path, None).bind().unwrap_err();
        assert!(error.to_string().contains("http.sock"), "{error}");
        drop(others);
        fs::remove_file(&path).unwrap();
        fs::write(&path, "precious").unwrap();
        assert!(Server::builder().unix(&path, None).bind().is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }

    #[test]
    fn does_not_remove_its_successors_file() {
        let folder = Folder::new("successor");
        let path = folder.socket();
        let server = Server::builder().unix(&path, None).bind().unwrap();
        fs::remove_file(&path).unwrap();
        let _successor = std::os::unix::net::UnixListener::bind(&path).unwrap();
        drop(server);
        assert!(path.exists());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = Server::builder().unix("/no/such/folder/http.sock", None).bind().unwrap_err();
        assert!(error.to_string().contains("/no/such/folder/http.sock"), "{error}");
    }

    #[test]
    fn of_several_that_start_at_once_one_has_it() {
        let folder = Folder::new("race");
        let path = folder.socket();
        for round in 0..20 {
            if round % 2 == 0 {
                drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
            }
            let bind = || Server::builder().unix(&path, None).bind();
            let servers = thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(bind)).collect();
                threads.into_iter().filter_map(|thread| thread.join().unwrap().ok()).collect::<Vec<_>>()
            });
            assert_eq!(servers.len(), 1);
            std::os::unix::net::UnixStream::connect(&path).unwrap();
            let names: Vec<_> =
                fs::read_dir(&folder.0).unwrap().map(|file| file.unwrap().file_name()).collect();
            assert_eq!(names, ["http.sock"]);
        }
    }

    #[tokio::test]
    async fn whoever_is_too_busy_to_answer_is_there() {
        let folder = Folder::new("busy");
        let path = folder.socket();
        let busy = configured(|config| config.tcp.backlog = 1).unix(&path, None).bind().unwrap();
        let mut waiting = Vec::new();
        while let Ok(stream) = UnixStream::connect(&path).await {
            waiting.push(stream);
            assert!(waiting.len() < 100, "the backlog is full at some time");
        }
        let again = path.clone();
        let second = tokio::task::spawn_blocking(move || Server::builder().unix(again, None).bind());
        assert!(soon(second).await.unwrap().is_err());
        drop(busy);
    }

    #[test]
    fn serves_one_socket_from_several_threads() {
        let folder = Folder::new("threads");
        let path = folder.socket();
        let server = configured(|config| {
            config.workers.per_core = true;
            config.workers.threads = 3.try_into().ok();
        });
        let server = server.unix(&path, None).bind().unwrap();
        let handle = server.handle();
        let thread = thread::spawn(move || server.run(Site::default()));
        for _ in 0..20 {
            let mut stream = std::os::unix::net::UnixStream::connect(&path).unwrap();
            stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
            let mut reply = String::new();
            stream.read_to_string(&mut reply).unwrap();
            assert!(reply.ends_with("hello"));
        }
        drop(handle.shutdown(PATIENCE));
        thread.join().unwrap().unwrap();
        assert!(!path.exists());
    }
}

mod own_threads {
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
}

mod limits {
    use super::*;

    #[tokio::test]
    async fn connections_wait_for_room() {
        let handle = spawn_with(configured(|config| config.limits.connections = 2), &Site::default());
        let first = idle(&handle).await;
        let _second = idle(&handle).await;
        let mut third = connect(&handle).await;
        third.send(GET).await;
        let early = tokio::time::timeout(Duration::from_millis(100), third.stream.readable()).await;
        assert!(early.is_err(), "served although there was no room");
        drop(first);
        assert_eq!(soon(third.reply()).await.status, 200);
        assert_eq!(handle.stats().connections_open, 2);
    }

    #[tokio::test]
    async fn a_client_has_no_more_than_its_share() {
        let handle =
            spawn_with(configured(|config| config.limits.connections_per_client = Some(2)), &Site::default());
        let first = idle(&handle).await;
        let _second = idle(&handle).await;
        let mut third = connect(&handle).await;
        assert!(soon(third.rest()).await.is_empty());
        assert_eq!(handle.stats().connections_refused, 1);
        drop(first);
        until(|| handle.stats().connections_open == 1).await;
        idle(&handle).await;
    }
}

/// The PROXY protocol over a socket; what a header may look like is tested where it is read.
mod proxies {
    use waypost::{ClientAddr, ForwardedHeaders, ProxyProtocol, TrustedProxies};

    use super::*;

    #[get("/")]
    async fn who(client: ClientAddr) -> String {
        client.0.to_string()
    }

    fn serve(change: impl FnOnce(&mut Config)) -> Handle {
        let server = configured(|config| {
            config.proxies.trusted = TrustedProxies::new(["127.0.0.1"]).unwrap();
            config.proxies.protocol = ProxyProtocol::Required;
            change(config);
        });
        server.tcp("127.0.0.1:0").bind().unwrap().spawn(App::new(routes![who])).unwrap()
    }

    const V1: &str = "PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n";

    async fn ask(handle: &Handle, opening: &str) -> Option<String> {
        let mut wire = connect(handle).await;
        wire.send(format!("{opening}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
        let reply = String::from_utf8(soon(wire.rest()).await).unwrap();
        reply.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
    }

    #[tokio::test]
    async fn a_trusted_one_says_who_its_client_is() {
        let handle = serve(|_| {});
        assert_eq!(ask(&handle, V1).await.as_deref(), Some("192.0.2.7:4711"));
        assert_eq!(ask(&handle, "").await, None, "a header is required");
        assert_eq!(ask(&handle, "PROXY TCP4 nonsense\r\n").await, None);
    }

    #[tokio::test]
    async fn what_was_read_too_early_is_not_lost() {
        let handle = serve(|config| config.proxies.protocol = ProxyProtocol::Optional);
        assert_eq!(ask(&handle, V1).await.as_deref(), Some("192.0.2.7:4711"));
        assert!(ask(&handle, "").await.unwrap().starts_with("127.0.0.1:"));
    }

    #[tokio::test]
    async fn nobody_else_can() {
        let handle = serve(|config| config.proxies.trusted = TrustedProxies::new(["10.0.0.0/8"]).unwrap());
        assert!(ask(&handle, "").await.unwrap().starts_with("127.0.0.1:"));
        assert!(!ask(&handle, V1).await.unwrap_or_default().contains("192.0.2.7"));
    }

    #[tokio::test]
    async fn the_client_is_counted_and_not_the_proxy() {
        let handle = serve(|config| config.limits.connections_per_client = Some(1));
        let mut first = connect(&handle).await;
        first.send(format!("{V1}{GET}")).await;
        assert_eq!(first.reply().await.text(), "192.0.2.7:4711");
        assert_eq!(ask(&handle, V1).await, None);
        assert_eq!(handle.stats().connections_refused, 1);
        let other = V1.replace("192.0.2.7", "192.0.2.8");
        assert_eq!(ask(&handle, &other).await.as_deref(), Some("192.0.2.8:4711"));
    }

    #[tokio::test]
    async fn its_fields_count_by_the_address_it_told() {
        let handle = serve(|config| {
            config.proxies.trusted = TrustedProxies::new(["127.0.0.1", "192.0.2.7"]).unwrap();
            config.proxies.headers = ForwardedHeaders::XForwarded;
        });
        let mut wire = connect(&handle).await;
        let get = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n";
        wire.send(format!("{V1}{get}")).await;
        assert_eq!(wire.reply().await.text(), "203.0.113.9:0");
        let mut wire = connect(&handle).await;
        wire.send(format!("{}{get}", V1.replace("192.0.2.7", "192.0.2.99"))).await;
        assert_eq!(wire.reply().await.text(), "192.0.2.99:4711");
    }

    #[tokio::test]
    async fn a_silent_one_is_given_up() {
        let handle = serve(|config| config.timeouts.handshake = Duration::from_millis(50));
        let mut wire = connect(&handle).await;
        wire.send("PROXY").await;
        assert!(soon(wire.rest()).await.is_empty());
    }
}

/// Connections that stop speaking HTTP.
mod upgrades {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use waypost::{Response, Upgrade};

    use super::*;

    #[get("/echo")]
    async fn echo(upgrade: Upgrade) -> Response {
        assert_eq!(upgrade.protocols().collect::<Vec<_>>(), ["echo", "other/1"]);
        upgrade.accept("echo", |stream| async move {
            let (mut read, mut write) = tokio::io::split(stream);
            tokio::io::copy(&mut read, &mut write).await.unwrap();
            write.write_all(b"bye").await.unwrap();
            write.shutdown().await.unwrap();
        })
    }

    #[get("/wait")]
    async fn wait(upgrade: Upgrade, shutdown: Shutdown) -> Response {
        upgrade.accept("wait", async move |mut stream| {
            shutdown.requested().await;
            stream.write_all(b"the end").await.unwrap();
        })
    }

    #[get("/stay")]
    async fn stay(upgrade: Upgrade) -> Response {
        upgrade.accept("stay", async |_stream| std::future::pending().await)
    }

    #[get("/perhaps")]
    async fn perhaps(upgrade: Option<Upgrade>) -> &'static str {
        if upgrade.is_some() { "could" } else { "could not" }
    }

    fn serve() -> Handle {
        let server = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
        server.spawn(App::new(routes![echo, wait, stay, perhaps])).unwrap()
    }

    fn ask(path: &str) -> String {
        format!(
            "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo, other/1\r\n\r\n"
        )
    }

    #[tokio::test]
    async fn every_byte_is_the_other_protocols() {
        let handle = serve();
        // Requests before it, and bytes that come in one piece with it.
        let mut wire = connect(&handle).await;
        let early = "GET /perhaps HTTP/1.1\r\nHost: a\r\n\r\n";
        wire.send(format!("{early}{}early ", ask("/echo"))).await;
        assert_eq!(wire.reply().await.text(), "could not");
        let reply = wire.reply_to_head().await;
        assert_eq!((reply.status, reply.header("upgrade").as_deref()), (101, Some("echo")));
        assert_eq!(reply.header("connection").as_deref(), Some("upgrade"));
        assert_eq!(wire.take(6).await, b"early ");
        let large: Vec<u8> = (0..1_000_000u32).map(|n| n.to_le_bytes()[0]).collect();
        let (mut read, mut write) = wire.stream.split();
        let mut back = vec![0; large.len()];
        let (sent, received) = tokio::join!(write.write_all(&large), read.read_exact(&mut back));
        sent.unwrap();
        received.unwrap();
        assert!(back == large);
        assert_eq!(handle.stats().requests_open, 1);
        write.shutdown().await.unwrap();
        let mut rest = Vec::new();
        soon(read.read_to_end(&mut rest)).await.unwrap();
        assert_eq!(rest, b"bye");
        until(|| handle.stats().connections_open == 0).await;
    }

    #[tokio::test]
    async fn a_server_that_ends_waits_for_them_and_cuts_them() {
        let handle = serve();
        let (mut waits, mut stays) = (connect(&handle).await, connect(&handle).await);
        waits.send(ask("/wait")).await;
        stays.send(ask("/stay")).await;
        assert_eq!(waits.reply_to_head().await.status, 101);
        assert_eq!(stays.reply_to_head().await.status, 101);
        let ended = handle.shutdown(Duration::from_millis(200));
        assert_eq!(soon(waits.rest()).await, b"the end");
        let drained = soon(ended).await;
        assert_eq!((drained.connections, drained.requests), (1, 1));
        assert!(soon(stays.rest()).await.is_empty());
    }

    #[tokio::test]
    async fn only_for_those_who_ask() {
        let handle = serve();
        let mut wire = connect(&handle).await;
        for request in [
            "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /echo HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\n\r\n",
            "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n",
        ] {
            wire.send(request).await;
            assert_eq!(wire.reply().await.status, 426, "{request}");
        }
        wire.send(ask("/perhaps").replace("1.1", "1.0")).await;
        assert_eq!(wire.reply().await.text(), "could not");
        let client = waypost::test::Client::new(App::new(routes![echo]));
        let reply =
            client.get("/echo").header("connection", "upgrade").header("upgrade", "echo").send().await;
        assert_eq!(reply.status(), 501);
    }
}

mod settings {
    use super::*;

    #[test]
    fn are_read_and_written() {
        let mut config = Config::default();
        config.limits.connections_per_client = None;
        config.timeouts.handler = Some(Duration::from_millis(1500));
        config.timeouts.keep_alive = Duration::MAX;
        config.workers.threads = 2.try_into().ok();
        let text = serde_json::to_string(&config).unwrap();
        assert!(text.contains(r#""handler":"1500ms""#) && text.contains(r#""keep_alive":"never""#), "{text}");
        assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config);
    }

    #[test]
    fn have_defaults_and_no_others() {
        assert_eq!(serde_json::from_str::<Config>("{}").unwrap(), Config::default());
        for (text, fault) in [
            (r#"{"limit":{}}"#, "unknown field `limit`"),
            (r#"{"timeouts":{"head":"soon"}}"#, "a number of seconds"),
            (r#"{"timeouts":{"head":-1}}"#, "cannot be negative"),
            (r#"{"proxies":{"trusted":["10.0.0.0/33"]}}"#, "10.0.0.0/33"),
        ] {
            let error = serde_json::from_str::<Config>(text).unwrap_err().to_string();
            assert!(error.contains(fault), "{error}");
        }
    }

    #[test]
    fn that_no_server_can_run_with_are_named() {
        type Change = fn(&mut Config);
        let cases: &[(&str, Change)] = &[
            ("`limits.connections` is 0: it must be at least 1", |c| c.limits.connections = 0),
            ("`limits.connections_per_client` is 0", |c| c.limits.connections_per_client = Some(0)),
            ("`limits.handshakes` is 0", |c| c.limits.handshakes = 0),
            ("`limits.requests_per_connection` is 0", |c| c.limits.requests_per_connection = Some(0)),
            ("`limits.head_bytes` is 1023: it must be at least 1024", |c| c.limits.head_bytes = 1023),
            ("`limits.head_fields` is 0", |c| c.limits.head_fields = 0),
            ("`limits.buffer_bytes` is 8191: it must be at least 8192", |c| c.limits.buffer_bytes = 8191),
            ("`timeouts.handshake` is 0s: it must be longer", |c| c.timeouts.handshake = Duration::ZERO),
            ("`timeouts.first_byte`", |c| c.timeouts.first_byte = Duration::ZERO),
            ("`timeouts.head`", |c| c.timeouts.head = Duration::ZERO),
            ("`timeouts.keep_alive`", |c| c.timeouts.keep_alive = Duration::ZERO),
            ("`timeouts.body_gap`", |c| c.timeouts.body_gap = Duration::ZERO),
            ("`timeouts.write_stall`", |c| c.timeouts.write_stall = Duration::ZERO),
            ("`timeouts.rate_grace`", |c| c.timeouts.rate_grace = Duration::ZERO),
            ("`timeouts.handler`", |c| c.timeouts.handler = Some(Duration::ZERO)),
            ("`timeouts.ping`", |c| c.timeouts.ping = Duration::ZERO),
            ("`timeouts.pong`", |c| c.timeouts.pong = Duration::ZERO),
            ("`tcp.keep_alive`", |c| c.tcp.keep_alive = Some(Duration::ZERO)),
            ("`tcp.backlog` is 0", |c| c.tcp.backlog = 0),
            ("`http2.streams` is 0", |c| c.http2.streams = 0),
            ("`http2.header_list_bytes` is 0", |c| c.http2.header_list_bytes = 0),
            ("`http2.stream_window` is 0: it must be from 1 to 2147483647", |c| c.http2.stream_window = 0),
            ("`http2.connection_window` is 2147483648", |c| c.http2.connection_window = 1 << 31),
        ];
        for (fault, change) in cases {
            let error = configured(change).tcp("127.0.0.1:0").bind().unwrap_err();
            assert!(error.to_string().starts_with(&format!("the setting {fault}")), "{error}");
        }
    }

    #[tokio::test]
    async fn at_their_ends_are_good_to_serve_with() {
        let least = configured(|config| {
            config.limits.buffer_bytes = 8192;
            config.limits.head_bytes = 1024;
            config.limits.head_fields = 1;
            (config.limits.connections, config.limits.connections_per_client) = (1, Some(1));
            (config.http2.streams, config.http2.header_list_bytes) = (1, 1024);
            (config.http2.stream_window, config.http2.connection_window) = (1, 1);
            config.tcp.keep_alive = Some(Duration::from_millis(1));
        });
        idle(&spawn_with(least, &Site::default())).await;
        let most = configured(|config| {
            (config.limits.connections, config.limits.handshakes) = (usize::MAX, usize::MAX);
            config.limits.connections_per_client = Some(usize::MAX);
            (config.http2.stream_window, config.http2.connection_window) = (i32::MAX as u32, i32::MAX as u32);
            config.tcp.keep_alive = Some(Duration::from_secs(1 << 40));
            (config.tcp.backlog, config.timeouts.handshake) = (u32::MAX, Duration::MAX);
        });
        idle(&spawn_with(most, &Site::default())).await;
        let never = configured(|config| config.tcp.keep_alive = Some(Duration::MAX));
        idle(&spawn_with(never, &Site::default())).await;
    }

    #[tokio::test]
    async fn reach_the_connection() {
        let handle = spawn_with(configured(|config| config.protocols.http1 = false), &Site::default());
        let mut wire = connect(&handle).await;
        wire.send(GET).await;
        assert!(!String::from_utf8_lossy(&soon(wire.rest()).await).contains("200 OK"));

        let short = configured(|config| config.timeouts.first_byte = Duration::from_millis(20));
        let handle = spawn_with(short, &Site::default());
        assert!(soon(connect(&handle).await.rest()).await.is_empty());

        let handle = spawn_with(configured(|config| config.limits.head_bytes = 8192), &Site::default());
        let mut wire = connect(&handle).await;
        wire.send(format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(9000))).await;
        assert_eq!(soon(wire.reply()).await.status, 431);
    }
}

mod ending {
    use super::*;

    #[tokio::test]
    async fn idle_connections_end_at_once_and_requests_finish() {
        let site = Site::default();
        let handle = spawn(&site);
        let mut idle = idle(&handle).await;
        let mut silent = connect(&handle).await;
        let mut busy = connect(&handle).await;
        busy.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab").await;
        until(|| site.running.load(SeqCst) == 1).await;
        until(|| handle.stats().connections_open == 3).await;

        let ended = handle.shutdown(PATIENCE);
        assert!(soon(idle.rest()).await.is_empty());
        assert!(soon(silent.rest()).await.is_empty());
        until(|| handle.stats().connections_open == 1).await;
        assert!(TcpStream::connect(port(&handle)).await.is_err());
        busy.send("cd").await;
        let reply = soon(busy.reply()).await;
        assert_eq!((reply.status, reply.text()), (200, "abcd"));
        assert_eq!(reply.header("connection").as_deref(), Some("close"));
        assert!(soon(busy.rest()).await.is_empty());
        let drained = soon(ended).await;
        assert_eq!((drained.connections, drained.requests), (0, 0));
    }

    #[tokio::test]
    async fn what_is_not_done_by_the_deadline_is_cut_and_counted() {
        let site = Site::default();
        let handle = spawn(&site);
        let mut busy = connect(&handle).await;
        busy.send("GET /forever HTTP/1.1\r\nHost: a\r\n\r\n").await;
        until(|| site.running.load(SeqCst) == 1).await;
        let drained = soon(handle.shutdown(Duration::from_millis(20))).await;
        assert_eq!((drained.connections, drained.requests), (1, 1));
        assert!(soon(busy.rest()).await.is_empty());
        assert_eq!(site.running.load(SeqCst), 0);
        assert_eq!(handle.stats().connections_open, 0);
    }

    #[tokio::test]
    async fn every_request_on_a_connection_is_counted() {
        use hyper_util::rt::{TokioExecutor, TokioIo};

        let site = Site::default();
        let handle = spawn(&site);
        let stream = TokioIo::new(TcpStream::connect(port(&handle)).await.unwrap());
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
        tokio::spawn(connection);
        for _ in 0..3 {
            let request = hyper::Request::get("http://a/forever").body(String::new()).unwrap();
            tokio::spawn(sender.send_request(request));
        }
        until(|| site.running.load(SeqCst) == 3).await;
        let drained = soon(handle.shutdown(Duration::from_millis(20))).await;
        assert_eq!((drained.connections, drained.requests), (1, 3));
    }

    #[tokio::test]
    async fn a_handler_that_panicked_was_not_cut() {
        let handle = spawn(&Site::default());
        let mut wire = connect(&handle).await;
        wire.send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert!(soon(wire.rest()).await.is_empty());
        until(|| handle.stats().connections_open == 0).await;
        assert_eq!(soon(handle.shutdown(PATIENCE)).await.connections, 0);
    }

    #[tokio::test]
    async fn a_second_signal_can_be_given_a_meaning() {
        let (once, first) = oneshot::channel::<()>();
        let (twice, second) = oneshot::channel::<()>();
        let server = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
        let handle = server.handle();
        let asked = server.handle();
        let server = server.shutdown_on(async move {
            let _ = first.await;
            drop(asked.shutdown(Duration::MAX));
            let _ = second.await;
            drop(asked.shutdown(Duration::ZERO));
        });
        let site = Site::default();
        tokio::spawn(server.serve(site.clone()));
        let mut busy = connect(&handle).await;
        busy.send("GET /forever HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let mut idle = idle(&handle).await;
        until(|| site.running.load(SeqCst) == 1).await;
        once.send(()).unwrap();
        assert!(soon(idle.rest()).await.is_empty());
        assert_eq!(handle.stats().requests_open, 1);
        twice.send(()).unwrap();
        assert_eq!(soon(handle.ended()).await.requests, 1);
    }

    #[tokio::test]
    async fn the_earlier_deadline_holds() {
        let site = Site::default();
        let handle = spawn(&site);
        let mut busy = connect(&handle).await;
        busy.send("GET /forever HTTP/1.1\r\nHost: a\r\n\r\n").await;
        until(|| site.running.load(SeqCst) == 1).await;
        let patient = handle.shutdown(Duration::MAX);
        let drained = soon(handle.shutdown(Duration::ZERO)).await;
        assert_eq!(drained, soon(patient).await);
        assert_eq!(drained.requests, 1);
    }

    #[tokio::test]
    async fn dropping_the_server_is_told_to_whoever_waits() {
        let server = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
        let handle = server.handle();
        drop(server);
        assert_eq!(soon(handle.ended()).await.connections, 0);

        let site = Site::default();
        let server = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
        let handle = server.handle();
        let task = tokio::spawn(server.serve(site.clone()));
        let mut busy = connect(&handle).await;
        busy.send("GET /forever HTTP/1.1\r\nHost: a\r\n\r\n").await;
        until(|| site.running.load(SeqCst) == 1).await;
        task.abort();
        assert_eq!(soon(handle.ended()).await.requests, 1);
    }

    #[tokio::test]
    async fn readiness_goes_first() {
        #[get("/ready")]
        async fn ready(shutdown: Shutdown) -> String {
            format!("{} {}", shutdown.is_ready(), shutdown.is_requested())
        }

        let (stop, asked) = oneshot::channel::<()>();
        let server = configured(|config| config.drain.delay = Duration::from_millis(200));
        let server = server.tcp("127.0.0.1:0").bind().unwrap().shutdown_on(async {
            let _ = asked.await;
        });
        let handle = server.spawn(App::new(routes![ready])).unwrap();
        let mut wire = connect(&handle).await;
        let ask = "GET /ready HTTP/1.1\r\nHost: a\r\n\r\n";
        wire.send(ask).await;
        assert_eq!(wire.reply().await.text(), "true false");
        handle.set_ready(false);
        wire.send(ask).await;
        assert_eq!(wire.reply().await.text(), "false false");
        handle.set_ready(true);
        stop.send(()).unwrap();
        // Still serving, on new connections too, but no longer ready.
        let mut seen = String::new();
        while seen != "false false" {
            let mut wire = connect(&handle).await;
            wire.send(ask).await;
            seen = soon(wire.reply()).await.text().to_owned();
            assert!(seen.ends_with("false"));
        }
        soon(handle.ended()).await;
    }

    #[tokio::test]
    async fn load_balancers_are_told() {
        let (stop, asked) = oneshot::channel::<()>();
        let server = configured(|config| config.drain.delay = Duration::from_secs(3600));
        let server = server.tcp("127.0.0.1:0").bind().unwrap().shutdown_on(async {
            let _ = asked.await;
        });
        let handle = server.spawn(App::new(routes![..waypost::health()])).unwrap();
        let mut wire = connect(&handle).await;
        let ask = "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n";
        wire.send(ask).await;
        let reply = wire.reply().await;
        assert_eq!((reply.status, reply.header("cache-control").as_deref()), (200, Some("no-store")));
        handle.set_ready(false);
        wire.send(ask).await;
        assert_eq!(wire.reply().await.status, 503);
        handle.set_ready(true);
        stop.send(()).unwrap();
        let wait = async {
            loop {
                wire.send(ask).await;
                if wire.reply().await.status == 503 {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        soon(wait).await;
        wire.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(wire.reply().await.status, 200);
        // Who cannot wait that long need not.
        assert_eq!(soon(handle.shutdown(PATIENCE)).await.connections, 0);
    }

    #[tokio::test]
    async fn handlers_hear_of_it() {
        #[get("/events")]
        async fn events(shutdown: Shutdown) -> &'static str {
            shutdown.requested().await;
            "the end"
        }

        let handle = Server::bind("127.0.0.1:0").await.unwrap().spawn(App::new(routes![events])).unwrap();
        let mut wire = connect(&handle).await;
        wire.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n").await;
        until(|| handle.stats().requests_open == 1).await;
        let drained = handle.shutdown(PATIENCE);
        assert_eq!(soon(wire.reply()).await.text(), "the end");
        assert_eq!(soon(drained).await.requests, 0);
    }
}

#[tokio::test]
async fn counts_what_passes() {
    let handle = spawn(&Site::default());
    let mut wire = idle(&handle).await;
    wire.send(GET).await;
    let reply = wire.reply().await;
    let stats = handle.stats();
    assert_eq!((stats.connections_accepted, stats.connections_open), (1, 1));
    assert_eq!((stats.requests_http1, stats.requests_http2, stats.requests()), (2, 0, 2));
    assert_eq!(stats.bytes_received, 2 * GET.len() as u64);
    let sent = stats.bytes_sent;
    assert_eq!(sent, 2 * (reply.head.len() + 2 + reply.body.len()) as u64);
    drop(wire);
    until(|| handle.stats().connections_open == 0).await;
    let after = handle.stats();
    assert_eq!((after.requests(), after.bytes_sent), (2, sent), "kept when the connection has ended");
}

/// A port that is taken over is one that the system listens on for us.
#[tokio::test]
async fn what_the_system_accepted_is_served() {
    let server = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
    let handle = server.handle();
    let mut waiting = connect(&handle).await;
    waiting.send(GET).await;
    let drained = handle.shutdown(PATIENCE);
    tokio::spawn(server.serve(Site::default()));
    let reply = soon(waiting.reply()).await;
    assert_eq!(reply.status, 200);
    let mut rest = Vec::new();
    soon(waiting.stream.read_to_end(&mut rest)).await.unwrap();
    soon(drained).await;
}

/// However many they are, and whether or not there is room for all of them at once.
#[tokio::test]
async fn all_that_the_system_accepted_are_served() {
    for connections in [10_000, 10] {
        let server = configured(|config| config.limits.connections = connections);
        let server = server.tcp("127.0.0.1:0").bind().unwrap();
        let handle = server.handle();
        let mut waiting = Vec::new();
        for _ in 0..300 {
            let mut wire = connect(&handle).await;
            wire.send(GET).await;
            waiting.push(wire);
        }
        let drained = handle.shutdown(PATIENCE);
        tokio::spawn(server.serve(Site::default()));
        for wire in &mut waiting {
            assert_eq!(soon(wire.reply()).await.status, 200);
        }
        assert_eq!(soon(drained).await.connections, 0);
        assert_eq!(handle.stats().requests(), 300);
    }
}
