//! Forms.

use serde::Deserialize;

use crate::error::{Error, Part};
use crate::extract::query::urlencoded;
use crate::extract::{BodyUse, Context, Extraction, FromRequest};

/// A body of `application/x-www-form-urlencoded`, as an HTML form posts it, read into one value.
///
/// The rules are those of [`Query`](crate::Query). Any other `Content-Type` is a 415.
///
/// ```
/// use serde::Deserialize;
/// use waypost::{App, Form, post, routes, test::Client};
///
/// #[derive(Deserialize)]
/// struct Login<'a> {
///     user: &'a str,
/// }
///
/// #[post("/login")]
/// async fn login(Form(login): Form<Login<'_>>) -> String {
///     format!("hello {}", login.user)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![login]));
/// assert_eq!(client.post("/login").form([("user", "Ada L.")]).send().await.text().await, "hello Ada L.");
/// assert_eq!(client.post("/login").json(&"Ada").send().await.status(), 415);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form<T>(pub T);

impl<'r, S, T: Deserialize<'r>> FromRequest<'r, S> for Form<T> {
    const BODY: BodyUse = BodyUse::Buffered;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(extract(context).map(Self))
    }
}

fn extract<'r, S, T: Deserialize<'r>>(context: Context<'r, S>) -> Result<T, Error> {
    let head = context.head();
    if !super::is_media_type(head, |essence| {
        essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }) {
        return Err(super::unsupported(context, "application/x-www-form-urlencoded"));
    }
    let bytes = context.bytes()?;
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Error::bad_request("the form is not UTF-8").issue(Part::Body, None, error.to_string())
    })?;
    urlencoded(text, &head.scratch, Part::Body)
}
