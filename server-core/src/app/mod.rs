//! Routes and state together: what answers requests, still without a socket.

#[cfg_attr(not(any(feature = "metrics", feature = "tracing")), path = "observe/off.rs")]
mod observe;
mod tower;

use std::borrow::{BorrowMut, Cow};
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode, header};

#[cfg(feature = "metrics")]
pub use observe::Metrics;
use observe::Observer;
#[cfg(feature = "tracing")]
pub use observe::Trace;

use crate::body::Body;
use crate::error::Error;
use crate::middleware::{Caught, Layered, Rest, Wrap};
use crate::request::{Captures, Miss, Request, host_of};
use crate::respond::{Peer, Respond, Seat};
use crate::response::{Answered, Failure, IntoResponse, Response, fields};
use crate::routing::{
    Collector, Entry, Lookup, NO_ROUTE, Outcome, Root, Route, RouteConflict, RouteTable, Routes, Scope,
    Shared, Table, allow_somewhere, check_program, normalise_path,
};

/// How large a request's body may be unless an app, a [`BodyLimit`](crate::BodyLimit) or a route says otherwise: 2 MiB.
///
/// ```
/// use waypost::{App, DEFAULT_BODY_LIMIT, post, routes, test::Client};
///
/// #[post("/")]
/// async fn upload(_body: &[u8]) {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![upload]));
/// let fits = vec![0; DEFAULT_BODY_LIMIT as usize];
/// let too_large = vec![0; DEFAULT_BODY_LIMIT as usize + 1];
/// assert_eq!(client.post("/").body(fits).send().await.status(), 200);
/// assert_eq!(client.post("/").body(too_large).send().await.status(), 413);
/// # }
/// ```
pub const DEFAULT_BODY_LIMIT: u64 = 2 * 1024 * 1024;

/// Routes with their state: an application that answers requests.
///
/// ```
/// use waypost::{App, get, routes};
///
/// #[get("/")]
/// async fn index() -> &'static str {
///     "hello"
/// }
///
/// let app = App::new(routes![index]);
/// assert_eq!(app.routes()[0].path(), "/");
/// ```
///
/// Serve it with a [`Server`](crate::Server), call it with `test::Client` (feature `test`), or hand it to
/// whatever drives a tower service, which it is, too. A clone is the same application.
///
/// Out of the box: `HEAD` is answered by `GET` routes, `OPTIONS` with `Allow` (`OPTIONS *` with the methods of all
/// paths), a known path with another method by 405 with `Allow`, an unknown path by 404; bodies are limited to 2 MiB; a panic is a 500 on its request alone.
pub struct App<R, S = ()> {
    routes: Arc<R>,
    shared: Shared<S>,
    lookup: Arc<Lookup>,
    body_limit: u64,
    on_error: Option<Arc<ErrorHook>>,
    observer: Observer,
}

type ErrorHook = dyn Fn(&Error, Response) -> Response + Send + Sync;

impl<R: RouteTable> App<Root<R>> {
    /// An application of these routes, with no state yet.
    ///
    /// Routes that clash anywhere among them are a compile error here.
    ///
    /// ```
    /// use waypost::{App, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn index() -> &'static str {
    ///     "hello"
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![index]));
    /// assert_eq!(client.get("/").send().await.text().await, "hello");
    /// # }
    /// ```
    #[must_use]
    pub fn new(routes: R) -> Self {
        const {
            all_known(R::TABLE);
            check_program(R::TABLE, R::JUDGED);
        }
        match Self::build(routes) {
            Ok(app) => app,
            // The same judge has seen the same routes at compile time.
            Err(conflict) => panic!("{conflict}"),
        }
    }

    /// As [`new`](Self::new), for routes of which some are known only at run time ([`DynamicRoutes`](crate::DynamicRoutes)).
    ///
    /// ```
    /// use waypost::{App, DynamicRoutes, get, http::Method, routes};
    ///
    /// #[get("/hello")]
    /// async fn hello() {}
    ///
    /// # fn main() -> Result<(), waypost::PatternError> {
    /// let mut plugins = DynamicRoutes::<()>::new();
    /// plugins.add(Method::GET, "/hello", |_| async {})?;
    /// let conflict = App::try_new(routes![hello, ..plugins]).unwrap_err();
    /// assert!(conflict.to_string().starts_with("route conflict:"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A route known at run time clashes with another. Clashes among the others are still a compile error.
    pub fn try_new(routes: R) -> Result<Self, RouteConflict> {
        const { check_program(R::TABLE, R::JUDGED) }
        Self::build(routes)
    }

    fn build(routes: R) -> Result<Self, RouteConflict> {
        let mut collector = Collector::default();
        routes.collect(&mut collector);
        let list = collector.into_routes();
        let entries = list.iter().enumerate().map(|(id, route)| Entry::new(id, route));
        let lookup = Lookup::build(entries.collect())?;
        Ok(Self {
            routes: Arc::new(Root(routes)),
            shared: Shared { state: Arc::new(()), routes: list.into() },
            lookup: Arc::new(lookup),
            body_limit: DEFAULT_BODY_LIMIT,
            on_error: None,
            observer: Observer::new(),
        })
    }
}

impl<R: RouteTable> App<R> {
    /// Gives the application its state, which must provide whatever its handlers and middleware take as
    /// [`State<&T>`](struct@crate::State).
    ///
    /// ```
    /// use waypost::{App, State, get, routes, test::Client};
    ///
    /// struct Motto(&'static str);
    ///
    /// #[get("/")]
    /// async fn motto(State(motto): State<&Motto>) -> &'static str {
    ///     motto.0
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![motto]).state(Motto("borrow, do not copy")));
    /// assert_eq!(client.get("/").send().await.text().await, "borrow, do not copy");
    /// # }
    /// ```
    #[must_use]
    pub fn state<S>(self, state: S) -> App<R, S>
    where
        S: Send + Sync + 'static,
        R: Routes<S>,
    {
        self.shared_state(Arc::new(state))
    }

    /// As [`state`](Self::state), with a state that the rest of the program holds, too.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use waypost::{App, State, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn visit(State(visits): State<&AtomicU64>) {
    ///     visits.fetch_add(1, Ordering::Relaxed);
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let visits = Arc::new(AtomicU64::new(0));
    /// let client = Client::new(App::new(routes![visit]).shared_state(Arc::clone(&visits)));
    /// client.get("/").send().await;
    /// assert_eq!(visits.load(Ordering::Relaxed), 1);
    /// # }
    /// ```
    #[must_use]
    pub fn shared_state<S>(self, state: Arc<S>) -> App<R, S>
    where
        S: Send + Sync + 'static,
        R: Routes<S>,
    {
        App {
            routes: self.routes,
            shared: Shared { state, routes: self.shared.routes },
            lookup: self.lookup,
            body_limit: self.body_limit,
            on_error: self.on_error,
            observer: self.observer,
        }
    }
}

impl<R: RouteTable, S> App<R, S> {
    /// Runs `middleware` around the whole application: it also sees requests that no route matches.
    ///
    /// What is wrapped is one type, without boxes. Somewhere beyond a dozen around each other rustc asks for
    /// `#![recursion_limit = "512"]` at the root of the crate; it changes nothing at run time.
    ///
    /// ```
    /// use waypost::{App, Next, Request, Response, http::HeaderValue, middleware, routes, test::Client};
    ///
    /// #[middleware]
    /// async fn named(request: &mut Request, next: Next<'_>) -> Response {
    ///     let mut response = next.run(request).await;
    ///     response.headers_mut().insert("server", HeaderValue::from_static("waypost"));
    ///     response
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![]).wrap(named));
    /// let reply = client.get("/nowhere").send().await;
    /// assert_eq!(reply.status(), 404);
    /// assert_eq!(reply.header("server"), Some("waypost"));
    /// # }
    /// ```
    #[must_use]
    pub fn wrap<M>(self, middleware: M) -> App<Wrap<M, Arc<R>>, S> {
        self.around(|routes| Wrap::new(middleware, routes))
    }

    /// Puts a tower layer around the whole application. Each request is boxed there.
    ///
    /// ```
    /// use tower_http::set_header::SetResponseHeaderLayer;
    /// use waypost::{App, http::HeaderValue, http::header::SERVER, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let layer = SetResponseHeaderLayer::overriding(SERVER, HeaderValue::from_static("waypost"));
    /// let client = Client::new(App::new(routes![]).layer(layer));
    /// assert_eq!(client.get("/nowhere").send().await.header("server"), Some("waypost"));
    /// # }
    /// ```
    #[must_use]
    pub fn layer<L>(self, layer: L) -> App<Layered<L::Service, R>, S>
    where
        L: tower_layer::Layer<Rest>,
    {
        self.around(|routes| Layered::new(layer, routes))
    }

    fn around<O>(self, outer: impl FnOnce(Arc<R>) -> O) -> App<O, S> {
        App {
            routes: Arc::new(outer(self.routes)),
            shared: self.shared,
            lookup: self.lookup,
            body_limit: self.body_limit,
            on_error: self.on_error,
            observer: self.observer,
        }
    }

    /// Rewrites every error response of the application: those made of an [`Error`], be it an extractor's, a
    /// handler's, a panic's, or the router's 404 and 405. `hook` is given the error and the response made of it.
    ///
    /// ```
    /// # use waypost::{App, routes, test::Client};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let app = App::new(routes![]).on_error(|error, mut response| {
    ///     if error.is_client_error() {
    ///         response.headers_mut().insert("retry-after", 30.into());
    ///     }
    ///     response
    /// });
    /// assert_eq!(Client::new(app).get("/nowhere").send().await.header("retry-after"), Some("30"));
    /// # }
    /// ```
    #[must_use]
    pub fn on_error(mut self, hook: impl Fn(&Error, Response) -> Response + Send + Sync + 'static) -> Self {
        self.on_error = Some(Arc::new(hook));
        self
    }

    /// Gives each request a span, around everything that the app does for it: it also has those that no route matches,
    /// panics, and what [`on_error`](Self::on_error) makes of an error.
    ///
    /// ```
    /// use waypost::{App, Trace, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn index() {
    ///     tracing::info!("within the request's span");
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![index]).trace(Trace::new()));
    /// assert_eq!(client.get("/").send().await.status(), 200);
    /// # }
    /// ```
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn trace(mut self, trace: Trace) -> Self {
        self.observer.trace = Some(trace);
        self
    }

    /// Measures each request, those included that no route matches.
    ///
    /// Install the recorder before: it is told here what the metrics mean.
    ///
    /// ```
    /// use waypost::{App, Metrics, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn index() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![index]).metrics(Metrics::new()));
    /// assert_eq!(client.get("/").send().await.status(), 200);
    /// # }
    /// ```
    #[cfg(feature = "metrics")]
    #[must_use]
    pub fn metrics(mut self, metrics: Metrics) -> Self {
        self.observer.metrics = Some(metrics.describe());
        self
    }

    /// Sets how many bytes a request's body may have, where nothing closer to the handler says otherwise.
    ///
    /// ```
    /// use waypost::{App, post, routes, test::Client};
    ///
    /// #[post("/")]
    /// async fn echo(body: String) -> String {
    ///     body
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![echo]).body_limit(5));
    /// assert_eq!(client.post("/").body("12345").send().await.status(), 200);
    /// assert_eq!(client.post("/").body("123456").send().await.status(), 413);
    /// # }
    /// ```
    #[must_use]
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Every route, fallbacks included, in the order they were listed, except that a list's own handlers come before
    /// what is nested in it. A handler takes the same as `routes: &[Route]`.
    ///
    /// ```
    /// use waypost::{App, get, post, routes};
    ///
    /// #[get("/users/{id}")]
    /// async fn show(id: u64) {}
    ///
    /// #[post("/users")]
    /// async fn create() {}
    ///
    /// let app = App::new(routes!["/api" => [show, create]]);
    /// let all: Vec<_> = app.routes().iter().map(|route| route.path()).collect();
    /// assert_eq!(all, ["/api/users/{id}", "/api/users"]);
    /// assert_eq!(show::uri_in(app.routes(), 7).unwrap(), "/api/users/7");
    /// ```
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.shared.routes
    }
}

impl<R, S> App<R, S>
where
    R: Routes<S>,
    S: Send + Sync + 'static,
{
    /// The request is taken apart before the future is made, so that the future holds it once. Whatever else it needs
    /// is filled in where it then lies. The response is left in `seat`, of which `finish` makes what is given out.
    #[inline]
    fn answer<'a, L, O>(
        &'a self,
        request: http::Request<Body>,
        peer: &'a Peer,
        mut seat: L,
        finish: impl FnOnce(L) -> O + Send + 'a,
    ) -> impl Future<Output = O> + Send + 'a
    where
        L: BorrowMut<Seat> + Send + 'a,
    {
        let mut request = Request::new(request);
        async move {
            request.head_mut().peer = peer.lend(&mut seat.borrow_mut().link);
            request.limit_body(self.body_limit);
            let is_head = request.method() == Method::HEAD;
            let route = self.find(&mut request);
            let scope = Scope::new(&self.shared, route);
            // Dropped last: what is on the way may still tell of the request.
            let mut watch = self.observer.watch(request.head(), scope.route());
            let caught = {
                let dispatch = self.routes.dispatch(route, &mut request, scope, &mut seat.borrow_mut().slot);
                let mut answer = pin!(Caught::new(dispatch));
                poll_fn(|cx| {
                    let _inside = watch.enter();
                    answer.as_mut().poll(cx)
                })
                .await
            };
            match caught {
                Ok(Answered::Left(_)) => {}
                caught => {
                    // Where there was a panic, somebody may have answered before, whose response goes now.
                    let _inside = watch.enter();
                    let response = caught.map_or_else(Error::into_response, Answered::into_response);
                    seat.borrow_mut().slot.fill(response);
                }
            }
            // Finished where it lies: moving it costs as much as finding its route.
            let response = seat.borrow_mut().slot.get_mut();
            if !response.extensions().is_empty() {
                let _inside = watch.enter();
                rewrite(response, self.on_error.as_deref());
            }
            if is_head {
                without_body(response);
            }
            watch.finish(response);
            request.head.peer.give_back(&mut seat.borrow_mut().link);
            fields::give_back(request.head.parts.headers);
            finish(seat)
        }
    }

    /// Routing alone: the index of the route among [`routes`](Self::routes). For benches.
    #[doc(hidden)]
    pub fn __find(&self, request: &mut Request) -> usize {
        // It may have been found before.
        request.head_mut().captures = Captures::EMPTY;
        self.find(request)
    }

    /// Finds the route, and leaves in the request what was found out on the way.
    fn find(&self, request: &mut Request) -> usize {
        let head = request.head_mut();
        if let Cow::Owned(path) = normalise_path(head.path()) {
            head.set_path(&path);
        }
        let (parts, path, captures) = head.routing();
        let host = if self.lookup.has_hosts() { host_of(parts) } else { None };
        let (id, miss) = match self.lookup.find(host, &parts.method, path, captures) {
            Outcome::Route { id } => return id as usize,
            // A target in authority-form, whose path is the root's (RFC 3986 section 6.2.3).
            Outcome::NotFound { .. } if head.path().is_empty() => {
                head.set_path("/");
                return self.find(request);
            }
            Outcome::NotFound { .. } if head.path() == "*" && head.method() == Method::OPTIONS => {
                head.miss = Some(Box::new(Miss::Options(allow_somewhere(&self.shared.routes))));
                return NO_ROUTE;
            }
            Outcome::NotFound { fallback: Some(id) } => return id as usize,
            Outcome::NotFound { fallback: None } => {
                head.miss = Some(Box::new(Miss::NotFound));
                return NO_ROUTE;
            }
            // The path is known: whatever is around its routes sees the request, which is answered in their place.
            Outcome::MethodNotAllowed { id, allow } => (id, Miss::MethodNotAllowed(allow.clone())),
            Outcome::Options { id, allow } => (id, Miss::Options(allow.clone())),
            Outcome::Redirect { id, slash } => (id, Miss::Redirect(slash.apply(head.path(), head.query()))),
        };
        head.miss = Some(Box::new(miss));
        id as usize
    }
}

/// Shows an error response to the hook.
#[cold]
fn rewrite(response: &mut Response, on_error: Option<&ErrorHook>) {
    if let (Some(Failure(error)), Some(hook)) = (response.extensions_mut().remove::<Failure>(), on_error) {
        let original = std::mem::take(response);
        *response = catch_unwind(AssertUnwindSafe(|| hook(&error, original))).unwrap_or_else(|_| {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        });
    }
}

/// Refuses a table of which part is known only at run time.
#[track_caller]
const fn all_known(table: &Table) {
    if table.has_dynamic() {
        panic!("some of these routes are known only at run time: use `App::try_new`");
    }
}

/// An answer to HEAD has the fields of the answer to GET, and no content (RFC 9110 section 9.3.2).
fn without_body(response: &mut Response) {
    let status = response.status();
    if status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        // GET would have no content either, and of a 304 a length is that of the 200 in its place (section 8.6).
        if !response.body().is_empty() {
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
    } else if let Some(length) = response.body().len() {
        let field = response.headers_mut().entry(header::CONTENT_LENGTH);
        match field {
            // Whoever answers HEAD itself says how long the answer to GET is.
            header::Entry::Occupied(_) if length == 0 => {}
            header::Entry::Occupied(mut other) => drop(other.insert(HeaderValue::from(length))),
            header::Entry::Vacant(field) => drop(field.insert(HeaderValue::from(length))),
        }
    }
    *response.body_mut() = Body::empty();
}

impl<R, S> Respond for App<R, S>
where
    R: Routes<S>,
    S: Send + Sync + 'static,
{
    #[inline]
    fn respond<'a>(
        &'a self,
        request: http::Request<Body>,
        peer: &'a Peer,
    ) -> impl Future<Output = Response> + Send + 'a {
        self.answer(request, peer, Seat::new(), |seat| seat.slot.into_response())
    }

    #[inline]
    fn respond_in<'a>(
        &'a self,
        request: http::Request<Body>,
        peer: &'a Peer,
        seat: Box<Seat>,
    ) -> impl Future<Output = Box<Seat>> + Send + 'a {
        self.answer(request, peer, seat, |seat| seat)
    }

    fn takes_connect(&self) -> bool {
        self.lookup.takes_connect()
    }
}

impl<R, S> Clone for App<R, S> {
    fn clone(&self) -> Self {
        Self {
            routes: Arc::clone(&self.routes),
            shared: self.shared.clone(),
            lookup: Arc::clone(&self.lookup),
            body_limit: self.body_limit,
            on_error: self.on_error.clone(),
            observer: self.observer.clone(),
        }
    }
}

impl<R, S> fmt::Debug for App<R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("routes", &self.shared.routes).finish_non_exhaustive()
    }
}
