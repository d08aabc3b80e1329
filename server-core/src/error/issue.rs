//! What is wrong with the input, and where it lies.

use std::borrow::Cow;

/// Where in a request an input error lies.
///
/// ```
/// use waypost::{Error, IntoResponse, Part};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let error = Error::invalid(Part::Query, "from", "not a date").and_invalid(Part::Query, "to", "missing");
/// let document = error.into_response().into_body().bytes().await.unwrap();
/// let document = String::from_utf8(document.to_vec()).unwrap();
/// assert!(document.contains(r#"{"in":"query","name":"from","detail":"not a date"}"#));
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// A parameter of the path.
    Path,
    /// A parameter of the query.
    Query,
    /// A header field.
    Header,
    /// The body.
    Body,
}

impl Part {
    /// Its name in a problem document.
    ///
    /// ```
    /// use waypost::Part;
    ///
    /// assert_eq!(Part::Query.as_str(), "query");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Body => "body",
        }
    }
}

/// One fault in what the client sent, as listed under `errors` in the problem document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    pub(crate) part: Part,
    /// A parameter's or field's name; for a body, the RFC 6901 pointer of the value at fault.
    pub(crate) place: Option<String>,
    pub(crate) detail: Cow<'static, str>,
}
