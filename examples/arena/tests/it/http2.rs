//! HTTP/2 by hyper's client.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::arena::Arena;

pub type RequestBody = UnsyncBoxBody<Bytes, std::convert::Infallible>;

/// One connection.
pub struct Http2 {
    sender: SendRequest<RequestBody>,
    /// What requests are addressed to.
    origin: &'static str,
}

impl Http2 {
    /// By prior knowledge.
    pub async fn plain(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect(address).await.unwrap(), "http://localhost").await
    }

    /// Agreed on by ALPN.
    pub async fn tls(arena: &Arena) -> Self {
        let stream = TcpStream::connect(arena.h2).await.unwrap();
        let connector = TlsConnector::from(arena.client(&["h2", "http/1.1"]));
        let stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        Self::new(stream, "https://localhost").await
    }

    async fn new<S>(stream: S, origin: &'static str) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self { sender, origin }
    }

    pub async fn get(&mut self, target: &str) -> Whole {
        self.get_with(target, &[]).await
    }

    pub async fn get_with(&mut self, target: &str, fields: &[(&str, &str)]) -> Whole {
        let mut request = Request::get(format!("{}{target}", self.origin));
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::default().boxed_unsync()).unwrap();
        Whole::read(self.sender.send_request(request).await.unwrap()).await
    }

    /// A call of gRPC.
    pub async fn call(&mut self, path: &str, body: RequestBody) -> Response<Incoming> {
        let request = Request::post(format!("{}{path}", self.origin))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(body)
            .unwrap();
        self.sender.send_request(request).await.unwrap()
    }
}

/// A response that has come whole.
#[derive(Debug)]
pub struct Whole {
    pub status: StatusCode,
    pub fields: HeaderMap,
    pub body: Bytes,
    pub trailers: HeaderMap,
}

impl Whole {
    pub async fn read(response: Response<Incoming>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap();
        let trailers = body.trailers().cloned().unwrap_or_default();
        Self { status: head.status, fields: head.headers, body: body.to_bytes(), trailers }
    }
}
