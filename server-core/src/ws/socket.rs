//! A WebSocket, whole and in halves.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use http::HeaderValue;

use super::close::CloseCode;
use super::error::WebSocketError;
use super::message::Message;
use super::shared::Handle;
use super::text::Utf8Bytes;

/// A WebSocket: messages in both directions, until one side closes it.
///
/// ```
/// use std::time::Duration;
/// use waypost::ws::{Message, WebSocket, WebSocketUpgrade};
/// use waypost::{Response, get};
///
/// /// Says the time, and whatever it is told.
/// #[get("/ws")]
/// async fn clock(upgrade: WebSocketUpgrade) -> Response {
///     upgrade.on_upgrade(async |mut socket: WebSocket| {
///         let mut seconds = tokio::time::interval(Duration::from_secs(1));
///         loop {
///             let message = tokio::select! {
///                 _ = seconds.tick() => Message::text("tick"),
///                 Some(Ok(message)) = socket.recv() => message,
///                 else => break,
///             };
///             if socket.send(message).await.is_err() {
///                 break;
///             }
///         }
///     })
/// }
/// ```
///
/// When it is dropped, both halves of it, the library closes it: what was sent still leaves, the peer is told 1000
/// unless it was told something else, and is given ten seconds to say Close, too.
///
/// Somebody has to [`recv`](Self::recv), or Pings are not answered and nobody notices that the peer has gone: also where
/// nothing is expected. As a [`Stream`], it yields what `recv` does.
pub struct WebSocket {
    handle: Handle,
    protocol: Option<HeaderValue>,
}

impl WebSocket {
    pub(super) fn new(handle: Handle, protocol: Option<HeaderValue>) -> Self {
        Self { handle, protocol }
    }

    /// The subprotocol that was agreed on; see [`WebSocketUpgrade::protocols`](super::WebSocketUpgrade::protocols).
    ///
    /// ```
    /// # use waypost::ws::WebSocket;
    /// fn is_chat(socket: &WebSocket) -> bool {
    ///     socket.protocol() == Some("chat")
    /// }
    /// ```
    #[must_use]
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_ref()?.to_str().ok()
    }

    /// The next message, in the order in which they were sent. `None` when it is over as it should be, after the peer's
    /// [`Message::Close`]; an error if not, and then `None`.
    ///
    /// It is cancel-safe: in a `select!` that another branch wins, no message is lost. What was
    /// [fed](Self::feed) leaves when it has to wait.
    ///
    /// When the server is asked to end, it closes the WebSocket (1001) instead of waiting, unless
    /// [that was declined](super::WebSocketUpgrade::close_on_shutdown): a message that is being worked on is still
    /// answered.
    ///
    /// ```
    /// # use waypost::ws::{Message, WebSocket};
    /// async fn read(socket: &mut WebSocket) {
    ///     while let Some(Ok(message)) = socket.recv().await {
    ///         match message {
    ///             Message::Text(text) => println!("{text}"),
    ///             Message::Close(Some(why)) => println!("closed: {why}"),
    ///             _ => {}
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The peer broke the protocol or a limit, and was told so; it fell silent; the connection broke or ended without a
    /// Close. See [`WebSocketError`].
    pub async fn recv(&mut self) -> Option<Result<Message, WebSocketError>> {
        self.handle.recv().await
    }

    /// Sends a message, and waits until the system has all of it.
    ///
    /// If the future is dropped, as in a `select!`, the message is sent whole or not at all: never a part of it.
    ///
    /// ```
    /// # use waypost::ws::{Message, WebSocket};
    /// async fn greet(socket: &mut WebSocket) -> Result<(), waypost::ws::WebSocketError> {
    ///     socket.send(Message::text("hello")).await?;
    ///     socket.send(vec![1, 2, 3].into()).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// It is closed; the connection broke; the peer took nothing for longer than
    /// [`send_timeout`](super::WebSocketUpgrade::send_timeout).
    pub async fn send(&mut self, message: Message) -> Result<(), WebSocketError> {
        self.handle.send(message).await
    }

    /// Adds a message to those that leave with the next [`flush`](Self::flush) or [`send`](Self::send), or when
    /// [`recv`](Self::recv) has to wait: so that many small ones cost one write.
    ///
    /// It waits only while there are 64 KiB that have not left. Cancel-safe as `send` is.
    ///
    /// ```
    /// # use waypost::ws::{Message, WebSocket};
    /// async fn count(socket: &mut WebSocket) -> Result<(), waypost::ws::WebSocketError> {
    ///     for number in 0..1000 {
    ///         socket.feed(Message::text(number.to_string())).await?;
    ///     }
    ///     socket.flush().await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn feed(&mut self, message: Message) -> Result<(), WebSocketError> {
        self.handle.feed(message).await
    }

    /// Waits until the system has everything that was sent. Cancel-safe.
    ///
    /// ```
    /// # use waypost::ws::{Message, WebSocket};
    /// async fn both(socket: &mut WebSocket) -> Result<(), waypost::ws::WebSocketError> {
    ///     socket.feed("one".into()).await?;
    ///     socket.feed("two".into()).await?;
    ///     socket.flush().await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), but not that it is closed: what came before the Close still leaves.
    pub async fn flush(&mut self) -> Result<(), WebSocketError> {
        self.handle.flush().await
    }

    /// Tells the peer that it is over, and why. Nothing can be sent any more; what the peer still sends can be
    /// [received](Self::recv), and its answer comes as [`Message::Close`] within ten seconds. If it is closed already,
    /// nothing happens.
    ///
    /// ```
    /// # use waypost::ws::{CloseCode, WebSocket};
    /// async fn bye(mut socket: WebSocket) {
    ///     let _ = socket.close(CloseCode::NORMAL, "that was all").await;
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); and if the reason has more than 123 bytes.
    pub async fn close(
        &mut self,
        code: CloseCode,
        reason: impl Into<Utf8Bytes>,
    ) -> Result<(), WebSocketError> {
        self.handle.close(code, reason.into()).await
    }

    /// Takes it apart, so that one task sends while another receives.
    ///
    /// ```
    /// use waypost::ws::{Message, WebSocket, WebSocketUpgrade};
    /// use waypost::{Response, get};
    ///
    /// #[get("/ws")]
    /// async fn talk(upgrade: WebSocketUpgrade) -> Response {
    ///     upgrade.on_upgrade(async |socket: WebSocket| {
    ///         let (mut sender, mut receiver) = socket.split();
    ///         let read = async move { while let Some(Ok(_message)) = receiver.recv().await {} };
    ///         let write = async move { while sender.send(Message::text("hello")).await.is_ok() {} };
    ///         tokio::join!(read, write);
    ///     })
    /// }
    /// ```
    ///
    /// They may go to tasks of their own. The connection lives as long as one of them, and counts as a request in
    /// progress; when the server cuts it, both are told that it is closed, wherever they are.
    #[must_use]
    pub fn split(self) -> (WebSocketSender, WebSocketReceiver) {
        (WebSocketSender { handle: self.handle.another() }, WebSocketReceiver { handle: self.handle })
    }
}

impl Stream for WebSocket {
    type Item = Result<Message, WebSocketError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.handle.poll_recv(cx)
    }
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

/// The half of a [`WebSocket`] that sends. Each method is the socket's own.
///
/// ```
/// # use waypost::ws::{Message, WebSocketSender};
/// async fn greet(mut sender: WebSocketSender) -> Result<(), waypost::ws::WebSocketError> {
///     sender.feed(Message::text("hello")).await?;
///     sender.send(Message::text("world")).await
/// }
/// ```
pub struct WebSocketSender {
    handle: Handle,
}

impl WebSocketSender {
    /// Sends a message: [`WebSocket::send`].
    ///
    /// ```
    /// # use waypost::ws::{Message, WebSocketSender};
    /// async fn greet(sender: &mut WebSocketSender) -> Result<(), waypost::ws::WebSocketError> {
    ///     sender.send(Message::text("hello")).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As the socket's.
    pub async fn send(&mut self, message: Message) -> Result<(), WebSocketError> {
        self.handle.send(message).await
    }

    /// Adds a message to those that leave next: [`WebSocket::feed`].
    ///
    /// ```
    /// # use waypost::ws::{Message, WebSocketSender};
    /// async fn greet(sender: &mut WebSocketSender) -> Result<(), waypost::ws::WebSocketError> {
    ///     sender.feed(Message::text("hello")).await?;
    ///     sender.flush().await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As the socket's.
    pub async fn feed(&mut self, message: Message) -> Result<(), WebSocketError> {
        self.handle.feed(message).await
    }

    /// Waits until the system has everything: [`WebSocket::flush`].
    ///
    /// ```
    /// # use waypost::ws::WebSocketSender;
    /// async fn wait(sender: &mut WebSocketSender) -> Result<(), waypost::ws::WebSocketError> {
    ///     sender.flush().await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As the socket's.
    pub async fn flush(&mut self) -> Result<(), WebSocketError> {
        self.handle.flush().await
    }

    /// Tells the peer that it is over, and why: [`WebSocket::close`].
    ///
    /// ```
    /// # use waypost::ws::{CloseCode, WebSocketSender};
    /// async fn bye(sender: &mut WebSocketSender) {
    ///     let _ = sender.close(CloseCode::NORMAL, "that was all").await;
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As the socket's.
    pub async fn close(
        &mut self,
        code: CloseCode,
        reason: impl Into<Utf8Bytes>,
    ) -> Result<(), WebSocketError> {
        self.handle.close(code, reason.into()).await
    }
}

impl fmt::Debug for WebSocketSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketSender").finish_non_exhaustive()
    }
}

/// The half of a [`WebSocket`] that receives, also as a [`Stream`].
///
/// ```
/// # use waypost::ws::WebSocketReceiver;
/// async fn count(mut receiver: WebSocketReceiver) -> usize {
///     let mut messages = 0;
///     while let Some(Ok(_message)) = receiver.recv().await {
///         messages += 1;
///     }
///     messages
/// }
/// ```
pub struct WebSocketReceiver {
    handle: Handle,
}

impl WebSocketReceiver {
    /// The next message: [`WebSocket::recv`].
    ///
    /// ```
    /// # use waypost::ws::{Message, WebSocketReceiver};
    /// async fn first(receiver: &mut WebSocketReceiver) -> Option<Message> {
    ///     receiver.recv().await?.ok()
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As the socket's.
    pub async fn recv(&mut self) -> Option<Result<Message, WebSocketError>> {
        self.handle.recv().await
    }
}

impl Stream for WebSocketReceiver {
    type Item = Result<Message, WebSocketError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.handle.poll_recv(cx)
    }
}

impl fmt::Debug for WebSocketReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketReceiver").finish_non_exhaustive()
    }
}
