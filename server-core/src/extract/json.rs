//! JSON bodies, in and out (RFC 8259).

use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::error::{Error, Part};
use crate::extract::{BodyUse, Context, Extraction, FromRequest};
use crate::json;
use crate::response::{IntoResponse, Response, Slot, leave_typed};

/// A JSON document: as an argument, the request's body; as a result, the response's.
///
/// Incoming, `T` may borrow from the body, and an escape in a string never makes a `&str` field fail. Faults:
/// 415 unless `Content-Type` is `application/json` or `application/*+json`, 413 past the body limit, 400 for what
/// is not JSON, 422 for JSON that is not a `T`, each with the RFC 6901 pointer of the value at fault.
///
/// Outgoing, `T` is serialised once into one buffer; a failure is a 500.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use waypost::{App, Json, post, routes, test::Client};
///
/// #[derive(Deserialize, Serialize)]
/// struct User<'a> {
///     name: &'a str,
/// }
///
/// #[post("/users")]
/// async fn create(Json(user): Json<User<'_>>) -> Json<User<'_>> {
///     Json(user)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![create]));
/// let reply = client.post("/users").json(&User { name: "Ada" }).send().await;
/// assert_eq!(reply.text().await, r#"{"name":"Ada"}"#);
/// let reply = client.post("/users").header("content-type", "application/json").body("{}").send().await;
/// assert_eq!(reply.status(), 422);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<'r, S, T: Deserialize<'r>> FromRequest<'r, S> for Json<T> {
    const BODY: BodyUse = BodyUse::Buffered;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(extract(context).map(Self))
    }
}

fn extract<'r, S, T: Deserialize<'r>>(context: Context<'r, S>) -> Result<T, Error> {
    let head = context.head();
    if !super::is_media_type(head, is_json) {
        return Err(super::unsupported(context, "application/json"));
    }
    let buffer = context.buffer()?;
    #[cfg(feature = "simd-json")]
    let read = json::from_body(buffer.bytes, buffer.spare, &head.scratch);
    #[cfg(not(feature = "simd-json"))]
    let read = json::from_slice(buffer.bytes, &head.scratch);
    read.map_err(|error| {
        let (status, detail) = if error.is_data() {
            (StatusCode::UNPROCESSABLE_ENTITY, "the JSON document is not what is expected here")
        } else {
            (StatusCode::BAD_REQUEST, "the body is not a JSON document")
        };
        Error::new(status).detail(detail).issue(Part::Body, error.pointer, error.detail)
    })
}

/// `application/json`, or a type with the suffix `+json` (RFC 6839 section 3.1).
fn is_json(essence: &str) -> bool {
    let Some((kind, subtype)) = essence.split_once('/') else { return false };
    kind.eq_ignore_ascii_case("application")
        && (subtype.eq_ignore_ascii_case("json")
            || subtype.len() > 5
                && subtype
                    .get(subtype.len() - 5..)
                    .is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json")))
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut slot = Slot::new();
        self.leave(&mut slot);
        slot.into_response()
    }

    fn leave(self, slot: &mut Slot) {
        const TYPE: HeaderValue = HeaderValue::from_static("application/json");
        match json::to_bytes(&self.0) {
            Err(error) => Error::internal(error).leave(slot),
            Ok(document) => leave_typed(slot, TYPE, Body::from(document)),
        }
    }
}
