//! Which requests reach the application: what the RFCs ask of a request's head, and hyper leaves to us.
//!
//! hyper judges framing (RFC 9112 sections 2 to 7, RFC 9113): what gets here has a method that is a token, fields that
//! are fields, one length. It does not judge whom a request is for, which is what caches and virtual hosts are deceived
//! about: that happens here, before anything of the application sees the request. A good one costs a walk over
//! its fields' names and a look at each byte of its target and its host.

use std::sync::OnceLock;

use http::header::{self, HeaderValue};
use http::uri::Uri;
use http::{Method, Request, StatusCode, Version};

use crate::authority::is_host_and_port;
use crate::error::Error;
use crate::response::{IntoResponse, Response};

/// Why a request is answered before the application sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// HTTP/1.0, which is not served here.
    #[cfg(feature = "http1")]
    Version,
    /// HTTP/1.1, and no `Host`; HTTP/2, and no `:authority` either.
    HostMissing,
    /// More than one `Host`, in whatever version.
    HostRepeated,
    /// A `Host`, or a target's authority, that is not a host with or without a port.
    HostMalformed,
    /// HTTP/2: `Host` and `:authority` name different servers.
    HostAmbiguous,
    /// A target in a form that its method does not have, or with a byte that no target has.
    Target,
    /// An expectation other than `100-continue`.
    Expectation,
    /// CONNECT, where no application takes one, or a success that is none.
    Tunnel,
    /// HTTP/2: a protocol that the resource does not speak.
    #[cfg(feature = "http2")]
    Protocol,
    /// The protocol would change in the middle of the request's content.
    #[cfg(feature = "http1")]
    Content,
    /// CONNECT, which has none.
    #[cfg(feature = "http1")]
    ConnectContent,
}

impl Refusal {
    /// The answer, with a problem document.
    #[cold]
    pub(super) fn response(self) -> Response {
        let (status, detail) = match self {
            #[cfg(feature = "http1")]
            Self::Version => (StatusCode::HTTP_VERSION_NOT_SUPPORTED, "HTTP/1.0 is not spoken here"),
            Self::HostMissing => (StatusCode::BAD_REQUEST, "the request names no host"),
            Self::HostRepeated => (StatusCode::BAD_REQUEST, "the request has more than one Host field"),
            Self::HostMalformed => (StatusCode::BAD_REQUEST, "the request's host is malformed"),
            Self::HostAmbiguous => {
                (StatusCode::BAD_REQUEST, "the request's Host field contradicts its authority")
            }
            Self::Target => (StatusCode::BAD_REQUEST, "the request's target is malformed"),
            Self::Expectation => (StatusCode::EXPECTATION_FAILED, "the request's expectation cannot be met"),
            Self::Tunnel => (StatusCode::NOT_IMPLEMENTED, "this server is not a proxy"),
            #[cfg(feature = "http2")]
            Self::Protocol => (StatusCode::NOT_IMPLEMENTED, "this resource does not speak that protocol"),
            #[cfg(feature = "http1")]
            Self::Content => {
                (StatusCode::BAD_REQUEST, "the request is to change the protocol, and has content")
            }
            #[cfg(feature = "http1")]
            Self::ConnectContent => (StatusCode::BAD_REQUEST, "a CONNECT request has no content"),
        };
        let mut response = Error::new(status).detail(detail).into_response();
        // Made for the error hook of an app, which this is not.
        response.extensions_mut().clear();
        response
    }
}

/// The first good host of a connection: the requests that follow mostly name it again.
#[derive(Debug, Default)]
pub(super) struct Known(OnceLock<HeaderValue>);

impl Known {
    /// A comparison costs less than the grammar.
    #[inline]
    fn is_good(&self, host: &[u8]) -> bool {
        match self.0.get() {
            Some(known) if known.as_bytes() == host => true,
            Some(_) => is_host_and_port(host),
            None => self.judge(host),
        }
    }

    #[cold]
    fn judge(&self, host: &[u8]) -> bool {
        let is_good = is_host_and_port(host);
        if is_good && let Ok(host) = HeaderValue::from_bytes(host) {
            // Requests are admitted one after the other, by the connection's own task.
            let _ = self.0.set(host);
        }
        is_good
    }

    /// The value of a `Host` field, which is not made anew for the one that is known.
    #[cfg(feature = "http2")]
    pub(super) fn field(&self, host: &str) -> Option<HeaderValue> {
        match self.0.get() {
            Some(known) if known == host => Some(known.clone()),
            _ => HeaderValue::from_str(host).ok(),
        }
    }
}

/// Judges an HTTP/1 request. With a target in absolute-form, that is whose host counts, and `Host` is given its value
/// (RFC 9112 section 3.2.2). Whether a CONNECT is taken is asked when there is one.
#[cfg(feature = "http1")]
#[inline]
pub(super) fn http1<B>(
    request: &mut Request<B>,
    known: &Known,
    takes_connect: impl FnOnce() -> bool,
) -> Result<(), Refusal> {
    let uri = request.uri();
    if uri.authority().is_some() || request.method() == Method::CONNECT {
        return not_origin_form(request, known, takes_connect);
    }
    path(uri, request.method())?;
    let host = host(request, |host| known.is_good(host))?;
    // An HTTP/1.0 client may not know the field.
    if host.is_none() && request.version() == Version::HTTP_11 {
        return Err(Refusal::HostMissing);
    }
    Ok(())
}

/// Absolute-form, which is for proxies and yet must be understood, and authority-form, which only CONNECT has
/// (RFC 9112 sections 3.2.2 and 3.2.3).
#[cfg(feature = "http1")]
#[cold]
fn not_origin_form<B>(
    request: &mut Request<B>,
    known: &Known,
    takes_connect: impl FnOnce() -> bool,
) -> Result<(), Refusal> {
    let uri = request.uri();
    let authority = uri.authority().ok_or(Refusal::Target)?;
    let is_connect = request.method() == Method::CONNECT;
    if is_connect != uri.scheme().is_none() {
        return Err(Refusal::Target);
    }
    let authority = crate::authority::without_userinfo(authority.as_str());
    if !is_host_and_port(authority.as_bytes()) {
        return Err(Refusal::HostMalformed);
    }
    if !is_connect && uri.path_and_query().is_some_and(|target| !target.as_str().is_ascii()) {
        return Err(Refusal::Target);
    }
    if host(request, |host| known.is_good(host))?.is_none() && request.version() == Version::HTTP_11 {
        return Err(Refusal::HostMissing);
    }
    if is_connect {
        connect(uri, takes_connect)?;
        if has_content(request) {
            return Err(Refusal::ConnectContent);
        }
    }
    let authority = HeaderValue::from_str(authority).map_err(|_| Refusal::HostMalformed)?;
    request.headers_mut().insert(header::HOST, authority);
    Ok(())
}

/// Judges what a CONNECT would be connected to: a host and a port that one can connect to (RFC 9110 section 9.3.6), and
/// nothing besides.
#[cold]
fn connect(uri: &Uri, is_taken: impl FnOnce() -> bool) -> Result<(), Refusal> {
    if !is_taken() {
        return Err(Refusal::Tunnel);
    }
    let authority = uri.authority().ok_or(Refusal::Target)?.as_str();
    let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    let is_form = uri.path_and_query().is_none() && uri.scheme().is_none() && !authority.contains('@');
    if is_form && port.is_some_and(|port| port != 0) { Ok(()) } else { Err(Refusal::Target) }
}

/// Whether a request says that content follows; `Content-Length: 0`, which some clients send with everything, does not.
#[cfg(feature = "http1")]
fn has_content<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get_all(header::CONTENT_LENGTH).iter().any(|length| length != "0")
}

/// Judges an HTTP/2 request. What RFC 8441 makes of CONNECT is a request like others: it has a path, and no longer that
/// method.
#[cfg(feature = "http2")]
pub(super) fn http2<B>(
    request: &Request<B>,
    known: &Known,
    takes_connect: impl FnOnce() -> bool,
) -> Result<(), Refusal> {
    let uri = request.uri();
    let host = host(request, is_host_and_port)?;
    match (uri.authority(), host) {
        // RFC 9113 section 8.3.1: no userinfo, and one entity where both are there.
        (Some(authority), _) if !known.is_good(authority.as_str().as_bytes()) => {
            return Err(Refusal::HostMalformed);
        }
        (Some(authority), Some(host))
            if !crate::authority::agree(authority.as_str().as_bytes(), host.as_bytes(), uri.scheme_str()) =>
        {
            return Err(Refusal::HostAmbiguous);
        }
        (None, None) => return Err(Refusal::HostMissing),
        _ => {}
    }
    if request.method() == Method::CONNECT {
        return connect(uri, takes_connect);
    }
    path(uri, request.method())
}

/// Judges a path with its query: ASCII (RFC 3986 section 2), and from the root; or `*`, of OPTIONS alone (RFC 9110
/// section 7.1). A fragment cannot be judged: it is cut off where the target is parsed.
#[inline]
fn path(uri: &Uri, method: &Method) -> Result<(), Refusal> {
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    let is_form = match target.as_bytes() {
        [b'/', ..] => true,
        b"*" => method == Method::OPTIONS,
        _ => false,
    };
    if is_form && target.is_ascii() { Ok(()) } else { Err(Refusal::Target) }
}

/// The one `Host` field, if it is there; and what a client expects before it sends its content (RFC 9110 section
/// 10.1.1), which one of HTTP/1.0 cannot. Both in one walk: each would cost a hundred instructions to look up.
#[inline]
fn host<B>(
    request: &Request<B>,
    is_good: impl FnOnce(&[u8]) -> bool,
) -> Result<Option<&HeaderValue>, Refusal> {
    let (mut host, mut is_expecting) = (None, false);
    for (name, value) in request.headers() {
        if *name == header::HOST {
            if host.is_some() {
                return Err(Refusal::HostRepeated);
            }
            host = Some(value);
        } else if *name == header::EXPECT {
            is_expecting |= !value.as_bytes().eq_ignore_ascii_case(b"100-continue");
        }
    }
    match host {
        Some(host) if !is_good(host.as_bytes()) => Err(Refusal::HostMalformed),
        _ if is_expecting && request.version() != Version::HTTP_10 => Err(Refusal::Expectation),
        _ => Ok(host),
    }
}
