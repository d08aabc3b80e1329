//! Rocket, by its local client; its log is off.

use bytes::Bytes;
use rocket::config::{Config, LogLevel};
use rocket::http::{ContentType, Header, Method};
use rocket::local::asynchronous::{Client, LocalRequest, LocalResponse};
use rocket::serde::json::Json;
use rocket::{catch, catchers, get, post, routes};
use waypost_benches::servers::LOST;
use waypost_benches::workload::calls::Call;
use waypost_benches::workload::documents::Document;

use crate::answers::{self, Answer, Group};
use crate::settings;

#[get("/hello")]
async fn hello() -> &'static str {
    "Hello, World!"
}

#[get("/users/<id>/posts/<post>")]
async fn user_post(id: u32, post: &str) -> String {
    format!("post {post} of user {id}")
}

#[get("/search?<q>&<page>")]
async fn search(q: &str, page: Option<u32>) -> String {
    format!("page {} of {q}", page.unwrap_or(1))
}

#[post("/documents", data = "<document>")]
async fn document(document: Json<Document<String>>) -> String {
    document.summary()
}

#[post("/documents/echo", data = "<document>")]
async fn echo(document: Json<Document<String>>) -> Json<Document<String>> {
    document
}

#[catch(404)]
fn lost() -> &'static str {
    LOST
}

pub fn time(group: &mut Group<'_>, call: &Call) {
    let config = Config { log_level: LogLevel::Off, cli_colors: false, ..Config::release_default() };
    let app = rocket::custom(config)
        .mount("/", routes![hello, user_post, search, document, echo])
        .register("/", catchers![lost]);
    let client = settings::runtime().block_on(Client::untracked(app)).expect("an application without faults");
    let request = || {
        let method: Method = call.method.as_str().parse().expect("a method");
        let mut request = client.req(method, call.target);
        request.add_header(Header::new("host", "localhost"));
        request.add_header(Header::new("user-agent", "waypost-benches"));
        if !call.body.is_empty() {
            request.add_header(ContentType::JSON);
            request.add_header(Header::new("content-length", call.body.len().to_string()));
            request.set_body(&call.body);
        }
        [request]
    };
    let check = |s: u16, t: &str, b: &[u8]| call.check("Rocket", s, t, b);
    answers::time(group, "Rocket", request, LocalRequest::dispatch, check);
}

impl Answer for LocalResponse<'_> {
    fn status(&self) -> u16 {
        LocalResponse::status(self).code
    }

    fn content_type(&self) -> String {
        LocalResponse::content_type(self).map(|kind| kind.to_string()).unwrap_or_default()
    }

    async fn whole(self) -> Bytes {
        self.into_bytes().await.unwrap_or_default().into()
    }
}
