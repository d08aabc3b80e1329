//! An error on the wire: RFC 9457 problem details.

use std::sync::Arc;

use http::{HeaderValue, header};

use super::{IntoResponse, Response};
use crate::body::Body;
use crate::error::{Error, Part};

/// Rides in an error response's extensions, so that the app's `on_error` can see what was behind it.
#[derive(Clone)]
pub(crate) struct Failure(pub(crate) Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        #[cfg(feature = "tracing")]
        if self.is_server_error() {
            tracing::error!(
                http.response.status_code = self.status().as_u16(),
                error = self.cause().map(tracing::field::display),
                "request failed"
            );
        }
        let mut response = Response::new(Body::from(document(&self)));
        *response.status_mut() = self.status();
        response.headers_mut().clone_from(self.headers());
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.extensions_mut().insert(Failure(Arc::new(self)));
        response
    }
}

/// The problem document, in JSON.
fn document(error: &Error) -> String {
    let mut out = String::with_capacity(128);
    out.push_str("{\"title\":");
    push_string(&mut out, error.headline());
    out.push_str(",\"status\":");
    out.push_str(error.status().as_str());
    if let Some(detail) = error.client_detail() {
        out.push_str(",\"detail\":");
        push_string(&mut out, detail);
    }
    for (index, issue) in error.issues().iter().enumerate() {
        out.push_str(if index == 0 { ",\"errors\":[{\"in\":" } else { ",{\"in\":" });
        push_string(&mut out, issue.part.as_str());
        if let Some(place) = &issue.place {
            out.push_str(if issue.part == Part::Body { ",\"pointer\":" } else { ",\"name\":" });
            push_string(&mut out, place);
        }
        out.push_str(",\"detail\":");
        push_string(&mut out, &issue.detail);
        out.push('}');
    }
    if !error.issues().is_empty() {
        out.push(']');
    }
    out.push('}');
    out
}

/// A JSON string (RFC 8259 section 7). Written here because problems are answered without the `json` feature, too.
fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => {
                out.push_str("\\u00");
                for digit in [c as u32 >> 4, c as u32 & 15] {
                    out.push(char::from_digit(digit, 16).unwrap_or('0'));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
