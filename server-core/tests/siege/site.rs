//! What is served.

use std::time::Duration;

use waypost::{App, Body, Routes, get, post, routes};

/// Who answers.
#[get("/")]
async fn index() -> String {
    std::process::id().to_string()
}

#[get("/slow")]
async fn slow() -> String {
    tokio::time::sleep(Duration::from_millis(30)).await;
    std::process::id().to_string()
}

#[get("/large")]
async fn large() -> Vec<u8> {
    vec![b'x'; 1 << 20]
}

/// In pieces, so that it is chunked.
#[get("/pieces")]
async fn pieces() -> Body {
    let pieces =
        (0..5).map(|number| Ok::<_, waypost::Error>(waypost::Bytes::from(format!("piece {number}"))));
    Body::from_stream(futures_util::stream::iter(pieces))
}

#[post("/echo")]
async fn echo(body: String) -> String {
    body
}

pub(crate) fn app() -> App<impl Routes<()>> {
    App::new(routes![index, slow, large, pieces, echo])
}
