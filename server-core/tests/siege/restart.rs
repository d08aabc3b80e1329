//! A server is replaced by the next one, again and again, under load.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::net::{SocketAddr, TcpListener};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use socket2::{Domain, Socket, Type};
use tokio::net::TcpStream;
use waypost::Bytes;

use crate::client::{Line, Loss, Unanswered};
use crate::program::Program;
use crate::tools::{PATIENCE, known_of, until};

/// What came of a request.
enum Outcome {
    /// And by whom.
    Answered(String),
    /// To be sent once more, because the connection was closed between two requests.
    Retried,
    /// HTTP/2: to be sent once more, because the server had said that it would take no more.
    Moved,
    /// The client itself was late.
    Late,
    Lost(Loss),
}

impl From<Unanswered> for Outcome {
    fn from(how: Unanswered) -> Self {
        match how {
            Unanswered::ClosedBefore => Self::Retried,
            Unanswered::TooLate => Self::Late,
            Unanswered::Lost(loss) => Self::Lost(loss),
        }
    }
}

/// What the clients have seen.
#[derive(Debug, Default)]
struct Seen {
    answers: BTreeMap<String, u64>,
    retried: u64,
    moved: u64,
    late: u64,
    lost: Vec<(String, Loss)>,
}

impl Seen {
    /// The losses, a line each.
    fn losses(&self) -> String {
        self.lost.iter().map(|(what, loss)| format!("\n{what}: {loss}")).collect()
    }
}

/// What is asked for, and after what pause on a new connection.
const TARGETS: [(&str, Duration); 5] = [
    ("/", Duration::ZERO),
    ("/", Duration::ZERO),
    ("/", Duration::from_millis(50)),
    ("/", Duration::from_millis(50)),
    ("/slow", Duration::ZERO),
];

#[derive(Clone, Default)]
struct Load {
    seen: Arc<Mutex<Seen>>,
    enough: Arc<AtomicBool>,
}

impl Load {
    /// Three clients of each target.
    fn start(address: SocketAddr) -> (Self, Vec<tokio::task::JoinHandle<()>>) {
        let load = Self::default();
        let mut clients = Vec::new();
        for (target, pause) in TARGETS {
            for keep_alive in [true, false] {
                clients.push(tokio::spawn(load.clone().http1(address, target, keep_alive, pause)));
            }
            clients.push(tokio::spawn(load.clone().http2(address, target, pause)));
        }
        (load, clients)
    }

    fn see(&self, what: &str, outcome: Outcome) {
        let mut seen = self.seen.lock().unwrap();
        match outcome {
            Outcome::Answered(by) => *seen.answers.entry(by).or_default() += 1,
            Outcome::Retried => seen.retried += 1,
            Outcome::Moved => seen.moved += 1,
            Outcome::Late => seen.late += 1,
            Outcome::Lost(loss) => seen.lost.push((what.to_owned(), loss)),
        }
    }

    fn is_over(&self) -> bool {
        self.enough.load(SeqCst)
    }

    fn answers_by(&self, id: u32) -> u64 {
        self.seen.lock().unwrap().answers.get(&id.to_string()).copied().unwrap_or_default()
    }

    /// One request after the other, on one connection for as long as it lasts or on a new one each, after a pause on
    /// each new one.
    async fn http1(self, address: SocketAddr, target: &'static str, keep_alive: bool, pause: Duration) {
        let fields = if keep_alive { "" } else { "Connection: close\r\n" };
        let mut line = None;
        while !self.is_over() {
            let outcome = ask_http1(&mut line, address, target, fields, pause).await;
            self.see(&format!("{target}, kept {keep_alive}"), outcome);
            // Not all at the server's pace.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn http2(self, address: SocketAddr, target: &'static str, pause: Duration) {
        let mut line = None;
        while !self.is_over() {
            let outcome = ask_http2(&mut line, address, target, pause).await;
            self.see(&format!("http2 {target}"), outcome);
            let moment = tokio::time::sleep(Duration::from_millis(1));
            match &mut line {
                Some(Http2 { connection, .. }) => connection.beside(moment).await,
                None => moment.await,
            }
        }
    }
}

/// What never comes is lost, too; and it is told where it is.
async fn owed<T>(client: SocketAddr, server: SocketAddr, answer: impl Future<Output = T>) -> Result<T, Loss> {
    tokio::time::timeout(PATIENCE, answer).await.map_err(|_| {
        let known = known_of(client, server);
        Loss::Silence(format!("nothing in {PATIENCE:?}, from {client}: {known}"))
    })
}

async fn ask_http1(
    line: &mut Option<Line>,
    address: SocketAddr,
    target: &str,
    fields: &str,
    pause: Duration,
) -> Outcome {
    let mut open = match line.take() {
        Some(open) => open,
        None => match Line::open(address).await {
            Ok(open) => {
                tokio::time::sleep(pause).await;
                open
            }
            Err(how) => return how.into(),
        },
    };
    match owed(open.address(), address, open.ask(target, fields)).await {
        Ok(Ok(by)) => {
            *line = Some(open).filter(|open| !open.is_over);
            Outcome::Answered(by)
        }
        Ok(Err(how)) => how.into(),
        Err(silence) => Outcome::Lost(silence),
    }
}

type Connection = http2::Connection<TokioIo<TcpStream>, Empty<Bytes>, TokioExecutor>;

/// A connection of HTTP/2.
struct Http2 {
    sender: http2::SendRequest<Empty<Bytes>>,
    connection: Driven<Connection>,
    client: SocketAddr,
    opened: Instant,
    /// Requests sent.
    asked: u32,
}

impl Http2 {
    async fn open(address: SocketAddr) -> Result<Self, Outcome> {
        let opened = Instant::now();
        let stream = TcpStream::connect(address).await;
        let stream = stream.map_err(|error| Outcome::Lost(Loss::Refused(error.to_string())))?;
        let client = stream.local_addr().unwrap();
        let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        match owed(client, address, handshake).await {
            Ok(Ok((sender, connection))) => {
                Ok(Self { sender, connection: Driven(Some(Box::pin(connection))), client, opened, asked: 0 })
            }
            Ok(Err(error)) => Err(fault(&error, true, is_in_time(opened), false)),
            Err(silence) => Err(Outcome::Lost(silence)),
        }
    }
}

/// Who has just come is given 250 ms when the server ends; a machine under load may take longer to send.
fn is_in_time(opened: Instant) -> bool {
    opened.elapsed() < Duration::from_millis(200)
}

/// What it means that hyper's client has failed with the first or another request, before a head had come or after it.
fn fault(error: &hyper::Error, is_first: bool, in_time: bool, has_head: bool) -> Outcome {
    match (is_first, has_head) {
        (true, false) if in_time => Outcome::Lost(Loss::Dropped(format!("{error:?}"))),
        (true, false) => Outcome::Late,
        // hyper: the request was not sent, or the server has said that it did not look at it.
        (false, false) if error.is_canceled() || error.is_closed() || is_goaway(error) => Outcome::Moved,
        _ => Outcome::Lost(Loss::BrokenOff(format!("{error:?}, head: {has_head}"))),
    }
}

fn is_goaway(error: &hyper::Error) -> bool {
    format!("{error:?}").contains("GoAway") && format!("{error:?}").contains("NO_ERROR")
}

async fn ask_http2(line: &mut Option<Http2>, address: SocketAddr, target: &str, pause: Duration) -> Outcome {
    let mut open = match line.take() {
        Some(open) => open,
        None => match Http2::open(address).await {
            Ok(mut open) => {
                open.connection.beside(tokio::time::sleep(pause)).await;
                open
            }
            Err(outcome) => return outcome,
        },
    };
    let Http2 { sender, connection, client, opened, asked } = &mut open;
    let is_first = *asked == 0;
    *asked += 1;
    match owed(*client, address, connection.beside(sender.ready())).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return fault(&error, is_first, is_in_time(*opened), false),
        Err(silence) => return Outcome::Lost(silence),
    }
    let request = http::Request::get(format!("http://a{target}")).body(Empty::new()).unwrap();
    let in_time = is_in_time(*opened);
    let mut status = None;
    let answer = async {
        let response = sender.send_request(request).await?;
        status = Some(response.status());
        response.into_body().collect().await
    };
    match owed(*client, address, connection.beside(answer)).await {
        Ok(Ok(body)) if status == Some(http::StatusCode::OK) => {
            *line = Some(open);
            Outcome::Answered(String::from_utf8(body.to_bytes().to_vec()).unwrap())
        }
        Ok(Ok(_)) => Outcome::Lost(Loss::BrokenOff(format!("{status:?}"))),
        Ok(Err(error)) => fault(&error, is_first, in_time, status.is_some()),
        Err(silence) => Outcome::Lost(silence),
    }
}

/// A connection of hyper's client, driven by whoever sends requests on it. As a task of its own it may end in another
/// thread while a request is handed to it: then the request is neither sent nor answered, and hyper does not tell as long
/// as there is somebody who could send more.
struct Driven<C>(Option<Pin<Box<C>>>);

impl<C: Future> Driven<C> {
    async fn beside<T>(&mut self, what: impl Future<Output = T>) -> T {
        let mut what = pin!(what);
        poll_fn(|cx| {
            if self.0.as_mut().is_some_and(|connection| connection.as_mut().poll(cx).is_ready()) {
                self.0 = None;
            }
            what.as_mut().poll(cx)
        })
        .await
    }
}

/// One server after the other.
struct Relay {
    current: Program,
    /// How many requests each of them had begun when it had ended.
    begun: BTreeMap<String, u64>,
    load: Load,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Relay {
    async fn begin(first: Program, address: SocketAddr) -> Self {
        first.address();
        let (load, clients) = Load::start(address);
        until("the first one answers", || load.answers_by(first.id()) > 20).await;
        Self { current: first, begun: BTreeMap::new(), load, clients }
    }

    /// Starts so many; each is asked to end when the next one is there, and has ended before another is started. Then the
    /// clients have enough.
    async fn run(mut self, times: u64, start: impl Fn() -> Program) -> Seen {
        for _ in 0..times {
            let next = start();
            next.address();
            self.current.terminate();
            until("the next one answers", || self.load.answers_by(next.id()) > 20).await;
            self.ended();
            self.current = next;
        }
        self.load.enough.store(true, SeqCst);
        for client in std::mem::take(&mut self.clients) {
            client.await.unwrap();
        }
        self.current.terminate();
        self.ended();
        let seen = std::mem::take(&mut *self.load.seen.lock().unwrap());
        // What was begun was answered, so what was sent again had not been.
        assert_eq!(seen.answers, self.begun, "requests answered by each, and begun: {seen:#?}");
        assert_eq!(seen.answers.len() as u64, times + 1);
        // Each server that ends closes a connection that is kept once, and says GOAWAY once.
        let most = times * TARGETS.len() as u64;
        assert!(seen.retried <= most && seen.moved <= most, "at most {most} of each: {seen:#?}");
        seen
    }

    fn ended(&mut self) {
        let status = self.current.wait();
        assert!(status.success(), "{status} {:?}", self.current.log());
        assert_eq!(self.current.says("ended"), "0 0", "connections and requests cut");
        let begun = self.current.says("begun").parse().unwrap();
        assert_eq!(self.begun.insert(self.current.id().to_string(), begun), None);
    }
}

const TIMES: u64 = 20;

/// With a socket that is handed on, as a service manager does, nothing is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_an_inherited_socket_nothing_is_lost() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let start = || Program::start_with(&socket);
    let relay = Relay::begin(start(), socket.local_addr().unwrap()).await;
    let seen = relay.run(TIMES, start).await;
    println!(
        "{TIMES} restarts with an inherited socket: {} requests answered by {} processes; {} sent again \
         after an idle connection was closed, {} after GOAWAY; {} clients were late themselves; {} lost",
        seen.answers.values().sum::<u64>(),
        seen.answers.len(),
        seen.retried,
        seen.moved,
        seen.late,
        seen.lost.len(),
    );
    assert!(seen.lost.is_empty(), "{}", seen.losses());
}

/// With sockets of their own at one port, what the system had given to the one that ends is lost: Linux resets it,
/// unless `net.ipv4.tcp_migrate_req` is set. So the losses are told, and only their kind is judged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_shared_port_only_new_connections_are_lost() {
    // Bound and never listening: keeps the port.
    let keeper = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    keeper.set_reuse_address(true).unwrap();
    keeper.set_reuse_port(true).unwrap();
    keeper.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = keeper.local_addr().unwrap().as_socket().unwrap();
    let start = || Program::start(&format!("share {address}"));
    let seen = Relay::begin(start(), address).await.run(TIMES / 2, start).await;
    println!(
        "{} restarts with a shared port: {} requests answered, {} sent again after an idle connection was \
         closed, {} after GOAWAY, {} lost{}",
        TIMES / 2,
        seen.answers.values().sum::<u64>(),
        seen.retried,
        seen.moved,
        seen.lost.len(),
        seen.losses(),
    );
    for (what, loss) in &seen.lost {
        assert!(matches!(loss, Loss::Refused(_) | Loss::Dropped(_)), "{what}: {loss}");
    }
}
