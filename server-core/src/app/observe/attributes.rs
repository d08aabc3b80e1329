//! Values of attributes, as OpenTelemetry's conventions for HTTP have them.

use http::{Method, StatusCode, Version};

use crate::routing::Route;

/// For all methods that are not known: their number is the clients' to choose.
pub(super) const OTHER: &str = "_OTHER";

/// Those of RFC 9110 and RFC 5789, and `QUERY`.
const METHODS: [&str; 10] =
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "QUERY"];

/// The name of one of the standard's methods.
pub(super) fn standard(method: &Method) -> Option<&'static str> {
    METHODS.into_iter().find(|known| *known == method.as_str())
}

/// The name of another method that the route was registered for, which makes it known.
pub(super) fn registered<'r>(method: &Method, route: Option<&'r Route>) -> Option<&'r str> {
    route?.methods.extensions.iter().find(|known| *known == method).map(Method::as_str)
}

pub(super) fn version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_09 => Some("0.9"),
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}

/// A status code's digits.
pub(super) fn digits(status: StatusCode) -> &'static str {
    const FIRST: u16 = 100;
    static DIGITS: [[u8; 3]; 900] = {
        let mut table = [[0; 3]; 900];
        let mut at = 0;
        while at < table.len() {
            let code = at + FIRST as usize;
            table[at] = [b'0' + (code / 100) as u8, b'0' + (code / 10 % 10) as u8, b'0' + (code % 10) as u8];
            at += 1;
        }
        table
    };
    let digits = DIGITS.get(usize::from(status.as_u16() - FIRST));
    digits.and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or(OTHER)
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// There was a response, and all of it was taken.
    Sent(StatusCode),
    /// The response's body failed.
    Broken(StatusCode),
    /// Nobody waited for the rest, or for the response.
    Cancelled(Option<StatusCode>),
}

impl End {
    pub(super) fn status(self) -> Option<StatusCode> {
        match self {
            Self::Sent(status) | Self::Broken(status) => Some(status),
            Self::Cancelled(status) => status,
        }
    }

    /// `error.type`.
    pub(super) fn error(self) -> Option<&'static str> {
        match (self.server_error(), self) {
            (Some(status), _) => Some(digits(status)),
            (None, Self::Sent(_)) => None,
            (None, Self::Broken(_)) => Some("incomplete_body"),
            (None, Self::Cancelled(_)) => Some("cancelled"),
        }
    }

    /// Whether it is the server's failure. That a client leaves is not, as little as a 4xx is.
    #[cfg(feature = "tracing")]
    pub(super) fn is_failure(self) -> bool {
        self.server_error().is_some() || matches!(self, Self::Broken(_))
    }

    fn server_error(self) -> Option<StatusCode> {
        self.status().filter(StatusCode::is_server_error)
    }
}
