//! What the examples share: where to listen.
#![allow(clippy::print_stdout)]

use waypost::{Result, Server};

/// Binds 127.0.0.1 on the port in `PORT`, or 3000, and prints the URL.
///
/// # Errors
///
/// The port is taken, or `PORT` is no port.
pub async fn bind() -> Result<Server> {
    let port = match std::env::var("PORT") {
        Ok(port) => port.parse()?,
        Err(_) => 3000,
    };
    let server = Server::bind(("127.0.0.1", port)).await?;
    println!("http://{}", server.addr());
    Ok(server)
}
