//! unary-grpc, stream-grpc, and the two calls beside them.

use std::convert::Infallible;

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::stream;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::HeaderMap;
use hyper::body::Frame;
use prost::Message;
use tokio::sync::mpsc;

use crate::arena::Arena;
use crate::http2::{Http2, RequestBody, Whole};

#[derive(Clone, PartialEq, Message)]
struct SumRequest {
    #[prost(int32, tag = "1")]
    a: i32,
    #[prost(int32, tag = "2")]
    b: i32,
}

#[derive(Clone, PartialEq, Message)]
struct StreamRequest {
    #[prost(int32, tag = "1")]
    a: i32,
    #[prost(int32, tag = "2")]
    b: i32,
    #[prost(int32, tag = "3")]
    count: i32,
}

#[derive(Clone, PartialEq, Message)]
struct SumReply {
    #[prost(int32, tag = "1")]
    result: i32,
}

/// A message with its prefix: not compressed, and its length.
fn framed(message: &impl Message) -> Vec<u8> {
    let length = u32::try_from(message.encoded_len()).unwrap();
    let mut bytes = vec![0];
    bytes.extend(length.to_be_bytes());
    message.encode(&mut bytes).unwrap();
    bytes
}

/// Takes the first message off, if it is there whole.
fn next(bytes: &mut BytesMut) -> Option<i32> {
    let length = u32::from_be_bytes(bytes.get(1..5)?.try_into().unwrap()) as usize;
    let message = SumReply::decode(bytes.get(5..5 + length)?).unwrap();
    assert_eq!(bytes[0], 0);
    bytes.advance(5 + length);
    Some(message.result)
}

fn whole(bytes: impl Into<Bytes>) -> RequestBody {
    Full::new(bytes.into()).boxed_unsync()
}

#[track_caller]
fn results(reply: &Whole) -> Vec<i32> {
    assert_eq!(reply.status, 200);
    assert_eq!(reply.fields["content-type"], "application/grpc");
    ok(&reply.trailers);
    let mut bytes = BytesMut::from(&reply.body[..]);
    let results = std::iter::from_fn(|| next(&mut bytes)).collect();
    assert_eq!(bytes, b""[..]);
    results
}

#[track_caller]
fn ok(trailers: &HeaderMap) {
    assert_eq!(trailers.get("grpc-status").unwrap(), "0");
}

const GET_SUM: &str = "/benchmark.BenchmarkService/GetSum";
const STREAM_SUM: &str = "/benchmark.BenchmarkService/StreamSum";
const COLLECT_SUM: &str = "/benchmark.BenchmarkService/CollectSum";
const ECHO_SUM: &str = "/benchmark.BenchmarkService/EchoSum";

/// In the very bytes of the profile's description.
#[tokio::test]
async fn unary() {
    let arena = Arena::start();
    for mut http in [Http2::plain(arena.plain).await, Http2::tls(&arena).await] {
        let response = http.call(GET_SUM, whole(&b"\x00\x00\x00\x00\x04\x08\x01\x10\x02"[..])).await;
        let reply = Whole::read(response).await;
        assert_eq!(reply.body, b"\x00\x00\x00\x00\x02\x08\x03"[..]);
        assert_eq!(results(&reply), [3]);
        let extremes = framed(&SumRequest { a: i32::MAX, b: 1 });
        assert_eq!(results(&Whole::read(http.call(GET_SUM, whole(extremes)).await).await), [i32::MIN]);
    }
}

#[tokio::test]
async fn server_streaming() {
    let arena = Arena::start();
    for mut http in [Http2::plain(arena.plain).await, Http2::tls(&arena).await] {
        let asked = framed(&StreamRequest { a: 20, b: 22, count: 5000 });
        let replies = results(&Whole::read(http.call(STREAM_SUM, whole(asked)).await).await);
        assert!(replies.iter().copied().eq(42..5042), "{} messages", replies.len());
        for count in [-1, 0, 1] {
            let asked = framed(&StreamRequest { a: 1, b: 2, count });
            assert_eq!(results(&Whole::read(http.call(STREAM_SUM, whole(asked)).await).await), [3]);
        }
    }
}

/// More than the 2 MiB that a body may otherwise have.
#[tokio::test]
async fn client_streaming() {
    let arena = Arena::start();
    let mut http = Http2::plain(arena.plain).await;
    let thousand: Bytes = framed(&SumRequest { a: 1, b: 2 }).repeat(1000).into();
    assert_eq!(thousand.len(), 9000);
    let pieces = stream::iter((0..300).map(move |_| Ok::<_, Infallible>(Frame::data(thousand.clone()))));
    let response = http.call(COLLECT_SUM, StreamBody::new(pieces).boxed_unsync()).await;
    assert_eq!(results(&Whole::read(response).await), [900_000]);
    assert_eq!(results(&Whole::read(http.call(COLLECT_SUM, whole("")).await).await), [0]);
}

/// Each reply comes before the next request is sent.
#[tokio::test]
async fn bidirectional() {
    let arena = Arena::start();
    let mut http = Http2::plain(arena.plain).await;
    let (requests, mut sent) = mpsc::channel::<Bytes>(1);
    let body = stream::poll_fn(move |cx| {
        sent.poll_recv(cx).map(|piece| piece.map(|piece| Ok::<_, Infallible>(Frame::data(piece))))
    });
    requests.send(framed(&SumRequest { a: 0, b: 0 }).into()).await.unwrap();
    let response = http.call(ECHO_SUM, StreamBody::new(body).boxed_unsync()).await;
    assert_eq!(response.status(), 200);
    let mut replies = response.into_body();
    let mut received = BytesMut::new();
    for i in 0..100 {
        let result = loop {
            if let Some(result) = next(&mut received) {
                break result;
            }
            received.extend(replies.frame().await.unwrap().unwrap().into_data().unwrap());
        };
        assert_eq!(result, 3 * i);
        requests.send(framed(&SumRequest { a: i + 1, b: 2 * (i + 1) }).into()).await.unwrap();
    }
    drop(requests);
    let end = replies.collect().await.unwrap();
    ok(end.trailers().unwrap());
    received.extend(end.to_bytes());
    assert_eq!((next(&mut received), received.len()), (Some(300), 0));
}

#[tokio::test]
async fn other_paths() {
    let arena = Arena::start();
    let mut http = Http2::plain(arena.plain).await;
    let unknown = Whole::read(http.call("/benchmark.BenchmarkService/Missing", whole("")).await).await;
    assert_eq!((unknown.status.as_u16(), &unknown.fields["grpc-status"]), (200, &"12".parse().unwrap()));
    let elsewhere = Whole::read(http.call("/other.Service/GetSum", whole("")).await).await;
    assert_eq!(elsewhere.status, 404);
}
