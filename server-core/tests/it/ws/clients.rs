//! A client of others.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message as Theirs};
use waypost::Server;

use super::handshake::chat;
use super::*;

async fn client<T: AsyncRead + AsyncWrite + Unpin>(
    stream: T,
    path: &str,
) -> (WebSocketStream<T>, tungstenite::handshake::client::Response) {
    let mut request = format!("ws://a{path}").into_client_request().unwrap();
    if path == "/chat" {
        request.headers_mut().insert("sec-websocket-protocol", "chat".parse().unwrap());
    }
    tokio_tungstenite::client_async(request, stream).await.unwrap()
}

fn site() -> impl waypost::Respond {
    App::new(routes![echo, chat]).state(Site { log: mpsc::unbounded_channel().0 })
}

async fn talk<T: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<T>) {
    for number in 0..1000 {
        let message = match number % 2 {
            0 => Theirs::text(number.to_string()),
            _ => Theirs::binary(vec![7; number * 30]),
        };
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    // Many at once.
    for number in 0..1000 {
        socket.feed(Theirs::text(number.to_string())).await.unwrap();
    }
    socket.flush().await.unwrap();
    for number in 0..1000 {
        assert_eq!(socket.next().await.unwrap().unwrap(), Theirs::text(number.to_string()));
    }
    socket.send(Theirs::Ping("here?".into())).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Theirs::Pong("here?".into()));
    socket.close(None).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Theirs::Close(None));
    assert!(socket.next().await.is_none());
}

#[tokio::test]
async fn talks() {
    let server = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
    let handle = server.spawn(site()).unwrap();
    let stream = TcpStream::connect(handle.addr().tcp().unwrap()).await.unwrap();
    let (socket, _) = client(stream, "/echo").await;
    talk(socket).await;
}

#[tokio::test]
async fn talks_over_tls() {
    let (tls, connector) = crate::tls::pair();
    let server = Server::builder().tcp("127.0.0.1:0").bind().unwrap().tls(tls).unwrap();
    let handle = server.spawn(site()).unwrap();
    let stream = TcpStream::connect(handle.addr().tcp().unwrap()).await.unwrap();
    let stream = connector.connect("a.example".try_into().unwrap(), stream).await.unwrap();
    let (socket, _) = client(stream, "/echo").await;
    talk(socket).await;
}

#[tokio::test]
async fn is_told_the_subprotocol() {
    let server = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
    let handle = server.spawn(site()).unwrap();
    let stream = TcpStream::connect(handle.addr().tcp().unwrap()).await.unwrap();
    let (mut socket, response) = client(stream, "/chat").await;
    assert_eq!(response.headers()["sec-websocket-protocol"], "chat");
    assert_eq!(socket.next().await.unwrap().unwrap(), Theirs::text("chat"));
    assert!(
        matches!(socket.next().await.unwrap().unwrap(), Theirs::Close(Some(frame)) if u16::from(frame.code) == 1000)
    );
}
