//! The one body type, for requests and responses alike.

use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::error::{BoxError, Error};

#[cfg(feature = "server")]
mod incoming;
#[cfg(feature = "server")]
mod pace;

#[cfg(feature = "server")]
pub(crate) use pace::{Bell, Pace};

/// The body of a request or a response: nothing, bytes that are already there, or a stream of them.
///
/// As a handler's argument it is the request's body, unread:
///
/// ```
/// use waypost::{App, Body, Result, post, routes, test::Client};
///
/// #[post("/count")]
/// async fn count(mut body: Body) -> Result<String> {
///     let mut total = 0;
///     while let Some(chunk) = body.chunk().await? {
///         total += chunk.len();
///     }
///     Ok(total.to_string())
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![count]));
/// assert_eq!(client.post("/count").body("hello").send().await.text().await, "5");
/// # }
/// ```
///
/// A request's body carries the limit in force for it (2 MiB unless set otherwise): reading past it is an error
/// with status 413, however the body is read.
///
/// # Reading on after the answer
///
/// A request's body may be given to a task that reads on when the response has long been sent:
///
/// ```
/// use waypost::http::StatusCode;
/// use waypost::{App, Body, post, routes, test::Client};
///
/// #[post("/import")]
/// async fn import(mut body: Body) -> StatusCode {
///     tokio::spawn(async move {
///         while let Ok(Some(chunk)) = body.chunk().await {
///             drop(chunk);
///         }
///     });
///     StatusCode::ACCEPTED
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![import]));
/// assert_eq!(client.post("/import").body("hello").send().await.status(), 202);
/// # }
/// ```
///
/// The request counts as in progress until all of the body has come, or it was dropped. The limits on it stay in force, and
/// so do the deadlines of `config::Timeouts`: who waits too long for the client gets an error with status 408. A connection
/// of HTTP/1 goes on with its next request when the body was read; it is closed when a body is dropped of which there is
/// more to come. It waits for whoever has the body and does not read it: drop what you do not want.
///
/// For some clients of HTTP/1 the body, or at least its first chunk, has to be read before the response:
///
/// * Who sends `Expect: 100-continue` is not asked to go on once there is a response (RFC 9110 section 10.1.1), and may send
///   no body at all. The response says that the connection is closed behind it, so that no other request is taken for it.
/// * A chunked body with trailers (RFC 9112 section 7.1.2) comes whole, but its end is seen only with the client's next
///   request. Until then it is waited for, as for a client that is slow, and that is an error in the end (408). Such a body
///   is to be read to its end before the response.
pub struct Body {
    kind: Kind,
    /// Bytes that may still be read; `u64::MAX` for no limit.
    remaining: u64,
}

enum Kind {
    Empty,
    Full(Bytes),
    #[cfg(feature = "server")]
    Incoming(incoming::Incoming),
    /// The mutex is never contended: it makes the body `Sync`, so that a `&Request` may be held across an await.
    Boxed(Mutex<BoxedBody>),
}

type BoxedBody = Pin<Box<dyn HttpBody<Data = Bytes, Error = BoxError> + Send>>;

impl Body {
    /// A body without bytes.
    ///
    /// ```
    /// use waypost::{Body, http::Request};
    ///
    /// let request = Request::get("/users").body(Body::empty()).unwrap();
    /// assert_eq!(request.body().len(), Some(0));
    /// ```
    #[must_use]
    pub const fn empty() -> Self {
        Self { kind: Kind::Empty, remaining: u64::MAX }
    }

    /// A body that streams what `stream` yields; an error ends the message abnormally.
    ///
    /// Its length is not known, so HTTP/1.1 sends it chunked.
    ///
    /// ```
    /// use futures_util::stream;
    /// use waypost::{App, Body, BoxError, get, routes, test::Client};
    ///
    /// #[get("/count")]
    /// async fn count() -> Body {
    ///     Body::from_stream(stream::iter(["one ", "two"].map(Ok::<_, BoxError>)))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![count]));
    /// assert_eq!(client.get("/count").send().await.text().await, "one two");
    /// # }
    /// ```
    pub fn from_stream<T, E, D>(stream: T) -> Self
    where
        T: Stream<Item = Result<D, E>> + Send + 'static,
        D: Into<Bytes>,
        E: Into<BoxError>,
    {
        Self::boxed(Box::pin(Streamed { stream: Box::pin(stream) }))
    }

    /// Takes any [`http_body::Body`], such as another library's.
    ///
    /// ```
    /// use http_body_util::Full;
    /// use waypost::{Body, Bytes};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let body = Body::new(Full::new(Bytes::from_static(b"hello")));
    /// assert_eq!(body.bytes().await.unwrap(), "hello");
    /// # }
    /// ```
    pub fn new<B>(body: B) -> Self
    where
        B: HttpBody + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        if body.is_end_stream() {
            return Self::empty();
        }
        // Our own body may come back through a tower layer: do not wrap it again.
        let mut slot = Some(body);
        if let Some(own) = (&mut slot as &mut dyn std::any::Any).downcast_mut::<Option<Self>>() {
            return own.take().unwrap_or_default();
        }
        match slot {
            Some(body) => Self::boxed(Box::pin(Adapted { body: Box::pin(body) })),
            None => Self::empty(),
        }
    }

    pub(crate) fn boxed(body: BoxedBody) -> Self {
        Self { kind: Kind::Boxed(Mutex::new(body)), remaining: u64::MAX }
    }

    /// The next piece of the body, or `None` at its end. Trailers are passed over.
    ///
    /// ```
    /// use waypost::Body;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let mut body = Body::from("hello");
    /// assert_eq!(body.chunk().await.unwrap().unwrap(), "hello");
    /// assert!(body.chunk().await.unwrap().is_none());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// 413 past the limit, 400 when the peer breaks off or breaks the protocol, 408 when it sends too slowly.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let reading = Reading(self);
        loop {
            let frame = std::future::poll_fn(|cx| Pin::new(&mut *reading.0).poll_frame(cx)).await;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(error),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// Reads the whole body into one buffer; a body that came in one piece is not copied.
    ///
    /// ```
    /// use waypost::Body;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let body = Body::from("hello");
    /// assert_eq!(body.len(), Some(5));
    /// assert_eq!(body.bytes().await.unwrap(), "hello");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk).
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        self.read_all().await
    }

    /// As [`bytes`](Self::bytes), leaving an empty body behind.
    pub(crate) async fn read_all(&mut self) -> Result<Bytes, Error> {
        let expected = self.size_hint().lower();
        // What announces itself as too large is refused before a byte of it is read.
        if expected > self.remaining {
            return Err(Error::body_too_large());
        }
        if matches!(self.kind, Kind::Empty) {
            return Ok(Bytes::new());
        }
        if let Kind::Full(bytes) = &mut self.kind {
            let bytes = std::mem::take(bytes);
            self.kind = Kind::Empty;
            return Ok(bytes);
        }
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk().await? else { return Ok(first) };
        let known = usize::try_from(expected.min(Self::RESERVE)).unwrap_or(0);
        let mut all = BytesMut::with_capacity(known.max(first.len() + second.len()));
        all.extend_from_slice(&first);
        all.extend_from_slice(&second);
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// How much is reserved at once on the word of a `Content-Length`; beyond, the buffer grows with what arrives.
    const RESERVE: u64 = 256 * 1024;

    /// Takes the bytes of a body that is all there.
    #[cfg(feature = "server")]
    #[inline]
    pub(crate) fn into_whole(self) -> Result<Bytes, Self> {
        match self.kind {
            Kind::Empty => Ok(Bytes::new()),
            Kind::Full(bytes) => Ok(bytes),
            kind => Err(Self { kind, ..self }),
        }
    }

    /// The bytes of a body that is all there; of any other, none.
    pub(crate) fn buffered(&self) -> &Bytes {
        static NONE: Bytes = Bytes::new();
        match &self.kind {
            Kind::Full(bytes) => bytes,
            _ => &NONE,
        }
    }

    /// How many more bytes may be read.
    pub(crate) fn limit(&self) -> u64 {
        self.remaining
    }

    /// Sets the limit where there is none: this body has taken the place of one that had it.
    pub(crate) fn keep_limited(&mut self, limit: u64) {
        if self.remaining == u64::MAX {
            self.remaining = limit;
        }
    }

    /// Sets how many more bytes may be read.
    pub(crate) fn set_limit(&mut self, limit: u64) {
        self.remaining = limit;
    }

    /// The number of bytes, where it is known beforehand.
    ///
    /// ```
    /// use futures_util::stream;
    /// use waypost::{Body, BoxError};
    ///
    /// assert_eq!(Body::from("hello").len(), Some(5));
    /// let streamed = Body::from_stream(stream::iter([Ok::<_, BoxError>("hello")]));
    /// assert_eq!(streamed.len(), None);
    /// ```
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        self.size_hint().exact()
    }

    /// Whether nothing (more) will come.
    ///
    /// ```
    /// use waypost::Body;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let mut body = Body::from("hello");
    /// assert!(!body.is_empty());
    /// body.chunk().await.unwrap();
    /// assert!(body.is_empty());
    /// # }
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_end_stream()
    }
}

/// Who waits for a piece, until he gives up.
struct Reading<'b>(&'b mut Body);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        #[cfg(feature = "server")]
        if let Kind::Incoming(incoming) = &self.0.kind {
            incoming.look_away();
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let frame = match &mut this.kind {
            Kind::Empty => return Poll::Ready(None),
            Kind::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                this.kind = Kind::Empty;
                if bytes.is_empty() {
                    return Poll::Ready(None);
                }
                Some(Ok(Frame::data(bytes)))
            }
            #[cfg(feature = "server")]
            Kind::Incoming(body) => {
                // What announces itself as too large is refused before it is read.
                if body.size_hint().lower() > this.remaining {
                    this.kind = Kind::Empty;
                    return Poll::Ready(Some(Err(Error::body_too_large())));
                }
                let frame = ready!(body.poll_frame(cx));
                if let Some(Err(_)) = frame {
                    // hyper hears by it that no more will be read.
                    this.kind = Kind::Empty;
                }
                frame
            }
            Kind::Boxed(body) => {
                let body = body.get_mut().unwrap_or_else(PoisonError::into_inner);
                ready!(body.as_mut().poll_frame(cx)).map(|frame| frame.map_err(Error::body_failed))
            }
        };
        if this.remaining != u64::MAX
            && let Some(Ok(data)) = frame.as_ref().map(|frame| frame.as_ref().map(Frame::data_ref))
        {
            let length = data.map_or(0, Bytes::len) as u64;
            let Some(rest) = this.remaining.checked_sub(length) else {
                this.kind = Kind::Empty;
                return Poll::Ready(Some(Err(Error::body_too_large())));
            };
            this.remaining = rest;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Empty => true,
            Kind::Full(bytes) => bytes.is_empty(),
            #[cfg(feature = "server")]
            Kind::Incoming(body) => body.is_end_stream(),
            Kind::Boxed(body) => body.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            #[cfg(feature = "server")]
            Kind::Incoming(body) => body.size_hint(),
            Kind::Boxed(body) => body.lock().unwrap_or_else(PoisonError::into_inner).size_hint(),
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl From<Bytes> for Body {
    #[inline]
    fn from(bytes: Bytes) -> Self {
        Self { kind: Kind::Full(bytes), remaining: u64::MAX }
    }
}

macro_rules! from_bytes {
    ($($source:ty),*) => { $(
        impl From<$source> for Body {
            fn from(source: $source) -> Self {
                Bytes::from(source).into()
            }
        }
    )* };
}

from_bytes!(&'static str, &'static [u8], String, Vec<u8>, Box<[u8]>, BytesMut);

impl<const N: usize> From<&'static [u8; N]> for Body {
    fn from(source: &'static [u8; N]) -> Self {
        Bytes::from_static(source).into()
    }
}

impl From<()> for Body {
    fn from((): ()) -> Self {
        Self::empty()
    }
}

/// Another library's body, its data turned into [`Bytes`] and its errors boxed.
struct Adapted<B> {
    body: Pin<Box<B>>,
}

impl<B> HttpBody for Adapted<B>
where
    B: HttpBody,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(self.body.as_mut().poll_frame(cx));
        Poll::Ready(frame.map(|frame| {
            let to_bytes = |mut data: B::Data| data.copy_to_bytes(data.remaining());
            frame.map(|frame| frame.map_data(to_bytes)).map_err(Into::into)
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream of data as a body.
struct Streamed<T> {
    stream: Pin<Box<T>>,
}

impl<T, D, E> HttpBody for Streamed<T>
where
    T: Stream<Item = Result<D, E>>,
    D: Into<Bytes>,
    E: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let item = ready!(self.stream.as_mut().poll_next(cx));
        Poll::Ready(item.map(|item| item.map(|data| Frame::data(data.into())).map_err(Into::into)))
    }
}
