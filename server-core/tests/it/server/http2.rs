//! HTTP/2.

use super::*;

async fn connect(site: Site) -> Sender {
    let (client, server) = tokio::io::duplex(1 << 16);
    tokio::spawn(Server::serve_connection(server, Arc::new(site), Peer::new(None)));
    let (sender, connection) = handshake(client).await;
    tokio::spawn(connection);
    sender
}

#[tokio::test]
async fn prior_knowledge() {
    let mut sender = connect(Site::default()).await;
    let mut requests = Vec::new();
    for path in ["/", "/large", "/burst", "/missing"] {
        requests.push((path, sender.send_request(get(path))));
    }
    for (path, response) in requests {
        let response = response.await.unwrap();
        assert_eq!(response.version(), http::Version::HTTP_2);
        assert_eq!(response.status(), if path == "/missing" { 404 } else { 200 });
        let body = response.into_body().collect().await.unwrap().to_bytes();
        match path {
            "/" => assert_eq!(body, "hello"),
            "/large" => assert_eq!(body.len(), 1 << 20),
            "/burst" => assert_eq!(body, "drip drip drip "),
            _ => assert_eq!(body, "/missing"),
        }
    }
    let body = Full::new(Bytes::from(vec![7; 500_000]));
    let request = http::Request::post("http://a/echo").body(body).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), vec![7; 500_000]);
}

/// Tells the `Host` and `Cookie` fields it was asked with.
struct Fields;

impl waypost::Respond for Fields {
    async fn respond<'a>(&'a self, request: http::Request<waypost::Body>, _: &'a Peer) -> waypost::Response {
        let all = |name| {
            let values = request.headers().get_all(name).iter();
            values.map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        waypost::Response::new(format!("{:?} {:?}", all("host"), all("cookie")).into())
    }
}

/// RFC 9113, sections 8.3.1 and 8.2.3.
#[tokio::test]
async fn the_authority_is_the_host_and_cookies_are_one_field() {
    let (client, server) = tokio::io::duplex(1 << 16);
    tokio::spawn(Server::serve_connection(server, Arc::new(Fields), Peer::new(None)));
    let (mut sender, connection) = handshake(client).await;
    tokio::spawn(connection);
    let request = http::Request::builder().uri("http://a.example:80/").header("cookie", "a=1");
    let request = request.header("cookie", "b=2").body(Full::default()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, r#"["a.example:80"] ["a=1; b=2"]"#);
}

#[tokio::test]
async fn a_panic_ends_its_stream_only() {
    let mut sender = connect(Site::default()).await;
    assert!(sender.send_request(get("/panic")).await.is_err());
    assert_eq!(sender.send_request(get("/")).await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_reset_stream_drops_its_handler() {
    let site = Site::default();
    let mut sender = connect(site.clone()).await;
    let response = sender.send_request(get("/forever"));
    assert!(tokio::time::timeout(Duration::from_secs(1), response).await.is_err());
    wait(1).await;
    assert_eq!(site.running.load(SeqCst), 0);
}

/// However the preface is cut into pieces.
#[tokio::test(start_paused = true)]
async fn a_preface_in_pieces() {
    for cut in 1..PREFACE.len() {
        let mut wire = crate::raw::connect(Site::default());
        wire.send(&PREFACE[..cut]).await;
        assert_eq!(wire.pending().await, b"");
        wire.send(&PREFACE[cut..]).await;
        wire.send(b"\0\0\0\x04\0\0\0\0\0").await;
        let answer = wire.pending().await;
        assert_eq!(answer[3], 4, "no SETTINGS frame: {answer:?}");
    }
}

#[tokio::test]
async fn a_preface_byte_by_byte_and_then_a_request() {
    let (client, mut ours) = tokio::io::duplex(1 << 16);
    let (mut theirs, server) = tokio::io::duplex(1 << 16);
    tokio::spawn(Server::serve_connection(server, Arc::new(Site::default()), Peer::new(None)));
    tokio::spawn(async move {
        for _ in 0..PREFACE.len() {
            let byte = ours.read_u8().await.unwrap();
            theirs.write_u8(byte).await.unwrap();
            tokio::task::yield_now().await;
        }
        tokio::io::copy_bidirectional(&mut ours, &mut theirs).await
    });
    let (mut sender, connection) = handshake(client).await;
    tokio::spawn(connection);
    assert_eq!(sender.send_request(get("/")).await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn look_alikes_are_http1() {
    for (first, second) in [("P", "OST"), ("PRI", "NT"), ("PR", "I"), ("", "PRINT")] {
        let mut wire = crate::raw::connect(Site::default());
        wire.send(first).await;
        assert_eq!(wire.pending().await, b"");
        wire.send(format!("{second} /method HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        assert_eq!(wire.reply().await.text(), format!("{first}{second}"));
        wire.send(GET).await;
        assert_eq!(wire.reply().await.text(), "hello");
    }
    let mut wire = crate::raw::connect(Site::default());
    wire.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\rX").await;
    assert_eq!(wire.reply().await.status, 400);
}

#[tokio::test]
async fn a_stream_that_ends_in_the_preface() {
    let mut wire = crate::raw::connect(Site::default());
    wire.send("PRI *").await;
    wire.stream.shutdown().await.unwrap();
    let _ = wire.rest().await;
}
