//! Which protocols a connection may speak.

use tokio::io::AsyncWriteExt as _;
use waypost::__connection::{Limits, Spoken};

use super::{PREFACE, connect, connect_spoken, get};
use crate::raw::Site;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn without_http2_its_preface_is_answered_505() {
    let limits = Limits { http2: false, ..Limits::default() };
    let mut served = connect(Site::default(), limits.clone(), 1 << 16);
    served.wire.send(PREFACE).await;
    let reply = served.wire.reply().await;
    assert_eq!((reply.status, reply.header("connection").as_deref()), (505, Some("close")));
    assert!(served.wire.rest().await.is_empty());
    assert_eq!(served.end().await, 0);

    let mut served = connect(Site::default(), limits, 1 << 16);
    served.wire.send(GET).await;
    assert_eq!(served.wire.reply().await.text(), "hello");
}

#[tokio::test(start_paused = true)]
async fn without_http1_it_is_closed() {
    let limits = Limits { http1: false, ..Limits::default() };
    let mut served = connect(Site::default(), limits.clone(), 1 << 16);
    served.wire.send(GET).await;
    assert_eq!(served.end().await, 0);
    assert_eq!(served.watch.requests_http1(), 0);

    // The time for the first bytes is the same.
    for sent in [0, 1, 23] {
        let mut served = connect(Site::default(), limits.clone(), 1 << 16);
        served.wire.send(&PREFACE[..sent]).await;
        assert_eq!(served.end().await, 10, "after {sent}");
    }

    let (mut sender, ..) = connect(Site::default(), limits, 1 << 16).http2().await;
    assert_eq!(sender.send_request(get("/")).await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn without_prior_knowledge_http2_is_what_was_agreed_on() {
    let limits = Limits { http2_prior_knowledge: false, ..Limits::default() };
    let mut served = connect(Site::default(), limits.clone(), 1 << 16);
    served.wire.send(PREFACE).await;
    let reply = served.wire.reply().await;
    assert_eq!((reply.status, reply.header("connection").as_deref()), (505, Some("close")));
    assert!(served.wire.rest().await.is_empty());
    assert_eq!(served.end().await, 0);
    assert_eq!(served.watch.requests_http2(), 0);

    let mut served = connect(Site::default(), limits.clone(), 1 << 16);
    served.wire.send(GET).await;
    assert_eq!(served.wire.reply().await.text(), "hello");
    let agreed = |limits: &Limits| {
        connect_spoken(Site::default(), limits.clone(), 1 << 16, Some(Spoken::Http2)).http2()
    };
    let (mut sender, ..) = agreed(&limits).await;
    assert_eq!(sender.send_request(get("/")).await.unwrap().status(), 200);

    // Without HTTP/1 it is all there is.
    let limits = Limits { http1: false, ..limits };
    let (mut sender, ..) = agreed(&limits).await;
    assert_eq!(sender.send_request(get("/")).await.unwrap().status(), 200);
    for sent in [PREFACE, GET.as_bytes(), b""] {
        let mut served = connect(Site::default(), limits.clone(), 1 << 16);
        let _ = served.wire.stream.write_all(sent).await;
        assert!(served.wire.rest().await.is_empty());
        assert_eq!(served.end().await, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_agreed_on_is_spoken() {
    let connect = |spoken| connect_spoken(Site::default(), Limits::default(), 1 << 16, Some(spoken));

    let (mut sender, ..) = connect(Spoken::Http2).http2().await;
    assert_eq!(sender.send_request(get("/")).await.unwrap().status(), 200);
    let mut served = connect(Spoken::Http2);
    served.wire.send(GET).await;
    assert_eq!(served.end().await, 0);
    assert_eq!(connect(Spoken::Http2).end().await, 10);

    let mut served = connect(Spoken::Http1);
    served.wire.send(GET).await;
    assert_eq!(served.wire.reply().await.text(), "hello");
    let mut served = connect(Spoken::Http1);
    served.wire.send(PREFACE).await;
    assert!(served.wire.rest().await.is_empty());
    assert_eq!(served.end().await, 0);
    assert_eq!(connect(Spoken::Http1).end().await, 10);

    // Nor is one spoken that the server does not.
    let limits = Limits { http2: false, ..Limits::default() };
    assert_eq!(connect_spoken(Site::default(), limits, 1 << 16, Some(Spoken::Http2)).end().await, 0);
}
