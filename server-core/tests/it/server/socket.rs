//! Both over real sockets.

use super::*;

async fn serve(site: Site) -> (std::net::SocketAddr, tokio::task::JoinHandle<()>) {
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = server.addr().tcp().unwrap();
    assert_ne!(address.port(), 0);
    let task = tokio::spawn(async move {
        let _ = server.serve(site).await;
    });
    (address, task)
}

#[tokio::test]
async fn both_protocols_on_one_port() {
    let (address, _task) = serve(Site::default()).await;
    let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
    wire.send(GET).await;
    assert_eq!(wire.reply().await.text(), "hello");

    let (mut sender, connection) = handshake(TcpStream::connect(address).await.unwrap()).await;
    tokio::spawn(connection);
    let response = sender.send_request(get("/")).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
}

/// RFC 9112 section 9.6: the rest of it is read over, else a reset could overtake the answer.
#[tokio::test]
async fn a_client_that_sends_more_than_is_read_gets_its_answer() {
    let (address, _task) = serve(Site::default()).await;
    let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
    wire.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n").await;
    assert_eq!(wire.reply().await.text(), "ignored");
    // The server has closed its side. Neither of these fails, as they would once it had reset the connection.
    assert!(wire.rest().await.is_empty());
    for _ in 0..20 {
        wire.send([b'x'; 10_000]).await;
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn dropping_the_future_closes_every_connection() {
    let site = Site::default();
    let (address, task) = serve(site.clone()).await;
    let mut idle = Wire::new(TcpStream::connect(address).await.unwrap());
    idle.send(GET).await;
    idle.reply().await;
    let mut busy = Wire::new(TcpStream::connect(address).await.unwrap());
    busy.send("GET /forever HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let (mut sender, connection) = handshake(TcpStream::connect(address).await.unwrap()).await;
    tokio::spawn(connection);
    let streams = [sender.send_request(get("/forever")), sender.send_request(get("/forever"))];
    while site.running.load(SeqCst) < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    task.abort();
    assert!(idle.rest().await.is_empty());
    assert!(busy.rest().await.is_empty());
    for stream in streams {
        assert!(stream.await.is_err());
    }
    while site.running.load(SeqCst) > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_panicking_handler_does_not_end_the_server() {
    let (address, task) = serve(Site::default()).await;
    let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
    wire.send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await;
    wire.rest().await;
    let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
    wire.send(GET).await;
    assert_eq!(wire.reply().await.text(), "hello");
    assert!(!task.is_finished());
}

#[tokio::test]
async fn an_address_in_use_is_named_in_the_error() {
    let first = Server::bind("127.0.0.1:0").await.unwrap();
    let address = first.addr().tcp().unwrap();
    let error = Server::bind(address).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with(&format!("cannot listen on {address}: ")), "{text}");
    let cause = error.cause().unwrap().downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(cause.kind(), std::io::ErrorKind::AddrInUse);
    assert!(Server::bind("no-such-host.invalid:80").await.is_err());
}

#[tokio::test]
async fn a_listening_socket_is_taken_over() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Server::builder().tcp_socket(listener).bind().unwrap();
    let address = server.addr().tcp().unwrap();
    tokio::spawn(server.serve(Site::default()));
    let reply = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    });
    assert!(reply.await.unwrap().ends_with("hello"));
}
