//! The whole query string.

use serde::Deserialize;

use crate::error::{Error, Part};
use crate::extract::{Context, Extraction, FromRequest, values};

/// The query string as one value, usually a struct; a request without a query is an empty one.
///
/// A name given more than once fills a `Vec`, and is a 400 for any other field. Strings borrow from the request.
/// A query may hold 1,000 parameters. Single parameters need no struct: name them in the route's pattern.
///
/// ```
/// use serde::Deserialize;
/// use waypost::{App, Query, get, routes, test::Client};
///
/// #[derive(Deserialize)]
/// struct Filter<'a> {
///     q: &'a str,
///     page: Option<u32>,
/// }
///
/// #[get("/search")]
/// async fn search(Query(filter): Query<Filter<'_>>) -> String {
///     format!("{} {:?}", filter.q, filter.page)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![search]));
/// assert_eq!(client.get("/search?q=a+b").send().await.text().await, "a b None");
/// assert_eq!(client.get("/search?q=a&q=b").send().await.status(), 400);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<'r, S, T: Deserialize<'r>> FromRequest<'r, S> for Query<T> {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        let head = context.head();
        Extraction::ready(urlencoded(head.query().unwrap_or(""), &head.scratch, Part::Query).map(Self))
    }
}

/// Reads `application/x-www-form-urlencoded` text from the part of the request that held it.
pub(super) fn urlencoded<'r, T: Deserialize<'r>>(
    raw: &'r str,
    scratch: &'r crate::scratch::Scratch,
    part: Part,
) -> Result<T, Error> {
    let pairs = values::parse_pairs(raw, scratch, values::MAX_PAIRS).map_err(|error| error.at(part))?;
    values::from_pairs(&pairs).map_err(|error| error.at(part))
}
