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
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The header fields.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The text of a header field, the first of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The next piece of the body, or `None` at its end: for bodies that are streamed.
    ///
    /// # Errors
    ///
    /// What the application's stream failed with.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        self.response.body_mut().chunk().await
    }

    /// The whole body.
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
    #[must_use]
    pub fn into_response(self) -> http::Response<Body> {
        self.response
    }
}
