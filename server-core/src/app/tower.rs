//! An app as a tower service, for other servers, lambdas and tests.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::Body as HttpBody;
use tower_service::Service;

use crate::app::App;
use crate::body::Body;
use crate::error::BoxError;
use crate::respond::{Peer, Respond};
use crate::response::Response;
use crate::routing::Routes;

/// The future is boxed, since a service's future must not borrow from it. A request's [`Peer`] is taken from its
/// extensions, where there is one.
impl<R, S, B> Service<http::Request<B>> for App<R, S>
where
    R: Routes<S>,
    S: Send + Sync + 'static,
    B: HttpBody<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        let app = self.clone();
        let peer = request.extensions_mut().remove::<Peer>().unwrap_or_default();
        Box::pin(async move { Ok(app.respond(request.map(Body::new), &peer).await) })
    }
}
