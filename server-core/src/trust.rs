//! Whose word is taken about a client: the proxies in front of a server, and how they tell.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The proxies whose word is taken about a client's address: networks, single addresses, and Unix sockets.
///
/// Each entry is a network in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3), an IP address, or `unix` for
/// peers that come by a Unix socket. Nobody is trusted by [`default`](Self::default).
///
/// ```
/// use waypost::TrustedProxies;
///
/// let proxies = TrustedProxies::new(["10.0.0.0/8", "2001:db8::/32", "127.0.0.1", "unix"]).unwrap();
/// assert!(proxies.contains("10.1.2.3".parse().unwrap()));
/// assert!(proxies.contains("2001:db8::1".parse().unwrap()));
/// assert!(proxies.contains("::ffff:127.0.0.1".parse().unwrap()), "it is an IPv4 address");
/// assert!(!proxies.contains("127.0.0.2".parse().unwrap()));
/// assert!(proxies.contains_unix());
/// ```
///
/// List the proxies and nothing else: whoever has one of these addresses can say of a request what they like. A network
/// in which clients live, too, lets them choose their address; `0.0.0.0/0` lets everybody.
///
/// It reads from and writes to configuration as a list of those strings (serde). A clone shares the list. To look an
/// address up takes time in proportion to the list's length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    /// Not one allocation for the many who trust nobody.
    list: Option<Arc<List>>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct List {
    networks: Vec<Network>,
    unix: bool,
}

impl TrustedProxies {
    /// Reads the entries; white space around them does not matter.
    ///
    /// # Errors
    ///
    /// For the first entry that is none of the three, has a prefix that is too long, or has bits set beyond its prefix
    /// (`10.0.0.1/8` is either `10.0.0.0/8` or `10.0.0.1`).
    ///
    /// ```
    /// use waypost::TrustedProxies;
    ///
    /// let error = TrustedProxies::new(["10.0.0.0/8", "localhost"]).unwrap_err();
    /// assert_eq!(error.to_string(), "`localhost` is neither an IP address, a network nor `unix`");
    /// ```
    pub fn new<I>(entries: I) -> Result<Self, TrustError>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let mut list = List::default();
        for entry in entries {
            match entry.as_ref().trim() {
                "unix" => list.unix = true,
                entry => list.networks.push(Network::parse(entry).map_err(|fault| fault.of(entry))?),
            }
        }
        let is_empty = list == List::default();
        Ok(Self { list: (!is_empty).then(|| Arc::new(list)) })
    }

    /// Whether the address is a trusted proxy's. An IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) is judged as
    /// the IPv4 address it stands for, and by IPv4 networks alone.
    ///
    /// ```
    /// use waypost::TrustedProxies;
    ///
    /// let proxies = TrustedProxies::new(["192.0.2.0/25"]).unwrap();
    /// assert!(proxies.contains([192, 0, 2, 127].into()));
    /// assert!(!proxies.contains([192, 0, 2, 128].into()));
    /// ```
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let networks = self.list.iter().flat_map(|list| &list.networks);
        networks.into_iter().any(|network| network.contains(address))
    }

    /// Whether peers are trusted that come by a Unix socket.
    ///
    /// ```
    /// use waypost::TrustedProxies;
    ///
    /// assert!(TrustedProxies::new(["unix"]).unwrap().contains_unix());
    /// assert!(!TrustedProxies::default().contains_unix());
    /// ```
    #[must_use]
    pub fn contains_unix(&self) -> bool {
        self.list.as_ref().is_some_and(|list| list.unix)
    }
}

impl Serialize for TrustedProxies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let networks = self.list.iter().flat_map(|list| &list.networks).map(Network::to_string);
        serializer.collect_seq(networks.chain(self.contains_unix().then(|| "unix".to_owned())))
    }
}

impl<'de> Deserialize<'de> for TrustedProxies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::<Cow<'de, str>>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Why a text is no entry of [`TrustedProxies`], or no name of [`ForwardedHeaders`] or
/// [`ProxyProtocol`].
///
/// ```
/// use waypost::TrustedProxies;
///
/// let error = TrustedProxies::new(["10.0.0.1/8"]).unwrap_err();
/// assert_eq!(error.text(), "10.0.0.1/8");
/// assert_eq!(error.to_string(), "`10.0.0.1/8` has bits set beyond its prefix");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustError {
    text: String,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Unknown,
    Prefix { longest: u8 },
    HostBits,
    ForwardedHeaders,
    ProxyProtocol,
}

impl Fault {
    fn of(self, text: &str) -> TrustError {
        TrustError { text: text.to_owned(), fault: self }
    }
}

impl TrustError {
    /// The text, as it was given, without the white space around it.
    ///
    /// ```
    /// assert_eq!(waypost::TrustedProxies::new([" me "]).unwrap_err().text(), "me");
    /// ```
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ", self.text)?;
        match self.fault {
            Fault::Unknown => f.write_str("is neither an IP address, a network nor `unix`"),
            Fault::Prefix { longest } => write!(f, "has a prefix that is no number from 0 to {longest}"),
            Fault::HostBits => f.write_str("has bits set beyond its prefix"),
            Fault::ForwardedHeaders => f.write_str("is neither `none`, `x-forwarded` nor `rfc7239`"),
            Fault::ProxyProtocol => f.write_str("is neither `off`, `optional` nor `required`"),
        }
    }
}

impl std::error::Error for TrustError {}

/// The addresses that share their first bits with this one, whose other bits are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    first: IpAddr,
    prefix: u8,
}

impl Network {
    fn parse(entry: &str) -> Result<Self, Fault> {
        let (address, prefix) = match entry.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (entry, None),
        };
        let written: IpAddr = address.parse().map_err(|_| Fault::Unknown)?;
        let longest = longest(written);
        let mut prefix = match prefix {
            None => longest,
            Some(text) => parse_digits(text)
                .and_then(|prefix| u8::try_from(prefix).ok())
                .filter(|prefix| *prefix <= longest)
                .ok_or(Fault::Prefix { longest })?,
        };
        let mut first = written;
        // A shorter prefix is a network of IPv6 around the mapped addresses, which are none of its own.
        if written != written.to_canonical() && prefix >= 96 {
            first = written.to_canonical();
            prefix -= 96;
        }
        let has_host_bits = match first {
            IpAddr::V4(first) => first.to_bits().checked_shl(prefix.into()).unwrap_or(0) != 0,
            IpAddr::V6(first) => first.to_bits().checked_shl(prefix.into()).unwrap_or(0) != 0,
        };
        if has_host_bits { Err(Fault::HostBits) } else { Ok(Self { first, prefix }) }
    }

    fn contains(self, address: IpAddr) -> bool {
        let ignored = u32::from(longest(self.first) - self.prefix);
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                (first.to_bits() ^ address.to_bits()).checked_shr(ignored).unwrap_or(0) == 0
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                (first.to_bits() ^ address.to_bits()).checked_shr(ignored).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.prefix == longest(self.first) { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

fn longest(address: IpAddr) -> u8 {
    if address.is_ipv4() { Ipv4Addr::BITS as u8 } else { 128 }
}

/// A number as protocols write it: without sign, of five digits at most.
pub(crate) fn parse_digits(text: &str) -> Option<u32> {
    let is_number = matches!(text.len(), 1..=5) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Which header fields are believed, of a peer that is one of the [`TrustedProxies`].
///
/// Choose the family that the proxy writes. The other is never looked at, for a proxy that writes one family hands on
/// whatever a client puts into the other.
///
/// | | fields | the proxy has to |
/// |---|---|---|
/// | `none` | none; this is the default | |
/// | `x-forwarded` | `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host` | append to the first; set, or take away, each of the others |
/// | `rfc7239` | `Forwarded` (RFC 7239) | append to it |
///
/// Configuration reads and writes it as the name in the table (serde).
///
/// ```
/// use waypost::ForwardedHeaders;
///
/// assert_eq!("x-forwarded".parse(), Ok(ForwardedHeaders::XForwarded));
/// assert_eq!(ForwardedHeaders::Rfc7239.to_string(), "rfc7239");
/// assert_eq!(ForwardedHeaders::default(), ForwardedHeaders::None);
/// assert!("both".parse::<ForwardedHeaders>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ForwardedHeaders {
    /// No field: the client is the socket's peer.
    #[default]
    None,
    /// `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`.
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Rfc7239,
}

/// Whether connections of the [`TrustedProxies`] begin with a header of the PROXY protocol, version 1 or 2, which tells
/// the client's address: for proxies that pass on bytes and not requests.
///
/// | | a trusted peer without a header | a trusted peer with one |
/// |---|---|---|
/// | `off`, the default | served | its header is no request: 400 |
/// | `required` | closed | served under the address told |
/// | `optional` | served | served under the address told |
///
/// Peers that are not trusted are served as with `off` in any case, so that the server can be reached past the proxy.
///
/// `optional` is a guess, which the protocol's specification forbids (its section 2): where a trusted peer can leave the
/// header out, it must not pass on a client's first bytes either, or the client writes the header itself. Use it for
/// peers that speak for themselves, such as health checks, and while proxies are being switched over.
///
/// The address told stands for the peer's own from there on, also where [`ForwardedHeaders`] are judged. `LOCAL`,
/// `UNKNOWN` and unspecified families leave the peer its address; a source of the family `AF_UNIX` is a peer by a Unix
/// socket. A header has at most 107 bytes in version 1 and 4096 in version 2, its additional fields are skipped, and
/// their checksum is not compared; TCP has its own. A connection with a malformed header is closed.
///
/// Configuration reads and writes it as the name in the table (serde).
///
/// ```
/// use waypost::ProxyProtocol;
///
/// assert_eq!("required".parse(), Ok(ProxyProtocol::Required));
/// assert_eq!(ProxyProtocol::default().to_string(), "off");
/// assert!("maybe".parse::<ProxyProtocol>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProxyProtocol {
    /// No header is read.
    #[default]
    Off,
    /// A header is read if there is one.
    Optional,
    /// Without a header a connection is closed.
    Required,
}

/// Settings that are written as one of a few names.
macro_rules! named {
    ($($setting:ident, $fault:ident: $($value:ident = $name:literal),*;)*) => { $(
        impl fmt::Display for $setting {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$value => $name),* })
            }
        }

        impl FromStr for $setting {
            type Err = TrustError;

            fn from_str(name: &str) -> Result<Self, TrustError> {
                match name {
                    $($name => Ok(Self::$value),)*
                    _ => Err(Fault::$fault.of(name)),
                }
            }
        }

        impl Serialize for $setting {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $setting {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )* };
}

named! {
    ForwardedHeaders, ForwardedHeaders: None = "none", XForwarded = "x-forwarded", Rfc7239 = "rfc7239";
    ProxyProtocol, ProxyProtocol: Off = "off", Optional = "optional", Required = "required";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(entry: &str, address: &str) -> bool {
        TrustedProxies::new([entry]).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn networks_are_judged_by_their_prefix() {
        for (entry, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
            ("192.0.2.7/32", "192.0.2.7", "192.0.2.6"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("::/0", "2001:db8::1", "192.0.2.7"),
            ("::/0", "ffff::", "::ffff:192.0.2.7"),
            ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"),
            ("::1", "::1", "::"),
            ("::ffff:10.0.0.0/104", "10.1.2.3", "11.1.2.3"),
            ("::ffff:10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2"),
            (" 10.0.0.0/8 ", "10.0.0.0", "9.255.255.255"),
        ] {
            assert!(contains(entry, inside), "{entry} {inside}");
            assert!(!contains(entry, outside), "{entry} {outside}");
        }
    }

    #[test]
    fn what_is_no_entry() {
        for entry in
            ["", "10.0.0", "10.0.0.01", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/8/8", "*"]
        {
            assert_eq!(TrustedProxies::new(["unix", entry]).unwrap_err().text(), entry);
        }
        for entry in ["10.0.0.1/8", "::1/127", "2001:db8::/28", "1.0.0.0/0", "::ffff:10.0.0.1/104"] {
            assert_eq!(TrustedProxies::new([entry]).unwrap_err().fault, Fault::HostBits, "{entry}");
        }
        assert_eq!(TrustedProxies::new(["::/129"]).unwrap_err().fault, Fault::Prefix { longest: 128 });
    }

    #[test]
    fn nobody_is_trusted_by_default() {
        let nobody = TrustedProxies::default();
        assert!(!nobody.contains([127, 0, 0, 1].into()) && !nobody.contains_unix());
        assert_eq!(TrustedProxies::new([""; 0]).unwrap(), nobody);
    }

    #[test]
    fn configuration_reads_what_it_writes() {
        let text = r#"["10.0.0.0/8","2001:db8::/32","127.0.0.1","unix"]"#;
        let proxies: TrustedProxies = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&proxies).unwrap(), text);
        assert!(
            serde_json::from_str::<TrustedProxies>(r#"["me"]"#).unwrap_err().to_string().contains("`me`")
        );
        let text = r#"[["none","off"],["x-forwarded","optional"],["rfc7239","required"]]"#;
        let settings: Vec<(ForwardedHeaders, ProxyProtocol)> = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&settings).unwrap(), text);
        assert!(serde_json::from_str::<ForwardedHeaders>("\"both\"").is_err());
    }
}
