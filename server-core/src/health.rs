//! The routes that load balancers and orchestrators ask.

use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use waypost_macros::{get, routes};

use crate::lifecycle::Shutdown;
use crate::response::{IntoResponse, Response};
use crate::routing::Routes;

/// `GET /livez`, which answers 200 for as long as requests are answered at all, and `GET /readyz`, which answers 200
/// while new ones are welcome and 503 while they are not: the server ends, or the application has
/// [said so](crate::Handle::set_ready).
///
/// ```
/// use waypost::{App, health, routes, test::Client};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![..health(), "/internal" => [..health()]]));
/// assert_eq!(client.get("/livez").send().await.status(), 200);
/// assert_eq!(client.get("/internal/readyz").send().await.status(), 200);
/// # }
/// ```
///
/// Neither may be cached. What must be there for the application to be of use (a database, say) is the application's to
/// watch: let it call [`Handle::set_ready`](crate::Handle::set_ready), or write a route of your own that takes
/// [`Shutdown`].
pub fn health<S: Send + Sync + 'static>() -> impl Routes<S> {
    routes![crate = crate, livez, readyz]
}

#[get("/livez", crate = crate)]
fn livez() -> Response {
    report(StatusCode::OK, "alive\n")
}

#[get("/readyz", crate = crate)]
fn readyz(shutdown: Shutdown) -> Response {
    if shutdown.is_ready() {
        report(StatusCode::OK, "ready\n")
    } else {
        report(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

fn report(status: StatusCode, text: &'static str) -> Response {
    let mut response = (status, text).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
