//! The requests that every library is asked, and the answers that it must give.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};

use super::documents::{Document, document};

/// One request, and its answer.
pub struct Call {
    pub name: &'static str,
    pub method: Method,
    pub target: &'static str,
    /// A JSON document, or nothing.
    pub body: Bytes,
    pub status: StatusCode,
    /// Without its parameters.
    pub content_type: &'static str,
    pub answer: String,
}

impl Call {
    /// The request for a library that takes the types of the `http` crate.
    pub fn request<B: From<Bytes>>(&self) -> Request<B> {
        let mut request = Request::new(B::from(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.parse().expect("a target");
        let headers = request.headers_mut();
        headers.insert(header::HOST, HeaderValue::from_static("localhost"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("waypost-benches"));
        if !self.body.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        }
        request
    }

    /// Whether the library called `name` did the work.
    ///
    /// # Panics
    ///
    /// If it did not: there is nothing to compare then.
    pub fn check(&self, name: &str, status: u16, content_type: &str, body: &[u8]) {
        let call = self.name;
        assert_eq!(status, self.status.as_u16(), "{name}, {call}: the status");
        let essence = content_type.split(';').next().unwrap_or_default();
        assert_eq!(essence, self.content_type, "{name}, {call}: the media type");
        assert!(body == self.answer.as_bytes(), "{name}, {call}: {}", String::from_utf8_lossy(body));
    }
}

/// One of each kind.
pub fn all() -> Vec<Call> {
    let echo = document(1 << 10);
    vec![
        get("plaintext", "/hello", "Hello, World!"),
        get("two parameters", "/users/42/posts/hello-world", "post hello-world of user 42"),
        get("query", "/search?q=rust&page=3", "page 3 of rust"),
        Call {
            content_type: "application/json",
            answer: echo.clone(),
            ..post("1 KiB JSON in and out", "/documents/echo", echo.into())
        },
        parse("100 KiB JSON in", "/documents", 100 << 10),
        Call {
            status: StatusCode::NOT_FOUND,
            ..get("not found", "/nothing/is/here", "there is nothing here")
        },
    ]
}

/// A document of so many bytes, of which the answer tells.
pub fn parse(name: &'static str, target: &'static str, bytes: usize) -> Call {
    let body = document(bytes);
    let read: Document<&str> = serde_json::from_str(&body).expect("a document of our own");
    Call { answer: read.summary(), ..post(name, target, body.into()) }
}

fn get(name: &'static str, target: &'static str, answer: &str) -> Call {
    Call { method: Method::GET, answer: answer.to_owned(), ..post(name, target, Bytes::new()) }
}

fn post(name: &'static str, target: &'static str, body: Bytes) -> Call {
    Call {
        name,
        method: Method::POST,
        target,
        body,
        status: StatusCode::OK,
        content_type: "text/plain",
        answer: String::new(),
    }
}
