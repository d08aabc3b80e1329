//! One route of an app, as it can be asked for.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::routing::entry::Methods;
use crate::routing::{RouteInfo, TrailingSlash};

/// A route of an app: `App::routes` lists them, and `&Route` is an extractor of the one that matched.
///
/// ```
/// use waypost::{App, Route, get, routes, test::Client};
///
/// #[get("/users/{id}")]
/// async fn user(id: u64, route: &Route) -> String {
///     format!("{id} by {}", route.path())
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let app = App::new(routes!["/api" => [user]]);
/// let route = &app.routes()[0];
/// assert_eq!(route.methods().collect::<Vec<_>>(), ["GET"]);
/// assert!(route.handler().ends_with("::user"));
/// assert_eq!(Client::new(app).get("/api/users/7").send().await.text().await, "7 by /api/users/{id}");
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Route {
    pub(crate) methods: Methods,
    /// Shared with what is told of its requests.
    pub(crate) path: Arc<str>,
    pub(crate) host: Option<String>,
    pub(crate) handler: Cow<'static, str>,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) params: Vec<Box<str>>,
    pub(crate) fallback: bool,
    pub(crate) slash: TrailingSlash,
}

impl Route {
    /// The methods it is registered for; `ANY` stands for all that no other route of the path names.
    ///
    /// ```
    /// use waypost::{App, route, routes};
    ///
    /// #[route(GET | POST, "/search")]
    /// async fn search() {}
    ///
    /// let app = App::new(routes![search]);
    /// assert_eq!(app.routes()[0].methods().collect::<Vec<_>>(), ["GET", "POST"]);
    /// ```
    pub fn methods(&self) -> impl Iterator<Item = &str> {
        let standard = self.methods.set.names().map(|name| -> &str { name });
        standard.chain(self.methods.extensions.iter().map(http::Method::as_str))
    }

    /// The full pattern, prefixes included, such as `/api/users/{id}`. For a fallback handler, the prefix it covers.
    ///
    /// ```
    /// use waypost::{App, get, routes};
    ///
    /// #[get("/users/{id}")]
    /// async fn user(id: u64) {}
    ///
    /// let app = App::new(routes!["/api" => [user]]);
    /// assert_eq!(app.routes()[0].path(), "/api/users/{id}");
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The host it is bound to.
    ///
    /// ```
    /// use waypost::{App, get, routes};
    ///
    /// #[get("/")]
    /// async fn status() {}
    ///
    /// let app = App::new(routes!["//status.example.com" => [status]]);
    /// assert_eq!(app.routes()[0].host(), Some("status.example.com"));
    /// ```
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The handler, with its module path.
    ///
    /// ```
    /// use waypost::{App, routes};
    ///
    /// mod users {
    ///     #[waypost::get("/users")]
    ///     pub async fn list() {}
    /// }
    ///
    /// let app = App::new(routes![users::list]);
    /// assert!(app.routes()[0].handler().ends_with("users::list"));
    /// ```
    #[must_use]
    pub fn handler(&self) -> &str {
        &self.handler
    }

    /// The source file of the handler.
    ///
    /// ```
    /// use waypost::{App, get, routes};
    ///
    /// #[get("/")]
    /// async fn index() {}
    ///
    /// let app = App::new(routes![index]);
    /// assert_eq!(app.routes()[0].file(), file!());
    /// ```
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// The source line of the handler.
    ///
    /// ```
    /// use waypost::{App, get, routes};
    ///
    /// #[get("/")]
    /// async fn index() {}
    ///
    /// let app = App::new(routes![index]);
    /// assert!(app.routes()[0].line() < line!());
    /// ```
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Whether it is a fallback handler, for what no route matches.
    ///
    /// ```
    /// use waypost::{App, fallback, routes};
    ///
    /// #[fallback(status = 404)]
    /// async fn not_found() {}
    ///
    /// let app = App::new(routes!["/api" => [_ => not_found]]);
    /// assert!(app.routes()[0].is_fallback());
    /// assert_eq!(app.routes()[0].path(), "/api");
    /// ```
    #[must_use]
    pub fn is_fallback(&self) -> bool {
        self.fallback
    }

    /// The names of the path's parameters, in order.
    pub(crate) fn params(&self) -> &[Box<str>] {
        &self.params
    }
}

/// `GET|POST /api/users/{id} → app::users::show (src/users.rs:12)`
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.fallback {
            f.write_str("fallback")?;
        } else {
            for (index, method) in self.methods().enumerate() {
                f.write_str(if index == 0 { "" } else { "|" })?;
                f.write_str(method)?;
            }
        }
        f.write_str(" ")?;
        if let Some(host) = &self.host {
            write!(f, "//{host}")?;
        }
        write!(f, "{} → {} ({}:{})", self.path, self.handler, self.file, self.line)
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Route({self})")
    }
}

/// The whole path of a route, where `own` is its own part: with the prefix it has among `routes`.
#[doc(hidden)]
pub fn uri_in<'a>(
    info: &RouteInfo,
    routes: impl IntoIterator<Item = &'a Route>,
    own: &str,
) -> Result<String, Error> {
    let name = info.name;
    let is_it = |route: &&Route| {
        !route.fallback && (route.line, route.file, &*route.handler) == (info.line, info.file, name)
    };
    let mut found = routes.into_iter().filter(is_it).map(|route| &*route.path);
    let Some(path) = found.next() else {
        return Err(Error::internal(format!("`{name}` is none of these routes")));
    };
    if let Some(other) = found.find(|other| *other != path) {
        return Err(Error::internal(format!("`{name}` is at `{path}` and at `{other}`: it has no one path")));
    }
    // Where its own path is empty, the whole of it is the prefix, or `/` where there is none.
    let prefix = path.strip_suffix(info.path).unwrap_or(path);
    if prefix.contains('{') {
        return Err(Error::internal(format!(
            "`{name}` is at `{path}`, beneath parameters that nobody gives"
        )));
    }
    Ok(format!("{prefix}{own}"))
}

/// The names in a pattern that is known to be sound.
pub(crate) fn param_names(path: &str) -> Vec<Box<str>> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        names.push(name.trim_start_matches('*').into());
        rest = after;
    }
    names
}
