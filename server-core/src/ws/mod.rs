//! WebSocket (RFC 6455): messages in both directions over one connection.
//!
//! ```
//! use waypost::ws::{WebSocket, WebSocketUpgrade};
//! use waypost::{Response, get};
//!
//! #[get("/ws")]
//! async fn echo(upgrade: WebSocketUpgrade) -> Response {
//!     upgrade.on_upgrade(async |mut socket: WebSocket| {
//!         while let Some(Ok(message)) = socket.recv().await {
//!             if socket.send(message).await.is_err() {
//!                 break;
//!             }
//!         }
//!     })
//! }
//! ```
//!
//! Pings are answered, silent peers are asked and given up, Close is answered and said, all by the library, while
//! somebody waits in [`WebSocket::recv`]. No extension (compression) is negotiated.

// From the request to the bytes, and what the messages are made of.
mod accept;
mod upgrade;

mod alarm;
mod engine;
mod keeper;
mod outbox;
mod settings;
mod shared;
mod socket;
mod wakers;

mod close;
mod error;
mod message;
mod text;

pub use close::{CloseCode, CloseFrame};
pub use error::WebSocketError;
pub use message::Message;
pub use socket::{WebSocket, WebSocketReceiver, WebSocketSender};
pub use text::Utf8Bytes;
pub use upgrade::WebSocketUpgrade;
