//! Another limit for request bodies.

use std::future::Future;

use crate::middleware::{Chain, Middleware, Next, taken};
use crate::request::Request;
use crate::response::{Answered, Response};

/// Sets how many bytes a request's body may have, for the routes beneath: more, or fewer, than the app's 2 MiB.
///
/// The innermost limit counts: an option `body_limit` on the route, then the nearest `BodyLimit`, then the app's. A
/// body that is larger is answered with 413, before it is read where it announces its length.
///
/// ```
/// use waypost::{App, BodyLimit, post, routes, test::Client};
///
/// #[post("/notes")]
/// async fn note(_text: &str) {}
///
/// #[post("/photos")]
/// async fn photo(_photo: &[u8]) {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let app = App::new(routes![note, ..routes![photo].wrap(BodyLimit::new(8))]).body_limit(4);
/// let client = Client::new(app);
/// assert_eq!(client.post("/notes").body("12345").send().await.status(), 413);
/// assert_eq!(client.post("/photos").body("12345").send().await.status(), 200);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit {
    bytes: u64,
}

impl BodyLimit {
    /// At most this many bytes.
    ///
    /// ```
    /// use waypost::{App, BodyLimit, post, routes, test::Client};
    ///
    /// #[post("/")]
    /// async fn note(_text: String) {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![note].wrap(BodyLimit::new(3))));
    /// assert_eq!(client.post("/").body("123").send().await.status(), 200);
    /// assert_eq!(client.post("/").body("1234").send().await.status(), 413);
    /// # }
    /// ```
    #[must_use]
    pub const fn new(bytes: u64) -> Self {
        Self { bytes }
    }

    /// No limit at all. A handler that reads the body whole then holds all of it in memory.
    ///
    /// ```
    /// use waypost::{App, Body, BodyLimit, Result, post, routes, test::Client};
    ///
    /// #[post("/")]
    /// async fn count(mut body: Body) -> Result<String> {
    ///     let mut total = 0;
    ///     while let Some(chunk) = body.chunk().await? {
    ///         total += chunk.len();
    ///     }
    ///     Ok(total.to_string())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let app = App::new(routes![count].wrap(BodyLimit::unlimited()));
    /// let large = vec![0; 3 * 1024 * 1024];
    /// assert_eq!(Client::new(app).post("/").body(large).send().await.text().await, "3145728");
    /// # }
    /// ```
    #[must_use]
    pub const fn unlimited() -> Self {
        Self { bytes: u64::MAX }
    }
}

impl<S: Sync> Middleware<S> for BodyLimit {
    fn handle<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        state: &'a S,
        next: Next<'a, C>,
    ) -> impl Future<Output = Response> + Send + 'a {
        taken(self.pass(request, state, next))
    }

    #[inline]
    fn pass<'a, C: Chain + 'a>(
        &'a self,
        request: &'a mut Request,
        _: &'a S,
        next: Next<'a, C>,
    ) -> impl Future<Output = Answered<'a>> + Send + 'a {
        request.set_body_limit(self.bytes);
        next.pass(request)
    }
}
