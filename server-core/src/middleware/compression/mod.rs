//! Responses, compressed.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use http::header::{self, HeaderValue};
use http::{HeaderMap, Method, StatusCode};

mod br;
mod eligible;
mod encoder;
mod gzip;
mod stream;

use self::encoder::Codec;
use self::stream::Compressed;
use crate::body::Body;
use crate::encoding::{Accepted, Coding, vary};
use crate::middleware::{Chain, Middleware, Next, taken};
use crate::request::Request;
use crate::response::{Answered, Failure, Response};

/// Compresses responses with gzip or brotli, as the client's `Accept-Encoding` asks (RFC 9110 section 12.5.3).
///
/// ```
/// use waypost::{App, Compression, get, routes, test::Client};
///
/// #[get("/poem")]
/// async fn poem() -> String {
///     "a rose is ".repeat(500)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![poem]).wrap(Compression::new()));
/// let reply = client.get("/poem").header("accept-encoding", "gzip;q=0.8, br;q=0.5").send().await;
/// assert_eq!(reply.header("content-encoding"), Some("gzip"));
/// assert_eq!(reply.header("vary"), Some("accept-encoding"));
/// assert!(reply.bytes().await.len() < 100);
///
/// let reply = client.get("/poem").send().await;
/// assert_eq!(reply.header("content-encoding"), None);
/// assert_eq!(reply.bytes().await.len(), 5000);
/// # }
/// ```
///
/// # Which coding
///
/// The one with the highest weight; of equal ones gzip, which at these levels costs a quarter of brotli's time, unless
/// [`prefer_brotli`](Self::prefer_brotli) says otherwise. Nothing is compressed for a client that names neither, refuses
/// both or weighs `identity` higher. Members of the list that are malformed are passed over; of a coding that is named
/// twice the lower weight counts. What is passed over below is sent without a coding even to a client that refuses
/// `identity`, as it would be if it refused everything.
///
/// There is no `deflate`, which clients read in two ways, and no `zstd`, whose good encoder is C.
///
/// # Which responses
///
/// Those whose [media type](Self::is_compressible) is worth it and whose body is at least 1 KiB
/// ([`minimum_size`](Self::minimum_size)) or of unknown length. Passed over are
///
/// - statuses 1xx (upgrades among them), 204, 205, 206 and 304,
/// - responses with `Content-Encoding`, `Content-Range`, `Cache-Control: no-transform` or a digest of their content,
/// - problem documents made of an [`Error`](crate::Error), which are small, and which
///   [`App::on_error`](crate::App::on_error) may still rewrite.
///
/// A compressed response has no `Accept-Ranges`, a weak `ETag` in the place of a strong one, and a `Content-Length` only
/// where it is known. Clients then revalidate with the weak tag, to which `If-None-Match` is indifferent; a 304 that
/// answers one has it, too. `If-Match` never matches a weak tag. `Vary: accept-encoding` is on every response that
/// another client would get compressed, and on every 206 and 304. An answer to `HEAD` has the fields of the answer to
/// `GET`, but for a length that would have to be found out by compressing.
///
/// # When
///
/// A body of up to 64 KiB that is all there is compressed at once, and its length is sent. That takes up to
/// about a millisecond with gzip's default. Anything larger, and every stream, is compressed while it is sent, 16 KiB between
/// two turns of the thread's other tasks, and no faster than the client reads. What a stream has yielded is sent as
/// soon as it has nothing more at the moment. Its trailers and errors are passed on: after an error the client sees a
/// broken message and no proper end.
///
/// `text/event-stream` is not compressed, because an encoder would be held for as long as each client listens (some 400
/// KB with gzip). It works if [`content_types`](Self::content_types) allows it: each event is sent when it is there.
///
/// # Secrets
///
/// TLS hides what is sent, but not how much. Where a response holds a secret beside text that the attacker chose, its
/// compressed length tells of repetitions, and by and by of the secret (the BREACH attack). Put `Compression` around sets
/// of routes that do not mix them, or have such a response say `Cache-Control: no-transform`.
///
/// # What it is not
///
/// Bodies of requests are not decompressed. `tower_http::compression::CompressionLayer` works, too, with
/// [`.layer(..)`](crate::RouteSet::layer), where its zstd or deflate is asked for; like every layer it boxes the
/// request's way, and it streams all bodies. This one is dispatched statically, keeps a gzip encoder for each thread and
/// knows the length of what it compressed at once.
#[derive(Clone)]
pub struct Compression {
    gzip: Codec,
    brotli: Codec,
    brotli_first: bool,
    minimum: u64,
    types: Option<Types>,
}

type Types = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Bytes that are compressed at once.
const WHOLE: usize = 64 * 1024;

impl Compression {
    /// gzip at level 5, brotli at quality 5, gzip first, from 1 KiB on.
    ///
    /// ```
    /// use waypost::{App, Compression, get, routes, test::Client};
    ///
    /// #[get("/small")]
    /// async fn small() -> &'static str {
    ///     "not worth it"
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![small].wrap(Compression::new())));
    /// let reply = client.get("/small").header("accept-encoding", "gzip").send().await;
    /// assert_eq!(reply.header("content-encoding"), None);
    /// # }
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {
            gzip: Codec::Gzip { level: 5 },
            brotli: Codec::Brotli { quality: 5 },
            brotli_first: false,
            minimum: 1024,
            types: None,
        }
    }

    /// The level of gzip, from 1 (fast) to 9 (small); what is beyond counts as the nearest. Default: 5.
    ///
    /// ```
    /// use waypost::{App, Compression, routes};
    ///
    /// let app = App::new(routes![]).wrap(Compression::new().gzip_level(1));
    /// ```
    #[must_use]
    pub fn gzip_level(mut self, level: u32) -> Self {
        self.gzip = Codec::Gzip { level: level.clamp(1, 9) };
        self
    }

    /// The quality of brotli, from 0 (fast) to 11 (small); what is beyond counts as 11. Default: 5.
    ///
    /// Below 5 it is not smaller than gzip's default. From 7 on it takes milliseconds for a few KiB, at 10 and 11
    /// tens of them: too long for responses that are made for one request.
    ///
    /// ```
    /// use waypost::{App, Compression, routes};
    ///
    /// let app = App::new(routes![]).wrap(Compression::new().brotli_quality(6));
    /// ```
    #[must_use]
    pub fn brotli_quality(mut self, quality: u32) -> Self {
        self.brotli = Codec::Brotli { quality: quality.min(11) };
        self
    }

    /// Takes brotli where a client weighs both alike, as browsers do: smaller, for more of the server's time.
    ///
    /// ```
    /// use waypost::{App, Compression, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn index() -> String {
    ///     "a rose is ".repeat(500)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![index]).wrap(Compression::new().prefer_brotli()));
    /// let reply = client.get("/").header("accept-encoding", "gzip, deflate, br, zstd").send().await;
    /// assert_eq!(reply.header("content-encoding"), Some("br"));
    /// # }
    /// ```
    #[must_use]
    pub fn prefer_brotli(mut self) -> Self {
        self.brotli_first = true;
        self
    }

    /// How many bytes a body must have to be compressed; one of unknown length always is. Default: 1024.
    ///
    /// (For comparison: 20 in nginx, 32 in tower-http; actix has none. Less than what fits into a packet saves nothing on
    /// the way.)
    ///
    /// ```
    /// use waypost::{App, Compression, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn index() -> &'static str {
    ///     "a rose is a rose is a rose"
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![index]).wrap(Compression::new().minimum_size(20)));
    /// let reply = client.get("/").header("accept-encoding", "gzip").send().await;
    /// assert_eq!(reply.header("content-encoding"), Some("gzip"));
    /// # }
    /// ```
    #[must_use]
    pub fn minimum_size(mut self, bytes: u64) -> Self {
        // Nothing at all stays nothing.
        self.minimum = bytes.max(1);
        self
    }

    /// Which media types are compressed, in the place of [`is_compressible`](Self::is_compressible).
    ///
    /// The function is given the type in lower case and without parameters, such as `text/html`. A response without
    /// `Content-Type` is not compressed.
    ///
    /// ```
    /// use waypost::{App, Compression, http::header, get, routes, test::Client};
    ///
    /// #[get("/model")]
    /// async fn model() -> ([(header::HeaderName, &'static str); 1], String) {
    ///     ([(header::CONTENT_TYPE, "model/obj")], "v 0.0 0.0 0.0\n".repeat(500))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let compression = Compression::new()
    ///     .content_types(|media_type| media_type == "model/obj" || Compression::is_compressible(media_type));
    /// let client = Client::new(App::new(routes![model]).wrap(compression));
    /// let reply = client.get("/model").header("accept-encoding", "gzip").send().await;
    /// assert_eq!(reply.header("content-encoding"), Some("gzip"));
    /// # }
    /// ```
    #[must_use]
    pub fn content_types<F>(mut self, which: F) -> Self
    where
        F: Fn(&str) -> bool + Send + Sync + 'static,
    {
        self.types = Some(Arc::new(which));
        self
    }

    /// Whether content of this media type, given without parameters, is compressed unless
    /// [`content_types`](Self::content_types) says otherwise.
    ///
    /// That is `text/*` but for `text/event-stream`; JSON, XML and YAML, also by their suffixes (`image/svg+xml`);
    /// JavaScript, WebAssembly and some others below `application/`; `image/bmp` and icons; fonts that are not compressed
    /// themselves. gRPC is not.
    ///
    /// ```
    /// use waypost::Compression;
    ///
    /// assert!(Compression::is_compressible("application/problem+json"));
    /// assert!(!Compression::is_compressible("image/png"));
    /// ```
    #[must_use]
    pub fn is_compressible(media_type: &str) -> bool {
        eligible::is_compressible(media_type)
    }

    /// What the client prefers, if that is compressed.
    fn choose(&self, headers: &HeaderMap) -> Option<Codec> {
        let offered = match self.brotli_first {
            true => [Coding::Brotli, Coding::Gzip, Coding::Identity],
            false => [Coding::Gzip, Coding::Brotli, Coding::Identity],
        };
        match Accepted::of(headers).choose(offered)? {
            Coding::Brotli => Some(self.brotli),
            Coding::Gzip => Some(self.gzip),
            Coding::Zstd | Coding::Identity => None,
        }
    }

    /// Compresses a response, if it may be and is worth it.
    fn finish(&self, asked: &Asked, response: &mut Response) {
        match response.status() {
            StatusCode::NOT_MODIFIED => return asked.confirm(response.headers_mut()),
            StatusCode::PARTIAL_CONTENT => return vary(response.headers_mut()),
            _ => {}
        }
        let size = asked.size(response);
        if size.is_some_and(|size| size < self.minimum)
            || response.extensions().get::<Failure>().is_some()
            || !eligible::may_change(response.status(), response.headers())
            || !self.includes(response.headers())
        {
            return;
        }
        vary(response.headers_mut());
        let Some(codec) = asked.codec else { return };
        let body = std::mem::take(response.body_mut());
        match body.buffered() {
            whole if !asked.head && !whole.is_empty() && whole.len() <= WHOLE => match codec.encode(whole) {
                Ok(encoded) => *response.body_mut() = encoded.into(),
                // It can still be sent as it is.
                Err(_) => return *response.body_mut() = body,
            },
            _ => *response.body_mut() = Body::boxed(Box::pin(Compressed::new(body, codec))),
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_ENCODING, codec.name());
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::ACCEPT_RANGES);
        eligible::weaken(headers);
    }

    /// Whether the response's media type is one of those compressed.
    fn includes(&self, headers: &HeaderMap) -> bool {
        let Some(media_type) = eligible::media_type(headers) else { return false };
        let Some(types) = &self.types else { return eligible::is_compressible(media_type) };
        let upper = media_type.bytes().any(|byte| byte.is_ascii_uppercase());
        types(&if upper { Cow::Owned(media_type.to_ascii_lowercase()) } else { Cow::Borrowed(media_type) })
    }
}

/// What a request says that its response depends on. Kept, because what is beneath may change or take the request.
struct Asked {
    codec: Option<Codec>,
    head: bool,
    /// The lines of `If-None-Match`, if the client may have been sent weak tags.
    tags: Vec<HeaderValue>,
}

impl Asked {
    fn new(compression: &Compression, request: &Request) -> Self {
        let codec = compression.choose(request.headers());
        let asked = codec.is_some().then(|| request.headers().get_all(header::IF_NONE_MATCH));
        let tags = asked.into_iter().flatten().cloned().collect();
        Self { codec, head: *request.method() == Method::HEAD, tags }
    }

    /// The number of bytes of the response's content, where it is known. A handler of HEAD may say it without content.
    fn size(&self, response: &Response) -> Option<u64> {
        let said = || response.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
        match response.body().len() {
            Some(0) if self.head => Some(said().unwrap_or(0)),
            Some(size) => Some(size),
            None => said(),
        }
    }

    /// A 304 has the tag of the response that the client keeps (RFC 9110 section 15.4.5): the weak one, if that was sent.
    fn confirm(&self, headers: &mut HeaderMap) {
        vary(headers);
        let sent = |weak: &HeaderValue| {
            let lines = self.tags.iter().map(HeaderValue::as_bytes);
            lines.into_iter().any(|line| line.windows(weak.len()).any(|tag| tag == weak.as_bytes()))
        };
        if let Some(weak) = headers.get(header::ETAG).and_then(eligible::weak).filter(sent) {
            headers.insert(header::ETAG, weak);
        }
    }
}

impl<S: Sync> Middleware<S> for Compression {
    fn handle<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        state: &'a S,
        next: Next<'a, C>,
    ) -> impl Future<Output = Response> + Send + 'a {
        taken(self.pass(request, state, next))
    }

    async fn pass<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        _: &'a S,
        next: Next<'a, C>,
    ) -> Answered<'a> {
        let asked = Asked::new(self, request);
        let mut answered = next.pass(request).await;
        self.finish(&asked, answered.get_mut());
        answered
    }
}

impl Default for Compression {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compression")
            .field("gzip", &self.gzip)
            .field("brotli", &self.brotli)
            .field("brotli_first", &self.brotli_first)
            .field("minimum", &self.minimum)
            .finish_non_exhaustive()
    }
}
