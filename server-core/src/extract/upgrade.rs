//! The wish to speak another protocol.

use http::header::{CONNECTION, UPGRADE};
use http::{HeaderValue, Method, StatusCode, Version};

use crate::error::{Error, Part};
use crate::extract::{Context, Extraction, FromRequest};
use crate::request::Head;
use crate::upgrade::{Extended, Upgrade};

impl<'r, S> FromRequest<'r, S> for Upgrade {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(upgrade_of(context.head()))
    }
}

/// What the request wishes for; [missing](Error::is_missing), if nothing.
pub(crate) fn upgrade_of(head: &Head) -> Result<Upgrade, Error> {
    if let Some(extended) = head.extensions().get::<Extended>() {
        let is_possible = head.peer().is_served();
        return if is_possible { Ok(Upgrade::extended(extended.clone())) } else { Err(impossible()) };
    }
    // Nothing else counts beside it. In HTTP/1.0, hyper ends the stream of one that has the field.
    if head.method() == Method::CONNECT {
        let is_ended = head.version() == Version::HTTP_10 && head.headers().contains_key(UPGRADE);
        let is_possible = head.peer().is_served() && !is_ended;
        return if is_possible { Ok(Upgrade::connect()) } else { Err(impossible()) };
    }
    // RFC 9110 section 7.8: without the option the field was not meant for this server; and not in HTTP/1.0.
    let is_meant = head.headers().get_all(CONNECTION).iter().any(|options| {
        let options = options.to_str().unwrap_or_default();
        options.split(',').any(|option| option.trim().eq_ignore_ascii_case("upgrade"))
    });
    let wanted = head.headers().get(UPGRADE).filter(|_| is_meant && head.version() != Version::HTTP_10);
    let Some(wanted) = wanted else {
        return Err(upgrade_required(Error::missing(Part::Header, "upgrade")));
    };
    if !head.peer().is_served() || head.version() != Version::HTTP_11 {
        return Err(impossible());
    }
    Ok(Upgrade::new(wanted.clone()))
}

fn impossible() -> Error {
    Error::new(StatusCode::NOT_IMPLEMENTED).detail("this connection cannot change its protocol")
}

/// With status 426. RFC 9110 section 15.5.22 asks for what would do: which that is, whoever calls this knows; this says
/// how to ask.
pub(crate) fn upgrade_required(error: Error) -> Error {
    let error = error.status_code(StatusCode::UPGRADE_REQUIRED);
    error.header(CONNECTION, HeaderValue::from_static("upgrade"))
}
