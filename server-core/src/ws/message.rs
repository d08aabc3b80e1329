//! What passes over a WebSocket.

use bytes::Bytes;

use super::close::CloseFrame;
use super::text::Utf8Bytes;

/// A message (RFC 6455 section 5.6), whole however many frames it came in.
///
/// Its content is shared by its clones, so that a message to many is one. What was received is a part of the buffer
/// that it was read into: copy what is to be kept for long.
///
/// ```
/// use waypost::ws::Message;
///
/// let message = Message::text("hello");
/// assert_eq!(message.to_text(), Some("hello"));
/// assert_eq!(message, Message::from("hello"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Text, which is UTF-8.
    Text(Utf8Bytes),
    /// Bytes.
    Binary(Bytes),
    /// Asks for a Pong; at most 125 bytes. Those of the peer are answered by the library, and received only by those
    /// who [ask for them](super::WebSocketUpgrade::control_frames).
    Ping(Bytes),
    /// The answer to a Ping, with the same content; received as a Ping is.
    Pong(Bytes),
    /// The end: nothing comes after it, and nothing can be sent any more. The library answers it.
    Close(Option<CloseFrame>),
}

impl Message {
    /// A text.
    ///
    /// ```
    /// use waypost::ws::Message;
    ///
    /// assert_eq!(Message::text(String::from("hello")), Message::text("hello"));
    /// ```
    pub fn text(text: impl Into<Utf8Bytes>) -> Self {
        Self::Text(text.into())
    }

    /// Bytes.
    ///
    /// ```
    /// use waypost::ws::Message;
    ///
    /// assert_eq!(Message::binary(vec![1, 2]).as_bytes(), [1, 2]);
    /// ```
    pub fn binary(bytes: impl Into<Bytes>) -> Self {
        Self::Binary(bytes.into())
    }

    /// The text, of a text message.
    ///
    /// ```
    /// use waypost::ws::Message;
    ///
    /// assert_eq!(Message::text("hello").to_text(), Some("hello"));
    /// assert_eq!(Message::binary("hello").to_text(), None);
    /// ```
    #[must_use]
    pub fn to_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The content, of whatever message; of a Close, its reason.
    ///
    /// ```
    /// use waypost::ws::Message;
    ///
    /// assert_eq!(Message::text("hello").as_bytes(), b"hello");
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_ref(),
            Self::Binary(bytes) | Self::Ping(bytes) | Self::Pong(bytes) => bytes,
            Self::Close(frame) => frame.as_ref().map_or(&[], |frame| frame.reason.as_ref()),
        }
    }

    /// The content, of whatever message; of a Close, its reason. Nothing is copied.
    ///
    /// ```
    /// use waypost::ws::Message;
    ///
    /// assert_eq!(Message::text("hello").into_bytes(), "hello");
    /// ```
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(text) => text.into(),
            Self::Binary(bytes) | Self::Ping(bytes) | Self::Pong(bytes) => bytes,
            Self::Close(frame) => frame.map(|frame| frame.reason.into()).unwrap_or_default(),
        }
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<Utf8Bytes> for Message {
    fn from(text: Utf8Bytes) -> Self {
        Self::Text(text)
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::binary(bytes)
    }
}
