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

/// A beginning, and nothing behind it.
#[get("/endless")]
async fn endless() -> Body {
    use futures_util::StreamExt as _;

    let beginning = futures_util::stream::iter([Ok::<_, waypost::Error>("so far")]);
    Body::from_stream(beginning.chain(futures_util::stream::pending()))
}

#[post("/echo")]
async fn echo(body: String) -> String {
    body
}

pub(crate) fn app() -> App<impl Routes<()>> {
    App::new(routes![index, slow, large, pieces, endless, echo])
}
