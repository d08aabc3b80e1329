//! Routes known only at run time, such as those of plug-ins or of a configuration file.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;

use http::Method;

use crate::request::Request;
use crate::response::{Answered, IntoResponse, Response, Slot};
use crate::routing::Scope;
use crate::routing::entry::Methods;
use crate::routing::pattern::{Pattern, PatternError};
use crate::routing::{Collector, RouteTable, Routes, Table};

type BoxedHandler<S> =
    Arc<dyn Fn(DynamicRequest<S>) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync>;

/// A set of routes built at run time: method, path, and a handler that owns its request.
///
/// It composes like any other set (`routes!["/plugins" => [..dynamic]]`), with
/// [`App::try_new`](crate::App::try_new), which reports a conflict as an error. Handlers are boxed.
///
/// ```
/// use waypost::{App, DynamicRoutes, http::Method, routes, test::Client};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut plugins = DynamicRoutes::<()>::new();
/// plugins.add(Method::GET, "/greet/{name}", |call| async move {
///     format!("hello {}", call.params.get("name").unwrap_or("nobody"))
/// })?;
/// let client = Client::new(App::try_new(routes!["/plugins" => [..plugins]])?);
/// assert_eq!(client.get("/plugins/greet/you").send().await.text().await, "hello you");
/// # Ok(())
/// # }
/// ```
pub struct DynamicRoutes<S = ()> {
    entries: Vec<Entry<S>>,
}

struct Entry<S> {
    methods: Methods,
    path: String,
    at: &'static Location<'static>,
    handler: BoxedHandler<S>,
}

/// What a dynamic route's handler is given.
///
/// ```
/// use waypost::{App, DynamicRequest, DynamicRoutes, http::Method, routes, test::Client};
///
/// async fn greet(call: DynamicRequest<String>) -> String {
///     format!("{} {}", call.state, call.params.get("name").unwrap_or("nobody"))
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let mut plugins = DynamicRoutes::new();
/// plugins.add(Method::GET, "/greet/{name}", greet).unwrap();
/// let app = App::try_new(routes![..plugins]).unwrap().state("hello".to_owned());
/// assert_eq!(Client::new(app).get("/greet/Ada").send().await.text().await, "hello Ada");
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct DynamicRequest<S> {
    /// The request, with its body.
    pub request: Request,
    /// The path's parameters.
    pub params: PathParams,
    /// The application's state.
    pub state: Arc<S>,
}

/// A path's parameters by name, unescaped.
///
/// ```
/// use waypost::{App, DynamicRoutes, http::Method, routes, test::Client};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let mut plugins = DynamicRoutes::<()>::new();
/// plugins.add(Method::GET, "/{org}/{repo}", |call| async move {
///     call.params.iter().map(|(name, value)| format!("{name}={value};")).collect::<String>()
/// }).unwrap();
/// let client = Client::new(App::try_new(routes![..plugins]).unwrap());
/// assert_eq!(client.get("/acme/a%20b").send().await.text().await, "org=acme;repo=a b;");
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathParams(Vec<(Box<str>, String)>);

impl PathParams {
    /// The value of the parameter called `name`.
    ///
    /// ```
    /// use waypost::{App, DynamicRoutes, http::Method, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let mut plugins = DynamicRoutes::<()>::new();
    /// plugins.add(Method::GET, "/{org}/{repo}", |call| async move {
    ///     call.params.get("repo").map(str::to_owned)
    /// }).unwrap();
    /// let client = Client::new(App::try_new(routes![..plugins]).unwrap());
    /// assert_eq!(client.get("/acme/site").send().await.text().await, "site");
    /// # }
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Every parameter, in the order of the path.
    ///
    /// ```
    /// use waypost::{App, DynamicRoutes, http::Method, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let mut plugins = DynamicRoutes::<()>::new();
    /// plugins.add(Method::GET, "/{org}/{repo}", |call| async move {
    ///     call.params.iter().map(|(name, _)| name).collect::<Vec<_>>().join(", ")
    /// }).unwrap();
    /// let client = Client::new(App::try_new(routes![..plugins]).unwrap());
    /// assert_eq!(client.get("/acme/site").send().await.text().await, "org, repo");
    /// # }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, value.as_str()))
    }
}

impl<S: Send + Sync + 'static> DynamicRoutes<S> {
    /// A set without routes.
    ///
    /// ```
    /// use waypost::{App, DynamicRoutes, routes};
    ///
    /// let plugins = DynamicRoutes::<()>::new();
    /// assert!(App::try_new(routes![..plugins]).unwrap().routes().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Adds a route. `path` is a pattern as in a route attribute, without query parameters.
    ///
    /// ```
    /// use waypost::{DynamicRoutes, PatternError, http::Method};
    ///
    /// let mut routes = DynamicRoutes::<()>::new();
    /// assert!(routes.add(Method::GET, "/users", |_| async {}).is_ok());
    /// let error = routes.add(Method::GET, "users", |_| async {}).unwrap_err();
    /// assert_eq!(error, PatternError::NoLeadingSlash);
    /// ```
    ///
    /// # Errors
    ///
    /// The pattern is none. Routes that clash are found by [`App::try_new`](crate::App::try_new).
    #[track_caller]
    pub fn add<H, F>(&mut self, method: Method, path: &str, handler: H) -> Result<&mut Self, PatternError>
    where
        H: Fn(DynamicRequest<S>) -> F + Send + Sync + 'static,
        F: Future<Output: IntoResponse> + Send + 'static,
    {
        // An empty path is the prefix itself.
        let path = if path.is_empty() { String::new() } else { Pattern::parse(path)?.as_str().to_owned() };
        self.entries.push(Entry {
            methods: method.into(),
            path,
            at: Location::caller(),
            handler: Arc::new(move |request| {
                let answer = handler(request);
                Box::pin(async move { answer.await.into_response() })
            }),
        });
        Ok(self)
    }
}

impl<S: Send + Sync + 'static> Default for DynamicRoutes<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Send + Sync + 'static> RouteTable for DynamicRoutes<S> {
    const TABLE: &'static Table = &Table::Dynamic;

    fn count(&self) -> usize {
        self.entries.len()
    }

    fn collect(&self, collector: &mut Collector) {
        for entry in &self.entries {
            let name = Cow::Borrowed("dynamic route");
            collector.push(
                entry.methods.clone(),
                &entry.path,
                name,
                (entry.at.file(), entry.at.line()),
                false,
            );
        }
    }
}

impl<S: Send + Sync + 'static> Routes<S> for DynamicRoutes<S> {
    async fn dispatch<'a>(
        &'a self,
        route: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> Answered<'a> {
        if super::miss::missed(request, slot) {
            return Answered::Left(slot);
        }
        let Some(entry) = self.entries.get(route) else {
            return slot.filled(super::miss::no_such_route());
        };
        let head = request.head();
        let names = scope.route().map_or(&[][..], |route| route.params());
        let params = names.iter().enumerate().map(|(index, name)| {
            let raw = head.capture(index).unwrap_or("");
            crate::percent::decode(raw, &head.scratch).map(|text| (name.clone(), text.to_owned()))
        });
        let params = match params.collect::<Result<_, _>>() {
            Ok(params) => PathParams(params),
            Err(error) => return slot.filled(crate::Error::bad_request(error.to_string()).into_response()),
        };
        let state = Arc::clone(&scope.shared().state);
        let request = request.take();
        slot.filled((entry.handler)(DynamicRequest { request, params, state }).await)
    }
}

impl<S> fmt::Debug for DynamicRoutes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|entry| &entry.path)).finish()
    }
}
