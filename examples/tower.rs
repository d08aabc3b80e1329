//! tower, both ways: a layer around routes, a service under a prefix. The app is itself a tower service, too.

use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use waypost::http::{HeaderName, HeaderValue};
use waypost::{App, get, mount, routes};

#[get("/")]
async fn index() -> &'static str {
    "see /source/tower.rs"
}

#[tokio::main]
async fn main() -> waypost::Result<()> {
    let source = ServeDir::new(env!("CARGO_MANIFEST_DIR"));
    let layer = SetResponseHeaderLayer::overriding(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    let app = App::new(routes![index, "/source" => [..mount(source)]]).layer(layer);
    waypost_examples::bind().await?.serve(app).await
}
