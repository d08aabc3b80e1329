//! All of the path's parameters at once.

use serde::Deserialize;

use crate::error::{Error, Part};
use crate::extract::{Context, Extraction, FromRequest, values};

/// The path's parameters as one value: a struct or a map by name, a tuple in order, or the one there is.
///
/// It takes every parameter of the route's pattern and those of the prefixes the route is mounted under. Strings
/// borrow from the request. What does not fit is a 400 that names the parameter.
///
/// ```
/// use serde::Deserialize;
/// use waypost::{App, Path, get, routes, test::Client};
///
/// #[derive(Deserialize)]
/// struct Issue<'a> {
///     org: &'a str,
///     number: u32,
/// }
///
/// #[get("/issues/{number}")]
/// async fn issue(Path(issue): Path<Issue<'_>>) -> String {
///     format!("{}#{}", issue.org, issue.number)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes!["/{org}" => [issue]]));
/// assert_eq!(client.get("/acme/issues/7").send().await.text().await, "acme#7");
/// assert_eq!(client.get("/acme/issues/x").send().await.status(), 400);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<'r, S, T: Deserialize<'r>> FromRequest<'r, S> for Path<T> {
    const TAKES_PATH: bool = true;

    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(extract(&context).map(Self))
    }
}

fn extract<'r, S, T: Deserialize<'r>>(context: &Context<'r, S>) -> Result<T, Error> {
    let head = context.head();
    let names = context.route().map_or(&[][..], |route| route.params());
    let mut pairs = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let raw = head.capture(index).unwrap_or("");
        let text = crate::percent::decode(raw, &head.scratch)
            .map_err(|_| Error::invalid(Part::Path, &**name, "not UTF-8"))?;
        // The name is the route's and not the request's: it lives as long, since the app outlives its requests.
        pairs.push((&**name, text));
    }
    values::from_path(&pairs).map_err(|error| error.at(Part::Path))
}
