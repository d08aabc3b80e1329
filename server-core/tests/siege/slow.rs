//! A thousand clients that hold what they can for as long as they can.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use waypost::config::Config;
use waypost::{Handle, Server, Tls};

use crate::client::{Line, Unanswered};
use crate::site;
use crate::tools::{PREFACE, allow_files, frame, soon, until};

/// What a client does that does not do its part.
#[derive(Clone, Copy, Debug)]
enum Slow {
    /// Connects and says nothing.
    Silent,
    /// A byte of its request's head now and then.
    Head,
    /// A byte of its request's body now and then.
    Body,
    /// Half a body.
    HalfBody,
    /// Asks for a large response and reads none of it.
    NoReading,
    /// Reads a byte of it now and then.
    Sipping,
    /// Begins the preface of HTTP/2.
    HalfPreface,
    /// Sends the preface of HTTP/2 alone.
    Preface,
    /// Half a body on a stream of HTTP/2.
    HalfStream,
    /// Asks for a large response on a stream, and lets none of it pass.
    NoWindow,
    /// Connects to TLS and says nothing.
    SilentTls,
    /// Half a ClientHello.
    HalfHello,
    /// A handshake, and nothing then.
    SilentInTls,
}

impl Slow {
    const ALL: [Self; 13] = [
        Self::Silent,
        Self::Head,
        Self::Body,
        Self::HalfBody,
        Self::NoReading,
        Self::Sipping,
        Self::HalfPreface,
        Self::Preface,
        Self::HalfStream,
        Self::NoWindow,
        Self::SilentTls,
        Self::HalfHello,
        Self::SilentInTls,
    ];

    fn speaks_tls(self) -> bool {
        matches!(self, Self::SilentTls | Self::HalfHello | Self::SilentInTls)
    }

    /// What it says at first, and what it says again and again.
    fn words(self) -> (Vec<u8>, &'static [u8]) {
        const POST: &[u8] = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nhalf";
        // :method POST or GET, :scheme http, :path, :authority (RFC 7541 appendices A and C).
        const POST_FIELDS: &[u8] = b"\x83\x86\x44\x05/echo\x41\x01a";
        const GET_FIELDS: &[u8] = b"\x82\x86\x44\x06/large\x41\x01a";
        let http2 = |settings: &[u8], fields: &[u8], end: u8| {
            let mut bytes = [PREFACE, &frame(4, 0, 0, settings)].concat();
            bytes.extend(frame(1, 4 | end, 1, fields));
            bytes
        };
        match self {
            Self::Silent | Self::SilentTls | Self::SilentInTls => (Vec::new(), b""),
            Self::Head => (b"GET / HTTP/1.1\r\nHost: a\r\nX: ".to_vec(), b"x"),
            Self::Body => (POST.to_vec(), b"x"),
            Self::HalfBody => (POST.to_vec(), b""),
            Self::NoReading | Self::Sipping => (b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(), b""),
            Self::HalfPreface => (PREFACE[..17].to_vec(), b""),
            Self::Preface => (PREFACE.to_vec(), b""),
            Self::HalfStream => {
                let mut bytes = http2(b"", POST_FIELDS, 0);
                bytes.extend(frame(0, 0, 1, b"half"));
                (bytes, b"")
            }
            // SETTINGS_INITIAL_WINDOW_SIZE is 0.
            Self::NoWindow => (http2(b"\0\x04\0\0\0\0", GET_FIELDS, 1), b""),
            // A handshake record of 512 bytes, a ClientHello of 508, of which the version comes.
            Self::HalfHello => (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), b""),
        }
    }

    /// Holds its connection until all are to be let go; fails if it then still stands, or has ended before its time.
    async fn attack(self, address: SocketAddr, tls: &TlsConnector, over: &Notify) {
        let start = Instant::now();
        let socket = TcpSocket::new_v4().unwrap();
        if matches!(self, Self::NoReading | Self::Sipping) {
            socket.set_recv_buffer_size(4096).unwrap();
        }
        let stream = socket.connect(address).await.unwrap();
        match self {
            Self::SilentInTls => {
                let stream = tls.connect("a.example".try_into().unwrap(), stream).await.unwrap();
                self.hold(stream, start, over).await;
            }
            _ => self.hold(stream, start, over).await,
        }
    }

    async fn hold<T: AsyncRead + AsyncWrite + Unpin>(self, stream: T, start: Instant, over: &Notify) {
        let (first, again) = self.words();
        let (mut read, mut write) = tokio::io::split(stream);
        let dripping = async {
            let _ = write.write_all(&first).await;
            loop {
                tokio::time::sleep(Duration::from_millis(100)).await;
                if write.write_all(again).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let reading = async {
            match self {
                Self::NoReading => {}
                Self::Sipping => loop {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    let _ = read.read_u8().await;
                },
                _ => {
                    let _ = read.read_to_end(&mut Vec::new()).await;
                    assert!(start.elapsed() >= DEADLINE, "{self:?} has ended after {:?}", start.elapsed());
                }
            }
            std::future::pending().await
        };
        tokio::select! {
            () = dripping => {}
            () = reading => {}
            () = over.notified() => {}
        }
        // An end or a reset, after what was on its way.
        let _ = soon(read.read_to_end(&mut Vec::new())).await;
    }
}

const DEADLINE: Duration = Duration::from_secs(2);

fn impatient() -> Config {
    let mut config = Config::default();
    let times = &mut config.timeouts;
    for time in [
        &mut times.handshake,
        &mut times.first_byte,
        &mut times.head,
        &mut times.keep_alive,
        &mut times.body_gap,
        &mut times.write_stall,
        &mut times.rate_grace,
        &mut times.ping,
        &mut times.pong,
    ] {
        *time = DEADLINE;
    }
    config
}

/// A server without TLS, and one with it and a client that trusts it.
fn servers() -> (Handle, Handle, TlsConnector) {
    let key = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap();
    let certificate = key.cert.pem();
    let tls = Tls::from_pem(&certificate, key.signing_key.serialize_pem()).unwrap();
    let bind = || Server::builder().config(impatient()).tcp("127.0.0.1:0").bind().unwrap();
    let plain = bind().spawn(site::app()).unwrap();
    let secure = bind().tls(tls).unwrap().spawn(site::app()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    (plain, secure, TlsConnector::from(Arc::new(config)))
}

fn port(handle: &Handle) -> SocketAddr {
    handle.addr().tcp().unwrap()
}

/// What the clients that do their part have seen.
#[derive(Default)]
struct Normal {
    stop: AtomicBool,
    opened: AtomicU64,
    answers: AtomicU64,
}

impl Normal {
    /// Does its part, until it is told to stop. Only a client that was itself idle for so long may find its connection closed.
    async fn ask(&self, address: SocketAddr) {
        let mut line = None;
        let mut asked = Instant::now();
        while !self.stop.load(SeqCst) {
            let open = match &mut line {
                Some(open) => open,
                None => {
                    self.opened.fetch_add(1, SeqCst);
                    line.insert(Line::open(address).await.unwrap())
                }
            };
            // The server is idle since it has answered, which was after this.
            let before = std::mem::replace(&mut asked, Instant::now());
            match soon(open.ask("/", "")).await {
                Ok(_) => drop(self.answers.fetch_add(1, SeqCst)),
                Err(Unanswered::ClosedBefore) if before.elapsed() >= DEADLINE => line = None,
                Err(error) => panic!("{:?} after the request before: {error:?}", before.elapsed()),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

const ATTACKERS: u64 = 1000;
const NORMAL: u64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_slow_clients_go_and_the_others_are_served() {
    allow_files(4096);
    let (plain, secure, connector) = servers();
    let normal = Arc::new(Normal::default());
    let address = port(&plain);
    let normals: Vec<_> = (0..NORMAL)
        .map(|_| {
            let normal = Arc::clone(&normal);
            tokio::spawn(async move { normal.ask(address).await })
        })
        .collect();
    let answers = || normal.answers.load(SeqCst);
    until("the normal ones are served", || answers() > 100).await;

    let over = Arc::new(Notify::new());
    let start = Instant::now();
    let attackers: Vec<_> = (0..ATTACKERS)
        .map(|number| {
            let slow = Slow::ALL[number as usize % Slow::ALL.len()];
            let address = port(if slow.speaks_tls() { &secure } else { &plain });
            let (over, connector) = (Arc::clone(&over), connector.clone());
            tokio::spawn(async move { slow.attack(address, &connector, &over).await })
        })
        .collect();
    let accepted = || plain.stats().connections_accepted + secure.stats().connections_accepted;
    until("all have come", || accepted() >= ATTACKERS + normal.opened.load(SeqCst)).await;
    let open = || plain.stats().connections_open + secure.stats().connections_open;
    let (at_once, come) = (open(), start.elapsed());
    let before = answers();
    // No deadline strikes early: each sees to that for itself, and all are there, unless they were slow to come.
    assert!(at_once >= ATTACKERS || come >= DEADLINE, "only {at_once} are there after {come:?}");
    until("all are gone", || {
        plain.stats().connections_open <= NORMAL && secure.stats().connections_open == 0
    })
    .await;
    println!(
        "{ATTACKERS} slow clients had come after {come:?} ({at_once} connections at once) and were gone after {:?}, \
         at deadlines of {DEADLINE:?}; meanwhile {} requests of {NORMAL} others were answered",
        start.elapsed(),
        answers() - before,
    );
    let after = answers();
    until("the normal ones are still served", || answers() > after + 100).await;
    normal.stop.store(true, SeqCst);
    for client in normals {
        client.await.unwrap();
    }
    assert_eq!(accepted(), ATTACKERS + normal.opened.load(SeqCst), "connections accepted");
    assert_eq!(plain.stats().connections_refused + secure.stats().connections_refused, 0);
    over.notify_waiters();
    for attacker in attackers {
        attacker.await.unwrap();
    }
}

/// The tool that others are measured by, where it is installed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slowhttptest_finds_the_service_available() {
    if Command::new("slowhttptest").arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        println!("slowhttptest is not installed: skipped");
        return;
    }
    allow_files(4096);
    let modes: [(&str, &str, &[&str]); 4] = [
        ("slow headers", "/", &["-H"]),
        ("slow body", "/echo", &["-B"]),
        ("range", "/large", &["-R"]),
        ("slow reading", "/large", &["-X", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3"]),
    ];
    let runs = modes.map(|(name, path, flags)| {
        let (server, ..) = servers();
        let url = format!("http://{}{path}", server.addr());
        let run = tokio::task::spawn_blocking(move || {
            let mut command = Command::new("slowhttptest");
            command.args(flags).args(["-c", "200", "-r", "200", "-i", "1", "-l", "20", "-p", "5", "-v", "1"]);
            command.args(["-u", &url]).stdin(Stdio::null()).output().unwrap()
        });
        (name, server, run)
    });
    let start = Instant::now();
    for (name, server, run) in runs {
        until("its connections have come", || server.stats().connections_accepted >= 200).await;
        // The tool asks with two connections of its own.
        until("its connections are gone", || server.stats().connections_open <= 2).await;
        println!("{name}: gone after {:?}, the tool had ended: {}", start.elapsed(), run.is_finished());
        let let_go = !run.is_finished();
        let output = soon(run).await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = |what: &str| text.lines().rev().find(|line| line.contains(what)).unwrap_or("").to_owned();
        println!("slowhttptest, {name}: {} / {}", line("service available"), line("Exit status"));
        assert!(line("service available").contains("YES"), "{name}: {text}");
        // A tool that does not read does not see that the other end has gone.
        assert!(let_go || line("Exit status").contains("No open connections left"), "{name}: {text}");
    }
}
