//! The PROXY protocol, versions 1 and 2 (haproxy's `proxy-protocol.txt`): who is on the other side of a proxy that
//! passes on bytes.
//!
//! Not a byte is read that is not the header's, so that the stream is good for what follows, be it TLS or HTTP. The one
//! exception is a stream that does not begin with a header: what was read of it comes back.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::respond::Peer;
use crate::trust::{ProxyProtocol, TrustedProxies, parse_digits};

/// Who is at the other end of a connection just accepted from `peer`: as its header tells, where it is one of the
/// proxies, or the peer itself. With it comes what was read and is not the header's, which is something only where it
/// is [`Optional`](ProxyProtocol::Optional): that must be read before the rest of the stream.
///
/// It waits for as long as the peer does: put a deadline around it. What
/// [the peer may tell in header fields](Peer::with_forwarded) is to be set afterwards, for it depends on the address.
///
/// # Errors
///
/// The stream's, and `InvalidData` or `UnexpectedEof` for a header that is malformed, or is required and not there: the
/// connection is to be closed without a word.
pub(crate) async fn identify<T: AsyncRead + Unpin>(
    stream: &mut T,
    peer: Peer,
    mode: ProxyProtocol,
    proxies: &TrustedProxies,
) -> io::Result<(Peer, Vec<u8>)> {
    if mode == ProxyProtocol::Off || !peer.is_trusted_by(proxies) {
        return Ok((peer, Vec::new()));
    }
    match read_header(stream).await? {
        Opening::Header(Source::Local) => Ok((peer, Vec::new())),
        Opening::Header(Source::Address(address)) => Ok((Peer::new(Some(address)), Vec::new())),
        Opening::Header(Source::Unix) => Ok((Peer::unix(), Vec::new())),
        Opening::Other(bytes) if mode == ProxyProtocol::Optional => Ok((peer, bytes)),
        Opening::Other(_) => Err(malformed("the connection does not begin with a PROXY header")),
    }
}

/// How a stream begins.
#[derive(Debug, PartialEq, Eq)]
enum Opening {
    /// With a header, which has been read.
    Header(Source),
    /// With something else, or with its end: this was read of it.
    Other(Vec<u8>),
}

/// Where a connection comes from, as its header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Address(SocketAddr),
    Unix,
    /// From the proxy itself, or from somewhere it cannot express.
    Local,
}

/// How a header of version 1 begins.
const LINE: &[u8] = b"PROXY ";
/// How a header of version 2 begins.
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// `PROXY UNKNOWN` and CRLF: no header is shorter.
const SHORTEST: usize = 15;
/// The longest line of version 1, CRLF included.
const LONGEST_LINE: usize = 107;
/// Of version 2: signature, version and command, family, length.
const BLOCK_HEAD: usize = 16;
/// The format allows 64 KiB; what is sent beyond addresses (216 bytes) are names and certificates' subjects.
const LONGEST_BLOCK: usize = 4096;

async fn read_header<T: AsyncRead + Unpin>(stream: &mut T) -> io::Result<Opening> {
    let mut first = [0; SHORTEST];
    let mut length = 0;
    loop {
        let seen = &first[..length];
        if seen.starts_with(LINE) {
            return read_line(stream, seen).await.map(Opening::Header);
        }
        if seen.starts_with(SIGNATURE) {
            return read_block(stream, seen).await.map(Opening::Header);
        }
        let is_undecided = LINE.starts_with(seen) || SIGNATURE.starts_with(seen);
        let read = if is_undecided { stream.read(&mut first[length..]).await? } else { 0 };
        if read == 0 {
            return Ok(Opening::Other(first[..length].to_vec()));
        }
        length += read;
    }
}

/// The rest of a line that begins with `seen`, which is not longer than the shortest.
async fn read_line<T: AsyncRead + Unpin>(stream: &mut T, seen: &[u8]) -> io::Result<Source> {
    let mut line = [0; LONGEST_LINE];
    line[..seen.len()].copy_from_slice(seen);
    let mut length = seen.len();
    let mut missing = SHORTEST - length;
    loop {
        let room = line.get_mut(length..length + missing);
        stream.read_exact(room.ok_or_else(|| malformed("the PROXY line does not end"))?).await?;
        length += missing;
        // How many bytes there are at least to come.
        missing = match &line[..length] {
            [text @ .., b'\r', b'\n'] => {
                return parse_line(text).ok_or_else(|| malformed("the PROXY line is malformed"));
            }
            [.., b'\r'] => 1,
            _ => 2,
        };
    }
}

fn parse_line(line: &[u8]) -> Option<Source> {
    let told = line.strip_prefix(LINE)?;
    // Whatever else it says is to be ignored.
    if told == b"UNKNOWN" || told.starts_with(b"UNKNOWN ") {
        return Some(Source::Local);
    }
    let mut fields = std::str::from_utf8(told).ok()?.split(' ');
    let source = match fields.next()? {
        "TCP4" => {
            let source: Ipv4Addr = fields.next()?.parse().ok()?;
            fields.next()?.parse::<Ipv4Addr>().ok()?;
            source.into()
        }
        "TCP6" => {
            let source: Ipv6Addr = fields.next()?.parse().ok()?;
            fields.next()?.parse::<Ipv6Addr>().ok()?;
            source.into()
        }
        _ => return None,
    };
    let port = parse_port(fields.next()?)?;
    parse_port(fields.next()?)?;
    fields.next().is_none().then_some(Source::Address(SocketAddr::new(source, port)))
}

fn parse_port(text: &str) -> Option<u16> {
    let has_leading_zero = text.len() > 1 && text.starts_with('0');
    if has_leading_zero { None } else { parse_digits(text)?.try_into().ok() }
}

/// The rest of a block that begins with `seen`, which is not longer than its head.
async fn read_block<T: AsyncRead + Unpin>(stream: &mut T, seen: &[u8]) -> io::Result<Source> {
    let mut head = [0; BLOCK_HEAD];
    let (known, unknown) = head.split_at_mut(seen.len());
    known.copy_from_slice(seen);
    stream.read_exact(unknown).await?;
    let [.., command, family, high, low] = head;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if BLOCK_HEAD + length > LONGEST_BLOCK {
        return Err(malformed("the PROXY block is too long"));
    }
    let mut block = vec![0; length];
    stream.read_exact(&mut block).await?;
    parse_block(command, family, &block).ok_or_else(|| malformed("the PROXY block is malformed"))
}

fn parse_block(command: u8, family: u8, block: &[u8]) -> Option<Source> {
    match command {
        0x20 => return Some(Source::Local),
        0x21 => {}
        _ => return None,
    }
    // The family, and then the transport: a stream's, a datagram's (a proxy may turn QUIC into TCP) or unspecified.
    match (family >> 4, family & 0x0f) {
        (0..=3, 0) | (0, 1..=2) => Some(Source::Local),
        (1, 1..=2) => {
            let (addresses, ports) = block.get(..12)?.split_at(8);
            let source = Ipv4Addr::from(*addresses.first_chunk::<4>()?);
            Some(Source::Address((source, u16::from_be_bytes(*ports.first_chunk()?)).into()))
        }
        (2, 1..=2) => {
            let (addresses, ports) = block.get(..36)?.split_at(32);
            let source = Ipv6Addr::from(*addresses.first_chunk::<16>()?);
            Some(Source::Address((source, u16::from_be_bytes(*ports.first_chunk()?)).into()))
        }
        (3, 1..=2) => block.get(..216).map(|_paths| Source::Unix),
        _ => None,
    }
}

fn malformed(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use tokio::io::ReadBuf;

    use super::*;

    /// Gives so many bytes at a time, and notes how many were taken.
    struct Bytes<'a> {
        rest: &'a [u8],
        step: usize,
    }

    impl AsyncRead for Bytes<'_> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let (now, later) = self.rest.split_at(self.step.min(self.rest.len()).min(buf.remaining()));
            buf.put_slice(now);
            self.rest = later;
            Poll::Ready(Ok(()))
        }
    }

    fn now<T>(future: impl Future<Output = T>) -> T {
        match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it had to wait"),
        }
    }

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

    /// What a header is read as, in pieces of any size; the request behind it must be left whole.
    #[track_caller]
    fn read(header: &[u8]) -> Result<Source, ErrorKind> {
        let bytes = [header, REQUEST].concat();
        let mut found: Vec<_> = (1..=bytes.len())
            .map(|step| {
                let mut stream = Bytes { rest: &bytes, step };
                match now(read_header(&mut stream)) {
                    Ok(Opening::Header(source)) => {
                        assert_eq!(stream.rest, REQUEST, "{step} at a time");
                        Ok(source)
                    }
                    Ok(Opening::Other(_)) => panic!("no header"),
                    Err(error) => Err(error.kind()),
                }
            })
            .collect();
        found.dedup();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    fn from(address: &str) -> Result<Source, ErrorKind> {
        Ok(Source::Address(address.parse().unwrap()))
    }

    /// A block of version 2 with these bytes after its length.
    fn block(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [SIGNATURE, &[command, family], &length, rest].concat()
    }

    #[test]
    fn lines() {
        for (line, source) in [
            ("PROXY TCP4 192.0.2.7 192.0.2.1 4711 443", from("192.0.2.7:4711")),
            ("PROXY TCP4 0.0.0.0 0.0.0.0 0 0", from("0.0.0.0:0")),
            ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535", from("255.255.255.255:65535")),
            ("PROXY TCP6 2001:DB8::7 ::1 4711 443", from("[2001:db8::7]:4711")),
            (
                "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
                from("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"),
            ),
            ("PROXY UNKNOWN", Ok(Source::Local)),
            ("PROXY UNKNOWN ", Ok(Source::Local)),
            (
                "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
                Ok(Source::Local),
            ),
            ("PROXY UNKNOWN \r \n \u{ff}", Ok(Source::Local)),
        ] {
            assert_eq!(read(format!("{line}\r\n").as_bytes()), source, "{line}");
        }
    }

    #[test]
    fn lines_that_are_none() {
        for line in [
            "PROXY UNKNOWNX",
            "PROXY TCP5 192.0.2.7 192.0.2.1 4711 443",
            "PROXY tcp4 192.0.2.7 192.0.2.1 4711 443",
            "PROXY  TCP4 192.0.2.7 192.0.2.1 4711 443",
            "PROXY TCP4 192.0.2.7  192.0.2.1 4711 443",
            "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443 ",
            "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443 1",
            "PROXY TCP4 192.0.2.7 192.0.2.1 4711",
            "PROXY TCP4 192.0.2.07 192.0.2.1 4711 443",
            "PROXY TCP4 192.0.2.7 192.0.2.1 04711 443",
            "PROXY TCP4 192.0.2.7 192.0.2.1 4711 +443",
            "PROXY TCP4 192.0.2.7 192.0.2.1 65536 443",
            "PROXY TCP4 192.0.2.7 192.0.2.1 4711 65536",
            "PROXY TCP4 192.0.2.7 ::1 4711 443",
            "PROXY TCP4 ::7 ::1 4711 443",
            "PROXY TCP6 192.0.2.7 192.0.2.1 4711 443",
            "PROXY TCP6 fe80::7%eth0 ::1 4711 443",
            "PROXY TCP4 192.0.2.7\t192.0.2.1 4711 443",
            "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\n",
            "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r",
            "PROXY TCP4 \u{ff}",
            "PROXY \r\nTCP4 1.1",
        ] {
            assert_eq!(read(format!("{line}\r\n").as_bytes()), Err(ErrorKind::InvalidData), "{line}");
        }
        let fits = format!("PROXY UNKNOWN {:91}\r\n", "");
        assert_eq!((fits.len(), read(fits.as_bytes())), (LONGEST_LINE, Ok(Source::Local)));
        for longer in [format!("PROXY UNKNOWN {:92}\r\n", ""), format!("PROXY UNKNOWN {:92}\r", "")] {
            assert_eq!(read(longer.as_bytes()), Err(ErrorKind::InvalidData));
        }
    }

    #[test]
    fn blocks() {
        let v4 = [192, 0, 2, 7, 192, 0, 2, 1, 0x12, 0x67, 1, 187];
        let v6 = [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]; 2].concat();
        let v6 = [&v6[..], &[0x12, 0x67, 1, 187]].concat();
        let unix = [0; 216];
        let extra = |block: &[u8]| [block, &[4, 0, 3, 1, 2, 3, 0xff]].concat();
        for (command, family, rest, source) in [
            (0x21, 0x11, &v4[..], from("192.0.2.7:4711")),
            (0x21, 0x12, &v4, from("192.0.2.7:4711")),
            (0x21, 0x21, &v6, from("[2001:db8::7]:4711")),
            (0x21, 0x22, &v6, from("[2001:db8::7]:4711")),
            (0x21, 0x31, &unix, Ok(Source::Unix)),
            (0x21, 0x32, &unix, Ok(Source::Unix)),
            (0x21, 0x00, &[], Ok(Source::Local)),
            (0x21, 0x10, &v4, Ok(Source::Local)),
            (0x21, 0x02, &[], Ok(Source::Local)),
            (0x20, 0x00, &[], Ok(Source::Local)),
            (0x20, 0x11, &v4, Ok(Source::Local)),
            (0x20, 0xff, &v4, Ok(Source::Local)),
        ] {
            assert_eq!(read(&block(command, family, rest)), source, "{command:x} {family:x}");
            assert_eq!(read(&block(command, family, &extra(rest))), source, "{command:x} {family:x}");
        }
        for (command, family, rest) in [
            (0x21, 0x11, &v4[..11]),
            (0x21, 0x21, &v6[..35]),
            (0x21, 0x31, &unix[..215]),
            (0x21, 0x11, &[]),
            (0x21, 0x41, &v4),
            (0x21, 0x13, &v4),
            (0x22, 0x11, &v4),
            (0x11, 0x11, &v4),
            (0x31, 0x11, &v4),
            (0x01, 0x11, &v4),
        ] {
            let found = read(&block(command, family, rest));
            assert_eq!(found, Err(ErrorKind::InvalidData), "{command:x} {family:x}");
        }
        let longest = LONGEST_BLOCK - BLOCK_HEAD;
        assert_eq!(read(&block(0x20, 0, &vec![0; longest])), Ok(Source::Local));
        assert_eq!(read(&block(0x20, 0, &vec![0; longest + 1])), Err(ErrorKind::InvalidData));
    }

    #[test]
    fn what_ends_in_the_middle() {
        let line = b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n".to_vec();
        for (header, certain) in [(line, LINE.len()), (block(0x20, 0, &[0; 20]), SIGNATURE.len())] {
            for end in 0..header.len() {
                let read = now(read_header(&mut Bytes { rest: &header[..end], step: 7 }));
                if end < certain {
                    assert_eq!(read.unwrap(), Opening::Other(header[..end].to_vec()));
                } else {
                    assert_eq!(read.unwrap_err().kind(), ErrorKind::UnexpectedEof);
                }
            }
        }
    }

    #[test]
    fn what_is_no_header_comes_back() {
        for text in [
            "GET / HTTP/1.1\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "PROXYGET / HTTP/1.1",
            "\r\n\r\nGET /",
            "P",
        ] {
            for step in 1..=text.len() {
                let mut stream = Bytes { rest: text.as_bytes(), step };
                let Ok(Opening::Other(mut bytes)) = now(read_header(&mut stream)) else { panic!("{text}") };
                assert!(bytes.len() <= SHORTEST);
                bytes.extend_from_slice(stream.rest);
                assert_eq!(bytes, text.as_bytes());
            }
        }
    }

    /// The peer's address as it then is and what came back, or nothing where the connection is to be closed.
    fn identified(peer: &Peer, mode: ProxyProtocol, bytes: impl AsRef<[u8]>) -> Option<(String, String)> {
        let proxies = TrustedProxies::new(["10.0.0.0/8", "unix"]).unwrap();
        let mut stream = Bytes { rest: bytes.as_ref(), step: 100 };
        let (peer, first) = now(identify(&mut stream, peer.clone(), mode, &proxies)).ok()?;
        let address = peer.address.map_or(format!("unix: {}", peer.is_unix()), |address| address.to_string());
        Some((address, String::from_utf8([&first, stream.rest].concat()).unwrap()))
    }

    #[test]
    fn only_a_trusted_peer_is_asked() {
        use ProxyProtocol::{Off, Optional, Required};
        let header = "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n";
        let request = "GET / HTTP/1.1\r\n\r\n";
        let both = format!("{header}{request}");
        let is = |address: &str, rest: &str| Some((address.to_owned(), rest.to_owned()));
        let proxy = Peer::new(Some("10.0.0.1:80".parse().unwrap()));
        assert_eq!(identified(&proxy, Off, &both), is("10.0.0.1:80", &both));
        for mode in [Optional, Required] {
            assert_eq!(identified(&proxy, mode, &both), is("192.0.2.7:4711", request));
            assert_eq!(identified(&Peer::unix(), mode, &both), is("192.0.2.7:4711", request));
            assert_eq!(identified(&proxy, mode, "PROXY UNKNOWN\r\nx"), is("10.0.0.1:80", "x"));
            assert_eq!(identified(&proxy, mode, "PROXY TCP4\r\n\r\n\r\n"), None);
            let unix = block(0x21, 0x31, &[0; 216]);
            assert_eq!(identified(&proxy, mode, &unix), is("unix: true", ""));
        }
        assert_eq!(identified(&proxy, Optional, request), is("10.0.0.1:80", request));
        assert_eq!(identified(&proxy, Required, request), None);
        assert_eq!(identified(&proxy, Required, ""), None);
        let stranger = Peer::new(Some("11.0.0.1:80".parse().unwrap()));
        for mode in [Off, Optional, Required] {
            assert_eq!(identified(&stranger, mode, &both), is("11.0.0.1:80", &both));
            assert_eq!(identified(&stranger, mode, request), is("11.0.0.1:80", request));
            assert_eq!(identified(&Peer::new(None), mode, &both), is("unix: false", &both));
        }
    }
}
