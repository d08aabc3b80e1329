//! tower inside an app: layers around routes, and services in their place. Requests are boxed here, and nowhere else.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http_body::Body as HttpBody;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::Body;
use crate::error::{BoxError, Error};
use crate::request::Request;
use crate::response::{Answered, IntoResponse, Response, Slot};
use crate::routing::Scope;
use crate::routing::{Collector, MethodSet, RouteInfo, RouteTable, Routes, Table, below};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Routes with a tower layer around them.
#[doc(hidden)]
pub struct Layered<T, R> {
    /// The layer's service. Services need not be `Sync`: each request clones one under the lock.
    service: Mutex<T>,
    routes: Arc<R>,
}

impl<T, R> Layered<T, R> {
    pub(crate) fn new<L: Layer<Rest, Service = T>>(layer: L, routes: Arc<R>) -> Self {
        Self { service: Mutex::new(layer.layer(Rest(()))), routes }
    }
}

impl<T: Send + 'static, R: RouteTable> RouteTable for Layered<T, R> {
    const TABLE: &'static Table = R::TABLE;

    fn count(&self) -> usize {
        self.routes.count()
    }

    fn collect(&self, collector: &mut Collector) {
        self.routes.collect(collector);
    }
}

impl<S, T, B, R> Routes<S> for Layered<T, R>
where
    S: Send + Sync + 'static,
    R: Routes<S>,
    T: Service<http::Request<Body>, Response = http::Response<B>, Error: Into<BoxError>, Future: Send>,
    T: Clone + Send + 'static,
    B: HttpBody<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    async fn dispatch<'a>(
        &'a self,
        route: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> Answered<'a> {
        let routes = Arc::clone(&self.routes);
        let shared = scope.shared().clone();
        let matched = scope.id();
        request.head_mut().pin_path();
        let (mut outer, head) = request.detach();
        let rest = move |inner: http::Request<Body>| -> BoxFuture<Response> {
            Box::pin(async move {
                let mut request = Request::restore(inner, head);
                let mut slot = Slot::new();
                routes
                    .dispatch(route, &mut request, Scope::new(&shared, matched), &mut slot)
                    .await
                    .into_response()
            })
        };
        outer.extensions_mut().insert(Continuation(Arc::new(Mutex::new(Some(Box::new(rest))))));
        slot.filled(call(&self.service, outer).await)
    }
}

impl<T, R> fmt::Debug for Layered<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layered").finish_non_exhaustive()
    }
}

/// Clones a service, waits until it is ready, and calls it.
async fn call<T, B>(service: &Mutex<T>, request: http::Request<Body>) -> Response
where
    T: Service<http::Request<Body>, Response = http::Response<B>, Error: Into<BoxError>> + Clone,
    B: HttpBody<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let mut service = service.lock().unwrap_or_else(PoisonError::into_inner).clone();
    // Errors are boxed at once: a service's own need not be `Send`, and would be held across an await.
    let ready = poll_fn(|cx| service.poll_ready(cx).map_err(Into::into)).await;
    let result: Result<_, BoxError> = match ready {
        Ok(()) => service.call(request).await.map_err(Into::into),
        Err(error) => Err(error),
    };
    match result {
        Ok(response) => response.into_response(),
        Err(error) => Error::internal(error).into_response(),
    }
}

type Step = Box<dyn FnOnce(http::Request<Body>) -> BoxFuture<Response> + Send>;

/// The rest of one request's way, which travels through the layer in the request's extensions. Those must be `Clone`;
/// the way can be gone only once.
#[derive(Clone)]
struct Continuation(Arc<Mutex<Option<Step>>>);

/// The service that a tower layer is put around: the routes it was given to.
///
/// A request must reach it with the extensions it came with, and only once.
///
/// ```
/// use tower::util::MapRequestLayer;
/// use waypost::{App, Body, get, http::Request, routes, test::Client};
///
/// #[get("/")]
/// async fn index(#[header("x-by")] by: &str) -> String {
///     by.to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let layer = MapRequestLayer::new(|mut request: Request<Body>| {
///     request.headers_mut().insert("x-by", waypost::http::HeaderValue::from_static("layer"));
///     request
/// });
/// let client = Client::new(App::new(routes![index].layer(layer)));
/// assert_eq!(client.get("/").send().await.text().await, "layer");
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Rest(());

impl<B> Service<http::Request<B>> for Rest
where
    B: HttpBody<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = RestFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: http::Request<B>) -> RestFuture {
        let step = request
            .extensions_mut()
            .remove::<Continuation>()
            .and_then(|continuation| continuation.0.lock().unwrap_or_else(PoisonError::into_inner).take());
        RestFuture(match step {
            Some(step) => step(request.map(Body::new)),
            None => Box::pin(async {
                Error::internal("a tower layer dropped the request's extensions, or sent it on twice")
                    .into_response()
            }),
        })
    }
}

/// The future of [`Rest`].
#[must_use = "futures do nothing unless awaited"]
pub struct RestFuture(BoxFuture<Response>);

impl Future for RestFuture {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl fmt::Debug for RestFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestFuture").finish_non_exhaustive()
    }
}

/// Makes a set of routes of any tower service: it answers every method on every path at or beneath the prefix it is
/// nested under that no route matches, and sees the path without that prefix ([`keep_prefix`](Mount::keep_prefix): with it).
///
/// ```
/// use tower_http::services::ServeDir;
/// use waypost::{App, mount, routes, test::Client};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes!["/source" => [..mount(ServeDir::new("src"))]]));
/// assert_eq!(client.get("/source/lib.rs").send().await.status(), 200); // the file src/lib.rs
/// assert_eq!(client.get("/source/none.rs").send().await.status(), 404);
/// assert_eq!(client.get("/lib.rs").send().await.status(), 404);
/// # }
/// ```
pub fn mount<T>(service: T) -> Mount<T> {
    Mount { service: Mutex::new(service), keeps_prefix: false }
}

/// A tower service as a set of routes; made by [`mount`].
///
/// ```
/// use std::convert::Infallible;
/// use tower::service_fn;
/// use waypost::{App, Body, Mount, Response, http::Request, mount, routes, test::Client};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let service: Mount<_> = mount(service_fn(|request: Request<Body>| async move {
///     Ok::<_, Infallible>(Response::new(Body::from(request.uri().path().to_owned())))
/// }));
/// let client = Client::new(App::new(routes!["/old" => [..service]]));
/// assert_eq!(client.get("/old/page").send().await.text().await, "/page");
/// # }
/// ```
pub struct Mount<T> {
    service: Mutex<T>,
    keeps_prefix: bool,
}

impl<T> Mount<T> {
    /// Lets the service see the whole path, for one that has routes of its own, such as a service of gRPC.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use tower::service_fn;
    /// use waypost::{App, Body, Response, http::Request, mount, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let service = service_fn(|request: Request<Body>| async move {
    ///     Ok::<_, Infallible>(Response::new(Body::from(request.uri().path().to_owned())))
    /// });
    /// let client = Client::new(App::new(routes!["/demo.Greeter" => [..mount(service).keep_prefix()]]));
    /// assert_eq!(client.post("/demo.Greeter/Greet").send().await.text().await, "/demo.Greeter/Greet");
    /// # }
    /// ```
    #[must_use]
    pub fn keep_prefix(mut self) -> Self {
        self.keeps_prefix = true;
        self
    }
}

const MOUNT: RouteInfo = RouteInfo::new(MethodSet::ANY, "", "waypost::mount", file!(), line!());

impl<T: Send + 'static> RouteTable for Mount<T> {
    const TABLE: &'static Table = &Table::Fallback(&MOUNT);
}

impl<S, T, B> Routes<S> for Mount<T>
where
    S: Send + Sync + 'static,
    T: Service<http::Request<Body>, Response = http::Response<B>, Error: Into<BoxError>, Future: Send>,
    T: Clone + Send + 'static,
    B: HttpBody<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    async fn dispatch<'a>(
        &'a self,
        _: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> Answered<'a> {
        if self.keeps_prefix {
            let (mut inner, head) = request.detach();
            inner.extensions_mut().insert(head.peer);
            return slot.filled(call(&self.service, inner).await);
        }
        let head = request.head();
        let prefix = scope.matched().map_or("", |route| route.path());
        let rest = match below(head.path(), prefix) {
            "" => "/",
            rest => rest,
        };
        let target = match head.query() {
            Some(query) => format!("{rest}?{query}"),
            None => rest.to_owned(),
        };
        let (mut inner, head) = request.detach();
        inner.extensions_mut().insert(head.peer);
        let mut parts = std::mem::take(inner.uri_mut()).into_parts();
        match target.parse() {
            Ok(target) => parts.path_and_query = Some(target),
            Err(_) => return slot.filled(Error::bad_request("the path is not valid").into_response()),
        }
        match http::Uri::from_parts(parts) {
            Ok(uri) => *inner.uri_mut() = uri,
            Err(_) => return slot.filled(Error::bad_request("the target is not valid").into_response()),
        }
        slot.filled(call(&self.service, inner).await)
    }
}

impl<T> fmt::Debug for Mount<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mount").finish_non_exhaustive()
    }
}
