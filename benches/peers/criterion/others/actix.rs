//! actix-web, by `test::init_service` and the service's `call`.

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpResponse, Responder, get, post, web};
use bytes::Bytes;
use waypost_benches::servers::LOST;
use waypost_benches::workload::calls::Call;
use waypost_benches::workload::documents::Document;

use super::Search;
use crate::answers::{Answer, Group};
use crate::{answers, settings};

#[get("/hello")]
async fn hello() -> &'static str {
    "Hello, World!"
}

#[get("/users/{id}/posts/{post}")]
async fn user_post(path: web::Path<(u32, String)>) -> String {
    let (id, post) = path.into_inner();
    format!("post {post} of user {id}")
}

#[get("/search")]
async fn search(search: web::Query<Search>) -> String {
    search.text()
}

#[post("/documents")]
async fn document(document: web::Json<Document<String>>) -> String {
    document.summary()
}

#[post("/documents/echo")]
async fn echo(read: web::Json<Document<String>>) -> impl Responder {
    read
}

async fn lost() -> HttpResponse {
    HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body(LOST)
}

pub fn time(group: &mut Group<'_>, call: &Call) {
    let app = App::new()
        .service(hello)
        .service(user_post)
        .service(search)
        .service(document)
        .service(echo)
        .default_service(web::to(lost));
    let app = settings::runtime().block_on(init_service(app));
    let request = || {
        let method = Method::from_bytes(call.method.as_str().as_bytes()).expect("a method");
        let request = TestRequest::with_uri(call.target).method(method);
        let request = request.insert_header((HOST, "localhost")).insert_header((USER_AGENT, "waypost-benches"));
        if call.body.is_empty() {
            return [request.to_request()];
        }
        let length = call.body.len().to_string();
        let request = request.insert_header((CONTENT_TYPE, "application/json"));
        [request.insert_header((CONTENT_LENGTH, length)).set_payload(call.body.clone()).to_request()]
    };
    answers::time(group, "actix-web", request, |q| app.call(q), |s, t, b| call.check("actix-web", s, t, b));
}

impl<B: MessageBody> Answer for Result<ServiceResponse<B>, Error> {
    fn status(&self) -> u16 {
        self.as_ref().map_or(500, |response| response.status().as_u16())
    }

    fn content_type(&self) -> String {
        let response = self.as_ref().expect("an answer");
        let value = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }

    async fn whole(self) -> Bytes {
        let body = self.expect("an answer").into_body();
        to_bytes(body).await.ok().expect("a body that does not fail")
    }
}
