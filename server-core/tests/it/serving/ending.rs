//! How a server ends.

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

#[tokio::test(start_paused = true)]
async fn readiness_goes_first() {
    #[get("/ready")]
    async fn ready(shutdown: Shutdown) -> String {
        format!("{} {}", shutdown.is_ready(), shutdown.is_requested())
    }

    let (stop, asked) = oneshot::channel::<()>();
    let (channel, accepting) = Channel::new();
    let server = configured(|config| config.drain.delay = Duration::from_secs(20));
    let server = server.listener(accepting).bind().unwrap().shutdown_on(async {
        let _ = asked.await;
    });
    let handle = server.spawn(App::new(routes![ready])).unwrap();
    let mut wire = channel.connect(1 << 16);
    let ask = "GET /ready HTTP/1.1\r\nHost: a\r\n\r\n";
    wire.send(ask).await;
    assert_eq!(wire.reply().await.text(), "true false");
    handle.set_ready(false);
    wire.send(ask).await;
    assert_eq!(wire.reply().await.text(), "false false");
    handle.set_ready(true);
    wire.send(ask).await;
    assert_eq!(wire.reply().await.text(), "true false");
    stop.send(()).unwrap();
    let start = tokio::time::Instant::now();
    // Still serving, on new connections too, but no longer ready; to the last.
    for pause in [1, 19_998] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        for wire in [&mut wire, &mut channel.connect(1 << 16)] {
            wire.send(ask).await;
            let reply = wire.reply().await;
            assert_eq!((reply.text(), reply.header("connection")), ("false false", None));
        }
    }
    assert!(soon(wire.rest()).await.is_empty());
    soon(handle.ended()).await;
    assert_eq!(start.elapsed().as_secs(), 20);
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
