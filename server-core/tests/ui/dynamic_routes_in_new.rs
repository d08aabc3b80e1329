//! Routes that only run time knows cannot be judged before it.

use waypost::{App, DynamicRoutes, routes};

fn main() {
    let _ = App::new(routes!["/api" => [..DynamicRoutes::<()>::new()]]);
}
