//! Nothing of a request lives for `'static`.

use waypost::{App, Error, Json, Next, Request, Response, State, extractor, get, middleware, post, routes};

struct Db;

#[get("/users/{name}?{tag}")]
async fn show(name: &'static str, tag: Option<&'static str>, State(db): State<&'static Db>) -> &'static str {
    let _ = (tag, db);
    name
}

#[post("/upload")]
async fn upload(#[header("x-tenant")] tenant: &'static str, body: &'static [u8]) -> String {
    format!("{tenant} {}", body.len())
}

#[post("/names")]
async fn names(Json(names): Json<Vec<&'static str>>) {
    let _ = names;
}

struct Tenant(&'static str);

#[extractor]
fn tenant(body: &'static str) -> Result<Tenant, Error> {
    Ok(Tenant(body))
}

#[middleware]
async fn with_db(request: &mut Request, State(_): State<&'static Db>, next: Next<'_>) -> Response {
    next.run(request).await
}

#[post("/tenant")]
async fn whose(tenant: Tenant) -> &'static str {
    tenant.0
}

fn main() {
    let _ = App::new(routes![show, upload, names, whose].wrap(with_db)).state(Db);
}
