//! What an extractor sees.

use std::fmt;

use bytes::Bytes;

use crate::body::Body;
use crate::error::{Error, Result};
use crate::request::{Buffer, Head, Payload};
use crate::routing::Route;
use crate::routing::Scope;

/// The request and the state, as an extractor sees them. Whatever it lends, it lends for `'r`.
///
/// ```
/// use waypost::{App, Context, Extraction, FromRequest, get, routes, test::Client};
///
/// /// The path in capitals.
/// struct Shouted<'r>(&'r str);
///
/// impl<'r, S> FromRequest<'r, S> for Shouted<'r> {
///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
///         let text = context.head().path().to_uppercase();
///         Extraction::ready(Ok(Self(context.keep(text))))
///     }
/// }
///
/// #[get("/hello")]
/// async fn hello(path: Shouted<'_>) -> String {
///     path.0.to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![hello]));
/// assert_eq!(client.get("/hello").send().await.text().await, "/HELLO");
/// # }
/// ```
pub struct Context<'r, S> {
    head: &'r Head,
    scope: Scope<'r, S>,
    /// There for the one argument that uses the body.
    payload: Option<&'r mut Payload>,
}

impl<'r, S> Context<'r, S> {
    pub(crate) fn new(head: &'r Head, scope: Scope<'r, S>, payload: Option<&'r mut Payload>) -> Self {
        Self { head, scope, payload }
    }

    /// Another context of the same request, without its body: for extractors made of others.
    ///
    /// ```
    /// use waypost::{App, ClientAddr, Context, Extraction, FromRequest, get, routes, test::Client};
    ///
    /// /// The client's port.
    /// struct Port(u16);
    ///
    /// impl<'r, S> FromRequest<'r, S> for Port {
    ///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
    ///         let address = ClientAddr::from_request(context.head_only());
    ///         address.then(|address| address.map(|address| Self(address.0.port())))
    ///     }
    /// }
    /// # #[get("/")]
    /// # async fn port(port: Port) -> String { port.0.to_string() }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let client = Client::new(App::new(routes![port])).with_address(([192, 0, 2, 1], 4711).into());
    /// # assert_eq!(client.get("/").send().await.text().await, "4711");
    /// # }
    /// ```
    #[must_use]
    pub fn head_only(&self) -> Self {
        Self { head: self.head, scope: self.scope, payload: None }
    }

    /// Everything of the request but its body.
    ///
    /// ```
    /// use waypost::{App, Context, Extraction, FromRequest, get, http::Method, routes, test::Client};
    ///
    /// struct Verb<'r>(&'r Method);
    ///
    /// impl<'r, S> FromRequest<'r, S> for Verb<'r> {
    ///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
    ///         Extraction::ready(Ok(Self(context.head().method())))
    ///     }
    /// }
    /// # #[get("/")]
    /// # async fn index(verb: Verb<'_>) -> String { verb.0.to_string() }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let client = Client::new(App::new(routes![index]));
    /// # assert_eq!(client.get("/").send().await.text().await, "GET");
    /// # }
    /// ```
    #[must_use]
    pub fn head(&self) -> &'r Head {
        self.head
    }

    /// The application's state.
    ///
    /// ```
    /// use waypost::{App, Context, Extraction, FromRequest, Provide, get, routes, test::Client};
    ///
    /// struct Motto(&'static str);
    ///
    /// /// The motto, from any state that has one.
    /// struct Shown<'r>(&'r str);
    ///
    /// impl<'r, S: Provide<Motto>> FromRequest<'r, S> for Shown<'r> {
    ///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
    ///         Extraction::ready(Ok(Self(context.state().provide().0)))
    ///     }
    /// }
    /// # #[get("/")]
    /// # async fn index(motto: Shown<'_>) -> String { motto.0.to_owned() }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let client = Client::new(App::new(routes![index]).state(Motto("borrow")));
    /// # assert_eq!(client.get("/").send().await.text().await, "borrow");
    /// # }
    /// ```
    #[must_use]
    pub fn state(&self) -> &'r S {
        self.scope.state()
    }

    /// The route that matched; `None` in a fallback handler.
    ///
    /// ```
    /// use waypost::{App, Context, Error, Extraction, FromRequest, get, routes, test::Client};
    ///
    /// /// The pattern of the route that matched.
    /// struct Pattern<'r>(&'r str);
    ///
    /// impl<'r, S> FromRequest<'r, S> for Pattern<'r> {
    ///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
    ///         Extraction::ready(context.route().map(|route| Self(route.path())).ok_or_else(Error::not_found))
    ///     }
    /// }
    /// # #[get("/users/{_id}")]
    /// # async fn user(_id: u8, pattern: Pattern<'_>) -> String { pattern.0.to_owned() }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let client = Client::new(App::new(routes![user]));
    /// # assert_eq!(client.get("/users/7").send().await.text().await, "/users/{_id}");
    /// # }
    /// ```
    #[must_use]
    pub fn route(&self) -> Option<&'r Route> {
        self.scope.route()
    }

    /// Every route of the app.
    pub(crate) fn routes(&self) -> &'r [Route] {
        &self.scope.shared().routes
    }

    /// Keeps text for as long as the handler runs, and lends it.
    ///
    /// ```
    /// use waypost::{App, Context, Extraction, FromRequest, get, routes, test::Client};
    ///
    /// /// The host in lower case.
    /// struct Site<'r>(&'r str);
    ///
    /// impl<'r, S> FromRequest<'r, S> for Site<'r> {
    ///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
    ///         let host = context.head().host().unwrap_or_default().to_lowercase();
    ///         Extraction::ready(Ok(Self(context.keep(host))))
    ///     }
    /// }
    /// # #[get("/")]
    /// # async fn site(site: Site<'_>) -> String { site.0.to_owned() }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let client = Client::new(App::new(routes![site])).with_header("host", "EXAMPLE.com");
    /// # assert_eq!(client.get("/").send().await.text().await, "example.com");
    /// # }
    /// ```
    #[must_use]
    pub fn keep(&self, text: String) -> &'r str {
        self.head.scratch.keep(text)
    }

    /// The whole body. For extractors that say [`BodyUse::Buffered`](crate::BodyUse::Buffered).
    ///
    /// ```
    /// use waypost::{App, BodyUse, Context, Extraction, FromRequest, post, routes, test::Client};
    ///
    /// /// How long the body is.
    /// struct Length(usize);
    ///
    /// impl<'r, S> FromRequest<'r, S> for Length {
    ///     const BODY: BodyUse = BodyUse::Buffered;
    ///
    ///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
    ///         Extraction::ready(context.bytes().map(|bytes| Self(bytes.len())))
    ///     }
    /// }
    /// # #[post("/")]
    /// # async fn index(length: Length) -> String { length.0.to_string() }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let client = Client::new(App::new(routes![index]));
    /// # assert_eq!(client.post("/").body("hello").send().await.text().await, "5");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What went wrong while it was read: 413 past the limit, 400 when the peer broke off. A 500 for an extractor
    /// that did not say that it uses the body.
    pub fn bytes(self) -> Result<&'r Bytes> {
        self.buffer().map(|buffer| buffer.bytes)
    }

    /// The body, unread. For extractors that say [`BodyUse::Streamed`](crate::BodyUse::Streamed).
    ///
    /// ```
    /// use waypost::{App, BodyUse, Bytes, Context, Extraction, FromRequest, post, routes, test::Client};
    ///
    /// /// The first piece of the body.
    /// struct Start(Bytes);
    ///
    /// impl<'r, S: Send + Sync> FromRequest<'r, S> for Start {
    ///     const BODY: BodyUse = BodyUse::Streamed;
    ///
    ///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
    ///         Extraction::future(async move {
    ///             let mut body = context.body()?;
    ///             Ok(Self(body.chunk().await?.unwrap_or_default()))
    ///         })
    ///     }
    /// }
    /// # #[post("/")]
    /// # async fn index(start: Start) -> Bytes { start.0 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let client = Client::new(App::new(routes![index]));
    /// # assert_eq!(client.post("/").body("hello").send().await.text().await, "hello");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A 500 for an extractor that did not say that it uses the body.
    pub fn body(self) -> Result<Body> {
        match self.payload {
            Some(payload) => Ok(std::mem::take(payload.body_mut())),
            None => Err(unused()),
        }
    }

    /// The whole body, and room for an engine that parses in place.
    pub(crate) fn buffer(self) -> Result<Buffer<'r>> {
        self.payload.ok_or_else(unused)?.buffer()
    }
}

fn unused() -> Error {
    Error::internal("an extractor asked for the body without declaring its use in `FromRequest::BODY`")
}

impl<S> fmt::Debug for Context<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("head", self.head).finish_non_exhaustive()
    }
}
