//! Calls an application in process, without a socket: for its tests.
//!
//! ```
//! use waypost::{App, get, routes, test::Client};
//!
//! #[get("/hello/{name}")]
//! async fn hello(name: &str) -> String {
//!     format!("hello {name}")
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let client = Client::new(App::new(routes![hello]));
//! let reply = client.get("/hello/you").send().await;
//! assert_eq!(reply.status(), 200);
//! assert_eq!(reply.text().await, "hello you");
//! # }
//! ```

mod client;
mod cookies;
mod reply;
mod request;

pub use client::Client;
pub use reply::Reply;
pub use request::RequestBuilder;
