//! A request to be sent.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Client, Reply};
use crate::body::Body;
use crate::respond::Respond;

/// A request being made; [`send`](Self::send) sends it.
///
/// ```
/// use waypost::{App, post, routes, test::Client};
///
/// #[post("/notes?{tag}")]
/// async fn note(tag: &str, text: &str) -> String {
///     format!("{tag}: {text}")
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![note]));
/// let reply = client.post("/notes").query([("tag", "to do")]).body("rest").send().await;
/// assert_eq!(reply.text().await, "to do: rest");
/// # }
/// ```
#[must_use = "a request does nothing until it is sent"]
pub struct RequestBuilder<'c, A> {
    client: &'c Client<A>,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Body,
}

/// Adds a field that a test gives.
#[track_caller]
pub(super) fn append<K, V>(headers: &mut HeaderMap, name: K, value: V)
where
    K: TryInto<HeaderName, Error: fmt::Debug>,
    V: TryInto<HeaderValue, Error: fmt::Debug>,
{
    let name = name.try_into().unwrap_or_else(|error| panic!("not a header name: {error:?}"));
    let value = value.try_into().unwrap_or_else(|error| panic!("not a header value: {error:?}"));
    headers.append(name, value);
}

/// What the WHATWG URL standard leaves as it is in `application/x-www-form-urlencoded` text.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

impl<'c, A: Respond> RequestBuilder<'c, A> {
    pub(super) fn new(client: &'c Client<A>, method: Method, target: &str) -> Self {
        Self { client, method, target: target.to_owned(), headers: HeaderMap::new(), body: Body::empty() }
    }

    /// Adds a header field.
    ///
    /// ```
    /// use waypost::{App, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn tenant(#[header("x-tenant")] tenant: &str) -> String {
    ///     tenant.to_owned()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![tenant]));
    /// assert_eq!(client.get("/").header("x-tenant", "acme").send().await.text().await, "acme");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Where it is none (RFC 9110 section 5).
    #[track_caller]
    pub fn header<K, V>(mut self, name: K, value: V) -> Self
    where
        K: TryInto<HeaderName, Error: fmt::Debug>,
        V: TryInto<HeaderValue, Error: fmt::Debug>,
    {
        append(&mut self.headers, name, value);
        self
    }

    /// Adds parameters to the query.
    ///
    /// ```
    /// use waypost::{App, get, routes, test::Client};
    ///
    /// #[get("/search?{q}")]
    /// async fn search(q: &str) -> String {
    ///     q.to_owned()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![search]));
    /// assert_eq!(client.get("/search").query([("q", "tea & biscuits")]).send().await.text().await, "tea & biscuits");
    /// # }
    /// ```
    pub fn query<K: AsRef<str>, V: AsRef<str>>(mut self, pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let text = urlencode(pairs);
        if !text.is_empty() {
            self.target.push(if self.target.contains('?') { '&' } else { '?' });
            self.target.push_str(&text);
        }
        self
    }

    /// Sets the body: text, bytes, or a stream by [`Body::from_stream`].
    ///
    /// ```
    /// use waypost::{App, post, routes, test::Client};
    ///
    /// #[post("/")]
    /// async fn shout(text: String) -> String {
    ///     text.to_uppercase()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![shout]));
    /// assert_eq!(client.post("/").body("hello").send().await.text().await, "HELLO");
    /// # }
    /// ```
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the body to a JSON document.
    ///
    /// ```
    /// use waypost::{App, Json, post, routes, test::Client};
    ///
    /// #[post("/sum")]
    /// async fn sum(Json(numbers): Json<Vec<u32>>) -> String {
    ///     numbers.iter().sum::<u32>().to_string()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![sum]));
    /// assert_eq!(client.post("/sum").json(&[1, 2, 3]).send().await.text().await, "6");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Where the value cannot be serialised.
    #[track_caller]
    pub fn json(self, value: &impl serde::Serialize) -> Self {
        let document = serde_json::to_vec(value).unwrap_or_else(|error| panic!("not serialised: {error}"));
        self.typed("application/json", document.into())
    }

    /// Sets the body to a form, `application/x-www-form-urlencoded`.
    ///
    /// ```
    /// use serde::Deserialize;
    /// use waypost::{App, Form, post, routes, test::Client};
    ///
    /// #[derive(Deserialize)]
    /// struct Login<'a> {
    ///     name: &'a str,
    /// }
    ///
    /// #[post("/login")]
    /// async fn login(Form(login): Form<Login<'_>>) -> String {
    ///     format!("hello {}", login.name)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![login]));
    /// assert_eq!(client.post("/login").form([("name", "Ada")]).send().await.text().await, "hello Ada");
    /// # }
    /// ```
    pub fn form<K: AsRef<str>, V: AsRef<str>>(self, pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let text = urlencode(pairs);
        self.typed("application/x-www-form-urlencoded", text.into())
    }

    fn typed(mut self, content_type: &'static str, body: Body) -> Self {
        self.headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
        self.body(body)
    }

    /// Sends it.
    ///
    /// ```
    /// use waypost::{App, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![]));
    /// let reply = client.get("/nowhere").send().await;
    /// assert_eq!(reply.status(), 404);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Where the target is no URI (RFC 9112 section 3.2).
    pub async fn send(self) -> Reply {
        let target: Uri = match self.target.parse() {
            Ok(target) => target,
            Err(error) => panic!("`{}` is not a request target: {error}", self.target),
        };
        let mut request = http::Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = target;
        *request.headers_mut() = self.headers;
        if !request.headers().contains_key(header::HOST) && !self.client.sends(&header::HOST) {
            let host = host_of(request.uri());
            request.headers_mut().insert(header::HOST, host);
        }
        self.client.send(request).await
    }
}

/// What a client sends as `Host`: the target's authority without its user (RFC 9112 section 3.2).
fn host_of(target: &Uri) -> HeaderValue {
    let host = target.authority().and_then(|authority| authority.as_str().rsplit('@').next());
    host.and_then(|host| HeaderValue::from_str(host).ok()).unwrap_or(HeaderValue::from_static("localhost"))
}

fn urlencode<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> String {
    let mut text = String::new();
    for (key, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.extend(utf8_percent_encode(key.as_ref(), FORM));
        text.push('=');
        text.extend(utf8_percent_encode(value.as_ref(), FORM));
    }
    text
}

impl<A> fmt::Debug for RequestBuilder<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBuilder")
            .field("method", &self.method)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
