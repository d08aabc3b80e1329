//! What came back.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::body::Body;
use crate::error::Result;
use crate::response::Response;

/// A response, as a test looks at it.
///
/// ```
/// use waypost::{App, Json, get, routes, test::Client};
///
/// #[get("/primes")]
/// async fn primes() -> Json<[u8; 3]> {
///     Json([2, 3, 5])
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let reply = Client::new(App::new(routes![primes])).get("/primes").send().await;
/// assert_eq!(reply.header("content-type"), Some("application/json"));
/// assert_eq!(reply.json::<Vec<u8>>().await, [2, 3, 5]);
/// # }
/// ```
#[derive(Debug)]
pub struct Reply {
    response: Response,
}

impl Reply {
    pub(super) fn new(response: Response) -> Self {
        Self { response }
    }

    /// The status.
    ///
    /// ```
    /// use waypost::{App, http::StatusCode, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let reply = Client::new(App::new(routes![])).get("/").send().await;
    /// assert_eq!(reply.status(), StatusCode::NOT_FOUND);
    /// # }
    /// ```
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The header fields.
    ///
    /// ```
    /// use waypost::{App, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let reply = Client::new(App::new(routes![])).get("/").send().await;
    /// assert_eq!(reply.headers()["content-type"], "application/problem+json");
    /// assert!(!reply.headers().contains_key("set-cookie"));
    /// # }
    /// ```
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The text of a header field, the first of its name.
    ///
    /// ```
    /// use waypost::{App, Redirect, get, routes, test::Client};
    ///
    /// #[get("/old")]
    /// async fn old() -> Redirect {
    ///     Redirect::permanent("/new")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let reply = Client::new(App::new(routes![old])).get("/old").send().await;
    /// assert_eq!(reply.header("location"), Some("/new"));
    /// assert_eq!(reply.header("content-type"), None);
    /// # }
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The next piece of the body, or `None` at its end: for bodies that are streamed.
    ///
    /// ```
    /// use futures_util::stream;
    /// use waypost::{App, Body, BoxError, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn count() -> Body {
    ///     Body::from_stream(stream::iter(["one", "two"].map(Ok::<_, BoxError>)))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let mut reply = Client::new(App::new(routes![count])).get("/").send().await;
    /// assert_eq!(reply.chunk().await.unwrap().unwrap(), "one");
    /// assert_eq!(reply.chunk().await.unwrap().unwrap(), "two");
    /// assert!(reply.chunk().await.unwrap().is_none());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What the application's stream failed with.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        self.response.body_mut().chunk().await
    }

    /// The whole body.
    ///
    /// ```
    /// use waypost::{App, get, routes, test::Client};
    ///
    /// #[get("/pixel")]
    /// async fn pixel() -> &'static [u8] {
    ///     &[0, 255]
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let reply = Client::new(App::new(routes![pixel])).get("/pixel").send().await;
    /// assert_eq!(reply.bytes().await[..], [0, 255]);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Where the application's stream fails.
    pub async fn bytes(self) -> Bytes {
        match self.response.into_body().bytes().await {
            Ok(bytes) => bytes,
            Err(error) => panic!("the response's body failed: {error}"),
        }
    }

    /// The whole body as text.
    ///
    /// ```
    /// use waypost::{App, Html, get, routes, test::Client};
    ///
    /// #[get("/")]
    /// async fn index() -> Html<&'static str> {
    ///     Html("<h1>hello</h1>")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let reply = Client::new(App::new(routes![index])).get("/").send().await;
    /// assert_eq!(reply.text().await, "<h1>hello</h1>");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Where it is not UTF-8, or the application's stream fails.
    pub async fn text(self) -> String {
        match String::from_utf8(self.bytes().await.into()) {
            Ok(text) => text,
            Err(error) => panic!("the response's body is not UTF-8: {error}"),
        }
    }

    /// The whole body, read as JSON.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use waypost::{App, Json, get, routes, test::Client};
    ///
    /// #[derive(Deserialize, Serialize, PartialEq, Debug)]
    /// struct Point {
    ///     x: u8,
    ///     y: u8,
    /// }
    ///
    /// #[get("/")]
    /// async fn origin() -> Json<Point> {
    ///     Json(Point { x: 0, y: 0 })
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let reply = Client::new(App::new(routes![origin])).get("/").send().await;
    /// assert_eq!(reply.json::<Point>().await, Point { x: 0, y: 0 });
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Where it is not a document of that type, or the application's stream fails.
    pub async fn json<T: DeserializeOwned>(self) -> T {
        let bytes = self.bytes().await;
        match serde_json::from_slice(&bytes) {
            Ok(value) => value,
            Err(error) => panic!("{error} in {:?}", String::from_utf8_lossy(&bytes)),
        }
    }

    /// Gives the response up as it is.
    ///
    /// ```
    /// use waypost::{App, Body, http::Response, routes, test::Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let reply = Client::new(App::new(routes![])).get("/").send().await;
    /// let response: Response<Body> = reply.into_response();
    /// assert_eq!(response.status(), 404);
    /// # }
    /// ```
    #[must_use]
    pub fn into_response(self) -> http::Response<Body> {
        self.response
    }
}
