//! A server is replaced by the next one, again and again, under load.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::net::{SocketAddr, TcpListener};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use socket2::{Domain, Socket, Type};
use tokio::net::TcpStream;
use waypost::Bytes;

use crate::client::{Line, Unanswered};
use crate::program::Program;
use crate::tools::{PATIENCE, known_of, until};

/// What the clients have seen.
#[derive(Default)]
struct Seen {
    answers: BTreeMap<String, u64>,
    /// Sent once more, because the connection was closed between two requests.
    retried: u64,
    /// HTTP/2: sent once more, because the server had said that it would take no more.
    moved: u64,
    /// The client itself was late.
    late: u64,
    lost: Vec<String>,
}

#[derive(Clone, Default)]
struct Load {
    seen: Arc<Mutex<Seen>>,
    enough: Arc<AtomicBool>,
}

impl Load {
    fn see(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.seen.lock().unwrap());
    }

    fn is_over(&self) -> bool {
        self.enough.load(SeqCst)
    }

    fn answered(&self, by: String) {
        self.see(|seen| *seen.answers.entry(by).or_default() += 1);
    }

    /// What never comes is lost, too; and it is told where it is.
    async fn owed<T>(
        &self,
        what: &str,
        client: SocketAddr,
        server: SocketAddr,
        answer: impl Future<Output = T>,
    ) -> Option<T> {
        let answer = tokio::time::timeout(PATIENCE, answer).await.ok();
        if answer.is_none() {
            let known = known_of(client, server);
            self.see(|seen| {
                seen.lost.push(format!("{what}: nothing in {PATIENCE:?}, from {client}: {known}"))
            });
        }
        answer
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
            let opened = match line.take() {
                Some(line) => Ok(line),
                None => {
                    let opened = Line::open(address).await;
                    tokio::time::sleep(pause).await;
                    opened
                }
            };
            let answer = match opened {
                Err(how) => Err(how),
                Ok(mut opened) => {
                    let client = opened.address();
                    let answer = opened.ask(target, fields);
                    let Some(answer) = self.owed(target, client, address, answer).await else { continue };
                    line = Some(opened);
                    answer
                }
            };
            match answer {
                Ok(by) => {
                    self.answered(by);
                    line = line.filter(|line| !line.is_over);
                }
                Err(how) => {
                    line = None;
                    self.see(|seen| match how {
                        Unanswered::ClosedBefore => seen.retried += 1,
                        Unanswered::TooLate => seen.late += 1,
                        Unanswered::Lost(how) => {
                            seen.lost.push(format!("{target}, kept {keep_alive}: {how}"))
                        }
                    });
                }
            }
            // Not all at the server's pace.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn http2(self, address: SocketAddr, target: &'static str, pause: Duration) {
        while !self.is_over() {
            let opened = Instant::now();
            let stream = match TcpStream::connect(address).await {
                Ok(stream) => stream,
                Err(error) => {
                    self.see(|seen| seen.lost.push(format!("http2 {error}")));
                    continue;
                }
            };
            let client = stream.local_addr().unwrap();
            let handshake =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
            let Ok((mut sender, connection)) = handshake else { continue };
            let mut connection = Driven(Some(Box::pin(connection)));
            connection.beside(tokio::time::sleep(pause)).await;
            let mut asked = 0;
            while !self.is_over() {
                let Some(ready) =
                    self.owed("http2, to be ready", client, address, connection.beside(sender.ready())).await
                else {
                    break;
                };
                if let Err(error) = ready {
                    let in_time = opened.elapsed() < Duration::from_millis(200);
                    self.see(|seen| match (asked, in_time) {
                        (0, true) => seen.lost.push(format!("http2 {target}, before the first: {error:?}")),
                        (0, false) => seen.late += 1,
                        _ => seen.moved += 1,
                    });
                    break;
                }
                let request = http::Request::get(format!("http://a{target}"));
                let request = request.body(Empty::<Bytes>::new()).unwrap();
                let in_time = opened.elapsed() < Duration::from_millis(200);
                asked += 1;
                let answer = async { sender.send_request(request).await?.into_body().collect().await };
                let Some(answer) =
                    self.owed(&format!("http2 {target}"), client, address, connection.beside(answer)).await
                else {
                    break;
                };
                match answer {
                    Ok(body) => {
                        self.answered(String::from_utf8(body.to_bytes().to_vec()).unwrap());
                    }
                    // hyper: the request was not sent, or the server has said that it did not look at it.
                    Err(error) if asked > 1 && (error.is_canceled() || is_goaway(&error)) => {
                        self.see(|seen| seen.moved += 1);
                        break;
                    }
                    Err(_) if asked == 1 && !in_time => {
                        self.see(|seen| seen.late += 1);
                        break;
                    }
                    Err(error) => {
                        self.see(|seen| seen.lost.push(format!("http2 {target}, number {asked}: {error:?}")));
                        break;
                    }
                }
                connection.beside(tokio::time::sleep(Duration::from_millis(1))).await;
            }
        }
    }

    fn start(address: SocketAddr) -> (Self, Vec<tokio::task::JoinHandle<()>>) {
        let load = Self::default();
        let mut clients = Vec::new();
        let moment = Duration::from_millis(50);
        let none = Duration::ZERO;
        for (target, pause) in [("/", none), ("/", none), ("/", moment), ("/", moment), ("/slow", none)] {
            for keep_alive in [true, false] {
                clients.push(tokio::spawn(load.clone().http1(address, target, keep_alive, pause)));
            }
            clients.push(tokio::spawn(load.clone().http2(address, target, pause)));
        }
        (load, clients)
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

fn is_goaway(error: &hyper::Error) -> bool {
    format!("{error:?}").contains("GoAway") && format!("{error:?}").contains("NO_ERROR")
}

/// Starts one after the other; each is asked to end when the next one answers.
async fn relay(load: &Load, mut current: Program, times: u32, start: impl Fn() -> Program) -> Program {
    for _ in 0..times {
        let next = start();
        next.address();
        current.terminate();
        until("the next one answers", || load.answers_by(next.id()) > 20).await;
        let status = current.wait();
        assert!(status.success(), "{status} {:?}", current.log());
        assert_eq!(current.says("ended"), "0 0", "connections and requests cut");
        current = next;
    }
    current
}

const TIMES: u32 = 20;

/// With a socket that is handed on, as a service manager does, nothing is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_an_inherited_socket_nothing_is_lost() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let first = Program::start_with(&socket);
    first.address();
    let (load, clients) = Load::start(socket.local_addr().unwrap());
    until("the first one answers", || load.answers_by(first.id()) > 20).await;
    let last = relay(&load, first, TIMES, || Program::start_with(&socket)).await;
    load.enough.store(true, SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    drop(last);
    let seen = load.seen.lock().unwrap();
    let answers: u64 = seen.answers.values().sum();
    println!(
        "{TIMES} restarts with an inherited socket: {answers} requests answered by {} processes; {} sent again \
         after an idle connection was closed, {} after GOAWAY; {} clients were late themselves; {} lost",
        seen.answers.len(),
        seen.retried,
        seen.moved,
        seen.late,
        seen.lost.len(),
    );
    assert!(seen.lost.is_empty(), "{:#?}", seen.lost);
    assert!(seen.answers.len() > TIMES as usize);
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
    let first = start();
    first.address();
    let (load, clients) = Load::start(address);
    let last = relay(&load, first, TIMES / 2, start).await;
    load.enough.store(true, SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    drop(last);
    let seen = load.seen.lock().unwrap();
    let answers: u64 = seen.answers.values().sum();
    println!(
        "{} restarts with a shared port: {answers} requests answered, {} sent again after an idle connection was \
         closed, {} after GOAWAY, {} lost: {:#?}",
        TIMES / 2,
        seen.retried,
        seen.moved,
        seen.lost.len(),
        seen.lost,
    );
    let broken: Vec<_> = seen.lost.iter().filter(|how| how.contains("broken off")).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}
