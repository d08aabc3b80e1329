//! Listeners of the application's own.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};

use super::super::stream::Stream;
use crate::respond::Peer;

/// Where a server's connections come from, when it is neither a TCP nor a Unix socket: a virtual network, a pipe, a
/// queue of connections in a test.
///
/// ```
/// use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
/// use tokio::sync::mpsc;
/// use waypost::{App, Listener, Peer, Server, get, routes};
///
/// /// Connections in memory.
/// struct Channel(mpsc::Receiver<DuplexStream>);
///
/// impl Listener for Channel {
///     type Stream = DuplexStream;
///
///     async fn accept(&mut self) -> std::io::Result<(DuplexStream, Peer)> {
///         match self.0.recv().await {
///             Some(stream) => Ok((stream, Peer::default())),
///             None => std::future::pending().await, // no more will come
///         }
///     }
/// }
///
/// #[get("/")]
/// async fn index() -> &'static str {
///     "hello"
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
/// let (connect, incoming) = mpsc::channel(16);
/// Server::builder().listener(Channel(incoming)).bind()?.spawn(App::new(routes![index]))?;
///
/// let (mut client, stream) = duplex(1024);
/// connect.send(stream).await?;
/// client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await?;
/// let mut reply = String::new();
/// client.read_to_string(&mut reply).await?;
/// assert!(reply.ends_with("hello"));
/// # Ok(())
/// # }
/// ```
pub trait Listener: Send + 'static {
    /// Both directions of a connection.
    ///
    /// ```
    /// # struct Pipe;
    /// # impl waypost::Listener for Pipe {
    /// type Stream = tokio::io::DuplexStream;
    /// #     async fn accept(&mut self) -> std::io::Result<(Self::Stream, waypost::Peer)> { std::future::pending().await }
    /// # }
    /// ```
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next connection and who is at its other end.
    ///
    /// The future is dropped when the server ends. After an error the server waits, 5 ms and twice as long each time
    /// up to 1 s, and asks again; an error of the kind [`ConnectionAborted`](io::ErrorKind::ConnectionAborted) or
    /// [`ConnectionReset`](io::ErrorKind::ConnectionReset) concerns one connection only, and it asks again at once.
    ///
    /// ```
    /// # struct Pipe(tokio::sync::mpsc::Receiver<tokio::io::DuplexStream>);
    /// # impl waypost::Listener for Pipe {
    /// #     type Stream = tokio::io::DuplexStream;
    /// async fn accept(&mut self) -> std::io::Result<(Self::Stream, waypost::Peer)> {
    ///     match self.0.recv().await {
    ///         Some(stream) => Ok((stream, waypost::Peer::unix())),
    ///         None => std::future::pending().await,
    ///     }
    /// }
    /// # }
    /// ```
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Stream, Peer)>> + Send;

    /// What [`Address`](crate::Address) shows of it.
    ///
    /// ```
    /// # struct Pipe;
    /// # impl waypost::Listener for Pipe {
    /// #     type Stream = tokio::io::DuplexStream;
    /// #     async fn accept(&mut self) -> std::io::Result<(Self::Stream, waypost::Peer)> { std::future::pending().await }
    /// fn name(&self) -> String {
    ///     "pipe".to_owned()
    /// }
    /// # }
    /// # let server = waypost::Server::builder().listener(Pipe).bind().unwrap();
    /// assert_eq!(server.addr().to_string(), "pipe");
    /// ```
    fn name(&self) -> String {
        std::any::type_name::<Self>().to_owned()
    }
}

/// A listener of whatever type.
pub(in super::super) trait PollAccept: Send {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Stream, Peer)>>;
}

pub(super) fn erase(listener: impl Listener) -> Box<dyn PollAccept> {
    Box::new(Erased { listener: Some(listener), accepting: None })
}

type Accepting<L> = dyn Future<Output = (io::Result<(Stream, Peer)>, L)> + Send;

struct Erased<L> {
    /// Here, or in the future.
    listener: Option<L>,
    accepting: Option<Pin<Box<Accepting<L>>>>,
}

impl<L: Listener> PollAccept for Erased<L> {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Stream, Peer)>> {
        if let Some(mut listener) = self.listener.take() {
            self.accepting = Some(Box::pin(async move {
                let accepted = listener.accept().await;
                (accepted.map(|(stream, peer)| (Stream::Other(Box::new(stream)), peer)), listener)
            }));
        }
        let Some(accepting) = &mut self.accepting else { return Poll::Pending };
        let (accepted, listener) = ready!(accepting.as_mut().poll(cx));
        self.accepting = None;
        self.listener = Some(listener);
        Poll::Ready(accepted)
    }
}
