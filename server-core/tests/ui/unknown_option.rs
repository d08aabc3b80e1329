//! Options that there are not, or not so.

use waypost::{get, route};

#[get("/users", stauts = 201)]
async fn unknown() {}

#[get("/users", status = 201, status = 202)]
async fn twice() {}

#[get("/users", status = 1000)]
async fn no_status() {}

#[route(GET | FETCH, "/users")]
async fn no_method() {}

#[route("/users")]
async fn without_method() {}

fn main() {}
