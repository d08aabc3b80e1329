//! Redirections (RFC 9110 section 15.4).

use http::{HeaderValue, StatusCode, header};

use super::{IntoResponse, Response};
use crate::body::Body;
use crate::error::Error;

/// Sends the client to another address.
///
/// The address goes into `Location` as it is given: never pass on what a client sent without checking it.
///
/// ```
/// use waypost::{App, Redirect, post, routes, test::Client};
///
/// #[post("/users")]
/// async fn create() -> Redirect {
///     Redirect::to("/users/7")
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let reply = Client::new(App::new(routes![create])).post("/users").send().await;
/// assert_eq!(reply.status(), 303);
/// assert_eq!(reply.header("location"), Some("/users/7"));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Redirect {
    status: StatusCode,
    /// `None` for text that is no header value.
    location: Option<HeaderValue>,
}

impl Redirect {
    /// 303 See Other: fetch the answer with GET, such as after a form was posted.
    ///
    /// ```
    /// use waypost::{IntoResponse, Redirect};
    ///
    /// let response = Redirect::to("/users/7").into_response();
    /// assert_eq!(response.status(), 303);
    /// assert_eq!(response.headers()["location"], "/users/7");
    /// ```
    #[must_use]
    pub fn to(location: &str) -> Self {
        Self::new(StatusCode::SEE_OTHER, location)
    }

    /// 307 Temporary Redirect: repeat the request there, method and body kept.
    ///
    /// ```
    /// use waypost::{IntoResponse, Redirect};
    ///
    /// assert_eq!(Redirect::temporary("/mirror/upload").into_response().status(), 307);
    /// ```
    #[must_use]
    pub fn temporary(location: &str) -> Self {
        Self::new(StatusCode::TEMPORARY_REDIRECT, location)
    }

    /// 308 Permanent Redirect: as [`temporary`](Self::temporary), and from now on.
    ///
    /// ```
    /// use waypost::{IntoResponse, Redirect};
    ///
    /// assert_eq!(Redirect::permanent("https://example.com/").into_response().status(), 308);
    /// ```
    #[must_use]
    pub fn permanent(location: &str) -> Self {
        Self::new(StatusCode::PERMANENT_REDIRECT, location)
    }

    fn new(status: StatusCode, location: &str) -> Self {
        Self { status, location: HeaderValue::from_str(location).ok() }
    }
}

/// An address that is no header value (it holds a control character) becomes a 500.
impl IntoResponse for Redirect {
    fn into_response(self) -> Response {
        match self.location {
            None => Error::internal("a redirect's address is no header value").into_response(),
            Some(location) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = self.status;
                response.headers_mut().insert(header::LOCATION, location);
                response
            }
        }
    }
}
