//! From what a handler returns to what is sent.

use crate::body::Body;

mod html;
mod into_response;
mod parts;
mod problem;
mod redirect;

pub use html::Html;
pub use into_response::IntoResponse;
pub use parts::IntoResponseParts;
pub(crate) use problem::Failure;
pub use redirect::Redirect;

/// A response: [`http::Response`] with this crate's [`Body`].
pub type Response<B = Body> = http::Response<B>;
