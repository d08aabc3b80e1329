//! poem, by `Endpoint::get_response`.

use bytes::Bytes;
use poem::error::NotFoundError;
use poem::http::StatusCode;
use poem::web::{Json, Path, Query};
use poem::{Endpoint, EndpointExt, Request, Response, Route, get, handler, post};
use waypost_benches::servers::LOST;
use waypost_benches::workload::calls::Call;
use waypost_benches::workload::documents::Document;

use super::Search;
use crate::answers::{self, Answer, Group};

#[handler]
fn hello() -> &'static str {
    "Hello, World!"
}

#[handler]
fn user_post(Path((id, post)): Path<(u32, String)>) -> String {
    format!("post {post} of user {id}")
}

#[handler]
fn search(Query(asked): Query<Search>) -> String {
    asked.text()
}

#[handler]
fn document(Json(read): Json<Document<String>>) -> String {
    read.summary()
}

#[handler]
fn echo(read: Json<Document<String>>) -> Json<Document<String>> {
    read
}

pub fn time(group: &mut Group<'_>, call: &Call) {
    let app = Route::new()
        .at("/hello", get(hello))
        .at("/users/:id/posts/:post", get(user_post))
        .at("/search", get(search))
        .at("/documents", post(document))
        .at("/documents/echo", post(echo))
        .catch_error(|_: NotFoundError| async {
            Response::builder().status(StatusCode::NOT_FOUND).content_type("text/plain; charset=utf-8").body(LOST)
        });
    let request = || {
        let request = Request::builder().method(call.method.clone()).uri_str(call.target);
        let request = request.header("host", "localhost").header("user-agent", "waypost-benches");
        if call.body.is_empty() {
            return [request.finish()];
        }
        let request = request.content_type("application/json").header("content-length", call.body.len());
        [request.body(call.body.clone())]
    };
    let answer = |request: Request| app.get_response(request);
    answers::time(group, "poem", request, answer, |s, t, b| call.check("poem", s, t, b));
}

impl Answer for Response {
    fn status(&self) -> u16 {
        Response::status(self).as_u16()
    }

    fn content_type(&self) -> String {
        Response::content_type(self).unwrap_or_default().to_owned()
    }

    async fn whole(self) -> Bytes {
        self.into_body().into_bytes().await.expect("a body that does not fail")
    }
}
