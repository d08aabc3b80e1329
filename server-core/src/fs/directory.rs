//! The face: a folder as a set of routes.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};

use super::answer::answer;
use super::conditions::Asked;
use super::find::{Found, find};
use super::name::Name;
use crate::error::{BoxError, Error, Result};
use crate::request::{Head, Request};
use crate::response::{Answered, IntoResponse, Redirect, Response, Slot};
use crate::routing::{MethodSet, RouteInfo, RouteTable, Routes, Scope, Table, below};

/// A folder whose files are served: see the [module](super) for how.
///
/// It is a set of routes, which answers `GET` and `HEAD` for every path at or beneath the prefix it is nested under that
/// no route matches; any other method is answered 405, `OPTIONS` with what is allowed. A clone serves the same folder.
///
/// ```
/// use waypost::fs::Directory;
/// use waypost::{App, get, routes, test::Client};
///
/// #[get("/source/version")]
/// async fn version() -> &'static str {
///     "the route wins"
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![version, "/source" => [..Directory::new("src")]]));
/// let reply = client.get("/source/lib.rs").send().await;
/// assert_eq!(reply.status(), 200);
/// assert_eq!(reply.header("content-type"), Some("text/x-rust; charset=utf-8"));
/// assert_eq!(client.get("/source/version").send().await.text().await, "the route wins");
/// assert_eq!(client.get("/source/none.rs").send().await.status(), 404);
/// assert_eq!(client.post("/source/lib.rs").send().await.status(), 405);
/// # }
/// ```
#[derive(Clone)]
pub struct Directory {
    settings: Arc<Settings>,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) root: PathBuf,
    pub(super) index: Option<String>,
    pub(super) fallback: Option<String>,
    pub(super) precompressed: bool,
    pub(super) hidden: bool,
    pub(super) follow: bool,
    pub(super) cache_control: Option<HeaderValue>,
    /// What was set and cannot be.
    fault: Option<String>,
}

impl Directory {
    /// The folder at `path`, which is taken from the process's working folder if it is relative.
    ///
    /// It is looked for at each request, and may be replaced while requests are served. If it is not there, they are
    /// answered 500.
    ///
    /// ```
    /// use waypost::fs::Directory;
    /// use waypost::{App, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![..Directory::new("src")]));
    /// assert_eq!(client.get("/fs/mod.rs").send().await.status(), 200);
    /// # }
    /// ```
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let settings = Settings {
            root: path.into(),
            index: Some("index.html".to_owned()),
            fallback: None,
            precompressed: false,
            hidden: false,
            follow: false,
            cache_control: None,
            fault: None,
        };
        Self { settings: Arc::new(settings) }
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// Sends a compressed form of a file, where there is one beside it and the client takes it (`Accept-Encoding`,
    /// RFC 9110 section 12.5.3): of `app.js`, that is `app.js.br`, `app.js.zst` or `app.js.gz`.
    ///
    /// Of those with the highest weight, the first of these wins. The file itself must be there, too. Every answer then
    /// varies by `Accept-Encoding`, and each form has an entity tag of its own. Whether a form is of the same age as its
    /// file is not looked at: make them together.
    ///
    /// ```
    /// use waypost::fs::Directory;
    /// use waypost::{App, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![..Directory::new("src").precompressed()]));
    /// let reply = client.get("/lib.rs").header("accept-encoding", "gzip, br").send().await;
    /// assert_eq!(reply.header("content-encoding"), None); // there is no src/lib.rs.br
    /// assert_eq!(reply.header("vary"), Some("accept-encoding"));
    /// # }
    /// ```
    #[must_use]
    pub fn precompressed(self) -> Self {
        self.set(|settings| settings.precompressed = true)
    }

    /// Sets which file of a folder answers for it, `index.html` unless it is set.
    ///
    /// ```
    /// use waypost::fs::Directory;
    /// use waypost::{App, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![..Directory::new("src").index("mod.rs")]));
    /// assert_eq!(client.get("/fs/").send().await.status(), 200);
    /// let reply = client.get("/fs?tab=2").send().await;
    /// assert_eq!(reply.status(), 308);
    /// assert_eq!(reply.header("location"), Some("./fs/?tab=2"));
    /// # }
    /// ```
    #[must_use]
    pub fn index(self, name: impl Into<String>) -> Self {
        self.set(|settings| settings.index = Some(name.into()))
    }

    /// Folders are not answered for: 404.
    ///
    /// ```
    /// use waypost::fs::Directory;
    /// use waypost::{App, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![..Directory::new("src").index("mod.rs").without_index()]));
    /// assert_eq!(client.get("/fs/").send().await.status(), 404);
    /// # }
    /// ```
    #[must_use]
    pub fn without_index(self) -> Self {
        self.set(|settings| settings.index = None)
    }

    /// Answers with this file where there is none, as applications need that have their routes in the browser.
    ///
    /// It does so for names whose last segment has no dot: `/users/7`, but not `/assets/app.js`, because a script
    /// that is missing is better not found than answered with a page. The status is 200.
    ///
    /// ```
    /// use waypost::fs::Directory;
    /// use waypost::{App, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![..Directory::new("src").fallback("lib.rs")]));
    /// assert_eq!(client.get("/users/7").send().await.status(), 200);
    /// assert_eq!(client.get("/users.js").send().await.status(), 404);
    /// # }
    /// ```
    #[must_use]
    pub fn fallback(self, path: impl Into<String>) -> Self {
        self.set(|settings| settings.fallback = Some(path.into()))
    }

    /// Sends this `Cache-Control` (RFC 9111 section 5.2) with every file. Without it clients decide by the file's age.
    ///
    /// Text that is no header value makes every answer a 500. Give files that are named after what is in them a folder
    /// of their own: `"public, max-age=31536000, immutable"` is right for them, and wrong for pages.
    ///
    /// ```
    /// use waypost::fs::Directory;
    /// use waypost::{App, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![..Directory::new("src").cache_control("no-cache")]));
    /// assert_eq!(client.get("/lib.rs").send().await.header("cache-control"), Some("no-cache"));
    /// # }
    /// ```
    #[must_use]
    pub fn cache_control<V>(self, value: V) -> Self
    where
        V: TryInto<HeaderValue, Error: Into<BoxError>>,
    {
        self.set(|settings| match value.try_into() {
            Ok(value) => settings.cache_control = Some(value),
            Err(error) => settings.fault = Some(format!("Cache-Control: {}", error.into())),
        })
    }

    /// Serves files and folders whose names begin with a dot, too. Otherwise they are as if they were not there, but for
    /// `.well-known` at the top (RFC 8615).
    ///
    /// ```
    /// use waypost::fs::Directory;
    /// use waypost::{App, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("waypost-hidden-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// std::fs::write(folder.join(".editorconfig"), "root = true")?;
    /// let directory = Directory::new(&folder);
    /// let client = Client::new(App::new(routes![..directory.clone()]));
    /// assert_eq!(client.get("/.editorconfig").send().await.status(), 404);
    /// let client = Client::new(App::new(routes![..directory.hidden_files()]));
    /// assert_eq!(client.get("/.editorconfig").send().await.status(), 200);
    /// # std::fs::remove_dir_all(folder)
    /// # }
    /// ```
    #[must_use]
    pub fn hidden_files(self) -> Self {
        self.set(|settings| settings.hidden = true)
    }

    /// Follows symbolic links wherever they lead. Otherwise one that leads out of the folder is as if it were not there.
    ///
    /// ```
    /// use waypost::fs::Directory;
    ///
    /// let site = Directory::new("/srv/site/current").follow_symlinks();
    /// # let _ = site;
    /// ```
    #[must_use]
    pub fn follow_symlinks(self) -> Self {
        self.set(|settings| settings.follow = true)
    }

    /// Answers a request of a handler's own with one file, by all the rules of the folder: conditions, ranges, compressed
    /// forms.
    ///
    /// `path` lies below the folder, with `/` between its segments; it is not percent-encoded, and may be what a client
    /// sent. With a slash at its end it stands for a folder's index. Ranges count for `GET` alone, conditions for `GET`
    /// and `HEAD`; any other method is answered with the whole file.
    ///
    /// ```
    /// use waypost::fs::Directory;
    /// use waypost::{App, Head, IntoResponse, Result, State, get, routes, test::Client};
    ///
    /// #[get("/reports/{name}")]
    /// async fn report(name: &str, State(reports): State<&Directory>, head: &Head) -> Result<impl IntoResponse> {
    ///     let file = reports.serve(&format!("{name}.rs"), head).await?;
    ///     Ok(([("content-disposition", "attachment")], file))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let client = Client::new(App::new(routes![report]).state(Directory::new("src")));
    /// let reply = client.get("/reports/lib").header("range", "bytes=0-2").send().await;
    /// assert_eq!(reply.status(), 206);
    /// assert_eq!(reply.header("content-disposition"), Some("attachment"));
    /// assert_eq!(reply.text().await, "#![");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// 404 where there is no file, or a name that is not served; 403 for one that this process may not read; 412
    /// for a condition that is not met; 416 for ranges outside the file; 500 for anything else.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn serve(&self, path: &str, head: &Head) -> Result<Response> {
        let name = Name::from_path(path, self.settings.hidden).ok_or_else(Error::not_found)?;
        self.answer(name, head).await?.ok_or_else(Error::not_found)
    }

    /// Answers a request as a set of routes does.
    async fn route(&self, rest: &str, head: &Head) -> Result<Response> {
        match *head.method() {
            Method::GET | Method::HEAD => {}
            Method::OPTIONS => {
                let mut response = StatusCode::NO_CONTENT.into_response();
                response.headers_mut().insert(ALLOW, HeaderValue::from_static(METHODS));
                return Ok(response);
            }
            _ => {
                let error = Error::new(StatusCode::METHOD_NOT_ALLOWED);
                return Err(error.header(ALLOW, HeaderValue::from_static(METHODS)));
            }
        }
        let name = Name::from_target(rest, self.settings.hidden).ok_or_else(Error::not_found)?;
        match self.answer(name, head).await? {
            Some(response) => Ok(response),
            None => slash_added(head),
        }
    }

    /// Does all that blocks in one go. `None` for a folder that lacks its slash.
    async fn answer(&self, name: Name, head: &Head) -> Result<Option<Response>> {
        if let Some(fault) = &self.settings.fault {
            return Err(Error::internal(fault.clone()));
        }
        let asked = Asked::new(head, self.settings.precompressed);
        let settings = Arc::clone(&self.settings);
        let answered = tokio::task::spawn_blocking(move || {
            for _ in 0..ATTEMPTS {
                match find(&settings, &name, asked.accepted)? {
                    Found::Slashless => return Ok(None),
                    Found::File(opened) => {
                        if let Some(response) = answer(opened, &asked, &settings)? {
                            return Ok(Some(response));
                        }
                    }
                }
            }
            Err(Error::internal("the file keeps becoming shorter"))
        });
        answered.await?
    }
}

/// How often a file is opened anew that becomes shorter while it is read.
const ATTEMPTS: usize = 3;

const METHODS: &str = "GET, HEAD, OPTIONS";

/// Sends the client to the same name with a slash behind it. The address is relative, so that it is right behind proxies
/// and services that take a prefix away, and never another host's.
fn slash_added(head: &Head) -> Result<Response> {
    let path = head.path();
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.is_empty() {
        return Err(Error::not_found());
    }
    let location = match head.query() {
        Some(query) => format!("./{last}/?{query}"),
        None => format!("./{last}/"),
    };
    Ok(Redirect::permanent(&location).into_response())
}

const DIRECTORY: RouteInfo =
    RouteInfo::new(MethodSet::GET.union(MethodSet::HEAD), "", "waypost::fs::Directory", file!(), line!());

impl RouteTable for Directory {
    const TABLE: &'static Table = &Table::Fallback(&DIRECTORY);
}

impl<S: Send + Sync + 'static> Routes<S> for Directory {
    async fn dispatch<'a>(
        &'a self,
        _: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> Answered<'a> {
        let head = request.head();
        let prefix = scope.matched().map_or("", |route| route.path());
        slot.filled(self.route(below(head.path(), prefix), head).await.into_response())
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("settings", &self.settings).finish()
    }
}
