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
    #[must_use]
    pub fn head_only(&self) -> Self {
        Self { head: self.head, scope: self.scope, payload: None }
    }

    /// Everything of the request but its body.
    #[must_use]
    pub fn head(&self) -> &'r Head {
        self.head
    }

    /// The application's state.
    #[must_use]
    pub fn state(&self) -> &'r S {
        self.scope.state()
    }

    /// The route that matched; `None` in a fallback handler.
    #[must_use]
    pub fn route(&self) -> Option<&'r Route> {
        self.scope.route()
    }

    /// Keeps text for as long as the handler runs, and lends it.
    #[must_use]
    pub fn keep(&self, text: String) -> &'r str {
        self.head.scratch.keep(text)
    }

    /// The whole body. For extractors that say [`BodyUse::Buffered`](crate::BodyUse::Buffered).
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
