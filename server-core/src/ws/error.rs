//! Why a WebSocket ended, or a message was not sent.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::close::CloseCode;

/// Why a WebSocket has ended, or why a message cannot be sent.
///
/// Whichever it is, the connection is of no more use, save for [`is_control_too_long`](Self::is_control_too_long). Most
/// handlers just end: what the peer is to be told has been told.
///
/// ```
/// use waypost::ws::{WebSocket, WebSocketUpgrade};
/// use waypost::{Response, get};
///
/// #[get("/ws")]
/// async fn count(upgrade: WebSocketUpgrade) -> Response {
///     upgrade.on_upgrade(async |mut socket: WebSocket| {
///         while let Some(message) = socket.recv().await {
///             match message {
///                 Ok(message) => println!("{message:?}"),
///                 Err(error) if error.is_timeout() => println!("it fell silent"),
///                 Err(error) => println!("{error}"),
///             }
///         }
///     })
/// }
/// ```
#[derive(Clone)]
pub struct WebSocketError {
    kind: Kind,
}

/// Everything that can go wrong.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// One side has said that it is over.
    Closed,
    /// The peer went without a word.
    Lost,
    /// The peer broke the protocol, and was told so.
    Violation(CloseCode, Arc<str>),
    /// The peer said nothing, or took nothing, for too long.
    Timeout,
    Io(Arc<io::Error>),
    /// A Ping, Pong or Close with more than fits.
    ControlTooLong,
}

impl WebSocketError {
    /// Whether the WebSocket is closed, so that nothing more can be sent: by the peer, by the handler, or because the
    /// server ends.
    ///
    /// ```
    /// # use waypost::ws::{Message, WebSocket};
    /// async fn greet(socket: &mut WebSocket) {
    ///     if let Err(error) = socket.send(Message::text("hello")).await {
    ///         assert!(error.is_closed() || error.is_lost() || error.is_timeout());
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.kind, Kind::Closed)
    }

    /// Whether the connection ended without a Close message, or broke (what RFC 6455 section 7.1.5 calls 1006).
    ///
    /// ```
    /// # use waypost::ws::WebSocket;
    /// async fn wait(socket: &mut WebSocket) {
    ///     if let Some(Err(error)) = socket.recv().await && error.is_lost() {
    ///         eprintln!("the peer has gone: {error}");
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self.kind, Kind::Lost | Kind::Io(_))
    }

    /// Whether the peer was silent, or did not take what was sent, for longer than the settings allow.
    ///
    /// ```
    /// # use waypost::ws::WebSocket;
    /// async fn wait(socket: &mut WebSocket) {
    ///     if let Some(Err(error)) = socket.recv().await && error.is_timeout() {
    ///         eprintln!("the peer is out of reach");
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind, Kind::Timeout)
    }

    /// What the peer was told, where it broke the protocol or a limit: 1002, 1007 or 1009.
    ///
    /// ```
    /// # use waypost::ws::{CloseCode, WebSocket};
    /// async fn wait(socket: &mut WebSocket) {
    ///     if let Some(Err(error)) = socket.recv().await
    ///         && error.close_code() == Some(CloseCode::MESSAGE_TOO_BIG)
    ///     {
    ///         eprintln!("the peer sent too much");
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn close_code(&self) -> Option<CloseCode> {
        match self.kind {
            Kind::Violation(code, _) => Some(code),
            _ => None,
        }
    }

    /// Whether a Ping or a Pong had more than 125 bytes, or the reason of a Close more than 123. Nothing was sent, and
    /// the WebSocket is as it was.
    ///
    /// ```
    /// # use waypost::ws::{Message, WebSocket};
    /// async fn ping(socket: &mut WebSocket) {
    ///     let error = socket.send(Message::Ping(vec![0; 126].into())).await.unwrap_err();
    ///     assert!(error.is_control_too_long());
    /// }
    /// ```
    #[must_use]
    pub fn is_control_too_long(&self) -> bool {
        matches!(self.kind, Kind::ControlTooLong)
    }
}

impl From<Kind> for WebSocketError {
    fn from(kind: Kind) -> Self {
        Self { kind }
    }
}

impl fmt::Display for WebSocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Closed => f.write_str("the WebSocket is closed"),
            Kind::Lost => f.write_str("the connection ended without a Close message"),
            Kind::Violation(code, what) => write!(f, "the peer was told {code}: {what}"),
            Kind::Timeout => f.write_str("the peer was waited for too long"),
            Kind::Io(_) => f.write_str("the connection broke"),
            Kind::ControlTooLong => f.write_str("more than a Ping, a Pong or a Close has room for"),
        }
    }
}

impl fmt::Debug for WebSocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebSocketError").field(&self.kind).finish()
    }
}

impl std::error::Error for WebSocketError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Io(error) => Some(&**error),
            _ => None,
        }
    }
}
