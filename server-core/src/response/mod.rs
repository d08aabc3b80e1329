//! From what a handler returns to what is sent.

use crate::body::Body;

pub(crate) mod fields;
mod html;
mod into_response;
mod parts;
mod problem;
mod redirect;
mod slot;

pub use html::Html;
pub use into_response::IntoResponse;
#[cfg(feature = "json")]
pub(crate) use into_response::leave_typed;
pub use parts::IntoResponseParts;
pub(crate) use problem::Failure;
pub use redirect::Redirect;
pub use slot::{Answered, Slot};

/// A response: [`http::Response`] with this crate's [`Body`].
///
/// ```
/// use waypost::{App, Body, Response, get, routes, test::Client};
///
/// #[get("/tea")]
/// async fn tea() -> Response {
///     let mut response = Response::new(Body::from("short and stout"));
///     *response.status_mut() = waypost::http::StatusCode::IM_A_TEAPOT;
///     response
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert_eq!(Client::new(App::new(routes![tea])).get("/tea").send().await.status(), 418);
/// # }
/// ```
pub type Response<B = Body> = http::Response<B>;
