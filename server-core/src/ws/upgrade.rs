//! The wish for a WebSocket, and its answer (RFC 6455 section 4).

use std::fmt;
use std::time::Duration;

use http::header::{
    ALLOW, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::accept::accept;
use super::keeper::keep;
use super::settings::Settings;
use super::socket::WebSocket;
use crate::authority::agree;
use crate::error::{Error, Part};
use crate::extract::{Context, Extraction, FromRequest, upgrade_of, upgrade_required};
use crate::request::Head;
use crate::response::Response;
use crate::upgrade::Upgrade;

/// A client's wish for a WebSocket (RFC 6455), as an argument of a handler.
///
/// ```
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use waypost::ws::{WebSocket, WebSocketUpgrade};
/// use waypost::{App, Response, Server, get, routes};
///
/// /// Sends back what it is sent.
/// #[get("/ws")]
/// async fn echo(upgrade: WebSocketUpgrade) -> Response {
///     upgrade.on_upgrade(async |mut socket: WebSocket| {
///         while let Some(Ok(message)) = socket.recv().await {
///             if socket.send(message).await.is_err() {
///                 break;
///             }
///         }
///     })
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
/// let handle = Server::bind("127.0.0.1:0").await?.spawn(App::new(routes![echo]))?;
///
/// let mut client = tokio::net::TcpStream::connect(handle.addr().to_string()).await?;
/// let fields = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
/// let request = format!("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n{fields}\r\n");
/// client.write_all(request.as_bytes()).await?;
/// client.write_all(b"\x81\x85\0\0\0\0hello").await?;
/// let mut reply = Vec::new();
/// while !reply.ends_with(b"\x81\x05hello") {
///     client.read_buf(&mut reply).await?;
/// }
/// assert!(reply.starts_with(b"HTTP/1.1 101 Switching Protocols\r\n"));
/// # Ok(())
/// # }
/// ```
///
/// Over HTTP/2 (RFC 8441) the same handler is asked, and each WebSocket is one stream of the connection.
///
/// | | default | why |
/// |---|---|---|
/// | [`max_message_size`](Self::max_message_size) | 1 MiB | as Python's `websockets`; tungstenite and axum have 64 MiB |
/// | [`max_frame_size`](Self::max_frame_size) | as messages | tungstenite and axum have 16 MiB |
/// | [`ping_interval`](Self::ping_interval) | 30 s | proxies drop what is idle, often after 60 s |
/// | [`idle_timeout`](Self::idle_timeout) | 60 s | who answers a Ping is not idle: every browser does, by itself |
/// | [`send_timeout`](Self::send_timeout) | 30 s | who reads nothing would hold its sender for ever |
///
/// # Who asks
///
/// A browser lets any page open a WebSocket to any server, and sends the server's cookies along. Where cookies tell who
/// the client is, look at [`origin`](Self::origin), or say [`same_origin`](Self::same_origin).
///
/// # Errors
///
/// 426, [missing](Error::is_missing), where no WebSocket is asked for (so `Option` is `None`), and where it is of another
/// version than 13; 405 for a method other than GET; 400 for a key that is none. As with [`Upgrade`], 501 where the
/// connection cannot change its protocol: in process, under other servers.
#[must_use = "a WebSocket is opened by `on_upgrade`"]
pub struct WebSocketUpgrade {
    upgrade: Upgrade,
    /// None in HTTP/2, where there is no key (RFC 8441 section 5).
    accept: Option<HeaderValue>,
    offered: Vec<HeaderValue>,
    selected: Option<HeaderValue>,
    origin: Option<HeaderValue>,
    is_same_origin: bool,
    settings: Settings,
}

impl WebSocketUpgrade {
    /// Answers 101 (Switching Protocols; in HTTP/2, 200), and has `serve` talk to the client when the answer is on its way.
    ///
    /// The WebSocket counts as a request in progress until it is dropped and closed. A server that ends closes it when
    /// `serve` next waits for a message, and cuts it after its own deadline; see
    /// [`close_on_shutdown`](Self::close_on_shutdown).
    ///
    /// ```
    /// use waypost::ws::{Message, WebSocket, WebSocketUpgrade};
    /// use waypost::{Response, get};
    ///
    /// #[get("/greeting")]
    /// async fn greeting(upgrade: WebSocketUpgrade) -> Response {
    ///     upgrade.on_upgrade(async |mut socket: WebSocket| {
    ///         let _ = socket.send(Message::text("hello")).await;
    ///     })
    /// }
    /// ```
    #[must_use]
    pub fn on_upgrade<F, S>(self, serve: F) -> Response
    where
        F: FnOnce(WebSocket) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let Self { upgrade, accept, selected, settings, .. } = self;
        let protocol = selected.clone();
        let mut response = upgrade.accept("websocket", |stream| {
            keep(stream, settings, |handle| serve(WebSocket::new(handle, protocol)))
        });
        let fields = response.headers_mut();
        if let Some(accept) = accept {
            fields.insert(SEC_WEBSOCKET_ACCEPT, accept);
        }
        if let Some(protocol) = selected {
            fields.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
        }
        response
    }

    /// The subprotocols that the server speaks, the best first: the client is told of the first that it has offered. If
    /// it has offered none of them, it is told of none and may go; see [`selected`](Self::selected).
    ///
    /// ```
    /// use waypost::ws::{WebSocket, WebSocketUpgrade};
    /// use waypost::{Error, Response, get};
    ///
    /// #[get("/ws")]
    /// async fn chat(upgrade: WebSocketUpgrade) -> waypost::Result<Response> {
    ///     let upgrade = upgrade.protocols(["chat.v2", "chat"]);
    ///     if upgrade.selected().is_none() {
    ///         return Err(Error::bad_request("no version of the chat that is spoken here"));
    ///     }
    ///     Ok(upgrade.on_upgrade(async |socket: WebSocket| match socket.protocol() {
    ///         Some("chat.v2") => { /* … */ }
    ///         _ => { /* … */ }
    ///     }))
    /// }
    /// ```
    pub fn protocols<I>(mut self, known: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let selected =
            known.into_iter().find(|known| self.offered().any(|offered| offered == known.as_ref()));
        // What came in a field fits into one.
        self.selected = selected.and_then(|protocol| HeaderValue::from_str(protocol.as_ref()).ok());
        self
    }

    /// The subprotocol that the client is told of.
    ///
    /// ```
    /// # use waypost::ws::WebSocketUpgrade;
    /// fn is_chat(upgrade: &WebSocketUpgrade) -> bool {
    ///     upgrade.selected() == Some("chat")
    /// }
    /// ```
    #[must_use]
    pub fn selected(&self) -> Option<&str> {
        self.selected.as_ref()?.to_str().ok()
    }

    /// The subprotocols that the client offers, in its order.
    ///
    /// ```
    /// # use waypost::ws::WebSocketUpgrade;
    /// fn is_chat(upgrade: &WebSocketUpgrade) -> bool {
    ///     upgrade.offered().any(|protocol| protocol.starts_with("chat"))
    /// }
    /// ```
    pub fn offered(&self) -> impl Iterator<Item = &str> {
        let lists = self.offered.iter().filter_map(|list| list.to_str().ok());
        lists.flat_map(|list| list.split(',')).map(str::trim).filter(|protocol| !protocol.is_empty())
    }

    /// The origin of the page that asks (RFC 6454 section 7); `None` if it is no page of a browser.
    ///
    /// ```
    /// use waypost::ws::{WebSocket, WebSocketUpgrade};
    /// use waypost::{Error, Response, get};
    ///
    /// #[get("/ws")]
    /// async fn chat(upgrade: WebSocketUpgrade) -> waypost::Result<Response> {
    ///     if !matches!(upgrade.origin(), None | Some("https://app.example.com")) {
    ///         return Err(Error::forbidden());
    ///     }
    ///     Ok(upgrade.on_upgrade(async |_socket: WebSocket| ()))
    /// }
    /// ```
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_ref().map(|origin| origin.to_str().unwrap_or_default())
    }

    /// Refuses pages of other hosts: those whose origin has not the host and port that the request was addressed to
    /// ([`TargetOrigin`](crate::TargetOrigin), so trusted proxies are heeded). Who is no page passes.
    ///
    /// ```
    /// use waypost::ws::{WebSocket, WebSocketUpgrade};
    /// use waypost::{Response, get};
    ///
    /// #[get("/ws")]
    /// async fn chat(upgrade: WebSocketUpgrade) -> waypost::Result<Response> {
    ///     Ok(upgrade.same_origin()?.on_upgrade(async |_socket: WebSocket| ()))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// 403.
    pub fn same_origin(self) -> Result<Self, Error> {
        if self.is_same_origin {
            return Ok(self);
        }
        Err(Error::forbidden().detail("not for pages of other hosts"))
    }

    /// How many bytes a message may have. Who sends more is told 1009 (message too big), and it is over. Default: 1 MiB.
    ///
    /// ```
    /// # use waypost::{Response, ws::{WebSocket, WebSocketUpgrade}};
    /// # #[waypost::get("/ws")]
    /// # async fn handler(upgrade: WebSocketUpgrade) -> Response {
    /// upgrade.max_message_size(64 * 1024).on_upgrade(async |_socket: WebSocket| ())
    /// # }
    /// ```
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.settings.message_size = bytes;
        self
    }

    /// How many bytes a frame may have, of which a message may have several. Default: as many as a message.
    ///
    /// ```
    /// # use waypost::{Response, ws::{WebSocket, WebSocketUpgrade}};
    /// # #[waypost::get("/ws")]
    /// # async fn handler(upgrade: WebSocketUpgrade) -> Response {
    /// upgrade.max_frame_size(16 * 1024).on_upgrade(async |_socket: WebSocket| ())
    /// # }
    /// ```
    pub fn max_frame_size(mut self, bytes: usize) -> Self {
        self.settings.frame_size = Some(bytes);
        self
    }

    /// How long the peer may be silent until it is sent a Ping, while a message is waited for. `None`: no Pings.
    /// Default: 30 s.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use waypost::{Response, ws::{WebSocket, WebSocketUpgrade}};
    /// # #[waypost::get("/ws")]
    /// # async fn handler(upgrade: WebSocketUpgrade) -> Response {
    /// upgrade.ping_interval(Duration::from_secs(10)).on_upgrade(async |_socket: WebSocket| ())
    /// # }
    /// ```
    pub fn ping_interval(mut self, interval: impl Into<Option<Duration>>) -> Self {
        self.settings.ping_interval = interval.into();
        self
    }

    /// How long the peer may be silent, Pongs included, while a message is waited for. Then `recv` yields an error. `None`:
    /// for ever. Default: 60 s.
    ///
    /// What has come is received first, and time in which nobody waits does not count: a `recv` that a `select!` has dropped
    /// waits no more. (As a [`Stream`](futures_core::Stream), the socket counts as waited for from when it was asked in vain
    /// until it is asked again: nothing tells it of the time between.)
    ///
    /// After a Ping the rest of this time is left for the Pong. Where it is no longer than
    /// [`ping_interval`](Self::ping_interval), no Ping is sent.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use waypost::{Response, ws::{WebSocket, WebSocketUpgrade}};
    /// # #[waypost::get("/ws")]
    /// # async fn handler(upgrade: WebSocketUpgrade) -> Response {
    /// upgrade.idle_timeout(Duration::from_secs(120)).on_upgrade(async |_socket: WebSocket| ())
    /// # }
    /// ```
    pub fn idle_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.settings.idle_timeout = time.into();
        self
    }

    /// How long the peer may take no byte of what is sent. Then the connection is given up, and `send` yields an error.
    /// `None`: for ever. Default: 30 s.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use waypost::{Response, ws::{WebSocket, WebSocketUpgrade}};
    /// # #[waypost::get("/ws")]
    /// # async fn handler(upgrade: WebSocketUpgrade) -> Response {
    /// upgrade.send_timeout(Duration::from_secs(5)).on_upgrade(async |_socket: WebSocket| ())
    /// # }
    /// ```
    pub fn send_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.settings.send_timeout = time.into();
        self
    }

    /// Whether `recv` yields Pings (which are answered all the same) and Pongs, too. Default: no.
    ///
    /// ```
    /// use waypost::ws::{Message, WebSocket, WebSocketUpgrade};
    /// use waypost::{Response, get};
    ///
    /// #[get("/ws")]
    /// async fn round_trip(upgrade: WebSocketUpgrade) -> Response {
    ///     upgrade.control_frames(true).on_upgrade(async |mut socket: WebSocket| {
    ///         let start = std::time::Instant::now();
    ///         let _ = socket.send(Message::Ping("now".into())).await;
    ///         while let Some(Ok(message)) = socket.recv().await {
    ///             if message == Message::Pong("now".into()) {
    ///                 println!("{:?}", start.elapsed());
    ///             }
    ///         }
    ///     })
    /// }
    /// ```
    pub fn control_frames(mut self, received: bool) -> Self {
        self.settings.control_frames = received;
        self
    }

    /// Whether the WebSocket is closed (1001) when the server is asked to end and `recv` has to wait. Default: yes.
    ///
    /// Say no where the client is to hear a last word, and listen to [`Shutdown`](crate::Shutdown). What only sends must
    /// listen to it in any case, or it is cut when the server's deadline is over.
    ///
    /// ```
    /// use waypost::ws::{CloseCode, Message, WebSocket, WebSocketUpgrade};
    /// use waypost::{Response, Shutdown, get};
    ///
    /// #[get("/ws")]
    /// async fn chat(upgrade: WebSocketUpgrade, shutdown: Shutdown) -> Response {
    ///     upgrade.close_on_shutdown(false).on_upgrade(async move |mut socket: WebSocket| {
    ///         loop {
    ///             tokio::select! {
    ///                 () = shutdown.requested() => {
    ///                     let _ = socket.send(Message::text("back in a minute")).await;
    ///                     let _ = socket.close(CloseCode::SERVICE_RESTART, "").await;
    ///                     return;
    ///                 }
    ///                 message = socket.recv() => match message {
    ///                     Some(Ok(message)) => println!("{message:?}"),
    ///                     _ => return,
    ///                 },
    ///             }
    ///         }
    ///     })
    /// }
    /// ```
    pub fn close_on_shutdown(mut self, close: bool) -> Self {
        self.settings.close_on_shutdown = close;
        self
    }
}

impl fmt::Debug for WebSocketUpgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketUpgrade")
            .field("offered", &self.offered)
            .field("selected", &self.selected)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl<'r, S> FromRequest<'r, S> for WebSocketUpgrade {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(wanted(context.head()))
    }
}

const VERSION: HeaderValue = HeaderValue::from_static("13");

fn wanted(head: &Head) -> Result<WebSocketUpgrade, Error> {
    let upgrade = match upgrade_of(head) {
        Ok(upgrade) if upgrade.protocols().any(|protocol| protocol.eq_ignore_ascii_case("websocket")) => {
            upgrade
        }
        Ok(_) => return Err(required(upgrade_required(Error::missing(Part::Header, "upgrade")))),
        Err(error) if error.is_missing() => return Err(required(error)),
        Err(error) => return Err(error),
    };
    if head.method() != Method::GET {
        let error = Error::new(StatusCode::METHOD_NOT_ALLOWED).detail("a WebSocket is opened with GET");
        return Err(error.header(ALLOW, HeaderValue::from_static("GET")));
    }
    if one(head, &SEC_WEBSOCKET_VERSION)? != Some(&VERSION) {
        let error = Error::invalid(Part::Header, "sec-websocket-version", "only 13 is spoken");
        return Err(required(upgrade_required(error)));
    }
    let key = one(head, &SEC_WEBSOCKET_KEY)?.filter(|_| !upgrade.is_extended());
    let accept = key.and_then(|key| HeaderValue::try_from(accept(key.as_bytes())?).ok());
    if accept.is_none() && !upgrade.is_extended() {
        return Err(Error::invalid(Part::Header, "sec-websocket-key", "not 16 bytes in base64"));
    }
    let origin = one(head, &ORIGIN)?;
    Ok(WebSocketUpgrade {
        upgrade,
        accept,
        offered: head.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter().cloned().collect(),
        selected: None,
        is_same_origin: origin.is_none_or(|origin| is_target(origin, head)),
        origin: origin.cloned(),
        settings: Settings::new(head.peer().shutdown()),
    })
}

/// A 426 says what would do (RFC 9110 section 15.5.22; RFC 6455 section 4.4).
fn required(error: Error) -> Error {
    error.header(UPGRADE, HeaderValue::from_static("websocket")).header(SEC_WEBSOCKET_VERSION, VERSION)
}

/// A field that may be there once.
fn one<'r>(head: &'r Head, name: &HeaderName) -> Result<Option<&'r HeaderValue>, Error> {
    let mut values = head.headers().get_all(name).iter();
    let value = values.next();
    match values.next() {
        None => Ok(value),
        Some(_) => Err(Error::invalid(Part::Header, name.as_str(), "more than one")),
    }
}

/// Whether an origin has the host that the client's request went to.
fn is_target(origin: &HeaderValue, head: &Head) -> bool {
    let parts = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let (Some((scheme, host)), Some(target)) = (parts, head.client_host()) else { return false };
    agree(host.as_bytes(), target.as_bytes(), Some(scheme))
}
