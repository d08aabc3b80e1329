//! The wish to speak another protocol.

use http::header::{CONNECTION, UPGRADE};
use http::{HeaderValue, StatusCode, Version};

use crate::error::{Error, Part};
use crate::extract::{Context, Extraction, FromRequest};
use crate::request::Head;
use crate::upgrade::Upgrade;

impl<'r, S> FromRequest<'r, S> for Upgrade {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(wanted(context.head()))
    }
}

fn wanted(head: &Head) -> Result<Upgrade, Error> {
    // RFC 9110 section 7.8: without the option the field was not meant for this server; and not in HTTP/1.0.
    let is_meant = head.headers().get_all(CONNECTION).iter().any(|options| {
        let options = options.to_str().unwrap_or_default();
        options.split(',').any(|option| option.trim().eq_ignore_ascii_case("upgrade"))
    });
    let wanted = head.headers().get(UPGRADE).filter(|_| is_meant && head.version() != Version::HTTP_10);
    let Some(wanted) = wanted else {
        let missing = Error::missing(Part::Header, "upgrade").status_code(StatusCode::UPGRADE_REQUIRED);
        // Section 15.5.22 asks for what would do. Which that is, the handler knows; this says how to ask.
        return Err(missing.header(CONNECTION, HeaderValue::from_static("upgrade")));
    };
    if !head.peer().is_served() || head.version() != Version::HTTP_11 {
        return Err(
            Error::new(StatusCode::NOT_IMPLEMENTED).detail("this connection cannot change its protocol")
        );
    }
    Ok(Upgrade::new(wanted.clone()))
}
