//! Who a client proved to be, by TLS.

use bytes::Bytes;
use http::StatusCode;

use crate::error::Error;
use crate::extract::{Context, Extraction, FromRequest};
use crate::respond::TlsInfo;

/// The certificate the client presented in the TLS handshake, and which the server accepted by its `ClientAuth`.
///
/// Without one, or without TLS, the answer is 403, and an `Option<ClientCertificate>` is `None`.
///
/// ```
/// use waypost::{App, ClientCertificate, TlsInfo, TlsVersion, get, routes, test::Client};
///
/// /// The bytes of the certificates of those who may come in.
/// static KNOWN: &[&[u8]] = &[b"\x30\x03\x02\x01\x07"];
///
/// #[get("/vault")]
/// async fn vault(certificate: ClientCertificate<'_>) -> &'static str {
///     if KNOWN.contains(&certificate.der()) { "come in" } else { "who are you?" }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![vault]));
/// assert_eq!(client.get("/vault").send().await.status(), 403);
/// let tls = TlsInfo::new(TlsVersion::Tls13).with_client_certificates(KNOWN.iter().copied());
/// let client = client.with_tls(tls);
/// assert_eq!(client.get("/vault").send().await.text().await, "come in");
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientCertificate<'r> {
    own: &'r Bytes,
    chain: &'r [Bytes],
}

impl<'r> ClientCertificate<'r> {
    /// The client's own certificate, in DER, for a parser of X.509 or to be compared.
    ///
    /// ```
    /// # use waypost::ClientCertificate;
    /// fn is_pinned(certificate: ClientCertificate<'_>, pinned: &[u8]) -> bool {
    ///     certificate.der() == pinned
    /// }
    /// ```
    #[must_use]
    pub fn der(&self) -> &'r [u8] {
        self.own
    }

    /// All that it sent, each in DER: its own, and those of authorities in between. The last one is not that of the
    /// authority the server trusts, as a rule.
    ///
    /// ```
    /// # use waypost::ClientCertificate;
    /// fn bytes(certificate: ClientCertificate<'_>) -> usize {
    ///     certificate.chain().iter().map(|link| link.len()).sum()
    /// }
    /// ```
    #[must_use]
    pub fn chain(&self) -> &'r [Bytes] {
        self.chain
    }
}

impl<'r, S> FromRequest<'r, S> for ClientCertificate<'r> {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        let chain = context.head().tls().map(TlsInfo::client_certificates).unwrap_or_default();
        let own = chain.first().ok_or_else(|| {
            let detail = "a client certificate is required";
            Error::absent(detail).status_code(StatusCode::FORBIDDEN).detail(detail)
        });
        Extraction::ready(own.map(|own| Self { own, chain }))
    }
}

impl<'r, S> FromRequest<'r, S> for &'r TlsInfo {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        let missing = || Error::absent("the connection is without TLS");
        Extraction::ready(context.head().tls().ok_or_else(missing))
    }
}
