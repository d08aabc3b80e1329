//! What middleware handed on.

use std::any::type_name;

use crate::error::Error;
use crate::extract::{Context, Extraction, FromRequest};

/// A value that middleware put into the request's extensions, borrowed.
///
/// Nothing at compile time says that it is there: a value that is not is a 500 that names its type in the log.
/// What must always be there belongs into the [state](struct@crate::State); what may be missing is an
/// `Option<Extension<&T>>`.
///
/// ```
/// use waypost::{App, Extension, Next, Request, Response, get, middleware, routes, test::Client};
///
/// #[derive(Clone)]
/// struct RequestId(u32);
///
/// #[middleware]
/// async fn number(request: &mut Request, next: Next<'_>) -> Response {
///     request.extensions_mut().insert(RequestId(7));
///     next.run(request).await
/// }
///
/// #[get("/")]
/// async fn id(Extension(id): Extension<&RequestId>) -> String {
///     id.0.to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert_eq!(Client::new(App::new(routes![id].wrap(number))).get("/").send().await.text().await, "7");
/// assert_eq!(Client::new(App::new(routes![id])).get("/").send().await.status(), 500);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<T>(pub T);

impl<'r, S, T: Send + Sync + 'static> FromRequest<'r, S> for Extension<&'r T> {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        let missing = || Error::absent(format!("no extension of type `{}` was set", type_name::<T>()));
        Extraction::ready(context.head().extensions().get().map(Self).ok_or_else(missing))
    }
}
