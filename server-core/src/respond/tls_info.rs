//! What both sides of a TLS connection agreed on.

use bytes::Bytes;

/// A TLS connection, as its handshake left it. As an argument, `&TlsInfo`, it tells a handler.
///
/// ```
/// use waypost::{App, TlsInfo, TlsVersion, get, routes, test::Client};
///
/// #[get("/")]
/// async fn how(tls: Option<&TlsInfo>) -> String {
///     match tls {
///         Some(tls) => format!("{} for {:?}", tls.version().as_str(), tls.server_name()),
///         None => "in the clear".to_owned(),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![how]));
/// assert_eq!(client.get("/").send().await.text().await, "in the clear");
/// let client = client.with_tls(TlsInfo::new(TlsVersion::Tls13).with_server_name("a.example"));
/// assert_eq!(client.get("/").send().await.text().await, r#"TLSv1.3 for Some("a.example")"#);
/// # }
/// ```
///
/// Where there is no TLS an `Option<&TlsInfo>` is `None`, and a plain `&TlsInfo` answers with 500.
#[derive(Clone, Debug)]
pub struct TlsInfo {
    version: TlsVersion,
    server_name: Option<Box<str>>,
    alpn: Option<Box<[u8]>>,
    cipher: Option<&'static str>,
    is_resumed: bool,
    client_certificates: Vec<Bytes>,
}

/// A version of TLS.
///
/// ```
/// use waypost::TlsVersion;
///
/// assert!(TlsVersion::Tls12 < TlsVersion::Tls13);
/// assert_eq!(TlsVersion::Tls13.as_str(), "TLSv1.3");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

impl TlsVersion {
    /// `TLSv1.2` or `TLSv1.3`, as other servers log it.
    ///
    /// ```
    /// assert_eq!(waypost::TlsVersion::Tls12.as_str(), "TLSv1.2");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tls12 => "TLSv1.2",
            Self::Tls13 => "TLSv1.3",
        }
    }
}

/// What a transport, or a test in its place, knows.
impl TlsInfo {
    /// A connection of which only the version is known.
    ///
    /// ```
    /// use waypost::{TlsInfo, TlsVersion};
    ///
    /// assert_eq!(TlsInfo::new(TlsVersion::Tls13).server_name(), None);
    /// ```
    #[must_use]
    pub fn new(version: TlsVersion) -> Self {
        Self {
            version,
            server_name: None,
            alpn: None,
            cipher: None,
            is_resumed: false,
            client_certificates: Vec::new(),
        }
    }

    /// Sets the name the client asked for.
    ///
    /// ```
    /// use waypost::{TlsInfo, TlsVersion};
    ///
    /// let info = TlsInfo::new(TlsVersion::Tls13).with_server_name("a.example");
    /// assert_eq!(info.server_name(), Some("a.example"));
    /// ```
    #[must_use]
    pub fn with_server_name(mut self, name: &str) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Sets the protocol that was chosen.
    ///
    /// ```
    /// use waypost::{TlsInfo, TlsVersion};
    ///
    /// assert_eq!(TlsInfo::new(TlsVersion::Tls13).with_alpn(b"h2").alpn(), Some(&b"h2"[..]));
    /// ```
    #[must_use]
    pub fn with_alpn(mut self, protocol: &[u8]) -> Self {
        self.alpn = Some(protocol.into());
        self
    }

    /// Sets the cipher suite's name.
    ///
    /// ```
    /// use waypost::{TlsInfo, TlsVersion};
    ///
    /// let info = TlsInfo::new(TlsVersion::Tls13).with_cipher("TLS_AES_128_GCM_SHA256");
    /// assert_eq!(info.cipher(), Some("TLS_AES_128_GCM_SHA256"));
    /// ```
    #[must_use]
    pub fn with_cipher(mut self, name: &'static str) -> Self {
        self.cipher = Some(name);
        self
    }

    /// Sets whether the connection goes on with an earlier one's secrets.
    ///
    /// ```
    /// use waypost::{TlsInfo, TlsVersion};
    ///
    /// assert!(TlsInfo::new(TlsVersion::Tls13).with_resumed(true).is_resumed());
    /// ```
    #[must_use]
    pub fn with_resumed(mut self, is_resumed: bool) -> Self {
        self.is_resumed = is_resumed;
        self
    }

    /// Sets the client's certificates, each in DER, its own first.
    ///
    /// ```
    /// use waypost::{TlsInfo, TlsVersion};
    ///
    /// let info = TlsInfo::new(TlsVersion::Tls13).with_client_certificates([&b"\x30\x00"[..]]);
    /// assert_eq!(info.client_certificates().len(), 1);
    /// ```
    #[must_use]
    pub fn with_client_certificates<B: Into<Bytes>>(mut self, chain: impl IntoIterator<Item = B>) -> Self {
        self.client_certificates = chain.into_iter().map(Into::into).collect();
        self
    }
}

/// What is asked of it.
impl TlsInfo {
    /// The protocol's version.
    ///
    /// ```
    /// use waypost::{TlsInfo, TlsVersion};
    ///
    /// assert_eq!(TlsInfo::new(TlsVersion::Tls12).version(), TlsVersion::Tls12);
    /// ```
    #[must_use]
    pub fn version(&self) -> TlsVersion {
        self.version
    }

    /// The host name the client asked for in the handshake (SNI), in lower case; `None` if it asked for none, such as
    /// one that connected to an address.
    ///
    /// A request may name another host: HTTP/2 clients use one connection for all names its certificate has
    /// (RFC 9113 section 9.1.1).
    ///
    /// ```
    /// use waypost::{Head, TlsInfo, get};
    ///
    /// #[get("/")]
    /// async fn same(head: &Head, tls: &TlsInfo) -> String {
    ///     format!("{:?} over {:?}", head.host(), tls.server_name())
    /// }
    /// ```
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// The application protocol that was chosen (ALPN, RFC 7301), such as `h2` or `http/1.1`; `None` if the client
    /// offered none.
    ///
    /// ```
    /// # fn example(tls: &waypost::TlsInfo) {
    /// let is_http2 = tls.alpn() == Some(b"h2");
    /// # }
    /// ```
    #[must_use]
    pub fn alpn(&self) -> Option<&[u8]> {
        self.alpn.as_deref()
    }

    /// The cipher suite's name in IANA's registry, such as `TLS_AES_128_GCM_SHA256`.
    ///
    /// ```
    /// # fn example(tls: &waypost::TlsInfo) {
    /// println!("{} {}", tls.version().as_str(), tls.cipher().unwrap_or("-"));
    /// # }
    /// ```
    #[must_use]
    pub fn cipher(&self) -> Option<&'static str> {
        self.cipher
    }

    /// Whether the handshake was shortened by going on with an earlier connection's secrets. The client's certificates
    /// are those of that connection.
    ///
    /// ```
    /// # fn example(tls: &waypost::TlsInfo) {
    /// println!("{}", if tls.is_resumed() { "resumed" } else { "new" });
    /// # }
    /// ```
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// The client's certificates, each in DER, its own first, then the chain as the client sent it; empty if it
    /// presented none.
    ///
    /// ```
    /// # fn example(tls: &waypost::TlsInfo) {
    /// let is_anonymous = tls.client_certificates().is_empty();
    /// # }
    /// ```
    #[must_use]
    pub fn client_certificates(&self) -> &[Bytes] {
        &self.client_certificates
    }
}
